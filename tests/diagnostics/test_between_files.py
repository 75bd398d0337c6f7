"""Errors between files: conflicting paths, dead links, circular chains."""

import contextlib

import pytest

from sitegen.diagnostics import ExternalError
from tests.diagnostics.cases import SITE_YAML, VALID, BuiltDigest, Expected, X
from tests.project import article

FOLDER = "content/articles/2026/07"
Y = f"{FOLDER}/y.md"
SECOND = "aaaaaaaaaaaa0002"


def wrote(digest: BuiltDigest, **texts: str) -> None:
    """Write articles by their slugs."""
    for slug, text in texts.items():
        digest.project.file(f"{FOLDER}/{slug}.md", text)


# --- one id, one address ----------------------------------------------------------------------------------------------

MEETING: dict[str, tuple[dict[str, str], Expected]] = {
    "one id": (
        {"x": article(id="good0000")},
        Expected("duplicate-id", 2, 5, f"'good0000': it is also that of {VALID}"),
    ),
    "one slug": (
        {"x": article(slug="good")},
        Expected("duplicate-slug", 11, 7, f"'good': it is also that of {VALID}"),
    ),
    "wide letters": ({"x": article(slug="ｇood")}, Expected("duplicate-slug", 11, 7, "duplicate slug 'ｇood'")),
    "ß and ss": (
        {"x": article(slug="maße"), "y": article(id=SECOND, slug="masse")},
        Expected("duplicate-slug", 11, 7, "duplicate slug 'masse'", path=Y),
    ),
    "alias: another article": (
        {"x": article(aliases="[/articles/good/]")},
        Expected("alias-collision", 11, None, f"'/articles/good/' is also an address of {VALID}"),
    ),
    "alias: itself": (
        {"x": article(aliases="[/articles/x/]")},
        Expected("alias-collision", 11, None, f"'/articles/x/' is also an address of {X}"),
    ),
    "alias: another's alias": (
        {"x": article(aliases="[/old/]"), "y": article(id=SECOND, aliases="[/old/]")},
        Expected("alias-collision", 11, None, f"'/old/' is also an address of {X}", path=Y),
    ),
    "alias: another's alias, in capitals": (
        {"x": article(aliases="[/old/]"), "y": article(id=SECOND, aliases="[/OLD]")},
        Expected("alias-collision", 11, None, f"'/OLD' is also an address of {X}", path=Y),
    ),
    "alias: a topic": (
        {"x": article(aliases="[/topics/trade/]")},
        Expected("alias-collision", 11, None, "'/topics/trade/' is also an address of another page"),
    ),
    "alias: a topic, in capitals": (
        {"x": article(aliases="[/Topics/Trade/]")},
        Expected("alias-collision", 11, None, "'/Topics/Trade/'"),
    ),
    "alias: index.html": (
        {"x": article(aliases="[/topics/index.html]")},
        Expected("alias-collision", 11, None, "'/topics/index.html' is also an address of another page"),
    ),
    "alias: a feed": (
        {"x": article(aliases="[/feed.xml]")},
        Expected("alias-collision", 11, None, "'/feed.xml' is also an address of another page"),
    ),
    "alias: in a file": (
        {"x": article(aliases="[/sitemap.xml/old/]")},
        Expected("alias-collision", 11, None, "'/sitemap.xml/old/' is also an address of another page"),
    ),
    "alias: in another's alias": (
        {"x": article(aliases="[/old.html]"), "y": article(id=SECOND, aliases="[/old.html/more/]")},
        Expected("alias-collision", 11, None, "'/old.html/more/'", path=Y),
    ),
    "alias: a folder of another's alias": (
        {"x": article(aliases="[/a.html/b/]"), "y": article(id=SECOND, aliases="[/a.html]")},
        Expected("alias-collision", 11, None, "'/a.html'", path=Y),
    ),
}


@pytest.mark.parametrize(("texts", "expect"), MEETING.values(), ids=MEETING)
def test_two_files_with_one_path(digest: BuiltDigest, texts: dict[str, str], expect: Expected) -> None:
    wrote(digest, **texts)
    digest.assert_errors(expect)


def test_slugs_that_differ_by_case_alone(digest: BuiltDigest) -> None:
    wrote(digest, x=article(slug="Good"))
    digest.assert_errors(Expected("bad-slug", 11, 7, "'Good' has upper-case letters", "good"))


PLACED = {
    "the second in a line": ("[/ok/, /archive/]", 11, 17),
    "the second in a block": ("\n  - /ok/\n  - /archive/", 13, 5),
}


@pytest.mark.parametrize(("aliases", "line", "column"), PLACED.values(), ids=PLACED)
def test_an_alias_that_collides_is_placed_itself(digest: BuiltDigest, aliases: str, line: int, column: int) -> None:
    wrote(digest, x=article(aliases=aliases))
    digest.assert_errors(Expected("alias-collision", line, column, "'/archive/' is also an address of another page"))


def test_an_alias_in_another_locale_is_compared_with_its_pages(digest: BuiltDigest) -> None:
    digest.project.file("site.yaml", SITE_YAML.replace("locales: [en]", "locales: [en, ja]"))
    wrote(digest, x=article(aliases="[/ja/topics/trade/]"))
    digest.assert_errors(
        Expected("alias-collision", 11, None, "'/ja/topics/trade/' is also an address of another page")
    )


def test_aliases_that_cannot_both_be_written_do_not_stop_later_builds(digest: BuiltDigest) -> None:
    """A commit that was decided is carried out before anything else; one that cannot be would be tried each time."""
    wrote(digest, x=article(aliases="[/old.html]"), y=article(id=SECOND, aliases="[/old.html/more/]"))
    with contextlib.suppress(ExternalError):
        digest.build()
    (digest.project.root / Y).unlink()
    digest.assert_accepted()
    assert "old.html" in digest.project.tree()


def test_an_alias_is_a_redirect_page(digest: BuiltDigest) -> None:
    wrote(digest, x=article(aliases="[/2026/07/old-name/]"))
    digest.assert_accepted()
    assert "2026/07/old-name/index.html" in digest.project.tree()


# --- threads ----------------------------------------------------------------------------------------------------------


def follows(target: str, number: int = 1) -> str:
    return article(id=f"aaaaaaaaaaaa000{number}", follows=target)


THREADS: dict[str, tuple[dict[str, str], list[Expected]]] = {
    "dead": (
        {"x": follows("god.md")},
        [Expected("dead-link", 11, 10, "there is no article 'content/articles/2026/07/god.md'", nearest=VALID)],
    ),
    "dead, closest to a translation": (
        {"x": follows("good.j.md"), "good.ja": "---\nid: good0000\ntitle: T\nlang: ja\nsummary: S\n---\n\n本文。\n"},
        [Expected("dead-link", 11, 10, "there is no article 'content/articles/2026/07/good.j.md'", nearest=VALID)],
    ),
    "itself": ({"x": follows("x.md")}, [Expected("bad-address", 11, 10, "an article cannot follow itself")]),
    "each other": (
        {"x": follows("y.md", 1), "y": follows("x.md", 2)},
        [
            Expected("circular-thread", 11, 10, "circular `follows` chain"),
            Expected("circular-thread", 11, 10, "circular `follows` chain", path=Y),
        ],
    ),
    "round three corners": (
        {"x": follows("y.md", 1), "y": follows("/articles/2026/07/z.md", 2), "z": follows("x.md", 3)},
        [
            Expected("circular-thread", 11, 10, "circular `follows` chain", path=f"{FOLDER}/{name}.md")
            for name in ("x", "y", "z")
        ],
    ),
    "into a circle": (
        {"w": follows("x.md", 1), "x": follows("y.md", 2), "y": follows("z.md", 3), "z": follows("y.md", 4)},
        [
            Expected("circular-thread", 11, 10, "circular `follows` chain", path=f"{FOLDER}/{name}.md")
            for name in ("y", "z")
        ],
    ),
}


@pytest.mark.parametrize(("texts", "expected"), THREADS.values(), ids=THREADS)
def test_an_invalid_follows_chain(digest: BuiltDigest, texts: dict[str, str], expected: list[Expected]) -> None:
    wrote(digest, **texts)
    digest.assert_errors(*expected)


# --- links ------------------------------------------------------------------------------------------------------------

NO_ARTICLE = "there is no article 'content/articles/2026/07/god.md'"
NO_PICTURE = "there is no file 'content/articles/2026/07/chart.png'"

LINKS: dict[str, tuple[str, list[Expected]]] = {
    "dead article": ("Text, [x](god.md).\n", [Expected("dead-link", 13, 11, NO_ARTICLE, VALID)]),
    "dead article, second line": (
        "One\nand [x](god.md).\n",
        [Expected("dead-link", 14, 9, NO_ARTICLE, VALID)],
    ),
    "dead article from the root": (
        "[x](/articles/2026/07/god.md)\n",
        [Expected("dead-link", 13, 5, NO_ARTICLE, VALID)],
    ),
    "behind Japanese": ("日本語の[計画](god.md)。\n", [Expected("dead-link", 13, 10, NO_ARTICLE, VALID)]),
    "by reference": ("[x]\n\n[x]: god.md\n", [Expected("dead-link", 13, 0, NO_ARTICLE, VALID)]),
    "in a list": ("- one\n- two\n  - [x](god.md)\n", [Expected("dead-link", 15, 9, NO_ARTICLE, VALID)]),
    "in a quotation": ("> one\n> [x](god.md)\n", [Expected("dead-link", 14, 7, NO_ARTICLE, VALID)]),
    "in a table": (
        "|a|b|\n|-|-|\n|1|2|\n|1|[x](god.md)|\n",
        [Expected("dead-link", 16, 8, NO_ARTICLE, VALID)],
    ),
    "in a heading": ("# The [x](god.md)\n", [Expected("dead-link", 13, 11, NO_ARTICLE, VALID)]),
    "in a perspective": (
        "## 経済的影響\n\n[x](god.md)\n",
        [Expected("dead-link", 15, 5, NO_ARTICLE, VALID)],
    ),
    "in a draft": ("[x](god.md)\n", [Expected("dead-link", 13, 5, NO_ARTICLE, VALID)]),
    "twice in one paragraph": (
        "[x](god.md) and\n[y](god.md)\n",
        [
            Expected("dead-link", 13, 5, NO_ARTICLE, VALID),
            Expected("dead-link", 14, 5, NO_ARTICLE, VALID),
        ],
    ),
    "behind its own name": ("god.md is [x](god.md)\n", [Expected("dead-link", 13, 15, NO_ARTICLE, VALID)]),
    "dead fragment here": (
        "# Head\n\n[x](#haed)\n",
        [Expected("dead-fragment", 15, 5, "no heading 'haed'", "head")],
    ),
    "dead fragment there": (
        "[x](good.md#top)\n",
        [Expected("dead-fragment", 13, 5, f"{VALID} has no heading 'top'")],
    ),
    "dead fragment in Japanese": (
        "# 経済\n\n[x](#経斉)\n",
        [Expected("dead-fragment", 15, 5, "no heading '経斉'")],
    ),
    "other case": ("[x](GOOD.md)\n", [Expected("dead-link", 13, 5, "there is no article", VALID)]),
    "without https": (
        "[x](www.meti.go.jp/press) [y](meti.go.jp)\n",
        [
            Expected("dead-link", 13, 5, "there is no file", hint="begin the address of another site with https://"),
            Expected("dead-link", 13, 31, "there is no file", hint="begin the address of another site with https://"),
        ],
    ),
    "backslash": ("[x](..\\08\\a.pdf)\n", [Expected("dead-link", 13, 5, "there is no file")]),
    "dead picture": ("![A chart](chart.png)\n", [Expected("dead-link", 13, 12, NO_PICTURE)]),
    "dead picture in a link": ("[![A chart](chart.png)](good.md)\n", [Expected("dead-link", 13, 13, NO_PICTURE)]),
    "dead document": (
        "[x](report.pdf)\n",
        [Expected("dead-link", 13, 5, "'content/articles/2026/07/report.pdf'")],
    ),
    "picture of another host": (
        "![x](https://a.example/x.png)\n",
        [Expected("bad-address", 13, 6, "the image 'https://a.example/x.png' is on another host")],
    ),
    "no page": (
        "[x](/topics/trad/)\n",
        [Expected("dead-link", 13, 5, "there is no page '/topics/trad/'", "/topics/trade/")],
    ),
    "a page like no other": ("[x](/zzz/)\n", [Expected("dead-link", 13, 5, "there is no page '/zzz/'")]),
    "a page next to this one": ("[x](../good/)\n", [Expected("bad-address", 13, 5, "'../good/'")]),
    "nothing": ("[x]()\n", [Expected("bad-address", 13, 5, "is empty or outside the project")]),
    "out of the project": (
        "[x](../../../../site.yaml)\n",
        [Expected("bad-address", 13, 5, "outside the project")],
    ),
    "out, with escapes": (
        "[x](/%2e%2e/site.yaml)\n",
        [Expected("bad-address", 13, 5, "outside the project")],
    ),
    "out, through the root": (
        "[x](/../site.yaml)\n",
        [Expected("bad-address", 13, 5, "outside the project")],
    ),
    "picture out of the project": (
        "![x](../../../../../../etc/passwd)\n",
        [Expected("bad-address", 13, 6, "outside the project")],
    ),
}


@pytest.mark.parametrize(("body", "expected"), LINKS.values(), ids=LINKS)
def test_a_dead_link(digest: BuiltDigest, body: str, expected: list[Expected]) -> None:
    wrote(digest, x=article(body=body))
    digest.assert_errors(*expected)


def test_a_link_to_a_page_of_another_site_is_not_looked_up(digest: BuiltDigest) -> None:
    wrote(digest, x=article(body="[x](https://nowhere.example/) and [y](mailto:a@b.example)\n"))
    digest.assert_accepted()


HIDDEN = {
    "a draft": {"draft": "true"},
    "a draft of the future": {"draft": "true", "date": "2030-01-01"},
    "scheduled": {"publish": "2030-01-02"},
    "expired": {"expire": "2026-08-01"},
}


@pytest.mark.parametrize("changes", HIDDEN.values(), ids=HIDDEN)
def test_a_link_to_an_article_that_readers_do_not_see(digest: BuiltDigest, changes: dict[str, str]) -> None:
    wrote(digest, x=article(body="[y](y.md)\n"), y=article(id=SECOND, **changes))
    digest.assert_errors(Expected("hidden-link", 13, 5, f"{Y} is a draft, not yet published or expired"))


def test_a_hidden_article_may_link_to_another_hidden_one(digest: BuiltDigest) -> None:
    wrote(digest, x=article(draft="true", body="[y](y.md)\n"), y=article(id=SECOND, draft="true"))
    digest.assert_accepted()


@pytest.mark.parametrize("body", ["![y](y.md)\n", "![y](good.md)\n"], ids=["a draft", "an article"])
def test_an_article_is_no_picture(digest: BuiltDigest, body: str) -> None:
    """Its file would be copied to the site, front matter and all, though it is a draft."""
    wrote(digest, x=article(body=body), y=article(id=SECOND, draft="true", title="Secret"))
    (found,) = digest.assert_rejected().diagnostics
    assert (found.location.path, found.location.line, found.location.column) == (X, 13, 6)


# --- one mistake, one finding -----------------------------------------------------------------------------------------


def test_links_to_a_broken_article_are_not_dead(digest: BuiltDigest) -> None:
    wrote(digest, x=article(body="[y](y.md#a) and [page](/articles/y/)\n"), y=article(id="abc", topics="[energy]"))
    digest.assert_errors(Expected("bad-id", 2, 5, "'abc'", path=Y))


def test_pages_that_a_broken_article_would_have_made_are_not_dead(digest: BuiltDigest) -> None:
    wrote(digest, x=article(body="[e](/topics/energy/)\n"), y=article(id="abc", topics="[energy]"))
    digest.assert_errors(Expected("bad-id", 2, 5, "'abc'", path=Y))


def test_a_broken_article_does_not_break_the_follows_chain(digest: BuiltDigest) -> None:
    wrote(digest, x=follows("y.md"), y=article(id="abc"))
    digest.assert_errors(Expected("bad-id", 2, 5, "'abc'", path=Y))
