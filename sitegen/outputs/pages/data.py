"""The page that explains the open data."""

from sitegen.outputs import views
from sitegen.outputs.json_ld import JsonLdWriter
from sitegen.outputs.open_data import ARTICLE_FIELDS, MACHINE_TABLES, TABLES, column_names
from sitegen.outputs.page_kind import PageKind, SiteSection, Step, View, page_kind
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.urls import SCHEMA, data_path


class DataView(View, frozen=True):
    """`data.html`: what the open data are, what each field means, and under which licence they may be used.

    `files` are the tables with the names of their columns. `article` is the address of one article as data, with `{id}`
    where its permanent id goes, or none; `article_fields` are the names of what such a file holds. `schema` is the JSON
    Schema of the front matter. `license` is the address of the licence, `site.rights` what it is called.
    """

    files: tuple[views.Group, ...]
    article: str | None
    article_fields: tuple[str, ...]
    schema: str
    license: str | None

    def breadcrumbs(self, writer: JsonLdWriter) -> list[Step]:
        """Return the section."""
        return [writer.section("data")]


@page_kind(
    "data.html",
    view=DataView,
    section=SiteSection("data", 10, "footer", exists=lambda config: bool(config.data)),
)
class DataPage(PageKind, frozen=True):
    """The page that explains the open data."""

    def view(self, builder: ViewBuilder) -> DataView:
        """Return the view of the page."""
        urls, kinds = builder.urls, builder.config.data
        files = [
            views.Group(name, name, "", urls.href(data_path(name)), items=column_names(name))
            for name in (*(TABLES if "tables" in kinds else ()), *(MACHINE_TABLES if "machine" in kinds else ()))
        ]
        return DataView(
            head=builder.meta(urls.section("data")),
            files=tuple(files),
            article=urls.href(data_path("articles/")) + "{id}.json" if "articles" in kinds else None,
            article_fields=tuple(ARTICLE_FIELDS),
            schema=urls.href(SCHEMA),
            license=builder.config.license,
        )
