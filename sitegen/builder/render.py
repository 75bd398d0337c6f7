"""Renders the files of a plan that are not up to date, in this process and in workers.

Every process reads texts from the content cache, and stores what it renders itself. So little is sent: recipes and the
articles that they name to a worker, the hash and the size of each file back. A worker of another machine also gets the
texts, and it returns the bytes of files.
"""

import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache, lru_cache, partial
from hashlib import sha256
from operator import itemgetter
from pathlib import Path
from typing import Final, Protocol

from msgspec import Raw, Struct
from msgspec.structs import replace

from sitegen.builder.cache import ContentCache, cache_in_worker
from sitegen.builder.commit import STAGING, write_new
from sitegen.builder.executor import Pool, Task
from sitegen.builder.plan import BuildPlan
from sitegen.builder.reader import parse
from sitegen.builder.resize import resized
from sitegen.builder.run import BuildRun
from sitegen.config.model import ContentSchema
from sitegen.content.articles import Article, published_markdown
from sitegen.diagnostics import Diagnostic, ExternalError, plural
from sitegen.outputs.plan import recipe_union
from sitegen.outputs.recipes import CopyFile, Output, Recipe, StaticFile, by_recipe, render_recipe
from sitegen.outputs.references import ArticleHash, ContextHash, References, RenderContext, Values, decode_body
from sitegen.outputs.renderer import Renderer, renderer_of
from sitegen.theme.messages import TemplateError
from sitegen.theme.model import Theme
from sitegen.util.hashing import Hash, decode, encode, hash_bytes, hash_value
from sitegen.util.paths import read_bytes
from sitegen.util.pictures import without_metadata

MANY_ARTICLES: Final = 100
"""Outputs that name more articles than this are rendered first, by this process, which need not be sent any.

Copies of files are made first, too.
"""
MAX_DECODED: Final = 8192
"""Articles that a worker keeps."""
_OUTPUT_BYTES: Final = 20_000
"""The size of a file that is not rendered yet: the mean of the default theme."""

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


_Job = tuple[Recipe, tuple[_Target, ...]]
"""A recipe, and the outputs that are made of it: several for a `FileSet`."""
_EncodedJobs = list[tuple[Raw, tuple[_Target, ...]]]
"""Jobs as messages have them: the type of recipes is known when all of their kinds are registered."""


class _Common(Struct, frozen=True, array_like=True):
    """What all messages of a build share: workers read it from a file, each once. Articles are decoded when needed.

    The main process writes them in one piece, so that it does not have each encoded twice.
    """

    output_folder: str
    theme: Theme
    schema: ContentSchema
    contexts: dict[ContextHash, RenderContext]
    articles: dict[ArticleHash, Raw]


class _RemoteMessage(Struct, frozen=True, array_like=True):
    """Jobs for a worker of another machine with all that they need.

    `common` are the theme and the contexts, which all messages share, encoded and compressed (about 50 KB). `files` are
    bytes by project path.
    """

    common: bytes
    articles: dict[ArticleHash, Raw]
    texts: dict[Hash, bytes]
    markdown: dict[Hash, str]
    files: dict[str, bytes]
    jobs: _EncodedJobs


@lru_cache(maxsize=1)
def _decompress_common(data: bytes) -> tuple[Theme, dict[ContextHash, RenderContext]]:
    return decode(zlib.decompress(data), tuple[Theme, dict[ContextHash, RenderContext]])


@lru_cache(maxsize=1)
def _read_common(file: str, _: Hash) -> _Common:
    return decode(Path(file).read_bytes(), _Common)


@lru_cache(maxsize=MAX_DECODED)
def _article(data: bytes) -> Article:
    return decode(data, Article)


def render(run: BuildRun, plan: BuildPlan, sink: Sink, pool: Pool) -> list[Diagnostic]:
    """Store every file that is not as planned. Return the errors in templates, each once for all of its files.

    Raises ExternalError if a file has changed since the scan.
    """
    stale = [plan.outputs[path] for path, key in plan.keys.items() if not sink.reuse(path, key)]
    errors: list[tuple[Diagnostic, str]] = []
    done = 0
    task = _remote_render_task(run, plan) if pool.is_remote else _render_task(run, plan, sink.put)
    for (_, targets), results in pool.map(task, _jobs(stale, plan)):
        for (number, path, _), result in zip(targets, results, strict=True):
            done += 1
            run.progress("render", done, len(stale))
            if isinstance(result, Diagnostic):
                errors.append((result, path))
            else:
                stored = sink.put(number, path, result) if pool.is_remote else result
                sink.accept(path, plan.keys[path], stored)
    pool.release()
    decode_body.cache_clear()  # a preview would keep the texts of earlier edits
    renderer_of(plan.project.theme).release_items()
    return _with_paths(errors)


def _with_paths(errors: Iterable[tuple[Diagnostic, str]]) -> list[Diagnostic]:
    """Return each distinct error in a template once, with the first file in which it occurs and their number."""
    groups: defaultdict[tuple[object, ...], list[tuple[str, Diagnostic]]] = defaultdict(list)
    for error, path in errors:
        groups[error.code, error.location, error.message].append((path, error))
    result = []
    for group in groups.values():
        path, error = min(group, key=itemgetter(0))
        more = f" and {plural(len(group) - 1, 'more file')}" if len(group) > 1 else ""
        result.append(replace(error, message=f"{error.message} (while rendering {path}{more})"))
    return result


def _jobs(outputs: Sequence[Output], plan: BuildPlan) -> list[_Job]:
    """Return a job for each recipe, in an order in which neighbours show the same articles in the same locale."""
    locales = {key: number for number, key in enumerate(plan.contexts)}
    numbers = {output.path: number for number, output in enumerate(outputs)}

    def position(job: _Job) -> tuple[bool, int, float, str]:
        recipe, targets = job
        named = recipe.references()
        newest = max((plan.articles[key].published.timestamp() for key in named.articles), default=0.0)
        locale = min((locales[key] for key in named.contexts), default=0)
        is_sent = len(named.articles) <= MANY_ARTICLES and not _is_copy(recipe)
        return is_sent, locale, newest, targets[0][1]

    jobs = [
        (recipe, tuple([(numbers[output.path], output.path, output.number) for output in members]))
        for recipe, members in by_recipe(outputs)
    ]
    return sorted(jobs, key=position)


def _is_copy(recipe: Recipe) -> bool:
    """Return whether the bytes of a file are known, so that sending them would be all the work."""
    return isinstance(recipe, StaticFile) or (isinstance(recipe, CopyFile) and not recipe.width)


def _render_task(run: BuildRun, plan: BuildPlan, put: Put) -> Task[_Job, Rendered]:
    """Return the task that renders outputs of a plan."""
    project, scan = plan.project, run.inputs.scan

    @cache
    def common() -> tuple[str, Hash]:
        folder = run.request.output_folder
        data = encode((str(folder), project.theme, project.schema, plan.contexts, plan.articles))
        write_new(str(folder / STAGING), "workers", data)
        return str(folder / STAGING / "workers"), hash_bytes(data)

    def pack(batch: Sequence[_Job]) -> bytes:
        references = _references(batch)
        paths = (*references.texts.values(), *references.markdown.values(), *_sources(batch))
        files = {path: scan.files[path].file for path in paths}
        return encode((common(), files, batch))

    return Task(
        name=_name,
        run=lambda batch: _render_here(run, plan, put, batch),
        pack=pack,
        worker=partial(_render_message, put),
        unpack=lambda message: decode(message, list[Rendered]),
    )


def _remote_render_task(run: BuildRun, plan: BuildPlan) -> Task[_Job, Rendered]:
    """Return the task for workers without the files. Its results are the bytes of outputs, also those made here."""
    files = run.inputs.scan.files

    @cache
    def common() -> bytes:
        return zlib.compress(encode((plan.project.theme, plan.contexts)))

    def pack(batch: Sequence[_Job]) -> bytes:
        references = _references(batch)
        values = _values_here(run, plan, references)
        message = _RemoteMessage(
            common=common(),
            articles={key: Raw(encode(plan.articles[key])) for key in references.articles},
            texts=dict(values.texts),
            markdown=dict(values.markdown),
            files={path: _read_here(run, path) for path in _sources(batch)},
            jobs=_encode_jobs(batch),
        )
        return encode(message)

    def size(job: _Job) -> int:
        _, targets = job
        references = _references([job])
        paths = {*references.texts.values(), *references.markdown.values(), *_sources([job])}
        return _OUTPUT_BYTES * len(targets) + sum(files[path].stat.size for path in paths)

    return Task(
        name=_name,
        run=lambda batch: _render_here(run, plan, _return_bytes, batch),
        pack=pack,
        worker=_render_remote_message,
        unpack=lambda message: decode(message, list[Rendered]),
        size=size,
    )


def _read_here(run: BuildRun, path: str) -> bytes:
    return read_bytes(path, run.inputs.scan.files[path].file)


def _values_here(run: BuildRun, plan: BuildPlan, references: References) -> Values:
    read, schema = partial(_read_here, run), plan.project.schema
    return _values(references, plan.contexts, plan.articles, schema=schema, read=read, stored=run.cache)


def _render_here(run: BuildRun, plan: BuildPlan, put: Put, batch: Sequence[_Job]) -> list[Rendered]:
    """Do jobs in the main process."""
    values = _values_here(run, plan, _references(batch))
    return _render_jobs(batch, renderer_of(plan.project.theme), values, partial(_read_here, run), put)


def _sources(batch: Iterable[_Job]) -> list[str]:
    """Return the paths of the pictures and documents that jobs copy."""
    return [recipe.source for recipe, _ in batch if isinstance(recipe, CopyFile)]


def _name(job: _Job) -> str:
    """Return the path of the first output of a job."""
    _, targets = job
    return targets[0][1]


def _encode_jobs(batch: Iterable[_Job]) -> _EncodedJobs:
    return [(Raw(encode(recipe)), targets) for recipe, targets in batch]


def _decode_jobs(jobs: _EncodedJobs) -> list[_Job]:
    return [(decode(data, recipe_union()), targets) for data, targets in jobs]


def _return_bytes(_number: int, _path: str, data: bytes) -> bytes:
    """Return the bytes of a file, in place of storing them."""
    return data


def _render_remote_message(message: bytes) -> bytes:
    """Do the jobs of a message, on another machine."""
    content = decode(message, _RemoteMessage)
    theme, contexts = _decompress_common(content.common)
    articles = {key: _article(bytes(data)) for key, data in content.articles.items()}
    values = Values(contexts, articles, content.texts, content.markdown)
    read = content.files.__getitem__
    return encode(_render_jobs(_decode_jobs(content.jobs), renderer_of(theme), values, read, _return_bytes))


def _render_message(put: Put, message: bytes) -> bytes:
    """Do the jobs of a message, in a worker."""
    common_file, files, jobs = decode(message, tuple[tuple[str, Hash], dict[str, str], _EncodedJobs])
    common, batch = _read_common(*common_file), _decode_jobs(jobs)
    references, stored = _references(batch), cache_in_worker(common.output_folder)
    articles = {key: _article(bytes(common.articles[key])) for key in references.articles}

    def read(path: str) -> bytes:
        return read_bytes(path, files[path])

    values = _values(references, common.contexts, articles, schema=common.schema, read=read, stored=stored)
    return encode(_render_jobs(batch, renderer_of(common.theme), values, read, put))


def _references(batch: Iterable[_Job]) -> References:
    references = References()
    for recipe, _ in batch:
        recipe.collect(references)
    return references


def _render_jobs(batch: Iterable[_Job], renderer: Renderer, values: Values, read: "_Read", put: Put) -> list[Rendered]:
    results: list[Rendered] = []
    for recipe, targets in batch:
        try:
            files = [_copy(recipe, read)] if isinstance(recipe, CopyFile) else render_recipe(recipe, renderer, values)
        except TemplateError as error:
            results.append([error.diagnostic] * len(targets))
        else:
            results.append([put(number, path, files[index]) for number, path, index in targets])
    return results


_Read = Callable[[str], bytes]
"""Returns the bytes of a file of the project by its path."""


def _copy(recipe: CopyFile, read: _Read) -> bytes:
    """Return the bytes of a picture or document, or of a smaller copy. Raises ExternalError if it has changed."""
    data = read(recipe.source)
    data = without_metadata(data) if recipe.is_stripped else data
    if sha256(data).hexdigest() != recipe.digest:
        raise _changed(recipe.source)
    return resized(recipe.source, data, recipe.width) if recipe.width else data


def _values(
    references: References,
    contexts: Mapping[ContextHash, RenderContext],
    articles: Mapping[ArticleHash, Article],
    *,
    schema: ContentSchema,
    read: _Read,
    stored: ContentCache,
) -> Values:
    """Return what hashes stand for: texts from the cache, else from the files, and Markdown from these.

    Raises ExternalError if a file has changed since the scan.
    """
    texts, markdown = stored.texts(references.texts), {}
    for key, path in references.texts.items():
        if key not in texts:  # the cache is damaged or could not be written
            document, text = parse(path, read(path), schema)
            if text is None or document.text != key:
                raise _changed(path)
            stored.put_texts({key: text})
            texts[key] = text
    for key, path in references.markdown.items():
        published = published_markdown(path, read(path), schema)
        if published is None or hash_value(published) != key:
            raise _changed(path)
        markdown[key] = published
    return Values(contexts, articles, texts, markdown)


def _changed(path: str) -> ExternalError:
    return ExternalError(f"{path} changed during the build; build again")
