"""The articles of a project for commands that do not build it: the only reader besides the build, through its cache."""

from datetime import UTC, datetime
from pathlib import Path

from sitegen.builder.cache import open_cache
from sitegen.builder.configuration import load_valid_settings
from sitegen.builder.executor import Pool
from sitegen.builder.reader import read_documents
from sitegen.builder.request import BuildRequest
from sitegen.builder.run import BuildRun, collect_inputs
from sitegen.config.model import Config, ContentSchema
from sitegen.content.articles import Article
from sitegen.diagnostics import Diagnostics, SitegenError
from sitegen.site.urls import Urls
from sitegen.util.dates import format_time
from sitegen.util.paths import OUTPUT


def project_articles(
    root: Path, schema: ContentSchema, output: Path | None = None, diagnostics: Diagnostics | None = None
) -> tuple[Article, ...]:
    """Return every article of a project that has no errors, in the order of the paths.

    Unchanged articles come from the cache below `output` (default: `output/` of the project). What is wrong with a file
    is added to `diagnostics`. Raises ExternalError if a file cannot be read.
    """
    request = BuildRequest(root, datetime.now(UTC), output)
    with open_cache(request.output_folder) as cache:
        run = BuildRun(request, collect_inputs(request, b"", cache), cache)
        documents = read_documents(run, schema, Pool(None, 0)).values()
    if diagnostics is not None:
        for document in documents:
            diagnostics.extend(document.diagnostics)
    return tuple(document.article for document in documents if document.article is not None)


def list_articles(
    root: Path, config: Config, now: datetime, diagnostics: Diagnostics
) -> list[tuple[datetime, str, str, str, str]]:
    """Return time, path, state, title and URL of every article of a project, in the order in which they appear.

    The state is that of `Article.state`, or `due` for an article that the next build will publish.
    """
    urls, site = Urls.of(config, config.locales[0]), root / OUTPUT / "site"
    rows = []
    for article in project_articles(root, config.content_schema, diagnostics=diagnostics):
        state, url = article.state(now), urls.article(article.slug)
        if state == "published" and not (site / url.strip("/") / "index.html").is_file():
            state = "due"
        time = article.visible_from.astimezone(config.zone)
        rows.append((time, article.path, state, article.front.title, urls.absolute(url)))
    return sorted(rows)


def draft_badges(root: Path, output: Path, now: datetime) -> dict[str, str]:
    """Return the badges of drafts and scheduled articles, by the path of their page in each locale.

    The articles come from the cache of the build in `output`. There are no badges if `site.yaml` or a file has changed
    since and cannot be read: the next rebuild reports it.
    """
    try:
        config = load_valid_settings(root).config
        articles = project_articles(root, config.content_schema, output)
    except SitegenError:
        return {}
    texts = {article.slug: text for article in articles if (text := _badge_text(article, now))}
    badges: dict[str, str] = {}
    for locale in config.locales if texts else ():
        urls = Urls.of(config, locale)
        badges |= {urls.prefix + urls.article(slug): text for slug, text in texts.items()}
    return badges


def _badge_text(article: Article, now: datetime) -> str:
    """Return the text of a badge, such as `Draft, scheduled for …`; empty for a published article."""
    start = article.visible_from
    if start <= now:
        return "Draft" if article.front.draft else ""
    scheduled = f"scheduled for {format_time(start)}"
    return f"Draft, {scheduled}" if article.front.draft else scheduled.capitalize()
