"""Older addresses: aliases, renamed keys, and the redirects of `site.yaml`, in every locale."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest

from sitegen.diagnostics import Severity
from sitegen.site.urls import older_path, site_path
from tests.project import BARE, EVERY_PAGE, NOW, SITE, Project, codes, only

REDIRECT: Final = (
    '<link rel="canonical" href="{{ page.head.canonical }}"><a href="{{ page.target.href }}">{{ page.target.name }}</a>'
)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    """Return a digest of two locales with an article about two countries in every kind of page."""
    made = Project(tmp_path)
    for name, text in BARE.items():
        made.file(f"themes/bare/{name}", text)
    made.file("themes/bare/templates/redirect.html", REDIRECT)
    made.article("one", body="## Economic impact\n\nText.\n")
    configure(made)
    return made


def configure(project: Project, more: str = "") -> None:
    text = SITE.replace("locales: [en]", "locales: [en, ja]")
    project.write(f"{text}{EVERY_PAGE}\nfeeds: {{pairs_from: 1, crossings_from: 1}}\n{more}")


def redirects(project: Project) -> dict[str, str]:
    """Return where each line of the map leads."""
    return dict(re.findall(r'^"(.*)" "(.*)";$', project.page("redirects.map"), re.MULTILINE))


def test_an_alias_is_in_every_locale_and_one_with_a_locale_in_that_alone(project: Project) -> None:
    project.article("one", title="'A & B'", aliases="[/old/, /old.html, /ja/older/, /ja/old/]")
    project.built()
    assert redirects(project) == {
        "/old/": "/articles/one/",
        "/old.html": "/articles/one/",
        "/ja/old/": "/ja/articles/one/",
        "/ja/old.html": "/ja/articles/one/",
        "/ja/older/": "/ja/articles/one/",
    }
    canonical = '<link rel="canonical" href="https://test.example/ja/articles/one/">'
    assert project.page("ja/older/index.html") == f'{canonical}<a href="/ja/articles/one/">A &amp; B</a>'


def test_every_page_and_feed_of_a_renamed_subject_is_at_its_old_address(project: Project) -> None:
    configure(project, "perspectives: {view: {en: View}}\n")
    project.article("one", countries="[ASEAN, JP]", body="## View\n\nText.\n")
    project.built()
    before = {path for path in project.tree() if not path.startswith(("assets/", "data/"))}
    configure(project, "perspectives: {look: {en: Look, old_keys: [view]}}\n")
    site = project.page("../../site.yaml").replace("trade: {", "commerce: {old_keys: [trade], ")
    project.file("site.yaml", site.replace("ASEAN: {", "KAZE: {old_keys: [ASEAN], "))
    project.article("one", countries="[KAZE, JP]", topics="[commerce]", body="## Look\n\nText.\n")
    project.built()
    assert before <= set(project.tree())
    found = redirects(project)
    assert found["/countries/asean/jp/"] == "/countries/jp/kaze/"
    assert found["/topics/trade/asean/jp/"] == "/topics/commerce/jp/kaze/"
    assert found["/ja/perspectives/view/trade/"] == "/ja/perspectives/look/commerce/"
    for name in ("feed.xml", "atom.xml", "feed.json", "feeds.opml"):
        assert project.page(f"ja/topics/trade/{name}") == project.page(f"ja/topics/commerce/{name}")
    assert 'href="https://test.example/topics/commerce/feed.xml" rel="self"' in project.page("topics/trade/feed.xml")


def test_a_renamed_source(project: Project) -> None:
    configure(project, "sources:\n  A Paper: {old_names: [Old & Co.]}\n")
    project.built()
    assert redirects(project)["/ja/sources/old-co/2026-07/"] == "/ja/sources/a-paper/2026-07/"


def test_a_renamed_source_that_no_article_has(project: Project) -> None:
    project.article("two", draft="true", source="{name: The Gazette, url: null, lang: en}")
    sources = "{A Papr: {old_names: [Old, Older]}, the gazette: {old_names: [Gazette]}, A paper: {old_names: [P]}}"
    configure(project, f"sources: {sources}\n")
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", site.replace("energy: {", "energy: {old_keys: [power], "))  # declared, so not reported
    result = project.built()
    assert [(item.code, item.severity, item.suggestion) for item in result.diagnostics] == [
        ("unknown-source", "warning", "A Paper")
    ]
    assert "no article has the source 'A Papr'" in result.diagnostics[0].message


def test_redirects_and_gone_in_site_yaml(project: Project) -> None:
    rules = "{/was/: /topics/trade/, /earlier: /was, /rss.xml: /feed.xml, /only/: /ja/topics/}"
    configure(project, f"redirects: {rules}\ngone: [/articles/lost/, /lost.xml]\n")
    project.built()
    found = redirects(project)
    assert found["/earlier/"] == found["/was/"] == "/topics/trade/"
    assert found["/ja/earlier/"] == "/ja/topics/trade/"
    assert found["/was/atom.xml"] == "/topics/trade/atom.xml"
    assert found["/rss.xml"] == "/feed.xml"
    assert found["/only/"] == found["/ja/only/"] == "/ja/topics/"
    assert found["/ja/articles/lost/"] == found["/lost.xml"] == "410"
    assert project.page("rss.xml") == project.page("feed.xml")
    assert project.page("articles/lost/index.html") == project.page("404.html")
    assert "lost.xml" not in project.tree()
    assert 'href="/topics/trade/"' in project.page("earlier/index.html")
    assert "/was/" not in project.page("sitemap.xml")


@pytest.mark.parametrize("line", ["gone: [/countries/np/]", "redirects: {/countries/np/: /countries/}"])
def test_a_page_that_comes_back_replaces_a_redirect(project: Project, line: str) -> None:
    project.article("two", countries="[NP]", publish=f"{NOW + timedelta(days=1):%Y-%m-%d}")
    configure(project, f"{line}\n")
    assert codes(project.build()) == []
    assert "/countries/np/" in redirects(project)
    found = only(project.build(now=NOW + timedelta(days=2)), "unused-redirect")
    assert (found.severity, found.location.path) == (Severity.WARNING, "site.yaml")
    assert "'/countries/np/' in '" in found.message
    assert "/articles/two/" in project.page("countries/np/index.html")
    assert "redirects.map" not in project.tree()


@pytest.mark.parametrize(
    ("line", "code", "message"),
    [
        ("redirects: {/a/: /b/, /b/: /a/}", "dead-link", "there is no page"),
        ("redirects: {/a/: /a/}", "dead-link", "there is no page '/a/'"),
        ("redirects: {/a/: /topics/trad/}", "dead-link", "there is no page '/topics/trad/'"),
        (
            "redirects: {/feed.xml/x/: /archive/}",
            "alias-collision",
            "'/feed.xml/x/' in 'redirects' is also an address of",
        ),
        ("gone: [/articles/one/]", "alias-collision", "'/articles/one/' in 'gone' is also an address of content/"),
        ("redirects: {a: /topics/}", "bad-alias", "redirects: 'a' must begin with one slash"),
        ("redirects: {/a/: 'https://a.example/'}", "bad-alias", "redirects: 'https://a.example/' must begin"),
        ("gone: [/_headers]", "bad-alias", "gone: '/_headers' begins with"),
        ("redirects: [/a/]", "wrong-type", "'redirects' is a list; expected a mapping"),
        ("redirects: {/a/: [/b/]}", "wrong-type", "'redirects./a/' is a list; expected a path"),
        ("sources: {A Paper: Old}", "wrong-type", "'sources.A Paper' is a single value; expected {old_names"),
        ("perspectives: {economic: {old_keys: [Money]}}", "bad-key", "perspectives: 'Money' cannot be an old key"),
        ("perspectives: {economic: {old_keys: [society]}}", "alias-collision", "an older address of '/perspectives/"),
        ("gone: [/a/]\nredirects: {/a/: /topics/}", "alias-collision", "is also an address of site.yaml"),
    ],
)
def test_a_redirect_that_cannot_be(project: Project, line: str, code: str, message: str) -> None:
    project.article("two", body="## Social impact\n\nText.\n")
    configure(project, f"{line}\n")
    result = project.build()
    assert set(codes(result)) == {code}
    assert message in result.diagnostics[0].message
    assert result.diagnostics[0].location.path == "site.yaml"
    assert result.diagnostics[0].location.line
    assert result.diagnostics[0].hint or code != "alias-collision"


@pytest.mark.parametrize(
    ("path", "kind", "new", "old", "expected"),
    [
        ("/topics/a/vn/2026-07/", "topics", "a", "b", "/topics/b/vn/2026-07/"),
        ("/topics/a/", "perspectives", "a", "b", None),
        ("/ja/perspectives/p/a/2026-07/", "topics", "a", "b", "/ja/perspectives/p/b/2026-07/"),
        ("/countries/cn/tl/feed.xml", "countries", "TL", "BB", "/countries/bb/cn/feed.xml"),
        ("/topics/tl/cn/tl/", "countries", "TL", "BB", "/topics/tl/bb/cn/"),
        ("/topics/", "topics", "topics", "b", None),
        ("/articles/a/", "topics", "a", "b", None),
    ],
)
def test_older_paths(path: str, kind: str, new: str, old: str, expected: str | None) -> None:
    assert older_path(path, kind, new, old, ["ja"]) == expected


def test_removed_addresses_are_reported_once_with_the_line_that_keeps_them(project: Project) -> None:
    project.article("two", countries="", topics="[energy]", source="{name: Gazette, url: null, lang: en}")
    project.built()
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", site.replace("trade: {", "commerce: {"))
    (project.root / "content/articles/2026/07/two.md").rename(project.root / "content/articles/2026/07/new.md")
    project.article("one", countries="[VN]", topics="[commerce]")
    strict = project.build(strict=True)
    assert not strict.ok
    result = project.built()
    assert result.diagnostics == strict.diagnostics
    assert set(codes(result)) == {"address-removed"}
    hints = {item.message.split()[3]: (item.location.path, item.hint) for item in result.diagnostics}
    line = "to keep it, write aliases: [/articles/two/] in this file"
    assert hints["/articles/two/"] == ("content/articles/2026/07/new.md", line)
    line = "if it was renamed, write topics: {commerce: {old_keys: [trade]}} in site.yaml"
    assert hints["/topics/trade/"] == ("site.yaml", line)
    line = "write redirects: {/countries/cn/: /its/new/address/} or gone: [/countries/cn/] in site.yaml"
    assert hints["/countries/cn/"] == ("site.yaml", f"{line} until it has articles again")
    assert not any(path.startswith(("/ja/", "/topics/trade/cn")) or path == "/sources/gazette/" for path in hints)
    assert codes(project.build()) == []


def test_a_removed_folder_of_assets_is_not_an_address(project: Project) -> None:
    font = project.file("themes/bare/static/fonts/a.woff2", "x")
    project.built()
    assert "assets/fonts/index.html" in project.tree()
    font.unlink()
    assert codes(project.built()) == []


def test_feeds_of_a_removed_format_are_reported_together(project: Project) -> None:
    project.built()
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file(
        "site.yaml", re.sub(r"(?m)^feeds: .*", "feeds: {pairs_from: 1, crossings_from: 1, formats: [rss, atom]}", site)
    )
    (warning,) = project.build().diagnostics
    assert warning.code == "address-removed"
    assert re.search(r"published feeds .*: \d+, such as /.*feed\.json$", warning.message)
    assert "list json in `formats` of `feeds`" in warning.hint


def test_addresses_of_combinations_lead_to_larger_pages_if_the_editor_wants_it(project: Project) -> None:
    project.built()
    few = EVERY_PAGE.replace("pairs: 1", "pairs: 2").replace("topic_countries: 1", "topic_countries: 2")
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", site.replace(EVERY_PAGE, few))
    (warning,) = (item for item in project.built().diagnostics)
    assert warning.code == "address-removed"
    assert "published addresses of pairs of countries, topics in a country" in warning.message
    assert "such as /countries/cn/vn/" in warning.message
    assert warning.hint is not None
    assert "redirect_combinations: true" in warning.hint
    project.file("site.yaml", site.replace(EVERY_PAGE, few) + "redirect_combinations: true\n")
    assert codes(project.built()) == []
    found = redirects(project)
    assert found["/countries/cn/vn/"] == "/countries/cn/"
    assert found["/ja/topics/trade/vn/"] == "/ja/countries/vn/"
    assert found["/perspectives/economic/2026-07/"] == "/perspectives/economic/"
    assert '<a href="/countries/cn/">' in project.page("countries/cn/vn/index.html")
    assert not any(path.startswith("countries/cn/vn/feed") for path in project.tree()), "a page alone is small"
    project.file("site.yaml", site + "redirect_combinations: true\n")
    project.built()
    assert redirects(project)["/countries/cn/vn/atom.xml"] == "/countries/cn/vn/feed.xml"
    assert project.page("countries/cn/vn/atom.xml") == project.page("countries/cn/vn/feed.xml")


@pytest.mark.parametrize("new", ["customs: {old_keys: [trade], ", "trade: {"])
def test_combinations_of_a_topic_that_was_split_lead_to_its_page(project: Project, new: str) -> None:
    project.article("two", countries="[JP]")
    project.built()
    site = (project.root / "site.yaml").read_text("utf-8")
    site = site.replace("trade: {", f"ports: {{en: Ports}}\n  {new}")
    project.file("site.yaml", site)
    project.article("one", topics=f"[{new.partition(':')[0]}]", body="## Economic impact\n\nText.\n")
    project.article("two", countries="[JP]", topics="[ports]")
    warning = only(project.build(strict=True), "address-removed")
    assert warning.message.endswith(" have no articles any more: 3, such as /topics/trade/jp/")
    line = "redirects: {/topics/trade/jp/: /topics/trade/, /topics/trade/jp/2026-07/: /topics/trade/}"
    assert line in warning.hint
    project.file("site.yaml", f"{site}{line}\n")
    assert codes(project.build(strict=True)) == []
    assert redirects(project)["/topics/trade/jp/"] == f"/topics/{new.partition(':')[0]}/"


def test_the_feed_of_a_combination_whose_page_is_gone_has_a_line(project: Project) -> None:
    project.article("two", countries="[VN]")
    project.article("one", countries="[CN, VN]")
    site = (project.root / "site.yaml").read_text("utf-8")
    project.built()
    project.article("one", countries="[CN]")
    pages = [
        line
        for item in project.build(strict=True).diagnostics
        for line in re.findall(r"(/[^ ]+/): /", item.hint)
        if item.code == "address-removed"
    ]
    assert "/countries/cn/vn/" in pages
    project.file("site.yaml", f"{site}gone: [{', '.join(pages)}]\n")
    warning = only(project.build(strict=True), "address-removed")
    assert warning.hint.startswith("write gone: [/countries/cn/vn/feed.xml] in site.yaml")
    project.file("site.yaml", f"{site}gone: [{', '.join(pages)}, /countries/cn/vn/feed.xml]\n")
    assert codes(project.build(strict=True)) == []


def test_an_article_that_is_held_back_is_not_reported(project: Project) -> None:
    project.article("two")
    project.built()
    project.article("two", draft="true")
    assert "/articles/two/" not in " ".join(item.message for item in project.built().diagnostics)
    project.article("two", aliases="[/old/]")
    project.built()
    (project.root / "content/articles/2026/07/two.md").unlink()
    messages = [item.message for item in project.built().diagnostics]
    assert [text.split()[3] for text in messages] == ["/articles/two/", "/old/"]


def test_pages_of_an_article_that_expires_are_not_reported(project: Project) -> None:
    lines = (
        "edition: {items: 10}",
        "sources: {Gazette: {old_names: [Old Gazette]}}",
        "redirects: {/moved/: /articles/two}",
    )
    configure(project, "\n".join(lines) + "\n")
    project.article("one", countries="[VN]")
    project.article(
        "two",
        date="2026-06-01",
        topics="[energy]",
        countries="[JP, KR]",
        source="{name: Gazette, url: null, lang: en}",
        aliases="[/2026/07/older/]",
        expire="2026-12-01",
        body="## Social impact\n\nText.\n",
    )
    project.built()
    before = set(project.tree())
    expired = project.build(now=NOW + timedelta(days=30), strict=True)
    assert codes(expired) == []
    removed = {site_path(path) for path in before - project.tree().keys()}
    lists = {"/countries/jp/kr/", "/topics/energy/jp/kr/", "/sources/gazette/", "/sources/old-gazette/"}
    assert lists | {"/editions/2026-06-01/", "/issues/2026-w23/", "/archive/2026-06/", "/ja/countries/kr/"} <= removed
    assert {"/perspectives/society/energy/", "/2026/07/older/", "/moved/", "/topics/energy/feed.xml"} <= removed


def test_lists_of_languages_come_and_go_with_translations(project: Project) -> None:
    project.built()
    assert "ja/languages/en/index.html" not in project.tree(), "each locale shows one language"
    project.article("two", lang="ja", title="題", summary="要約。")
    project.built()
    assert "ja/languages/en/feed.xml" in project.tree()
    project.file(
        "content/articles/2026/07/two.en.md", "---\nid: two00000\ntitle: Two\nsummary: In short.\n---\n\nText.\n"
    )
    project.file("content/articles/2026/07/one.ja.md", "---\nid: one00000\ntitle: 題\nsummary: 要約。\n---\n\n本文。\n")
    assert codes(project.build(strict=True)) == []
    assert not [path for path in project.tree() if "languages/" in path]


def test_other_pages_are_reported_when_an_article_expires(project: Project) -> None:
    project.article("one")
    project.article("two", countries="[JP]", expire="2026-12-01")
    project.article("three", countries="[KR]")
    project.built()
    (project.root / "content/articles/2026/07/three.md").unlink()
    result = project.build(now=NOW + timedelta(days=30))
    assert {item.message.split()[3] for item in result.diagnostics} >= {"/articles/three/", "/countries/kr/"}
    assert "/countries/jp/" not in " ".join(item.message for item in result.diagnostics)


def test_an_old_key_in_an_article_has_its_successor_as_suggestion(project: Project) -> None:
    site = (project.root / "site.yaml").read_text("utf-8").replace("trade: {", "commerce: {old_keys: [trade], ")
    project.file(
        "site.yaml", site.replace("ASEAN: {", "KAZE: {old_keys: [ASEAN], ") + "import: {tags: {ports: [trade]}}\n"
    )
    project.article("one", topics="[trade]", countries="[VN, ASEAN]")
    result = project.build()
    found = {item.location.path.rpartition("/")[2]: item for item in result.diagnostics if item.code == "unknown-topic"}
    assert {path: item.suggestion for path, item in found.items()} == {"one.md": "commerce", "site.yaml": "commerce"}
    assert "'trade' is not a topic of site.yaml: its key is 'commerce' now" in found["one.md"].message
    assert only(result, "unknown-country").suggestion == "KAZE"


def test_a_link_by_address_to_an_article_that_is_held_back_says_so(project: Project) -> None:
    project.article("one", body="[Two](/articles/two/#economic) and [two](/ja/articles/two/).")
    project.article("two", expire="2026-12-01")
    project.built()
    result = project.build(now=NOW + timedelta(days=30))
    assert codes(result) == ["hidden-link", "hidden-link"]
    assert "2026/07/two.md is a draft, not yet published or expired" in result.diagnostics[0].message


def test_a_link_to_a_page_without_its_slash_says_what_to_write(project: Project) -> None:
    project.article("one", body="[Trade](/topics/trade)")
    found = only(project.build(), "dead-link")
    assert "with a slash" in found.hint
