"""Converts articles, corrections and events to items of feeds, independent of the format.

An item depends on its article, its text and the render context, but not on the feed, so all feeds share it.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from markupsafe import Markup, escape
from msgspec import Struct
from msgspec.structs import replace

from sitegen.config.model import Publisher
from sitegen.config.readers import GENERATED_PARTS
from sitegen.content.figures import FIGURE, FIGURE_END, PRE
from sitegen.outputs import texts, views
from sitegen.outputs.references import ArticleHash, ArticleText
from sitegen.outputs.specs import CorrectionItem, EventItem
from sitegen.outputs.view_builder import GENERATOR, ViewBuilder
from sitegen.site.facets import Facet
from sitegen.site.model import correction_times
from sitegen.site.urls import escape_path, feed_folder
from sitegen.theme.messages import Translator, format_clock_time, format_day, format_month, language_attributes
from sitegen.util.xml import escape_url

_AUTHOR_LABELS: Final = {"ai": "machine", "mixed": "mixed"}
"""The feed labels that disclose machine authorship."""
_CLASS: Final = re.compile(r' class="(?:align-(\w+)|[^"]*)"')


class Provenance(Struct, frozen=True):
    """The source and the authors of an article.

    `lang` is the language of the original, `name_lang` that of the source's name. `url` is None if the URL of the
    original is not recorded, `reviewer` if no one reviewed the machine-written parts.
    """

    name: str
    lang: str
    name_lang: str
    url: str | None
    archived: str | None
    generated: tuple[tuple[str, str], ...]
    reviewer: str | None


class FeedItem(Struct, frozen=True):
    """An article, a correction, an event or an edition in a feed: with a permanent id, full URLs and simple HTML.

    `summary` is plain text, and discloses if a machine wrote it. `updated` is None unless the editor set it. `origin`
    is None except for an article, `html` is None if the feed has summaries only or the text is too long for it. `href`
    of a topic or country is the full URL of the list of all topics or countries.
    """

    guid: str
    title: str
    url: str
    published: datetime
    updated: datetime | None
    lang: str
    creator: str
    summary: str
    html: str | None
    topics: tuple[views.Link, ...] = ()
    countries: tuple[views.Link, ...] = ()
    importance: int | None = None
    origin: Provenance | None = None


class FeedView(Struct, frozen=True):
    """A feed without its items. `guid` is its permanent id, `updated` is the date of the newest item.

    `author` is the name of the publisher, or else of the digest. `stylesheet` is the address of the theme's `feed.css`,
    with which browsers show the feed.
    """

    guid: str
    title: str
    description: str
    rights: str
    license: str | None
    lang: str
    author: str
    publisher: Publisher | None
    home_url: str
    self_url: str
    websub_hub: str | None
    generator: str
    updated: datetime | None
    authority_date: datetime
    stylesheet: str | None = None


def feed_view(builder: ViewBuilder, facet: Facet, format_name: str, updated: datetime | None) -> FeedView:
    """Return a feed without its items; `updated` is the date of the newest item."""
    config, locale, urls = builder.config, builder.locale, builder.urls
    folder = feed_folder(urls, facet)
    title = builder.feed_title(facet)
    return FeedView(
        guid=f"tag:{config.tag_authority}:{escape_path(folder)}",
        title=title,
        description=config.description.get(locale) or config.tagline.get(locale) or title,
        rights=config.rights.get(locale),
        license=config.license,
        lang=locale,
        author=(config.publisher.name if config.publisher else config.title).get(locale),
        publisher=config.publisher,
        home_url=urls.absolute(folder),
        self_url=urls.absolute(urls.feed(folder, format_name)),
        websub_hub=config.websub_hub,
        generator=GENERATOR,
        updated=updated,
        authority_date=authority_date(config.tag_authority),
        stylesheet=builder.site_view.assets.get("feed.css"),
    )


def authority_date(tag_authority: str) -> datetime:
    """Return the date of a tag authority (RFC 4151), which is also the date of an Atom feed without entries."""
    year, *rest = (int(part) for part in tag_authority.rpartition(",")[2].split("-"))
    month, day = (*rest, 1, 1)[:2]
    return datetime(year, month, day, tzinfo=UTC)


def article_item(builder: ViewBuilder, item: ArticleText | ArticleHash) -> FeedItem:
    """Return the item of an article in the version of the locale; the id is the same in all locales.

    An article without its text has its summary only.
    """
    whole = item if isinstance(item, ArticleText) else None
    article, urls = builder.article(item.article if isinstance(item, ArticleText) else item), builder.urls
    front = article.front
    version = article.localized(builder.locale)
    generated = {**dict(front.generated), **dict(version.generated)}
    labels = builder.labels(version.lang)
    authors = version.authors(article.original)
    origin = Provenance(
        name=front.source.name,
        lang=front.original_lang,
        name_lang=front.source_name_lang(builder.config.locales),
        url=escape_url(front.source.url),
        archived=escape_url(front.source.archived),
        generated=tuple([(part, generated[part]) for part in GENERATED_PARTS if part in generated]),
        reviewer=version.reviewer,
    )
    summary = disclosed(builder.typographic(version.summary, version.lang), authors, labels, origin.reviewer)
    return FeedItem(
        guid=f"tag:{builder.config.tag_authority}:{front.id}",
        title=builder.typographic(version.title, version.lang),
        url=urls.absolute(urls.article(article.slug)),
        published=article.published,
        updated=article.updated,
        lang=version.lang,
        creator=origin.reviewer or builder.config.title.get(builder.locale),
        summary=summary,
        html=None
        if whole is None
        else _paragraph(escape(summary), version.lang)
        + _authorship_html(origin, labels)
        + "".join(map(_block, texts.sections(builder, whole, absolute=True)))
        + _source_html(origin, labels),
        topics=_tags(builder, "topics", map(builder.topic, front.topics)),
        countries=_tags(builder, "countries", map(builder.country, front.countries)),
        importance=front.importance,
        origin=origin,
    )


def correction_feed_item(builder: ViewBuilder, item: CorrectionItem) -> FeedItem:
    """Return the item of a correction, with an id of its own.

    It is in the language of the original, and so is the title of the article. The text is in that of the locale, if
    the correction has it.
    """
    article = builder.article(item.article)
    front, entry = article.front, item.entry(article)
    url = builder.urls.absolute(builder.urls.article(article.slug))
    text, text_lang = builder.localized(entry.text)
    title = builder.typographic(front.title, front.lang)
    labels = builder.labels(front.lang)
    note = title_note(dict(front.generated), labels, article.original.reviewer)
    return FeedItem(
        guid=f"tag:{builder.config.tag_authority}:{front.id}/corrections/{item.number}",
        title=labels.label("correction", title=title),
        url=url,
        published=correction_time(builder, item),
        updated=None,
        lang=front.lang,
        creator=builder.config.title.get(builder.locale),
        summary=f"{note}{labels.label('space')}{text}" if note else text,
        html=f"<p{_lang_attribute(text_lang, front.lang)}>{escape(text)}</p>\n"
        f'<p><a href="{escape(url)}">{escape(title)}</a></p>\n' + _paragraph(escape(note), labels.tag),
    )


def event_feed_item(builder: ViewBuilder, item: EventItem) -> FeedItem:
    """Return the item of an event, which leads to its article or to the page of all events."""
    view = builder.event(item)
    labels, urls = builder.labels(view.lang), builder.urls
    when = event_date(view, builder.date_locale(labels.tag))
    title = labels.label("event", date=when, text=view.text)
    url = f"{urls.absolute(urls.section('upcoming'))}#{item.name}"
    html = str(Markup("<p>{}</p>\n").format(title))
    if view.article is not None and item.article is not None:
        url = f"{builder.origin}{view.article.href}"
        link = Markup('<a href="{}" lang="{}">{}</a>').format(url, view.article.lang, view.article.title)
        html += str(Markup("<p>{}</p>\n").format(labels.html("announced", title=link)))
        html += _paragraph(escape(shown_title_note(builder, item.article)), builder.labels(view.article.lang).tag)
    if view.url is not None:
        html += str(Markup('<p><a href="{0}">{0}</a></p>\n').format(escape_url(view.url)))
    return FeedItem(
        guid=f"tag:{builder.config.tag_authority}:upcoming/{item.name}",
        title=title,
        url=url,
        published=event_time(builder, item),
        updated=None,
        lang=view.lang,
        creator=builder.config.title.get(builder.locale),
        summary=title,
        html=html,
        topics=_tags(builder, "topics", (*view.topics, *view.other_topics)),
        countries=_tags(builder, "countries", (*view.countries, *view.other_countries)),
    )


def _tags(builder: ViewBuilder, section: str, links: Iterable[views.Link]) -> tuple[views.Link, ...]:
    """Return topics or countries with the full URL of the list of all of them."""
    href = builder.urls.absolute(builder.urls.section(section))
    return tuple([replace(link, href=href) for link in links])


def event_time(builder: ViewBuilder, item: EventItem) -> datetime:
    """Return when an event was announced; without a day it is the date of the site's tag authority."""
    return item.announced or authority_date(builder.config.tag_authority)


def event_date(view: views.EventView, tag: str) -> str:
    """Return the day of an event, with its time, or its month, in a language."""
    if view.is_month:
        return format_month(view.first, tag)
    day = format_day(view.first, "long", tag)
    return day if view.time is None else f"{day} {format_clock_time(view.time, tag)}"


def text_html(sections: Sequence[views.Section]) -> str:
    """Return the text of an article for feeds: headings of perspectives are h3, and nothing else is added.

    Readers of feeds have no style sheet for classes, so the alignment of a cell is `align`, and other classes are left
    out. Sanitizers of readers keep `align` more often than `style`.
    """
    parts = []
    for section in sections:
        if section.key is not None:
            parts.append(f'<h3 lang="{escape(section.lang)}">{escape(section.label)}</h3>\n')
        parts.append(str(section.html))
    html = "".join(parts).replace(PRE, "<pre>").replace(FIGURE, "").replace(f"</table>{FIGURE_END}", "</table>")
    return _CLASS.sub(lambda match: f' align="{match[1]}"' if match[1] else "", html)


def block_attributes(lang: str) -> Markup:
    """Return the attributes of a block: its language, and `dir` if it is written from right to left."""
    return language_attributes(lang, "en")


def _block(section: views.Section) -> str:
    """Return a section for a feed with its language: readers show it without the page around it."""
    return f"<div {block_attributes(section.lang)}>\n{text_html([section])}</div>\n"


def correction_time(builder: ViewBuilder, item: CorrectionItem) -> datetime:
    """Return the time of a correction."""
    return dict(correction_times(builder.article(item.article), builder.config))[item.number]


def disclosed(text: str, authors: Mapping[str, str], labels: Translator, reviewer: str | None) -> str:
    """Return a summary that discloses who wrote it and the title, because readers show both without the page.

    `reviewer` is the person who reviewed both as they are.
    """
    kind, note = author_label(authors.get("summary", ""), reviewer), title_note(authors, labels, reviewer)
    summary = labels.label(f"{kind}_summary", text=text) if kind else text
    return f"{note}{labels.label('space')}{summary}" if note else summary


def author_label(author: str, reviewer: str | None) -> str:
    """Return the beginning of the names of labels for what a machine wrote, or helped to; empty for others."""
    kind = _AUTHOR_LABELS.get(author, "")
    return f"reviewed_{kind}" if kind and reviewer else kind


def title_note(authors: Mapping[str, str], labels: Translator, reviewer: str | None) -> str:
    """Return the sentences that disclose a machine-written title and its reviewer; empty if no machine wrote it."""
    kind = _AUTHOR_LABELS.get(authors.get("title", ""))
    if kind is None:
        return ""
    note = labels.label(kind, parts=labels.label("title"))
    return f"{note}{labels.label('space')}{labels.label('reviewed', name=reviewer)}" if reviewer else note


def shown_title_note(builder: ViewBuilder, key: ArticleHash) -> str:
    """Return the sentences that disclose the title of an article as lists of this locale show it, in its language."""
    article = builder.article(key)
    version = article.localized(builder.locale)
    return title_note(version.authors(article.original), builder.labels(version.lang), version.reviewer)


def _authorship_html(origin: Provenance, labels: Translator) -> str:
    """Return the paragraph before a text: the machine-written parts and the reviewer; nothing if no machine wrote."""
    parts = []
    for author, key in _AUTHOR_LABELS.items():
        named = [labels.label(part) for part, who in origin.generated if who == author]
        if named:
            parts.append(labels.html(key, parts=labels.label("comma").join(named)))
    if parts and origin.reviewer is not None:
        parts.append(labels.html("reviewed", name=origin.reviewer))
    return _paragraph(labels.html("space").join(parts), labels.tag)


def _source_html(origin: Provenance, labels: Translator) -> str:
    """Return the paragraph after a text: its source."""
    name = escape(origin.name)
    attribute = _lang_attribute(origin.name_lang, labels.tag)
    if origin.url is not None:
        name = Markup('<a href="{}"{}>{}</a>').format(origin.url, attribute, origin.name)
    elif attribute:
        name = Markup("<span{}>{}</span>").format(attribute, origin.name)
    source = labels.html("source", name=name)
    if origin.archived is not None:
        source += Markup(' (<a href="{}">{}</a>)').format(origin.archived, labels.label("archived"))
    return _paragraph(source + labels.html("stop"), labels.tag)


def _paragraph(text: Markup, lang: str) -> str:
    return str(Markup("<p {}>{}</p>\n").format(block_attributes(lang), text)) if text else ""


def _lang_attribute(lang: str, around: str) -> Markup:
    """Return the attribute `lang` of an element; empty if it is the language of the element around it."""
    return Markup("") if lang == around else Markup(' lang="{}"').format(lang)


def with_size(text: str) -> tuple[str, int]:
    """Return an item in a format, and the bytes of it and of the separator between two items."""
    return text, len(text.encode()) + 2
