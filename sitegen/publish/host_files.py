"""Files that only hosts read: headers, redirects, the host name, and the marker that turns Jekyll off."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final
from urllib.parse import quote

from msgspec import Struct

from sitegen.publish.site_files import CACHE_CONTROL, FileClass, PublishFile, is_feed, text_file
from sitegen.site.urls import CALENDAR_NAME, LIST_NAME, REDIRECT_MAP, REMOVED, Urls, output_path
from sitegen.util.media_types import content_type, feed_types

DEFAULT_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "media-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'"
)
"""The content security policy: only files of the site, nothing inline."""

SECURITY_HEADERS: Final = (
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Permissions-Policy", "camera=(), geolocation=(), microphone=(), payment=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)

HOST_FILES: Final = frozenset({".nojekyll", "CNAME", "_headers", "_redirects"})


class RedirectLimits(Struct, frozen=True):
    """The limits of a host for `_redirects`: rules, bytes, characters of a rule; the status code of a rule.

    `gone` is the code for a page that was removed, `not_found` that of a rule for the 404 page of a locale; both are
    empty if the host has none. `files_win` is true if the host serves a file rather than follow a rule for its path.
    """

    rules: int
    size: int
    length: int
    code: str
    gone: str = ""
    not_found: str = ""
    files_win: bool = False


REDIRECT_LIMITS: Final = {
    # developers.cloudflare.com/pages/configuration/redirects
    "cloudflare": RedirectLimits(2000, 1 << 20, 1000, "301"),
    # docs.netlify.com/manage/routing/redirects: "!" forces a rule for the path of a file
    "netlify": RedirectLimits(9_999, 1 << 20, 4000, "301!", "410!", "404"),
    # docs.gitlab.com/user/project/pages/redirects: one rule too many may disable all
    "gitlab": RedirectLimits(1000, 64 * 1024, 4000, "301", files_win=True),
}


SITE_LIMITS: Final = {
    # developers.cloudflare.com/pages/platform/limits: paid plans accept 100,000 files
    "cloudflare": {"files": 20_000, "bytes of a file": 25 << 20},
    # docs.github.com/en/pages/getting-started-with-github-pages/github-pages-limits, and git's limit of a file
    "github": {"bytes of a file": 100 << 20, "bytes": 10**9},
    # docs.gitlab.com/user/gitlab_com: a server of one's own may have others
    "gitlab": {"files": 200_000, "bytes": 1 << 30},
    # docs.netlify.com/site-deploys/overview, "Files per directory limit"
    "netlify": {"files in a folder": 54_000},
}
"""The most that each host accepts."""


def host_uses(sizes: Mapping[str, int], host: str) -> list[tuple[str, int, int, str]]:
    """Return the limits of a host: what is limited, the most that it accepts, the number in use, and where that is.

    `sizes` are the bytes of each file by its path.
    """
    if not sizes:
        return []
    folder, count = Counter(path.rpartition("/")[0] for path in sizes).most_common(1)[0]
    largest = max(sizes, key=sizes.__getitem__)
    used = {
        "files": (len(sizes), "the site"),
        "files in a folder": (count, f"the folder /{folder}"),
        "bytes of a file": (sizes[largest], largest),
        "bytes": (sum(sizes.values()), "the site"),
    }
    return [(limit, accepted, *used[limit]) for limit, accepted in SITE_LIMITS.get(host, {}).items()]


def exceeded_limits(files: Mapping[str, PublishFile], host: str) -> tuple[str, ...]:
    """Return a sentence for each limit of a host that the site exceeds, with the keys of `site.yaml` that help."""
    paid = " without a paid plan" if host == "cloudflare" else ""
    less = "list fewer 'feeds' and 'data' or raise 'pages_from' in site.yaml"
    endings = {
        "files": ("files", f"{paid}; {less}"),
        "files in a folder": ("files", f" in a folder; {less}"),
        "bytes of a file": ("bytes", " in a file; make the file smaller"),
        "bytes": ("bytes", f"; {less}"),
    }
    sentences = []
    for limit, accepted, used, subject in host_uses({path: file.size for path, file in files.items()}, host):
        if used > accepted:
            unit, ending = endings[limit]
            sentences.append(f"{subject} has {used:,} {unit}; {host} accepts {accepted:,}{ending}")
    return tuple(sentences)


def add_redirects(
    files: Mapping[str, PublishFile], host: str, base_url: str
) -> tuple[dict[str, PublishFile], tuple[str, ...]]:
    """Return the files with `_redirects` if the host reads it, and a sentence if its limits leave redirects out."""
    result = dict(files)
    limits = REDIRECT_LIMITS.get(host)
    if limits is None:
        return result, ()
    not_found = _not_found_rules(files, base_url) if limits.not_found else ""
    redirect_map = output_path(REDIRECT_MAP)
    if redirect_map not in files:
        return result | ({"_redirects": text_file("_redirects", not_found)} if not_found else {}), ()
    lines = result.pop(redirect_map).read().decode().splitlines()
    redirects = [(line.split('"')[1], line.split('"')[3]) for line in lines]
    wanted = [(source, target) for source, target in redirects if target != REMOVED or limits.gone]
    text, used = redirects_text(wanted, base_url, limits)
    if text or not_found:
        result["_redirects"] = text_file("_redirects", text + not_found)
    if limits.files_win:
        for source in used:
            result.pop(output_path(source.removeprefix(Urls(base_url, "", is_first=True).prefix)), None)
    if len(used) == len(wanted):
        return result, ()
    count = f"{len(used):,} of {len(wanted):,} redirects"
    return result, (f"_redirects contains {count}, the limit of the host; the others remain pages that redirect",)


def _not_found_rules(files: Iterable[str], base_url: str) -> str:
    """Return a rule for each locale with a 404 page of its own, for its addresses that do not exist."""
    urls = Urls(base_url, "", is_first=True)
    folders = sorted(path.removesuffix("/404.html") for path in files if re.fullmatch(r"[^/]+/404\.html", path))
    return "".join(f"{urls.href(f'/{folder}/')}* {urls.href(f'/{folder}/404.html')} 404\n" for folder in folders)


def redirects_text(
    redirects: Sequence[tuple[str, str]], base_url: str, limits: RedirectLimits
) -> tuple[str, list[str]]:
    """Return the text of `_redirects` within the limits of a host, and the sources of the redirects that are in it.

    `redirects` have the older path and the escaped new path, or REMOVED, both with the path of `base_url`.
    """
    not_found = Urls(base_url, "", is_first=True).href("/404.html")
    lines: list[str] = []
    used: list[str] = []
    size = 0
    for older, target in redirects:
        source = quote(older, safe="/")
        result = f"{not_found} {limits.gone}" if target == REMOVED else f"{target} {limits.code}"
        # Some hosts need a second rule for the path without its final slash.
        forms = (source, source.rstrip("/")) if source.endswith("/") else (source,)
        rules = [f"{form} {result}\n" for form in forms]
        if any(len(rule) > limits.length for rule in rules):
            continue
        size += sum(map(len, rules))
        if len(lines) + len(rules) > limits.rules or size > limits.size:
            break
        lines += rules
        used.append(older)
    return "".join(lines), used


def headers_text(files: Mapping[str, PublishFile], base_url: str, policy: str, host: str) -> str:
    """Return the text of `_headers`. No path gets one header from two rules, because hosts join the values.

    Hosts limit the number of rules (Cloudflare: 100), so there is one rule for each file name of feeds and of parts of
    tables.
    """
    urls = Urls(base_url, "", is_first=True)
    rules = {"/*": [("Content-Security-Policy", policy), *SECURITY_HEADERS]}
    rules["/assets/*"] = [("Cache-Control", CACHE_CONTROL[FileClass.ASSET])]
    names = {path.rpartition("/")[2] for path in files}
    for name in (*feed_types(), LIST_NAME, CALENDAR_NAME):
        if name in names:
            values = [("Content-Type", content_type(name))]
            values += [("Cache-Control", CACHE_CONTROL[FileClass.FEED])] if is_feed(name) else []
            rules[f"/*/{name}"] = values
            if host != "netlify":  # whose `/*/` also matches the root (netlify/cli#1041)
                rules[f"/{name}"] = values
    for path in files:
        if path.startswith("data/") and path.endswith(".csv"):
            pattern = path if path.count("/") == 1 else f"data/*/{path.rpartition('/')[2]}"
            rules[f"/{pattern}"] = [("Content-Type", content_type(path))]
    lines = []
    for pattern, values in rules.items():
        lines += [urls.href(pattern).replace("%2A", "*"), *(f"  {name}: {value}" for name, value in values)]
    return "\n".join(lines) + "\n"
