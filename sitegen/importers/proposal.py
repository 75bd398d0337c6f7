"""A proposal for `import.tags` of `site.yaml`: the unknown tags of an import, for the editor to complete."""

from collections import Counter
from collections.abc import Sequence

from sitegen.config.model import Config
from sitegen.content.frontmatter import dump_values
from sitegen.diagnostics import closest_match, replace_unprintable
from sitegen.importers.countries import country_names
from sitegen.importers.demonyms import find_mentions
from sitegen.importers.report import ImportReport
from sitegen.importers.topics import topic_labels
from sitegen.util.cldr import normalize_label


def render_proposal(reports: Sequence[ImportReport], config: Config) -> str:
    """Return YAML for `site.yaml`: each unknown tag with a topic or country that fits, or without a value.

    Countries that texts mention follow as comments, with the words that stand for them. They are not applied.
    """
    counts = Counter(tag for report in reports for tag in report.result.unknown_tags)
    lines = ["import:", "  tags:"] if counts else ["# All tags and categories are known."]
    for tag, count in counts.most_common():
        value, reason = _target(tag, config)
        key = dump_values({tag: None}).strip().removeprefix("{").removesuffix("}").removesuffix("null").rstrip()
        comment = f"{count} article{'s' * (count > 1)}{f', {reason}' if reason else ''}"
        lines.append(replace_unprintable(f"    {key}{f' {value}' if value else ''}  # {comment}"))
    if counts:
        lines.insert(
            0,
            "# Add a topic, a country or a list of both to each tag; [] ignores it. Without a value it stays unknown.",
        )
    mentions = [(report, pair) for report in reports for pair in report.mentions]
    if mentions:
        lines += [
            "",
            "# Countries that texts mention. Write those that an article is about into its file or its input:",
        ]
    for report in reports:
        if report.mentions:
            found = "; ".join(f"{code} ({words})" for code, words in report.mentions)
            lines.append(replace_unprintable(f"#   {report.name}{f':{report.line}' if report.line else ''}: {found}"))
    return "\n".join(lines)


def _target(tag: str, config: Config) -> tuple[str, str]:
    """Return the topic or country that a tag may stand for, and the reason; empty if there is none."""
    name, labels = normalize_label(tag), topic_labels(config)
    code = country_names(config).code(tag)
    if code is not None:
        return code, "the code of a country"
    mentions = find_mentions(tag, config) or find_mentions(tag.title(), config)
    if mentions:
        return mentions[0][0], f"by {mentions[0][1].rpartition(' ')[0]!r}"
    words = name.replace("-", " ").split()
    topic = next(
        (label for label in labels if label in words or (len(label) > 1 and not label.isascii() and label in name)),
        None,
    )
    topic = topic or closest_match(name, tuple(labels))
    return (labels[topic], f"by {topic!r}") if topic else ("", "")
