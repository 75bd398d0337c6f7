"""Values of the front matter for articles whose page does not have them, as `sitegen import --default` sets them."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from sitegen.config.model import Config
from sitegen.content.articles import read_front
from sitegen.content.frontmatter import IMPORTANCE_MAX, IMPORTANCE_MIN
from sitegen.content.slugs import slug_problem, valid_slug
from sitegen.diagnostics import Diagnostics, Severity, SourceText, UsageError, closest_match, help_lines
from sitegen.util.cldr import normalize_label

IMPORTANCES: Final = (IMPORTANCE_MIN, IMPORTANCE_MAX)
_NO_VALUE: Final = re.compile(r"\s*(~|null|Null|NULL)?\s*(#.*)?")
_NEXT_PAIR: Final = re.compile(r",\s*(?=[a-z_]+=)")
_SINGULAR: Final = {"topic": "topics", "country": "countries"}
_UNIQUE: Final = ("id", "title", "aliases", "imported")
_REQUIRED: Final = {"id": "none-none", "title": "None", "date": "2000-01-01", "lang": "en", "importance": "1"} | {
    "source": "{name: None}",
    "summary": "None",
}


def parse_defaults(
    values: Sequence[str],
    config: Config,
    *,
    topics: Sequence[str] = (),
    importance: int | None = None,
    slug: str | None = None,
) -> dict[str, Any]:
    """Parse `KEY=VALUE`, with values as in front matter; some keys have an option of their own.

    A value can have several, with commas between them, and `topic=KEY` and `country=CODE` are lists of one.
    Raises UsageError for what front matter does not allow.
    """
    known = [term.key for term in config.topics]
    check_known("--topic", topics, known, config.topic_labels(), f"one of {', '.join(known)}")
    check_slug(slug)
    named = {"topics": f"[{', '.join(topics)}]" if topics else None, "importance": importance, "slug": slug}
    separate = [_with_list(pair) for value in values for pair in _NEXT_PAIR.split(value)]
    return _parse_pairs([*separate, *(f"{key}={value}" for key, value in named.items() if value is not None)], config)


def _with_list(pair: str) -> str:
    """Return a pair with the name of the list in place of that of an item."""
    key, _, value = pair.partition("=")
    return f"{_SINGULAR[key]}=[{value}]" if key in _SINGULAR and value else pair


def _parse_pairs(values: Sequence[str], config: Config) -> dict[str, Any]:
    pairs = {value.partition("=")[0]: value for value in values}
    for key, pair in pairs.items():
        _check_pair(key, pair)
    known = {key: f"{key}={value}" for key, value in _REQUIRED.items()} | {"topics": f"topics=[{config.topics[0].key}]"}
    lines = known | pairs
    text = "".join(f"{key}: {pair.partition('=')[2]}\n" for key, pair in lines.items())
    diagnostics = Diagnostics()
    front = read_front(SourceText("--default", text), config.content_schema, diagnostics)
    errors = [item for item in diagnostics.sorted() if item.severity is Severity.ERROR]
    for error in errors:
        pair = [*lines.values()][error.location.line - 1] if 0 < error.location.line <= len(lines) else ""
        option = f"--default {pair!r}" if pair in pairs.values() else "--default"
        advice = (
            help_lines(error)[:1] if error.suggestion else help_lines(error)[-1:]
        )  # the hint, or the allowed values
        raise UsageError("; ".join([f"{option}: {error.message}", *(line.removeprefix("hint: ") for line in advice)]))
    if front is None:
        raise UsageError("--default: these values cannot be read together; expected KEY=VALUE with a value in YAML")
    return {key: getattr(front, key) for key in pairs}


def _check_pair(key: str, pair: str) -> None:
    """Raise UsageError for a default that is not of the form KEY=VALUE, or whose key cannot have one."""
    value = pair.partition("=")[2]
    if key == pair or not key.strip() or len(pair.splitlines()) > 1:
        raise UsageError(f"--default {pair!r}: expected KEY=VALUE in one line, such as draft=true")
    if _NO_VALUE.fullmatch(value):
        raise UsageError(f"--default {pair!r}: the value is empty; expected {key}=VALUE, or leave the option out")
    if key in _UNIQUE:
        raise UsageError(f"--default {pair!r}: {key!r} cannot have a default, because each article has its own")


def check_known(
    option: str, values: Iterable[str], allowed: Sequence[str], names: Mapping[str, str], expected: str
) -> None:
    """Raise UsageError for a value of an option that is not allowed, with the closest one or what is expected.

    `names` are allowed values by their normalized names in any language.
    """
    for value in values:
        if value not in allowed:
            match = names.get(normalize_label(value)) or closest_match(value, allowed)
            hint = f"did you mean {match!r}?" if match else f"expected {expected}"
            raise UsageError(f"{option} {value!r} is not known; {hint}")


def check_slug(slug: str | None) -> None:
    """Raise UsageError if --slug is not a valid slug, with one that is."""
    if slug is not None and (problem := slug_problem(slug)):
        near = valid_slug(slug)
        raise UsageError(f"--slug {slug!r} {problem}" + (f"; did you mean {near!r}?" if near else ""))
