"""What looks like a password or a token in `site.yaml`, and reports that do not show it.

The file is shared, so a secret in it is an error wherever it stands; and whatever else is wrong with such a file, no
report shows a line of it. A variable of a command (`$TOKEN`) holds none.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final

from sitegen.diagnostics import Diagnostic, Diagnostics, SourceLocation
from sitegen.util.frozen import dataclass
from sitegen.yaml_source.nodes import Mapping, Node, Scalar, Sequence

_HINT: Final = "secrets come from the environment or the usual stores: docs/how-to/publishing/README.md"

_NAMES: Final = (
    r"(?:passw(?:or)?d|pass(?:phrase|code)|pwd|token|secret|credentials?|signature"
    r"|(?:api|access|private|secret|auth|account)[_.-]?key)"
)
_KEY: Final = re.compile(
    r"pass(wor[dt]|wd|phrase|code)?$|^pw$|pwd|secret|token|(^|[^a-z])key$|(access|api|private).?key|credential|^auth",
    re.IGNORECASE,
)
_VALUE: Final = r"[^\s\"'\\,;}\x00]"
"""How a value begins: a variable has become a zero byte."""

_VARIABLE: Final = re.compile(r"\$(?:\w+|\{[^}\s]{0,80}\}|\([^)]{0,200}\))|`[^`]{0,200}`")
_USER: Final = re.compile(r"(\w{1,20})://([^/@\s:?#\"'<>]*)(?::([^/@\s\"']*))?@", re.IGNORECASE)
_PLAIN_USER: Final = re.compile(r"oauth2|(?=.{1,32}$)[a-z]+(?:[._-][a-z]+)*")
_QUERY: Final = re.compile(rf"[?&;#](?:[\w.\[-]{{0,40}}?{_NAMES}s?\]?|key|sig|pw|pass|auth)={_VALUE}", re.IGNORECASE)
_KNOWN: Final = re.compile(
    r"(?<![A-Za-z0-9])(?:gh[oprsu]_[A-Za-z0-9]{6}|github_pat_\w{6}|gl(?:agent|cbt|dt|ft|imt|oas|pat|ptt|rt|soat)-[\w-]{6}"
    r"|A[KS]IA[A-Z0-9]{12}|xox[abeprs]-[\w-]{6}|npm_[A-Za-z0-9]{20}|nf[pc]_[A-Za-z0-9]{20}|AIza[\w-]{30}"
    r"|eyJ[\w-]{10,2000}\.[\w-]{10})|-----BEGIN [A-Z ]{0,30}PRIVATE KEY"
)
"""How the tokens of well-known hosts begin."""

_SCHEMES: Final = r"(?:bearer|basic|digest|token)"
_HEADER: Final = re.compile(
    rf"\bauthorization\s*:\s*(?:{_SCHEMES}\s+)?(?!{_SCHEMES}\b){_VALUE}|\b(?:bearer|basic)\s+{_VALUE}{{6}}",
    re.IGNORECASE,
)
_COMMAND: Final = (
    re.compile(rf"(?<![\w-])[\w.-]{{0,40}}?{_NAMES}s?[\"']?\s*[=:]\s*[\"']?{_VALUE}", re.IGNORECASE),
    re.compile(rf"(?<![\w-])--?[\w-]{{0,40}}?(?:{_NAMES}|pass)(?:[=:]|\s+(?!-)[\"']?){_VALUE}", re.IGNORECASE),
    re.compile(rf"(?<![\w-])--?key[=:](?![/~.]){_VALUE}", re.IGNORECASE),
    re.compile(
        r"(?<![\w-])(?:-[A-Za-z]{0,8}[uU]|--(?:proxy-)?user(?:name)?|--auth)(?:=|\s*)[\"']?"
        rf"[^\s:\"'\x00/]{{0,200}}:(?!/|\d+(?:\s|$)){_VALUE}"
    ),
    re.compile(rf"\bsshpass\s+-p\s*[\"']?{_VALUE}"),
    re.compile(rf"\bmysql\w{{0,10}}\s(?:[^|;]{{0,200}}\s)?-p[\"']?{_VALUE}"),
    re.compile(rf"\b(?:https?|xhs?)\s(?:[^|;]{{0,200}}\s)?-a\s*[\"']?[^\s:\"'\x00/]{{1,200}}:{_VALUE}"),
    re.compile(rf"\b(?:cookie|x-auth-[\w-]{{1,20}})\s*:\s*{_VALUE}", re.IGNORECASE),
)
_FAR: Final = re.compile(r"[^/@\s:]+:[^/@\s]+@[^/@\s]")
"""`user:password@host`, where git and rsync take `user@host:path`."""

_HAS_USER: Final = frozenset({"remote", "hook"})
_PUNCTUATION: Final = re.compile(r"[\[\],]")
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")
_BROKEN: Final = frozenset({"duplicate-key", "control-character"})


@dataclass(frozen=True, slots=True)
class Secret:
    """What looks like one: where it is reported, the sentence, and every spot (line, column) that may show it."""

    location: SourceLocation
    message: str
    spots: frozenset[tuple[int, int]]
    code: str = "secret-in-config"


def is_secret_key(name: str) -> bool:
    """Whether a key asks for a secret."""
    return _KEY.search(name.strip()) is not None


def is_plain_user(user: str) -> bool:
    """Whether the user of an address is a name, and not a token in its place."""
    return _PLAIN_USER.fullmatch(user) is not None


def has_secret_query(address: str) -> bool:
    """Whether the query of an address holds a token or a key."""
    return _QUERY.search(address) is not None


def holds_secret(text: str, key: str = "") -> bool:
    """Whether the value of a key looks like a secret, or has one in it."""
    bare = _VARIABLE.sub("\0", text) if key == "hook" else text
    if _KNOWN.search(bare) or _QUERY.search(bare) or _has_user(bare, allowed=key in _HAS_USER):
        return True
    if key in {"remote", "to"} and _FAR.match(bare):
        return True
    return key == "hook" and (_HEADER.search(bare) is not None or any(rule.search(bare) for rule in _COMMAND))


def _has_user(text: str, *, allowed: bool) -> bool:
    """Whether an address in a text has a password, or (http) a user that is not `allowed` or is no plain name."""
    for match in _USER.finditer(text):
        scheme, user, word = match[1].lower(), match[2], match[3]
        if word and not word.startswith("\0"):
            return True
        if scheme in {"http", "https"} and user.strip("\0") and not (allowed and is_plain_user(user)):
            return True
    return False


def secrets_of_target(node: Node) -> list[Secret]:
    """Return what looks like a secret in a target of `publish`: keys of such names, and values."""
    return list(_walk(node, "", keys=True))


def secrets_elsewhere(root: Mapping) -> list[Secret]:
    """Return what looks like a secret in `site.yaml`, but for the targets of `publish`."""
    found: list[Secret] = []
    for name, value in root.pairs:
        if name.value == "publish":
            if not isinstance(value, Mapping):
                found += _walk(value, name.value, keys=True)
            else:
                # A target may have any name; a name with a value is none.
                pairs = ((key, inner) for key, inner in value.pairs if not isinstance(inner, Mapping))
                found += [_of_key(key, inner) for key, inner in pairs if is_secret_key(key.value)]
        elif name.value != "authority" and is_secret_key(name.value):
            found.append(_of_key(name, value))
        else:
            found += _walk(value, name.value, keys=name.value == "hub")
    return found


def all_secrets(root: Mapping) -> list[Secret]:
    """Return what looks like a secret in the whole of `site.yaml`."""
    found = secrets_elsewhere(root)
    for name, value in root.pairs:
        if name.value == "publish" and isinstance(value, Mapping):
            for _, target in value.pairs:
                found += secrets_of_target(target)
    return found


def report(secrets: Iterable[Secret], diagnostics: Diagnostics) -> None:
    """Add an error for each."""
    for secret in secrets:
        diagnostics.error(secret.code, secret.location, secret.message, hint=_HINT)


def _walk(node: Node, key: str, *, keys: bool) -> Iterator[Secret]:
    if isinstance(node, Mapping):
        for name, value in node.pairs:
            if keys and is_secret_key(name.value):
                yield _of_key(name, value)
            else:
                yield from _walk(value, name.value, keys=keys)
    elif isinstance(node, Scalar):
        if holds_secret(node.value, key) or (keys and key != "hook" and _HEADER.search(node.value)):
            yield _of_value(node, key)
    elif key == "hook" and keys:
        words = " ".join(_words(node))
        if holds_secret(words, key):
            yield _of_value(node, key)
    else:
        for item in node.items:
            yield from _walk(item, key, keys=keys)


def _words(node: Node) -> Iterator[str]:
    if isinstance(node, Scalar):
        yield node.value
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _words(item)


def _of_key(name: Scalar, value: Node) -> Secret:
    message = f"{name.value!r} does not belong in site.yaml"
    return Secret(name.location, message, frozenset({_spot(name), *_spots(value)}))


def _of_value(node: Node, key: str) -> Secret:
    spots = frozenset(_spots(node))
    if key == "base_url":
        message = "'base_url' has a user, a password or a query; expected https://, a host and perhaps a path"
        return Secret(node.location, message, spots, "bad-base-url")
    return Secret(node.location, f"{key!r} seems to hold a password or a token", spots)


def _spots(node: Node) -> Iterator[tuple[int, int]]:
    yield _spot(node)
    if isinstance(node, Mapping):
        for name, value in node.pairs:
            yield _spot(name)
            yield from _spots(value)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _spots(item)


def _spot(node: Node) -> tuple[int, int]:
    return node.mark.line, node.mark.column


def hidden(
    diagnostics: Iterable[Diagnostic], secrets: Iterable[Secret], text: str, *, read: bool
) -> list[Diagnostic] | None:
    """Return findings in `site.yaml` that show nothing of its secrets; None where there are none to hide.

    `text` is the whole file: where not all of it could be `read` as YAML, it is searched as it is, too eagerly. Where
    a secret stands, its error is the only one; and no finding shows a line of the file.
    """
    rows = list(diagnostics)
    known = list(secrets)
    broken = not read or any(item.code in _BROKEN or item.code.startswith("yaml-") for item in rows)
    if not known and not (broken and _text_holds_secret(text)):
        return None
    spots = {spot for secret in known for spot in secret.spots}
    own = {secret.message for secret in known}
    shown = []
    for item in rows:
        is_own = item.message in own or item.code == "duplicate-key"
        if not is_own and (item.location.line, item.location.column) in spots:
            continue
        message = _QUOTED.sub("'…'", item.message) if item.code.startswith("yaml-") else item.message
        shown.append(replace(item, location=without_excerpt(item.location), message=message))
    return shown


def without_excerpt(location: SourceLocation) -> SourceLocation:
    """Return a place without the text that stands there."""
    return replace(location, excerpt="", excerpt_start=0)


def _text_holds_secret(text: str) -> bool:
    words = _PUNCTUATION.sub(" ", text)
    return _has_user(text, allowed=False) or holds_secret(text, "hook") or holds_secret(words, "hook")
