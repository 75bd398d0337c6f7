"""What recipes hold and name: small frozen values, and articles, texts and render contexts by their hashes."""

from collections.abc import Callable, Mapping
from functools import cache, lru_cache
from hashlib import sha256
from itertools import repeat
from types import UnionType
from typing import Any, Final, NewType, Union, get_args, get_origin, get_type_hints

from msgspec import Struct, field
from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.content.articles import Article, WatchItem
from sitegen.content.body import Body
from sitegen.content.frontmatter import Review
from sitegen.outputs.views import Image, Link
from sitegen.site.urls import media_path
from sitegen.theme.model import Message
from sitegen.util.hashing import Hash, decode

MAX_BODIES: Final = 256
"""Texts that are kept: pages of the same weeks are rendered one after the other."""

ArticleHash = NewType("ArticleHash", Hash)
"""The hash of an `Article`."""
ContextHash = NewType("ContextHash", Hash)
"""The hash of a `RenderContext`."""


class RenderContext(Struct, frozen=True, array_like=True):
    """The inputs that all pages of a locale share: configuration, locale, static pages, and the site's image.

    `assets` are the names and URLs of the theme's files, `theme_settings` the values of its settings. `feed_labels` are
    those of every language that the theme has them in: an item uses those of its article. `navigation` are the sections
    of the site, `masthead` the keys of those that are in the masthead, too.
    """

    config: Config
    locale: str
    assets: tuple[tuple[str, str], ...]
    pages: tuple[Link, ...] = ()
    feed_labels: tuple[Message, ...] = ()
    social_image: Image | None = None
    theme_settings: tuple[tuple[str, str], ...] = ()
    navigation: tuple[Link, ...] = ()
    masthead: tuple[str, ...] = ()


class ResolvedLink(Struct, frozen=True, array_like=True):
    """The target of a link: a path of this locale, which is empty for a place in the same text, and a fragment.

    `source` is the project path of the article or page that it leads to, `size` the pixels of a picture,
    `copies` width and path of its smaller copies.
    """

    path: str
    fragment: str
    source: str = ""
    size: tuple[int, int] | None = None
    copies: tuple[tuple[int, str], ...] = ()


class MediaFile(Struct, frozen=True):
    """A picture or document that is published: the SHA-256 of its bytes, and its size in pixels if it is known.

    `widths` are those of its smaller copies, `encoder` is the version of what makes them.
    """

    digest: str
    size: tuple[int, int] | None = None
    widths: tuple[int, ...] = ()
    encoder: str = ""

    def copies(self, path: str) -> tuple[tuple[int, str], ...]:
        """Return width and site path of each smaller copy; `path` is the project path of the picture."""
        copies = []
        for width in self.widths:
            digest = sha256(f"{self.digest} {width} {self.encoder}".encode()).hexdigest()
            copies.append((width, media_path(f"{path.rpartition('.')[0]}-{width}.webp", digest)))
        return tuple(copies)


class ArticleText(Struct, frozen=True, array_like=True):
    """The text of an article as a locale shows it: its file, its hash, and the targets of its links.

    `markdown` is the hash of the published Markdown; empty if the recipe does not need it.
    """

    article: ArticleHash
    path: str
    text: Hash
    links: tuple[ResolvedLink, ...]
    markdown: Hash = Hash(b"")


class EditorPageText(Struct, frozen=True, array_like=True):
    """The text of a static page, or the introduction of an edition or an issue, as a locale shows it.

    `path` is its file, `original_lang` the original's language. `authors` are who wrote its parts, as far as it is
    recorded. Only introductions have `watch`: those of this version, or else those of the original, in `watch_lang`.
    """

    slug: str
    path: str
    lang: str
    title: str
    summary: str
    original_lang: str
    is_translation: bool
    text: Hash
    links: tuple[ResolvedLink, ...]
    authors: tuple[tuple[str, str], ...] = ()
    review: Review | None = None
    watch: tuple[WatchItem, ...] = ()
    watch_lang: str = ""


class References(Struct):
    """The names in a recipe: hashes of articles and contexts, and texts and Markdown by their hash with a file of each.

    `files` are all files of the texts, several of which can be equal. `linked` are the files to which the texts link.
    """

    contexts: set[ContextHash] = field(default_factory=set)
    articles: set[ArticleHash] = field(default_factory=set)
    texts: dict[Hash, str] = field(default_factory=dict)
    markdown: dict[Hash, str] = field(default_factory=dict)
    files: set[str] = field(default_factory=set)
    linked: set[str] = field(default_factory=set)


class Values(Struct, frozen=True):
    """What the hashes in recipes stand for. Texts are encoded until they are used."""

    contexts: Mapping[ContextHash, RenderContext]
    articles: Mapping[ArticleHash, Article]
    texts: Mapping[Hash, bytes]
    markdown: Mapping[Hash, str]

    def body(self, key: Hash) -> Body:
        """Return a text."""
        return decode_body(self.texts[key])


@lru_cache(maxsize=MAX_BODIES)
def decode_body(data: bytes) -> Body:
    """Return an encoded text."""
    return decode(data, Body)


TextHashes = tuple[Hash | None, Hash | None]
"""The hash of the text of a file, and that of its published Markdown if it is an article or a translation of one."""


def with_texts(value: Any, texts: Mapping[str, TextHashes]) -> Any:
    """Return a recipe in which the files of `texts`, by path, have these texts; everything else is unchanged."""
    if isinstance(value, tuple):
        return tuple([with_texts(item, texts) for item in value])
    if isinstance(value, ArticleText | EditorPageText):
        if value.path not in texts:
            return value
        text, markdown = texts[value.path]
        if isinstance(value, ArticleText) and value.markdown:
            return replace(value, text=text, markdown=markdown)
        return replace(value, text=text)
    if isinstance(value, Struct):
        changed = {name: with_texts(getattr(value, name), texts) for name, _ in _collectors(type(value))}
        return replace(value, **changed) if changed else value
    return value


_Collect = Callable[[Any, References], None]


@cache
def _collectors(kind: type) -> tuple[tuple[str, _Collect], ...]:
    """Return the fields of a struct that can hold references, with what collects these."""
    hints = get_type_hints(kind)
    collectors = ((name, _collector(hints[name])) for name in getattr(kind, "__struct_fields__", ()))
    return tuple((name, collect) for name, collect in collectors if collect is not None)


def _collector(hint: Any) -> _Collect | None:
    """Return what collects the references in a value of a type; None for a type that cannot hold any."""
    known = _COLLECTORS.get(hint)
    if known is not None:
        return known
    if get_origin(hint) in (Union, UnionType):
        collect = next((c for c in map(_collector, get_args(hint)) if c is not None), None)
        return (
            None if collect is None else lambda value, references: None if value is None else collect(value, references)
        )
    if get_origin(hint) is tuple:
        return _tuple_collector(*get_args(hint))
    if any(map(_collector, get_args(hint))):
        raise TypeError(f"a recipe cannot have a field of the type {hint}; expected a tuple")
    if isinstance(hint, type) and issubclass(hint, Struct) and _collectors(hint):
        return collect_fields
    return None


def _tuple_collector(*hints: Any) -> _Collect | None:
    if hints == (ArticleHash, ...):
        return lambda value, references: references.articles.update(value)
    collectors = [_collector(hint) for hint in hints]
    if not any(collectors):
        return None
    kinds = repeat(collectors[0]) if hints[-1] is ... else collectors

    def collect_all(value: tuple[Any, ...], references: References) -> None:
        for collect, item in zip(kinds, value, strict=False):
            if collect is not None:
                collect(item, references)

    return collect_all


def collect_fields(value: Struct, references: References) -> None:
    """Add to `references` what a struct names, found by the types of its fields, so that none can be forgotten."""
    for name, collect in _collectors(type(value)):
        collect(getattr(value, name), references)


def _collect_text(value: ArticleText | EditorPageText, references: References) -> None:
    if isinstance(value, ArticleText):
        references.articles.add(value.article)
        if value.markdown:
            references.markdown[value.markdown] = value.path
    references.texts[value.text] = value.path
    references.files.add(value.path)
    references.linked.update([link.source for link in value.links if link.source])


_COLLECTORS: Final[dict[Any, _Collect]] = {
    ContextHash: lambda value, references: references.contexts.add(value),
    ArticleHash: lambda value, references: references.articles.add(value),
    ArticleText: _collect_text,
    EditorPageText: _collect_text,
}
