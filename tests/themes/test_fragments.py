"""Results of macros are kept, and locales share code: the pages are those that Jinja2 alone would make."""

from datetime import date
from pathlib import Path
from types import BuiltinFunctionType

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import Environment
from jinja2 import Template as JinjaTemplate
from jinja2.meta import find_referenced_templates
from markupsafe import Markup, escape
from markupsafe._speedups import _escape_inner
from msgspec import Struct
from msgspec.structs import replace

from sitegen.theme.compiler import Compiler, escape_value
from sitegen.theme.environment import Templates
from sitegen.theme.messages import TemplateError
from sitegen.theme.model import Message, Template, Theme
from tests.tools import REPOSITORY

LABELS = (
    Message("plain", (("other", "A <label>"),), "en"),
    Message("named", (("other", "Hello {name}"),), "en"),
    Message("plain", (("other", "見出し"),), "ja"),
)
PARTS = """\
{% set seen = namespace(count=0) %}
{% macro show(value, level=1) %}{% set seen.count = seen.count + 1 %}[{{ value|string }} {{ level }}]{% endmacro %}
{% macro outer() %}{{ caller() }}{% endmacro %}
{% macro times() %}{{ seen.count }}{% endmacro %}
"""


class Entry(Struct, frozen=True):
    title: str
    day: date = date(2026, 7, 1)


class Link(Struct, frozen=True, cache_hash=True):
    name: str


class Page(Struct, frozen=True):
    title: str
    entries: tuple[Entry | Link, ...] = ()
    html: Markup = Markup("<b>")


def templates(page: str) -> Templates:
    found = {"page.html": page, "parts.html": PARTS}
    made = tuple(Template(name, f"themes/own/templates/{name}", text, "own") for name, text in found.items())
    return Templates(Theme("own", made, (), LABELS))


def render(page: str, view: Page = Page("T"), locale: str = "en") -> str:  # noqa: B008 - the view is frozen
    return templates(page).render("page.html", locale, Page("site"), view).decode()


PLAIN = Environment(autoescape=True)
IMPORT = '{% from "parts.html" import show, outer, times %}'


def test_a_macro_is_rendered_once_for_equal_arguments() -> None:
    view = Page("T", (Entry("A"), Entry("B"), Entry("A")))
    text = render(IMPORT + "{% for it in page.entries %}{{ show(it.title, level=2) }}{% endfor %} {{ times() }}", view)
    assert text == "[A 2][B 2][A 2] 2"
    made = templates(IMPORT + "{{ show(page.title) }} {{ times() }}")
    pages = [made.render("page.html", "en", Page("site"), Page(title)) for title in ("one", "two", "one")]
    # The number of a call is itself kept, so it is that of the first page.
    assert pages == [b"[one 1] 1", b"[two 1] 1", b"[one 1] 1"]


@pytest.mark.parametrize(("entry", "times"), [(Link("A"), 2), (Entry("A"), 4)])
def test_only_views_that_keep_their_hash_are_looked_up(entry: Entry | Link, times: int) -> None:
    calls = "{{ show(page.entries[0]) }}{{ show(page.entries[1]) }}{{ show(page.entries) }}{{ show(page.entries) }}"
    text = render(f"{IMPORT}{calls} {{{{ times() }}}}", Page("T", (entry, replace(entry))))
    assert text.endswith(f" {times}")


@pytest.mark.parametrize(
    ("calls", "expected"),
    [
        ("{{ show(1) }}{{ show(true) }}{{ show(1.0) }}", "[1 1][True 1][1.0 1]"),
        ("{{ show(page.title) }}{{ show(page.html) }}", "[&lt;b&gt; 1][<b> 1]"),
        ("{{ show('a', 1) }}{{ show('a', true) }}", "[a 1][a True]"),
        ("{{ show('a', level=1) }}{{ show('a', level=true) }}", "[a 1][a True]"),
        ("{{ show('a', level=page.html) }}{{ show('a', level=page.title) }}", "[a <b>][a &lt;b&gt;]"),
        ("{{ show((1,)) }}{{ show((true,)) }}", "[(1,) 1][(True,) 1]"),
        ("{% for n in [1, 2] %}{% call outer() %}{{ n }}{% endcall %}{% endfor %}", "12"),
        ("{% set seen = namespace(n=1) %}{{ show(seen.n) }}{% set seen.n = 2 %}{{ show(seen.n) }}", "[1 1][2 1]"),
        ("{% macro own() %}{{ page.title }}{% endmacro %}{{ own() }}", "&lt;b&gt;"),
        ("{{ show([1, 2]) }}{{ show({'a': 1}) }}", "[[1, 2] 1][{&#39;a&#39;: 1} 1]"),
    ],
)
def test_what_differs_is_rendered_again(calls: str, expected: str) -> None:
    assert render(IMPORT + calls, Page("<b>")) == expected


def test_a_macro_of_the_page_sees_each_page() -> None:
    made = templates("{% macro own() %}{{ page.title }}{% endmacro %}{{ own() }}")
    assert [made.render("page.html", "en", Page(""), Page(title)) for title in "ab"] == [b"a", b"b"]


def test_locales_share_the_code_of_a_template_and_nothing_that_differs() -> None:
    made = templates("{{ label('plain') }} {{ 1234|number }} {{ 'he'|lang }} {{ label('named', name=page.title) }}")
    view = Page("<T>")
    english = b'A &lt;label&gt; 1,234 lang="he" dir="rtl" Hello &lt;T&gt;'
    assert made.render("page.html", "en", view, view) == english
    japanese = '見出し 1,234 lang="he" dir="rtl" Hello &lt;T&gt;'
    assert made.render("page.html", "ja", view, view).decode() == japanese
    assert made.render("page.html", "de", view, view).decode().split()[2] == "1.234"


def test_a_template_may_give_the_name_label_to_something_else() -> None:
    assert render("{% set label = page.title %}{{ label }}") == "T"
    assert render("{% macro label(key) %}own {{ key }}{% endmacro %}{{ label('plain') }}") == "own plain"
    assert render("{% from 'parts.html' import show as label %}{{ label('plain') }}") == "[plain 1]"


def test_an_unknown_label_is_an_error_with_its_line() -> None:
    with pytest.raises(TemplateError) as raised:
        render("\n{{ label('unknown') }}")
    assert (raised.value.diagnostic.code, raised.value.diagnostic.location.line) == ("missing-label", 2)


@given(st.text() | st.integers() | st.builds(Markup, st.text()) | st.booleans() | st.floats())
def test_values_are_escaped_as_by_markupsafe(value: object) -> None:
    assert escape_value(value) == escape(value)
    made = templates("{{ page.title }}{{ page.title ~ page.html }}")
    if type(value) is str:
        text = made.render("page.html", "en", Page(""), Page(value)).decode(errors="surrogatepass")
        assert text == escape(value) + escape(value) + Markup("<b>")


def test_texts_are_escaped_in_c() -> None:
    assert isinstance(_escape_inner, BuiltinFunctionType)


# --- kept code --------------------------------------------------------------------------------------------------------


def compiled(source: str, folder: Path) -> str:
    """Return what a template renders, compiled now or from the code in `folder`."""
    compiler = Compiler({"page.html": Template("page.html", "themes/own/page.html", source, "own")}, folder)
    return JinjaTemplate.from_code(PLAIN, compiler.code("page.html", PLAIN), {}).render(name="<x>")


def test_code_is_kept_and_anything_wrong_with_it_means_that_it_is_compiled_again(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    assert compiled("A {{ name }}", folder) == "A &lt;x&gt;"
    (file,) = folder.iterdir()
    first = file.read_bytes()
    other = tmp_path / "other"
    compiled("B {{ name }}", other)
    (foreign,) = other.iterdir()
    # Cut, changed, empty, and the valid file of another template: with none of them is the page another one.
    for data in (first[:-1], first[:30] + b"!" + first[31:], b"", foreign.read_bytes()):
        file.write_bytes(data)
        assert compiled("A {{ name }}", folder) == "A &lt;x&gt;"
        assert file.read_bytes() == first
    assert compiled("C {{ name }}", folder) == "C &lt;x&gt;"
    assert [*folder.iterdir()] == [file], "an edited template replaces its code"


def test_kept_code_is_used(tmp_path: Path) -> None:
    compiled("A {{ name }}", tmp_path)
    (file,) = tmp_path.iterdir()
    before = file.stat().st_mtime_ns
    file.chmod(0o444)
    assert compiled("A {{ name }}", tmp_path) == "A &lt;x&gt;"
    assert (file.stat().st_mtime_ns, [*tmp_path.iterdir()]) == (before, [file])


def test_a_folder_that_cannot_be_written_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder")
    assert compiled("A {{ name }}", tmp_path / "file" / "templates") == "A &lt;x&gt;"


# --- references -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ["default", "plain"])
def test_references_are_those_that_jinja2_finds(theme: str) -> None:
    for file in (REPOSITORY / "themes" / theme / "templates").iterdir():
        source = file.read_text("utf-8")
        compiler = Compiler({"page.html": Template("page.html", "p", source, "own")}, None)
        found = compiler.references("page.html", PLAIN)
        assert set(found) == set(find_referenced_templates(PLAIN.parse(source))), file


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ('{%- include "a.html" ignore missing with context -%}', {"a.html"}),
        ("{%+\n from 'a.html'\n import b as c, d with context %}", {"a.html"}),
        ('{% include "a.html" if page.title else page.other %}', {None}),
        ('{% include ["a.html", "b.html"] %}', {"a.html", "b.html"}),
        ("{% include page.name %}", {None}),
        ('{% include "a" ~ page.name %}', {None}),
        ('{# {% include "a.html" %} #}', {"a.html"}),
        ("{% if includes %}{% endif %}", set()),
    ],
)
def test_a_name_that_is_computed_is_none(source: str, names: set[str | None]) -> None:
    compiler = Compiler({"page.html": Template("page.html", "p", source, "own")}, None)
    assert set(compiler.references("page.html", PLAIN)) == names
