"""A proposal for `import.tags` of `site.yaml`: the unknown tags of an import, for the editor to complete."""

from collections import Counter
from collections.abc import Sequence

from sitegen.config.model import Config
from sitegen.content.frontmatter import dump_values
from sitegen.diagnostics import closest_match, replace_unprintable
from sitegen.importers.report import ImportReport
from sitegen.importers.values.countries import country_names
from sitegen.util.cldr import normalize_label


def render_proposal(reports: Sequence[ImportReport], config: Config) -> str:
    """Return YAML for `site.yaml`: each unknown tag with a topic or country that fits, or without a value."""
    counts = Counter(tag for report in reports for tag in report.unknown_tags)
    lines = ["# All tags and categories are known."]
    if counts:
        comment = (
            "Add a topic, a country or a list of both to each tag; [] ignores it. Without a value it stays unknown."
        )
        lines = [f"# {comment}", "import:", "  tags:"]
    for tag, count in counts.most_common():
        value, reason = _target(tag, config)
        key = dump_values({tag: None}).strip().removeprefix("{").removesuffix("}").removesuffix("null").rstrip()
        comment = f"{count} article{'s' * (count > 1)}{f', {reason}' if reason else ''}"
        lines.append(f"    {key}{f' {value}' if value else ''}  # {comment}")
    return "\n".join(map(replace_unprintable, lines))


def _target(tag: str, config: Config) -> tuple[str, str]:
    """Return the topic or country that a tag may stand for, and the reason; empty if there is none."""
    name, labels = normalize_label(tag), config.topic_labels()
    code = country_names(config).code(tag)
    if code is not None:
        return code, "the code of a country"
    words = name.replace("-", " ").split()
    topic = next(
        (label for label in labels if label in words or (len(label) > 1 and not label.isascii() and label in name)),
        None,
    )
    topic = topic or closest_match(name, tuple(labels))
    return (labels[topic], f"by {topic!r}") if topic else ("", "")
