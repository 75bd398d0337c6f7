"""The one build: scan, read, assemble, plan, render, commit. The effects of the generator live here."""

from sitegen.builder.build import build
from sitegen.builder.progress import Progress
from sitegen.builder.request import BuildRequest, BuildResult
from sitegen.builder.session import BuildSession

__all__ = ["BuildRequest", "BuildResult", "BuildSession", "Progress", "build"]
