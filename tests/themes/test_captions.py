"""What the caption of a chart calls the most."""

import re
from html import unescape

import pytest

from tests.project import EVERY_PAGE, SITE, Project

MONTHS = {
    (2, 1, 1): "Most in March 2026: 2 articles",
    (2, 2, 1): "Most in February 2026 and March 2026: 2 articles each",
    (2, 2, 2): "Most in January 2026, February 2026 and March 2026: 2 articles each",
    (2, 2, 2, 2): "4 months have the most: 2 articles each",
}
PAIRS = {
    ("VN, CN", "VN, CN", "JP, KR", "LA, TH"): "China and Vietnam have most in common: 2 articles",
    ("VN, CN", "JP, KR", "LA, TH"): "Most in common: China and Vietnam; Japan and South Korea; Laos and Thailand "
    "(1 article each)",
    ("VN, CN", "JP, KR", "LA, TH", "MY, SG"): "4 pairs have most in common: 1 article each",
}
PLACES = {
    ("VN", "VN", "CN", "JP"): "Most often Vietnam, in 2 articles.",
    ("VN", "CN", "JP"): "Most often China, Japan and Vietnam, in 1 article each.",
    ("VN", "CN", "JP", "FR"): "4 places have the most: 1 article each.",
}

TOPICS = {
    ("trade", "trade", "energy"): "2 topics. Most often the news is about Trade",
    ("trade", "energy"): "2 topics. Most often the news is about Trade and Energy",
    ("trade",): "1 topic.",
}


def captions(project: Project, path: str) -> str:
    project.write(SITE.replace("theme: bare", "theme: default") + EVERY_PAGE)
    project.built()
    return unescape(project.page(path))


@pytest.mark.parametrize("counts", MONTHS)
def test_months(project: Project, counts: tuple[int, ...]) -> None:
    for back, count in enumerate(counts):
        month = f"2026-{3 - back:02}" if back < 3 else "2025-12"
        for number in range(count):
            project.article(f"a{back}x{number}", date=f"{month}-0{number + 1}")
    assert f">{MONTHS[counts]}<" in captions(project, "archive/index.html")


@pytest.mark.parametrize("pairs", PAIRS)
def test_pairs(project: Project, pairs: tuple[str, ...]) -> None:
    for number, codes in enumerate(pairs):
        project.article(f"a{number}", countries=f"[{codes}]")
    assert f">{PAIRS[pairs]}<" in captions(project, "index.html")


@pytest.mark.parametrize("codes", PLACES)
def test_places(project: Project, codes: tuple[str, ...]) -> None:
    for number, code in enumerate(codes):
        project.article(f"a{number}", countries=f"[{code}]")
    assert f">{PLACES[codes]}" in captions(project, "countries/index.html")


@pytest.mark.parametrize("keys", TOPICS)
def test_topics(project: Project, keys: tuple[str, ...]) -> None:
    for number, key in enumerate(keys):
        project.article(f"a{number}", topics=f"[{key}]")
    page = captions(project, "topics/index.html")
    assert re.sub("<.*?>", "", page.partition('<p class="facts">')[2].partition("</p>")[0]) == TOPICS[keys]
