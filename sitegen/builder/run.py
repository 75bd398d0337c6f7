"""`BuildRun`: the request, the inputs and the tools of one build, which its stages share."""

from msgspec import Struct

from sitegen.builder.cache import ContentCache
from sitegen.builder.inputs import Inputs
from sitegen.builder.progress import Progress, no_progress
from sitegen.builder.request import BuildRequest
from sitegen.builder.session import BuildSession
from sitegen.builder.timing import StageTimer


class BuildRun(Struct, frozen=True):
    """One build. Stages get it and return values; nothing in it is filled in later."""

    request: BuildRequest
    inputs: Inputs
    cache: ContentCache
    timer: StageTimer
    progress: Progress = no_progress
    session: BuildSession | None = None
