"""The files of imported articles: their bytes, their new versions (`….md.new`), and the record of all."""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from difflib import unified_diff
from pathlib import Path
from typing import Final

from msgspec import Struct

from sitegen.config.model import ContentSchema
from sitegen.content.articles import LocalizedVersion, article_text
from sitegen.content.documents import Document, read_document, translated_file
from sitegen.content.frontmatter import FrontMatter, dump_values, review_hash, translation_values
from sitegen.content.placeholders import TODO
from sitegen.content.slugs import folded_path
from sitegen.diagnostics import Diagnostics, ExternalError, SitegenError, SourceText, UsageError, replace_unprintable
from sitegen.importers.imported_article import TranslatedText
from sitegen.importers.values.matching import MatchKey, match_key
from sitegen.util.atomic_write import atomic_write
from sitegen.util.paths import ARTICLES, CONTENT_ROOT, read_bytes

RECORD: Final = f"{CONTENT_ROOT}/imported.tsv"
"""A line for each imported article, also if its file has been deleted: id, hash of the input, path."""

_RECORD_LINE: Final = re.compile(r"([0-9a-z][0-9a-z-]{7,63})\t([0-9a-f]{64})\t(content/[^\t]+)")
_ZEROS: Final = b"0" * 64
_KEPT: Final = b"with values of the edited file"
"""The end of a new version with such values in its hash: the article counts as edited once it is replaced by it."""
_HEAD_BYTES: Final = 64 * 1024
_FRONT_MATTER: Final = re.compile(rb"(?:\xef\xbb\xbf)?---[ \t]*\r?\n.*?\n---[ \t]*(?:\r?\n|$)", re.DOTALL)
_SLUG: Final = re.compile(r"""^["']?slug["']?[ \t]*:[ \t]*["']?([^\s"'#]+)""", re.MULTILINE)
_ID: Final = re.compile(r"""^id:[ \t]*["']?([0-9a-z][0-9a-z-]{7,63})""", re.MULTILINE)
_SHA256: Final = re.compile(r"""\bsha256["']?:[ \t]*["']?([0-9a-f]{64})""")
_DIGEST: Final = re.compile(r"""\bdigest["']?:[ \t]*["']?([0-9a-f]{64})""")


class ExistingArticle(Struct, frozen=True):
    """An article's file.

    `key` is None if the front matter is not valid. `imported_sha256` is the hash of the input, None for an article that
    was not imported. `is_unedited` is true if the file is still as the import wrote it, and `todo` is the number of
    values that its input did not have.
    """

    path: str
    id: str
    key: MatchKey | None
    imported_sha256: str | None = None
    is_unedited: bool = False
    todo: int = 0


def existing_articles(root: Path, schema: ContentSchema) -> tuple[ExistingArticle, ...]:
    """Return every article in content/articles, sorted by path, without translations."""
    paths = sorted(path.relative_to(root).as_posix() for path in _markdown_files(root))
    return tuple(read_existing(root, path, schema) for path in paths if translated_file(path) is None)


def read_existing(root: Path, path: str, schema: ContentSchema) -> ExistingArticle:
    """Read one article's file; what cannot be read is empty."""
    try:
        data = read_bytes(path, root / path)
    except SitegenError:
        data = b""
    match = _FRONT_MATTER.match(data)
    head = match[0] if match else data
    article = read_document(path.removesuffix(".new"), head, schema)[0].article if match else None
    # The file may have errors that the editor has yet to correct: its identity and its origin count all the same.
    values = [pattern.search(head.decode("utf-8", "replace")) for pattern in (_ID, _SHA256, _DIGEST)]
    identity, sha256, digest = (value[1] if value else "" for value in values)
    ends = (b"", _KEPT) if path.endswith(".new") else (b"",)
    return ExistingArticle(
        path=path,
        id=article.front.id if article else identity,
        key=match_key(article.front) if article else None,
        imported_sha256=sha256 or None,
        is_unedited=bool(digest) and digest in {import_hash(data + end, digest) for end in ends},
        todo=len(missing_values(article.front)) if article else 0,
    )


def read_front_of(root: Path, path: str, schema: ContentSchema) -> FrontMatter | None:
    """Return the front matter of an article's file; None if it cannot be read or has errors."""
    article = _read_head(root, path, schema).article
    return article.front if article else None


def read_version(root: Path, path: str, schema: ContentSchema) -> LocalizedVersion | None:
    """Return a translation without its text; None if the file cannot be read or has errors."""
    return _read_head(root, path, schema).version


def _read_head(root: Path, path: str, schema: ContentSchema) -> Document:
    """Return an article's file or a translation without its text; empty if it cannot be read."""
    try:
        match = _FRONT_MATTER.match(read_bytes(path, root / path))
    except SitegenError:
        match = None
    return read_document(path, match[0] if match else b"", schema)[0]


def missing_values(front: FrontMatter) -> tuple[str, ...]:
    """Return the names of the values that an article lacks, because its input did not have them."""
    return tuple((front.extra or {}).get(TODO, ()))


def read_record(root: Path, diagnostics: Diagnostics) -> tuple[dict[str, tuple[str, str]], tuple[str, ...]]:
    """Return the articles that were imported: by id the hash of the input and the path of the file.

    Lines of another form, such as those of a merge conflict, are reported and returned as they are. Raises ContentError
    and ExternalError if the file exists and cannot be read.
    """
    try:
        data = read_bytes(RECORD, root / RECORD)
    except ExternalError as error:
        if isinstance(error.__cause__, FileNotFoundError | NotADirectoryError):
            return {}, ()
        raise
    source = SourceText(RECORD, data.replace(b"\r\n", b"\n").decode("utf-8", "surrogateescape"))
    rows = {number: match for number, line in enumerate(source.lines, 1) if (match := _RECORD_LINE.fullmatch(line))}
    unreadable = {number: line for number, line in enumerate(source.lines, 1) if number not in rows and line.strip()}
    for number in unreadable:
        message = "this line is ignored; expected an id, the hash of an input and a path, separated by tabs"
        hint = "correct or delete the line; until then it stays in the file"
        diagnostics.warning("unreadable-record", source.location(number), message, hint=hint)
    return {row[1]: (row[2], row[3]) for row in rows.values()}, tuple(unreadable.values())


def write_record(root: Path, record: Mapping[str, tuple[str, str]], unreadable: Iterable[str]) -> None:
    """Write the articles that were imported, then the lines that could not be read. Raises ExternalError."""
    lines = ["\t".join((identity, *entry)) for identity, entry in sorted(record.items())]
    text = "".join(f"{line}\n" for line in (*lines, *unreadable))
    try:
        atomic_write(root / RECORD, text.encode("utf-8", "surrogateescape"))
    except OSError as error:
        raise ExternalError(f"cannot write {RECORD}: {error.strerror or error}") from error


def taken_slugs(root: Path) -> set[str]:
    """Return the slugs of all articles and the stems of their file names, folded for comparison."""
    taken: set[str] = set()
    for path in _markdown_files(root):
        taken.add(folded_path(path.name.removesuffix(".md")))
        try:
            head = read_bytes(path.name, path)[:_HEAD_BYTES].decode("utf-8", "replace")
        except SitegenError:
            continue
        taken.update(folded_path(slug) for slug in _SLUG.findall(head))
    return taken


def _markdown_files(root: Path) -> Iterator[Path]:
    for parent, folders, names in os.walk(root / ARTICLES):
        folders[:] = [name for name in folders if not name.startswith(".")]
        yield from (Path(parent, name) for name in names if name.endswith(".md") and not name.startswith("."))


def article_file(values: str, body: str, sha256: str, *, has_kept_values: bool = False) -> bytes:
    """Return the bytes of an article's file with its own hash; `values` have `digest_placeholder`."""
    placeholder = digest_placeholder(sha256)
    data = article_text(values, body).encode()
    digest = import_hash(data + (_KEPT if has_kept_values else b""), placeholder)
    return data.replace(placeholder.encode(), digest.encode(), 1)


def translation_file(identifier: str, text: TranslatedText, body: str, edited: LocalizedVersion | None) -> bytes:
    """Return the bytes of the file of a translation of an imported article; in `body` only links may have changed.

    It keeps the values of the `edited` file that the input does not have.
    """
    kept = translation_values(identifier, "", "", edited.generated, edited.reviewed) if edited else {}
    values = {"id": identifier, **text.values}
    values |= {key: value for key, value in kept.items() if key not in values}
    review, title, summary = (values.get(key) for key in ("reviewed", "title", "summary"))
    if isinstance(review, dict) and review.get("of") == review_hash(str(title), str(summary), text.body):
        values["reviewed"] = review | {"of": review_hash(str(title), str(summary), body)}
    return article_text(dump_values(values), body).encode()


def digest_placeholder(sha256: str) -> str:
    """Return 64 digits that stand for a hash. Zeros would be a number, which YAML writes with quotes."""
    return hashlib.sha256(f"digest of {sha256}".encode()).hexdigest()


def import_hash(data: bytes, recorded: str) -> str:
    """Return the hash of a file as defined for `imported.digest`.

    It is the SHA-256 of the file's bytes with LF as line ends, after the first occurrence of `recorded`, the 64 digits
    in the file, is replaced by zeros. A file that has not been edited since its import gives the recorded hash.
    """
    data = data.replace(b"\r\n", b"\n")  # git may convert line ends at checkout
    return hashlib.sha256(data.replace(recorded.encode(), _ZEROS, 1)).hexdigest()


def diff_version(file: Path, root: Path) -> str:
    """Return the differences between an article of a project and its new version. Raises UsageError, ExternalError."""
    old = _article_of(file, root)
    before, after = (read_bytes(path.as_posix(), path).decode("utf-8", "replace").splitlines() for path in (old, file))
    lines = unified_diff(before, after, old.as_posix(), file.as_posix(), lineterm="")
    return "\n".join(map(replace_unprintable, lines))


def accept_version(file: Path, root: Path, *, dry_run: bool = False) -> Path:
    """Replace an article of a project by its new version, unless `dry_run`; return the path of the article.

    Raises UsageError if it is not a version of the article, and ExternalError.
    """
    old = _article_of(file, root)
    data = read_bytes(file.as_posix(), file)
    identity, known = (_written_id(text) for text in (data, read_bytes(old.as_posix(), old)))
    if not identity or (known and identity != known):
        raise UsageError(f"{file}: expected the front matter of {old}, with its id {known!r}; correct or delete it")
    if not dry_run:
        try:
            atomic_write(old, data)
            file.unlink()
        except OSError as error:
            raise ExternalError(f"cannot write {old}: {error.strerror or error}") from error
    return old


def _article_of(file: Path, root: Path) -> Path:
    article = file.with_suffix("")
    if not file.name.endswith(".md.new") or not article.is_file():
        raise UsageError(f"{file}: expected the new version of an article, such as customs-form.md.new, next to it")
    if not file.resolve().is_relative_to((root / CONTENT_ROOT).resolve()):
        raise UsageError(f"{file}: expected a file in {CONTENT_ROOT}/ of this project")
    return article


def _written_id(data: bytes) -> str:
    """Return the id in the front matter of an article's file; empty if there is none."""
    match = _FRONT_MATTER.match(data)
    match_of_id = _ID.search(match[0].decode("utf-8", "replace")) if match else None
    return match_of_id[1] if match_of_id else ""
