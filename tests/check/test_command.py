"""`sitegen check`: formats, selection, fixes, exit codes, kept results."""

import json
import re
import subprocess
from pathlib import Path

import pytest
from msgspec.structs import replace

from sitegen.builder import BuildRequest
from sitegen.check.findings import Edit, Problem
from sitegen.check.fixes import apply_edits
from sitegen.check.model import CheckedSite, CheckedText
from sitegen.check.registry import RULES, Rule
from sitegen.check.run import check
from sitegen.cli import main
from sitegen.diagnostics import Severity
from sitegen.outputs.machine_parts import MachinePart
from tests.project import BARE, NOW, Project
from tests.tools import REPOSITORY

BASE = BARE["templates/base.html"].replace("<title>", '<meta name="description" content="A digest"><title>')
NO_FINDINGS = "Vietnam and China agreed.\n"


@pytest.fixture
def digest(project: Project) -> Project:
    """Write a digest with one hint and one warning."""
    project.file("themes/bare/templates/base.html", BASE)
    site = project.root / "site.yaml"
    site.write_text(site.read_text("utf-8") + "check: {rules: {unreachable-page: off}}\n", "utf-8")
    project.article("one", body="Vietnam and China agreed... and signed.\n")
    project.article("two", body=NO_FINDINGS + "\n## Empty\n", title="Two")
    return project


def run(digest: Project, *options: str) -> int:
    return main(["-C", str(digest.root), "check", "--now", NOW.isoformat(), "--jobs", "1", *options])


def test_the_formats_of_a_report(digest: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(digest) == 0
    text = capsys.readouterr().err
    assert "one.md:13:25: hint[three-dots]: '...' is not an ellipsis" in text
    assert "two.md:15:4: warning[empty-section]: the section 'Empty' is empty" in text
    assert text.endswith("1 warning and 1 hint\n")
    assert run(digest, "--strict") == 1
    capsys.readouterr()
    assert run(digest, "--format", "json") == 0
    report = json.loads(capsys.readouterr().out)
    assert report["ok"]
    assert [(item["code"], item["severity"], item["line"]) for item in report["diagnostics"]] == [
        ("three-dots", "hint", 13),
        ("empty-section", "warning", 15),
    ]
    assert run(digest, "--format", "github") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(" ")[0] for line in lines] == ["::notice", "::warning"]
    assert run(digest, "--format", "sarif") == 0
    (sarif,) = json.loads(capsys.readouterr().out)["runs"]
    assert [item["ruleId"] for item in sarif["results"]] == ["three-dots", "empty-section"]
    assert [item["level"] for item in sarif["results"]] == ["note", "warning"]
    place = sarif["results"][0]["locations"][0]["physicalLocation"]
    assert place["artifactLocation"]["uri"] == "content/articles/2026/07/one.md"
    assert place["region"] == {"startLine": 13, "startColumn": 25}
    rules = sarif["tool"]["driver"]["rules"]
    assert [rules[item["ruleIndex"]]["id"] for item in sarif["results"]] == ["three-dots", "empty-section"]


def test_the_selection_of_rules_and_files(digest: Project, capsys: pytest.CaptureFixture[str]) -> None:
    def codes(*options: str) -> list[str]:
        run(digest, "--format", "json", *options)
        return [item["code"] for item in json.loads(capsys.readouterr().out)["diagnostics"]]

    assert codes("--only", "three-dots") == ["three-dots"]
    assert codes("--only", "typography") == ["three-dots"]
    assert codes("--skip", "typography") == ["empty-section"]
    assert codes(str(digest.root / "content/articles/2026/07/two.md")) == ["empty-section"]
    assert codes(str(digest.root / "content")) == ["three-dots", "empty-section"]
    assert run(digest, "--only", "three-dot") == 2
    assert "did you mean 'three-dots'?" in capsys.readouterr().err
    assert run(digest, str(digest.root.parent)) == 2


def test_the_list_and_the_explanations(digest: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(digest, "--list", "--format", "json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert {row["code"] for row in rows} == set(RULES)
    assert {row["group"] for row in rows} == {"content", "links", "output", "typography"}
    assert run(digest, "--explain", "three-dots") == 0
    assert "write `…`" in capsys.readouterr().out.lower()
    assert run(digest, "--explain", "three-dot") == 2


def test_fixes(digest: Project, capsys: pytest.CaptureFixture[str]) -> None:
    file = digest.root / "content/articles/2026/07/one.md"
    before = file.read_bytes().replace(b"agreed...", b"agreed... now...")
    file.write_bytes(before)
    assert run(digest, "--fix", "--dry-run") == 0
    shown = capsys.readouterr().out
    assert "-Vietnam and China agreed... now... and signed.\n+Vietnam and China agreed… now… and signed.\n" in shown
    assert file.read_bytes() == before
    assert run(digest, "--fix") == 0
    assert file.read_text("utf-8") == before.decode().replace("...", "…")
    report = capsys.readouterr()
    assert "one.md: 2 fixes\n" in report.out
    assert "three-dots" not in report.err
    assert run(digest, "--only", "typography") == 0
    assert "nothing found" in capsys.readouterr().out
    assert run(digest, "--dry-run") == 2


def test_the_width_of_a_number_is_changed_as_a_whole(digest: Project, capsys: pytest.CaptureFixture[str]) -> None:
    file = digest.article(
        "two", lang="ja", body="2026年12月31日、Tokyo Priceの株価は１，０２３．５％上昇し、ＡＰＩ％とは３．\n"
    )
    assert run(digest, "--only", "mixed-width") == 0
    assert capsys.readouterr().err.count("'１，０２３．５％' and 2 more are full-width") == 1
    assert run(digest, "--fix", "--only", "mixed-width") == 0
    assert "株価は1,023.5%上昇し、API％とは3．" in (digest.root / file).read_text("utf-8")


def test_edits_keep_line_ends_and_what_has_changed() -> None:
    data = b"\xef\xbb\xbfOne... two\r\nthree... four\r\n"
    edits = [Edit(3, "...", "…"), Edit(16, "...", "…"), Edit(3, "...", "x"), Edit(0, "Two", "x")]
    assert apply_edits(data, edits) == "\ufeffOne… two\r\nthree… four\r\n".encode()


def test_files_changed_since_a_revision(digest: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(digest, "--changed", "HEAD") == 2
    assert "not a git repository" in capsys.readouterr().err

    def git(*arguments: str) -> None:
        identity = ["-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "init.defaultBranch=main"]
        subprocess.run(["git", "-C", str(digest.root), *identity, *arguments], check=True, capture_output=True)

    git("init")
    git("add", "content")
    git("commit", "-m", "first")
    digest.article("two", body=NO_FINDINGS + "\n## Empty\n", title="Two again")
    digest.article("three", body=NO_FINDINGS + "And more...\n", title="Three")
    assert run(digest, "--changed", "HEAD", "--format", "json") == 0
    found = [Path(item["path"]).stem for item in json.loads(capsys.readouterr().out)["diagnostics"]]
    assert found == ["three", "two"]
    assert run(digest, "--changed", "nowhere") == 2
    assert run(digest, "--changed", "--output=x") == 2


def test_errors_of_the_build_and_texts_in_one_report(digest: Project, capsys: pytest.CaptureFixture[str]) -> None:
    digest.article("three", topics="[nothing]")
    assert run(digest, "--format", "json") == 1
    codes = [item["code"] for item in json.loads(capsys.readouterr().out)["diagnostics"]]
    assert set(codes) == {"unknown-topic", "three-dots", "empty-section"}
    site = digest.root / "site.yaml"
    site.write_text(site.read_text("utf-8").replace("unreachable-page: off", "three-dot: off, x: maybe"), "utf-8")
    assert run(digest, "--format", "json") == 1
    codes = [item["code"] for item in json.loads(capsys.readouterr().out)["diagnostics"]]
    assert "not-allowed" in codes


def test_an_unknown_rule_in_the_configuration(digest: Project, capsys: pytest.CaptureFixture[str]) -> None:
    site = digest.root / "site.yaml"
    site.write_text(
        site.read_text("utf-8").replace("unreachable-page: off", "three-dot: off, likely-perspective: off"), "utf-8"
    )
    assert run(digest, "--only", "unknown-rule") == 1
    assert "did you mean 'three-dots'?" in capsys.readouterr().err


def test_a_rule_that_raises_is_reported_and_the_others_run(
    digest: Project, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(_value: object) -> list[Problem]:
        raise RuntimeError("no luck")

    rules = dict(RULES.items())
    rules["bad-text"] = Rule("bad-text", Severity.ERROR, CheckedText, "content", fails)
    rules["bad-site"] = Rule("bad-site", Severity.ERROR, CheckedSite, "content", fails)
    monkeypatch.setattr(RULES, "_entries", rules)
    for _ in range(2):
        assert run(digest) == 3
        text = capsys.readouterr().err
        assert "sitegen: the rule bad-text failed at content/articles/2026/07/one.md: RuntimeError: no luck" in text
        assert "sitegen: the rule bad-site failed at the site: RuntimeError: no luck" in text
        assert "1 warning and 1 hint" in text


def test_kept_results_equal_those_of_an_empty_cache(digest: Project) -> None:
    request = BuildRequest(digest.root, NOW, jobs=1)

    def both() -> tuple[str, ...]:
        kept = check(request)
        fresh = check(replace(request, output=digest.root / "fresh" / str(len(list(digest.root.glob("fresh/*"))))))
        assert kept == fresh
        assert kept == check(request)
        return tuple(f"{item.diagnostic.code} {item.diagnostic.location.line}" for item in kept.findings)

    assert both() == ("three-dots 13", "empty-section 15")
    digest.article("two", body="Vietnam, China.\n\n\n## Empty\n", title="Two")
    assert both() == ("three-dots 13", "empty-section 16")
    digest.file("themes/bare/templates/base.html", BASE.replace("<body>", '<body><a href="/nowhere/">X</a>'))
    assert "dead-address 0" in both()
    assert not (digest.root / "output" / "site").exists()
    digest.built()
    assert "dead-address 0" in both()


def test_facts_about_a_page_are_those_of_its_own_address(digest: Project) -> None:
    digest.file("themes/bare/templates/base.html", BASE.replace("<body>", '<body><a id="top" href="#top">X</a>'))
    site = digest.root / "site.yaml"
    text = site.read_text("utf-8")
    for number, older in enumerate(("/was/: /topics/trade/, /were/: /topics/trade/", "/was/: /topics/trade/")):
        site.write_text(f"{text}redirects: {{{older}}}\n", "utf-8")
        kept = check(BuildRequest(digest.root, NOW, jobs=1))
        assert kept == check(BuildRequest(digest.root, NOW, output=digest.root / f"fresh{number}", jobs=1))


def test_errors_stop_a_publish(digest: Project, capsys: pytest.CaptureFixture[str]) -> None:
    site = digest.root / "site.yaml"
    site.write_text(site.read_text("utf-8") + "publish: {www: {kind: directory, path: ../www}}\n", "utf-8")
    digest.file("themes/bare/templates/base.html", BASE.replace("<body>", '<body><a href="/nowhere/">X</a>'))
    words = ["-C", str(digest.root), "publish", "www", "--yes", "--now", NOW.isoformat(), "--jobs", "1"]
    assert main(words) == 1
    text = capsys.readouterr().err
    assert "error[dead-address]: the address /nowhere/ leads to no page" in text
    assert "empty-section" not in text
    assert text.endswith("sitegen: nothing was published; --no-check leaves out `sitegen check`\n")
    assert not (digest.root.parent / "www").exists()
    assert main([*words, "--no-check"]) == 0
    digest.file("themes/bare/templates/base.html", BASE)
    assert main([*words, "--strict"]) == 1
    text = capsys.readouterr().err
    assert "warning[empty-section]" in text
    assert text.endswith("sitegen: nothing was published, because --strict treats warnings as errors\n")
    assert main(words) == 0


def test_the_table_for_auditors(digest: Project, capsys: pytest.CaptureFixture[str]) -> None:
    generated = "{summary: ai, text: mixed, analysis: human}"
    digest.article("marked", title="Marked", generated=generated)
    digest.article("reviewed", title="Reviewed", generated="{text: ai}")
    file = digest.root / "content/articles/2026/07/reviewed.md"
    assert main(["-C", str(digest.root), "review", str(file), "--by", "A. Editor", "--now", "2026-07-05"]) == 0
    capsys.readouterr()
    assert run(digest, "--ai") == 0
    assert capsys.readouterr().out.splitlines() == [
        "content/articles/2026/07/marked.md: summary (ai), text (mixed); no review",
        "content/articles/2026/07/reviewed.md: text (ai); reviewed by A. Editor 2026-07-05",
        "3 machine-written parts in 2 files",
    ]
    file.write_text(file.read_text("utf-8") + "\nMore.\n", "utf-8")
    assert run(digest, "--ai", str(file)) == 0
    assert "reviewed by A. Editor 2026-07-05, changed since" in capsys.readouterr().out
    assert run(digest, "--ai", "--format", "csv") == 0
    table = capsys.readouterr().out
    assert table.splitlines()[0] == "file,id,url,lang,title,part,by,reviewed_by,reviewed_at,changed_since"
    assert table.splitlines()[-1].endswith(",Reviewed,text,ai,A. Editor,2026-07-05,yes")
    assert run(digest, "--ai", "--format", "json") == 0
    report = capsys.readouterr().out
    assert [part["by"] for part in json.loads(report)["parts"]] == ["ai", "mixed", "ai"]
    assert run(digest, "--ai", "--format", "sarif") == 2
    assert run(digest, "--format", "csv") == 2
    site = digest.root / "site.yaml"
    digest.built()
    assert not (digest.root / "output/site/data/machine-written.csv").exists()
    site.write_text(site.read_text("utf-8") + "data: [machine]\n", "utf-8")
    digest.built()
    assert (digest.root / "output/site/data/machine-written.csv").read_bytes().decode() == table
    assert (digest.root / "output/site/data/machine-written.json").read_text("utf-8") == report


def test_the_page_of_the_open_data_explains_the_columns_of_the_table() -> None:
    template = (REPOSITORY / "themes" / "default" / "templates" / "data.html").read_text("utf-8")
    explained = set(re.findall(r'^  "(\w+)": label\(', template, re.MULTILINE))
    assert explained >= set(MachinePart.__struct_fields__)
