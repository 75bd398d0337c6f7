"""Keys: the same for the same recipe, another one for any other, so that a key can stand for the bytes."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final

import pytest

from sitegen.builder.configuration import load_config
from sitegen.config import model as configuration
from sitegen.config.model import ContentSchema
from sitegen.content import frontmatter
from sitegen.content.articles import Article, LocalizedVersion, read_article
from sitegen.content.frontmatter import FrontMatter
from sitegen.content.markdown import LinkKind, LinkRef
from sitegen.content.pages import StaticPage, Translation, read_file
from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.outputs import recipes
from sitegen.outputs.plan import plan
from sitegen.outputs.recipes import Output, PageRecipe, RenderContext
from sitegen.outputs.renderer import Renderer
from sitegen.outputs.sitemaps import sitemaps
from sitegen.site.assembly import build_site
from sitegen.theme.loader import load_theme
from sitegen.theme.model import Static, Theme
from sitegen.util import dates
from sitegen.util.hashing import ContentHashed, Digester
from tests.content.parsing import PATH, CONTENT_SCHEMA
from tests.project import BARE, EVERY_PAGE, NOW, SITE, Project, article

_DIGEST: Final = "0" * 64
RICH: Final = {
    "first": article(
        id="first001",
        date="2026-06-01",
        title="First",
        body="## Economic impact\n\nA.\n\n## Investor sentiment\n\nB.\n",
    ),
    "second": article(
        id="second01",
        title="Second",
        date="2026-07-03",
        updated="2026-07-04",
        topics="[trade, energy]",
        countries="[VN, CN, JP]",
        importance="5",
        source="{name: P, url: 'https://a.example/', lang: vi, archived: 'https://b.example/'}",
        generated="{summary: ai, analysis: mixed}",
        reviewed="{by: E, at: 2026-07-05}",
        aliases="[/old/]",
        follows="first.md",
        corrections="[{at: 2026-07-06, text: No.}]",
        imported=f"{{name: a, sha256: '{_DIGEST}', format: text, at: 2026-07-03, digest: '{_DIGEST}'}}",
        slug="other",
        publish="2026-07-03T09:00+09:00",
        expire="2027-07-03",
        extra="{number: 1, names: [a, b]}",
        body="Text [f](first.md).\n\n![m](m.png)\n\n## Economic impact\n\nMoney.\n",
    ),
    "third": article(id="third001", title="Third", date="2026-07-09", follows="second.md", draft=""),
}
BESIDE: Final = {
    "content/articles/2026/07/second.ja.md": (
        "---\nid: second01\ntitle: T\nsummary: S\ngenerated: {translation: ai}\nreviewed: {by: E}\n---\n[f](first.md)\n"
    ),
    "content/pages/about.md": "---\ntitle: A\nlang: en\nsummary: S\norder: 3\n---\n[f](../articles/2026/07/first.md)\n",
    "content/pages/about.ja.md": "---\ntitle: T\n---\n\nText.\n",
}
LOCALES: Final = ("en", "ja")


def planned(project: Project) -> tuple[tuple[Output, ...], Theme]:
    """Plan a digest that uses every part of every recipe."""
    rest = f"{EVERY_PAGE}\ntagline: T\ndescription: D\nrights: R\n"
    rest += "card: {file: content/articles/2026/07/m.png, alt: A}\n"
    project.write(SITE.replace("[en]", "[en, ja]") + rest)
    diagnostics = Diagnostics()
    config = load_config(project.root, diagnostics)
    theme = load_theme(project.root, "bare", diagnostics, SourceLocation("site.yaml"))
    assert config is not None
    assert theme is not None
    folder = "content/articles/2026/07"
    read = [read_article(f"{folder}/{name}.md", text.encode(), config.content_schema) for name, text in RICH.items()]
    articles = [result.article for result in read if result.article is not None]
    beside = [read_file(path, text.encode(), config.content_schema).beside for path, text in BESIDE.items()]
    translations = [found for found in beside if isinstance(found, Translation)]
    pages = [found for found in beside if isinstance(found, StaticPage)]
    assert len(translations) + len(pages) == len(BESIDE)
    files = frozenset([f"{folder}/m.png", *(result.path for result in read)])
    whole = build_site(articles, config, files, diagnostics, now=NOW, translations=translations, pages=pages)
    outputs = plan(whole, theme.statics, {f"{folder}/m.png": _DIGEST}, diagnostics, words=theme.feed_labels())
    first = next(output.recipe for output in outputs if isinstance(output.recipe, recipes.SitemapRecipe))
    paths = [output.path for output in outputs if isinstance(output.recipe, PageRecipe)]
    parts = {
        output.path: output for output in sitemaps(first.contexts, first.articles, paths, first.pages, most_urls=2)
    }
    outputs = (*(output for output in outputs if output.path not in parts), *parts.values())
    assert len(articles) == len(RICH)
    assert not diagnostics.errors, diagnostics.sorted()
    return outputs, theme


def digest(value: object) -> bytes:
    return Digester().digest(value)


def changes(value: Any, seen: set[tuple[type, str]], *, new: bool = True) -> Iterator[Any]:
    """Yield values that differ from `value` in one place: in each field that is not in `seen`, however deep it is."""
    if is_dataclass(value) and not isinstance(value, type):
        yield from _fields_changed(value, seen, new=new)
    elif isinstance(value, tuple):
        if new:
            yield (*value, *value[:1]) if value else ("x",)
        if new and value:
            yield value[1:]
        if new and len(set(value)) > 1:
            yield value[::-1]
        for index, item in enumerate(value):
            for other in changes(item, seen, new=new):
                yield (*value[:index], other, *value[index + 1 :])
    elif new:
        yield from _leaf(value)


def _fields_changed(value: Any, seen: set[tuple[type, str]], *, new: bool) -> Iterator[Any]:
    if new:
        yield None
    for field in fields(value):
        if field.compare:
            is_new = (type(value), field.name) not in seen
            seen.add((type(value), field.name))
            for other in changes(getattr(value, field.name), seen, new=is_new):
                yield replace(value, **{field.name: other})


def _leaf(value: object) -> Iterator[object]:
    if value is not None:
        yield None
    if isinstance(value, str):
        yield from (f"{value} ", f"x{value}", value.encode())
    elif isinstance(value, bytes):
        yield value + b"\0"
    elif isinstance(value, bool):
        yield from (not value, int(value))
    elif isinstance(value, int):
        yield from (value + 1, -value - 1, str(value))
    elif isinstance(value, datetime):
        yield from (value + timedelta(seconds=1), value.astimezone(timezone(timedelta(hours=-5))), value.date())
        yield value.replace(tzinfo=None)
    elif isinstance(value, date):
        yield value + timedelta(days=1)
    else:
        assert value is None, value
        yield from ("", 0, False, ())


def test_equal_recipes_have_equal_keys(project: Project) -> None:
    outputs, theme = planned(project)
    again, _ = planned(project)
    renderer, first, second = Renderer(theme), Digester(), Digester()
    keys = {output.path: renderer.key(output.recipe, first, b"1") for output in outputs}
    for output in reversed(again):
        assert renderer.key(output.recipe, second, b"1") == keys[output.path], output.path
        assert renderer.key(output.recipe, first, b"1") == keys[output.path], output.path
        assert renderer.key(output.recipe, first, b"2") != keys[output.path], output.path


def test_a_key_changes_with_every_field_of_every_recipe(project: Project) -> None:
    outputs, _ = planned(project)
    seen: set[tuple[type, str]] = set()
    number = 0
    for output in outputs:
        right = digest(output.recipe)
        others = list(changes(output.recipe, seen))
        number += len(others)
        for other in others:
            assert digest(other) != right, other
    shown = {name for name in vars(recipes) if name.endswith(("View", "Item", "Entry", "Row"))}
    rendered = {getattr(recipes, name) for name in shown} | {recipes.Tag, recipes.Provenance, recipes.OpmlFeed}
    apart = {Static, Output, ContentSchema} | rendered
    modules = (recipes, configuration, frontmatter)
    kinds = {Article, StaticPage, LinkRef, LocalizedVersion, dates.PartialDate} | {
        kind
        for module in modules
        for kind in vars(module).values()
        if isinstance(kind, type) and is_dataclass(kind) and kind.__module__ == module.__name__ and kind not in apart
    }
    assert {FrontMatter, RenderContext, configuration.Config} < kinds
    missed = {
        (kind.__name__, f.name) for kind in kinds for f in fields(kind) if f.compare and (kind, f.name) not in seen
    }
    assert not missed
    assert number > 300


def test_a_change_deep_in_a_shared_part_changes_the_keys_of_all_that_share_it(project: Project) -> None:
    outputs, _ = planned(project)
    recipes = [output.recipe for output in outputs if isinstance(output.recipe, PageRecipe)]
    digester = Digester()
    before = [digester.digest(recipe) for recipe in recipes]
    context = recipes[0].context
    other = replace(context, config=replace(context.config, tag_authority="other.example,2026"))
    changed = [replace(recipe, context=other) for recipe in recipes]
    assert not set(before) & {digester.digest(recipe) for recipe in changed}
    assert before == [digester.digest(recipe) for recipe in recipes]


def test_what_takes_no_part_in_comparison_takes_none_in_a_key(project: Project) -> None:
    outputs, _ = planned(project)
    recipe = next(output.recipe for output in outputs if isinstance(output.recipe, PageRecipe))
    context = recipe.context
    moved = replace(context, config=replace(context.config, theme_location=SourceLocation("site.yaml", 99)))
    assert digest(replace(recipe, context=moved)) == digest(recipe)
    link = LinkRef(kind=LinkKind.FILE, path="a.png", fragment="", location=SourceLocation("a.md", 1))
    assert digest(replace(link, location=SourceLocation("a.md", 2))) == digest(link)


# --- the digest of an article -----------------------------------------------------------------------------------------

EVERY_KEY: Final = {
    "id": ("other001", "other002"),
    "title": ("A", "B"),
    "date": ("2026-07-03", "2026-07-03T09:00", "2026-07-02"),
    "lang": ("ja", "vi"),
    "topics": ("[trade]", "[energy]", "[trade, energy]", "[energy, trade]"),
    "importance": ("1", "2"),
    "source": (
        "{name: P, url: null, lang: en}",
        "{name: Q, url: null, lang: en}",
        "{name: P, url: 'https://a.example/', lang: en}",
        "{name: P, url: null, lang: vi}",
        "{name: P, url: null, lang: en, archived: 'https://a.example/'}",
    ),
    "summary": ("One.", "Two."),
    "updated": ("", "2026-07-04", "2026-07-05"),
    "countries": ("", "[VN]", "[VN, CN]", "[CN, VN]"),
    "generated": ("", "{summary: ai}", "{summary: mixed}", "{analysis: ai}"),
    "reviewed": ("", "{by: E}", "{by: F}", "{by: E, at: 2026-07-05}"),
    "slug": ("", "one", "two"),
    "draft": ("", "true"),
    "publish": ("", "2026-07-04", "2026-07-04T01:00"),
    "expire": ("", "2026-08-04", "2026-08-05"),
    "aliases": ("", "[/a/]", "[/b/]", "[/a/, /b/]"),
    "follows": ("", "a.md", "b.md"),
    "corrections": ("", "[{at: 2026-07-06, text: A.}]", "[{at: 2026-07-06, text: B.}]", "[{at: 2026-07-07, text: A.}]"),
    "imported": tuple(
        f"{{name: {name}, sha256: '{sha}', format: {kind}, at: {at}, digest: '{own}'}}"
        for name, sha, kind, at, own in (
            ("a", _DIGEST, "text", "2026-07-03", _DIGEST),
            ("b", _DIGEST, "text", "2026-07-03", _DIGEST),
            ("a", "1" * 64, "text", "2026-07-03", _DIGEST),
            ("a", _DIGEST, "html", "2026-07-03", _DIGEST),
            ("a", _DIGEST, "text", "2026-07-04", _DIGEST),
            ("a", _DIGEST, "text", "2026-07-03", "1" * 64),
        )
    ),
    "extra": ("", "{a: 1}", "{a: 2}", "{a: '1'}", "{a: 1.5}", "{a: true}", "{a: [1, 2]}", "{b: 1}"),
}
"""For every key of the front matter, values that a reader may see, or that decide what is shown."""


def read(path: str = PATH, timezone: str = CONTENT_SCHEMA.timezone, **changes: str) -> Article:
    """Read an article for real."""
    found = read_article(path, article(**changes).encode(), replace(CONTENT_SCHEMA, timezone=timezone))
    assert found.article is not None, found.diagnostics
    return found.article


@pytest.mark.parametrize("key", EVERY_KEY)
def test_the_digest_of_an_article_changes_with_every_key_of_its_front_matter(key: str) -> None:
    found = [read(**{key: value}) for value in EVERY_KEY[key]]
    assert len({one.digest for one in found}) == len(found)
    assert len({one.text for one in found}) == 1, "and its text has a digest of its own"
    assert [one.digest for one in found] == [read(**{key: value}).digest for value in EVERY_KEY[key]]


def test_every_key_of_the_front_matter_was_tried() -> None:
    assert set(EVERY_KEY) == {field.name for field in fields(FrontMatter)}


def test_what_else_stands_in_an_article_changes_its_digest() -> None:
    others = [
        read(),
        read(PATH.replace("07/this", "06/this")),
        read(PATH.replace("this", "that")),
        read(timezone="UTC"),
        read(body="[a](a.md)\n"),
        read(body="[a](b.md)\n"),
        read(body="[a](b.md#c)\n"),
        read(body="## A heading\n\nSome text.\n"),
        read(body="## Another heading\n\nSome text.\n"),
    ]
    assert len({one.digest for one in others}) == len(others)


def test_the_text_of_an_article_changes_the_digest_of_its_text_alone() -> None:
    """A list shows no texts: a page that lists an article stays as it is when its text is edited."""
    bodies = [
        "Some text.\n",
        "Other text.\n",
        "*Some* text.\n",
        "Some text.\n\n## 経済的影響\n\nMore.\n",
        "Some text.\n\n## Economic impact\n\nMore.\n",
        "Some text.\n\n## 経済的影響\n\nLess. More.\n",
    ]
    found = [read(body=body) for body in bodies]
    assert len({one.text for one in found}) == len(bodies)
    assert len({one.digest for one in found[:3]}) == 1
    moved = read(summary="# a comment\n  What happened.", body="\n\n\nSome text.\n")
    plain = read(summary="What happened.")
    assert (moved.digest, moved.text) == (plain.digest, plain.text), "where a line stands is not shown"


@dataclass(frozen=True, slots=True)
class _Two:
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class _TwoMore:
    first: str
    second: str


@dataclass(frozen=True, slots=True)
class _Half(ContentHashed):
    digest: bytes


def test_no_two_shapes_meet() -> None:
    shapes: list[object] = [
        None,
        True,
        False,
        0,
        1,
        -1,
        10,
        "",
        "1",
        "n",
        "(0:",
        "s1:a",
        b"",
        b"1",
        (),
        ((),),
        ((), ()),
        ("",),
        ("", ""),
        ("a", "b"),
        ("ab",),
        ("ab", ""),
        ("", "ab"),
        (("a",), "b"),
        ("a", ("b",)),
        ("as1:b",),
        (1, 0),
        (10,),
        date(2026, 7, 3),
        datetime(2026, 7, 3, tzinfo=UTC),
        datetime(2026, 7, 3, 9, tzinfo=timezone(timedelta(hours=9))),
        "2026-07-03",
        "\ud800",
        "\ufffd",
        1.0,
        1.5,
        -0.0,
        0.0,
        _Two("a", "b"),
        _TwoMore("a", "b"),
        (_Two("a", "b"),),
        ("a", "b", _Two("a", "b")),
        _Half(b"1" * 20),
        (_Half(b"1" * 20),),
        (_Half(b"1" * 20), _Half(b"1" * 20)),
        (_Half(b"1" * 20), "a"),
        (_Half(b"2" * 20),),
        b"1" * 20,
    ]
    assert len({digest(shape) for shape in shapes}) == len(shapes)


@dataclass(slots=True)
class _Thawed:
    value: int


@dataclass(slots=True)
class _ThawedPart(ContentHashed):
    value: int
    digest: bytes = b""


@dataclass(frozen=True, slots=True)
class _Holder:
    value: object


@pytest.mark.parametrize(
    "value",
    [
        [],
        {},
        set(),
        frozenset(),
        object(),
        _Thawed(1),
        lambda: 1,
        UTC,
        range(3),
        1j,
        bytearray(b"a"),
    ],
)
def test_what_cannot_be_compared_is_no_part_of_a_key(value: object) -> None:
    for holder in (value, (value,), _Holder(value), _Holder((_Holder(value),))):
        with pytest.raises(TypeError):
            digest(holder)


def test_the_digest_of_a_part_is_never_taken_of_what_can_change() -> None:
    with pytest.raises(TypeError, match="not frozen"):
        Digester().digest_fields(_ThawedPart(1))


# --- templates --------------------------------------------------------------------------------------------------------


def _closures(project: Project) -> dict[tuple[str, str], bytes]:
    diagnostics = Diagnostics()
    theme = load_theme(project.root, "bare", diagnostics, SourceLocation("site.yaml"))
    assert theme is not None
    assert not diagnostics.errors
    templates = Renderer(theme).templates
    names = [name.removeprefix("templates/") for name in BARE if name.startswith("templates/")]
    return {(name, locale): templates.dependency_hash(name, locale) for name in names for locale in LOCALES}


def _changed(project: Project, path: str, text: str) -> set[tuple[str, str]]:
    before = _closures(project)
    project.file(f"themes/bare/{path}", text)
    after = _closures(project)
    return {name for name, dependency_hash in after.items() if dependency_hash != before[name]}


LISTS: Final = {
    *("list.html", "home.html", "topic.html", "country.html", "pair.html", "month.html", "topic_country.html"),
    "source.html",
}


def test_a_template_changes_itself_and_what_is_made_of_it(project: Project) -> None:
    everything = {name for name, _ in _closures(project)}
    text = BARE["templates/list.html"] + "{# x #}"
    assert {name for name, _ in _changed(project, "templates/list.html", text)} == LISTS
    text = BARE["templates/article.html"] + "x"
    assert {name for name, _ in _changed(project, "templates/article.html", text)} == {"article.html"}
    assert {
        name for name, _ in _changed(project, "templates/base.html", BARE["templates/base.html"] + "x")
    } == everything - {"email.txt"}


@pytest.mark.parametrize(
    "reference",
    [
        '{% include "part.html" %}',
        '{% import "part.html" as part %}',
        '{% from "part.html" import x %}',
        '{% include ["none.html", "part.html"] ignore missing %}',
        '{% if page.head.canonical == "x" %}{% include "part.html" %}{% endif %}',
        '{% include "pa" ~ "rt.html" %}',
        "{% include page.head.canonical ignore missing %}",
        '{% include "middle.html" %}',
    ],
)
def test_what_a_template_includes_is_part_of_it(project: Project, reference: str) -> None:
    project.file("themes/bare/templates/middle.html", '{% include "part.html" %}')
    project.file("themes/bare/templates/part.html", "{% macro x() %}1{% endmacro %}")
    text = BARE["templates/article.html"]
    project.file("themes/bare/templates/article.html", text.replace("<h1>", f"{reference}<h1>"))
    changed = _changed(project, "templates/part.html", "{% macro x() %}2{% endmacro %}")
    assert {name for name, _ in changed} == {"article.html"}


def test_words_change_the_pages_of_their_locale_alone(project: Project) -> None:
    names = {name for name, _ in _closures(project)}
    changed = _changed(project, "locale/en.yaml", BARE["locale/en.yaml"].replace("articles", "items"))
    assert changed == {(name, "en") for name in names}
    changed = _changed(project, "locale/ja.yaml", BARE["locale/ja.yaml"] + "more: もっと\n")
    assert changed == {(name, "ja") for name in names}


def test_what_no_template_is_made_of_changes_none(project: Project) -> None:
    assert not _changed(project, "templates/alone.html", "x")
    assert not _changed(project, "static/site.css", "x")
    assert not _changed(project, "locale/fr.yaml", "a: b\n")
