"""Articles of exports: values by name, with texts in Markdown or HTML, become articles."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

from msgspec import Struct

from sitegen.config.model import Config
from sitegen.importers.fields import ArticleFields, build_article
from sitegen.importers.front_matter import Value
from sitegen.importers.imported_article import ImportLog, ParseResult
from sitegen.importers.inputs import Input
from sitegen.importers.language import detect_language
from sitegen.importers.markdown_text import plain_text
from sitegen.importers.markup import Converter, Use


class Record(Struct, frozen=True):
    """One article of an input, at a line of it.

    `values` are texts, lists and mappings by the names of the front matter (see `ArticleFields`). `markdown` and `html`
    are its text, of which both are kept, `perspectives` has texts by their keys, and `links` are added at its end.
    """

    values: Mapping[str, Any]
    line: int = 1
    markdown: str = ""
    html: str = ""
    perspectives: Mapping[str, str] = {}
    links: tuple[str, ...] = ()
    extra: Mapping[str, Any] = {}
    assumed: Mapping[str, tuple[str, str]] = {}
    original: bytes = b""


def record_result(record: Record, file: Input, config: Config, log: ImportLog) -> ParseResult:
    """Return the article of a record. Raises MissingExtraError."""
    url = str(record.values.get("source.url") or "")

    def resolve(address: str, use: Use) -> str | None:
        return None if use == "picture" else absolute_address(url, address)

    converter = Converter(log, resolve, config.perspectives)
    blocks = [converter.markdown(record.markdown, record.line)] if record.markdown.strip() else []
    blocks += [converter.html(record.html, record.line)] if record.html.strip() else []
    blocks += [f"<{address}>" for link in record.links if (address := absolute_address(url, link))]
    lang = str(record.values.get("lang") or detect_language(plain_text("\n".join(blocks))[:4000], config.locales))
    for term in config.perspectives:
        text = record.perspectives.get(term.key, "").strip()
        if text:
            blocks.append(f"## {term.names.get(lang)}\n\n{converter.markdown(text, record.line)}")
    fields = ArticleFields(
        {key: Value(value, record.line) for key, value in record.values.items() if value not in (None, "", [], {})},
        "\n\n".join(block for block in blocks if block),
        record.extra,
        assumed=record.assumed,
        line=record.line,
        original=record.original,
    )
    return build_article(fields, file.options, config, log)


def absolute_address(base: str, address: str) -> str | None:
    """Return an address of a text as one that can be linked to from anywhere; None if there is none."""
    address = address.strip()
    if address.startswith("#"):
        return address if len(address) > 1 else None
    try:
        joined = urljoin(base, address) if base else address
        parts = urlsplit(joined)
        is_web = parts.scheme in {"http", "https"} and bool(parts.hostname)
    except ValueError:
        return None
    return joined if is_web or parts.scheme in {"mailto", "tel"} else None
