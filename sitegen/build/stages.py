"""The stages of a build that has something to do: read, assemble, plan, render, commit."""

import pickle
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Final

from sitegen.build.cards import card_size
from sitegen.build.configuration import parse_config
from sitegen.build.drafts import Draft, Planned, digest_of_heads, texts_of_heads
from sitegen.build.engine import fingerprint
from sitegen.build.inputs import Inputs, remember
from sitegen.build.memory import Memory
from sitegen.build.pool import Job, Pool, open_pool
from sitegen.build.progress import Progress, untold
from sitegen.build.reading import Reading, content_digest, read
from sitegen.build.request import BuildRequest, BuildResult
from sitegen.build.scan import Scan, read_bytes
from sitegen.build.stopwatch import Stopwatch
from sitegen.build.store import Head, Store
from sitegen.build.themefiles import theme_digest
from sitegen.build.themes import load_theme, theme_chain
from sitegen.build.writer import Counts, open_writer
from sitegen.config import CARD_SIZE, Config, Vocabulary
from sitegen.content.articles import manuscript
from sitegen.content.markdown import HoleKind
from sitegen.content.pages import EditorPage, Translation, read_file
from sitegen.diagnostics import Diagnostic, Findings
from sitegen.digest.plan import plan
from sitegen.digest.site import Site, assemble, turning_points
from sitegen.digest.values import (
    ArticleDataRecipe,
    ArticleText,
    CopyRecipe,
    Output,
    PageText,
    Recipe,
    articles_with_text,
    newest_in,
)
from sitegen.digests import Digester
from sitegen.errors import SurroundingsError
from sitegen.nodes import decode
from sitegen.render.renderer import renderer_of
from sitegen.render.theme import Theme

_SOUND: Final = "templates"
_KEPT_AT_HAND: Final = 32 * 1024 * 1024
"""Bytes of texts that are held in memory at most, for the feeds that share them."""


def build_changed(
    request: BuildRequest,
    output: Path,
    inputs: Inputs,
    store: Store,
    progress: Progress,
    *,
    clock: Stopwatch,
    notes: list[str],
    memory: Memory | None = None,
) -> BuildResult:
    """Build a site whose inputs are not those of the last build. See `build`."""
    with open_pool(request.jobs) as pool:
        run = Run(request, output, inputs, store, clock, progress=progress, memory=memory)
        planned = run.plan(pool)
        counts = run.commit(planned, pool) if planned is not None else None
        result = run.result(planned, counts)
    return replace(result, notes=tuple(notes))


class Run:
    """One build under way: what was found so far."""

    def __init__(
        self,
        request: BuildRequest,
        output: Path,
        inputs: Inputs,
        store: Store,
        clock: Stopwatch,
        *,
        progress: Progress = untold,
        memory: Memory | None = None,
    ) -> None:
        self.output = output
        self.findings = Findings()
        self.findings.extend(inputs.scanned)
        self._request = request
        self._inputs = inputs
        self._store = store
        self._stage = clock.stage
        self._clock = clock
        self._progress = progress
        self._memory = memory if memory is not None else Memory()
        self._is_kept = memory is not None
        self._themes: tuple[str, ...] = ()
        self._theme_digest = b""
        self._digests: dict[str, bytes] = {}
        self._vocabulary = Vocabulary(None, None, (), "UTC")
        self._at_hand: dict[bytes, bytes] = {}
        self._bytes_at_hand = 0
        self._digester = Digester()

    def plan(self, pool: Pool) -> Planned | None:
        """Read the articles, assemble the site, plan every file; None where that found errors."""
        findings, inputs = self.findings, self._inputs
        with self._stage("read"):
            config = parse_config(inputs.config, findings)
            if config is None:
                return None
            sound = not findings.errors
            before = findings.errors
            theme = self._theme(config)
            whole = findings.errors == before
            vocabulary = self._vocabulary = config.vocabulary
            base = content_digest(fingerprint() + Digester().digest(vocabulary))
            reading = Reading(vocabulary, base, pool, self._store, self._progress)
            heads, self._digests = read(inputs.found, inputs.marks, reading)
            for head in heads.values():
                findings.extend(head.diagnostics)
        with self._stage("plan"):
            self._progress("plan", 0, 0)
            draft = self._kept_draft(heads)
            if draft is not None:
                findings.extend([item for item, _ in draft.found])
                return draft.planned if not self._must_stop() else None
            before = len(findings)
            site, outputs = self._assembled(config, theme, heads, sound=sound)
            if theme is None:
                return None
            self._check_templates(theme, config, whole=whole)
            if self._must_stop():
                return None
            keys = {output.path: self._key(theme, output.recipe) for output in outputs}
            span, by_path = _span(site, self._request.now), {output.path: output for output in outputs}
            planned = Planned(site, span, by_path, keys, theme, _count(heads))
            if self._is_kept:
                found = tuple([(item, self._digests.get(item.place.path)) for item in tuple(findings)[before:]])
                self._memory.draft = Draft.of(self._made_of(site, heads), planned, found, texts_of_heads(heads))
            return planned

    def _theme(self, config: Config) -> Theme | None:
        """Return the theme, loaded anew only where its files are not those of the last build."""
        root, findings = self._request.root, self.findings
        self._themes = theme_chain(root, config.theme)
        self._theme_digest = theme_digest(root, self._themes)  # before it is read: it may be edited meanwhile
        last = self._memory.theme
        if last is not None and last[0] == self._theme_digest:
            return last[1]
        found = len(findings)
        theme = load_theme(root, config.theme, findings, config.theme_place)
        clean = theme is not None and len(findings) == found
        self._memory.theme = (self._theme_digest, theme) if theme is not None and clean else None
        return theme

    def _check_templates(self, theme: Theme, config: Config, *, whole: bool) -> None:
        """Check the templates, unless the same ones were found sound before: that costs more than planning."""
        sound = (fingerprint(), self._theme_digest, config.locales)
        if whole and self._store.memo(_SOUND) == sound:
            return
        found = len(self.findings)
        renderer_of(theme).templates.check(config.locales, self.findings, whole=whole)
        if whole and len(self.findings) == found:
            self._store.remember(_SOUND, sound)

    def _assembled(
        self, config: Config, theme: Theme | None, heads: Mapping[str, Head], *, sound: bool
    ) -> tuple[Site, tuple[Output, ...]]:
        """Return the digest, and all its files where the configuration is sound."""
        found, request = self._inputs.found, self._request
        beside = [head.beside for head in heads.values() if head.beside is not None]
        site = assemble(
            [head.article for head in heads.values() if head.article is not None],
            config,
            frozenset(found.files),
            self.findings,
            now=request.now,
            drafts=request.drafts,
            translations=[item for item in beside if isinstance(item, Translation)],
            pages=[item for item in beside if isinstance(item, EditorPage)],
        )
        size = card_size(config.card, found, self.findings)
        if not sound:
            return site, ()
        statics = theme.statics if theme is not None else ()
        words = theme.feed_words() if theme is not None else ()
        all_read = _count(heads) + len(beside) == len(found.articles)
        media = _media(site, found)
        return site, plan(
            site, statics, media, self.findings, words=words, all_read=all_read, card_size=size or CARD_SIZE
        )

    def _kept_draft(self, heads: Mapping[str, Head]) -> Draft | None:
        """Return the plan that is kept with the texts of today, where all else that it was made of is as it was."""
        draft = self._memory.draft
        if draft is None or not draft.holds(self._made_of(draft.planned.site, heads), self._digests, self._request.now):
            return None
        theme = draft.planned.theme
        self._memory.draft = draft = draft.revised(texts_of_heads(heads), lambda recipe: self._key(theme, recipe))
        return draft

    def _made_of(self, site: Site, heads: Mapping[str, Head]) -> bytes:
        """Return the digest of all that a plan is made of but texts; the pictures are those that `site` names."""
        inputs = self._inputs
        others = (
            inputs.config,
            inputs.drafts,
            self._theme_digest,
            len(heads),
            sorted(_media(site, inputs.found).items()),
        )
        files = "\0".join(inputs.found.files).encode("utf-8", "surrogateescape")
        return content_digest(repr(others).encode() + files + digest_of_heads(heads))

    def _key(self, theme: Theme, recipe: Recipe) -> bytes:
        return renderer_of(theme).key(recipe, self._digester, fingerprint())

    def commit(self, planned: Planned, pool: Pool) -> Counts | None:
        """Render what is stale and put it in place, all or nothing; None where a template failed."""
        with open_writer(self.output, self._memory if self._is_kept else None) as writer:
            with self._stage("render"):
                keys = planned.keys
                stale = [planned.outputs[path] for path, key in keys.items() if not writer.keep(path, key)]
                rendered = self._rendered(stale, planned.theme, pool)
                for number, (unit, result) in enumerate(rendered, start=1):
                    self._progress("render", number, len(stale))
                    if isinstance(result, Diagnostic):
                        self.findings.extend([result])
                    else:
                        writer.stage(unit.path, result, keys[unit.path])
            if self._must_stop():
                return None
            with self._stage("write"):
                self._progress("write", 0, 0)
                return writer.commit()

    def result(self, planned: Planned | None, counts: Counts | None) -> BuildResult:
        """Return what came of it, and remember it."""
        diagnostics = self._with_excerpts(self.findings.sorted())
        if planned is None or counts is None:
            return BuildResult.failed(self.output / "site", diagnostics, self._clock.seconds)
        shown, hidden = len(planned.site.articles), planned.articles - len(planned.site.articles)
        with self._stage("write"):
            key = self._inputs.key(self._theme_digest, self._digests)
            if key is not None:
                remember(
                    self._store,
                    key,
                    self.output,
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
            held_back=hidden,
            seconds=self._clock.seconds,
        )

    def _must_stop(self) -> bool:
        return bool(self.findings.errors or (self._request.strict and len(self.findings)))

    def _rendered(self, outputs: list[Output], theme: Theme, pool: Pool) -> Iterator[tuple[Output, bytes | Diagnostic]]:
        """Yield each output with its bytes, or with what is wrong in its template."""
        found = self._inputs.found
        for output in outputs:
            if isinstance(output.recipe, CopyRecipe):
                source = output.recipe.source
                data = read_bytes(source, found.files[source].file)
                if sha256(data).hexdigest() != output.recipe.digest:
                    raise SurroundingsError(f"{source} changed while it was read; build again")
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
            (again,) = Pool(None, 1).render([job], 1, theme)
            if again is None:
                raise SurroundingsError(f"{output.path} cannot be rendered: its text cannot be read back")
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
        text = manuscript(path, read_bytes(path, self._inputs.found.articles[path].file), self._vocabulary)
        if text is None or Digester().digest(text) != recipe.markdown:
            raise SurroundingsError(f"{path} changed while it was read; build again")
        return (text.encode(),)

    def _text_anew(self, whole: ArticleText | PageText) -> bytes:
        """Return a text, pickled, that the store cannot serve: from the article's file."""
        path = whole.path
        read_anew = read_file(path, read_bytes(path, self._inputs.found.articles[path].file), self._vocabulary)
        found = read_anew.article or read_anew.beside
        if found is None or found.text != whole.text:
            raise SurroundingsError(f"{path} changed while it was read; build again")
        data = pickle.dumps(read_anew.body, protocol=5)
        self._store.put_text(whole.text, data)
        return data

    def _with_excerpts(self, diagnostics: tuple[Diagnostic, ...]) -> tuple[Diagnostic, ...]:
        """Fill in the lines of articles that a finding between files names by number only."""
        sources = {}
        filled = []
        for item in diagnostics:
            place = item.place
            if place.line and not place.excerpt and place.path in self._inputs.found.articles:
                if place.path not in sources:
                    data = read_bytes(place.path, self._inputs.found.articles[place.path].file)
                    sources[place.path] = decode(place.path, data, Findings())
                source = sources[place.path]
                filled.append(replace(item, place=source.place(place.line, place.column)) if source else item)
            else:
                filled.append(item)
        return tuple(filled)


def _span(site: Site, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return from when until when the clock changes nothing."""
    moments = turning_points(site)
    return (
        max((moment for moment in moments if moment <= now), default=None),
        min((moment for moment in moments if moment > now), default=None),
    )


def _count(heads: Mapping[str, Head]) -> int:
    return sum(head.article is not None for head in heads.values())


def _media(site: Site, found: Scan) -> dict[str, str]:
    """Return the SHA-256 of every picture or document that a visible article shows or links to, and of the card."""
    wanted = {hole.path for hole in site.links() if hole.kind is HoleKind.FILE}
    if site.config.card is not None:
        wanted.add(site.config.card.file)
    return {
        path: sha256(read_bytes(path, found.files[path].file)).hexdigest()
        for path in sorted(wanted)
        if path in found.files
    }
