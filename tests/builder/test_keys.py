"""Cache keys: equal for equal recipes and different for any other, so that a key can stand for the bytes of a file."""

from collections.abc import Iterator
from datetime import UTC, date, timedelta, timezone
from types import ModuleType
from typing import Any, Final

import pytest
from msgspec import Struct, structs

from sitegen.builder.configuration import load_config
from sitegen.config import model as configuration
from sitegen.config.model import (
    CheckSettings,
    Config,
    ContentSchema,
    ImportMapping,
    ImportSettings,
    ProjectSettings,
    Redirect,
    SeverityChange,
    ThemeValue,
)
from sitegen.content.articles import Article
from sitegen.content.documents import EditorText, Translation, read_document
from sitegen.content.frontmatter import FrontMatter
from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.outputs import specs
from sitegen.outputs.feeds.recipes import FeedFile
from sitegen.outputs.page_kind import PageKind
from sitegen.outputs.plan import plan
from sitegen.outputs.recipes import Output, Recipe, cache_keys, recipe_types
from sitegen.outputs.references import (
    ArticleHash,
    ArticleText,
    ContextHash,
    EditorPageText,
    MediaFile,
    RenderContext,
    ResolvedLink,
)
from sitegen.outputs.renderer import Renderer
from sitegen.outputs.views import Image, Link
from sitegen.site.build import build_site
from sitegen.theme.loader import load_theme
from sitegen.theme.model import Theme
from sitegen.util.dates import Instant
from sitegen.util.hashing import Hash, encode, hash_value
from sitegen.util.paths import CALENDAR
from tests.content.parsing import CONTENT_SCHEMA, PATH
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
        upcoming="[{at: 2026-12-24, text: {en: A, ja: B}, url: 'https://a.example/'}, {at: 2027-01, text: C}]",
        imported=f"{{name: a, sha256: '{_DIGEST}', format: text, at: 2026-07-03, digest: '{_DIGEST}'}}",
        slug="other",
        publish="2026-07-03T09:00+09:00",
        expire="2027-07-03",
        extra="{number: 1, names: [a, b]}",
        body="Text [f](first.md).\n\n![m](m.png)\n\n## Economic impact\n\nMoney.\n",
    ),
    "third": article(id="third001", title="Third", date="2026-07-09", follows="second.md", draft=""),
}
OTHERS: Final = {
    "content/articles/2026/07/second.ja.md": (
        "---\nid: second01\ntitle: T\nsummary: S\ngenerated: {translation: ai}\nreviewed: {by: E}\n---\n[f](first.md)\n"
    ),
    "content/pages/about.md": "---\ntitle: A\nlang: en\nsummary: S\norder: 3\n---\n[f](../articles/2026/07/first.md)\n",
    "content/pages/about.ja.md": "---\ntitle: T\n---\n\nText.\n",
    "content/editions/2026-07-03.md": (
        "---\nlang: en\ntitle: T\ndraft: false\ngenerated: {text: ai}\nreviewed: {by: E}\n"
        "watch: [{text: W, at: 2026-07-05, url: https://w.example/}]\n---\n[f](../articles/2026/07/first.md)\n"
    ),
}
ENTRIES: Final = "- {at: 2026-09-01T09:00, text: D, topic: trade, countries: [VN, JP], added: 2026-07-05}\n"
LOCALES: Final = ("en", "ja")


def planned(project: Project) -> tuple[list[Output], dict[ContextHash, RenderContext], Theme]:
    """Plan a digest that uses every part of every recipe."""
    rest = f"{EVERY_PAGE}\ntagline: T\ndescription: D\nrights: R\n"
    rest += "publisher: {name: P, contact: a@b.example, url: 'https://b.example/'}\n"
    rest += "edition: {items: 2}\ncard: {file: content/articles/2026/07/m.png, alt: A}\n"
    project.write(SITE.replace("[en]", "[en, ja]").replace("search: false", "search: true") + rest)
    diagnostics = Diagnostics()
    settings = load_config(project.root, diagnostics)
    theme = load_theme(project.root, "bare", diagnostics, SourceLocation("site.yaml"))
    assert settings is not None
    assert theme is not None
    config = settings.config
    folder = "content/articles/2026/07"
    parsed = [
        read_document(f"{folder}/{name}.md", text.encode(), config.content_schema)[0] for name, text in RICH.items()
    ]
    articles = [result.article for result in parsed if result.article is not None]
    others = [read_document(path, text.encode(), config.content_schema)[0].other for path, text in OTHERS.items()]
    translations = [other for other in others if isinstance(other, Translation)]
    pages = [other for other in others if isinstance(other, EditorText)]
    assert (len(articles), len(translations) + len(pages)) == (len(RICH), len(OTHERS))
    files = frozenset([f"{folder}/m.png", *(result.path for result in parsed)])
    calendar, _ = read_document(CALENDAR, ENTRIES.encode(), config.content_schema)
    site = build_site(
        articles,
        config,
        files,
        diagnostics,
        now=NOW,
        translations=translations,
        texts=pages,
        calendar=calendar.events,
    )
    media = {f"{folder}/m.png": MediaFile(_DIGEST)}
    outputs, contexts = plan(site, theme, media, {}, diagnostics)
    assert not diagnostics.errors, diagnostics.sorted()
    return outputs, contexts, theme


def structs_of(module: ModuleType) -> set[type[Struct]]:
    """Return the types of values that a module defines."""
    kinds = {kind for kind in vars(module).values() if isinstance(kind, type) and issubclass(kind, Struct)}
    return {kind for kind in kinds if kind.__module__ == module.__name__}


def missing(kinds: set[type[Struct]], seen: set[tuple[type, str]]) -> set[tuple[str, str]]:
    """Return the fields of `kinds` that are not in `seen`."""
    return {(kind.__name__, name) for kind in kinds for name in kind.__struct_fields__ if (kind, name) not in seen}


def differing(value: Any, seen: set[tuple[type, str]], *, is_new: bool = True) -> Iterator[Any]:
    """Yield values that differ from `value` in one place: in each field that is not in `seen`, however deep it is."""
    if isinstance(value, Struct):
        yield from _differing_fields(value, seen, is_new=is_new)
    elif isinstance(value, tuple):
        if is_new:
            yield (*value, *value[:1]) if value else ("x",)
        if is_new and value:
            yield value[1:]
        if is_new and len({encode(item) for item in value}) > 1:
            yield value[::-1]
        for index, item in enumerate(value):
            for other in differing(item, seen, is_new=is_new):
                yield (*value[:index], other, *value[index + 1 :])
    elif is_new:
        yield from _differing_leaf(value)


def _differing_fields(value: Struct, seen: set[tuple[type, str]], *, is_new: bool) -> Iterator[Any]:
    if is_new:
        yield None
    for name in value.__struct_fields__:
        is_field_new = (type(value), name) not in seen
        seen.add((type(value), name))
        for other in differing(getattr(value, name), seen, is_new=is_field_new):
            yield structs.replace(value, **{name: other})


def _differing_leaf(value: object) -> Iterator[object]:
    if value is not None:
        yield None
    if isinstance(value, str):
        yield from (f"{value} ", f"x{value}", str(value).encode())
    elif isinstance(value, bytes):
        yield value + b"\0"
    elif isinstance(value, bool):
        yield from (not value, int(value))
    elif isinstance(value, int | float):
        yield from (value + 1, -value - 1, str(value))
    elif isinstance(value, Instant):
        yield from (value + timedelta(seconds=1), value.astimezone(timezone(timedelta(hours=-5))), value.date())
    elif isinstance(value, date):
        yield value + timedelta(days=1)
    else:
        assert value is None, value
        yield from ("", 0, False, ())


def test_equal_recipes_have_equal_keys(project: Project) -> None:
    outputs, contexts, theme = planned(project)
    again, _, _ = planned(project)
    renderer = Renderer(theme)
    keys = cache_keys(outputs, renderer, b"1", contexts)
    assert cache_keys(reversed(again), Renderer(theme), b"1", contexts) == keys
    others = cache_keys(again, renderer, b"2", contexts)
    assert not [path for path, key in keys.items() if others[path] == key]


def test_a_key_changes_with_every_field_of_every_recipe(project: Project) -> None:
    """A key is the hash of the encoding and of the templates."""
    outputs, _, _ = planned(project)
    recipes = [output.recipe for output in outputs]
    seen: set[tuple[type, str]] = set()
    count = 0
    for recipe in recipes:
        for other in differing(recipe, seen):
            count += 1
            assert encode(other) != encode(recipe), other
    kinds: set[type[Struct]] = {kind for kind in recipe_types() if kind.__module__.startswith("sitegen.")}
    assert {type(recipe) for recipe in recipes} == kinds
    parts: set[type[Struct]] = {ArticleText, ResolvedLink, EditorPageText, *structs_of(specs)}
    assert not missing(kinds | parts, seen)
    assert count > 300


def test_the_hash_of_a_context_changes_with_every_field_of_the_configuration(project: Project) -> None:
    _, contexts, _ = planned(project)
    seen: set[tuple[type, str]] = set()
    for key, context in contexts.items():
        assert hash_value(context) == key
        for other in differing(context, seen):
            assert hash_value(other) != key, other
    kinds: set[type[Struct]] = {
        RenderContext,
        Image,
        Link,
        *structs_of(configuration),
    }
    assert Config in kinds
    checks = {CheckSettings, SeverityChange}
    unused = {ContentSchema, ProjectSettings, Redirect, ThemeValue, ImportMapping, ImportSettings, *checks}
    assert not missing(kinds - unused, seen)


def test_a_change_of_the_configuration_changes_the_keys_of_all_pages(project: Project) -> None:
    outputs, planned_contexts, theme = planned(project)
    pages = [output for output in outputs if isinstance(output.recipe, PageKind)]
    contexts, changed = dict(planned_contexts), {}
    for key, context in planned_contexts.items():
        other = structs.replace(context, config=structs.replace(context.config, tag_authority="other.example,2026"))
        changed[key] = ContextHash(hash_value(other))
        contexts[changed[key]] = other
    renderer = Renderer(theme)
    before = cache_keys(pages, renderer, b"1", contexts)
    moved = [
        structs.replace(page, recipe=structs.replace(page.recipe, context=changed[page.recipe.context]))
        for page in pages
        if isinstance(page.recipe, PageKind)
    ]
    after = cache_keys(moved, renderer, b"1", contexts)
    assert before.keys() == after.keys()
    assert not set(before.values()) & set(after.values())


def test_a_line_of_the_configuration_is_not_part_of_a_key(project: Project) -> None:
    _, contexts, _ = planned(project)
    site = project.root / "site.yaml"
    site.write_text("# A comment.\n" + site.read_text(encoding="utf-8"), encoding="utf-8")
    settings = load_config(project.root, Diagnostics())
    assert settings is not None
    context = next(iter(contexts.values()))
    assert hash_value(settings.config) == hash_value(context.config)


# --- references -------------------------------------------------------------------------------------------------------


class _Part(Struct, frozen=True, array_like=True):
    name: str
    text: ArticleText | None


class _Parts(Struct, frozen=True, array_like=True):
    number: int
    parts: tuple[_Part, ...]


class _NestedFile(Recipe, frozen=True):
    context: ContextHash
    nested: _Parts | None
    others: tuple[ArticleHash, ...] = ()
    rows: tuple[tuple[str, int, ArticleHash], ...] = ()


class _ListFile(Recipe, frozen=True):
    others: list[ArticleHash]


def test_references_are_found_by_the_types_of_fields(project: Project) -> None:
    """A page kind that shows texts cannot forget to say so, however deep its fields hold them."""
    outputs, _, _ = planned(project)
    feed = next(output.recipe for output in outputs if isinstance(output.recipe, FeedFile))
    text = feed.items[0]
    others = [ArticleHash(Hash(name)) for name in (b"x", b"y")]
    parts = _Parts(1, (_Part("a", None), _Part("b", text)))
    nested = _NestedFile(feed.context, parts, (others[0],), (("c", 2, others[1]),))
    found = nested.references()
    assert found.contexts == {feed.context}
    assert found.texts == {text.text: text.path}
    assert found.articles == {text.article, *others}
    assert found.linked == {link.source for link in text.links if link.source}
    without = _NestedFile(feed.context, None).references()
    assert (without.texts, without.articles) == ({}, set())
    with pytest.raises(TypeError, match="expected a tuple"):
        _ListFile(others).references()


def test_pages_of_counts_name_only_the_articles_that_they_show(project: Project) -> None:
    """A title changes only pages that show it."""
    outputs, _, _ = planned(project)
    named = {output.path: output.recipe.references().articles for output in outputs}
    assert named["archive/index.html"] == named["relations/index.html"] == set()
    assert len(named["topics/index.html"]) == 2, "the newest of each topic"


def test_every_recipe_names_the_files_whose_texts_it_shows(project: Project) -> None:
    outputs, _, _ = planned(project)
    named = {output.path: output.recipe.references() for output in outputs}
    folder = "content/articles/2026/07"
    page = named["articles/other/index.html"]
    assert set(page.texts.values()) == {f"{folder}/second.md"}
    # The original has a perspective that the translation lacks.
    texts = {f"{folder}/second.ja.md", f"{folder}/second.md"}
    assert set(named["ja/articles/other/index.html"].texts.values()) == texts
    assert set(named["data/articles/second01.json"].markdown.values()) == texts
    assert set(named["about/index.html"].texts.values()) == {"content/pages/about.md"}
    assert len(named["feed.xml"].texts) == len(RICH)
    assert named["topics/trade/index.html"].texts == {}
    assert len(named["topics/trade/index.html"].articles) == len(RICH)


# --- the hash of an article -------------------------------------------------------------------------------------------

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
        "{name: P, url: null, lang: en, name_lang: ja}",
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
    "upcoming": (
        "",
        "[{at: 2026-09-01, text: A}]",
        "[{at: 2026-09, text: A}]",
        "[{at: 2026-09-01, text: B}]",
        "[{at: 2026-09-01, text: {ja: A}}]",
        "[{at: 2026-09-01, text: A, url: 'https://a.example/'}]",
    ),
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


def parse(path: str = PATH, timezone: str = CONTENT_SCHEMA.timezone, **changes: str) -> Article:
    """Parse an article."""
    schema = structs.replace(CONTENT_SCHEMA, timezone=timezone)
    found, _ = read_document(path, article(**changes).encode(), schema)
    assert found.article is not None, found.diagnostics
    return found.article


@pytest.mark.parametrize("key", EVERY_KEY)
def test_the_hash_of_an_article_changes_with_every_key_of_its_front_matter(key: str) -> None:
    found = [parse(**{key: value}) for value in EVERY_KEY[key]]
    assert len({one.hash for one in found}) == len(found)
    assert len({one.text for one in found}) == 1, "its text has its own hash"
    assert [one.hash for one in found] == [parse(**{key: value}).hash for value in EVERY_KEY[key]]


def test_every_key_of_the_front_matter_is_tested() -> None:
    assert set(EVERY_KEY) == set(FrontMatter.__struct_fields__)


def test_every_other_input_of_an_article_changes_its_hash() -> None:
    others = [
        parse(),
        parse(PATH.replace("07/this", "06/this")),
        parse(PATH.replace("this", "that")),
        parse(timezone="UTC"),
        parse(body="[a](a.md)\n"),
        parse(body="[a](b.md)\n"),
        parse(body="[a](b.md#c)\n"),
        parse(body="## A heading\n\nSome text.\n"),
        parse(body="## Another heading\n\nSome text.\n"),
    ]
    assert len({one.hash for one in others}) == len(others)


def test_an_edited_text_changes_only_the_hash_of_the_text() -> None:
    """A page that only lists an article is not rendered again when its text is edited."""
    bodies = [
        "Some text.\n",
        "Other text.\n",
        "*Some* text.\n",
        "Some text.\n\n## 経済的影響\n\nMore.\n",
        "Some text.\n\n## Economic impact\n\nMore.\n",
        "Some text.\n\n## 経済的影響\n\nLess. More.\n",
    ]
    found = [parse(body=body) for body in bodies]
    assert len({one.text for one in found}) == len(bodies)
    assert len({one.hash for one in found[:3]}) == 1
    moved = parse(summary="# a comment\n  What happened.", body="\n\n\nSome text.\n")
    plain = parse(summary="What happened.")
    assert (moved.hash, moved.text) == (plain.hash, plain.text), "positions are not shown"


class _Two(Struct, frozen=True, array_like=True, tag=True):
    first: str
    second: str


class _Three(Struct, frozen=True, array_like=True, tag=True):
    first: str
    second: str


def test_values_of_different_shapes_have_different_hashes() -> None:
    shapes: list[object] = [
        *(None, True, False, 0, 1, -1, 10, 1.0, 1.5, -0.0, 0.0),
        *("", "1", "n", "2026-07-03T00:00:00", b"", b"1"),
        *((), ((),), ((), ()), ("",), ("", ""), ("a", "b"), ("ab",), ("ab", ""), ("", "ab")),
        *((("a",), "b"), ("a", ("b",)), (1, 0), (10,)),
        *(date(2026, 7, 3), Instant(2026, 7, 3, tzinfo=UTC)),
        Instant(2026, 7, 3, 9, tzinfo=timezone(timedelta(hours=9))),
        *(_Two("a", "b"), _Three("a", "b"), (_Two("a", "b"),), ("a", "b", _Two("a", "b"))),
    ]
    assert len({hash_value(shape) for shape in shapes}) == len(shapes)


@pytest.mark.parametrize("value", [object(), lambda: 1, UTC, range(3), 1j, "\ud800"])
def test_values_without_an_encoding_have_no_hash(value: object) -> None:
    for holder in (value, (value,), ("a", (value,))):
        with pytest.raises((TypeError, UnicodeEncodeError)):
            hash_value(holder)


# --- templates --------------------------------------------------------------------------------------------------------


def _dependency_hashes(project: Project) -> dict[tuple[str, str], bytes]:
    diagnostics = Diagnostics()
    theme = load_theme(project.root, "bare", diagnostics, SourceLocation("site.yaml"))
    assert theme is not None
    assert not diagnostics.errors
    templates = Renderer(theme).templates
    names = [name.removeprefix("templates/") for name in BARE if name.startswith("templates/")]
    return {(name, locale): templates.dependency_hash(name, locale) for name in names for locale in LOCALES}


def _changed(project: Project, path: str, text: str) -> set[tuple[str, str]]:
    before = _dependency_hashes(project)
    project.file(f"themes/bare/{path}", text)
    after = _dependency_hashes(project)
    return {name for name, dependency_hash in after.items() if dependency_hash != before[name]}


LISTS: Final = {
    *("list.html", "home.html", "topic.html", "country.html", "pair.html", "month.html", "topic_country.html"),
    *("source.html", "selection.html"),
}


def test_a_template_changes_the_pages_that_use_it(project: Project) -> None:
    everything = {name for name, _ in _dependency_hashes(project)}
    text = BARE["templates/list.html"] + "{# x #}"
    assert {name for name, _ in _changed(project, "templates/list.html", text)} == LISTS
    text = BARE["templates/article.html"] + "x"
    assert {name for name, _ in _changed(project, "templates/article.html", text)} == {"article.html"}
    assert {
        name for name, _ in _changed(project, "templates/base.html", BARE["templates/base.html"] + "x")
    } == everything - {"email.txt", "email_edition.txt"}


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
def test_included_templates_are_dependencies(project: Project, reference: str) -> None:
    project.file("themes/bare/templates/middle.html", '{% include "part.html" %}')
    project.file("themes/bare/templates/part.html", "{% macro x() %}1{% endmacro %}")
    text = BARE["templates/article.html"]
    project.file("themes/bare/templates/article.html", text.replace("<h1>", f"{reference}<h1>"))
    changed = _changed(project, "templates/part.html", "{% macro x() %}2{% endmacro %}")
    assert {name for name, _ in changed} == {"article.html"}


def test_messages_change_only_the_pages_of_their_locale(project: Project) -> None:
    names = {name for name, _ in _dependency_hashes(project)}
    changed = _changed(project, "locale/en.yaml", BARE["locale/en.yaml"].replace("articles", "items"))
    assert changed == {(name, "en") for name in names}
    changed = _changed(project, "locale/ja.yaml", BARE["locale/ja.yaml"].replace("件", "個"))
    assert changed == {(name, "ja") for name in names}


def test_unused_files_change_no_page(project: Project) -> None:
    assert not _changed(project, "templates/alone.html", "x")
    assert not _changed(project, "static/site.css", "x")
    assert not _changed(project, "locale/fr.yaml", "count: autre\n")
