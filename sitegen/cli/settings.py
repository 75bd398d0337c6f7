"""The configuration, for the commands that need a valid one."""

from pathlib import Path

from sitegen.builder.configuration import load_config
from sitegen.config.model import ProjectSettings
from sitegen.diagnostics import Diagnostics
from sitegen.errors import ContentError


def load_valid_settings(root: Path) -> ProjectSettings:
    """Return the settings of a project. Raises ContentError if it is missing or has errors."""
    diagnostics = Diagnostics()
    settings = load_config(root, diagnostics)
    if settings is None or diagnostics.errors:
        raise ContentError(diagnostics.sorted())
    return settings
