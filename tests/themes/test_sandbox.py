"""Templates reach values, and neither Python nor much memory. Everything is reported with template and line."""

from datetime import UTC, datetime

import pytest
from markupsafe import Markup
from msgspec import Struct

from sitegen.theme.environment import Templates
from sitegen.theme.messages import TemplateError
from sitegen.theme.model import Message, Template, Theme

PATH = "themes/own/templates/page.html"


class Page(Struct, frozen=True):
    title: str = "A <title>"
    html: Markup = Markup("<p>text</p>")
    rows: tuple[int, ...] = (1, 2)
    time: datetime = datetime(2026, 7, 3, tzinfo=UTC)
    nothing: None = None

    def names(self) -> tuple[str, ...]:
        return ("title",)


def render(text: str) -> str:
    theme = Theme("own", (Template("page.html", PATH, text, "own"),), (), ())
    return Templates(theme).render("page.html", "en", Page(), Page()).decode()


ESCAPES = (
    "cycler.__init__.__globals__.os.popen('id').read()",
    "page.__class__.__mro__",
    "page['__class__']",
    "page|attr('__class__')",
    "[page]|map(attribute='__class__')|first",
    "label.__func__.__globals__",
    "label.__self__._messages",
    "page.names.__func__",
    "self.__init__",
    "(page.title.format_map.__self__).__class__",
    "[].append(1)",
    "{}.update(a=1)",
    "page.title['format']('x')",
    "page.title|attr('for' ~ 'mat')",
    "(range(3)|map('string')).gi_frame",
    "[range(3)|map('string')]|map(attribute='gi_frame')|first",
    "self._TemplateReference__context",
    "dict.mro()",
    "page.time.now()",
    "page.time.date()|attr('today')",
)


@pytest.mark.parametrize("text", ESCAPES)
def test_a_template_cannot_reach_python_or_change_a_value(text: str) -> None:
    with pytest.raises(TemplateError) as raised:
        render("\n{{ " + text + " }}")
    found = raised.value.diagnostic
    assert (found.location.path, found.location.line) == (PATH, 2)
    assert found.code in {"template-unsafe", "template-error"}


LARGE = (
    "range(10 ** 9)|list",
    "'x' * 10 ** 9",
    "10 ** 9 * 'x'",
    "[0] * 10 ** 9",
    "['x' * 10 ** 6] * 10 ** 3",
    "2 ** (10 ** 9)",
    "'x'|center(10 ** 9)",
    "'x\ny'|indent(10 ** 9)",
    "'x'|replace('x', 'y' * 10 ** 6)|replace('y', 'z' * 10 ** 6)",
    "(['x'] * 10 ** 6)|join('y' * 10 ** 6)",
    "range(10 ** 5)|join('y' * 10 ** 6)",
    "range(10 ** 5)|map('string')|join('y' * 10 ** 6)",
    "dict.fromkeys(range(10 ** 5))|join('y' * 10 ** 6)",
    "('y' * 10 ** 6).join(range(10 ** 5)|map('string'))",
    "('y' * 10 ** 6).translate({121: 'z' * 10 ** 6})",
    "['x']|map('center', 10 ** 9)|list",
    "[1]|batch(10 ** 9, 0)|list",
    "[1]|slice(10 ** 9)|list",
    "page.rows|tojson(10 ** 9)",
    "1.5|round(10 ** 9, 'ceil')",
    "'x'.ljust(10 ** 9)",
    "page.html.center(10 ** 9)",
    "('y' * 10 ** 4).join(['x'] * 10 ** 4)",
    "'\t'.expandtabs(10 ** 9)",
    "1 .to_bytes(10 ** 9)",
    "'{:>1000000000}'.format(1)",
    "page.html.format(1)",
    "'%1000000000d' % 1",
    "page.html % 1",
    "'%1000000000d'|format(1)",
)


@pytest.mark.parametrize("text", LARGE)
def test_a_filter_or_an_operator_cannot_make_a_huge_value(text: str) -> None:
    with pytest.raises(TemplateError) as raised:
        render("\n\n{{ " + text + " }}")
    found = raised.value.diagnostic
    assert found.location.path == PATH
    assert found.location.line >= 3
    assert found.code in {"template-error", "template-syntax"}
    assert "MemoryError" not in found.message


USUAL = {
    "page.title": "A &lt;title&gt;",
    "page.html": "<p>text</p>",
    "page.title * 2": "A &lt;title&gt;A &lt;title&gt;",
    "page.title.upper()": "A &lt;TITLE&gt;",
    "page.rows|join(', ')": "1, 2",
    "page.names()|join": "title",
    "100 * 3 / 7|round(1)": "42.857142857142854",
    "(100 * 3 / 7)|round(1)": "42.9",
    "2 ** 10 % 1000": "24",
    "5_000_000 * 5_000_000": "25000000000000",
    "{'a': 1}.get('a')": "1",
    "'x'|center(5)": "  x  ",
    "range(3)|list|length": "3",
    "none": "",
    "page.nothing": "",
    "page.title ~ none ~ 1": "A &lt;title&gt;1",
    "[none, 'x']|join('-')": "-x",
    "page.time.date()": "2026-07-03",
    "true": "True",
    "range(3)|join('-')": "0-1-2",
    "range(3)|map('string')|join('-')": "0-1-2",
    "'-'.join(range(3)|map('string'))": "0-1-2",
    "{'today': 1}.today": "1",
    "page.time.year": "2026",
    "page.html.striptags()": "text",
}


@pytest.mark.parametrize(("text", "shown"), USUAL.items())
def test_the_usual_works(text: str, shown: str) -> None:
    assert render("{{ " + text + " }}") == shown


WITH_PARTS = {
    "page": "Page has parts, and cannot be printed; print a field, such as .title",
    "page.rows": "a list has parts, and cannot be printed; print each part in {% for %}",
    "[1, 2]": "a list has parts, and cannot be printed; print each part in {% for %}",
    "page.rows|map('string')": "a list has parts, and cannot be printed; print each part in {% for %}",
    "{'level': 1}": "a mapping has parts, and cannot be printed; print one value, such as ['level']",
    "page.title ~ page.rows": "a list has parts, and cannot be printed; print each part in {% for %}",
    "[page]|join(', ')": "Page has parts, and cannot be printed; print a field, such as .title",
    "page.names": "a value of the type 'method' cannot be printed",
}


@pytest.mark.parametrize(("text", "message"), WITH_PARTS.items())
@pytest.mark.parametrize("name", ["page.html", "page.txt"])
def test_a_value_with_parts_is_not_printed(text: str, message: str, name: str) -> None:
    theme = Theme("own", (Template(name, PATH, "\n{{ " + text + " }}", "own"),), (), ())
    with pytest.raises(TemplateError) as raised:
        Templates(theme).render(name, "en", Page(), Page())
    found = raised.value.diagnostic
    assert found.message.startswith(message)
    assert (found.location.path, found.location.line) == (PATH, 2)


PLAIN_MESSAGES = {
    "label('rows', page.totl)": ("unknown-name", "'tests.themes.test_sandbox.Page object' has no attribute 'totl'"),
    "label('rows', '3')": ("template-error", "the second value of label('rows', …) is a 'str', not a number"),
    "label('rows', page.rows)": ("template-error", "a list has parts, and cannot be printed; "),
    "label('rows', none)": (
        "bad-label",
        "the template gives no value for {count} in the label 'rows' of locale/en.yaml",
    ),
    "none|lang": ("template-error", "a filter cannot format none; expected a day, a number or the tag of a language"),
    "none|date": ("template-error", "a filter cannot format none; expected a day, a number or the tag of a language"),
    "[]|lang": ("template-error", "a filter cannot format a value of the type 'list'; expected a day, a number or"),
    "page.title is drafty": ("template-syntax", "there is no test 'drafty'"),
    "1 if page.title is evne": ("template-syntax", "there is no test 'evne'"),
    "page.title|uper": ("template-syntax", "there is no filter 'uper'"),
}


@pytest.mark.parametrize(("text", "expected"), PLAIN_MESSAGES.items())
def test_a_wrong_value_has_a_plain_message(text: str, expected: tuple[str, str]) -> None:
    label = Message("rows", (("one", "{count} row"), ("other", "{count} rows")), "en")
    theme = Theme("own", (Template("page.html", PATH, "\n{{ " + text + " }}", "own"),), (), (label,))
    with pytest.raises(TemplateError) as raised:
        Templates(theme).render("page.html", "en", Page(), Page())
    found = raised.value.diagnostic
    assert (found.code, found.message[: len(expected[1])]) == expected
    assert (found.location.path, found.location.line) == (PATH, 2)
