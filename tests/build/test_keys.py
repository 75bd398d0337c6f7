"""Keys: the same for the same recipe, another one for any other, so that a key can stand for the bytes."""

from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import UTC, date, datetime, timedelta, timezone
from typing import Any, Final, get_args

import pytest

from sitegen.build.pipeline import load_config
from sitegen.build.themes import load_theme
from sitegen.content.articles import read_article
from sitegen.diagnostics import Findings, Place
from sitegen.digest import values, views
from sitegen.digest.keys import Digester
from sitegen.digest.plan import plan
from sitegen.digest.site import assemble
from sitegen.digest.values import Output, PageRecipe, Recipe
from sitegen.digest.views import Part
from sitegen.render.renderer import Renderer
from sitegen.render.theme import Theme
from tests.project import BARE, NOW, SITE, Project, article

_DIGEST: Final = "0" * 64
RICH: Final = {
    "first": article(id="first001", date="2026-06-01", title="First"),
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
        body="Text [f](first.md).\n\n![m](m.png)\n\n## Economic impact\n\nMoney.\n",
    ),
    "third": article(id="third001", title="Third", date="2026-07-09", follows="second.md", draft=""),
}
LOCALES: Final = ("en", "ja")


def planned(project: Project) -> tuple[tuple[Output, ...], Theme]:
    """Plan a digest that uses every part of every view."""
    project.write(SITE.replace("[en]", "[en, ja]") + "tagline: T\ndescription: D\nrights: R\n")
    findings = Findings()
    config = load_config(project.root, findings)
    theme = load_theme(project.root, "bare", findings, Place("site.yaml"))
    assert config is not None
    assert theme is not None
    folder = "content/articles/2026/07"
    read = [read_article(f"{folder}/{name}.md", text.encode(), config.vocabulary) for name, text in RICH.items()]
    articles = [result.article for result in read if result.article is not None]
    files = frozenset([f"{folder}/m.png", *(result.path for result in read)])
    whole = assemble(articles, config, files, findings, now=NOW)
    outputs = plan(whole, theme.statics, {f"{folder}/m.png": _DIGEST}, findings)
    assert len(articles) == len(RICH)
    assert not findings.errors, findings.sorted()
    return outputs, theme


def digest(value: object) -> bytes:
    return Digester().digest(value)


def changes(value: Any, seen: set[tuple[type, str]], *, new: bool = True) -> Iterator[Any]:
    """Yield values that differ from `value` in one place: in each field that is not in `seen`, however deep it is."""
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            is_new = (type(value), field.name) not in seen
            seen.add((type(value), field.name))
            for other in changes(getattr(value, field.name), seen, new=is_new):
                yield replace(value, **{field.name: other})
    elif isinstance(value, tuple):
        if new:
            yield (*value, *value[:1]) if value else ("x",)
        if new and value:
            yield value[1:]
        if new and len(set(value)) > 1:
            yield value[::-1]
        for place, item in enumerate(value):
            for other in changes(item, seen, new=new):
                yield (*value[:place], other, *value[place + 1 :])
    elif new:
        yield from _leaf(value)


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
    kinds = {*get_args(Recipe), *get_args(views.Page)} | {
        kind
        for module in (views, values)
        for kind in vars(module).values()
        if isinstance(kind, type) and is_dataclass(kind) and kind not in {Output, values.Static}
    }
    missed = {(kind.__name__, f.name) for kind in kinds for f in fields(kind) if (kind, f.name) not in seen}
    assert not missed
    assert number > 300


def test_a_change_deep_in_a_shared_part_changes_the_keys_of_all_that_share_it(project: Project) -> None:
    outputs, _ = planned(project)
    recipes = [output.recipe for output in outputs if isinstance(output.recipe, PageRecipe)]
    digester = Digester()
    before = [digester.digest(recipe) for recipe in recipes]
    other = replace(recipes[0].site, title="Other")
    changed = [replace(recipe, site=other) for recipe in recipes]
    assert not set(before) & {digester.digest(recipe) for recipe in changed}
    assert before == [digester.digest(recipe) for recipe in recipes]


def test_parts_that_are_gone_lend_their_key_to_no_other() -> None:
    """An identity that Python gives to a second object is not taken for the first."""
    digester = Digester()
    found = {digester.digest((views.LocaleLink(str(number), ""),)) for number in range(2000)}
    assert len(found) == 2000


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
        views.LocaleLink("a", "b"),
        views.FeedLink("a", "b"),
        (views.FeedLink("a", "b"),),
        ("a", "b", views.FeedLink("a", "b")),
    ]
    assert len({digest(shape) for shape in shapes}) == len(shapes)


@dataclass(slots=True)
class _Thawed:
    value: int


@dataclass(slots=True)
class _ThawedPart(Part):
    value: int


@dataclass(frozen=True, slots=True)
class _Holder:
    value: object


@pytest.mark.parametrize(
    "value",
    [
        1.5,
        [],
        {},
        set(),
        frozenset(),
        object(),
        _Thawed(1),
        _ThawedPart(1),
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


# --- templates --------------------------------------------------------------------------------------------------------


def _closures(project: Project) -> dict[tuple[str, str], bytes]:
    findings = Findings()
    theme = load_theme(project.root, "bare", findings, Place("site.yaml"))
    assert theme is not None
    assert not findings.errors
    templates = Renderer(theme).templates
    names = [name.removeprefix("templates/") for name in BARE if name.startswith("templates/")]
    return {(name, locale): templates.closure(name, locale) for name in names for locale in LOCALES}


def _changed(project: Project, path: str, text: str) -> set[tuple[str, str]]:
    before = _closures(project)
    project.file(f"themes/bare/{path}", text)
    after = _closures(project)
    return {name for name, closure in after.items() if closure != before[name]}


LISTS: Final = {"list.html", "home.html", "topic.html", "country.html", "pair.html", "month.html"}


def test_a_template_changes_itself_and_what_is_made_of_it(project: Project) -> None:
    everything = {name for name, _ in _closures(project)}
    text = BARE["templates/list.html"] + "{# x #}"
    assert {name for name, _ in _changed(project, "templates/list.html", text)} == LISTS
    text = BARE["templates/article.html"] + "x"
    assert {name for name, _ in _changed(project, "templates/article.html", text)} == {"article.html"}
    assert {
        name for name, _ in _changed(project, "templates/base.html", BARE["templates/base.html"] + "x")
    } == everything


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
