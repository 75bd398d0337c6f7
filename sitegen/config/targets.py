"""Publish targets: the mapping `publish` of `site.yaml`. The options of each type belong to `sitegen.publish`.

Values that look like secrets are refused and never printed.
"""

from collections.abc import Mapping
from typing import Any, Final

from msgspec import Struct

from sitegen.diagnostics import Diagnostics
from sitegen.util.plugins import returned
from sitegen.util.registry import Registry
from sitegen.yaml_source.nodes import Mapping as MappingNode
from sitegen.yaml_source.nodes import Node, Scalar
from sitegen.yaml_source.reader import KEY, MappingReader

DEFAULT_KEEP: Final = 5
DEFAULT_TIMEOUT: Final = 60


class Target(Struct, frozen=True, kw_only=True):
    """A publish target.

    `keep_releases` is the number of releases to keep, and for how many publishes an asset outlives the pages that use
    it. `max_delete` is the number of files that may be deleted without permission, None for the default limit. `hook`
    is a command that receives the changed URLs on standard input, `changed_urls_file` a file that lists them. `timeout`
    is in seconds without output. `options` are the values that only this type has, as its reader returned them.
    """

    name: str
    type: str
    keep_releases: int = DEFAULT_KEEP
    max_delete: int | None = None
    hook: tuple[str, ...] = ()
    changed_urls_file: str | None = None
    timeout: int = DEFAULT_TIMEOUT
    options: Mapping[str, Any] = {}


TARGET_TYPES: Final = Registry[Any]("sitegen.publish.targets")
"""Subclasses of `publish.backend.TargetBackend` by the value of `kind`. Filled only if a `site.yaml` has targets."""


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
    if not isinstance(node, MappingNode):
        fields.wrong_type(f"publish.{name.value}", node, "a mapping with the key 'kind'")
        return None
    reader = fields.child(node)
    hint = "the package of a plugin adds other kinds; install it"
    kind = reader.choice("kind", tuple(TARGET_TYPES), required=True, hint=hint)
    if kind is None:
        return None
    read_options = TARGET_TYPES[kind].read_options
    target = Target(
        name=name.value,
        type=kind,
        keep_releases=reader.integer("keep", 1, 1000) or DEFAULT_KEEP,
        max_delete=reader.integer("max_delete", 0, 1_000_000),
        hook=reader.texts("hook"),
        changed_urls_file=reader.text("changed"),
        timeout=reader.integer("timeout", 1, 3600) or DEFAULT_TIMEOUT,
        options=returned(read_options, read_options(reader), Mapping, "the values of its keys by key"),
    )
    reader.reject_unknown_keys()
    return target
