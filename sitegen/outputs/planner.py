"""`LocalePlanner`: what page kinds need to plan their pages in one locale. Links are resolved here."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from functools import cached_property

from sitegen.content.articles import Article, LocalizedVersion
from sitegen.content.documents import EditorText
from sitegen.content.links import LinkKind, LinkRef
from sitegen.outputs.editions import LEAD_IMPORTANCE, EditionContent, changes
from sitegen.outputs.feed_selection import feeds
from sitegen.outputs.references import (
    ArticleHash,
    ArticleText,
    ContextHash,
    EditorPageText,
    MediaFile,
    ResolvedLink,
)
from sitegen.outputs.specs import hashes
from sitegen.outputs.view_builder import by_importance
from sitegen.site.facets import Facet
from sitegen.site.model import Site, last_published
from sitegen.site.pages import Members, SitePages
from sitegen.site.related import Neighbours
from sitegen.site.urls import media_path, output_path
from sitegen.util.dates import Instant
from sitegen.util.paths import STATIC


class LocalePlanner:
    """The site in one locale.

    `context` is the hash of its render context, `pages` has all pages, `media` has pictures and
    documents by project path, `static_files` are the project paths of files that are published as they are,
    `neighbours` what goes with each article by its path.
    """

    def __init__(
        self,
        site: Site,
        locale: str,
        context: ContextHash,
        *,
        pages: SitePages,
        media: Mapping[str, MediaFile],
        static_files: Collection[str],
        neighbours: Mapping[str, Neighbours],
    ) -> None:
        self.site = site
        self.locale = locale
        self.context = context
        self.pages = pages
        self.neighbours = neighbours
        self.urls = site.urls(locale)
        self._media = media
        self._static_files = static_files
        self._editor_texts = {text.path: text for text in site.editor_texts}
        self._version_texts: dict[str, ArticleText] = {}

    @cached_property
    def article_hashes(self) -> dict[str, ArticleHash]:
        """The hash of each visible article by the site path of its page."""
        return {self.urls.article(article.slug): ArticleHash(article.hash) for article in self.site.articles}

    @cached_property
    def last_published(self) -> Instant | None:
        """When the newest visible article was published."""
        return last_published(self.site.articles)

    @cached_property
    def months(self) -> tuple[date, date] | None:
        """The months of the oldest and of the newest visible article, by their first days; None without articles."""
        articles = self.site.articles
        ends = [article.published.date().replace(day=1) for article in (articles[-1], articles[0])] if articles else []
        return (ends[0], ends[1]) if ends else None

    @cached_property
    def feeds(self) -> dict[Facet, Members]:
        """The feeds of this locale, and the articles of each."""
        return feeds(self.site, self.locale)

    @cached_property
    def editions(self) -> dict[date, EditionContent]:
        """The content of every daily edition, newest first."""
        limit, days = self.site.config.edition_items, self.pages.days
        if limit is None:
            return {}
        corrections, updated = changes(self.site.articles, days, self.site.config)
        editions = {}
        for day, since in zip(days, [*list(days)[1:], None], strict=False):
            members = sorted(days[day], key=by_importance)[:limit]
            editions[day] = EditionContent(
                day,
                since,
                len(days[day]),
                hashes(members),
                self.leads(members),
                self.introduction(self.urls.edition(day)),
                tuple(corrections[day][:limit]),
                hashes(updated[day][:limit]),
            )
        return editions

    def leads(self, articles: Sequence[Article]) -> tuple[ArticleText, ...]:
        """Return the texts of the articles whose perspectives editions and e-mails quote."""
        return tuple(self.text(article) for article in articles if article.front.importance >= LEAD_IMPORTANCE)

    def text(self, article: Article) -> ArticleText:
        """Return the text of an article as this locale shows it."""
        known = self._version_texts.get(article.path) if not article.translations else None
        return known or self.version_text(article, article.localized(self.locale))

    def perspective_text(self, article: Article, perspective: str) -> ArticleText:
        """Return the text in which an article has a perspective: that of the locale if it has it."""
        if not article.translations:
            return self.text(article)
        versions = (article.localized(self.locale), *article.versions)
        return self.version_text(article, next(version for version in versions if perspective in version.anchors))

    def version_text(self, article: Article, version: LocalizedVersion) -> ArticleText:
        """Return the text of one version of an article."""
        text = self._version_texts.get(version.path)
        if text is None:
            text = ArticleText(ArticleHash(article.hash), version.path, version.text, self._resolve_all(version.links))
            self._version_texts[version.path] = text
        return text

    def static_page_text(self, page: EditorText) -> EditorPageText:
        """Return the text of a static page or an introduction as this locale shows it."""
        version = page.localized(self.locale)
        return EditorPageText(
            slug=page.slug,
            path=version.path,
            lang=version.lang,
            title=version.title,
            summary=version.summary,
            original_lang=page.original.lang,
            is_translation=version.path != page.path,
            text=version.text,
            links=self._resolve_all(version.links),
            authors=tuple(version.authors(page.original).items()),
            review=version.reviewed,
            watch=version.watch or page.original.watch,
            watch_lang=version.lang if version.watch else page.original.lang,
        )

    def introduction(self, path: str) -> EditorPageText | None:
        """Return the introduction of the edition or issue at `path` as this locale shows it; None if it has none."""
        text = self.site.introductions.get(self.urls.without_locale(path).strip("/"))
        return None if text is None else self.static_page_text(text)

    def _resolve_all(self, links: tuple[LinkRef, ...]) -> tuple[ResolvedLink, ...]:
        return tuple([self._resolve(link) for link in links])

    def _resolve(self, link: LinkRef) -> ResolvedLink:
        """Return where a link leads in this locale."""
        if link.kind is LinkKind.PAGE:
            path = self._page_path(link.path)
        elif link.kind is LinkKind.FILE and link.path.startswith(f"{STATIC}/"):
            path = link.path.removeprefix(STATIC)
        elif link.kind is LinkKind.FILE:
            file = self._media.get(link.path, MediaFile(""))
            path, copies = media_path(link.path, file.digest), file.copies(link.path)
            return ResolvedLink(path, link.fragment, size=file.size, copies=copies)
        elif not link.path:
            path = ""
        else:
            return self._resolve_document(link)
        return ResolvedLink(path, link.fragment)

    def _page_path(self, path: str) -> str:
        """Return the path of a page in this locale. A page of `content/static/` has the same one in each."""
        local = self.urls.local(path, self.site.config.locales)
        has_one = f"{STATIC}/{output_path(path)}" in self._static_files
        return path if has_one and f"{STATIC}/{output_path(local)}" not in self._static_files else local

    def _resolve_document(self, link: LinkRef) -> ResolvedLink:
        """Return where a link to an article or a static page leads: to its version in the reader's language."""
        page, article = self._editor_texts.get(link.path), self.site.by_path.get(link.path)
        if page is not None:
            path, version = self.urls.section(page.slug), page.localized(self.locale)
        elif article is not None:
            path, version = self.urls.article(article.slug), article.localized(self.locale)
        else:
            return ResolvedLink(self.urls.home(), "", link.path)
        # Headings have other names in another language; those of perspectives are the same in each.
        return ResolvedLink(path, link.fragment if link.fragment in version.anchors else "", link.path)
