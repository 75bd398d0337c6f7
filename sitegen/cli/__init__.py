"""The command line: one command a module; options, a call, a report, an exit code."""

from sitegen.cli.main import main

__all__ = ["main"]
