"""Months, weeks and days as views: parts of lists of articles, weekly issues, daily editions."""

from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from msgspec.structs import replace

from sitegen.outputs import views
from sitegen.outputs.specs import DateCount, MonthPart
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.pages import has_issue


def months(builder: ViewBuilder, path: str, rows: Iterable[DateCount]) -> tuple[views.Period, ...]:
    """Return months of an index at `path`."""
    return tuple(_month(builder, path, first, count=count) for first, count in rows)


def month(builder: ViewBuilder, path: str, part: MonthPart | None) -> views.Period | None:
    """Return a month, or a part of it, of an index at `path`; None if there is none."""
    return _month(builder, path, *part) if part is not None else None


def _month(builder: ViewBuilder, path: str, first: date, part: int = 0, *, count: int = 0) -> views.Period:
    last = first.replace(day=monthrange(first.year, first.month)[1])
    return views.Period(first, last, count, builder.urls.href(builder.urls.month(path, first, part)), part)


def calendar(
    builder: ViewBuilder, path: str, by_month: Mapping[date, int], by_week: Mapping[date, int]
) -> tuple[views.Period, ...]:
    """Return every month from the newest to the oldest, with its weeks, also those without articles.

    `path` is that of an index that has a page for each month. The counts are by first day, those of weeks by Monday.
    """
    if not by_month:
        return ()
    rows, first, oldest = [], max(by_month), min(by_month)
    while first >= oldest:
        period = _month(builder, path, first, count=by_month.get(first, 0))
        of_month = tuple(_week(builder, monday, by_week.get(monday, 0)) for monday in _mondays(first, period.last))
        rows.append(replace(period, href=period.href if period.count else "", weeks=of_month))
        first = month_before(first)
    return tuple(rows)


def _week(builder: ViewBuilder, monday: date, count: int) -> views.Period:
    week = issue(builder, monday, count)
    return week if has_issue(builder.config, count) else replace(week, href="")


def issue(builder: ViewBuilder, monday: date, count: int = 0) -> views.Period:
    """Return a weekly issue."""
    return views.Period(monday, monday + timedelta(days=6), count, builder.urls.href(builder.urls.issue(monday)))


def edition(builder: ViewBuilder, day: date, count: int = 0) -> views.Period:
    """Return a daily edition."""
    return views.Period(day, day, count, builder.urls.href(builder.urls.edition(day)))


def _mondays(first: date, last: date) -> Iterator[date]:
    """Yield the Monday of each week that has a day of a month, the earliest first."""
    monday = first - timedelta(days=first.weekday())
    while monday <= last:
        yield monday
        monday += timedelta(days=7)


def month_before(month: date) -> date:
    """Return the first day of the month before `month`."""
    return (month - timedelta(days=1)).replace(day=1)
