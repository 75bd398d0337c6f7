"""Text to what was read of it, in a form that fits into a golden file."""

from typing import Final

from sitegen.config.model import PERSPECTIVES, Names, Term, Vocabulary
from sitegen.content.markdown import Body, RichText, read_body
from sitegen.diagnostics import Findings, Source

PATH: Final = "content/articles/2026/07/this.md"

TERMS: Final = (
    Term("economic", PERSPECTIVES[0].names, ("Money matters",)),
    *PERSPECTIVES[1:],
    Term("climate", Names((("en", "Climate"), ("ja", "環境")))),
)
"""The built-in perspectives, one with an alias, and one of the site's own."""

VOCABULARY: Final = Vocabulary(("trade", "energy"), ("CN", "NO", "VN", "ASEAN"), TERMS, "Asia/Tokyo")


def read(text: str) -> tuple[Body, Findings]:
    """Read a text of an article."""
    findings = Findings()
    return read_body(Source(PATH, text), text, findings, perspectives=TERMS), findings


def shown(text: str) -> str:
    """Return what was read: the sections, each hole as `{kind:path#fragment}`, then the findings."""
    body, findings = read(text)
    parts = []
    for section in body.sections:
        if section.key is not None:
            parts.append(f"[{section.key} {section.lang} {section.label!r}]\n")
        html = _filled(section.html)
        parts.append(html if html.endswith("\n") or not html else f"{html}\n")
    parts += [f"! {item.place.line}:{item.place.column} {item.code}\n" for item in findings.sorted()]
    return "".join(parts)


def _filled(html: RichText) -> str:
    out = [html.pieces[0]]
    for hole, piece in zip(html.holes, html.pieces[1:], strict=True):
        fragment = f"#{hole.fragment}" if hole.fragment else ""
        out += [f"{{{hole.kind}:{hole.path}{fragment}}}", piece]
    return "".join(out)
