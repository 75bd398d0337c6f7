"""`site.yaml` from the disk."""

from pathlib import Path

from sitegen.builder.inputs import read_config_bytes
from sitegen.config.loader import read_config
from sitegen.config.model import Config
from sitegen.diagnostics import Diagnostics
from sitegen.paths import missing_config_error


def load_config(root: Path, diagnostics: Diagnostics) -> Config | None:
    """Read the `site.yaml` of a project; None, reported, where there is none that can be read."""
    return parse_config(read_config_bytes(root), diagnostics)


def parse_config(data: bytes | None, diagnostics: Diagnostics) -> Config | None:
    """Read the bytes of a `site.yaml`; None stands for a file that is not there."""
    if data is None:
        diagnostics.extend(missing_config_error())
        return None
    return read_config(data, diagnostics)
