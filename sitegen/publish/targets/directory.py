"""A folder of this machine: files that did not change are hard links to the release before."""

import gzip
import os
import shutil
import stat
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from sitegen.config.targets import Target
from sitegen.diagnostics import ExternalError, UsageError
from sitegen.publish.backend import (
    PublishRequest,
    PublishUI,
    check_writable,
    make_folder,
    outside_project,
    publish_target,
)
from sitegen.publish.plan import CopySuffix, Plan, TargetFile, TargetState
from sitegen.publish.releases import (
    CURRENT,
    LOCK_FILE,
    RELEASES,
    FileStat,
    Manifest,
    ReleaseBackend,
    decode_manifest,
    encode_manifest,
    next_mtime,
)
from sitegen.publish.site_files import PublishFile
from sitegen.util.atomic_write import atomic_write
from sitegen.util.file_lock import file_lock
from sitegen.util.media_types import TEXTS
from sitegen.util.paths import parent_folders, read_bytes
from sitegen.yaml_source.reader import MappingReader

COMPRESSIONS: Final[dict[str, CopySuffix]] = {"gzip": "gz", "brotli": "br"}
"""The suffix of files by the name of the compression."""

_BROTLI_QUALITY: Final = 9
"""Of 11, which takes ten times as long for files that are 2 % smaller."""

_THREADS: Final = 4


@publish_target("directory")
class DirectoryBackend(ReleaseBackend):
    """Publishes to a folder."""

    def __init__(self, target: Target, request: PublishRequest, ui: PublishUI) -> None:
        super().__init__(target, request, ui)
        self.compress = self.options["compress"]
        self._path = outside_project(request.root, self.options["path"])
        self._releases = self._path / RELEASES
        self._compressors = compressors(self.compress)
        self.description = f"the folder {self._path}"

    @classmethod
    def read_options(cls, reader: MappingReader) -> Mapping[str, Any]:
        """Read `path` and `compress`."""
        path = reader.text("path", required=True, hint="path: /srv/www/digest") or ""
        return {"path": path, "compress": reader.choices("compress", tuple(COMPRESSIONS), ("gzip",))}

    def list_target(self) -> tuple[set[str], set[str], str | None]:
        """Return the names in the folder and its folder of releases, and the target of the link."""
        check_writable(self._path)
        check_writable(self._releases)
        names, releases = (
            {entry.name for entry in folder.iterdir()} if folder.is_dir() else set()
            for folder in (self._path, self._releases)
        )
        link = self._path / CURRENT
        return names, releases, str(link.readlink()) if link.is_symlink() else None

    def list_files(self, release: str) -> dict[str, FileStat | None]:
        """Return every file of a release; links are not followed."""
        files: dict[str, FileStat | None] = {}
        folders = [(str(self._releases / release), "")]
        while folders:
            folder, prefix = folders.pop()
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_dir(follow_symlinks=False):
                        folders.append((entry.path, f"{prefix}{entry.name}/"))
                        continue
                    status = entry.stat(follow_symlinks=False)
                    regular = stat.S_ISREG(status.st_mode)
                    files[prefix + entry.name] = (status.st_size, status.st_mtime) if regular else None
        return files

    def load_manifest(self, release: str) -> Manifest:
        """Read a manifest."""
        file = self._releases / f"{release}.json"
        return decode_manifest(read_bytes(str(file), file), str(file))

    def save_manifest(self, release: str, manifest: Manifest) -> None:
        """Write a manifest with one rename."""
        atomic_write(self._releases / f"{release}.json", encode_manifest(manifest))

    def create_release(
        self, release: str, plan: Plan, files: Mapping[str, PublishFile], state: TargetState, unmanaged: Iterable[str]
    ) -> dict[str, TargetFile]:
        """Link unchanged files from the current release, and write the others."""
        del files
        folder, old = self._releases / release, self._releases / state.revision
        now = int(self.request.now.timestamp())
        paths = set(plan.site_paths())
        folders = {parent for path in paths for parent in parent_folders(path)}

        def compress(path: str, file: TargetFile, data: bytes | None = None) -> TargetFile:
            copies: list[CopySuffix] = []
            for suffix, pack in self._compressors.items() if path.endswith(tuple(TEXTS)) else ():
                copy = f"{path}.{suffix}"
                if copy in paths or copy in folders:
                    continue  # an alias may have this name
                if suffix in file.copies:
                    _link(old / copy, folder / copy)
                    copies.append(suffix)
                    continue
                data = read_bytes(path, folder / path) if data is None else data
                packed = pack(data)
                if len(packed) < len(data):
                    _write(folder / copy, packed, file.mtime)
                    copies.append(suffix)
            return replace(file, copies=tuple(copies))

        def link(path: str) -> tuple[str, TargetFile]:
            _link(old / path, folder / path)
            return path, compress(path, plan.kept[path])

        def write(upload: PublishFile) -> tuple[str, TargetFile]:
            file = TargetFile(upload.sha256, upload.size, mtime=next_mtime(upload.path, state, now))
            data = upload.read()
            _write(folder / upload.path, data, file.mtime)
            self.ui.file_sent(upload.path, upload.size)
            return upload.path, compress(upload.path, file, data)

        try:
            for path in ("", *folders):
                make_folder(folder / path)
            with ThreadPoolExecutor(_THREADS) as pool:
                managed = dict(pool.map(link, plan.kept)) | dict(pool.map(write, plan.uploads))
            self.copy_files(state.revision, release, set(unmanaged))
        except OSError:
            shutil.rmtree(folder, ignore_errors=True)  # the disk may be full
            raise
        return managed

    def copy_files(self, source: str, destination: str, paths: set[str]) -> None:
        """Link files of one release into another."""
        for path in paths:
            make_folder((self._releases / destination / path).parent)
            _link(self._releases / source / path, self._releases / destination / path)

    def delete_release(self, release: str) -> None:
        """Delete a release, its manifest first: what is left without one is deleted by the next publish."""
        (self._releases / f"{release}.json").unlink(missing_ok=True)
        shutil.rmtree(self._releases / release)

    def switch(self, release: str) -> None:
        """Replace the link with one rename."""
        temporary = self._path / f".{CURRENT}.tmp"
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(f"{RELEASES}/{release}")
        temporary.replace(self._path / CURRENT)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold a lock in the folder, which is created if needed."""
        make_folder(self._releases)
        with file_lock(self._path / LOCK_FILE) as is_free:
            if not is_free:
                raise ExternalError(f"another publish to {self.description} is running")
            yield


def compressors(names: Iterable[str]) -> dict[CopySuffix, Callable[[bytes], bytes]]:
    """Return a function for each compression, by the suffix of its files.

    Raises UsageError if brotli is requested and not installed.
    """
    functions: dict[CopySuffix, Callable[[bytes], bytes]] = {}
    for name in names:
        if name == "gzip":
            functions["gz"] = lambda data: gzip.compress(data, 9, mtime=0)
        else:
            try:
                brotli = import_module("brotli")
            except ImportError as error:
                message = "'compress: [brotli]' needs another package: pip install 'sitegen-digest[brotli]'"
                raise UsageError(message) from error
            functions["br"] = partial(brotli.compress, quality=_BROTLI_QUALITY)
    return functions


def _link(source: Path, destination: Path) -> None:
    """Link a file, or copy it if the file system has no hard links."""
    try:
        os.link(source, destination, follow_symlinks=False)
    except (FileExistsError, FileNotFoundError):
        raise
    except OSError:
        shutil.copy2(source, destination, follow_symlinks=False)


def _write(file: Path, data: bytes, mtime: int) -> None:
    file.write_bytes(data)
    file.chmod(0o644)
    os.utime(file, (mtime, mtime))
