"""`build()`: scan the project, read the articles, assemble the site, plan every file, render, commit."""

import gc
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from time import perf_counter
from typing import Final

from sitegen.build.engine import fingerprint
from sitegen.build.pool import Pool, Rendered, open_pool
from sitegen.build.scan import Scan, read_bytes, scan
from sitegen.build.store import Store, article_key, open_store, unpickled
from sitegen.build.themes import load_theme
from sitegen.build.writer import Counts, open_writer, recover
from sitegen.config import CONFIG_NAME, Config
from sitegen.content.articles import Article, ReadArticle
from sitegen.content.markdown import HoleKind
from sitegen.diagnostics import Diagnostic, Findings
from sitegen.digest.keys import Digester
from sitegen.digest.plan import plan
from sitegen.digest.site import Site, assemble
from sitegen.digest.values import CopyRecipe, Output
from sitegen.errors import SurroundingsError, UsageError
from sitegen.render.renderer import Renderer, renderer_of
from sitegen.render.theme import Theme
from sitegen.siteyaml import missing_config, read_config

OUTPUT: Final = "output"


@dataclass(frozen=True, slots=True)
class BuildRequest:
    """What to build: the project's folder, where to (default: its `output/`), as of when, and how strictly.

    `drafts` shows drafts and articles of the future. With `strict`, warnings stop the build as errors do. `jobs` is the
    number of processes, None for as many as pay.
    """

    root: Path
    now: datetime
    output: Path | None = None
    drafts: bool = False
    strict: bool = False
    jobs: int | None = None


@dataclass(frozen=True, slots=True)
class BuildResult:
    """What came of it: findings, what was written, how many articles are out or held back, seconds a stage.

    `site` is the folder of the site. Where `ok` is false nothing was written. `notes` are sentences on what did not go
    as it should and does no harm.
    """

    ok: bool
    site: Path
    diagnostics: tuple[Diagnostic, ...]
    counts: Counts
    articles: int
    held_back: int
    seconds: tuple[tuple[str, float], ...]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Planned:
    """A digest that may be rendered: every output, its key, and what rendering needs."""

    site: Site
    outputs: tuple[Output, ...]
    keys: Mapping[str, bytes]
    theme: Theme
    found: Scan
    articles: int


def build(request: BuildRequest) -> BuildResult:
    """Build the site. Content, configuration and theme are judged whole; with any error nothing is written.

    Raises SurroundingsError for what the file system refuses, UsageError for an output folder that would harm the
    project. The same content, theme and `now` give the same bytes on every machine.
    """
    with _without_collection(), open_pool(request.jobs) as pool:
        run = Run(request)
        planned = run.plan(pool)
        counts = run.commit(planned, pool) if planned is not None else None
        return run.result(planned, counts)


class Run:
    """One build under way: what was found so far, and the time that each stage took."""

    def __init__(self, request: BuildRequest) -> None:
        self.output = request.output if request.output is not None else request.root / OUTPUT
        self.findings = Findings()
        self._request = request
        self._seconds: dict[str, float] = {}
        self._notes: list[str] = []
        _check_output(request.root, self.output)
        recover(self.output)

    def plan(self, pool: Pool) -> Planned | None:
        """Scan the project, read the articles, assemble the site, plan every file; None where that found errors."""
        findings, request = self.findings, self._request
        with self._stage("scan"):
            config = load_config(request.root, findings)
            if config is None:
                return None
            sound = not findings.errors
            theme, whole = _theme(request.root, config, findings)
            found = scan(request.root, findings)
        with self._stage("read"), open_store(self.output, self._notes.append) as store:
            articles = _read(found, config, pool, store, findings)
            store.save()
        with self._stage("plan"):
            site = assemble(articles, config, frozenset(found.files), findings, now=request.now, drafts=request.drafts)
            outputs: tuple[Output, ...] = ()
            if sound:
                statics = theme.statics if theme is not None else ()
                all_read = len(articles) == len(found.articles)
                outputs = plan(site, statics, _media(site, found), findings, all_read=all_read)
            if theme is None:
                return None
            renderer = renderer_of(theme)
            renderer.templates.check(config.locales, findings, whole=whole)
            if self._must_stop():
                return None
            return Planned(site, outputs, _keys(outputs, renderer), theme, found, len(articles))

    def commit(self, planned: Planned, pool: Pool) -> Counts | None:
        """Render what is stale and put it in place, all or nothing; None where a template failed."""
        keys = planned.keys
        with open_writer(self.output) as writer:
            with self._stage("render"):
                stale = tuple(unit for unit in planned.outputs if not writer.keep(unit.path, keys[unit.path]))
                for unit, result in _rendered(stale, planned.theme, pool, planned.found):
                    if isinstance(result, Diagnostic):
                        self.findings.extend([result])
                    else:
                        writer.stage(unit.path, result, keys[unit.path])
            if self._must_stop():
                return None
            with self._stage("write"):
                return writer.commit()

    def result(self, planned: Planned | None, counts: Counts | None) -> BuildResult:
        """Return what came of it."""
        done = planned is not None and counts is not None
        return BuildResult(
            ok=done,
            site=self.output / "site",
            diagnostics=self.findings.sorted(),
            counts=counts if counts is not None else Counts(),
            articles=len(planned.site.articles) if planned is not None and done else 0,
            held_back=planned.articles - len(planned.site.articles) if planned is not None and done else 0,
            seconds=tuple(self._seconds.items()),
            notes=tuple(self._notes),
        )

    def _must_stop(self) -> bool:
        return bool(self.findings.errors or (self._request.strict and len(self.findings)))

    @contextmanager
    def _stage(self, name: str) -> Iterator[None]:
        start = perf_counter()
        try:
            yield
        finally:
            self._seconds[name] = perf_counter() - start


@contextmanager
def _without_collection() -> Iterator[None]:
    """Leave out the cyclic garbage collector: a build makes values by the million and hardly a cycle."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def load_config(root: Path, findings: Findings) -> Config | None:
    """Read the project's `site.yaml`; None, reported, where there is none that can be read."""
    file = root / CONFIG_NAME
    if not file.is_file():
        findings.extend(missing_config())
        return None
    return read_config(read_bytes(CONFIG_NAME, file), findings)


def _theme(root: Path, config: Config, findings: Findings) -> tuple[Theme | None, bool]:
    """Return the theme, and whether all of it could be read."""
    before = findings.errors
    theme = load_theme(root, config.theme, findings, config.theme_place)
    return theme, findings.errors == before


def _check_output(root: Path, output: Path) -> None:
    """Refuse an output folder in which a prune could reach the editor's files."""
    target, project = output.resolve(), root.resolve()
    if project.is_relative_to(target):
        raise UsageError(f"the output folder {output} holds the project itself; choose another")
    if (output / "site").is_symlink():
        raise UsageError(f"{output / 'site'} is a link; a build writes only into a folder of its own")
    if target.is_relative_to(project / OUTPUT / "site"):
        raise UsageError(f"the output folder {output} is inside a published site; choose another")
    for name in ("content", "themes", "sitegen", "tests", "docs", ".git"):
        if target.is_relative_to(project / name):
            raise UsageError(f"the output folder {output} is inside {name}/; choose another")


def _read(found: Scan, config: Config, pool: Pool, store: Store, findings: Findings) -> list[Article]:
    """Read every article: those that were read before from the store, the others anew."""
    vocabulary = config.vocabulary
    key_of = article_key(fingerprint(), vocabulary)
    results: dict[str, ReadArticle] = {}
    unknown: dict[str, tuple[bytes, bytes]] = {}
    for path, file in found.articles.items():
        data = read_bytes(path, file)
        key = key_of(path, data)
        known = store.get(key)
        if known is None:
            unknown[path] = key, data
        else:
            results[path] = known
    for path, pickled in pool.read([(path, data) for path, (_, data) in unknown.items()], vocabulary):
        results[path] = unpickled(pickled)
        store.put(unknown[path][0], pickled)
    for path in found.articles:
        findings.extend(results[path].diagnostics)
    return [article for path in found.articles if (article := results[path].article) is not None]


def _keys(outputs: tuple[Output, ...], renderer: Renderer) -> dict[str, bytes]:
    """Return the key of every output, by path."""
    digester, engine = Digester(), fingerprint()
    return {unit.path: renderer.key(unit.recipe, digester, engine) for unit in outputs}


def _media(site: Site, found: Scan) -> dict[str, str]:
    """Return the SHA-256 of every picture or document that a visible article shows or links to."""
    wanted = {hole.path for article in site.articles for hole in article.body.holes if hole.kind is HoleKind.FILE}
    return {
        path: sha256(read_bytes(path, found.files[path])).hexdigest() for path in sorted(wanted) if path in found.files
    }


def _rendered(outputs: tuple[Output, ...], theme: Theme, pool: Pool, found: Scan) -> Iterator[Rendered]:
    """Yield each output with its bytes, or with what is wrong in its template."""
    for output in outputs:
        if isinstance(output.recipe, CopyRecipe):
            source = output.recipe.source
            data = read_bytes(source, found.files[source])
            if sha256(data).hexdigest() != output.recipe.digest:
                raise SurroundingsError(f"{source} changed while it was read; build again")
            yield output, data
    yield from pool.render([output for output in outputs if not isinstance(output.recipe, CopyRecipe)], theme)
