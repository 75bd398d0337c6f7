"""The importer of copied pages: variants of the header, the parts and the end of a page."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from sitegen.config.model import Config
from sitegen.content.frontmatter import FrontMatter
from sitegen.diagnostics import SourceText
from sitegen.importers.formats.text.header import parse_importance
from sitegen.importers.formats.text.parser import parse_text
from sitegen.importers.imported_article import ParseResult
from sitegen.importers.inputs import Input, InputError
from tests.importers.conftest import GOLDEN, PAGE, Import, codes

Parse = Callable[[str], ParseResult]


@pytest.fixture
def parse_all(config: Config) -> Callable[[str], Sequence[ParseResult]]:
    """Parse a text as a file of copied pages."""

    def parse(text: str) -> Sequence[ParseResult]:
        return parse_text(Input("page.txt", "page.txt", "page", text.encode(), SourceText("page.txt", text)), config)

    return parse


@pytest.fixture
def parse(parse_all: Callable[[str], Sequence[ParseResult]]) -> Parse:
    """Parse a text as one copied page."""

    def parse(text: str) -> ParseResult:
        (result,) = parse_all(text)
        return result

    return parse


def article(result: ParseResult) -> ParseResult:
    assert result.front is not None, [item.message for item in result.diagnostics]
    return result


def front(result: ParseResult) -> FrontMatter:
    assert result.front is not None, [item.message for item in result.diagnostics]
    return result.front


@pytest.mark.parametrize(
    ("text", "number"),
    [("5", 5), ("５", 5), ("3/5", 3), ("★★★", 3), ("★☆☆☆☆", 1), ("7", 7), ("3/4", -1), ("five", None), ("", None)],
)
def test_importance(text: str, number: int | None) -> None:
    assert parse_importance(text) == number


@pytest.mark.parametrize(
    "header", ["4", "重要度: 4", "重要度 4", "重要度：４", "Importance: 4/5", "★★★★", "Importance\n4"]
)
def test_importance_in_the_header(parse: Parse, header: str) -> None:
    assert front(parse(PAGE.replace("\n4\n", f"\n{header}\n"))).importance == 4


def test_header_in_another_order_and_with_blank_lines(parse: Parse) -> None:
    head = "Trade\n\n2026-05-04\n\nPorts of the south\n\n4\nHarbour News\n"
    result = front(parse(head + PAGE[PAGE.index("Relations") :]))
    assert (result.title, result.topics, result.source.name) == ("Ports of the south", ("trade",), "Harbour News")


def test_two_topics(parse: Parse) -> None:
    assert front(parse(PAGE.replace("Trade", "貿易・Energy", 1))).topics == ("trade", "energy")


def test_missing_title_is_one_error(parse: Parse) -> None:
    text = "Trade\n2026-05-04\n4\nHarbour News\n\nSummary\n\nPorts grow.\n"
    result = parse(text)
    assert result.front is None
    errors = [(item.code, item.location.line) for item in result.diagnostics if item.severity == "error"]
    assert errors == [("missing-title", 1)]


@pytest.mark.parametrize(("above", "code"), [("", "not-an-article"), ("Trade\n", "missing-title")])
def test_a_title_that_is_too_long_is_named(parse: Parse, above: str, code: str) -> None:
    text = above + PAGE.replace("Ports of the south", "Ports of the long south " * 15, 1)
    try:
        found = [(item.code, f"{item.message}; {item.hint}") for item in parse(text).diagnostics]
    except InputError as error:
        found = [(error.code, f"{error}; {error.hint}")]
    (shown,) = [shown for found_code, shown in found if found_code == code]
    number = 2 if above else 1
    assert f"line {number} has 359 characters; expected at most 300 in a title or another value" in shown
    assert "shorten it if it is the title" in shown


def test_only_a_title(parse: Parse) -> None:
    with pytest.raises(InputError, match="not a copied page"):
        parse("Ports of the south")
    result = parse("Ports of the south\n4")
    assert result.front is None
    assert {code for code, _ in codes(result)} == {
        "missing-topic",
        "missing-date",
        "missing-source",
        "missing-summary",
        "missing-text",
        "missing-relations",
        "missing-perspectives",
        "no-source-url",
    }
    assert {line for _, line in codes(result)} == {2}
    assert "source" in result.missing


def test_date_in_an_unknown_notation_is_reported_at_its_line(parse: Parse) -> None:
    result = parse(PAGE.replace("2026年5月4日", "4/V/2026"))
    errors = [(item.code, item.location.line) for item in result.diagnostics if item.severity == "error"]
    assert errors == [("bad-date", 3)]
    assert ("source.name", "line 5: Harbour News") in result.fields


def test_press_release_without_labels_is_refused_at_once(parse: Parse) -> None:
    lines = [f"Line {number} of a press release." for number in range(12)]
    for first in ([], ["2026年7月3日"], ["報道発表資料", "令和8年7月3日", "経済産業省", "x" * 400]):
        with pytest.raises(InputError, match="not a copied page") as raised:
            parse("\n".join([*first, *lines]))
        assert "`sitegen new`" in raised.value.hint
    result = parse("\n".join([lines[0], "2026年7月3日", "4", *lines[1:]]))
    assert [(item.code, item.location.line) for item in result.diagnostics if item.code == "unknown-line"] == [
        ("unknown-line", 5)
    ]


@pytest.mark.parametrize("kind", ["報道発表資料", "【プレスリリース】", "PRESS RELEASE", "보도자료", "新闻稿"])
def test_the_kind_of_a_document_is_not_its_title(parse: Parse, kind: str) -> None:
    header, _, below = PAGE.partition("Ports of the south\n\nAI")
    result = parse(f"{kind}\n{header}AI{below}")
    assert front(result).title == "Ports of the south"
    assert ("left out", "line 1: the kind of the document") in result.fields


def test_numbered_lines_are_paragraphs(parse: Parse) -> None:
    lines = [
        "１．背景",
        "①　市場は1.2TWhに",
        "拡大する。",
        "② 規則への対応（※1）",
        "（※1）見直し等。",
        "1. First",
        "b. Second; or",
    ]
    body = article(parse(PAGE.replace("They grow quickly.", "\n".join(lines)))).body
    paragraphs = body.split("\n\n")[: len(lines) - 1]
    assert paragraphs == [lines[0], "①　市場は1.2TWhに\n拡大する。", *lines[3:5], "1\\. First", "b. Second; or"]
    one = "A text of\n3. lines."
    assert article(parse(PAGE.replace("They grow quickly.", one))).body.startswith("A text of\n3\\. lines.\n\n")


def test_an_item_that_ends_with_and_is_no_label(parse: Parse) -> None:
    text = "They will:\n\na. Agree;\n\nb. Appoint a joint com\u00admittee; and\n\nc. Report."
    body = article(parse(PAGE.replace("They grow quickly.", text))).body
    assert "\n\nb. Appoint a joint committee; and\n\nc. Report." in body


def test_items_with_tabs_are_no_tables(parse: Parse) -> None:
    lines = ["•\tPorts", "\uf0b7\tShips", "o\tQuays", "1.\tFirst", "2.\tSecond", "a\tb", "1\t2"]
    body = article(parse(PAGE.replace("They grow quickly.", "\n".join(lines)))).body
    shown = "- Ports\n- Ships\n- Quays\n\n1\\.\tFirst\n\n2\\.\tSecond\n\n| a | b |\n| --- | --- |\n| 1 | 2 |"
    assert body.startswith(shown)


def test_indented_lines_begin_paragraphs(parse: Parse) -> None:
    text = "\u3000\u3000港は広がる。\n\u3000\u3000税は下がる。\n船は増える。\n\u3000・東\n\u3000・西"
    body = article(parse(PAGE.replace("They grow quickly.", text))).body
    assert body.startswith("港は広がる。\n\n税は下がる。\n船は増える。\n\n- 東\n- 西\n\n")


def test_labels_in_markdown_are_read_and_so_is_the_text(parse: Parse) -> None:
    text = """\
# Ports of the **south**

**Date:** 4 May 2026
- **Topic**: Trade
**重要度：** ★★★★☆
**Source:** [Harbour News](https://harbour.example/1)
**関係国:** 🇮🇩 Indonesia

## AI Summary

Ports *grow*.

They grow **quickly**.

---

### 経済的影響

- 港は*増える*。
- 税は減る。

#### 表

| a | b |
| --- | --- |
| 1 | 2 |

**市民の声**

> 「不安だ」
"""
    result = article(parse(text))
    values = front(result)
    assert (values.topics, values.importance, values.countries) == (("trade",), 4, ("ID",))
    assert (values.source.name, values.source.url) == ("Harbour News", "https://harbour.example/1")
    assert (values.summary, values.generated) == ("Ports grow.", (("summary", "ai"), ("analysis", "ai")))
    assert values.title == "Ports of the south"
    shown = "They grow **quickly**.\n\n---\n\n## 経済的影響 {lang=ja}\n\n- 港は*増える*。\n- 税は減る。\n\n#### 表\n\n"
    assert result.body.startswith(shown + "| a | b |")
    assert result.body.endswith("\n\n## 市民の声 {lang=ja}\n\n> 「不安だ」")


def test_several_articles_in_markdown(parse_all: Callable[[str], Sequence[ParseResult]]) -> None:
    text = (
        "**Date:** 2026-05-04\n**Topic:** Trade\n**Importance:** 4\n**Source:** A\n\n## Summary\n\nGrow.\n\nText.\n\n"
    )
    results = parse_all(f"# One\n\n{text}---\n\n# Two\n\n{text}")
    assert [front(result).title for result in results] == ["One", "Two"]
    assert [(result.line, result.body) for result in results] == [(1, "Text."), (16, "Text.")]
    with pytest.raises(InputError, match="a second article") as error:
        parse_all(f"**Title:** One\n{text}---\n\n**Title:** Two\n{text}")
    assert error.value.line == 16


def test_source_from_below_its_label(parse: Parse) -> None:
    text = PAGE.replace("Harbour News\n", "") + "\nSource\n\nHarbour News\n"
    assert front(parse(text)).source.name == "Harbour News"


def test_title_that_differs_below_is_kept(parse: Parse) -> None:
    result = parse(PAGE.replace("\n\nPorts of the south\n", "\n\nPorts of the north\n"))
    assert article(result).body.startswith("Ports of the north\n\nThey grow quickly.")
    assert ("unexpected-text", 9) in codes(result)


def test_credit_of_another_name_is_kept(parse: Parse) -> None:
    text = PAGE.replace("quickly.", "quickly. Source: Other Paper")
    assert "They grow quickly. Source: Other Paper\n" in article(parse(text)).body


def test_credit_as_a_paragraph_is_left_out(parse: Parse) -> None:
    text = PAGE.replace("quickly.", "quickly.\n\nSource: harbour  news")
    result = parse(text)
    assert article(result).body == "They grow quickly.\n\n## Economic impact\n\nMore trade."
    assert ("left out", "line 17: 'Source: harbour  news', the source again") in result.fields


def test_text_below_the_analysis_label_is_kept_under_it(parse: Parse) -> None:
    result = parse(PAGE.replace("Economic impact\n", "多角的分析\n\n前書きである。\n\nEconomic impact\n"))
    assert "\n\n## 多角的分析\n\n前書きである。\n\n## Economic impact\n" in article(result).body


def test_empty_perspective(parse: Parse) -> None:
    result = parse(PAGE + "\n市民の声\n")
    assert ("empty-perspective", 21) in codes(result)
    assert "perspectives.citizens" in result.missing


def test_unknown_label_without_text_is_text(parse: Parse) -> None:
    result = parse(PAGE + "\nShare this page\n")
    assert article(result).body.endswith("More trade.\n\nShare this page")
    assert ("unknown-label", 21) in codes(result)


def test_the_address_of_the_source_after_its_label(parse: Parse) -> None:
    result = parse(PAGE + "\n出典: https://news.example/1?utm_source=x\n")
    assert front(result).source.url == "https://news.example/1"
    assert article(result).body.endswith("More trade.")
    kept = parse(PAGE + "\nSource: see https://news.example/1 for all\n")
    assert article(kept).body.endswith("for all")


@pytest.mark.parametrize(
    ("known", "unknown"),
    [
        ("Economic impact\n{}", "Market view\n{}"),
        ("経済的影響\n港は増える。", "市場の見方：\n油は上がる。"),
        ("### Economic impact\n\n{}", "### Market view\n\n{}"),
        ("### Economic impact\n{}", "## **Market view**\n{}"),
        ("**Economic impact**\n\n{}", "**Market view**\n\n{}"),
        ("**Economic impact:** {}", "**Market view:** {}"),
        ("- **Economic impact**: {}", "- **Market view**: {}"),
    ],
)
def test_text_below_an_unknown_label_is_not_that_of_a_perspective(parse: Parse, known: str, unknown: str) -> None:
    """A label is written as those of perspectives, or is a short line between two sentences."""
    known, unknown = known.format("Exports could grow 12%."), unknown.format("Palm oil rose.")
    label = "市場の見方：" if "市場" in unknown else "Market view"
    result = parse(PAGE.replace("Economic impact\n\nMore trade.\n", f"{known}\n{unknown}\n"))
    body = article(result).body
    assert f"\n\n## {label}\n\n{unknown.splitlines()[-1].rpartition('**')[2].lstrip(': ')}" in body
    assert [code for code, _ in codes(result)].count("unknown-label") == 1


@pytest.mark.parametrize(
    "lines",
    [
        "Exports grow.\nIn 2020\nThe bridge opened.",  # a timeline
        "Exports grow.\nNote: prices rise\nThe bridge opened.",
        '"Good."\nA. Fisher, a trader\n"Bad."',
        "「助かる。」\n港の漁師\n「困る。」",
        "Exports grow.\nThese are the goods\n- rice\n- palm oil",
        "Exports grow.\n- rice\n- palm oil\nThe bridge opened.",
        "The ports grow. The exports of the year\nand of the next one\nare higher.",
        "港の輸出は前の年より大きく増えた。\n税関の手続きが早くなり、書類の数も半分に減ったことが主な理由と\n見られている。",
        "Exports grow.\nPalm oil rose",
        "Exports grow,\nPalm oil\nRice fell.",
    ],
)
def test_a_line_of_a_text_is_not_a_label(parse: Parse, lines: str) -> None:
    result = parse(PAGE.replace("More trade.\n", f"{lines}\n"))
    assert article(result).body.count("## ") == 1
    assert "unknown-label" not in {code for code, _ in codes(result)}


def test_parts_of_a_perspective_in_markdown_are_not_labels(parse: Parse) -> None:
    text = "## Economic impact\n\n**Exports:** more.\n\n### Palm oil\n\nMore trade.\n"
    result = parse(PAGE.replace("Economic impact\n\nMore trade.\n", text))
    assert article(result).body.endswith("## Economic impact\n\n**Exports:** more.\n\n### Palm oil\n\nMore trade.")
    assert "unknown-label" not in {code for code, _ in codes(result)}


def test_a_quotation_is_not_a_label(parse: Parse) -> None:
    result = parse(PAGE + "\n「船が増えるのは歓迎だ」（港の漁師）\n")
    assert article(result).body.endswith("More trade.\n\n「船が増えるのは歓迎だ」（港の漁師）")
    assert "unknown-label" not in {code for code, _ in codes(result)}


def test_second_summary_is_an_unknown_label(parse: Parse) -> None:
    result = parse(PAGE.replace("They grow", "Summary\n\nThey grow"))
    assert article(result).body.startswith("## Summary\n\nThey grow quickly.")
    assert ("unknown-label", 15) in codes(result)


def test_summary_by_people(parse: Parse) -> None:
    result = parse(PAGE.replace("AI summary", "Summary"))
    assert front(result).generated == ()
    assert "generated.analysis" not in dict(result.fields)


def test_url_without_tracking(parse: Parse) -> None:
    address = "https://news.example/a?id=1&utm_source=x&gclid=2&UTM_Term=y#top"
    for end in (
        f"原文を読む\n\n{address}\n",
        f"Read the original: {address}\n",
        f"Source\n\nHarbour News\n{address}\n",
    ):
        assert front(parse(f"{PAGE}\n{end}")).source.url == "https://news.example/a?id=1#top"


def test_missing_url_is_reported_at_the_line_of_the_link(parse: Parse) -> None:
    result = parse(PAGE + "\n原文を読む\n")
    assert front(result).source.url is None
    assert ("no-source-url", 21) in codes(result)


def test_language_of_the_article(parse: Parse) -> None:
    assert front(parse(PAGE)).lang == "en"
    japanese = PAGE.replace("They grow quickly.", "港は急速に成長している。").replace("Ports of the south", "南の港")
    assert front(parse(japanese)).lang == "ja"


def test_perspective_is_in_the_language_of_its_text(
    page: Callable[..., Path], import_pages: Import, root: Path
) -> None:
    text = PAGE + "\n市民の声\n\nThey are content.\n\n社会的影響\n\n雇用が増える。\n"
    text += "\nBackground and history\n\n항만은 성장한다.\n"
    (report,) = import_pages(page(text))
    assert report.file is not None
    written = (root / report.file).read_text(encoding="utf-8")
    assert "\n## Economic impact\n" in written
    assert "\n## 市民の声 {lang=en}\n" in written
    assert "\n## 社会的影響 {lang=ja}\n" in written
    assert "\n## Background and history {lang=ko}\n" in written


def test_control_characters_are_removed_and_reported(
    page: Callable[..., Path], import_pages: Import, root: Path
) -> None:
    (report,) = import_pages(page(PAGE.replace("grow quickly", "grow\x0bquick\x1bly")))
    assert report.file is not None
    assert "They grow quickly." in (root / report.file).read_text(encoding="utf-8")
    assert ("control-character", 15) in codes(report)


def test_wrong_weekday(parse: Parse) -> None:
    result = parse(PAGE.replace("5月4日", "5月4日（火）"))
    assert ("other-weekday", 3) in codes(result)


def test_unknown_topic_suggests_the_closest(parse: Parse) -> None:
    result = parse(PAGE.replace("Trade", "Trad", 1))
    (error,) = [item for item in result.diagnostics if item.severity == "error"]
    assert (error.code, error.location.line, error.suggestion) == ("unknown-topic", 2, "trade")
    assert "Energy and climate" in error.allowed


def test_byte_order_mark_line_ends_and_wide_spaces_are_ignored(
    page: Callable[..., Path], import_pages: Import, root: Path
) -> None:
    plain = (GOLDEN / "japanese.txt").read_text(encoding="utf-8")
    (first,) = import_pages(page(plain, name="x.txt"))
    assert first.file is not None
    expected = (root / first.file).read_text(encoding="utf-8")
    odd = "\n".join(f" {line}\u3000\u200b" if line else "" for line in plain.split("\n"))
    for number, ends in enumerate(("\r\n", "\r", "\u2028")):
        (root / first.file).unlink()
        name = f"{number}.txt"
        (report,) = import_pages(page(b"\xef\xbb\xbf" + odd.replace("\n", ends).encode(), name=name), again=True)
        assert report.file == first.file
        written = (root / report.file).read_text(encoding="utf-8")
        assert without_provenance(written) == without_provenance(expected)


def without_provenance(text: str) -> str:
    return "\n".join(line for line in text.split("\n") if not line.startswith("imported: "))


# --- labels, lists, tables, several articles -------------------------------------------------------------------------


def test_labels_before_tabs(parse: Parse) -> None:
    head = "\tPorts of the south\nTopic\tTrade\nDate\t2026年5月4日\nImportance\t4\nSource\tHarbour News\n"
    result = front(parse(head + "Relations\n🇮🇩Indonesia\t🇯🇵Japan\n" + PAGE[PAGE.index("\nPorts") :]))
    assert (result.title, result.topics, result.importance) == ("Ports of the south", ("trade",), 4)
    assert (result.source.name, result.countries) == ("Harbour News", ("ID", "JP"))


def test_labels_before_full_width_colons(parse: Parse) -> None:
    head = "タイトル：南の港\nトピック：貿易\n日付：２０２６年５月４日（月）\n重要度：４\n"
    head += "ソース：Harbour News\n関係国：日本、中国\n"
    result = front(parse(head + PAGE[PAGE.index("\nAI summary") :]))
    assert (result.title, result.source.name, result.countries) == ("南の港", "Harbour News", ("JP", "CN"))


def test_name_after_the_name_of_a_flag(parse: Parse) -> None:
    result = parse(PAGE.replace("🇮🇩Indonesia", "🇮🇩Indonesia ASEAN"))
    assert front(result).countries == ("ID", "ASEAN")
    assert not [code for code, _ in codes(result) if "country" in code]


@pytest.mark.parametrize(
    ("text", "markdown"),
    [
        (
            "Year\tQuota\n2025\t10|000\n2026\t*9*",
            "| Year | Quota |\n| --- | --- |\n| 2025 | 10\\|000 |\n| 2026 | \\*9\\* |",
        ),
        ("Quota\tShare\n2025\t10\t40%", "|  | Quota | Share |\n| --- | --- | --- |\n| 2025 | 10 | 40% |"),
        ("• titles go online\n•taxes fall to 10%", "- titles go online\n- taxes fall to 10%"),
        ("Changes:\n\n• titles\n\n• taxes", "Changes:\n\n- titles\n\n- taxes"),
        ("- one\n– two", "- one\n- two"),
        ("・土地\n・税", "- 土地\n- 税"),
        ("- A. Writer", "\\- A. Writer"),
        ("One\ttab", "One\ttab"),
        (
            "The swap lasts.[1]\n[1] The ministry.\n[2] A paper.",
            "The swap lasts.[1]\n\n[1] The ministry.\n\n[2] A paper.",
        ),
        ("# no heading", "\\# no heading"),
        ("> no quotation", "\\> no quotation"),
    ],
)
def test_tables_and_lists(parse: Parse, text: str, markdown: str) -> None:
    body = article(parse(PAGE.replace("They grow quickly.", f"They grow quickly.\n\n{text}\n\nMore."))).body
    assert body.startswith(f"They grow quickly.\n\n{markdown}\n\nMore.\n\n## ")


def test_tables_and_lists_without_blank_lines(parse: Parse) -> None:
    text = PAGE.replace("They grow quickly.", "a\tb\n1\t2\n• one\n• two\nThey grow quickly.").replace("\n\n", "\n")
    table = "| a | b |\n| --- | --- |\n| 1 | 2 |"
    assert article(parse(text)).body.startswith(f"{table}\n\n- one\n- two\n\nThey grow quickly.\n\n## ")


@pytest.mark.parametrize("end", ["\n\n\n", "\n----------------\n\n", "\n原文を読む\nhttps://news.example/a\n"])
def test_several_articles_in_one_file(parse_all: Callable[[str], Sequence[ParseResult]], end: str) -> None:
    second = PAGE.replace("Ports of the south", "Ports of the north").replace("AI summary", "Summary")
    first, last = parse_all(f"{PAGE}{end}{second}")
    assert [front(result).title for result in (first, last)] == ["Ports of the south", "Ports of the north"]
    assert last.line == 20 + end.count("\n")
    assert dict(last.fields)["title"] == f"line {last.line}: Ports of the north"
    assert article(first).body == article(last).body
    assert last.original.decode() == second.strip()
    assert codes(last)[0] == ("no-source-url", last.line + 5)


def test_navigation_above_the_header_is_omitted(parse: Parse) -> None:
    result = parse("Skip to content\nTopics\nCountries\n\n" + PAGE)
    assert front(result) == front(parse("\n\n\n\n" + PAGE))
    assert ("left out", "line 3: text above the article") in result.fields


def test_an_article_above_the_first_header_is_refused(parse_all: Callable[[str], Sequence[ParseResult]]) -> None:
    """Its date is not recognized, so it does not begin an article of its own."""
    second = PAGE.replace("Ports of the south", "Ports of the north")
    first, last = parse_all(f"{PAGE.replace('2026年5月4日', 'last week')}\n原文を読む\n\n{second}")
    assert first.front is None
    assert ("missing-date", 6) in codes(first)
    assert front(last).title == "Ports of the north"


def test_the_title_is_the_line_that_is_repeated(parse: Parse) -> None:
    """Without a label for the countries the title is repeated in the header block itself."""
    result = parse("Meridian\n" + PAGE.replace("Relations\n", ""))
    assert front(result).title == "Ports of the south"
    assert front(result).extra == {"header_lines": ["Meridian"]}
    assert ("left out", "line 9: the title again") in result.fields


def test_footer_below_the_last_label_is_not_part_of_the_text(parse: Parse) -> None:
    result = parse(f"{PAGE}\n原文を読む\n\nShare\nPrivacy policy\n")
    assert article(result).body == article(parse(PAGE)).body
    assert front(result).extra == {"footer_lines": ["Share", "Privacy policy"]}
    assert ("leftover-text", 23) in codes(result)


def test_date_and_importance_in_the_text_do_not_begin_an_article(parse: Parse) -> None:
    dated = "2026年6月1日\n\n5\n\n3 June 2026\nThe rule takes effect."
    assert "The rule takes effect." in article(parse(PAGE.replace("They grow quickly.", dated))).body
