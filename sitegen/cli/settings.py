"""The configuration, for the commands that need a valid one."""

from pathlib import Path

from sitegen.builder.configuration import load_config
from sitegen.config.model import Config
from sitegen.diagnostics import Diagnostics
from sitegen.errors import ContentError


def load_valid_config(root: Path) -> Config:
    """Return the configuration of a project. Raises ContentError if it is missing or has errors."""
    diagnostics = Diagnostics()
    config = load_config(root, diagnostics)
    if config is None or diagnostics.errors:
        raise ContentError(diagnostics.sorted())
    return config
