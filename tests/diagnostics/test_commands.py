"""Commands that show something: lists of articles, documentation, completion; and options that all commands share."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

import pytest

from docs.generate import diagnostics
from sitegen.builder import BuildRequest, build
from sitegen.check.catalogue import catalogue_texts
from sitegen.cli import main
from sitegen.cli.docs import documentation
from sitegen.cli.main import COMMANDS
from tests.diagnostics.cases import SITE_YAML, BuiltDigest, snapshot
from tests.project import NOW, Project
from tests.tools import command

AT: Final = "2026-11-22T12:00Z"
Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def call(digest: BuiltDigest, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Return a function that calls a command in the folder of the digest: exit code, stdout, stderr."""
    monkeypatch.chdir(digest.project.root)

    def run(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = main(arguments)
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def held(digest: BuiltDigest) -> Project:
    """Return the digest with articles in every state; only `good` has been built."""
    project = digest.project
    project.article("idea", draft="true")
    project.article("later", publish="2026-12-01T09:00+09:00")
    project.article("much-later", date="2027-01-01")
    project.article("withdrawn", expire="2026-08-01")
    project.article("old-idea", draft="true", expire="2026-08-01")
    project.article("fresh", title="新しい", publish="2026-11-22")
    return project


def names(output: str) -> list[str]:
    return [Path(row["path"]).stem for row in json.loads(output)["articles"]]


# --- list -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ((), ["good", "idea", "old-idea", "withdrawn", "fresh", "later", "much-later"]),
        (("--drafts",), ["idea"]),
        (("--scheduled",), ["later", "much-later"]),
        (("--expired",), ["old-idea", "withdrawn"]),
        (("--due",), ["fresh"]),
        (("--drafts", "--due"), ["idea", "fresh"]),
    ],
)
def test_list_selects_articles_by_state(
    held: Project, call: Call, options: tuple[str, ...], expected: list[str]
) -> None:
    code, out, err = call("list", *options, "--now", AT, "--format", "json")
    assert (code, err) == (0, "")
    assert names(out) == expected
    assert snapshot(held.root / "output" / "site").keys() == held.tree().keys()


def test_list_prints_a_table(held: Project, call: Call) -> None:
    del held
    code, out, err = call("list", "--scheduled", "--due", "--now", AT)
    assert (code, err) == (0, "")
    assert out.splitlines() == [
        "2026-11-22 00:00 +09:00  due        content/articles/2026/07/fresh.md  新しい",
        "2026-12-01 09:00 +09:00  scheduled  content/articles/2026/07/later.md  A title",
        "2027-01-01 00:00 +09:00  scheduled  content/articles/2026/07/much-later.md  A title",
    ]


def test_a_scheduled_article_is_due_until_it_is_built(held: Project, call: Call) -> None:
    later = "2026-12-01T00:00Z"
    assert names(call("list", "--due", "--now", later, "--format", "json")[1]) == ["fresh", "later"]
    assert held.build(now=NOW.replace(month=12, day=1)).ok
    assert names(call("list", "--due", "--now", later, "--format", "json")[1]) == []
    assert call("list", "--due", "--now", later) == (0, "", "sitegen: no articles\n")
    assert call("list", "--due", "--now", later, "-q") == (0, "", "")


def test_list_reports_files_that_it_cannot_list(held: Project, call: Call) -> None:
    held.article("broken", topics="[bogus]")
    code, out, err = call("list", "--drafts", "--now", AT)
    assert code == 1
    assert "idea.md" in out
    assert "broken.md:6:10: error[unknown-topic]" in err
    assert json.loads(call("list", "--format", "json")[1])["diagnostics"][0]["code"] == "unknown-topic"


# --- held back --------------------------------------------------------------------------------------------------------


def test_a_build_names_why_articles_are_held_back(held: Project, call: Call) -> None:
    reasons = "(5 held back: 1 draft, 2 scheduled, 2 expired; next due 2026-12-01 09:00 +09:00)"
    for _ in ("a build", "a build that has nothing to do"):
        assert f"2 articles {reasons}: " in call("build", "--now", AT)[1]
    report: dict[str, Any] = json.loads(call("build", "--now", AT, "--format", "json")[1])
    assert {key: report[key] for key in ("held_back", "drafts", "scheduled", "expired", "next_due")} == {
        "held_back": 5,
        "drafts": 1,
        "scheduled": 2,
        "expired": 2,
        "next_due": "2026-12-01T09:00:00+09:00",
    }
    del held


@pytest.mark.parametrize("output", ["output", "elsewhere"])
def test_drafts_are_built_into_a_folder_of_their_own(held: Project, call: Call, output: str) -> None:
    before = snapshot(held.root / "output" / "site")
    code, out, _ = call("build", "--drafts", "--output", output, "--now", AT)
    assert code == 0
    assert "5 articles (2 held back: 2 expired): " in out
    assert f"→ {output}/drafts/site" in out
    shown = {file.parent.name for file in (held.root / output / "drafts/site/articles").glob("*/index.html")}
    assert shown == {"good", "idea", "later", "much-later", "fresh"}
    assert snapshot(held.root / "output" / "site") == before
    _, out, _ = call("explain", "/articles/idea/", "--drafts", "--output", output, "--now", AT)
    assert "up to date" in out
    assert build(BuildRequest(held.root, NOW)).articles == 2


def test_a_missing_theme_is_reported_before_articles_are_read(digest: BuiltDigest, call: Call) -> None:
    digest.project.file("site.yaml", SITE_YAML.replace("theme: bare", "theme: bear"))
    digest.project.file("content/articles/2026/07/x.md", "not read")
    code, _, err = call("build", "--now", AT)
    assert code == 1
    assert "error[missing-theme]: there is no theme 'bear'" in err
    assert "did you mean 'bare'?" in err
    assert "x.md" not in err


# --- options of all commands ------------------------------------------------------------------------------------------


def test_quiet_prints_errors_only(digest: BuiltDigest, call: Call) -> None:
    digest.project.file("content/about.md", "# About\n")
    for words in (("-q", "build"), ("build", "-q"), ("build", "--quiet")):
        assert call(*words, "--now", AT) == (0, "", "")
    digest.project.article("bad", topics="[bogus]")
    code, out, err = call("build", "-q", "--now", AT)
    assert (code, out) == (1, "")
    assert "error[unknown-topic]" in err
    assert "warning" not in err


def test_a_quiet_import_prints_errors_only(digest: BuiltDigest, call: Call) -> None:
    note = digest.project.file("note.md", "---\ntitle: A note\ndate: 2026-07-03\ntags: [ports]\n---\n\nText.\n")
    code, out, err = call("import", "-q", str(digest.project.root / note))
    assert (code, out, err) == (0, "", "")
    code, out, err = call("import", "-q", str(digest.project.root / "missing.md"))
    assert (code, out, "file not found" in err) == (1, "", True)


def test_verbose_prints_the_files_and_the_times(digest: BuiltDigest, call: Call) -> None:
    digest.project.article("another")
    (digest.project.root / "content/articles/2026/07/good.md").unlink()
    code, out, _ = call("build", "-v", "--now", AT)
    assert code == 0
    lines = out.splitlines()
    assert "+ articles/another/index.html" in lines
    assert "- articles/good/index.html" in lines
    assert any(line.startswith("scan ") and " render " in line for line in lines)


@pytest.mark.parametrize("folder", ["content", "content/articles/2026/07", "themes/bare"])
def test_commands_find_the_digest_above_the_current_folder(
    digest: BuiltDigest, call: Call, monkeypatch: pytest.MonkeyPatch, folder: str
) -> None:
    monkeypatch.chdir(digest.project.root / folder)
    code, out, err = call("build", "--now", AT)
    assert (code, err) == (0, "")
    assert out.endswith(f"→ {digest.project.root}/output/site\n")
    monkeypatch.chdir("/")
    assert call("-C", str(digest.project.root / folder), "list")[0] == 0


def test_init_ignores_a_digest_above(digest: BuiltDigest, call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(digest.project.root / "content")
    assert call("init", "inner")[0] == 0
    assert (digest.project.root / "content/inner/site.yaml").is_file()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give files to another user")
def test_a_digest_of_another_user_is_not_found(
    digest: BuiltDigest, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.chown(digest.project.root / "site.yaml", 65_534, 65_534)
    monkeypatch.chdir(digest.project.root / "content")
    code, _, err = call("build", "--now", AT)
    assert code == 1
    assert "config-missing" in err


# --- docs and completion ----------------------------------------------------------------------------------------------


def test_docs_lists_and_shows_every_page(call: Call) -> None:
    code, out, _ = call("docs")
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == list(documentation())
    expected = {"tutorial", "front-matter", "site-yaml", "commands", "publishing", "themes", "glossary"}
    assert documentation().keys() >= expected
    code, out, _ = call("docs", "front-matter")
    assert code == 0
    assert out.startswith("# Front matter\n")
    assert call("docs", "themes")[1].count("\n") > 100
    assert call("docs", "nginx.conf")[1].startswith("# nginx in front of"), "an installed package has the examples, too"


def test_docs_explains_every_diagnostic_code(call: Call) -> None:
    assert catalogue_texts().keys() == diagnostics().keys()
    code, out, _ = call("docs", "unknown-topic")
    assert code == 0
    assert "fix: Use the suggested topic" in out
    assert call("docs", "front-mater") == (
        2,
        "",
        "sitegen: there is no page 'front-mater'; did you mean 'front-matter'?\n",
    )


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_the_script_of_a_shell(call: Call, shell: str) -> None:
    code, out, err = call("completion", shell)
    assert (code, err) == (0, "")
    assert f"_SITEGEN_COMPLETE={shell}_complete" in out


@pytest.mark.parametrize(
    ("typed", "expected"),
    [("sitegen ", set(COMMANDS)), ("sitegen bu", {"build"}), ("sitegen build --dr", {"--drafts"})],
)
def test_bash_completes_commands_and_options(tmp_path: Path, typed: str, expected: set[str]) -> None:
    script = f"""
        eval "$(sitegen completion bash)"
        COMP_WORDS=({" ".join(f"'{word}'" for word in typed.split(" "))}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
        _sitegen_completion sitegen; printf '%s\\n' "${{COMPREPLY[@]}}"
    """
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    environment = {"PATH": path, "LANG": "C.UTF-8", "HOME": str(tmp_path)}
    words = [command("bash"), "-c", script]
    done = subprocess.run(words, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment)
    assert set(done.stdout.split()) == expected
