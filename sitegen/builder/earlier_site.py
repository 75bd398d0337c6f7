"""Reports what the last build published and this one does not keep: corrections, and the ids of feed items."""

import csv
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from io import StringIO
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from sitegen.builder.plan import BuildPlan
from sitegen.content.placeholders import SAMPLE_HOST
from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.outputs.open_data import ARTICLES_TABLE, CORRECTION_COLUMNS, CORRECTIONS, corrections_table
from sitegen.site.urls import DATA_PACKAGE, output_path, redirect_path
from sitegen.util.paths import ARTICLES, CONFIG_NAME

_SHOWN_CHARS: Final = 60


def report_corrections_and_ids(before: AbstractSet[str], plan: BuildPlan, site: Path) -> Diagnostics:
    """Warn of corrections that are deleted, and of feed items with other ids than in the last build.

    `before` are the output paths of the last build, `site` is its folder. The open data of the last build have both, so
    a site without tables is not compared. Articles that are held back are not reported.
    """
    warnings = Diagnostics()
    _report_corrections(before, plan, site, warnings)
    _report_ids(before, plan, site, warnings)
    return warnings


def _report_corrections(before: AbstractSet[str], plan: BuildPlan, site: Path, warnings: Diagnostics) -> None:
    """Report each correction of which neither date nor text is at its position in the list of its article now.

    One that another article has is kept: articles can be merged. Those of an article in `gone` are not reported.
    """
    files = sorted(path for path in before if path.startswith("data/") and path.rpartition("/")[2] == CORRECTIONS)
    old = _by_correction(row for path in files for row in _rows(_text(site / path), CORRECTION_COLUMNS))
    if not old:
        return
    articles = {article.front.id: article for article in plan.articles.values()}
    hidden = {article.front.id for article in plan.held_back_articles} | _withdrawn(files, plan, site)
    zone = next(iter(plan.contexts.values())).config.zone
    kept = (*articles.values(), *plan.held_back_articles)
    new = _by_correction(_rows(corrections_table(kept, zone).decode(), CORRECTION_COLUMNS))
    texts = {text for values in new.values() for _, text in values}
    for (article, number), values in old.items():
        dates, old_texts = ({value[index] for value in values} for index in (0, 1))
        now = new.get((article, number), ())
        is_kept = any(at in dates or text in old_texts for at, text in now) or old_texts & texts
        if is_kept or article in hidden:
            continue
        at, text = values[0]
        shown = text if len(text) <= _SHOWN_CHARS else f"{text[:_SHOWN_CHARS]}…"
        if article in articles:
            location, where = articles[article].location("corrections"), "in this article"
            hint = "put it back at its place in `corrections`, because readers have seen it"
        else:
            location, where = SourceLocation(ARTICLES), f"on the site, nor is its article with the id {article}"
            hint = "copy it to the article that replaces this one, or write the old address under gone in site.yaml"
        message = f"the published correction {number} ({at}: {shown}) is not {where} any more"
        warnings.warning("correction-removed", location, message, hint=hint)


def _withdrawn(files: Iterable[str], plan: BuildPlan, site: Path) -> set[str]:
    """Return the ids of articles of the last build that are in `gone`. `files` are its tables of corrections."""
    redirects = plan.project.settings.redirects
    gone = tuple(redirect_path(item.old) for item in redirects if item.kind == "gone")
    tables = [path.replace(CORRECTIONS, ARTICLES_TABLE) for path in files if gone]
    rows = (row for path in tables for row in _rows(_text(site / path), ("id", "url")))
    return {row["id"] for row in rows if unquote(urlsplit(row["url"]).path).endswith(gone)}


def _report_ids(before: AbstractSet[str], plan: BuildPlan, site: Path, warnings: Diagnostics) -> None:
    """Report another `authority` than that of the last build; that of `sitegen init` is to be replaced."""
    path = output_path(DATA_PACKAGE)
    try:
        old = json.loads(_text(site / path))["id"].split(":")[1] if path in before else ""
    except (ValueError, KeyError, TypeError, IndexError, AttributeError):
        return
    new = next(iter(plan.contexts.values())).config.tag_authority
    if old not in {"", new} and old.partition(",")[0] != SAMPLE_HOST:
        message = f"the ids of feed items have {new} instead of {old}, so subscribers get every article again"
        hint = f"write authority: {old!r} in site.yaml; it stays the same if the site moves to another host"
        warnings.warning("feed-ids-changed", SourceLocation(CONFIG_NAME), message, hint=hint)


def _text(file: Path) -> str:
    """Return the text of a file of the last build; empty if it cannot be read."""
    try:
        return file.read_bytes().decode()
    except (OSError, UnicodeDecodeError):
        return ""


def _rows(table: str, columns: Sequence[str]) -> list[dict[str, str]]:
    """Return the rows of a table; none if it lacks one of the columns."""
    reader = csv.DictReader(StringIO(table, newline=""), restval="")
    try:
        return list(reader) if set(columns) <= set(reader.fieldnames or ()) else []
    except csv.Error:
        return []


def _by_correction(rows: Iterable[Mapping[str, str]]) -> dict[tuple[str, str], list[tuple[str, str]]]:
    """Return date and text in each language by the id of the article and the number of the correction."""
    result = defaultdict(list)
    for row in rows:
        result[row["id"], row["number"]].append((row["at"], row["text"]))
    return dict(result)
