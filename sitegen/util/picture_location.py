"""Finds the place where a picture was taken in its Exif data. Only headers are read, and nothing is decoded.

Sources: Exif (CIPA DC-008), "GPS Attribute Information" and the structure of APP1; PNG, third edition, chunk eXIf; the
container specification of WebP, chunk EXIF.
"""

from collections.abc import Iterator
from typing import Final, Literal

_EXIF: Final = b"Exif\0\0"
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_STANDALONE_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xD8)})
_LAST_MARKERS: Final = frozenset({0xD9, 0xDA})
"""The end of the image, and the start of its pixels, after which there are no headers."""

_ByteOrder = Literal["little", "big"]
_BYTE_ORDERS: Final[dict[bytes, _ByteOrder]] = {b"II*\0": "little", b"MM\0*": "big"}
_GPS_IFD: Final = 0x8825
_POSITION_TAGS: Final = frozenset({0x0002, 0x0004})
"""GPSLatitude and GPSLongitude. Cameras that know no position write other tags."""


def has_location(data: bytes) -> bool:
    """Return whether a JPEG, PNG or WebP picture has Exif data with a position; false for damaged or other files."""
    if data.startswith(b"\xff\xd8"):
        blocks = _jpeg_blocks(data)
    elif data.startswith(_PNG):
        blocks = _chunks(data, len(_PNG), b"eXIf", order="big", after=4)
    elif data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        blocks = _chunks(data, 12, b"EXIF", order="little", after=0)
    else:
        return False
    return any(_has_position(block.removeprefix(_EXIF)) for block in blocks)


def _jpeg_blocks(data: bytes) -> Iterator[bytes]:
    """Yield the Exif data of the segments APP1 of a JPEG."""
    at = 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] not in _LAST_MARKERS:
        if data[at + 1] == 0xFF:  # a fill byte
            at += 1
        elif data[at + 1] in _STANDALONE_MARKERS:
            at += 2
        else:
            length = max(int.from_bytes(data[at + 2 : at + 4]), 2)
            if data[at + 1] == 0xE1 and data.startswith(_EXIF, at + 4):
                yield data[at + 4 : at + 2 + length]
            at += 2 + length


def _chunks(data: bytes, at: int, name: bytes, *, order: _ByteOrder, after: int) -> Iterator[bytes]:
    """Yield the chunks called `name` of a PNG (length, name, data, checksum) or WebP (name, length, data, padding)."""
    while at + 8 <= len(data):
        first, second = data[at : at + 4], data[at + 4 : at + 8]
        length = int.from_bytes(first if after else second, order)
        if name == (second if after else first):
            yield data[at + 8 : at + 8 + length]
        at += 8 + length + (after or length % 2)


def _has_position(tiff: bytes) -> bool:
    order = _BYTE_ORDERS.get(tiff[:4])
    if order is None:
        return False
    main = _entries(tiff, int.from_bytes(tiff[4:8], order), order)
    return _GPS_IFD in main and not _POSITION_TAGS.isdisjoint(_entries(tiff, main[_GPS_IFD], order))


def _entries(tiff: bytes, start: int, order: _ByteOrder) -> dict[int, int]:
    """Return the tags of a directory (IFD) with their values as offsets."""
    count = int.from_bytes(tiff[start : start + 2], order)
    rows = (tiff[at : at + 12] for at in range(start + 2, min(start + 2 + 12 * count, len(tiff) - 11), 12))
    return {int.from_bytes(row[:2], order): int.from_bytes(row[8:], order) for row in rows}
