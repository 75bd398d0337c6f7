"""Redirects at older addresses: of articles, of renamed keys, of combinations, and the redirects of `site.yaml`.

An older address of a page is a page that redirects. An older address of a feed is the feed itself, whose link `self`
has the new address: that is how Atom (RFC 4287, section 4.2.7.2) and RSS name the address that readers should use. So
both work on every host, and hosts with real redirects get them by `redirects.map`.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import quote

from sitegen.config.model import Redirect
from sitegen.content.articles import Article
from sitegen.content.slugs import alias_problem, folded_path
from sitegen.diagnostics import Diagnostics, SourceLocation, closest_match
from sitegen.outputs.pages.unlisted import NotFoundPage, RedirectPage
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import Output, Recipe, StaticFile
from sitegen.site.facets import Facet
from sitegen.site.links import MAX_CANDIDATES
from sitegen.site.model import by_month
from sitegen.site.sources import source_slug
from sitegen.site.urls import (
    CALENDAR_NAME,
    LIST_NAME,
    REDIRECT_MAP,
    REMOVED,
    alias_path,
    facet_path,
    is_page,
    older_path,
    output_path,
    redirect_path,
    site_path,
)
from sitegen.util.media_types import feed_types

_ANOTHER: Final = "another page"
_INDEX: Final = "index.html"
_ELSEWHERE: Final = {"articles": "archive"}
"""Folders that lead to another section, which lists what they contain."""


class PathRegistry:
    """Output paths that are taken, as case-insensitive file systems compare them, and their owners."""

    def __init__(self) -> None:
        self._files: dict[str, str] = {}
        self._folders: dict[str, str] = {}

    def claim(self, path: str, owner: str) -> str | None:
        """Take a path for `owner`. Return the present owner if the path, or a folder above it, is taken."""
        key = folded_path(path)
        above = [key[:index] for index, char in enumerate(key) if char == "/"]
        other = self._files.get(key) or self._folders.get(key)
        other = other or next((self._files[folder] for folder in above if folder in self._files), None)
        if other is None:
            self._files[key] = owner
            self._folders |= dict.fromkeys(above, owner)
        return other


class _Move(NamedTuple):
    """An older site path, the one that replaced it (None: removed), and the text of `location` that says so.

    The feeds of the new page are also at the older address if `with_feeds`. With `yields`, a page at the older address
    is published: a country can have articles again.
    """

    old: str
    new: str | None
    owner: str
    text: str
    location: SourceLocation
    with_feeds: bool = True
    yields: bool = False


def plan_redirects(
    planners: Sequence[LocalePlanner],
    outputs: Sequence[Output],
    redirects: Sequence[Redirect],
    diagnostics: Diagnostics,
    *,
    all_read: bool,
) -> Iterator[Output]:
    """Yield what the site has at older addresses. An older address that is in use is an error.

    `outputs` are the other files of the site. Unpublished articles keep their addresses, too. Targets of redirects
    that do not exist are errors only if `all_read`, because an article that could not be read would have had pages.
    """
    site = planners[0].site
    articles = sorted((*site.articles, *site.unpublished), key=lambda article: article.path)
    if not redirects and not any(article.front.aliases for article in articles):
        return
    if all_read:
        _check_sources(articles, redirects, diagnostics)
    recipes = {output.path: output.recipe for output in outputs}
    registry = PathRegistry()
    own = {output_path(planner.urls.article(a.slug)): a.path for a in articles for planner in planners}
    for path in recipes:
        registry.claim(path, own.get(path, _ANOTHER))
    for path, owner in own.items():
        registry.claim(path, owner)
    candidates = (
        *_aliases(planners, articles),
        *_redirects(planners, redirects, diagnostics),
        *_renames(planners, recipes, redirects),
    )
    older = {move.old for move in candidates}
    candidates += tuple(move for move in _combinations(planners, recipes, redirects) if move.old not in older)
    moves = _without_collisions(candidates, registry, recipes, diagnostics)
    order = {article.path: index for index, article in enumerate(site.articles)}
    lines = []
    for move in sorted(moves.values(), key=lambda move: (order.get(move.owner, len(order)), move.old)):
        target = _target(move, moves)
        path = output_path(target)
        if target != REMOVED and path not in recipes:
            if path in own or not all_read or _planner_of(planners, move.old) is not planners[0]:
                continue
            near = closest_match(target, [site_path(path) for path in recipes if is_page(path)][:MAX_CANDIDATES])
            diagnostics.error("dead-link", move.location, f"there is no page {target!r}", near=near)
            continue
        for old, new in _with_feeds(move, target, recipes, registry):
            href = new if new == REMOVED else quote(planners[0].urls.href(new), safe="/%")
            lines.append(f'"{planners[0].urls.prefix}{old}" "{href}";\n')
            recipe = _recipe(planners, old, new, recipes)
            if recipe is not None:
                yield Output(output_path(old), recipe)
    if lines:
        yield Output(output_path(REDIRECT_MAP), StaticFile("".join(lines).encode()))


def _combinations(
    planners: Sequence[LocalePlanner], recipes: Mapping[str, Recipe], redirects: Iterable[Redirect]
) -> Iterator[_Move]:
    """Yield addresses that combinations have with lower numbers and other formats, and what has their content.

    They are pages of pairs and of topics in a country, their feeds in formats that they do not have any more, and the
    months of perspectives, which older versions had.
    """
    setting = next((redirect for redirect in redirects if redirect.kind == "combinations"), None)
    if setting is None:
        return
    for planner in planners:
        for old, new in _larger_pages(planner):
            if output_path(old) not in recipes and output_path(new) in recipes:
                text = f"{old!r} of 'redirect_combinations'"
                yield _Move(old, new, setting.location.path, text, setting.location, with_feeds=False)


def _larger_pages(planner: LocalePlanner) -> Iterator[tuple[str, str]]:
    urls, site, pages = planner.urls, planner.site, planner.pages
    facets = [Facet(countries=pair) for pair in sorted(site.by_pair)]
    facets += [Facet(topic=topic, countries=codes) for topic, codes in sorted(site.by_crossing) if len(codes) == 1]
    format_name = site.config.feeds.combination_formats[0]
    for facet in facets:
        path = facet_path(urls, facet)
        if facet not in pages.indexes:
            yield path, urls.country(facet.countries[0])
        elif facet in planner.feeds:
            yield from ((path + name, urls.feed(path, format_name)) for name in feed_types())
    for key, members in pages.perspectives.items():
        path = urls.perspective(key)
        yield from ((urls.month(path, month), path) for month, _ in by_month(members))


def _without_collisions(
    candidates: Iterable[_Move], registry: PathRegistry, recipes: Mapping[str, Recipe], diagnostics: Diagnostics
) -> dict[str, _Move]:
    """Return moves by their older path. An older path that is in use is reported, once for each location."""
    moves: dict[str, _Move] = {}
    reported: set[SourceLocation] = set()
    for move in candidates:
        other = registry.claim(output_path(move.old), move.owner)
        if other is None:
            moves[move.old] = move
        elif move.location not in reported:
            reported.add(move.location)
            if move.yields and other == _ANOTHER and output_path(move.old) in recipes:
                message = f"{move.text} is the address of a page, which is published"
                diagnostics.warning("unused-redirect", move.location, message, hint="delete the line")
                continue
            message, hint = f"{move.text} is also an address of {other}", "delete it, or move the other page"
            diagnostics.error("alias-collision", move.location, message, hint=hint)
    return moves


def _aliases(planners: Sequence[LocalePlanner], articles: Iterable[Article]) -> Iterator[_Move]:
    """Yield the aliases of articles, each in every locale; one that begins with a locale only in that."""
    for article in articles:
        paths = [alias_path(alias) for alias in article.front.aliases]
        for index, alias in enumerate(article.front.aliases):
            location = article.location(f"aliases.{index}")
            for planner, old in _in_locales(planners, paths[index], paths):
                yield _Move(old, planner.urls.article(article.slug), article.path, f"the alias {alias!r}", location)


def _redirects(
    planners: Sequence[LocalePlanner], redirects: Iterable[Redirect], diagnostics: Diagnostics
) -> Iterator[_Move]:
    """Yield `redirects` and `gone` of `site.yaml`, each in every locale."""
    locales = [planner.locale for planner in planners]
    written = [redirect_path(redirect.old) for redirect in redirects]
    for redirect in redirects:
        if redirect.kind not in {"redirects", "gone"}:
            continue
        paths = [redirect.old] if redirect.new is None else [redirect.old, redirect.new]
        problems = [f"{path!r} {problem}" for path in paths if path != "/" and (problem := alias_problem(path))]
        if problems:
            hint = f"{redirect.kind}: {'{/old/: /new/}' if redirect.new is not None else '[/old/]'}"
            diagnostics.error("bad-alias", redirect.location, f"{redirect.kind}: {problems[0]}", hint=hint)
            continue
        for planner, old in _in_locales(planners, redirect_path(redirect.old), written):
            new = None if redirect.new is None else planner.urls.local(redirect_path(redirect.new), locales)
            text = f"{redirect.old!r} in {redirect.kind!r}"
            yield _Move(old, new, redirect.location.path, text, redirect.location, yields=True)


def _check_sources(articles: Iterable[Article], redirects: Iterable[Redirect], diagnostics: Diagnostics) -> None:
    """Report renamed sources that no article has, once each. Other subjects are declared where they are renamed."""
    names = {source_slug(article.front.source.name): article.front.source.name for article in articles}
    unused = {source.new: source for source in redirects if source.kind == "sources" and source.new is not None}
    for name, redirect in unused.items():
        if source_slug(name) not in names:
            message = f"no article has the source {name!r}, so its old names lead nowhere"
            near = closest_match(name, tuple(names.values())[:MAX_CANDIDATES])
            hint = "write the name as the articles do, or delete the entry"
            diagnostics.warning("unknown-source", redirect.location, message, near=near, hint=hint)


def _renames(
    planners: Sequence[LocalePlanner], recipes: Iterable[str], redirects: Iterable[Redirect]
) -> Iterator[_Move]:
    """Yield the addresses that pages and feeds had before a topic, country, perspective or source was renamed."""
    paths = [site_path(path) for path in recipes]
    locales = [planner.locale for planner in planners[1:]]
    for redirect in redirects:
        if redirect.kind not in {"redirects", "gone", "combinations"}:
            renamed = (redirect.kind, redirect.new or "", redirect.old, locales)
            older = [(old, new) for new in paths if (old := older_path(new, *renamed)) is not None]
            for old, new in older:
                text = f"{old!r}, an older address of {new!r},"
                yield _Move(old, new, redirect.location.path, text, redirect.location)
            paths += [old for old, _ in older]


def _in_locales(
    planners: Sequence[LocalePlanner], path: str, written: Sequence[str]
) -> Iterator[tuple[LocalePlanner, str]]:
    """Yield a path in every locale in which it is not also `written`; one that begins with a locale only in that."""
    locales = [planner.locale for planner in planners]
    for planner in planners:
        local = planner.urls.local(path, locales)
        if _planner_of(planners, local) is planner and (local == path or local not in written):
            yield planner, local


def _planner_of(planners: Sequence[LocalePlanner], path: str) -> LocalePlanner:
    """Return the planner of the locale in which a path is."""
    first = path.split("/")[1]
    return next((planner for planner in planners[1:] if planner.locale == first), planners[0])


def _target(move: _Move, moves: Mapping[str, _Move]) -> str:
    """Return where a chain of moves ends: at a path, at REMOVED, or, if it is a loop, at a path of the loop."""
    passed, target = {move.old}, move.new
    while target is not None and target in moves and target not in passed:
        passed.add(target)
        target = moves[target].new
    return REMOVED if target is None else target


def _with_feeds(
    move: _Move, new: str, recipes: Mapping[str, Recipe], registry: PathRegistry
) -> Iterator[tuple[str, str]]:
    """Yield an older path with its target, and those of its feeds and its calendar if their older paths are free."""
    old = move.old
    yield old, new
    names = (*feed_types(), LIST_NAME, CALENDAR_NAME)
    for name in names if move.with_feeds and new.endswith("/") and old.endswith("/") else ():
        if output_path(new + name) in recipes and registry.claim(output_path(old + name), _ANOTHER) is None:
            yield old + name, new + name


def _recipe(planners: Sequence[LocalePlanner], old: str, new: str, recipes: Mapping[str, Recipe]) -> Recipe | None:
    """Return what is at an older path; None for a file that was removed."""
    if new == REMOVED:
        return NotFoundPage(_planner_of(planners, old).context) if is_page(output_path(old)) else None
    planner = _planner_of(planners, new)
    if is_page(output_path(new)):
        return RedirectPage(planner.context, new, planner.article_hashes.get(new))
    return recipes[output_path(new)]


def plan_folders(planners: Sequence[LocalePlanner], paths: Collection[str], older: Collection[str]) -> Iterator[Output]:
    """Yield a redirect at each folder without a page; it leads to the page of the next folder above.

    `paths` are the output paths of the site, `older` are those at older addresses, which are not a target. All locales
    but the first have a folder. File systems that ignore case have one file at two addresses that differ in case only.
    """
    files, taken = set(paths), {folded_path(path) for path in (*paths, *older)} if older else set(paths)
    by_folder = {planner.locale: planner for planner in planners[1:]}
    folders: set[str] = set()
    for path in (*paths, *older):
        folder = path.rpartition("/")[0]
        while folder and folder not in folders:
            folders.add(folder)
            folder = folder.rpartition("/")[0]
    for folder in sorted(folders):
        index = f"{folder}/{_INDEX}"
        if folder.startswith(".") or index in files or (key := folded_path(index)) in taken:
            continue
        taken.add(key)
        planner = by_folder.get(folder.partition("/")[0], planners[0])
        urls = planner.urls
        section = _ELSEWHERE.get(urls.without_locale(f"/{folder}")[1:])
        if section is not None:
            target = urls.section(section)
        else:
            above = folder.rpartition("/")[0]
            while above and f"{above}/{_INDEX}" not in files:
                above = above.rpartition("/")[0]
            target = f"/{above}/" if above else planners[0].urls.home()
        yield Output(index, RedirectPage(planner.context, target))
