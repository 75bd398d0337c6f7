"""The files that hosts read beside the site: headers, redirects, and what tells a host to serve it as it is."""

from collections.abc import Mapping, Sequence
from typing import Final

from sitegen.config.targets import ArchiveTarget, GitTarget, HostingProvider, Target
from sitegen.publish.site_files import CACHE, Item, Kind, is_feed, made
from sitegen.site.urls import LIST_NAME, Urls
from sitegen.util.frozen import dataclass
from sitegen.util.media_types import content_type, feed_types

POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "media-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""What a page of the site may load: what the site has, and nothing inline."""

SECURITY: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)

HOST_FILES: Final = frozenset({".nojekyll", "CNAME", "_headers", "_redirects"})
"""What hosts read and readers do not."""


@dataclass(frozen=True, slots=True)
class _Limits:
    """What a host reads of `_redirects`: rules, bytes in all, characters a rule; how a rule ends, and what wins."""

    rules: int
    size: int
    length: int
    code: str
    files_win: bool


_REDIRECTS: Final = {
    # developers.cloudflare.com/pages/configuration/redirects: followed whether or not a file is there.
    HostingProvider.CLOUDFLARE: _Limits(2000, 1 << 20, 1000, "301", files_win=False),
    # docs.netlify.com/manage/routing/redirects: a file wins, unless the rule is forced; many rules may fail a deploy.
    HostingProvider.NETLIFY: _Limits(9_999, 1 << 20, 4000, "301!", files_win=False),
    # docs.gitlab.com/user/project/pages/redirects: a file wins always; one rule too many, and none may apply.
    HostingProvider.GITLAB: _Limits(1000, 64 * 1024, 4000, "301", files_win=True),
}


@dataclass(frozen=True, slots=True)
class Redirect:
    """An alias: the file that leads on today, the site paths from and to. Newer articles come first in a list."""

    file: str
    source: str
    target: str


def needs_redirects(target: Target) -> bool:
    """Whether the host of a target reads `_redirects`."""
    return isinstance(target, GitTarget | ArchiveTarget) and target.host in _REDIRECTS


def with_host_files(
    items: Mapping[str, Item], target: Target, base_url: str, redirects: Sequence[Redirect]
) -> tuple[dict[str, Item], tuple[str, ...]]:
    """Return what is published at a target: the site, and the files that its host reads; and sentences on limits."""
    found = dict(items)
    notes: tuple[str, ...] = ()
    if not isinstance(target, GitTarget | ArchiveTarget):
        return found, notes
    if isinstance(target, GitTarget):
        _add(found, made(".nojekyll", ""))
        if target.cname:
            _add(found, made("CNAME", f"{target.cname}\n"))
    if isinstance(target, ArchiveTarget) and target.host in {HostingProvider.CLOUDFLARE, HostingProvider.NETLIFY}:
        _add(found, made("_headers", headers_text(items, base_url, target.policy or POLICY, target.host)))
    if target.host in _REDIRECTS and redirects:
        limits = _REDIRECTS[target.host]
        text, used = redirects_text(redirects, base_url, limits)
        _add(found, made("_redirects", text))
        if limits.files_win:
            for redirect in used:
                found.pop(redirect.file, None)
        if len(used) < len(redirects):
            sentence = f"_redirects holds {len(used):,} of {len(redirects):,} aliases, as many as the host reads"
            notes = (f"{sentence}; the others are pages that lead on",)
    return dict(sorted(found.items())), notes


def headers_text(items: Mapping[str, Item], base_url: str, policy: str, host: HostingProvider) -> str:
    """Return `_headers`: no address has one header by two rules, because hosts join the values.

    Hosts read few rules (Cloudflare 100), so the feeds have one for each name, whatever their number. What a host
    would call otherwise by its ending has its media type there.
    """
    urls = Urls(base_url, "", is_first=True)
    rules = {"/*": [("Content-Security-Policy", policy), *SECURITY]}
    rules["/assets/*"] = [("Cache-Control", CACHE[Kind.ASSET])]
    there = {path.rpartition("/")[2] for path in items}
    for name in (*feed_types(), LIST_NAME):
        values = [("Content-Type", content_type(name))]
        values += [("Cache-Control", CACHE[Kind.FEED])] if is_feed(name) else []
        rules |= {pattern: values for pattern in _anywhere(name, host) if name in there}
    for path in items:
        if path.startswith("data/") and path.endswith(".csv"):
            rules[f"/{path}"] = [("Content-Type", content_type(path))]
    lines = []
    for pattern, values in rules.items():
        lines += [urls.href(pattern).replace("%2A", "*"), *(f"  {name}: {value}" for name, value in values)]
    return "\n".join(lines) + "\n"


def _anywhere(name: str, host: HostingProvider) -> tuple[str, ...]:
    """Return the patterns for a file of a name in every folder.

    A `*` between two slashes is what stands between them, at Netlify also nothing at all (netlify/cli#1041).
    """
    return (f"/*/{name}",) if host is HostingProvider.NETLIFY else (f"/{name}", f"/*/{name}")


def redirects_text(redirects: Sequence[Redirect], base_url: str, limits: "_Limits") -> tuple[str, list[Redirect]]:
    """Return `_redirects` with as many rules as the host reads, and the aliases that these are."""
    urls = Urls(base_url, "", is_first=True)
    lines: list[str] = []
    used: list[Redirect] = []
    size = 0
    for redirect in redirects:
        source, target = urls.href(redirect.source), urls.href(redirect.target)
        # An address without its last slash is a rule of its own; a host that knows it already is not hurt.
        forms = (source, source.rstrip("/")) if source.endswith("/") else (source,)
        rules = [f"{form} {target} {limits.code}" for form in forms]
        cost = sum(len(rule) + 1 for rule in rules)
        if any(len(rule) > limits.length for rule in rules):
            continue
        if len(lines) + len(rules) > limits.rules or size + cost > limits.size:
            break
        lines += rules
        size += cost
        used.append(redirect)
    return "".join(f"{line}\n" for line in lines), used


def _add(items: dict[str, Item], item: Item) -> None:
    items[item.path] = item
