"""JSON-LD with the vocabulary of schema.org, for the head of a page.

Sources: schema.org 29; for authorship, the Digital Source Type NewsCodes of the IPTC.
"""

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING, Any, Final

import msgspec
from markupsafe import Markup

from sitegen.outputs import views
from sitegen.outputs.page_kind import Step, View
from sitegen.theme.messages import Translator, format_day, format_month
from sitegen.util.cldr import iso_codes

if TYPE_CHECKING:
    from sitegen.outputs.pages.article import ArticleView

JSON_LD_LABELS: Final = (
    *("topics", "countries", "relations", "sources", "perspectives", "issues", "archive", "corrections", "subscribe"),
    "upcoming",
    *("data", "pair_title", "week"),
    *("part_title", "part_summary", "part_text", "part_analysis", "part_translation"),
)
"""The labels that a theme needs for JSON-LD."""

_CONTEXT: Final = "https://schema.org"
_SOURCE_TYPE_BASE: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_SOURCE_TYPES: Final = {
    "ai": f"{_SOURCE_TYPE_BASE}trainedAlgorithmicMedia",
    "mixed": f"{_SOURCE_TYPE_BASE}compositeWithTrainedAlgorithmicMedia",
    "human": f"{_SOURCE_TYPE_BASE}digitalCreation",
}
"""The IPTC types of authorship: generated, edited with generated content, created by a person."""
_COMPOSITE_TYPE: Final = f"{_SOURCE_TYPE_BASE}compositeSynthetic"
"""The type of a work with several parts, of which at least one is generated."""

# Only `<` could end a data block or start a comment; the others make the text safe elsewhere, too.
_ESCAPES: Final = [(c, f"\\u{ord(c):04x}") for c in "<>&'\u2028\u2029"]

_Node = dict[str, Any]


def json_ld(translator: Translator, page: View, site: views.SiteView) -> Markup:
    """Return the JSON-LD of a page, escaped for a `script` element; empty for pages without data.

    The output is deterministic: keys are in the order of this module.
    """
    nodes = page.json_ld(JsonLdWriter(site, translator))
    if not nodes:
        return Markup("")
    text = msgspec.json.encode({"@context": _CONTEXT, "@graph": nodes}, enc_hook=str.__str__).decode()
    for character, escape in _ESCAPES:
        text = text.replace(character, escape)
    return Markup(text)  # noqa: S704 - the loop escapes all characters with a meaning in HTML


class JsonLdWriter:
    """Creates nodes of schema.org for the views of pages, and the steps of their breadcrumbs."""

    def __init__(self, site: views.SiteView, translator: Translator) -> None:
        self.label = translator.label
        self._site = site
        self._date_style = translator.date_style

    def section(self, key: str) -> Step:
        """Return a section of the site, which has the label of the theme."""
        link = next(link for link in self._site.navigation if link.key == key)
        return link.name or self.label(key), link.href

    def day(self, day: date) -> str:
        """Return the name of a day."""
        return format_day(day, "long", self._date_style)

    def month(self, month: date) -> str:
        """Return the name of a month."""
        return format_month(month, self._date_style)

    def facet(
        self, topic: views.Link | None, countries: Sequence[views.Link], source: views.Link | None, index: str
    ) -> list[Step]:
        """Return the steps to an index page; `index` is its URL."""
        if source is not None:
            steps = [self.section("sources"), (source.name, source.href)]
        elif topic is not None:
            steps = [self.section("topics"), (topic.name, topic.href)]
        elif not countries:
            steps = [self.section("archive")]
        else:
            steps = [self.section("countries" if len(countries) == 1 else "relations")]
        if len(countries) == 1:
            steps.append((countries[0].name, index))
        elif countries:
            name = self.label("pair_title", first=countries[0].name, second=countries[1].name)
            steps.append((name, index))
        return steps

    def breadcrumbs(self, steps: Sequence[Step], canonical: str) -> _Node:
        """Return the steps from the home page to this page, the last of `steps`."""
        trail = [(self._site.title, self._url(self._site.home))]
        trail += [(name, self._url(href)) for name, href in steps]
        trail[-1] = (trail[-1][0], canonical)
        items = [
            {"@type": "ListItem", "position": number, "name": name, "item": url}
            for number, (name, url) in enumerate(trail, start=1)
        ]
        return {"@type": "BreadcrumbList", "itemListElement": items}

    def _url(self, href: str) -> str:
        return f"{self._site.origin}{href}"

    def website(self) -> _Node:
        """Return the data about the site."""
        site = self._site
        return _without_empty(
            {
                **self._site_node(),
                "alternateName": site.tagline,
                "description": site.description,
                "inLanguage": site.locale,
                "publisher": self._publisher(),
            }
        )

    def _site_node(self) -> _Node:
        home = self._url(self._site.home)
        return {"@type": "WebSite", "@id": home, "url": home, "name": self._site.title}

    def _publisher(self) -> _Node:
        home, publisher = self._url(self._site.home), self._site.publisher
        if publisher is None:
            return {"@type": "Organization", "name": self._site.title, "url": home}
        contact = {"@type": "ContactPoint", "url": publisher.contact_url}
        return _without_empty(
            {
                "@type": "Organization",
                "name": publisher.name,
                "url": publisher.url or home,
                "email": publisher.email,
                "contactPoint": contact if publisher.email is None else None,
            }
        )

    def article(self, page: "ArticleView") -> _Node:
        """Return the data about an article."""
        card, url = page.article, page.head.canonical
        languages = dict.fromkeys([card.lang, *(section.lang for section in page.sections)])
        reviewer = {"@type": "Person", "name": page.reviewer} if page.reviewer else None
        source_type = _source_type(page)
        return _without_empty(
            {
                "@type": "NewsArticle",
                "url": url,
                "identifier": page.id,
                "headline": card.title,
                "description": card.summary,
                "image": page.head.image.url if page.head.image else None,
                "inLanguage": _single_or_list(list(languages)),
                "datePublished": card.date.isoformat(),
                "dateModified": _modified(page),
                "articleSection": [topic.name for topic in page.topics],
                "about": [*map(self._topic, page.topics), *map(self._country, card.countries)],
                "isBasedOn": _based_on(page),
                "digitalSourceType": source_type,
                "hasPart": [] if source_type in _SOURCE_TYPES.values() else [*map(self._part, page.authorship.items())],
                "correction": [
                    {
                        "@type": "CorrectionComment",
                        "text": entry.text,
                        "datePublished": entry.date.isoformat(),
                        "inLanguage": entry.lang,
                    }
                    for entry in page.corrections
                ],
                **self._translations(page),
                "publisher": self._publisher(),
                "isPartOf": self._site_node(),
                "mainEntityOfPage": _without_empty(
                    {
                        "@type": "WebPage",
                        "@id": url,
                        "reviewedBy": reviewer,
                        "lastReviewed": page.reviewed.isoformat() if reviewer and page.reviewed else None,
                    }
                ),
            }
        )

    def _part(self, authorship: tuple[str, str]) -> _Node:
        """Return the author of one part of an article."""
        part, author = authorship
        name = self.label(f"part_{part}")
        return {"@type": "CreativeWork", "name": name, "digitalSourceType": _SOURCE_TYPES[author]}

    def _topic(self, topic: views.Link) -> _Node:
        return {"@type": "Thing", "name": topic.name, "url": self._url(topic.href)}

    def _country(self, country: views.Link) -> _Node:
        """Return a country with its ISO code, or a place that is not in ISO 3166-1."""
        node: _Node = {"@type": "Place", "name": country.name, "url": self._url(country.href)}
        if country.key in iso_codes():
            code = {"@type": "PropertyValue", "propertyID": "ISO 3166-1 alpha-2", "value": country.key}
            node |= {"@type": "Country", "identifier": code}
        return node

    def _translations(self, page: "ArticleView") -> _Node:
        """Return the original of an article, or its translations."""
        others = [
            {"@type": "NewsArticle", "headline": other.name, "inLanguage": other.lang, "url": self._url(other.href)}
            for other in page.other_languages
        ]
        if page.translated_from is None:
            return {"workTranslation": others}
        tag = page.translated_from.key
        original = next((node for node in others if node["inLanguage"] == tag), None)
        return {"translationOfWork": original or {"@type": "NewsArticle", "inLanguage": tag}}


def _modified(page: "ArticleView") -> str | None:
    """Return the date of an article's last change: its update or its newest correction."""
    card = page.article
    changed = None if page.updated is None else max(page.updated, card.date)
    corrected = max((entry.date for entry in page.corrections), default=date.min)
    if corrected > (changed or card.date).date():
        return corrected.isoformat()
    return changed.isoformat() if changed is not None else None


def _based_on(page: "ArticleView") -> _Node:
    """Return the original and its publisher, with its URL if it is recorded."""
    return _without_empty(
        {
            "@type": "CreativeWork",
            "url": page.source_url,
            "archivedAt": page.source_archived,
            "inLanguage": page.original_lang,
            "publisher": {"@type": "Organization", "name": page.source.name},
        }
    )


def _source_type(page: "ArticleView") -> str | None:
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


def _single_or_list(values: list[str]) -> str | list[str]:
    return values[0] if len(values) == 1 else values


def _without_empty(node: _Node) -> _Node:
    """Return a node without empty values."""
    return {key: value for key, value in node.items() if value not in (None, "", [])}
