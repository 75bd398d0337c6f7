"""What ends a command early, and the exit code it ends with."""

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sitegen.diagnostics import Diagnostic

EXIT_OK: Final = 0
EXIT_CONTENT: Final = 1
EXIT_USAGE: Final = 2
EXIT_EXTERNAL: Final = 3


class SitegenError(Exception):
    """Base of all errors that a command reports without a traceback.

    `exit_code` is what the process ends with; `str()` of the error is one sentence for the user.
    """

    exit_code: int = EXIT_EXTERNAL


class ContentError(SitegenError):
    """The content, the configuration or the theme is wrong; `diagnostics` says where."""

    exit_code = EXIT_CONTENT

    def __init__(self, diagnostics: "tuple[Diagnostic, ...]") -> None:
        super().__init__(f"{len(diagnostics)} errors")
        self.diagnostics = diagnostics


class UsageError(SitegenError):
    """The command was called with words that cannot be carried out."""

    exit_code = EXIT_USAGE


class ExternalError(SitegenError):
    """Disk, network or permission: nothing the editor wrote is at fault."""

    exit_code = EXIT_EXTERNAL
