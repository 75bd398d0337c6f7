"""A rebuild of the preview's site, and its result."""

from traceback import print_exception

from msgspec import Struct

from sitegen.builder import BuildRequest, BuildResult, BuildSession, build
from sitegen.diagnostics import ContentError, Diagnostic, ExternalError, SitegenError
from sitegen.util.plugins import failure_message


class RebuildResult(Struct, frozen=True):
    """The result of a rebuild; `changed` is true if the site differs from the one before.

    `failure` is the message of a build that could not run; `result` is None then. `is_transient` means that the same
    build may succeed later without a change of the sources.
    """

    ok: bool
    changed: bool = False
    diagnostics: tuple[Diagnostic, ...] = ()
    failure: str = ""
    is_transient: bool = False
    result: BuildResult | None = None


def rebuild(request: BuildRequest, session: BuildSession) -> RebuildResult:
    """Build, and turn every error into a result, so that the preview continues with the last good site."""
    try:
        result = build(request, session=session)
    except ContentError as error:
        return RebuildResult(ok=False, diagnostics=error.diagnostics)
    except SitegenError as error:
        return RebuildResult(ok=False, failure=str(error), is_transient=isinstance(error, ExternalError))
    except Exception as error:  # noqa: BLE001 - a defect of sitegen or of a plugin must not end the preview
        print_exception(error)
        return RebuildResult(ok=False, failure=failure_message(error))
    changed = bool(result.counts.written or result.counts.removed)
    return RebuildResult(ok=result.ok, changed=changed, diagnostics=result.diagnostics, result=result)
