"""The check of addresses on other hosts: which are requested, which results are kept, what rules find."""

from collections.abc import Callable, Mapping
from time import sleep
from typing import Final

from msgspec.structs import replace

from sitegen.builder.cache import open_cache
from sitegen.builder.request import BuildRequest
from sitegen.check.external import ExternalOptions, archived_copy, check_urls, is_fresh
from sitegen.check.findings import Finding, LinkResult, LinkStatus
from sitegen.check.model import CheckedLink, ExternalLink
from sitegen.check.texts import Failure, kept_links, run_rules
from sitegen.diagnostics import SourceLocation

_KEPT: Final = "external_links"
_ARCHIVED: Final = frozenset({LinkStatus.DEAD, LinkStatus.NO_HOST})


def check_links(
    request: BuildRequest,
    is_chosen: Callable[[str], bool],
    options: ExternalOptions,
    progress: Callable[[int, int], None],
    *,
    with_archive: bool = False,
) -> tuple[list[Finding], list[Failure], Mapping[str, LinkResult]]:
    """Ask for the addresses in the files that were checked before, and return findings and results by address.

    `is_chosen` returns whether the links of a file are checked. Results are kept with their date, and those that are
    fresh are not requested again. `with_archive` looks for copies of dead pages.
    """
    with open_cache(request.output_folder) as cache:
        places = _places({path: links for path, links in kept_links(cache).items() if is_chosen(path)})
        kept = cache.get_meta(_KEPT, dict[str, LinkResult]) or {}
        fresh = {url: item for url, item in kept.items() if is_fresh(item, request.now)}
        missing = sorted(places.keys() - fresh.keys())
        checked = check_urls(missing, request.now, options, progress)
        results = {url: checked.get(url) or fresh[url] for url in places}
        if with_archive:
            results = {url: _with_copy(url, item, options) for url, item in results.items()}
        cache.set_meta(_KEPT, {**fresh, **results})
    findings: list[Finding] = []
    failures: list[Failure] = []
    for url, result in sorted(results.items()):
        more, failed = run_rules(CheckedLink(url, result, tuple(places[url])), url)
        findings += more
        failures += failed
    return findings, failures, results


def _places(links: Mapping[str, tuple[ExternalLink, ...]]) -> dict[str, list[SourceLocation]]:
    places: dict[str, list[SourceLocation]] = {}
    for path, group in links.items():
        for url, line, column in group:
            places.setdefault(url, []).append(SourceLocation(path, line, column))
    return places


def _with_copy(url: str, result: LinkResult, options: ExternalOptions) -> LinkResult:
    """Return the result with an archived copy of a dead page, if the archive has one."""
    if result.status not in _ARCHIVED or result.archived:
        return result
    sleep(options.pace)
    return replace(result, archived=archived_copy(url, options))


def status_counts(results: Mapping[str, LinkResult]) -> dict[str, int]:
    """Return the number of addresses with each status that occurs."""
    counts = {status: sum(item.status is status for item in results.values()) for status in LinkStatus}
    return {status.value: count for status, count in counts.items() if count}
