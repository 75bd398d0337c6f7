"""The text that a reader of HTML sees is the text that a reader of the imported article sees."""

import html
import re
import string
from typing import Final
from urllib.parse import unquote

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sitegen.config.loader import read_config
from sitegen.content.markdown import read_body
from sitegen.diagnostics import Diagnostics, Severity, SourceText
from sitegen.importers.imported_article import ImportLog
from sitegen.importers.inputs import Input
from sitegen.importers.markup.converter import Converter
from sitegen.importers.markup.html import parse_page
from tests.importers.conftest import GOLDEN

SETTINGS: Final = read_config((GOLDEN / "site.yaml").read_bytes(), Diagnostics())
_MARKS: Final = (
    *("<b>{}</b>", "<i>{}</i>", "<del>{}</del>", "<span>{}</span>", "<br>{}", "<b>{}<br></b>"),
    '<a href="https://a.example/x_(_">{}</a>',
)
_BLOCKS: Final = (
    *("<p>{}</p>", "<h3>{}</h3>", "<div>{}</div>", "<blockquote><p>{}</p></blockquote>"),
    *("<ul><li>{}</li><li>x</li></ul>", "<ol><li><p>{}</p><p>y</p></li></ol>", "<pre>{}</pre>"),
    "<table><tr><th>h</th></tr><tr><td>{}</td></tr></table>",
)
_BLOCK_END: Final = re.compile(r"</(?:p|li|h\d|td|th|tr|div|pre|blockquote)>|<br>")


def log_of(text: str) -> ImportLog:
    """Return the log of an article with a text."""
    assert SETTINGS is not None
    return ImportLog(Input("a.md", "a.md", "a", text.encode(), SourceText("a.md", text)), SETTINGS.config)


def converted(fragment: str) -> tuple[str, ImportLog]:
    """Return the Markdown of an HTML fragment."""
    log = log_of(fragment)
    return Converter(log, lambda address, _use: address).html(fragment), log


def rendered(markdown: str) -> str:
    """Return the HTML of Markdown, which has no errors."""
    diagnostics = Diagnostics()
    body = read_body(SourceText("content/a.md", markdown), markdown, diagnostics, perspectives=())[0]
    assert not diagnostics.errors
    return "".join(part for section in body.sections for part in section.parts)


def visible(fragment: str) -> str:
    """Return the characters of HTML that a reader sees, without white space."""
    return "".join(parse_page(f"<div>{_BLOCK_END.sub(' ', fragment)}</div>").text_content().split())


_PARTS: Final = (*string.punctuation, *string.punctuation, *"ab12 \n日「", "1.", "# ", "- ", "**", "snake_case")


def _inline(marks: tuple[str, ...], parts: tuple[str, ...], separator: str) -> st.SearchStrategy[str]:
    """Texts with marks, and a separator between them."""
    text = st.lists(st.sampled_from(parts), max_size=14).map("".join).map(html.escape)
    return st.lists(st.builds(str.format, st.sampled_from(("{}", *marks)), text), max_size=4).map(separator.join)


_TEXTS: Final = (
    _inline((), (*_PARTS, "https://a.b/_c_"), "")
    | _inline((*_MARKS, "<code>{}</code>", "<i><b>{}</b></i>"), (*_PARTS, "https://a.b/_c_"), " ")
    | _inline(_MARKS, _PARTS, "")
)
_FRAGMENTS: Final = st.lists(st.builds(str.format, st.sampled_from(_BLOCKS), _TEXTS), max_size=3).map("".join)


@settings(max_examples=150, deadline=None)
@given(_FRAGMENTS)
@example("<p>*stars* _und_ [link](x) `code` ~~s~~ back\\*slash</p><p># a</p><p>1. a</p><p>- a<br>+ b</p>")
@example("<p>Use &lt;b&gt; and &lt;script&gt; &amp;copy; &lt;!-- here --&gt; for it.</p>")
@example("<ul><li>[x] a</li></ul><p>[1]: https://a.b</p><p>![a][b] {{ c }} ^[d] [^e]</p>")
@example('<p>Wow!<a href="/x">a]</a> <a href="/y">https://a.b/_c_ [d] e</a></p>')
@example("<p>a</p><p>---</p><p>a | b<br>--|--</p><h3>a #</h3><p>a\n\n\nb</p>")
@example('<p><b>Note:</b>text a<i>"b"</i>c <b>(<i>d</i>)</b>e</p>')
@example("<figure><figcaption>a<p>b</p><p>c</p></figcaption></figure><del><p>d</p><p>e</p></del>")
@example("<i>a<br><br>b</i><i>c<ul><li>d</li></ul></i>")
@example(
    '<b>33%</b><span>of</span> a<em><span>, </span></em>b <b><a href="/c">c</a></b>d <b>e</b><span></span><b>f</b>'
)
@example("<figure><figcaption>a\n\t&nbsp;\n b</figcaption></figure>")
@example("<p>„<q>a</q>“ b «<q>c</q>, d»</p>")
@example("<b>a?</b>\u200b<table><tr><td><pre>b\nc</pre></td></tr></table>")
@example("<blockquote><table><tr><td>a<br>b</td></tr><tr><td>c</td></tr></table></blockquote>")
@example(f"{'<div>' * 400}a{'</div>' * 400}<p>b</p>")
@example("<table><tr><td><code>a\\|b|c</code></td></tr></table><pre>a <a href='/b'>b</a></pre>")
def test_the_text_of_html_is_kept(fragment: str) -> None:
    assert visible(rendered(converted(fragment)[0])) == visible(fragment)


@pytest.mark.slow
@settings(max_examples=4000, deadline=None)
@given(_FRAGMENTS)
def test_the_text_of_much_html_is_kept(fragment: str) -> None:
    assert visible(rendered(converted(fragment)[0])) == visible(fragment)


@pytest.mark.parametrize(
    "text",
    ["An R&D plan of AT&T [sic], snake_case, 5 * 3, a ~ b, C:\\Users, 1 < 2, #1, a | b", "「重要」は（2021年）。"],
)
def test_ordinary_text_is_not_escaped(text: str) -> None:
    assert converted(f"<p>{html.escape(text)}</p>")[0] == text


@pytest.mark.parametrize(
    ("fragment", "markdown", "reports"),
    [
        ("<p>10<sup>6</sup> m<SUP>−2</sup>, CO<sub>2</sub></p>", "10⁶ m⁻², CO₂", 0),
        ("<p>2<sup>n</sup> and x<sub>max</sub></p>", "2ⁿ and xₘₐₓ", 0),
        ('<p>a<sup class="n"><a href="/n">[1]</a></sup></p>', "a[\\[1\\]](/n)", 1),
        ('<p>a<sup><a href="/n">1</a></sup></p>', "a[¹](/n)", 0),
        ("<p>the 5<sup>th</sup></p>", "the 5th", 1),
        ("<p>10<sup>0.5</sup> 10<sup>3/2</sup> 10<sup>−1.5</sup></p>", "10^0.5 10^3/2 10^−1.5", 3),
        ("<p>45<sup>3, 4</sup>(a) and <i>x</i><sub>1,2</sub></p>", "45[3, 4\\](a) and *x*\\_1,2", 2),
        ("<p>PM<sub>2.5</sub>, <sup>3/2</sup></p>", "PM2.5, 3/2", 2),
        ("<table><tr><th>m<sup>2</sup></th><th>5<sup>th</sup></th></tr></table>", "| m² | 5th |\n| --- | --- |", 1),
        ("<p><code>x<sup>2</sup></code></p>", "`x²`", 0),
    ],
)
def test_superscripts_are_characters_or_reported(fragment: str, markdown: str, reports: int) -> None:
    found, log = converted(fragment)
    assert found == markdown
    assert [item.code for item in log.diagnostics] == ["formatting-omitted"] * reports
    assert all(item.severity is Severity.WARNING for item in log.diagnostics)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("10<sup>0.5</sup>, 10<sup>3/2</sup>, 10<sup>-1.5</sup>", "10^0.5,10^3/2,10^-1.5"),
        ("[45<sup>3, 4</sup>](https://a.example/), 45<sup>3, 4</sup>(a)", "45[3,4],45[3,4](a)"),
        ("_x<sub>1,2</sub>_ 数<sub>1,2</sub> <code>x<sub>1,2</sub></code>", "x_1,2数_1,2x_1,2"),
        ("_値<sub>-1,2</sub> and x_", "値_-1,2andx"),
    ],
)
def test_figures_in_superscripts_are_divided_from_the_number_before(text: str, shown: str) -> None:
    log = log_of(f"\n{text}")
    markdown = Converter(log, lambda address, _use: address).markdown(f"\n{text}", 1)
    assert visible(rendered(markdown)) == shown
    assert {(item.code, item.location.line) for item in log.diagnostics} == {("formatting-omitted", 2)}


def test_a_table_around_code_is_left_out() -> None:
    """Programs that colour code write its lines into a cell, and their numbers into another."""
    code = "<table><tr><td><pre>1\n2</pre></td><td><pre><span>a</span> = 1\n  b = a|c</pre></td></tr></table>"
    assert converted(f"<p>x</p>{code}<p>y</p>")[0] == "x\n\n```\na = 1\n  b = a|c\n```\n\ny"


@pytest.mark.parametrize("kind", ["html", "markdown"])
@pytest.mark.parametrize(
    "address",
    ["https://a.example/?a=1&section=2&copy=3&timestamp=4", "https://a.example/b_c*d(e)", "https://a.example/b|c"],
)
def test_addresses_are_kept(address: str, kind: str) -> None:
    """A reference without a semicolon, such as `&sect`, is not one in an address."""
    escaped = html.escape(address)
    fragment = f'<table><tr><td><a href="{escaped}">b</a></td></tr></table><p><a href="{escaped}">c</a></p>'
    if kind == "markdown":
        log = log_of(fragment)
        markdown = Converter(log, lambda address, _use: address).markdown(f"[d](<{address}>)\n\n{fragment}")
    else:
        markdown, log = converted(fragment)
    found = [unquote(html.unescape(href)) for href in re.findall(r'href="([^"]*)"', rendered(markdown))]
    assert found == [address] * (3 if kind == "markdown" else 2)
    assert not list(log.diagnostics)
