"""The plan of a publish: computed once, shown, checked, then applied. Pure."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final, Literal

from msgspec import Struct
from msgspec.structs import replace

from sitegen.diagnostics import ExternalError, UsageError
from sitegen.publish.site_files import FileClass, PublishFile, file_class
from sitegen.util.paths import parent_folders

CopySuffix = Literal["gz", "br"]

DELETE_LIMIT: Final = 100
DELETE_FRACTION: Final = 10
"""Default limit of deletions: this number of files or one in so many, whichever is more."""

COPY_SUFFIXES: Final[tuple[CopySuffix, ...]] = ("gz", "br")
"""Suffixes of compressed copies, which servers send in place of the file."""

_MAX_NAMED: Final = 3


class TargetFile(Struct, frozen=True, array_like=True):
    """A managed file at a target.

    `content_id` identifies the content, "" if it is damaged or unknown. `retired` counts the publishes since the file
    left the site, 0 for a file of the site: assets stay a while for readers of older pages. `mtime` is in seconds.
    `copies` are the suffixes of its compressed copies.
    """

    content_id: str
    size: int
    retired: int = 0
    mtime: int = 0
    copies: tuple[CopySuffix, ...] = ()


class TargetState(Struct, frozen=True):
    """The content of a target: managed files by its manifest, and the paths of unmanaged files.

    `revision` identifies the state, so that a concurrent publish is detected. `rebuild_reason` is set if a release must
    be rebuilt although no file changed.
    """

    files: Mapping[str, TargetFile] = {}
    unmanaged: frozenset[str] = frozenset()
    is_first: bool = False
    has_unmanaged: bool = False
    revision: str = ""
    rebuild_reason: str = ""


class Plan(Struct, frozen=True):
    """The changes at a target: uploads in the order of their classes, then deletions.

    `kept` are managed files that stay: those of the site, and retired assets. `removed` are the paths that leave the
    site, `deleted` the files that are deleted now. `managed` is the number of files of the site at the target,
    `warnings` are sentences about limits of the host. A rollback has the names of the `current` release and of the
    `previous` one, which is to be shown again.
    """

    new: tuple[PublishFile, ...]
    changed: tuple[PublishFile, ...]
    kept: Mapping[str, TargetFile]
    removed: tuple[str, ...]
    deleted: Mapping[str, TargetFile]
    managed: int
    rebuild_reason: str = ""
    warnings: tuple[str, ...] = ()
    current: str = ""
    previous: str = ""

    @property
    def uploads(self) -> tuple[PublishFile, ...]:
        """New and changed files in the order of their classes."""
        return tuple(sorted((*self.new, *self.changed), key=lambda file: (file_class(file.path), file.path)))

    @property
    def is_empty(self) -> bool:
        """Whether the target is up to date."""
        return not (self.new or self.changed or self.removed or self.rebuild_reason)

    @property
    def unchanged(self) -> int:
        """Number of files of the site that stay as they are."""
        return sum(not file.retired for file in self.kept.values())

    @property
    def retired(self) -> int:
        """Number of assets that stay for readers of older pages."""
        return len(self.kept) - self.unchanged

    @property
    def bytes(self) -> int:
        """Number of bytes to upload."""
        return sum(file.size for file in (*self.new, *self.changed))

    def site_paths(self) -> tuple[str, ...]:
        """Return the paths of all managed files after the publish."""
        return (*self.kept, *(file.path for file in (*self.new, *self.changed)))

    def changed_paths(self) -> tuple[str, ...]:
        """Return the paths whose content changes or disappears for readers, sorted."""
        return tuple(sorted({file.path for file in (*self.new, *self.changed)} | set(self.removed)))

    def by_class(self) -> list[tuple[FileClass, int, int, int, int]]:
        """Return for each class the number of new, changed and deleted files, and of bytes to upload."""
        table = []
        for kind in FileClass:
            new, changed = (
                [file.size for file in files if file_class(file.path) is kind] for files in (self.new, self.changed)
            )
            deleted = sum(file_class(path) is kind for path in self.deleted)
            table.append((kind, len(new), len(changed), deleted, sum(new) + sum(changed)))
        return table


def make_plan(
    files: Mapping[str, PublishFile],
    state: TargetState,
    keep: int,
    content_id: Callable[[PublishFile], str] = lambda file: file.sha256,
) -> Plan:
    """Compare the files to publish with the managed files of a target.

    `keep` is for how many publishes an asset outlives the pages that use it. `content_id` returns the identifier that
    the target uses for the content of a file.
    """
    new, changed, removed = [], [], []
    kept: dict[str, TargetFile] = {}
    deleted: dict[str, TargetFile] = {}
    for path, file in files.items():
        old = state.files.get(path)
        if old is None:
            new.append(file)
        elif old.content_id != content_id(file):
            changed.append(file)
        else:
            kept[path] = replace(old, retired=0)
    for path, old in state.files.items():
        if path in files:
            continue
        if not old.retired:
            removed.append(path)
        if file_class(path) is FileClass.ASSET and old.retired < keep:
            kept[path] = replace(old, retired=old.retired + 1)
        else:
            deleted[path] = old
    managed = sum(not file.retired for file in state.files.values())
    return Plan(tuple(new), tuple(changed), kept, tuple(sorted(removed)), deleted, managed, state.rebuild_reason)


def check_deletions(plan: Plan, limit: int | None, allowed: int | None) -> None:
    """Raise UsageError if more files would be deleted than `limit` (None: the default) and than were `allowed`."""
    if limit is None:
        limit = max(DELETE_LIMIT, plan.managed // DELETE_FRACTION)
    count = len(plan.removed)
    if count > limit and (allowed is None or count > allowed):
        message = (
            f"would delete {count:,} of {plan.managed:,} files (limit {limit:,}); nothing was changed. "
            f"To allow it, pass --yes-delete {count}"
        )
        raise UsageError(message)


def conflicts(plan: Plan, unmanaged: Iterable[str]) -> dict[str, str]:
    """Return the unmanaged files that conflict with a plan, each with the path to name in a message.

    A file conflicts if it has the path of a new file, of one of its folders, or of a compressed copy (servers would
    send it in place of a managed file), or if it is below such a path (then that folder is named).
    """
    new = {file.path for file in plan.new}
    folders = {folder for path in new for folder in parent_folders(path)}
    taken = new | {f"{path}.{suffix}" for path in plan.site_paths() for suffix in COPY_SUFFIXES}
    result = {}
    for path in unmanaged:
        if path in taken or path in folders:
            result[path] = path
        elif (parent := next((folder for folder in parent_folders(path) if folder in taken), None)) is not None:
            result[path] = f"{parent}/"
    return result


def check_conflicts(plan: Plan, unmanaged: Iterable[str]) -> None:
    """Raise ExternalError if unmanaged files conflict with a plan."""
    paths = sorted(set(conflicts(plan, unmanaged).values()))
    if paths:
        message = f"unmanaged files conflict with files of the site: {name_some(paths)}"
        raise ExternalError(f"{message}; move them, or pass --take-over to replace them")


def name_some(names: Sequence[str]) -> str:
    """Return the first names of a list, and the number of the others."""
    more = len(names) - _MAX_NAMED
    return ", ".join(names[:_MAX_NAMED]) + (f" and {more:,} more" if more > 0 else "")
