"""Archives, and the files that only hosts read."""

import errno
import os
import re
import shutil
import subprocess
import tarfile
import zipfile
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.diagnostics import ExternalError, UsageError
from sitegen.publish.host_files import (
    REDIRECT_LIMITS,
    add_redirects,
    exceeded_limits,
    headers_text,
    redirects_text,
)
from sitegen.publish.site_files import PublishFile, text_file
from sitegen.util.atomic_write import atomic_open
from sitegen.util.media_types import content_type, feed_types
from tests.project import NOW, Project, tree
from tests.publish.helpers import FakeUI, broken_assets, command, make_project, publish_project, write_version
from tests.publish.test_directory import killed

SUFFIXES = (".tar.gz", ".zip")


def archived(tmp_path: Path, suffix: str, more: str = "") -> Project:
    return make_project(tmp_path / "digest", f"{{kind: archive, path: ../drop/site{suffix}{more}}}")


def file_of(project: Project, suffix: str) -> Path:
    return project.root.parent / "drop" / f"site{suffix}"


def members(file: Path) -> dict[str, bytes]:
    """Return the files of an archive."""
    if file.suffix == ".zip":
        with zipfile.ZipFile(file) as archive:
            assert archive.testzip() is None
            return {name: archive.read(name) for name in archive.namelist()}
    with tarfile.open(file) as archive:
        return {member.name: archive.extractfile(member).read() for member in archive}  # type: ignore[union-attr]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_the_same_content_gives_the_same_bytes(tmp_path: Path, suffix: str) -> None:
    out = archived(tmp_path, suffix)
    publish_project(out)
    first = file_of(out, suffix).read_bytes()
    assert members(file_of(out, suffix)) == out.tree()
    other = Project(Path(shutil.copytree(out.root, tmp_path / "elsewhere" / "digest")))
    shutil.rmtree(other.root / "output")
    before = os.umask(0o077)
    try:
        publish_project(other, now=NOW + timedelta(days=300))
    finally:
        os.umask(before)
    assert file_of(other, suffix).read_bytes() == first


@pytest.mark.parametrize(
    ("suffix", "tool"), [(".tar.gz", ["tar", "-xzf"]), (".zip", ["python3", "-m", "zipfile", "-e"])]
)
def test_common_tools_unpack_it(tmp_path: Path, suffix: str, tool: list[str]) -> None:
    out = archived(tmp_path, suffix)
    publish_project(out)
    where = tmp_path / "unpacked"
    where.mkdir()
    target = ["-C", str(where)] if tool[0] == "tar" else [str(where)]
    subprocess.run([*tool, str(file_of(out, suffix)), *target], check=True)
    assert tree(where) == out.tree()


def test_a_temporary_file_has_a_new_name_each_time(tmp_path: Path) -> None:
    target = tmp_path / "site.zip"
    names = set()
    for _ in range(2):
        with atomic_open(target) as stream:
            stream.write(b"new")
            names |= {path.name for path in tmp_path.iterdir()} - {target.name}
    assert len(names) == 2
    assert all(re.fullmatch(r"\.site\.zip\.[0-9a-f]{16}\.tmp", name) for name in names)
    with pytest.raises(OSError, match="No space left"), atomic_open(target):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert [path.name for path in tmp_path.iterdir()] == ["site.zip"]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_nothing_changed_writes_nothing(tmp_path: Path, suffix: str) -> None:
    out = archived(tmp_path, suffix)
    publish_project(out)
    before = file_of(out, suffix).stat()
    assert not publish_project(out, now=NOW + timedelta(hours=1)).published
    assert file_of(out, suffix).stat() == before
    out.article("n1", title="Another title")
    ui = FakeUI()
    publish_project(out, ui=ui)
    assert {item.path for item in ui.plans[0].changed} >= {"articles/n1/index.html", "index.html"}
    assert ui.plans[0].new == ()
    assert members(file_of(out, suffix)) == out.tree()


@pytest.mark.parametrize("suffix", SUFFIXES)
@pytest.mark.parametrize("content", [b"", b"mine", "cut"])
def test_a_file_of_another_program_is_not_replaced(tmp_path: Path, suffix: str, content: bytes | str) -> None:
    out = archived(tmp_path, suffix)
    publish_project(out)
    file = file_of(out, suffix)
    if isinstance(content, str):
        content = file.read_bytes()[:-200]
    file.write_bytes(content)
    with pytest.raises(ExternalError, match="is not an archive by sitegen; move it, or pass --take-over"):
        publish_project(out)
    assert file.read_bytes() == content
    publish_project(out, take_over=True)
    assert members(file) == out.tree()


@pytest.mark.parametrize(
    "path", ["content/x.zip", "x.tar.gz", "output/site/x.zip", "themes/bare/static/x.zip", "output/cache/x.zip"]
)
def test_a_path_in_the_project_is_refused(tmp_path: Path, path: str) -> None:
    out = make_project(tmp_path / "digest", f"{{kind: archive, path: {path}}}")
    with pytest.raises(UsageError, match="is inside"):
        publish_project(out)
    assert not (out.root / path).exists()


def test_an_archive_in_output_is_allowed(tmp_path: Path) -> None:
    out = make_project(tmp_path / "digest", "{kind: archive, path: output/digest.tar.gz}")
    publish_project(out)
    assert members(out.root / "output/digest.tar.gz") == out.tree()


@pytest.mark.slow
@pytest.mark.parametrize("suffix", SUFFIXES)
def test_killed_at_thirty_points(tmp_path: Path, suffix: str) -> None:
    out = archived(tmp_path, suffix)
    publish_project(out)
    before = out.tree()
    write_version(out, 2)
    base = tmp_path / "base"
    base.mkdir()
    for name in ("digest", "drop"):
        shutil.copytree(tmp_path / name, base / name)
    states = killed(base, tmp_path / "work", 30)
    publish_project(out)
    after = out.tree()
    assert len(states) == 30
    for state in states:
        now = members(file_of(state, suffix))
        assert now in (before, after)
        assert broken_assets(now) == []
        publish_project(state)
        assert file_of(state, suffix).read_bytes() == file_of(out, suffix).read_bytes()


# --- host files ------------------------------------------------------------------------------------------------------


def rules(text: str) -> dict[str, dict[str, str]]:
    """Parse `_headers`: a path, then indented lines."""
    found: dict[str, dict[str, str]] = {}
    for line in text.splitlines():
        if line.startswith("/"):
            assert line not in found
            found[line] = {}
        else:
            name, _, value = line.strip().partition(": ")
            found[list(found)[-1]][name] = value
    return found


def reads(pattern: str, path: str, host: str) -> bool:
    """Whether a rule matches a path. A `*` matches anything; `/*/` also matches the root on Netlify."""
    assert pattern.count("*") <= 1, "Cloudflare leaves out a rule with two"
    if host == "netlify" and pattern.startswith("/*/") and path == pattern.removeprefix("/*"):
        return True
    return re.fullmatch(re.escape(pattern).replace(r"\*", ".*"), path) is not None


def matching(found: Mapping[str, dict[str, str]], path: str, host: str) -> dict[str, list[str]]:
    headers: dict[str, list[str]] = {}
    for pattern, values in found.items():
        if reads(pattern, path, host):
            for name, value in values.items():
                headers.setdefault(name, []).append(value)
    return headers


@pytest.mark.parametrize("host", ["cloudflare", "netlify"])
def test_headers_for_cloudflare_and_netlify(tmp_path: Path, host: str) -> None:
    out = archived(tmp_path, ".zip", f", host: {host}")
    publish_project(out)
    found = members(file_of(out, ".zip"))
    text = found["_headers"].decode()
    table = rules(text)
    assert len(table) <= 100
    assert max(map(len, text.splitlines())) <= 2000
    for path in found:
        headers = matching(table, f"/{path}", host)
        assert all(len(values) == 1 for values in headers.values()), "hosts join the values of two rules"
        assert headers["Content-Security-Policy"][0].startswith("default-src 'none'; script-src 'self'")
        assert headers["X-Content-Type-Options"] == ["nosniff"]
        if path.startswith("assets/"):
            assert headers["Cache-Control"] == ["public, max-age=31536000, immutable"]
        name = path.rpartition("/")[2]
        assert ("Cache-Control" in headers) == (path.startswith("assets/") or name in feed_types())
        if name in feed_types():
            assert headers["Cache-Control"] == ["public, max-age=60"]
        if name in feed_types() or path.endswith((".opml", ".csv")):
            assert headers["Content-Type"] == [content_type(path)]
        else:
            assert "Content-Type" not in headers
    assert {path.rpartition("/")[2] for path in found} >= {*feed_types(), "feeds.opml", "articles.csv"}
    assert "_headers" not in out.tree(), "the build knows no host"


@pytest.mark.parametrize("host", ["cloudflare", "netlify"])
def test_headers_with_many_feeds_and_a_base_path(host: str) -> None:
    folders = ["", *(f"countries/c{number}/" for number in range(500)), "ja/countries/c1/"]
    items = {path: text_file(path, "") for path in (f"{folder}{name}" for folder in folders for name in feed_types())}
    table = rules(headers_text(items, "https://test.example/digest/", "default-src 'self'", host))
    assert len(table) < 12
    for path in items:
        if path.count("/"):
            assert matching(table, f"/digest/{path}", host)["Cache-Control"] == ["public, max-age=60"], path
    assert "/digest/*/feed.xml" in table
    assert ("/digest/feed.xml" in table) == (host == "cloudflare")
    assert table["/digest/*"]["Content-Security-Policy"] == "default-src 'self'"
    assert "/digest/assets/*" in table
    assert not [pattern for pattern in table if "csv" in pattern or "opml" in pattern], "there is none"


@pytest.mark.parametrize("host", ["cloudflare", "netlify"])
def test_headers_of_tables_by_month(host: str) -> None:
    months = [f"{year}-{month:02}" for year in range(2000, 2030) for month in range(1, 13)]
    paths = [f"data/{month}/{name}" for month in months for name in ("articles.csv", "relations.csv", "articles.json")]
    table = rules(headers_text({path: text_file(path, "") for path in paths}, "https://test.example/", "x", host))
    assert len(table) == 4
    for path in paths:
        headers = matching(table, f"/{path}", host)
        assert headers.get("Content-Type", []) == ([content_type(path)] if path.endswith(".csv") else [])


def test_custom_content_security_policy(tmp_path: Path) -> None:
    out = archived(tmp_path, ".zip", ", host: netlify, content_security_policy: \"default-src 'self' cdn.example\"")
    publish_project(out)
    assert b"\n  Content-Security-Policy: default-src 'self' cdn.example\n" in members(file_of(out, ".zip"))["_headers"]


@pytest.mark.parametrize(("host", "code"), [("cloudflare", "301"), ("netlify", "301!"), ("gitlab", "301")])
def test_redirects_from_aliases(tmp_path: Path, host: str, code: str) -> None:
    out = archived(tmp_path, ".tar.gz", f", host: {host}")
    out.article("n1", aliases="[/old/name/, /older.html, /旧/]", date="2026-07-05")
    out.article("n2", aliases="[/two/]")
    out.article("hidden", aliases="[/secret/]", draft="true")
    publish_project(out)
    found = members(file_of(out, ".tar.gz"))
    lines = found["_redirects"].decode().splitlines()
    assert lines == [
        f"/old/name/ /articles/n1/ {code}",
        f"/old/name /articles/n1/ {code}",
        f"/older.html /articles/n1/ {code}",
        f"/%E6%97%A7/ /articles/n1/ {code}",
        f"/%E6%97%A7 /articles/n1/ {code}",
        f"/two/ /articles/n2/ {code}",
        f"/two /articles/n2/ {code}",
    ]
    # If a file takes precedence over a rule, the page that redirects is left out.
    assert ("older.html" in found) == (host != "gitlab")
    assert "older.html" in out.tree()


@pytest.mark.parametrize("host", ["github", "other"])
def test_hosts_without_headers_and_redirects(tmp_path: Path, host: str) -> None:
    out = archived(tmp_path, ".tar.gz", f", host: {host}")
    out.article("n1", aliases="[/old/]")
    publish_project(out)
    assert members(file_of(out, ".tar.gz")) == out.tree()


@given(st.sampled_from(sorted(REDIRECT_LIMITS)), st.integers(0, 2500), st.integers(1, 60))
def test_redirects_respect_the_limits_of_a_host(host: str, count: int, length: int) -> None:
    limits = REDIRECT_LIMITS[host]
    aliases = [(f"/{n}/{'x' * length}/", "/articles/a/") for n in range(count)]
    text, used = redirects_text(aliases, "https://test.example/", limits)
    assert text.count("\n") == 2 * len(used) <= limits.rules
    assert len(text) <= limits.size
    assert all(len(line) <= limits.length for line in text.splitlines())
    assert len(used) == count or 2 * len(used) + 2 > limits.rules or len(text) + 2 * length + 60 > limits.size


def redirecting(names: Iterable[object]) -> dict[str, PublishFile]:
    """Return pages that redirect, and their map."""
    pages = {f"{name}/index.html": text_file(f"{name}/index.html", "") for name in names}
    lines = [f'"/{path.removesuffix("index.html")}" "/articles/a/";\n' for path in pages]
    return {**pages, "redirects.map": text_file("redirects.map", "".join(lines))}


def test_aliases_beyond_the_limit_remain_pages_with_a_note() -> None:
    found, notes = add_redirects(redirecting(range(700)), "gitlab", "https://test.example/")
    assert notes == (
        "_redirects contains 500 of 700 redirects, the limit of the host; the others remain pages that redirect",
    )
    assert set(found) == {"_redirects", *(f"{n}/index.html" for n in range(500, 700))}


@pytest.mark.parametrize(
    ("host", "count", "size", "expected"),
    [
        ("cloudflare", 20_000, 1, ()),
        ("cloudflare", 20_001, 1, ("the site has 20,001 files; cloudflare accepts 20,000 without a paid plan; list",)),
        ("cloudflare", 1, (25 << 20) + 1, ("0.html has 26,214,401 bytes; cloudflare accepts 26,214,400 in a file;",)),
        ("github", 10, 10**8, ()),
        ("github", 11, 10**8, ("the site has 1,100,000,000 bytes; github accepts 1,000,000,000; list fewer 'feeds'",)),
        ("gitlab", 200_001, 1, ("the site has 200,001 files; gitlab accepts 200,000; list fewer 'feeds' and 'data'",)),
        ("netlify", 54_000, 1 << 30, ()),
        ("netlify", 54_001, 1, ("the folder / has 54,001 files; netlify accepts 54,000 in a folder; list fewer",)),
        ("other", 300_000, 1 << 30, ()),
    ],
)
def test_limits_of_hosts(host: str, count: int, size: int, expected: tuple[str, ...]) -> None:
    files = {f"{n}.html": PublishFile(f"{n}.html", "", size, b"") for n in range(count)}
    found = exceeded_limits(files, host)
    assert len(found) == len(expected)
    assert all(text.startswith(start) for text, start in zip(found, expected, strict=True))


def test_a_limit_is_shown_with_the_plan(tmp_path: Path) -> None:
    out = archived(tmp_path, ".zip", ", host: cloudflare")
    out.file("content/large.pdf", bytes((25 << 20) + 1))
    out.article("n1", title="Large", body="[report](/large.pdf)\n")
    result = command(out, "--dry-run")
    assert result.returncode == 0, result.stderr
    warning = r"sitegen: warning: assets/\S+\.pdf has 26,214,401 bytes; cloudflare accepts 26,214,400 in a file; make"
    assert re.search(warning, result.stderr)
    assert not file_of(out, ".zip").exists()


def test_an_alias_that_is_too_long_is_skipped() -> None:
    names = ["first", "x" * 4000, "last"]
    found, notes = add_redirects(redirecting(names), "gitlab", "https://test.example/")
    assert notes == (
        "_redirects contains 2 of 3 redirects, the limit of the host; the others remain pages that redirect",
    )
    rules = found["_redirects"].read().decode().splitlines()
    assert [rule.split()[0] for rule in rules] == ["/first/", "/first", "/last/", "/last"]
    assert set(found) == {"_redirects", f"{'x' * 4000}/index.html"}


@pytest.mark.parametrize(
    ("host", "rules"),
    [("netlify", ["/a/gone/ /a/404.html 410!", "/a/gone /a/404.html 410!"]), ("cloudflare", []), ("gitlab", [])],
)
def test_a_removed_page_on_each_host(host: str, rules: list[str]) -> None:
    files = {path: text_file(path, "") for path in ("gone/index.html", "404.html")}
    files["redirects.map"] = text_file("redirects.map", '"/a/gone/" "410";\n')
    found, notes = add_redirects(files, host, "https://test.example/a/")
    assert found.get("_redirects", text_file("", "")).read().decode().splitlines() == rules
    assert "gone/index.html" in found
    assert notes == ()


@pytest.mark.parametrize("redirects", ["", '"/a/old/" "/a/new/";\n'])
def test_netlify_has_a_404_page_for_each_locale(redirects: str) -> None:
    files = {path: text_file(path, "") for path in ("404.html", "ja/404.html", "pt-BR/404.html")}
    files |= {"redirects.map": text_file("redirects.map", redirects)} if redirects else {}
    found, _ = add_redirects(files, "netlify", "https://test.example/a/")
    rules = found["_redirects"].read().decode().splitlines()
    assert rules[-2:] == ["/a/ja/* /a/ja/404.html 404", "/a/pt-BR/* /a/pt-BR/404.html 404"]
    assert len(rules) == (4 if redirects else 2)
    elsewhere, _ = add_redirects(files, "cloudflare", "https://test.example/a/")
    assert ("_redirects" in elsewhere) == bool(redirects), "Cloudflare Pages finds the page by itself"


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_damaged_archive_is_not_replaced(tmp_path: Path, suffix: str) -> None:
    out = archived(tmp_path, suffix)
    publish_project(out)
    file = file_of(out, suffix)
    data = bytearray(file.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 60] = bytes(255 - byte for byte in data[middle : middle + 60])
    file.write_bytes(data)
    with pytest.raises(ExternalError, match="is not an archive by sitegen"):
        publish_project(out)
    assert file.read_bytes() == bytes(data), "it is not overwritten without being asked for"


def test_a_truncated_tar_is_detected(tmp_path: Path) -> None:
    out = archived(tmp_path, ".tar.gz")
    publish_project(out)
    file = file_of(out, ".tar.gz")
    file.write_bytes(file.read_bytes()[:-4])
    with pytest.raises(ExternalError, match="is not an archive by sitegen"):
        publish_project(out)
