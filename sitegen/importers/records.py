"""Articles of exports, feeds and data: values by name, with texts in Markdown or HTML, become articles."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import urljoin, urlsplit

from msgspec.structs import replace

from sitegen.importers.fields import ArticleFields
from sitegen.importers.imported_article import ImportLog, ParseResult
from sitegen.importers.markup.converter import Converter
from sitegen.importers.markup.markdown_text import demote_headings, plain_text
from sitegen.importers.values.addresses import LinkResolver, Use
from sitegen.importers.values.language import detect_language, language_below


def build_record(
    log: ImportLog,
    values: Mapping[str, Any],
    *,
    html: str,
    extra: Mapping[str, Any],
    others: ParseResult,
    markdown: str = "",
    perspectives: Mapping[str, str] = MappingProxyType({}),
    links: tuple[str, ...] = (),
    base_url: str | None = None,
    own: str = "",
) -> ParseResult:
    """Return the article of a log. Raises InputError.

    `values` and `extra` are those of `ArticleFields`, `others` has further values of the result. Its text is `markdown`
    and `html`, then `links`, then the texts of `perspectives` by their keys. `base_url` is the address of the site of
    all articles of an export, and `own` that of this one: links between them become links between articles. Pictures
    are copied from the folder of the input, below which they have the paths of their addresses.
    """
    file, config, line = log.file, log.config, log.line
    url = str(values.get("source.url") or "")

    def absolute(address: str, use: Use) -> str | None:
        return absolute_address(url, address) if use != "picture" else None

    folders = (file.file.resolve().parent,) if file.file is not None else ()
    resolver = LinkResolver(base_url or "", own, None, file.options.pictures, folders)
    resolve = absolute if base_url is None else resolver.resolve
    converter = Converter(log, resolve, config.perspectives)
    blocks = [converter.markdown(markdown, line)] if markdown.strip() else []
    blocks += [converter.html(html, line)] if html.strip() else []
    blocks += [f"<{address}>" for link in links if (address := absolute_address(url, link))]
    lang = str(values.get("lang") or detect_language(plain_text("\n".join(blocks))[:4000], config.locales))
    of_part = Converter(log, resolve)  # in which no heading begins another perspective
    for term in config.perspectives:
        text = perspectives.get(term.key, "").strip()
        if text:
            part = demote_headings(of_part.markdown(text, line), 3)
            label_lang = term.names.language(lang)
            part_lang = language_below(label_lang, plain_text(part), config.locales)
            attribute = "" if part_lang == label_lang else f" {{lang={part_lang}}}"
            blocks.append(f"## {term.names.get(lang)}{attribute}\n\n{part}")
    body = "\n\n".join(filter(None, blocks))
    if len(blocks) > 1:  # each part is valid, but two of them can be the same perspective
        body = converter.accepted(body, line)
    given = {key: value for key, value in values.items() if value not in (None, "", [], {})}
    addresses, pictures = (own,) if own else (), tuple(resolver.pictures.items())
    result = replace(others, addresses=addresses, base_url=base_url or "", pictures=pictures)
    return ArticleFields(log, given, body, {**extra}, others=result).article()


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
