"""The two real articles, from the copied page to the rendered one: nothing that the page says is lost."""

import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

from tests.example import site_yaml
from tests.tools import seeds

SITE = site_yaml("default")
DROPPED = {"Relations", "多角的分析", "原文を読む"}
"""Labels that the page replaces by its own: the theme's words are used."""


class _Text(HTMLParser):
    """Collects runs of text with the language of the element around them."""

    _VOID = frozenset({"meta", "link", "br", "hr", "img", "input", "wbr", "col"})

    def __init__(self) -> None:
        super().__init__()
        self.runs: list[tuple[str, str]] = []
        self._stack = [""]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self._VOID:
            self._stack.append(dict(attrs).get("lang") or self._stack[-1])

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._VOID:
            self._stack.pop()

    def handle_data(self, data: str) -> None:
        if text := " ".join(data.split()):
            self.runs.append((text, self._stack[-1]))


def straight(text: str) -> str:
    """Return `text` with straight quotation marks: the typography of the pages is not what is compared here."""
    return text.translate(str.maketrans("‘’“”", "''\"\""))


def sitegen(*arguments: str, root: Path) -> str:
    command = [sys.executable, "-m", "sitegen", "-C", str(root), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def digest(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("digest")
    (root / "site.yaml").write_text(SITE, encoding="utf-8")
    sitegen("import", *(str(seed) for seed in seeds()), "--now", "2026-11-22", root=root)
    sitegen("build", "--now", "2026-11-22", root=root)
    return root


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("locale", ["en", "ja"])
def test_every_part_of_the_original_page_is_visible_and_in_its_language(digest: Path, number: int, locale: str) -> None:
    page_text = straight(seeds()[number].read_text(encoding="utf-8"))
    lines = [line.strip() for line in page_text.splitlines() if line.strip()]
    title, topic, date, importance, source = lines[:5]
    site = digest / "output" / "site" / ("" if locale == "en" else locale)
    file = next(file for file in digest.glob("content/**/*.md") if seeds()[number].name in file.read_text("utf-8"))
    page = site / "articles" / file.stem / "index.html"
    reader = _Text()
    reader.feed(page.read_text(encoding="utf-8"))
    runs = [(straight(text), lang) for text, lang in reader.runs]
    languages: dict[str, str] = dict(runs)

    assert languages[title] == "en"
    shown = " ".join(text for text, _ in runs)
    assert {"en": "Technology", "ja": "テクノロジー"}[locale] in shown
    assert topic == "Technology"
    year, month, day = 2026, int(date.split("年")[1].split("月")[0]), int(date.split("月")[1].split("日")[0])
    assert {"ja": f"{year}年{month}月{day}日", "en": f"{day} {['June', 'July'][month - 6]} {year}"}[locale] in shown
    assert importance == "5"
    assert source in languages
    assert {"en": "Vietnam", "ja": "ベトナム"}[locale] in shown
    assert {"en": "China", "ja": "中国"}[locale] in shown
    body = lines[lines.index("AI サマリー") + 1 : lines.index("原文ソース")]
    for line in body:
        text = line.removesuffix(f" Source: {source}")
        if text in DROPPED:
            continue
        japanese = any("\u3041" <= char <= "\u30ff" or "\u4e00" <= char <= "\u9fff" for char in text)
        assert languages.get(text) == ("ja" if japanese else "en"), text


def test_a_second_import_writes_nothing(digest: Path) -> None:
    before = {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in digest.glob("content/**/*.md")}
    assert len(before) == 2
    report = sitegen("import", *(str(seed) for seed in seeds()), "--now", "2027-01-01", root=digest)
    assert report.strip() == "2 unchanged"
    assert {file: (file.stat().st_mtime_ns, file.read_bytes()) for file in digest.glob("content/**/*.md")} == before
