"""`sitegen build --stats`: files and bytes by kind, and what hosts accept."""

import json

import pytest

from sitegen.cli.main import main
from sitegen.publish.statistics import kind_of
from tests.project import EVERY_PAGE, SITE, Project


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("index.html", "other files"),
        ("feed.xml", "feeds of the site"),
        ("ja/feed.json", "feeds of the site"),
        ("articles/one/index.html", "articles"),
        ("ja/articles/one/index.html", "articles"),
        ("countries/cn/index.html", "countries"),
        ("countries/cn/vn/index.html", "pairs"),
        ("countries/cn/vn/feed.xml", "feeds of pairs"),
        ("countries/cn/2026-07/index.html", "months of countries"),
        ("topics/trade/2026-07/index.html", "months of topics"),
        ("ja/topics/trade/cn/index.html", "topics in a country"),
        ("topics/trade/cn/vn/2026-07/index.html", "months of topics in a country"),
        ("archive/2026-07/1/index.html", "months of archive"),
        ("issues/2026-w27/email.html", "e-mails"),
        ("issues/2026-w27/index.html", "issues"),
        ("topics/trade/feeds.opml", "lists of feeds"),
        ("data/articles/one.json", "data"),
        ("search/parts/2026-07/1/terms.json", "search"),
        ("sitemap.xml", "other files"),
    ],
)
def test_a_path_has_a_kind(path: str, kind: str) -> None:
    assert kind_of(path, {"archive/index.html": 1, "ja/archive/index.html": 1}) == kind


def test_the_numbers_are_those_of_the_files(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.write(f"{SITE}{EVERY_PAGE}\n")
    project.article("one", countries="[VN, CN]")
    command = ("-C", str(project.root), "build", "--stats", "--now", "2026-07-10")
    assert main([*command, "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    files = project.tree()
    assert sum(row["files"] for row in report["kinds"]) == len(files)
    assert sum(row["size"] for row in report["kinds"]) == sum(map(len, files.values()))
    (github,) = (row for row in report["hosts"] if (row["host"], row["limit"]) == ("github", "bytes"))
    assert (github["accepted"], github["used"]) == (10**9, sum(map(len, files.values())))
    assert main(command) == 0
    out = capsys.readouterr().out
    assert "\npairs  " in out
    assert f"cloudflare: {len(files)} of 20,000 files" in out
