"""A folder of this machine: every publish is a release, and one link is switched at once."""

import errno
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Final

from filelock import FileLock, Timeout

from sitegen.config.targets import COMPRESSIONS, DirectoryTarget
from sitegen.errors import ExternalError, UsageError
from sitegen.publish import assemble, releases
from sitegen.publish.context import Job, Outcome
from sitegen.publish.plan import Plan, Standing, Turn, check_foreign, obstacles
from sitegen.publish.site_files import Item, Kind, kind_of

_LOCK: Final = ".sitegen.lock"
_SUFFIXES: Final = {"gzip": "gz", "brotli": "br"}


class Directory:
    """Publishes to a folder. Use `open_directory`."""

    def __init__(self, target: DirectoryTarget, job: Job) -> None:
        self._target = target
        self._job = job
        self._path = job.location(target.path)
        self._releases = self._path / releases.RELEASES
        self._compress = assemble.compressors(target.compress)
        self.where = f"the folder {self._path}"

    def identity(self, item: Item) -> str:
        """Return the digest that manifests hold."""
        return item.digest

    def inspect(self) -> Standing:
        """Return what stands there."""
        assemble.check_folder(self._path)
        assemble.check_folder(self._releases)
        current = self._current()
        if current is None:
            names = {entry.name for entry in self._path.iterdir()} if self._path.is_dir() else set()
            if (self._path / releases.CURRENT).exists():
                message = f"{self._path / releases.CURRENT} is a folder or file, where the link to the site must be"
                raise ExternalError(message)
            inside = self._names()
            crowded = bool(names - {_LOCK, releases.RELEASES}) or releases.has_others(inside)
            return Standing(first=not releases.complete(inside), crowded=crowded)
        manifest = self._manifest(current)
        found = assemble.tree_files(self._releases / current)
        return Standing(
            releases.as_found(manifest.rows, found),
            frozenset(found.keys() - releases.owned(manifest.rows)),
            published=manifest.published,
            seen=current,
            renew=self._renew(manifest),
        )

    def foreign(self, plan: Plan, standing: Standing) -> frozenset[str]:
        """Return the files that are not ours in the current release."""
        del plan
        return standing.foreign

    def carry_out(self, plan: Plan, items: Mapping[str, Item], standing: Standing) -> Outcome:
        """Put the release together beside the others, switch the link, remove what is surplus."""
        with self._alone():
            now = self.inspect()
            if (now.rows, now.seen, now.renew) != (standing.rows, standing.seen, standing.renew):
                raise ExternalError(f"another publish to {self._path} is at work; publish again")
            if not self._job.take_over:
                check_foreign(plan, now.foreign)
            return self._carry_out(plan, items, now)

    def _carry_out(self, plan: Plan, items: Mapping[str, Item], standing: Standing) -> Outcome:
        names = self._names()
        ready = self._ready(names, items, standing)
        if ready is not None:
            self._switch(ready)
            return Outcome(f"{releases.RELEASES}/{ready}")
        new = releases.next_name(names, items)
        leftovers = [self._releases / name for name in releases.unfinished(names)]
        old = [self._releases / standing.seen] if standing.seen else []
        folder = self._releases / new
        now = int(self._job.now.timestamp())
        try:
            sources = assemble.Sources(old, leftovers)
            rows = assemble.assemble(
                folder,
                plan,
                rows=standing.rows,
                items=items,
                sources=sources,
                compress=self._compress,
                now=now,
                progress=self._job.progress,
            )
            if standing.seen:
                foreign = standing.foreign - obstacles(plan, standing.foreign).keys()
                assemble.carry_foreign(self._releases / standing.seen, folder, sorted(foreign))
            manifest = releases.Manifest(rows, self._job.now.isoformat(), standing.seen, self._target.compress)
            self._write_manifest(new, manifest)
        except OSError as error:
            if error.errno == errno.ENOSPC:
                shutil.rmtree(folder, ignore_errors=True)  # others need the disk, too
            raise
        self._switch(new)
        for leftover in leftovers:
            shutil.rmtree(leftover, ignore_errors=True)
        return Outcome(f"{releases.RELEASES}/{new}", releases.tidied(lambda: self._prune(new)))

    def earlier(self) -> Turn:
        """Return what going back to the release that was shown before the current one would do."""
        current = self._current()
        manifest = self._manifest(current) if current is not None else None
        before = manifest.before if manifest is not None else ""
        if manifest is None or current is None or before not in releases.complete(self._names()):
            raise UsageError(f"there is no earlier release in {self._releases} to go back to")
        earlier = self._manifest(before)
        if not earlier.rows:
            raise UsageError(f"there is no earlier release in {self._releases} to go back to")
        return releases.turn(current, manifest, earlier, assemble.tree_files(self._releases / before))

    def rollback(self, turn: Turn) -> Outcome:
        """Switch back to that release."""
        with self._alone():
            if self._current() != turn.current or self._manifest(turn.current).before != turn.before:
                raise ExternalError(f"another publish to {self._path} is at work; try again")
            self._lend_assets(turn.current, turn.before)
            self._carry_back(turn.current, turn.before)
            self._switch(turn.before)
        return Outcome(f"{releases.RELEASES}/{turn.before}", turn.notes)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """Hold the lock of the folder, which is made if need be: only here, so that looking leaves nothing behind."""
        assemble.make_folder(self._releases)
        lock = FileLock(self._path / _LOCK, timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            raise ExternalError(f"another publish to {self._path} is at work") from error
        try:
            yield
        finally:
            lock.release()

    def _renew(self, manifest: releases.Manifest) -> str:
        """Return why the current release has other compressed copies than are asked for, "" if it has not."""
        had = manifest.compress
        if had is None:  # of a version that did not write it down
            copies = {copy for row in manifest.rows.values() for copy in row.copies}
            had = tuple(name for name in COMPRESSIONS if _SUFFIXES[name] in copies)
        if set(had) == set(self._target.compress):
            return ""
        return f"'compress' is now [{', '.join(self._target.compress)}], and was [{', '.join(had)}]"

    def _ready(self, names: list[str], items: Mapping[str, Item], standing: Standing) -> str | None:
        """Return a release of these very files that an interrupted publish had finished and not shown yet."""
        for name in releases.complete(names):
            if name > standing.seen and name.endswith(releases.tree_digest(items)):
                manifest = self._manifest(name)
                live = {path: row.digest for path, row in manifest.rows.items() if not row.retired}
                same = manifest.before == standing.seen and not self._renew(manifest)
                if same and live == {path: item.digest for path, item in items.items()}:
                    return name
        return None

    def _lend_assets(self, current: str, before: str) -> None:
        """Let those who have a page of the current release open find its assets in the one before."""
        manifest = self._manifest(before)
        lent = {
            path: replace(row, retired=1)
            for path, row in self._manifest(current).rows.items()
            if kind_of(path) is Kind.ASSET and path not in manifest.rows
        }
        if lent:
            paths = sorted(releases.owned(lent))
            assemble.carry_foreign(self._releases / current, self._releases / before, paths)
            self._write_manifest(before, replace(manifest, rows={**manifest.rows, **lent}))

    def _carry_back(self, current: str, before: str) -> None:
        """Let files that are not ours go on being served from the release that is gone back to."""
        ours = releases.owned(self._manifest(current).rows) | releases.owned(self._manifest(before).rows)
        foreign = assemble.tree_paths(self._releases / current) - ours
        assemble.carry_foreign(self._releases / current, self._releases / before, sorted(foreign))

    def _names(self) -> list[str]:
        return [entry.name for entry in self._releases.iterdir()] if self._releases.is_dir() else []

    def _current(self) -> str | None:
        link = self._path / releases.CURRENT
        if not link.is_symlink():
            return None
        return releases.release_of(os.readlink(link))  # noqa: PTH115 - as it is written

    def _manifest(self, name: str) -> releases.Manifest:
        file = self._releases / f"{name}.json"
        try:
            data = file.read_bytes() if (self._releases / name).is_dir() else None
        except FileNotFoundError:
            data = None
        if data is None:
            raise releases.lost(name, str(self._path))
        return releases.load_manifest(data, str(file))

    def _write_manifest(self, name: str, manifest: releases.Manifest) -> None:
        temporary = self._releases / f".{name}.tmp"
        temporary.write_text(releases.dump_manifest(manifest), encoding="utf-8")
        temporary.replace(self._releases / f"{name}.json")

    def _switch(self, name: str) -> None:
        """Let the link lead to another release: one rename, so that every reader sees the one or the other."""
        temporary = self._path / f".{releases.CURRENT}.tmp"
        temporary.unlink(missing_ok=True)
        temporary.symlink_to(f"{releases.RELEASES}/{name}")
        temporary.replace(self._path / releases.CURRENT)

    def _prune(self, current: str) -> None:
        """Remove surplus releases: what was ours in them, and what the current one has, too."""
        manifests = {name: self._manifest(name) for name in releases.complete(self._names())}
        before = {name: manifest.before for name, manifest in manifests.items() if manifest.rows}
        for name in releases.surplus(before, current, self._target.keep):
            folder = self._releases / name
            manifest = manifests[name]
            there = assemble.tree_paths(folder)  # nothing behind a link that somebody put there
            paths = releases.owned(manifest.rows) & there
            paths |= {path for path in there - paths if self._is_carried(name, current, path)}
            for path in paths:
                (folder / path).unlink(missing_ok=True)
            for parent in releases.folders(paths):
                with suppress(OSError):
                    (folder / parent).rmdir()
            with suppress(OSError):
                folder.rmdir()
            if folder.exists():
                self._write_manifest(
                    name, replace(manifest, rows={})
                )  # someone else's files are left, and nothing of ours
            else:
                (self._releases / f"{name}.json").unlink(missing_ok=True)

    def _is_carried(self, name: str, current: str, path: str) -> bool:
        try:
            return os.path.samestat((self._releases / name / path).lstat(), (self._releases / current / path).lstat())
        except OSError:
            return False


@contextmanager
def open_directory(target: DirectoryTarget, job: Job) -> Iterator[Directory]:
    """Yield a publisher of a folder."""
    yield Directory(target, job)
