"""JSON-LD with the vocabulary of schema.org, for the head of a page.

Source: schema.org 29.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any, Final

from sitegen.outputs import views
from sitegen.theme.messages import Translator, format_day, format_month

JSON_LD_LABELS: Final = (
    *("topics", "countries", "relations", "sources", "perspectives", "issues", "archive", "corrections", "subscribe"),
    "upcoming",
    *("data", "data_name", "data_intro", "pair_title", "week"),
    *("part_title", "part_summary", "part_text", "part_analysis", "part_translation"),
)
"""The labels that a theme needs for JSON-LD."""

Node = dict[str, Any]
"""A node of schema.org."""
Step = tuple[str, str]
"""A step of breadcrumbs: the name of a page, and its address on the host."""


class JsonLdWriter:
    """Creates nodes of schema.org for the views of pages, and the steps of their breadcrumbs."""

    def __init__(self, site: views.SiteView, translator: Translator) -> None:
        self.label = translator.label
        self.locale = site.locale
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

    def breadcrumbs(self, steps: Sequence[Step], canonical: str) -> Node:
        """Return the steps from the home page to this page, the last of `steps`."""
        trail = [(self._site.title, self.url(self._site.home))]
        trail += [(name, self.url(href)) for name, href in steps]
        trail[-1] = (trail[-1][0], canonical)
        items = [
            {"@type": "ListItem", "position": number, "name": name, "item": url}
            for number, (name, url) in enumerate(trail, start=1)
        ]
        return {"@type": "BreadcrumbList", "itemListElement": items}

    def url(self, href: str) -> str:
        """Return the URL of an address on the host."""
        return f"{self._site.origin}{href}"

    def website(self) -> Node:
        """Return the data about the site."""
        site = self._site
        return without_empty(
            {
                **self.site_node(),
                "alternateName": site.tagline,
                "description": site.description,
                "inLanguage": site.locale,
                "publisher": self.publisher(),
            }
        )

    def site_node(self) -> Node:
        """Return what other nodes say about the site."""
        home = self.url(self._site.home)
        return {"@type": "WebSite", "@id": home, "url": home, "name": self._site.title}

    def publisher(self) -> Node:
        """Return the publisher of the site."""
        home, publisher = self.url(self._site.home), self._site.publisher
        if publisher is None:
            return {"@type": "Organization", "name": self._site.title, "url": home}
        contact = {"@type": "ContactPoint", "url": publisher.contact_url}
        return without_empty(
            {
                "@type": "Organization",
                "name": publisher.name,
                "url": publisher.url or home,
                "email": publisher.email,
                "contactPoint": contact if publisher.email is None else None,
            }
        )


def without_empty(node: Node) -> Node:
    """Return a node without empty values."""
    return {key: value for key, value in node.items() if value not in (None, "", [])}
