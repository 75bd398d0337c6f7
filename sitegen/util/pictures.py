"""The size of a picture, and a copy of it without metadata. Only headers are read; pixels are not decoded.

Sources: JPEG (ITU-T T.81, annex B), Exif (CIPA DC-008), PNG (third edition), GIF89a, the container specification of
WebP, SVG 2.
"""

import re
from typing import Final, Literal

_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_METADATA: Final = frozenset({b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME"})
_WEBP_METADATA: Final = frozenset({b"EXIF", b"XMP "})
_WEBP_METADATA_FLAGS: Final = 0x0C
"""The flags of VP8X for Exif and XMP."""
_SOI, _EOI, _SOS, _COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
_EXIF_MARKER, _ICC_MARKER, _IPTC_MARKER = 0xE1, 0xE2, 0xED
_FRAME_MARKERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_ORIENTATION: Final = 0x0112
_NEXT_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
"""The end of entropy-coded data."""
_SVG = re.compile(rb"<svg\b[^>]*>")
_SVG_LENGTH: Final = rb"\b%s\s*=\s*[\"']\s*([0-9.]+)(?:px)?\s*[\"']"
_SVG_VIEW_BOX = re.compile(rb"\bviewBox\s*=\s*[\"']\s*[-0-9.]+[\s,]+[-0-9.]+[\s,]+([0-9.]+)[\s,]+([0-9.]+)\s*[\"']")


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a picture as it is shown, in pixels; None if they are not known."""
    size = None
    if data.startswith(b"\xff\xd8"):
        size = _jpeg_size(data)
    elif data.startswith(_PNG):
        size = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    elif data.startswith(b"GIF8"):
        size = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    elif data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        size = _webp_size(data)
    elif match := _SVG.search(data[:8192]):
        size = _svg_size(match[0])
    return size if size is not None and all(size) else None


def without_metadata(data: bytes) -> bytes:
    """Return a JPEG, PNG or WebP picture without Exif, XMP, IPTC and comments; any other or damaged file as it is.

    Colour profiles and, of a JPEG, the orientation are kept. Pictures after the first one are removed, too.
    """
    if data.startswith(b"\xff\xd8"):
        return _clean_jpeg(data)
    if data.startswith(_PNG):
        return _clean_png(data)
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _clean_webp(data)
    return data


def _jpeg_segments(data: bytes) -> list[tuple[int, int, int]]:
    """Return marker, start and end of each segment up to the end of the image; that of a scan has its data."""
    found, at = [], 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _EOI:
            break
        end = at + 2 if marker in _STANDALONE_MARKERS else at + 2 + max(int.from_bytes(data[at + 2 : at + 4]), 2)
        if marker == _SOS:
            match = _NEXT_MARKER.search(data, end)
            end = match.end() - 2 if match else len(data)
        found.append((marker, at, min(end, len(data))))
        at = end
    return found


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    orientation = 1
    for marker, start, _ in _jpeg_segments(data):
        if marker == _EXIF_MARKER:
            orientation = _orientation(data, start) or orientation
        if marker in _FRAME_MARKERS:
            height, width = int.from_bytes(data[start + 5 : start + 7]), int.from_bytes(data[start + 7 : start + 9])
            return (height, width) if orientation >= 5 else (width, height)
    return None


def _orientation(data: bytes, segment: int) -> int:
    """Return the orientation in a segment APP1, 1 to 8; 0 without a valid one."""
    if not data.startswith(b"Exif\0\0", segment + 4):
        return 0
    tiff = data[segment + 10 :]
    order: Literal["little", "big"] = "little" if tiff.startswith(b"II") else "big"
    start = int.from_bytes(tiff[4:8], order)
    for number in range(int.from_bytes(tiff[start : start + 2], order)):
        row = tiff[start + 2 + 12 * number : start + 14 + 12 * number]
        if len(row) < 12:
            break
        if int.from_bytes(row[:2], order) == _ORIENTATION:
            value = int.from_bytes(row[8:10], order)
            return value if value in range(1, 9) else 0
    return 0


def _clean_jpeg(data: bytes) -> bytes:
    parts, orientation = [data[:2]], 0
    segments = _jpeg_segments(data)
    if not any(marker == _SOS for marker, _, _ in segments):
        return data
    for marker, start, end in segments:
        if marker == _EXIF_MARKER:
            orientation = orientation or _orientation(data, start)
        is_other_picture = marker == _ICC_MARKER and data.startswith(b"MPF\0", start + 4)
        if marker not in {_EXIF_MARKER, _IPTC_MARKER, _COMMENT} and not is_other_picture:
            parts.append(data[start:end])
    if orientation > 1:
        entry = _ORIENTATION.to_bytes(2) + b"\0\3\0\0\0\1" + orientation.to_bytes(2) + b"\0\0"
        exif = b"Exif\0\0MM\0*\0\0\0\x08\0\1" + entry + b"\0\0\0\0"
        parts.insert(1, b"\xff\xe1" + (len(exif) + 2).to_bytes(2) + exif)
    return b"".join((*parts, b"\xff\xd9"))


def _clean_png(data: bytes) -> bytes:
    parts, at = [_PNG], len(_PNG)
    while at + 12 <= len(data):
        name, end = data[at + 4 : at + 8], at + 12 + int.from_bytes(data[at : at + 4])
        if name not in _PNG_METADATA:
            parts.append(data[at:end])
        at = end
        if name == b"IEND":
            return b"".join(parts)
    return data


def _clean_webp(data: bytes) -> bytes:
    parts, at, limit = [], 12, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= limit:
        name, length = data[at : at + 4], int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        chunk = data[at:end]
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_WEBP_METADATA_FLAGS]) + chunk[9:]
        if name not in _WEBP_METADATA:
            parts.append(chunk)
        at = end
    body = b"WEBP" + b"".join(parts)
    return b"RIFF" + len(body).to_bytes(4, "little") + body if at == limit else data


def _webp_size(data: bytes) -> tuple[int, int] | None:
    kind = data[12:16]
    if kind == b"VP8X":
        return int.from_bytes(data[24:27], "little") + 1, int.from_bytes(data[27:30], "little") + 1
    if kind == b"VP8L":
        bits = int.from_bytes(data[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return int.from_bytes(data[26:28], "little") & 0x3FFF, int.from_bytes(data[28:30], "little") & 0x3FFF
    return None


def _svg_size(tag: bytes) -> tuple[int, int] | None:
    lengths = [re.search(_SVG_LENGTH % name, tag) for name in (b"width", b"height")]
    box = _SVG_VIEW_BOX.search(tag)
    texts = [match[1] for match in lengths if match] if all(lengths) else list(box.groups()) if box else []
    try:
        width, height = (round(float(text)) for text in texts)
    except ValueError:
        return None
    return width, height
