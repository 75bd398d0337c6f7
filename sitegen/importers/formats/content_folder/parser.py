"""The importer of content folders, for every generator of the table."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from datetime import time as clock
from functools import lru_cache, partial
from pathlib import Path
from posixpath import normpath
from typing import Any, Final

from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.importers.fields import ArticleFields, read_date, texts
from sitegen.importers.formats.content_folder.dialects import Dialect, find_dialect
from sitegen.importers.formats.content_folder.exclusions import exclusion
from sitegen.importers.formats.content_folder.inherited import inherited_values
from sitegen.importers.formats.content_folder.permalinks import (
    expand,
    glob,
    has_tokens,
    jekyll_slug,
    pelican_pattern,
    pelican_slug,
    urlized,
)
from sitegen.importers.formats.content_folder.settings import (
    SiteSettings,
    jekyll_collection,
    jekyll_type,
    known_languages,
    read_settings,
    split_language,
    suffixed_names,
)
from sitegen.importers.formats.content_folder.templates import html_of_templates, rules_of
from sitegen.importers.formats.content_folder.values import read_values
from sitegen.importers.front_matter import Value, has_front_matter, read_front_matter
from sitegen.importers.imported_article import ImportLog, ParseResult
from sitegen.importers.inputs import Input, InputError, is_program_file
from sitegen.importers.markup.converter import Converter
from sitegen.importers.markup.html import as_html, html_text
from sitegen.importers.markup.markdown_text import plain_text
from sitegen.importers.registry import importer
from sitegen.importers.values.addresses import LinkResolver, file_addresses
from sitegen.importers.values.visibility import TRUE
from sitegen.util.dates import PartialDate

_MARKDOWN: Final = frozenset({".md", ".markdown", ".mdx", ".mdown", ".mkd", ""})
_HTML: Final = frozenset({".html", ".htm"})
_OTHER: Final = {".rst": "reStructuredText", ".adoc": "AsciiDoc", ".org": "Org", ".textile": "Textile"}
_TEXTS: Final = (_MARKDOWN | _HTML | _OTHER.keys()) - {""}
_PROGRAM: Final = re.compile(r"---(?!yaml|toml|json)[a-z]+[ \t]*\n")
_DATED: Final = re.compile(r"(?P<date>\d{4}-\d{1,2}-\d{1,2})[-_](?P<name>.+)")
_SHORTCODE: Final = re.compile(r"\{\{[<%]\s*/?\s*[\w-]+")
_NOT_ARTICLES: Final = frozenset({"_index", "readme", "license", "changelog", "contributing"})
_SLUGIFIED: Final = {"hugo": urlized, "pelican": pelican_slug}
"""Generators whose addresses have the title of a text without a slug, and how they write it."""
_SLUGIFIED_TOKENS: Final = ("title", "slug", "slugorfilename", "slugorcontentbasename", "contentbasename", "filename")
_GROUP_KEYS: Final = frozenset({"translationkey", "page_id"})
"""Keys of Hugo and of a plugin of Jekyll whose value the versions of a text in several languages have."""
_STYLES: Final = {
    "date": "/:categories/:year/:month/:day/:title.html",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title.html",
    "none": "/:categories/:title.html",
}
"""The named forms of addresses of Jekyll."""


def _certainty(dialect: Dialect, file: Input) -> float:
    detected, is_text, is_program = _detect(file.file, file.folder, file.name, file.source.text)
    if detected not in {"", dialect.name}:
        return 0
    if is_program:
        return 0 if is_program_file(file) else 1  # pictures and the like are skipped in any folder
    if not is_text:
        return 0
    if detected:
        return 0.9
    if dialect.name == "jekyll" and file.file is not None and {"_posts", "_drafts"} & {*file.file.resolve().parts[:-1]}:
        return 0.6
    if dialect.name == "hugo" and (_SHORTCODE.search(file.source.text) or file.source.text.startswith("+++")):
        return 0.5
    return 0.4 if dialect.name == "markdown" else 0


@lru_cache(maxsize=1)  # the importers of all generators call it, one after the other
def _detect(path: Path | None, root: Path | None, name: str, text: str) -> tuple[str, bool, bool]:
    """Return the generator of the site of a file, empty without one, and whether the file is a text or a program.

    `root` is the input folder that it is in. Files of themes, programs and data are programs in the folder of a whole
    site only.
    """
    suffix = Path(name).suffix.lower()
    folder = path.resolve().parent if path is not None else None
    dialect_and_root = find_dialect(folder) if folder is not None else None
    is_text = suffix in _OTHER or (suffix in _MARKDOWN | _HTML and has_front_matter(text))
    if dialect_and_root is None or folder is None:
        return "", is_text, False
    dialect, site = dialect_and_root
    is_whole = root is not None and site.is_relative_to(root.resolve())
    parts = folder.relative_to(site).parts
    folders = [parts for parts, _ in read_settings(dialect, folder).folders if parts]
    programs = [tuple(name.split("/")) for name in dialect.programs]
    is_content = any(parts[: len(item)] == item for item in folders)
    if programs and not is_content:
        is_content = not any(parts[: len(item)] == item for item in programs)
    is_text = is_text or (is_content and suffix in _MARKDOWN and suffix in _TEXTS)
    is_program = is_whole and not (is_content and (is_text or suffix in _TEXTS))
    return dialect.name, is_text, is_program


def _parse(dialect: Dialect, file: Input, config: Config) -> list[ParseResult]:
    log = ImportLog(file, config)
    path = file.file.resolve() if file.file is not None else Path(file.name)
    if _detect(file.file, file.folder, file.name, file.source.text)[2]:
        message = f"{path.name} is not {dialect.description}"
        return [log.skipped(message, "name it, or its folder, as an input if you need it")]
    if kind := _OTHER.get(path.suffix.lower()):
        message = f"this is {kind}; expected Markdown or HTML"
        raise InputError("format-not-imported", 1, message, "convert it with pandoc first")
    base, _ = split_language(path.stem, known_languages(read_settings(dialect, path.parent), config))
    if base.lower() in _NOT_ARTICLES:
        message = f"{path.name} is a page about a section or the project, not an article"
        return [log.skipped(message, "copy its text by hand if you need it")]
    if _PROGRAM.match(file.source.text):
        raise InputError("no-front-matter", 1, "the front matter is a program; expected YAML, TOML or JSON")
    if has_front_matter(file.source.text):
        front, body, line = read_front_matter(file.source, log.diagnostics)
    elif dialect.name == "jekyll":
        return [log.skipped(f"{path.name} has no front matter, so Jekyll does not read it", "add two lines of ---")]
    else:
        front, body, line = {}, file.source.text, 1
    if log.diagnostics.errors:
        return [log.result(None)]
    reader = _Reader(path, dialect, log)
    inherited = reader.inherited_values() if file.file is not None else {}
    values, extra = read_values(front, log, dialect.name, inherited)
    return [reader.article(values, extra, body, line)]


class _Reader:
    """Reads one text of a generator."""

    def __init__(self, path: Path, dialect: Dialect, log: ImportLog) -> None:
        self._log, self._path, self._dialect = log, path, dialect.name
        file, config = self._file, self._config = log.file, log.config
        self._options = file.options
        settings = read_settings(dialect, path.parent) if file.file is not None else SiteSettings(dialect)
        self._settings = replace(settings, base_url=file.options.base_url or settings.base_url)
        base, self._suffix = split_language(path.stem, known_languages(self._settings, config))
        self._is_bundle = base == "index"
        self._base = path.parent.name if self._is_bundle else base
        match = _DATED.fullmatch(self._base)
        self._stem = match["name"] if match else self._base
        self._name_date = match["date"] if match else ""
        self._folders = list(path.relative_to(self._settings.root).parts[:-1])
        self._type = jekyll_type(self._folders) if dialect.name == "jekyll" else ""
        parents = (item for item in self._settings.folders if tuple(self._folders[: len(item[0])]) == item[0])
        content, language = next(parents, ((), ""))
        self._below = [name for name in self._folders[len(content) :] if name not in {"_posts", "_drafts"}]
        is_double = dialect.name == "eleventy" and self._below[-1:] == [self._base]  # name/name.md is name/
        sections = self._below[:-1] if self._is_bundle or is_double else self._below
        self._sections = [urlized(name) for name in sections] if dialect.name == "hugo" else sections
        self._text_path = "/".join([*self._sections, self._base])
        default = self._settings.default_language if self._settings.languages else ""
        self._path_language = self._suffix or language or default

    def inherited_values(self) -> dict[str, Any]:
        """Return the values that the old site sets for this text and others."""
        return inherited_values(self._settings, self._path, f"/{self._text_path}", self._path_language)

    def article(self, values: dict[str, Value], extra: dict[str, Any], text: str, line: int) -> ParseResult:
        """Return the article with a text that begins at a line."""
        if self._path_language:
            values.setdefault("lang", Value(self._path_language))
        is_translation = self._is_translation(values, extra.pop("translation", ""))
        if self._type == "posts" and "_posts" in self._folders:  # the folders above are categories
            folders = self._folders[: self._folders.index("_posts")]
            categories = values.get("categories", Value([]))
            values["categories"] = Value([*folders, *categories.value], categories.line)
        own = self._own_address(values)
        group = self._group(values, extra, own)
        rules = rules_of(self._dialect, is_mdx=self._path.suffix.lower() == ".mdx")
        folder = self._path.parent if self._file.file is not None else None
        in_site = self._settings.picture_folders
        links = LinkResolver(self._settings.base_url, own, folder, self._options.pictures, in_site)
        converter = Converter(self._log, links.resolve, self._config.perspectives, rules)
        is_html = self._path.suffix.lower() in _HTML
        body = converter.html(html_of_templates(text, rules), line) if is_html else converter.markdown(text, line)
        given = values.pop("aliases", Value([]))
        aliases = [self._alias(alias, own) for alias in given.value]
        if own and (self._settings.is_known or self._options.permalink or "url" in values):
            aliases.append(own)
        values.pop("url", None)
        values["aliases"] = Value(list(dict.fromkeys(aliases)), given.line)
        if reason := exclusion(self._settings, self._path):
            values.setdefault("hidden", Value(reason))
        if "summary" in values:
            summary = values["summary"]
            values["summary"] = Value(as_html(plain_text(html_text(summary.text))), summary.line)
        assumed = {"title": (self._stem.replace("-", " ").replace("_", " "), "the name of the file")}
        if self._name_date:
            assumed["date"] = (self._name_date, "in the name of the file")
        if self._settings.title:
            assumed["source.name"] = (self._settings.title, "the title of the old site")
        if self._stem:
            values.setdefault("slug", Value(self._stem))
        slug = "" if is_translation or "slug" not in values else values["slug"].text
        addresses = (own, *aliases, *self._file_addresses(slug, is_translation=is_translation))
        others = ParseResult(
            addresses=tuple(dict.fromkeys(filter(None, addresses))),
            base_url=self._settings.base_url,
            pictures=tuple(links.pictures.items()),
            translation_group=group,
            is_translation=is_translation,
        )
        return ArticleFields(self._log, values, body, extra, assumed, self._file_day(), others=others).article()

    def _file_day(self) -> date | None:
        if self._file.file is None:
            return None
        return datetime.fromtimestamp(self._path.stat().st_mtime, self._config.zone).date()

    # --- addresses ----------------------------------------------------------------------------------------------------

    def _own_address(self, values: Mapping[str, Value]) -> str:
        """Return the path that the text had on the old site; empty if it is unknown."""
        explicit = values["url"].text.removeprefix(self._settings.base_url) if "url" in values else ""
        prefix = self._language_prefix(values)
        if explicit and not has_tokens(explicit):
            is_at_root = self._dialect == "hugo" and explicit.startswith("/")
            return f"{'' if is_at_root else prefix}/{explicit.removeprefix('/')}"
        pattern = explicit or self._options.permalink or self._pattern(values)
        if not pattern:
            return ""
        written = values["date"].text if "date" in values else self._name_date
        parsed = read_date(written) if written else None
        time = parsed.instant or datetime.combine(parsed.day, clock()) if isinstance(parsed, PartialDate) else None
        address = expand(pattern, self._names(values, pattern), self._sections, time)
        if address and self._settings.is_ugly:
            address = re.sub(r"/?(?:\.html)?$", ".html", address, count=1)
        return f"{prefix}{address}" if address else ""

    def _pattern(self, values: Mapping[str, Value]) -> str:
        """Return the form of the address of the text by the settings of its site, or the usual one."""
        path = f"/{self._text_path}"
        pattern = next((form for paths, form in self._settings.permalinks if glob(paths)(path)), "")
        is_version = self._language(values) not in {"", self._settings.default_language or "en"}
        if self._dialect == "pelican" and self._sections[:1] == ["pages"]:
            if is_version:
                return self._pelican_form("page_lang_url", "/pages/:slug-:lang.html")
            return pattern if "page_url" in self._settings.values else "/pages/:slug.html"
        if self._dialect == "pelican" and is_version:
            pattern = self._pelican_form("article_lang_url", "/:slug-:lang.html")
        if self._type not in {"", "posts"}:
            return self._jekyll_pattern(pattern)
        return _STYLES.get(pattern, pattern) or self._settings.dialect.permalink

    def _pelican_form(self, key: str, usual: str) -> str:
        """Return the form of an address in the settings of Pelican, or the usual one."""
        form = self._settings.values.get(key)
        return pelican_pattern(form) if isinstance(form, str) and form else usual

    def _jekyll_pattern(self, pattern: str) -> str:
        """Return the form of the address of a page or of a text of a collection; `pattern` is that of posts."""
        end = "/" if pattern == "pretty" or pattern.endswith("/") or self._is_bundle else ":output_ext"
        if self._type == "pages":
            return f"/:path{end}"
        form = jekyll_collection(self._settings, self._type).get("permalink")
        return form if isinstance(form, str) and form else f"/:collection/:path{end}"

    def _alias(self, alias: str, own: str) -> str:
        """Return an older address as a path from the root of the site. Hugo's can be relative to the text's own."""
        is_relative = self._dialect == "hugo" and own and not re.match(r"/|https?:", alias)
        return normpath(f"{own.rstrip('/').rpartition('/')[0]}/{alias}") if is_relative else alias

    def _names(self, values: Mapping[str, Value], pattern: str) -> dict[str, str]:
        """Return the values of the tokens in the form of an address, except dates and sections."""
        sections = self._sections
        slug, title = (values[key].text if key in values else "" for key in ("slug", "title"))
        base = self._stem if self._settings.has_dated_names else self._base
        categories = texts(values["categories"].value) if "categories" in values else []
        names = {
            **dict.fromkeys(("slug", "title", "slugorfilename", "slugorcontentbasename"), slug or base),
            **dict.fromkeys(("contentbasename", "filename", "name"), base),
            **dict.fromkeys(("section", "sectionslug", "collection"), "/".join(sections[:1])),
            "path": "/".join(sections),
            "categories": "/".join(categories).lower(),
            "category": categories[0].lower() if categories else "",
            "lang": self._language(values),
            "output_ext": ".html",
        }
        if self._type not in {"", "posts"}:
            folders = [part for part in sections if not part.startswith("_")]
            names |= {"collection": self._type, "path": "/".join([*folders, base])}
        if self._dialect == "jekyll":
            names |= {"title": jekyll_slug(names["title"]), "slug": jekyll_slug(names["slug"]).lower()}
        if slugified := _SLUGIFIED.get(self._dialect):
            names |= {"title": title or base, "slug": slug or title or base}
            names |= {key: slugified(names[key]) for key in _SLUGIFIED_TOKENS if f":{key}" in pattern}
        return names

    # --- languages ----------------------------------------------------------------------------------------------------

    def _language(self, values: Mapping[str, Value]) -> str:
        return values["lang"].text if "lang" in values else ""

    def _language_prefix(self, values: Mapping[str, Value]) -> str:
        """Return the start of the addresses of texts in the language of this one."""
        language = self._language(values).casefold()
        return next((start for name, start in self._settings.languages if name.casefold() == language), "")

    def _is_translation(self, values: Mapping[str, Value], declared: object) -> bool:
        """Return whether the text is not in the default language of its site. Pelican's texts declare it."""
        default, language = (name.casefold() for name in (self._settings.default_language, self._language(values)))
        return str(declared).lower() in TRUE or (language not in {"", default} if default else bool(self._suffix))

    def _group(self, values: Mapping[str, Value], extra: Mapping[str, Any], own: str) -> str:
        """Return a name that the versions of this text in other languages have, too; empty if it has none."""
        explicit = next((text for key, text in extra.items() if key.lower() in _GROUP_KEYS and text), "")
        key: object = ""
        if self._dialect == "pelican":
            key = self._names(values, ":slug")["slug"]
        elif self._dialect == "jekyll":
            key = self._settings.languages and (explicit or own.removeprefix(self._language_prefix(values)))
        elif (
            self._settings.languages
            or self._suffix
            or self._base in suffixed_names(self._path.parent, known_languages(self._settings, self._config))
        ):
            key = explicit or self._text_path
        return f"{self._settings.root}:{key}" if key else ""

    def _file_addresses(self, slug: str, *, is_translation: bool) -> list[str]:
        """Return the addresses by which other texts can link to the file of this one."""
        name = self._path.name
        paths = [] if is_translation else ["/".join([*self._below, name]), "/".join([*self._below, self._base])]
        paths += ["/".join([*self._folders, name]), *([f"_posts/{name}"] if self._type == "posts" else [])]
        names = [] if is_translation else [self._base]
        names += [] if self._is_bundle else [self._path.stem]
        address = [] if is_translation else [self._text_path]
        file = self._path if self._file.file is not None else None
        return [*address, *file_addresses(file, dict.fromkeys(paths), dict.fromkeys(names), slug)]


def register(dialect: Dialect) -> None:
    """Register the importer of a generator."""
    importer(dialect.name, dialect.description, detect=partial(_certainty, dialect))(partial(_parse, dialect))
