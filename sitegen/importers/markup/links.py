"""Links in imported texts: where they lead is known only when all articles have a file."""

import re
from collections.abc import Callable, Mapping, Sequence
from posixpath import dirname, relpath
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from sitegen.content.links import is_site_path, target_path
from sitegen.importers.markup.converter import DEFINITION, DESTINATION, opening_bracket
from sitegen.importers.markup.lined_text import Edit, LinedText
from sitegen.importers.markup.markdown_text import Span, code_span, code_spans, outside, unescape
from sitegen.importers.values.addresses import PLACEHOLDER, is_file_link, link_keys, written_path
from sitegen.util.paths import ARTICLES, CONTENT_ROOT

_PLACEHOLDER_LINK: Final = re.compile(re.escape(PLACEHOLDER) + r"[^\s()<>\"]*")
_ESCAPE: Final = re.compile(r"\\([!-/:-@\[-`{-~])")

Find = Callable[[str], str | None]
"""Return the path of a file in this digest, by that in the other one; None if it is not in it."""


def resolve_links(
    text: str, files: Mapping[str, str], base_url: str, old: Mapping[str, str]
) -> tuple[str, tuple[str, ...]]:
    """Return a text with links to imported articles, and what is lost: addresses without one, parts of pages.

    `files` has the project path of each article by `address_key`. Other addresses lead to the old site; if its address
    is unknown, or that of a file is, they are kept as text. `old` has the old address of each article by the same keys.
    """
    if PLACEHOLDER not in text:
        return text, ()
    lost: list[str] = []

    def new_address(address: str) -> str | None:
        if not address.startswith(PLACEHOLDER):
            return address
        path, fragment = _parts(address)
        keys = link_keys(path)
        file = next((files[key] for key in keys if key in files), None)
        if file is not None:
            lost.extend([fragment] if fragment else [])
            return f"/{quote(file.removeprefix('content/'))}"
        known = next((old[key] for key in keys if key in old), "") if is_file_link(path) else path
        if base_url and known:
            return f"{base_url}/{quote(known.lstrip('/'), safe='/?=&%')}{fragment}"
        lost.append(f"{written_path(path)}{fragment}")
        return None

    text = _with_addresses(text, (), new_address)  # code has no placeholders
    # Others are in links that the conversion has escaped.
    text = _PLACEHOLDER_LINK.sub(lambda match: new_address(match[0]) or _shown(match[0]), text)
    return text, tuple(dict.fromkeys(lost))


def _parts(address: str) -> tuple[str, str]:
    """Return the path and the fragment of a placeholder."""
    path, mark, fragment = address.removeprefix(PLACEHOLDER).partition("#")
    return unquote(path), f"{mark}{fragment}"


def _shown(address: str) -> str:
    """Return an address as the text of the old site had it."""
    if not address.startswith(PLACEHOLDER):
        return address
    path, fragment = _parts(address)
    return f"{written_path(path)}{fragment}"


def move_links(text: str, old: str, new: str, find: Find) -> tuple[str, tuple[str, ...]]:
    """Return a text of the file `old` of another digest with links as the file `new` needs them, and lost files.

    A link that leads to the same file stays as it is written. A link to a text that is not in this digest leads to its
    page on the other site, as a placeholder for `resolve_links`. A picture or document that is not in it becomes text.
    """
    lost: list[str] = []

    def new_address(address: str) -> str | None:
        target = _target(address, old, new, find)
        lost.extend([address] if target is None else [])
        return target

    return _with_addresses(text, code_spans(text), new_address), tuple(lost)


def _with_addresses(text: str, skip: Sequence[Span], new_address: Callable[[str], str | None]) -> str:
    """Return Markdown with new addresses of links and pictures outside `skip`; those without one become text."""
    edits: list[Edit] = []
    for match in outside(DESTINATION.finditer(text), skip):
        address = match["address"].strip("<>")
        new = new_address(address)
        start = opening_bracket(text, match.start()) if new is None else None
        if start is not None:
            first = start - (start > 0 and text[start - 1] == "!")
            edits += [(first, start + 1, ""), (*match.span(), f" ({code_span(_shown(address))})")]
        elif new is not None and new != address:
            edits.append((*match.span("address"), new))
    for match in outside(DEFINITION.finditer(text), skip):
        address = match["address"].strip("<>")
        new = new_address(address)
        if new is None:
            start = match.start("label") - 1
            edits.append((start, start, "\\"))
            new = _shown(address)
        if new != address:
            edits.append((*match.span("address"), new))
    return LinedText.of(text).edited(edits).text


def _target(address: str, old: str, new: str, find: Find) -> str | None:
    """Return the new address of a link; None for a picture or document that is not there."""
    try:
        parts = urlsplit(unescape(_ESCAPE.sub(r"\1", address)))
    except ValueError:
        return address
    path = unquote(parts.path)
    if parts.scheme or parts.netloc or not path or is_site_path(path):
        return address
    before = target_path(path, dirname(old))
    after = find(before)
    fragment = f"#{parts.fragment}" if parts.fragment else ""
    if after is None:
        return f"{PLACEHOLDER}{quote(_page(before))}{fragment}" if before.endswith(".md") else None
    if after == before and (path.startswith("/") or dirname(old) == dirname(new)):
        return address
    return f"{quote(relpath(after, dirname(new)))}{fragment}"


def _page(path: str) -> str:
    """Return the path of the page of a text: `articles/form/` for `content/articles/2026/07/form.md`."""
    name = path.removeprefix(f"{CONTENT_ROOT}/").removesuffix(".md")
    if path.startswith(f"{ARTICLES}/"):
        name = f"articles/{name.rpartition('/')[2]}"
    return f"{name.removeprefix('pages/')}/"
