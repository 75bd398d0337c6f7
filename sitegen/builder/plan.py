"""Plans a build: documents to a site, and to every file that the site has, each with its cache key."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from hashlib import sha256

from msgspec import Struct

from sitegen.builder.inputs import BuildRun, Inputs
from sitegen.builder.reader import Documents
from sitegen.builder.request import HeldBack
from sitegen.builder.scan import ScanResult
from sitegen.builder.social_image import read_png_size
from sitegen.builder.tasks import ParseTask
from sitegen.builder.version import program_hash
from sitegen.config.model import SOCIAL_IMAGE_SIZE, ProjectSettings
from sitegen.content.articles import Article, RejectedFile
from sitegen.content.markdown import LinkKind
from sitegen.content.pages import StaticPage, Translation
from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.outputs.page_kind import reserved_folders
from sitegen.outputs.plan import plan
from sitegen.outputs.recipes import ArticleHash, ContextHash, Output, RenderContext
from sitegen.outputs.renderer import renderer_of
from sitegen.paths import MAX_FILE_BYTES, read_bytes, report_size
from sitegen.site.build import build_site
from sitegen.site.model import Site, transition_times
from sitegen.theme.model import Theme
from sitegen.util.dates import Instant
from sitegen.util.hashing import Hash
from sitegen.util.picture_location import has_location


class BuildPlan(Struct, frozen=True):
    """Every file of the site with its cache key, by path, and what the hashes in the recipes stand for.

    The plan holds from `since` until `until` (None: without limit). `visible` is a number of articles. `hidden` are the
    site paths of articles that are not visible. `outputs_by_file` are the paths of the outputs that show the text of a
    file; only a session needs them.
    """

    outputs: Mapping[str, Output]
    keys: Mapping[str, Hash]
    contexts: Mapping[ContextHash, RenderContext]
    articles: Mapping[ArticleHash, Article]
    since: Instant | None
    until: Instant | None
    visible: int
    held_back: HeldBack
    hidden: frozenset[str] = frozenset()
    outputs_by_file: Mapping[str, Sequence[str]] = {}


class LoadedTheme(Struct, frozen=True):
    """The theme (None if it cannot be used), the names of it and its parents, and the hash of their files.

    It is `complete` if all of it could be read.
    """

    theme: Theme | None
    names: tuple[str, ...] = ()
    hash: bytes = b""
    is_complete: bool = False


class PlannedBuild(Struct, frozen=True):
    """The result of planning every file, and what it was made of. `plan` is None if there is any error."""

    inputs: Inputs
    diagnostics: Diagnostics
    task: ParseTask
    documents: Documents
    loaded: LoadedTheme
    plan: BuildPlan | None


def plan_build(
    run: BuildRun,
    settings: ProjectSettings,
    theme: Theme,
    documents: Documents,
    diagnostics: Diagnostics,
    *,
    is_config_valid: bool,
) -> BuildPlan | None:
    """Return the plan; None if there is any error, after all checks between files."""
    request, scan, config = run.request, run.inputs.scan, settings.config
    found = documents.by_path.values()
    articles = [document.article for document in found if document.article is not None]
    others = [document.other for document in found if document.other is not None]
    rejected = [item.version for item in others if isinstance(item, RejectedFile)]
    site = build_site(
        articles,
        config,
        frozenset(scan.files),
        diagnostics,
        now=request.now,
        drafts=request.drafts,
        translations=[item for item in others if isinstance(item, Translation)],
        pages=[item for item in others if isinstance(item, StaticPage)],
        rejected=rejected,
        reserved=reserved_folders(),
    )
    size = read_png_size(config.card, settings.social_image_location, scan, diagnostics)
    if not is_config_valid:
        return None
    planned = plan(
        site,
        theme.statics,
        _media(site, scan, diagnostics),
        diagnostics,
        feed_labels=theme.feed_labels(),
        all_read=len(articles) + len(others) - len(rejected) == len(scan.articles),
        image_size=size or SOCIAL_IMAGE_SIZE,
        redirects=settings.redirects,
    )
    if diagnostics.errors:
        return None
    since, until = _validity(site, request.now)
    return BuildPlan(
        outputs={output.path: output for output in planned.outputs},
        keys=renderer_of(theme).keys(planned.outputs, program_hash(), planned.contexts),
        contexts=planned.contexts,
        articles=planned.articles,
        since=since,
        until=until,
        visible=len(site.articles),
        held_back=_held_back(site.unpublished, request.now),
        hidden=frozenset(site.urls(config.locales[0]).article(article.slug) for article in site.unpublished),
        outputs_by_file=_outputs_by_file(planned.outputs) if run.session is not None else {},
    )


def _held_back(articles: Iterable[Article], now: datetime) -> HeldBack:
    due: dict[str, list[Instant]] = {"draft": [], "scheduled": [], "expired": []}
    for article in articles:
        due[article.state(now)].append(article.visible_from)
    next_due = min(due["scheduled"], default=None)
    return HeldBack(len(due["draft"]), len(due["scheduled"]), len(due["expired"]), next_due)


def _outputs_by_file(outputs: Iterable[Output]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for output in outputs:
        for file in set(output.recipe.references().texts.values()):
            found.setdefault(file, []).append(output.path)
    return found


def _validity(site: Site, now: datetime) -> tuple[Instant | None, Instant | None]:
    """Return from when until when the clock changes no output."""
    moments = transition_times(site)
    since = max((moment for moment in moments if moment <= now), default=None)
    until = min((moment for moment in moments if moment > now), default=None)
    return None if since is None else Instant.of(since), None if until is None else Instant.of(until)


def _media(site: Site, found: ScanResult, diagnostics: Diagnostics) -> dict[str, str]:
    """Return the SHA-256 of the social image and of every file that a visible text shows or links to, by path."""
    wanted = {link.path for link, _ in site.links() if link.kind is LinkKind.FILE}
    if site.config.card is not None:
        wanted.add(site.config.card.file)
    files = [(path, found.files[path]) for path in sorted(wanted) if path in found.files]
    digests = {}
    for path, entry in files:
        report_size(path, entry.stat.size, MAX_FILE_BYTES, diagnostics)
        if entry.stat.size <= MAX_FILE_BYTES:
            data = read_bytes(path, entry.file)
            digests[path] = sha256(data).hexdigest()
            if has_location(data):
                message = "the picture is published with the place where it was taken (GPS data in Exif)"
                hint = "remove the data in an image editor, or with `exiftool -gps:all= FILE`"
                diagnostics.warning("picture-location", SourceLocation(path), message, hint=hint)
    return digests
