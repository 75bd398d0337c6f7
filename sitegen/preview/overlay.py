"""What is wrong, as the browser shows it: over the last good page, or as a page of its own where there is none yet."""

import re
from collections.abc import Sequence
from html import escape
from typing import Final

from sitegen.diagnostics import Diagnostic, Severity, help_lines, replace_unprintable
from sitegen.preview.pages import Page
from sitegen.preview.rebuild import Outcome

MOST_SHOWN: Final = 50
_WORD: Final = re.compile(r"[\w.+-]+|.")

_STYLE: Final = """\
:host { all: initial }
* { box-sizing: border-box }
details { position: fixed; z-index: 2147483647; inset: auto 0 0 0; max-height: 75vh; overflow: auto; margin: 0;
  font: 14px/1.5 system-ui, sans-serif; color: #1c1b19; background: #fffdf7; border-top: 4px solid #b3261e;
  box-shadow: 0 -8px 32px #0006 }
details.warning { border-top-color: #a36a00 }
details:not([open]) { inset: auto auto 12px 12px; border: 1px solid #a36a00; border-radius: 4px;
  box-shadow: none }
summary { padding: 10px 56px 10px 20px; font-weight: 600; cursor: pointer }
details:not([open]) summary { padding: 4px 12px; font-size: 13px }
button { position: absolute; inset: 6px 12px auto auto; border: 0; padding: 4px 10px; font: inherit; font-size: 20px;
  line-height: 1.2; color: inherit; background: none; cursor: pointer }
p.kept { margin: 0 20px 8px; color: #5d5a54 }
ol { list-style: none; margin: 0; padding: 0 20px 16px }
li { border-top: 1px solid #ddd6c6; padding: 10px 0 }
li p { margin: 0 }
.where { font-family: ui-monospace, monospace; font-size: 13px; overflow-wrap: anywhere }
.where b { color: #b3261e }
.warning > .where b { color: #7d5200 }
pre { margin: 6px 0; padding: 6px 10px; overflow: auto; font: 13px/1.5 ui-monospace, monospace; background: #f3eee2 }
pre span { color: #8a857b; user-select: none }
mark { color: inherit; background: #ffd9d3; outline: 1px solid #b3261e }
.help { color: #3b4d2e }
@media (prefers-color-scheme: dark) {
  details { color: #eceae4; background: #1d1d20 } li { border-color: #3a3a40 } pre { background: #28282c }
  p.kept, pre span { color: #a09c94 } mark { background: #5c231d } .help { color: #b7cfa2 }
  .where b { color: #ff8a80 } .warning > .where b { color: #f0b860 }
}
@media print { details { display: none } }
"""
_PAGE_STYLE: Final = _STYLE.replace("details {", "details, details[open] { position: static !important } details {", 1)


def headline(outcome: Outcome) -> str:
    """Return what is wrong in a few words; empty where nothing is."""
    if outcome.failure:
        return "The preview could not be built"
    errors = sum(item.severity is Severity.ERROR for item in outcome.diagnostics)
    warnings = len(outcome.diagnostics) - errors
    counts = ((errors, "error"), (warnings, "warning"))
    return " and ".join(f"{count:,} {noun if count == 1 else noun + 's'}" for count, noun in counts if count)


def overlay(outcome: Outcome) -> str:
    """Return the HTML that lies over a page, for a shadow root; empty where nothing is wrong.

    What stops the build lies open, warnings alone are folded.
    """
    title = headline(outcome)
    if not title:
        return ""
    kept = "" if outcome.ok else '<p class="kept">Behind this is the last good page.</p>'
    state = 'class="warning"' if outcome.ok else "open"
    return (
        f'<style>{_STYLE}</style><details {state} lang="en" role="region" aria-label="Mistakes">'
        f"<summary>{escape(title)}</summary>"
        f'<button type="button" aria-label="Close">×</button>{kept}{_list(outcome)}</details>'
    )


def first_page(outcome: Outcome) -> Page:
    """Return the page that stands in for a site that could not be built yet."""
    body = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>No preview yet</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_PAGE_STYLE}</style></head><body><details open><summary>{escape(headline(outcome))}</summary>"
        '<p class="kept">There is no page yet; the first comes by itself once this is mended.</p>'
        f"{_list(outcome)}</details></body></html>"
    )
    return Page(503, body.encode(), is_own=True)


def _list(outcome: Outcome) -> str:
    if outcome.failure:
        return f"<ol><li><p>{escape(replace_unprintable(outcome.failure))}</p></li></ol>"
    return f"<ol>{''.join(_items(outcome.diagnostics))}</ol>"


def _items(diagnostics: Sequence[Diagnostic]) -> list[str]:
    # What stops the build comes first, each kind in the order of the report.
    ordered = sorted(diagnostics, key=lambda item: item.severity is not Severity.ERROR)
    items = [_item(item) for item in ordered[:MOST_SHOWN]]
    if len(ordered) > MOST_SHOWN:
        items.append(f"<li><p>and {len(ordered) - MOST_SHOWN:,} more; the terminal shows all</p></li>")
    return items


def _item(item: Diagnostic) -> str:
    location = item.location
    where = ":".join(
        [replace_unprintable(location.path), *(str(number) for number in (location.line, location.column) if number)]
    )
    what = f"{item.severity}[{escape(item.code)}]"
    parts = [
        f'<p class="where"><span translate="no">{escape(where)}</span>: <b>{what}</b></p>',
        f'<p class="message">{escape(replace_unprintable(item.message))}</p>',
    ]
    if location.excerpt.strip():
        parts.append(f'<pre translate="no" lang=""><span>{location.line:>4} | </span>{_excerpt(item)}</pre>')
    parts += [f'<p class="help">{escape(line)}</p>' for line in help_lines(item)]
    return f'<li class="{item.severity}">{"".join(parts)}</li>'


def _excerpt(item: Diagnostic) -> str:
    """Return the line with the word marked at which the mistake stands."""
    location = item.location
    shown = replace_unprintable(location.excerpt)
    start = location.column - 1 - location.excerpt_start
    word = _WORD.match(shown, start) if location.column and 0 <= start < len(shown) else None
    if word is None:
        return escape(shown)
    return f"{escape(shown[:start])}<mark>{escape(word[0])}</mark>{escape(shown[word.end() :])}"
