"""One file with the whole site: the same content gives the same bytes, on every day and machine with the same zlib."""

import gzip
import io
import os
import tarfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path
from typing import IO, Final

from filelock import FileLock, Timeout

from sitegen.config.targets import ArchiveTarget
from sitegen.errors import ExternalError
from sitegen.publish.assemble import check_folder, make_folder
from sitegen.publish.context import Job, Outcome
from sitegen.publish.plan import Plan, Row, Standing
from sitegen.publish.site_files import Item

_CHUNK: Final = 1024 * 1024
_MARK: Final = "made by sitegen"
_TIME: Final = (1980, 1, 1, 0, 0, 0)
_STAMP: Final = 315_532_800
"""The first moment that a .zip can hold, as both forms write it."""


class Archive:
    """Writes an archive. Use `open_archive`."""

    def __init__(self, target: ArchiveTarget, job: Job) -> None:
        self._job = job
        self._file = job.location(target.path)
        self.where = f"the archive {self._file}"

    def identity(self, item: Item) -> str:
        """Return the digest of the bytes."""
        return item.digest

    def inspect(self) -> Standing:
        """Read the archive that stands there, whole: it is its own manifest."""
        check_folder(self._file.parent)
        if not os.path.lexists(self._file):
            return Standing(first=True)
        if self._file.is_dir():
            raise ExternalError(f"{self._file} is a folder, where the archive must be")
        seen = self._state()
        rows = _read_zip(self._file) if self._file.suffix == ".zip" else _read_tar(self._file)
        if rows is None:
            if not self._job.take_over:
                message = f"{self._file} is no archive of ours; move it, or replace it: --take-over"
                raise ExternalError(message)
            return Standing(first=True, crowded=True, seen=seen)
        return Standing(rows, seen=seen)

    def foreign(self, plan: Plan, standing: Standing) -> frozenset[str]:
        """Nothing of others is in an archive of ours."""
        del plan, standing
        return frozenset()

    def carry_out(self, plan: Plan, items: Mapping[str, Item], standing: Standing) -> Outcome:
        """Write the archive beside the old one, and put it in its place with one rename."""
        del plan  # an archive is written whole
        make_folder(self._file.parent)
        lock = FileLock(self._file.with_name(f".{self._file.name}.lock"), timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise ExternalError(f"another publish to {self._file} is at work") from error
        try:
            if self._state() != standing.seen:
                raise ExternalError(f"another publish to {self._file} is at work; publish again")
            return self._write(items)
        finally:
            lock.release()

    def _state(self) -> str:
        """Return what tells one archive from the next one at its place: which file, of what size and time."""
        try:
            found = self._file.stat()
        except FileNotFoundError:
            return ""
        return f"{found.st_ino} {found.st_size} {found.st_mtime_ns}"

    def _write(self, items: Mapping[str, Item]) -> Outcome:
        temporary = self._file.with_name(f".{self._file.name}.tmp")
        try:
            with temporary.open("wb") as stream:
                if self._file.suffix == ".zip":
                    self._write_zip(stream, items)
                else:
                    self._write_tar(stream, items)
            temporary.replace(self._file)
        finally:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
        digest = sha256(self._file.read_bytes()).hexdigest()
        return Outcome(f"{self._file.stat().st_size:,} bytes, SHA-256 {digest}")

    def _write_tar(self, stream: IO[bytes], items: Mapping[str, Item]) -> None:
        with (
            gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=stream, mtime=0) as packed,
            tarfile.open(
                fileobj=packed, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": _MARK}
            ) as archive,
        ):
            for path, item in sorted(items.items()):
                info = tarfile.TarInfo(path)
                info.size, info.mtime, info.mode = item.size, _STAMP, 0o644
                archive.addfile(info, io.BytesIO(item.read()))
                self._job.progress(path, item.size)

    def _write_zip(self, stream: IO[bytes], items: Mapping[str, Item]) -> None:
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
            archive.comment = _MARK.encode()
            for path, item in sorted(items.items()):
                info = zipfile.ZipInfo(path, _TIME)
                info.external_attr = 0o100644 << 16
                info.create_system = 3
                info.compress_type = zipfile.ZIP_DEFLATED
                archive.writestr(info, item.read(), compresslevel=9)
                self._job.progress(path, item.size)


def _read_tar(file: Path) -> dict[str, Row] | None:
    """Return what an archive of ours holds; None for a file that is none, or is cut short."""
    rows = {}
    try:
        with tarfile.open(file, "r:gz") as archive:
            if archive.pax_headers.get("comment") != _MARK:
                return None
            for member in archive:
                stream = archive.extractfile(member) if member.isfile() else None
                if stream is not None:
                    rows[member.name] = Row(sha256(stream.read()).hexdigest(), member.size)
            while archive.fileobj.read(_CHUNK):
                pass  # to the end, where the checksum stands
    except (tarfile.TarError, EOFError, ValueError, gzip.BadGzipFile, zlib.error):
        return None
    except OSError as error:
        raise ExternalError(f"cannot read {file}: {error.strerror or error}") from error
    return rows


def _read_zip(file: Path) -> dict[str, Row] | None:
    rows = {}
    try:
        with zipfile.ZipFile(file) as archive:
            if archive.comment != _MARK.encode():
                return None
            for member in archive.infolist():
                rows[member.filename] = Row(sha256(archive.read(member)).hexdigest(), member.file_size)
    except (zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, zlib.error):
        return None
    except OSError as error:
        raise ExternalError(f"cannot read {file}: {error.strerror or error}") from error
    return rows


@contextmanager
def open_archive(target: ArchiveTarget, job: Job) -> Iterator[Archive]:
    """Yield a publisher of a file."""
    yield Archive(target, job)
