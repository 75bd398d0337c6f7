"""Renders the files of a plan that are not up to date, in this process and in workers.

Every process reads texts from the content cache, and stores what it renders itself. So little is sent: recipes and the
articles that they name to a worker, the hash and the size of each file back.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache, partial
from hashlib import sha256
from pathlib import Path
from typing import Final, Protocol

from msgspec import Raw, Struct

from sitegen.builder.cache import ContentCache, cache_in_worker
from sitegen.builder.commit import STAGING, write_new
from sitegen.builder.executor import Pool, Task
from sitegen.builder.inputs import BuildRun
from sitegen.builder.plan import BuildPlan
from sitegen.builder.reader import parse
from sitegen.builder.resize import resized
from sitegen.config.model import ContentSchema
from sitegen.content.articles import Article, published_markdown
from sitegen.diagnostics import Diagnostic, ExternalError
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
from sitegen.outputs.renderer import Renderer, renderer_of
from sitegen.theme.messages import TemplateError
from sitegen.theme.model import Theme
from sitegen.util.hashing import Hash, decode, encode, hash_bytes, hash_value
from sitegen.util.paths import read_bytes
from sitegen.util.pictures import without_metadata

MANY_ARTICLES: Final = 100
"""Outputs that name more articles than this are rendered first, by this process, which need not be sent any."""
MAX_DECODED: Final = 8192
"""Articles that a worker keeps."""

Put = Callable[[int, str, bytes], bytes]
"""Stores the number, path and bytes of a file, in any process. Returns what `Sink.accept` needs to know."""


class Sink(Protocol):
    """Receives the files of a plan: a `Writer`, or what only looks at them."""

    @property
    def put(self) -> Put:
        """The function that stores a file. Every process calls it, so it must be importable, or a `partial` of one."""

    def reuse(self, path: str, key: bytes) -> bool:
        """Return whether the file with this key is there, so that it need not be rendered."""

    def accept(self, path: str, key: bytes, stored: bytes) -> None:
        """Receive the result of `put` for a file."""


Rendered = list[bytes | Diagnostic]
"""For each output of a recipe what `Put` returned, or the error in its template."""


_Target = tuple[int, str, int]
"""An output: its number in the build, its path, its number in a `FileSet`."""


class _Job(Struct, frozen=True):
    """A recipe, and the outputs that are made of it: several for a `FileSet`."""

    recipe: Recipe
    outputs: tuple[_Target, ...]


class _Common(Struct, frozen=True, array_like=True):
    """What all messages of a build share: workers read it from a file, each once. Articles are decoded when needed."""

    output_folder: str
    theme: Theme
    schema: ContentSchema
    contexts: dict[ContextHash, RenderContext]
    articles: dict[ArticleHash, Raw]


class _RenderMessage(Struct, frozen=True, array_like=True):
    """Jobs for a worker. `common` is the file with a `_Common`, and its hash.

    `files` are the files of the documents and pictures that the jobs need, by project path.
    """

    common: tuple[str, Hash]
    files: dict[str, str]
    jobs: list[tuple[Raw, tuple[_Target, ...]]]


@lru_cache(maxsize=1)
def _read_common(file: str, _: Hash) -> _Common:
    return decode(Path(file).read_bytes(), _Common)


@lru_cache(maxsize=MAX_DECODED)
def _article(data: bytes) -> Article:
    return decode(data, Article)


def render(run: BuildRun, plan: BuildPlan, sink: Sink, pool: Pool) -> list[Diagnostic]:
    """Store every file that is not as planned. Return the errors in templates.

    Raises ExternalError if a file has changed since the scan.
    """
    stale = [plan.outputs[path] for path, key in plan.keys.items() if not sink.reuse(path, key)]
    errors: list[Diagnostic] = []
    done = 0
    for job, results in pool.map(_render_task(run, plan, sink.put), _jobs(stale, plan)):
        for (_, path, _), result in zip(job.outputs, results, strict=True):
            done += 1
            run.progress("render", done, len(stale))
            if isinstance(result, Diagnostic):
                errors.append(result)
            else:
                sink.accept(path, plan.keys[path], result)
    pool.release()
    decode_body.cache_clear()  # a preview would keep the texts of earlier edits
    renderer_of(plan.project.theme).release_items()
    return errors


def _jobs(outputs: Sequence[Output], plan: BuildPlan) -> list[_Job]:
    """Return a job for each recipe, in an order in which neighbours show the same articles in the same locale."""
    locales = {key: number for number, key in enumerate(plan.contexts)}
    numbers = {output.path: number for number, output in enumerate(outputs)}

    def position(job: _Job) -> tuple[bool, int, float, str]:
        named = job.recipe.references()
        newest = max((plan.articles[key].published.timestamp() for key in named.articles), default=0.0)
        locale = min((locales[key] for key in named.contexts), default=0)
        return len(named.articles) <= MANY_ARTICLES, locale, newest, job.outputs[0][1]

    jobs = [
        _Job(recipe, tuple([(numbers[output.path], output.path, output.number) for output in members]))
        for recipe, members in by_recipe(outputs)
    ]
    return sorted(jobs, key=position)


def _render_task(run: BuildRun, plan: BuildPlan, put: Put) -> Task[_Job, Rendered]:
    """Return the task that renders outputs of a plan."""
    project, scan = plan.project, plan.project.inputs.scan

    @cache
    def common() -> tuple[str, Hash]:
        folder = run.request.output_folder
        articles = {key: Raw(encode(article)) for key, article in plan.articles.items()}
        data = encode(_Common(str(folder), project.theme, project.schema, dict(plan.contexts), articles))
        write_new(str(folder / STAGING), "workers", data)
        return str(folder / STAGING / "workers"), hash_bytes(data)

    def files_of(found: References, batch: Sequence[_Job]) -> dict[str, str]:
        sources = [job.recipe.source for job in batch if isinstance(job.recipe, CopyFile)]
        return {path: scan.files[path].file for path in (*found.texts.values(), *found.markdown.values(), *sources)}

    def run_here(batch: Sequence[_Job]) -> list[Rendered]:
        found = _references(batch)
        texts = _Texts(project.schema, files_of(found, batch), run.cache)
        articles = {key: plan.articles[key] for key in found.articles}
        return _render_jobs(batch, renderer_of(project.theme), texts.values(found, plan.contexts, articles), texts, put)

    def pack(batch: Sequence[_Job]) -> bytes:
        jobs = [(Raw(encode(job.recipe)), job.outputs) for job in batch]
        return encode(_RenderMessage(common(), files_of(_references(batch), batch), jobs))

    return Task(
        name=lambda job: job.outputs[0][1],
        run=run_here,
        pack=pack,
        worker=partial(_render_message, put),
        unpack=lambda message: decode(message, list[Rendered]),
    )


def _render_message(put: Put, message: bytes) -> bytes:
    """Do the jobs of a message, in a worker."""
    found = decode(message, _RenderMessage)
    common = _read_common(*found.common)
    batch = [_Job(decode(raw, recipe_union()), outputs) for raw, outputs in found.jobs]
    texts = _Texts(common.schema, found.files, cache_in_worker(common.output_folder))
    references = _references(batch)
    articles = {key: _article(bytes(common.articles[key])) for key in references.articles}
    values = texts.values(references, common.contexts, articles)
    return encode(_render_jobs(batch, renderer_of(common.theme), values, texts, put))


def _references(batch: Iterable[_Job]) -> References:
    found = References()
    for job in batch:
        job.recipe.collect(found)
    return found


def _render_jobs(
    batch: Iterable[_Job], renderer: Renderer, values: Values, texts: "_Texts", put: Put
) -> list[Rendered]:
    results: list[Rendered] = []
    for job in batch:
        recipe = job.recipe
        try:
            if isinstance(recipe, FileSet):
                files = renderer.render_files(recipe, values)
                data = [files[number] for _, _, number in job.outputs]
            else:
                one = texts.copy(recipe) if isinstance(recipe, CopyFile) else renderer.render(recipe, values)
                data = [one] * len(job.outputs)
        except TemplateError as error:
            results.append([error.diagnostic] * len(job.outputs))
        else:
            results.append([put(number, path, d) for (number, path, _), d in zip(job.outputs, data, strict=True)])
    return results


class _Texts:
    """The texts and pictures of a project, as a process reads them. `files` are the files by project path."""

    def __init__(self, schema: ContentSchema, files: Mapping[str, str], cache: ContentCache) -> None:
        self._schema = schema
        self._files = files
        self._cache = cache

    def values(
        self, found: References, contexts: Mapping[ContextHash, RenderContext], articles: Mapping[ArticleHash, Article]
    ) -> Values:
        """Return what hashes stand for. Raises ExternalError if a file has changed since the scan."""
        return Values(contexts, articles, self._texts(found.texts), self._published_markdown(found.markdown))

    def copy(self, recipe: CopyFile) -> bytes:
        """Return the bytes of a picture or document, or of a smaller copy. Raises ExternalError if it has changed."""
        data = self._read(recipe.source)
        data = without_metadata(data) if recipe.is_stripped else data
        if sha256(data).hexdigest() != recipe.digest:
            raise _changed(recipe.source)
        return resized(recipe.source, data, recipe.width) if recipe.width else data

    def _texts(self, wanted: Mapping[Hash, str]) -> dict[Hash, bytes]:
        """Return encoded texts by hash, from the cache, else from the files; `wanted` has the file of each."""
        found = self._cache.texts(wanted)
        for key, path in wanted.items():
            if key not in found:  # the cache is damaged or could not be written
                document, text = parse(path, self._read(path), self._schema)
                if text is None or document.text != key:
                    raise _changed(path)
                self._cache.put_text(key, text)
                found[key] = text
        return found

    def _published_markdown(self, wanted: Mapping[Hash, str]) -> dict[Hash, str]:
        """Return the published Markdown of articles by hash; `wanted` has the file of each."""
        found = {}
        for key, path in wanted.items():
            text = published_markdown(path, self._read(path), self._schema)
            if text is None or hash_value(text) != key:
                raise _changed(path)
            found[key] = text
        return found

    def _read(self, path: str) -> bytes:
        return read_bytes(path, self._files[path])


def _changed(path: str) -> ExternalError:
    return ExternalError(f"{path} changed during the build; build again")
