"""The importer of saved web pages."""

import re
from html import unescape
from typing import Any, Final
from urllib.parse import urlsplit

from sitegen.config.model import Config
from sitegen.importers.extras import import_extra
from sitegen.importers.fields import ArticleFields, read_date, texts
from sitegen.importers.formats.html.main_text import find_main_text
from sitegen.importers.formats.html.metadata import read_metadata
from sitegen.importers.front_matter import Value
from sitegen.importers.imported_article import ImportLog, ParseResult
from sitegen.importers.inputs import Input, InputError
from sitegen.importers.markup.converter import Converter
from sitegen.importers.markup.escape import block_to_markdown
from sitegen.importers.markup.html import convert_scripts, parse_page
from sitegen.importers.registry import importer
from sitegen.importers.values.addresses import LinkResolver
from sitegen.importers.values.dates import parse_date
from sitegen.importers.values.language import credible_language
from sitegen.importers.values.publication_dates import dateline, labeled_date, publication_date
from sitegen.util.cldr import normalize_label
from sitegen.util.dates import PartialDate

_PAGE: Final = re.compile(
    r"(?:<!--.*?-->\s*|<\?xml.*?\?>\s*)*<(?:!doctype\s+html|html|head|title|meta|body)\b", re.IGNORECASE | re.DOTALL
)
_TEMPLATE: Final = re.compile(r"\{\{|\{%")
_SCRIPT: Final = re.compile(r"<(script|style|template)\b.*?(?:</\1\s*>|\Z)", re.IGNORECASE | re.DOTALL)
_REDIRECT: Final = re.compile(r"<meta\s+http-equiv=[\"']?refresh[\"']?\s+content=[\"']?0\s*;\s*url=", re.IGNORECASE)
_HEAD: Final = 4096
_ABOVE_TITLE: Final = 8
"""Elements above the title in which its date may be."""
_BELOW_TITLE: Final = 2
_PARAGRAPH: Final = 120
"""Characters of a paragraph; the date is above the second one, or at the beginning of one."""


def _is_page(file: Input) -> float:
    head = file.source.text[:_HEAD].lstrip()
    if not _PAGE.match(head):
        return 0
    return 0 if _TEMPLATE.search(_SCRIPT.sub("", head)) else 0.6  # a layout of a generator is not a page


@importer("html", "a web page (HTML)", detect=_is_page)
def parse_html(file: Input, config: Config) -> list[ParseResult]:
    """Parse a saved page: an article. Raises InputError."""
    log = ImportLog(file, config)
    if _REDIRECT.search(file.source.text[:_HEAD]):
        return [log.skipped("this page only leads to another one")]
    source = convert_scripts(file.source.text)
    document = parse_page(source)
    values = read_metadata(document, source)
    if file.url:
        values.setdefault("source.url", Value(file.url))
    title = unescape(str(values["title"].value)) if "title" in values else ""
    assumed = _assumed(file, values, document, title)
    main = find_main_text(source, document, title, log)
    text = str(values["text"].value) if "text" in values else ""
    if main is None and not text:
        hint = "copy the text from the browser into a text file, and import that"
        raise InputError("no-main-text", 1, "no main text was found in the page", hint)
    address = str(values["source.url"].value) if "source.url" in values else ""
    parts = urlsplit(address)
    own = parts.path or "/" if address else f"/{file.name}"
    base_url = file.options.base_url or (f"{parts.scheme}://{parts.netloc}" if address else "")
    folder = file.file.resolve().parent if file.file is not None else None
    links = LinkResolver(base_url, own, folder, file.options.pictures)
    if main is None:
        log.record("text", values["text"].line, "articleBody of JSON-LD, because the page shows no text")
        body = "\n\n".join(block_to_markdown([line]) for line in text.split("\n") if line.strip())
    else:
        converter = Converter(log, links.resolve, config.perspectives)
        line = int(main.sourceline or 1)
        log.record("text", line, f"the element <{main.tag}>")
        body = converter.html(_html(main), line)
    lang = values.get("lang")
    if lang is not None and not credible_language(str(lang.value), body):
        del values["lang"]
    given = {key: item for key, item in values.items() if key not in {"text", "authors"}}
    for key in given.keys() & {"tags", "categories"}:
        given[key] = Value([name for text in given[key].value for name in texts(text)], given[key].line)
    extra = {"authors": values["authors"].value} if "authors" in values else {}
    addresses = tuple(dict.fromkeys((own, file.name)))
    others = ParseResult(addresses=addresses, base_url=base_url, pictures=tuple(links.pictures.items()))
    return [ArticleFields(log, given, body, extra, assumed, is_foreign=True, others=others).article()]


def _assumed(file: Input, values: dict[str, Value], document: Any, title: str) -> dict[str, tuple[str, str]]:
    """Return a date that the page shows or that is in its address, if it declares none that can be read."""
    date = values.get("date")
    if date is not None and isinstance(read_date(str(date.value)), PartialDate):
        return {}
    values.pop("date", None)
    address = str(values["source.url"].value) if "source.url" in values else None
    day = _shown_date(document, title)
    if not day:  # htmldate would also take a date in a sentence, which may be that of an event
        find_date = import_extra("htmldate", "html").find_date
        day = find_date(file.source.text, url=address, original_date=True, extensive_search=False) or ""
        day = "" if day.endswith("-01-01") else day  # also what htmldate makes of a year alone
    return {"date": (day, "found in the page")} if day else {}


def _shown_date(document: Any, title: str) -> str:
    """Return the date of publication after a label, else alone or in a dateline near the title; empty without one."""
    elements = document.iter("p", "span", "div", "li", "td", "dd", "time", "strong", "em", "h1", "h2")
    lines = [element.text_content().strip() for element in elements if len(element) <= 1 or element.tag == "p"]
    label = normalize_label(title)
    place = next((index for index, line in enumerate(lines) if normalize_label(line) == label), 0)
    paragraphs = [index for index in range(place, len(lines)) if len(lines[index]) >= _PARAGRAPH]
    end = paragraphs[_BELOW_TITLE - 1] if len(paragraphs) >= _BELOW_TITLE else len(lines)
    near = lines[max(0, place - _ABOVE_TITLE) : end]
    dates = (*map(labeled_date, lines), *map(publication_date, near), *map(dateline, near))
    return next((date for date in dates if isinstance(parse_date(date), tuple)), "")


def _html(main: Any) -> str:
    """Return the main text as HTML; pictures that a script loads have their address in another attribute."""
    for image in main.iter("img"):
        source = image.get("src") or ""
        if not source or source.startswith("data:"):
            image.set("src", image.get("data-src") or image.get("data-original") or "")
    return str(import_extra("lxml.html", "html").tostring(main, encoding="unicode", with_tail=False))
