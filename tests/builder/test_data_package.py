"""Tables of open data in one file or by period, and the data package that describes them."""

import csv
import json
import re
import subprocess
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from io import StringIO
from itertools import chain
from pathlib import Path
from typing import Any, Final

import jsonschema
import pytest
from msgspec.structs import replace

from sitegen.builder import BuildRequest
from sitegen.builder.configuration import load_config
from sitegen.builder.pipeline import plan_site
from sitegen.builder.removed import report_removed
from sitegen.content.articles import Article
from sitegen.content.documents import read_document
from sitegen.diagnostics import Diagnostics
from sitegen.outputs.data_package import plan_data_package
from sitegen.outputs.open_data import plan_open_data
from sitegen.outputs.page_kind import PageKind
from sitegen.outputs.pages.data import DataPage, DataView
from sitegen.outputs.recipes import Output, cache_keys, render_recipe
from sitegen.outputs.renderer import Renderer
from sitegen.site.model import by_period
from sitegen.site.pages import MAX_TABLE_ARTICLES
from sitegen.util.dates import Instant
from sitegen.util.hashing import Hash
from tests.builder.test_data import digest, original_cell, rows
from tests.builder.test_incremental import cold
from tests.builder.test_sitemaps import THEME, Planned, planned
from tests.project import NOW, Project, article, codes, only
from tests.test_example import parsed
from tests.tools import REPOSITORY, html_checker

PROFILE: Final = json.loads((REPOSITORY / "tests" / "schemas" / "datapackage.json").read_text("utf-8"))
"""The profile 2.0 of a package (https://datapackage.org/profiles/2.0/datapackage.json) without its descriptions."""
TABLES: Final = {
    *("articles.csv", "articles.json", "relations.csv", "events.csv", "corrections.csv"),
    *("machine-written.csv", "machine-written.json"),
}
"""The tables that are divided by period in a large digest."""
UNDIVIDED: Final = {"terms.csv", "old-keys.csv"}
FIXED: Final = {"data/datapackage.json", "data/front-matter.schema.json", "data/terms.csv", "data/old-keys.csv"}
"""The files that every digest with tables has once."""
INDEX: Final = "data/datapackage.json"


def set_data(project: Project, value: str) -> None:
    site = (project.root / "site.yaml").read_text("utf-8")
    site = re.sub(r"^data: .*\n", "", site, flags=re.MULTILINE)
    project.file("site.yaml", f"{site}data: {value}\n")


def paths_of(resource: dict[str, Any]) -> list[str]:
    """Return the files of a resource."""
    path = resource["path"]
    return [path] if isinstance(path, str) else path


def checked(package: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return the resources of a package by name; fail if the package is not valid."""
    jsonschema.Draft7Validator(PROFILE, format_checker=jsonschema.FormatChecker()).validate(package)
    assert package["$schema"] == "https://datapackage.org/profiles/2.0/datapackage.json"
    resources = {resource["name"]: resource for resource in package["resources"]}
    assert len(resources) == len(package["resources"]), "names are unique"
    for name in (package["name"], *resources):
        assert re.fullmatch(r"[a-z0-9._-]+", name)
    for resource in resources.values():
        assert resource["encoding"] == "utf-8"
        assert resource["mediatype"] == {"csv": "text/csv", "json": "application/json"}[resource["format"]]
        assert isinstance(resource["path"], str) or len(resource["path"]) > 1
        for path in paths_of(resource):
            assert path.endswith(f".{resource['format']}")
            assert not path.startswith(("/", ".")), "relative to the package, in it or below it"
    return resources


def read_cell(cell: str, field: dict[str, Any]) -> Any:
    """Return the value of a cell as its field describes it."""
    cell = original_cell(cell)
    if "separated by ';'" in field.get("description", ""):
        return cell.split(";") if cell else []
    if not cell:
        return None
    if field["type"] == "integer":
        return int(cell)
    if field["type"] == "boolean":
        return {**dict.fromkeys(field["trueValues"], True), **dict.fromkeys(field["falseValues"], False)}[cell]
    if field["type"] == "datetime":
        assert datetime.fromisoformat(cell).tzinfo is not None
    elif field["type"] == "date":
        assert re.fullmatch(r"\d{4}-\d{2}-\d{2}", cell)
    elif field["type"] == "yearmonth":
        assert re.fullmatch(r"[0-9]{4}-[0-9]{2}", cell)
    else:
        assert field["type"] == "string"
        assert field.get("format") != "uri" or re.match("https?://[!-~]+$", cell)
    return cell


# --- one file for each table ------------------------------------------------------------------------------------------


def test_the_package_describes_every_table(project: Project) -> None:
    digest(project)
    project.article("comma", date="2026-07-01", title="'=1+1, \"a\"'", countries="")
    project.article("timed", generated="{title: ai}", reviewed="{by: E, at: '2026-07-06T23:30-05:00'}")
    publisher = "publisher: {name: Ann & Sons, contact: ed@ann.example}\nsources: {P: {old_names: [Q]}}"
    set_data(project, f"[tables, articles, machine]\nrights: R.\nlicense: https://example.org/licence/\n{publisher}")
    project.built()
    package = json.loads(project.page(INDEX))
    resources = checked(package)
    assert {path for resource in resources.values() for path in paths_of(resource)} == {*TABLES, *UNDIVIDED}
    head = {key: value for key, value in package.items() if key != "resources"}
    assert head == {
        "$schema": "https://datapackage.org/profiles/2.0/datapackage.json",
        "name": "test.example",
        "id": "tag:test.example,2026:data",
        "title": "Test digest",
        "homepage": "https://test.example/data/",
        "contributors": [{"title": "Ann & Sons", "email": "ed@ann.example", "roles": ["publisher"]}],
        "licenses": [{"path": "https://example.org/licence/"}],
        "dc:rights": "R.",
    }
    keys = {"articles": "articles", "machine-written": "parts"}
    for name, resource in resources.items():
        if resource["format"] == "json":
            continue
        fields, table = resource["schema"]["fields"], rows(project, resource["path"])
        assert list(table[0]) == [field["name"] for field in fields]
        values = [{field["name"]: read_cell(row[field["name"]], field) for field in fields} for row in table]
        identifiers = [tuple(value[key] for key in resource["schema"]["primaryKey"]) for value in values]
        assert len(set(identifiers)) == len(values)
        assert all(part is not None for identifier in identifiers for part in identifier)
        if name in keys:
            other = resources[f"{name}-json"]
            assert f"with the key '{keys[name]}'" in other["description"]
            expected = json.loads(project.page(f"data/{other['path']}"))[keys[name]]
            assert values == [{key: None if item == "" else item for key, item in row.items()} for row in expected]
    for name, columns in (("articles", ["date", "updated"]), ("relations", ["month"])):
        described = [field for field in resources[name]["schema"]["fields"] if field["name"] in columns]
        assert [field["description"] for field in described] == ["In the time zone Asia/Tokyo."] * len(columns)
    (key,) = resources["articles"]["schema"]["foreignKeys"]
    assert key == {"fields": ["follows"], "reference": {"fields": ["id"]}}
    (key,) = resources["machine-written"]["schema"]["foreignKeys"]
    assert key == {"fields": ["id"], "reference": {"resource": "articles", "fields": ["id"]}}
    (field,) = [field for field in resources["machine-written"]["schema"]["fields"] if field["name"] == "reviewed_at"]
    assert field["type"] == "date"
    assert "2026-07-06" in {row["reviewed_at"] for row in rows(project, "machine-written.csv")}
    assert original_cell("'=1+1") == "=1+1"
    assert "^'+[=+\\-@\\t\\r\\n＝＋－＠]" in resources["articles"]["description"], "the pattern of `original_cell`"


@pytest.mark.parametrize(
    ("data", "names"),
    [
        ("[tables]", {"articles", "articles-json", "relations", "events", "corrections", "terms", "old-keys"}),
        ("[machine, articles]", {"machine-written", "machine-written-json"}),
        ("[articles]", set()),
        ("[]", set()),
    ],
)
def test_a_package_has_the_tables_of_the_site(project: Project, data: str, names: set[str]) -> None:
    set_data(project, data)
    project.built()
    assert (INDEX in project.tree()) == bool(names)
    if names:
        resources = checked(json.loads(project.page(INDEX)))
        assert set(resources) == names
        keys = [key for resource in resources.values() for key in resource.get("schema", {}).get("foreignKeys", ())]
        assert {key["reference"].get("resource", "articles") for key in keys} <= names


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("https://example.org/Trade_digest/", "example.org-trade_digest"),
        ("https://xn--r8jz45g.example:8080/a/b~c/", "xn--r8jz45g.example-8080-a-b-c"),
        ("http://[::1]:8000/", "1-8000"),
    ],
)
def test_the_name_of_a_package_has_the_characters_of_the_standard(project: Project, address: str, name: str) -> None:
    site = (project.root / "site.yaml").read_text("utf-8")
    project.file("site.yaml", site.replace("https://test.example/", address))
    project.built()
    package = json.loads(project.page(INDEX))
    checked(package)
    assert package["name"] == name
    assert package["homepage"] == f"{address}data/"


def test_removed_tables_are_reported_once_with_the_line_that_keeps_their_status(project: Project) -> None:
    project.article("one")
    project.built()
    set_data(project, "[articles, machine]")
    strict = project.build(strict=True)
    assert not strict.ok
    warning = only(strict, "address-removed")
    names = (
        "articles.csv",
        "articles.json",
        "corrections.csv",
        "events.csv",
        "old-keys.csv",
        "relations.csv",
        "terms.csv",
    )
    old = ", ".join(f"/data/{name}" for name in names)
    assert warning.message == f"published tables of open data are not part of the site any more: {old}"
    line = f"gone: [{old}]"
    assert warning.hint == (
        f"tell the users of the data, or write {line} in site.yaml; /data/datapackage.json lists the tables"
    )
    set_data(project, f"[articles, machine]\n{line}")
    assert codes(project.build(strict=True)) == []
    assert '"/data/articles.csv" "410";\n' in project.page("redirects.map")
    set_data(project, "[articles]")
    warning = only(project.built(), "address-removed")
    old = "/data/datapackage.json, /data/machine-written.csv, /data/machine-written.json"
    assert warning.message.endswith(old)
    assert warning.hint == f"tell the users of the data, or write gone: [{old}] in site.yaml"


def test_removed_tables_of_a_year_are_reported_without_their_folder(project: Project) -> None:
    site = project.built().site
    plan = plan_site(BuildRequest(project.root, NOW, allow_empty=True))
    before = plan.outputs.keys() | {"data/2025/index.html", "data/2025/articles.csv"}
    (warning,) = report_removed(before, plan, site)
    assert warning.message.endswith(": /data/2025/articles.csv")


@pytest.mark.parametrize(
    ("publisher", "expected"),
    [
        (
            "{name: A, contact: a@a.example, url: https://a.example/}",
            {"path": "https://a.example/", "email": "a@a.example"},
        ),
        ("{name: A, contact: https://a.example/contact/}", {"path": "https://a.example/contact/"}),
    ],
)
def test_the_publisher_is_a_contributor(project: Project, publisher: str, expected: dict[str, str]) -> None:
    set_data(project, f"[tables]\npublisher: {publisher}")
    project.built()
    package = json.loads(project.page(INDEX))
    checked(package)
    assert package["contributors"] == [{"title": "A", **expected, "roles": ["publisher"]}]


# --- files by period --------------------------------------------------------------------------------------------------


def articles_of(project: Project, times: Sequence[datetime]) -> tuple[Article, ...]:
    """Return an article for each time, the newest first. Each follows the one before."""
    settings = load_config(project.root, Diagnostics())
    assert settings is not None
    text = article(generated="{summary: ai}", countries="[VN, CN, JP]", title="'=A'").encode()
    one = read_document("content/articles/2026/07/a.md", text, settings.config.content_schema)[0].article
    assert one is not None
    return tuple(
        one.with_changes(
            front=replace(one.front, id=f"a{index:07}"),
            slug=f"a{index}",
            path=f"content/articles/2026/07/a{index}.md",
            follows=f"content/articles/2026/07/a{index - 1}.md",
            published=Instant.of(times[index]),
        )
        for index in reversed(range(len(times)))
    )


def years(number: int) -> list[datetime]:
    """Return times that are spread over 2024, 2025 and 2026."""
    places = [divmod(3 * index, number) for index in range(number)]
    return [datetime(2024 + year, 1, 1, tzinfo=UTC) + timedelta(days=300) * rest / number for year, rest in places]


def divided(project: Project, articles: tuple[Article, ...], limit: int) -> Planned:
    """Plan a site with tables of at most `limit` articles."""
    found = planned(project, articles)
    found.planner.pages = replace(found.planner.pages, tables=by_period(articles, limit))
    return found


def outputs(found: Planned) -> list[Output]:
    """Return the open data without the files of articles."""
    return [*plan_open_data(found.planner, ()), *plan_data_package(found.planner)]


def rendered(found: Planned) -> dict[str, bytes]:
    renderer = Renderer(THEME)
    return {
        output.path: render_recipe(output.recipe, renderer, found.values)[output.number]
        for output in outputs(found)
        if not output.path.startswith("data/articles/")
    }


def view_of(found: Planned) -> DataView:
    """Return what the template of the page sees."""
    (page,) = DataPage.plan(found.planner)
    renderer = Renderer(THEME)
    renderer.values = found.values
    view = page.kind.view(renderer.builder(found.planner.context))
    assert isinstance(page.kind, PageKind)
    assert isinstance(view, DataView)
    return view


def test_periods_are_as_long_as_the_limit_allows(project: Project) -> None:
    times = [datetime(year, month, 1, tzinfo=UTC) for year in (2025, 2026) for month in (1, 1, 2)]
    articles = articles_of(project, times)
    found = {limit: by_period(articles, limit) for limit in (6, 5, 3, 2, 1)}
    assert found[6] == {"": articles}
    assert found[5] == found[3] == {"2026": articles[:3], "2025": articles[3:]}
    assert {key: len(members) for key, members in found[2].items()} == {
        "2026-02": 1,
        "2026-01": 2,
        "2025-02": 1,
        "2025-01": 2,
    }
    assert found[1] == found[2], "a month is not divided"
    assert tuple(chain.from_iterable(found[2].values())) == articles
    assert by_period((), 0) == {"": ()}


def test_a_table_is_divided_above_the_limit(project: Project) -> None:
    set_data(project, "[tables, machine]")
    articles = articles_of(project, years(MAX_TABLE_ARTICLES + 1))
    assert set(rendered(planned(project, articles[1:]))) == {
        *(f"data/{name}" for name in TABLES),
        *FIXED,
    }
    parts = rendered(planned(project, articles))
    assert set(parts) == {
        *(f"data/{year}/{name}" for name in TABLES for year in ("2024", "2025", "2026")),
        *FIXED,
    }


@pytest.mark.parametrize("limit", [40, 5])
def test_the_parts_together_are_the_whole_table(project: Project, limit: int) -> None:
    set_data(project, "[tables, machine]")
    articles = articles_of(project, years(90))
    whole, parts = rendered(planned(project, articles)), rendered(divided(project, articles, limit))
    resources, names = checked(json.loads(parts[INDEX])), checked(json.loads(whole[INDEX]))
    described = {f"data/{path}" for resource in resources.values() for path in paths_of(resource)}
    assert described == parts.keys() - {INDEX, "data/front-matter.schema.json"}
    for name, resource in names.items():
        if resource["format"] == "csv":
            assert resources[name]["schema"] == resource["schema"], "a name means the same table in a larger digest"
            files = [parts[f"data/{path}"].decode() for path in paths_of(resources[name])]
            header, _, rest = whole[f"data/{resource['path']}"].decode().partition("\r\n")
            assert all(text.startswith(f"{header}\r\n") for text in files)
            found = [row for text in files for row in list(csv.reader(StringIO(text, newline="")))[1:]]
            expected = list(csv.reader(StringIO(rest, newline="")))
            assert sorted(found) == sorted(expected)
            assert name != "articles" or found == expected, "the newest article first"
        else:
            key = {"articles-json": "articles", "machine-written-json": "parts"}[name]
            paths = [other["path"] for part, other in resources.items() if part.startswith(f"{name}-")]
            found = [row for path in paths for row in json.loads(parts[f"data/{path}"])[key]]
            assert sorted(found, key=str) == sorted(json.loads(whole[f"data/{resource['path']}"])[key], key=str)


def test_a_changed_article_changes_the_tables_of_its_period(project: Project) -> None:
    set_data(project, "[tables, machine]")
    articles = articles_of(project, years(90))

    def keys(changed: tuple[Article, ...]) -> dict[str, Hash]:
        found = divided(project, changed, 40)
        return cache_keys(outputs(found), Renderer(THEME), b"", found.values.contexts)

    def differences(changed: tuple[Article, ...]) -> set[str]:
        before, after = keys(articles), keys(changed)
        return {path for path in before.keys() | after.keys() if before.get(path) != after.get(path)}

    middle = articles[45]
    assert middle.published.year == 2025
    edited = middle.with_changes(front=replace(middle.front, title="Another"))
    tables = {f"data/2025/{name}" for name in TABLES}
    assert differences((*articles[:45], edited, *articles[46:])) == tables
    assert differences((*articles[:45], *articles[46:])) == tables, "nothing follows it from another year"
    last = max((item for item in articles if item.published.year == 2024), key=lambda item: item.published)
    index = articles.index(last)
    renamed = last.with_changes(front=replace(last.front, id="renamed0"))
    tables = {f"data/2024/{name}" for name in TABLES}
    followers = {f"data/2025/{name}" for name in TABLES}
    assert differences((*articles[:index], renamed, *articles[index + 1 :])) == tables | followers
    first = articles_of(project, [datetime(2027, 1, 1, tzinfo=UTC)])[0].with_changes(path="content/articles/x.md")
    new = {f"data/2027/{name}" for name in TABLES}
    assert differences((first, *articles)) == {*new, INDEX}


def test_a_row_names_the_article_of_another_year_that_it_follows(project: Project) -> None:
    articles = articles_of(project, years(3))
    found = rendered(divided(project, articles, 1))
    for year, follows in (("2026", "a0000001"), ("2025", "a0000000"), ("2024", None)):
        (row,) = json.loads(found[f"data/{year}/articles.json"])["articles"]
        assert row["follows"] == follows
        (cells,) = csv.DictReader(StringIO(found[f"data/{year}/articles.csv"].decode(), newline=""))
        assert cells["follows"] == (follows or "")


def test_the_page_has_the_parts_of_each_table(project: Project) -> None:
    set_data(project, "[tables, machine]")
    articles = articles_of(project, years(3))
    whole = view_of(planned(project, articles))
    assert {(table.name, table.href, table.parts) for table in whole.files} == {
        (name, f"/data/{name}", ()) for name in {*TABLES, *UNDIVIDED}
    }
    assert whole.package == "/data/datapackage.json"
    found = view_of(divided(project, articles, 1))
    for table in found.files:
        assert table.href == (f"/data/{table.name}" if table.name in UNDIVIDED else "")
        if table.href:
            continue
        expected = [(year, f"/data/{year}/{table.name}") for year in ("2026", "2025", "2024")]
        assert [(part.name, part.href) for part in table.parts] == expected
        assert table.items == next(other.items for other in whole.files if other.name == table.name)
    set_data(project, "[articles]")
    assert view_of(planned(project, articles)).package is None


# --- a digest above the limit -----------------------------------------------------------------------------------------


def write_many(project: Project, number: int) -> None:
    for index, time in enumerate(years(number)):
        project.article(f"a{index:06}", date=time.date().isoformat(), generated="{summary: ai}")


@pytest.mark.slow
def test_a_digest_grows_above_the_limit(project: Project) -> None:
    set_data(project, "[tables, machine]")
    write_many(project, MAX_TABLE_ARTICLES)
    assert codes(project.build(jobs=2)) == []
    project.article("new", date="2026-11-01", follows="a000000.md")
    grown = project.build(jobs=2)
    tables = ", ".join(f"/data/{name}" for name in sorted(TABLES))
    assert only(grown, "address-removed").message.endswith(f": {tables}")
    assert {path for path in grown.counts.removed if path.startswith("data/")} == {f"data/{name}" for name in TABLES}
    (row,) = [row for row in rows(project, "2026/articles.csv") if row["id"] == "new00000"]
    assert row["follows"] == "a0000000"
    checked(json.loads(project.page(INDEX)))
    day = years(MAX_TABLE_ARTICLES)[5000].date()
    project.article("a005000", date=day.isoformat(), title="Another", generated="{summary: ai}")
    edited = project.build(jobs=2)
    assert codes(edited) == []
    assert {path for path in edited.counts.written if path.startswith("data/")} == {
        f"data/2025/{name}" for name in ("articles.csv", "articles.json", "machine-written.csv", "machine-written.json")
    }, "relations have no titles"
    assert project.tree() == cold(project)


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["default", "plain"])
def test_the_page_of_divided_tables_is_valid(project: Project, theme: str) -> None:
    checker = html_checker()
    site = (project.root / "site.yaml").read_text("utf-8")
    site = site.replace("theme: bare", f"theme: {theme}").replace("[en]", "[en, ja]")
    project.file("site.yaml", site.replace("months: 1,", "months: 100000,"))
    set_data(project, "[tables, machine]")
    write_many(project, MAX_TABLE_ARTICLES + 1)
    result = project.build(jobs=2)
    assert result.ok
    pages = [str(result.site / folder / "data/index.html") for folder in ("", "ja")]
    done = subprocess.run([*checker, "--format", "gnu", *pages], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    for page in pages:
        links = {href for href in parsed(Path(page).read_text("utf-8")).hrefs if re.match("/data/.", href)}
        files = {f"/data/{year}/{name}" for name in TABLES for year in ("2024", "2025", "2026")}
        assert links == {*files, *(f"/{path}" for path in FIXED)}
        assert all((result.site / link[1:]).is_file() for link in links)
