"""Open data: rows, articles that become Markdown again, the schema that editors' tools read."""

import csv
import json
import re
from io import StringIO
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st
from msgspec.structs import replace

from sitegen.builder.configuration import load_config
from sitegen.cli import main
from sitegen.config.model import ContentSchema
from sitegen.content.articles import Positions, published_markdown, read_front, serialize_article
from sitegen.content.documents import read_document, translated_file
from sitegen.content.frontmatter import FrontMatter, as_values, dump_values
from sitegen.diagnostics import Diagnostics, SourceText
from sitegen.outputs.open_data import ARTICLE_FIELDS, csv_cell
from tests.builder.test_keys import RICH
from tests.content.parsing import CONTENT_SCHEMA
from tests.content.test_frontmatter import FRONTS
from tests.example import site_yaml
from tests.project import NOW, Project, codes
from tests.tools import REPOSITORY, seeds

PATH: Final = "content/articles/2026/07/one.md"


def rows(project: Project, name: str) -> list[dict[str, str]]:
    text = project.tree()[f"data/{name}"].decode()
    assert text.count("\r\n") == text.count("\n"), "RFC 4180"
    return list(csv.DictReader(StringIO(text, newline="")))


def content_schema(project: Project) -> ContentSchema:
    settings = load_config(project.root, Diagnostics())
    assert settings is not None
    config = settings.config
    return config.content_schema


def back(project: Project, identifier: str) -> str:
    """Return the article's file, made of its data."""
    return restored(project.page(f"data/articles/{identifier}.json"), content_schema(project))


def restored(data: str, schema: ContentSchema) -> str:
    """Return the file of an article, made of its published front matter and Markdown."""
    value, diagnostics = json.loads(data), Diagnostics()
    front = read_front(SourceText("a.json", dump_values(value["front_matter"])), schema, diagnostics)
    assert front is not None, diagnostics.sorted()
    return serialize_article(front, value["markdown"])


def digest(project: Project) -> None:
    project.file("content/articles/2026/07/m.png", b"png")
    for name, text in RICH.items():
        project.file(f"content/articles/2026/07/{name}.md", text)


def test_a_row_for_each_article_in_both_tables(project: Project) -> None:
    digest(project)
    project.article("comma", date="2026-07-01", title="'=1+1, \"a\"'", countries="")
    project.built()
    table = json.loads(project.page("data/articles.json"))
    assert table["home_page_url"] == "https://test.example/"
    by_id = {row["id"]: row for row in table["articles"]}
    assert [row["id"] for row in table["articles"]] == ["third001", "second01", "comma000", "first001"]
    assert by_id["second01"] == {
        "id": "second01",
        "url": "https://test.example/articles/other/",
        "data_url": "https://test.example/data/articles/second01.json",
        "title": "Second",
        "lang": "en",
        "date": "2026-07-03T00:00:00+09:00",
        "updated": "2026-07-04T00:00:00+09:00",
        "topics": ["trade", "energy"],
        "countries": ["VN", "CN", "JP"],
        "importance": 5,
        "summary": "What happened.",
        "source": "P",
        "source_key": "p",
        "source_url": "https://a.example/",
        "source_lang": "vi",
        "translations": [],
        "perspectives": ["economic"],
        "generated_title": None,
        "generated_summary": "ai",
        "generated_text": None,
        "generated_analysis": "mixed",
        "reviewed_by": "E",
        "corrections": 1,
        "follows": "first001",
    }
    flat = rows(project, "articles.csv")
    assert [row["id"] for row in flat] == [row["id"] for row in table["articles"]]
    for row in flat:
        for key, value in by_id[row["id"]].items():
            text = ";".join(value) if isinstance(value, list) else "" if value is None else str(value)
            assert original_cell(row[key]) == text, key


def original_cell(cell: str) -> str:
    """Return the value of a cell, as docs/reference/open-data.md explains."""
    return cell[1:] if re.match(r"'+[=+\-@\t\r\n＝＋－＠]", cell) else cell


@given(st.text(st.sampled_from("'=+-@\t\r\n＝＋－＠a,\""), max_size=5))
def test_no_cell_is_a_formula_and_each_can_be_restored(text: str) -> None:
    cell = csv_cell(text)
    assert cell[:1] not in set("=+-@\t\r\n＝＋－＠")
    assert original_cell(cell) == text


def test_relations_are_counted_by_month_and_topic(project: Project) -> None:
    digest(project)
    project.built()
    found = [tuple(row.values()) for row in rows(project, "relations.csv")]
    assert found == [
        ("CN", "JP", "2026-07", "energy", "1"),
        ("CN", "JP", "2026-07", "trade", "1"),
        ("CN", "VN", "2026-06", "trade", "1"),
        ("CN", "VN", "2026-07", "energy", "1"),
        ("CN", "VN", "2026-07", "trade", "2"),
        ("JP", "VN", "2026-07", "energy", "1"),
        ("JP", "VN", "2026-07", "trade", "1"),
    ]


def test_events_and_corrections_have_a_row_for_each_language(project: Project) -> None:
    digest(project)
    project.article("timed", date="2026-07-01", upcoming="[{at: '2026-07-03T15:05', text: '=D'}]")
    project.built()
    found = [tuple(row.values()) for row in rows(project, "events.csv")]
    assert found == [
        ("second01", "1", "2026-12-24", "en", "A", "https://a.example/"),
        ("second01", "1", "2026-12-24", "ja", "B", "https://a.example/"),
        ("second01", "2", "2027-01", "en", "C", ""),
        ("timed000", "1", "2026-07-03T15:05:00+09:00", "en", "'=D", ""),
    ]
    assert [tuple(row.values()) for row in rows(project, "corrections.csv")] == [
        ("second01", "1", "2026-07-06", "en", "No.")
    ]


def test_terms_have_a_name_in_each_locale(project: Project) -> None:
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", site.replace("[en]", "[en, ja]"))
    project.article("one")
    project.built()
    found = {(row["kind"], row["key"], row["lang"]): row["name"] for row in rows(project, "terms.csv")}
    assert len(found) == len(rows(project, "terms.csv"))
    assert found["topic", "trade", "ja"] == "貿易"
    assert (found["country", "VN", "en"], found["country", "VN", "ja"]) == ("Vietnam", "ベトナム")
    assert found["country", "ASEAN", "ja"] == "ASEAN"
    assert found["perspective", "economic", "en"] == "Economic impact"
    project.article("two")
    written = project.built().counts.written
    assert "data/articles.csv" in written
    assert not {"data/terms.csv", "data/events.csv", "data/corrections.csv"} & {*written}


def test_rows_can_be_joined_after_topics_and_sources_were_renamed(project: Project) -> None:
    site = (project.root / "site.yaml").read_text("utf-8")
    site = site.replace("trade: {", "trade: {old_keys: [commerce, exports], ")
    site += "perspectives: {investors: {old_keys: [markets]}}\n"
    names = "[Gazette, 'gazette!', the-paper]"
    project.file("site.yaml", f"{site}sources: {{The Paper: {{old_names: {names}}}}}\n")
    for number, name in enumerate(["The Paper", "THE PAPER", "ＴＨＥ Ｐａｐｅｒ", "A&B"]):
        project.article(f"a{number}", source=f"{{name: '{name}', url: null, lang: en}}")
    project.built()
    assert sorted(row["source_key"] for row in rows(project, "articles.csv")) == ["a-b", *["the-paper"] * 3]
    assert '"source_key":"a-b"' in project.page("data/articles.json")
    assert [tuple(row.values()) for row in rows(project, "old-keys.csv")] == [
        ("topic", "commerce", "trade"),
        ("topic", "exports", "trade"),
        ("perspective", "markets", "investors"),
        ("source", "gazette", "the-paper"),
    ]


def test_an_article_as_data(project: Project) -> None:
    digest(project)
    project.built()
    value = json.loads(project.page("data/articles/second01.json"))
    assert tuple(value) == ARTICLE_FIELDS
    assert value["time_zone"] == "Asia/Tokyo"
    assert value["file"] == "content/articles/2026/07/second.md"
    assert 'href="https://test.example/articles/first/"' in value["text_html"]
    assert value["perspectives"] == [
        {
            "key": "economic",
            "name": "Economic impact",
            "label": "Economic impact",
            "lang": "en",
            "html": "<p>Money.</p>\n",
        }
    ]
    assert value["markdown"] == "Text [f](first.md).\n\n![m](m.png)\n\n## Economic impact\n\nMoney."


def test_what_is_published_can_be_chosen(project: Project) -> None:
    digest(project)
    site = (project.root / "site.yaml").read_text("utf-8")
    tables = {"index.html", "articles.csv", "articles.json", "relations.csv", "datapackage.json"}
    tables |= {"events.csv", "corrections.csv", "terms.csv", "old-keys.csv"}
    expected = {
        "[tables, articles]": {*tables, "articles/first001.json"},
        "[tables]": tables,
        "[articles]": {"index.html", "articles/first001.json"},
        "[]": {"index.html"},
    }
    for value, names in expected.items():
        project.file("site.yaml", f"{site}data: {value}\n")
        project.built()
        found = {path for path in project.tree() if path.startswith("data/") and "d01." not in path}
        found = {path.removeprefix("data/") for path in found if "third" not in path} - {"articles/index.html"}
        assert found == names | {"front-matter.schema.json"}
        assert ("https://test.example/data/<" in project.page("sitemap.xml")) == (value != "[]")
    project.file("site.yaml", f"{site}data: [tables]\n")
    project.built()
    assert rows(project, "articles.csv")[0]["data_url"] == ""


def test_what_is_the_editors_own_is_not_published(project: Project) -> None:
    body = "A.\n\n<!-- NOT YET -->\n\nB <!-- NOR\nTHIS --> c.\n\n```\n<!-- code -->\n```\n"
    site = (project.root / "site.yaml").read_text("utf-8")
    project.article("one", extra="{secret: HIDDEN}", body=body.partition("```")[0])
    project.article("two", body=body.partition("\n\n```")[2].join(["```", ""]))
    project.built()
    everything = b"".join(project.tree().values())
    assert b"HIDDEN" not in everything
    assert b"NOT YET" not in everything
    assert b"THIS" not in everything
    assert b"code" in project.tree()["data/articles/two00000.json"]
    project.file("site.yaml", f"{site}data: [articles, extra]\n")
    project.built()
    assert json.loads(project.page("data/articles/one00000.json"))["front_matter"]["extra"] == {"secret": "HIDDEN"}


def test_an_edited_text_reaches_the_data_also_where_the_page_stays(project: Project) -> None:
    project.article("one", body="*Text.*\n")
    project.built()
    project.article("one", body="_Text._\n")
    assert project.built().counts.written == ("data/articles/one00000.json",)
    assert json.loads(project.page("data/articles/one00000.json"))["markdown"] == "_Text._"
    for text in ("*文。*", "_文。_"):
        front = "id: one00000\ntitle: 題\nsummary: 要約。\n"
        project.file("content/articles/2026/07/one.ja.md", f"---\n{front}---\n\n{text}\n")
        project.built()
        (translation,) = json.loads(project.page("data/articles/one00000.json"))["translations"]
        assert translation["markdown"] == text


# --- round trip -------------------------------------------------------------------------------------------------------


def is_original(file: Path) -> bool:
    """Whether a file of the examples is an article in the language that it was written in."""
    return file.suffix == ".md" and "articles" in file.parts and translated_file(file.as_posix()) is None


def test_a_translation_is_among_the_data_of_its_article(project: Project) -> None:
    text = "id: one00000\ntitle: 題\nsummary: 要約。\ngenerated: {translation: ai}\n---\n\n[上](#economic)\n\n"
    project.article("one", body="Text.\n\n## Economic impact\n\nMoney.\n")
    project.file("content/articles/2026/07/one.ja.md", f"---\n{text}## 経済的影響\n\n物価。\n")
    site = (project.root / "site.yaml").read_text("utf-8") + "data: [tables, articles, machine]\n"
    home = "https://test.example/"
    for locales, folders in (("[en]", ("", "")), ("[ja, en]", ("en/", ""))):
        project.file("site.yaml", re.sub(r"^locales: .*$", f"locales: {locales}", site, flags=re.MULTILINE))
        project.built()
        value = json.loads(project.page("data/articles/one00000.json"))
        assert value["front_matter"]["lang"] == "en", "the data are those of the original in any locale"
        assert value["markdown"] == "Text.\n\n## Economic impact\n\nMoney."
        assert [section["label"] for section in value["perspectives"]] == ["Economic impact"]
        (translation,) = value["translations"]
        assert value["home_page_url"] == home
        addresses = [value["url"], translation["url"]]
        assert addresses == [f"{home}{folder}articles/one/" for folder in folders], "each in its language"
        (part,) = rows(project, "machine-written.csv")
        assert (part["url"], part["lang"], part["part"]) == (translation["url"], "ja", "translation")
        assert (translation["lang"], translation["title"], translation["summary"]) == ("ja", "題", "要約。")
        assert (translation["generated"], translation["reviewed_by"]) == ({"translation": "ai"}, None)
        own = {"id": "one00000", "title": "題", "summary": "要約。", "generated": {"translation": "ai"}}
        assert translation["front_matter"] == own
        assert translation["markdown"] == "[上](#economic)\n\n## 経済的影響\n\n物価。"
        assert 'href="https://test.example/articles/one/#economic"' in translation["text_html"]
        assert [(it["label"], it["lang"], it["html"]) for it in translation["perspectives"]] == [
            ("経済的影響", "ja", "<p>物価。</p>\n")
        ]
        (row,) = json.loads(project.page("data/articles.json"))["articles"]
        assert (row["translations"], row["url"]) == (["ja"], value["url"])


def test_every_article_of_the_examples_comes_back(project: Project) -> None:
    """What was written by a program byte by byte; what was written by hand by its values and its text."""
    settings = load_config(REPOSITORY, Diagnostics())
    assert settings is not None
    config = settings.config
    project.file("site.yaml", site_yaml("bare") + "data: [articles, extra]\n")
    originals = sorted((REPOSITORY / "content").rglob("*"))
    for file in originals:
        if file.is_file():
            project.file(file.relative_to(REPOSITORY).as_posix(), file.read_bytes())
    published = project.built().site.rglob("data/articles/*.json")
    identifiers = {file.stem for file in published}
    checked = 0
    for file in (file for file in originals if is_original(file)):
        path = file.relative_to(REPOSITORY).as_posix()
        read, body = read_document(path, file.read_bytes(), config.content_schema)
        assert read.article is not None
        if read.article.front.id not in identifiers:
            continue
        text = back(project, read.article.front.id)
        again, again_body = read_document(path, text.encode(), config.content_schema)
        assert again.article is not None
        assert again_body == body
        articles = [replace(article, positions=Positions()) for article in (again.article, read.article)]
        assert articles[0] == articles[1]
        assert again.article.markdown == read.article.markdown
        assert text == serialize_article(
            read.article.front, published_markdown(path, file.read_bytes(), config.content_schema) or ""
        )
        checked += 1
    assert checked > 30


def test_an_import_comes_back_byte_by_byte(project: Project, capsys: pytest.CaptureFixture[str]) -> None:
    pages = seeds()
    project.file("site.yaml", site_yaml("bare"))
    assert main(["-C", str(project.root), "import", "--now", NOW.isoformat(), *map(str, pages)]) == 0
    capsys.readouterr()
    project.built()
    files = sorted((project.root / "content").rglob("*.md"))
    assert len(files) == len(pages)
    for file in files:
        identifier = yaml.safe_load(file.read_text("utf-8").split("---\n")[1])["id"]
        assert back(project, identifier) == file.read_text("utf-8")


@given(FRONTS)
def test_any_front_matter_comes_back(front: FrontMatter) -> None:
    data = json.dumps({"front_matter": as_values(front), "markdown": "    code\n\ntext"})
    assert restored(data, CONTENT_SCHEMA) == serialize_article(front, "    code\n\ntext")


@pytest.mark.parametrize(
    ("text", "published"),
    [
        ("Text. <!-- HIDDEN -->\nMore.", "Text. <!-- -->\nMore."),
        ("- a\n\n<!-- HIDDEN -->\n\n- b", "- a\n\n<!-- -->\n\n- b"),
        ("| a |\n| --- |\n| b <!-- HIDDEN --> |", "| a |\n| --- |\n| b <!-- --> |"),
        ("> a <!-- HIDDEN\n> too --> b", "> a  b"),
        ("A. <!-- HIDDEN -->\n\n`<!-- code -->`\n\n<!-- HIDDEN -->", "A. <!-- -->\n\n`<!-- code -->`\n\n<!-- -->"),
        ("A<!-- HIDDEN -->.\n\n```html\n<!-- code\n-->\n```", "A.\n\n```html\n<!-- code\n-->\n```"),
    ],
)
def test_no_comment_is_published(text: str, published: str) -> None:
    """An empty comment stays if the page would be another one without it."""
    front = RICH["first"].split("---\n")[1]
    assert published_markdown(PATH, f"---\n{front}---\n\n{text}\n".encode(), CONTENT_SCHEMA) == published


@given(st.text(st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n"), max_size=200))
@example("a <!-- b -->\n`<!-- c -->`")
@example("- a\n\n<!-- b -->\n\n- c")
def test_any_markdown_comes_back(text: str) -> None:
    front = RICH["first"].split("---\n")[1]
    first, body = read_document(PATH, f"---\n{front}---\n\n{text}\n".encode(), CONTENT_SCHEMA)
    if first.article is None:
        return
    markdown = published_markdown(PATH, f"---\n{front}---\n\n{text}\n".encode(), CONTENT_SCHEMA)
    assert markdown is not None
    again, again_body = read_document(PATH, serialize_article(first.article.front, markdown).encode(), CONTENT_SCHEMA)
    assert (again.article, again_body) == (first.article, body)
    assert again.article is not None
    assert again.article.markdown == first.article.markdown


# --- the schema -------------------------------------------------------------------------------------------------------


def schema(project: Project) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(project.page("data/front-matter.schema.json"))
    jsonschema.Draft7Validator.check_schema(value)
    return value


def test_the_schema_knows_the_site(project: Project) -> None:
    project.built()
    found = schema(project)
    assert found["$id"] == "https://test.example/data/front-matter.schema.json"
    assert found["properties"]["topics"]["items"] == {
        "enum": ["trade", "energy"],
        "enumDescriptions": ["Trade", "Energy"],
    }
    assert {"NO", "VN", "ASEAN"} < set(found["properties"]["countries"]["items"]["enum"])
    assert set(found["properties"]) == set(FrontMatter.__struct_fields__)


class _Core(yaml.SafeLoader):
    """Reads scalars as YAML 1.2 does, which editors' tools follow: NO is a text, and so is a date."""


_Core.yaml_implicit_resolvers = {
    char: [(tag, pattern) for tag, pattern in rules if not tag.endswith((":timestamp", ":bool", ":merge", ":value"))]
    for char, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Core.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))


def errors(project: Project, text: str) -> list[str]:
    front = yaml.load(text.split("---\n")[1], _Core)  # noqa: S506 - a safe loader
    return [error.json_path for error in jsonschema.Draft7Validator(schema(project)).iter_errors(front)]


def test_what_a_build_takes_the_schema_takes(project: Project) -> None:
    digest(project)
    project.article("no", title="007", countries="[NO]", updated="")
    project.built()
    for file in sorted((project.root / "content").rglob("*.md")):
        assert errors(project, file.read_text("utf-8")) == [], file
    project.file("site.yaml", site_yaml("bare"))
    for file in (project.root / "content").rglob("*.md"):
        file.unlink()
    project.built()
    for file in filter(is_original, sorted((REPOSITORY / "content").rglob("*.md"))):
        assert errors(project, file.read_text("utf-8")) == [], file


def test_the_schema_has_a_definition_for_translations(project: Project) -> None:
    project.article("one")
    front = (
        "id: one00000\ntitle: 題\nsummary: 要約。\ngenerated: {translation: ai}\nreviewed: {by: E, at: 2026-07-05}\n"
    )
    project.file("content/articles/2026/07/one.ja.md", f"---\n{front}---\n\n文。\n")
    project.built()
    whole = schema(project)
    checked = jsonschema.Draft7Validator(whole["definitions"]["translation"])
    (translation,) = json.loads(project.page("data/articles/one00000.json"))["translations"]
    assert [error.json_path for error in checked.iter_errors(translation["front_matter"])] == []
    changed = {**translation["front_matter"], "date": "2026-07-03", "summary": None}
    assert {error.json_path for error in checked.iter_errors(changed)} == {"$", "$.summary"}
    project.file("content/articles/2026/07/one.ja.md", f"---\ndate: 2026-07-03\n{front}---\n\n文。\n")
    assert codes(project.build()) == ["unknown-key"]


@pytest.mark.parametrize(
    ("key", "value", "location"),
    [
        ("importance", "9", "$.importance"),
        ("topics", "[traed]", "$.topics[0]"),
        ("topics", "[]", "$.topics"),
        ("countries", "[XX]", "$.countries[0]"),
        ("date", "3 July", "$.date"),
        ("lang", "english language", "$.lang"),
        ("source", "{name: A, link: x}", "$.source"),
        ("summary", "", "$"),
        ("colour", "red", "$"),
    ],
)
def test_what_a_build_refuses_the_schema_refuses(project: Project, key: str, value: str, location: str) -> None:
    project.built()
    file = project.article("one", **{key: value})
    assert errors(project, file.read_text("utf-8")) == [location]
    assert not project.build().ok


def test_new_names_the_schema_and_the_article_builds(project: Project) -> None:
    assert main(["-C", str(project.root), "new", "A title", "--topic", "trade", "--now", NOW.isoformat()]) == 0
    (file,) = (project.root / "content").rglob("*.md")
    lines = file.read_text("utf-8").split("\n")
    assert lines[:2] == [
        "---",
        "# yaml-language-server: $schema=https://test.example/data/front-matter.schema.json",
    ]
    assert codes(project.build(drafts=True)) == []
    assert errors(project, file.read_text("utf-8")) == []
