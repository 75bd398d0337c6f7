"""Reads the mapping `publish` of `site.yaml`. Values that look like secrets are refused and never printed."""

import re
from typing import Any, Final

from sitegen.config.model import KEY
from sitegen.config.secrets import holds_secret, is_secret_key, report, secrets_of_target
from sitegen.config.targets import DEFAULT_KEEP, DEFAULT_TIMEOUT, TARGET_TYPES, Target
from sitegen.diagnostics import Diagnostics
from sitegen.yaml_source.nodes import Mapping, Node, Scalar
from sitegen.yaml_source.reader import MappingReader

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
        if scalar is None or holds_secret(scalar.value, key):
            return ""  # a secret is already reported, without its value
        if not pattern.fullmatch(scalar.value) or CONTROL_CHARS.search(scalar.value):
            message = f"{key!r} is {scalar.value!r}; expected {expected}"
            self.error(f"bad-{key}", scalar.location, message, hint=hint)
        return scalar.value


def read_targets(fields: MappingReader, base_url: str) -> tuple[tuple[Target, ...], Diagnostics]:
    """Read the mapping `publish`; return the valid targets, and all diagnostics."""
    diagnostics = Diagnostics()
    table = fields.node("publish")
    if table is None:
        return (), diagnostics
    if not isinstance(table, Mapping):
        empty = MappingReader(Mapping((), table.mark), diagnostics)
        empty.wrong_type("publish", table, "a mapping of names to targets")
        return (), diagnostics
    targets = []
    for name, node in table.pairs:
        before = len(diagnostics)
        target = _read_target(name, node, diagnostics, base_url)
        if target is not None and len(diagnostics) == before:
            targets.append(target)
    return tuple(targets), diagnostics


def _read_target(name: Scalar, node: Node, diagnostics: Diagnostics, base_url: str) -> Target | None:
    if not KEY.fullmatch(name.value):
        message = f"publish: {name.value!r} is not a valid name; expected lower-case letters, digits and hyphens"
        diagnostics.error("bad-key", name.location, message)
    pairs = node.pairs if isinstance(node, Mapping) else ()
    # A key that is reported as a secret is not reported as unknown.
    public = Mapping(tuple(pair for pair in pairs if not is_secret_key(pair[0].value)), node.mark)
    reader = OptionsReader(public, diagnostics, base_url)
    if not isinstance(node, Mapping):
        reader.wrong_type(f"publish.{name.value}", node, "a mapping with the key 'kind'")
        return None
    report(secrets_of_target(node), diagnostics)
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
