"""Computes charts: the positions of their parts, which templates print as SVG.

Horizontal positions and widths are in percent of the available width, so letters keep their size; vertical positions
and heights are in pixels. All parts are inside the picture. A chart is computed from the fields of its page, so it
adds no dependencies to the page.
"""

import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from math import sqrt
from typing import Final

from sitegen.outputs import views
from sitegen.outputs.specs import ImportanceCount, PairCount
from sitegen.site.facets import CountryPair
from sitegen.util.dates import Instant

MAX_COLUMNS: Final = 60
"""The maximum number of columns of a chart. A chart of more months has a column for each year."""
MIN_SLOTS: Final = 12
"""The minimum number of columns that a chart has room for, so that columns are not too wide."""
MIN_MONTHS: Final = 3
"""The minimum number of months with articles for a chart."""
MIN_SHARE: Final = 0.01
"""The minimum share of all articles of a source with a segment of its own."""
MIN_WIDTH_PX: Final = 272
"""The width in pixels in which every label must fit: that of a phone or a side column."""
LETTER_HEIGHT: Final = 12
"""The height of letters in pixels."""

_ABOVE, _PLOT, _BELOW = 20, 64, 20
_GAP: Final = 0.2
_MAX_NAMED: Final = 3
"""Months with the most articles that the caption names, if they are equal; see charts.html."""
_MIN_LABEL_DISTANCE: Final = 12
"""The minimum distance of two numbers above columns, in percent."""
_YEARS_FROM, _YEARS_TO = 28, 72
_STEM, _TIMELINE, _DATES = 4, 50, 20
_EDGE: Final = 1
_BAR_Y, _BAR = 20, 26
_TILE: Final = 36

# Approximate relative positions. The list is that of the United Nations' M49 for Asia; a position in this grid does not
# express an opinion on borders or status.
_ASIA: Final = """
..  GE  AZ  ..  KZ  ..  ..  ..  MN  ..  KP  ..
TR  AM  ..  TM  UZ  KG  ..  ..  CN  ..  KR  JP
CY  SY  IQ  IR  AF  TJ  NP  BT  ..  MO  HK  TW
LB  JO  KW  ..  PK  IN  BD  MM  LA  VN  ..  ..
IL  SA  BH  QA  ..  ..  ..  TH  KH  ..  PH  ..
PS  YE  OM  AE  ..  LK  ..  MY  SG  BN  ..  ..
..  ..  ..  ..  MV  ..  ..  ..  ID  ..  TL  ..
"""
_GRID: Final = tuple(tuple(row.split()) for row in _ASIA.split("\n") if row)
TILES: Final = {
    code: (column, row) for row, codes in enumerate(_GRID) for column, code in enumerate(codes) if code != ".."
}
"""The column and row of each country of the tile map."""
_MIN_TILES: Final = 3


def text_width(text: str) -> float:
    """Return the approximate width of a text in a chart in pixels."""
    return sum(LETTER_HEIGHT if unicodedata.east_asian_width(char) in "WF" else 0.62 * LETTER_HEIGHT for char in text)


def shade(count: int, max_count: int) -> int:
    """Return the shade of a count, 1 to 4, by its square root, because one country may have most articles; 0 for 0."""
    if count == 0:
        return 0
    return 2 if max_count <= 1 else min(4, 1 + int(4 * sqrt((count - 1) / (max_count - 1))))


def months_chart(rows: Iterable[ImportanceCount], span: tuple[date, date] | None = None) -> views.MonthsChart | None:
    """Return a chart of articles by month and importance, with a column for each month, or year of a long period.

    The axis is from the first day of `span` to its last, so charts with the same span can be compared, and months
    without an article at either end are visible. By default it is the period of the articles. Charts are omitted for
    fewer than three months with articles, if no month has two, or if all articles are before the axis begins.
    """
    counts: Counter[tuple[int, int]] = Counter()
    for month, importance, count in rows:
        counts[_slot(month), importance] += count
    slots = {slot for slot, _ in counts}
    if len(slots) < MIN_MONTHS or len(slots) == counts.total():
        return None
    oldest, newest = [_slot(day) for day in span] if span is not None else (min(slots), max(slots))
    by_year = newest - oldest >= MAX_COLUMNS
    if by_year:
        years: Counter[tuple[int, int]] = Counter()
        for (slot, importance), count in counts.items():
            years[slot // 12, importance] += count
        counts, slots = years, {slot for slot, _ in years}
        oldest, newest = oldest // 12, newest // 12
    first = max(1 if by_year else 12, newest - min(MAX_COLUMNS, max(MIN_SLOTS, newest - oldest + 1)) + 1)
    totals: Counter[int] = Counter()
    for (slot, _), count in counts.items():
        totals[slot] += count
    shown = sorted(slot for slot in slots if slot >= first)
    if not shown:
        return None
    max_count, unit = max(totals[slot] for slot in shown), 100 / (newest - first + 1)
    columns = [_column(slot, first, unit, counts, (totals[slot], max_count), by_year=by_year) for slot in shown]
    fullest = max(columns, key=lambda column: (column.count, column.first))
    return views.MonthsChart(
        by_year=by_year,
        slots=newest - first + 1,
        columns=tuple(columns),
        fullest=fullest,
        earlier=sum(count for slot, count in totals.items() if slot < first),
        start=_slot_day(first, by_year=by_year),
        end=_slot_day(newest, by_year=by_year),
        marks=_column_labels(columns, fullest),
        ticks=() if by_year else _ticks(first, newest, unit),
        base=_ABOVE + _PLOT,
        height=_ABOVE + _PLOT + _BELOW,
    )


def _column(
    slot: int,
    first: int,
    unit: float,
    counts: Counter[tuple[int, int]],
    total_and_max: tuple[int, int],
    *,
    by_year: bool,
) -> views.Column:
    total, max_count = total_and_max
    base, tall = _ABOVE + _PLOT, max(1.0, _PLOT * total / max_count)  # a single article remains visible
    left, right = round((slot - first + _GAP / 2) * unit, 2), round((slot - first + 1 - _GAP / 2) * unit, 2)
    parts, cumulated, bottom = [], 0, float(base)
    for importance in (5, 4, 3, 2, 1):
        count = counts[slot, importance]
        if count:
            cumulated += count
            top = round(base - tall * cumulated / total, 2)
            parts.append(views.Box(left, top, round(right - left, 2), round(bottom - top, 2), importance, count))
            bottom = top
    return views.Column(_slot_day(slot, by_year=by_year), total, tuple(parts))


def _slot(day: date) -> int:
    return day.year * 12 + day.month - 1


def _slot_day(slot: int, *, by_year: bool) -> date:
    return date(slot, 1, 1) if by_year else date(slot // 12, slot % 12 + 1, 1)


def _column_labels(columns: Sequence[views.Column], fullest: views.Column) -> tuple[views.ChartLabel, ...]:
    """Return the numbers above columns: of the fullest, all of them if the caption names them, and of the newest.

    Numbers without room next to the others are omitted.
    """
    tied = [column for column in reversed(columns) if column.count == fullest.count]
    labeled: list[views.Column] = []
    for column in (*(tied if len(tied) <= _MAX_NAMED else tied[:1]), columns[-1]):
        if all(abs(column.parts[0].x - other.parts[0].x) >= _MIN_LABEL_DISTANCE for other in labeled):
            labeled.append(column)
    return tuple(map(_column_label, labeled))


def _column_label(column: views.Column) -> views.ChartLabel:
    top = column.parts[-1]
    x, anchor = _anchor_position(top.x + top.width / 2, 6, top.x, top.x + top.width)
    return views.ChartLabel(column.count, x, round(top.y - 4, 2), anchor)


def _anchor_position(x: float, margin: float, left: float, right: float) -> tuple[float, str]:
    """Return the position and the anchor (start, middle or end) of a text at `x`, so that it is inside the picture."""
    if x < margin:
        return left, "start"
    if x > 100 - margin:
        return round(right, 2), "end"
    return round(x, 2), "middle"


def _ticks(first: int, newest: int, unit: float) -> tuple[views.ChartLabel, ...]:
    """Return the beginnings of years, except those that would overlap the first and the last month."""
    years = [slot for slot in range(first, newest + 1) if slot % 12 == 0]
    ticks = [
        views.ChartLabel(slot // 12, round((slot - first) * unit, 2), _ABOVE + _PLOT + _BELOW - 4, "middle")
        for slot in years
    ]
    return tuple(tick for tick in ticks if _YEARS_FROM <= tick.x <= _YEARS_TO)


def matrix(
    counts: Sequence[PairCount], size: int, pair_of: Callable[[CountryPair, int, Instant], views.Pair]
) -> views.Matrix | None:
    """Return a matrix of the `size` countries with the closest ties; None for fewer than three countries.

    `counts` are those of all pairs, the strongest first; `pair_of` returns the view of one.
    """
    weight: Counter[str] = Counter()
    for (first, second), count, _ in counts:
        weight[first] += count
        weight[second] += count
    codes = sorted(_closest_countries(counts, size), key=lambda code: (-weight[code], code))
    if len(codes) < MIN_MONTHS:
        return None
    pairs = [pair_of(*row) for row in counts if row[0][0] in codes and row[0][1] in codes]
    nations = {country.key: country for row in pairs for country in (row.first, row.second)}
    ties = {key: row for row in pairs for key in ((row.first.key, row.second.key), (row.second.key, row.first.key))}
    max_count = pairs[0].count
    return views.Matrix(
        rows=tuple(
            views.MatrixRow(nations[code], tuple(_cell(ties.get((code, other)), max_count) for other in codes))
            for code in codes
        ),
        pairs=tuple(pairs),
        others=len(weight) - len(codes),
    )


def _closest_countries(counts: Sequence[PairCount], size: int) -> set[str]:
    """Return the countries of the closest pairs, at most `size`."""
    chosen: set[str] = set()
    for codes, _, _ in counts:
        both = chosen.union(codes)
        if len(both) <= size:
            chosen = both
            if len(chosen) == size:
                break
    return chosen


def _cell(tie: views.Pair | None, max_count: int) -> views.Box:
    count = tie.count if tie is not None else 0
    return views.Box(0, 0, 0, 0, shade(count, max_count), count, tie)


def shares_chart(rows: Sequence[views.Count]) -> views.SharesChart | None:
    """Return a bar of all articles, divided by source, the largest first; None for fewer than two sources."""
    total = sum(row.count for row in rows)
    if len(rows) <= 1:
        return None
    half, reached = 0, 0
    while reached * 2 < total:
        reached += rows[half].count
        half += 1
    shown = [row for row in rows if row.count >= total * MIN_SHARE]
    shown = list(rows) if len(rows) - len(shown) <= 1 else shown
    segments, done = [], 0
    for index, row in enumerate(shown):
        shade = 4 if index < half else 2
        segments.append(_segment(row, (row.count, done, total), shade))
        done += row.count
    rest = _segment(None, (total - done, done, total), 1) if done < total else None
    return views.SharesChart(
        segments=(*segments, rest) if rest else tuple(segments), total=total, half=half, others=len(rows) - len(shown)
    )


def _segment(source: views.Count | None, counted: tuple[int, int, int], shade: int) -> views.Box:
    count, before, total = counted
    x, end = round(100 * before / total, 2), round(100 * (before + count) / total, 2)
    width = round(end - x, 2)
    name = source.name if source else ""
    label = name if text_width(f"{name}  00%") <= width * MIN_WIDTH_PX / 100 else ""
    x = min(x, 99.9)  # a single article at the end remains visible
    return views.Box(x, _BAR_Y, round(max(0.1, width - 0.4), 2), _BAR, shade, count, source, label)


def timeline(thread: Sequence[views.ArticleSummary], here: str) -> views.Timeline | None:
    """Return the articles of a thread by day; None if there are fewer than two, or if all are of one day.

    `here` is the URL of the article of the page.
    """
    days = [card.date.toordinal() for card in thread]
    if len(days) <= 1 or days[0] == days[-1]:
        return None
    strokes, label = [], (0.0, "start")
    for card, day in zip(thread, days, strict=True):
        x = round(_EDGE + (100 - 2 * _EDGE) * (day - days[0]) / (days[-1] - days[0]), 2)
        height = _STEM + 4 * card.importance
        is_current = card.href == here
        label = _anchor_position(x, 20, x, x) if is_current else label
        strokes.append(views.Box(x, _TIMELINE - height, 0, height, 4 if is_current else 2, 1, card))
    return views.Timeline(
        tuple(strokes), *label, thread[0].date.date(), thread[-1].date.date(), _TIMELINE, _TIMELINE + _DATES
    )


def tile_map(rows: Sequence[views.Count], name_of: Callable[[str], str]) -> views.TileMap | None:
    """Return the countries of Asia as tiles of equal size.

    None if fewer than three of them have articles, or if most articles are about other countries.
    """
    counted = {row.key: row for row in rows}
    inside = [row for row in rows if row.key in TILES]
    if len(inside) < _MIN_TILES or sum(row.count for row in inside) * 2 < sum(row.count for row in rows):
        return None
    max_count, unit = max(row.count for row in inside), 100 / len(_GRID[0])
    tiles = []
    for code, (column, row) in TILES.items():
        country = counted.get(code)
        count, link = country.count if country else 0, country or views.Link(code, name_of(code), "", "")
        x, y, width = round(column * unit, 2), row * _TILE, round(unit * 0.94, 2)
        tiles.append(views.Box(x, y, width, _TILE - 2, shade(count, max_count), count, link, code))
    return views.TileMap(
        tiles=tuple(tiles),
        leading=inside[0],
        covered=len(inside),
        beyond=tuple(row for row in rows if row.key not in TILES),
        middle=round(unit * 0.47, 2),
        height=_TILE * len(_GRID),
    )
