"""The problems of a build as HTML: an overlay on the last good page, or a page of their own before the first build."""

import re
from html import escape
from pathlib import Path
from typing import Final

from sitegen.diagnostics import Diagnostic, Severity, help_lines, replace_unprintable, summary
from sitegen.preview.pages import Page
from sitegen.preview.rebuild import RebuildResult

MAX_SHOWN: Final = 50
_WORD: Final = re.compile(r"[\w.+-]+|.")
_STYLE: Final = Path(__file__).with_name("overlay.css").read_text("utf-8")
_PAGE_STYLE: Final = _STYLE.replace("details {", "details, details[open] { position: static !important } details {", 1)


def headline(result: RebuildResult) -> str:
    """Return a summary such as `2 errors and 1 warning`; empty if there are no problems."""
    if result.failure:
        return "The preview could not be built"
    return summary(result.diagnostics)


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
