"""Work for the processes of a build: parse documents, render outputs.

A task runs batches of items. In the main process it gets and returns values; a worker gets and returns MessagePack.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final, Protocol

from msgspec import Raw, Struct

import sitegen.outputs.plan  # noqa: F401 - a worker decodes recipes of every kind, and this module imports them all
from sitegen.config.model import ContentSchema
from sitegen.content.articles import Article, RejectedFile
from sitegen.content.markdown import Body
from sitegen.content.pages import StaticPage, Translation, read_file
from sitegen.diagnostics import Diagnostic
from sitegen.outputs.plan import recipe_union
from sitegen.outputs.recipes import (
    ArticleHash,
    ContextHash,
    Output,
    Recipe,
    References,
    RenderContext,
    Values,
)
from sitegen.outputs.renderer import renderer_of
from sitegen.theme.environment import TemplateError
from sitegen.theme.model import Theme
from sitegen.util.hashing import Hash, decode, encode, hash_bytes, hash_value

MAX_DECODED: Final = 8192
"""Articles that a worker keeps."""
MAX_BODIES: Final = 256
"""Texts that are kept: pages of the same weeks are rendered one after the other."""


class Document(Struct, frozen=True, array_like=True):
    """The result of parsing one file without its text: an article, or what else it is, and the diagnostics.

    `source` is the hash of the file's bytes.
    """

    path: str
    source: Hash
    article: Article | None
    other: Translation | StaticPage | RejectedFile | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def text(self) -> Hash | None:
        """The hash of the text; None if the file could not be parsed."""
        found = self.article or self.other
        return None if found is None else found.text


File = tuple[str, bytes]
Parsed = tuple[Document, bytes | None]
"""A document, and its encoded text."""


class ParseTask:
    """Parses files. `schema_hash` identifies the program and the content schema."""

    def __init__(self, schema: ContentSchema, program: bytes) -> None:
        self.schema = schema
        self.schema_hash = hash_bytes(program, hash_value(schema))
        self._encoded = encode(schema)

    @property
    def worker(self) -> Callable[[bytes], bytes]:
        """The function that answers a message in a worker."""
        return parse_message

    def name(self, item: File) -> str:
        """Return the path of an item, for messages."""
        return item[0]

    def run(self, batch: Sequence[File]) -> list[Parsed]:
        """Parse a batch in this process."""
        return [parse(path, data, self.schema) for path, data in batch]

    def pack(self, batch: Sequence[File]) -> bytes:
        """Return the message to a worker."""
        return encode((Raw(self._encoded), batch))

    def unpack(self, message: bytes) -> list[Parsed]:
        """Return the results in the answer of a worker."""
        return decode(message, list[Parsed])


def parse(path: str, data: bytes, schema: ContentSchema) -> Parsed:
    """Parse one file."""
    parsed = read_file(path, data, schema)
    document = Document(path, hash_bytes(data), parsed.article, parsed.other, parsed.diagnostics)
    return document, None if parsed.body is None else encode(parsed.body)


def parse_message(message: bytes) -> bytes:
    """Parse the files in a message, in a worker."""
    schema, batch = decode(message, tuple[ContentSchema, list[File]])
    return encode([parse(path, data, schema) for path, data in batch])


Rendered = bytes | Diagnostic
"""The bytes of a file, or the error in its template."""


class RenderMessage(Struct, frozen=True, array_like=True):
    """Outputs to render, and the encoded values that their recipes name by hash."""

    theme: bytes
    contexts: dict[Hash, bytes]
    articles: dict[Hash, bytes]
    texts: dict[Hash, bytes]
    markdown: dict[Hash, str]
    recipes: list[Raw]


class MessageValues:
    """Decodes the values of a message when they are used."""

    def __init__(self, message: RenderMessage) -> None:
        self._message = message

    def context(self, key: ContextHash) -> RenderContext:
        """Return a render context."""
        return decode(self._message.contexts[key], RenderContext)

    def article(self, key: ArticleHash) -> Article:
        """Return an article."""
        return _article(self._message.articles[key])

    def body(self, key: Hash) -> Body:
        """Return a text."""
        return _body(self._message.texts[key])

    def markdown(self, key: Hash) -> str:
        """Return the published Markdown of an article."""
        return self._message.markdown[key]


class LocalValues:
    """The values of a batch in the main process: only those that its recipes name, as a worker gets them."""

    def __init__(
        self,
        contexts: Mapping[ContextHash, RenderContext],
        articles: Mapping[ArticleHash, Article],
        texts: Mapping[Hash, bytes],
        markdown: Mapping[Hash, str],
    ) -> None:
        self.context = contexts.__getitem__
        self.article = articles.__getitem__
        self.markdown = markdown.__getitem__
        self._texts = texts

    def body(self, key: Hash) -> Body:
        """Return a text."""
        return _body(self._texts[key])


@lru_cache(maxsize=MAX_BODIES)
def _body(data: bytes) -> Body:
    return decode(data, Body)


@lru_cache(maxsize=MAX_DECODED)
def _article(data: bytes) -> Article:
    return decode(data, Article)


@lru_cache(maxsize=1)
def _theme(data: bytes) -> Theme:
    return decode(data, Theme)


class TextSource(Protocol):
    """Loads the texts and the Markdown that recipes name."""

    def texts(self, wanted: Mapping[Hash, str]) -> dict[Hash, bytes]:
        """Return encoded texts by hash; `wanted` has the file of each."""
        ...

    def markdown(self, wanted: Mapping[Hash, str]) -> dict[Hash, str]:
        """Return the published Markdown of articles by hash; `wanted` has the file of each."""
        ...


class RenderTask:
    """Renders outputs. `contexts` and `articles` are those of the plan."""

    def __init__(
        self,
        theme: Theme,
        contexts: Mapping[ContextHash, RenderContext],
        articles: Mapping[ArticleHash, Article],
        source: TextSource,
    ) -> None:
        self._theme = theme
        self._contexts = contexts
        self._articles = articles
        self._source = source

    @property
    def worker(self) -> Callable[[bytes], bytes]:
        """The function that answers a message in a worker."""
        return render_message

    def name(self, item: Output) -> str:
        """Return the path of an item, for messages."""
        return item.path

    def run(self, batch: Sequence[Output]) -> list[Rendered]:
        """Render a batch in this process."""
        found = _references(batch)
        texts, markdown = self._source.texts(found.texts), self._source.markdown(found.markdown)
        values = LocalValues(self._contexts, {key: self._articles[key] for key in found.articles}, texts, markdown)
        return _render(self._theme, [output.recipe for output in batch], values)

    def pack(self, batch: Sequence[Output]) -> bytes:
        """Return the message to a worker."""
        return encode(self._message(batch))

    def unpack(self, message: bytes) -> list[Rendered]:
        """Return the results in the answer of a worker."""
        return decode(message, list[bytes | Diagnostic])

    def release(self) -> None:
        """Forget the texts that this process decoded: a preview would keep those of earlier edits."""
        _body.cache_clear()
        renderer_of(self._theme).release_items()

    def _message(self, batch: Sequence[Output]) -> RenderMessage:
        found = _references(batch)
        return RenderMessage(
            theme=encode(self._theme),
            contexts={key: encode(self._contexts[key]) for key in found.contexts},
            articles={key: encode(self._articles[key]) for key in found.articles},
            texts=self._source.texts(found.texts),
            markdown=self._source.markdown(found.markdown),
            recipes=[Raw(encode(output.recipe)) for output in batch],
        )


def render_message(message: bytes) -> bytes:
    """Render the outputs in a message, in a worker."""
    found = decode(message, RenderMessage)
    recipes = [decode(raw, recipe_union()) for raw in found.recipes]
    return encode(_render(_theme(found.theme), recipes, MessageValues(found)))


def _references(batch: Sequence[Output]) -> References:
    found = References()
    for output in batch:
        output.recipe.collect(found)
    return found


def _render(theme: Theme, recipes: Sequence[Recipe], values: Values) -> list[Rendered]:
    renderer = renderer_of(theme)
    results: list[Rendered] = []
    for recipe in recipes:
        try:
            results.append(renderer.render(recipe, values))
        except TemplateError as error:
            results.append(error.diagnostic)
    return results
