"""Lists of feeds. Source: opml.org/spec2.opml; a list of subscriptions has outlines of the type rss."""

from typing import Final

from sitegen.outputs.recipes import OpmlFeed, OpmlView
from sitegen.util.xml import DECLARATION, element, empty, escaped

_VERSIONS: Final = {"rss": "RSS2", "atom": "ATOM"}


def render_opml(view: OpmlView) -> bytes:
    """Return a list of feeds in groups. It has no date: it changes when a feed comes or goes."""
    parts = [f'{DECLARATION}<opml version="2.0">\n<head>\n', element("title", view.title), "</head>\n<body>\n"]
    for name, feeds in view.groups:
        parts.append(f'<outline text="{escaped(name)}">\n')
        parts += map(_outline, feeds)
        parts.append("</outline>\n")
    parts.append("</body>\n</opml>\n")
    return "".join(parts).encode()


def _outline(feed: OpmlFeed) -> str:
    return empty(
        "outline",
        {
            "type": "rss",
            "text": feed.title,
            "title": feed.title,
            "xmlUrl": feed.url,
            "htmlUrl": feed.home_url,
            "language": feed.lang,
            "version": _VERSIONS.get(feed.format),
        },
    )
