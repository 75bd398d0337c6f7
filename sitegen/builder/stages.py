"""The stages of a build that has something to do: read, assemble, plan, render, commit."""

import pickle
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from msgspec import structs

from sitegen.builder.cache import ContentCache, DocumentRecord
from sitegen.builder.commit import CommitResult, open_writer
from sitegen.builder.configuration import parse_config
from sitegen.builder.executor import Job, Pool, open_pool
from sitegen.builder.inputs import Inputs, remember
from sitegen.builder.plan_cache import (
    BuildPlan,
    CachedPlan,
    FolderState,
    MediaFile,
    PlanCache,
    contexts,
    digest_of_heads,
    frames,
)
from sitegen.builder.progress import Progress, no_progress
from sitegen.builder.reader import ReadContext, content_digest, plain, prune, read
from sitegen.builder.request import BuildRequest, BuildResult
from sitegen.builder.scan import ScanResult
from sitegen.builder.session import BuildSession
from sitegen.builder.social_image import read_png_size
from sitegen.builder.timing import StageTimer
from sitegen.builder.version import program_hash
from sitegen.config.model import SOCIAL_IMAGE_SIZE, Config, ContentSchema, ProjectSettings
from sitegen.content.articles import Article, published_markdown
from sitegen.content.markdown import LinkKind
from sitegen.content.pages import StaticPage, Translation, read_file
from sitegen.diagnostics import Diagnostic, Diagnostics
from sitegen.errors import ExternalError
from sitegen.outputs.plan import plan
from sitegen.outputs.recipes import (
    ArticleDataRecipe,
    ArticleText,
    CopyRecipe,
    Output,
    PageText,
    articles_with_text,
    newest_in,
)
from sitegen.outputs.renderer import renderer_of
from sitegen.paths import read_bytes
from sitegen.site.assembly import Site, build_site, transition_times
from sitegen.theme.files import theme_digest
from sitegen.theme.loader import load_theme, theme_chain
from sitegen.theme.model import Theme
from sitegen.util.hashing import Digester
from sitegen.yaml_source.nodes import decode

_SOUND: Final = "templates"
_KEPT_AT_HAND: Final = 32 * 1024 * 1024
"""Bytes of texts that are held in memory at most, for the feeds that share them."""


def build_changed(
    request: BuildRequest,
    output: Path,
    inputs: Inputs,
    store: ContentCache,
    progress: Progress,
    *,
    clock: StageTimer,
    notes: list[str],
    session: BuildSession | None = None,
) -> BuildResult:
    """Build a site whose inputs are not those of the last build. See `build`."""
    with open_pool(request.jobs) as pool:

        def carried_out(*, anew: bool) -> BuildResult:
            run = Build(request, output, inputs, store, clock, progress=progress, session=session)
            planned = run.plan(pool, anew=anew)
            return run.result(planned, run.commit(planned, pool) if planned is not None else None)

        try:
            result = carried_out(anew=False)
        except StalePlanError:  # another build came between, or somebody changed a file of the site
            result = carried_out(anew=True)
    return replace(result, notes=tuple(notes))


class StalePlanError(Exception):
    """The plan that was kept is not that of the site as it stands."""


class Build:
    """One build under way: what was found so far."""

    def __init__(
        self,
        request: BuildRequest,
        output: Path,
        inputs: Inputs,
        store: ContentCache,
        clock: StageTimer,
        *,
        progress: Progress = no_progress,
        session: BuildSession | None = None,
    ) -> None:
        self.output = output
        self.diagnostics = Diagnostics()
        self.diagnostics.extend(inputs.scanned)
        self._request = request
        self._inputs = inputs
        self._store = store
        self._stage = clock.stage
        self._clock = clock
        self._progress = progress
        self._memory = session if session is not None else BuildSession()
        self._is_kept = session is not None
        self._themes: tuple[str, ...] = ()
        self._theme_digest = b""
        self._digests: dict[str, bytes] = {}
        self._content_schema = ContentSchema(None, None, (), "UTC")
        self._settings: ProjectSettings | None = None
        self._at_hand: dict[bytes, bytes] = {}
        self._bytes_at_hand = 0
        self._manifest = b""
        self._drafts = PlanCache(store)
        self._keep: Callable[[bytes], None] = lambda _manifest: None

    def plan(self, pool: Pool, *, anew: bool) -> BuildPlan | None:
        """Read the articles, assemble the site, plan every file; None where that found errors.

        Where nothing but texts can have changed the plan of the last build is revised, unless it is to be made `anew`.
        """
        diagnostics, inputs = self.diagnostics, self._inputs
        folders = inputs.marks.folders
        heads: dict[str, dict[str, DocumentRecord]] = {}
        with self._stage("read"):
            settings = self._settings = parse_config(inputs.config, diagnostics)
            if settings is None:
                return None
            config = settings.config
            sound = not diagnostics.errors
            before = diagnostics.errors
            theme = self._theme(settings)
            whole = diagnostics.errors == before
            content_schema = self._content_schema = config.content_schema
            base = content_digest(program_hash() + Digester().digest(content_schema))
            reading = ReadContext(content_schema, base, pool, self._store, self._progress)
            self._drafts = PlanCache(self._store, base)
            draft = self._draft(config, theme, folders) if theme is not None and not anew else None
            if draft is not None:
                heads = self._read(self._changed(draft, folders), reading)
        if draft is not None and theme is not None:
            with self._stage("plan"):
                planned = self._revised(draft, heads, theme)
            if planned is not None:
                return planned if not self._must_stop() else None
        with self._stage("read"):
            heads |= self._read({folder: paths for folder, paths in folders.items() if folder not in heads}, reading)
            prune(inputs.marks, heads, self._store)
            diagnostics.extend([item for leaf in heads.values() for head in leaf.values() for item in head.diagnostics])
        with self._stage("plan"):
            self._progress("plan", 0, 0)
            return self._planned(config, theme, heads, sound=sound, whole=whole)

    def _planned(
        self,
        config: Config,
        theme: Theme | None,
        heads: Mapping[str, Mapping[str, DocumentRecord]],
        *,
        sound: bool,
        whole: bool,
    ) -> BuildPlan | None:
        """Plan every file; `sound` says whether the configuration is, `whole` whether all of the theme was read."""
        before = len(self.diagnostics)
        articles = [head.article for leaf in heads.values() for head in leaf.values() if head.article is not None]
        site, media, outputs = self._assembled(config, theme, heads, articles, sound=sound)
        if theme is None:
            return None
        self._check_templates(theme, config, whole=whole)
        if self._must_stop():
            return None
        planned = BuildPlan(
            outputs={output.path: output for output in outputs},
            keys=self._keys(theme, outputs),
            theme=theme,
            span=_span(site, self._request.now),
            articles=(len(site.articles), len(articles) - len(site.articles)),
        )
        draft = CachedPlan(
            made_of=self._made_of(),
            span=planned.span,
            articles=planned.articles,
            found=tuple([(item, self._digests.get(item.location.path)) for item in tuple(self.diagnostics)[before:]]),
            media=tuple([self._medium(path, digest) for path, digest in media.items()]),
            leaves=self._leaves(heads),
            frames=frames(outputs),
            manifest=b"",
            edited={},
        )
        self._keep = lambda manifest: self._drafts.keep(draft._replace(manifest=manifest), planned, heads)
        return planned

    def _draft(self, config: Config, theme: Theme, folders: Mapping[str, Sequence[str]]) -> CachedPlan | None:
        """Return what was planned last, where only what articles say can have changed since."""
        draft = self._drafts.load()
        if (
            draft is None
            or draft.leaves.keys() != folders.keys()
            or not draft.holds(self._made_of(), self._inputs.marks.digests, self._request.now)
            or not all(map(self._stands, draft.media))
        ):
            return None
        known = contexts(draft.frames, config, theme)
        self._drafts.contexts = known or {}
        return draft if known is not None else None

    def _changed(self, draft: CachedPlan, folders: Mapping[str, Sequence[str]]) -> dict[str, Sequence[str]]:
        """Return the folders whose files may say anything else than when they were planned."""
        seals, marks = self._store.seals(), self._inputs.marks
        return {
            folder: paths
            for folder, paths in folders.items()
            if folder not in marks.same or seals.get(folder) != draft.leaves[folder].seal
        }

    def _read(self, folders: Mapping[str, Sequence[str]], reading: ReadContext) -> dict[str, dict[str, DocumentRecord]]:
        """Read what lies in folders."""
        heads, digests = read(self._inputs.found, self._inputs.marks, reading, folders)
        self._digests |= digests
        return {folder: {path: heads[path] for path in paths if path in heads} for folder, paths in folders.items()}

    def _revised(
        self, draft: CachedPlan, heads: Mapping[str, Mapping[str, DocumentRecord]], theme: Theme
    ) -> BuildPlan | None:
        """Return what was planned with the texts of today; None where `heads` say something else that is new."""
        revision = self._drafts.revise(draft, heads)
        if revision is None:
            return None
        marks = self._inputs.marks
        self._digests = {**marks.digests, **self._digests}
        self._store.remark({folder: rows for folder, rows in marks.better.items() if folder not in heads})
        leaves = draft.leaves | self._leaves(heads)
        self.diagnostics.extend([item for leaf in leaves.values() for item in leaf.found])
        self.diagnostics.extend([item for item, _ in draft.found])
        revised = draft._replace(leaves=leaves, edited=revision.edited)
        self._keep = lambda manifest: self._drafts.keep_revised(revised._replace(manifest=manifest))
        keys = self._keys(theme, revision.outputs.values())
        return BuildPlan(revision.outputs, keys, theme, draft.span, draft.articles, based_on=draft.manifest)

    def _leaves(self, heads: Mapping[str, Mapping[str, DocumentRecord]]) -> dict[str, FolderState]:
        return {
            folder: FolderState(
                self._store.seal(folder),
                digest_of_heads(found.values()),
                tuple([item for head in found.values() for item in head.diagnostics]),
            )
            for folder, found in heads.items()
        }

    def _made_of(self) -> bytes:
        """Return the digest of all that a plan is made of but what articles say, pictures, and the clock."""
        inputs = self._inputs
        others = (program_hash(), inputs.config, inputs.drafts, self._theme_digest)
        files = "\0".join(inputs.found.files).encode("utf-8", "surrogateescape")
        return content_digest(repr(others).encode() + files)

    def _medium(self, path: str, digest: str) -> MediaFile:
        stamp = self._inputs.found.files[path].stamp
        return MediaFile(path, digest, plain(stamp) if stamp.is_stable(self._inputs.marks.moment) else None)

    def _stands(self, medium: MediaFile) -> bool:
        """Whether a picture or document is as it was."""
        file = self._inputs.found.files.get(medium.path)
        if file is None:
            return False
        return medium.stamp == file.stamp or _digest_of_file(medium.path, file.file) == medium.digest

    def _theme(self, settings: ProjectSettings) -> Theme | None:
        """Return the theme, loaded anew only where its files are not those of the last build."""
        root, diagnostics, config = self._request.root, self.diagnostics, settings.config
        self._themes = theme_chain(root, config.theme)
        self._theme_digest = theme_digest(root, self._themes)  # before it is read: it may be edited meanwhile
        last = self._memory.theme
        if last is not None and last[0] == self._theme_digest:
            return last[1]
        found = len(diagnostics)
        theme = load_theme(root, config.theme, diagnostics, settings.theme_location)
        clean = theme is not None and len(diagnostics) == found
        self._memory.theme = (self._theme_digest, theme) if theme is not None and clean else None
        return theme

    def _check_templates(self, theme: Theme, config: Config, *, whole: bool) -> None:
        """Check the templates, unless the same ones were found sound before: that costs more than planning."""
        sound = (program_hash(), self._theme_digest, config.locales)
        if whole and self._store.memo(_SOUND) == sound:
            return
        found = len(self.diagnostics)
        renderer_of(theme).templates.check(config.locales, self.diagnostics, whole=whole)
        if whole and len(self.diagnostics) == found:
            self._store.remember(_SOUND, sound)

    def _assembled(
        self,
        config: Config,
        theme: Theme | None,
        heads: Mapping[str, Mapping[str, DocumentRecord]],
        articles: Sequence[Article],
        *,
        sound: bool,
    ) -> tuple[Site, dict[str, str], tuple[Output, ...]]:
        """Return the digest, the SHA-256 of its pictures, and all its files where the configuration is sound."""
        found, request = self._inputs.found, self._request
        beside = [head.beside for leaf in heads.values() for head in leaf.values() if head.beside is not None]
        site = build_site(
            articles,
            config,
            frozenset(found.files),
            self.diagnostics,
            now=request.now,
            drafts=request.drafts,
            translations=[item for item in beside if isinstance(item, Translation)],
            pages=[item for item in beside if isinstance(item, StaticPage)],
        )
        size = read_png_size(
            config.card, self._settings.social_image_location if self._settings else None, found, self.diagnostics
        )
        if not sound:
            return site, {}, ()
        statics = theme.statics if theme is not None else ()
        words = theme.feed_labels() if theme is not None else ()
        all_read = len(articles) + len(beside) == len(found.articles)
        media = _media(site, found)
        outputs = plan(
            site,
            statics,
            media,
            self.diagnostics,
            words=words,
            all_read=all_read,
            card_size=size or SOCIAL_IMAGE_SIZE,
        )
        return site, media, outputs

    def _keys(self, theme: Theme, outputs: Iterable[Output]) -> dict[str, bytes]:
        key, digester, engine = renderer_of(theme).key, Digester(), program_hash()
        return {output.path: key(output.recipe, digester, engine) for output in outputs}

    def commit(self, planned: BuildPlan, pool: Pool) -> CommitResult | None:
        """Render what is stale and put it in place, all or nothing; None where a template failed.

        Raises Outdated where the plan is not that of the site as it stands.
        """
        with open_writer(self.output, self._memory if self._is_kept else None) as writer:
            with self._stage("render"):
                keys = planned.keys
                if planned.based_on is not None and (
                    planned.based_on != writer.manifest_digest or not writer.reuse_except(keys.keys())
                ):
                    raise StalePlanError
                stale = [planned.outputs[path] for path, key in keys.items() if not writer.keep(path, key)]
                rendered = self._rendered(stale, planned.theme, pool)
                for number, (unit, result) in enumerate(rendered, start=1):
                    self._progress("render", number, len(stale))
                    if isinstance(result, Diagnostic):
                        self.diagnostics.extend([result])
                    else:
                        writer.stage(unit.path, result, keys[unit.path])
                pool.release()  # what they hold is not needed while the plan is kept
            if self._must_stop():
                return None
            with self._stage("write"):
                self._progress("write", 0, 0)
                counts = writer.commit()
                self._manifest = writer.manifest_digest
                return counts

    def result(self, planned: BuildPlan | None, counts: CommitResult | None) -> BuildResult:
        """Return what came of it, and remember it."""
        diagnostics = self.located_diagnostics()
        if planned is None or counts is None:
            return BuildResult.failed(self.output / "site", diagnostics, self._clock.seconds)
        shown, hidden = planned.articles
        with self._stage("write"):
            self._keep(self._manifest)
            key = self._inputs.key(self._theme_digest, self._digests)
            if key is not None:
                remember(
                    self._store,
                    key,
                    self._manifest,
                    themes=self._themes,
                    span=planned.span,
                    articles=(shown, hidden),
                    diagnostics=diagnostics,
                )
        return BuildResult(
            ok=True,
            site=self.output / "site",
            diagnostics=diagnostics,
            counts=counts,
            articles=shown,
            unpublished=hidden,
            seconds=self._clock.seconds,
            manifest=self._manifest,
        )

    def _must_stop(self) -> bool:
        return bool(self.diagnostics.errors or (self._request.strict and len(self.diagnostics)))

    def _rendered(self, outputs: list[Output], theme: Theme, pool: Pool) -> Iterator[tuple[Output, bytes | Diagnostic]]:
        """Yield each output with its bytes, or with what is wrong in its template."""
        found = self._inputs.found
        for output in outputs:
            if isinstance(output.recipe, CopyRecipe):
                source = output.recipe.source
                data = read_bytes(source, found.files[source].file)
                if sha256(data).hexdigest() != output.recipe.digest:
                    raise ExternalError(f"{source} changed while it was read; build again")
                yield output, data
        rendered = [output for output in outputs if not isinstance(output.recipe, CopyRecipe)]
        # Pages of the same weeks go to a worker together: an article is sent once for all of them.
        rendered.sort(key=lambda output: (newest_in(output.recipe), output.path))
        results = pool.render(map(self._job, rendered), len(rendered), theme)
        for output, result in zip(rendered, results, strict=True):
            if result is not None:
                yield output, result
                continue
            anew = [self._text_anew(whole) for whole in articles_with_text(output.recipe)]
            job = output, (*anew, *self._manuscript(output))
            (again,) = Pool(None, 0).render([job], 1, theme)
            if again is None:
                raise ExternalError(f"{output.path} cannot be rendered: its text cannot be read back")
            yield output, again

    def _job(self, output: Output) -> Job:
        texts = [self._text(whole) for whole in articles_with_text(output.recipe)]
        return output, (*texts, *self._manuscript(output))

    def _text(self, whole: ArticleText | PageText) -> bytes:
        """Return a text, pickled. Feeds ask for the same ones again and again, so the last ones stay at hand."""
        text = self._at_hand.get(whole.text)
        if text is None:
            text = self._store.text(whole.text) or self._text_anew(whole)
            if self._bytes_at_hand > _KEPT_AT_HAND:
                self._at_hand, self._bytes_at_hand = {}, 0
            self._at_hand[whole.text] = text
            self._bytes_at_hand += len(text)
        return text

    def _manuscript(self, output: Output) -> tuple[bytes, ...]:
        """Return the Markdown of an article that is published as data."""
        recipe = output.recipe
        if not isinstance(recipe, ArticleDataRecipe):
            return ()
        path = recipe.whole.article.path
        text = published_markdown(path, read_bytes(path, self._inputs.found.articles[path].file), self._content_schema)
        if text is None or Digester().digest(text) != recipe.markdown:
            raise ExternalError(f"{path} changed while it was read; build again")
        return (text.encode(),)

    def _text_anew(self, whole: ArticleText | PageText) -> bytes:
        """Return a text, pickled, that the store cannot serve: from the article's file."""
        path = whole.path
        read_anew = read_file(path, read_bytes(path, self._inputs.found.articles[path].file), self._content_schema)
        found = read_anew.article or read_anew.beside
        if found is None or found.text != whole.text:
            raise ExternalError(f"{path} changed while it was read; build again")
        data = pickle.dumps(read_anew.body, protocol=5)
        self._store.put_text(whole.text, data)
        return data

    def located_diagnostics(self) -> tuple[Diagnostic, ...]:
        """Return what was found, with the lines of articles that a finding between files names by number only."""
        sources = {}
        filled = []
        for item in self.diagnostics.sorted():
            location = item.location
            if location.line and not location.excerpt and location.path in self._inputs.found.articles:
                if location.path not in sources:
                    data = read_bytes(location.path, self._inputs.found.articles[location.path].file)
                    sources[location.path] = decode(location.path, data, Diagnostics())
                source = sources[location.path]
                filled.append(
                    structs.replace(item, location=source.location(location.line, location.column)) if source else item
                )
            else:
                filled.append(item)
        return tuple(filled)


def _span(site: Site, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return from when until when the clock changes nothing."""
    moments = transition_times(site)
    return (
        max((moment for moment in moments if moment <= now), default=None),
        min((moment for moment in moments if moment > now), default=None),
    )


def _media(site: Site, found: ScanResult) -> dict[str, str]:
    """Return the SHA-256 of every picture or document that a visible article shows or links to, and of the card."""
    wanted = {link.path for link in site.links() if link.kind is LinkKind.FILE}
    if site.config.card is not None:
        wanted.add(site.config.card.file)
    return {path: _digest_of_file(path, found.files[path].file) for path in sorted(wanted) if path in found.files}


def _digest_of_file(path: str, file: str) -> str:
    """Return the SHA-256 of a file of the project."""
    return sha256(read_bytes(path, file)).hexdigest()
