"""Reads the mapping `check` of `site.yaml`."""

from collections.abc import Iterator
from typing import Final

from sitegen.config.model import CHECK_SEVERITIES, CheckSettings, SeverityChange
from sitegen.yaml_source.nodes import Mapping, Node, Scalar
from sitegen.yaml_source.reader import MappingReader

_HINT: Final = "check: {rules: {three-dots: off}}"
_MAX_KB: Final = 100_000


def read_check_settings(fields: MappingReader) -> CheckSettings:
    """Return the severities and budgets. `sitegen check` reports unknown codes, because rules can be plugins."""
    inner = fields.fields("check", hint=_HINT)
    if inner is None:
        return CheckSettings()
    changes = list(_changes(inner, "", "rules", inner.node("rules")))
    for path, node in inner.pairs("paths", "a mapping of folders and files to rules"):
        changes += _changes(inner, path.value.strip("/"), f"paths.{path.value}", node)
    base = CheckSettings()
    page, picture = inner.integer("page_kb", 1, _MAX_KB), inner.integer("picture_kb", 1, _MAX_KB)
    return CheckSettings(tuple(changes), page or base.page_kb, picture or base.picture_kb)


def _changes(fields: MappingReader, path: str, key: str, node: Node | None) -> Iterator[SeverityChange]:
    if node is not None and not isinstance(node, Mapping):
        fields.wrong_type(key, node, "a mapping of rules to severities", hint=_HINT)
    for code, value in node.pairs if isinstance(node, Mapping) else ():
        if isinstance(value, Scalar) and value.value in CHECK_SEVERITIES:
            yield SeverityChange(path, code.value, value.value, code.location)
        else:
            got = value.value if isinstance(value, Scalar) else "a list or a mapping"
            message = f"the severity of {code.value!r} is {got!r}"
            fields.error("not-allowed", value.location, message, got=got, allowed=CHECK_SEVERITIES)
