"""The effects of an import: reading inputs, looking through the articles that exist, writing new ones."""

import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from sitegen.content.articles import split_front_matter
from sitegen.content.pages import translated_file
from sitegen.content.slugs import folded_path
from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.importers.article import digest_of
from sitegen.importers.matching import Likeness, likeness
from sitegen.paths import ARTICLES
from sitegen.util.dates import parse_partial_date
from sitegen.util.frozen import dataclass
from sitegen.yaml_source.nodes import Mapping, Node, Scalar, decode, parse_yaml, strip_forbidden

MAX_INPUT_BYTES: Final = 2 * 1024 * 1024

_HEAD_BYTES: Final = 64 * 1024
_SLUG_LINE: Final = re.compile(rb"""^["']?slug["']?[ \t]*:""", re.MULTILINE)
_ID_LINE = re.compile(r"^id:[ \t]*[\"']?([0-9a-z][0-9a-z-]{7,63})", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Existing:
    """An article's file, as far as an import must know it.

    `likeness` is None where the file cannot be read that far; `imported_sha256` is None for an article that was not
    imported; `untouched` says that the file is still as the import wrote it.
    """

    path: str
    slug: str
    id: str
    likeness: Likeness | None
    imported_sha256: str | None = None
    untouched: bool = False


def read_input(path: Path, name: str, diagnostics: Diagnostics) -> bytes | None:
    """Return the bytes of an input; None, with an error, when it is no file of a size that is read."""
    location = SourceLocation(name)
    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            diagnostics.error("input-directory", location, "this is a folder", hint="name the files in it")
            return None
        if not stat.S_ISREG(status.st_mode):
            diagnostics.error("input-not-a-file", location, "this is not an ordinary file")
            return None
        with path.open("rb") as stream:
            data = stream.read(MAX_INPUT_BYTES + 1) if status.st_size <= MAX_INPUT_BYTES else b""
    except FileNotFoundError:
        diagnostics.error("input-missing", location, "there is no such file")
        return None
    except (OSError, ValueError) as error:
        diagnostics.error("input-unreadable", location, f"the file cannot be read: {_reason(error)}")
        return None
    if status.st_size > MAX_INPUT_BYTES or len(data) > MAX_INPUT_BYTES:
        size = max(status.st_size, len(data)) / 1024 / 1024
        message = f"the file has {size:.1f} MiB; at most {MAX_INPUT_BYTES // 1024 // 1024} MiB are read"
        diagnostics.error("input-too-large", location, message)
        return None
    return data


def scan_articles(root: Path) -> tuple[Existing, ...]:
    """Return every article's file below content/articles, by path; what cannot be read still has its slug.

    A translation is no article of its own.
    """
    found = sorted(_markdown_files(root / ARTICLES))
    return tuple(_existing(root, path) for path in found if translated_file(path.as_posix()) is None)


def taken_slugs(root: Path) -> set[str]:
    """Return the slugs of all articles, and the names of their files, in the form in which they are compared.

    Only a file that names a slug of its own is read as YAML: this is for a command that an editor waits for.
    """
    taken: set[str] = set()
    for path in _markdown_files(root / ARTICLES):
        taken.add(folded_path(path.name.removesuffix(".md")))
        try:
            with path.open("rb") as stream:
                names_one = _SLUG_LINE.search(stream.read(_HEAD_BYTES)) is not None
        except OSError:
            continue
        if names_one:
            taken.add(folded_path(_existing(root, path).slug))
    return taken


def write_file(root: Path, path: str, data: bytes) -> None:
    """Write a file of the project as a whole: beside its place first, then renamed to it. Raises OSError."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    beside = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        beside.write_bytes(data)
        beside.replace(target)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def read_new_version(root: Path, path: str) -> str | None:
    """Return the `imported.sha256` of a version that an earlier import left at `path`, or None."""
    return _existing(root, root / path).imported_sha256


def is_there(root: Path, path: str) -> bool:
    """Whether something has this path already."""
    return os.path.lexists(root / path)


def _markdown_files(folder: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(parent, name) for name in names if name.endswith(".md") and not name.startswith("."))


def _existing(root: Path, path: Path) -> Existing:
    shown = path.relative_to(root).as_posix()
    stem = path.name.removesuffix(".md")
    try:
        data = path.read_bytes()
    except OSError:
        return Existing(shown, stem, "", None)
    diagnostics = Diagnostics()
    source = decode(shown, data, diagnostics)
    parts = None if source is None else split_front_matter(source, diagnostics)
    node = None if source is None or parts is None else parse_yaml(source, parts[0], diagnostics, first_line=2)
    if not isinstance(node, Mapping):
        match = _ID_LINE.search(strip_forbidden(data.decode("utf-8", "replace")))
        return Existing(shown, stem, match[1] if match else "", None)
    imported = _child(node, "imported")
    digest = _text(imported, "digest")
    return Existing(
        path=shown,
        slug=_text(node, "slug") or stem,
        id=_text(node, "id"),
        likeness=_likeness(node),
        imported_sha256=_text(imported, "sha256") or None,
        untouched=bool(digest) and digest_of(data, digest) == digest,
    )


def _likeness(node: Mapping) -> Likeness | None:
    try:
        stamp = parse_partial_date(_text(node, "date"))
    except ValueError:
        return None
    day = stamp.day if stamp else None
    title, source = _text(node, "title"), _text(_child(node, "source"), "name")
    return likeness(title, day, source) if title and day and source else None


def _child(node: Node | None, key: str) -> Node | None:
    if not isinstance(node, Mapping):
        return None
    return next((value for name, value in node.pairs if name.value == key), None)


def _text(node: Node | None, key: str) -> str:
    value = _child(node, key)
    return value.value if isinstance(value, Scalar) else ""


def _reason(error: Exception) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)
