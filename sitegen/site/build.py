"""`build_site`: articles to a `Site`, with every error between files."""

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

    `files` are the paths of all files in the content folder, against which links are checked. Two articles with one id
    or one address, links that lead nowhere, threads that run in a circle, translations of nothing and pages whose
    address is taken become errors in `diagnostics`. With `drafts`, drafts and articles of the future are visible too.
    `reserved` are the first parts of addresses that static pages cannot have.
    """
    translations_by_path = TranslationIndex(config, files, translations, diagnostics)
    ordered = sorted((translations_by_path.attach(article) for article in articles), key=_newest_first)
    own = tuple(
        sorted((translations_by_path.attach_to_page(page) for page in pages), key=lambda page: (page.order, page.slug))
    )
    translations_by_path.check()
    visible = tuple(_corrected(article, config, now) for article in ordered if _is_visible(article, now, drafts=drafts))
    _check_unique(ordered, diagnostics)
    _check_static_pages(own, config, reserved, diagnostics)
    LinkChecker(ordered, visible, own, files, diagnostics).check()
    shown = {article.path for article in visible}
    late = tuple(article for article in ordered if article.path not in shown)
    upcoming = tuple(at for article in ordered if article.path in shown for _, at in correction_times(article, config))
    return replace(
        group_articles(config, visible, late, own, as_of=now), upcoming=tuple(at for at in upcoming if at > now)
    )


def _corrected(article: Article, config: Config, now: datetime) -> Article:
    """Return an article with only the corrections that are made by `now`."""
    late = {number for number, at in correction_times(article, config) if at > now}
    if not late:
        return article
    made = tuple(entry for entry in article.front.corrections if entry.number not in late)
    return article.with_changes(front=replace(article.front, corrections=made))


def _newest_first(article: Article) -> tuple[float, int, str]:
    return (-article.published.timestamp(), -article.front.importance, article.front.id)


def _is_visible(article: Article, now: datetime, *, drafts: bool) -> bool:
    if not drafts and (article.front.draft or article.visible_from > now):
        return False
    return article.visible_until is None or article.visible_until > now


def _check_static_pages(
    pages: Sequence[StaticPage], config: Config, reserved: frozenset[str], diagnostics: Diagnostics
) -> None:
    """Report pages of the editor's whose address belongs to the digest itself, or to another of them."""
    taken = reserved | {folded_path(locale) for locale in config.locales}
    owners: dict[str, str] = {}
    for page in sorted(pages, key=lambda page: page.path):
        folded = folded_path(page.slug)
        if folded in taken:
            message = f"the address /{page.slug}/ belongs to the digest itself"
            diagnostics.error(
                "page-collision", SourceLocation(page.path, 1), message, hint="give the file another name"
            )
        elif owners.setdefault(folded, page.path) != page.path:
            diagnostics.error(
                "page-collision", SourceLocation(page.path, 1), f"the address is that of {owners[folded]}, too"
            )


def _check_unique(articles: Sequence[Article], diagnostics: Diagnostics) -> None:
    first_by_path = sorted(articles, key=lambda article: article.path)
    for key, what, value in (
        ("id", "duplicate-id", lambda article: article.front.id),
        ("slug", "duplicate-slug", lambda article: folded_path(article.slug)),
    ):
        owners: dict[str, Article] = {}
        for article in first_by_path:
            owner = owners.setdefault(value(article), article)
            if owner is not article:
                shown = article.front.id if key == "id" else article.slug
                message = f"the {key} {shown!r} is also that of {owner.path}"
                if key == "slug" and owner.slug != article.slug:
                    folded = f"{owner.slug!r} of {owner.path} after case and Unicode normalization"
                    message = f"the slug {shown!r} conflicts with {folded}"
                diagnostics.error(what, article.location(key), message)
