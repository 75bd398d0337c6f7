"""The source's name where a page repeats it: `Source: VietnamPlus English` at the end of a text."""

import re
from functools import lru_cache
from typing import Final

from sitegen.util.cldr import normalize_label

_LONGEST: Final = 200
"""Characters at the end of a paragraph in which a credit is looked for."""


def without_credit(paragraph: str, labels: tuple[str, ...], name: str) -> str | None:
    """Return a paragraph without the credit at its end; None where it has none, or one that says another name."""
    start = max(0, len(paragraph) - _LONGEST)
    match = _pattern(labels).search(paragraph, start)
    if match is None or normalize_label(match[1]).rstrip(".。") != normalize_label(name).rstrip(".。"):
        return None
    return paragraph[: match.start()].rstrip()


@lru_cache(maxsize=4)
def _pattern(labels: tuple[str, ...]) -> re.Pattern[str]:
    either = "|".join(re.escape(label) for label in labels)
    return re.compile(
        rf"(?:^|(?<=\s)|(?<=[。！？.!?]))[（(]?(?:{either})\s*[:：]\s*([^:：\n]+?)[）)]?\s*$",
        re.IGNORECASE,
    )
