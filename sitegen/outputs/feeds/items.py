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
    CorrectionItem,
    FeedItem,
    FeedRecipe,
    FeedSpec,
    FeedView,
    OpmlFeed,
    OpmlRecipe,
    OpmlView,
    Provenance,
    Tag,
)
from sitegen.outputs.sitemaps import changed
from sitegen.outputs.view_builder import GENERATOR, ViewBuilder, home_of
from sitegen.site.assembly import correction_times
from sitegen.site.urls import feed_folder
from sitegen.theme.feed_labels import FeedLabelFormatter

_BY_MACHINE: Final = {"ai": "machine", "mixed": "mixed"}
"""Who wrote a part, in the words that say so."""


def feed_view(builder: ViewBuilder, recipe: FeedRecipe, updated: datetime | None) -> FeedView:
    """Return a feed without its items; `updated` is the date of the newest of them."""
    config, locale, urls = builder.config, builder.locale, builder.urls
    facet = recipe.spec.facet
    folder = feed_folder(urls, facet)
    title = builder.feed_title(facet)
    return FeedView(
        guid=f"tag:{config.tag_authority}:{urls.escaped(folder)}",
        title=title,
        description=config.description.get(locale) or config.tagline.get(locale) or title,
        rights=config.rights.get(locale),
        license=config.license,
        lang=locale,
        author=config.title.get(locale),
        home_url=urls.absolute(home_of(urls, facet)),
        self_url=urls.absolute(urls.feed(folder, recipe.format)),
        websub_hub=config.websub_hub,
        generator=GENERATOR,
        updated=updated,
        founded=founded(config.tag_authority),
    )


def founded(tag_authority: str) -> datetime:
    """Return the day from which an authority (RFC 4151) was its owner's: the date of an Atom feed without entries."""
    year, *rest = (int(part) for part in tag_authority.rpartition(",")[2].split("-"))
    month, day = (*rest, 1, 1)[:2]
    return datetime(year, month, day, tzinfo=UTC)


def changes(builder: ViewBuilder, spec: FeedSpec) -> list[datetime]:
    """Return when each item of a feed was last changed."""
    if spec.notices:
        return [_notice_time(builder, notice) for notice in spec.notices]
    return [changed(item.article) for item in spec.items]


def article_item(builder: ViewBuilder, item: ArticleText, body: Body) -> FeedItem:
    """Return an article as feeds carry it: as the locale tells it, under the same id in each."""
    article, front, urls = item.article, item.article.front, builder.urls
    told = article.told(builder.locale)
    generated = {**dict(front.generated), **dict(told.generated)}
    said_by = dict(told.generated)
    labels = builder.labels(told.lang)
    author = said_by.get("summary", said_by.get("translation") if told.path != article.path else None)
    origin = Provenance(
        name=front.source.name,
        lang=front.source.lang or front.lang,
        url=front.source.url,
        archived=front.source.archived,
        generated=tuple([(part, generated[part]) for part in GENERATED_PARTS if part in generated]),
        reviewer=told.reviewed.by if told.reviewed else None,
    )
    topics, countries = urls.absolute(urls.topics()), urls.absolute(urls.countries())
    return FeedItem(
        guid=f"tag:{builder.config.tag_authority}:{front.id}",
        title=told.title,
        url=urls.absolute(urls.article(article.slug)),
        published=article.published,
        updated=None if article.updated is None else changed(article),
        lang=told.lang,
        creator=front.source.name,
        summary=_summary(told.summary, author, labels),
        html=text_html(builder.sections(item, body, absolute=True)) + _origin_html(origin, told.lang, labels),
        topics=tuple([Tag(key, builder.topic(key).name, topics) for key in front.topics]),
        countries=tuple([Tag(code, builder.country(code).name, countries) for code in front.countries]),
        importance=front.importance,
        origin=origin,
    )


def notice_item(builder: ViewBuilder, notice: CorrectionItem) -> FeedItem:
    """Return a correction as its feed carries it: with an id of its own, because it is another item.

    It is in the language of the original, in which the correction is written, and so is the title that it names.
    """
    article, front = notice.article, notice.article.front
    entry = notice.entry
    url = builder.urls.absolute(builder.urls.article(article.slug))
    return FeedItem(
        guid=f"tag:{builder.config.tag_authority}:{front.id}/corrections/{notice.number}",
        title=builder.labels(front.lang).say("correction", title=front.title),
        url=url,
        published=_notice_time(builder, notice),
        updated=None,
        lang=front.lang,
        creator=builder.config.title.get(builder.locale),
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


def opml_view(builder: ViewBuilder, recipe: OpmlRecipe) -> OpmlView:
    """Return a list of feeds, in the first format that the site has."""
    labels = builder.labels()
    kind = builder.config.feeds.formats[0]
    urls = builder.urls
    groups = []
    for key, facets in in_groups(recipe.facets):
        found = [
            OpmlFeed(
                title=builder.feed_title(facet),
                lang=builder.locale,
                home_url=urls.absolute(home_of(urls, facet)),
                url=urls.absolute(urls.feed(feed_folder(urls, facet), kind)),
                format=kind,
            )
            for facet in facets
        ]
        groups.append((labels.say(key), tuple(found)))
    return OpmlView(f"{builder.feed_title(recipe.about)} · {labels.say('feeds')}", tuple(groups))


def _notice_time(builder: ViewBuilder, notice: CorrectionItem) -> datetime:
    return dict(correction_times(notice.article, builder.config))[notice.number]


def _summary(text: str, author: str | None, labels: FeedLabelFormatter) -> str:
    """Return a summary that says so where a machine wrote it: a reader shows it alone, far from the page."""
    kind = _BY_MACHINE.get(author or "")
    return text if kind is None else labels.say(f"{kind}_summary", text=text)


def _origin_html(origin: Provenance, lang: str, labels: FeedLabelFormatter) -> str:
    """Return the paragraph under a text: where it comes from, what a machine wrote, and who answers for that."""
    name = escape(origin.name)
    if origin.url is not None:
        name = Markup('<a href="{}">{}</a>').format(origin.url, origin.name)
    parts = [labels.html("source", name=name)]
    if origin.archived is not None:
        parts[0] += Markup(' (<a href="{}">{}</a>)').format(origin.archived, labels.say("archived"))
    parts[0] += labels.html("stop")
    for author, key in _BY_MACHINE.items():
        named = [labels.say(part) for part, who in origin.generated if who == author]
        if named:
            parts.append(labels.html(key, parts=labels.say("comma").join(named)))
    if origin.reviewer is not None:
        parts.append(labels.html("reviewed", name=origin.reviewer))
    attribute = Markup("") if labels.lang == lang else Markup(' lang="{}"').format(labels.lang)
    return f"<p{attribute}>{labels.html('space').join(parts)}</p>\n"
