"""A digest of a few years: the same bytes by any number of processes, and nothing written twice."""

import random
from datetime import date, timedelta

import pytest

from tests.project import Project, tree

ARTICLES = 2_000
COUNTRIES = ("VN", "CN", "JP", "KR", "IN", "ID", "TH", "MY", "SG", "PH", "ASEAN")

pytestmark = pytest.mark.slow


def write_many(project: Project, number: int) -> None:
    """Write articles that look like those of a digest: a few countries each, links back, two perspectives."""
    chance = random.Random(20260703)  # noqa: S311 - the same articles every time
    for index in range(number):
        day = date(2021, 1, 1) + timedelta(days=index * 2_000 // number)
        countries = chance.sample(COUNTRIES, chance.choice((1, 1, 2, 2, 3, 4)))
        back = f"See [before](a{chance.randrange(index):05}.md).\n\n" if index else ""
        project.article(
            f"a{index:05}",
            date=day.isoformat(),
            title=f"Event {index}",
            countries=f"[{', '.join(countries)}]",
            topics=chance.choice(("[trade]", "[energy]", "[energy, trade]")),
            importance=str(chance.randint(1, 5)),
            body=f"Some **text** of {index}.\n\n{back}## 経済的影響\n\n影響がある。\n\n## 市民の声\n\n声がある。\n",
        )


def test_a_big_digest_is_the_same_by_one_process_and_by_two(project: Project) -> None:
    write_many(project, ARTICLES)
    assert project.build(jobs=2).ok
    two = tree(project.root / "output" / "site")
    result = project.build(jobs=1)
    assert result.counts.written == ()
    assert result.counts.unchanged == len(two) > 2 * ARTICLES
    assert tree(project.root / "output" / "site") == two


def test_one_new_article_in_a_big_digest_writes_little(project: Project) -> None:
    write_many(project, ARTICLES)
    assert project.build(jobs=2).ok
    project.article("new", date="2026-07-09", countries="[VN, JP]", body="New.\n")
    written = project.build(jobs=2).counts.written
    articles = [path for path in written if path.startswith("articles/")]
    assert "articles/new/index.html" in articles
    assert len(articles) == 2, "itself and its neighbour in the topic"
    assert len(written) < 60, "the lists and feeds, in three formats, of its topic and its countries"
