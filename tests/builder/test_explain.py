"""`sitegen explain`: what an output is made of, and whether it is stale."""

from pathlib import Path

import pytest

from sitegen.builder import BuildRequest
from sitegen.builder.explain import Explanation, explain
from sitegen.cli import main
from sitegen.diagnostics import ContentError, UsageError
from tests.project import NOW, Project


def explained(project: Project, path: str) -> Explanation:
    return explain(BuildRequest(project.root, NOW, jobs=1), path)


@pytest.fixture
def two(project: Project) -> Project:
    """Make and build a digest of two articles, one with a picture."""
    project.file("content/articles/2026/07/chart.png", b"png")
    project.article("one", body="![A chart](chart.png) [two](two.md)\n")
    project.article("two", date="2026-07-01", topics="[energy]")
    project.built()
    return project


def test_a_page_names_its_templates_and_the_articles_it_shows(two: Project) -> None:
    found = explained(two, "articles/one/index.html")
    assert (found.kind, found.locale, found.fresh) == ("page", "en", True)
    assert found.templates == ("article.html", "base.html")
    assert found.sources == ("content/articles/2026/07/one.md", "content/articles/2026/07/two.md")


def test_each_kind_of_output(two: Project) -> None:
    assert explained(two, "feed.xml").kind == "feed"
    assert len(explained(two, "feed.xml").sources) == 2
    assert explained(two, "topics/energy/feed.xml").sources == ("content/articles/2026/07/two.md",)
    assert explained(two, "sitemap.xml").kind == "sitemap"
    assert explained(two, "robots.txt").kind == "static"
    picture = next(path for path in two.tree() if path.endswith(".png"))
    assert explained(two, picture).sources == ("content/articles/2026/07/chart.png",)


def test_an_edit_makes_stale_what_shows_it_and_nothing_else(two: Project) -> None:
    two.article("two", date="2026-07-01", topics="[energy]", title="Renamed")
    assert not explained(two, "articles/two/index.html").fresh
    assert not explained(two, "topics/energy/index.html").fresh
    assert explained(two, "topics/trade/index.html").fresh
    assert not explained(two, "articles/one/index.html").fresh, "it names the other as one about the same countries"
    (two.root / "output/site/robots.txt").write_text("other", encoding="utf-8")
    assert not explained(two, "robots.txt").fresh


def test_a_feed_of_another_locale_names_its_articles(two: Project) -> None:
    text = (two.root / "site.yaml").read_text(encoding="utf-8")
    two.file("site.yaml", text.replace("locales: [en]", "locales: [en, ja]"))
    two.built()
    assert len(explained(two, "ja/feed.xml").sources) == 2
    assert explained(two, "ja/topics/energy/index.html").sources == ("content/articles/2026/07/two.md",)


def test_it_changes_nothing(two: Project) -> None:
    before = two.tree()
    two.article("two", title="Renamed")
    explained(two, "index.html")
    assert two.tree() == before


def test_what_cannot_be_explained(two: Project) -> None:
    with pytest.raises(UsageError, match=r"did you mean 'topics/energy/index\.html'"):
        explained(two, "topics/enrgy/index.html")
    two.article("two", importance="9")
    with pytest.raises(ContentError):
        explained(two, "index.html")


def test_mistakes_between_files_show_their_lines(two: Project) -> None:
    two.article("two", body="See [this](none.md).")
    with pytest.raises(ContentError) as raised:
        explained(two, "index.html")
    assert [item.location.excerpt for item in raised.value.diagnostics] == ["See [this](none.md)."]


def test_the_command(two: Project, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["-C", str(two.root), "explain", "/topics/energy/", "--now", NOW.isoformat()]) == 0
    shown = capsys.readouterr().out
    assert shown.startswith("topics/energy/index.html\n  kind      page, in the locale en\n  template  topic.html\n")
    assert shown.rstrip().endswith("state     up to date")
    assert main(["-C", str(two.root), "explain", "/topics/energy", "--now", NOW.isoformat()]) == 0
    assert capsys.readouterr().out == shown
    for address in ("http://127.0.0.1:8000/topics/energy/?q#s", "https://test.example/topics/energy"):
        assert main(["-C", str(two.root), "explain", address, "--now", NOW.isoformat()]) == 0
        assert capsys.readouterr().out == shown, address
    assert main(["-C", str(two.root), "explain", "output/site/topics/energy/index.html", "--now", NOW.isoformat()]) == 0
    assert capsys.readouterr().out == shown
    assert main(["-C", str(two.root), "explain", str(Path("no") / "such")]) == 2
    assert "is not a file of the site" in capsys.readouterr().err
    assert main(["-C", str(two.root), "explain", "content/articles/2026/07/two.md", "--now", NOW.isoformat()]) == 2
    assert "but an article; its page is /articles/two/" in capsys.readouterr().err
