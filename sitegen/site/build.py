"""Builds a `Site` from articles, and reports conflicts between files."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.content.articles import Article
from sitegen.content.pages import StaticPage, Translation
from sitegen.content.slugs import folded_path
from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.site.links import LinkChecker
from sitegen.site.model import Site, correction_times, group_articles
from sitegen.site.translations import TranslationIndex


def build_site(
    articles: Iterable[Article],
    config: Config,
    files: frozenset[str],
    diagnostics: Diagnostics,
    *,
    now: datetime,
    drafts: bool = False,
    translations: Iterable[Translation] = (),
    pages: Iterable[StaticPage] = (),
    reserved: frozenset[str] = frozenset(),
) -> Site:
    """Group `articles` into a `Site` as of `now`.

    `files` are the paths of all files in the content folder, against which links are checked. Duplicate ids, slugs and
    paths, dead links, circular threads and translations without an original are errors in `diagnostics`. With `drafts`,
    drafts and scheduled articles are visible, too. `reserved` are first parts of paths that static pages cannot have.
    """
    translations_by_path = TranslationIndex(config, files, translations, diagnostics)
    ordered = sorted((translations_by_path.attach(article) for article in articles), key=_newest_first)
    static_pages = tuple(
        sorted((translations_by_path.attach_to_page(page) for page in pages), key=lambda page: (page.order, page.slug))
    )
    translations_by_path.check()
    shown_states = {"published", "draft", "scheduled"} if drafts else {"published"}
    visible = tuple(
        _without_future_corrections(article, config, now) for article in ordered if article.state(now) in shown_states
    )
    _check_unique(ordered, diagnostics)
    _check_static_pages(static_pages, config, reserved, diagnostics)
    LinkChecker(ordered, visible, static_pages, files, diagnostics).check()
    shown = {article.path for article in visible}
    unpublished = tuple(article for article in ordered if article.path not in shown)
    times = [at for article in ordered if article.path in shown for _, at in correction_times(article, config)]
    site = group_articles(config, visible, unpublished, static_pages, as_of=now)
    return replace(site, upcoming=tuple(at for at in times if at > now))


def _without_future_corrections(article: Article, config: Config, now: datetime) -> Article:
    """Return an article without the corrections that are dated after `now`."""
    future = {number for number, at in correction_times(article, config) if at > now}
    if not future:
        return article
    corrections = tuple(entry for entry in article.front.corrections if entry.number not in future)
    return article.with_changes(front=replace(article.front, corrections=corrections))


def _newest_first(article: Article) -> tuple[float, int, str]:
    return (-article.published.timestamp(), -article.front.importance, article.front.id)


def _check_static_pages(
    pages: Sequence[StaticPage], config: Config, reserved: frozenset[str], diagnostics: Diagnostics
) -> None:
    """Report static pages whose path is reserved, or is that of another static page."""
    taken = reserved | {folded_path(locale) for locale in config.locales}
    owners: dict[str, str] = {}
    for page in sorted(pages, key=lambda page: page.path):
        folded = folded_path(page.slug)
        if folded in taken:
            message = f"the path /{page.slug}/ is reserved for pages of the digest"
            diagnostics.error("page-collision", SourceLocation(page.path, 1), message, hint="rename the file")
        elif owners.setdefault(folded, page.path) != page.path:
            message = f"the path /{page.slug}/ conflicts with that of {owners[folded]}"
            diagnostics.error("page-collision", SourceLocation(page.path, 1), message, hint="rename one of the files")


def _check_unique(articles: Sequence[Article], diagnostics: Diagnostics) -> None:
    first_by_path = sorted(articles, key=lambda article: article.path)
    for key, code, value in (
        ("id", "duplicate-id", lambda article: article.front.id),
        ("slug", "duplicate-slug", lambda article: folded_path(article.slug)),
    ):
        owners: dict[str, Article] = {}
        for article in first_by_path:
            owner = owners.setdefault(value(article), article)
            if owner is not article:
                shown = article.front.id if key == "id" else article.slug
                message = f"duplicate {key} {shown!r}: it is also that of {owner.path}"
                if key == "slug" and owner.slug != article.slug:
                    folded = f"{owner.slug!r} of {owner.path} after case and Unicode normalization"
                    message = f"the slug {shown!r} conflicts with {folded}"
                diagnostics.error(code, article.location(key), message)
