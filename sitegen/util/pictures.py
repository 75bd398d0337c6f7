"""Headers of pictures: the size, the place where a picture was taken, and a copy without metadata.

Only headers are read; pixels are not decoded. Sources: JPEG (ITU-T T.81, annex B), Exif (CIPA DC-008), PNG (third
edition), GIF89a, the container specification of WebP, SVG 2.
"""

import re
from collections.abc import Iterator
from typing import Final, Literal

_JPEG: Final = b"\xff\xd8"
PNG: Final = b"\x89PNG\r\n\x1a\n"
_EXIF: Final = b"Exif\0\0"
_PNG_METADATA: Final = frozenset({b"eXIf", b"tEXt", b"iTXt", b"zTXt", b"tIME"})
_WEBP_METADATA: Final = frozenset({b"EXIF", b"XMP "})
_WEBP_METADATA_FLAGS: Final = 0x0C
"""The flags of VP8X for Exif and XMP."""
_EOI, _SOS, _COMMENT = 0xD9, 0xDA, 0xFE
_EXIF_MARKER, _ICC_MARKER, _IPTC_MARKER = 0xE1, 0xE2, 0xED
_FRAME_MARKERS: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_STANDALONE_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_BYTE_ORDERS: Final[dict[bytes, Literal["little", "big"]]] = {b"II*\0": "little", b"MM\0*": "big"}
_ORIENTATION: Final = 0x0112
_GPS_IFD: Final = 0x8825
_POSITION_TAGS: Final = frozenset({0x0002, 0x0004})
"""GPSLatitude and GPSLongitude. Cameras that know no position write other tags."""
_SHORT: Final = (b"\x00\x03", b"\x03\x00")
"""The type of numbers of 16 bits, in both byte orders."""
_NEXT_MARKER = re.compile(rb"\xff+[^\x00\xff\xd0-\xd7]")
"""The end of entropy-coded data."""
_SVG = re.compile(rb"<svg\b[^>]*>")
_SVG_LENGTH: Final = rb"\b%s\s*=\s*[\"']\s*([0-9.]+)(?:px)?\s*[\"']"
_SVG_VIEW_BOX = re.compile(rb"\bviewBox\s*=\s*[\"']\s*[-0-9.]+[\s,]+[-0-9.]+[\s,]+([0-9.]+)[\s,]+([0-9.]+)\s*[\"']")


def picture_size(data: bytes) -> tuple[int, int] | None:
    """Return width and height of a picture as it is shown, in pixels; None if they are not known."""
    size = None
    if data.startswith(_JPEG):
        size = _jpeg_size(data)
    elif data.startswith(PNG):
        size = int.from_bytes(data[16:20]), int.from_bytes(data[20:24])
    elif data.startswith(b"GIF8"):
        size = int.from_bytes(data[6:8], "little"), int.from_bytes(data[8:10], "little")
    elif _is_webp(data):
        size = _webp_size(data)
    elif match := _SVG.search(data[:8192]):
        size = _svg_size(match[0])
    return size if size is not None and all(size) else None


def has_location(data: bytes) -> bool:
    """Return whether a JPEG, PNG or WebP picture has Exif data with a position; false for damaged or other files."""
    return any(not _POSITION_TAGS.isdisjoint(tags) for tags in _exif_tags(data, _GPS_IFD))


def without_metadata(data: bytes) -> bytes:
    """Return a JPEG, PNG or WebP picture without Exif, XMP, IPTC and comments; any other or damaged file as it is.

    Colour profiles and, of a JPEG, the orientation are kept. Pictures after the first one are removed, too.
    """
    if data.startswith(_JPEG):
        return _clean_jpeg(data)
    if data.startswith(PNG):
        return _clean_png(data)
    if _is_webp(data):
        return _clean_webp(data)
    return data


def _is_webp(data: bytes) -> bool:
    return data.startswith(b"RIFF") and data[8:12] == b"WEBP"


def _jpeg_segments(data: bytes, *, with_scans: bool = False) -> Iterator[tuple[int, int, int]]:
    """Yield marker, start and end of each segment before the first scan, or up to the end of the image.

    The segment of a scan has its data. To find their end takes much longer than all else.
    """
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if marker == 0xFF:  # a fill byte
            at += 1
            continue
        if marker == _EOI or (marker == _SOS and not with_scans):
            break
        end = at + 2 if marker in _STANDALONE_MARKERS else at + 2 + max(int.from_bytes(data[at + 2 : at + 4]), 2)
        if marker == _SOS:
            match = _NEXT_MARKER.search(data, end)
            end = match.end() - 2 if match else len(data)
        yield marker, at, min(end, len(data))
        at = end


def _png_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and end of each chunk: length, name, data and checksum."""
    at = len(PNG)
    while at + 12 <= len(data):
        end = at + 12 + int.from_bytes(data[at : at + 4])
        yield data[at + 4 : at + 8], at, end
        at = end


def _webp_chunks(data: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Yield name, start and end of each chunk: name, length, data and padding."""
    at, limit = 12, min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    while at + 8 <= limit:
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        yield data[at : at + 4], at, end
        at = end


def _exif_blocks(data: bytes) -> list[bytes]:
    if data.startswith(_JPEG):
        segments = [data[start + 4 : end] for marker, start, end in _jpeg_segments(data) if marker == _EXIF_MARKER]
        return [segment for segment in segments if segment.startswith(_EXIF)]
    if data.startswith(PNG):
        return [data[start + 8 : end - 4] for name, start, end in _png_chunks(data) if name == b"eXIf"]
    if _is_webp(data):
        return [data[start + 8 : end] for name, start, end in _webp_chunks(data) if name == b"EXIF"]
    return []


def _exif_tags(data: bytes, directory: int | None = None) -> Iterator[dict[int, int]]:
    """Yield the tags of each block of Exif data with their values, or those of the directory (IFD) that a tag names.

    Values of 16 bits and of 32 bits are numbers; other values are not needed.
    """
    for block in _exif_blocks(data):
        tiff = block.removeprefix(_EXIF)
        order = _BYTE_ORDERS.get(tiff[:4])
        if order is None:
            continue
        tags = _directory(tiff, int.from_bytes(tiff[4:8], order), order)
        if directory is None:
            yield tags
        elif directory in tags:
            yield _directory(tiff, tags[directory], order)


def _directory(tiff: bytes, start: int, order: Literal["little", "big"]) -> dict[int, int]:
    count = int.from_bytes(tiff[start : start + 2], order)
    rows = (tiff[at : at + 12] for at in range(start + 2, min(start + 2 + 12 * count, len(tiff) - 11), 12))
    return {
        int.from_bytes(row[:2], order): int.from_bytes(row[8 : 10 if row[2:4] in _SHORT else 12], order) for row in rows
    }


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    for marker, start, _ in _jpeg_segments(data):
        if marker in _FRAME_MARKERS:
            height, width = int.from_bytes(data[start + 5 : start + 7]), int.from_bytes(data[start + 7 : start + 9])
            return (height, width) if _orientation(data) >= 5 else (width, height)
    return None


def _orientation(data: bytes) -> int:
    """Return the orientation of a JPEG, 1 to 8; 1 without a valid one."""
    values = (tags.get(_ORIENTATION, 0) for tags in _exif_tags(data))
    return next((value for value in values if value in range(1, 9)), 1)


def _clean_jpeg(data: bytes) -> bytes:
    parts, segments = [_JPEG], list(_jpeg_segments(data, with_scans=True))
    orientation = _orientation(data)
    if not any(marker == _SOS for marker, _, _ in segments):
        return data
    for marker, start, end in segments:
        is_other_picture = marker == _ICC_MARKER and data.startswith(b"MPF\0", start + 4)
        if marker not in {_EXIF_MARKER, _IPTC_MARKER, _COMMENT} and not is_other_picture:
            parts.append(data[start:end])
    if orientation > 1:
        entry = _ORIENTATION.to_bytes(2) + b"\0\3\0\0\0\1" + orientation.to_bytes(2) + b"\0\0"
        exif = _EXIF + b"MM\0*\0\0\0\x08\0\1" + entry + b"\0\0\0\0"
        parts.insert(1, b"\xff\xe1" + (len(exif) + 2).to_bytes(2) + exif)
    return b"".join((*parts, b"\xff\xd9"))


def _clean_png(data: bytes) -> bytes:
    parts = [PNG]
    for name, start, end in _png_chunks(data):
        if name not in _PNG_METADATA:
            parts.append(data[start:end])
        if name == b"IEND":
            return b"".join(parts)
    return data


def _clean_webp(data: bytes) -> bytes:
    body, last = b"WEBP", 12
    for name, start, last in _webp_chunks(data):
        chunk = data[start:last]
        if name == b"VP8X":
            chunk = chunk[:8] + bytes([chunk[8] & ~_WEBP_METADATA_FLAGS]) + chunk[9:]
        if name not in _WEBP_METADATA:
            body += chunk
    is_complete = last == min(len(data), 8 + int.from_bytes(data[4:8], "little"))
    return b"RIFF" + len(body).to_bytes(4, "little") + body if is_complete else data


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
