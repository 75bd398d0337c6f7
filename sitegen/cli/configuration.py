"""The configuration, for the commands that need one."""

from pathlib import Path

from sitegen.builder.configuration import load_config
from sitegen.config.model import Config
from sitegen.diagnostics import Diagnostics
from sitegen.errors import ContentError


def sound_config(root: Path) -> Config:
    """Return the configuration of a project. Raises ContentError where it has errors, or is not there."""
    diagnostics = Diagnostics()
    config = load_config(root, diagnostics)
    if config is None or diagnostics.errors:
        raise ContentError(diagnostics.sorted())
    return config
