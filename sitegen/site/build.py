"""Builds a `Site` from articles, and reports conflicts between files."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from hashlib import sha256

from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.content.articles import Article, LocalizedVersion
from sitegen.content.documents import EditorText, Introduction, StaticPage, Translation
from sitegen.content.events import Event
from sitegen.content.slugs import folded_path
from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.site.events import entry_times
from sitegen.site.links import LinkChecker
from sitegen.site.model import Site, change_times, group_articles, monday_of, review_times
from sitegen.site.translations import attach_translations
from sitegen.util.dates import PartialDate


def build_site(
    articles: Iterable[Article],
    config: Config,
    files: frozenset[str],
    diagnostics: Diagnostics,
    *,
    now: datetime,
    drafts: bool = False,
    translations: Iterable[Translation] = (),
    texts: Iterable[EditorText] = (),
    rejected: Sequence[LocalizedVersion] = (),
    reserved: frozenset[str] = frozenset(),
    calendar: Sequence[Event] = (),
) -> Site:
    """Group `articles` into a `Site` as of `now`.

    `files` are the paths of all files in the content folder, against which links are checked. Duplicate ids, slugs and
    paths, dead links, circular threads and translations without an original are errors in `diagnostics`. With `drafts`,
    drafts and scheduled articles are visible, too. `texts` are static pages and introductions. `rejected` are texts of
    files with errors, whose links are checked. `reserved` are first parts of paths that static pages cannot have,
    `calendar` are the entries of the calendar.
    """
    translated, translated_texts = attach_translations(
        tuple(articles), tuple(texts), translations, config=config, files=files, diagnostics=diagnostics
    )
    translated_pages = [text for text in translated_texts if isinstance(text, StaticPage)]
    introductions = [text for text in translated_texts if isinstance(text, Introduction) and (drafts or not text.draft)]
    ordered = sorted(translated, key=_newest_first)
    static_pages = tuple(sorted(translated_pages, key=lambda page: (page.order, page.slug)))
    shown_states = {"published", "draft", "scheduled"} if drafts else {"published"}
    visible = tuple(
        _as_of(now, article, config, diagnostics) for article in ordered if article.state(now) in shown_states
    )
    _check_unique(ordered, diagnostics)
    _check_static_pages(static_pages, config, reserved, diagnostics)
    visible_paths = {article.path for article in visible}
    unpublished = tuple(article for article in ordered if article.path not in visible_paths)
    site = group_articles(config, visible, unpublished, as_of=now, calendar=calendar)
    shown_texts = (*static_pages, *_shown_introductions(introductions, ordered, site, diagnostics))
    LinkChecker((*ordered, *translated_texts), (*visible, *shown_texts), files, diagnostics).check(rejected)
    times = [at for article in ordered if article.path in visible_paths for at in change_times(article, config)]
    times += [at for text in shown_texts for at in review_times(text.versions, config)]
    times += entry_times(calendar, config.zone)
    texts_as_of = [_text_as_of(now, text, config, diagnostics) for text in shown_texts]
    return replace(
        site,
        static_pages=tuple(text for text in texts_as_of if isinstance(text, StaticPage)),
        introductions={text.slug: text for text in texts_as_of if isinstance(text, Introduction)},
        changes=tuple(times),
    )


def _shown_introductions(
    introductions: Iterable[Introduction], articles: Sequence[Article], site: Site, diagnostics: Diagnostics
) -> list[Introduction]:
    """Return the introductions of editions and issues that `site` has; drafts are left out before.

    One whose day or week has no visible article is a warning, unless one of `articles` is scheduled for that time or
    has expired.
    """
    texts, shown = tuple(introductions), []
    if not texts:
        return []
    pages = site.pages()
    others = [article for article in articles if article.state(site.as_of) in {"scheduled", "expired"}]
    days, weeks = {article.published.date() for article in others}, {monday_of(article.published) for article in others}
    for item in texts:
        if item.first in (pages.days if item.is_edition else pages.weeks):
            shown.append(item)
        elif item.first not in (days if item.is_edition else weeks):
            key = "edition" if item.is_edition else "pages_from: {issues: 1}"
            message = f"the introduction is not shown: the site has no page of {item.first}"
            hint = f"check the name of the file, the dates of articles, and the key `{key}` of site.yaml"
            diagnostics.warning("introduction-not-shown", SourceLocation(item.path, 1), message, hint=hint)
    return shown


def _as_of(now: datetime, article: Article, config: Config, diagnostics: Diagnostics) -> Article:
    """Return an article without its corrections, update, reviews and import that are dated after `now`."""
    if all(at <= now for at in change_times(article, config)):
        return article

    def is_past(at: PartialDate) -> bool:
        return at.with_fixed_offset(config.zone) <= now

    front = article.front
    is_updated = front.updated is not None and is_past(front.updated)
    if front.updated is not None and not is_updated:
        message = f"'updated' is {front.updated}, which is in the future; it is not shown until then"
        diagnostics.warning("future-date", article.location("updated"), message)
    for entry in front.corrections:
        if not is_past(entry.at):
            message = f"the correction of {entry.at} is in the future; it is not shown until then"
            diagnostics.warning("future-date", article.location("corrections"), message)
    shown = replace(
        front,
        corrections=tuple(entry for entry in front.corrections if is_past(entry.at)),
        updated=front.updated if is_updated else None,
        reviewed=_past_review(now, article.original, config, diagnostics).reviewed,
        imported=front.imported if front.imported is not None and is_past(front.imported.at) else None,
    )
    return article.with_changes(
        front=shown,
        updated=article.updated if is_updated else None,
        corrected=max((entry.at.with_fixed_offset(config.zone) for entry in shown.corrections), default=None),
        translations=tuple(_past_review(now, version, config, diagnostics) for version in article.translations),
    )


def _text_as_of(now: datetime, text: EditorText, config: Config, diagnostics: Diagnostics) -> EditorText:
    """Return a static page or an introduction without its reviews that are dated after `now`."""
    original, *translations = (_past_review(now, version, config, diagnostics) for version in text.versions)
    return replace(text, original=original, translations=tuple(translations))


def _past_review(
    now: datetime, version: LocalizedVersion, config: Config, diagnostics: Diagnostics
) -> LocalizedVersion:
    if version.reviewed is None or all(at <= now for at in review_times([version], config)):
        return version
    message = f"the review of {version.reviewed.at} is in the future; it is not shown until then"
    diagnostics.warning("future-date", version.positions.key(version.path, "reviewed"), message)
    return replace(version, reviewed=None)


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
                if key == "id":  # of the path, because a build has no random values
                    other = sha256(article.path.encode()).hexdigest()[:16]
                    hint = f"if one of the files is a copy for a new article, write another id there, such as {other}"
                else:
                    hint = "set another `slug` in one of them, or rename its file"
                diagnostics.error(code, article.location(key), message, hint=hint)
