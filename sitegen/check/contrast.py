"""Contrast of the colours of a stylesheet: text on its background, in light and in dark mode.

It reads the colours that a rule sets together, and else the background of the page. It does not know the cascade, so it
finds what a theme states, and no more.
"""

import re
from collections.abc import Iterator
from typing import Final

from msgspec import Struct

MIN_CONTRAST: Final = 4.5
"""WCAG 2.2, success criterion 1.4.3, for text of normal size."""
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_STATEMENT: Final = re.compile(r"([^{};]*)([{};])")
_HEX: Final = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
_VARIABLE: Final = re.compile(r"var\((--[\w-]+)\)")
_PAGE: Final = frozenset({":root", "html", "body"})


class Pair(Struct, frozen=True):
    """A colour and the background that it is on, as hexadecimal numbers, with the ratio of their luminances."""

    selector: str
    color: str
    background: str
    is_dark: bool
    ratio: float


class _Rule(Struct, frozen=True):
    selector: str
    context: tuple[str, ...]
    values: dict[str, str]


def low_contrasts(css: str) -> Iterator[Pair]:
    """Yield the pairs of colours of a stylesheet whose contrast is too low, each once."""
    rules = list(_rules(_COMMENT.sub("", css)))
    for is_dark in (False, True):
        variables = _variables(rules, is_dark=is_dark)
        page = _page_background(rules, variables, is_dark=is_dark)
        seen = set()
        for rule in rules:
            if not _applies(rule, is_dark=is_dark) or "color" not in rule.values:
                continue
            color = _color(rule.values["color"], variables)
            own = rule.values.get("background-color") or rule.values.get("background")
            background = _color(own, variables) if own is not None else page
            if color is None or background in {None, color} or (color, background) in seen:
                continue  # text in the colour of the page is on something else
            seen.add((color, background))
            ratio = contrast(color, background)
            if ratio < MIN_CONTRAST:
                yield Pair(rule.selector, color, background, is_dark, ratio)
        if not any("prefers-color-scheme" in part for rule in rules for part in rule.context):
            return


def _rules(css: str) -> Iterator[_Rule]:
    """Yield every rule with the selectors and conditions around it."""
    stack: list[tuple[str, dict[str, str]]] = []
    for text, end in _STATEMENT.findall(css):
        name, colon, value = text.strip().partition(":")
        if end != "{" and colon and stack and not name.startswith("@"):
            stack[-1][1][name.strip()] = value.strip()
        if end == "{":
            stack.append((" ".join(text.split()), {}))
        elif end == "}" and stack:
            selector, values = stack.pop()
            yield _Rule(selector, tuple(outer for outer, _ in stack), values)


def _applies(rule: _Rule, *, is_dark: bool) -> bool:
    conditions = [part for part in (*rule.context, rule.selector) if part.startswith("@media")]
    if any("print" in part or "forced-colors" in part or "prefers-contrast" in part for part in conditions):
        return False
    schemes = [part for part in conditions if "prefers-color-scheme" in part]
    return all(("dark" in part) == is_dark for part in schemes)


def _variables(rules: list[_Rule], *, is_dark: bool) -> dict[str, str]:
    found: dict[str, str] = {}
    for rule in rules:
        if rule.selector in _PAGE and _applies(rule, is_dark=is_dark):
            found |= {name: value for name, value in rule.values.items() if name.startswith("--")}
    return found


def _page_background(rules: list[_Rule], variables: dict[str, str], *, is_dark: bool) -> str | None:
    found = None
    for rule in rules:
        own = rule.values.get("background-color") or rule.values.get("background")
        if rule.selector in _PAGE and own is not None and _applies(rule, is_dark=is_dark):
            found = _color(own, variables)
    return found


def _color(value: str, variables: dict[str, str]) -> str | None:
    """Return the colour in a value as six hexadecimal digits; None if it has none, or more than one."""
    for _ in range(3):
        value = _VARIABLE.sub(lambda match: variables.get(match[1], ""), value)
    found = _HEX.findall(value)
    if len(found) != 1 or "gradient" in value or "color-mix" in value:
        return None
    digits = found[0][1:].lower()
    return digits if len(digits) == 6 else "".join(2 * digit for digit in digits)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours of six hexadecimal digits, 1 to 21 (WCAG 2.2, contrast ratio)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    channels = [int(color[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
