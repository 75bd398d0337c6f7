"""Lists of feeds. Source: opml.org/spec2.opml; in a list of subscriptions the outlines have the type rss."""

from collections.abc import Iterator

from sitegen.outputs.feeds.selection import in_groups
from sitegen.outputs.view_builder import ViewBuilder, home_of
from sitegen.site.facets import Facet
from sitegen.site.urls import feed_folder
from sitegen.util.feed_formats import FEED_FORMATS
from sitegen.util.xml import DECLARATION, element, empty, escaped


def render_opml(builder: ViewBuilder, about: Facet, facets: tuple[Facet, ...]) -> bytes:
    """Return a list of the feeds of `facets` in groups, in the first format of the site.

    It has no date, so it changes only if a feed appears or disappears.
    """
    labels = builder.labels()
    title = f"{builder.feed_title(about)} · {labels.label('feeds')}"
    parts = [f'{DECLARATION}<opml version="2.0">\n<head>\n', element("title", title), "</head>\n<body>\n"]
    for key, group in in_groups(facets):
        parts += [f'<outline text="{escaped(labels.label(key))}">\n', *_outlines(builder, group), "</outline>\n"]
    parts.append("</body>\n</opml>\n")
    return "".join(parts).encode()


def _outlines(builder: ViewBuilder, facets: tuple[Facet, ...]) -> Iterator[str]:
    urls, entry = builder.urls, FEED_FORMATS[builder.config.feeds.formats[0]]
    for facet in facets:
        title = builder.feed_title(facet)
        yield empty(
            "outline",
            {
                "type": "rss",
                "text": title,
                "title": title,
                "xmlUrl": urls.absolute(urls.feed(feed_folder(urls, facet), entry.name)),
                "htmlUrl": urls.absolute(home_of(urls, facet)),
                "language": builder.locale,
                "version": entry.opml_version,
            },
        )
