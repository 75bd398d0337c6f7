"""Records a review in the front matter of a Markdown file. Everything else in the file stays as it is."""

from typing import Final

from sitegen.config.model import ContentSchema
from sitegen.content.articles import source_parts
from sitegen.content.documents import read_document
from sitegen.content.frontmatter import Review, dump_review, review_hash
from sitegen.diagnostics import Diagnostics
from sitegen.util.dates import PartialDate
from sitegen.yaml_source.nodes import Mapping, parse_yaml

_BOM: Final = b"\xef\xbb\xbf"
_FIRST_LINE: Final = 2
"""The line of a file at which the front matter begins."""


def with_review(
    path: str, data: bytes, reviewer: tuple[str, PartialDate], content_schema: ContentSchema, diagnostics: Diagnostics
) -> bytes | None:
    """Return a file whose key `reviewed` names the reviewer, the date, and the hash of title, summary and text.

    `path` is its project path. Errors of the file are reported, and the result is None.
    """
    document, _ = read_document(path, data, content_schema)
    version, parts = document.version, source_parts(path, data)
    if version is None or parts is None:
        diagnostics.extend(document.diagnostics)
        return None
    source, yaml_text, text, fence_line = parts
    node = parse_yaml(source, yaml_text, Diagnostics(), first_line=_FIRST_LINE)
    review = Review(*reviewer, review_hash(version.title, version.summary, text))
    edited = _edited(data, node, review, fence_line - 1) if isinstance(node, Mapping) else data
    again = read_document(path, edited, content_schema)[0].version
    if again is not None and again.reviewed == review:
        return edited
    message = "the front matter cannot be edited; expected each key at the start of a line of its own"
    hint = f"write it by hand: {dump_review(review).rstrip()}"
    diagnostics.error("cannot-edit", source.location(_FIRST_LINE), message, hint=hint)
    return None


def _edited(data: bytes, node: Mapping, review: Review, fence: int) -> bytes:
    """Return the file with a new line `reviewed`, which ends as the first line does."""
    mark = _BOM if data.startswith(_BOM) else b""
    lines = data.removeprefix(_BOM).decode().splitlines(keepends=True)
    line_end = lines[0].removeprefix(lines[0].rstrip("\r\n"))
    start, end = _lines_of_review(node, lines, fence)
    lines[start:end] = [dump_review(review).rstrip("\n") + line_end]
    return mark + "".join(lines).encode()


def _lines_of_review(node: Mapping, lines: list[str], fence: int) -> tuple[int, int]:
    """Return the first line (from 0) of the key `reviewed`, and the line after it; both its place if it is missing.

    `fence` is the line that ends the front matter. A new key follows `generated`, or else is the last one. Comments and
    empty lines below a key stay.
    """
    starts = [key.line - 1 for key, _ in node.pairs]
    ends = [*starts[1:], fence]
    named = {key.value: (start, end) for (key, _), start, end in zip(node.pairs, starts, ends, strict=True)}
    start, end = named.get("reviewed") or named.get("generated") or (ends[-1], ends[-1])
    while end > start + 1 and (not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#")):
        end -= 1
    return (start, end) if "reviewed" in named else (end, end)
