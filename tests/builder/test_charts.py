"""Charts: their numbers are those of the table and of the articles, and nothing is outside of the picture."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from playwright.sync_api import Browser, sync_playwright

from sitegen.outputs import charts, counts, views
from sitegen.outputs.charts import MIN_WIDTH_PX, TILES, text_width
from sitegen.outputs.specs import ImportanceCount, PairCount
from sitegen.util.cldr import iso_codes
from sitegen.util.dates import Instant
from tests.project import Project
from tests.tools import REPOSITORY, command

_ENDS: Final = {"start": 0.0, "middle": 0.5, "end": 1.0}
_SLACK: Final = 0.02
"""Percent that rounding may cost."""

NOON: Final = Instant(2026, 7, 3, 12, tzinfo=UTC)

DAYS: Final = st.dates(date(2019, 1, 1), date(2028, 12, 31))
ANY_DAYS: Final = st.one_of(DAYS, st.dates())
DATED: Final = st.lists(st.tuples(ANY_DAYS, st.integers(1, 5)), max_size=60)
CODES: Final = st.sampled_from(("VN", "CN", "JP", "US", "ASEAN", "EU", "IN", "KR", "TH", "LA", "ID", "MY", "BR", "GB"))
NAMES: Final = st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=30)


def inside(x: float, width: float) -> None:
    assert x >= -_SLACK
    assert width > 0
    assert x + width <= 100 + _SLACK


def text_inside(text: str, x: float, anchor: str, width: int = MIN_WIDTH_PX) -> None:
    """Hold that a text stays in a picture of this many pixels."""
    left = x * width / 100 - text_width(text) * _ENDS[anchor]
    assert left >= -0.5, text
    assert left + text_width(text) <= width + 0.5, text


def one_each(dated: Iterable[tuple[date, int]]) -> list[ImportanceCount]:
    return [(day, importance, 1) for day, importance in dated]


# --- months -----------------------------------------------------------------------------------------------------------


@given(DATED)
def test_columns_stay_in_the_picture_and_count_every_article(dated: list[tuple[date, int]]) -> None:
    chart = charts.months_chart(one_each(dated))
    months = {(day.year, day.month) for day, _ in dated}
    assert (chart is None) == (len(months) < 3 or len(months) == len(dated))
    if chart is None:
        return
    assert sum(column.count for column in chart.columns) + chart.earlier == len(dated)
    assert len(chart.columns) <= chart.slots <= charts.MAX_COLUMNS
    assert chart.start <= chart.columns[0].first <= chart.columns[-1].first == chart.end
    edge = 0.0
    for column in chart.columns:
        assert len({(part.x, part.width) for part in column.parts}) == 1
        x, width = column.parts[0].x, column.parts[0].width
        inside(x, width)
        assert x >= edge - _SLACK, "columns do not overlap"
        edge = x + width
        assert sum(part.count for part in column.parts) == column.count
        foot = float(chart.base)
        for part in column.parts:
            assert part.height >= 0
            assert (part.height > 0) == (part.count > 0), "what has articles is seen"
            assert abs(part.y + part.height - foot) < 0.011, "parts are stacked"
            foot = part.y
        assert foot >= charts._ABOVE - 0.02
    for mark in chart.marks:
        text_inside(f"{mark.number:,}", mark.x, mark.anchor)
        assert charts.LETTER_HEIGHT * 0.75 <= mark.y <= chart.height
    for tick in chart.ticks:
        text_inside(f"{tick.number}年", tick.x, "middle")


def parts_of(chart: views.MonthsChart) -> Counter[tuple[date, int]]:
    return Counter({(c.first, part.shade): part.count for c in chart.columns for part in c.parts})


@given(st.lists(st.tuples(st.dates(date(2024, 1, 1), date(2026, 12, 31)), st.integers(1, 5)), min_size=3))
def test_each_part_is_the_number_of_articles_of_its_month_and_importance(dated: list[tuple[date, int]]) -> None:
    chart = charts.months_chart(one_each(dated))
    if chart is not None:
        assert parts_of(chart) == Counter((day.replace(day=1), importance) for day, importance in dated)
        assert not chart.by_year
        assert chart.fullest.count == max(column.count for column in chart.columns)
        tall = {column.first: charts._PLOT + charts._ABOVE - column.parts[-1].y for column in chart.columns}
        for column in chart.columns:
            assert tall[column.first] == pytest.approx(charts._PLOT * column.count / chart.fullest.count, abs=0.02)


@given(DATED, st.lists(ANY_DAYS, min_size=2, max_size=2))
def test_charts_with_one_span_have_one_axis(dated: list[tuple[date, int]], more: list[date]) -> None:
    days = [day for day, _ in dated] + more
    chart = charts.months_chart(one_each(dated), (min(days), max(days)))
    if chart is None:
        assert (
            charts.months_chart(one_each(dated)) is None
            or max(day for day, _ in dated).year <= max(days).year - charts.MAX_COLUMNS
        )
        return
    full = [(day, 3) for day in days for _ in range(2)] + [(day.replace(day=1), 3) for day in days]
    whole = charts.months_chart(one_each(full))
    assert whole is not None, "three months with articles are three months of the whole"
    assert (chart.start, chart.end, chart.slots) == (whole.start, whole.end, whole.slots)
    assert chart.by_year == whole.by_year
    assert [(tick.number, tick.x) for tick in chart.ticks] == [(tick.number, tick.x) for tick in whole.ticks]
    shown = {column.first: column.parts[0].x for column in whole.columns}
    assert all(shown[column.first] == column.parts[0].x for column in chart.columns)


@pytest.mark.parametrize(
    ("months", "shown"),
    [
        ({1: 2, 7: 2, 12: 1}, [2, 2, 1]),
        ({1: 2, 2: 2, 7: 2, 8: 1, 12: 1}, [2, 2, 1]),
        ({1: 2, 4: 2, 7: 2, 12: 2}, [2]),
        ({1: 3, 7: 2, 12: 1}, [3, 1]),
    ],
    ids=["both", "those with room", "more than the caption names", "one"],
)
def test_the_numbers_above_columns_are_those_of_the_caption(months: dict[int, int], shown: list[int]) -> None:
    chart = charts.months_chart([(date(2026, month, 1), 3, count) for month, count in months.items()])
    assert chart is not None
    assert [mark.number for mark in chart.marks] == shown


def test_what_would_be_too_many_months_is_shown_by_year() -> None:
    dated = [(date(2015, 5, 1), 3), (date(2015, 6, 1), 5), (date(2026, 1, 1), 1), (date(2026, 1, 2), 1)]
    chart = charts.months_chart(one_each(dated))
    assert chart is not None
    assert chart.by_year
    assert [(column.first.year, column.count) for column in chart.columns] == [(2015, 2), (2026, 2)]
    assert chart.earlier == 0


def test_what_is_before_the_first_of_sixty_years_is_told() -> None:
    chart = charts.months_chart([(date(year, 1, 1), 3, 1) for year in (1, 1800, 1900, 1990, 2026, 2026)])
    assert chart is not None
    assert (chart.start.year, chart.earlier, len(chart.columns)) == (1967, 3, 2)


def test_months_without_an_article_are_visible(project: Project) -> None:
    default(project)
    for number, month in enumerate(("2025-02", "2025-02", "2025-03", "2025-05")):
        project.article(f"energy{number}x", date=f"{month}-0{number + 1}", topics="[energy]")
    project.article("first", date="2024-11-01")
    project.article("last", date="2026-07-01")
    project.built()
    for locale, ends, facts in (
        ("", ["Nov 2024", "Jul 2026"], "6 articles, in 5 of 21 months, since November 2024."),
        ("ja/", ["2024年11月", "2026年7月"], "2024年\u206011月から記事6本。21か月のうち5か月に記事がある。"),
    ):
        archive = parsed(project, f"{locale}archive/index.html")
        for page in (archive, parsed(project, f"{locale}topics/energy/index.html")):
            assert [text.text for text in page.xpath("//figure/svg/text")][-2:] == ends
        assert archive.xpath('//p[@class="facts"]')[0].text == facts


def test_one_article_next_to_two_thousand_is_visible() -> None:
    full = [(date(2026, 6, 1), 1 + number % 5) for number in range(2000)]
    chart = charts.months_chart(one_each([*full, (date(2026, 5, 1), 3), (date(2026, 2, 1), 3)]))
    assert chart is not None
    assert [column.count for column in chart.columns] == [1, 1, 2000]
    assert [round(chart.base - column.parts[-1].y) for column in chart.columns] == [1, 1, 64]


# --- countries --------------------------------------------------------------------------------------------------------


def country(code: str) -> views.Link:
    return views.Link(code, f"Name of {code}", "en", f"/countries/{code.lower()}/")


def pair_counts(pairs: Iterable[tuple[str, str]]) -> list[PairCount]:
    counts = Counter((min(pair), max(pair)) for pair in pairs if len(set(pair)) == 2)
    return [(pair, count, NOON) for pair, count in counts.most_common()]


def pair_of(codes: tuple[str, str], count: int, latest: Instant) -> views.Pair:
    first, second = codes
    return views.Pair(country(first), country(second), f"/{first}/{second}/", count, latest)


@given(st.lists(st.tuples(CODES, CODES), max_size=40), st.integers(4, 12))
def test_a_matrix_shows_the_closest_tie_and_stays_in_the_picture(pairs: list[tuple[str, str]], size: int) -> None:
    rows = pair_counts(pairs)
    matrix = charts.matrix(rows, size, pair_of)
    codes = {code for pair, _, _ in rows for code in pair}
    assert (matrix is None) == (len(codes) < 3)
    if matrix is None:
        return
    shown = [row.country.key for row in matrix.rows]
    assert set(rows[0][0]) <= set(shown)
    assert len(shown) + matrix.others == len(codes)
    assert 2 < len(shown) <= size
    drawn = set()
    for index, row in enumerate(matrix.rows):
        for column, cell in enumerate(row.cells):
            assert column != index or cell.item is None
            assert (cell.shade == 0) == (cell.item is None)
            if cell.item is not None and column < index:
                drawn.add(cell.item)
    assert drawn == set(matrix.pairs)


def test_two_countries_are_no_matrix() -> None:
    assert charts.matrix([], 8, pair_of) is None
    assert charts.matrix(pair_counts([("VN", "CN"), ("CN", "VN")]), 8, pair_of) is None


@given(st.integers(1, 5000), st.integers(1, 5000))
def test_shades_rise_with_the_count(one: int, other: int) -> None:
    few, many = sorted((one, other))
    assert 1 <= charts.shade(few, many) <= charts.shade(many, many) <= 4
    assert many == 1 or (charts.shade(1, many), charts.shade(many, many)) == (1, 4)


def country_counts(numbers: dict[str, int]) -> list[views.Count]:
    rows = sorted(numbers.items(), key=lambda row: (-row[1], row[0]))
    return [counts.counted(country(code), count) for code, count in rows]


def test_the_tile_map_has_every_country_once_and_no_other() -> None:
    assert len(TILES) == len(set(TILES.values())) == 51
    assert set(TILES) <= set(iso_codes())


@given(st.dictionaries(CODES, st.integers(1, 3000)))
def test_tiles_stay_in_the_picture_and_every_country_is_on_the_map_or_beyond(counts: dict[str, int]) -> None:
    tiles = charts.tile_map(country_counts(counts), lambda code: code)
    here = {code: count for code, count in counts.items() if code in TILES}
    assert (tiles is None) == (len(here) < 3 or sum(here.values()) * 2 < sum(counts.values()))
    if tiles is not None:
        assert {tile.label: tile.count for tile in tiles.tiles if tile.count} == here
        assert {row.key for row in tiles.beyond} == counts.keys() - here.keys()
        assert tiles.leading.count == max(here.values())
        for tile in tiles.tiles:
            inside(tile.x, tile.width)
            assert tile.y + tile.height <= tiles.height
            text_inside(tile.label, tile.x + tiles.middle, "middle")


# --- sources, threads -------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(NAMES, st.integers(1, 400)), max_size=150))
def test_the_bar_of_sources_is_whole(sources: list[tuple[str, int]]) -> None:
    total = sum(count for _, count in sources)
    rows = [
        counts.counted(views.Link(name, name, "en", "/"), count)
        for name, count in sorted(sources, key=lambda row: -row[1])
    ]
    chart = charts.shares_chart(rows)
    assert (chart is None) == (len(sources) < 2)
    if chart is None:
        return
    assert sum(segment.count for segment in chart.segments) == chart.total == total
    assert len(chart.segments) <= 101
    numbers = [row.count for row in rows]
    assert sum(numbers[: chart.half]) * 2 >= total > sum(numbers[: chart.half - 1]) * 2
    assert sum(segment.item is not None for segment in chart.segments) + chart.others == len(rows)
    for segment in chart.segments:
        inside(segment.x, segment.width)
        if segment.label:
            text_inside(f"{segment.label} 00%", segment.x, "start")


def card(day: date, importance: int, href: str) -> views.ArticleSummary:
    topic = views.Link("trade", "Trade", "en", "/")
    when = datetime(day.year, day.month, day.day, tzinfo=UTC)
    return views.ArticleSummary("T", "en", None, href, when, topic, (), importance, "S", "", "P", "en", False)


@given(st.lists(st.tuples(DAYS, st.integers(1, 5)), max_size=21), st.integers(0, 20))
def test_a_timeline_has_every_article_of_a_thread_in_its_place(days: list[tuple[date, int]], here: int) -> None:
    thread = [card(day, importance, f"/{n}/") for n, (day, importance) in enumerate(sorted(days))]
    line = charts.timeline(thread, f"/{here}/")
    assert (line is None) == (len({day for day, _ in days}) < 2)
    if line is not None:
        assert [stroke.item for stroke in line.strokes] == thread
        assert [stroke.shade == 4 for stroke in line.strokes] == [n == here for n in range(len(thread))]
        assert sorted(stroke.x for stroke in line.strokes) == [stroke.x for stroke in line.strokes]
        for stroke in line.strokes:
            assert 2 / MIN_WIDTH_PX * 100 <= stroke.x <= 100 - 2 / MIN_WIDTH_PX * 100, (
                "half of the stroke is on either side"
            )
            assert 16 <= stroke.y < stroke.y + stroke.height == line.base < line.height
        text_inside("This article", line.x, line.anchor)


# --- on the page ------------------------------------------------------------------------------------------------------


def default(project: Project) -> None:
    """Let the digest have the default theme, in both languages, and pages of everything."""
    site = (project.root / "site.yaml").read_text(encoding="utf-8")
    site = site.replace("theme: bare\n", "theme: default\n").replace("[en]", "[en, ja]")
    project.file("site.yaml", re.sub(r"pages_from: .*\n", "", site))


def rows_of(table: html.HtmlElement) -> dict[str, list[str]]:
    """Return the numbers of a table by the text of the first cell of each row."""
    found = {}
    for row in table.xpath(".//tbody/tr"):
        cells = [" ".join(cell.text_content().split()) for cell in row]
        found[cells[0]] = cells[1:]
    return found


def parsed(project: Project, path: str) -> html.HtmlElement:
    return html.fromstring(project.page(path).encode(), parser=html.HTMLParser(encoding="utf-8"))


def several(project: Project) -> Counter[tuple[str, int]]:
    """Write articles of four months, and return how many there are of each month and importance."""
    wanted = {("2026-07", 5): 2, ("2026-07", 2): 1, ("2026-06", 3): 4, ("2026-02", 4): 1, ("2025-11", 1): 2}
    number = 0
    for (month, importance), count in wanted.items():
        for _ in range(count):
            number += 1
            countries = ("[VN, CN]", "[VN, JP, ASEAN]", "[CN, JP]")[number % 3]
            source = "{name: Nhân Dân, lang: vi}" if number % 2 else f"{{name: Source {number}}}"
            project.article(
                f"a{number}x",
                date=f"{month}-{number + 1:02}",
                importance=str(importance),
                countries=countries,
                source=source,
            )
    return Counter(wanted)


@pytest.mark.parametrize("locale", ["", "ja/"])
def test_the_picture_the_table_and_the_articles_say_the_same(project: Project, locale: str) -> None:
    default(project)
    wanted = several(project)
    project.built()
    page = parsed(project, f"{locale}topics/trade/index.html")
    figure = page.xpath('//figure[contains(@class, "chart")]')[0]
    svg = figure.xpath('./svg[@role="img"]')[0]
    names = {"": {"2026-07": "Jul 2026", "2026-06": "Jun 2026", "2026-02": "Feb 2026", "2025-11": "Nov 2025"}}
    names["ja/"] = {"2026-07": "2026年7月", "2026-06": "2026年6月", "2026-02": "2026年2月", "2025-11": "2025年11月"}
    table = rows_of(figure.xpath(".//table")[0])
    assert list(table) == list(names[locale].values())
    for month, name in names[locale].items():
        row = [wanted[month, importance] for importance in (5, 4, 3, 2, 1)]
        assert table[name] == [str(number) for number in (sum(row), *row)]
    drawn: dict[str, dict[int, float]] = {}
    for rect in svg.xpath('./rect[starts-with(@class, "i")]'):
        drawn.setdefault(rect.get("x"), {})[int(rect.get("class")[1])] = float(rect.get("height"))
    most = 4 / 64  # articles a pixel: the fullest month has four
    measured = [{level: round(height * most, 1) for level, height in parts.items()} for parts in drawn.values()]
    months = ("2025-11", "2026-02", "2026-06", "2026-07")
    assert measured == [{i: n for (month, i), n in wanted.items() if month == m} for m in months]
    assert svg.xpath("./text")[0].text == "4"
    for identifier in svg.get("aria-labelledby").split():
        assert page.get_element_by_id(identifier).text_content().strip()


def test_the_matrix_the_map_and_the_bar_count_the_articles(project: Project) -> None:
    default(project)
    several(project)
    project.built()
    relations = parsed(project, "relations/index.html")
    pairs = rows_of(relations.xpath('//table[contains(@class, "pairs")]')[0])
    assert {name.replace("🇨🇳 ", "").replace("🇻🇳 ", "").replace("🇯🇵 ", ""): row[0] for name, row in pairs.items()} == {
        "ASEAN · Japan": "4",
        "ASEAN · Vietnam": "4",
        "Japan · Vietnam": "4",
        "China · Japan": "3",
        "China · Vietnam": "3",
    }
    matrix = rows_of(relations.xpath('//table[@class="matrix"]')[0])
    assert sum(int(re.sub(r"\D", "", cell) or 0) for row in matrix.values() for cell in row) == 2 * 18
    home = parsed(project, "index.html")
    assert rows_of(home.xpath('//table[@class="matrix"]')[0]) == matrix
    countries = parsed(project, "countries/index.html")
    tiles = {
        tile.xpath("./title")[0].text: [text.text for text in tile.xpath("./text")]
        for tile in countries.xpath('//figure[contains(@class, "tiles")]/svg/*[title]')
    }
    assert {name: tile for name, tile in tiles.items() if len(tile) > 1} == {
        "China: 6 articles": ["CN", "6"],
        "Japan: 7 articles": ["JP", "7"],
        "Vietnam: 7 articles": ["VN", "7"],
    }
    assert countries.xpath('//figure[contains(@class, "tiles")]/svg/a/@href') == [
        f"/countries/{code}/" for code in ("cn", "jp", "vn")
    ]
    assert "Beyond this map: ASEAN 4" in " ".join(
        countries.xpath('//figure[contains(@class, "tiles")]/p')[0].text_content().split()
    )
    sources = parsed(project, "sources/index.html")
    assert sources.xpath("//figcaption")[0].text == "Half of the articles come from one source"
    assert sources.xpath('//figure//rect[@class="s4"]/title')[0].text == "Nhân Dân 50%"
    assert rows_of(sources.xpath("//table")[0])["Nhân Dân"][:2] == ["5", "50%"]


def test_what_a_thread_looks_like(project: Project) -> None:
    default(project)
    project.article("one", title="One", date="2026-01-01", importance="5")
    project.article("two", title="Two", date="2026-03-01", follows="one.md")
    project.article("three", title="Three", date="2026-07-01", follows="two.md")
    project.article("alone", title="Alone")
    project.article("same", title="Same", follows="alone.md")
    project.built()
    line = parsed(project, "articles/two/index.html").xpath('//svg[@class="timeline"]')[0]
    strokes = [(rect.get("class"), rect.get("height")) for rect in line.xpath("./rect")][1:]
    assert strokes == [(None, "24"), ("here", "16"), (None, "16")]
    assert [text.text for text in line.xpath("./text")] == ["This article", "Jan 1, 2026", "Jul 1, 2026"]
    assert 'class="timeline"' not in project.page("articles/same/index.html"), "all of one day"
    assert 'class="timeline"' not in project.page("articles/alone/index.html")


@pytest.mark.parametrize("number", [0, 1, 2])
def test_with_nothing_to_see_there_is_no_picture_and_the_pages_stand(project: Project, number: int) -> None:
    default(project)
    for index in range(number):
        project.article(f"a{index}x", date=f"2026-0{index + 1}-01", countries="[ASEAN]")
    project.built()
    for path in ("index", "archive/index", "countries/index", "relations/index"):
        assert "<figure" not in project.page(f"{path}.html"), path
        assert "<figure" not in project.page(f"ja/{path}.html"), path
    assert "<figure" not in project.page("sources/index.html")


def test_an_article_with_twelve_countries_and_articles_of_the_future(project: Project) -> None:
    default(project)
    project.article("many", countries="[VN, CN, JP, KR, IN, ID, MY, TH, LA, ASEAN, US, GB]")
    for index in range(4):
        project.article(f"later{index}", date=f"2031-0{index // 2 + 1}-01")
    assert project.build(drafts=True).ok
    page = parsed(project, "relations/index.html")
    assert len(rows_of(page.xpath('//table[@class="matrix"]')[0])) == 12
    chart = parsed(project, "archive/index.html").xpath("//figure/svg")[0]
    assert [text.text for text in chart.xpath("./text")][-2:] == ["Jul 2026", "Feb 2031"]


def test_the_front_page_has_the_counts_of_the_newest_month_and_of_the_one_before(project: Project) -> None:
    default(project)
    for number in range(3):
        project.article(f"june{number}", date=f"2026-06-0{number + 1}", topics="[energy]", countries="[JP]")
    project.article("july", date="2026-07-01", countries="[JP]")
    project.built()
    page = parsed(project, "index.html")
    month = page.xpath('//section[@aria-labelledby="s-month"]')[0]
    topics, nations = (rows_of(table) for table in month.xpath(".//table"))
    assert topics == {"Trade": ["1", "0", ""], "Energy": ["0", "3", ""]}
    assert nations == {"🇯🇵 Japan JP": ["1", "3", ""]}
    assert len(month.xpath('.//path[@class="was"]')) == 2
    facts = parsed(project, "countries/jp/index.html").xpath('//p[@class="facts"]')[0]
    assert " ".join(facts.text.split()) == "4 articles since June 2026; 1 in July 2026, 3 the month before."
    heads = [" ".join(cell.text_content().split()) for cell in month.xpath(".//table[1]//th[@scope='col']")]
    assert heads[:3] == ["Topic", "Jul 2026", "Jun 2026"]


def test_the_topic_of_the_page_comes_first(project: Project) -> None:
    default(project)
    project.article("one", topics="[energy, trade]", countries="[VN]")
    project.built()
    for path, topics in (("topics/trade", ["Trade", "Energy"]), ("topics/energy", ["Energy"])):
        meta = parsed(project, f"{path}/index.html").xpath('//li[contains(@class, "card")]//p[@class="meta"]')[0]
        assert meta.xpath('./a[starts-with(@href, "/topics/")]/text()') == topics


def test_a_new_article_changes_no_page_that_is_not_about_it(project: Project) -> None:
    default(project)
    several(project)
    project.article("energy", date="2025-01-01", topics="[energy]", countries="[KZ, UZ]", source="{name: Steppe}")
    project.built()
    project.article("new", date="2026-07-20", countries="[VN, CN]", source="{name: New}")
    written = set(project.built().counts.written)
    for path in (
        *("topics/energy/index.html", "countries/kz/index.html", "countries/kz/uz/index.html"),
        *("articles/energy/index.html", "about/index.html", "404.html", "corrections/index.html", "data/index.html"),
        "sources/steppe/index.html",
    ):
        assert path not in written
        assert f"ja/{path}" not in written
    assert {"topics/trade/index.html", "countries/index.html", "relations/index.html", "sources/index.html"} <= written


def test_charts_of_ten_thousand_articles_take_no_time_to_speak_of() -> None:
    first = date(2020, 1, 1)
    dated = [(first + timedelta(days=number // 4), 1 + number % 5) for number in range(10_000)]
    before = datetime.now(UTC)
    chart = charts.months_chart(one_each(dated))
    assert chart is not None
    assert sum(column.count for column in chart.columns) == 10_000
    assert (datetime.now(UTC) - before).total_seconds() < 0.5


# --- colours ----------------------------------------------------------------------------------------------------------


def palettes() -> dict[str, dict[str, tuple[float, ...]]]:
    """Return the colours of the default theme in light, in dark and in print."""
    folder, found = REPOSITORY / "themes" / "default", {}
    settings = (folder / "theme.yaml").read_text(encoding="utf-8")
    sheet = (folder / "static" / "site.css").read_text(encoding="utf-8")
    blocks = {
        "light": re.sub(r"^  (\w+): \{color: \"(#\w+)\"\}.*", r"--\1: \2;", settings, flags=re.MULTILINE),
        "dark": re.sub(r"^  dark-(\w+): \{color: \"(#\w+)\"\}.*", r"--\1: \2;", settings, flags=re.MULTILINE),
        "print": next(iter(re.findall(r":root \{([^}]*--paper: #[^}]*)\}", sheet))),
    }
    for name, block in blocks.items():
        colours = re.findall(r"--(\w+): #([0-9a-f]{3,6});", block)
        digits = {key: code if len(code) == 6 else "".join(2 * char for char in code) for key, code in colours}
        found[name] = {key: tuple(float(value) for value in bytes.fromhex(code)) for key, code in digits.items()}
    return found


def shades() -> dict[str, float]:
    sheet = (REPOSITORY / "themes" / "default" / "static" / "site.css").read_text(encoding="utf-8")
    rules = re.findall(r"^([^{}\n]*) \{ fill-opacity: ([.\d]+); \}", sheet, re.MULTILINE)
    return {name.strip(" ."): float(opacity) for names, opacity in rules for name in names.split(",")}


def luminance(colour: Iterable[float]) -> float:
    """Return the relative luminance of a colour (WCAG 2.2)."""
    linear = [c / 3294.6 if c <= 10.31 else ((c / 255 + 0.055) / 1.055) ** 2.4 for c in colour]
    return sum(weight * value for weight, value in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(one: Iterable[float], other: Iterable[float]) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("where", ["light", "dark", "print"])
def test_shades_differ_by_lightness_and_letters_on_them_can_be_read(where: str) -> None:
    colours, opacity = palettes()[where], {"i5": 1.0, "s4": 1.0} | shades()

    def mixed(shade: str) -> tuple[float, ...]:
        pairs = zip(colours["chart"], colours["paper"], strict=True)
        return tuple(opacity[shade] * ink + (1 - opacity[shade]) * paper for ink, paper in pairs)

    for letter, count in (("s", 4), ("i", 5)):
        steps = [colours["paper"], *(mixed(f"{letter}{number}") for number in range(1, count + 1))]
        for lighter, darker in pairwise(steps):
            assert contrast(lighter, darker) > 1.2
    for number, ink in ((1, "ink"), (2, "ink"), (3, "paper"), (4, "paper")):
        assert contrast(mixed(f"s{number}"), colours[ink]) >= 4.5, number
    assert contrast(colours["chart"], colours["paper"]) >= 4.5


# --- in a browser -----------------------------------------------------------------------------------------------------

_LETTERS_OUTSIDE: Final = """() => [...document.querySelectorAll("svg text")].filter(text => {
  const [it, around] = [text, text.ownerSVGElement].map(node => node.getBoundingClientRect());
  return it.left < around.left - 1 || it.right > around.right + 1 || it.top < around.top - 1
    || it.bottom > around.bottom + 1;
}).map(text => text.textContent)"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start chromium once."""
    path = command("chromium", "chromium-browser", "google-chrome")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


@pytest.mark.slow
@pytest.mark.browser
def test_letters_stay_in_the_picture_and_the_picture_on_the_screen(project: Project, browser: Browser) -> None:
    default(project)
    several(project)
    for number in range(12):
        project.article(
            f"wide{number}x",
            date=f"2024-{number + 1:02}-28",
            countries="[AE, BA, VC, GB, US, ASEAN, KZ, SA]",
            source="{name: The Ministry of Foreign Affairs and of Very Long Names, lang: en}",
            follows=f"wide{number - 1}x.md" if number else "",
        )
    project.built()
    site = project.root / "output" / "site"
    sheet = next((site / "assets").glob("site.*.css")).read_text(encoding="utf-8")
    paths = ("index", "topics/trade/index", "countries/index", "relations/index", "sources/index", "archive/index")
    for width in (320, 1280):
        page = browser.new_page(viewport={"width": width, "height": 800})
        for path in (*paths, "articles/wide0x/index", "articles/wide5x/index", "articles/wide11x/index"):
            for locale in ("", "ja/"):
                text = project.page(f"{locale}{path}.html")
                page.set_content(re.sub(r'<link rel="stylesheet"[^>]*>', "", text))
                page.add_style_tag(content=sheet)
                page.evaluate("document.querySelectorAll('details').forEach(it => { it.open = true; })")
                assert page.locator('svg[role="img"], table svg').count(), path
                assert page.evaluate(_LETTERS_OUTSIDE) == [], (locale, path, width)
                assert page.evaluate("document.documentElement.scrollWidth") <= width, (locale, path, width)
        page.close()


@pytest.mark.slow
@pytest.mark.browser
def test_enlarged_text_stays_on_a_telephone(project: Project, browser: Browser) -> None:
    default(project)
    several(project)
    for code in ("AE", "BA", "VC", "GB", "US", "KZ", "SA"):
        project.article(f"of-{code.lower()}", date="2024-05-28", countries=f"[JP, {code}]")
    project.built()
    stylesheet = next((project.root / "output/site/assets").glob("site.*.css")).read_text(encoding="utf-8")
    page = browser.new_page(viewport={"width": 360, "height": 740})
    for path, size in (("index", 150), ("articles/of-ae/index", 200)):
        page.set_content(re.sub(r'<link rel="stylesheet"[^>]*>', "", project.page(f"{path}.html")))
        page.add_style_tag(content=f"{stylesheet}\nhtml {{ font-size: {size}% }}")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360, path
        widths = page.evaluate("[...document.querySelectorAll('.record td')].map(it => it.clientWidth)")
        assert min(widths, default=360) > 100, "values of the record are not one letter wide"
    page.close()
