"""Links: every address of this site on every page, in every feed and table. The build reports those in texts."""

from collections import defaultdict
from collections.abc import Iterator

from sitegen.check.model import CheckedSite, Problem
from sitegen.check.registry import site_rule
from sitegen.diagnostics import Severity
from sitegen.site.urls import is_page, site_path


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
        elif fragment and is_page(path) and fragment not in site.pages[path].ids:
            message = f"the page {site_path(path)} has no element {fragment!r}"
        else:
            continue
        others = f" ({len(paths):,} files have it)" if len(paths) > 1 else ""
        yield Problem(site.output(min(paths)), message + others, "correct the template or the text")
