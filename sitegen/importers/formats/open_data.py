"""Open data of an article: what a digest published as JSON becomes the Markdown files that it was made of."""

from collections.abc import Iterator, Mapping
from posixpath import normpath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.content import frontmatter
from sitegen.content.articles import article_text, read_front
from sitegen.content.documents import read_document
from sitegen.content.frontmatter import FrontMatter
from sitegen.content.markdown import read_body
from sitegen.content.slugs import slug_of, slug_problem
from sitegen.diagnostics import Diagnostic, Diagnostics, Severity, SourceText
from sitegen.importers.formats.data import load_json
from sitegen.importers.imported_article import ImportLog, ParseResult, TranslatedText
from sitegen.importers.inputs import Input, InputError, text_format
from sitegen.importers.registry import importer
from sitegen.util.paths import ARTICLES
from sitegen.yaml_source.nodes import strip_forbidden
from sitegen.yaml_source.reader import is_language

_PACKAGE: Final = "datapackage.json"


def _is_open_data(file: Input) -> float:
    text = file.source.text
    if text_format(text) == "json" and '"front_matter"' in text and '"markdown"' in text:
        return 0.9
    return 1 if _is_next_to_articles(file) else 0


def _is_next_to_articles(file: Input) -> bool:
    """Return whether a file is a table or a description in a copy of `/data/`, which has the articles, too."""
    if file.file is None or file.folder is None:
        return False
    folders = [folder for folder in file.file.parents if folder.is_relative_to(file.folder)]
    return any((folder / _PACKAGE).is_file() and (folder / "articles").is_dir() for folder in folders)


@importer("open-data", "open data of an article (JSON)", detect=_is_open_data)
def parse_open_data(file: Input, config: Config) -> list[ParseResult]:
    """Parse an article that a digest published as JSON, with its translations. Raises InputError."""
    log = ImportLog(file, config)
    if _is_open_data(file) == 1:
        return [log.skipped("tables and descriptions of open data are skipped; the articles are read one by one")]
    value = load_json(file.source.text)
    values, markdown = (value.get("front_matter"), value.get("markdown")) if isinstance(value, dict) else (None, None)
    if not isinstance(values, dict) or not isinstance(markdown, str):
        raise InputError("not-an-article", 1, "expected an object with 'front_matter' and 'markdown'")
    written = frontmatter.dump_values({key: item for key, item in values.items() if key != "imported"})
    diagnostics = Diagnostics()
    front = read_front(SourceText(file.path, written), config.content_schema, diagnostics)
    log.diagnostics.extend(_in_json(item, written, file.source) for item in diagnostics.sorted())
    if front is None:
        return [log.result(None)]
    origin, markdown = _origin(value, front), strip_forbidden(markdown)
    diagnostics = Diagnostics()
    read_body(SourceText(origin, markdown), markdown, diagnostics, perspectives=config.perspectives)
    for item in diagnostics.sorted():
        if item.severity is Severity.ERROR:
            log.diagnostics.append(replace(item, location=log.location(1)))
    log.record("title", 0, "as published")
    translations = tuple(_translations(value, front, origin, config, log))
    if translations:
        log.record("translations", 0, ", ".join(text.lang for text in translations))
    base_url = file.options.base_url or _site_address(value, front, origin)
    others = ParseResult(addresses=(origin,), base_url=base_url, origin=origin, translations=translations)
    return [log.result(front, markdown, others)]


def _in_json(item: Diagnostic, written: str, source: SourceText) -> Diagnostic:
    """Return a diagnostic about front matter with the line of its key in the JSON, and what to do."""
    key = written.splitlines()[item.location.line - 1].partition(":")[0] if item.location.line else ""
    start = source.text.find(f'"{key}"', source.text.find('"front_matter"')) if key else 0
    hint = item.hint
    if item.code in {"unknown-topic", "unknown-country"} and not hint:
        hint = (
            f"copy {'topics' if item.code == 'unknown-topic' else 'countries'} of that digest's site.yaml to this one"
        )
    return replace(item, location=source.location_at(max(start, 0)), hint=hint)


def _origin(value: Mapping[str, Any], front: FrontMatter) -> str:
    """Return the path of the article's file in the digest that published it, or the likely one."""
    path = value.get("file")
    if isinstance(path, str) and path.startswith(f"{ARTICLES}/") and path.endswith(".md") and normpath(path) == path:
        return strip_forbidden(path)
    name = (
        _last_part(value.get("url")) or front.slug or slug_of(front.title, front.countries, front.topics[0], front.id)
    )
    return f"{ARTICLES}/{front.date.day:%Y/%m}/{name}.md"


def _last_part(url: object) -> str:
    """Return the last part of an address if it can be a slug, else an empty text."""
    try:
        part = unquote(urlsplit(url).path).strip("/").rpartition("/")[2] if isinstance(url, str) else ""
    except ValueError:
        return ""
    return part if part and slug_problem(part) is None else ""


def _site_address(value: Mapping[str, Any], front: FrontMatter, origin: str) -> str:
    """Return the address of the digest without its last slash; empty if that of the article does not show it.

    The JSON of older versions has no `home_page_url`, and the address of the article is that of the first locale.
    """
    home = value.get("home_page_url")
    if isinstance(home, str) and home.startswith(("https://", "http://")):
        return unquote(home).rstrip("/")
    slug = front.slug or origin.rpartition("/")[2].removesuffix(".md")
    url = value.get("url")
    if not isinstance(url, str) or not url.startswith(("https://", "http://")):
        return ""
    before, separator, after = unquote(url).rpartition(f"/articles/{slug}/")
    return before if separator and not after else ""


def _translations(
    value: Mapping[str, Any], front: FrontMatter, origin: str, config: Config, log: ImportLog
) -> Iterator[TranslatedText]:
    """Yield the translations that can be restored; report the others."""
    given = value.get("translations")
    languages = {front.lang}
    for item in given if isinstance(given, list) else ():
        lang = item.get("lang") if isinstance(item, dict) else None
        if not isinstance(lang, str) or not is_language(lang) or lang in languages:
            log.report("unmapped-value", 1, "a translation without a language of its own is left out")
            continue
        languages.add(lang)
        values, markdown = item.get("front_matter"), item.get("markdown")
        if not isinstance(values, dict) or not isinstance(markdown, str):
            hint = "build the digest that published it with this version of sitegen, and import the new file"
            message = f"the translation in {lang!r} is left out: the file has no Markdown of it"
            log.report("unmapped-value", 1, message, hint=hint)
            continue
        values, markdown = (
            {key: item for key, item in values.items() if key not in {"id", "lang"}},
            strip_forbidden(markdown),
        )
        text = article_text(frontmatter.dump_values({"id": front.id, **values}), markdown)
        path = f"{origin.removesuffix('.md')}.{lang}.md"
        document, _ = read_document(path, text.encode("utf-8", "surrogatepass"), config.content_schema)
        errors = [item.message for item in document.diagnostics if item.severity is Severity.ERROR]
        if errors:
            log.report("unmapped-value", 1, f"the translation in {lang!r} is left out: {errors[0]}")
            continue
        yield TranslatedText(lang, values, markdown)
