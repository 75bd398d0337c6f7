"""Settings of a theme: colours and fonts that `theme.yaml` declares, and that child themes and `site.yaml` set.

Templates have them as `site.settings`. In stylesheets and SVG files `setting(name)` stands for the value of a setting.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sitegen.config.model import ThemeValue
from sitegen.diagnostics import Diagnostics, SourceText
from sitegen.yaml_source.nodes import Mapping as MappingNode
from sitegen.yaml_source.nodes import Scalar
from sitegen.yaml_source.reader import MappingReader

_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,59}")
_FONT: Final = r"""(?:"[\w .&+-]+"|'[\w .&+-]+'|[A-Za-z-][\w-]*(?: [A-Za-z][\w-]*)*)"""
KINDS: Final = {
    "color": (re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}"), 'a colour such as "#b3261e"'),
    "fonts": (
        re.compile(rf"{_FONT}(?:,\s*{_FONT})*"),
        "names of fonts with commas between them, such as Georgia, serif",
    ),
}
"""Kinds of settings: the form of a value, which is safe in CSS and SVG, and its description."""
FILLED_FILES: Final = (".svg", ".css")
"""Static files that can refer to settings."""
_REFERENCE: Final = re.compile(r"\b(setting|asset)\(([^()\s]*)\)")


def read_settings(fields: MappingReader, diagnostics: Diagnostics) -> Iterator[ThemeValue]:
    """Yield the settings of a `theme.yaml`: declarations have a kind, values for those of a parent have none."""
    for name, node in fields.pairs("settings", "a mapping", hint='settings: {paper: {color: "#fff"}}'):
        kind, value = "", node
        if isinstance(node, MappingNode) and len(node.pairs) == 1 and node.pairs[0][0].value in KINDS:
            kind, value = node.pairs[0][0].value, node.pairs[0][1]
        if not _NAME.fullmatch(name.value):
            message = f"{name.value!r} cannot be the name of a setting"
            diagnostics.error("bad-setting", name.location, f"{message}; expected lower-case letters, digits, hyphens")
        elif isinstance(value, Scalar):
            yield ThemeValue(name.value, value.value, value.location, kind)
        else:
            message = f"the setting {name.value!r} must be a value or a kind and a value"
            diagnostics.error("bad-setting", value.location, message, hint=f'{name.value}: {{color: "#fff"}}')


def resolve_settings(values: Iterable[ThemeValue], diagnostics: Diagnostics) -> tuple[tuple[str, str], ...]:
    """Return the value of each setting. `values` begin with those of the first theme and end with those of the site."""
    kinds: dict[str, str] = {}
    settings: dict[str, str] = {}
    for given in values:
        kind = given.kind or kinds.get(given.name)
        if kind is None:
            message = f"the theme has no setting {given.name!r}"
            diagnostics.error("unknown-setting", given.location, message, got=given.name, allowed=sorted(settings))
            continue
        kinds[given.name] = kind
        form, expected = KINDS[kind]
        if form.fullmatch(given.value):
            settings[given.name] = given.value
            continue
        message = f"the setting {given.name!r} is {given.value!r}; expected {expected}"
        diagnostics.error("bad-setting", given.location, message)
        settings.setdefault(given.name, "#000" if kind == "color" else "serif")
    return tuple(settings.items())


def fill_in(path: str, data: bytes, values: Mapping[str, str], diagnostics: Diagnostics) -> bytes:
    """Return the bytes of a static file with `values` in the place of references; diagnostics call it `path`.

    A reference is a key of `values`: `setting(paper)` is the value of a setting, `asset(serif.woff2)` the published
    name of another static file.
    """
    if not path.endswith(FILLED_FILES) or not (b"setting(" in data or b"asset(" in data):
        return data
    text = data.decode("utf-8", "surrogateescape")
    source = SourceText(path, text)
    for match in _REFERENCE.finditer(text):
        if match[0] not in values:
            line = text.count("\n", 0, match.start()) + 1
            message = f"the theme has no {'static file' if match[1] == 'asset' else 'setting'} {match[2]!r}"
            if match[2].endswith(".css"):
                message = f"a stylesheet cannot refer to another one, {match[2]!r}; link both in a template"
            names = [key.removeprefix(f"{match[1]}(")[:-1] for key in values if key.startswith(match[1])]
            diagnostics.error("unknown-setting", source.location(line), message, got=match[2], allowed=sorted(names))
    return _REFERENCE.sub(lambda match: values.get(match[0], match[0]), text).encode("utf-8", "surrogateescape")
