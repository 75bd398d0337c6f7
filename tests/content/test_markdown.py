"""What becomes of an article's text: the golden cases of markdown.txt, and what must hold for any text."""

import re
import subprocess
import sys
from itertools import product
from pathlib import Path
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from sitegen.content.figures import PRE
from tests.content.parsing import read, shown

_CASE = re.compile(r"^(?P<title>\S[^\n]*)\n\.\n(?P<text>.*?)\n\.\n(?P<expected>.*?)^\.$", re.MULTILINE | re.DOTALL)
_GOLDEN: Final = Path(__file__).with_name("markdown.txt")

CASES: Final = tuple((m["title"], m["text"], m["expected"]) for m in _CASE.finditer(_GOLDEN.read_text("utf-8")))


def html(text: str) -> str:
    """Return the HTML of a text that has no errors, no perspectives and no holes."""
    body, diagnostics = read(text)
    assert {item.code for item in diagnostics} <= {"unread-syntax"}, diagnostics.sorted()
    return "".join("".join(section.parts) for section in body.sections)


def test_every_case_of_the_file_is_read() -> None:
    lines = _GOLDEN.read_text("utf-8").splitlines()
    assert len(CASES) * 3 == lines.count(".")
    assert len({title for title, _, _ in CASES}) == len(CASES)


@pytest.mark.parametrize(("text", "expected"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_golden(text: str, expected: str) -> None:
    assert shown(text) == expected


# --- Japanese emphasis ------------------------------------------------------------------------------------------------

_INSIDE: Final = (
    "重要",
    "「重要」",
    "（注）",
    "重要。",
    "重要、",
    "『本』",
    "【新】",
    "〈一〉",
    "《二》",
    "〔三〕",
    "！？",
    "…重要…",
    "“重要”",
    "(注)",
)
_MARKS: Final = (("*", "em"), ("**", "strong"), ("~~", "s"))
_BESIDE: Final = ("", "は", "漢", "カ", "ｶ", "。", "、", "「", "」", "（", "）", "・", "ー", "　")


@pytest.mark.parametrize(("mark", "tag"), _MARKS, ids=[mark for mark, _ in _MARKS])
@pytest.mark.parametrize("inside", _INSIDE)
def test_japanese_emphasis_closes_next_to_any_character(inside: str, mark: str, tag: str) -> None:
    for before, after in product(_BESIDE, _BESIDE):
        # An ideographic space is white space: a paragraph cannot begin or end with it.
        text = f"日{before}{mark}{inside}{mark}{after}日"
        assert html(text) == f"<p>日{before}<{tag}>{inside}</{tag}>{after}日</p>\n", text


@pytest.mark.parametrize("inside", _INSIDE)
def test_nested_japanese_emphasis(inside: str) -> None:
    assert html(f"は**「*{inside}*を」**は") == f"<p>は<strong>「<em>{inside}</em>を」</strong>は</p>\n"
    assert html(f"は~~**{inside}**~~は") == f"<p>は<s><strong>{inside}</strong></s>は</p>\n"
    assert html(f"は***{inside}***は") == f"<p>は<em><strong>{inside}</strong></em>は</p>\n"


def test_a_mark_next_to_a_space_still_neither_opens_nor_closes() -> None:
    assert html("は** 重要**は") == "<p>は** 重要**は</p>\n"
    assert html("は**重要 **は") == "<p>は**重要 **は</p>\n"
    assert html("は**　重要**は") == "<p>は**　重要**は</p>\n"


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet="**_~ab1 .(\"'é-!\n", max_size=40))
def test_text_without_wide_characters_is_commonmark(text: str) -> None:
    library = MarkdownIt("commonmark", {"xhtmlOut": False}).enable(["table", "strikethrough"])
    # A heading gets an anchor, which the library does not give; so setext headings are kept out.
    text = re.sub(r"\n *-", "\nx", f"x{text}")
    assert html(text) == library.render(text).replace("<pre>", PRE)


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="日本語かなカナ。、「」（）・", min_size=1, max_size=12), st.data())
def test_line_breaks_in_japanese_change_nothing(text: str, data: st.DataObject) -> None:
    location = data.draw(st.integers(0, len(text)))
    broken = f"日{text[:location]}\n{text[location:]}日"
    assert html(broken) == html(broken.replace("\n", "")) == f"<p>日{text}日</p>\n"


# --- headings and perspectives ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["> # Big", "- # Big", "1. # Big", "> Big\n> ===", "> > # Big"])
def test_the_title_is_the_only_h1_of_its_page(text: str) -> None:
    body, diagnostics = read(text)
    assert not len(diagnostics)
    parts = "".join("".join(section.parts) for section in body.sections)
    assert "Big" in parts
    assert "<h1" not in parts


@settings(max_examples=100, deadline=None)
@given(
    st.lists(
        st.sampled_from(["Result", "result", "Result 2", "Result-2", "Economic", "！", "結果", "society"]), max_size=8
    )
)
def test_anchors_are_unique_and_no_perspectives_key(titles: list[str]) -> None:
    body, diagnostics = read("".join(f"### {title}\n\n" for title in titles) + "## Economic impact\n\nText.\n")
    assert not len(diagnostics)
    parts = "".join("".join(section.parts) for section in body.sections)
    ids = re.findall(r'id="([^"]+)"', parts)
    assert len(ids) == len(titles)
    assert len(set(ids)) == len(ids)
    assert body.anchors == (*ids, "economic")
    assert not {"economic", "investors", "society", "citizens", "background", "climate"} & set(ids)


def test_an_anchor_does_not_depend_on_the_text_below_it() -> None:
    assert read("## One\n\n## Two\n")[0].anchors[0] == read("## One\n\n## One\n")[0].anchors[0] == "one"


def test_first_sentences_of_perspectives() -> None:
    body, _ = read(
        "## Economic impact\n\nPrices of **3.5%** rise. More.\n\n## 市民の声\n\n安い。高い。\n\n"
        "## Social impact\n\nNo end\n\n## Climate\n\n> quoted! yes\n"
    )
    assert [section.first_sentence for section in body.sections] == [
        "Prices of 3.5% rise.",
        "安い。",
        "No end",
        "quoted!",
    ]


# --- attacks ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "<!-- a --> kept <!-- b -->",
        "<!-- a --><b>kept</b><!-- b -->",
        "<!-- a -->\nkept\n<!-- b -->",
        "<!-- a --> kept\n<!-- b -->",
        "Text <!-- a --> kept <!-- b -->",
        "<!-- a --> kept",
    ],
)
def test_no_word_is_lost_between_comments(text: str) -> None:
    body, diagnostics = read(text)
    parts = "".join("".join(section.parts) for section in body.sections)
    assert diagnostics.errors or "kept" in parts


@pytest.mark.parametrize(
    "text",
    [
        "a&#12;b",
        "a&#xC;b",
        "`a`&#12;",
        "[a](https://example.org/ '&#12;')",
        "![&#12;](a.png)",
        "```&#12;\na\n```",
        "&#xFFFF;&#1;",
        "<https://example.org/%00>",
        "<https://example.org/%08>",
        "![a](a.png) <https://example.org/%000%00>",
    ],
)
def test_no_character_comes_out_that_feeds_cannot_carry(text: str) -> None:
    body, diagnostics = read(text)
    parts = "".join("".join(section.parts) for section in body.sections)
    found = re.findall("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]", parts)
    assert diagnostics.errors or not found


@pytest.mark.parametrize(
    ("text", "code", "position", "message"),
    [
        ("日本 a&#12;b", "control-character", (1, 5), "gives a control character"),
        ("a &amp; b\n<https://example.org/%20%00>", "control-character", (2, 25), "gives a control character"),
        (
            "[a](/b%00c)",
            "bad-address",
            (1, 5),
            "outside the project, or has a control character",
        ),
        (
            "[a](b.md#c%7F)",
            "bad-address",
            (1, 5),
            "outside the project, or has a control character",
        ),
        ("[a](../../../../../b.md)", "bad-address", (1, 5), "is empty or outside the project"),
        ("A ** b and *c* and **", "unread-syntax", (1, 3), "'** b and c and **' is printed as text"),
    ],
)
def test_messages_have_the_column_of_what_is_written(
    text: str, code: str, position: tuple[int, int], message: str
) -> None:
    item = next(item for item in read(text)[1] if item.code == code)
    assert (item.location.line, item.location.column) == position
    assert message in item.message
    assert item.hint


_FOREIGN: Final = (
    *("==marked==", "++inserted++", "<%= erb %>", ".. image:: a.png", "!!! note", "??? note", "*[HTML]: Hypertext"),
    *("[/caption]", '[gallery ids="1,2"]', "H~2~O", "x^2^", "$E = mc^2$", "$\\alpha$", "&nbps;", "| a | b |"),
    *(
        "[the plan] (https://example.org/)",
        "$$a$$",
        "{{ a }}",
        "[TOC]",
        "[youtube=https://example.org/watch?v=1&w=600]",
    ),
    *(
        "](https://example.org/)",
        "-\u3000表",
        '[1]: https://example.org/ ""a" b"',
        "_Any questions? _",
        "*Any questions? *.",
    ),
    *("{{ page.title }}", '{{ "/a/" | url }}', "![[x]]", "[[note#part]]", "[[a/b|text]]", "[[note.md]]"),
    *("＃＃ 経済的影響", "＞\u3000引用", "＊＊強調＊＊", "｜表｜値｜", "［報告］（https://a.example/）"),
    *("[報告]（https://a.example/）", "［報告］(https://a.example/)"),
    *("*text***", "a{.b} c", "{.b}", "***text*", "重要でした** と\n書いた** と"),
)


@pytest.mark.parametrize("text", _FOREIGN)
def test_syntax_of_other_programs_is_a_warning(text: str) -> None:
    (item,) = read(f"Before\n{text}\n" if not text.startswith("|") else f"{text}\n{text}\n")[1][:1]
    assert item.code == "unread-syntax"
    assert item.location.line == (1 if text.startswith("|") else 2)
    assert item.hint
    assert not read(f"`{text}`\n")[1]


_USUAL_TEXT: Final = (
    "It costs $5 to $10, or US$ 5 and A$ 6. a == b and c == d; C++ and D++; 9~10 and 3~4~5.",
    "AT&T; R&D; 2^10 is 1,024 and 2^20 more. [sic] (see below). a | b | c. What??? Stop!!! Wait",
    "A price* and a cost** without tax. (*) *args, *kwargs; a *b * c; snake_case_ and _x; *text*\\* [see https://a.example/]",
    "See https://example.org/?title={{result}} and <https://example.org/{{a}}>. Write /** and [[:alpha:]].",
    "The years **2014** and **2015***, a rule for {#id} in headings, {.class} as text and {...props}.",
    "[new][[Report 1](https://a.example/1)], [[2](https://a.example/2)][[3](https://a.example/3)] 、**kwargsを",
    "The slot [[Class]], a list [[1, 2]], the placeholders {{Navigation}}, {{name|value}} and {{...}}.",
    'Write [gallery ids="1,2"] there. [image?%5Cin&space;t](https://a.example/image)',
    "＃1の港（https://a.example/）、［注］、＊注、＞なし。\n＞＞ 次へ｜前へ\n＃港",
    "x = [1] and [a b] [/] ... .. and * [note] *: A|B <5 % of 6>",
)


@pytest.mark.parametrize("text", _USUAL_TEXT)
def test_usual_text_is_no_syntax(text: str) -> None:
    assert not read(text + "\n")[1]


def test_text_cannot_take_the_place_of_a_link() -> None:
    body, diagnostics = read("[a](b.md) <https://example.org/%000%00> &quot;&quot;\n\n![](c.png '')\n")
    (section,) = body.sections
    assert [link.path.rpartition("/")[2] for link in section.links] == ["b.md", "c.png"]
    assert section.parts[0] == '<p><a href="'
    (item,) = diagnostics
    assert (item.code, item.location.line) == ("control-character", 1)


_BOMBS: Final = {
    "comments": "<!---->" * 40 + "x",
    "comments and blanks": "<!-- -->\t" * 5_000 + "x",
    "blanks in comments": "<!-- -->" + " " * 100_000 + "x",
    "inline comments": "a " + "<!---->" * 5_000,
    "unclosed comments": "a " + "<!-- " * 5_000,
    "brackets": "[" * 10_000,
    "links": "[a](b) <ftp://a> <https://a.b> <a@b.c> https://a.b/)) " * 5_000,
    "footnotes": "[^a]: b\n\n" + "[^a] ^[b] " * 5_000,
    "definitions": "a\n: b\n\n" * 5_000,
    "tags": "{{ {% [[ ![a](b c " * 5_000,
    "pictures": "![" * 10_000 + "a" + "](b.png)" * 10_000,
    "stars": "*a **a " * 5_000,
    "wide stars": "*「 **」" * 5_000,
    "quotations": ">" * 20_000 + "a",
    "lists": "".join(f"{'  ' * depth}- a\n" for depth in range(300)),
    "backticks": "".join("`" * n + " " for n in range(1, 300)),
    "marks of others": "==a ++a $a\\ [a b=' <% x^y &a ] (http://a | " * 5_000,
    "columns": "|a" * 500 + "|\n" + "|-" * 500 + "|\n" + "|\n" * 100,
    "entities": "&" * 30_000,
    "headings": "## a\n\n" * 2_000,
    "language marks": "## " + "{lang=" * 20_000 + "\n",
    "blanks before a language": "## a" + " " * 200_000 + "b\n",
    "sentences": "## Economic impact\n\n" + "a." * 20_000,
    "line breaks": "日\n" * 5_000,
    "marks and line breaks": "日**\n" * 3_000,
}


@pytest.mark.parametrize("name", _BOMBS)
def test_no_text_takes_long(name: str) -> None:
    """Each is far below the size that is read; a second would be long, twenty are a hang."""
    program = "import sys; from tests.content.parsing import read; read(sys.stdin.read())"
    subprocess.run(
        [sys.executable, "-c", program], input=_BOMBS[name], timeout=20, check=True, encoding="utf-8", cwd=_ROOT
    )


_ROOT: Final = Path(__file__).parents[2]


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet="<>!-&;#x1abc/\\\"'()[]{}=:*_`|~\n 日「」。", max_size=60),
    st.sampled_from(["", "javascript:", "[a](javascript:", "<a href=", "![x](data:", "[r]: javascript:\n[a][r"]),
)
def test_no_text_gives_anything_but_known_tags_and_addresses(text: str, start: str) -> None:
    """Whatever is written, what comes out is the parser's own elements, and no address of a forbidden kind."""
    body, _ = read(start + text)
    parts = "".join("/hole/".join(section.parts) for section in body.sections)
    for tag, attributes in re.findall(r"<\s*/?\s*([^\s>/]*)([^>]*)>", parts):
        assert _ELEMENTS.fullmatch(tag), parts
        rest = re.sub(r'\s(?:href|src|alt|title|class|id|lang|style|start|tabindex)="[^"<>]*"', "", attributes)
        assert rest.strip() in {"", "/"}, parts
    for address in re.findall(r'(?:href|src)="([^"]*)"', parts):
        assert re.match(r"(https?://|mailto:|tel:|/hole/|$)", address), parts


_ELEMENTS: Final = re.compile(
    "p|em|strong|s|sup|code|pre|a|img|h[2-6]|ul|ol|li|dl|dt|dd|blockquote|hr|br|div|figure|figcaption|small|table|thead|tbody|tr|th|td"
)
