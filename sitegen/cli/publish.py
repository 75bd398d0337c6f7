"""`sitegen publish`: build the digest, show what would change at a target, and change it."""

import argparse
import sys
from time import monotonic
from typing import Any, Final

from sitegen.builder import BuildResult
from sitegen.cli.build import as_dict as build_as_dict
from sitegen.cli.build import jobs
from sitegen.cli.build import report as report_build
from sitegen.cli.common import Reporter, add_format, add_now, clock, plural
from sitegen.cli.configuration import sound_config
from sitegen.diagnostics import replace_unprintable, to_json
from sitegen.errors import EXIT_CONTENT, EXIT_EXTERNAL, EXIT_OK
from sitegen.publish import Plan, PublishRequest, PublishResult, TargetState, publish, rollback

_BAR: Final = 30
_REDRAW: Final = 0.1


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "publish", help="publish the digest", description="Build the digest and publish it to a target of site.yaml."
    )
    parser.add_argument("target", metavar="TARGET", help="a name under 'publish:' in site.yaml")
    parser.add_argument("--dry-run", action="store_true", help="say what would be done, change nothing there")
    parser.add_argument("--yes", action="store_true", help="do not ask")
    parser.add_argument("--yes-delete", type=_count, metavar="N", help="let up to N files go")
    parser.add_argument(
        "--rollback",
        action="store_true",
        help="show the release before this one again (with --dry-run: say what would change)",
    )
    parser.add_argument("--create", action="store_true", help="make the branch that is not there yet")
    parser.add_argument(
        "--take-over", action="store_true", help="replace files that are not ours with those of the site"
    )
    parser.add_argument("--strict", action="store_true", help="warnings stop it as errors do")
    parser.add_argument("--jobs", type=jobs, metavar="N", help="processes to build with (default: as many as pay)")
    add_now(parser)
    add_format(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, reporter: Reporter) -> int:
    """Publish, and report."""
    request = PublishRequest(
        root=options.project,
        config=sound_config(options.project),
        target=options.target,
        now=options.now or clock(),
        now_given=options.now is not None,
        dry_run=options.dry_run,
        yes=options.yes,
        allowed_deletions=options.yes_delete,
        create=options.create,
        take_over=options.take_over,
        strict=options.strict,
        jobs=options.jobs,
    )
    ui = _PublishUI(reporter, lists=options.dry_run)
    result = rollback(request, ui) if options.rollback else publish(request, ui)
    if result.build is not None and not result.build.ok:
        report_build(result.build, reporter)
        return EXIT_CONTENT
    _report(result, reporter, dry_run=options.dry_run)
    return EXIT_EXTERNAL if result.failures else EXIT_OK


class _PublishUI:
    """Shows the progress on a terminal, or prints lines."""

    def __init__(self, reporter: Reporter, *, lists: bool) -> None:
        self.is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        self._reporter = reporter
        self._lists = lists
        self._bar = sys.stderr.isatty() and reporter.kind == "text"
        self._files = self._size = self._sent = self._done = 0
        self._drawn = 0.0

    def show_build(self, result: BuildResult) -> None:
        """Print warnings; the formats for machines have them in their one object, or as a build prints them."""
        if self._reporter.kind != "json":
            self._reporter.diagnostics(result.diagnostics)
        if self._reporter.kind == "text":
            for note in result.notes:
                self._reporter.failure(note)

    def show_plan(self, plan: Plan, state: TargetState, target: str) -> None:
        """Print the plan: a table of classes, and with --dry-run every file."""
        if plan.is_empty:
            return
        line = self._reporter.line
        line(f"{target}:" if not state.is_first else f"{target}, for the first time:")
        line(f"  {'':<8}{'new':>8}{'changed':>10}{'deleted':>10}{'bytes':>14}")
        for kind, new, changed, deleted, size in plan.by_class():
            line(f"  {_KINDS[kind.name]:<8}{new:>8,}{changed:>10,}{deleted:>10,}{size:>14,}")
        line(f"  {plan.unchanged:,} unchanged")
        if plan.rebuild_reason:
            line(f"  {plan.rebuild_reason}: the release will be rebuilt")
        if plan.retired:
            line(f"  {plural(plan.retired, 'asset')} of older pages kept")
        if state.unmanaged:
            line(f"  {plural(len(state.unmanaged), 'unmanaged file')} ignored")
        if self._lists:
            added = {item.path for item in plan.new}
            for item in plan.uploads:
                line(f"  {'+' if item.path in added else '~'} {replace_unprintable(item.path)}")
            for path in plan.deleted:
                line(f"  - {replace_unprintable(path)}")

    def confirm(self, question: str) -> bool:
        """Ask on the terminal; anything but yes is no."""
        try:
            return input(f"{question} [y/N] ").strip().casefold() in {"y", "yes"}
        except EOFError:
            return False

    def start_upload(self, files: int, size: int) -> None:
        """Start the bar."""
        self._files, self._size = files, size
        self._sent = self._done = 0

    def file_sent(self, path: str, size: int) -> None:  # noqa: ARG002 - the interface names the file, too
        """Move the bar."""
        self._done += 1
        self._sent += size
        if self._bar and (monotonic() - self._drawn > _REDRAW or self._done == self._files):
            self._drawn = monotonic()
            share = min(1.0, self._sent / self._size) if self._size else 1.0
            full = round(share * _BAR)
            bar = "█" * full + "·" * (_BAR - full)
            print(f"\r{bar} {self._done:,} of {self._files:,} files ", end="", file=sys.stderr, flush=True)

    def finish_upload(self) -> None:
        """Take the bar away."""
        if self._bar and self._done:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)


_KINDS: Final = {"ASSET": "assets", "PAGE": "pages", "INDEX": "indexes", "FEED": "feeds"}


def _report(result: PublishResult, reporter: Reporter, *, dry_run: bool) -> None:
    if reporter.kind == "json":
        print(to_json(_as_dict(result, dry_run=dry_run)))
        for failure in result.failures:
            print(f"sitegen: {replace_unprintable(failure)}", file=sys.stderr)
        return
    for note in result.notes:
        reporter.line(replace_unprintable(note))
    if result.rollback is not None and dry_run:
        change = result.rollback
        reporter.line(f"{result.target} would show {change.previous} again, not {change.current}:")
        for sign, paths in (("+", change.new), ("~", change.changed), ("-", change.removed)):
            for path in paths:
                reporter.line(f"  {sign} {replace_unprintable(path)}")
    if result.plan is not None and result.plan.is_empty:
        reporter.line(f"{result.target} shows the site as it is: {plural(result.plan.unchanged, 'file')} unchanged")
    elif result.published is not None:
        reporter.line(f"published to {result.target}: {result.published}")
    else:
        reporter.line("nothing was changed there (--dry-run)")
    for failure in result.failures:
        reporter.failure(f"the site is published, but {failure}")


def _as_dict(result: PublishResult, *, dry_run: bool) -> dict[str, object]:
    plan = result.plan
    found: dict[str, object] = {
        "ok": not result.failures,
        "where": result.target,
        "dry_run": dry_run,
        "changed_target": result.published is not None,
        "shown": result.published,
        "notes": list(result.notes),
        "failures": list(result.failures),
    }
    if plan is not None:
        found["plan"] = {
            "new": [item.path for item in plan.new],
            "changed": [item.path for item in plan.changed],
            "deleted": sorted(plan.deleted),
            "gone": list(plan.removed),
            "unchanged": plan.unchanged,
            "bytes": plan.bytes,
            "classes": {
                _KINDS[kind.name]: {"new": new, "changed": changed, "deleted": deleted, "bytes": size}
                for kind, new, changed, deleted, size in plan.by_class()
            },
        }
        if plan.rebuild_reason:
            found["renew"] = plan.rebuild_reason
    if result.rollback is not None:
        change = result.rollback
        found["rollback"] = {
            "from": change.current,
            "to": change.previous,
            "new": list(change.new),
            "changed": list(change.changed),
            "gone": list(change.removed),
        }
    if result.build is not None:
        found["build"] = build_as_dict(result.build)
    return found


def _count(text: str) -> int:
    if not text.isdecimal() or len(text) > 9:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of files")
    return int(text)
