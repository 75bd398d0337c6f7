"""The code blocks of the documentation."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final, NamedTuple

from tests.tools import REPOSITORY

BLOCK: Final = re.compile(
    r"(?P<comment>^ *<!-- not run: [^\n]+ -->\n)?"
    r"^(?P<indent> *)```(?P<language>\S+)(?: (?P<label>[^\n]+))?\n"
    r"(?P<text>.*?)"
    r"^(?P=indent)```$",
    re.MULTILINE | re.DOTALL,
)
KEY: Final = re.compile(r"^(?=\S)", re.MULTILINE)


class Block(NamedTuple):
    """A fenced code block: its language, what follows the language, and its text without the indentation."""

    page: str
    line: int
    language: str
    label: str
    text: str
    is_run: bool


def documents() -> list[Path]:
    """Return the pages whose code blocks are checked."""
    return [*sorted(REPOSITORY.glob("*.md")), *sorted((REPOSITORY / "docs").rglob("*.md"))]


def blocks(path: Path) -> Iterator[Block]:
    """Yield the code blocks of a page."""
    source = path.read_text("utf-8")
    page = path.relative_to(REPOSITORY).as_posix()
    for match in BLOCK.finditer(source):
        line = source.count("\n", 0, match.start("language")) + 1
        text = re.sub(f"^{match['indent']}", "", match["text"], flags=re.MULTILINE)
        yield Block(page, line, match["language"], match["label"] or "", text, is_run=match["comment"] is None)


def with_lines(text: str, lines: str) -> str:
    """Return YAML `text` in which the top-level keys of `lines` have the values that they have there."""
    keys = {block.partition(":")[0] for block in KEY.split(lines)}
    return "".join(block for block in KEY.split(text) if block.partition(":")[0] not in keys) + lines
