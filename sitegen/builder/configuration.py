"""`site.yaml` of a project folder."""

from pathlib import Path

from sitegen.builder.inputs import read_config_bytes
from sitegen.config.loader import read_config
from sitegen.config.model import ProjectSettings
from sitegen.diagnostics import Diagnostics
from sitegen.paths import missing_config_error


def load_config(root: Path, diagnostics: Diagnostics) -> ProjectSettings | None:
    """Read the `site.yaml` of a project; return None, with a diagnostic, if there is none to read."""
    return parse_config(read_config_bytes(root), diagnostics)


def parse_config(data: bytes | None, diagnostics: Diagnostics) -> ProjectSettings | None:
    """Read the bytes of a `site.yaml`; None is a missing file."""
    if data is None:
        diagnostics.extend(missing_config_error())
        return None
    return read_config(data, diagnostics)
