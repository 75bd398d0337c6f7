"""Links in the texts of another digest: relative to its files, which may have other paths in this one."""

import re
import unicodedata
from collections.abc import Callable
from posixpath import dirname, join, normpath, relpath
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from sitegen.content.markdown import is_site_path
from sitegen.importers.addresses import PLACEHOLDER
from sitegen.importers.lined_text import Edit, LinedText
from sitegen.importers.markdown_text import code_span, code_spans, outside, unescape
from sitegen.importers.markup import DEFINITION, DESTINATION, opening_bracket
from sitegen.util.paths import ARTICLES, CONTENT_ROOT

_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{-~])")

Find = Callable[[str], str | None]
"""Return the path of a file in this digest, by that in the other one; None if it is not in it."""


def moved_path(path: str, old: str) -> str:
    """Return the project path that a relative path in the file `old` names."""
    base = CONTENT_ROOT if path.startswith("/") else dirname(old)
    return unicodedata.normalize("NFC", normpath(join(base, path.lstrip("/"))))


def move_links(text: str, old: str, new: str, find: Find) -> tuple[str, tuple[str, ...]]:
    """Return a text of the file `old` of another digest with links as the file `new` needs them, and lost files.

    A link that leads to the same file stays as it is written. A link to a text that is not in this digest leads to its
    page on the other site, as a placeholder for `resolve_links`. A picture or document that is not in it becomes text.
    """
    skip = code_spans(text)
    edits: list[Edit] = []
    lost: list[str] = []
    for match in outside(DESTINATION.finditer(text), skip):
        address = match["address"].strip("<>")
        target = _target(address, old, new, find)
        if target is not None:
            edits += [(*match.span("address"), target)] if target else []
            continue
        lost.append(address)
        start = opening_bracket(text, match.start())
        if start is not None:
            first = start - (start > 0 and text[start - 1] == "!")
            edits += [(first, start + 1, ""), (*match.span(), f" ({code_span(address)})")]
    for match in outside(DEFINITION.finditer(text), skip):
        address = match["address"].strip("<>")
        target = _target(address, old, new, find)
        if target is not None:
            edits += [(*match.span("address"), target)] if target else []
            continue
        lost.append(address)
        start = match.start("label") - 1
        edits.append((start, start, "\\"))
    return LinedText.of(text).edited(edits).text, tuple(lost)


def _target(address: str, old: str, new: str, find: Find) -> str | None:
    """Return the new address of a link, empty if it stays; None for a picture or document that is not there."""
    try:
        parts = urlsplit(unescape(_ESCAPE.sub(r"\1", address)))
    except ValueError:
        return ""
    path = unquote(parts.path)
    if parts.scheme or parts.netloc or not path or is_site_path(path):
        return ""
    before = moved_path(path, old)
    after = find(before)
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    if after is None:
        return f"{PLACEHOLDER}{quote(_page(before))}{fragment}" if before.endswith(".md") else None
    if after == before and (path.startswith("/") or dirname(old) == dirname(new)):
        return ""
    return f"{quote(relpath(after, dirname(new)))}{fragment}"


def _page(path: str) -> str:
    """Return the path of the page of a text: `articles/form/` for `content/articles/2026/07/form.md`."""
    name = path.removeprefix(f"{CONTENT_ROOT}/").removesuffix(".md")
    if path.startswith(f"{ARTICLES}/"):
        name = f"articles/{name.rpartition('/')[2]}"
    return f"{name.removeprefix('pages/')}/"
