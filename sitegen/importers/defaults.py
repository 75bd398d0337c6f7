"""Values of the front matter for articles whose page does not have them, as `sitegen import --default` sets them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.content.articles import read_front
from sitegen.content.frontmatter import FrontMatter
from sitegen.diagnostics import Diagnostics, Severity, SourceText
from sitegen.errors import UsageError

_UNIQUE: Final = ("id", "title", "aliases", "imported")
_REQUIRED: Final = {"id": "none-none", "title": "None", "date": "2000-01-01", "lang": "en", "importance": "1"} | {
    "source": "{name: None}",
    "summary": "None",
}


def parse_defaults(values: Sequence[str], config: Config) -> dict[str, Any]:
    """Parse `KEY=VALUE`, with values as in front matter. Raises UsageError for what front matter does not allow."""
    pairs = dict(value.partition("=")[::2] for value in values)
    for key in pairs:
        if key in _UNIQUE:
            raise UsageError(f"{key!r} cannot have a default: each article has its own")
    known = _REQUIRED | {"topics": f"[{config.topics[0].key}]"}
    text = "".join(f"{key}: {value}\n" for key, value in (known | pairs).items())
    diagnostics = Diagnostics()
    front = read_front(SourceText("--default", text), config.content_schema, diagnostics)
    errors = [item for item in diagnostics.sorted() if item.severity is Severity.ERROR]
    if front is None or errors or text.count("\n") != len(known | pairs):
        problem = errors[0] if errors else None
        hint = (problem.suggestion and f"did you mean {problem.suggestion!r}?") or problem.hint if problem else ""
        message = f"{problem.message}{'; ' if hint else ''}{hint}" if problem else "expected KEY=VALUE in one line"
        raise UsageError(f"invalid default: {message}")
    return {key: getattr(front, key) for key in pairs}


def fill_in(front: FrontMatter, defaults: Mapping[str, Any]) -> FrontMatter:
    """Return the front matter with a default for each value that is empty."""
    return replace(front, **{key: value for key, value in defaults.items() if not getattr(front, key)})
