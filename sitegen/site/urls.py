"""Site paths, URLs and output paths.

A site path begins and, for a page, ends with a slash (`/topics/trade/`) and is not escaped. The first locale of the
site has these paths, every other locale has the same paths under `/<locale>/`.
"""

import re
from collections.abc import Sequence
from datetime import date
from typing import Final
from urllib.parse import quote, urlsplit

from msgspec import Struct

from sitegen.config.model import Config
from sitegen.content.articles import Article, LocalizedVersion
from sitegen.site.facets import ENTIRE_SITE, Facet
from sitegen.site.sources import source_slug
from sitegen.util.feed_formats import FEED_FORMATS
from sitegen.util.hashing import hashed_name

_SAFE: Final = "/-._~!$&'()*+,;=:@"
"""The characters that a path may contain unescaped (RFC 3986, section 3.3)."""

_PLAIN: Final = re.compile(r"[\w/\-.~]*", re.ASCII)
"""A path of unreserved characters (RFC 3986, section 2.3): most are, and stay as they are."""

_SITE_PATH: Final = re.compile(r"/(?:(?!\.\.?(?:/|\Z))[^/\\:\x00-\x1f\x7f]+(?:/|\Z))*")
"""A site path whose output path is below the site's folder on every system."""

ASSETS: Final = "/assets/"
REDIRECT_MAP: Final = "/redirects.map"
"""The older addresses of a site, as a part of an nginx `map`: `"/old/" "/new/";` on each line."""
REMOVED: Final = "410"
"""The value of an address in the map whose page was removed: a status code of HTTP."""
FIXED_FOLDERS: Final = frozenset({"assets", "feeds", "importance", "languages", "search"})
"""Reserved first parts of paths that belong to no kind of page: files, feeds, and a future search."""
LIST_NAME: Final = "feeds.opml"
CALENDAR_NAME: Final = "calendar.ics"
_SEGMENTS: Final = {
    "topics": {"topics": (1, 2), "perspectives": (2, 3)},
    "countries": {"countries": (1, 3), "topics": (2, 4)},
    "perspectives": {"perspectives": (1, 2)},
    "sources": {"sources": (1, 2)},
}
"""The parts of a path that can be a topic, a country, a perspective or a source, by the first part of the path."""


class Urls(Struct, frozen=True):
    """The URLs of one locale. `prefix` is empty or the path of `base_url` without its last slash."""

    base_url: str
    locale: str
    is_first: bool

    @classmethod
    def of(cls, config: Config, locale: str) -> "Urls":
        """Return the URLs of one locale of a site."""
        return cls(config.base_url, locale, locale == config.locales[0])

    @property
    def prefix(self) -> str:
        """The path of the site on its host, without the last slash."""
        return urlsplit(self.base_url).path.rstrip("/")

    def _page(self, *parts: str) -> str:
        path = "".join([f"{part}/" for part in parts])
        return f"/{path}" if self.is_first else f"/{self.locale}/{path}"

    def home(self) -> str:
        """Return the path of the home page."""
        return self._page()

    def not_found(self) -> str:
        """Return the path of the page at addresses that do not exist."""
        return f"{self.home()}404.html"

    def section(self, key: str) -> str:
        """Return the path of a section of the site, such as `topics`, of a page below it, or of a static page."""
        return self._page(key)

    def article(self, slug: str) -> str:
        """Return the path of an article."""
        return self._page("articles", slug)

    def topic(self, key: str) -> str:
        """Return the path of a topic."""
        return self._page("topics", key)

    def country(self, code: str) -> str:
        """Return the path of a country."""
        return self._page("countries", code.lower())

    def pair(self, one: str, other: str) -> str:
        """Return the path of a pair of countries, in any order."""
        first, second = sorted((one, other))
        return self._page("countries", first.lower(), second.lower())

    def crossing(self, topic: str, codes: Sequence[str]) -> str:
        """Return the path of a topic combined with one country or with a pair, in any order."""
        return self._page("topics", topic, *(code.lower() for code in sorted(codes)))

    def source(self, name: str) -> str:
        """Return the path of a source."""
        return self._page("sources", source_slug(name))

    def perspective(self, key: str, topic: str | None = None) -> str:
        """Return the path of a perspective, or of a perspective on one topic."""
        return self._page("perspectives", key, *([] if topic is None else [topic]))

    def issue(self, monday: date) -> str:
        """Return the path of the issue of the week that begins on `monday`: the year and the number of ISO 8601."""
        year, week, _ = monday.isocalendar()
        return self._page("issues", f"{year}-w{week:02}")

    def edition(self, day: date) -> str:
        """Return the path of the edition of a day."""
        return self._page("editions", day.isoformat())

    def email(self, page: str, suffix: str) -> str:
        """Return the path of the page at `page` as an e-mail: `suffix` is html or txt."""
        return f"{page}email.{suffix}"

    def month(self, index: str, month: date, part: int = 0) -> str:
        """Return the path of a month, or of a part of it, of the page at `index` (a topic, country or the archive)."""
        return f"{index}{month:%Y-%m}/{part}/" if part else f"{index}{month:%Y-%m}/"

    def language(self, tag: str) -> str:
        """Return the path of the articles in a language."""
        return self._page("languages", tag.lower())

    def importance(self, minimum: int) -> str:
        """Return the path of the articles of a minimum importance."""
        return self._page("importance", str(minimum))

    def feed(self, index: str, kind: str = "rss") -> str:
        """Return the path of a feed in a format next to the page at `index`."""
        return index + FEED_FORMATS[kind].file_name

    def opml(self, index: str) -> str:
        """Return the path of the list of feeds next to the page at `index`."""
        return index + LIST_NAME

    def calendar(self, index: str) -> str:
        """Return the path of the calendar next to the page at `index`."""
        return index + CALENDAR_NAME

    def local(self, path: str, locales: Sequence[str]) -> str:
        """Return a path of the first locale in this locale; a path with a locale is returned unchanged."""
        has_locale = path.split("/")[1] in locales[1:]
        return path if self.is_first or has_locale else f"/{self.locale}{path}"

    def without_locale(self, path: str) -> str:
        """Return a path of this locale without the locale, as in the first locale."""
        return path if self.is_first else path.removeprefix(f"/{self.locale}")

    def href(self, path: str) -> str:
        """Return a site path for a link: absolute on the host, escaped."""
        return self.prefix + escape_path(path)

    def absolute(self, path: str) -> str:
        """Return a site path as a full URL."""
        return self.base_url + escape_path(path[1:])


def version_url(config: Config, article: Article, version: LocalizedVersion) -> str:
    """Return the URL of the first page that shows a version of an article; that of the first locale if none does."""
    locales = config.locales if article.translations else ()
    shown = (locale for locale in locales if article.localized(locale).path == version.path)
    urls = Urls.of(config, next(shown, config.locales[0]))
    return urls.absolute(urls.article(article.slug))


def escape_fragment(fragment: str) -> str:
    """Return a fragment with the characters escaped that it must not contain (RFC 3986, section 3.5)."""
    return quote(fragment, safe=f"{_SAFE}?")


def escape_path(path: str) -> str:
    """Return a path with the characters escaped that an address must not contain."""
    return path if _PLAIN.fullmatch(path) else quote(path, safe=_SAFE)


def facet_path(urls: Urls, facet: Facet) -> str:
    """Return the path of the index of a facet; that of the entire site is the archive."""
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
    return urls.section(facet.section or "archive")


def feed_folder(urls: Urls, facet: Facet) -> str:
    """Return the folder of the feeds of a facet; the feeds of the entire site are at the top."""
    return urls.home() if facet == ENTIRE_SITE else facet_path(urls, facet)


def data_path(name: str) -> str:
    """Return the site path of a file of open data; it is the same in all locales."""
    return f"/data/{name}"


def table_path(name: str, period: str) -> str:
    """Return the site path of a table of open data, or of the part of a divided table that has a year or a month."""
    return data_path(f"{period}/{name}" if period else name)


def article_data_path(identifier: str) -> str:
    """Return the site path of one article as data. It has the permanent id, because the slug may change."""
    return data_path(f"articles/{identifier}.json")


DATA_PACKAGE: Final = data_path("datapackage.json")
"""The site path of the description of the tables of open data."""
SCHEMA: Final = data_path("front-matter.schema.json")
"""The site path of the JSON Schema of the front matter."""


def media_path(path: str, digest: str) -> str:
    """Return the site path of an image or document of the content folder."""
    return asset_path(path.rpartition("/")[2], digest)


def alias_path(alias: str) -> str:
    """Return the site path of an alias: that of a file if it ends in `.html`, else that of a page."""
    path = f"/{alias.strip('/')}"
    return path if path.endswith(".html") else f"{path}/"


def redirect_path(text: str) -> str:
    """Return the site path of an address in `redirects` or `gone`: that of a file if its last part has a dot."""
    return text if text.endswith("/") or "." in text.rpartition("/")[2] else f"{text}/"


def older_path(path: str, kind: str, new: str, old: str, locales: Sequence[str] = ()) -> str | None:
    """Return the site path that a page or feed had while `new` was called `old`; None if it does not depend on that.

    `kind` is `topics`, `countries`, `perspectives` or `sources`. `locales` are those that begin a path.
    """
    if kind == "countries":
        new, old = new.lower(), old.lower()
    elif kind == "sources":
        new, old = source_slug(new), source_slug(old)
    first, parts = [], path[1:].split("/")
    if parts[0] in locales:
        first, parts = parts[:1], parts[1:]
    start, stop = _SEGMENTS[kind].get(parts[0], (0, 0))
    names = [old if part == new else part for part in parts[start:stop]]
    if names == parts[start:stop]:
        return None
    if kind == "countries":
        codes = sorted(part for part in names if part.isalnum())  # not those of months and files
        names[: len(codes)] = codes
    return "/" + "/".join([*first, *parts[:start], *names, *parts[stop:]])


def asset_path(name: str, digest: str) -> str:
    """Return the site path of a static file: its name with the first ten digits of its hash."""
    return f"{ASSETS}{hashed_name(name, digest)}"


def is_site_path(path: str) -> bool:
    """Return whether a path is a site path, whose file is in the site's folder."""
    return _SITE_PATH.fullmatch(path) is not None


def output_path(path: str) -> str:
    """Return the output path of a site path: that of the file in the site's folder."""
    return f"{path[1:]}index.html" if path.endswith("/") else path[1:]


def site_path(path: str) -> str:
    """Return the site path of an output path."""
    return f"/{path.removesuffix('index.html')}" if path.rpartition("/")[2] == "index.html" else f"/{path}"


def is_page(path: str) -> bool:
    """Return whether an output path is that of a page or an e-mail."""
    return path.endswith(".html")


def is_email(path: str) -> bool:
    """Return whether an output path is that of an e-mail in HTML."""
    return path.endswith("/email.html")
