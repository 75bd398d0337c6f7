"""A proposal for `import.tags` of `site.yaml`: the unknown tags of an import, for the editor to complete."""

from collections import Counter
from collections.abc import Sequence
from functools import lru_cache

from sitegen.config.model import Config
from sitegen.content.frontmatter import dump_values
from sitegen.diagnostics import closest_match, replace_unprintable
from sitegen.importers.countries import country_names
from sitegen.importers.report import ImportReport
from sitegen.importers.topics import topic_labels
from sitegen.util.cldr import normalize_label


def render_proposal(reports: Sequence[ImportReport], config: Config) -> str:
    """Return YAML for `site.yaml`: each unknown tag with a topic or country that fits, or without a value."""
    counts = Counter(tag for report in reports for tag in report.result.unknown_tags)
    if not counts:
        return "# All tags and categories are known."
    comment = "Add a topic, a country or a list of both to each tag; [] ignores it. Without a value it stays unknown."
    lines = [f"# {comment}", "import:", "  tags:"]
    for tag, count in counts.most_common():
        value, reason = _target(tag, config)
        key = dump_values({tag: None}).strip().removeprefix("{").removesuffix("}").removesuffix("null").rstrip()
        comment = f"{count} article{'s' * (count > 1)}{f', {reason}' if reason else ''}"
        lines.append(replace_unprintable(f"    {key}{f' {value}' if value else ''}  # {comment}"))
    return "\n".join(lines)


def _target(tag: str, config: Config) -> tuple[str, str]:
    """Return the topic or country that a tag may stand for, and the reason; empty if there is none."""
    name, topics, countries = normalize_label(tag), topic_labels(config), _country_labels(config)
    code = country_names(config).code(tag)
    if code is not None:
        return code, "the code of a country"
    for labels in (countries, topics):
        if label := next((label for label in labels if _has_label(name, label)), None):
            return labels[label], f"by {label!r}"
    topic = closest_match(name, tuple(topics))
    return (topics[topic], f"by {topic!r}") if topic else ("", "")


def _has_label(name: str, label: str) -> bool:
    """Return whether a tag has a label in it: as a word, or anywhere in a script without spaces."""
    is_part = len(label) > 1 and not label.isascii() and label in name
    return is_part or f" {label} " in f" {name.replace('-', ' ')} "


@lru_cache(maxsize=4)
def _country_labels(config: Config) -> dict[str, str]:
    """Return the codes of countries by their normalized names, the longest first: those of others can be in them."""
    codes = country_names(config).codes
    labels = {normalize_label(name): code for name, code in config.country_labels().items() if code in codes}
    return dict(sorted(labels.items(), key=lambda item: -len(item[0])))
