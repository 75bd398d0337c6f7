"""Two copied pages of a real digest, if they are next to the repository."""

import re
from html import unescape
from pathlib import Path

import pytest

from sitegen.config.loader import read_config
from sitegen.content.body import Body
from sitegen.content.documents import read_document
from sitegen.content.frontmatter import FrontMatter
from sitegen.diagnostics import Diagnostics
from sitegen.importers.inputs import ImportOptions
from sitegen.importers.report import Outcome
from sitegen.importers.workflow import import_files
from tests.importers.conftest import NOW

REPOSITORY = Path(__file__).parents[2]
SEEDS = REPOSITORY.parent / "shared" / "seeds"
PAGES = ("000_7b0c9e46f1b951a0.txt", "002_ec35abf199d0d05f.txt")
KEYS = ("economic", "investors", "society", "citizens", "background")

pytestmark = pytest.mark.skipif(
    not all((SEEDS / name).is_file() for name in PAGES), reason="the sample pages are not next to this repository"
)


def article(name: str, root: Path) -> tuple[FrontMatter, Body]:
    """Import a page; return the front matter and the text of its file."""
    settings = read_config((REPOSITORY / "site.yaml").read_bytes(), Diagnostics())
    assert settings is not None
    config = settings.config
    (report,) = import_files([SEEDS / name], root, config, NOW)
    assert report.outcome is Outcome.WRITTEN
    assert report.file is not None
    assert report.missing == ("source.url",)
    assert [item.code for item in report.diagnostics] == ["no-source-url"]
    read, body = read_document(report.file, (root / report.file).read_bytes(), config.content_schema)
    assert read.diagnostics == ()
    assert read.article is not None
    assert body is not None
    return read.article.front, body


def sections(body: Body) -> dict[str | None, str]:
    """Return the plain text of every section by its key."""
    return {section.key: unescape(re.sub(r"<[^>]+>", "", "".join(section.parts))).strip() for section in body.sections}


@pytest.mark.parametrize("name", PAGES)
def test_every_part_of_the_page_is_in_the_file(name: str, root: Path) -> None:
    lines = [line for line in (SEEDS / name).read_text(encoding="utf-8").splitlines() if line]
    front, body = article(name, root)
    assert front.id == name[4:20]
    assert front.title == lines[0]
    assert front.topics == ("technology",)
    year, month, day = re.findall(r"\d+", lines[2])
    assert str(front.date) == f"{year}-{int(month):02}-{int(day):02}"
    assert front.importance == 5
    assert (front.source.name, front.source.url, front.source.lang) == (lines[4], None, "en")
    assert front.countries == ("VN", "CN")
    assert front.summary == lines[lines.index("AI サマリー") + 1]
    assert front.generated == (("summary", "ai"), ("analysis", "ai"))
    assert front.lang == "en"
    texts = sections(body)
    opening = lines[lines.index("AI サマリー") + 2]
    assert texts[None] == opening.removesuffix(f" Source: {lines[4]}")
    labels = [
        lines.index(label) for label in ("経済的影響", "投資家心理", "社会的影響", "市民の声", "背景・歴史的文脈")
    ]
    for key, index in zip(KEYS, labels, strict=True):
        assert texts[key] == lines[index + 1]
    assert tuple(section.key for section in body.sections) == (None, *KEYS)
    assert {section.lang for section in body.sections if section.key} == {"ja"}


def test_report_shows_assumptions(root: Path) -> None:
    settings = read_config((REPOSITORY / "site.yaml").read_bytes(), Diagnostics())
    assert settings is not None
    config = settings.config
    (report,) = import_files([SEEDS / PAGES[0]], root, config, NOW, options=ImportOptions(dry_run=True))
    taken = dict(report.fields)
    assert taken["date"] == "line 3: 2026年7月3日"
    assert taken["countries"] == "line 7: 🇻🇳Vietnam🇨🇳China → VN, CN"
    assert taken["generated.analysis"].startswith("assumed: ")
    assert report.diagnostics[0].location.line == 43
