"""The one build: scan, read, assemble, plan, render, commit. The effects of the generator live here."""

from sitegen.build.memory import Memory
from sitegen.build.pipeline import build
from sitegen.build.progress import Progress
from sitegen.build.request import BuildRequest, BuildResult

__all__ = ["BuildRequest", "BuildResult", "Memory", "Progress", "build"]
