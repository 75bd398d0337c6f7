"""The command on a terminal, and errors in site.yaml."""

import os
import pty
import re
import select
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sitegen.config.loader import read_config
from sitegen.config.targets import Target
from sitegen.diagnostics import Diagnostics, render_text
from sitegen.publish.targets.git import default_cname
from tests.project import SITE, Project
from tests.publish.helpers import ROOT, command, make_project

BASE = SITE.partition("-- site.yaml --\n")[2]


def on_a_terminal(project: Project, answer: str, *options: str) -> tuple[int, str]:
    """Run the command on a terminal of its own, answer its question, return its exit code and what was shown."""
    outer, inner = pty.openpty()
    words = [sys.executable, "-m", "sitegen", "-C", str(project.root), "publish", "out", *options]
    env = {**os.environ, "TERM": "xterm", "COLUMNS": "200"}
    process = subprocess.Popen(words, stdin=inner, stdout=inner, stderr=inner, cwd=ROOT, close_fds=True, env=env)
    os.close(inner)
    shown = b""
    answered = False
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        ready, _, _ = select.select([outer], [], [], 0.2)
        if ready:
            try:
                data = os.read(outer, 4096)
            except OSError:
                break
            if not data:
                break
            shown += data
            if b"[y/N] " in shown and not answered:
                os.write(outer, answer.encode() + b"\n")
                answered = True
        elif process.poll() is not None:
            break
    os.close(outer)
    return process.wait(10), shown.decode()


def test_a_terminal_gets_a_question_and_a_progress_bar(tmp_path: Path) -> None:
    out = make_project(tmp_path / "digest", "{kind: directory, path: ../www}")
    code, shown = on_a_terminal(out, "n")
    assert code == 2
    assert re.search(r"Publish \d+ files to the folder .*\? \[y/N\]", shown)
    assert "sitegen: cancelled; nothing was changed" in shown
    assert not (tmp_path / "www/current").exists()
    code, shown = on_a_terminal(out, "y")
    assert code == 0
    count = len(out.tree())
    assert f"{count} of {count} files" in shown
    assert shown.count("\x1b[?25l") == 1, "several threads send files, and draw one bar"
    assert re.search(r"  pages +4 +0 +0 +[\d,]+\r\n", shown)
    assert "published to the folder" in shown
    code, shown = on_a_terminal(out, "n")
    assert code == 0
    assert "[y/N]" not in shown, "nothing to do is nothing to ask"
    assert f"is up to date: {count} files unchanged" in shown


def read(publish: str) -> tuple[tuple[Target, ...], str]:
    """Read a site.yaml with a table `publish`; return the targets and the report."""
    diagnostics = Diagnostics()
    settings = read_config(f"{BASE}{publish}".encode(), diagnostics)
    assert settings is not None
    return settings.targets, render_text(diagnostics.sorted())


def test_all_keys_of_all_kinds() -> None:
    targets, report = read(
        """\
hub: https://hub.example/
publish:
  here: {kind: directory, path: ~/www, compress: [gzip, brotli], keep: 7, max_delete: 0, hook: [a, b], changed: x.txt}
  plain: {kind: directory, path: ../www, compress: []}
  far: {kind: rsync, to: 'editor@far.example:/srv/www/digest/', timeout: 30}
  daemon: {kind: rsync, to: 'far.example::web/digest'}
  pages: {kind: git, remote: 'git@host.example:o/r.git', branch: gh-pages, host: github}
  own: {kind: git, remote: origin, branch: pages/x, host: codeberg, cname: digest.example.org, single_commit: true}
  cloud: {kind: s3, bucket: my-digest, prefix: a/b/, endpoint: https://s3.example, region: eu-1, profile: editor}
  drop: {kind: archive, path: output/x.zip, host: netlify, content_security_policy: "default-src 'self'"}
"""
    )
    assert report == ""
    here = targets[0]
    assert here == Target(
        name="here",
        type="directory",
        keep_releases=7,
        max_delete=0,
        hook=("a", "b"),
        changed_urls_file="x.txt",
        options={"path": "~/www", "compress": ("gzip", "brotli")},
    )
    assert targets[2].timeout == 30
    options = {target.name: target.options for target in targets}
    assert options["plain"] == {"path": "../www", "compress": ()}
    assert options["far"] == {"to": "editor@far.example:/srv/www/digest"}
    assert options["pages"]["cname"] is None
    assert options["own"] == {
        "remote": "origin",
        "branch": "pages/x",
        "host": "codeberg",
        "cname": "digest.example.org",
        "single_commit": True,
    }
    cloud = {"bucket": "my-digest", "prefix": "a/b/", "endpoint": "https://s3.example"}
    assert options["cloud"] == cloud | {"region": "eu-1", "profile": "editor"}
    assert options["drop"] == {"path": "output/x.zip", "host": "netlify", "policy": "default-src 'self'"}


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("publish: [x]", "error[wrong-type]: 'publish' is a list; expected a mapping of names to targets"),
        ("publish: {Up: {kind: s3, bucket: abc}}", "error[bad-key]: publish: 'Up' is not a valid name"),
        ("publish: {x: y}", "error[wrong-type]: 'publish.x' is a single value"),
        ("publish: {x: {path: /a}}", "error[missing-key]: 'kind' is missing"),
        ("publish: {x: {kind: folder}}", "error[not-allowed]: 'kind' is 'folder'"),
        ("publish: {x: {kind: folder}}", "archive, directory, git, rsync, s3"),
        ("publish: {x: {kind: directroy}}", "did you mean 'directory'?"),
        ("publish: {x: {kind: directory}}", "error[missing-key]: 'path' is missing"),
        ("publish: {x: {kind: directory, path: /a, keep: 0}}", "'keep' is '0'; expected a whole number from 1 to 1000"),
        ("publish: {x: {kind: directory, path: /a, kepe: 1}}", "did you mean 'keep'?"),
        ("publish: {x: {kind: directory, path: /a, compress: [zstd]}}", "'compress' names 'zstd'"),
        (
            "publish: {x: {kind: rsync, to: /srv/www}}",
            "error[bad-to]: 'to' is '/srv/www'; expected a destination",
        ),
        ("publish: {x: {kind: rsync, to: '-e:x'}}", "error[bad-to]"),
        ("publish: {x: {kind: git, remote: --upload-pack=x, branch: a}}", "error[bad-remote]"),
        ("publish: {x: {kind: git, remote: origin, branch: a..b}}", "error[bad-branch]"),
        ("publish: {x: {kind: git, remote: origin, branch: -f}}", "error[bad-branch]"),
        ("publish: {x: {kind: git, remote: origin, branch: HEAD}}", "error[bad-branch]: 'branch' is 'HEAD'"),
        ("publish: {x: {kind: git, remote: 'https://[x/r.git', branch: a}}", "error[bad-remote]"),
        ("publish: {x: {kind: git, remote: 'https://x:y/r.git', branch: a}}", "error[bad-remote]"),
        ("publish: {x: {kind: git, remote: origin, branch: a, host: netlify}}", "error[not-allowed]: 'host'"),
        ("publish: {x: {kind: git, remote: origin, branch: a, cname: 'a b'}}", "error[bad-host]: 'cname' is 'a b'"),
        (
            "publish: {x: {kind: git, remote: origin, branch: a, cname: 192.0.2.1}}",
            "error[bad-host]: 'cname' is '192.0.2.1'",
        ),
        ("publish: {x: {kind: git, remote: origin, branch: a, cname: localhost}}", "error[bad-host]: 'cname'"),
        ("publish: {x: {kind: git, remote: origin, branch: a, cname: 'a.example:81'}}", "error[bad-host]: 'cname'"),
        ("publish: {x: {kind: s3, bucket: A/B}}", "error[bad-bucket]"),
        ("publish: {x: {kind: s3, bucket: abc, prefix: /a}}", "error[bad-prefix]"),
        ("publish: {x: {kind: s3, bucket: abc, prefix: a/../b}}", "error[bad-prefix]"),
        ("publish: {x: {kind: s3, bucket: abc, endpoint: s3.example}}", "error[bad-url]: 'endpoint'"),
        ("publish: {x: {kind: archive, path: a.rar}}", "error[bad-path]: 'path' is 'a.rar'"),
        ("publish: {x: {kind: archive, path: a.zip, content_security_policy: é}}", "error[bad-policy]"),
        ("hub: hub.example", "error[bad-url]: 'hub' is 'hub.example'"),
        ("hub: 'https://[::1/'", "error[bad-url]: 'hub' is 'https://[::1/'"),
    ],
)
def test_errors_have_a_location(line: str, expected: str) -> None:
    _, report = read(f"{line}\n")
    assert expected in report
    assert f"site.yaml:{BASE.count(chr(10)) + 1}:" in report


@pytest.mark.parametrize(
    ("base_url", "cname"),
    [
        ("https://Digest.example.org/a/", "digest.example.org"),
        ("https://digest.example.org:8443/", ""),
        ("http://127.0.0.1/", ""),
        ("http://[::1]/", ""),
        ("http://localhost/", ""),
        ("http://digest.localhost/", ""),
        ("https://owner.github.io/digest/", ""),
    ],
)
def test_a_cname_is_a_host_name_of_the_user(base_url: str, cname: str) -> None:
    assert default_cname("github", base_url) == cname


def test_the_command_without_a_target_lists_them(tmp_path: Path) -> None:
    out = make_project(tmp_path / "digest", "{kind: directory, path: ../www}\n  pages: {kind: s3, bucket: abc}")
    result = command(out, target="")
    assert result.returncode == 2
    assert result.stdout == "out    directory\npages  s3\n"
    assert result.stderr == "sitegen: expected the name of a target; for example: sitegen publish out --dry-run\n"


_GIT = "publish: {x: {kind: git, branch: a, remote: "
_HOOK = "publish: {x: {kind: directory, path: /a, hook: "


@pytest.mark.parametrize(
    "line",
    [
        "publish: {x: {kind: s3, bucket: abc, secret_access_key: WORD}}",
        "publish: {x: {kind: s3, bucket: abc, aws_access_key: WORD, buckt: y}}",
        "publish: {x: {kind: s3, bucket: abc, endpoint: 'https://user:WORD@s3.example/'}}",
        "publish: {x: {kind: s3, bucket: abc, endpoint: 'https://WORD@s3.example/'}}",
        "publish: {x: {kind: s3, bucket: abc, endpoint: 'https://s3.example/?access_token=WORD'}}",
        "publish: {x: {kind: rsync, to: 'rsync://user:WORD@far.example/web/x', password: WORD}}",
        "publish: {x: {kind: rsync, to: 'user:WORD@far', passwd: WORD}}",
        "publish: {x: {kind: rsync, to: 'user:WORD@far.example:/srv'}}",
        "publish: {x: {kind: git, remote: 'https://x:WORD@host.example/r.git', branch: a..b}}",
        "publish: {x: {kind: git, remote: origin, branch: a, token: [WORD]}}",
        f"{_GIT}'https://WORD@host.example/r.git'}}}}",
        f"{_GIT}'https://ghp_WORD@host.example/r.git'}}}}",
        f"{_GIT}'ssh://git:WORD@host.example/r.git'}}}}",
        f"{_GIT}'https://host.example/r.git?token=WORD'}}}}",
        f"{_GIT}'https://host.example/r.git?a=b&private_token=WORD'}}}}",
        f"{_GIT}'https://host.example/r.git?access_token=WORD'}}}}",
        f"{_HOOK}[curl, 'https://user:WORD@cdn.example/']}}}}",
        f"{_HOOK}[curl, 'https://cdn.example/?api_key=WORD']}}}}",
        f"{_HOOK}{{purge: {{--password: WORD}}}}}}}}",
        f"{_GIT}'https://host.example/r.git?a[token]=WORD'}}}}",
        f"{_GIT}'https://u%3AWORD@host.example/r.git'}}}}",
        "publish: {x: {kind: nothing, api_key: WORD}}",
        "publish: {x: {kind: s3, bucket: abc, key: WORD, pwd: WORD}}",
        "publish: {password: WORD}",
        "hub: {url: https://hub.example/, key: WORD}",
        "'password ': WORD",
        "publish: [{kind: git, password: WORD}]",
        "hub: https://hub.example/?key=WORD",
        "hub: https://WORD@hub.example/",
        "hub: {token: WORD, url: x}\npassword: WORD",
        "password: WORD",
        "license: https://user:WORD@license.example/",
    ],
)
def test_a_secret_in_site_yaml_is_refused_and_not_printed(line: str) -> None:
    _, report = read(line.replace("WORD", "hunter2x9") + "\n")
    assert "error[secret-in-config]" in report
    assert "pass secrets by the environment or a credential store" in report
    assert "hunter2x9" not in report
    assert " | " not in report, "no line of the file is shown"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('publish:\n  x: {kind: git, remote: "https://WORD@host.example/r.git, branch: a}\n', "yaml-syntax"),
        ('publish:\n  x:\n    password: "WORD\n', "yaml-syntax"),
        ("publish:\n  x:\n    password:\n\tWORD\n", "yaml-syntax"),
        ("publish:\n  x: {remote: a, remote: 'https://WORD@host.example/r.git'}\n", "duplicate-key"),
        ("password: WORD\npassword: WORD\n", "duplicate-key"),
        ("publish:\n  x: {password: !WORD x}\n", "secret-in-config"),
        ("publish:\n  x: {password: *WORD}\n", "yaml-alias"),
        ('publish:\n  x: {password: "WORD\\u0007"}\n', "secret-in-config"),
        ("publish:\n  x: {password: WORD\x07}\n", "control-character"),
        ("publish:\n  x: {password: WORD}\n---\npassword: WORD\n", "yaml-documents"),
    ],
)
def test_an_error_next_to_a_secret_does_not_print_it(text: str, code: str) -> None:
    diagnostics = Diagnostics()
    read_config(f"{BASE}{text}".replace("WORD", "hunter2x9").encode(), diagnostics)
    shown = render_text(diagnostics.sorted())
    assert f"error[{code}]" in shown
    assert "hunter2x9" not in shown + repr(diagnostics.sorted())


def test_a_list_instead_of_a_mapping_does_not_print_a_secret() -> None:
    diagnostics = Diagnostics()
    assert read_config(b"- {password: hunter2x9}\n", diagnostics) is None
    assert "must be a mapping" in render_text(diagnostics.sorted())
    assert "hunter2x9" not in repr(diagnostics.sorted())


def test_a_location_in_a_file_with_a_secret_has_no_excerpt() -> None:
    diagnostics = Diagnostics()
    settings = read_config(
        b"{title: T, base_url: https://a.example/, topics: {a: A}, theme: x, password: hunter2x9}", diagnostics
    )
    assert settings is not None
    assert "hunter2x9" not in repr(settings.theme_location) + repr(diagnostics.sorted())


@pytest.mark.parametrize(
    "line",
    [
        f"{_GIT}'https://editor@host.example/r.git'}}}}",
        f"{_GIT}'https://x-access-token@host.example/r.git'}}}}",
        f"{_GIT}'ssh://git@host.example:2222/r.git'}}}}",
        f"{_GIT}'git@host.example:owner/r.git'}}}}",
        "publish: {x: {kind: rsync, to: 'editor@far.example:/srv/www@2'}}",
        f"{_HOOK}[sh, -c, 'curl -H \"Authorization: Bearer $CDN_TOKEN\" https://cdn.example']}}}}",
        f"{_HOOK}[sh, -c, 'curl -u \"user:$CDN_WORD\" --data token=${{CDN_TOKEN}} https://cdn.example']}}}}",
        f"{_HOOK}[purge, --token-file, /etc/cdn, --password-file=/etc/word]}}}}",
        f"{_HOOK}[purge, --token=$(cat /etc/cdn), --password, '$WORD', all]}}}}",
        f"{_HOOK}[rsync, -avu, 'far.example:/srv/www', .]}}}}",
        f"{_HOOK}[docker, run, -u, '1000:1000', purge]}}}}",
        f"{_HOOK}[aws, cloudfront, create-invalidation, --distribution-id, E1234567890ABC, --paths, /*]}}}}",
        "publish: {token-site: {kind: directory, path: /a}}",
        "hub: https://hub.example/?topic=token&author=me",
        "description: 'The secret: a token economy, basic income; password: none'",
        "perspectives: {token-economy: {en: Tokens}}",
    ],
)
def test_values_that_are_not_secrets(line: str) -> None:
    _, report = read(f"{line}\n")
    assert report == ""


@pytest.mark.slow
def test_the_search_for_secrets_takes_linear_time() -> None:
    for part in (
        "-u",
        "a://",
        "token",
        "token=",
        "?a&",
        "$(",
        "`",
        "eyJ",
        "a:a@",
        "--pass ",
        "-----BEGIN ",
        "mysql ",
        "http ",
        "ghp_",
    ):
        text = f"publish: {{x: {{kind: nothing, hook: ['{part * (200_000 // len(part))}']}}}}"
        start = time.monotonic()
        read(f"{text}\n")
        assert time.monotonic() - start < 20, part
