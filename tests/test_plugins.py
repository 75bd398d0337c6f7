"""One plugin package with a page kind, a feed format, a publish target, an importer and rules, next to sitegen.

No file of sitegen names the package: an entry point in the group `sitegen.plugins` is enough.
"""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.project import BARE, NOW, Project, only, tree
from tests.tools import REPOSITORY

PAGE_KIND: Final = '''
from sitegen.outputs import views
from sitegen.outputs.page_kind import PageKind, SiteSection, page, page_kind
from sitegen.outputs.page_view import View
from sitegen.outputs.references import ArticleHash, ArticleText
from sitegen.outputs.specs import hashes


class ImportantView(View, frozen=True):
    """`important.html`: the most important articles, and the number of sections of the first one."""

    articles: tuple[views.ArticleSummary, ...]
    sections: int


@page_kind("important.html", view=ImportantView, section=SiteSection("important", 9))
class ImportantPage(PageKind, frozen=True):
    """The articles of importance 5."""

    articles: tuple[ArticleHash, ...]
    first: ArticleText | None

    @classmethod
    def plan(cls, planner):
        articles = [article for article in planner.site.articles if article.front.importance == 5]
        first = planner.text(articles[0]) if articles else None
        path = cls.address(planner.urls, planner.site.config)
        yield page(path, cls(planner.context, hashes(articles), first), articles)

    def view(self, builder):
        sections = len(builder.body(self.first.text).sections) if self.first is not None else 0
        meta = builder.meta(self.address(builder.urls, builder.config))
        return ImportantView(meta, builder.summaries(self.articles), sections)
'''

FEED_FORMAT: Final = """
from sitegen.util.feed_formats import FeedFormat, register_feed_format


def document(feed, items):
    return f"{feed.title}\\n" + "".join(items)


def item(entry):
    return f"{entry.published.isoformat()} {entry.title} {entry.url}\\n"


register_feed_format(FeedFormat("lines", "Plain text", "feed.txt", "text/plain", document, item))
"""

PUBLISH_TARGET: Final = re.findall(
    r"```python\n(.*?)```", (REPOSITORY / "docs/how-to/publishing/README.md").read_text("utf-8"), re.DOTALL
)[-1]

IMPORTER: Final = """
from sitegen.content.frontmatter import ArticleSource, FrontMatter
from sitegen.importers.imported_article import ParseResult
from sitegen.importers.registry import importer
from sitegen.util.dates import parse_partial_date


def detect(file):
    return 1.0 if file.data.startswith(b"MEMO ") else 0.0


@importer("memo", "a memo", detect=detect)
def parse(file, config):
    heading, date, text = file.data.decode().split("\\n", 2)
    front = FrontMatter(
        id="",
        title=heading.removeprefix("MEMO "),
        date=parse_partial_date(date),
        lang="en",
        topics=("trade",),
        importance=5,
        source=ArticleSource("Memos"),
        summary="A memo.",
    )
    return [ParseResult(front, text)]
"""

CHECK_RULES: Final = '''
from sitegen.check.findings import Problem
from sitegen.check.registry import site_rule, text_rule
from sitegen.diagnostics import Severity


@text_rule("loud-title", Severity.WARNING)
def loud_title(text):
    """Report titles that end in an exclamation mark."""
    if text.version.title.endswith("!"):
        yield Problem(text.key("title"), "the title is loud", "delete the mark")


@site_rule("always-fails", Severity.ERROR)
def always_fails(site):
    raise KeyError("no luck")
'''

MODULES: Final = {
    "page_kind": PAGE_KIND,
    "feed_format": FEED_FORMAT,
    "publish_target": PUBLISH_TARGET,
    "importer": IMPORTER,
    "check_rules": CHECK_RULES,
}


class Plugin:
    """A distribution `digest-plugin` in a folder, as an installer leaves it, and a project that uses it."""

    def __init__(self, folder: Path, project: Project) -> None:
        self.folder = folder
        self.project = project

    def install(self, version: str) -> None:
        """Install a version in place of any other."""
        package = self.folder / "digest_plugin"
        package.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").write_text("".join(f"from digest_plugin import {name}\n" for name in MODULES))
        for name, text in MODULES.items():
            (package / f"{name}.py").write_text(text, encoding="utf-8")
        for other in self.folder.glob("*.dist-info"):
            for file in other.iterdir():
                file.unlink()
            other.rmdir()
        info = self.folder / f"digest_plugin-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: digest-plugin\nVersion: {version}\n")
        (info / "entry_points.txt").write_text("[sitegen.plugins]\ndigest = digest_plugin\n")

    def run(self, *arguments: str, code: int = 0) -> str:
        """Run sitegen in the project with the plugin, and return its output and messages."""
        command = [sys.executable, "-m", "sitegen", "-C", str(self.project.root), *arguments]
        environment = os.environ | {"PYTHONPATH": str(self.folder), "NO_COLOR": "1"}
        done = subprocess.run(
            command, cwd=REPOSITORY, env=environment, capture_output=True, encoding="utf-8", check=False
        )
        assert done.returncode == code, done.stderr
        return done.stdout + done.stderr

    def build(self, *options: str) -> str:
        """Build the project."""
        return self.run("build", "--now", NOW.isoformat(), *options)

    def key(self, path: str) -> str:
        """Return the cache key of an output."""
        manifest = json.loads((self.project.root / "output/manifest.json").read_text(encoding="utf-8"))
        key: str = manifest["files"][path][0]
        return key


@pytest.fixture
def plugin(project: Project, tmp_path: Path) -> Plugin:
    """Install version 1.0 of the plugin, and write a project whose theme has its template."""
    plugin = Plugin(tmp_path / "site-packages", project)
    plugin.install("1.0")
    site = project.root / "site.yaml"
    publish = f"publish:\n  www: {{kind: copy, folder: '{tmp_path}/www'}}\n"
    site.write_text(site.read_text("utf-8") + "feeds: {formats: [rss, lines]}\n" + publish, encoding="utf-8")
    project.file(
        "themes/bare/templates/important.html",
        '{% extends "base.html" %}{% block main %}{% for each in page.articles %}<p>{{ each.title }}</p>{% endfor %}'
        "<b>{{ page.sections }}</b>"
        "{% for link in site.navigation if link.key == 'important' %}"
        "<a href='{{ link.href }}'>{{ label('important') }}</a>{% endfor %}{% endblock %}",
    )
    project.file("themes/bare/locale/en.yaml", BARE["locale/en.yaml"] + "important: Most important\n")
    project.article("small", title="Small", importance="1")
    project.article("great", title="Great", importance="5", body="Text.\n\n## Economic impact\n\nMoney.\n")
    return plugin


def test_a_page_kind_of_a_plugin(plugin: Plugin) -> None:
    plugin.build()
    page = plugin.project.page("important/index.html")
    assert "<p>Great</p>" in page
    assert "Small" not in page
    assert "<b>2</b>" in page
    assert "href='/important/'>Most important</a>" in page, "it is in the navigation"
    assert "https://test.example/important/" in plugin.project.page("sitemap.xml")
    shown = plugin.run("explain", "important/index.html")
    assert "important.html" in shown
    plugin.project.article("great", title="Great", importance="5", body="Text.\n")
    plugin.build()
    assert "<b>1</b>" in plugin.project.page("important/index.html"), "its text is one of its inputs"


def test_a_theme_without_the_template_of_a_plugin_names_its_package(plugin: Plugin) -> None:
    (plugin.project.root / "themes/bare/templates/important.html").unlink()
    error = plugin.run("build", "--now", NOW.isoformat(), code=1)
    assert "have no template 'important.html', which the plugin package digest-plugin needs" in error
    assert "hint: its package should have it in its folder templates; else write one in a theme of your own" in error
    assert "parent: default" not in error


def ship_template(plugin: Plugin) -> Path:
    """Move the template and the label of the page kind from the theme to the package."""
    theme = plugin.project.root / "themes/bare"
    text = (theme / "templates/important.html").read_text("utf-8")
    (theme / "templates/important.html").unlink()
    (theme / "locale/en.yaml").write_text(BARE["locale/en.yaml"], encoding="utf-8")
    for folder in ("templates", "locale"):
        (plugin.folder / "digest_plugin" / folder).mkdir()
    (plugin.folder / "digest_plugin/locale/en.yaml").write_text("important: Of the package\n", encoding="utf-8")
    file = plugin.folder / "digest_plugin/templates/important.html"
    file.write_text(text, encoding="utf-8")
    return file


def test_a_package_ships_its_template_and_labels(plugin: Plugin) -> None:
    file = ship_template(plugin)
    plugin.build("--strict")
    page = plugin.project.page("important/index.html")
    assert "<p>Great</p>" in page
    assert "href='/important/'>Of the package</a>" in page
    file.write_text(file.read_text("utf-8").replace("<p>", "<p class='own'>"), encoding="utf-8")
    plugin.build()
    assert "<p class='own'>Great</p>" in plugin.project.page("important/index.html"), "an edit applies"


def test_a_theme_is_looked_at_before_a_package(plugin: Plugin) -> None:
    ship_template(plugin)
    plugin.project.file(
        "themes/bare/templates/important.html",
        "{% extends 'digest_plugin/important.html' %}{% block main %}{{ super() }}<i>Theme</i>{% endblock %}",
    )
    plugin.project.file("themes/bare/locale/en.yaml", BARE["locale/en.yaml"] + "important: Of the theme\n")
    plugin.build("--strict")
    page = plugin.project.page("important/index.html")
    assert "href='/important/'>Of the theme</a>" in page
    assert "<i>Theme</i>" in page


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ ''.__class__ }}", "digest_plugin/templates/important.html:1"),
        ("{% if %}", "digest_plugin/templates/important.html:1: error[template-syntax]"),
        ("{{ label('unknown') }}", "digest_plugin/templates/important.html:1:11: error[missing-label]"),
    ],
)
def test_the_template_of_a_package_is_checked_as_that_of_a_theme(plugin: Plugin, template: str, message: str) -> None:
    ship_template(plugin).write_text(template, encoding="utf-8")
    assert message in plugin.run("build", "--now", NOW.isoformat(), code=1)


def test_a_link_out_of_a_package_is_not_a_template(plugin: Plugin, tmp_path: Path) -> None:
    file = ship_template(plugin)
    secret = tmp_path / "secret.html"
    secret.write_text("secret", encoding="utf-8")
    file.unlink()
    file.symlink_to(secret)
    assert "have no template 'important.html'" in plugin.run("build", "--now", NOW.isoformat(), code=1)


def test_a_plan_of_a_plugin_can_depend_on_titles(plugin: Plugin) -> None:
    """Those of sitegen do not, and so an edited title needs no plan."""
    old = "if article.front.importance == 5]"
    _edit(plugin, "page_kind", old, f"{old}\n        articles.sort(key=lambda article: article.front.title)")
    plugin.project.article("other", title="Other", importance="5")
    plugin.build()
    assert "<p>Great</p><p>Other</p>" in plugin.project.page("important/index.html")
    plugin.project.article("great", title="Small", importance="5", body="Text.\n")
    plugin.build()
    assert "<p>Other</p><p>Small</p>" in plugin.project.page("important/index.html")


def test_a_feed_format_of_a_plugin(plugin: Plugin) -> None:
    plugin.build()
    assert plugin.project.page("feed.txt").splitlines() == [
        "Test digest",
        "2026-07-03T00:00:00+09:00 Great https://test.example/articles/great/",
        "2026-07-03T00:00:00+09:00 Small https://test.example/articles/small/",
    ]
    assert "topics/trade/feed.txt" in plugin.project.tree()
    assert "atom.xml" not in plugin.project.tree()


def test_two_processes_load_the_plugin(plugin: Plugin) -> None:
    plugin.build("--jobs", "2")
    two = plugin.project.tree()
    other = plugin.project.root / "other"
    plugin.build("--jobs", "1", "--output", str(other))
    assert tree(other / "site") == two


def test_the_version_of_a_plugin_is_part_of_every_cache_key(plugin: Plugin) -> None:
    plugin.build()
    before = {path: plugin.key(path) for path in plugin.project.tree()}
    assert "0 files written" in plugin.build()
    assert {path: plugin.key(path) for path in before} == before
    plugin.install("1.1")
    plugin.build()
    after = {path: plugin.key(path) for path in before}
    assert not {path for path in before if before[path] == after[path]}


def test_an_edited_plugin_applies_at_the_next_build(plugin: Plugin) -> None:
    plugin.build()
    source = plugin.folder / "digest_plugin/page_kind.py"
    text = source.read_text("utf-8")
    assert "importance == 5" in text
    source.write_text(text.replace("importance == 5", "importance < 5"), "utf-8")
    plugin.build()
    assert "<p>Small</p>" in plugin.project.page("important/index.html")


def test_an_edited_file_that_a_plugin_reads_applies_at_the_next_build(plugin: Plugin) -> None:
    file = plugin.folder / "digest_plugin/importance.txt"
    file.write_text("5", encoding="utf-8")
    read = "__import__('pathlib').Path(__file__).with_name('importance.txt').read_text()"
    _edit(plugin, "page_kind", "importance == 5", f"importance == int({read})")
    plugin.build()
    assert "<p>Great</p>" in plugin.project.page("important/index.html")
    file.write_text("1", encoding="utf-8")
    plugin.build()
    assert "<p>Small</p>" in plugin.project.page("important/index.html")


def test_files_that_python_and_editors_write_in_a_package_change_nothing(plugin: Plugin) -> None:
    plugin.build()
    key = plugin.key("important/index.html")
    package = plugin.folder / "digest_plugin"
    (package / "__pycache__").mkdir(exist_ok=True)
    (package / "__pycache__/page_kind.cpython-311.pyc.140234").write_bytes(b"")
    (package / ".page_kind.py.swp").write_bytes(b"")
    (package / ".#page_kind.py").symlink_to("editor@host.1234")
    plugin.build()
    assert plugin.key("important/index.html") == key


def test_a_publish_target_of_a_plugin(plugin: Plugin, tmp_path: Path) -> None:
    assert "published to the target www: " in plugin.run("publish", "www", "--yes", "--now", NOW.isoformat())
    assert (tmp_path / "www/important/index.html").read_text("utf-8") == plugin.project.page("important/index.html")
    assert "is up to date" in plugin.run("publish", "www", "--yes", "--now", NOW.isoformat())
    (plugin.project.root / "content/articles/2026/07/small.md").unlink()
    plugin.run("publish", "www", "--yes", "--now", NOW.isoformat())
    assert not (tmp_path / "www/articles/small/index.html").exists()
    assert "a target of the kind copy has no earlier release" in plugin.run("publish", "www", "--rollback", code=2)
    site = plugin.project.root / "site.yaml"
    site.write_text(site.read_text("utf-8").replace("folder:", "foldr:"), encoding="utf-8")
    assert "did you mean 'folder'?" in plugin.run("publish", "www", "--yes", code=1)


def test_an_unknown_target_is_reported_with_the_registered_ones(project: Project) -> None:
    project.file("site.yaml", (project.root / "site.yaml").read_text("utf-8") + "publish: {www: {kind: copy}}\n")
    report = only(project.build(), "not-allowed")
    assert report.message == "'kind' is 'copy'"
    assert report.allowed == ("archive", "directory", "git", "rsync", "s3")
    assert "the package of a plugin adds other kinds" in report.hint


def test_an_importer_of_a_plugin(plugin: Plugin) -> None:
    memo = plugin.project.file("memo.txt", "MEMO Tariffs fall\n2026-07-05\nThe text of the memo.\n")
    plugin.run("import", str(memo), "--now", NOW.isoformat())
    (file,) = plugin.project.root.glob("content/articles/**/tariffs-fall.md")
    assert "The text of the memo." in file.read_text(encoding="utf-8")
    plugin.build()
    assert "<p>Tariffs fall</p>" in plugin.project.page("important/index.html")


def test_rules_of_a_plugin(plugin: Plugin) -> None:
    plugin.project.article("loud", title="Loud!", topics="[trade]")
    report = plugin.run("check", "--now", NOW.isoformat(), "--only", "loud-title", code=3)
    assert "loud.md:3:1: warning[loud-title]: the title is loud" in report
    assert "the rule always-fails failed at the site: KeyError: 'no luck'" in report
    assert "loud-title" in plugin.run("check", "--list")
    explained = plugin.run("check", "--explain", "loud-title")
    assert "severity: warning\n  summary: Report titles that end in an exclamation mark." in explained


def test_a_plugin_that_cannot_be_imported_is_named(plugin: Plugin) -> None:
    (plugin.folder / "digest_plugin/importer.py").write_text("import missing_package\n", encoding="utf-8")
    error = plugin.run("build", code=3).splitlines()[-1]
    assert error.startswith(
        "sitegen: the plugin 'digest' of the package digest-plugin cannot be loaded: ModuleNotFound"
    )
    assert "importer.py, line 1); correct or uninstall it" in error


def _edit(plugin: Plugin, module: str, old: str, new: str) -> None:
    file = plugin.folder / "digest_plugin" / f"{module}.py"
    text = file.read_text("utf-8")
    assert old in text
    file.write_text(text.replace(old, new), "utf-8")


def test_a_plugin_that_fails_is_named_and_its_exit_code_is_not_that_of_content(plugin: Plugin) -> None:
    _edit(plugin, "page_kind", "planner.site.articles", "planner.site.articels")
    error = plugin.run("build", code=3).splitlines()[-1]
    assert error.startswith("sitegen: the plugin package digest-plugin failed: AttributeError: 'Site' object has no")
    assert "page_kind.py, line 2" in error
    assert error.endswith("; correct or uninstall it")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_the_line_of_a_plugin_that_fails_in_a_worker(plugin: Plugin, jobs: str) -> None:
    for number in range(100, 140):
        plugin.project.article(f"more-{number}", title=f"More {number}", body="Text!\n")
    _edit(plugin, "feed_format", "{entry.url}", "{entry.adress}")
    error = plugin.run("build", "--jobs", jobs, code=3).splitlines()[-1]
    assert "digest-plugin failed: AttributeError: 'FeedItem' object has no attribute 'adress'" in error
    assert re.search(r"feed_format.py, line \d+\); correct or uninstall it$", error)


COMMANDS: Final = {
    "page_kind": ("build",),
    "feed_format": ("build",),
    "importer": ("import", "memo.txt"),
    "publish_target": ("publish", "www", "--yes", "--no-check"),
    "check_rules": ("check", "--only", "loud-title"),
}
"""The command that uses each module of the plugin."""
YIELD: Final = "yield page(path, cls(planner.context, hashes(articles), first), articles)"
PAGES: Final = "expected pages, each from page(PATH, KIND)"
VIEW: Final = "return ImportantView(meta, builder.summaries(self.articles), sections)"
RESULTS: Final = "return [ParseResult(front, text)]"
OPTIONS: Final = 'return {"folder": reader.text("folder", required=True) or ""}'
PROBLEM: Final = 'yield Problem(text.key("title"), "the title is loud", "delete the mark")'
PROBLEMS: Final = "expected problems, each Problem(LOCATION, MESSAGE, HINT)"


@pytest.mark.parametrize(
    ("module", "old", "new", "message"),
    [
        ("page_kind", YIELD, "yield path", f"ImportantPage.plan of P returned a str; {PAGES}"),
        ("page_kind", YIELD, "pass", f"ImportantPage.plan of P returned None; {PAGES}"),
        ("page_kind", YIELD, "yield page(path, 'a')", f"ImportantPage.plan of P returned a str; {PAGES}"),
        (
            "page_kind",
            VIEW,
            "pass",
            "ImportantPage.view of P returned None; expected a value of the type ImportantView",
        ),
        ("feed_format", '{entry.url}\\n"', '".encode()', "item of P returned a bytes; expected a text (str)"),
        ("feed_format", "    return f", "    f", "document of P returned None; expected a text (str)"),
        (
            "importer",
            RESULTS,
            "return {'title': ''}",
            "parse of P returned a str; expected a list of values of the type",
        ),
        ("importer", RESULTS, "pass", "parse of P returned None; expected a list of values of the type ParseResult"),
        (
            "importer",
            RESULTS,
            "return [ParseResult({})]",
            "parse of P returned a dict; expected ParseResult(front, body)",
        ),
        ("importer", "return 1.0", "1.0", "detect of P returned None; expected a number from 0 to 1"),
        ("publish_target", OPTIONS, "pass", "CopyBackend.read_options of P returned None; expected the values of"),
        ("publish_target", "TargetState(is_first=True)", "{}", "CopyBackend.read_state of P returned a dict; expected"),
        ("publish_target", "return str(folder)", "pass", "CopyBackend.apply of P returned None; expected what readers"),
        ("check_rules", PROBLEM, "yield 'a'", f"loud_title of P returned a str; {PROBLEMS}"),
        ("check_rules", PROBLEM, "pass", f"loud_title of P returned None; {PROBLEMS}"),
        ("check_rules", 'Problem(text.key("title")', 'Problem("a.md"', f"loud_title of P returned a str; {PROBLEMS}"),
    ],
)
def test_a_plugin_that_returns_another_type_is_named(
    plugin: Plugin, module: str, old: str, new: str, message: str
) -> None:
    memo = plugin.project.file("memo.txt", "MEMO Tariffs fall\n2026-07-05\nThe text of the memo.\n")
    plugin.project.article("loud", title="Loud!", topics="[trade]")
    _edit(plugin, module, old, new)
    command = (str(memo) if part == memo.name else part for part in COMMANDS[module])
    output = plugin.run(*command, "--now", NOW.isoformat(), code=3)
    assert message.replace(" P ", " the plugin package digest-plugin ") in output
    assert "; correct or uninstall it" in output
    assert "Traceback" not in output


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            "digest_plugin:nothing",
            "of the package digest-plugin cannot be loaded: AttributeError: module",
        ),
        ("digest_plugin:", "of the package digest-plugin names 'digest_plugin:'; expected a module such as"),
        ("digest-plugin", "of the package digest-plugin names 'digest-plugin'; expected a module such as"),
    ],
)
def test_an_entry_point_that_names_no_module_is_reported(plugin: Plugin, value: str, message: str) -> None:
    (points,) = plugin.folder.glob("*.dist-info/entry_points.txt")
    points.write_text(f"[sitegen.plugins]\ndigest = {value}\n", encoding="utf-8")
    output = plugin.run("build", code=3)
    assert output.startswith(f"sitegen: the plugin 'digest' {message}")
    assert output.endswith("; correct or uninstall it\n")


def test_a_plugin_that_lacks_a_method_is_suspected(plugin: Plugin) -> None:
    _edit(plugin, "publish_target", "def read_state", "def read_states")
    error = plugin.run("publish", "www", "--yes", code=3).splitlines()[-1]
    assert "unexpected TypeError: Can't instantiate abstract class CopyBackend" in error
    assert "a fault of sitegen or digest-plugin" in error


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ('"/topics/"', "two outputs have the path 'topics/index.html', "),
        ('"important/"', "the path 'important/' of ImportantPage is not in the site"),
        ('"/../important/"', "the path '/../important/' of ImportantPage is not in the site"),
        ('"/important/.."', "the path '/important/..' of ImportantPage is not in the site"),
        ('"//important/"', "the path '//important/' of ImportantPage is not in the site"),
        ('"/important\\\\..\\\\"', "of ImportantPage is not in the site"),
    ],
)
def test_a_page_kind_with_a_wrong_path_is_refused(plugin: Plugin, address: str, message: str) -> None:
    _edit(plugin, "page_kind", "path = cls.address(planner.urls, planner.site.config)", f"path = {address}")
    assert message in plugin.run("build", "--now", NOW.isoformat(), code=3).splitlines()[-1]


def test_a_feed_format_with_the_file_of_another_is_refused(plugin: Plugin) -> None:
    _edit(plugin, "feed_format", '"feed.txt"', '"feed.xml"')
    error = plugin.run("build", "--now", NOW.isoformat(), code=3).splitlines()[-1]
    assert re.search(r"two outputs have the path '[^']*feed\.xml', ", error)


@pytest.mark.parametrize("name", ["../../evil.txt", "/evil.txt", "a/../../evil.txt"])
def test_a_feed_format_with_a_file_outside_the_site_is_refused(plugin: Plugin, name: str) -> None:
    _edit(plugin, "feed_format", '"feed.txt"', repr(name))
    error = plugin.run("build", "--now", NOW.isoformat(), code=3).splitlines()[-1]
    assert f"/{name}' of the format 'lines' is not in the site" in error
    assert not list(plugin.project.root.parent.glob("**/evil.txt"))
