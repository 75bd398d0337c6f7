"""What commands share: the clock, options, and where findings and results go."""

import argparse
import os
import sys
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from sitegen.diagnostics import (
    Diagnostic,
    Severity,
    json_values,
    render_github,
    render_text,
    replace_unprintable,
    to_json,
)
from sitegen.util.dates import parse_partial_date

FORMATS: Final = ("text", "json", "github")


class Reporter:
    """Sends findings to stderr and results to stdout, in one of the formats."""

    def __init__(self, kind: str) -> None:
        self.kind = kind

    def diagnostics(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Print findings, as the format asks."""
        items = tuple(diagnostics)
        if not items:
            return
        if self.kind == "json":
            print(to_json({"ok": False, "diagnostics": json_values(items)}))
        elif self.kind == "github":
            print(render_github(items))
        else:
            print(render_text(items, colour=wants_colour()), file=sys.stderr)
            print(summary(items), file=sys.stderr)

    def failure(self, message: str) -> None:
        """Print why the command could not be carried out, in one line."""
        print(f"sitegen: {replace_unprintable(message)}", file=sys.stderr)
        if self.kind == "json":
            print(to_json({"ok": False, "error": message, "diagnostics": []}))

    def line(self, text: str) -> None:
        """Print a line of the result; the formats for machines have none."""
        if self.kind == "text":
            print(text)


def summary(diagnostics: Iterable[Diagnostic]) -> str:
    """Return how many errors and warnings there are, in words."""
    items = tuple(diagnostics)
    errors = sum(item.severity is Severity.ERROR for item in items)
    warnings = len(items) - errors
    return " and ".join(plural(n, what) for n, what in ((errors, "error"), (warnings, "warning")) if n)


def plural(count: int, noun: str, many: str = "") -> str:
    """Return a count with its noun."""
    return f"{count:,} {noun if count == 1 else many or noun + 's'}"


def wants_colour() -> bool:
    """Whether findings may be coloured: on a terminal, and not where NO_COLOR is set (no-color.org)."""
    return sys.stderr.isatty() and not os.environ.get("NO_COLOR")


def moment(text: str) -> datetime:
    """Read the value of --now. Raises argparse.ArgumentTypeError for what is no time."""
    try:
        stamp = parse_partial_date(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None
    if stamp is None:
        raise argparse.ArgumentTypeError(f"{text!r} is no time; write 2026-07-03 or 2026-07-03T09:00+09:00")
    return stamp.to_datetime(UTC)


def clock() -> datetime:
    """Return the present: the only place where a build's time comes from, when --now is not given."""
    return datetime.now(UTC)


def add_now(parser: argparse.ArgumentParser) -> None:
    """Add --now."""
    parser.add_argument("--now", type=moment, metavar="TIME", help="act as if it were TIME (default: now)")


def add_format(parser: argparse.ArgumentParser, formats: Iterable[str] = FORMATS) -> None:
    """Add --format."""
    parser.add_argument("--format", choices=tuple(formats), default="text", help="how findings and results are printed")
