"""The command line: exit codes, streams, formats, and messages for invalid arguments."""

import json
import os
import pty
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sitegen.cli import main
from sitegen.cli.docs import documentation
from sitegen.cli.main import COMMANDS
from sitegen.content.placeholders import PLACEHOLDERS
from tests.diagnostics.cases import SITE_YAML, BuiltDigest, snapshot
from tests.project import Project, article, tree
from tests.tools import as_unprivileged_user

NOW = ("--now", "2026-11-22T12:00Z")
X = "content/articles/2026/07/x.md"


@dataclass(frozen=True, slots=True)
class CommandResult:
    """Exit code, stdout and stderr of a command."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Stdout as the one JSON value that it is."""
        return json.loads(self.out)


def sitegen(cwd: Path, *arguments: str | bytes, prefix: tuple[str, ...] = (), **environment: str) -> CommandResult:
    """Run the command in a folder."""
    done = subprocess.run(
        [*prefix, sys.executable, "-m", "sitegen", *arguments],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "LANG": "C.UTF-8", **environment},
        capture_output=True,
        timeout=30,
        check=False,
    )
    run = CommandResult(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert "Traceback" not in run.err, run.err
    return run


def call_main(capsys: pytest.CaptureFixture[str], *arguments: str) -> CommandResult:
    """Call the command in this process: the long tables would start Python a hundred times."""
    capsys.readouterr()
    code = main(arguments)
    out, err = capsys.readouterr()
    return CommandResult(code, out, err)


def write_invalid_article(digest: BuiltDigest) -> None:
    digest.project.file(X, article(topics="[enrgy]"))


# --- build ------------------------------------------------------------------------------------------------------------


def test_a_successful_build_prints_a_summary(digest: BuiltDigest) -> None:
    run = sitegen(digest.project.root, "build", *NOW)
    assert (run.code, run.err) == (0, "")
    assert run.out.startswith("1 article: 0 files written, ")
    assert run.out.count("\n") == 1
    assert snapshot(digest.project.root / "output" / "site") == digest.before


def test_findings_go_to_stderr_and_nothing_is_written(digest: BuiltDigest) -> None:
    write_invalid_article(digest)
    run = sitegen(digest.project.root, "build", *NOW)
    assert (run.code, run.out) == (1, "")
    lines = run.err.split("\n")
    assert lines[0] == f"{X}:6:10: error[unknown-topic]: 'enrgy' is not a topic of site.yaml"
    assert lines[-3:] == ["1 error", "sitegen: nothing was written", ""]
    assert "\x1b" not in run.err
    assert snapshot(digest.project.root / "output" / "site") == digest.before


def test_a_warning_stops_a_strict_build_only(digest: BuiltDigest) -> None:
    digest.project.file("content/about.md", "# About\n")
    loose = sitegen(digest.project.root, "build", *NOW)
    assert loose.code == 0
    assert "content/about.md: warning[not-read]" in loose.err
    assert "1 warning\n" in loose.err
    assert "1 article" in loose.out
    strict = sitegen(digest.project.root, "build", "--strict", *NOW)
    assert (strict.code, strict.out) == (1, "")
    assert strict.err.endswith("sitegen: nothing was written, because --strict treats warnings as errors\n")


def test_many_errors_are_printed_in_part_unless_all_are_requested(digest: BuiltDigest) -> None:
    for number in range(12):
        digest.project.article(f"a{number:02}", body="[a](no.md)\n\n" * 30)
    run = sitegen(digest.project.root, "build", *NOW)
    assert len(re.findall(r"error\[", run.err)) == 200
    assert len(re.findall(r"a00\.md:\d+:\d+: error\[", run.err)) == 20
    end = ["… and 160 more; --all shows them", "360 errors", "sitegen: nothing was written"]
    assert run.err.splitlines()[-3:] == end
    everything = sitegen(digest.project.root, "build", "--all", *NOW)
    assert len(re.findall(r"error\[", everything.err)) == 360
    assert "--all" not in everything.err
    assert len(sitegen(digest.project.root, "build", *NOW, "--format", "json").json["diagnostics"]) == 360


def test_a_build_that_removes_every_article_needs_a_permission(digest: BuiltDigest) -> None:
    digest.project.article("good", draft="true")
    run = sitegen(digest.project.root, "build", *NOW)
    assert run.code == 1
    assert "error[site-emptied]: the site has 1 article, but now there is none" in run.err
    assert snapshot(digest.project.root / "output" / "site") == digest.before
    allowed = sitegen(digest.project.root, "build", "--allow-empty", *NOW)
    assert (allowed.code, set(re.findall(r"\w+\[([\w-]+)\]", allowed.err))) == (0, {"address-removed"})
    assert sitegen(digest.project.root, "build", *NOW).code == 0, "the site is empty by now"


def test_the_time_of_a_build_is_that_of_the_environment(digest: BuiltDigest) -> None:
    digest.project.article("later", date="2026-08-01")

    def articles(*arguments: str) -> str:
        epoch = int(datetime(2026, 7, 10, tzinfo=UTC).timestamp())
        run = sitegen(digest.project.root, "build", *arguments, SOURCE_DATE_EPOCH=str(epoch))
        assert run.code == 0, run.err
        return run.out.partition(":")[0]

    assert articles() == "1 article (1 held back"
    assert articles(*NOW) == "2 articles", "--now takes precedence"


@pytest.mark.parametrize("value", ["", "-1", "1.5", "now", "٣", " 1", "99999999999999"])
def test_an_invalid_time_in_the_environment(
    digest: BuiltDigest, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", value)
    run = call_main(capsys, "-C", str(digest.project.root), "build")
    message = f"sitegen: invalid SOURCE_DATE_EPOCH {value!r}: expected seconds since 1970 in digits\n"
    assert (run.code, run.out, run.err) == (2, "", message)


def test_project_option(digest: BuiltDigest, tmp_path: Path) -> None:
    for call in (("-C", "digest", "build"), ("--project", "digest", "build")):
        assert sitegen(tmp_path, *call, *NOW).code == 0
    assert snapshot(digest.project.root / "output" / "site") == digest.before


def test_a_folder_without_configuration(tmp_path: Path) -> None:
    run = sitegen(tmp_path, "build")
    assert (run.code, run.out) == (1, "")
    assert "site.yaml: error[config-missing]" in run.err
    assert "sitegen init" in run.err
    assert list(tmp_path.iterdir()) == []


def test_a_missing_project_folder(tmp_path: Path) -> None:
    run = sitegen(tmp_path, "-C", "nowhere", "build")
    assert (run.code, run.out) == (2, "")
    assert "'nowhere' does not exist" in run.err
    assert not (tmp_path / "nowhere").exists()


# --- formats ----------------------------------------------------------------------------------------------------------

COUNTS = {"articles", "held_back", "written", "unchanged", "removed"}


def test_json_of_a_successful_build(digest: BuiltDigest) -> None:
    run = sitegen(digest.project.root, "build", "--format", "json", *NOW)
    assert (run.code, run.err) == (0, "")
    assert run.json["ok"] is True
    assert run.json["diagnostics"] == []
    assert {key: run.json[key] for key in COUNTS - {"unchanged"}} == {
        "articles": 1,
        "held_back": 0,
        "written": 0,
        "removed": 0,
    }
    assert run.json["unchanged"] == len(digest.before)
    assert set(run.json["seconds"]) >= {"scan", "read", "plan", "render", "write"}


def test_json_of_invalid_content(digest: BuiltDigest) -> None:
    write_invalid_article(digest)
    run = sitegen(digest.project.root, "build", "--format", "json", *NOW)
    assert (run.code, run.err) == (1, "")
    assert run.json["ok"] is False
    (found,) = run.json["diagnostics"]
    assert (found["code"], found["path"], found["line"]) == ("unknown-topic", X, 6)
    assert {run.json[key] for key in ("written", "unchanged", "removed")} == {0}


def test_json_of_a_folder_without_configuration(tmp_path: Path) -> None:
    run = sitegen(tmp_path, "build", "--format", "json")
    assert (run.code, run.err) == (1, "")
    assert run.json["ok"] is False
    assert [item["code"] for item in run.json["diagnostics"]] == ["config-missing"]


def test_annotations(digest: BuiltDigest) -> None:
    write_invalid_article(digest)
    run = sitegen(digest.project.root, "build", "--format", "github", *NOW)
    assert run.code == 1
    assert [line for line in (run.out + run.err).split("\n") if line.startswith("::")] == [
        (
            f"::error file={X},line=6,col=10,title=unknown-topic::'enrgy' is not a topic of site.yaml"
            "%0Adid you mean 'energy'?%0Aallowed: trade, energy"
        )
    ]


def test_a_file_name_is_printed_without_terminal_codes(digest: BuiltDigest) -> None:
    digest.project.file("content/articles/2026/07/a\x1b[31mb\nc.md", article())
    digest.project.file("output/site/\x1b]0;owned\x07.txt", "not ours")
    run = sitegen(digest.project.root, "build", *NOW)
    assert run.code == 1
    assert "\x1b" not in run.err
    assert "\nc.md" not in run.err


def test_an_unmanaged_name_is_printed_without_terminal_codes(digest: BuiltDigest) -> None:
    digest.project.file("output/site/\x1b]0;owned\x07.txt", "not ours")
    run = sitegen(digest.project.root, "build", "--stats", *NOW)
    assert run.code == 0
    assert "unmanaged file ignored" in run.out
    assert "\x1b" not in run.out


def on_terminal(cwd: Path, **environment: str) -> str:
    """Run a build whose stderr is a terminal, and return what the terminal got."""
    ours, theirs = pty.openpty()
    try:
        done = subprocess.run(
            [sys.executable, "-m", "sitegen", "build", *NOW],
            cwd=cwd,
            env={"PATH": os.environ["PATH"], "TERM": "dumb", **environment},  # without progress
            stdout=subprocess.DEVNULL,
            stderr=theirs,
            timeout=30,
            check=False,
        )
        assert done.returncode == 1
        return os.read(ours, 65_536).decode()
    finally:
        os.close(ours)
        os.close(theirs)


def test_colour_on_a_terminal_unless_no_color_is_set(digest: BuiltDigest) -> None:
    write_invalid_article(digest)
    assert "\x1b[1;31merror[unknown-topic]\x1b[0m" in on_terminal(digest.project.root)
    assert "\x1b" not in on_terminal(digest.project.root, NO_COLOR="1")
    assert "\x1b[1;31m" in on_terminal(digest.project.root, NO_COLOR="")


# --- wrong use --------------------------------------------------------------------------------------------------------

WRONG_USE: dict[str, tuple[tuple[str, ...], str]] = {
    "an unknown command": (("biuld",), "unknown command 'biuld'; did you mean 'build'?"),
    "now: a word": (("build", "--now", "yesterday"), "'yesterday' is not a time; use 2026-07-03"),
    "jobs: none": (("build", "--jobs", "0"), "'0' is not a whole number from 1 to 256"),
    "output: the project": (("build", "--output", "."), "holds the project itself"),
    "output: its parent": (("build", "--output", ".."), "holds the project itself"),
    "output: the content": (("build", "--output", "content"), "is inside content/"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG_USE.values(), ids=WRONG_USE)
def test_wrong_use(digest: BuiltDigest, arguments: tuple[str, ...], message: str) -> None:
    before = tree(digest.project.root)
    run = sitegen(digest.project.root, *arguments)
    assert (run.code, run.out) == (2, "")
    assert message in run.err
    assert tree(digest.project.root) == before


MORE_WRONG_USE: dict[str, tuple[tuple[str, ...], str]] = {
    "an unknown option": (("build", "--fast"), "--fast"),
    "a prefix of an option": (("build", "--draft"), "no such option"),
    "an unknown format": (("build", "--format", "xml"), "xml"),
    "a missing value of several": (("completion",), "'{bash|zsh|fish}'. Choose from: bash, zsh, fish"),
    "now: 30 February": (("build", "--now", "2026-02-30"), "2026-02-30 is not in the calendar"),
    "now: nothing": (("build", "--now"), "--now"),
    "jobs: a word": (("build", "--jobs", "many"), "'many' is not a whole number"),
    "jobs: below none": (("build", "--jobs=-1"), "'-1' is not a whole number"),
    "jobs: half": (("build", "--jobs", "1.5"), "'1.5' is not a whole number"),
    "jobs: too many": (("build", "--jobs", "1000000"), "not a whole number from 1 to 256"),
    "jobs: a digit of no number": (("build", "--jobs", "²"), "is not a whole number"),
    "output: the root": (("build", "--output", "/"), "holds the project itself"),
    "output: in the content": (("build", "--output", "content/articles/out"), "is inside content/"),
    "output: the themes": (("build", "--output", "themes/bare"), "is inside themes/"),
    "output: by a link": (("build", "--output", "link"), "is inside content/"),
    "output: round about": (("build", "--output", "output/../content"), "is inside content/"),
}


@pytest.mark.parametrize(("arguments", "message"), MORE_WRONG_USE.values(), ids=MORE_WRONG_USE)
def test_more_wrong_use(
    digest: BuiltDigest,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, ...],
    message: str,
) -> None:
    (digest.project.root / "link").symlink_to("content")
    monkeypatch.chdir(digest.project.root)
    before = tree(digest.project.root)
    run = call_main(capsys, *arguments)
    assert (run.code, run.out) == (2, "")
    assert message in run.err
    assert tree(digest.project.root) == before


def test_a_site_folder_that_is_a_link_to_the_content_is_refused(digest: BuiltDigest) -> None:
    """`output/` is looked at, but what is written goes to `output/site/`."""
    shutil.rmtree(digest.project.root / "output")
    (digest.project.root / "output").mkdir()
    (digest.project.root / "output" / "site").symlink_to("../content")
    before = tree(digest.project.root / "content")
    run = sitegen(digest.project.root, "build", *NOW)
    assert run.code in {2, 3}
    assert tree(digest.project.root / "content") == before


def test_help_and_version_are_results(tmp_path: Path) -> None:
    for option in ("--help", "--version"):
        run = sitegen(tmp_path, option)
        assert (run.code, run.err) == (0, "")
        assert run.out.startswith(("Usage: sitegen", "sitegen "))


@pytest.mark.parametrize("name", COMMANDS)
def test_help_has_examples_and_names_a_manual(capsys: pytest.CaptureFixture[str], name: str) -> None:
    run = call_main(capsys, name, "--help")
    assert (run.code, run.err) == (0, "")
    assert run.out.startswith(f"Usage: sitegen {name} ")
    _, _, end = run.out.partition("\nExamples:\n")
    examples, manual = end.split("\n\nRead more: ")
    assert len(re.findall(rf"^  sitegen {name}\b", examples, re.MULTILINE)) in {2, 3, 4}
    assert manual.strip().removeprefix("sitegen docs ") in documentation()


def test_help_groups_the_options_of_publish(capsys: pytest.CaptureFixture[str]) -> None:
    _, _, permissions = call_main(capsys, "publish", "--help").out.partition("\nPermissions:\n")
    assert "--take-over" in permissions
    assert "--dry-run" not in permissions.partition("\nExamples:")[0]


def test_help_imports_no_command() -> None:
    code = (
        "import sys; from sitegen.cli import main; main(['--help'])\n"
        "slow = ('rich', 'yaml', 'sitegen.builder', 'sitegen.content')\n"
        "print([name for name in sys.modules if name.startswith(slow)])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.endswith("[]\n")


def test_no_command_prints_the_help(tmp_path: Path) -> None:
    run = sitegen(tmp_path)
    assert (run.code, run.out, run.err) == (0, sitegen(tmp_path, "--help").out, "")


def test_a_shell_completes_commands(tmp_path: Path) -> None:
    run = sitegen(tmp_path, COMP_WORDS="sitegen bu", COMP_CWORD="1", _SITEGEN_COMPLETE="bash_complete")
    assert run.out == "plain,build\n"


# --- the surroundings -------------------------------------------------------------------------------------------------


def test_an_output_that_cannot_be_written(digest: BuiltDigest) -> None:
    site = digest.project.root / "output" / "site"
    digest.project.article("more")
    folders = [folder for folder in (site, *site.rglob("*")) if folder.is_dir()]
    for folder in folders:
        folder.chmod(0o555)
    try:
        run = sitegen(digest.project.root, "build", *NOW, prefix=as_unprivileged_user())
    finally:
        for folder in folders:
            folder.chmod(0o755)
    assert (run.code, run.out) == (3, "")
    assert run.err.startswith("sitegen: cannot write ")
    assert str(site.name) in run.err
    assert "Permission denied" in run.err


@pytest.mark.parametrize("mode", [0o000, 0o444])
@pytest.mark.parametrize("folder", ["themes", "themes/bare", "themes/bare/templates", "themes/bare/static/fonts"])
def test_a_theme_that_cannot_be_read(digest: BuiltDigest, folder: str, mode: int) -> None:
    """The site is not written without it, and the built-in theme does not replace it."""
    digest.project.file("themes/bare/static/fonts/font.css", "/* */\n")
    before = digest.project.tree()
    locked = digest.project.root / folder
    locked.chmod(mode)
    try:
        run = sitegen(digest.project.root, "build", *NOW, prefix=as_unprivileged_user())
    finally:
        locked.chmod(0o755)
    assert (run.code, run.out) == (3, "")
    assert re.fullmatch(rf"sitegen: cannot read [^\n]*{folder}[^\n]*: Permission denied\n", run.err)
    assert digest.project.tree() == before


def test_an_output_folder_that_cannot_be_made(digest: BuiltDigest) -> None:
    locked = digest.project.root.parent / "locked"
    locked.mkdir(mode=0o555)
    run = sitegen(digest.project.root, "build", "--output", str(locked / "out"), *NOW, prefix=as_unprivileged_user())
    assert (run.code, run.out) == (3, "")
    assert f"cannot write {locked / 'out'}: Permission denied" in run.err


def test_an_article_that_cannot_be_read(digest: BuiltDigest) -> None:
    digest.project.file(X, article()).chmod(0)
    run = sitegen(digest.project.root, "build", *NOW, prefix=as_unprivileged_user())
    assert (run.code, run.out) == (3, "")
    assert run.err == f"sitegen: cannot read {X}: Permission denied\n"
    assert snapshot(digest.project.root / "output" / "site") == digest.before


def test_a_file_in_the_place_of_the_output(digest: BuiltDigest) -> None:
    (digest.project.root / "taken").write_text("mine", encoding="utf-8")
    run = sitegen(digest.project.root, "build", "--output", "taken", *NOW)
    assert (run.code, run.out) == (3, "")
    assert "taken" in run.err
    assert (digest.project.root / "taken").read_text(encoding="utf-8") == "mine"


def test_a_folder_in_the_place_of_a_page(digest: BuiltDigest) -> None:
    """A reader of the report has to know which one is in the way, and the next build has to work without it."""
    page = digest.project.root / "output" / "site" / "index.html"
    page.unlink()
    (page / "mine").mkdir(parents=True)
    run = sitegen(digest.project.root, "build", *NOW)
    assert (run.code, run.out) == (3, "")
    assert "index.html" in run.err
    shutil.rmtree(page)
    assert sitegen(digest.project.root, "build", *NOW).code == 0
    assert tree(page.parent) == {name: data for name, (data, _) in digest.before.items()}


# --- init -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("made", [False, True], ids=["a new folder", "an empty folder"])
def test_init_writes_a_digest_that_builds(tmp_path: Path, made: bool) -> None:
    if made:
        (tmp_path / "digest").mkdir()
    run = sitegen(tmp_path, "init", "digest", "--now", "2026-07-03")
    assert (run.code, run.err) == (0, "")
    assert set(tree(tmp_path / "digest")) == {
        "site.yaml",
        ".gitignore",
        "content/articles/2026/07/first-article.md",
    }
    for name in tree(tmp_path / "digest"):
        assert name in run.out
    again = sitegen(tmp_path, "-C", "digest", "build", "--strict", *NOW)
    assert (again.code, again.err) == (0, "")
    assert "The first article" in (tmp_path / "digest/output/site/index.html").read_text(encoding="utf-8")
    check = sitegen(tmp_path, "-C", "digest", "check", "--only", "sample-article", *NOW)
    assert (check.code, "delete the file before you publish" in check.err + check.out) == (1, True)
    (tmp_path / "digest/content/articles/2026/07/first-article.md").unlink()
    Project(tmp_path / "digest").article("own", topics="[trade]")
    own = sitegen(tmp_path, "-C", "digest", "build", "--strict", *NOW)
    assert (own.code, own.err) == (0, ""), "no address of the sample was published"


@pytest.mark.parametrize("name", ["site.yaml", "content/articles/2026/07/first-article.md"])
def test_init_overwrites_nothing(tmp_path: Path, name: str) -> None:
    Project(tmp_path).file(name, "mine")
    run = sitegen(tmp_path, "init", ".", "--now", "2026-07-03")
    assert (run.code, run.out) == (2, "")
    assert name in run.err
    assert "nothing was written" in run.err
    assert tree(tmp_path) == {name: b"mine"}


@pytest.mark.parametrize(("text", "is_noted"), [("*.pyc\n", True), ("*.pyc\noutput/\n", False)])
def test_init_keeps_the_gitignore_of_a_repository(tmp_path: Path, text: str, is_noted: bool) -> None:
    Project(tmp_path).file(".gitignore", text)
    run = sitegen(tmp_path, "init", ".", "--now", "2026-07-03")
    assert run.code == 0
    assert ("add a line with /output/ to it" in run.err) == is_noted
    assert tree(tmp_path)[".gitignore"] == text.encode()
    assert "site.yaml" in tree(tmp_path)


def test_the_next_command_of_init_can_be_pasted(tmp_path: Path) -> None:
    run = sitegen(tmp_path, "init", "my digest")
    assert run.out.endswith("\nNext:  sitegen -C 'my digest' serve\n")


def test_init_where_nothing_can_be_written(tmp_path: Path) -> None:
    (tmp_path / "digest").write_text("a file", encoding="utf-8")
    run = sitegen(tmp_path, "init", "digest")
    assert run.code in {2, 3}
    assert run.out == ""
    assert "digest" in run.err


def test_init_leaves_nothing_behind_when_it_fails(tmp_path: Path) -> None:
    Project(tmp_path).file("content", "a file, where a folder has to be")
    run = sitegen(tmp_path, "init", ".", "--now", "2026-07-03")
    assert run.code in {2, 3}
    assert list(tree(tmp_path)) == ["content"]


# --- new --------------------------------------------------------------------------------------------------------------


def new(digest: BuiltDigest, *arguments: str | bytes) -> CommandResult:
    return sitegen(digest.project.root, "new", "--topic", "trade", "--now", "2026-07-03T12:00Z", *arguments)


def test_a_title_without_latin_letters_asks_for_a_slug(digest: BuiltDigest) -> None:
    run = new(digest, "首脳会見\u3000経済対策を発表", "--country", "vn")
    assert (run.code, run.out.count("/vn-trade-")) == (0, 1)
    assert "the address of the article is /articles/vn-trade-" in run.err
    assert "choose one with --slug" in run.err
    file = next((digest.project.root / "content/articles/2026/07").glob("vn-trade-*.md"))
    assert "title: 首脳会見\u3000経済対策を発表\n" in file.read_text("utf-8")
    assert new(digest, "経済対策", "--slug", "economy").err == ""
    assert "'asean' says little about the title" in new(digest, "日本・ASEAN首脳会議").err


def test_a_new_article_is_a_draft_that_builds(digest: BuiltDigest) -> None:
    run = new(digest, 'Trade: the  "plan" of #1', "--topic", "energy", "--country", "vn", "--country", "CN")
    assert (run.code, run.err) == (0, "")
    path = "content/articles/2026/07/trade-plan-1.md"
    assert run.out.strip().endswith(path)
    text = (digest.project.root / path).read_text(encoding="utf-8")
    assert "countries: [VN, CN]\n" in text
    hidden = sitegen(digest.project.root, "build", "--strict", *NOW)
    assert (hidden.code, hidden.err) == (0, "")
    assert "1 article (1 held back: 1 draft): " in hidden.out
    assert snapshot(digest.project.root / "output" / "site") == digest.before
    shown = sitegen(digest.project.root, "build", "--strict", "--drafts", *NOW)
    assert (shown.code, shown.err) == (0, "")
    page = digest.project.root / "output/drafts/site/articles/trade-plan-1/index.html"
    assert "<h1>Trade: the “plan” of #1</h1>" in page.read_text("utf-8")
    text = text.replace("draft: true\n", "")
    (digest.project.root / path).write_text(text, encoding="utf-8")
    published = sitegen(digest.project.root, "build", *NOW)
    assert published.code == 1
    assert re.findall(rf"{path}:(\d+):\d+: error\[placeholder-text]", published.err) == ["10", "11", "14"]
    for placeholder in PLACEHOLDERS:
        text = text.replace(placeholder, "Two ports agree")
    (digest.project.root / path).write_text(text, encoding="utf-8")
    assert sitegen(digest.project.root, "build", *NOW).code == 0


def test_a_new_article_without_topic_in_a_digest_with_several(digest: BuiltDigest) -> None:
    run = sitegen(digest.project.root, "new", "Title")
    assert (run.code, run.out) == (2, "")
    assert run.err == "sitegen: --topic is missing; expected one of trade, energy\n"


def test_a_new_article_with_a_slug(digest: BuiltDigest) -> None:
    run = new(digest, "港の電子書類", "--slug", "port-forms")
    assert run.out.endswith("content/articles/2026/07/port-forms.md\n")
    assert "is taken by another article" in new(digest, "Other", "--slug", "port-forms").err
    assert "--slug 'Port forms' contains ' '" in new(digest, "Other", "--slug", "Port forms").err


def test_a_title_whose_slug_windows_reserves(digest: BuiltDigest) -> None:
    run = new(digest, "The Con")
    assert run.code == 0
    assert "the slug 'con' is a name that Windows reserves, so the address of the article is /articles/tr" in run.err


@pytest.mark.parametrize(
    ("file", "front"),
    [
        ("2026/06/bank-holds-rates", ""),
        ("2026/06/other", "slug: bank-holds-rates\n"),
        ("2026/06/Bank-Holds-Rates", ""),
    ],
)
def test_a_new_article_with_the_title_of_an_older_one(digest: BuiltDigest, file: str, front: str) -> None:
    project = digest.project
    project.article("older", id="0123456789abcde0", date="2026-06-03")
    older = next((project.root / "content/articles").rglob("older.md"))
    location = project.root / f"content/articles/{file}.md"
    location.parent.mkdir(parents=True, exist_ok=True)
    location.write_text(older.read_text("utf-8").replace("---\n", f"---\n{front}", 1), encoding="utf-8")
    older.unlink()
    run = new(digest, "Bank holds rates")
    assert (run.code, run.err) == (0, "")
    assert run.out.strip().endswith("content/articles/2026/07/bank-holds-rates-2.md")
    again = new(digest, "Bank holds rates")
    assert again.code == 0
    assert again.out.strip().endswith("content/articles/2026/07/bank-holds-rates-3.md")


def test_a_new_article_with_the_title_of_an_older_one_builds(digest: BuiltDigest) -> None:
    assert (
        sitegen(digest.project.root, "new", "Bank holds rates", "--topic", "trade", "--now", "2026-06-03T12:00Z").code
        == 0
    )
    assert new(digest, "Bank holds rates").code == 0
    shown = sitegen(digest.project.root, "build", "--strict", "--drafts", *NOW)
    assert (shown.code, shown.err) == (0, "")


def test_a_new_article_with_a_japanese_title(digest: BuiltDigest) -> None:
    run = new(digest, "ベトナムの国家データベース", "--country", "VN", "--lang", "ja")
    assert run.code == 0
    file = Path(digest.project.root, run.out.strip())
    assert file.name.startswith("vn-trade-")
    assert "title: ベトナムの国家データベース\n" in file.read_text(encoding="utf-8")
    assert sitegen(digest.project.root, "build", "--strict", "--drafts", *NOW).code == 0
    home = digest.project.root / "output/drafts/site/index.html"
    assert "ベトナムの国家データベース" in home.read_text("utf-8")


TITLES = {
    "a number": "007",
    "a word of YAML": "no",
    "markup": "<script>alert(1)</script>",
    "a colon and a hash": "a: b # c",
    "three dashes": "--- x",
    "quotes": "\"'\"'",
    "a device of Windows": "con",
    "emoji": "🎌",
    "very long": "word " * 60,
    "path": "../../../etc/passwd",
}


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
def test_any_title_can_be_that_of_a_new_article(
    digest: BuiltDigest, capsys: pytest.CaptureFixture[str], title: str
) -> None:
    options = ("--topic", "trade", "--now", "2026-07-03T12:00Z")
    run = call_main(capsys, "-C", str(digest.project.root), "new", *options, "--", title)
    assert run.code == 0
    result = digest.project.build(drafts=True, strict=True)
    assert result.ok, result.diagnostics
    assert result.articles == 2


WRONG_NEW: dict[str, tuple[tuple[str, ...], str]] = {
    "an unknown topic": (("Title", "--topic", "enrgy"), "--topic 'enrgy' is not known; did you mean 'energy'?"),
    "a topic like no other": (
        ("Title", "--topic", "weather"),
        "--topic 'weather' is not known; expected one of trade, energy",
    ),
    "the name of a country": (("Title", "--country", "Japan"), "'JAPAN' is not known; did you mean 'JP'?"),
    "one in Japanese": (("Title", "--country", "日本"), "'日本' is not known; did you mean 'JP'?"),
    "a topic in Japanese": (("Title", "--topic", "貿易"), "'貿易' is not known; did you mean 'trade'?"),
    "an unknown country": (("Title", "--country", "ASAEN"), "'ASAEN' is not known; did you mean 'ASEAN'?"),
    "a country like no other": (("Title", "--country", "QQQQ"), "'QQQQ' is not known; expected an ISO 3166-1 code, or"),
    "a title that starts with a hyphen": (("- x",), "'- x' is not an option; write -- before a text that starts with"),
    "a word that starts with one": (("x", "-steel"), "'-steel' is not an option; write -- before a text that starts"),
    "an option with one hyphen": (("x", "-topic", "trade"), "no such option"),
    "an unknown option": (("Title", "--tpic", "trade"), "no such option"),
    "a slug that Windows reserves": (("Title", "--topic", "trade", "--slug", "con"), "is a name that Windows reserves"),
    "an unknown language": (("Title", "--lang", "English"), "'English' is not a language tag such as en or ja"),
    "a long title": (("word " * 61,), "the title has 304 characters; expected at most 300"),
    "an empty title": (("",), "the title is empty"),
    "a title of blanks": (("  \n ",), "the title is empty"),
    "no title": ((), "TITLE"),
    "a control character": (("a\x1bb",), "control character"),
}


@pytest.mark.parametrize(("arguments", "message"), WRONG_NEW.values(), ids=WRONG_NEW)
def test_a_new_article_that_cannot_be(
    digest: BuiltDigest, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], message: str
) -> None:
    before = tree(digest.project.root)
    run = call_main(capsys, "-C", str(digest.project.root), "new", *arguments)
    assert (run.code, run.out) == (2, "")
    assert message in run.err
    assert tree(digest.project.root) == before


def test_a_title_that_is_not_utf_8(digest: BuiltDigest) -> None:
    before = tree(digest.project.root)
    run = new(digest, b"caf\xe9")
    assert run.code == 2
    assert tree(digest.project.root) == before


def test_a_new_article_at_the_maximum_date(digest: BuiltDigest) -> None:
    run = sitegen(digest.project.root, "new", "Title", "--topic", "trade", "--now", "9999-12-31T23:59Z")
    assert run.code in {0, 2}


def test_an_unknown_topic_is_rejected_with_the_closest_match(digest: BuiltDigest) -> None:
    run = new(digest, "Title", "--topic", "enrgy")
    assert (run.code, run.out) == (2, "")
    assert run.err == "sitegen: --topic 'enrgy' is not known; did you mean 'energy'?\n"


def test_a_new_article_overwrites_nothing(digest: BuiltDigest) -> None:
    path = "content/articles/2026/07/good.md"
    before = (digest.project.root / path).read_bytes()
    run = new(digest, "Good")
    assert (run.code, run.out) == (2, "")
    assert "good.md already exists; nothing was written. Choose another title, or a name with --slug" in run.err
    assert (digest.project.root / path).read_bytes() == before


BROKEN_CONFIG = {
    "broken": SITE_YAML.replace("Asia/Tokyo", "Asia/Tokio"),
    "without topics": SITE_YAML.split("topics:")[0] + "topics: {}\n",
    "empty": "",
}


@pytest.mark.parametrize("text", BROKEN_CONFIG.values(), ids=BROKEN_CONFIG)
def test_no_new_article_with_an_invalid_configuration(digest: BuiltDigest, text: str) -> None:
    digest.project.file("site.yaml", text)
    run = new(digest, "Title")
    assert (run.code, run.out) == (1, "")
    assert "site.yaml:" in run.err
