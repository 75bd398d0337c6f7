"""Applies the changes that fix findings, and shows them as a diff."""

from collections.abc import Iterable
from difflib import unified_diff
from pathlib import Path

from msgspec import Struct

from sitegen.check.findings import Edit, Finding
from sitegen.util.atomic_write import atomic_write
from sitegen.util.paths import read_bytes

_BOM = b"\xef\xbb\xbf"


class FixedFile(Struct, frozen=True):
    """A file with its changes: its project path, its bytes before and after, the number of findings that are fixed."""

    path: str
    before: bytes
    after: bytes
    count: int

    def diff(self) -> str:
        """Return the changes as a unified diff."""
        before, after = (data.decode("utf-8-sig").splitlines(keepends=True) for data in (self.before, self.after))
        return "".join(unified_diff(before, after, self.path, self.path))


def fix_files(root: Path, findings: Iterable[Finding]) -> list[FixedFile]:
    """Return the files that findings change, by path. A file that has changed since the check keeps its text there."""
    by_path: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.edits:
            by_path.setdefault(finding.diagnostic.location.path, []).append(finding)
    files = []
    for path, group in sorted(by_path.items()):
        before = read_bytes(path, root / path)
        after = apply_edits(before, [edit for finding in group for edit in finding.edits])
        if after != before:
            files.append(FixedFile(path, before, after, len(group)))
    return files


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


def write_files(root: Path, files: Iterable[FixedFile]) -> None:
    """Write fixed files, each as a whole."""
    for file in files:
        atomic_write(root / file.path, file.after)
