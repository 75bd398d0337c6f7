"""A new article writes what lists it, with the default theme and default settings."""

import re
from pathlib import Path
from typing import Final

import pytest

from tests.benchmarks import contenders, corpus
from tests.project import Project

ARTICLES: Final = 60
COUNTS: Final = (
    *(f"{section}/index.html" for section in ("archive", "countries", "issues", "perspectives", "relations", "topics")),
    *("sources/index.html", "data/relations.csv", "upcoming/index.html"),
)
"""Lists that have numbers of articles and no article."""


@pytest.fixture(scope="module")
def digest(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """Return the digest of the benchmark with the default theme, in two locales."""
    project = Project(tmp_path_factory.mktemp("new") / "digest")
    contenders.write_project("sitegen-default", project.root, ARTICLES)
    project.built()
    return project


def add_article(project: Project) -> tuple[str, str]:
    """Write an article that is the newest. Return its slug and its topic."""
    article = corpus.article(ARTICLES - 1)
    path, text = corpus.FORMATS["sitegen"](article)
    text = re.sub(r"(?m)^id: .*$", "id: new00000", text)
    project.file(str(Path(path).with_name("a-new-article.md")), text)
    match = re.search(r"(?m)^topics: \[([\w-]+)", text)
    assert match is not None
    return "a-new-article", match[1]


def test_a_new_article_writes_what_lists_it(digest: Project) -> None:
    before = digest.tree()
    slug, topic = add_article(digest)
    result = digest.built()
    after = digest.tree()
    written = set(result.counts.written)
    assert written == {path for path, data in after.items() if before.get(path) != data}
    silent = {path for path in written if slug.encode() not in after[path] and b"new00000" not in after[path]}
    assert {path for path in (path.removeprefix("ja/") for path in silent) if not path.startswith("search/")} <= {
        *COUNTS
    }
    assert {f"{folder}{slug}/index.html" for folder in ("articles/", "ja/articles/")} <= written
    assert {f"topics/{topic}/{name}" for name in ("index.html", "feed.xml", "atom.xml", "feed.json")} <= written
    others = [path for path in written if path.startswith(("topics/", "perspectives/")) and path.count("/") > 1]
    perspectives = {path for path in others if path.startswith("perspectives/") and path.count("/") == 3}
    assert {path.split("/")[2] for path in perspectives} == {topic}, "the perspectives of other topics stay"
    assert {path.split("/")[1] for path in others if path.startswith("topics/")} == {topic}
    assert len([path for path in written if "search/" not in path]) <= 160, "it has four countries"
