"""The page of one article."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from html import unescape
from itertools import pairwise
from typing import Final

from sitegen.config.readers import GENERATED_PARTS
from sitegen.content.articles import Article, LocalizedVersion
from sitegen.content.body import Body
from sitegen.outputs import texts, views
from sitegen.outputs.article_view import ArticleView, ImportedView
from sitegen.outputs.charts import timeline
from sitegen.outputs.machine_parts import machine_author
from sitegen.outputs.page_kind import PageKind, PlannedPage, page_kind
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.references import ArticleHash, ArticleText
from sitegen.outputs.specs import CorrectionItem, EventItem, event_items, hash_of, hashes
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.facets import CountryPair
from sitegen.site.model import last_change, pairs
from sitegen.site.sources import source_slug
from sitegen.site.urls import Urls

PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif")
"""File types that networks show next to a link."""

_ALT = re.compile(r'" alt="([^"]*)"')


@page_kind("article.html", view=ArticleView, folder="articles")
class ArticlePage(PageKind, frozen=True):
    """One article: its text, and the articles that its page leads to.

    `pairs` are the pairs of its countries that have a page, `perspectives` the perspectives of the site that have one;
    `has_source_page` is true if its source has one. `untranslated` are the perspectives that a translation lacks, and
    `elsewhere` the texts in another language that have them.
    """

    whole: ArticleText
    pairs: tuple[CountryPair, ...]
    perspectives: tuple[str, ...]
    has_source_page: bool
    before: ArticleHash | None
    after: ArticleHash | None
    follows: ArticleHash | None
    followers: tuple[ArticleHash, ...]
    thread: tuple[ArticleHash, ...]
    related: tuple[ArticleHash, ...]
    upcoming: tuple[EventItem, ...] = ()
    untranslated: tuple[str, ...] = ()
    elsewhere: tuple[ArticleText, ...] = ()

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page of every visible article."""
        site, pages = planner.site, planner.pages
        paged_pairs = {facet.countries for facet in pages.indexes if facet.kind == "pairs"}
        sources = {source_slug(facet.source) for facet in pages.indexes if facet.source is not None}
        perspectives = tuple(pages.perspectives)
        events: defaultdict[ArticleHash | None, list[EventItem]] = defaultdict(list)
        for item in event_items(site):
            events[item.article].append(item)
        for article in site.articles:
            neighbours = planner.neighbours[article.path]
            follows = site.by_path.get(article.follows) if article.follows is not None else None
            untranslated = _untranslated(article, planner.locale, site.by_perspective)
            spec = cls(
                planner.context,
                planner.text(article),
                tuple([pair for pair in pairs(article) if pair in paged_pairs]) if paged_pairs else (),
                perspectives,
                source_slug(article.front.source.name) in sources,
                hash_of(neighbours.before),
                hash_of(neighbours.after),
                hash_of(follows),
                hashes(site.followers.get(article.path, ())),
                hashes(neighbours.thread),
                hashes(neighbours.related),
                tuple(events.get(ArticleHash(article.hash), ())),
                untranslated,
                tuple([planner.perspective_text(article, key) for key in untranslated]),
            )
            yield PlannedPage(planner.urls.article(article.slug), spec, last_change(article))

    def view(self, builder: ViewBuilder) -> ArticleView:
        """Return the view of an article."""
        article = builder.article(self.whole.article)
        front, version = article.front, article.localized(builder.locale)
        reviewed, body = version.reviewed, builder.body(self.whole.text)
        sections = tuple(texts.sections(builder, self.whole, absolute=False, indexes=self.perspectives))
        others = [
            texts.section_of(builder, text, key, self.perspectives)
            for text, key in zip(self.elsewhere, self.untranslated, strict=True)
        ]
        machine_written = texts.machine_written(version.authors(article.original), reviewed, version.summary, sections)
        generated = dict(front.generated) | dict(version.generated)
        thread = builder.summaries(self.thread)
        return ArticleView(
            head=builder.meta(builder.urls.article(article.slug), picture=_first_picture(builder, self.whole, body)),
            id=front.id,
            article=builder.summary(article),
            topics=tuple(builder.topic(key) for key in front.topics),
            pairs=tuple(builder.pair(pair, has_page=pair in self.pairs) for pair in pairs(article)),
            updated=article.updated,
            sections=(*sections, *others),
            source=builder.source(article, has_page=self.has_source_page),
            source_url=front.source.url,
            source_archived=front.source.archived,
            original_lang=front.original_lang,
            own=source_slug(front.source.name) in {source_slug(title) for _, title in builder.config.title.texts},
            authorship={part: generated[part] for part in GENERATED_PARTS if part in generated},
            unreviewed=tuple(entry for entry in machine_written if not entry.reviewer),
            reviewer=version.reviewer,
            reviewed=builder.day(reviewed.at) if reviewed and reviewed.at else None,
            changed_since_review=reviewed is not None and reviewed.is_outdated,
            corrections=tuple(
                builder.correction(CorrectionItem(self.whole.article, entry.number)) for entry in front.corrections
            ),
            imported=ImportedView(
                front.imported.name, front.imported.format, front.imported.sha256, builder.day(front.imported.at)
            )
            if front.imported
            else None,
            upcoming=builder.events(self.upcoming),
            follows=builder.summary_of(self.follows),
            followed_by=builder.summaries(self.followers),
            thread=thread,
            timeline=timeline(thread, builder.summary(article).href),
            related=builder.summaries(self.related),
            language=builder.language(version.lang),
            translated_from=builder.language(front.lang) if version.path != article.path else None,
            other_languages=_other_languages(builder, article, version),
            minutes=texts.reading_minutes([part for section in body.sections for part in section.parts]),
            previous=builder.summary_of(self.before),
            next=builder.summary_of(self.after),
            extra=front.extra or {},
        )


def _untranslated(article: Article, locale: str, perspectives: Iterable[str]) -> tuple[str, ...]:
    """Return the perspectives that an article has only in other languages than that of the locale's page."""
    if not article.translations:
        return ()
    anchors = article.localized(locale).anchors
    missing = {anchor for version in article.versions for anchor in version.anchors if anchor not in anchors}
    return tuple(key for key in perspectives if key in missing)


def _first_picture(builder: ViewBuilder, whole: ArticleText, body: Body) -> views.Image | None:
    """Return the first picture of a text that networks can show."""
    links = iter(whole.links)
    for section in body.sections:
        for before, after in pairwise(section.parts):
            link = next(links)
            if before.endswith('<img src="') and link.path.lower().endswith(PICTURES):
                alt = _ALT.match(after)
                text = unescape(alt[1]) if alt is not None else ""
                return views.Image(builder.urls.absolute(link.path), text, None, None)
    return None


def _other_languages(
    builder: ViewBuilder, article: Article, version: LocalizedVersion
) -> tuple[views.OtherVersion, ...]:
    """Return where other locales show the article in another language."""
    links = []
    for locale in builder.config.locales if article.translations else ():
        other = article.localized(locale)
        if other.lang != version.lang:
            urls, title = Urls.of(builder.config, locale), builder.typographic(other.title, other.lang)
            author, is_reviewed = machine_author(other.authors(article.original), "title"), other.reviewer is not None
            href = urls.href(urls.article(article.slug))
            link = views.OtherVersion(other.lang, title, other.lang, href, machine_title=author, reviewed=is_reviewed)
            links.append(link)
    return tuple(links)
