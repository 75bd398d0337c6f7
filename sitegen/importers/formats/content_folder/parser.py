"""The importer of content folders, for every generator of the table."""

import re
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.importers.addresses import OldSite
from sitegen.importers.fields import ArticleFields, build_article, read_date, texts
from sitegen.importers.formats.content_folder.dialects import (
    DIALECTS,
    Dialect,
    GeneratorSite,
    find_dialect,
    read_site,
)
from sitegen.importers.formats.content_folder.templates import RULES
from sitegen.importers.front_matter import FrontPart, Value, has_front_matter, read_front_matter
from sitegen.importers.imported_article import ImportLog, ParseResult
from sitegen.importers.inputs import Input, resolved
from sitegen.importers.markup import Converter, Use
from sitegen.importers.registry import importer
from sitegen.util.dates import PartialDate

DIALECT_NAMES: Final = tuple(dialect.name for dialect in DIALECTS)

_MARKDOWN: Final = frozenset({".md", ".markdown", ".mdx", ".mdown", ".mkd", ""})
_HTML: Final = frozenset({".html", ".htm"})
_OTHER: Final = {".rst": "reStructuredText", ".adoc": "AsciiDoc", ".org": "Org", ".textile": "Textile"}
_SUFFIXES: Final = _MARKDOWN | _HTML | _OTHER.keys()
_DATED: Final = re.compile(r"(?P<date>\d{4}-\d{1,2}-\d{1,2})[-_](?P<name>.+)")
_PLACEHOLDER: Final = re.compile(r":([a-z_]+)")
_SHORTCODE: Final = re.compile(r"\{\{[<%]\s*/?\s*[\w-]+")
_NOT_ARTICLES: Final = frozenset({"_index", "readme", "license", "changelog", "contributing"})

_KEYS: Final[Mapping[str, tuple[str, ...]]] = {
    "id": ("id",),
    "title": ("title",),
    "date": ("date", "pubdate", "published_at", "publisheddate", "datepublished", "created", "created_at"),
    "updated": ("updated", "lastmod", "modified", "last_modified_at", "updateddate", "updated_at", "datemodified"),
    "publish": ("publish", "publishdate"),
    "expire": ("expire", "expirydate", "unpublishdate"),
    "lang": ("lang", "language", "locale"),
    "slug": ("slug",),
    "summary": ("summary", "description", "excerpt", "deck", "lead", "abstract"),
    "importance": ("importance",),
    "countries": ("countries", "country"),
    "topics": ("topics", "topic"),
    "draft": ("draft",),
    "source.name": ("source_name", "publisher"),
    "source.url": (
        "source_url",
        "canonical_url",
        "canonical",
        "canonicalurl",
        "external_url",
        "externalurl",
        "original_url",
    ),
    "source.lang": ("source_lang",),
    "generated": ("generated",),
}
"""The keys of generators by those of this project; the first with a value counts."""
_LISTS: Final[Mapping[str, tuple[str, ...]]] = {
    "categories": ("categories", "category", "section"),
    "tags": ("tags", "tag", "keywords", "taxonomies"),
    "aliases": ("aliases", "alias", "redirect_from", "redirects", "old_url", "old_urls"),
}
_ADDRESS: Final = ("url", "permalink", "path")
_LAYOUT: Final = frozenset({"layout", "template", "markup", "type"})
"""Keys that choose how a generator renders a page. They are left out, which is recorded."""


def _certainty(file: Input, dialect: Dialect) -> float:
    suffix = Path(file.name).suffix.lower()
    if suffix not in _SUFFIXES:
        return 0
    folder = resolved(file.file).parent if file.file is not None else None
    found = find_dialect(folder) if folder is not None else None
    if (found is not None and found[0] != dialect) or not has_front_matter(file.source.text):
        return 0
    if found is not None:
        return 0.9
    if dialect.name == "jekyll" and folder is not None and {"_posts", "_drafts"} & set(folder.parts):
        return 0.6
    if dialect.name == "hugo" and (_SHORTCODE.search(file.source.text) or file.source.text.startswith("+++")):
        return 0.5
    return 0.4 if dialect.name == "markdown" else 0


def _parse(file: Input, config: Config, dialect: Dialect) -> list[ParseResult]:
    log = ImportLog(file.source, file.options.defaults)
    suffix = Path(file.name).suffix.lower()
    if suffix in _OTHER:
        message = f"this is {_OTHER[suffix]}; expected Markdown or HTML"
        log.diagnostics.error("format-not-imported", log.location(1), message, hint="convert it with pandoc first")
        return [log.result(None)]
    part = read_front_matter(file.source, log.diagnostics)
    if part is None:
        hint = "import only the folder of the articles"
        log.diagnostics.error("no-front-matter", log.location(1), "there is no front matter", hint=hint)
        return [log.result(None)]
    if log.diagnostics.errors:
        return [log.result(None)]
    path = resolved(file.file) if file.file is not None else Path(file.name)
    if path.stem.lower() in _NOT_ARTICLES:
        message = f"{path.name} is a page about a section or the project, not an article"
        log.diagnostics.warning("skipped-file", log.location(1), message, hint="copy its text by hand if you need it")
        return [log.result(None)]
    return [_Reader(file, part, dialect, config, log).read()]


class _Reader:
    """Reads one text of a generator."""

    def __init__(self, file: Input, part: FrontPart, dialect: Dialect, config: Config, log: ImportLog) -> None:
        self._file, self._part, self._dialect = file, part, dialect
        self._config, self._log = config, log
        self._options = file.options
        path = self._path = resolved(file.file) if file.file is not None else Path(file.name)
        self._site = read_site(dialect, path.parent) if file.file is not None else GeneratorSite(Path("/nonexistent"))
        base = self._options.base_url or self._site.base_url
        self._old = OldSite(base, tuple(self._site.root / name for name in dialect.statics))
        self._is_bundle = path.stem == "index"
        name = path.parent.name if self._is_bundle else path.stem
        match = _DATED.fullmatch(name)
        self._stem = match["name"] if match else name
        self._name_date = match["date"] if match else ""

    def read(self) -> ParseResult:
        values, extra = self._values()
        own = self._own_address(values)
        pictures: dict[str, Path] = {}
        converter = Converter(
            self._log, partial(self._resolve, own, pictures), self._config.perspectives, RULES[self._dialect.name]
        )
        is_html = self._path.suffix.lower() in _HTML
        body = (converter.html if is_html else converter.markdown)(self._part.body, self._part.body_line)
        aliases = [*texts(values["aliases"].value)] if "aliases" in values else []
        if own and (self._site.is_known or self._options.permalink or "url" in values):
            aliases.append(own)
        if aliases:
            values["aliases"] = Value(list(dict.fromkeys(aliases)), values.get("aliases", Value("")).line)
        values.pop("url", None)
        assumed = {"title": (self._stem.replace("-", " ").replace("_", " "), "the name of the file")}
        if self._name_date:
            assumed["date"] = (self._name_date, "in the name of the file")
        if self._site.title:
            assumed["source.name"] = (self._site.title, "the title of the old site")
        if "slug" not in values and self._stem:
            values["slug"] = Value(self._stem)
        fields = ArticleFields(
            values,
            body,
            extra,
            self._addresses(own, aliases, values["slug"].text if "slug" in values else ""),
            assumed,
            base_url=self._old.base_url,
        )
        result = build_article(fields, self._options, self._config, self._log)
        return replace(result, pictures=tuple(pictures.items()))

    def _values(self) -> tuple[dict[str, Value], dict[str, Any]]:
        """Return the values by the keys of this project, and those without a place."""
        given = {key.lower(): value for key, value in self._part.values.items()}
        names = {key.lower(): key for key in self._part.values}
        used: set[str] = set()
        values: dict[str, Value] = {}
        for key, keys in _KEYS.items():
            found = next((name for name in keys if name in given and _fits(key, given[name])), None)
            if found is not None:
                values[key] = given[found]
                used.add(found)
        for key, keys in _LISTS.items():
            present = [name for name in keys if name in given and name not in used]
            items = [item for name in present for item in self._items(key, given[name].value)]
            if items:
                values[key] = Value(list(dict.fromkeys(items)), given[present[0]].line)
            used.update(present)
        self._read_state(given, values, used)
        source = given.get("source")
        if source is not None and isinstance(source.value, dict):
            values |= {
                f"source.{key}": Value(text, source.line) for key, text in source.value.items() if isinstance(text, str)
            }
            used.add("source")
        elif source is not None and source.text:
            values["source.url" if source.text.startswith("http") else "source.name"] = source
            used.add("source")
        address = next((name for name in _ADDRESS if name in given and given[name].text not in {"", "false"}), None)
        if address is not None and "{{" not in given[address].text:
            values["url"] = given[address]
            used.add(address)
        layout = sorted(_LAYOUT & given.keys())
        for name in layout:
            self._log.omit(given[name].line, f"{names[name]}, which chooses the layout of the page")
        used.update(layout)
        nested = given.get("extra")
        extra = {names[key]: value.value for key, value in given.items() if key not in used and key != "extra"}
        if nested is not None:
            extra |= nested.value if isinstance(nested.value, dict) else {"extra": nested.value}
        return values, extra

    def _items(self, key: str, value: Any) -> list[str]:
        if self._dialect.name == "jekyll" and key != "aliases" and isinstance(value, str) and "," not in value:
            return value.split() if key == "categories" else texts(value)
        return [str(value)] if key == "aliases" and isinstance(value, str) and value else texts(value)

    @staticmethod
    def _read_state(given: Mapping[str, Value], values: dict[str, Value], used: set[str]) -> None:
        """Read `published: false` of Jekyll and `status: draft` of Pelican and Nikola."""
        published = given.get("published")
        if published is not None and published.text.casefold() in {"true", "false"}:
            used.add("published")
            if published.text.casefold() == "false":
                values["draft"] = Value("true", published.line)
        elif published is not None and "date" not in values:
            values["date"] = published
            used.add("published")
        status = given.get("status")
        if status is not None and status.text.casefold() in {"draft", "hidden", "private", "published", "featured", ""}:
            used.add("status")
            if status.text.casefold() in {"draft", "hidden", "private"}:
                values["draft"] = Value("true", status.line)

    # --- addresses ----------------------------------------------------------------------------------------------------

    def _own_address(self, values: Mapping[str, Value]) -> str:
        """Return the path that the text had on the old site; empty if it is unknown."""
        explicit = values.get("url")
        pattern = self._options.permalink or _named(self._site.permalink) or self._dialect.permalink
        if explicit is not None and not _PLACEHOLDER.search(explicit.text):
            text = explicit.text.removeprefix(self._old.base_url) if self._old.base_url else explicit.text
            return text if text.startswith("/") else f"/{text}"
        if explicit is not None:
            pattern = explicit.text
        if not pattern:
            return ""
        date = values["date"].text if "date" in values else self._name_date
        parsed = read_date(date) if date else None
        day = parsed.day if isinstance(parsed, PartialDate) else None
        slug = values["slug"].text if "slug" in values else ""
        known = {
            "sections": "/".join(self._sections()),
            "section": "/".join(self._sections()[:1]),
            "slug": slug or self._stem,
            "title": slug or self._stem,
            "contentbasename": self._stem,
            "filename": self._stem,
            "slugorfilename": slug or self._stem,
            "slugorcontentbasename": slug or self._stem,
            "path": "/".join(self._sections()),
            "categories": "/".join(texts(values["categories"].value)).lower() if "categories" in values else "",
        }
        if day is not None:
            known |= {"year": f"{day:%Y}", "month": f"{day:%m}", "day": f"{day:%d}"}
            known |= {"i_month": str(day.month), "i_day": str(day.day), "short_year": f"{day:%y}", "y_day": f"{day:%j}"}
        if any(name not in known for name in _PLACEHOLDER.findall(pattern)):
            return ""
        filled = _PLACEHOLDER.sub(lambda match: known[match[1]], pattern)
        return re.sub(r"/{2,}", "/", filled if filled.startswith("/") else f"/{filled}")

    def _sections(self) -> list[str]:
        """Return the folders of the text below that of all texts."""
        try:
            parts = list(self._path.relative_to(self._site.root).parts[:-1])
        except ValueError:
            return []
        for content in sorted(self._dialect.contents, key=len, reverse=True):
            folders = content.split("/") if content else []
            if folders and parts[: len(folders)] == folders:
                parts = parts[len(folders) :]
                break
        parts = [part for part in parts if part not in {"_posts", "_drafts"}]
        return parts[:-1] if self._is_bundle else parts

    def _addresses(self, own: str, aliases: list[str], slug: str) -> tuple[str, ...]:
        """Return the addresses by which other texts can link to this one."""
        name = self._path.name
        relative = "/".join([*self._sections(), name])
        names = [relative, relative.rpartition(".")[0], f"_posts/{name}"] if not self._is_bundle else []
        names += [name] if not self._is_bundle else ["/".join([*self._sections(), self._path.parent.name])]
        bundle = [f"{self._path.parent.name}.md"] if self._is_bundle else []
        names += [f"{slug}.md"] if slug else []
        return tuple(dict.fromkeys(address for address in (own, *aliases, *names, *bundle) if address))

    def _resolve(self, own: str, pictures: dict[str, Path], address: str, use: Use) -> str | None:
        wanted = pictures if use == "picture" else None
        if use == "picture" and not self._options.pictures:
            return None
        folder = self._path.parent if self._file.file is not None else None
        return self._old.resolve(address, own, folder, wanted)


def _fits(key: str, value: Value) -> bool:
    if key in {"countries", "topics", "generated"}:
        return bool(value.value)
    return isinstance(value.value, str) and bool(value.text)


def _named(permalink: str) -> str:
    """Return the pattern of a style of Jekyll."""
    styles = {
        "date": "/:categories/:year/:month/:day/:title.html",
        "pretty": "/:categories/:year/:month/:day/:title/",
        "ordinal": "/:categories/:year/:y_day/:title.html",
        "none": "/:categories/:title.html",
    }
    return styles.get(permalink, permalink)


def _register(dialect: Dialect) -> None:
    def detect(file: Input) -> float:
        return _certainty(file, dialect)

    def parse(file: Input, config: Config) -> list[ParseResult]:
        return _parse(file, config, dialect)

    register: Callable[..., Any] = importer(dialect.name, dialect.description, detect=detect)
    register(parse)


for _dialect in DIALECTS:
    _register(_dialect)
