"""Slugs and aliases: the parts of an address that an editor writes."""

import re
import unicodedata
from typing import Final

MAX_SLUG_BYTES: Final = 120
"""Room for a suffix below the 255 bytes of a file name on common file systems."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
_LATIN: Final = str.maketrans(
    {"đ": "d", "ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"}
)
"""Latin letters that Unicode does not decompose."""
_SHORT = frozenset(
    {"a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "of", "on", "or", "the", "to", "with"}
)
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
)
"""File names that Windows cannot have."""

_OF_HOSTS: Final = frozenset({".nojekyll", "cname", "_headers", "_redirects", "_routes.json", "_worker.js"})
"""Names at the root of a site that publishing writes, or that hosts read and do not serve; in lower case."""

_OURS: Final = ".sitegen"
_OF_GIT: Final = frozenset({".git", "git~1"})
"""What git takes for a repository of its own, on some file system, and refuses at any depth."""


def slug_problem(slug: str) -> str | None:
    """Return why `slug` cannot be one, or None.

    A slug has letters and digits of any script and single hyphens between them, in Unicode NFC and lower case, so that
    no two of them meet on a file system that folds case or forms.
    """
    if not slug:
        return "is empty"
    if unicodedata.normalize("NFC", slug) != slug:
        return "is not in Unicode form NFC"
    if len(slug.encode()) > MAX_SLUG_BYTES:
        return f"is longer than {MAX_SLUG_BYTES} bytes"
    for char in slug:
        if char != "-" and unicodedata.category(char)[0] not in "LMN":
            return f"contains {char!r}; expected letters, digits and hyphens"
    if slug.startswith("-") or slug.endswith("-") or "--" in slug:
        return "has a hyphen at an end, or two in a row"
    if slug.lower() != slug:
        return "has capitals"
    if slug in _RESERVED:
        return "is a name that Windows reserves"
    return None


def slugify(title: str) -> str:
    """Return a slug of the Latin words of `title`: at most eight, short function words left out; may be empty."""
    latin = unicodedata.normalize("NFKD", title.lower().translate(_LATIN))
    ascii_text = latin.encode("ascii", "ignore").decode().casefold()
    words = [re.sub(r"['’]", "", word) for word in _WORD.findall(ascii_text)]
    version = [word for word in words if word not in _SHORT] or words
    slug = "-".join(version[:8])[:80].strip("-")
    return slug if slug_problem(slug) is None else ""


def folded_path(text: str) -> str:
    """Return a slug, name or path as file systems compare it that fold case and Unicode form."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())


def slug_of(title: str, countries: tuple[str, ...], topic: str, identifier: str) -> str:
    """Return the slug of a new article: of its title, else (no Latin words there) of subject, topic and id."""
    return slugify(title) or "-".join([*(code.lower() for code in countries[:1]), topic, identifier[:8]])


def alias_problem(alias: str) -> str | None:
    """Return why `alias` cannot be an older address on this site, or None."""
    if not alias.startswith("/") or alias == "/" or alias.startswith("//"):
        return "must begin with one slash and name a page"
    parts = alias.strip("/").split("/")
    if any(part in {"", ".", ".."} for part in parts):
        return "has an empty part, '.' or '..'"
    if any(char in '?#%\\<>"|*:' or char.isspace() or not char.isprintable() for char in alias):
        return "must be a plain path, without query, fragment or escapes"
    if len(alias.encode()) > 2 * MAX_SLUG_BYTES:
        return f"is longer than {2 * MAX_SLUG_BYTES} bytes"
    return _name_taken(parts)


def is_of_hosts(name: str) -> bool:
    """Whether publishing or a host uses a name at the root of a site, or one that differs in case alone."""
    folded = folded_path(name)
    return folded in _OF_HOSTS or folded.startswith(_OURS)


def _name_taken(parts: list[str]) -> str | None:
    """Return why the parts of a path cannot be published, or None. Hosts read names at the root alone."""
    if is_of_hosts(parts[0]):
        return f"begins with {parts[0]!r}, a name that publishing or a host uses"
    git = next((part for part in parts if folded_path(part).rstrip(".") in _OF_GIT), None)
    return f"has the part {git!r}, which git refuses" if git is not None else None
