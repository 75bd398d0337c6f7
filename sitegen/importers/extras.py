"""Optional packages: an importer that needs one that is not installed names the command that installs it."""

from importlib import import_module
from typing import Any


class MissingExtraError(Exception):
    """An optional package is not installed. The text of the error is the command that installs it."""


def import_extra(module: str, extra: str) -> Any:
    """Return a module of an extra of this project. Raises MissingExtraError."""
    try:
        return import_module(module)
    except ImportError as error:
        raise MissingExtraError(f"pip install 'sitegen-digest[{extra}]'") from error
