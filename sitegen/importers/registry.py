"""The registry of importers: one for each format, built in or of a plugin."""

from collections.abc import Callable, Sequence
from typing import Final

from msgspec import Struct

from sitegen.config.model import Config
from sitegen.importers.imported_article import ParseResult
from sitegen.importers.inputs import Input
from sitegen.util.plugins import returned
from sitegen.util.registry import Registry

Detect = Callable[[Input], float]
"""Return how certain it is that an input has the format: from 0 (it has not) to 1."""

Parse = Callable[[Input, Config], Sequence[ParseResult]]
"""Return a result for each article in an input, in the order of the input."""


class Importer(Struct, frozen=True):
    """A format: its name for `--from`, the words for it in reports, and the functions that detect and parse it."""

    name: str
    description: str
    detect: Detect
    parse: Parse


IMPORTERS: Final = Registry[Importer]("sitegen.importers.formats")


def importer(name: str, description: str, *, detect: Detect) -> Callable[[Parse], Parse]:
    """Register the decorated function as the parser of the format `name`.

        @importer("csv", "a table of articles (CSV)", detect=looks_like_csv)
        def parse_csv(file: Input, config: Config) -> list[ParseResult]: ...

    Raises ValueError if the name is taken.
    """

    def register(parse: Parse) -> Parse:
        IMPORTERS.add(name, Importer(name, description, detect, parse))
        return parse

    return register


def detect_importer(file: Input) -> Importer | None:
    """Return the importer that is most certain of an input, or None if no format fits."""
    expected = "a number from 0 to 1"
    certainties = [
        (returned(entry.detect, entry.detect(file), float | int, expected), entry)
        for entry in IMPORTERS.load().values()
    ]
    certainty, best = max(certainties, key=lambda pair: pair[0], default=(0.0, None))
    return best if certainty > 0 else None
