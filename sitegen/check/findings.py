"""What rules yield, the result of a check, and what a check of links finds out."""

from enum import StrEnum

from msgspec import Struct

from sitegen.diagnostics import Diagnostic, SourceLocation
from sitegen.util.dates import Instant


class Edit(Struct, frozen=True, array_like=True):
    """A safe change of a file: the text `old` at the offset `start` (in characters) becomes `new`."""

    start: int
    old: str
    new: str


class Problem(Struct, frozen=True):
    """What a rule yields: where, what is wrong and what was expected, what to do, and the change that fixes it."""

    location: SourceLocation
    message: str
    hint: str = ""
    edits: tuple[Edit, ...] = ()


class Finding(Struct, frozen=True, array_like=True):
    """A diagnostic, and the changes that fix it; none if no change is safe."""

    diagnostic: Diagnostic
    edits: tuple[Edit, ...] = ()


class CheckResult(Struct, frozen=True):
    """The findings with the severities of the site, in the order of a report, and the rules that raised an error.

    A failure is the code of a rule, the path that it looked at, and the error. `articles` is the number of visible
    articles, None if the content has errors; then only rules of texts were run.
    """

    findings: tuple[Finding, ...]
    failures: tuple[tuple[str, str, str], ...] = ()
    articles: int | None = None


class LinkStatus(StrEnum):
    """What became of an address."""

    OK = "ok"
    MOVED = "moved"
    """It redirects to another address, permanently."""
    DEAD = "dead"
    """The host has no such page (404, 410)."""
    NO_HOST = "no-host"
    """The name of the host does not exist."""
    REFUSED = "refused"
    """The host refuses programs, so nothing is known."""
    SERVER_ERROR = "server-error"
    TLS = "tls"
    LOOP = "redirect-loop"
    TIMEOUT = "timeout"
    UNREACHABLE = "unreachable"
    """The host refuses or breaks the connection."""
    INVALID = "invalid"
    """The answer is not HTTP, or leads to an address that is not valid."""
    PRIVATE = "private"
    """The host is in a private network, and gets no request."""


class LinkResult(Struct, frozen=True, array_like=True):
    """The result for one address: the code of the answer (0 for none), where it leads, and when it was requested.

    `detail` is the error in words. `archived` is the address of an archived copy, if one was looked for.
    """

    status: LinkStatus
    code: int = 0
    target: str = ""
    detail: str = ""
    checked: Instant | None = None
    archived: str = ""
