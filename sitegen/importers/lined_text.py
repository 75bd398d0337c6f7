"""A text that keeps the number of the source line of each of its lines while it is converted."""

from bisect import bisect_right
from collections.abc import Iterable
from functools import cached_property
from itertools import accumulate

Edit = tuple[int, int, str]
"""Start and end of a part of the text, and its replacement."""


class LinedText:
    """A text, and for each of its lines the number of the line in the input that it comes from."""

    def __init__(self, text: str, numbers: tuple[int, ...]) -> None:
        self.text = text
        self.numbers = numbers

    @classmethod
    def of(cls, text: str, first_line: int = 1) -> "LinedText":
        """Return a text whose first line is `first_line` of the input."""
        return cls(text, tuple(range(first_line, first_line + text.count("\n") + 1)))

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(line) + 1 for line in self.text.split("\n"))]

    def line_at(self, offset: int) -> int:
        """Return the line of the input from which the character at `offset` comes."""
        return self.numbers[min(bisect_right(self._starts, offset) - 1, len(self.numbers) - 1)]

    def offset_of(self, line: int, column: int = 1) -> int:
        """Return the offset of a position in this text, both numbers from 1."""
        return self._starts[min(max(line, 1), len(self.numbers)) - 1] + max(column, 1) - 1

    def edited(self, edits: Iterable[Edit]) -> "LinedText":
        """Return the text with parts replaced. Of edits that overlap, the first in the text is kept."""
        parts: list[str] = []
        numbers = [self.numbers[0]]
        position = 0
        for start, end, new in sorted(set(edits)):
            if start < position:
                continue
            kept = self.text[position:start]
            parts += (kept, new)
            numbers += self._numbers_of(position, start)
            numbers += [self.line_at(start)] * new.count("\n")
            position = end
        parts.append(self.text[position:])
        numbers += self._numbers_of(position, len(self.text))
        return LinedText("".join(parts), tuple(numbers))

    def _numbers_of(self, start: int, end: int) -> tuple[int, ...]:
        """Return the number of each line that begins after a line feed between two offsets."""
        first = bisect_right(self._starts, start)
        return self.numbers[first : first + self.text.count("\n", start, end)]
