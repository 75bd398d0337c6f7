"""The basis of the benchmark: a digest that builds, measurement of a whole process tree, honest tables. No timings."""

import sys
from collections import Counter
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from sitegen.builder import BuildRequest, build
from tests.benchmarks import contenders, corpus
from tests.benchmarks.contenders import PEERS, Contender, LeftOutError, write_project
from tests.benchmarks.measure import Measured, measure
from tests.benchmarks.report import figures, publish
from tests.benchmarks.run import PAGE, _build, _check_articles, main

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MEBIBYTE = 2**20

TREE = """
import subprocess, sys, time
kept = b"x" * (64 << 20)
if sys.argv[1] == "parent":
    print("hello from the parent", flush=True)
    child = subprocess.Popen([sys.executable, "-c", sys.argv[2], "child"])
    if sys.argv[3] == "waits":
        child.wait()
    sys.exit(3)
while time.process_time() < 0.5:
    pass
"""
"""A parent and a child of 64 MiB each; the child works for half a second."""

ENDLESS = """
import subprocess, sys, time
if len(sys.argv) == 1:
    print(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)"]).pid, flush=True)
time.sleep(3600)
"""


def test_our_digest_builds_without_a_finding_and_has_a_page_for_each_article(tmp_path: Path) -> None:
    root = tmp_path / "digest"
    write_project("sitegen", root, 60)
    result = build(BuildRequest(root, NOW, jobs=1))
    assert (result.diagnostics, result.notes, result.ok) == ((), (), True)
    assert (result.articles, result.held_back.total) == (60, 0)
    tree = _check_articles(contenders.sitegen(), root, 60)
    assert tree["articles"] == 60
    used = {term for article in map(corpus.article, range(60)) for term in (article.topic, *article.countries)}
    assert tree["feeds"] == 1 + len(used), "the site, each topic and each country that has an article"


@pytest.mark.slow
def test_the_digest_of_the_default_theme_builds_in_two_locales(tmp_path: Path) -> None:
    root = tmp_path / "digest"
    write_project("sitegen-default", root, 60)
    result = build(BuildRequest(root, NOW, jobs=1))
    assert (result.diagnostics, result.notes, result.ok) == ((), (), True)
    contender = PEERS["sitegen-default"](tmp_path)
    assert _check_articles(contender, root, 60)["articles"] == 60
    assert (root / "output/site/ja/index.html").is_file()


def test_what_others_lack_is_left_out_as_soon_as_that_can_be_said() -> None:
    plain = (contenders.SITES / "sitegen" / "site.yaml").read_bytes()
    assert contenders.site_yaml() in {plain, plain.replace(b"feeds: {items: 20}\n", contenders.EQUAL.encode())}


@pytest.mark.parametrize("site", corpus.FORMATS)
def test_every_generator_gets_the_same_articles_each_time(site: str, tmp_path: Path) -> None:
    size = corpus.write_articles(tmp_path, site, 30)
    files = sorted(tmp_path.rglob("*.md"))
    assert len(files) == 30
    assert size == sum(file.stat().st_size for file in files)
    for number in (0, 29):
        article = corpus.article(number)
        path, _ = corpus.FORMATS[site](article)
        text = (tmp_path / path).read_text(encoding="utf-8")
        assert text.endswith(f"\n\n{article.body}")
        assert article.title in text
        assert article.summary in text


def test_articles_are_spread_as_the_pages_of_lists_need_it() -> None:
    articles = [corpus.article(number) for number in range(1_000)]
    dates = [article.date for article in articles]
    assert dates == sorted(set(dates)), "a later number is a later article"
    assert Counter(date.strftime("%Y-%m") for date in dates) == {"2009-01": 500, "2009-02": 500}
    assert len({article.slug for article in articles}) == 1_000
    assert len({article.topic for article in articles}) == len(corpus.TOPICS) == 12
    assert len({code for article in articles for code in article.countries}) == len(corpus.COUNTRIES) == 60
    on_lists = sum(1 + len(article.countries) for article in articles) / 2 / (12 + 60)
    assert 18 < on_lists < 25, "articles in a month of a topic or country; a list page of the others has 20"
    assert corpus.article(99_999).date < NOW


def test_memory_and_cpu_are_those_of_all_processes_together(tmp_path: Path) -> None:
    log = tmp_path / "log"
    measured = measure([sys.executable, "-c", TREE, "parent", TREE, "waits"], tmp_path, log)
    assert measured.code == 3
    assert log.read_text() == "hello from the parent\n"
    assert measured.memory > 2 * 64 * MEBIBYTE, "one process alone has little more than 64 MiB"
    assert measured.memory < 4 * 64 * MEBIBYTE
    assert measured.cpu >= 0.5


def test_a_process_that_outlives_its_parent_is_measured_too(tmp_path: Path) -> None:
    measured = measure([sys.executable, "-c", TREE, "parent", TREE, "leaves"], tmp_path, tmp_path / "log")
    assert measured.code == 3
    assert measured.cpu >= 0.5


@pytest.mark.slow
def test_a_command_without_end_is_killed_with_all_that_it_started(tmp_path: Path) -> None:
    log = tmp_path / "log"
    measured = measure([sys.executable, "-c", ENDLESS], tmp_path, log, patience=5)
    assert measured.code == -9
    child = int(log.read_text())
    assert not Path(f"/proc/{child}").exists()


def test_a_generator_that_cannot_be_installed_or_fails_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = "import sys; sys.exit('no such theme')"
    broken = Contender("broken", "hugo", "1", (sys.executable, "-c", code), "public")
    with pytest.raises(LeftOutError, match="its build ends with 1: no such theme"):
        _build(broken, tmp_path, tmp_path)
    with pytest.raises(LeftOutError, match="it made 0 pages of 5 articles"):
        _check_articles(broken, tmp_path, 5)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(LeftOutError, match="npm and node"):
        PEERS["eleventy"](tmp_path)


def result(articles: int, *rows: tuple[str, int, str, float, float]) -> dict[str, Any]:
    """Return results as the runner saves them: rows of contender, round, step, seconds, mebibytes."""
    measured = [
        asdict(Measured(code=0, wall=wall, user=wall, system=0.0, memory=int(mebibytes * MEBIBYTE), others=0.1))
        for _, _, _, wall, mebibytes in rows
    ]
    return {
        "articles": articles,
        "rounds": 3,
        "processors": 2,
        "python": "3.11.0",
        "versions": {"sitegen": "1", "hugo": "2"},
        "left_out": {"pelican": "it is shy"},
        "rows": [
            {"contender": name, "round": number, "step": step, "measured": it}
            for (name, number, step, _, _), it in zip(rows, measured, strict=True)
        ],
        "trees": {"sitegen": {"articles": 5, "lists": 4, "feeds": 3, "others": 2, "bytes": 1_500_000}},
    }


def test_ratios_are_taken_in_each_round_and_a_page_keeps_what_is_around_them(tmp_path: Path) -> None:
    rows = (
        *(("hugo", 0, "cold", 1.0, 100.0), ("hugo", 1, "cold", 2.0, 100.0), ("hugo", 2, "cold", 4.0, 100.0)),
        *(("sitegen", 0, "cold", 2.0, 50.0), ("sitegen", 1, "cold", 2.0, 50.0), ("sitegen", 2, "cold", 2.0, 50.0)),
        ("floor", 0, "cold", 0.5, 0.0),
    )
    text = figures([result(1000, *rows), result(60)])
    assert text.index("### 60 articles") < text.index("### 1,000 articles")
    row = "| sitegen | cold | 2.00 | 1.00 (0.50–2.00) | 2.00 | 2.00 | 50 | 0.50 (0.50–0.50) |"
    assert row in text.splitlines()
    assert "| floor | cold | 0.50 | 0.50 | 0.50 | 0.50 |  |  |" in text.splitlines()
    assert "| sitegen | 5 | 4 | 3 | 2 | 14 | 1.5 |" in text.splitlines()
    assert "Left out: pelican, because it is shy." in text
    page = tmp_path / "page.md"
    page.write_text(PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    publish("one\n", page)
    publish(text, page)
    published = page.read_text(encoding="utf-8")
    assert row in published
    assert "one\n\n<!-- end" not in published
    assert published.endswith(PAGE.read_text(encoding="utf-8").rpartition("<!-- end")[2])


def test_without_results_there_is_nothing_to_show(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--rounds", "0", "--work", str(tmp_path)]) == 2
    assert "there are no results to show" in capfd.readouterr().err
