"""The index: every word of every published article is found, and an edit changes few files."""

import json
import re
from itertools import accumulate, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitegen.builder import BuildResult
from sitegen.builder.search import search_site
from sitegen.cli import main
from sitegen.content.search_terms import STOP_WORDS, normalize, pieces, terms
from sitegen.outputs.search.index import FIELDS
from sitegen.outputs.search.shards import pack, shard_of, unpack
from tests.example import pages
from tests.project import Project, codes
from tests.search.queries import ENGLISH, JAPANESE

LONG = "日本政府は対外直接投資の届け出を見直す。A tariff of 15 per cent on batteries."


def searchable(project: Project) -> Project:
    """Turn the search on, in two locales."""
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", site.replace("search: false", "search: true").replace("[en]", "[en, ja]"))
    return project


def parts(project: Project) -> set[str]:
    """Return the names of the parts of the index."""
    return {path.split("/")[2] for path in project.tree() if re.fullmatch("search/parts/.*[.]json", path)}


def written(project: Project) -> list[str]:
    """Build, and return the files of the index that have changed."""
    return [path for path in project.built().counts.written if "search/" in path]


def slugs(project: Path, query: str) -> list[str]:
    """Return the slugs of the results of a query, in their order."""
    return [result.url.split("/")[-2] for result in search_site(project, query)]


def test_eighty_queries_find_their_article(example: BuildResult) -> None:
    folder = example.site.parents[1]
    for query, slug in (*JAPANESE, *ENGLISH):
        assert slug in slugs(folder, query)[:5], query


def test_results_have_the_words(example: BuildResult) -> None:
    folder = example.site.parents[1]
    texts = {
        path.split("/")[1]: text for path, text in pages(example).items() if re.fullmatch("articles/[^/]+/.*", path)
    }
    count = wrong = 0
    for query, _ in (*JAPANESE, *ENGLISH):
        for slug in slugs(folder, query):
            text = re.sub("<[^>]*>", "", texts[slug])
            count += 1
            wrong += not all(any(w.startswith(term[:4]) for w in terms(text)) for term in terms(query))
    assert count > 100
    assert wrong <= count * 0.05


def test_every_word_and_every_pair_of_characters_is_found(project: Project) -> None:
    searchable(project)
    project.article("one", title="関税の行方", summary="Tariffs rise", body=f"{LONG}\n\n## Notes\n\n**輸入**品の通関")
    project.article("two", title="Another", body="Nothing of the kind.")
    project.file(
        "content/articles/2026/07/two.ja.md",
        "---\nid: two00000\ntitle: 鉄道の延伸\nlang: ja\nsummary: 路線が延びる\n---\n\n橋の工事。\n",
    )
    project.built()
    texts = {
        "one": f"関税の行方 Tariffs rise {LONG} Notes 輸入品の通関",
        "two": "Another Nothing of the kind 鉄道の延伸 橋の工事",
    }
    for slug, text in texts.items():
        for match in pieces(normalize(text)):
            word, run = match.groups()
            for query in [word] if word else map("".join, pairwise(run)):
                assert query in STOP_WORDS or slug in slugs(project.root, f"{query} "), query


def test_every_word_and_every_pair_of_every_article_of_the_example_is_found(example: BuildResult) -> None:
    """The words come from the Markdown files, the documents from the files of the index."""
    search = example.site / "search"
    index = json.loads((search / "index.json").read_bytes())
    found: dict[str, set[str]] = {}
    for name, _, count, shards in index["parts"]:
        pages = [json.loads((search / f"documents/{name}-{n}.json").read_bytes()) for n in range(-(-count // 16))]
        names = [row[2].split("/")[-2] for page in pages for row in page["documents"]]
        for number in range(shards):
            for term, packed in json.loads((search / f"parts/{name}/{number}.json").read_bytes())["terms"].items():
                numbers = accumulate(value // FIELDS for value in unpack(packed))
                found.setdefault(term, set()).update(names[number - 1] for number in numbers)
    checked = 0
    for file in (example.site.parents[1] / "content" / "articles").rglob("*.md"):
        slug = file.name.split(".")[0]
        if not (example.site / "articles" / slug).is_dir():
            assert not any(slug in slugs_of_term for slugs_of_term in found.values())
            continue
        body = file.read_text("utf-8").split("\n---\n", 1)[1]
        for line in re.sub(r"(?m)\[\^\w+\]:?|^\d+\. |\]\([^)]*\)|<[^>]*>|^[#!].*", "", body).splitlines():
            for term in terms(line):
                assert slug in found[term], (file, term)
                checked += 1
    assert checked > 10_000


def test_a_phrase_is_in_one_paragraph_or_item(example: BuildResult) -> None:
    folder = example.site.parents[1]
    assert "laos-asean-summits" in slugs(folder, '"connectivity of supply chains"')
    assert slugs(folder, '"supply chains; the announcement"') == [], "two items of a list"


def test_words_are_combined(project: Project) -> None:
    searchable(project)
    project.article("one", title="Ports and rails", body="The port of Osaka. Steel rails.")
    project.article("two", title="Rails", body="Rails of steel in Osaka; a port.")
    project.built()
    assert slugs(project.root, "rails port") == ["one", "two"]
    assert slugs(project.root, "rails -ports") == []
    assert slugs(project.root, '"steel rails"') == ["one"]
    assert slugs(project.root, "rai")[:2] == ["two", "one"] or set(slugs(project.root, "rai")) == {"one", "two"}
    assert slugs(project.root, "the of") == slugs(project.root, "?!") == slugs(project.root, "") == []


HOSTILE = (
    "x" * 10_000,
    "\x00\x1b[2J",
    "<script>alert(1)</script>",
    ".*+?^${}()|[]\\",
    "__proto__",
    '"',
    "-",
    '-"',
    "\ud800",
)


@pytest.mark.parametrize("query", HOSTILE)
def test_hostile_queries_have_no_results(project: Project, query: str) -> None:
    searchable(project).article("one")
    project.built()
    assert slugs(project.root, query) == []


def test_unpublished_articles_are_not_in_the_index(project: Project) -> None:
    searchable(project)
    project.article("one")
    project.article("draft", title="Quixotic", draft="true")
    project.article("later", title="Zebrawood", date="2027-01-01")
    project.built()
    index = [data for path, data in project.tree().items() if "search/" in path]
    assert index
    assert not [data for data in index if b"quixotic" in data.lower() or b"zebrawood" in data.lower()]


def test_new_and_edited_articles_change_few_files_and_equal_a_clean_build(project: Project) -> None:
    searchable(project)
    for number in range(240):
        year, month = 2025 + (number >= 120), 6 if number >= 140 else number % 6 + 1
        project.article(f"n{number:03}", date=f"{year}-{month:02}-03", body=f"{LONG} Number {number} of all.")
    project.built()
    assert parts(project) == {"2025", "2026", "2026-06-01"}  # the newest week has 103 articles
    project.article("n239", date="2026-06-03", body=f"{LONG} Number 239 of all. An unforeseen landslide.")
    assert 1 <= len(written(project)) <= 4
    assert slugs(project.root, "landslide") == ["n239"]
    project.article("n003", date="2025-04-03", body=f"{LONG} Number 3 of all. An unforeseen landslide.")
    assert 1 <= len(written(project)) <= 4
    project.article("new", date="2026-06-04", body=f"{LONG} A new landslide.")
    assert 1 <= len(written(project)) <= 12
    assert parts(project) == {"2025", "2026", "2026-06-01"}
    assert slugs(project.root, "landslide") == ["new", "n239", "n003"]
    project.article("later", date="2026-06-08", body="A week later.")
    project.built()
    assert parts(project) == {"2025", "2026", "2026-06", "2026-06-08"}
    project.article("july", date="2026-07-01", body="A month later.")
    assert codes(project.built()) == [], "a part that has another name is not an address that readers keep"
    assert parts(project) == {"2025", "2026", "2026-07-01"}
    edited = project.tree()
    (project.root / "output").rename(project.root / "before")
    project.built()
    assert project.tree() == edited


def test_the_description_for_browsers_has_an_example_with_results(project: Project) -> None:
    searchable(project)
    project.article("one", countries="[VN, JP]")
    project.article("two", title="Ports of Japan", countries="[JP]")
    project.built()
    for folder, name in (("search", "Japan"), ("ja/search", "日本")):
        description = (project.root / "output/site" / folder / "opensearch.xml").read_text("utf-8")
        assert f'<Query role="example" searchTerms="{name}"/>' in description
    assert slugs(project.root, "Japan") == ["two"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("AI法", ["law"]),
        ("第7次", ["law"]),
        ("初のAI法", ["law"]),
        ("27.5", ["law"]),
        ("¥27.5%", ["law"]),
        ("5.27%", []),
        ("27.7", []),
        ("法AI", []),
    ],
)
def test_characters_next_to_words_and_decimals(project: Project, query: str, found: list[str]) -> None:
    searchable(project)
    project.article("law", title="日本初のAI法が成立、第7次計画", lang="ja", body="27.5%の関税。")
    project.article("other", title="AIと法律の7年、第三次", lang="ja", body="27 items of 5, and 27.6.5.")
    project.built()
    assert [slug for slug in slugs(project.root, query) if slug == "law" or not found] == found


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("米", ["alone", "first", "last", "middle"]),
        ("「米」", ["alone", "first", "last", "middle"]),
        ('"米"', ["alone", "first", "last", "middle"]),
        ("米 規制", ["first"]),
        ("規制｡米", ["first"]),
        ("関税｡中､米", ["middle"]),
        ('"規制。米"', []),
        ("関税 -米", ["other"]),
        ("ไ", ["thai"]),
    ],
)
def test_a_single_character(project: Project, query: str, found: list[str]) -> None:
    searchable(project)
    titles = {"alone": "米、関税", "first": "米国の規制", "last": "関税で対米", "middle": "日米中の関税"}
    titles["other"] = "英国の関税"
    for slug, title in titles.items():
        project.article(slug, title=title, lang="ja")
    project.article("thai", title="ภาษาไทย", lang="th")
    project.built()
    assert sorted(slugs(project.root, query)) == found


@pytest.mark.parametrize("query", ["程度に引き上げ", "0.5%程度に引き上げ", "0.5%\u2060程\u2060度に", "程度以上"])
def test_characters_that_pages_keep_on_one_line(project: Project, query: str) -> None:
    searchable(project)
    project.article("rate", title="金利を0.5%程度に引き上げ", lang="ja", body="これは2%程度以上だ。")
    project.built()
    assert "\u2060" in project.page("articles/rate/index.html")
    assert slugs(project.root, query) == ["rate"]


@pytest.mark.parametrize("query", ["electricity", "elec\u00adtricity", "แบตเตอรี่", "แบต\u200bเตอรี่"])
def test_places_for_a_line_break_in_a_word(project: Project, query: str) -> None:
    searchable(project)
    project.article("power", title="Trade in elec\u00adtricity", body="โรงงาน\u200bแบต\u200bเตอรี่")
    project.built()
    assert slugs(project.root, query) == ["power"]


def test_a_search_that_is_turned_on_later_finds_articles_that_were_read_before(project: Project) -> None:
    project.article("one", title="Steel", body=LONG)
    project.built()
    searchable(project).built()
    assert slugs(project.root, "batteries") == slugs(project.root, "届け出") == ["one"]


def test_an_older_article_with_a_word_often_in_its_text_comes_first(project: Project) -> None:
    searchable(project)
    project.article("often", date="2026-07-01", body="Cotton, cotton and cotton.")
    project.article("seldom", date="2026-07-02", body="Cotton and cotton.")
    project.file(
        "content/articles/2026/07/seldom.ja.md",
        "---\nid: seldom00\ntitle: 綿\nlang: ja\nsummary: 綿の話\n---\n\ncotton\n",
    )
    project.built()
    assert slugs(project.root, "cotton") == ["often", "seldom"]


def test_a_site_without_search(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    project.article("one")
    project.built()
    assert not [path for path in project.tree() if "search" in path]
    assert main(["-C", str(project.root), "search", "one"]) == 2
    assert "has no search" in capsys.readouterr().err


def test_the_command(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    searchable(project)
    assert main(["-C", str(project.root), "search", "one"]) == 2
    assert "run `sitegen build` first" in capsys.readouterr().err
    project.article("one", title="Ports\u3000rails", date="2026-07-01", importance="4")
    project.built()
    assert main(["-C", str(project.root), "search", "rail"]) == 0
    assert "2026-07-01  4  Ports\u3000rails" in capsys.readouterr().out
    assert main(["-C", str(project.root), "search", "rail", "--format", "json"]) == 0
    assert json.loads(capsys.readouterr().out)["results"][0]["url"] == "/articles/one/"
    assert main(["-C", str(project.root), "search", "rail", "-steel"]) == 2
    assert "'-steel' is not an option; write -- before a text" in capsys.readouterr().err
    (project.root / "output/site/search/parts/all/0.json").write_bytes(b'{"stamp":')
    assert main(["-C", str(project.root), "search", "rail"]) == 3
    assert "cannot be read" in capsys.readouterr().err


@given(st.lists(st.integers(0, 2**20)))
def test_packed_numbers(numbers: list[int]) -> None:
    assert unpack(pack(numbers)) == numbers


@given(st.text())
def test_terms_of_any_text(text: str) -> None:
    for term in terms(text):
        assert 0 <= shard_of(term, 8) < 8
        assert list(pieces(term))


def test_spellings_of_a_source_are_one_value(project: Project) -> None:
    searchable(project)
    for name, source, day in (("one", "Meti", "01"), ("two", "METI", "03"), ("three", "ＭＥＴＩ", "02")):
        project.article(name, title=name, date=f"2026-07-{day}", source=f"{{name: {source}, url: null, lang: en}}")
    project.built()
    (part,) = parts(project)
    values, counts, numbers = json.loads(project.page(f"search/parts/{part}/facets.json"))["sources"]
    assert values == ["METI"], "as the page of sources names it"
    assert unpack(counts) == [1, 1, 1]
    assert unpack(numbers) == [0, 0, 0]
    project.article("four", title="four", date="2026-07-04", source="{name: meti, url: null, lang: en}")
    assert f"search/parts/{part}/facets.json" in written(project)
    assert json.loads(project.page(f"search/parts/{part}/facets.json"))["sources"][0] == ["meti"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("reuters", ["one", "three", "two"]),
        ("ＲＥＵＴ", ["one", "three", "two"]),
        ("reuters japan", ["three"]),
        ('"Reuters Japan"', ["three"]),
        ("reuters -japan", ["one", "two"]),
        ("資源エネルギー庁", ["four"]),
        ("エネ", ["four"]),
        ("energy", []),
    ],
)
def test_the_name_of_a_source_is_found(project: Project, query: str, found: list[str]) -> None:
    searchable(project)
    names = {"one": "Reuters", "two": "ＲＥＵＴＥＲＳ", "three": "Reuters Japan", "four": "資源エネルギー庁"}
    for slug, name in names.items():
        project.article(slug, title="Ports agree", source=f"{{name: {name}, url: null, lang: en}}")
    project.built()
    assert sorted(slugs(project.root, query)) == found


@pytest.mark.parametrize("query", ["Da Nang", "Đà Nẵng", "đa nang"])
def test_accents_and_strokes_make_no_difference(project: Project, query: str) -> None:
    searchable(project)
    project.article("port", title="A port for Đà Nẵng")
    project.article("other", title="A port for Hà Nội")
    project.built()
    assert slugs(project.root, query) == ["port"]


def test_the_name_of_a_source_has_its_language(project: Project) -> None:
    searchable(project)
    project.article("one", title="One", source="{name: 経済産業省, url: null, lang: ja}")
    project.built()
    (path,) = [path for path in project.tree() if re.fullmatch("search/documents/.*-0[.]json", path)]
    ((*_, source, _, lang),) = json.loads(project.page(path))["documents"]
    assert (source, lang) == ("経済産業省", "ja")
