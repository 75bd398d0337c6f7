"""Renders the files of a plan that are not up to date, in this process and in workers."""

from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from itertools import chain
from typing import Final, Protocol

from msgspec import Raw, Struct

from sitegen.builder.cache import ContentCache
from sitegen.builder.executor import Pool, Task
from sitegen.builder.inputs import BuildRun
from sitegen.builder.plan import BuildPlan
from sitegen.builder.reader import parse
from sitegen.builder.resize import resized
from sitegen.builder.scan import ScanResult
from sitegen.content.articles import Article, published_markdown
from sitegen.diagnostics import Diagnostic
from sitegen.errors import ExternalError
from sitegen.outputs.plan import recipe_union
from sitegen.outputs.recipes import (
    ArticleHash,
    ContextHash,
    CopyFile,
    FileSet,
    Output,
    Recipe,
    References,
    RenderContext,
    Values,
    by_recipe,
    decode_body,
)
from sitegen.outputs.renderer import renderer_of
from sitegen.paths import read_bytes
from sitegen.theme.messages import TemplateError
from sitegen.theme.model import Theme
from sitegen.util.hashing import Hash, decode, encode, hash_value
from sitegen.util.pictures import without_metadata

MANY_ARTICLES: Final = 100
"""Outputs that name more articles than this are rendered together, so their articles are sent to a worker once."""
MAX_DECODED: Final = 8192
"""Articles that a worker keeps."""

Rendered = bytes | Diagnostic
"""The bytes of a file, or the error in its template."""


class Sink(Protocol):
    """Receives the files of a plan: a `Writer`, or what only looks at them."""

    def reuse(self, path: str, key: bytes) -> bool:
        """Return whether the file with this key is there, so that it need not be rendered."""

    def stage(self, path: str, data: bytes, key: bytes) -> None:
        """Receive the bytes of a file."""


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


def render(run: BuildRun, plan: BuildPlan, writer: Sink, pool: Pool) -> list[Diagnostic]:
    """Stage every file that is not as planned. Return the errors in templates.

    Raises ExternalError if a file has changed since the scan.
    """
    stale = [plan.outputs[path] for path, key in plan.keys.items() if not writer.reuse(path, key)]
    rendered = _in_batch_order([output for output in stale if not isinstance(output.recipe, CopyFile | FileSet)], plan)
    results = pool.map(_render_task(plan, run.cache), rendered, len(rendered))
    errors: list[Diagnostic] = []
    done = 0
    for output, data in chain(_copies(stale, run.inputs.scan), _file_sets(stale, plan, run.cache)):
        done += 1
        run.progress("render", done, len(stale))
        writer.stage(output.path, data, plan.keys[output.path])
    for output, result in zip(rendered, results, strict=True):
        done += 1
        run.progress("render", done, len(stale))
        if isinstance(result, Diagnostic):
            errors.append(result)
        else:
            writer.stage(output.path, result, plan.keys[output.path])
    pool.release()
    decode_body.cache_clear()  # a preview would keep the texts of earlier edits
    renderer_of(plan.project.theme).release_items()
    return errors


def _in_batch_order(outputs: Sequence[Output], plan: BuildPlan) -> list[Output]:
    """Return outputs in an order in which neighbours show the same articles.

    An article is sent to a worker once for a batch. Outputs that may name all articles are together, the others are in
    the order of their newest article.
    """

    def position(output: Output) -> tuple[float, str]:
        named = output.recipe.references().articles
        if len(named) > MANY_ARTICLES:
            return float("-inf"), output.path
        newest = max((plan.articles[key].published.timestamp() for key in named), default=0.0)
        return newest, output.path

    return sorted(outputs, key=position)


def _copies(outputs: Sequence[Output], scan: ScanResult) -> Iterator[tuple[Output, bytes]]:
    """Yield the bytes of pictures and documents."""
    for output in outputs:
        recipe = output.recipe
        if isinstance(recipe, CopyFile):
            data = read_bytes(recipe.source, scan.files[recipe.source].file)
            data = without_metadata(data) if recipe.is_stripped else data
            if sha256(data).hexdigest() != recipe.digest:
                raise _changed(recipe.source)
            yield output, resized(recipe.source, data, recipe.width) if recipe.width else data


def _file_sets(outputs: Sequence[Output], plan: BuildPlan, cache: ContentCache) -> Iterator[tuple[Output, bytes]]:
    """Yield the bytes of files that are made in sets. No worker does it: it would need all values of the set."""
    renderer = renderer_of(plan.project.theme)
    for recipe, members in by_recipe(outputs):
        if isinstance(recipe, FileSet):
            files = renderer.render_files(recipe, _values(recipe.references(), plan, cache))
            for output in members:
                yield output, files[output.number]


def _render_task(plan: BuildPlan, cache: ContentCache) -> Task[Output, Rendered]:
    """Return the task that renders outputs of a plan."""
    return Task(
        name=lambda output: output.path,
        run=lambda batch: _render_batch(batch, plan, cache),
        pack=lambda batch: encode(_message(batch, plan, cache)),
        worker=_render_message,
        unpack=lambda message: decode(message, list[bytes | Diagnostic]),
    )


def _render_batch(batch: Sequence[Output], plan: BuildPlan, cache: ContentCache) -> list[Rendered]:
    """Render a batch in this process."""
    values = _values(_references(batch), plan, cache)
    return _render_recipes(plan.project.theme, [output.recipe for output in batch], values)


def _values(found: References, plan: BuildPlan, cache: ContentCache) -> Values:
    articles = {key: plan.articles[key] for key in found.articles}
    return Values(plan.contexts, articles, _texts(found.texts, plan, cache), _published_markdown(found.markdown, plan))


def _message(batch: Sequence[Output], plan: BuildPlan, cache: ContentCache) -> RenderMessage:
    found = _references(batch)
    return RenderMessage(
        theme=encode(plan.project.theme),
        contexts={key: encode(plan.contexts[key]) for key in found.contexts},
        articles={key: encode(plan.articles[key]) for key in found.articles},
        texts=_texts(found.texts, plan, cache),
        markdown=_published_markdown(found.markdown, plan),
        recipes=[Raw(encode(output.recipe)) for output in batch],
    )


def _texts(wanted: Mapping[Hash, str], plan: BuildPlan, cache: ContentCache) -> dict[Hash, bytes]:
    """Return encoded texts by hash, from the cache, else from the files; `wanted` has the file of each."""
    found = cache.texts(wanted)
    for key, path in wanted.items():
        if key not in found:  # the cache is damaged or could not be written
            document, text = parse(path, _read(path, plan), plan.project.schema)
            if text is None or document.text != key:
                raise _changed(path)
            cache.put_text(key, text)
            found[key] = text
    return found


def _published_markdown(wanted: Mapping[Hash, str], plan: BuildPlan) -> dict[Hash, str]:
    """Return the published Markdown of articles by hash; `wanted` has the file of each."""
    found = {}
    for key, path in wanted.items():
        text = published_markdown(path, _read(path, plan), plan.project.schema)
        if text is None or hash_value(text) != key:
            raise _changed(path)
        found[key] = text
    return found


def _read(path: str, plan: BuildPlan) -> bytes:
    return read_bytes(path, plan.project.inputs.scan.articles[path].file)


def _changed(path: str) -> ExternalError:
    return ExternalError(f"{path} changed during the build; build again")


def _render_message(message: bytes) -> bytes:
    """Render the outputs in a message, in a worker."""
    found = decode(message, RenderMessage)
    recipes = [decode(raw, recipe_union()) for raw in found.recipes]
    contexts = {key: decode(data, RenderContext) for key, data in found.contexts.items()}
    articles = {key: _article(data) for key, data in found.articles.items()}
    values = Values(contexts, articles, found.texts, found.markdown)
    return encode(_render_recipes(_theme(found.theme), recipes, values))


def _references(batch: Sequence[Output]) -> References:
    found = References()
    for output in batch:
        output.recipe.collect(found)
    return found


def _render_recipes(theme: Theme, recipes: Sequence[Recipe], values: Values) -> list[Rendered]:
    renderer = renderer_of(theme)
    results: list[Rendered] = []
    for recipe in recipes:
        try:
            results.append(renderer.render(recipe, values))
        except TemplateError as error:
            results.append(error.diagnostic)
    return results
