"""Injection: no markup, script or forbidden address of an article reaches a page."""

import re
from html import unescape
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest

from tests.diagnostics.cases import SITE_YAML, BuiltDigest, X
from tests.project import article, codes

# --- refused ----------------------------------------------------------------------------------------------------------

RAW: dict[str, tuple[str, list[tuple[int, int]]]] = {
    "script": ("<script>alert(1)</script>\n", [(13, 1)]),
    "script in a line": ("Text <script>alert(1)</script>\n", [(13, 6), (13, 22)]),
    "capitals": ("Text <ScRiPt>\n", [(13, 6)]),
    "an attribute": ("Text <b onclick=alert(1)>bold</b>\n", [(13, 6), (13, 30)]),
    "a picture": ("<img src=x onerror=alert(1)>\n", [(13, 1)]),
    "over two lines": ("One\n\n<svg\nonload=alert(1)>\n", [(15, 1)]),
    "in a list": ("- one\n- two <iframe src=x>\n", [(14, 7)]),
    "in a quotation": ("> one <b>\n", [(13, 7)]),
    "in a heading": ("# Head <b>\n", [(13, 8)]),
    "in a table": ("|a|b|\n|-|-|\n|1|<b>|\n", [(15, 4)]),
    "in a perspective": ("## 経済的影響\n\n<b>\n", [(15, 1)]),
    "in the text of a link": ("[<b>](good.md)\n", [(13, 2)]),
    "two of one kind in a paragraph": ("one <b> and\ntwo <b>\n", [(13, 5), (14, 5)]),
    "an instruction": ("Text <?php echo 1 ?>\n", [(13, 6)]),
    "a doctype": ("<!DOCTYPE html>\n", [(13, 1)]),
    "CDATA": ("<![CDATA[ <b> ]]>\n", [(13, 1)]),
    "a comment, and more behind it": ("<!-- note --> <b>bold</b>\n", [(13, 1)]),
    "between two comments": ("<!-- a --><script>alert(1)</script><!-- b -->\n", [(13, 1)]),
    "text between two comments": ("<!-- a --> What **counts**. <!-- b -->\n", [(13, 1)]),
    "a comment that ends at once": ("<!--> <script>alert(1)</script> <!-- -->\n", [(13, 1)]),
}


@pytest.mark.parametrize(("body", "locations"), RAW.values(), ids=RAW)
def test_raw_html_is_refused(digest: BuiltDigest, body: str, locations: list[tuple[int, int]]) -> None:
    digest.project.file(X, article(body=f"{body}\nText.\n"))
    found = digest.assert_rejected().diagnostics
    assert [(item.code, item.location.path) for item in found] == [("raw-html", X)] * len(locations)
    assert [(item.location.line, item.location.column) for item in found] == locations


@pytest.mark.parametrize("left_open", ["<script>", "<!-- note", "<pre", "<?php"])
@pytest.mark.parametrize(("before", "end"), [("", "\n>"), ("<!-- c -->\n\n", "\n>\n")], ids=["last line", "by itself"])
def test_raw_html_left_open_in_a_quoted_list_is_refused(
    digest: BuiltDigest, before: str, left_open: str, end: str
) -> None:
    text = article(body="").rstrip("\n") + f"\n\nText.\n\n{before}> - {left_open}{end}"
    digest.project.file(X, text)
    (found,) = digest.assert_rejected().diagnostics
    assert (found.code, found.location.line) == ("raw-html", text[: text.index(left_open)].count("\n") + 1)


ADDRESSES: dict[str, tuple[str, str]] = {
    "javascript": ("[x](javascript:alert(1))", "bad-address"),
    "mixed case": ("[x](JaVaScRiPt:alert(1))", "bad-address"),
    "data": ("[x](data:text/html,<script>)", "bad-address"),
    "vbscript": ("[x](vbscript:msgbox)", "bad-address"),
    "file": ("[x](file:///etc/passwd)", "bad-address"),
    "blob": ("[x](blob:https://a.example/1)", "bad-address"),
    "an unknown scheme": ("[x](intent:x)", "bad-address"),
    "the host of this page's scheme": ("[x](//evil.example/)", "bad-address"),
    "https without a host": ("[x](https:evil)", "bad-address"),
    "a decimal entity": ("[x](&#106;avascript:alert(1))", "bad-address"),
    "a hexadecimal entity": ("[x](&#x6A;avascript&#x3A;alert(1))", "bad-address"),
    "a named entity": ("[x](javascript&colon;alert(1))", "bad-address"),
    "a newline by entity": ("[x](java&#10;script:alert(1))", "dead-link"),
    "a tab by entity": ("[x](java&Tab;script:alert(1))", "dead-link"),
    "a blank before it by entity": ("[x](&#32;javascript:alert(1))", "bad-address"),
    "a control character by entity": ("[x](&#1;javascript:alert(1))", "dead-link"),
    "escaped": ("[x](javascript%3Aalert(1))", "dead-link"),
    "a backslash": ("[x](javascript\\:alert(1))", "bad-address"),
    "in angles": ("[x](<javascript:alert(1)>)", "bad-address"),
    "with a title": ('[x](javascript:alert(1) "t")', "bad-address"),
    "autolink": ("<javascript:alert(1)>", "bad-address"),
    "autolink, data": ("<data:text/html;base64,PHNjcmlwdD4=>", "bad-address"),
    "by reference": ("[x][r]\n\n[r]: javascript:alert(1)", "bad-address"),
    "by reference, with an entity": ("[r]\n\n[r]: <&#x6a;avascript:alert(1)>", "bad-address"),
    "a picture": ("![x](javascript:alert(1))", "bad-address"),
    "a picture, data": ("![x](data:image/svg+xml;base64,PHN2Zz4=)", "bad-address"),
    "a picture by reference": ("![x]\n\n[x]: JAVASCRIPT:alert(1)", "bad-address"),
    "a picture in a link": ("[![x](javascript:alert(1))](good.md)", "bad-address"),
    "a picture of mailto": ("![x](mailto:a@b.example)", "bad-address"),
    "in a heading": ("# [x](javascript:alert(1))", "bad-address"),
    "in a table": ("|a|\n|-|\n|[x](javascript:alert(1))|", "bad-address"),
    "a backslash for a slash": ("[x](https:\\\\evil.example)", "bad-address"),
}


@pytest.mark.parametrize(("body", "code"), ADDRESSES.values(), ids=ADDRESSES)
def test_an_address_of_a_forbidden_kind_is_refused(digest: BuiltDigest, body: str, code: str) -> None:
    digest.project.file(X, article(body=f"{body}\n"))
    (found,) = digest.assert_rejected().diagnostics
    assert (found.code, found.location.path) == (code, X)
    assert 13 <= found.location.line <= 15


def test_a_control_character_by_entity_does_not_break_the_feed(digest: BuiltDigest) -> None:
    """HTML and XML forbid them; CommonMark lets a form feed through."""
    codes = [*range(0x20), *range(0x7F, 0xA0), 0xD800, 0xFDD0, 0xFFFE, 0xFFFF, 0x1FFFE, 0x110000]
    digest.project.file(X, article(body="".join(f"a &#{code}; b\n" for code in codes)))
    result = digest.build()
    assert result.ok or {item.location.path for item in result.diagnostics} == {X}
    for name, data in digest.project.tree().items():
        if name.endswith(".xml"):
            xml(data)
        if name.endswith((".xml", ".html")):
            assert not set(data) & (set(range(0x20)) - {0x09, 0x0A, 0x0D}), name


# --- escaped ----------------------------------------------------------------------------------------------------------

SHARP = """</title></script><script>alert(1)</script>"'><img src=x onerror=alert(1)>&amp;{{ 7 * 7 }}"""
"""What would end a title, a script, an attribute and an entity, and what a template language would compute."""
AS_PLAIN_TEXT = re.sub(r"<(?=/\w+>)", "<\u2060", SHARP)
"""The same in the plain text of a feed: an unseen character keeps readers from taking it for a closing tag."""


class _Seen(HTMLParser):
    """What a browser would make of a page: its elements, the names of their attributes, all addresses, the text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.text += data

    @property
    def addresses(self) -> list[str]:
        return [value or "" for name, value in self.attributes if name in {"href", "src"}]


def harmless(page: str) -> _Seen:
    """Read a page; fail where markup of an article became an element, an attribute or an address."""
    seen = _Seen(page)
    assert not {"script", "img", "iframe", "svg", "b"} & set(seen.elements)
    assert not [name for name, _ in seen.attributes if name.startswith("on")]
    assert not [address for address in seen.addresses if ":" in address.split("/")[0] and "https:" not in address]
    return seen


def xml(data: bytes) -> ET.Element:
    """Parse a feed or sitemap of ours."""
    return ET.fromstring(data)  # noqa: S314 - ours


def quoted(text: str) -> str:
    """Return a text as a YAML value."""
    return "'" + text.replace("'", "''") + "'"


FIELDS: dict[str, dict[str, str]] = {
    "title": {"title": quoted(SHARP)},
    "summary": {"summary": quoted(SHARP)},
    "source": {"source": f"{{name: {quoted(SHARP)}, lang: en}}"},
    "correction": {"corrections": f"[{{at: 2026-07-05, text: {quoted(SHARP)}}}]"},
    "reviewer": {"reviewed": f"{{by: {quoted(SHARP)}}}"},
    "redirect": {"title": quoted(SHARP), "aliases": "[/old/]"},
}


@pytest.mark.parametrize("changes", FIELDS.values(), ids=FIELDS)
def test_markup_in_the_front_matter_is_text(digest: BuiltDigest, changes: dict[str, str]) -> None:
    digest.project.file(X, article(**changes))
    result = digest.build()
    assert result.ok
    assert set(codes(result)) <= {"unread-syntax"}
    for name, data in digest.project.tree().items():
        if name.endswith(".html"):
            harmless(data.decode())
        if name.endswith(".xml"):
            xml(data)


def test_a_title_and_a_summary_come_out_as_they_were_written(digest: BuiltDigest) -> None:
    digest.project.file(X, article(title=quoted(SHARP), summary=quoted(SHARP)))
    result = digest.build()
    assert result.ok
    assert codes(result) == ["unread-syntax", "unread-syntax"]
    assert SHARP in harmless(digest.project.page("articles/x/index.html")).text
    assert SHARP in harmless(digest.project.page("index.html")).text
    items = xml(digest.project.tree()["feed.xml"]).findall("./channel/item")
    assert AS_PLAIN_TEXT in [item.findtext("title") for item in items]
    assert SHARP in [unescape(item.findtext("description") or "") for item in items]


def test_markup_in_the_configuration_is_text(digest: BuiltDigest) -> None:
    text = SITE_YAML.replace("{en: Test digest, ja: 試験}", quoted(SHARP)).replace(
        "{en: Trade", f"{{en: {quoted(SHARP)}"
    )
    digest.project.file("site.yaml", text)
    digest.assert_accepted()
    assert xml(digest.project.tree()["feed.xml"]).findtext("./channel/title") == AS_PLAIN_TEXT
    assert xml(digest.project.tree()["topics/trade/feed.xml"]).findtext("./channel/title") == (
        f"{AS_PLAIN_TEXT} · {AS_PLAIN_TEXT}"
    )
    for name, data in digest.project.tree().items():
        if name.endswith(".html"):
            harmless(data.decode())


def test_an_address_with_markup_stays_well_formed_in_the_sitemap(digest: BuiltDigest) -> None:
    base = "https://test.example/a&b'c/"
    digest.project.file("site.yaml", SITE_YAML.replace("https://test.example/", base))
    digest.assert_accepted()
    space = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
    urls = [url.findtext(f"{space}loc") for url in xml(digest.project.tree()["sitemap.xml"])]
    assert f"{base}articles/good/" in urls
    assert urls
    assert all(url is not None and url.startswith(base) for url in urls)


BODIES: dict[str, tuple[str, str]] = {
    "fence info": ('```"><script>alert(1)</script>\ncode\n```\n', "code"),
    "fence info, onload": ('```x" onload="alert(1)\ncode\n```\n', "code"),
    "fence": ("```\n<script>alert(1)</script>\n```\n", "<script>alert(1)</script>"),
    "indented code": ("    <script>alert(1)</script>\n", "<script>alert(1)</script>"),
    "code": ("`<img src=x onerror=alert(1)>`\n", "<img src=x onerror=alert(1)>"),
    "escaped": ("\\<script>alert(1)\\</script>\n", "<script>alert(1)</script>"),
    "entities": ("&lt;script&gt;alert(1)&lt;/script&gt;\n", "<script>alert(1)</script>"),
    "entities in numbers": ("&#60;script&#62;alert(1)\n", "<script>alert(1)"),
    "table cell": ("|a|\n|-|\n|\\<b onclick=alert(1)>`<b>`|\n", "<b onclick=alert(1)><b>"),
    "heading": ("# \\<script>alert(1)\\</script> \"'>\n", "<script>alert(1)</script> \"'>"),
    "perspective's text": ("## 経済的影響\n\n\\<script>alert(1)\\</script>\n", "<script>alert(1)</script>"),
    "link title": ('[x](good.md "\\"\' onmouseover=alert(1) \\<script>")\n', "x"),
    "link title by entities": ("[x](good.md '&quot; onmouseover=&quot;alert(1)')\n", "x"),
    "link text": ("[\\<b onclick=alert(1)>](good.md)\n", "<b onclick=alert(1)>"),
    "fragment of a page": ("[x](/topics/trade/#%22%20onmouseover=%22alert(1))\n", "x"),
    "fragment with markup": ("[x](</topics/trade/#%22%3E%3Cscript%3E>)\n", "x"),
    "address with quotes": ('[x](https://a.example/?"onmouseover="alert(1))\n', "x"),
    "address in angles": ("[x](<https://a.example/' onmouseover='alert(1)>)\n", "x"),
    "autolink": ('<https://a.example/"onmouseover="alert(1)>\n', "https://a.example/"),
    "template language": ("`{{ 7 * 7 }} {% raw %}`\n", "{{ 7 * 7 }} {% raw %}"),
    "the mark of a hole": ("\ue0000\ue000 &#0;0&#0;\n", "\ufffd0\ufffd"),
    "comment": ("Text <!-- <script>alert(1)</script> --> goes on\n", "Text"),
}


@pytest.mark.parametrize(("body", "text"), BODIES.values(), ids=BODIES)
def test_markup_in_the_text_is_text(digest: BuiltDigest, body: str, text: str) -> None:
    digest.project.file(X, article(body=body))
    result = digest.build()
    assert result.ok
    assert set(codes(result)) <= {"unread-syntax"}
    assert text in harmless(digest.project.page("articles/x/index.html")).text
    encoded = "{http://purl.org/rss/1.0/modules/content/}encoded"
    (item,) = [
        item
        for item in xml(digest.project.tree()["feed.xml"]).findall("./channel/item")
        if item.findtext("link") == "https://test.example/articles/x/"
    ]
    assert text in harmless(item.findtext(encoded) or "").text


def test_the_template_language_in_a_text_is_text(digest: BuiltDigest) -> None:
    digest.project.file(X, article(body="{{ 7 * 7 }}\n"))
    assert digest.build().ok
    assert "{{ 7 * 7 }}" in harmless(digest.project.page("articles/x/index.html")).text


def test_markup_in_the_description_of_a_picture_is_text(digest: BuiltDigest) -> None:
    digest.project.file("content/articles/2026/07/chart.png", b"\x89PNG")
    digest.project.file(X, article(body='![\\<b> "\' onerror=alert(1) >](chart.png "\\" onload=alert(2)")\n'))
    digest.assert_accepted()
    seen = _Seen(digest.project.page("articles/x/index.html"))
    assert [name for name, _ in seen.attributes if name.startswith("on")] == []
    assert seen.elements.count("img") == 1
    assert dict(seen.attributes)["alt"] == "<b> \"' onerror=alert(1) >"


def test_a_name_of_a_picture_cannot_break_out(digest: BuiltDigest) -> None:
    digest.project.file("content/articles/2026/07/a\"b onerror='alert(1)'.png", b"\x89PNG")
    digest.project.file(X, article(body="![x](<a\"b onerror='alert(1)'.png>)\n"))
    digest.assert_accepted()
    seen = _Seen(digest.project.page("articles/x/index.html"))
    assert [name for name, _ in seen.attributes if name.startswith("on")] == []


def test_nothing_outside_the_content_is_copied(digest: BuiltDigest) -> None:
    secret = digest.project.root.parent / "secret.png"
    secret.write_bytes(b"secret")
    (digest.project.root / "content/articles/2026/07/chart.png").symlink_to(secret)
    digest.project.file(X, article(body="![x](chart.png)\n"))
    found = digest.assert_rejected().diagnostics
    assert [item.code for item in found] == ["symlink-outside", "dead-link"]
    assert not [name for name, data in digest.project.tree().items() if b"secret" in data]
