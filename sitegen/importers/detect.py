"""What an input is, by its content; the name of a file says nothing."""

import json
import re
from typing import Final

from sitegen.util.frozen import dataclass

TEXT: Final = "text"
FORMATS: Final = (TEXT,)
"""Formats that can be imported, as `--from` names them."""

_MAGIC: Final = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive, perhaps a Word or OpenDocument file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office file"),
    (b"{\\rtf", "Rich Text Format"),
)
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_TAG = re.compile(r"<(?:!doctype\b|!--|\?|/?[A-Za-z][^<>\n]*>|[A-Za-z][\w:-]*$)", re.IGNORECASE)
_FRONT_MATTER = re.compile(r"---[ \t]*\n(?:.*\n)*?[\w-]+:.*\n(?:.*\n)*?---[ \t]*(?:\n|$)")
_HEAD: Final = 4096


@dataclass(frozen=True, slots=True)
class Detected:
    """A format's short name and what to call it; `importable` for those that this version reads."""

    format: str
    what: str

    @property
    def importable(self) -> bool:
        """Whether there is a reader for it."""
        return self.format in FORMATS


def detect_bytes(data: bytes) -> Detected | None:
    """Return what bytes are that cannot be text in UTF-8; None for those that may be."""
    for magic, what in _MAGIC:
        if data.startswith(magic):
            return Detected("binary", what)
    if data.startswith(_UTF_16):
        return Detected("utf-16", "text in UTF-16")
    if b"\x00" in data:
        return Detected("binary", "binary data (it has a NUL byte)")
    return None


def detect_text(text: str) -> Detected:
    """Return what a decoded text is; copied page text where it is nothing else."""
    head = text[:_HEAD].lstrip()
    lowered = head.casefold()
    if lowered.startswith(("<?xml", "<rss", "<feed", "<rdf:rdf")):
        is_feed = any(mark in lowered for mark in ("<rss", "<feed", "<rdf:rdf"))
        return Detected("feed", "a feed (RSS or Atom)") if is_feed else Detected("xml", "XML")
    if _TAG.match(head):
        return Detected("html", "HTML")
    if head[:1] in {"{", "["} and _is_json(text):
        return Detected("json", "JSON")
    if _FRONT_MATTER.match(head):
        return Detected("markdown", "Markdown with front matter")
    return Detected(TEXT, "copied page text")


def encoding_hint(data: bytes) -> str:
    """Return in which encoding bytes that are not UTF-8 seem to be, as a hint; empty where none fits."""
    if data.startswith(_UTF_16):
        return "the file is in UTF-16: save it in UTF-8"
    scores = {name: _japanese_share(data, codec) for name, codec in (("Shift_JIS", "cp932"), ("EUC-JP", "euc_jp"))}
    best = max(scores, key=lambda name: scores[name])
    if scores[best] < 0.2:
        return "save the file in UTF-8"
    return f"the file seems to be in {best}: save it in UTF-8"


def _japanese_share(data: bytes, codec: str) -> float:
    """Return the share of kana and common Han characters among all that are not ASCII; 0 for bytes that do not fit."""
    try:
        text = data.decode(codec)
    except UnicodeDecodeError:
        return 0.0
    wide = [char for char in text if char > "\x7f"]
    kana = sum("\u3040" <= char <= "\u30ff" for char in wide)
    return kana / len(wide) if wide else 0.0


def _is_json(text: str) -> bool:
    if re.match(r"\s*\{\s*\"", text):
        return True
    try:
        value = json.loads(text)
    except RecursionError:
        return True
    except ValueError:
        return False
    return isinstance(value, dict | list)
