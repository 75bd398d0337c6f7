"""Contrast of the colours of a stylesheet: text on its background, in light and in dark mode.

It reads the colours that a rule sets together, and else the background of the page. It does not know the cascade, so it
finds what a theme states, and no more.
"""

import re
from collections.abc import Iterator
from typing import Final

MIN_CONTRAST: Final = 4.5
"""WCAG 2.2, success criterion 1.4.3, for text of normal size."""
_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_STATEMENT: Final = re.compile(r"([^{};]*)([{};])")
_HEX: Final = re.compile(r"#(?:[0-9a-fA-F]{6}|[0-9a-fA-F]{3})\b")
_VARIABLE: Final = re.compile(r"var\((--[\w-]+)\)")
_PAGE: Final = frozenset({":root", "html", "body"})


_Rule = tuple[tuple[str, ...], dict[str, str]]
"""The selector of a rule, after the selectors and conditions around it, and its values."""


def low_contrasts(css: str) -> Iterator[str]:
    """Yield a description of each pair of colours of a stylesheet whose contrast is too low."""
    rules = list(_rules(_COMMENT.sub("", css)))
    has_dark_mode = any("prefers-color-scheme" in part for context, _ in rules for part in context[:-1])
    for is_dark in (False, True) if has_dark_mode else (False,):
        applied = [(context[-1], values) for context, values in rules if _applies(context, is_dark=is_dark)]
        page: dict[str, str] = {}
        for selector, values in applied:
            page |= values if selector in _PAGE else {}
        seen = set()
        for selector, values in applied:
            color = _color(values.get("color", ""), page)
            background = _color(values.get("background", page.get("background", "")), page)
            if color is None or background in {None, color} or (color, background) in seen:
                continue  # text in the colour of the page is on something else
            seen.add((color, background))
            ratio = contrast(color, background)
            if ratio < MIN_CONTRAST:
                mode = " in dark mode" if is_dark else ""
                yield f"{selector}: {color} on {background} has a contrast of {ratio:.1f}{mode}"


def _rules(css: str) -> Iterator[_Rule]:
    stack: list[tuple[str, dict[str, str]]] = []
    for text, end in _STATEMENT.findall(css):
        name, colon, value = text.strip().partition(":")
        if end != "{" and colon and stack and not name.startswith("@"):
            key = name.strip()
            stack[-1][1]["background" if key == "background-color" else key] = value.strip()
        if end == "{":
            stack.append((" ".join(text.split()), {}))
        elif end == "}" and stack:
            yield tuple(selector for selector, _ in stack), stack.pop()[1]


def _applies(context: tuple[str, ...], *, is_dark: bool) -> bool:
    conditions = [part for part in context if part.startswith("@media")]
    if any("print" in part or "forced-colors" in part or "prefers-contrast" in part for part in conditions):
        return False
    schemes = [part for part in conditions if "prefers-color-scheme" in part]
    return all(("dark" in part) == is_dark for part in schemes)


def _color(value: str, variables: dict[str, str]) -> str | None:
    """Return the colour in a value as six hexadecimal digits; None if it has none, or more than one."""
    for _ in range(3):
        value = _VARIABLE.sub(lambda match: variables.get(match[1], ""), value)
    matches = _HEX.findall(value)
    if len(matches) != 1 or "gradient" in value or "color-mix" in value:
        return None
    digits = matches[0][1:].lower()
    return digits if len(digits) == 6 else "".join(2 * digit for digit in digits)


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours of six hexadecimal digits, 1 to 21 (WCAG 2.2, contrast ratio)."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _luminance(color: str) -> float:
    channels = [int(color[index : index + 2], 16) / 255 for index in (0, 2, 4)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
