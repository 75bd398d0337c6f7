"""The warning of pictures that contain the place where they were taken."""

import struct
import zlib
from itertools import product
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.util.pictures import has_location
from tests.project import Project, codes

FOLDER: Final = "content/articles/2026/07"
POSITION: Final = (1, 2, 3, 4)
"""The tags of a position: GPSLatitudeRef, GPSLatitude, GPSLongitudeRef, GPSLongitude."""
VERSION: Final = (0,)
"""GPSVersionID alone, as telephones write if the location is turned off."""
BLACK_PIXEL: Final = bytes.fromhex(
    "ffdb004300" + "01" * 64 + "ffc0000b080001000101011100"
    "ffc40014000100000000000000000000000000000000ffc40014100100000000000000000000000000000000"
    "ffda0008010100003f00d2cf20ffd9"
)


def exif(order: str, gps: tuple[int, ...] | None) -> bytes:
    """Return Exif data as cameras write it: a maker, an orientation, and the directory of GPS tags."""
    start = {"<": b"II*\0", ">": b"MM\0*"}[order] + struct.pack(f"{order}I", 8)
    entries = [struct.pack(f"{order}HHI4s", 0x010F, 2, 4, b"Cam\0"), struct.pack(f"{order}HHIHH", 0x0112, 3, 1, 1, 0)]
    if gps is None:
        return start + struct.pack(f"{order}H", 2) + b"".join(entries) + bytes(4)
    after = 8 + 2 + 3 * 12 + 4
    entries.append(struct.pack(f"{order}HHII", 0x8825, 4, 1, after))
    tags = b"".join(struct.pack(f"{order}HHII", tag, 5, 3, after) for tag in gps)
    main = struct.pack(f"{order}H", 3) + b"".join(entries) + bytes(4)
    return start + main + struct.pack(f"{order}H", len(gps)) + tags + bytes(4)


def jpeg(data: bytes) -> bytes:
    """Return a JPEG: JFIF, XMP in another APP1, fill bytes, then Exif."""

    def segment(marker: int, content: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content

    jfif = segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\0\0")
    xmp = segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta/>")
    return b"\xff\xd8" + jfif + xmp + b"\xff\xff" + segment(0xE1, b"Exif\0\0" + data) + BLACK_PIXEL


def png(data: bytes) -> bytes:
    """Return a PNG with Exif after the pixels."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    pixels = chunk(b"IDAT", zlib.compress(b"\0\0"))
    return b"\x89PNG\r\n\x1a\n" + header + pixels + chunk(b"eXIf", data) + chunk(b"IEND", b"")


def webp(data: bytes) -> bytes:
    """Return a WebP whose first chunks have an odd length, and so a byte of padding."""

    def chunk(name: bytes, content: bytes) -> bytes:
        return name + struct.pack("<I", len(content)) + content + bytes(len(content) % 2)

    chunks = chunk(b"VP8X", b"\x08" + bytes(9)) + chunk(b"VP8L", b"\x2f" + bytes(10)) + chunk(b"EXIF", data)
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


FORMATS: Final = {"jpg": jpeg, "png": png, "webp": webp}


@pytest.mark.parametrize(("name", "order"), [*product(FORMATS, "<>")])
@pytest.mark.parametrize(
    ("gps", "expected"), [(POSITION, True), ((4,), True), (VERSION, False), ((), False), (None, False)]
)
def test_a_position_is_found(name: str, order: str, gps: tuple[int, ...] | None, *, expected: bool) -> None:
    assert has_location(FORMATS[name](exif(order, gps))) is expected


def test_webp_with_the_prefix_of_jpeg() -> None:
    assert has_location(webp(b"Exif\0\0" + exif(">", POSITION)))


@pytest.mark.parametrize("data", [b"", b"\xff\xd8", b"GIF89a", b"%PDF-1.7", exif("<", POSITION), b"RIFF\0\0\0\0WAVE"])
def test_other_files(data: bytes) -> None:
    assert not has_location(data)


def test_exif_after_the_start_of_the_pixels_is_not_a_header() -> None:
    assert not has_location(jpeg(exif("<", None)) + jpeg(exif("<", POSITION)))


@given(st.sampled_from(sorted(FORMATS)), st.sampled_from("<>"), st.integers(0, 400), st.binary(max_size=40))
def test_damaged_pictures(name: str, order: str, cut: int, junk: bytes) -> None:
    picture = FORMATS[name](exif(order, POSITION))
    assert has_location(picture[:cut] + junk + picture[cut + len(junk) :]) in {True, False}
    assert has_location(picture[:cut]) in {True, False}


@given(st.binary(max_size=200))
def test_any_exif_data(data: bytes) -> None:
    for start in (b"II*\0", b"MM\0*"):
        assert has_location(png(start + data)) in {True, False}


def test_a_picture_of_an_article_is_reported_once_and_again(project: Project) -> None:
    picture = project.file(f"{FOLDER}/photo.jpg", jpeg(exif("<", POSITION)))
    project.file(f"{FOLDER}/unused.jpg", jpeg(exif("<", POSITION)))
    project.file(f"{FOLDER}/clean.webp", webp(exif("<", None)))
    project.article("one", body="![p](photo.jpg) ![p](photo.jpg) ![c](clean.webp)\n")
    for _ in range(3):  # also by builds that read nothing again
        result = project.built()
        assert [(item.code, item.severity, item.location.path) for item in result.diagnostics] == [
            ("picture-location", "warning", f"{FOLDER}/photo.jpg")
        ]
    assert not project.build(strict=True).ok
    picture.write_bytes(jpeg(exif("<", VERSION)))
    assert codes(project.built()) == []
