"""A digest of any number of articles, the same each time, in the format of each generator.

Article `i` has the same text for every generator and for every size of the digest. The sentences are put together
from phrases; they are about nothing.
"""

import hashlib
import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

A_MONTH: Final = 500
"""Articles in a month, so that a month of a topic or a country holds about as many as a list page of the others."""

FIRST_YEAR: Final = 2009
"""100,000 articles are 200 months: all of them have passed."""

SPACING: Final = timedelta(minutes=80)
"""500 of these are less than 28 days: every article has a time of its own, later than the one before."""

TOPICS: Final = (
    *("Agriculture", "Borders", "Climate", "Customs", "Defence", "Education"),
    *("Energy", "Finance", "Health", "Labour", "Technology", "Transport"),
)
"""One word each: the key in `site.yaml` and the address are the same word in small letters."""

_COUNTRIES: Final = (
    "VN Vietnam, CN China, JP Japan, IN India, ID Indonesia, KR South Korea, TH Thailand, MY Malaysia, SG "
    "Singapore, PH Philippines, US United States, AU Australia, TW Taiwan, BD Bangladesh, PK Pakistan, LK "
    "Sri Lanka, KH Cambodia, LA Laos, MN Mongolia, NP Nepal, NZ New Zealand, BN Brunei, KZ Kazakhstan, UZ "
    "Uzbekistan, RU Russia, SA Saudi Arabia, AE United Arab Emirates, QA Qatar, IR Iran, IQ Iraq, IL "
    "Israel, DE Germany, FR France, GB United Kingdom, IT Italy, ES Spain, NL Netherlands, PL Poland, SE "
    "Sweden, NO Norway, CH Switzerland, CA Canada, MX Mexico, BR Brazil, CL Chile, EG Egypt, KE Kenya, NG "
    "Nigeria, ZA South Africa, ET Ethiopia, FJ Fiji, BT Bhutan, MV Maldives, KG Kyrgyzstan, TJ "
    "Tajikistan, OM Oman, KW Kuwait, JO Jordan, AF Afghanistan, PG Papua New Guinea"
)

COUNTRIES: Final[Mapping[str, str]] = {row[:2]: row[3:] for row in _COUNTRIES.split(", ")}
"""Names as CLDR has them in English, so that every generator prints the same."""

_WEIGHTS: Final = tuple(1 / (rank + 30) for rank in range(len(COUNTRIES)))
"""The first country is in the news three times as often as the last."""

SOURCES: Final = (
    *("Harbour Times", "The Evening Ledger", "Gulf and Straits", "Highland Post", "Civil Service Weekly"),
    *("The Customs Record", "Monsoon Review", "Plain Dealer of Trade", "Signal Tower", "Grid and Field"),
    *("The Assembly Clerk", "Two Rivers Daily", "Southern Almanac", "Clearing House", "Rail and Road"),
)

PERSPECTIVES: Final = ("経済的影響", "投資家心理", "社会的影響", "市民の声", "背景・歴史的文脈")

_WHO: Final = (
    *("the ministry of finance", "the transport authority", "a committee of both houses", "the regulator of power"),
    *("the national statistics office", "a panel of retired judges", "the council of provincial governors"),
    *("the union of port workers", "the central bank", "the agency for rural roads", "a group of eleven mayors"),
    *("the chamber of commerce", "the patent office", "the board of the railways", "the health inspectorate"),
    *("an adviser to the cabinet", "the association of rice growers", "the customs directorate", "the auditor"),
)
_DID: Final = (
    *("has approved", "wants to widen", "set out", "will review", "has put off", "defended", "is drafting"),
    *("has begun to pay for", "asked for changes to", "published the first figures on", "agreed to share"),
    *("is to take over", "spoke in favour of", "has cut the budget of", "laid before parliament"),
)
_WHAT: Final = (
    *("a register of vessels above forty tonnes", "the subsidy for small irrigation pumps", "a single customs form"),
    *("the second stage of the coastal grid", "a fund for bridges in hill districts", "the rules on stored grain"),
    *("a licence for operators of data centres", "the new timetable of night freight", "a levy on empty containers"),
    *("the list of protected trades", "a pilot of electronic land titles", "the pension of seasonal workers"),
    *("cheaper loans for workshops with fewer than twenty staff", "the treaty on shared river water"),
    *("a school year that follows the monsoon", "the inspection of imported medicines", "an index of idle farmland"),
    *("the plan for a joint satellite", "a reserve of spare transformers", "the exchange of tax records"),
)
_TAIL: Final = (
    *("before the end of the financial year", "in four provinces at first", "after two years of talks"),
    *("against the advice of the treasury", "with help from three neighbouring states", "for a trial of nine months"),
    *("at a cost of about 340 million", "as the law of 2019 demands", "without a vote", "by the spring of next year"),
    *("under a loan from the regional bank", "in return for lower tariffs on machinery", "for the third time"),
)
_CLAUSE: Final = (
    *("because the old arrangement leaves local offices without staff", "although exporters fear longer queues"),
    *("which would bring 1,200 villages within reach of a clinic", "so that both sides count the same goods once"),
    *("while the opposition calls the sums too low by half", "since prices rose by 7.4 per cent within a year"),
    *("if the assembly agrees to the schedule in its next session", "and the courts have yet to say what follows"),
    *("as firms in the capital had asked for since the floods", "whereas farmers would rather see the dam repaired"),
    *("which officials describe as a first step and nothing more", "unless the harvest turns out worse than feared"),
)
_POINTS: Final = (
    *("the first payments are due in October", "districts report every quarter", "two depots will close"),
    *("the fee falls from 18 to 12 a tonne", "inspectors need no separate warrant", "appeals go to one court"),
    *("the text is published in three languages", "about 60 engineers are to be hired", "the ceiling stays at 15"),
)
_MEASURES: Final = (
    *("Freight in tonnes", "Connected villages", "Approved loans", "Open cases", "Registered vessels", "Vacant posts"),
    *("Trained inspectors", "Hectares surveyed", "Containers a week", "Schools repaired"),
)
_NOUNS: Final = (
    *("customs form", "night freight", "river treaty", "pump subsidy", "coastal grid", "grain rules", "land titles"),
    *(
        "port levy",
        "rural roads",
        "data centre licence",
        "school calendar",
        "loan scheme",
        "bridge fund",
        "tax records",
    ),
)
_VERBS: Final = ("widens", "reviews", "delays", "approves", "defends", "redrafts", "extends", "questions", "shares")
_ENDS: Final = (
    *("after two years of talks", "as harvest prices climb", "before the assembly meets", "to spare small workshops"),
    *("despite doubts at the treasury", "with a trial in four provinces", "while neighbours look on"),
)

_JA_WHO: Final = (
    "政府は",
    "地方の自治体は",
    "輸出企業は",
    "農家の多くは",
    "中央銀行は",
    "若い技術者は",
    "港湾の現場は",
    "投資家は",
)
_JA_WHEN: Final = (
    "今年度のうちに",
    "来春までに",
    "数年をかけて",
    "試行の結果を見ながら",
    "隣国と歩調を合わせて",
    "予算の範囲で",
)
_JA_WHAT: Final = (
    *(
        "手続きの一本化を",
        "送電網の増強を",
        "小規模な融資の拡大を",
        "農業用水の分け合いを",
        "人材の確保を",
        "記録の電子化を",
    ),
    *("倉庫の統廃合を", "関税の引き下げを", "検査の簡素化を", "橋や道路の補修を"),
)
_JA_DID: Final = (
    *(
        "進めると見られる",
        "急がざるを得ない",
        "慎重に見極めようとしている",
        "強く求めている",
        "先送りしてきた",
        "後押しするだろう",
    ),
)
_JA_BUT: Final = (
    *("一方、", "もっとも、", "その結果、", "とはいえ、", "長い目で見れば、", "現場から見ると、", "", "", ""),
)


@dataclass(frozen=True, slots=True)
class Article:
    """One article; `countries` are codes, `body` is Markdown that every generator reads alike."""

    number: int
    slug: str
    title: str
    date: datetime
    topic: str
    countries: tuple[str, ...]
    source: str
    importance: int
    summary: str
    body: str

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the countries."""
        return tuple(COUNTRIES[code] for code in self.countries)


def article(number: int) -> Article:
    """Return the article of that number, from 0; the highest number is the newest."""
    chance = Random(f"digest {number}")  # noqa: S311 - the same articles every time
    countries = _countries(chance)
    title = f"{COUNTRIES[countries[0]]} {chance.choice(_VERBS)} {chance.choice(_NOUNS)} {chance.choice(_ENDS)}"
    month, location = divmod(number, A_MONTH)
    start = datetime(FIRST_YEAR + month // 12, month % 12 + 1, 1, tzinfo=UTC)
    return Article(
        number=number,
        slug=f"{re.sub('[^a-z0-9]+', '-', ' '.join(title.lower().split()[:5]))}-{number:06}",
        title=title,
        date=start + location * SPACING,
        topic=chance.choice(TOPICS),
        countries=countries,
        source=chance.choice(SOURCES),
        importance=chance.randint(1, 5),
        summary=f"{_sentence(chance)} {_sentence(chance)}",
        body=_body(chance),
    )


def _countries(chance: Random) -> tuple[str, ...]:
    codes: dict[str, None] = {}
    wanted = chance.choices((1, 2, 3, 4), (30, 40, 20, 10))[0]
    while len(codes) < wanted:
        codes[chance.choices(tuple(COUNTRIES), _WEIGHTS)[0]] = None
    return tuple(codes)


def _body(chance: Random) -> str:
    blocks = [_paragraph(chance, 4), _paragraph(chance, chance.randint(3, 4))]
    points = chance.sample(_POINTS, chance.randint(3, 5))
    blocks.append("\n".join(f"- {_capital(point)}, {chance.choice(_TAIL)}." for point in points))
    blocks.append(_paragraph(chance, chance.randint(3, 5)))
    kind = chance.random()
    if kind < 0.2:
        blocks.append(_table(chance))
    elif kind < 0.45:
        blocks.append(f"> {_sentence(chance)}")
    blocks.append(_paragraph(chance, chance.randint(3, 4)))
    for label in PERSPECTIVES:
        blocks += [f"## {label}", "".join(_ja_sentence(chance) for _ in range(chance.randint(4, 5)))]
    return "\n\n".join(blocks) + "\n"


def _paragraph(chance: Random, sentences: int) -> str:
    return " ".join(_sentence(chance, marked=True) for _ in range(sentences))


def _sentence(chance: Random, *, marked: bool = False) -> str:
    who, what = chance.choice(_WHO), chance.choice(_WHAT)
    if marked:
        kind = chance.random()
        if kind < 0.10:
            what = f"**{what}**"
        elif kind < 0.17:
            what = f"[{what}](https://source.example/{chance.randrange(100_000)})"
        elif kind < 0.21:
            what = f"*{what}*"
    rest = f"{chance.choice(_DID)} {what} {chance.choice(_TAIL)}, {chance.choice(_CLAUSE)}"
    return f"{_capital(who)} {rest}."


def _capital(text: str) -> str:
    return text[0].upper() + text[1:]


def _ja_sentence(chance: Random) -> str:
    parts = (_JA_BUT, _JA_WHO, _JA_WHEN, _JA_WHAT, _JA_DID)
    return "".join(chance.choice(part) for part in parts) + "。"


def _table(chance: Random) -> str:
    rows = [
        f"| {measure} | {chance.randrange(10_000):,} | {chance.randrange(10_000):,} |"
        for measure in chance.sample(_MEASURES, chance.randint(3, 6))
    ]
    return "\n".join(["| Measure | Last year | This year |", "| --- | ---: | ---: |", *rows])


# --- formats ----------------------------------------------------------------------------------------------------------


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def _list(texts: Sequence[str]) -> str:
    return f"[{', '.join(map(_quoted, texts))}]"


def _sitegen(it: Article) -> tuple[str, str]:
    front = (
        f"id: bench{it.number:011}\ntitle: {_quoted(it.title)}\ndate: {it.date:%Y-%m-%dT%H:%M+00:00}\nlang: en\n"
        f"topics: [{it.topic.lower()}]\ncountries: [{', '.join(it.countries)}]\nimportance: {it.importance}\n"
        f"source: {{name: {_quoted(it.source)}, url: null, lang: en}}\nsummary: {_quoted(it.summary)}\n"
        "generated: {summary: ai, analysis: ai}\n"
    )
    return f"content/articles/{it.date:%Y/%m}/{it.slug}.md", f"---\n{front}---\n\n{it.body}"


def _yaml(it: Article, topic: str) -> str:
    return (
        f"---\ntitle: {_quoted(it.title)}\ndate: {it.date:%Y-%m-%dT%H:%M:%SZ}\n{topic}\ncountries: {_list(it.names)}\n"
        f"importance: {it.importance}\nsource: {_quoted(it.source)}\nsummary: {_quoted(it.summary)}\n---\n\n{it.body}"
    )


def _hugo(it: Article) -> tuple[str, str]:
    return f"content/articles/{it.slug}.md", _yaml(it, f"topics: [{_quoted(it.topic)}]")


def _eleventy(it: Article) -> tuple[str, str]:
    return f"content/articles/{it.slug}.md", _yaml(it, f"topic: {_quoted(it.topic)}")


def _pelican(it: Article) -> tuple[str, str]:
    front = (
        f"Title: {it.title}\nDate: {it.date:%Y-%m-%d %H:%M}\nSlug: {it.slug}\nCategory: {it.topic}\n"
        f"Tags: {', '.join(it.names)}\nImportance: {it.importance}\nSource: {it.source}\nSummary: {it.summary}\n"
    )
    return f"content/articles/{it.slug}.md", f"{front}\n{it.body}"


FORMATS: Final[Mapping[str, Callable[[Article], tuple[str, str]]]] = {
    "sitegen": _sitegen,
    "sitegen-default": _sitegen,
    "hugo": _hugo,
    "eleventy": _eleventy,
    "pelican": _pelican,
}
"""For each generator: an article to its file's path in the project, and its text."""


def write_articles(folder: Path, generator: str, number: int) -> int:
    """Write the articles 0 to `number` below a project's folder; return how many bytes they have."""
    size, last = 0, None
    for index in range(number):
        path, text = FORMATS[generator](article(index))
        file, data = folder / path, text.encode()
        if file.parent != last:
            file.parent.mkdir(parents=True, exist_ok=True)
            last = file.parent
        size += file.write_bytes(data)
    return size


def fingerprint() -> str:
    """Return a name of what this module writes, which changes with it."""
    return hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]
