"""The importer of content folders, for every generator of the table."""

import re
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any, Final

from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.importers.addresses import OldSite
from sitegen.importers.fields import ArticleFields, build_article, read_date, texts
from sitegen.importers.formats.content_folder.dialects import Dialect, find_dialect, read_site
from sitegen.importers.formats.content_folder.templates import rules_of
from sitegen.importers.formats.content_folder.values import read_values
from sitegen.importers.front_matter import Value, has_front_matter, read_front_matter
from sitegen.importers.imported_article import ImportLog, InputError, ParseResult
from sitegen.importers.inputs import Input, resolved
from sitegen.importers.markup import Converter, Use
from sitegen.importers.registry import importer
from sitegen.util.dates import PartialDate

_MARKDOWN: Final = frozenset({".md", ".markdown", ".mdx", ".mdown", ".mkd", ""})
_HTML: Final = frozenset({".html", ".htm"})
_OTHER: Final = {".rst": "reStructuredText", ".adoc": "AsciiDoc", ".org": "Org", ".textile": "Textile"}
_DATED: Final = re.compile(r"(?P<date>\d{4}-\d{1,2}-\d{1,2})[-_](?P<name>.+)")
_PLACEHOLDER: Final = re.compile(r":([a-z_]+)")
_SHORTCODE: Final = re.compile(r"\{\{[<%]\s*/?\s*[\w-]+")
_NOT_ARTICLES: Final = frozenset({"_index", "readme", "license", "changelog", "contributing"})
_STATE_TAGS: Final = frozenset({"nikola", "markdown"})
"""Generators whose tags can keep a text from the public. A single text of Nikola is read as Markdown."""
_STYLES: Final = {
    "date": "/:categories/:year/:month/:day/:title.html",
    "pretty": "/:categories/:year/:month/:day/:title/",
    "ordinal": "/:categories/:year/:y_day/:title.html",
    "none": "/:categories/:title.html",
}
"""The named forms of addresses of Jekyll."""


def _certainty(dialect: Dialect, file: Input) -> float:
    suffix = Path(file.name).suffix.lower()
    if suffix not in _MARKDOWN | _HTML | _OTHER.keys():
        return 0
    folder = resolved(file.file).parent if file.file is not None else None
    found = find_dialect(folder) if folder is not None else None
    if found is not None and found[0] != dialect:
        return 0
    if suffix not in _OTHER and not has_front_matter(file.source.text):
        return 0
    if found is not None:
        return 0.9
    if dialect.name == "jekyll" and folder is not None and {"_posts", "_drafts"} & set(folder.parts):
        return 0.6
    if dialect.name == "hugo" and (_SHORTCODE.search(file.source.text) or file.source.text.startswith("+++")):
        return 0.5
    return 0.4 if dialect.name == "markdown" else 0


def _parse(dialect: Dialect, file: Input, config: Config) -> list[ParseResult]:
    log = ImportLog(file.source, file.options.defaults)
    path = resolved(file.file) if file.file is not None else Path(file.name)
    if kind := _OTHER.get(path.suffix.lower()):
        message = f"this is {kind}; expected Markdown or HTML"
        raise InputError("format-not-imported", 1, message, "convert it with pandoc first")
    front, body, line = read_front_matter(file.source, log.diagnostics)
    if log.diagnostics.errors:
        return [log.result(None)]
    if path.stem.lower() in _NOT_ARTICLES:
        message = f"{path.name} is a page about a section or the project, not an article"
        return [log.skipped(1, message, "copy its text by hand if you need it")]
    reader = _Reader(file, path, dialect, config, log)
    values, extra = read_values(
        front, log, are_words_categories=dialect.name == "jekyll", has_state_tags=dialect.name in _STATE_TAGS
    )
    return [reader.article(values, extra, body, line)]


class _Reader:
    """Reads one text of a generator."""

    def __init__(self, file: Input, path: Path, dialect: Dialect, config: Config, log: ImportLog) -> None:
        self._file, self._path, self._dialect = file, path, dialect
        self._config, self._log, self._options = config, log, file.options
        site = read_site(dialect, path.parent) if file.file is not None else OldSite()
        self._site = replace(site, base_url=file.options.base_url or site.base_url)
        self._pictures: dict[str, Path] = {}
        self._is_bundle = path.stem == "index"
        name = path.parent.name if self._is_bundle else path.stem
        match = _DATED.fullmatch(name)
        self._stem = match["name"] if match else name
        self._name_date = match["date"] if match else ""

    def article(self, values: dict[str, Value], extra: dict[str, Any], text: str, line: int) -> ParseResult:
        """Return the article with a text that begins at a line."""
        own = self._own_address(values)
        rules = rules_of(self._dialect.name)
        converter = Converter(self._log, partial(self._resolve, own), self._config.perspectives, rules)
        is_html = self._path.suffix.lower() in _HTML
        body = (converter.html if is_html else converter.markdown)(text, line)
        given = values.pop("aliases", Value([]))
        aliases = [*given.value]
        if own and (self._site.is_known or self._options.permalink or "url" in values):
            aliases.append(own)
        values.pop("url", None)
        values["aliases"] = Value(list(dict.fromkeys(aliases)), given.line)
        if reason := self._unbuilt():
            values.setdefault("hidden", Value(reason))
        assumed = {"title": (self._stem.replace("-", " ").replace("_", " "), "the name of the file")}
        if self._name_date:
            assumed["date"] = (self._name_date, "in the name of the file")
        if self._site.title:
            assumed["source.name"] = (self._site.title, "the title of the old site")
        if self._stem:
            values.setdefault("slug", Value(self._stem))
        addresses = self._addresses(own, aliases, values["slug"].text if "slug" in values else "")
        fields = ArticleFields(
            values, body, extra=extra, addresses=addresses, assumed=assumed, base_url=self._site.base_url
        )
        result = build_article(fields, self._options, self._config, self._log)
        return replace(result, pictures=tuple(self._pictures.items()))

    def _unbuilt(self) -> str:
        """Return the reason why a generator does not publish a file with this path; empty if it does."""
        try:
            parts = self._path.relative_to(self._site.root).parts
        except ValueError:
            parts = self._path.parts[-1:]
        if self._dialect.name == "jekyll" and ("_drafts" in self._path.parts or parts[-1].startswith("_")):
            return "Jekyll does not publish its file"
        if self._dialect.name == "astro" and any(part.startswith("_") for part in parts):
            return "Astro does not publish its file"
        return ""

    # --- addresses ----------------------------------------------------------------------------------------------------

    def _own_address(self, values: Mapping[str, Value]) -> str:
        """Return the path that the text had on the old site; empty if it is unknown."""
        explicit = values["url"].text if "url" in values else ""
        if explicit and not _PLACEHOLDER.search(explicit):
            return f"/{explicit.removeprefix(self._site.base_url).removeprefix('/')}"
        style = _STYLES.get(self._site.permalink, self._site.permalink)
        pattern = explicit or self._options.permalink or style or self._dialect.permalink
        if not pattern:
            return ""
        date = values["date"].text if "date" in values else self._name_date
        parsed = read_date(date) if date else None
        day = parsed.day if isinstance(parsed, PartialDate) else None
        slug = values["slug"].text if "slug" in values else ""
        sections, name = self._sections(), slug or self._stem
        known = {
            **dict.fromkeys(("sections", "path"), "/".join(sections)),
            **dict.fromkeys(("slug", "title", "slugorfilename", "slugorcontentbasename"), name),
            **dict.fromkeys(("contentbasename", "filename"), self._stem),
            "section": "/".join(sections[:1]),
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

    def _resolve(self, own: str, address: str, use: Use) -> str | None:
        if use == "picture" and not self._options.pictures:
            return None
        folder = self._path.parent if self._file.file is not None else None
        return self._site.resolve(address, own, folder, self._pictures if use == "picture" else None)


def register(dialect: Dialect) -> None:
    """Register the importer of a generator."""
    importer(dialect.name, dialect.description, detect=partial(_certainty, dialect))(partial(_parse, dialect))
