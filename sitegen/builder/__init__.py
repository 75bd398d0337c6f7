"""The build: scan, parse, plan, render, commit. Nothing else writes the site."""

from sitegen.builder.build import build
from sitegen.builder.request import BuildRequest, BuildResult, Progress
from sitegen.builder.session import BuildSession

__all__ = ["BuildRequest", "BuildResult", "BuildSession", "Progress", "build"]
