"""Plans a build: documents to a site, and to every file that the site has, each with its cache key."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import Final

from msgspec import Struct
from msgspec.structs import replace

import sitegen
from sitegen.builder.file_facts import FileFacts, file_facts
from sitegen.builder.inputs import Validity
from sitegen.builder.request import HeldBack
from sitegen.builder.resize import RESIZED, encoder_version
from sitegen.builder.run import BuildRun
from sitegen.builder.scan import ScanResult
from sitegen.builder.social_image import read_png_size
from sitegen.config.model import SOCIAL_IMAGE_SIZE, ContentSchema, ProjectSettings
from sitegen.content.articles import Article, source_text
from sitegen.content.documents import Document, EditorText, Translation
from sitegen.content.links import LinkKind
from sitegen.diagnostics import Diagnostic, Diagnostics, ExternalError, SourceLocation
from sitegen.outputs.page_kind import reserved_folders
from sitegen.outputs.plan import plan
from sitegen.outputs.recipes import Output, cache_keys
from sitegen.outputs.references import ArticleHash, ContextHash, MediaFile, RenderContext
from sitegen.outputs.renderer import renderer_of
from sitegen.site.build import build_site
from sitegen.site.model import Site, transition_times
from sitegen.site.pages import Members
from sitegen.theme.model import Static, Theme
from sitegen.util.dates import Instant
from sitegen.util.hashing import Hash
from sitegen.util.paths import CALENDAR, STATIC, read_bytes
from sitegen.util.version import program_hash

SEARCH_SCRIPT: Final = Path(sitegen.__file__).parent / "outputs/search/client.js"
"""The script that reads the index in a browser."""


class LoadedProject(Struct, frozen=True):
    """A project before its documents are read: the configuration and the theme.

    `is_config_valid` is false if `site.yaml` has errors. `theme_names` are the names of the theme and its parents,
    `theme_hash` is the hash of their files.
    """

    settings: ProjectSettings
    is_config_valid: bool
    theme: Theme
    theme_names: tuple[str, ...]
    theme_hash: bytes

    @property
    def schema(self) -> ContentSchema:
        """The part of `site.yaml` on which the documents depend."""
        return self.settings.config.content_schema


class BuildPlan(Struct, frozen=True):
    """Every file of the site with its cache key, by path, and what the hashes in the recipes stand for.

    `project` and `documents` (by path) are what the plan was made of, `diagnostics` are the warnings about it.
    `validity` is the time from and until which the plan holds. `visible` is a number of articles. A plan that revises
    the last one names only what has changed, without `held_back_articles`, and `revises` is the hash of the manifest
    of the site whose other files stay.
    """

    project: LoadedProject
    documents: Mapping[str, Document]
    diagnostics: tuple[Diagnostic, ...]
    outputs: Mapping[str, Output]
    keys: Mapping[str, Hash]
    contexts: Mapping[ContextHash, RenderContext]
    articles: Mapping[ArticleHash, Article]
    validity: Validity
    visible: int
    held_back: HeldBack
    held_back_articles: Members = ()
    revises: bytes | None = None


def plan_build(
    run: BuildRun,
    project: LoadedProject,
    documents: Mapping[str, Document],
    diagnostics: Diagnostics,
) -> BuildPlan | None:
    """Return the plan; None if there is any error, after all checks between files."""
    request, scan, settings, theme = run.request, run.inputs.scan, project.settings, project.theme
    config, parsed = settings.config, documents.values()
    articles = [document.article for document in parsed if document.article is not None]
    others = [document.other for document in parsed if document.other is not None]
    rejected = [document.rejected for document in parsed if document.rejected is not None]
    site = build_site(
        articles,
        config,
        frozenset(scan.files),
        diagnostics,
        now=request.now,
        drafts=request.drafts,
        translations=[item for item in others if isinstance(item, Translation)],
        texts=[item for item in others if isinstance(item, EditorText)],
        rejected=rejected,
        reserved=reserved_folders(),
        calendar=[event for document in parsed for event in document.events],
    )
    size = read_png_size(config.card, settings.social_image_location, scan, diagnostics)
    if not project.is_config_valid:
        return None
    media, static = _shown_files(site, scan), [path for path in scan.files if path.startswith(f"{STATIC}/")]
    facts = file_facts(run, (*media, *static), diagnostics, strips_metadata=config.strip_metadata)
    _report_locations((path for path in media if path in facts and facts[path].has_location), diagnostics)
    planned, contexts = plan(
        site,
        _with_search_script(theme) if config.search else theme,
        {path: _media_file(path, facts[path], config.picture_widths) for path in media if path in facts},
        {path: facts[path].digest for path in static if path in facts},
        diagnostics,
        all_read=len(articles) + len(others) == len(scan.articles.keys() - {CALENDAR}),
        image_size=size or SOCIAL_IMAGE_SIZE,
        redirects=settings.redirects,
    )
    if diagnostics.errors:
        return None
    outputs = {output.path: output for output in planned}
    if len(outputs) < len(planned):
        raise ExternalError(_same_path(planned))
    return BuildPlan(
        project=project,
        documents=documents,
        diagnostics=located(diagnostics, scan),
        outputs=outputs,
        keys=cache_keys(planned, renderer_of(theme), program_hash(), contexts),
        contexts=contexts,
        articles={ArticleHash(article.hash): article for article in site.articles},
        validity=_validity(site, request.now),
        visible=len(site.articles),
        held_back=_held_back(site.unpublished, request.now),
        held_back_articles=site.unpublished,
    )


def _same_path(outputs: Sequence[Output]) -> str:
    """Return the message for a file that two outputs have, of which one is that of a plugin."""
    one, other = next(pair for pair in pairwise(outputs) if pair[0].path == pair[1].path)
    kinds = [f"{type(output.recipe).__module__}.{type(output.recipe).__qualname__}" for output in (one, other)]
    return f"two outputs have the path {one.path!r}, {kinds[0]} and {kinds[1]}; a plugin must use another path"


def _with_search_script(theme: Theme) -> Theme:
    """Return a theme with the script of the search page as its file `search.js`, unless it has its own."""
    if any(static.name == "search.js" for static in theme.statics):
        return theme
    script = SEARCH_SCRIPT.read_bytes()
    return replace(theme, statics=(*theme.statics, Static("search.js", script, sha256(script).hexdigest())))


def _held_back(articles: Iterable[Article], now: datetime) -> HeldBack:
    due: dict[str, list[Instant]] = {"draft": [], "scheduled": [], "expired": []}
    for article in articles:
        due[article.state(now)].append(article.visible_from)
    next_due = min(due["scheduled"], default=None)
    return HeldBack(len(due["draft"]), len(due["scheduled"]), len(due["expired"]), next_due)


def _validity(site: Site, now: datetime) -> Validity:
    """Return from when until when the clock changes no output."""
    moments = transition_times(site)
    since = max((moment for moment in moments if moment <= now), default=None)
    until = min((moment for moment in moments if moment > now), default=None)
    return None if since is None else Instant.of(since), None if until is None else Instant.of(until)


def _shown_files(site: Site, scan: ScanResult) -> list[str]:
    """Return the paths of the social image and of the files that visible texts show or link to, but static files."""
    shown = {link.path for link, _ in site.links() if link.kind is LinkKind.FILE}
    if site.config.card is not None:
        shown.add(site.config.card.file)
    return sorted(path for path in shown if path in scan.files and not path.startswith(f"{STATIC}/"))


def _media_file(path: str, facts: FileFacts, picture_widths: Iterable[int]) -> MediaFile:
    is_resized = facts.size is not None and path.lower().endswith(RESIZED)
    widths = tuple(width for width in picture_widths if is_resized and facts.size and width < facts.size[0])
    return MediaFile(facts.digest, facts.size, widths, encoder_version() if widths else "")


def _report_locations(paths: Iterable[str], diagnostics: Diagnostics) -> None:
    for path in paths:
        message = "the picture is published with the place where it was taken (GPS data in Exif)"
        hint = "set `pictures: {strip_metadata: true}` in site.yaml, or remove the data in an image editor"
        diagnostics.warning("picture-location", SourceLocation(path), message, hint=hint)


def located(diagnostics: Diagnostics, scan: ScanResult) -> tuple[Diagnostic, ...]:
    """Return the diagnostics, sorted, with the source line of those that name it by number only."""
    sources = {}
    result = []
    for item in diagnostics.sorted():
        location = item.location
        if location.line and not location.excerpt and location.path in scan.articles:
            if location.path not in sources:
                data = read_bytes(location.path, scan.articles[location.path].file)
                sources[location.path] = source_text(location.path, data)
            source = sources[location.path]
            if source is not None:
                result.append(replace(item, location=source.location(location.line, location.column)))
                continue
        result.append(item)
    return tuple(result)
