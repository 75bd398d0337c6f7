"""Whether other programs keep an article from the public: such an article is imported as a draft."""

from collections.abc import Mapping
from typing import Any, Final

TRUE: Final = frozenset({"true", "yes", "y", "on", "1"})
FALSE: Final = frozenset({"false", "no", "n", "off", "0"})
_HIDDEN_IF_TRUE: Final = frozenset(
    {"draft", "private", "hidden", "headless", "unlisted", "protected", "eleventyexcludefromcollections"}
)
_HIDDEN_IF_FALSE: Final = frozenset({"published", "publish", "public", "visible", "listed", "render", "permalink"})
_STATES: Final = frozenset({"status", "state", "visibility"})
_HIDDEN_STATES: Final = frozenset(
    {
        *("draft", "pending", "hidden", "private", "skip", "unpublished", "unlisted", "password", "protected"),
        *("members", "paid", "tiers", "filter", "internal"),
    }
)
_DRAFTS: Final = {"draft": TRUE, "published": FALSE, "status": {"draft", "pending"}, "state": {"draft", "pending"}}
"""Values that only say that the author has not published the article yet, which is not reported."""
_PASSWORDS: Final = frozenset({"password", "passwd", "post_password"})
_BUILD: Final = frozenset({"build", "_build"})
_NOT_BUILT: Final = FALSE | {"never", "link"}


def read_visibility(values: Mapping[str, Any]) -> tuple[tuple[str, ...], str]:
    """Return the keys that make an article a draft, and the reason if it is one because it was not public.

    The key of the reason comes first. The keys are not kept: one can be a password. Those of `values` are in lower
    case, their values are text.
    """
    keys = [key for key, value in values.items() if _hides(key, value)]
    reasons = [key for key in keys if key not in _DRAFTS or _word(values[key]) not in _DRAFTS[key]]
    reason = ""
    if reasons:
        key = reasons[0]
        reason = "it has a password" if key in _PASSWORDS else f"it has {key}: {_shown(values[key])}"
    return tuple(dict.fromkeys((*reasons, *keys))), reason


def _hides(key: str, value: Any) -> bool:
    word = _word(value)
    if key in _BUILD and isinstance(value, Mapping):
        return any(_word(value.get(part)) in _NOT_BUILT for part in ("render", "list"))
    return (
        (key in _HIDDEN_IF_TRUE and word in TRUE)
        or (key in _HIDDEN_IF_FALSE and word in FALSE)
        or (key in _STATES and word in _HIDDEN_STATES)
        or (key in _PASSWORDS and bool(word))
    )


def _word(value: Any) -> str:
    return value.strip().casefold() if isinstance(value, str) else ""


def _shown(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{key} {item}" for key, item in value.items())[:60]
    return repr(str(value)[:40])
