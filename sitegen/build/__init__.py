"""The one build: scan, read, assemble, plan, render, commit. The effects of the generator live here."""

from sitegen.build.explain import Explanation, explain
from sitegen.build.pipeline import BuildRequest, BuildResult, build, load_config

__all__ = ["BuildRequest", "BuildResult", "Explanation", "build", "explain", "load_config"]
