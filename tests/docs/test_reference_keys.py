"""The tables of the reference name exactly the keys that are read. The diagnostic of an unknown key lists them."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from sitegen.config.model import IMPORT_LABELS, ImportLabels
from tests.project import SITE, Project
from tests.tools import REPOSITORY

REFERENCE: Final = REPOSITORY / "docs" / "reference"
UNKNOWN: Final = "unknown_to_all"


def table_keys(page: Path, heading: str) -> set[str]:
    """Return the keys in the first column of the first table below a heading of a page."""
    text = page.read_text("utf-8")
    _, _, below = text.partition(f"# {heading}\n")
    table = re.search(r"^\| key \|.*\n\| ---.*\n(?P<rows>(?:\|.*\n)+)", below, re.MULTILINE)
    assert table is not None, heading
    return {key for row in table["rows"].splitlines() for key in re.findall(r"`([^`]+)`", row.split("|")[1])}


def read_keys(project: Project) -> set[str]:
    """Return the keys that sitegen lists for the unknown one."""
    (found,) = (item for item in project.build().diagnostics if item.code == "unknown-key")
    assert UNKNOWN in found.message
    return set(found.allowed)


def test_site_yaml(project: Project) -> None:
    project.write(SITE + f"{UNKNOWN}: 1\n")
    assert read_keys(project) == table_keys(REFERENCE / "site-yaml.md", "site.yaml")


def test_pages_from(project: Project) -> None:
    without = "".join(line for line in SITE.splitlines(keepends=True) if not line.startswith("pages_from:"))
    project.write(f"{without}pages_from: {{{UNKNOWN}: 1}}\n")
    assert read_keys(project) == table_keys(REFERENCE / "site-yaml.md", "Pages")


def test_feeds(project: Project) -> None:
    """The example names every key with its default."""
    project.write(SITE + f"feeds: {{{UNKNOWN}: 1}}\n")
    _, _, below = (REFERENCE / "site-yaml.md").read_text("utf-8").partition("# Feeds\n")
    example = re.search(r"```yaml\nfeeds:\n(.*?)```", below, re.DOTALL)
    assert example is not None
    assert read_keys(project) == set(re.findall(r"^  (\w+):", example[1], re.MULTILINE))


def test_an_article(project: Project) -> None:
    project.article("one", **{UNKNOWN: "1"})
    assert read_keys(project) == table_keys(REFERENCE / "front-matter.md", "Front matter")


def test_a_translation(project: Project) -> None:
    project.write(SITE.replace("[en]", "[en, ja]"))
    project.article("one")
    project.file(
        "content/articles/2026/07/one.ja.md",
        f"---\nid: aaaaaaaaaaaa0001\ntitle: 題\nsummary: 要約。\n{UNKNOWN}: 1\n---\n\n本文。\n",
    )
    assert read_keys(project) == table_keys(REFERENCE / "front-matter.md", "Translations")


def test_a_static_page(project: Project) -> None:
    project.file("content/pages/about.md", f"---\ntitle: About\nlang: en\n{UNKNOWN}: 1\n---\n\nText.\n")
    assert read_keys(project) == table_keys(REFERENCE / "front-matter.md", "Static pages")


@pytest.mark.parametrize("kind", ["archive", "directory", "git", "rsync", "s3"])
def test_a_publish_target(project: Project, kind: str) -> None:
    project.write(SITE + f"publish: {{t: {{kind: {kind}, {UNKNOWN}: 1}}}}\n")
    pages = (REPOSITORY / "docs" / "how-to" / "publishing").glob("*.md")
    prose = "".join(re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL) for page in pages)
    assert read_keys(project) <= set(re.findall(r"`([^`\n]+)`", prose))


def test_the_keys_of_mappings(project: Project) -> None:
    """Each key of a mapping in `site.yaml` and in content is named in the text of the reference or of its guide."""
    settings = ("publisher", "pictures", "card", "edition", "check", "import_labels")
    lines = [f"{key}: {{{UNKNOWN}: 1}}\n" for key in settings]
    lines.append(f"import: {{{UNKNOWN}: 1, mappings: {{m: {{{UNKNOWN}: 1}}}}}}\nsources: {{A: {{{UNKNOWN}: 1}}}}\n")
    project.write(SITE + "".join(lines))
    entries = dict.fromkeys(("corrections", "upcoming"), f"[{{{UNKNOWN}: 1}}]")
    values = dict.fromkeys(("source", "generated", "reviewed", "imported"), f"{{{UNKNOWN}: 1}}")
    project.article("one", **entries, **values)
    project.file("content/calendar.yaml", f"- {{{UNKNOWN}: 1}}\n")
    project.file("content/editions/2026-07-03.md", f"---\nlang: en\nwatch: [{{{UNKNOWN}: 1}}]\n---\n\nText.\n")
    lists = [item.allowed for item in project.build().diagnostics if item.code == "unknown-key"]
    assert len(lists) == len(settings) + len(entries) + len(values) + 5
    pages = ("reference/site-yaml.md", "reference/front-matter.md", "how-to/import-data.md", "how-to/importing.md")
    text = "".join((REPOSITORY / "docs" / page).read_text("utf-8") for page in pages)
    assert {key for keys in lists for key in keys} - set(re.findall(r"[\w.]+", text)) == set()


def test_the_labels_of_copied_pages() -> None:
    text = (REPOSITORY / "docs" / "how-to" / "importing.md").read_text("utf-8")
    rows = {row[1]: row[3] for row in (line.split("|") for line in text.splitlines()) if len(row) == 5}
    for key in IMPORT_LABELS:
        assert tuple(re.findall(r"`([^`]+)`", rows[f" `{key}` "])) == getattr(ImportLabels(), key)


def test_the_keys_of_json(project: Project) -> None:
    project.write(SITE.replace("search: false", "search: true") + "publish: {www: {kind: directory, path: ../www}}\n")
    project.article("one")
    memo = project.file("../memo.md", "---\ntitle: A memo\ndate: 2026-07-03\n---\n\nText.\n")
    text = (REPOSITORY / "docs" / "reference" / "commands.md").read_text("utf-8").partition("## JSON\n")[2]
    rows = dict(re.findall(r"^\| `(\w+)` \| (.*) \|$", text, re.MULTILINE))
    options = {
        "build": "--stats",
        "check": "",
        "publish": "www --dry-run --no-check",
        "import": f"--dry-run {memo}",
        "list": "",
        "search": "happened",
        "explain": "/articles/one/",
    }
    assert options.keys() == rows.keys()
    for command, words in options.items():
        program = [sys.executable, "-m", "sitegen", "--project", str(project.root), command, *words.split()]
        done = subprocess.run([*program, "--format", "json"], stdout=subprocess.PIPE, text=True, check=False)
        documented = set(re.findall(r"`([a-z_-]+)`", rows[command])) - {"--stats", "--ai", "parts", "rollback"}
        assert json.loads(done.stdout).keys() == documented, command
