"""Reads the mapping `publish` of `site.yaml`. Values that look like secrets are refused and never printed."""

import re
from typing import Any, Final

from sitegen.config.targets import DEFAULT_KEEP, DEFAULT_TIMEOUT, TARGET_TYPES, Target
from sitegen.diagnostics import Diagnostics
from sitegen.yaml_source.nodes import Mapping, Node, Scalar
from sitegen.yaml_source.reader import KEY, MappingReader

CONTROL_CHARS: Final = re.compile(r"[\x00-\x1f\x7f]")


class OptionsReader(MappingReader):
    """Reads the keys of one target; `base_url` is the address of the site."""

    __slots__ = ("base_url",)

    def __init__(self, mapping: Mapping, diagnostics: Diagnostics, base_url: str) -> None:
        super().__init__(mapping, diagnostics)
        self.base_url = base_url

    def integer_or(self, key: str, low: int, high: int, default: int) -> int:
        """Return a whole number between `low` and `high`, or the default."""
        value = self.integer(key, low, high)
        return default if value is None else value

    def matching(self, key: str, pattern: re.Pattern[str], expected: str, hint: str) -> str:
        """Return a required value that matches a pattern; "" after an error."""
        scalar = self.scalar(key, required=True, hint=hint)
        if scalar is None:
            return ""
        if not pattern.fullmatch(scalar.value) or CONTROL_CHARS.search(scalar.value):
            message = f"{key!r} is {scalar.value!r}; expected {expected}"
            self.error(f"bad-{key}", scalar.location, message, hint=hint)
        return scalar.value


def read_targets(fields: MappingReader, base_url: str, diagnostics: Diagnostics) -> tuple[Target, ...]:
    """Return the valid targets of the mapping `publish`."""
    table = fields.node("publish")
    if table is None:
        return ()
    if not isinstance(table, Mapping):
        fields.wrong_type("publish", table, "a mapping of names to targets")
        return ()
    targets = []
    for name, node in table.pairs:
        before = len(diagnostics)
        target = _read_target(fields, name, node, diagnostics, base_url)
        if target is not None and len(diagnostics) == before:
            targets.append(target)
    return tuple(targets)


def _read_target(
    fields: MappingReader, name: Scalar, node: Node, diagnostics: Diagnostics, base_url: str
) -> Target | None:
    if not KEY.fullmatch(name.value):
        message = f"publish: {name.value!r} is not a valid name; expected lower-case letters, digits and hyphens"
        diagnostics.error("bad-key", name.location, message)
    if not isinstance(node, Mapping):
        fields.wrong_type(f"publish.{name.value}", node, "a mapping with the key 'kind'")
        return None
    reader = OptionsReader(node, diagnostics, base_url)
    kind = reader.choice("kind", tuple(TARGET_TYPES), required=True)
    if kind is None:
        return None
    common: dict[str, Any] = {
        "keep_releases": reader.integer_or("keep", 1, 1000, DEFAULT_KEEP),
        "max_delete": reader.integer("max_delete", 0, 1_000_000),
        "hook": reader.texts("hook"),
        "changed_urls_file": reader.text("changed"),
        "timeout": reader.integer_or("timeout", 1, 3600, DEFAULT_TIMEOUT),
    }
    options = TARGET_TYPES[kind].read_options(reader)
    reader.reject_unknown_keys()
    return Target(name=name.value, type=kind, options=options, **common)
