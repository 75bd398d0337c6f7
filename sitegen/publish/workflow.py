"""`publish()`: build, compare, show, guard, carry out, tell."""

import os
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, Protocol

from filelock import FileLock, Timeout

from sitegen.builder import BuildRequest, BuildResult, build
from sitegen.config.model import Config
from sitegen.config.targets import ArchiveTarget, DirectoryTarget, GitTarget, RsyncTarget, S3Target, Target
from sitegen.diagnostics import closest_match
from sitegen.errors import ExternalError, UsageError
from sitegen.paths import OUTPUT
from sitegen.publish import articles, hooks
from sitegen.publish.context import Job, Outcome, Publisher, Releases
from sitegen.publish.host_files import HOST_FILES, needs_redirects, with_host_files
from sitegen.publish.plan import Plan, Standing, Turn, check_deletions, check_foreign, make_plan
from sitegen.publish.site_files import hold_tree
from sitegen.util.frozen import dataclass

STATE: Final = "publish"
_CLOCK: Final = timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class PublishRequest:
    """What to publish where, as of when, and what the editor has allowed beforehand.

    `now_given` says that `now` was named and is not the clock's. `delete` is how many files may go, None for as many as
    the target says. `create` makes a branch that is not there; `take_over` replaces files that are not ours.
    """

    root: Path
    config: Config
    target: str
    now: datetime
    targets: tuple[Target, ...]
    now_given: bool = False
    dry_run: bool = False
    yes: bool = False
    delete: int | None = None
    create: bool = False
    take_over: bool = False
    strict: bool = False
    jobs: int | None = None


class Desk(Protocol):
    """Where the editor sits."""

    terminal: bool

    def built(self, result: BuildResult, /) -> None:
        """Show what a build without errors found all the same."""

    def show(self, plan: Plan, standing: Standing, where: str, /) -> None:
        """Show what would be done."""

    def ask(self, question: str, /) -> bool:
        """Ask, on a terminal."""

    def begin(self, files: int, size: int, /) -> None:
        """Say how much will be sent."""

    def progress(self, path: str, size: int, /) -> None:
        """Say that a file was sent."""

    def end(self) -> None:
        """Say that sending is over."""


@dataclass(frozen=True, slots=True)
class PublishResult:
    """What came of it.

    `build` is None for a rollback, and `turn` is what it does. `done` says whether the target was changed, `outcome`
    what readers see since.
    `failures` are sentences on what was to be told and could not be; the site is out all the same.
    """

    build: BuildResult | None
    where: str
    plan: Plan | None = None
    done: bool = False
    outcome: Outcome | None = None
    notes: tuple[str, ...] = ()
    failures: tuple[str, ...] = ()
    turn: Turn | None = None


def publish(request: PublishRequest, desk: Desk) -> PublishResult:
    """Build the site and publish it to a target.

    Raises UsageError for a target that is not there or would do harm and for what was not allowed, SurroundingsError
    for what the disk, the network or the other side refuses. Where the build has errors, nothing is published.
    """
    target = find_target(request.targets, request.target)
    job = _job(request, target, desk)
    check_place(job, target)
    with _one_at_a_time(job.state, target.name):
        result = build(BuildRequest(root=request.root, now=request.now, strict=request.strict, jobs=request.jobs))
        if not result.ok:
            return PublishResult(result, "")
        desk.built(result)
        output = request.root / OUTPUT
        with hold_tree(output, result.manifest) as site:
            redirects = articles.redirects(request.root, request.config, site) if needs_redirects(target) else ()
            items, notes = with_host_files(site, target, request.config.base_url, redirects)
            with _said(), _opened(target, job) as publisher:
                standing = publisher.inspect()
                keep = 0 if isinstance(target, ArchiveTarget) else target.keep
                plan = make_plan(items, standing, keep, publisher.identity)
                desk.show(plan, standing, publisher.where)
                _guard(request, target, plan, standing, publisher)
                untold = hooks.Untold(job.state / "untold.json")
                if request.dry_run:
                    return PublishResult(result, publisher.where, plan, notes=notes)
                outcome = None
                if not plan.is_empty:
                    _ask(request, desk, plan, standing, publisher.where)
                    untold.add(path for path in plan.touched() if path not in HOST_FILES)
                    desk.begin(len(plan.uploads), plan.bytes)
                    try:
                        outcome = publisher.carry_out(plan, items, standing)
                    finally:
                        desk.end()
        where = publisher.where
    notes = (*notes, *(outcome.notes if outcome is not None else ()))
    said, failures = _tell(job, target, untold)
    return PublishResult(result, where, plan, outcome is not None, outcome, (*notes, *said), failures)


def rollback(request: PublishRequest, desk: Desk) -> PublishResult:
    """Show at a target what was shown before the last publish. Raises as `publish` does."""
    target = find_target(request.targets, request.target)
    if not isinstance(target, DirectoryTarget | RsyncTarget):
        kind = next(name for name, made in _OPENERS if isinstance(target, made))
        message = (
            f"a target of the kind {kind} holds one release only; check out the content as it was, and publish again"
        )
        raise UsageError(message)
    job = _job(request, target, desk)
    check_place(job, target)
    with _one_at_a_time(job.state, target.name), _said():
        with _releases(target, job) as publisher:
            turn = publisher.earlier()
            if request.dry_run:
                return PublishResult(None, publisher.where, turn=turn, notes=turn.notes)
            counts = f"{len(turn.new):,} files new, {len(turn.changed):,} changed, {len(turn.gone):,} gone"
            question = f"Roll back {publisher.where} to {turn.before} ({counts})?"
            if not request.yes and not (desk.terminal and desk.ask(question)):
                raise UsageError(_NOT_ALLOWED if not desk.terminal else "nothing was done")
            untold = hooks.Untold(job.state / "untold.json")
            untold.add(turn.touched())
            outcome = publisher.rollback(turn)
        said, failures = _tell(job, target, untold)
        notes = (*outcome.notes, *said)
        return PublishResult(
            None, publisher.where, done=True, outcome=outcome, notes=notes, failures=failures, turn=turn
        )


_NOT_ALLOWED: Final = "nothing was done: this is no terminal, so say --yes (or --dry-run to see what would be done)"


def find_target(targets: Sequence[Target], name: str) -> Target:
    """Return a target of `site.yaml`. Raises UsageError, with what there is."""
    table = {target.name: target for target in targets}
    if name in table:
        return table[name]
    if not table:
        raise UsageError("site.yaml names no target; write one under 'publish:' (docs/publishing/README.md)")
    near = closest_match(name, tuple(table))
    meant = f"; did you mean {near!r}?" if near is not None else "."
    raise UsageError(f"there is no target {name!r}{meant} site.yaml has: {', '.join(table)}")


_OF_THE_BUILD: Final = frozenset(
    {"site", "staging", "cache", "preview", STATE, "manifest.json", "journal.json", "lock"}
)
"""What `output/` holds of the build's and of our own."""


def check_place(job: Job, target: Target) -> None:
    """Raise UsageError for a place at which publishing would do harm, SurroundingsError for a list that cannot be."""
    if isinstance(target, DirectoryTarget):
        job.outside(target.path)
    elif isinstance(target, ArchiveTarget):
        _check_file(job, target.path)
    if target.changed is not None:
        _check_file(job, target.changed)
        _check_list(job, target, target.changed)


def _check_file(job: Job, path: str) -> None:
    """Raise UsageError for a file that would replace one of the editor's, or of the site."""
    location, output, root = job.location(path).resolve(), (job.root / OUTPUT).resolve(), job.root.resolve()
    inside = location.relative_to(output).parts if location.is_relative_to(output) else None
    if inside is None and location.is_relative_to(root):
        raise UsageError(f"{path!r} is inside the project; write it to output/, or outside of the project")
    if inside is not None and (not inside or inside[0] in _OF_THE_BUILD):
        raise UsageError(f"{path!r} is inside what a build makes; take another name in output/")


def _check_list(job: Job, target: Target, changed: str) -> None:
    """Refuse a list of changed addresses that would be part of what is published, or that cannot be written."""
    location = job.location(changed)
    real = location.resolve()
    if isinstance(target, ArchiveTarget) and _folded(real) == _folded(job.location(target.path).resolve()):
        raise UsageError(f"'changed' is {changed!r}, and that is the archive itself; take another name")
    if isinstance(target, DirectoryTarget) and real.is_relative_to(job.location(target.path).resolve()):
        raise UsageError(f"'changed' is {changed!r}, and that is in the folder that is published to; take another one")
    if location.is_dir():
        raise ExternalError(f"{location} is a folder, where the list of changed addresses shall be ('changed')")
    folder = next(folder for folder in location.parents if os.path.lexists(folder))
    known = location.exists()
    if not folder.is_dir() or not os.access(location if known else folder, os.W_OK if known else os.W_OK | os.X_OK):
        raise ExternalError(f"{location} cannot be written, and shall be the list of changed addresses ('changed')")


def _folded(path: Path) -> str:
    return unicodedata.normalize("NFC", str(path)).casefold()


def _job(request: PublishRequest, target: Target, desk: Desk) -> Job:
    return Job(
        root=request.root,
        config=request.config,
        state=request.root / OUTPUT / STATE / target.name,
        now=request.now,
        create=request.create,
        take_over=request.take_over,
        terminal=desk.terminal,
        progress=desk.progress,
        titles=partial(articles.titles, request.root, request.config),
    )


def _guard(request: PublishRequest, target: Target, plan: Plan, standing: Standing, publisher: Publisher) -> None:
    """Raise where something must not be done, before anything is, and before anybody is asked."""
    if standing.published and not request.now_given and not plan.is_empty:
        last = datetime.fromisoformat(standing.published)
        if request.now + _CLOCK < last:
            message = (
                f"the clock here says {request.now:%Y-%m-%d %H:%M} UTC, but the last publish was at "
                f"{last:%Y-%m-%d %H:%M} UTC; set the clock, or say the time: --now"
            )
            raise ExternalError(message)
    if not request.take_over and not plan.is_empty:
        check_foreign(plan, publisher.foreign(plan, standing))
    check_deletions(plan, target.max_delete, request.delete)


def _ask(request: PublishRequest, desk: Desk, plan: Plan, standing: Standing, where: str) -> None:
    """Raise UsageError unless the editor wants it."""
    if request.yes:
        return
    if not desk.terminal:
        raise UsageError(_NOT_ALLOWED)
    if standing.first and standing.crowded:
        question = f"{where} has files that are not ours; they will stay. Publish there for the first time?"
    elif not plan.uploads and not plan.gone:
        question = f"Make the release in {where} anew?"
    else:
        question = f"Publish {len(plan.uploads):,} files to {where}?"
    if not desk.ask(question):
        raise UsageError("nothing was done")


def _tell(job: Job, target: Target, untold: hooks.Untold) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Tell the hub and the hook what has changed; return what was said, and what went wrong."""
    notes: list[str] = []
    failures: list[str] = []
    config = job.config
    changed = hooks.changed_urls(config.base_url, untold.paths("hook"))
    feeds = hooks.changed_urls(config.base_url, hooks.feeds_among(untold.paths("hub")))

    def ping() -> None:
        if config.websub_hub is not None and feeds:
            hooks.ping(config.websub_hub, feeds)
            notes.append(f"told the hub of {len(feeds):,} feeds" if len(feeds) > 1 else "told the hub of one feed")

    def hook() -> None:
        if target.hook and changed:
            said = hooks.run_hook(target.hook, changed, target.name, job.root)
            notes.extend(said.splitlines())

    def write() -> None:
        urls = hooks.changed_urls(config.base_url, untold.paths("changed"))
        if target.changed is not None and urls:
            hooks.write_list(job.location(target.changed), urls)

    for whom, action in (("changed", write), ("hub", ping), ("hook", hook)):
        try:
            action()
        except ExternalError as error:
            failures.append(str(error))
        else:
            untold.told(whom)
    return tuple(notes), tuple(failures)


@contextmanager
def _said() -> Iterator[None]:
    """Say in one sentence what the file system refused."""
    try:
        yield
    except OSError as error:
        named = error.filename2 or error.filename
        where = f" ({named})" if named else ""
        raise ExternalError(f"the target cannot be written: {error.strerror or error}{where}") from error


@contextmanager
def _one_at_a_time(state: Path, name: str) -> Iterator[None]:
    try:
        state.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ExternalError(f"cannot write {error.filename}: {error.strerror}") from error
    lock = FileLock(state / "lock", timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise ExternalError(f"another publish to {name!r} is at work") from error
    try:
        yield
    finally:
        lock.release()


def _opened(target: Target, job: Job) -> AbstractContextManager[Publisher]:
    """Open a target; what one kind needs is loaded for that kind alone."""
    if isinstance(target, GitTarget):
        from sitegen.publish.targets.git import open_git  # noqa: PLC0415

        return open_git(target, job)
    if isinstance(target, ArchiveTarget):
        from sitegen.publish.targets.archive import open_archive  # noqa: PLC0415

        return open_archive(target, job)
    if isinstance(target, S3Target):
        from sitegen.publish.targets.s3 import open_s3  # noqa: PLC0415

        return open_s3(target, job)
    return _releases(target, job)


def _releases(target: Target, job: Job) -> AbstractContextManager[Releases]:
    if isinstance(target, DirectoryTarget):
        from sitegen.publish.targets.directory import open_directory  # noqa: PLC0415

        return open_directory(target, job)
    if isinstance(target, RsyncTarget):
        from sitegen.publish.targets.rsync import open_rsync  # noqa: PLC0415

        return open_rsync(target, job)
    raise TypeError(target)


_OPENERS: Final[Sequence[tuple[str, type[Target]]]] = (
    ("directory", DirectoryTarget),
    ("rsync", RsyncTarget),
    ("git", GitTarget),
    ("s3", S3Target),
    ("archive", ArchiveTarget),
)
