"""The base of all commands: help with examples and groups of options, shared options, the clock."""

import os
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any, Final, TypeVar

import click

from sitegen.cli.reporter import Reporter
from sitegen.diagnostics import UsageError
from sitegen.util.dates import parse_partial_date
from sitegen.util.paths import CONFIG_NAME, exists

MAX_JOBS: Final = 256
SOURCE_DATE_EPOCH: Final = "SOURCE_DATE_EPOCH"
_MAX_EPOCH: Final = int(datetime(9999, 1, 1, tzinfo=UTC).timestamp())
_Function = TypeVar("_Function", bound=Callable[..., Any])


class Invocation:
    """One run of the program: the folder of -C, and the reporter in the format of the options."""

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter
        self.folder = Path()

    @property
    def project(self) -> Path:
        """The folder of the digest: that of -C or the nearest one above it with a site.yaml.

        A configuration of another user, such as /tmp/site.yaml, does not count: it can name programs to run.
        """
        if exists(self.folder / CONFIG_NAME):
            return self.folder
        owner = self.folder.stat().st_uid
        for parent in self.folder.resolve().parents:
            if (parent / CONFIG_NAME).is_file() and (parent / CONFIG_NAME).stat().st_uid == owner:
                return parent
        return self.folder


def whole_number(low: int, high: int) -> Callable[[str | int], int]:
    """Return the type of an option that is a number between two limits, which its error names."""

    def parse(value: str | int) -> int:
        text = str(value)
        if not re.fullmatch("[0-9]{1,9}", text) or not low <= int(text) <= high:
            raise click.BadParameter(f"{text!r} is not a whole number from {low} to {high}")
        return int(text)

    return parse


class Command(click.Command):
    """A command with examples and the path of its manual in the help (clig.dev).

    `groups` are further headings in the help, each with the names of its options.
    """

    def __init__(
        self,
        *args: Any,
        examples: Sequence[str],
        manual: str,
        groups: Mapping[str, Sequence[str]] = {},
        **settings: Any,
    ) -> None:
        super().__init__(*args, **settings)
        self.examples = examples
        self.manual = manual
        self.groups = {name: title for title, names in groups.items() for name in names}
        self.params += verbosity_options()

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Parse the arguments. Raises click.UsageError, with advice for a text that starts with a hyphen."""
        takes_text = any(isinstance(parameter, click.Argument) for parameter in self.params)
        pattern = re.compile(r"-[^=]* |-[^-\s]{2}" if takes_text else "-[^=]* ")
        options = {option for parameter in self.params for option in parameter.opts}
        words = [word for word in args if pattern.match(word) and f"-{word}" not in options]
        try:
            return super().parse_args(ctx, args)
        except click.NoSuchOption as error:
            name = error.option_name.removeprefix("-")  # of -qsteel it is -s
            if word := next((word for word in words if name in word), None):
                ctx.fail(f"{word!r} is not an option; write -- before a text that starts with a hyphen")
            raise

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options, group by group."""
        groups: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):
            record = None if isinstance(parameter, click.Argument) else parameter.get_help_record(ctx)
            if record is not None:
                groups.setdefault(self.groups.get(parameter.name or "", "Options"), []).append(record)
        for title, records in groups.items():
            with formatter.section(title):
                formatter.write_dl(records)

    def format_epilog(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the examples and the path of the manual."""
        write_examples(formatter, self.examples, self.manual)


def write_examples(formatter: click.HelpFormatter, examples: Sequence[str], manual: str) -> None:
    """Write the end of a help text; `manual` is a page of `sitegen docs`."""
    with formatter.section("Examples"):
        for example in examples:
            formatter.write(f"{'':{formatter.current_indent}}{example}\n")
    formatter.write(f"\nRead more: sitegen docs {manual}\n")


def verbosity_options() -> list[click.Parameter]:
    """Return -q and -v, which every command has."""
    settings: dict[str, Any] = {"type": int, "default": 0, **_reporter_setting("verbosity")}
    return [
        click.Option(["-q", "--quiet"], flag_value=-1, help="Print errors only.", **settings),
        click.Option(
            ["-v", "--verbose"], flag_value=1, help="Print details, such as each file that is written.", **settings
        ),
    ]


def utc_now() -> datetime:
    """Return the current time."""
    return datetime.now(UTC)


def build_time() -> datetime:
    """Return the time of a build: SOURCE_DATE_EPOCH, else the current time. Raises UsageError for an invalid value.

    Source: reproducible-builds.org/docs/source-date-epoch.
    """
    value = os.environ.get(SOURCE_DATE_EPOCH)
    if value is None:
        return utc_now()
    if not re.fullmatch(r"[0-9]+", value) or int(value) > _MAX_EPOCH:
        raise UsageError(f"invalid {SOURCE_DATE_EPOCH} {value!r}: expected seconds since 1970 in digits")
    return datetime.fromtimestamp(int(value), UTC)


def _parse_time(text: str | datetime) -> datetime:
    if isinstance(text, datetime):
        return text
    try:
        date = parse_partial_date(text)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None
    if date is None:
        raise click.BadParameter(f"{text!r} is not a time; use 2026-07-03 or 2026-07-03T09:00+09:00")
    moment = date.to_datetime(UTC)
    return datetime.combine(moment.date(), moment.timetz())  # not an Instant, which JSON does not encode


def _reporter_setting(attribute: str) -> dict[str, Any]:
    """Return the settings of an option that sets an attribute of the reporter, unless its value is 0 or false."""

    def set_attribute(ctx: click.Context, _parameter: click.Parameter, value: Any) -> None:
        if value:
            setattr(ctx.obj.reporter, attribute, value)

    return {"expose_value": False, "callback": set_attribute}


def check_executor(*, executor: str, jobs: int | None, **_options: Any) -> None:
    """Raise UsageError for a URL that names no known engine, or if the number of workers is given, too."""
    if executor:
        if jobs is not None:
            raise UsageError("--jobs and --executor exclude each other: the engine decides how many workers there are")
        import_module("sitegen.builder.engine").check_executor_url(executor)


def _now_option(default: Callable[[], datetime], shown: str) -> Callable[[_Function], _Function]:
    text = f"Act as if it were TIME, in UTC if it has no zone.  [default: {shown}]"
    return click.option("--now", type=_parse_time, default=default, metavar="TIME", help=text)


now_option = _now_option(utc_now, "now")
build_time_option = _now_option(build_time, "SOURCE_DATE_EPOCH, or now")
"""The option --now of a command that builds."""
all_option = click.option(
    "--all", is_flag=True, help="Print all diagnostics, however many.", **_reporter_setting("shows_all")
)
jobs_option = click.option(
    "--jobs",
    type=whole_number(1, MAX_JOBS),
    metavar="N",
    help="Number of worker processes.  [default: automatic]",
)
executor_option = click.option(
    "--executor",
    default="",
    metavar="URL",
    help="Use the workers of an engine, such as dask://HOST:8786 (dasks:// with TLS), and not --jobs.",
)
drafts_option = click.option(
    "--drafts", is_flag=True, help="Include drafts and scheduled articles, in DIR/drafts/site or output/drafts/site."
)


def output_option(verb: str) -> Callable[[_Function], _Function]:
    """Return the option --output of a command that writes a site or only reads it."""
    text = f"{verb} DIR/site instead of output/site."
    return click.option("--output", type=click.Path(path_type=Path), metavar="DIR", help=text)


def format_option(*formats: str) -> Callable[[_Function], _Function]:
    """Return the options --format, which sets the format of the reporter, and --all."""
    add_format = click.option(
        "--format",
        type=click.Choice(formats or ("text", "json", "github")),
        default="text",
        show_default=True,
        help="Format of diagnostics and results.",
        **_reporter_setting("format"),
    )
    return lambda function: add_format(all_option(function))
