"""The catalogue of diagnostics: what each code means, why it matters, an example, and the fix."""

import re
from collections.abc import Mapping
from functools import cache

import yaml

from sitegen.util.paths import bundled_folder


@cache
def catalogue() -> Mapping[str, Mapping[str, str]]:
    """Return the entry of each code: `severity`, `summary`, `in`, `example`, `fix`, and `why` for rules of `check`."""
    entries: Mapping[str, Mapping[str, str]] = yaml.safe_load(_text())
    return entries


@cache
def catalogue_texts() -> Mapping[str, str]:
    """Return the explanation of every code as it is written in the catalogue."""
    return {match[1]: match[0] for match in re.finditer(r"^([a-z][a-z0-9-]+):\n(?:  .*\n|\n)*", _text(), re.MULTILINE)}


def _text() -> str:
    return (bundled_folder("docs") / "reference" / "diagnostics.yaml").read_text("utf-8")
