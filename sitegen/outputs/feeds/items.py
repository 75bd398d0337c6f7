"""Feed recipes to what a feed says, whatever it is written as.

An item is made of its article, its text and the edition, and not of the feed, so that it is made once for all feeds.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

from markupsafe import Markup, escape

from sitegen.content.frontmatter import GENERATED_PARTS
from sitegen.content.markdown import FIGURE, FIGURE_END, PRE, Body
from sitegen.outputs import views
from sitegen.outputs.feeds.selection import in_groups
from sitegen.outputs.recipes import (
    ArticleText,
    FeedBrief,
    FeedItem,
    FeedRecipe,
    FeedView,
    Notice,
    OpmlFeed,
    OpmlRecipe,
    OpmlView,
    Origin,
    Tag,
)
from sitegen.outputs.sitemaps import changed
from sitegen.outputs.view_builder import GENERATOR, Maker, home_of
from sitegen.site.assembly import correction_times
from sitegen.site.urls import feed_folder
from sitegen.theme.feed_labels import Voice

_BY_MACHINE: Final = {"ai": "machine", "mixed": "mixed"}
"""Who wrote a part, in the words that say so."""


def feed_view(maker: Maker, recipe: FeedRecipe, updated: datetime | None) -> FeedView:
    """Return a feed without its items; `updated` is the date of the newest of them."""
    config, locale, urls = maker.config, maker.locale, maker.urls
    subject = recipe.brief.subject
    folder = feed_folder(urls, subject)
    title = maker.feed_title(subject)
    return FeedView(
        guid=f"tag:{config.authority}:{urls.escaped(folder)}",
        title=title,
        description=config.description.get(locale) or config.tagline.get(locale) or title,
        rights=config.rights.get(locale),
        license=config.license,
        lang=locale,
        author=config.title.get(locale),
        home_url=urls.absolute(home_of(urls, subject)),
        self_url=urls.absolute(urls.feed(folder, recipe.format)),
        hub=config.hub,
        generator=GENERATOR,
        updated=updated,
        founded=founded(config.authority),
    )


def founded(authority: str) -> datetime:
    """Return the day from which an authority (RFC 4151) was its owner's: the date of an Atom feed without entries."""
    year, *rest = (int(part) for part in authority.rpartition(",")[2].split("-"))
    month, day = (*rest, 1, 1)[:2]
    return datetime(year, month, day, tzinfo=UTC)


def changes(maker: Maker, brief: FeedBrief) -> list[datetime]:
    """Return when each item of a feed was last changed."""
    if brief.notices:
        return [_notice_time(maker, notice) for notice in brief.notices]
    return [changed(item.article) for item in brief.items]


def article_item(maker: Maker, item: ArticleText, body: Body) -> FeedItem:
    """Return an article as feeds carry it: as the locale tells it, under the same id in each."""
    article, front, urls = item.article, item.article.front, maker.urls
    told = article.told(maker.locale)
    generated = {**dict(front.generated), **dict(told.generated)}
    said_by = dict(told.generated)
    voice = maker.voice(told.lang)
    author = said_by.get("summary", said_by.get("translation") if told.path != article.path else None)
    origin = Origin(
        name=front.source.name,
        lang=front.source.lang or front.lang,
        url=front.source.url,
        archived=front.source.archived,
        generated=tuple([(part, generated[part]) for part in GENERATED_PARTS if part in generated]),
        reviewer=told.reviewed.by if told.reviewed else None,
    )
    topics, countries = urls.absolute(urls.topics()), urls.absolute(urls.countries())
    return FeedItem(
        guid=f"tag:{maker.config.authority}:{front.id}",
        title=told.title,
        url=urls.absolute(urls.article(article.slug)),
        published=article.published,
        updated=None if article.updated is None else changed(article),
        lang=told.lang,
        creator=front.source.name,
        summary=_summary(told.summary, author, voice),
        html=text_html(maker.sections(item, body, absolute=True)) + _origin_html(origin, told.lang, voice),
        topics=tuple([Tag(key, maker.topic(key).name, topics) for key in front.topics]),
        countries=tuple([Tag(code, maker.country(code).name, countries) for code in front.countries]),
        importance=front.importance,
        origin=origin,
    )


def notice_item(maker: Maker, notice: Notice) -> FeedItem:
    """Return a correction as its feed carries it: with an id of its own, because it is another item.

    It is in the language of the original, in which the correction is written, and so is the title that it names.
    """
    article, front = notice.article, notice.article.front
    entry = notice.entry
    url = maker.urls.absolute(maker.urls.article(article.slug))
    return FeedItem(
        guid=f"tag:{maker.config.authority}:{front.id}/corrections/{notice.number}",
        title=maker.voice(front.lang).say("correction", title=front.title),
        url=url,
        published=_notice_time(maker, notice),
        updated=None,
        lang=front.lang,
        creator=maker.config.title.get(maker.locale),
        summary=entry.text,
        html=f'<p>{escape(entry.text)}</p>\n<p><a href="{escape(url)}">{escape(front.title)}</a></p>\n',
    )


def text_html(sections: Sequence[views.Section]) -> str:
    """Return an article's text as feed readers keep it: perspectives are h3 and p, nothing else is added."""
    parts = []
    for section in sections:
        if section.key is not None:
            parts.append(f'<h3 lang="{escape(section.lang)}">{escape(section.label)}</h3>\n')
        parts.append(str(section.html))
    return "".join(parts).replace(PRE, "<pre>").replace(FIGURE, "").replace(FIGURE_END, "")


def opml_view(maker: Maker, recipe: OpmlRecipe) -> OpmlView:
    """Return a list of feeds, in the first format that the site has."""
    voice = maker.voice()
    kind = maker.config.feeds.formats[0]
    urls = maker.urls
    groups = []
    for key, subjects in in_groups(recipe.subjects):
        found = [
            OpmlFeed(
                title=maker.feed_title(subject),
                lang=maker.locale,
                home_url=urls.absolute(home_of(urls, subject)),
                url=urls.absolute(urls.feed(feed_folder(urls, subject), kind)),
                format=kind,
            )
            for subject in subjects
        ]
        groups.append((voice.say(key), tuple(found)))
    return OpmlView(f"{maker.feed_title(recipe.about)} · {voice.say('feeds')}", tuple(groups))


def _notice_time(maker: Maker, notice: Notice) -> datetime:
    return dict(correction_times(notice.article, maker.config))[notice.number]


def _summary(text: str, author: str | None, voice: Voice) -> str:
    """Return a summary that says so where a machine wrote it: a reader shows it alone, far from the page."""
    kind = _BY_MACHINE.get(author or "")
    return text if kind is None else voice.say(f"{kind}_summary", text=text)


def _origin_html(origin: Origin, lang: str, voice: Voice) -> str:
    """Return the paragraph under a text: where it comes from, what a machine wrote, and who answers for that."""
    name = escape(origin.name)
    if origin.url is not None:
        name = Markup('<a href="{}">{}</a>').format(origin.url, origin.name)
    parts = [voice.html("source", name=name)]
    if origin.archived is not None:
        parts[0] += Markup(' (<a href="{}">{}</a>)').format(origin.archived, voice.say("archived"))
    parts[0] += voice.html("stop")
    for author, key in _BY_MACHINE.items():
        named = [voice.say(part) for part, who in origin.generated if who == author]
        if named:
            parts.append(voice.html(key, parts=voice.say("comma").join(named)))
    if origin.reviewer is not None:
        parts.append(voice.html("reviewed", name=origin.reviewer))
    attribute = Markup("") if voice.lang == lang else Markup(' lang="{}"').format(voice.lang)
    return f"<p{attribute}>{voice.html('space').join(parts)}</p>\n"
