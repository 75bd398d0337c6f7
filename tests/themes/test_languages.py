"""Words of another language than the page are marked with it."""

import re

import pytest

from tests.example import THEMES
from tests.project import EVERY_PAGE, SITE, Project


@pytest.fixture(params=THEMES)
def digest(project: Project, request: pytest.FixtureRequest) -> Project:
    """Make a digest with one of the themes in English and Japanese, without an article."""
    text = SITE.replace("[en]", "[en, ja]").replace("theme: bare", f"theme: {request.param}")
    project.write(text + EVERY_PAGE)
    return project


def test_the_name_of_a_source_is_not_in_the_language_of_the_original(digest: Project) -> None:
    name = "Ministry of Commerce of China"
    digest.article("one", source=f"{{name: {name}, url: 'https://a.example/', lang: zh}}")
    digest.built()
    slug = "ministry-of-commerce-of-china"
    for path in ("articles/one/", f"sources/{slug}/", "sources/", "countries/vn/", "issues/2026-w27/email.html"):
        file = path if path.endswith(".html") else f"{path}index.html"
        assert name in digest.page(file), path
        assert 'lang="zh' not in digest.page(file).replace("hreflang", ""), path
    assert 'rel="external" hreflang="zh"' in digest.page("articles/one/index.html")
    assert f'lang="en"><a href="/ja/sources/{slug}/">{name}' in digest.page("ja/articles/one/index.html") or (
        f'<a href="/ja/sources/{slug}/" lang="en">{name}' in digest.page("ja/articles/one/index.html")
    )


def test_the_feed_of_a_source_is_named_in_the_language_of_the_source(digest: Project) -> None:
    site = (digest.root / "site.yaml").read_text("utf-8")
    digest.file("site.yaml", f"{site}\nfeeds: {{sources_from: 1}}\n")
    digest.article("one", source="{name: 経済産業省, url: 'https://a.example/', lang: ja}")
    digest.article("two", source="{name: Nhân Dân, url: 'https://b.example/', lang: vi}")
    digest.built()
    page = digest.page("subscribe/index.html")
    assert 'lang="ja">経済産業省</a>' in page
    assert 'lang="vi">Nhân Dân</a>' in page
    page = digest.page("sources/nhân-dân/index.html")
    assert '· <span lang="vi">Nhân Dân</span>' in page or "plain" in site


SIDES = "Text.\n\n## 経済的影響\n\n物価が上がる。二つ目。\n\n## 市民の声\n\n賛成。\n"


def test_a_page_says_in_which_language_perspectives_are(digest: Project) -> None:
    digest.article("ja", body=SIDES)
    digest.article("both", body=f"{SIDES}\n## Social impact\n\nJobs.\n")
    digest.built()
    assert ">Read from 2 sides, in Japanese<" in digest.page("articles/ja/index.html")
    assert ">Read from 3 sides<" in digest.page("articles/both/index.html")
    assert ">2つの視点" in digest.page("ja/articles/ja/index.html")
    reading = digest.page("perspectives/economic/index.html").partition("<article")[2].partition("物価")[0]
    assert "Japanese" in reading


def test_a_list_begins_with_what_its_readers_can_read(digest: Project) -> None:
    digest.article("ja", body=SIDES, generated="{analysis: ai}", summary="Prices rise.")
    digest.article("human", body=SIDES, countries="[JP]", summary="Prices rise.")
    digest.built()
    page = digest.page("ja/countries/vn/index.html").partition("<main")[2]
    assert re.search(r"物価が上がる。</(span|p)>", page)
    assert "二つ目" not in page
    assert page.index("物価が上がる。") < page.index("Prices rise.")
    assert "機械作成" in page
    assert "機械作成" not in digest.page("ja/countries/jp/index.html")
    assert "物価" not in digest.page("countries/vn/index.html")
    digest.article("ja", body=SIDES.replace("物価", "値段"), generated="{analysis: ai}", summary="Prices rise.")
    digest.built()
    assert "値段が上がる。" in digest.page("ja/countries/vn/index.html"), "the list is rendered again"
    identifier = "ja000000"
    digest.file(
        "content/articles/2026/07/ja.ja.md", f"---\nid: {identifier}\ntitle: 題\nsummary: 要約。\n---\n\n本文。\n"
    )
    digest.built()
    assert "値段" not in digest.page("ja/countries/vn/index.html"), "a translation needs no excerpt"


def test_the_subject_of_a_feed_is_in_its_language(project: Project) -> None:
    project.write(SITE.replace("[en]", "[en, ja]").replace("theme: bare", "theme: default") + EVERY_PAGE)
    project.article("one")
    project.article("two", lang="ja")
    project.built()
    assert '>RSS: Test digest · <span lang="ja">日本語</span></a>' in project.page("languages/ja/index.html")
    assert '>RSS：試験 · <span lang="ja">貿易</span></a>' in project.page("ja/topics/trade/index.html")


def test_a_correction_in_two_languages(digest: Project) -> None:
    digest.article("one", corrections="[{at: 2026-07-04, text: {en: It takes three hours., ja: 三時間かかる。}}]")
    digest.built()
    for path, text, other in (("", "It takes", "三時間"), ("ja/", "三時間", "It takes")):
        for name in ("corrections/index.html", "articles/one/index.html"):
            page = digest.page(f"{path}{name}").partition("<main")[2]
            assert other not in page
            (tag,) = re.findall(rf"<(\w[^<>]*)>{text}", page)
            lang = "ja" if path else "en"
            assert (re.findall(r'lang="(\w+)"', tag) or [lang]) == [lang], "the language of the page, or stated"
        for name in ("feed.xml", "atom.xml", "feed.json"):
            assert text in digest.page(f"{path}corrections/{name}")
            assert other not in digest.page(f"{path}corrections/{name}")
    assert '&lt;p lang="ja"&gt;三時間' in digest.page("ja/corrections/feed.xml"), (
        "the item is in the article's language"
    )


def test_a_correction_and_an_event_have_the_language_of_their_letters(digest: Project) -> None:
    digest.article(
        "one",
        corrections='[{at: 2026-07-04, text: "発効日を10月1日（METI）に訂正しました。"},'
        " {at: 2026-07-05, text: The name 経産省.}]",
        upcoming='[{at: 2026-08-01, text: "国会で採決"}, {at: 2026-08-02, text: A vote in Tokyo}]',
    )
    digest.article("two", lang="ja", title="港の様式", corrections='[{at: 2026-07-04, text: "The number was wrong."}]')
    digest.built()
    for path in ("corrections/index.html", "articles/one/index.html", "ja/articles/one/index.html"):
        page = digest.page(path)
        around = 'lang="ja"' if path.startswith("ja/") else 'lang="en"'
        for text, lang in (("発効日を", "ja"), ("The name", "en")):
            (tag,) = re.findall(rf"<(\w[^<>]*)>{text}", page)
            assert (re.findall(r'lang="(\w+)"', tag) or re.findall(r'lang="(\w+)"', around)) == [lang], (path, tag)
    assert re.search(r'<[^<>]* lang="ja"[^<>]*>(?:<[^<>]*>)?国会で採決', digest.page("upcoming/index.html"))
    assert '&lt;p lang="ja"&gt;発効日を' in digest.page("corrections/feed.xml")
    assert "&lt;p&gt;The name" in digest.page("corrections/feed.xml")
    assert '&lt;p lang="en"&gt;The number' in digest.page("corrections/feed.xml")
