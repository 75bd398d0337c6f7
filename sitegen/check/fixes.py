"""Applies the changes that fix findings, and shows them as a diff."""

from collections.abc import Iterable
from difflib import unified_diff
from pathlib import Path

from sitegen.check.findings import Edit, Finding
from sitegen.util.paths import read_bytes

_BOM = b"\xef\xbb\xbf"


def fixed_files(root: Path, findings: Iterable[Finding]) -> dict[str, tuple[bytes, bytes]]:
    """Return the bytes before and after of each file that findings change, by path.

    A file that has changed since the check keeps its text there.
    """
    edits: dict[str, list[Edit]] = {}
    for finding in findings:
        if finding.edits:
            edits.setdefault(finding.diagnostic.location.path, []).extend(finding.edits)
    files = {}
    for path in sorted(edits):
        before = read_bytes(path, root / path)
        after = apply_edits(before, edits[path])
        if after != before:
            files[path] = (before, after)
    return files


def diff(path: str, before: bytes, after: bytes) -> str:
    """Return the changes of a file as a unified diff."""
    old, new = (data.decode("utf-8-sig").splitlines(keepends=True) for data in (before, after))
    return "".join(unified_diff(old, new, path, path))


def apply_edits(data: bytes, edits: Iterable[Edit]) -> bytes:
    """Return a file after `edits`, which count characters as `yaml_source.decode` gives them.

    An edit that overlaps one before it, or whose text is not there, is left out. Line ends and a byte order mark stay.
    """
    raw = data.decode("utf-8-sig")
    text = raw.replace("\r\n", "\n").replace("\r", "\n")
    pieces, end = [], 0
    for edit in sorted(dict.fromkeys(edits), key=lambda edit: edit.start):
        if edit.start >= end and text.startswith(edit.old, edit.start):
            pieces += [text[end : edit.start], edit.new]
            end = edit.start + len(edit.old)
    fixed = "".join((*pieces, text[end:]))
    if "\r\n" in raw:
        fixed = fixed.replace("\n", "\r\n")
    return (_BOM if data.startswith(_BOM) else b"") + fixed.encode()
