"""Passwords and tokens in `site.yaml`: they are errors, and no diagnostic shows them.

Two kinds are found: values of keys that are named like a secret, and credentials in URLs. `$NAME` is a variable of a
command and not a secret.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from msgspec.structs import replace

from sitegen.diagnostics import Diagnostic, Diagnostics, SourceLocation
from sitegen.yaml_source.nodes import Mapping, Node, Scalar, Sequence

CODE: Final = "secret-in-config"
_HINT: Final = "pass secrets by the environment or a credential store; see `sitegen docs publishing`"
_NAME: Final = r"(?<![a-z])(?:pass(?:word|wd|phrase)?|pwd|secret|token|credential|(?:api)?key|auth)s?\]?"
_SECRET_NAME: Final = re.compile(rf"{_NAME}\s*$", re.IGNORECASE)
_CREDENTIALS: Final = re.compile(
    r"[a-z]{1,20}://[^/@\s:]*:(?!\$)[^/@\s]+@"  # a password
    r"|https?://(?!(?:oauth2|[a-z.-]+)@|\$)[^/@\s:?#\"']+@",  # a token in the place of the user
    re.IGNORECASE,
)
_SECRET_QUERY: Final = re.compile(rf"[?&;][\w.\[-]{{0,40}}?{_NAME}=(?!\$)[^&\s]", re.IGNORECASE)
_REMOTE_PASSWORD: Final = re.compile(r"[^/@\s:]+:[^/@\s]+@[^/@\s]")
"""`user:password@host` at the beginning of a remote of git or rsync."""
_SECRET_TEXT: Final = re.compile(rf"{_NAME}[\"']?\s*:\s*[^\s#]", re.IGNORECASE)
_TABLES: Final = frozenset({"topics", "countries", "perspectives"})
"""The keys below these are names that the editor chooses."""
_QUOTED: Final = re.compile(r"'[^']*'|\"[^\"]*\"")


def has_credentials(text: str) -> bool:
    """Whether a URL in a text has a password, a token in the place of the user, or a token in its query."""
    return _CREDENTIALS.search(text) is not None or has_secret_query(text)


def has_secret_query(text: str) -> bool:
    """Whether the query of a URL in a text contains a token."""
    return _SECRET_QUERY.search(text) is not None


def report_secrets(root: Mapping, diagnostics: Diagnostics) -> frozenset[int]:
    """Report the secrets in the root mapping of `site.yaml`, and return the numbers of their lines."""
    lines = set()
    for name, node in root.pairs:
        for key, secret in _secrets(name, node, checks_keys=name.value not in _TABLES):
            message = f"the value of {key.value!r} contains a password or a token; expected none in site.yaml"
            diagnostics.error(CODE, secret.location, message, hint=_HINT)
            lines |= {key.line, secret.line}
    return frozenset(lines)


def _secrets(key: Scalar, node: Node, *, checks_keys: bool) -> Iterator[tuple[Scalar, Node]]:
    is_literal = isinstance(node, Sequence) or (isinstance(node, Scalar) and not node.value.startswith("$"))
    if checks_keys and is_literal and _SECRET_NAME.search(key.value):
        yield key, node
    elif isinstance(node, Mapping):
        for name, value in node.pairs:
            yield from _secrets(name, value, checks_keys=checks_keys)
    elif isinstance(node, Sequence):
        for item in node.items:
            yield from _secrets(key, item, checks_keys=checks_keys)
    elif has_credentials(node.value) or (key.value in {"remote", "to"} and _REMOTE_PASSWORD.match(node.value)):
        yield key, node


def redact(diagnostics: Iterable[Diagnostic], text: str, secret_lines: frozenset[int]) -> list[Diagnostic] | None:
    """Return the diagnostics of `site.yaml` without its text; None if `text` contains no secret.

    Other diagnostics of a line with a secret are dropped, because their message may quote it. A file that is not valid
    YAML has no nodes, so its text is searched for anything like a secret.
    """
    if not secret_lines and not _SECRET_TEXT.search(text) and not has_credentials(text):
        return None
    return [
        replace(
            item,
            location=without_excerpt(item.location),
            message=_QUOTED.sub("'…'", item.message) if item.code.startswith("yaml-") else item.message,
            hint="" if item.code.startswith("yaml-") else item.hint,
        )
        for item in diagnostics
        if item.code == CODE or item.location.line not in secret_lines
    ]


def without_excerpt(location: SourceLocation) -> SourceLocation:
    """Return a location without the text of its line."""
    return replace(location, excerpt="", excerpt_start=0)
