"""Errors that end a command, with their exit codes."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sitegen.diagnostics import Diagnostic

EXIT_OK: Final = 0
EXIT_CONTENT: Final = 1
EXIT_USAGE: Final = 2
EXIT_EXTERNAL: Final = 3


class SitegenError(Exception):
    """Base of the errors that a command reports without a traceback; `str()` is one sentence for the user."""

    exit_code: int = EXIT_EXTERNAL


class ContentError(SitegenError):
    """Errors in the content, the configuration or the theme, listed in `diagnostics`."""

    exit_code = EXIT_CONTENT

    def __init__(self, diagnostics: "tuple[Diagnostic, ...]") -> None:
        super().__init__(f"{len(diagnostics)} errors")
        self.diagnostics = diagnostics


class UsageError(SitegenError):
    """Invalid arguments of a command."""

    exit_code = EXIT_USAGE


class ExternalError(SitegenError):
    """External failure (disk, network, permission), not a content error."""

    exit_code = EXIT_EXTERNAL
