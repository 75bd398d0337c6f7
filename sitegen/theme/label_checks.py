"""Compares the labels of a theme with those of its parents: placeholders that have no value, and misspelled keys."""

import re
from collections.abc import Iterable, Mapping, Sequence

from sitegen.diagnostics import Diagnostics, SourceLocation, closest_match
from sitegen.theme.feed_labels import placeholders_in
from sitegen.theme.model import Message, Theme

LabelPlaces = Mapping[tuple[str, Message], SourceLocation]
"""The location of each label by the name of its theme."""


def check_labels(
    layers: Sequence[Theme], plugins: Sequence[Theme], places: LabelPlaces, diagnostics: Diagnostics
) -> None:
    """Report labels of a theme that do not fit those of its parents; `layers` is the theme, then its parents.

    `plugins` are the templates and labels of plugins, which count as those of a parent.

    A placeholder that the label of the parents lacks is an error, unless a template of the theme uses the label. A key
    that no parent and no template has is a warning if it is similar to one of the parents.
    """
    if not any(layer.labels for layer in layers[:-1]):
        return
    names = {
        name
        for layer in (*layers, *plugins)
        for template in layer.templates
        for name in re.findall(r"\w+", template.source)
    }
    for index, layer in enumerate(layers[:-1]):
        inherited = _placeholders(label for parent in (*layers[index + 1 :], *plugins) for label in parent.labels)
        own = {name for template in layer.templates for name in re.findall(r"\w+", template.source)}
        for label in layer.labels:
            location = places[layer.name, label]
            if label.key not in inherited:
                near = closest_match(label.key, sorted(inherited)) if label.key not in names else None
                if near is not None:
                    message = f"no template uses the label {label.key!r}, and no parent of the theme has it"
                    diagnostics.warning("unused-label", location, message, near=near, hint="rename or delete it")
                continue
            allowed = inherited[label.key]
            for name in sorted(_placeholders([label])[label.key] - allowed) if label.key not in own else ():
                message = f"the label {label.key!r} has the placeholder {{{name}}}, for which templates give no value"
                diagnostics.error("bad-label", location, message, got=name, allowed=sorted(allowed))


def _placeholders(labels: Iterable[Message]) -> dict[str, set[str]]:
    """Return the names of all placeholders of labels in any language and plural form, by the key of the label."""
    found: dict[str, set[str]] = {}
    for label in labels:
        found.setdefault(label.key, set()).update(name for _, text in label.forms for name in placeholders_in(text))
    return found
