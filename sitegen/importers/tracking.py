"""Removal of tracking parameters from URLs."""

from typing import Final
from urllib.parse import unquote_plus

_PREFIXES: Final = ("utm_", "mtm_", "pk_", "hsa_", "vero_")
_TRACKING: Final = frozenset(
    {"fbclid", "gclid", "gclsrc", "dclid", "gbraid", "wbraid", "msclkid", "twclid", "ttclid", "yclid", "igshid", "igsh"}
    | {"mc_cid", "mc_eid", "_ga", "_gl", "_hsenc", "_hsmi", "li_fat_id", "s_cid", "oly_enc_id", "oly_anon_id", "wt_mc"}
)


def without_tracking(url: str) -> str:
    """Return `url` without tracking parameters; the rest is unchanged."""
    address, mark, fragment = url.partition("#")
    path, _, query = address.partition("?")
    if not query:
        return url
    kept = "&".join(pair for pair in query.split("&") if pair and not _is_tracking(pair))
    return f"{path}{'?' if kept else ''}{kept}{mark}{fragment}"


def _is_tracking(pair: str) -> bool:
    name = unquote_plus(pair.partition("=")[0]).casefold()
    return name in _TRACKING or name.startswith(_PREFIXES)
