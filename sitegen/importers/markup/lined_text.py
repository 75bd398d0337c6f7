"""A text that keeps the number of the source line of each of its lines while it is converted."""

from bisect import bisect_right
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, partial
from itertools import accumulate

Edit = tuple[int, int, str]
"""Start and end of a part of the text, and its replacement."""


class LinedText:
    """A text, and for each of its lines the number of the line in the input that it comes from.

    Few texts have a problem to report, so the numbers are computed when the first of them is needed.
    """

    def __init__(self, text: str, numbers: Callable[[], Sequence[int]]) -> None:
        self.text = text
        self._compute_numbers = numbers

    @classmethod
    def of(cls, text: str, first_line: int = 1) -> "LinedText":
        """Return a text whose first line is `first_line` of the input."""
        return cls(text, lambda: range(first_line, first_line + text.count("\n") + 1))

    @cached_property
    def _numbers(self) -> Sequence[int]:
        return self._compute_numbers()

    @cached_property
    def _starts(self) -> list[int]:
        return [0, *accumulate(len(line) + 1 for line in self.text.split("\n"))]

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
        kept: list[Edit] = []
        parts: list[str] = []
        position = 0
        for start, end, new in sorted(set(edits)):
            if start >= position:
                kept.append((start, end, new))
                parts += (self.text[position:start], new)
                position = end
        if not kept:
            return self
        return LinedText("".join((*parts, self.text[position:])), partial(self._numbers_after, kept))

    def _numbers_after(self, edits: Sequence[Edit]) -> list[int]:
        """Return the number of each line of the text after edits that do not overlap."""
        numbers = [self._numbers[0]]
        position = 0
        for start, end, new in edits:
            numbers += self._numbers_of(position, start)
            numbers += [self.line_at(start)] * new.count("\n")
            position = end
        return numbers + self._numbers_of(position, len(self.text))

    def _numbers_of(self, start: int, end: int) -> list[int]:
        """Return the number of each line that begins after a line feed between two offsets."""
        first = bisect_right(self._starts, start)
        return [*self._numbers[first : first + self.text.count("\n", start, end)]]
