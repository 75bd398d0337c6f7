"""What the template of an article sees, and its structured data.

Sources: schema.org 29; for authorship, the Digital Source Type NewsCodes of the IPTC.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

from msgspec import Struct

from sitegen.outputs import views
from sitegen.outputs.json_ld import JsonLdWriter, Node, Step, without_empty
from sitegen.outputs.page_view import View
from sitegen.util.cldr import iso_codes
from sitegen.util.dates import CalendarDate

_SOURCE_TYPE_BASE: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_SOURCE_TYPES: Final = {
    "ai": f"{_SOURCE_TYPE_BASE}trainedAlgorithmicMedia",
    "mixed": f"{_SOURCE_TYPE_BASE}compositeWithTrainedAlgorithmicMedia",
    "human": f"{_SOURCE_TYPE_BASE}digitalCreation",
}
"""The IPTC types of authorship: generated, edited with generated content, created by a person."""
_COMPOSITE_TYPE: Final = f"{_SOURCE_TYPE_BASE}compositeSynthetic"
"""The type of a work with several parts, of which at least one is generated."""


class ImportedView(Struct, frozen=True):
    """The input that the article was made from: file name, format, SHA-256, day of the import."""

    name: str
    format: str
    sha256: str
    date: CalendarDate


class ArticleView(View, frozen=True):
    """`article.html`: one article, whole.

    `topics` are all of its topics, `pairs` the pairs of its countries. `previous` and `next` are its neighbours in the
    first topic, by date. `upcoming` are the events that it announces, also after they have passed. `follows` is the
    article it follows up, `followed_by` those that follow it up; `thread` is the whole story with this article in it,
    oldest first, at most ten on either side. `related` are others about the same pair, the same topic and country or
    the same topic, the nearest in time of each.

    `source` leads to its page, or to the list of sources if it has no page. `source_url` is the URL of the original, if
    it was recorded, `source_archived` that of a copy, `original_lang` its language. `own` is true if the source is the
    digest itself: then the article has no original elsewhere. `authorship` is who wrote (`ai`,
    `human`, `mixed`) which part (`title`, `summary`, `text`, `analysis`, `translation`), `unreviewed`
    are those that a machine wrote and no one reviewed.

    `language` is that of title, summary and text, `translated_from` that of the original if this is a translation;
    `other_languages` are the titles in the languages in which another locale of the site shows it. `minutes` is how
    long reading takes, by the number of characters. `extra` is the mapping `extra` of the front matter: its values have
    no names in other languages, and a key that an article lacks is an error unless the template tests it, as in
    `{% if "level" in page.extra %}{{ page.extra.level }}{% endif %}`.
    """

    id: str
    article: views.ArticleSummary
    topics: tuple[views.Link, ...]
    pairs: tuple[views.Pair, ...]
    updated: datetime | None
    sections: tuple[views.Section, ...]
    source: views.Link
    source_url: str | None
    source_archived: str | None
    original_lang: str
    own: bool
    authorship: Mapping[str, str]
    unreviewed: tuple[views.Authorship, ...]
    reviewer: str | None
    reviewed: date | None
    changed_since_review: bool
    corrections: tuple[views.CorrectionView, ...]
    imported: ImportedView | None
    follows: views.ArticleSummary | None
    followed_by: tuple[views.ArticleSummary, ...]
    upcoming: tuple[views.EventView, ...]
    thread: tuple[views.ArticleSummary, ...]
    timeline: views.Timeline | None
    related: tuple[views.ArticleSummary, ...]
    language: views.Link
    translated_from: views.Link | None
    other_languages: tuple[views.OtherVersion, ...]
    minutes: int
    previous: views.ArticleSummary | None
    next: views.ArticleSummary | None
    extra: Mapping[str, Any]

    @property
    def perspectives(self) -> tuple[views.Section, ...]:
        """The sections that are perspectives, in the order of the text."""
        return tuple(section for section in self.sections if section.key is not None)

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the topic and the article."""
        return [(self.article.topic.name, self.article.topic.href), (self.article.title, self.article.href)]

    def json_ld(self, writer: JsonLdWriter) -> list[dict[str, Any]]:
        """Return the article and the breadcrumbs."""
        return [_news_article(self, writer), *super().json_ld(writer)]


def _news_article(page: ArticleView, writer: JsonLdWriter) -> Node:
    """Return the data about an article."""
    card, url = page.article, page.head.canonical
    languages = list(dict.fromkeys([card.lang, *(section.lang for section in page.sections)]))
    reviewer = {"@type": "Person", "name": page.reviewer} if page.reviewer else None
    source_type = _source_type(page)
    return without_empty(
        {
            "@type": "NewsArticle",
            "url": url,
            "identifier": page.id,
            "headline": card.title,
            "description": card.summary,
            "image": page.head.image.url if page.head.image else None,
            "inLanguage": languages[0] if len(languages) == 1 else languages,
            "datePublished": card.date.isoformat(),
            "dateModified": _modified(page),
            "articleSection": [topic.name for topic in page.topics],
            "about": [
                *({"@type": "Thing", "name": topic.name, "url": writer.url(topic.href)} for topic in page.topics),
                *(_country(country, writer) for country in card.countries),
            ],
            "isBasedOn": None if page.own and page.source_url is None else _based_on(page),
            "digitalSourceType": source_type,
            "hasPart": []
            if source_type in _SOURCE_TYPES.values()
            else [_part(part, author, writer) for part, author in page.authorship.items()],
            "correction": [
                {
                    "@type": "CorrectionComment",
                    "text": entry.text,
                    "datePublished": entry.date.isoformat(),
                    "inLanguage": entry.lang,
                }
                for entry in page.corrections
            ],
            **_translations(page, writer),
            "publisher": writer.publisher(),
            "isPartOf": writer.site_node(),
            "mainEntityOfPage": without_empty(
                {
                    "@type": "WebPage",
                    "@id": url,
                    "reviewedBy": reviewer,
                    "lastReviewed": page.reviewed.isoformat() if reviewer and page.reviewed else None,
                }
            ),
        }
    )


def _part(part: str, author: str, writer: JsonLdWriter) -> Node:
    """Return the author of one part of an article."""
    name = writer.label(f"part_{part}")
    return {"@type": "CreativeWork", "name": name, "digitalSourceType": _SOURCE_TYPES[author]}


def _country(country: views.Link, writer: JsonLdWriter) -> Node:
    """Return a country with its ISO code, or a place that is not in ISO 3166-1."""
    node: Node = {"@type": "Place", "name": country.name, "url": writer.url(country.href)}
    if country.key in iso_codes():
        code = {"@type": "PropertyValue", "propertyID": "ISO 3166-1 alpha-2", "value": country.key}
        node |= {"@type": "Country", "identifier": code}
    return node


def _translations(page: ArticleView, writer: JsonLdWriter) -> Node:
    """Return the original of an article, or its translations."""
    others = [
        {"@type": "NewsArticle", "headline": other.name, "inLanguage": other.lang, "url": writer.url(other.href)}
        for other in page.other_languages
    ]
    if page.translated_from is None:
        return {"workTranslation": others}
    tag = page.translated_from.key
    original = next((node for node in others if node["inLanguage"] == tag), None)
    return {"translationOfWork": original or {"@type": "NewsArticle", "inLanguage": tag}}


def _modified(page: ArticleView) -> str | None:
    """Return the date of an article's last change: its update or its newest correction."""
    corrected = max((entry.date for entry in page.corrections), default=date.min)
    if corrected > (page.updated or page.article.date).date():
        return corrected.isoformat()
    return page.updated.isoformat() if page.updated is not None else None


def _based_on(page: ArticleView) -> Node:
    """Return the original and its publisher, with its URL if it is recorded."""
    return without_empty(
        {
            "@type": "CreativeWork",
            "url": page.source_url,
            "archivedAt": page.source_archived,
            "inLanguage": page.original_lang,
            "publisher": {"@type": "Organization", "name": page.source.name},
        }
    )


def _source_type(page: ArticleView) -> str | None:
    """Return the type of authorship of the entire article; None if it is not known.

    It is only human if all parts are recorded as such, because a part without a record may be generated.
    """
    parts = {"title", "summary"}
    parts |= {"text" if section.key is None else "analysis" for section in page.sections}
    parts |= {"translation"} if page.translated_from is not None else set()
    authors = {page.authorship.get(part) for part in parts}
    if len(authors) == 1:
        return _SOURCE_TYPES.get(authors.pop() or "")
    return _COMPOSITE_TYPE if authors & {"ai", "mixed"} else None
