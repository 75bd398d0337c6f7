"""Output of a command: results on stdout, diagnostics and errors on stderr, in one of three formats."""

import os
import sys
from collections.abc import Iterable

from sitegen.diagnostics import (
    Diagnostic,
    Severity,
    json_values,
    render_github,
    render_text,
    replace_unprintable,
    select_shown,
    summary,
    to_json,
)


class Reporter:
    """Prints diagnostics and results as `text`, `json` or `github` (workflow commands).

    `verbosity` is -1 for errors only, 0, or 1 for details; it applies to the text format.
    """

    format = "text"
    shows_all = False
    verbosity = 0

    def diagnostics(self, diagnostics: Iterable[Diagnostic]) -> None:
        """Print diagnostics, with their number as the last line of the text format."""
        is_quiet = self.verbosity < 0 and self.format == "text"
        items = tuple(item for item in diagnostics if not is_quiet or item.severity is Severity.ERROR)
        if not items:
            return
        if self.format == "json":
            print(to_json({"ok": False, "diagnostics": json_values(items)}))
        elif self.format == "github":
            print(render_github(items))
        else:
            shown = items if self.shows_all else select_shown(items)
            has_colour = sys.stderr.isatty() and not os.environ.get("NO_COLOR")  # no-color.org
            print(render_text(shown, colour=has_colour), file=sys.stderr)
            if len(shown) < len(items):
                print(f"… and {len(items) - len(shown):,} more; --all shows them", file=sys.stderr)
            print(summary(items), file=sys.stderr)

    def error(self, message: str) -> None:
        """Print the reason why the command failed, in one line."""
        self.note(message)
        if self.format == "json":
            print(to_json({"ok": False, "error": message, "diagnostics": []}))

    def note(self, message: str) -> None:
        """Print a line to stderr, whatever the format."""
        print(f"sitegen: {replace_unprintable(message)}", file=sys.stderr)

    def line(self, text: str, verbosity: int = 0) -> None:
        """Print a line of the result, in the text format only; one of `verbosity` 1 only on request."""
        if self.format == "text" and self.verbosity >= verbosity:
            print(text)
