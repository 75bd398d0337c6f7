"""The picture that networks show next to a link: the site's, or an article's own."""

import re
import struct
import zlib
from typing import Final

import pytest

from tests.project import BARE, SITE, Project, codes, only

_HEAD: Final = """\
{% for it in [page.head.image] if it %}[{{ it.url }}|{{ it.alt }}|{{ it.width }}×{{ it.height }}]{% endfor %}
"""
CARD: Final = "card: {file: content/card.png, alt: {en: Words & marks, ja: 言葉}}\n"


def png(width: int = 1200, height: int = 630) -> bytes:
    """Return a white PNG."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = zlib.compress((b"\0" + b"\xff" * ((width + 7) // 8)) * height)
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def digest(project: Project, card: str = CARD) -> None:
    project.write(SITE.replace("[en]", "[en, ja]") + card)
    project.file("themes/bare/templates/base.html", _HEAD + BARE["templates/base.html"])
    project.article("one")


def images(project: Project, path: str) -> list[str]:
    return re.findall(r"\[(https?://.*)\]", project.page(path))


def test_every_page_names_the_card_of_the_site(project: Project) -> None:
    digest(project)
    project.file("content/card.png", png())
    project.built()
    published = [path for path in project.tree() if path.startswith("assets/card.")]
    assert len(published) == 1
    assert project.tree()[published[0]] == png()
    url = f"https://test.example/{published[0]}"
    for path in ("index.html", "articles/one/index.html", "404.html", "topics/trade/index.html"):
        assert images(project, path) == [f"{url}|Words &amp; marks|1200×630"], path
    assert images(project, "ja/index.html") == [f"{url}|言葉|1200×630"]


def test_another_card_gets_another_address_on_every_page(project: Project) -> None:
    digest(project)
    card = project.file("content/card.png", png())
    project.built()
    before = images(project, "index.html")
    card.write_bytes(png() + b" ")
    assert "articles/one/index.html" in project.built().counts.written
    assert images(project, "index.html") != before


def test_without_a_card_no_page_names_one(project: Project) -> None:
    digest(project, card="")
    project.built()
    assert images(project, "index.html") == []


def test_an_articles_own_picture_comes_before_the_card(project: Project) -> None:
    digest(project)
    project.file("content/card.png", png())
    project.file("content/articles/2026/07/map.png", b"png")
    project.file("content/articles/2026/07/drawing.svg", b"<svg/>")
    project.file("content/articles/2026/07/notes.pdf", b"pdf")
    text = "[notes](notes.pdf) ![Drawing](drawing.svg) [one](one.md)\n\n## Economic impact\n\n![A & B](map.png)\n"
    project.article("two", body=text)
    project.article("three", body="[notes](notes.pdf) ![Drawing](drawing.svg)\n")
    project.built()
    (image,) = images(project, "articles/two/index.html")
    assert re.fullmatch(r"https://test\.example/assets/map\.\w+\.png\|A &amp; B\|×", image)
    assert "card." in images(project, "articles/three/index.html")[0]
    assert "card." in images(project, "topics/trade/index.html")[0]


@pytest.mark.parametrize(
    ("card", "code", "file"),
    [
        ("card: {file: content/card.png}", "missing-key", png()),
        ("card: {alt: A}", "missing-key", png()),
        ("card: {file: content/none.png, alt: A}", "no-card", png()),
        ("card: {file: ../card.png, alt: A}", "bad-card", png()),
        ("card: {file: content/card.svg, alt: A}", "bad-card", png()),
        ("card: {file: content/card.png, alt: A, more: B}", "unknown-key", png()),
        ("card: content/card.png", "wrong-type", png()),
        ("card: {file: content/card.png, alt: A}", "bad-card", b"<svg/>"),
        ("card: {file: content/card.png, alt: A}", "bad-card", b""),
        ("card: {file: content/card.png, alt: A}", "bad-card", png()[:18]),
        ("card: {file: [], alt: {}}", "wrong-type", png()),
    ],
)
def test_a_card_that_is_wrong_is_an_error_with_its_line(project: Project, card: str, code: str, file: bytes) -> None:
    digest(project, card=f"{card}\n")
    project.file("content/card.png", file)
    result = project.build()
    assert not result.ok
    assert code in codes(result)
    assert next(item for item in result.diagnostics if item.code == code).location.line > 10


def test_a_card_that_networks_would_cut_is_a_warning(project: Project) -> None:
    digest(project)
    project.file("content/card.png", png(600, 600))
    result = project.build()
    assert result.ok
    assert "600 × 600" in only(result, "card-size").message
    assert images(project, "index.html")[0].endswith("|600×600")
