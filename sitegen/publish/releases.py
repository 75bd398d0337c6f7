"""Releases in a folder, with a link to the current one, on this machine or another.

    PATH/current -> releases/000043-9f2c41d07ab3     the link that the web server follows
    PATH/releases/000043-9f2c41d07ab3/               a whole site
    PATH/releases/000043-9f2c41d07ab3.json           its manifest; a release without one is unfinished

The name of a release is a number, which orders releases without a clock, and a hash of its content.
"""

import re
from abc import abstractmethod
from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime
from hashlib import sha256
from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from sitegen.diagnostics import ExternalError, UsageError
from sitegen.publish.backend import TargetBackend
from sitegen.publish.plan import Plan, TargetFile, TargetState, check_conflicts, conflicts, make_plan, name_some
from sitegen.publish.site_files import FileClass, PublishFile, file_class
from sitegen.util.paths import parent_folders

CURRENT: Final = "current"
RELEASES: Final = "releases"
LOCK_FILE: Final = ".sitegen.lock"
_NAME: Final = re.compile(r"[0-9]{6}-[0-9a-f]{12}")
_NAME_LENGTH: Final = 19

ManagedPath = Annotated[str, Meta(pattern=r"^(?!/)(?!(.*/)?\.\.(/|$)).")]
"""A path inside its folder."""

FileStat = tuple[int, float]
"""Size, and modification time in seconds."""


class Manifest(Struct, frozen=True, kw_only=True, rename={"previous": "before"}):
    """The managed files of a release, its time, the release before it ("" for none), and how files are compressed."""

    files: Mapping[ManagedPath, TargetFile]
    published: Annotated[datetime, Meta(tz=True)]
    previous: str = ""
    compress: tuple[str, ...] = ()
    sitegen: Literal[1] = 1
    """The version of the format."""


class ReleaseBackend(TargetBackend):
    """A folder with releases and a link. Subclasses access the folder, here or on another machine."""

    compress: tuple[str, ...] = ()

    @abstractmethod
    def list_target(self) -> tuple[set[str], set[str], str | None]:
        """Return the names in the folder, those in its folder of releases, and the target of the link if it is one."""

    @abstractmethod
    def list_files(self, release: str) -> dict[str, FileStat | None]:
        """Return the path of every file and link of a release, with None if it is not a regular file."""

    @abstractmethod
    def load_manifest(self, release: str) -> Manifest:
        """Return the manifest of a release."""

    @abstractmethod
    def save_manifest(self, release: str, manifest: Manifest) -> None:
        """Write the manifest of a release in one step."""

    @abstractmethod
    def create_release(
        self, release: str, plan: Plan, files: Mapping[str, PublishFile], state: TargetState, unmanaged: Iterable[str]
    ) -> dict[str, TargetFile]:
        """Create the files of a release, the unmanaged ones of the current release included; return the managed."""

    @abstractmethod
    def copy_files(self, source: str, destination: str, paths: set[str]) -> None:
        """Copy files from one release to another, unless something is already there."""

    @abstractmethod
    def delete_release(self, release: str) -> None:
        """Delete a release with its manifest."""

    @abstractmethod
    def switch(self, release: str) -> None:
        """Set the link to a release in one step."""

    def lock(self) -> AbstractContextManager[object]:
        """Prevent concurrent changes, if the target can."""
        return nullcontext()

    def read_state(self) -> TargetState:
        """Return the content of the current release."""
        names, releases, link = self.list_target()
        if link is None:
            if CURRENT in names:
                raise ExternalError(f"'{CURRENT}' in {self.description} is a file or folder; expected a link")
            unmanaged = names - {LOCK_FILE, RELEASES} or any(not _is_managed(name) for name in releases)
            return TargetState(is_first=not releases_in(releases, finished=True), has_unmanaged=bool(unmanaged))
        current = self._release_of(link)
        manifest = self._manifest(current, releases)
        stats = self.list_files(current)
        was, wanted = (", ".join(compress) for compress in (manifest.compress, self.compress))
        changed = set(manifest.compress) != set(self.compress)
        return TargetState(
            compare_files(manifest.files, stats),
            frozenset(stats.keys() - managed_paths(manifest.files)),
            revision=current,
            rebuild_reason=f"'compress' changed from [{was}] to [{wanted}]" if changed else "",
        )

    def apply(self, plan: Plan, files: Mapping[str, PublishFile], state: TargetState) -> str:
        """Create a release, switch the link, delete old releases."""
        with self.lock():
            now = self.read_state()
            if (now.files, now.revision, now.rebuild_reason) != (state.files, state.revision, state.rebuild_reason):
                raise self.changed_error()
            if not self.request.take_over:
                check_conflicts(plan, now.unmanaged)
            _, names, _ = self.list_target()
            release = next_name(names, files)
            unmanaged = now.unmanaged - conflicts(plan, now.unmanaged).keys()
            managed = self.create_release(release, plan, files, now, sorted(unmanaged))
            manifest = Manifest(
                files=managed, published=self.request.now, previous=state.revision, compress=self.compress
            )
            self.save_manifest(release, manifest)
            self._check_current(state.revision)
            self.switch(release)
            self._clean_up(release, names, unmanaged)
        return f"{RELEASES}/{release}"

    def plan_rollback(self) -> Plan:
        """Return the effect of showing the release before the current one."""
        _, releases, link = self.list_target()
        current = self._release_of(link) if link is not None else None
        manifest = self._manifest(current, releases) if current is not None else None
        if current is None or manifest is None or manifest.previous not in releases_in(releases, finished=True):
            raise UsageError(f"there is no earlier release in {self.description}")
        earlier = self.load_manifest(manifest.previous)
        shown = {path: file for path, file in manifest.files.items() if not file.retired}
        back = {
            path: PublishFile(path, file.content_id, file.size, "")
            for path, file in sorted(earlier.files.items())
            if not file.retired
        }
        intact = compare_files(earlier.files, self.list_files(manifest.previous))
        damaged = sorted(path for path in back if path not in intact or not intact[path].content_id)
        note = f"changed or missing in {manifest.previous}: {name_some(damaged)}; the next publish repairs the site"
        plan = make_plan(back, TargetState(shown), keep=0)
        return replace(plan, current=current, previous=manifest.previous, warnings=(note,) if damaged else ())

    def rollback(self, plan: Plan) -> str:
        """Switch back to the earlier release, with the assets and the unmanaged files of the current one."""
        with self.lock():
            manifest, earlier = self.load_manifest(plan.current), self.load_manifest(plan.previous)
            if manifest.previous != plan.previous:
                raise self.changed_error()
            assets = {
                path: replace(file, retired=1)
                for path, file in manifest.files.items()
                if file_class(path) is FileClass.ASSET and path not in earlier.files
            }
            unmanaged = self.list_files(plan.current).keys() - managed_paths(manifest.files)
            wanted = managed_paths(assets) | (unmanaged - managed_paths(earlier.files))
            existing = self.list_files(plan.previous).keys()
            folders = {folder for path in existing for folder in parent_folders(path)}
            free = {
                path for path in wanted if path not in folders and existing.isdisjoint((path, *parent_folders(path)))
            }
            if free:
                self.copy_files(plan.current, plan.previous, free)
            if assets:
                self.save_manifest(plan.previous, replace(earlier, files={**earlier.files, **assets}))
            self._check_current(plan.current)
            self.switch(plan.previous)
        self.notes += plan.warnings
        return f"{RELEASES}/{plan.previous}"

    def _check_current(self, release: str) -> None:
        _, _, link = self.list_target()
        if (self._release_of(link) if link is not None else "") != release:
            raise self.changed_error()

    def _clean_up(self, current: str, names: Iterable[str], carried: frozenset[str]) -> None:
        """Delete unfinished and old releases; a failure is a note, because the site is already published.

        An old release with unmanaged files that the current one does not have is kept.
        """
        try:
            for name in releases_in(names, finished=False):
                self.delete_release(name)
            complete = [*releases_in(names, finished=True), current]
            if len(complete) <= self.target.keep_releases:
                return
            manifests = {name: self.load_manifest(name) for name in complete}
            previous = {name: manifest.previous for name, manifest in manifests.items()}
            for name in releases_to_prune(previous, current, self.target.keep_releases):
                if self.list_files(name).keys() <= managed_paths(manifests[name].files) | carried:
                    self.delete_release(name)
        except ExternalError as error:
            self.notes.append(f"older releases were not deleted: {error}")
        except OSError as error:
            self.notes.append(f"older releases were not deleted: {error.filename}: {error.strerror}")

    def _release_of(self, link: str) -> str:
        folder, _, name = link.rstrip("/").rpartition("/")
        if folder != RELEASES or not _NAME.fullmatch(name):
            raise ExternalError(f"'{CURRENT}' in {self.description} leads to {link!r}, which is not a release")
        return name

    def _manifest(self, release: str, names: set[str]) -> Manifest:
        if not {release, f"{release}.json"} <= names:
            message = (
                f"'{CURRENT}' in {self.description} leads to {RELEASES}/{release}, but that folder or its manifest is "
                f"missing; remove the link '{CURRENT}' there, and publish again"
            )
            raise ExternalError(message)
        return self.load_manifest(release)


def _is_managed(name: str) -> bool:
    """Whether a name in the folder of releases is a release, or a file that belongs to one."""
    return any(_NAME.fullmatch(name[start : start + _NAME_LENGTH]) for start in (0, 1))


def next_name(names: Iterable[str], files: Mapping[str, PublishFile]) -> str:
    """Return the name of the next release."""
    number = max((int(name[:6]) for name in names if _NAME.fullmatch(name[:_NAME_LENGTH])), default=0) + 1
    content = sha256("".join(f"{path}\0{file.sha256}\0" for path, file in sorted(files.items())).encode())
    return f"{number:06d}-{content.hexdigest()[:12]}"


def releases_in(names: Iterable[str], *, finished: bool) -> list[str]:
    """Return the releases among names, in order: those that have a manifest, or those that have none."""
    known = set(names)
    return sorted(name for name in known if _NAME.fullmatch(name) and (f"{name}.json" in known) == finished)


def releases_to_prune(previous: Mapping[str, str], current: str, keep: int) -> list[str]:
    """Return all releases but `keep`: the current one, those shown before it, then the newest.

    `previous` maps every finished release to the one that was shown before it.
    """
    kept = dict.fromkeys([current])
    while (current := previous.get(current, "")) in previous and current not in kept:
        kept[current] = None
    kept |= dict.fromkeys(sorted(previous, reverse=True))
    return sorted(previous.keys() - set(list(kept)[:keep]))


def next_mtime(path: str, state: TargetState, now: int) -> int:
    """Return the modification time of a new or changed file, always later than before: clients compare times."""
    old = state.files.get(path)
    return now if old is None else max(now, old.mtime + 1)


def compare_files(files: Mapping[str, TargetFile], stats: Mapping[str, FileStat | None]) -> dict[str, TargetFile]:
    """Return the managed files that exist; a file that was changed there has no `content_id`."""
    result = {}
    for path, file in files.items():
        if path in stats:
            copies = [stats.get(f"{path}.{suffix}") for suffix in file.copies]
            intact = stats[path] == (file.size, file.mtime) and all(
                copy and copy[0] and copy[1] == file.mtime for copy in copies
            )
            result[path] = file if intact else replace(file, content_id="")
    return result


def managed_paths(files: Mapping[str, TargetFile]) -> set[str]:
    """Return the paths of all managed files with their compressed copies."""
    return set(files) | {f"{path}.{copy}" for path, file in files.items() for copy in file.copies}


def encode_manifest(manifest: Manifest) -> bytes:
    """Return the JSON text of a manifest."""
    return msgspec.json.encode(manifest, order="sorted")


def decode_manifest(data: bytes, source: str) -> Manifest:
    """Read a manifest. Raises ExternalError if it is invalid: it decides which files are deleted."""
    try:
        return msgspec.json.decode(data, type=Manifest)
    except (ValueError, RecursionError) as error:
        raise ExternalError(f"{source} is not a valid manifest, so managed files are unknown") from error
