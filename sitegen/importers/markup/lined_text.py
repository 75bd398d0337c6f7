"""A text that keeps the number of the source line of each of its lines while it is converted."""

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from itertools import accumulate

Edit = tuple[int, int, str]
"""Start and end of a part of the text, and its replacement."""


class LinedText:
    """A text, and for each of its lines the number of the line in the input that it comes from."""

    def __init__(self, text: str, numbers: Sequence[int]) -> None:
        self.text = text
        self._numbers = numbers
        self._starts = [0, *accumulate(len(line) + 1 for line in text.split("\n"))]

    @classmethod
    def of(cls, text: str, first_line: int = 1) -> "LinedText":
        """Return a text whose first line is `first_line` of the input."""
        return cls(text, range(first_line, first_line + text.count("\n") + 1))

    @classmethod
    def from_line(cls, text: str, line: int) -> "LinedText":
        """Return a text that comes from one line of the input."""
        return cls(text, [line] * (text.count("\n") + 1))

    def line_at(self, offset: int) -> int:
        """Return the line of the input from which the character at `offset` comes."""
        return self.line_of(bisect_right(self._starts, offset))

    def line_of(self, line: int) -> int:
        """Return the line of the input from which a line of this text comes, both numbers from 1."""
        return self._numbers[min(line, len(self._numbers)) - 1]

    def offset_of(self, line: int, column: int = 1) -> int:
        """Return the offset of a position in this text, both numbers from 1."""
        return self._starts[min(max(line, 1), len(self._starts) - 1) - 1] + max(column, 1) - 1

    def edited(self, edits: Iterable[Edit]) -> "LinedText":
        """Return the text with parts replaced. Of edits that overlap, the first in the text is kept."""
        parts: list[str] = []
        numbers = [self._numbers[0]]
        position = 0
        for start, end, new in sorted(set(edits)):
            if start >= position:
                parts += (self.text[position:start], new)
                numbers += [*self._numbers_between(position, start), *[self.line_at(start)] * new.count("\n")]
                position = end
        if not parts:
            return self
        numbers += self._numbers_between(position, len(self.text))
        return LinedText("".join((*parts, self.text[position:])), numbers)

    def _numbers_between(self, start: int, end: int) -> Sequence[int]:
        """Return the number of each line that begins after a line feed between two offsets."""
        first = bisect_right(self._starts, start)
        return self._numbers[first : first + self.text.count("\n", start, end)]
