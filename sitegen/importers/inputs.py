"""Input files: reading, decoding, and what to report about those that no importer reads."""

import os
import re
import stat
import sys
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from sitegen.config.model import ImportSettings
from sitegen.diagnostics import Diagnostic, Diagnostics, Severity, SourceLocation, SourceText, plural
from sitegen.importers.encodings import UTF_16, decode, replaced_characters
from sitegen.yaml_source.nodes import replace_white_space, strip_forbidden

MAX_INPUT_BYTES: Final = 2 * 1024 * 1024
MAX_EXPORT_BYTES: Final = 16 * 1024 * 1024
"""The limit of exports with many articles: XML, JSON and tables."""
STDIN: Final = Path("-")

_SIGNATURES: Final = (
    (b"%PDF-", "a PDF"),
    (b"PK\x03\x04", "a ZIP archive, perhaps a Word, Hangul or OpenDocument file"),
    (b"\x89PNG", "a PNG picture"),
    (b"\xff\xd8\xff", "a JPEG picture"),
    (b"GIF8", "a GIF picture"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"\xd0\xcf\x11\xe0", "an old Office or Hangul file"),
    (b"{\\rtf", "Rich Text Format"),
)
_NO_ARTICLES: Final = frozenset(
    {
        *(".png", ".jpg", ".jpeg", ".gif", ".webp", ".avif", ".svg", ".ico", ".pdf", ".zip", ".mp3", ".mp4", ".webm"),
        *(".woff", ".woff2", ".ttf", ".css", ".scss", ".sass", ".less", ".js", ".mjs", ".cjs", ".ts", ".tsx", ".jsx"),
        *(".map", ".py", ".toml", ".yml", ".yaml", ".lock", ".njk", ".liquid", ".tmpl", ".rb", ".sh", ".gitkeep"),
        ".new",
    }
)
_COMPRESSED: Final = frozenset({".gz", ".br", ".zst"})
_EXPORTS: Final = frozenset({".xml", ".json", ".jsonl", ".ndjson", ".csv", ".tsv", ".rss", ".atom"})
_JSON_SUFFIXES: Final = frozenset({".json", ".jsonl", ".ndjson"})
_HEAD: Final = 4096
_PROLOG: Final = r"(?:<!--.*?-->\s*|<\?.*?\?>\s*|<!doctype(?:[^>\[]|\[.*?\])*>\s*)*"
_TEXT_FORMATS: Final = {
    name: (description, re.compile(pattern, re.IGNORECASE | re.DOTALL))
    for name, description, pattern in (
        ("feed", "a feed (RSS or Atom)", rf"{_PROLOG}<(?:\w+:)?(?:rss|feed|rdf)\b"),
        ("xml", "XML", r"<\?xml"),
        ("html", "HTML", r"<(?:!doctype\b|!--|\?|/?[a-z][^<>\n]*>|[a-z][\w:-]*$)"),
        ("json", "JSON", r"\{\s*[\"}]|\[\s*(?:[\[{\"]|-?[\d.]+\s*,)"),
        ("markdown", "Markdown with front matter", r"---[ \t]*\n(?:[^\n]*\n)*?[\w-]+:[^\n]*\n(?:[^\n]*\n)*?---\s"),
    )
}


class InputError(Exception):
    """An input cannot be imported because of a problem at a line of it."""

    def __init__(self, code: str, line: int, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.code, self.line, self.hint = code, line, hint


class ImportOptions(Struct, frozen=True):
    """The options of a run, for every input.

    `source_format` is the name of the format of all inputs, empty to detect it. `defaults` are values of the front
    matter for articles that do not have their own. `base_url` is the address of the site that the inputs come from,
    without its last slash, and `permalink` the form of its addresses; both replace those in the files of its generator.
    `mapping` is the name of a mapping of `settings`. `pictures` if pictures of the inputs are copied. `strict` if the
    run stops at the first loss of information. `reserved` are first parts of addresses of the digest's own pages.
    `addresses` are those of fetched files, by their paths. With `dry_run` nothing is written. `again` also imports
    articles whose file has been deleted.
    """

    source_format: str = ""
    defaults: Mapping[str, Any] = {}
    base_url: str = ""
    permalink: str = ""
    mapping: str = ""
    settings: ImportSettings = ImportSettings()
    pictures: bool = False
    strict: bool = False
    reserved: frozenset[str] = frozenset()
    addresses: Mapping[str, str] = {}
    dry_run: bool = False
    again: bool = False


class Input(Struct, frozen=True):
    """A file to import.

    `path` names it in diagnostics, `name` is its file name. `source` is its text, with newlines as line ends and
    without control characters, and is empty for a binary file or an unknown encoding. `file` is where it is, None for
    standard input, and `folder` the input folder that it is in. `url` is the address that it was fetched from.
    `options` are those of the run.
    """

    path: str
    name: str
    stem: str
    data: bytes
    source: SourceText
    is_utf8: bool = True
    file: Path | None = None
    folder: Path | None = None
    url: str = ""
    options: ImportOptions = ImportOptions()


def input_files(path: Path) -> list[Path]:
    """Return the files below a folder and links to folders, sorted, without hidden ones; any other path itself."""
    children = path.rglob("*") if path.is_dir() else ()  # Python 3.13 refuses to look into names with NUL
    files = [file for file in children if file.is_symlink() or not file.is_dir()]
    return sorted(file for file in files if "/." not in f"/{file.relative_to(path).as_posix()}") or [path]


def link_problem(file: Path, folder: Path) -> str:
    """Return why a file of a folder is a symbolic link that is not followed; empty if it is followed or not a link."""
    if not file.is_symlink() or not file.exists():
        return ""
    if file.is_dir():
        return "a symbolic link to a folder is skipped"
    is_inside = Path(os.path.realpath(file)).is_relative_to(os.path.realpath(folder))
    return (
        "" if is_inside else f"a symbolic link that leads out of {clean_name(folder.name) or 'its folder'!r} is skipped"
    )


def is_compressed_copy(file: Path) -> bool:
    """Whether a file is a compressed copy of the file next to it, as servers of web pages send it."""
    return file.suffix.lower() in _COMPRESSED and file.with_suffix("").is_file()


def read_input(
    file: Path, path: str, diagnostics: Diagnostics, options: ImportOptions, folder: Path | None = None
) -> Input:
    """Read a file to import, or standard input. Raises InputError."""
    data = _read(file, MAX_EXPORT_BYTES if file.suffix.lower() in _EXPORTS else MAX_INPUT_BYTES)
    is_stdin = file == STDIN
    name, stem = ("stdin", "") if is_stdin else (clean_name(file.name), file.stem)
    decoded = ("", "") if _binary_format(data) else decode(data)
    text, encoding = decoded or ("", "")
    if file.suffix.lower() in _JSON_SUFFIXES or options.source_format in {"json", "jsonl"}:
        text = text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")  # in JSON they do not end a line
    if encoding:
        hint = "if characters are wrong, save the file as UTF-8"
        diagnostics.warning("other-encoding", SourceLocation(path), f"the text is in {encoding}", hint=hint)
    source = _clean_source(path, text, diagnostics)
    for line, count in replaced_characters(source.text) if encoding else ():
        message = f"{plural(count, 'character')} not valid in the encoding of the file, replaced by U+FFFD"
        diagnostics.warning("undecodable-text", source.location(line), message, hint="save the file as UTF-8")
    url = options.addresses.get(str(file), "")
    return Input(path, name, stem, data, source, decoded is not None, None if is_stdin else file, folder, url, options)


def _read(file: Path, limit: int) -> bytes:
    """Return the bytes of a file. Raises InputError."""
    try:
        mode = stat.S_IFREG if file == STDIN else file.stat().st_mode
        if stat.S_ISDIR(mode):
            raise InputError("input-directory", 1, "the folder has no files", "name the files to import")
        if not stat.S_ISREG(mode):
            raise InputError("input-not-a-file", 1, "this is not a regular file")
        with sys.stdin.buffer if file == STDIN else file.open("rb") as stream:
            data = stream.read(limit + 1)
    except FileNotFoundError as error:
        raise InputError("input-missing", 1, "file not found") from error
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError("input-unreadable", 1, f"cannot read the file: {reason}") from error
    if len(data) > limit:
        message = f"the file is too large; expected at most {limit // 1024 // 1024} MiB"
        raise InputError("input-too-large", 1, message)
    return data


def _clean_source(path: str, text: str, diagnostics: Diagnostics) -> SourceText:
    """Return a text with newlines as line ends; report the control characters, which are removed."""
    text = replace_white_space(text.replace("\r\n", "\n").replace("\r", "\n"))
    source = SourceText(path, strip_forbidden(text))
    if source.text != text:
        rows = zip(text.split("\n"), source.lines, strict=True)
        line = next(number for number, (before, after) in enumerate(rows, 1) if before != after)
        message = f"{len(text) - len(source.text)} control characters, which HTML does not allow, are omitted"
        diagnostics.warning("control-character", source.location(line), message)
    return source


def clean_name(name: str) -> str:
    """Return a file name as text: without control characters, and with `?` for bytes that are not UTF-8."""
    return strip_forbidden(name.encode("utf-8", "replace").decode()) or "?"


@lru_cache(maxsize=1)  # several importers ask, one after the other
def text_format(text: str) -> str:
    """Return the name of the markup or data format that a text is in; empty for plain text."""
    head = text[:_HEAD].lstrip()
    return next((name for name, (_, pattern) in _TEXT_FORMATS.items() if pattern.match(head)), "")


def is_program_file(file: Input) -> bool:
    """Whether the name of a file shows that it is no text: a picture, a program, a configuration."""
    return Path(file.name).suffix.lower() in _NO_ARTICLES


def unsupported_format(file: Input, supported: Iterable[str]) -> tuple[str, str, Diagnostic]:
    """Return the name and the description of the format of an input, and why no importer reads it."""
    data, text = file.data, file.source.text
    hint = f"supported formats: {', '.join(supported)}; choose one with --from"
    name = text_format(text) or "unknown"
    description = _TEXT_FORMATS[name][0] if name in _TEXT_FORMATS else "an unknown format"
    code, line, message = "format-not-imported", 1, f"this is {description}"
    if name == "html":
        message += ", but it is a part of a page or a template"
        hint = "import it with --from html if it is an article"
    if binary := _binary_format(data):
        name, description = "binary", binary
        hint = "paste its text into an article of `sitegen new`"
        code, message = "input-binary", f"this is {binary}; expected text in UTF-8"
    elif not data.strip() or (file.is_utf8 and not text.strip()):
        name, description, hint = "empty", "an empty file", ""
        code, message = "input-empty", "the file contains no text" if data.strip() else "the file is empty"
    elif not file.is_utf8:
        code, message, hint = "not-utf-8", "the file is not UTF-8 text", "save it as UTF-8"
        name, description = "unknown", "text that is not UTF-8"
        line = len(data.decode(errors="replace").partition("\ufffd")[0].split("\n"))
    return name, description, Diagnostic(code, Severity.ERROR, SourceLocation(file.path, line), message, hint=hint)


def _binary_format(data: bytes) -> str:
    """Return the description of a binary format; empty for text."""
    description = next((text for signature, text in _SIGNATURES if data.startswith(signature)), "")
    if not description and b"\x00" in data and not data.startswith(UTF_16):
        return "binary data (it contains a NUL byte)"
    return description
