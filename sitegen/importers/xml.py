"""Checks of XML from others before it is parsed."""

import re
from typing import Final

from sitegen.importers.inputs import InputError

MAX_DEPTH: Final = 200
_DECLARATION: Final = re.compile(r"<!(?:ENTITY|DOCTYPE[^>\[]*\[)", re.IGNORECASE)
_TAG: Final = re.compile(r"<!--.*?-->|<!\[CDATA\[.*?\]\]>|<(/)?[A-Za-z_][^<>]*?(/)?>", re.DOTALL)


def check_xml(text: str) -> None:
    """Raise InputError for XML that declares entities or is nested too deep."""
    declaration = _DECLARATION.search(text, 0, 100_000)
    if declaration:
        line = text.count("\n", 0, declaration.start()) + 1
        message = "the file declares entities, which are refused"
        raise InputError("xml-entities", line, message, hint="remove the declaration")
    depth = 0
    for match in _TAG.finditer(text):
        if match[0].startswith("<!") or match[2]:
            continue
        depth += -1 if match[1] else 1
        if depth > MAX_DEPTH:
            line = text.count("\n", 0, match.start()) + 1
            raise InputError("xml-depth", line, f"nested deeper than {MAX_DEPTH} elements")
