"""`site.yaml` of a project folder."""

from pathlib import Path

from sitegen.config.loader import read_config
from sitegen.config.model import Config, ProjectSettings
from sitegen.diagnostics import ContentError, Diagnostics
from sitegen.site.urls import SCHEMA, Urls
from sitegen.util.paths import read_config_bytes


def load_config(root: Path, diagnostics: Diagnostics) -> ProjectSettings | None:
    """Read the `site.yaml` of a project; return None, with a diagnostic, if it is not a mapping.

    Raises ContentError and ExternalError as `read_config_bytes`.
    """
    return read_config(read_config_bytes(root), diagnostics)


def load_valid_settings(root: Path) -> ProjectSettings:
    """Return the settings of a project. Raises ContentError if `site.yaml` is missing or has errors."""
    diagnostics = Diagnostics()
    settings = load_config(root, diagnostics)
    if settings is None or diagnostics.errors:
        raise ContentError(diagnostics.sorted())
    return settings


def schema_url(config: Config) -> str:
    """Return the URL of the schema of the front matter, which the site publishes."""
    return Urls.of(config, config.locales[0]).absolute(SCHEMA)
