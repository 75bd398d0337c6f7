"""One file with the whole site: the same content gives the same bytes at any time, with the same version of zlib."""

import gzip
import io
import os
import tarfile
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from hashlib import file_digest, sha256
from pathlib import Path
from typing import IO, Any, Final

from sitegen.config.targets import Target
from sitegen.diagnostics import ExternalError
from sitegen.publish.backend import (
    PublishRequest,
    PublishUI,
    TargetBackend,
    check_output_file,
    check_writable,
    make_folder,
    publish_target,
    resolve_path,
)
from sitegen.publish.host_files import DEFAULT_POLICY, add_redirects, headers_text
from sitegen.publish.plan import Plan, TargetFile, TargetState
from sitegen.publish.site_files import PublishFile, text_file
from sitegen.util.atomic_write import atomic_open
from sitegen.yaml_source.reader import MappingReader

_COMMENT: Final = "made by sitegen"
_ZIP_TIME: Final = (1980, 1, 1, 0, 0, 0)
_TAR_TIME: Final = 315_532_800
"""The same time: the earliest that a zip file can store."""

_INVALID: Final = (
    tarfile.TarError,
    zipfile.BadZipFile,
    gzip.BadGzipFile,
    zlib.error,
    EOFError,
    ValueError,
    NotImplementedError,
)
_HOSTS: Final = ("netlify", "cloudflare", "gitlab", "github", "other")


@publish_target("archive")
class ArchiveBackend(TargetBackend):
    """Writes an archive, which is its own manifest."""

    keeps_assets = False

    def __init__(self, target: Target, request: PublishRequest, ui: PublishUI) -> None:
        super().__init__(target, request, ui)
        check_output_file(request.root, self.options["path"])
        self._file = resolve_path(request.root, self.options["path"])
        self.description = f"the archive {self._file}"

    @classmethod
    def read_options(cls, reader: MappingReader) -> Mapping[str, Any]:
        """Read `path`, `host` and `content_security_policy`."""
        path = reader.text("path", required=True, hint="path: output/digest.tar.gz") or ""
        if path and not path.endswith((".tar.gz", ".zip")):
            message = f"'path' is {path!r}; expected a name that ends in .tar.gz or .zip"
            reader.error("bad-path", reader.location_of("path"), message)
        policy = reader.text("content_security_policy")
        if policy is not None and not (policy.isascii() and policy.isprintable() and len(policy) <= 1900):
            message = "'content_security_policy' is invalid; expected printable ASCII, at most 1,900 characters"
            reader.error("bad-policy", reader.location_of("content_security_policy"), message)
        return {"path": path, "host": reader.choice("host", _HOSTS) or "other", "policy": policy or DEFAULT_POLICY}

    def add_host_files(self, files: Mapping[str, PublishFile]) -> dict[str, PublishFile]:
        """Add `_headers` and `_redirects`."""
        host, base_url = self.options["host"], self.request.settings.config.base_url
        result, notes = add_redirects(files, host, base_url)
        if host in {"cloudflare", "netlify"}:
            text = headers_text(files, base_url, self.options["policy"], host)
            result["_headers"] = text_file("_headers", text)
        self.notes += notes
        return dict(sorted(result.items()))

    def read_state(self) -> TargetState:
        """Read the whole archive."""
        check_writable(self._file.parent)
        if not os.path.lexists(self._file):
            return TargetState(is_first=True)
        if self._file.is_dir():
            raise ExternalError(f"{self._file} is a folder; expected a file")
        try:
            return TargetState(dict(_read_zip(self._file) if self._is_zip else _read_tar(self._file)))
        except _INVALID as error:
            if self.request.take_over:
                return TargetState(is_first=True, has_unmanaged=True)
            message = f"{self._file} is not an archive by sitegen; move it, or pass --take-over to replace it"
            raise ExternalError(message) from error
        except OSError as error:
            raise ExternalError(f"cannot read {self._file}: {error.strerror or error}") from error

    def apply(self, plan: Plan, files: Mapping[str, PublishFile], state: TargetState) -> str:
        """Write a new archive and rename it over the old one."""
        del plan, state
        make_folder(self._file.parent)
        with atomic_open(self._file) as stream:
            (_write_zip if self._is_zip else _write_tar)(stream, self._sorted(files))
        with self._file.open("rb") as stream:
            return f"{self._file.stat().st_size:,} bytes, SHA-256 {file_digest(stream, 'sha256').hexdigest()}"

    @property
    def _is_zip(self) -> bool:
        return self._file.suffix == ".zip"

    def _sorted(self, files: Mapping[str, PublishFile]) -> Iterator[PublishFile]:
        for _, file in sorted(files.items()):
            yield file
            self.ui.file_sent(file.path, file.size)


def _read_tar(file: Path) -> Iterator[tuple[str, TargetFile]]:
    """Yield the files of an archive. Raises ValueError if another program made it, and others if it is damaged."""
    with gzip.open(file) as unpacked:
        with tarfile.open(fileobj=unpacked, mode="r|") as archive:
            for member in archive:
                if archive.pax_headers.get("comment") != _COMMENT:
                    raise ValueError(file)
                stream = archive.extractfile(member)
                if stream is not None:
                    yield member.name, TargetFile(sha256(stream.read()).hexdigest(), member.size)
        while unpacked.read(io.DEFAULT_BUFFER_SIZE):
            pass  # to the checksum at the end


def _read_zip(file: Path) -> Iterator[tuple[str, TargetFile]]:
    with zipfile.ZipFile(file) as archive:
        if archive.comment != _COMMENT.encode():
            raise ValueError(file)
        for member in archive.infolist():
            yield member.filename, TargetFile(sha256(archive.read(member)).hexdigest(), member.file_size)


def _write_tar(stream: IO[bytes], files: Iterable[PublishFile]) -> None:
    with (
        gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=stream, mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT, pax_headers={"comment": _COMMENT}) as archive,
    ):
        for file in files:
            info = tarfile.TarInfo(file.path)
            info.size, info.mtime, info.mode = file.size, _TAR_TIME, 0o644
            archive.addfile(info, io.BytesIO(file.read()))


def _write_zip(stream: IO[bytes], files: Iterable[PublishFile]) -> None:
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        archive.comment = _COMMENT.encode()
        for file in files:
            info = zipfile.ZipInfo(file.path, _ZIP_TIME)
            info.external_attr = 0o100644 << 16
            info.create_system = 3
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, file.read(), compresslevel=9)
