"""Reads the mapping `publish` of `site.yaml`. Values that look like secrets are refused and never printed."""

from typing import Any

from sitegen.config.targets import DEFAULT_KEEP, DEFAULT_TIMEOUT, TARGET_TYPES, Target
from sitegen.diagnostics import Diagnostics
from sitegen.yaml_source.nodes import Mapping, Node, Scalar
from sitegen.yaml_source.reader import KEY, MappingReader


def read_targets(fields: MappingReader, diagnostics: Diagnostics) -> tuple[Target, ...]:
    """Return the valid targets of the mapping `publish`."""
    targets = []
    for name, node in fields.pairs("publish", "a mapping of names to targets"):
        before = len(diagnostics)
        target = _read_target(fields, name, node)
        if target is not None and len(diagnostics) == before:
            targets.append(target)
    return tuple(targets)


def _read_target(fields: MappingReader, name: Scalar, node: Node) -> Target | None:
    if not KEY.fullmatch(name.value):
        message = f"publish: {name.value!r} is not a valid name; expected lower-case letters, digits and hyphens"
        fields.error("bad-key", name.location, message)
    if not isinstance(node, Mapping):
        fields.wrong_type(f"publish.{name.value}", node, "a mapping with the key 'kind'")
        return None
    reader = fields.child(node)
    kind = reader.choice("kind", tuple(TARGET_TYPES), required=True)
    if kind is None:
        return None
    common: dict[str, Any] = {
        "keep_releases": reader.integer("keep", 1, 1000) or DEFAULT_KEEP,
        "max_delete": reader.integer("max_delete", 0, 1_000_000),
        "hook": reader.texts("hook"),
        "changed_urls_file": reader.text("changed"),
        "timeout": reader.integer("timeout", 1, 3600) or DEFAULT_TIMEOUT,
    }
    options = TARGET_TYPES[kind].read_options(reader)
    reader.reject_unknown_keys()
    return Target(name=name.value, type=kind, options=options, **common)
