"""Searches the index of a built site, as the script does in a browser."""

import math
import re
from collections.abc import Callable, Sequence
from datetime import date
from html import unescape
from itertools import pairwise
from typing import Any, Final

from msgspec import Struct, json

from sitegen.content.search_terms import STOP_WORDS, is_unspaced, normalize, pieces, stem, without_marks
from sitegen.outputs.search.index import EPOCH, FIELDS, FORMAT, PARTS
from sitegen.outputs.search.shards import PREFIX, shard_of, unpack
from sitegen.util.dates import CalendarDate

MAX_QUERY: Final = 200
"""Characters of a query that are read."""
MAX_UNITS: Final = 12
"""Words of a query that are read."""
WEIGHTS: Final = (1, 2, 3, 6)
"""The score of a word that is in the text, often in the text, in the summary, in the title."""

_PART: Final = re.compile(r'(-?)"([^"]*)"?|(-?)([^\s"]+)')
_JOINED: Final = re.compile(r"[$¥€£₩]?(?P<text>[^\W_](?:[^\W_]|[.,])*)%?")
_DECIMAL: Final = re.compile(r"\d[.,]\d")
_SPACES: Final = re.compile(r"\s+")
_MAIN: Final = re.compile(r"<main\b.*?</main>", re.DOTALL)
_BLOCK: Final = re.compile(
    r"</?(?:p|li|[uod]l|d[dt]|t[dhr]|h[1-6]|table|caption|pre|blockquote|fig\w+|div|section)\b[^>]*>"
)
"""Tags between which a phrase does not go on."""
_TAG: Final = re.compile(r"<[^>]*>")

Read = Callable[[str], bytes]
"""Returns a file of the site by its site path. Raises OSError if there is none."""


Unit = tuple[tuple[str, ...], str | None]
"""A word, or a run of characters without spaces: its terms, and a prefix of further terms that are found."""


class SearchResult(Struct, frozen=True):
    """An article that a query finds. `url` is a path on the host."""

    score: float
    date: CalendarDate
    importance: int
    title: str
    lang: str
    url: str
    summary: str


def parse(text: str) -> tuple[list[Unit], list[Unit], list[str]]:
    """Return the units of a query with words, "phrases" and -words: those that a result must have, and must not have.

    The third value are texts that a document must have, because its terms alone do not prove it.
    """
    wanted: list[Unit] = []
    unwanted: list[Unit] = []
    needles: list[str] = []
    normal = normalize(text[:MAX_QUERY])
    parts = list(_PART.finditer(normal))
    for part in parts:
        minus_of_phrase, phrase, minus, word = part.groups()
        is_unwanted = "-" in (minus_of_phrase, minus)
        is_last = phrase is None and part is parts[-1] and normal.endswith(part[0]) and not is_unwanted
        units, runs = _units(word if phrase is None else phrase, is_last=is_last)
        (unwanted if is_unwanted else wanted).extend(units)
        if phrase is not None:
            runs = [_SPACES.sub(" ", phrase).strip()]
        elif (match := _JOINED.fullmatch(word)) and _is_joined(word, units):
            runs = [match["text"].rstrip(".,")]
        needles += [] if is_unwanted else runs
    return wanted[:MAX_UNITS], unwanted[:MAX_UNITS], list(filter(None, needles))


def _is_joined(word: str, units: Sequence[Unit]) -> bool:
    """Whether the units of a word must be adjacent in texts, too: alone, those of `AI法` and `27.5` say little."""
    is_split = _DECIMAL.search(word) or any(len(terms[0]) == 1 and is_unspaced(terms[0]) for terms, _ in units)
    return len(units) > 1 and bool(is_split)


def _units(text: str, *, is_last: bool) -> tuple[list[Unit], list[str]]:
    """Return the units of a part of a query, and its runs of more than two characters."""
    units: list[Unit] = []
    runs: list[str] = []
    for match in pieces(text):
        word, run = match.groups()
        if run:
            pairs = ["".join(pair) for pair in pairwise(run)] or [run]
            # Between spaces or punctuation, a text may have more characters after this one.
            around = text[: match.start()][-1:] + text[match.end() :][:1]
            is_alone = len(run) == 1 and not any(map(str.isalnum, around))
            terms = tuple(pairs[::2]) if len(pairs) % 2 else (*pairs[::2], pairs[-1])
            units.append((terms, run if is_alone else None))
            runs += [run] if len(run) > 2 else []
        elif word not in STOP_WORDS:
            plain = without_marks(word)
            has_prefix = is_last and text.endswith(word) and len(plain) >= PREFIX
            units.append(((stem(word),), plain if has_prefix else None))
    match units:
        case [((char,), _)] if len(char) == 1 and is_unspaced(char):
            units = [((char,), char)]
    return units, runs


def search(text: str, read: Read, folder: str) -> list[SearchResult]:
    """Return the results of a query, the best first. `folder` is the site path of the search page.

    Raises OSError and msgspec.DecodeError if the index is not complete.
    """
    wanted, unwanted, needles = parse(text)
    if not wanted:
        return []
    index = json.decode(read(f"{folder}index.json"))
    if index["format"] != FORMAT:
        raise OSError(f"the index has the format {index['format']}, expected {FORMAT}; build the site again")
    matches = []
    for name, _, _, shards in index["parts"]:
        part = f"{PARTS}{name}/"
        yes, no = ([_postings(read, part, shards, unit) for unit in units] for units in (wanted, unwanted))
        matches.append((name, yes, no))
    total = sum(part[2] for part in index["parts"])
    counts = [sum(len(yes[number]) for _, yes, _ in matches) for number in range(len(wanted))]
    rarity = [math.log(1 + total / (count or 1)) for count in counts]
    results = []
    for name, yes, no in matches:
        numbers = set.intersection(*map(set, yes)).difference(*no)
        facets = json.decode(read(f"{PARTS}{name}/facets.json")) if numbers else {}
        for number in numbers:
            score = sum(WEIGHTS[documents[number]] * weight for documents, weight in zip(yes, rarity, strict=True))
            page = json.decode(read(f"{folder}documents/{name}-{number // index['page']}.json"))
            *row, source, others, _ = page["documents"][number % index["page"]]
            result = _result(score, facets, number, row)
            if not needles or any(_has(read(url), source, needles) for url in (result.url, *others)):
                results.append(result)
    return sorted(results, key=lambda result: (-result.score, -result.date.toordinal(), result.url))


def _postings(read: Read, part: str, shards: int, unit: Unit) -> dict[int, int]:
    """Return the field of each document of a part that has a unit, by its number."""
    of_unit, prefix = unit
    postings: dict[int, int] | None = None
    for term in of_unit:
        terms = json.decode(read(f"{part}{shard_of(term, shards)}.json"))["terms"]
        packed = [terms[term]] if term in terms else []
        if prefix is not None:
            others = json.decode(read(f"{part}{shard_of(prefix, shards)}.json"))["terms"]
            packed += [value for name, value in others.items() if name.startswith(prefix)]
        of_term: dict[int, int] = {}
        for value in packed:
            for number, field in _documents(value):
                of_term[number] = max(field, of_term.get(number, 0))
        postings = of_term if postings is None else {n: min(f, of_term[n]) for n, f in postings.items() if n in of_term}
    return postings or {}


def _documents(packed: str) -> list[tuple[int, int]]:
    """Return the numbers of documents and the fields of a term."""
    rows, number = [], -1
    for value in unpack(packed):
        difference, field = divmod(value, FIELDS)
        number += difference
        rows.append((number, field))
    return rows


def _result(score: float, facets: Any, number: int, row: Sequence[Any]) -> SearchResult:
    title, lang, url, summary, _ = row
    first, days = facets["days"]
    day = date.fromordinal(EPOCH + first + unpack(days)[number])
    return SearchResult(score, day, int(facets["importance"][number]), title, lang, url, summary)


def _has(page: bytes, source: str, needles: Sequence[str]) -> bool:
    """Return whether a page, with the name of its source, has all needles."""
    html = page.decode()
    main = _MAIN.search(html)
    divided = _BLOCK.sub("\0", main[0] if main else html)
    text = _SPACES.sub(" ", normalize(f"{unescape(_TAG.sub('', divided))}\0{source}"))
    return all(needle in text for needle in needles)
