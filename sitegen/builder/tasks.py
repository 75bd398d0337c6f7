"""Work for the processes of a build: parse documents, render outputs.

A task runs batches of items. In the main process it gets and returns values; a worker gets and returns MessagePack.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Final

from msgspec import Raw, Struct

from sitegen.builder.cache import ContentCache
from sitegen.builder.scan import ScanResult
from sitegen.config.model import ContentSchema
from sitegen.content.articles import Article, RejectedFile, published_markdown
from sitegen.content.pages import StaticPage, Translation, read_file
from sitegen.diagnostics import Diagnostic
from sitegen.errors import ExternalError
from sitegen.outputs.plan import recipe_union
from sitegen.outputs.recipes import (
    ArticleHash,
    ContextHash,
    Output,
    Recipe,
    References,
    RenderContext,
    Values,
    decode_body,
)
from sitegen.outputs.renderer import renderer_of
from sitegen.paths import read_bytes
from sitegen.theme.messages import TemplateError
from sitegen.theme.model import Theme
from sitegen.util.hashing import Hash, decode, encode, hash_bytes, hash_value

MAX_DECODED: Final = 8192
"""Articles that a worker keeps."""


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
    contexts: dict[ContextHash, bytes]
    articles: dict[ArticleHash, bytes]
    texts: dict[Hash, bytes]
    markdown: dict[Hash, str]
    recipes: list[Raw]


@lru_cache(maxsize=MAX_DECODED)
def _article(data: bytes) -> Article:
    return decode(data, Article)


@lru_cache(maxsize=1)
def _theme(data: bytes) -> Theme:
    return decode(data, Theme)


class RenderTask:
    """Renders outputs. `contexts` and `articles` are those of the plan, `parse_task` is that of the build.

    Raises ExternalError if a file has changed since the scan.
    """

    def __init__(
        self,
        theme: Theme,
        contexts: Mapping[ContextHash, RenderContext],
        articles: Mapping[ArticleHash, Article],
        *,
        cache: ContentCache,
        scan: ScanResult,
        parse_task: ParseTask,
    ) -> None:
        self._theme = theme
        self._contexts = contexts
        self._articles = articles
        self._cache = cache
        self._scan = scan
        self._parse_task = parse_task

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
        texts, markdown = self._texts(found.texts), self._markdown(found.markdown)
        values = Values(self._contexts, {key: self._articles[key] for key in found.articles}, texts, markdown)
        return _render(self._theme, [output.recipe for output in batch], values)

    def pack(self, batch: Sequence[Output]) -> bytes:
        """Return the message to a worker."""
        return encode(self._message(batch))

    def unpack(self, message: bytes) -> list[Rendered]:
        """Return the results in the answer of a worker."""
        return decode(message, list[bytes | Diagnostic])

    def release(self) -> None:
        """Forget the texts that this process decoded: a preview would keep those of earlier edits."""
        decode_body.cache_clear()
        renderer_of(self._theme).release_items()

    def _message(self, batch: Sequence[Output]) -> RenderMessage:
        found = _references(batch)
        return RenderMessage(
            theme=encode(self._theme),
            contexts={key: encode(self._contexts[key]) for key in found.contexts},
            articles={key: encode(self._articles[key]) for key in found.articles},
            texts=self._texts(found.texts),
            markdown=self._markdown(found.markdown),
            recipes=[Raw(encode(output.recipe)) for output in batch],
        )

    def _texts(self, wanted: Mapping[Hash, str]) -> dict[Hash, bytes]:
        """Return encoded texts by hash, from the cache, else from the files; `wanted` has the file of each."""
        found = self._cache.texts(wanted)
        for key, path in wanted.items():
            if key not in found:  # the cache is damaged or could not be written
                found[key] = self._parse(key, path)
        return found

    def _markdown(self, wanted: Mapping[Hash, str]) -> dict[Hash, str]:
        """Return the published Markdown of articles by hash; `wanted` has the file of each."""
        found = {}
        for key, path in wanted.items():
            text = published_markdown(path, self._read(path), self._parse_task.schema)
            if text is None or hash_value(text) != key:
                raise _changed(path)
            found[key] = text
        return found

    def _parse(self, key: Hash, path: str) -> bytes:
        ((document, text),) = self._parse_task.run([(path, self._read(path))])
        if text is None or document.text != key:
            raise _changed(path)
        self._cache.put_text(key, text)
        return text

    def _read(self, path: str) -> bytes:
        return read_bytes(path, self._scan.articles[path].file)


def _changed(path: str) -> ExternalError:
    return ExternalError(f"{path} changed during the build; build again")


def render_message(message: bytes) -> bytes:
    """Render the outputs in a message, in a worker."""
    found = decode(message, RenderMessage)
    recipes = [decode(raw, recipe_union()) for raw in found.recipes]
    contexts = {key: decode(data, RenderContext) for key, data in found.contexts.items()}
    articles = {key: _article(data) for key, data in found.articles.items()}
    values = Values(contexts, articles, found.texts, found.markdown)
    return encode(_render(_theme(found.theme), recipes, values))


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
