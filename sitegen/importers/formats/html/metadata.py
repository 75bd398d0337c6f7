"""The values of a web page: from JSON-LD, Open Graph and microdata, then from the page itself."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from sitegen.importers.front_matter import Value
from sitegen.importers.markup.html import as_html
from sitegen.util.cldr import normalize_label
from sitegen.yaml_source.reader import fold_spaces, is_language

_ARTICLES: Final = re.compile(r"(?:.*/)?(?:\w*Article|\w*Posting|Report|Review|Essay|WebPage|CreativeWork)")
_MAX_NODES: Final = 2_000
_SITE_NAME: Final = re.compile(r"\s+(?:[|｜–—»:]|-)\s+(?=[^|｜–—»:]{1,60}$)|(?<=\S)[|｜](?=[^|｜]{1,60}$)")
"""Begins the name of the site at the end of a page's title."""
_SCHEMA: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("headline", "name"),
    "date": ("datePublished", "dateCreated", "uploadDate"),
    "updated": ("dateModified",),
    "lang": ("inLanguage",),
    "summary": ("description", "abstract"),
    "source.name": ("publisher", "isPartOf", "sourceOrganization"),
    "source.url": ("url", "mainEntityOfPage"),
    "authors": ("author", "creator"),
    "tags": ("keywords",),
    "categories": ("articleSection",),
    "text": ("articleBody",),
}
"""The properties of schema.org that are values of an article, in JSON-LD and microdata."""
_NOT_IN_MICRODATA: Final = frozenset({"lang", "source.url", "text"})
_META: Final[Mapping[str, tuple[str, ...]]] = {
    "title": ("og:title", "twitter:title", "citation_title", "dc.title", "dcterms.title"),
    "date": (
        *("article:published_time", "og:published_time", "citation_publication_date", "dc.date", "dc.date.issued"),
        *("dcterms.issued", "dcterms.created", "date", "pubdate", "publishdate", "publish-date", "parsely-pub-date"),
    ),
    "updated": ("article:modified_time", "og:updated_time", "dcterms.modified", "last-modified", "lastmod"),
    "lang": ("og:locale", "dc.language", "content-language"),
    "summary": ("og:description", "description", "twitter:description", "dc.description", "citation_abstract"),
    "source.name": ("og:site_name", "citation_journal_title", "dc.publisher", "application-name"),
    "source.url": ("og:url", "citation_public_url", "twitter:url"),
    "authors": ("author", "article:author", "citation_author", "dc.creator", "parsely-author"),
    "tags": ("article:tag", "keywords", "news_keywords", "parsely-tags"),
    "categories": ("article:section", "parsely-section"),
}
_HTML: Final = frozenset({"title", "summary"})
_MANY: Final = frozenset({"tags", "categories", "authors"})


def read_metadata(document: Any, text: str) -> dict[str, Value]:
    """Return the values of a page by the names of the front matter, and `authors` and `text`.

    `document` is the page as an element of lxml, `text` its source.
    """
    values: dict[str, Value] = {}
    for entry in (*_json_ld(document), *_meta(document), *_microdata(document), *_page(document, text)):
        key, value = entry
        if key == "lang":
            value = Value(str(value.value).replace("_", "-"), value.line)
        if value.value and key not in values and (key != "lang" or is_language(value.value)):
            values[key] = value
    canonical = next((link for link in document.iter("link") if link.get("rel") == "canonical"), None)
    if canonical is not None and re.match(r"https?://", (canonical.get("href") or "").strip()):
        values["source.url"] = Value(canonical.get("href").strip(), _line(canonical))
    return values


def _line(element: Any) -> int:
    return int(element.sourceline or 1)


# --- JSON-LD ----------------------------------------------------------------------------------------------------------


def _json_ld(document: Any) -> Iterator[tuple[str, Value]]:
    for script in document.iter("script"):
        if "ld+json" not in (script.get("type") or ""):
            continue
        text = re.sub(r"^\s*(?:<!--|//\s*<!\[CDATA\[)|(?:-->|//\s*\]\]>)\s*$", "", script.text or "")
        try:
            nodes = [*_nodes(json.loads(text, strict=False))]
        except (ValueError, RecursionError):
            continue
        articles = [node for node in nodes if _is_article(node.get("@type"))]
        by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str) and len(node) > 1}
        for node in sorted(articles, key=lambda node: "WebPage" in str(node.get("@type"))):
            for key, names in _SCHEMA.items():
                values = [texts for name in names if (texts := _texts(node.get(name), by_id, key))]
                if values:
                    value = values[0] if key in _MANY else values[0][0]
                    yield key, Value(value, _line(script))


def _nodes(value: Any) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of JSON-LD, also those in lists and in other objects, breadth first."""
    queue = [value]
    for count, item in enumerate(queue):
        if count > _MAX_NODES:
            return
        if isinstance(item, Mapping):
            yield item
            queue += [inner for inner in item.values() if isinstance(inner, Mapping | list)]
        elif isinstance(item, list):
            queue += [inner for inner in item if isinstance(inner, Mapping | list)]


def _is_article(kind: Any) -> bool:
    kinds = kind if isinstance(kind, list) else [kind]
    return any(isinstance(name, str) and _ARTICLES.fullmatch(name) for name in kinds)


def _texts(value: Any, by_id: Mapping[str, Mapping[str, Any]], key: str) -> list[str]:
    """Return the texts in a value: itself, the items of a list, or the name or address of an object."""
    if isinstance(value, list):
        return [text for item in value[:100] if not isinstance(item, list) for text in _texts(item, by_id, key)]
    if isinstance(value, Mapping):
        node = by_id.get(str(value.get("@id")), value)
        names = ("@id", "url") if key == "source.url" else ("name", "alternateName", "@value", "legalName")
        value = next((node[name] for name in names if isinstance(node.get(name), str)), "")
    if not isinstance(value, str):
        return []
    if key == "source.url" and not re.match(r"https?://", value):
        return []
    return [value.strip()] if value.strip() else []


# --- elements of the page ---------------------------------------------------------------------------------------------


def _meta(document: Any) -> Iterator[tuple[str, Value]]:
    given: dict[str, list[Any]] = {}
    for element in document.iter("meta"):
        name = element.get("property") or element.get("name") or element.get("http-equiv") or ""
        if (element.get("content") or "").strip():
            given.setdefault(name.strip().lower(), []).append(element)
    for key, names in _META.items():
        name = next((name for name in names if name in given), None)
        if name is not None:
            contents = [element.get("content").strip() for element in given[name]]
            yield key, Value(contents if key in _MANY else contents[0], _line(given[name][0]))


def _microdata(document: Any) -> Iterator[tuple[str, Value]]:
    item = next((element for element in document.iter() if _is_article(element.get("itemtype"))), None)
    if item is None:
        return
    properties: dict[str, list[Any]] = {}
    for element in item.iter():
        scope = next((parent for parent in element.iterancestors() if parent.get("itemscope") is not None), None)
        if scope is item or element is item:
            for name in (element.get("itemprop") or "").split():
                properties.setdefault(name, []).append(element)
    for key, names in _SCHEMA.items():
        name = next((name for name in names if name in properties and key not in _NOT_IN_MICRODATA), None)
        if name is not None:
            texts = [text for element in properties[name] if (text := _property(element))]
            texts = [as_html(text) for text in texts] if key in _HTML else texts
            if texts:
                yield key, Value(texts if key in _MANY else texts[0], _line(properties[name][0]))


def _property(element: Any) -> str:
    """Return the value of a property of microdata, of an item its name."""
    inner = element.find(".//*[@itemprop='name']") if element.get("itemscope") is not None else element
    inner = element if inner is None else inner
    return fold_spaces(inner.get("content") or inner.get("datetime") or inner.text_content())


def _page(document: Any, text: str) -> Iterator[tuple[str, Value]]:
    """Yield what the page itself has: its title, the first time, its language, the address that a browser records."""
    title = document.find(".//title")
    heading = next((element for element in document.iter("h1") if element.text_content().strip()), None)
    name = fold_spaces(title.text_content()) if title is not None else ""
    parts = _SITE_NAME.split(name, maxsplit=1) if name else []
    shown = fold_spaces(heading.text_content()) if heading is not None else ""
    label, heading_label = normalize_label(name), normalize_label(shown)  # CO2 and CO₂ are the same
    if len(parts) > 1 and heading_label.startswith(normalize_label(parts[1])[:20]) and len(parts[0]) < len(parts[1]):
        parts.reverse()  # `Ministry | Headline`
    is_site_name = len(parts) > 1 and heading_label == normalize_label(parts[1])  # in a logo
    if shown and not is_site_name and (not name or heading_label in label or heading_label[:20] in label):
        yield "title", Value(as_html(shown), _line(heading))
    elif parts:
        yield "title", Value(as_html(fold_spaces(parts[0])), _line(title))
    if len(parts) > 1:
        yield "source.name", Value(fold_spaces(parts[-1]), _line(title))
    time = next((element for element in document.iter("time") if element.get("datetime")), None)
    if time is not None:
        yield "date", Value(time.get("datetime"), _line(time))
    yield "lang", Value(document.get("lang") or document.get("xml:lang") or "", _line(document))
    saved = re.search(r"<!--\s*saved from url=\(\d+\)(https?://\S+?)\s*-->", text[:4096])
    if saved:
        yield "source.url", Value(saved[1], text.count("\n", 0, saved.start()) + 1)
