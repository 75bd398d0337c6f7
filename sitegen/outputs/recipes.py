"""Recipes: frozen values that hold every input of an output file.

A recipe names articles, texts and the render context by their hashes. So it is small, its own hash is the cache key of
the file, and it can be sent to a worker. When it is rendered, `Values` look up what the hashes stand for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from hashlib import sha256
from types import UnionType
from typing import TYPE_CHECKING, Any, Final, NewType, Union, get_args, get_origin, get_type_hints

from msgspec import Struct, field
from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.content.articles import Article, WatchItem
from sitegen.content.frontmatter import Review
from sitegen.content.markdown import Body
from sitegen.outputs.views import Image, Link
from sitegen.site.urls import media_path
from sitegen.theme.model import Message
from sitegen.util.hashing import Hash, decode, encode

if TYPE_CHECKING:
    from sitegen.outputs.renderer import Renderer

MAX_BODIES: Final = 256
"""Texts that are kept: pages of the same weeks are rendered one after the other."""

ArticleHash = NewType("ArticleHash", Hash)
"""The hash of an `Article`."""
ContextHash = NewType("ContextHash", Hash)
"""The hash of a `RenderContext`."""


class RenderContext(Struct, frozen=True, array_like=True):
    """The inputs that all pages of a locale share: configuration, locale, static pages, and the site's image.

    `assets` are the names and URLs of the theme's files, `theme_settings` the values of its settings. `feed_labels` are
    those of every language that the theme has them in: an item uses those of its article.
    """

    config: Config
    locale: str
    assets: tuple[tuple[str, str], ...]
    pages: tuple[Link, ...] = ()
    feed_labels: tuple[Message, ...] = ()
    social_image: Image | None = None
    theme_settings: tuple[tuple[str, str], ...] = ()


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
        found = []
        for width in self.widths:
            digest = sha256(f"{self.digest} {width} {self.encoder}".encode()).hexdigest()
            found.append((width, media_path(f"{path.rpartition('.')[0]}-{width}.webp", digest)))
        return tuple(found)


class ArticleText(Struct, frozen=True, array_like=True):
    """The text of an article as a locale shows it: its file, its hash, and the targets of its links.

    `markdown` is the hash of the published Markdown; empty if the recipe does not need it.
    """

    article: ArticleHash
    path: str
    text: Hash
    links: tuple[ResolvedLink, ...]
    markdown: Hash = Hash(b"")


class StaticPageText(Struct, frozen=True, array_like=True):
    """The text of a static page as a locale shows it. `path` is its file, `original_lang` the original's language.

    `authors` are who wrote its parts, as far as it is recorded.
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


class IntroductionText(StaticPageText, frozen=True, array_like=True):
    """The introduction of an edition or an issue as a locale shows it.

    `watch` are those of this version, or else those of the original, in `watch_lang`.
    """

    watch: tuple[WatchItem, ...] = ()
    watch_lang: str = ""


class References(Struct):
    """The names in a recipe: hashes of articles and contexts, and texts and Markdown by their hash with their file.

    `linked` are the files to which the texts link.
    """

    contexts: set[ContextHash] = field(default_factory=set)
    articles: set[ArticleHash] = field(default_factory=set)
    texts: dict[Hash, str] = field(default_factory=dict)
    markdown: dict[Hash, str] = field(default_factory=dict)
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


class Recipe(Struct, frozen=True, array_like=True, tag=True):
    """Base of everything that an output file can be made of. Subclasses are registered by their definition."""

    def references(self) -> References:
        """Return what the recipe names, found by the types of its fields, so that no kind of recipe can forget any."""
        found = References()
        self.collect(found)
        return found

    def collect(self, found: References) -> None:
        """Add to `found` what the recipe names."""
        _collect_fields(self, found)

    def render(self, renderer: "Renderer") -> bytes:
        """Return the bytes of the file."""
        raise NotImplementedError

    def dependencies(self, renderer: "Renderer") -> bytes:
        """Return a hash of inputs that the recipe names but does not hold: templates and messages of its locale."""
        return b""

    def key_bytes(self) -> bytes:
        """Return the encoded recipe, or a shorter value that differs whenever the recipe does."""
        return encode(self)


class FileSet(Recipe, frozen=True):
    """Base of recipes that make several files at once, because most of the work is the same for all of them."""

    def render_files(self, renderer: "Renderer") -> Sequence[bytes]:
        """Return the bytes of all files."""
        raise NotImplementedError


class Output(Struct, frozen=True):
    """An output file: its path below the output folder, and its recipe.

    `number` is that of the file in a `FileSet`. Outputs of the same set have the same object as their recipe.
    """

    path: str
    recipe: Recipe
    number: int = 0


def by_recipe(outputs: Iterable[Output]) -> list[tuple[Recipe, list[Output]]]:
    """Return each recipe with its outputs: several for a `FileSet`."""
    found: dict[int, tuple[Recipe, list[Output]]] = {}
    for output in outputs:
        found.setdefault(id(output.recipe), (output.recipe, []))[1].append(output)
    return list(found.values())


class StaticFile(Recipe, frozen=True):
    """A file whose bytes are known, such as a static file of the theme."""

    data: bytes

    def render(self, renderer: "Renderer") -> bytes:
        """Return the bytes."""
        return self.data


class CopyFile(Recipe, frozen=True):
    """A picture or document of the editor's, which the build copies, a picture without its metadata if `is_stripped`.

    `digest` is the SHA-256 of the bytes that are published. A smaller copy has a `width`, and the version of its
    `encoder`.
    """

    source: str
    digest: str
    is_stripped: bool = False
    width: int = 0
    encoder: str = ""


TextHashes = tuple[Hash | None, Hash | None]
"""The hash of the text of a file, and that of its published Markdown if it is an article or a translation of one."""


def with_texts(value: Any, texts: Mapping[str, TextHashes]) -> Any:
    """Return a recipe in which the files of `texts`, by path, have these texts; everything else is unchanged."""
    if isinstance(value, tuple):
        return tuple([with_texts(item, texts) for item in value])
    if isinstance(value, ArticleText | StaticPageText):
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


# --- references -------------------------------------------------------------------------------------------------------

_Collect = Callable[[Any, References], None]


@cache
def _collectors(kind: type) -> tuple[tuple[str, _Collect], ...]:
    """Return the fields of a struct that can hold references, with what collects these."""
    hints = get_type_hints(kind)
    found = ((name, _collector(hints[name])) for name in getattr(kind, "__struct_fields__", ()))
    return tuple((name, collect) for name, collect in found if collect is not None)


def _collector(hint: Any) -> _Collect | None:
    """Return what collects the references in a value of a type; None for a type that cannot hold any."""
    known = _COLLECTORS.get(hint)
    if known is not None:
        return known
    if get_origin(hint) in (Union, UnionType):
        collect = next((c for c in map(_collector, get_args(hint)) if c is not None), None)
        return None if collect is None else lambda value, found: None if value is None else collect(value, found)
    if get_origin(hint) is tuple:
        return _tuple_collector(get_args(hint)[0])
    if isinstance(hint, type) and issubclass(hint, Struct) and _collectors(hint):
        return _collect_fields
    return None


def _tuple_collector(hint: Any) -> _Collect | None:
    if hint is ArticleHash:
        return lambda value, found: found.articles.update(value)
    collect = _collector(hint)
    if collect is None:
        return None

    def collect_all(value: tuple[Any, ...], found: References) -> None:
        for item in value:
            collect(item, found)

    return collect_all


def _collect_fields(value: Struct, found: References) -> None:
    for name, collect in _collectors(type(value)):
        collect(getattr(value, name), found)


def _collect_text(value: ArticleText | StaticPageText, found: References) -> None:
    if isinstance(value, ArticleText):
        found.articles.add(value.article)
        if value.markdown:
            found.markdown[value.markdown] = value.path
    found.texts[value.text] = value.path
    found.linked.update([link.source for link in value.links if link.source])


_COLLECTORS: Final[dict[Any, _Collect]] = {
    ContextHash: lambda value, found: found.contexts.add(value),
    ArticleHash: lambda value, found: found.articles.add(value),
    ArticleText: _collect_text,
    StaticPageText: _collect_text,
    IntroductionText: _collect_text,
}


def recipe_types() -> tuple[type[Recipe], ...]:
    """Return every recipe class that can be rendered, in a fixed order; call it once all kinds are registered."""
    return tuple(sorted(_leaves(Recipe), key=lambda kind: kind.__name__))


def _leaves(kind: type[Recipe]) -> Iterator[type[Recipe]]:
    below = kind.__subclasses__()
    if not below:
        yield kind
    for child in below:
        yield from _leaves(child)
