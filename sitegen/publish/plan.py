"""What a publish would do, as a value: compared once, shown, guarded, then carried out."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import field, replace
from typing import Final

from sitegen.errors import ExternalError, UsageError
from sitegen.publish.site_files import Item, Kind, kind_of
from sitegen.util.frozen import dataclass

MOST_DELETED: Final = 100
MOST_SHARE: Final = 10
"""How many files, or every how many-th of them, may go without a word more: whichever is more."""

_NAMED: Final = 3


@dataclass(frozen=True, slots=True)
class Row:
    """A file of ours at a target.

    `digest` is what the target tells contents apart by. `retired` is 0 for a file of the site, else how many publishes
    ago it ceased to be one: an asset stays a while for those who have an older page open. `changed` is its mtime in
    whole seconds and `copies` its compressed neighbours (`gz`, `br`), where the target has such.
    """

    digest: str
    size: int
    retired: int = 0
    changed: int = 0
    copies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Standing:
    """What a target holds: `rows` are ours by its manifest, `foreign` the paths that are not.

    `first` is true where we have never published. `seen` names the state, to know it again at the end. `renew` says why
    a release must be made although the files are the same, "" where there is no such reason. A row without a digest is
    a file of ours that is not as we left it.
    """

    rows: Mapping[str, Row] = field(default_factory=dict)
    foreign: frozenset[str] = frozenset()
    first: bool = False
    crowded: bool = False
    published: str = ""
    seen: str = ""
    renew: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """What is to be done, in the order in which it is: `uploads` (assets, pages, indexes, feeds), then `deleted`.

    `kept` are files of ours that stay as they are: those of the site, and assets that older pages name. `gone` are the
    paths that cease to be part of the site; `deleted` those that are removed now. `renew` is that of the standing.
    """

    new: tuple[Item, ...]
    changed: tuple[Item, ...]
    kept: Mapping[str, Row]
    gone: tuple[str, ...]
    deleted: Mapping[str, Row]
    owned: int
    renew: str = ""

    @property
    def uploads(self) -> tuple[Item, ...]:
        """What is new or changed, in the order of its classes."""
        return tuple(sorted((*self.new, *self.changed), key=lambda item: (item.kind, item.path)))

    @property
    def is_empty(self) -> bool:
        """Whether the target shows the site as it is."""
        return not (self.new or self.changed or self.gone or self.renew)

    @property
    def unchanged(self) -> int:
        """How many files of the site stay as they are."""
        return sum(not row.retired for row in self.kept.values())

    @property
    def staying(self) -> int:
        """How many assets stay for readers of older pages."""
        return sum(bool(row.retired) for row in self.kept.values())

    @property
    def bytes(self) -> int:
        """How many bytes are sent."""
        return sum(item.size for item in (*self.new, *self.changed))

    def touched(self) -> tuple[str, ...]:
        """Return the paths at which readers will find something else, or nothing, sorted."""
        return tuple(sorted({item.path for item in (*self.new, *self.changed)} | set(self.gone)))

    def by_kind(self) -> list[tuple[Kind, int, int, int, int]]:
        """Return for each class how many files are new, changed, deleted, and how many bytes are sent."""
        rows = []
        for kind in Kind:
            new = [item for item in self.new if item.kind is kind]
            changed = [item for item in self.changed if item.kind is kind]
            deleted = sum(kind_of(path) is kind for path in self.deleted)
            rows.append((kind, len(new), len(changed), deleted, sum(item.size for item in (*new, *changed))))
        return rows


def make_plan(
    items: Mapping[str, Item],
    standing: Standing,
    keep: int,
    identity: Callable[[Item], str] = lambda item: item.digest,
) -> Plan:
    """Compare what is to be published with what is ours at the target.

    `keep` is for how many publishes an asset stays after the last page that names it. `identity` returns what the
    target would call the content of a file.
    """
    new, changed = [], []
    kept: dict[str, Row] = {}
    deleted: dict[str, Row] = {}
    gone = []
    for path, item in items.items():
        row = standing.rows.get(path)
        if row is None:
            new.append(item)
        elif row.digest != identity(item):
            changed.append(item)
        else:
            kept[path] = replace(row, retired=0)
    for path, row in standing.rows.items():
        if path in items:
            continue
        if not row.retired:
            gone.append(path)
        if kind_of(path) is Kind.ASSET and row.retired < keep:
            kept[path] = replace(row, retired=row.retired + 1)
        else:
            deleted[path] = row
    owned = sum(not row.retired for row in standing.rows.values())
    return Plan(tuple(new), tuple(changed), kept, tuple(sorted(gone)), deleted, owned, standing.renew)


def check_deletions(plan: Plan, limit: int | None, allowed: int | None) -> None:
    """Raise UsageError where more files would go than `limit` (default: 100 or a tenth) and than was `allowed`."""
    most = limit if limit is not None else max(MOST_DELETED, plan.owned // MOST_SHARE)
    count = len(plan.gone)
    if count > most and (allowed is None or count > allowed):
        message = (
            f"{count:,} of {plan.owned:,} files would go, and at most {most:,} may; nothing was done. "
            f"If that is meant: --yes-delete {count}"
        )
        raise UsageError(message)


@dataclass(frozen=True, slots=True)
class Turn:
    """What a rollback would do: from which release to which, and the paths that are there again, change, or go.

    `notes` are sentences on what is worth knowing of the earlier release.
    """

    current: str
    before: str
    new: tuple[str, ...] = ()
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()

    def touched(self) -> tuple[str, ...]:
        """Return the paths at which readers will find something else, or nothing, sorted."""
        return tuple(sorted((*self.new, *self.changed, *self.gone)))


COPIES: Final = ("gz", "br")
"""Suffixes under which servers look for a compressed copy of a file, and serve it in its place."""


def obstacles(plan: Plan, foreign: Iterable[str]) -> dict[str, str]:
    """Return the files of others that are in the way of a plan, each with what is to be called in the way.

    They stand at the path of a new file, where one of its folders shall be, below it (then the folder is named), or
    where a server would take them for the compressed copy of a file of ours.
    """
    new = {item.path for item in plan.new}
    above = {path[:index] for path in new for index, char in enumerate(path) if char == "/"}
    ours = (*plan.kept, *(item.path for item in plan.uploads))
    copies = {f"{path}.{suffix}" for path in ours for suffix in COPIES} if foreign else set()
    found = {}
    for path in foreign:
        if path in new or path in above or path in copies:
            found[path] = path
            continue
        parents = (path[:index] for index, char in enumerate(path) if char == "/")
        parent = next((parent for parent in parents if parent in new or parent in copies), None)
        if parent is not None:
            found[path] = f"{parent}/"
    return found


def check_foreign(plan: Plan, foreign: Iterable[str]) -> None:
    """Raise SurroundingsError where files that are not ours are in the way of a plan."""
    taken = sorted(set(obstacles(plan, foreign).values()))
    if taken:
        shown = ", ".join(taken[:_NAMED]) + (f" and {len(taken) - _NAMED:,} more" if len(taken) > _NAMED else "")
        message = f"not ours, and where files of the site shall be: {shown}; move them, or replace them: --take-over"
        raise ExternalError(message)
