"""The page that explains the open data."""

from collections.abc import Iterator
from typing import Any

from sitegen.outputs import views
from sitegen.outputs.json_ld import JsonLdWriter, Step, without_empty
from sitegen.outputs.open_data import ARTICLE_FIELDS, column_names, table_names, table_periods
from sitegen.outputs.page_kind import PageKind, PlannedPage, SiteSection, page, page_kind
from sitegen.outputs.page_view import View
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.urls import DATA_PACKAGE, SCHEMA, data_path, table_path
from sitegen.util.media_types import TEXTS


class DataView(View, frozen=True):
    """`data.html`: what the open data are, what each field means, and under which licence they may be used.

    `files` are the tables, each with the names of its columns as `items`. `package` is the file that describes all of
    them for programs, or none. `article` is the address of one article as data, with `{id}` where its permanent id
    goes, or none; `article_fields` are the names of what such a file holds. `schema` is the JSON Schema of the front
    matter. `license` is the address of the licence, `site.rights` what it is called. `since` is the day of the oldest
    article, in ISO 8601, or none. `time_zone` is that of the site.
    """

    files: tuple[views.Group, ...]
    package: str | None
    article: str | None
    article_fields: tuple[str, ...]
    schema: str
    license: str | None
    since: str | None
    time_zone: str

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the section."""
        return [writer.section("data")]

    def json_ld(self, writer: JsonLdWriter) -> list[dict[str, Any]]:
        """Return the data set and the breadcrumbs.

        Source: "Dataset structured data" in the documentation of Google Search. The period has no end, so that a new
        article does not change the page.
        """
        publisher = writer.publisher()
        files = [(file.name, link.href) for file in self.files for link in file.parts or (file,)]
        dataset = {
            "@type": "Dataset",
            "name": writer.label("data_name", title=writer.site_node()["name"]),
            "description": writer.label("data_intro"),
            "url": self.head.canonical,
            "inLanguage": writer.locale,
            "license": self.license,
            "creator": publisher,
            "publisher": publisher,
            "temporalCoverage": f"{self.since}/.." if self.since else None,
            "distribution": [
                {
                    "@type": "DataDownload",
                    "name": name,
                    "contentUrl": writer.url(href),
                    "encodingFormat": TEXTS[f".{name.rpartition('.')[2]}"],
                }
                for name, href in files
            ],
        }
        return [without_empty(dataset), *super().json_ld(writer)]


@page_kind(
    "data.html",
    view=DataView,
    section=SiteSection("data", 10, "footer", exists=lambda config: bool(config.data)),
)
class DataPage(PageKind, frozen=True):
    """The page that explains the open data. `periods` are those of the tables; one is empty for undivided tables.

    `since` is the day of the oldest article.
    """

    periods: tuple[str, ...]
    since: str | None

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the page."""
        path = cls.address(planner.urls, planner.site.config)
        if path is not None:
            articles = planner.site.articles
            since = articles[-1].published.date().isoformat() if articles else None
            yield page(path, cls(planner.context, tuple(planner.pages.tables), since))

    def view(self, builder: ViewBuilder) -> DataView:
        """Return the view of the page."""
        urls, names = builder.urls, table_names(builder.config)
        return DataView(
            head=builder.meta(urls.section("data")),
            files=tuple([self._table(name, builder) for name in names]),
            package=urls.href(DATA_PACKAGE) if names else None,
            article=urls.href(data_path("articles/")) + "{id}.json" if "articles" in builder.config.data else None,
            article_fields=tuple(ARTICLE_FIELDS),
            schema=urls.href(SCHEMA),
            license=builder.config.license,
            since=self.since,
            time_zone=builder.config.timezone,
        )

    def _table(self, name: str, builder: ViewBuilder) -> views.Group:
        hrefs = {period: builder.urls.href(table_path(name, period)) for period in table_periods(name, self.periods)}
        parts = tuple([views.Link(period, period, "", href) for period, href in hrefs.items() if period])
        return views.Group(name, name, "", hrefs.get("", ""), items=column_names(name), parts=parts)
