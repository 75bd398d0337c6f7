"""Parses texts, and prints the result in a form that fits into a golden file."""

from typing import Final

from sitegen.config.model import PERSPECTIVES, ContentSchema, LocalizedText, Term
from sitegen.content.body import Body, Section
from sitegen.content.markdown import read_body
from sitegen.diagnostics import Diagnostics, SourceText

PATH: Final = "content/articles/2026/07/this.md"

TERMS: Final = (
    Term("economic", PERSPECTIVES[0].names, ("Money matters",)),
    *PERSPECTIVES[1:],
    Term("climate", LocalizedText((("en", "Climate"), ("ja", "環境")))),
)
"""The built-in perspectives, one with an alias, and one that the site adds."""

CONTENT_SCHEMA: Final = ContentSchema(("trade", "energy"), ("CN", "NO", "VN", "ASEAN"), TERMS, "Asia/Tokyo")


def read(text: str) -> tuple[Body, Diagnostics]:
    """Parse the text of an article."""
    diagnostics = Diagnostics()
    return read_body(SourceText(PATH, text), text, diagnostics, perspectives=TERMS)[0], diagnostics


def shown(text: str) -> str:
    """Return the sections, each link as `{kind:path#fragment}`, then the findings."""
    body, diagnostics = read(text)
    parts = []
    for section in body.sections:
        if section.key is not None:
            parts.append(f"[{section.key} {section.lang} {section.label!r}]\n")
        html = _filled(section)
        parts.append(html if html.endswith("\n") or not html else f"{html}\n")
    parts += [f"! {item.location.line}:{item.location.column} {item.code}\n" for item in diagnostics.sorted()]
    return "".join(parts)


def _filled(section: Section) -> str:
    out = [section.parts[0]]
    for link, piece in zip(section.links, section.parts[1:], strict=True):
        fragment = f"#{link.fragment}" if link.fragment else ""
        out += [f"{{{link.kind}:{link.path}{fragment}}}", piece]
    return "".join(out)
