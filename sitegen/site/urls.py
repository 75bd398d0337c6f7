"""Addresses: the only place where a site path, a URL or an output path is made.

A site path begins and, for a page, ends with a slash (`/topics/trade/`) and is not escaped. The first locale of the
site has these paths, every other one the same paths under `/<locale>/`.
"""

from collections.abc import Sequence
from datetime import date
from typing import Final
from urllib.parse import quote, urlsplit

from msgspec import Struct

from sitegen.config.model import Config
from sitegen.site.facets import ENTIRE_SITE, Facet
from sitegen.site.sources import source_slug
from sitegen.util.feed_formats import FEED_FORMATS

_SAFE: Final = "/-._~!$&'()*+,;=:@"
"""What a path may hold unescaped (RFC 3986, section 3.3)."""

ASSETS: Final = "/assets/"
FIXED_FOLDERS: Final = frozenset({"assets", "feeds", "importance", "languages", "search"})
"""First parts of addresses that belong to the digest and to no kind of page: files, feeds, and a future search."""
_NAME_BYTES: Final = 100
LIST_NAME: Final = "feeds.opml"


class Urls(Struct, frozen=True):
    """The addresses of one locale. `prefix` is empty or the path of `base_url` without its last slash."""

    base_url: str
    locale: str
    is_first: bool

    @classmethod
    def of(cls, config: Config, locale: str) -> "Urls":
        """Return the addresses of one locale of a site."""
        return cls(config.base_url, locale, locale == config.locales[0])

    @property
    def prefix(self) -> str:
        """The path under which the site lives on its host."""
        return urlsplit(self.base_url).path.rstrip("/")

    def _page(self, *parts: str) -> str:
        path = "".join([f"{part}/" for part in parts])
        return f"/{path}" if self.is_first else f"/{self.locale}/{path}"

    def home(self) -> str:
        """Return the path of the home page."""
        return self._page()

    def article(self, slug: str) -> str:
        """Return the path of an article."""
        return self._page("articles", slug)

    def topics(self) -> str:
        """Return the path of the list of topics."""
        return self._page("topics")

    def topic(self, key: str) -> str:
        """Return the path of a topic."""
        return self._page("topics", key)

    def countries(self) -> str:
        """Return the path of the list of countries."""
        return self._page("countries")

    def country(self, code: str) -> str:
        """Return the path of a country."""
        return self._page("countries", code.lower())

    def relations(self) -> str:
        """Return the path of the list of pairs."""
        return self._page("relations")

    def pair(self, one: str, other: str) -> str:
        """Return the path of a pair of countries, whichever is named first."""
        first, second = sorted((one, other))
        return self._page("countries", first.lower(), second.lower())

    def crossing(self, topic: str, codes: Sequence[str]) -> str:
        """Return the path of what a topic has in common with one country, or with a pair, whichever is named first."""
        return self._page("topics", topic, *(code.lower() for code in sorted(codes)))

    def sources(self) -> str:
        """Return the path of the list of sources."""
        return self._page("sources")

    def source(self, name: str) -> str:
        """Return the path of a source, however its name is written."""
        return self._page("sources", source_slug(name))

    def perspectives(self) -> str:
        """Return the path of the list of perspectives."""
        return self._page("perspectives")

    def perspective(self, key: str, topic: str | None = None) -> str:
        """Return the path of a perspective, or of what it says about one topic."""
        return self._page("perspectives", key, *([] if topic is None else [topic]))

    def issues(self) -> str:
        """Return the path of the list of weekly issues."""
        return self._page("issues")

    def issue(self, monday: date) -> str:
        """Return the path of the issue of the week that begins on `monday`: the year and the number of ISO 8601."""
        year, week, _ = monday.isocalendar()
        return self._page("issues", f"{year}-w{week:02}")

    def email(self, monday: date, suffix: str) -> str:
        """Return the path of an issue as an e-mail: `suffix` is html or txt."""
        return f"{self.issue(monday)}email.{suffix}"

    def corrections(self) -> str:
        """Return the path of the list of corrections."""
        return self._page("corrections")

    def subscribe(self) -> str:
        """Return the path of the page that explains the feeds."""
        return self._page("subscribe")

    def static_page(self, slug: str) -> str:
        """Return the path of a page of the editor's."""
        return self._page(slug)

    def archive(self) -> str:
        """Return the path of the list of months."""
        return self._page("archive")

    def month(self, index: str, month: date) -> str:
        """Return the path of one month of the page at `index` (a topic, country, pair or the archive)."""
        return f"{index}{month:%Y-%m}/"

    def language(self, tag: str) -> str:
        """Return the path of what is written in a language."""
        return self._page("languages", tag.lower())

    def importance(self, least: int) -> str:
        """Return the path of what is of an importance or above."""
        return self._page("importance", str(least))

    def data(self) -> str:
        """Return the path of the page that explains the open data."""
        return self._page("data")

    def feed(self, index: str, kind: str = "rss") -> str:
        """Return the path of a feed in a format next to the page at `index`."""
        return index + FEED_FORMATS[kind].file_name

    def opml(self, index: str) -> str:
        """Return the path of the list of feeds beside the page at `index`."""
        return index + LIST_NAME

    def local(self, path: str, locales: Sequence[str]) -> str:
        """Return a site path as an editor writes it, that of the first locale, in this one; others stay."""
        named = path.split("/")[1] in locales[1:]
        return path if self.is_first or named else f"/{self.locale}{path}"

    def bare(self, path: str) -> str:
        """Return a path of this locale as the first locale has it."""
        return path if self.is_first else path.removeprefix(f"/{self.locale}")

    def escaped(self, path: str) -> str:
        """Return a site path as it stands in an address."""
        return quote(path, safe=_SAFE)

    def href(self, path: str) -> str:
        """Return a site path as it stands in HTML: absolute on the host, escaped."""
        return self.prefix + quote(path, safe=_SAFE)

    def absolute(self, path: str) -> str:
        """Return a site path as a full URL."""
        return self.base_url + quote(path[1:], safe=_SAFE)


def facet_path(urls: Urls, facet: Facet) -> str:
    """Return the path of the index of a subject; that of the whole digest is the archive."""
    if facet.source is not None:
        return urls.source(facet.source)
    if facet.topic is not None:
        return urls.crossing(facet.topic, facet.countries) if facet.countries else urls.topic(facet.topic)
    if facet.countries:
        return urls.country(facet.countries[0]) if len(facet.countries) == 1 else urls.pair(*facet.countries)
    if facet.perspective is not None:
        return urls.perspective(facet.perspective)
    if facet.language is not None:
        return urls.language(facet.language)
    if facet.importance is not None:
        return urls.importance(facet.importance)
    return urls.corrections() if facet.corrections else urls.archive()


def feed_folder(urls: Urls, facet: Facet) -> str:
    """Return the path beside which the feeds of a subject stand; those of the whole digest stand at the top."""
    return urls.home() if facet == ENTIRE_SITE else facet_path(urls, facet)


def data_path(name: str) -> str:
    """Return the site path of a file of open data; they stand once, whatever the locales."""
    return f"/data/{name}"


def article_data_path(identifier: str) -> str:
    """Return the site path of one article as data: by its permanent id, so that it stays when the slug changes."""
    return data_path(f"articles/{identifier}.json")


SCHEMA: Final = data_path("front-matter.schema.json")
"""The site path of the JSON Schema of the front matter."""


def media_path(path: str, digest: str) -> str:
    """Return the site path at which a picture or document of the editor's is published."""
    return asset_path(path.rpartition("/")[2], digest)


def root_path(name: str) -> str:
    """Return the site path of a file that stands once, whatever the locales: `robots.txt`."""
    return f"/{name}"


def alias_path(alias: str) -> str:
    """Return the site path of an alias: that of a file where it ends in `.html`, else that of a page."""
    bare = f"/{alias.strip('/')}"
    return bare if bare.endswith(".html") else f"{bare}/"


def asset_path(name: str, digest: str) -> str:
    """Return the site path of a static file: its name with the first ten digits of its digest."""
    folder, _, base = name.rpartition("/")
    stem, dot, suffix = base.rpartition(".")
    stem, suffix = _short(stem or suffix), _short(suffix)
    hashed = f"{stem}.{digest[:10]}.{suffix}" if dot else f"{stem}.{digest[:10]}"
    return f"{ASSETS}{folder}/{hashed}" if folder else f"{ASSETS}{hashed}"


def _short(name: str) -> str:
    """Return the beginning of a name, so that a digest beside it has room in a file name of 255 bytes."""
    return name.encode()[:_NAME_BYTES].decode("utf-8", "ignore")


def output_path(path: str) -> str:
    """Return the file in the output folder that answers a site path."""
    return f"{path[1:]}index.html" if path.endswith("/") else path[1:]
