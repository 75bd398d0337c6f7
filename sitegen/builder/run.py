"""`BuildRun`: the request, the inputs and the tools of one build, which its stages share."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

from sitegen.builder.cache import ContentCache
from sitegen.builder.commit import ignore_note
from sitegen.builder.inputs import Inputs
from sitegen.builder.progress import Progress, no_progress
from sitegen.builder.request import BuildRequest
from sitegen.builder.session import BuildSession
from sitegen.builder.timing import StageTimer

if TYPE_CHECKING:
    from sitegen.theme.model import Theme


class BuildRun(Struct, frozen=True):
    """One build. Stages get it and return values; nothing in it is filled in later."""

    request: BuildRequest
    inputs: Inputs
    cache: ContentCache
    timer: StageTimer
    progress: Progress = no_progress
    session: BuildSession | None = None
    note: Callable[[str], None] = ignore_note


class LoadedTheme(Struct, frozen=True):
    """The theme (None if it cannot be used), the names of it and its parents, and the hash of their files.

    It is `complete` if all of it could be read.
    """

    theme: "Theme | None"
    names: tuple[str, ...]
    hash: bytes
    is_complete: bool
