"""The problems of a build as HTML: an overlay on the last good page, or a page of their own before the first build."""

import re
from html import escape
from typing import Final

from sitegen.diagnostics import Diagnostic, Severity, help_lines, replace_unprintable
from sitegen.preview.pages import Page
from sitegen.preview.rebuild import RebuildResult

MAX_SHOWN: Final = 50
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
p.note { margin: 0 20px 8px; color: #5d5a54 }
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
  p.note, pre span { color: #a09c94 } mark { background: #5c231d } .help { color: #b7cfa2 }
  .where b { color: #ff8a80 } .warning > .where b { color: #f0b860 }
}
@media print { details { display: none } }
"""
_PAGE_STYLE: Final = _STYLE.replace("details {", "details, details[open] { position: static !important } details {", 1)


def headline(result: RebuildResult) -> str:
    """Return a summary such as `2 errors and 1 warning`; empty if there are no problems."""
    if result.failure:
        return "The preview could not be built"
    errors = sum(item.severity is Severity.ERROR for item in result.diagnostics)
    warnings = len(result.diagnostics) - errors
    counts = ((errors, "error"), (warnings, "warning"))
    return " and ".join(f"{count:,} {noun if count == 1 else noun + 's'}" for count, noun in counts if count)


def overlay(result: RebuildResult) -> str:
    """Return the HTML of an overlay for a shadow root: open after a failed build, folded for warnings, else empty."""
    title = headline(result)
    if not title:
        return ""
    note = "" if result.ok else '<p class="note">The last good page is shown below.</p>'
    state = 'class="warning"' if result.ok else "open"
    return (
        f'<style>{_STYLE}</style><details {state} lang="en" role="region" aria-label="Problems">'
        f"<summary>{escape(title)}</summary>"
        f'<button type="button" aria-label="Close">×</button>{note}{_list(result)}</details>'
    )


def problem_page(result: RebuildResult) -> Page:
    """Return the page that replaces a site until its first successful build."""
    body = (
        '<!DOCTYPE html><html lang="en"><head><meta charset="utf-8"><title>No preview yet</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<style>{_PAGE_STYLE}</style></head><body><details open><summary>{escape(headline(result))}</summary>"
        '<p class="note">There is no page yet. It appears automatically once this is fixed.</p>'
        f"{_list(result)}</details></body></html>"
    )
    return Page(503, body.encode(), has_problems=True)


def _list(result: RebuildResult) -> str:
    if result.failure:
        return f"<ol><li><p>{escape(replace_unprintable(result.failure))}</p></li></ol>"
    # Errors come first, because they stop the build.
    ordered = sorted(result.diagnostics, key=lambda item: item.severity is not Severity.ERROR)
    items = [_item(item) for item in ordered[:MAX_SHOWN]]
    if len(ordered) > MAX_SHOWN:
        items.append(f"<li><p>and {len(ordered) - MAX_SHOWN:,} more; see the terminal for all</p></li>")
    return f"<ol>{''.join(items)}</ol>"


def _item(item: Diagnostic) -> str:
    location = item.location
    position = "".join(f":{number}" for number in (location.line, location.column) if number)
    where = escape(replace_unprintable(location.path) + position)
    parts = [
        f'<p class="where"><span translate="no">{where}</span>: <b>{item.severity}[{escape(item.code)}]</b></p>',
        f'<p class="message">{escape(replace_unprintable(item.message))}</p>',
    ]
    if location.excerpt.strip():
        parts.append(f'<pre translate="no" lang=""><span>{location.line:>4} | </span>{_excerpt(item)}</pre>')
    parts += [f'<p class="help">{escape(line)}</p>' for line in help_lines(item)]
    return f'<li class="{item.severity}">{"".join(parts)}</li>'


def _excerpt(item: Diagnostic) -> str:
    """Return the line of a problem with the word at its column highlighted."""
    location = item.location
    text = replace_unprintable(location.excerpt)
    start = location.column - 1 - location.excerpt_start
    word = _WORD.match(text, start) if location.column and 0 <= start < len(text) else None
    if word is None:
        return escape(text)
    return f"{escape(text[:start])}<mark>{escape(word[0])}</mark>{escape(text[word.end() :])}"
