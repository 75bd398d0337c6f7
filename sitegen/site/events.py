"""The events to come and those that have passed, from articles and from the calendar."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta, tzinfo
from hashlib import sha256

from msgspec import Struct
from msgspec.structs import replace

from sitegen.config.model import Config, LocalizedText
from sitegen.content.articles import Article
from sitegen.content.events import Event
from sitegen.site.facets import ENTIRE_SITE, Facet
from sitegen.util.dates import Instant, PartialDate


class SiteEvent(Struct, frozen=True):
    """An event, its permanent name, the article that announces it (None for the calendar) and those that follow it.

    `followers` are those that can report it (`_reports`).
    The name is made of the article and the text, and of the date only if the article has the text twice. So an event
    that is put off keeps it. `topics` and `countries` are those of the article or of the entry. `announced` is
    the time of the article or of the entry, None for an entry without a day. `is_past` at the time of the site.
    """

    name: str
    event: Event
    article: Article | None
    followers: tuple[Article, ...]
    topics: tuple[str, ...]
    countries: tuple[str, ...]
    announced: Instant | None
    is_past: bool


def site_events(
    config: Config,
    articles: Iterable[Article],
    followers: Mapping[str, tuple[Article, ...]],
    calendar: Sequence[Event],
    as_of: datetime,
) -> dict[Facet, tuple[SiteEvent, ...]]:
    """Return the events of visible articles and of the calendar, the earliest first; a month comes after its days.

    They are those of the entire site, of each topic that has any, and of each such country.
    """
    today = as_of.astimezone(config.zone).date()
    events = []
    for article in articles:
        if article.front.upcoming:
            following, front, zone = followers.get(article.path, ()), article.front, config.zone
            for name, event in _named(front.id, front.upcoming):
                is_past = event.last_day(zone) < today
                after = tuple(item for item in following if _reports(item, event, front.upcoming, zone))
                events.append(
                    SiteEvent(name, event, article, after, front.topics, front.countries, article.published, is_past)
                )
    for name, event in _named("calendar", visible_entries(calendar, config, as_of)):
        topics = (event.topic,) if event.topic is not None else ()
        added = event.added.with_fixed_offset(config.zone) if event.added is not None else None
        is_past = event.last_day(config.zone) < today
        events.append(SiteEvent(name, event, None, (), topics, event.countries, added, is_past))
    groups: defaultdict[Facet, list[SiteEvent]] = defaultdict(list)
    for item in sorted(events, key=lambda item: _order(item, config)):
        groups[ENTIRE_SITE].append(item)
        for key in item.topics:
            groups[Facet(topic=key)].append(item)
        for code in item.countries:
            groups[Facet(countries=(code,))].append(item)
    countries = sorted([facet for facet in groups if facet.countries], key=lambda facet: facet.countries)
    order = (ENTIRE_SITE, *(Facet(topic=term.key) for term in config.topics), *countries)
    return {facet: tuple(groups[facet]) for facet in order if facet in groups}


def _reports(follower: Article, event: Event, events: Iterable[Event], zone: tzinfo) -> bool:
    """Whether a follow-up can report an event of an article that announces several: the last that it can know.

    A follow-up from before the event reports something else. If another event began after the end of this one, the
    follow-up reports that one: `follows` names the article only, and each event has its own follow-up.
    """
    day = follower.published.astimezone(zone).date()
    if day < event.first_day(zone):
        return False
    return not any(event.last_day(zone) < other.first_day(zone) <= day for other in events)


def visible_entries(calendar: Iterable[Event], config: Config, as_of: datetime) -> tuple[Event, ...]:
    """Return the entries that were added before a time, with the language of each text."""
    first = config.locales[0]
    return tuple(
        replace(event, text=LocalizedText(tuple((tag or first, text) for tag, text in event.text.texts)))
        for event in calendar
        if event.added is None or event.added.with_fixed_offset(config.zone) <= as_of
    )


def event_times(events: Iterable[SiteEvent], zone: tzinfo) -> Iterator[Instant]:
    """Yield the time at which each event has passed: midnight after its last day."""
    for item in events:
        yield PartialDate(item.event.last_day(zone) + timedelta(days=1)).with_fixed_offset(zone)


def entry_times(calendar: Iterable[Event], zone: tzinfo) -> Iterator[Instant]:
    """Yield the time at which each entry of the calendar appears."""
    for event in calendar:
        if event.added is not None:
            yield event.added.with_fixed_offset(zone)


def _named(owner: str, events: Sequence[Event]) -> Iterator[tuple[str, Event]]:
    """Yield each event with a name that other entries, translations and the order of the list do not change."""
    texts = [event.text.texts[0][1] for event in events]
    for event, text in zip(events, texts, strict=True):
        parts = (owner, text) if texts.count(text) == 1 else (owner, text, event.written_at)
        yield sha256("\0".join(parts).encode()).hexdigest()[:16], event


def _order(item: SiteEvent, config: Config) -> tuple[date, bool, datetime, str]:
    event = item.event
    return event.last_day(config.zone), event.is_month, event.at.to_datetime(config.zone), item.name
