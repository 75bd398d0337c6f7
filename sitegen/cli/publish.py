"""`sitegen publish`: build the site, show the changes at a target, and apply them."""

import sys
from threading import Lock
from typing import Any, Final

import click

from sitegen.builder import BuildResult
from sitegen.builder.configuration import load_valid_settings
from sitegen.cli.build import STRICT, json_result, print_result
from sitegen.cli.command import (
    Command,
    Invocation,
    build_time_option,
    check_executor,
    executor_option,
    format_option,
    jobs_option,
)
from sitegen.cli.progress import ProgressDisplay
from sitegen.cli.reporter import Reporter
from sitegen.diagnostics import (
    EXIT_CONTENT,
    EXIT_EXTERNAL,
    EXIT_OK,
    ContentError,
    Diagnostic,
    Severity,
    UsageError,
    plural,
    replace_unprintable,
    to_json,
)
from sitegen.publish.backend import PublishRequest
from sitegen.publish.plan import Plan, TargetState
from sitegen.publish.site_files import PublishFile
from sitegen.publish.workflow import PublishResult, publish, rollback

_CLASSES: Final = {"ASSET": "assets", "PAGE": "pages", "INDEX": "indexes", "FEED": "feeds"}


@click.command(
    cls=Command,
    examples=("sitegen publish production --dry-run", "sitegen publish production --yes"),
    manual="publishing",
    groups={
        "Permissions": ("yes", "allowed_deletions", "create", "take_over"),
        "Build": ("strict", "checks", "jobs", "executor", "now"),
    },
)
@click.argument("target", default="")
@click.option("--dry-run", is_flag=True, help="Show the changes; change nothing at the target.")
@click.option("--rollback", "is_rollback", is_flag=True, help="Restore the previous release instead.")
@click.option("--yes", is_flag=True, help="Publish without a confirmation.")
@click.option(
    "--yes-delete",
    "allowed_deletions",
    type=click.IntRange(min=0),
    metavar="N",
    help="Allow deleting up to N files.",
)
@click.option("--create", is_flag=True, help="Create the branch if it is missing.")
@click.option("--take-over", is_flag=True, help="Replace unmanaged files with those of the site.")
@click.option("--strict", is_flag=True, help="Treat warnings as errors.")
@click.option("--no-check", "checks", is_flag=True, flag_value=False, default=True, help="Do not run `sitegen check`.")
@jobs_option
@executor_option
@build_time_option
@format_option()
@click.pass_obj
def command(invocation: Invocation, /, *, is_rollback: bool, dry_run: bool, **options: Any) -> int:
    """Build the site and publish it to TARGET, a name below `publish` in site.yaml.

    The changes are shown and confirmed before anything at the target is changed. Without TARGET, the targets are
    listed.
    """
    reporter = invocation.reporter
    check_executor(**options)
    settings = load_valid_settings(invocation.project)
    if settings.targets and not options["target"]:
        width = max(len(target.name) for target in settings.targets)
        for target in settings.targets:
            reporter.line(f"{target.name:<{width}}  {target.type}")
        example = f"sitegen publish {settings.targets[0].name} --dry-run"
        raise UsageError(f"expected the name of a target; for example: {example}")
    request = PublishRequest(root=invocation.project, settings=settings, dry_run=dry_run, **options)
    try:
        with ProgressDisplay(reporter.format) as display:
            ui = TerminalUI(reporter, display, lists_files=dry_run or reporter.verbosity > 0)
            result = rollback(request, ui) if is_rollback else publish(request, ui)
    except ContentError as error:
        reporter.diagnostics(error.diagnostics)
        has_errors = any(item.severity is Severity.ERROR for item in error.diagnostics)
        advice = "; --no-check leaves out `sitegen check`" if has_errors else f", because {STRICT}"
        reporter.note(f"nothing was published{advice}")
        return EXIT_CONTENT
    if result.build is not None and not result.build.ok:
        print_result(result.build, reporter)
        return EXIT_CONTENT
    _print_result(result, reporter, dry_run=dry_run)
    return EXIT_EXTERNAL if result.failures else EXIT_OK


class TerminalUI:
    """Shows a plan, requests confirmation and draws progress."""

    def __init__(self, reporter: Reporter, display: ProgressDisplay, *, lists_files: bool) -> None:
        self.is_terminal = sys.stdin.isatty() and sys.stdout.isatty()
        self._reporter = reporter
        self._lists_files = lists_files
        self._display = display
        self._lock = Lock()
        self._files = self._files_sent = self._bytes = self._bytes_sent = 0

    def show_build(self, result: BuildResult) -> None:
        """Print the warnings of the build; the JSON report includes them."""
        self.show_warnings(result.diagnostics)
        if self._reporter.format == "text":
            for note in result.notes:
                self._reporter.note(note)

    def show_warnings(self, warnings: tuple[Diagnostic, ...]) -> None:
        """Print warnings; the JSON report includes them."""
        if self._reporter.format != "json":
            self._reporter.diagnostics(warnings)

    def show_plan(self, plan: Plan, state: TargetState, target: str) -> None:
        """Print the warnings of a plan and, if it changes anything, a table of file classes.

        All files follow if the caller lists them.
        """
        self._files, self._bytes = len(plan.uploads), plan.bytes
        for warning in plan.warnings:
            self._reporter.note(f"warning: {warning}")
        if plan.is_empty:
            return
        line = self._reporter.line
        line(f"{target}, for the first time:" if state.is_first else f"{target}:")
        line(f"  {'':<8}{'new':>8}{'changed':>10}{'deleted':>10}{'bytes':>14}")
        for kind, new, changed, deleted, size in plan.by_class():
            line(f"  {_CLASSES[kind.name]:<8}{new:>8,}{changed:>10,}{deleted:>10,}{size:>14,}")
        line(f"  {plan.unchanged:,} unchanged")
        if plan.rebuild_reason:
            line(f"  {plan.rebuild_reason}: the release will be rebuilt")
        if plan.retired:
            line(f"  {plural(plan.retired, 'asset')} of older pages kept")
        if state.unmanaged:
            line(f"  {plural(len(state.unmanaged), 'unmanaged file')} ignored")
        if self._lists_files:
            new_paths = {item.path for item in plan.new}
            for item in plan.uploads:
                line(f"  {'+' if item.path in new_paths else '~'} {replace_unprintable(item.path)}")
            for path in plan.deleted:
                line(f"  - {replace_unprintable(path)}")

    def confirm(self, question: str) -> bool:
        """Ask for confirmation; every answer but yes is no."""
        try:
            return input(f"{question} [y/N] ").strip().casefold() in {"y", "yes"}
        except EOFError:
            return False

    def file_sent(self, _path: str, size: int, /) -> None:
        """Count a file as sent; several threads send files."""
        with self._lock:
            self._files_sent += 1
            self._bytes_sent += size
            count = f"{self._files_sent:,} of {self._files:,} files"
            self._display.update("publishing", self._bytes_sent, self._bytes, count)


def _print_result(result: PublishResult, reporter: Reporter, *, dry_run: bool) -> None:
    if reporter.format == "json":
        print(to_json(_json_result(result, dry_run=dry_run)))
        for failure in result.failures:
            reporter.note(failure)
        return
    for note in result.notes:
        reporter.line(replace_unprintable(note))
    plan = result.plan
    if plan is not None and plan.previous and dry_run:
        reporter.line(f"{result.target} would show {plan.previous} again, not {plan.current}:")
        for sign, paths in (("+", _paths(plan.new)), ("~", _paths(plan.changed)), ("-", plan.removed)):
            for path in paths:
                reporter.line(f"  {sign} {replace_unprintable(path)}")
    if result.published is not None:
        reporter.line(f"published to {result.target}: {result.published}")
    elif plan is not None and plan.is_empty and not plan.previous:
        reporter.line(f"{result.target} is up to date: {plural(plan.unchanged, 'file')} unchanged")
    else:
        reporter.line("nothing was changed there (--dry-run)")
    for failure in result.failures:
        reporter.note(f"the site is published, but {failure}")


def _paths(files: tuple[PublishFile, ...]) -> list[str]:
    return [file.path for file in files]


def _json_result(result: PublishResult, *, dry_run: bool) -> dict[str, object]:
    report: dict[str, object] = {
        "ok": not result.failures,
        "target": result.target,
        "dry_run": dry_run,
        "published": result.published,
        "notes": list(result.notes),
        "failures": list(result.failures),
    }
    plan = result.plan
    if plan is not None and plan.previous:
        report["rollback"] = {
            "from": plan.current,
            "to": plan.previous,
            "new": _paths(plan.new),
            "changed": _paths(plan.changed),
            "removed": list(plan.removed),
        }
    elif plan is not None:
        report["plan"] = {
            "new": _paths(plan.new),
            "changed": _paths(plan.changed),
            "deleted": sorted(plan.deleted),
            "removed": list(plan.removed),
            "unchanged": plan.unchanged,
            "warnings": list(plan.warnings),
            "bytes": plan.bytes,
            "classes": {
                _CLASSES[kind.name]: {"new": new, "changed": changed, "deleted": deleted, "bytes": size}
                for kind, new, changed, deleted, size in plan.by_class()
            },
        }
        if plan.rebuild_reason:
            report["rebuild_reason"] = plan.rebuild_reason
    if result.build is not None:
        report["build"] = json_result(result.build)
    return report
