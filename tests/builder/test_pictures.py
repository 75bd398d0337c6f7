"""Pictures of articles: their size, captions, and files without metadata."""

import json
import sys
from io import BytesIO

import pytest

from sitegen.diagnostics import ExternalError
from sitegen.util.pictures import picture_size, without_metadata
from tests.builder.process_probe import probe_process
from tests.builder.test_picture_location import POSITION, exif, jpeg, png, webp
from tests.builder.test_text_edits import wait_until_stable
from tests.project import Project, codes

FOLDER = "content/articles/2026/07"


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (b"GIF89a\x03\x00\x02\x00", (3, 2)),
        (b'<svg viewBox="0 0 600 400.4" class="x">', (600, 400)),
        (b"<svg width='10px' height='20'>", (10, 20)),
        (b'<svg width="100%" viewBox="0,0,3,2">', (3, 2)),
        (b"<svg>", None),
        (b"text", None),
        (b"\xff\xd8\xff\xda", None),
        (b"\x89PNG\r\n\x1a\n", None),
        (jpeg(b"")[:2] + b"\xff\xc0\x00\x0b\x08\x00\x02\x00\x03\x01\x01\x11\x00", (3, 2)),
        (jpeg(exif("<", None)), (1, 1)),
        (png(b""), (1, 1)),
        (b"RIFF\x00\x00\x00\x00WEBPVP8X\x0a\x00\x00\x00\x00\x00\x00\x00\x02\x00\x00\x01\x00\x00", (3, 2)),
        (b"RIFF\x00\x00\x00\x00WEBPVP8L\x05\x00\x00\x00\x2f\x02\x40\x00\x00", (3, 2)),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 \x0a\x00\x00\x00\x00\x00\x00\x9d\x01\x2a\x03\x00\x02\x00", (3, 2)),
    ],
)
def test_the_size_of_a_picture(data: bytes, size: tuple[int, int] | None) -> None:
    assert picture_size(data) == size


def test_a_rotated_photo_has_the_size_that_is_shown() -> None:
    entry = b"\x12\x01\x03\x00\x01\x00\x00\x00"
    rotated = exif("<", POSITION).replace(entry + b"\1", entry + b"\6")
    photo = jpeg(rotated).replace(b"\xff\xc0\x00\x0b\x08\x00\x01\x00\x01", b"\xff\xc0\x00\x0b\x08\x00\x02\x00\x03")
    assert picture_size(photo) == (2, 3)
    clean = without_metadata(photo + b"another picture")
    assert picture_size(clean) == (2, 3), "the orientation stays"
    assert clean.endswith(b"\xff\xd9")
    assert b"Cam" not in clean
    assert b"adobe" not in clean


@pytest.mark.parametrize("make", [jpeg, png, webp])
def test_damaged_pictures_are_left_alone_or_cut(make: object) -> None:
    assert callable(make)
    picture = make(exif(">", POSITION))
    assert len(without_metadata(picture)) < len(picture)
    for end in range(0, len(picture), 3):
        assert len(without_metadata(picture[:end])) <= end + 2
        picture_size(picture[:end])


def test_pictures_of_an_article(project: Project) -> None:
    project.file(f"{FOLDER}/photo.jpg", jpeg(exif("<", POSITION)))
    project.file(f"{FOLDER}/map.svg", '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 400"/>')
    project.article("one", body='![p](photo.jpg "It\'s so | Photo: A")\n\nText ![m](map.svg) and [m](map.svg)\n')
    project.built()
    page, (item,) = project.page("articles/one/index.html"), json.loads(project.page("feed.json"))["items"]
    for text in (page, item["content_html"]):
        assert '.jpg" width="1" height="1" alt="p"><figcaption>It’s so <small>Photo: A</small></figcaption>' in text
        assert '.svg" width="600" height="400" alt="m">' in text
        assert text.count("width=") == 2
    (name,) = (path for path in project.tree() if path.endswith(".jpg"))

    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", site + "pictures: {strip_metadata: true}\n")
    assert codes(project.built()) == []
    (stripped,) = (path for path in project.tree() if path.endswith(".jpg"))
    assert stripped != name, "browsers keep the old file"
    assert b"Exif" not in project.tree()[stripped]
    assert f"/{stripped}" in project.page("articles/one/index.html")
    assert project.built().counts.written == ()
    project.file("site.yaml", site + "pictures: {strip: true}\n")
    assert codes(project.build()) == ["unknown-key"]


def test_smaller_copies(project: Project) -> None:
    image = pytest.importorskip("PIL.Image")
    data = BytesIO()
    image.effect_noise((300, 200), 30).convert("RGB").save(data, "PNG")
    project.file(f"{FOLDER}/map.png", data.getvalue())
    project.article("one", body="![m](map.png)\n")
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", site + "pictures: {widths: [200, 100, 640]}\n")
    project.built()
    files = {path: data for path, data in project.tree().items() if "/map" in path}
    small, medium, whole = sorted(files, key=lambda path: ("-100" not in path, "-200" not in path))
    for path, width, height in ((small, 100, 67), (medium, 200, 133)):
        copy = image.open(BytesIO(files[path]))
        assert (copy.format, copy.size) == ("WEBP", (width, height))
        assert len(files[path]) < len(files[whole])
    assert (
        f'<img src="/{whole}" width="300" height="200" srcset="/{small} 100w, /{medium} 200w, /{whole} 300w" sizes="'
        in project.page("articles/one/index.html")
    )
    assert "srcset" not in project.page("feed.json")

    (project.root / "output/site" / small).unlink()
    assert project.built().counts.written == (small,)
    assert project.tree()[small] == files[small], "the same bytes again"
    project.file(f"{FOLDER}/map.png", data.getvalue()[:400])
    with pytest.raises(ExternalError, match="cannot be resized"):
        project.build()
    project.file("site.yaml", site + "pictures: {widths: [99, x]}\n")
    assert codes(project.build()) == ["out-of-range", "out-of-range"]


def test_smaller_copies_need_a_package(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    project.file(f"{FOLDER}/photo.png", png(b"").replace(b"IHDR\0\0\0\1", b"IHDR\0\0\3\1"))
    project.article("one", body="![m](photo.png)\n")
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", site + "pictures: {widths: [200]}\n")
    for name in ("PIL", "PIL.features", "PIL.Image"):
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(ExternalError, match=r"pip install 'sitegen-digest\[pictures\]'"):
        project.build()


def test_pictures_and_static_files_are_read_once(project: Project) -> None:
    """A build that plans knows unchanged ones by their status."""
    photo, static = f"{FOLDER}/photo.jpg", "content/static/report.pdf"
    project.file(photo, jpeg(exif("<", None)))
    project.file(static, b"%PDF-1.7 one")
    project.article("one", body="![p](photo.jpg)\n")
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", f"{site}pictures: {{strip_metadata: true}}\n")
    wait_until_stable(project)
    first = probe_process(project)
    assert {photo, static} <= first.read, first.errors
    project.article("two")
    assert not probe_process(project).read & {photo, static}
    project.file(photo, jpeg(exif("<", POSITION)) + b"after the end")
    project.file(static, b"%PDF-1.7 two")
    project.article("three")
    assert probe_process(project).read >= {photo, static}
    assert project.tree()["report.pdf"] == b"%PDF-1.7 two"
    project.file(
        "site.yaml", (project.root / "site.yaml").read_text("utf-8").replace("strip_metadata: true", "widths: []")
    )
    project.built()
    assert [data for path, data in project.tree().items() if path.endswith(".jpg")] == [
        jpeg(exif("<", POSITION)) + b"after the end"
    ]
