"""A `Site` to every file that it has: each a path and a recipe that holds every input of the file."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache, reduce
from operator import or_
from typing import Any, Final

from sitegen.config.model import SOCIAL_IMAGE_SIZE, LocalizedText, Redirect
from sitegen.content.articles import LocalizedVersion
from sitegen.content.links import LinkKind
from sitegen.content.slugs import alias_problem
from sitegen.content.typography import typographic_title
from sitegen.diagnostics import Diagnostics, ExternalError, SourceLocation, closest_match
from sitegen.outputs.calendars import plan_calendars
from sitegen.outputs.data_package import plan_data_package
from sitegen.outputs.feed_selection import correction_items, newest_events, opml_lists
from sitegen.outputs.feeds.recipes import FeedFile, OpmlFile
from sitegen.outputs.open_data import plan_open_data
from sitegen.outputs.page_kind import PAGE_KINDS, PageKind, PlannedPage, SiteSection, sections
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import CopyFile, Output, Recipe, StaticFile, recipe_types
from sitegen.outputs.redirects import PathRegistry, plan_folders, plan_redirects
from sitegen.outputs.references import ContextHash, MediaFile, RenderContext
from sitegen.outputs.search.index import plan_search
from sitegen.outputs.sitemaps import NEWS, SITEMAP, plan_news, plan_sitemaps
from sitegen.outputs.specs import hashes
from sitegen.outputs.views import Image, Link
from sitegen.site.facets import CORRECTIONS, EDITIONS, UPCOMING
from sitegen.site.links import MAX_CANDIDATES, MAX_SUGGESTIONS, report_hidden
from sitegen.site.model import Site
from sitegen.site.related import neighbours
from sitegen.site.urls import (
    Urls,
    asset_path,
    feed_folder,
    is_site_path,
    media_path,
    output_path,
)
from sitegen.theme.model import Theme
from sitegen.util.hashing import hash_value
from sitegen.util.paths import STATIC
from sitegen.util.plugins import each_returned, returned

ROBOTS: Final = "robots.txt"
"""The only file of `content/static/` that replaces one of the site (RFC 9309): an editor may refuse some crawlers."""


def plan(
    site: Site,
    theme: Theme,
    media: Mapping[str, MediaFile],
    static_files: Mapping[str, str],
    diagnostics: Diagnostics,
    *,
    all_read: bool = True,
    image_size: tuple[int, int] = SOCIAL_IMAGE_SIZE,
    redirects: Sequence[Redirect] = (),
) -> tuple[list[Output], dict[ContextHash, RenderContext]]:
    """Return every file of the site, sorted by path, and the render context of each locale by its hash.

    `media` is each file that articles show or link to by project path, with the social image, and `image_size` is its
    width and height. `static_files` is the SHA-256 of each file that is published as it is, by project path. Older
    addresses that are in use, and links and redirects to pages that will not exist, become errors in `diagnostics`; the
    latter only if `all_read`, because an article that could not be read would have had pages. Raises ExternalError if a
    plugin gives a path outside the site.
    """
    contexts = _contexts(site, theme, media, image_size)
    pages, related = site.pages(), neighbours(site)
    planners = [
        LocalePlanner(
            site, context.locale, key, pages=pages, media=media, static_files=static_files, neighbours=related
        )
        for key, context in contexts.items()
    ]
    planned = [list(_pages(planner)) for planner in planners]
    outputs = [_output(page.path, page.kind) for group in planned for page in group]
    outputs += [output for planner in planners for output in (*_feeds(planner), *plan_calendars(planner))]
    outputs += [Output(output_path(asset_path(s.name, s.digest)), StaticFile(s.data)) for s in theme.statics]
    if site.config.search:
        outputs += plan_search(planners)
    copies = {
        output_path(media_path(path, file.digest)): CopyFile(path, file.digest, site.config.strip_metadata)
        for path, file in media.items()
    }
    for path, file in media.items():
        for width, copy in file.copies(path):
            recipe = CopyFile(path, file.digest, site.config.strip_metadata, width, file.encoder)
            copies[output_path(copy)] = recipe
    outputs += [Output(path, recipe) for path, recipe in copies.items()]
    first = planners[0]
    outputs += plan_open_data(first, redirects)
    outputs += plan_data_package(first)
    outputs += plan_sitemaps(first, planned[0], site.config.locales)
    outputs.append(plan_news(first))
    if f"{STATIC}/{ROBOTS}" not in static_files:
        outputs.append(Output(ROBOTS, StaticFile(_robots(first).encode())))
    outputs += _static_files(static_files, outputs, diagnostics)
    if all_read:
        _check_page_links(site, outputs, diagnostics)
    older = list(plan_redirects(planners, outputs, redirects, diagnostics, all_read=all_read))
    outputs += plan_folders(planners, [output.path for output in outputs], [output.path for output in older])
    outputs += older
    return sorted(outputs, key=lambda output: output.path), contexts


@cache
def recipe_union() -> Any:
    """Return the union of all kinds of recipes, for typed decoding. This module imports every module with recipes."""
    PAGE_KINDS.load()
    return reduce(or_, recipe_types())


def _contexts(
    site: Site, theme: Theme, media: Mapping[str, MediaFile], image_size: tuple[int, int]
) -> dict[ContextHash, RenderContext]:
    """Return the render context of each locale, in the order of the site."""
    contexts = {}
    for locale in site.config.locales:
        urls, card, image = site.urls(locale), site.config.card, None
        if card is not None and card.file in media:
            path = media_path(card.file, media[card.file].digest)
            image = Image(urls.absolute(path), card.alt.get(locale), *image_size)
        assets = tuple((static.name, urls.href(asset_path(static.name, static.digest))) for static in theme.statics)
        pages = tuple(
            Link(page.slug, _title(site, shown), shown.lang, urls.href(urls.section(page.slug)))
            for page, shown in ((page, page.localized(locale)) for page in site.static_pages)
        )
        shown = [section for section in sections() if section.exists(site.config)]
        context = RenderContext(
            site.config,
            locale,
            assets,
            pages,
            theme.feed_labels(),
            image,
            theme.settings,
            navigation=tuple(_section_link(section, urls) for section in shown),
            masthead=tuple(section.key for section in shown if section.place == "header"),
        )
        contexts[ContextHash(hash_value(context))] = context
    return contexts


def _section_link(section: SiteSection, urls: Urls) -> Link:
    """Return the link to a section of the site; one with a label in the theme has no name here."""
    names = LocalizedText(section.names)
    href = urls.href(urls.section(section.key))
    return Link(section.key, names.get(urls.locale), names.language(urls.locale), href)


def _title(site: Site, version: LocalizedVersion) -> str:
    return typographic_title(version.title, version.lang) if site.config.typography else version.title


_PAGES: Final = "pages, each from page(PATH, KIND)"


def _pages(planner: LocalePlanner) -> Iterator[PlannedPage]:
    for kind in PAGE_KINDS.values():
        for item in each_returned(kind.plan, kind.plan(planner), PlannedPage, _PAGES):
            returned(kind.plan, item.path, str, _PAGES)
            returned(kind.plan, item.kind, PageKind, _PAGES)
            yield item


def _output(path: str, recipe: Recipe) -> Output:
    """Return the output at a path that a plugin can choose. Raises ExternalError if it is not one of the site."""
    if not is_site_path(path):
        kind = f"the format {recipe.format!r}" if isinstance(recipe, FeedFile) else type(recipe).__qualname__
        message = f"the path {path!r} of {kind} is not in the site; expected one such as '/important/' or '/feed.xml'"
        raise ExternalError(f"{message}; a plugin must use another path")
    return Output(output_path(path), recipe)


def _feeds(planner: LocalePlanner) -> Iterator[Output]:
    """Yield every feed in every format, and the lists of feeds."""
    site, urls, settings = planner.site, planner.urls, planner.site.config.feeds
    limit = settings.items
    for facet, members in planner.feeds.items():
        newest = members[:limit]
        whole = settings.has_texts(facet.kind)
        items = tuple([planner.text(article) for article in newest]) if whole else ()
        summaries = () if whole else hashes(newest)
        corrections = tuple(correction_items(site.articles, site.config)[:limit]) if facet == CORRECTIONS else ()
        events = tuple(newest_events(site)[:limit]) if facet == UPCOMING else ()
        editions = tuple(planner.editions.values())[:limit] if facet == EDITIONS else ()
        folder = feed_folder(urls, facet)
        for name in settings.formats_of(facet.kind):
            recipe = FeedFile(planner.context, name, facet, items, summaries, corrections, events, editions)
            yield _output(urls.feed(folder, name), recipe)
    for about, facets in opml_lists(tuple(planner.feeds)):
        path = urls.opml(feed_folder(urls, about))
        yield Output(output_path(path), OpmlFile(planner.context, about, facets))


def _static_files(digests: Mapping[str, str], outputs: Iterable[Output], diagnostics: Diagnostics) -> Iterator[Output]:
    """Yield each file; `digests` are their SHA-256 by project path, `outputs` are the other files of the site.

    A path that another file of the site has, and one that a host reserves, is an error.
    """
    if not digests:
        return
    registry = PathRegistry()
    for output in outputs:
        registry.claim(output.path, "the site")
    for source, digest in digests.items():
        path = source.removeprefix(f"{STATIC}/")
        problem = alias_problem(f"/{path}") or ((owner := registry.claim(path, source)) and f"is an address of {owner}")
        if problem:
            location, hint = SourceLocation(source), "rename or delete the file"
            diagnostics.error("bad-static-file", location, f"the path /{path} {problem}", hint=hint)
        else:
            yield Output(path, CopyFile(source, digest))


def _robots(planner: LocalePlanner) -> str:
    sitemaps = "".join(f"Sitemap: {planner.urls.absolute(path)}\n" for path in (SITEMAP, NEWS))
    return f"User-agent: *\nAllow: /\n\n{sitemaps}"


def _check_page_links(site: Site, outputs: Iterable[Output], diagnostics: Diagnostics) -> None:
    """Report links that are written as site paths and do not lead to a planned page."""
    links = [(link, location) for link, location in site.links() if link.kind is LinkKind.PAGE]
    if not links:
        return
    paths = {output.path for output in outputs}
    hidden = {
        site.urls(locale).article(article.slug): article
        for article in site.unpublished
        for locale in site.config.locales
    }
    pages = tuple(f"/{path.removesuffix('index.html')}" for path in sorted(paths) if path.endswith("/index.html"))
    suggestions = 0
    for link, location in links:
        if link.path in hidden:
            report_hidden(hidden[link.path].path, location, diagnostics)
        elif output_path(link.path) not in paths:
            section, near, suggestions = link.path.split("/")[1], None, suggestions + 1
            if suggestions <= MAX_SUGGESTIONS:
                likely = [page for page in pages if page.split("/")[1] == section]
                near = closest_match(link.path, (likely or pages)[:MAX_CANDIDATES])
            message = f"there is no page {link.path!r}"
            diagnostics.error("dead-link", location, message, near=near)
