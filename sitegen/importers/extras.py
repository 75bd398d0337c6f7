"""Optional packages: an input that needs one that is not installed is refused with the command that installs it."""

from importlib import import_module
from typing import Any

from sitegen.importers.inputs import InputError


def import_extra(module: str, extra: str) -> Any:
    """Return a module of an extra of this project. Raises InputError."""
    try:
        return import_module(module)
    except ImportError as error:
        reason = " ".join(str(error).split())
        message = f"a package that this file needs is not installed or is incomplete: {reason}"
        hint = f"install it: pip install 'sitegen-digest[{extra}]'"
        raise InputError("missing-extra", 1, message, hint=hint) from error
