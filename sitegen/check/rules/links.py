"""Links: addresses of this site on every page, in every feed and table, and those on other hosts.

The build reports addresses of this site that are written in texts.
"""

from collections import defaultdict
from collections.abc import Iterator

from sitegen.check.findings import LinkStatus, Problem
from sitegen.check.model import CheckedLink, CheckedSite
from sitegen.check.registry import link_rule, site_rule
from sitegen.diagnostics import Severity, SourceLocation
from sitegen.outputs.recipes import CopyFile
from sitegen.site.urls import Urls, is_page, site_path
from sitegen.util.paths import ARTICLES


@site_rule("dead-address", Severity.ERROR)
def dead_address(site: CheckedSite) -> Iterator[Problem]:
    """Report addresses of this site that lead to no file, or to no element of a page, once for each address."""
    targets: dict[str, list[str]] = defaultdict(list)
    for path, facts in site.pages.items():
        for target in facts.links:
            targets[target].append(path)
    for target, paths in sorted(targets.items()):
        path, _, fragment = target.partition("#")
        if path not in site.pages:
            message = f"the address {site_path(path)} leads to no page"
        elif isinstance(site.plan.outputs[path].recipe, CopyFile):
            continue  # not made by the build: its elements may be written in any way, or made by a script
        elif fragment and is_page(path) and fragment not in site.pages[path].ids:
            message = f"the page {site_path(path)} has no element {fragment!r}"
        else:
            continue
        others = f" ({len(paths):,} files have it)" if len(paths) > 1 else ""
        yield Problem(site.output(min(paths)), message + others, "correct the template or the text")


@site_rule("expiring-link", Severity.WARNING)
def expiring_link(site: CheckedSite) -> Iterator[Problem]:
    """Report links to articles that expire before the text with the link: from that day on, the build stops."""
    ends = {version.path: article.visible_until for article in site.articles for version in article.versions}
    urls = [Urls.of(site.config, locale) for locale in site.config.locales]
    addresses = {one.article(article.slug): article.path for article in site.articles for one in urls}
    for path, document in site.plan.documents.items():
        version, end = document.version, ends.get(path)
        if version is None or (path.startswith(f"{ARTICLES}/") and path not in ends):
            continue  # readers cannot see it
        for link, (line, column) in zip(version.links, version.positions.links, strict=True):
            target = addresses.get(link.path, link.path)
            expires = ends.get(target)
            if expires is not None and (end is None or end > expires):
                message = f"{target} expires on {expires.date()}; from then on this link stops the build"
                hint = "remove the link, or let both expire"
                yield Problem(SourceLocation(path, line, column), message, hint)


def _of_link(link: CheckedLink, message: str, hint: str) -> Iterator[Problem]:
    return (Problem(location, message, hint) for location in link.places)


@link_rule("external-dead", Severity.HINT)
def external_dead(link: CheckedLink) -> Iterator[Problem]:
    """Report addresses whose host has no such page, or that have no host."""
    result = link.result
    if result.status in {LinkStatus.DEAD, LinkStatus.NO_HOST}:
        reason = f"the host answers {result.code}" if result.code else f"no such host: {result.detail}"
        hint = f"archived copy: {result.archived}" if result.archived else "replace it; --archive looks for a copy"
        yield from _of_link(link, f"{link.url} is dead: {reason}", hint)


@link_rule("external-moved", Severity.HINT)
def external_moved(link: CheckedLink) -> Iterator[Problem]:
    """Report addresses that redirect permanently."""
    if link.result.status is LinkStatus.MOVED:
        yield from _of_link(link, f"{link.url} has moved to {link.result.target}", "write the new address")


@link_rule("external-unreachable", Severity.HINT)
def external_unreachable(link: CheckedLink) -> Iterator[Problem]:
    """Report addresses that could not be read, now: it may pass."""
    result = link.result
    match result.status:
        case LinkStatus.SERVER_ERROR:
            reason = f"the host answers {result.code}"
        case LinkStatus.TLS:
            reason = f"no secure connection: {result.detail}"
        case LinkStatus.LOOP | LinkStatus.TIMEOUT | LinkStatus.UNREACHABLE | LinkStatus.INVALID:
            reason = result.detail
        case _:
            return
    yield from _of_link(link, f"{link.url} cannot be read ({result.status}): {reason}", "open it in a browser")


@link_rule("external-private", Severity.HINT)
def external_private(link: CheckedLink) -> Iterator[Problem]:
    """Report addresses in a private network, which readers cannot reach."""
    if link.result.status is LinkStatus.PRIVATE:
        yield from _of_link(link, f"{link.url} is not public: {link.result.detail}", "--allow-private requests it")
