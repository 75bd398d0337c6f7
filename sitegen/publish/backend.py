"""The interface of publish targets: what they receive, what they must implement, and how they are registered."""

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Protocol, TypeVar

from sitegen.builder import BuildRequest, BuildResult
from sitegen.config.model import ProjectSettings
from sitegen.config.targets import TARGET_TYPES, Target
from sitegen.diagnostics import Diagnostic, ExternalError, UsageError
from sitegen.publish.plan import Plan, TargetState
from sitegen.publish.site_files import PublishFile
from sitegen.util.paths import OUTPUT
from sitegen.yaml_source.reader import MappingReader

PUBLISH_FOLDER = "publish"


class PublishRequest(BuildRequest, frozen=True, kw_only=True):
    """A request to build a site and publish it: the target by its name, and what the user has allowed.

    `allowed_deletions` is the number of files that may be deleted, None for the limit of the target. `create` allows
    creating a branch, `take_over` replacing unmanaged files. With `checks`, errors of `sitegen check` stop the publish.
    """

    settings: ProjectSettings
    target: str
    dry_run: bool = False
    yes: bool = False
    allowed_deletions: int | None = None
    create: bool = False
    take_over: bool = False
    checks: bool = True


class PublishUI(Protocol):
    """The user interface of a publish."""

    is_terminal: bool

    def show_build(self, result: BuildResult, /) -> None:
        """Show the warnings of a build without errors."""

    def show_warnings(self, warnings: tuple[Diagnostic, ...], /) -> None:
        """Show warnings about the changes."""

    def show_plan(self, plan: Plan, state: TargetState, target: str, /) -> None:
        """Show the changes; `target` describes the target."""

    def confirm(self, question: str, /) -> bool:
        """Ask a question; called on a terminal only."""

    def file_sent(self, path: str, size: int, /) -> None:
        """Show that a file was sent; may be called from any thread."""


class TargetBackend(ABC):
    """A publish target.

    `description` names it in messages, by default with its name in `site.yaml`. `notes` are sentences for the user,
    added while it works. `resources` are closed at the end: connections, temporary files.
    """

    keeps_assets: ClassVar[bool] = True
    """Whether assets stay for readers of older pages."""

    description: str = ""

    def __init__(self, target: Target, request: PublishRequest, ui: PublishUI) -> None:
        self.target = target
        self.description = self.description or f"the target {target.name}"
        self.options = target.options
        self.request = request
        self.ui = ui
        self.state_dir = request.root / OUTPUT / PUBLISH_FOLDER / target.name
        self.notes: list[str] = []
        self.resources = ExitStack()

    @classmethod
    @abstractmethod
    def read_options(cls, reader: MappingReader) -> Mapping[str, Any]:
        """Read the keys of `site.yaml` that only this type has; return their values by key."""

    def add_host_files(self, files: Mapping[str, PublishFile]) -> dict[str, PublishFile]:
        """Return the files of the site with those that only the host reads."""
        return dict(files)

    def content_id(self, file: PublishFile) -> str:
        """Return the identifier that the target uses for the content of a file."""
        return file.sha256

    @abstractmethod
    def read_state(self) -> TargetState:
        """Return the content of the target. Has no side effects there."""

    def find_unmanaged(self, plan: Plan, state: TargetState) -> frozenset[str]:
        """Return the unmanaged files that may conflict with a plan."""
        del plan
        return state.unmanaged

    @abstractmethod
    def apply(self, plan: Plan, files: Mapping[str, PublishFile], state: TargetState) -> str:
        """Carry out a plan; return what readers now get (a release, a commit). Raises ExternalError."""

    def plan_rollback(self) -> Plan:
        """Return the effect of a rollback. Raises UsageError if there is no earlier release."""
        message = f"a target of the kind {self.target.type} has no earlier release to roll back to"
        raise UsageError(f"{message}; restore the earlier content, and publish again")

    def rollback(self, plan: Plan) -> str:
        """Show the earlier release again; return its name."""
        raise NotImplementedError(plan)

    def changed_error(self) -> ExternalError:
        """Return the error for a target that is not as it was when the plan was made."""
        return ExternalError(f"{self.description} was changed by another publish; publish again")


_Backend = TypeVar("_Backend", bound=type[TargetBackend])


def publish_target(name: str) -> Callable[[_Backend], _Backend]:
    """Register the decorated class for the value `name` of the key `kind`. Raises ValueError if the name is taken."""
    return partial(TARGET_TYPES.add, name)


def resolve_path(root: Path, path: str) -> Path:
    """Return a path of `site.yaml`: relative to the project, unless it is absolute or starts with `~`."""
    try:
        return Path(os.path.normpath(root.absolute() / Path(path).expanduser()))
    except RuntimeError as error:
        raise UsageError(f"unknown user in the path {path!r}") from error


def outside_project(root: Path, path: str) -> Path:
    """Return a folder of `site.yaml` to publish to. Raises UsageError if it could contain other files of the user."""
    location = resolve_path(root, path)
    real, project = location.resolve(), root.resolve()
    if real == Path(real.anchor):
        problem = "is the root of the file system"
    elif real == Path.home().resolve():
        problem = "is your home folder"
    elif real.is_relative_to(project):
        problem = "is inside the project"
    elif project.is_relative_to(real):
        problem = "contains the project"
    else:
        return location
    raise UsageError(f"cannot publish to {path!r}: it {problem}; choose a separate folder outside the project")


def check_output_file(root: Path, path: str) -> None:
    """Raise UsageError if writing a file at a path of `site.yaml` could replace a file of the project or the build."""
    location, output, project = resolve_path(root, path).resolve(), (root / OUTPUT).resolve(), root.resolve()
    inside = location.relative_to(output).parts if location.is_relative_to(output) else None
    if inside is None and location.is_relative_to(project):
        raise UsageError(f"cannot write {path!r}: it is inside the project; use output/ or a path outside the project")
    if inside is not None and (not inside or inside[0] in _BUILD_FILES):
        raise UsageError(f"cannot write {path!r}: it is inside a folder of the build; use another name in output/")


_BUILD_FILES = frozenset(
    {"site", "staging", "cache", "preview", PUBLISH_FOLDER, "manifest.json", "journal.json", "lock"}
)


def check_writable(folder: Path) -> None:
    """Raise ExternalError if files cannot be created in a folder, or the folder cannot be created."""
    nearest = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    if not nearest.is_dir():
        raise ExternalError(f"{nearest} is a file; expected a folder")
    if not os.access(nearest, os.W_OK | os.X_OK):
        raise ExternalError(f"{nearest} is not writable")


def make_folder(folder: Path) -> None:
    """Create a folder and its parents with mode 755, whatever the umask, so that a web server can read it."""
    if not folder.is_dir():
        make_folder(folder.parent)
        folder.mkdir()
        folder.chmod(0o755)
