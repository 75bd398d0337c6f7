"""What every target is given, and what it must be able to do."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Protocol

from sitegen.config.model import Config
from sitegen.errors import UsageError
from sitegen.publish.plan import Plan, Standing, Turn
from sitegen.publish.site_files import Item
from sitegen.util.frozen import dataclass

Progress = Callable[[str, int], None]
"""Is told the path and size of every file that has been sent."""


@dataclass(frozen=True, slots=True)
class Job:
    """One publish: the project, its configuration, where its own notes are kept, as of when, what the editor allowed.

    `state` is a folder of the target below `output/`; it may be lost. `create` and `take_over` are the options of these
    names. `titles` returns the titles of articles by their slugs.
    """

    root: Path
    config: Config
    state: Path
    now: datetime
    create: bool
    take_over: bool
    terminal: bool
    progress: Progress
    titles: Callable[[frozenset[str]], Mapping[str, str]]

    def location(self, path: str) -> Path:
        """Return a path of `site.yaml`: below the project's folder, unless it is absolute or begins with `~`."""
        try:
            return Path(os.path.normpath(self.root.absolute() / Path(path).expanduser()))
        except RuntimeError as error:
            raise UsageError(f"{path!r}: there is no such user") from error

    def outside(self, path: str) -> Path:
        """Return a path at which a site may be published. Raises UsageError for one that would do harm."""
        location = self.location(path)
        real, project = location.resolve(), self.root.resolve()
        if real == Path(real.anchor):
            raise UsageError(f"{path!r} is the root of the file system; publish to a folder of its own")
        if real == Path.home().resolve():
            raise UsageError(f"{path!r} is your home folder; publish to a folder of its own")
        if real.is_relative_to(project):
            raise UsageError(f"{path!r} is inside the project; publish to a folder outside of it")
        if project.is_relative_to(real):
            raise UsageError(f"{path!r} holds the project itself; publish to a folder of its own")
        return location


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it: what readers now see, as the target names it, and sentences on what is worth knowing."""

    shown: str
    notes: tuple[str, ...] = ()


class Publisher(Protocol):
    """A target, opened."""

    where: str

    def identity(self, item: Item) -> str:
        """Return what the target calls the content of a file."""

    def inspect(self) -> Standing:
        """Return what stands there."""

    def foreign(self, plan: Plan, standing: Standing) -> frozenset[str]:
        """Return the files of others that may be in the way of a plan, before anybody is asked about it."""

    def carry_out(self, plan: Plan, items: Mapping[str, Item], standing: Standing) -> Outcome:
        """Do it."""


class Releases(Publisher, Protocol):
    """A target that keeps what it showed before."""

    def earlier(self) -> Turn:
        """Return what a rollback would do. Raises UsageError where there is nothing to go back to."""

    def rollback(self, turn: Turn) -> Outcome:
        """Show what was shown before."""
