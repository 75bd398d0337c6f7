"""Facts about texts and pages, which are kept, so that rules about the whole site need not read it again."""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from heapq import nsmallest
from html import unescape
from posixpath import join, normpath
from typing import Final
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree as ET
from zlib import crc32

from sitegen.check.countries import named_countries
from sitegen.check.model import CheckedText, ExternalLink, PageFacts, TextFacts
from sitegen.content.body import Body
from sitegen.site.urls import output_path

SKETCH_SIZE: Final = 48
"""Hashes in the sketch of a text."""
SHINGLE: Final = 8
"""Characters in a sequence that is hashed."""
OFTEN: Final = 5
"""How many times a text names a country that it should list."""
_NOT_LETTERS: Final = re.compile(r"[\W_]+")
_TAG: Final = re.compile(r"<[^>]*>")
_CODE: Final = re.compile(r"<(pre|code)\b[^>]*>.*?</\1>", re.DOTALL)
_LANGUAGE: Final = re.compile(r'<div lang="([^"]*)"[^>]*>|</div>')
_HREF: Final = re.compile(r'<a href="(https?://[^"]+)"')

_ADDRESS: Final = re.compile(r"(?:href|src)=(?:\"([^\"]*)\"|'([^']*)')")
_ID: Final = re.compile(r"\s(?:id|name)=(?:\"([^\"]*)\"|'([^']*)')")
_EMPTY_MAIN: Final = re.compile(
    r"<main\b[^>]*>(?:\s|<(?!(?:/main|img|svg|input|select|textarea|iframe|video|audio|canvas|object|embed)\b)[^>]*>)*</main>"
)
"""A main part without text, pictures, fields and embedded content."""
_IMAGE: Final = re.compile(r"<img\b(?:[^>\"']|\"[^\"]*\"|'[^']*')*>")
_TITLE: Final = re.compile(r"<title[^>]*>([^<]*)</title>")
_DESCRIPTION: Final = re.compile(r"<meta name=\"description\" content=\"([^\"]*)\"")
_NOT_INDEXED: Final = re.compile(r"<meta (?:http-equiv=\"refresh\"|name=\"robots\" content=\"[^\"]*noindex)")
_SCRIPT: Final = re.compile(r"<script\b.*?</script>|<style\b.*?</style>|<!--.*?-->", re.DOTALL)
_TEXT_FILES: Final = (".xml", ".opml", ".json", ".txt", ".csv", ".ics", ".map")
_XML_FILES: Final = (".xml", ".opml")


def plain_text(body: Body) -> Iterator[tuple[str | None, str]]:
    """Yield language (None: that of the article) and plain text, without code, of each part in one language."""
    for section in body.sections:
        languages, end = [section.lang], 0
        html = _CODE.sub(" ", "".join(section.parts))
        for match in _LANGUAGE.finditer(html):
            yield languages[-1], unescape(_TAG.sub(" ", html[end : match.start()]))
            end = match.end()
            if match[1] is not None:
                languages.append(match[1])
            elif languages[1:]:
                languages.pop()
        yield languages[-1], unescape(_TAG.sub(" ", html[end:]))


def text_facts(text: CheckedText) -> TextFacts:
    """Return the facts about a text."""
    shown = "".join(part for _, part in plain_text(text.body))
    named = Counter(named_countries(shown, text.config)) if text.article is not None else {}
    often = sorted((code, count) for code, count in named.items() if count >= OFTEN)
    perspectives = [(part.key, part.lang or text.version.lang) for part in text.body.sections if part.key is not None]
    return TextFacts(sketch(shown), tuple(_external_links(text)), tuple(often), tuple(perspectives))


def sketch(text: str) -> tuple[int, ...]:
    """Return the smallest hashes of the sequences of SHINGLE letters and digits of a text (Broder 1997, bottom-k)."""
    letters = _NOT_LETTERS.sub("", text.casefold()).encode()
    hashes = {crc32(letters[index : index + SHINGLE]) for index in range(max(len(letters) - SHINGLE + 1, 0))}
    return tuple(nsmallest(SKETCH_SIZE, hashes))


def _external_links(text: CheckedText) -> Iterator[ExternalLink]:
    """Yield the addresses on other hosts: those in the text, and the source of the article."""
    urls = [unescape(url) for section in text.body.sections for part in section.parts for url in _HREF.findall(part)]
    if text.article is not None:
        source = text.article.front.source
        urls += [url for url in (source.url, source.archived) if url is not None]
    for url in dict.fromkeys(urls):
        offset = text.source.text.find(url)
        location = text.at(offset) if offset >= 0 else text.source.location(1)
        yield url.partition("#")[0], location.line, location.column


def page_facts(path: str, data: bytes, base_url: str) -> PageFacts:
    """Return the facts about a file of the site at `path`, below its folder. `base_url` is the address of the site."""
    if path.endswith(".html"):
        return _html_facts(path, data, base_url)
    if not path.endswith(_TEXT_FILES):
        return PageFacts(len(data))
    text = data.decode("utf-8", "replace")
    if path.endswith(".ics"):
        text = text.replace("\r\n ", "")  # long lines are folded (RFC 5545, section 3.1)
    links = _own_addresses(text, base_url)
    item_ids, error = _items(path, data)
    return PageFacts(len(data), links=links, item_ids=item_ids, error=error)


def _html_facts(path: str, data: bytes, base_url: str) -> PageFacts:
    text = data.decode("utf-8", "replace")
    head, _, rest = text.partition("</head>")
    title, description = _TITLE.search(head), _DESCRIPTION.search(head)
    shown = _SCRIPT.sub("", rest or head)
    addresses = (one or other for one, other in _ADDRESS.findall(head + shown))
    images = (match for match in _IMAGE.findall(shown) if " alt=" not in match and " alt>" not in match)
    return PageFacts(
        len(data),
        title=unescape(title[1]).strip() if title else "",
        description=unescape(description[1]).strip() if description else "",
        links=_targets(path, addresses, base_url),
        ids=tuple(dict.fromkeys(one or other for one, other in _ID.findall(shown))),
        images_without_alt=tuple(next((a or b for a, b in _ADDRESS.findall(tag)), "") for tag in images),
        is_indexed=_NOT_INDEXED.search(head) is None,
        is_empty=_EMPTY_MAIN.search(shown) is not None,
    )


def _targets(path: str, addresses: Iterable[str], base_url: str) -> tuple[str, ...]:
    """Return the files of the site that addresses on a page lead to, each with its fragment, sorted."""
    base = urlsplit(base_url)
    prefix, targets = base.path.rstrip("/"), set()
    for address in set(addresses):
        raw = unescape(address)
        if raw.startswith(base_url):
            raw = prefix + raw[len(base_url) - 1 :]
        if raw.startswith(("//", "http:", "https:", "mailto:", "tel:", "data:")):
            continue
        target, _, fragment = raw.partition("#")
        target = target.partition("?")[0]
        if not target:
            target = path
        elif target.startswith("/"):
            if not target.startswith(f"{prefix}/"):
                continue
            target = output_path(unquote(target[len(prefix) :]))
        else:
            slash = "/" if target.endswith("/") else ""
            target = output_path(normpath(join("/", path.rpartition("/")[0], unquote(target))) + slash)
        targets.add(f"{target}#{unquote(fragment)}" if fragment else target)
    targets.discard(path)
    return tuple(sorted(targets))


def _own_addresses(text: str, base_url: str) -> tuple[str, ...]:
    """Return the files of the site that the addresses in a text lead to."""
    pattern = re.escape(base_url) + r"[^\s\"'<>&\\)\],;?#|]*"
    addresses = {unquote(match[len(base_url) - 1 :].rstrip(".:")) for match in re.findall(pattern, text)}
    return tuple(sorted({output_path(path) for path in addresses}))


def _items(path: str, data: bytes) -> tuple[tuple[str, ...], str]:
    """Return the ids of the items of a feed, and the first error of a file that is not well-formed.

    They are the texts of `guid` in RSS, of `id` in the entries of Atom, and of `id` in the items of JSON Feed.
    """
    try:
        if path.endswith(_XML_FILES):
            root = ET.fromstring(data)  # noqa: S314 - the build has written it
            ids = (*root.iterfind(".//{*}item/{*}guid"), *root.iterfind(".//{*}entry/{*}id"))
            return tuple(item.text or "" for item in ids), ""
        value = json.loads(data) if path.endswith(".json") else None
    except (ET.ParseError, ValueError) as error:
        return (), str(error)
    items = value.get("items") if isinstance(value, dict) else None
    entries = items if isinstance(items, list) else ()
    return tuple(str(item["id"]) for item in entries if isinstance(item, dict) and "id" in item), ""
