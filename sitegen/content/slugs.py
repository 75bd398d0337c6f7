"""Slugs and aliases: the parts of URLs that an editor chooses."""

import re
import unicodedata
from typing import Final

MAX_SLUG_BYTES: Final = 120
"""Leaves room for a suffix in a file name, which common file systems limit to 255 bytes."""

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
LATIN: Final = str.maketrans(
    {"đ": "d", "ł": "l", "ø": "o", "ß": "ss", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "ı": "i"}
)
"""Latin letters that Unicode does not decompose."""
_SHORT = frozenset(
    {"a", "an", "and", "as", "at", "by", "for", "from", "in", "into", "of", "on", "or", "the", "to", "with"}
)
_RESERVED: Final = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
)
"""File names that Windows reserves."""

_HOST_FILES: Final = frozenset({".nojekyll", "cname", "_headers", "_redirects", "_routes.json", "_worker.js"})
"""Names at the root of a site that publishing writes, or that hosts read but do not serve; in lower case."""

_OWN_PREFIX: Final = ".sitegen"
_GIT_NAMES: Final = frozenset({".git", "git~1"})
"""Names that git reserves for repositories on some file systems, and rejects in any folder."""


def slug_problem(slug: str) -> str | None:
    """Return why `slug` is not valid, or None.

    A slug consists of letters and digits of any script and single hyphens, in Unicode NFC and lower case, so that two
    slugs never conflict on a file system that ignores case or normalizes Unicode.
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
        return "has a hyphen at its start or end, or two hyphens in a row"
    if slug.lower() != slug:
        return "has upper-case letters"
    if slug in _RESERVED:
        return "is a name that Windows reserves"
    return None


def slugify(title: str) -> str:
    """Return a slug of the Latin words of `title`: at most eight, short function words left out; may be empty.

    It is empty for a title of mostly other letters: /articles/ai/ says little about a Japanese title with AI in it.
    """
    slug = latin_slug(title)
    letters = [char for char in unicodedata.normalize("NFKC", title) if char.isalpha()]
    others = sum(char >= "\u0370" for char in letters)
    return slug if slug_problem(slug) is None and 2 * others <= len(letters) else ""


def latin_slug(title: str) -> str:
    """Return the Latin words of `title` in the form of a slug, also if `slug_problem` forbids it.

    It is empty without Latin letters: an address such as /articles/7/ says nothing about a Japanese title.
    """
    words: list[str] = []
    version: list[str] = []
    for part in unicodedata.normalize("NFKC", title).split():
        latin = unicodedata.normalize("NFKD", part.lower().translate(LATIN))
        found = [
            re.sub(r"['’]", "", word) for word in _WORD.findall(latin.encode("ascii", "ignore").decode().casefold())
        ]
        is_ascii = all(char.isascii() for char in part if char.isalpha())  # Tô is a name, to is not
        words += found
        version += [word for word in found if word not in _SHORT or not is_ascii]
    slug = "-".join((version or words)[:8])[:80].strip("-")
    return slug if any(map(str.isalpha, slug)) else ""


def valid_slug(name: str) -> str:
    """Return the slug that is most like a name, in any script; may be empty."""
    text = unicodedata.normalize("NFC", name.lower())
    letters = "".join(char if unicodedata.category(char)[0] in "LMN" else "-" for char in text)
    cut = letters.encode()[:MAX_SLUG_BYTES].decode(errors="ignore")
    slug = re.sub("-+", "-", cut).strip("-")
    return slug if slug_problem(slug) is None else ""


def folded_path(text: str) -> str:
    """Return a slug, name or path without differences of case and Unicode form, to detect conflicts."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFKC", text).casefold())


def slug_of(title: str, countries: tuple[str, ...], topic: str, identifier: str) -> str:
    """Return the slug of a new article: from its title or, without Latin words, from country, topic and id."""
    return slugify(title) or "-".join([*(code.lower() for code in countries[:1]), topic, identifier[:8]])


def alias_problem(alias: str) -> str | None:
    """Return why `alias` is not valid as an earlier path of a page, or None."""
    if not alias.startswith("/") or alias == "/" or alias.startswith("//"):
        return "must begin with one slash and name a page"
    parts = alias.strip("/").split("/")
    if any(part in {"", ".", ".."} for part in parts):
        return "has an empty part, '.' or '..'"
    other = next((char for char in alias if char in '?#%\\<>"|*:' or char.isspace() or not char.isprintable()), None)
    if other is not None:
        return f"must be a plain path without {other!r}: queries, fragments, escapes and spaces are not part of it"
    if len(alias.encode()) > 2 * MAX_SLUG_BYTES:
        return f"is longer than {2 * MAX_SLUG_BYTES} bytes"
    if is_of_hosts(parts[0]):  # only at the root
        return f"begins with {parts[0]!r}, which is reserved for publishing or by a host"
    git = next((part for part in parts if folded_path(part).rstrip(".") in _GIT_NAMES), None)
    return f"has the part {git!r}, which git rejects" if git is not None else None


def is_of_hosts(name: str) -> bool:
    """Return whether publishing or a host uses a name at the root of a site, or one that differs only in case."""
    folded = folded_path(name)
    return folded in _HOST_FILES or folded.startswith(_OWN_PREFIX)
