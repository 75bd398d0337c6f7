"""The summary of an article whose input has none is prose."""

from pathlib import Path

import pytest

from sitegen.importers.markup.summaries import first_sentence
from tests.importers.conftest import Import

PROSE = "The ports accept the same form. It is short."
NOT_PROSE = {
    "a label of a box": "<details>\n<summary>Click to open the box.</summary>\n</details>",
    "shortcode": '{{< chart id="4" >}}\nA caption of the chart.',
    "text within a shortcode": "{{% notice %}}\n\nA notice to readers.\n\n{{% /notice %}}",
    "shortcode in a sentence": "A sentence with a {{< badge new >}} in it.",
    "tag of Liquid": "{% include figure.html %}\nA caption of the figure.",
    "code": "```js\nconst a = 1;\n\nIt is a comment of code.\n```",
    "indented code": "    It is a line of code.\n\n    Another one of them.",
    "a list": "1. An item of the list.\n\n   A second paragraph of it.",
    "a quotation": "> A quotation of a person.\n\n* * *",
    "a heading": "A heading with a line below it.\n====",
    "a table": "| A cell. | Another cell. |\n| --- | --- |",
    "a caption": "*Photo: A. Person / Agency.*",
    "links": "[A link to a page.](https://a.example/) | <https://b.example/>\nhttps://c.example/.",
    "a picture": "![A picture of a port.](https://a.example/a.png)",
    "a formula": "$$x = 1.$$",
    "a container": ":::tip\nA tip for readers.\n:::",
    "a component": "\\<Chart data={x}/> A caption of the chart.",
    "a paragraph without a sentence": "Tags: one, two",
    "a note": "[^1]: A note of the text.",
}
MDX = """\
import Chart from './chart';
import {
  One,
  Two,
} from "../two";
export const meta = {
  title: 'A title of it.',
};

{/* A comment on the text. */}

<Chart />

"""


@pytest.mark.parametrize("start", NOT_PROSE.values(), ids=NOT_PROSE)
def test_the_first_paragraph_of_prose(import_pages: Import, tmp_path: Path, start: str) -> None:
    (tmp_path / "hugo.toml").write_text("baseURL = '/'", encoding="utf-8")
    path = tmp_path / "content" / "one.md"
    path.parent.mkdir()
    path.write_text(f"---\ntitle: A form\ndate: 2024-05-06\n---\n{start}\n\n{PROSE}\n", encoding="utf-8")
    (report,) = import_pages(path)
    assert report.front is not None
    assert report.front.summary == "The ports accept the same form."


@pytest.mark.parametrize("settings", ["astro.config.mjs", "eleventy.config.js", ""])
def test_programs_in_mdx(import_pages: Import, root: Path, tmp_path: Path, settings: str) -> None:
    """Imports and exports are left out, which is reported with their lines."""
    if settings:
        (tmp_path / settings).touch()
    path = tmp_path / "src" / "content" / "one.mdx"
    path.parent.mkdir(parents=True)
    path.write_text(f"---\ntitle: A form\ndate: 2024-05-06\n---\n{MDX}{PROSE}\n", encoding="utf-8")
    (report,) = import_pages(path)
    assert report.front is not None
    assert report.front.summary == "The ports accept the same form."
    assert {item.location.line for item in report.diagnostics if item.code == "formatting-omitted"} == {5, 6, 10}
    text = (root / (report.file or "")).read_text(encoding="utf-8")
    assert text.endswith(f"\n---\n\n\\<Chart />\n\n{PROSE}\n")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "二つの港は十月から同じ電子様式を受け付けることで合意した。期限はない。",
            "二つの港は十月から同じ電子様式を受け付けることで合意した。",
        ),
        (
            "港に関する法律（令和４年法律第４３号。以下「港湾法」という。）に基づき認定した。期限はない。",
            "港に関する法律（令和４年法律第４３号。以下「港湾法」という。）に基づき認定した。",
        ),
        (
            "วันที่ 1 กรกฎาคม 2569\n\nไทยและญี่ปุ่นได้ลงนามบันทึกความร่วมมือด้านยานยนต์\n\nจะเริ่มในเดือนตุลาคม พ.ศ. 2569",
            "ไทยและญี่ปุ่นได้ลงนามบันทึกความร่วมมือด้านยานยนต์",
        ),
        ("An outlay of about Rs. 76,000 crore was made. More.", "An outlay of about Rs. 76,000 crore was made."),
        (f"政府は 方針を{'示した' * 100}", f"政府は 方針を{'示した' * 90}示した…"),
        ("One form for two ports", "One form for two ports"),
        ("The tag `<b>` and `{{ x }}` are code. More.", "The tag <b> and {{ x }} are code."),
        ("[A link](https://a.example/) begins the text. More.", "A link begins the text."),
        ("- only\n- a list", ""),
        ("{{< a >}}", ""),
        ("", ""),
    ],
)
def test_the_first_sentence(text: str, expected: str) -> None:
    assert first_sentence(text) == expected


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("The ports accept the form. [&amp;#8230;]", "The ports accept the form."),
        ("The ports accept the […]", "The ports accept the…"),
    ],
)
def test_the_mark_of_an_excerpt(import_pages: Import, tmp_path: Path, given: str, expected: str) -> None:
    item = f"<item><title>A form</title><pubDate>Thu, 02 Jul 2026 09:00:00 GMT</pubDate><description>{given}"
    content = f"</description><content:encoded>{PROSE}</content:encoded></item>"
    start = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>F</title>'
    path = tmp_path / "feed.xml"
    path.write_text(f"{start}{item}{content}</channel></rss>", encoding="utf-8")
    (report,) = import_pages(path)
    assert report.front is not None
    assert report.front.summary == expected


@pytest.mark.parametrize(
    ("words", "link", "is_kept"),
    [
        (("The post ", " appeared first on ", "."), "https://a.example/form/?utm_source=rss", False),
        (("投稿 ", " は ", " に最初に表示されました。"), "https://a.example/form/", False),
        (("See ", " and ", "."), "https://a.example/other/", True),
    ],
)
def test_the_last_line_of_wordpress_in_a_feed(
    import_pages: Import, root: Path, tmp_path: Path, *, words: tuple[str, str, str], link: str, is_kept: bool
) -> None:
    begin, middle, end = words
    line = f'<p>{begin}<a href="{link}">A <b>form</b></a>{middle}<a href="https://a.example">Quay</a>{end}</p>'
    text = f"<p>{PROSE}</p>\n<p>More of it.</p>\n{line}\n"
    date = "<pubDate>Thu, 02 Jul 2026 09:00:00 GMT</pubDate>"
    item = f"<item><title>A form</title><link>https://a.example/form/</link>{date}"
    given = f"<description><![CDATA[<p>The ports accept […]</p>{line}]]></description>"
    start = '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>F</title>'
    path = tmp_path / "feed.xml"
    content = f"<content:encoded><![CDATA[{text}]]></content:encoded></item></channel></rss>"
    path.write_text(f"{start}{item}{given}{content}", encoding="utf-8")
    (report,) = import_pages(path)
    assert report.front is not None
    body = (root / (report.file or "")).read_text(encoding="utf-8")
    assert ("Quay" in body) == is_kept
    assert "More of it." in body
    assert is_kept or report.front.summary == "The ports accept…"
