"""Inputs that are broken or hostile: a diagnostic within the limits, nothing written, nothing outside read."""

import json
import resource
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from sitegen.importers.report import Outcome
from tests.importers.conftest import GOLDEN, NOW, Import, codes, snapshot

FRONT = "---\ntitle: A note\ndate: 2026-07-03\ntopics: [trade]\nimportance: 3\nsummary: Short.\n---\n\n"
RSS = (
    '<rss version="2.0"><channel><title>F</title>'
    "<item><title>{}</title><pubDate>2026-07-03</pubDate></item></channel></rss>"
)
FEED = RSS.replace("</title><pubDate>", "</title><description>{}</description><pubDate>").replace(
    "<title>{}", "<title>A"
)
PAGE = "<!DOCTYPE html><title>A page</title><meta name=date content=2026-07-03><body>{}<p>The text of a page.</p>"
INPUTS: dict[str, tuple[str, str | bytes]] = {
    "a page with nested elements": ("a.html", PAGE.format("<div>" * 50_000 + "<p>The text of the page.")),
    "a page with nested marks": ("b.html", PAGE.format("<p>The text of the page." + "<b>" * 50_000)),
    "a page with nested lists and tables": ("c.html", PAGE.format("<ul><li><table><tr><td>" * 10_000)),
    "a page with many blocks": ("d.html", PAGE.format("<p>The same short text. " * 15_000)),
    "a page of comments": ("f.html", "<!-- --><html><!-- x -->"),
    "a page of closing tags": ("g.html", "<body></div></body></html>"),
    "a page with nested data": (
        "e.html",
        PAGE.format(f"<script type='application/ld+json'>{'[' * 50_000}</script>"),
    ),
    "nested elements": ("a.md", f"{FRONT}{'<div>' * 50_000}x"),
    "nested lists": ("a.md", f"{FRONT}{'<ul><li>' * 20_000}x"),
    "nested quotations": ("a.md", f"{FRONT}{'<blockquote>' * 20_000}x{'</blockquote>' * 20_000}"),
    "open tags": ("a.md", f"{FRONT}{'<b>' * 50_000}"),
    "brackets": ("a.md", f"{FRONT}{'[' * 50_000}"),
    "links": ("a.md", f"{FRONT}{'[a](b' * 20_000}"),
    "shortcodes": ("a.md", f"{FRONT}{'{{< ' * 20_000}"),
    "liquid": ("a.md", f"{FRONT}{'{% highlight %}' * 10_000}"),
    "a long front matter": ("a.md", f"---\ntitle: {'x' * 100_000}\n---\n"),
    "nested YAML": ("a.md", f"---\ntitle: {'[' * 20_000}\n---\n"),
    "nested TOML": ("a.md", f"+++\ntitle = {'[' * 20_000}\n+++\n"),
    "nested JSON": ("a.json", "[" * 100_000),
    "nested JSON objects": ("b.json", '{"a":' * 50_000),
    "a feed with nested elements": ("a.xml", RSS.format("<b>" * 50_000)),
    "a feed with a line of pictures": ("e.xml", FEED.format("![" * 100_000)),
    "a feed with a line of links": ("f.xml", FEED.format("[](" * 60_000)),
    "a feed with a line of comments": ("g.xml", FEED.format("<p>a</p>" + "&lt;!--" * 30_000)),
    "a page of punctuation": ("h.html", PAGE.format("<p>The text of the page." + "![*_`&lt;" * 20_000)),
    "a page of captions": (
        "i.html",
        PAGE.format("<figcaption><div><br>" * 1_000 + "<p>The text of the page.</p>" * 3_000),
    ),
    "superscripts": ("b.md", f"{FRONT}{'<sup>' * 40_000}"),
    "an entity bomb": (
        "b.xml",
        '<?xml version="1.0"?><!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>' + RSS.format("&b;"),
    ),
    "an external entity": (
        "c.xml",
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>' + RSS.format("&x;"),
    ),
    "a truncated export": ("d.xml", '<rss xmlns:wp="http://wordpress.org/export/1.2/"><channel><item><title>A'),
    "binary": ("e.csv", b"\x00\x01\x02" * 1000),
    "a table with a large cell": ("f.csv", f'title,date\n"{"x" * 200_000}",2026-07-03\n'),
    "another encoding": ("g.jsonl", '{"title": "日本"}'.encode("shift_jis")),
}


@pytest.mark.parametrize("name", INPUTS)
def test_input_is_diagnosed_within_the_limits(name: str, import_pages: Import, root: Path) -> None:
    file, content = INPUTS[name]
    path = root.parent / file
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    start = time.process_time()
    (report, *_) = import_pages(path)
    assert time.process_time() - start < 10
    if report.outcome is Outcome.REFUSED:
        assert any(item.severity == "error" for item in report.diagnostics)
        assert not (root / "content").exists()
    else:
        assert report.outcome is Outcome.WRITTEN


def test_scripts_and_addresses_stay_text(import_pages: Import, root: Path) -> None:
    path = root.parent / "a.md"
    bad = '[a](javascript:x) ![b](data:image/png;base64,AA) <a href="JaVaScRiPt:x" onclick="y()">c</a>'
    bad += " <img src=x onerror=y()>"
    path.write_text(f"{FRONT}{bad}\n", encoding="utf-8")
    (report,) = import_pages(path)
    assert report.file is not None
    text = (root / report.file).read_text("utf-8")
    assert "](" not in text
    assert "onclick" not in text
    assert "onerror" not in text


def test_pictures_outside_the_site_are_not_read(import_pages: Import, root: Path) -> None:
    site = root.parent / "site"
    (site / "content").mkdir(parents=True)
    (site / "hugo.toml").write_text('baseURL = "https://old.example/"\n', encoding="utf-8")
    (root.parent / "secret.png").write_bytes(b"secret")
    (site / "content" / "link.png").symlink_to(root.parent / "secret.png")
    text = f"{FRONT}![a](../../secret.png) ![b](link.png)\n"
    (site / "content" / "a.md").write_text(text, encoding="utf-8")
    import_pages(site / "content" / "a.md", pictures=True)
    assert [path.name for path in root.rglob("*.png")] == []


def test_missing_extra_names_its_command(root: Path) -> None:
    """Without the package, the input is refused with the command that installs it."""
    (root / "site.yaml").write_bytes((GOLDEN / "site.yaml").read_bytes())
    (root / "a.md").write_text(f"{FRONT}<table><tr><td>1</td></tr></table>\n", encoding="utf-8")
    program = "import sys; sys.modules['html_to_markdown'] = None; from sitegen.cli import main; sys.exit(main())"
    arguments = ["import", "--format", "json", "--now", NOW.isoformat(), "a.md"]
    command = [sys.executable, "-c", program, *arguments]
    run = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert run.returncode == 1, run.stderr
    (item,) = json.loads(run.stdout)["diagnostics"]
    assert (item["code"], "pip install 'sitegen-digest[html]'" in item["hint"]) == ("missing-extra", True)
    assert "import of html_to_markdown halted" in item["message"], "the reason is named"


def test_missing_extras_of_a_feed_are_named_together(page: Callable[..., Path], import_pages: Import) -> None:
    """Feeds need two extras. A message that named one of them was followed by another one."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "feedparser", None)
        (report,) = import_pages(page("<rss><channel><item><title>A</title></item></channel></rss>", "a.xml"))
    (item,) = report.diagnostics
    assert (item.code, "pip install 'sitegen-digest[feeds,html]'" in item.hint) == ("missing-extra", True)


def test_a_large_export_needs_little_memory(root: Path) -> None:
    (root / "site.yaml").write_bytes((GOLDEN / "site.yaml").read_bytes())
    path = root / "big.json"
    path.write_bytes(b'{"a": "' + b"x" * 100 * 1024 * 1024)

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_AS, (512 * 1024 * 1024,) * 2)

    program = [sys.executable, "-m", "sitegen", "import", "big.json"]
    run = subprocess.run(
        program,
        cwd=root,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=limit,  # no threads here
    )
    assert run.returncode == 1
    assert "input-too-large" in run.stdout + run.stderr


def test_conflict_is_shown_and_accepted(import_pages: Import, root: Path) -> None:
    (root / "site.yaml").write_bytes((GOLDEN / "site.yaml").read_bytes())
    path = root.parent / "a.md"
    path.write_text(f"{FRONT}Old text.\n", encoding="utf-8")
    (first,) = import_pages(path)
    assert first.file is not None
    article = root / first.file
    article.write_text(article.read_text("utf-8").replace("Old", "Edited"), encoding="utf-8")
    path.write_text(f"{FRONT}New text.\n", encoding="utf-8")
    (second,) = import_pages(path)
    assert second.outcome is Outcome.CONFLICT
    assert second.file is not None
    run = [sys.executable, "-m", "sitegen", "import"]
    shown = subprocess.run([*run, "--diff", second.file], cwd=root, capture_output=True, text=True, check=True).stdout
    assert "-Edited text." in shown
    assert "+New text." in shown
    edited = snapshot(root)
    dry_run = [*run, "--accept", second.file, "--dry-run"]
    dry = subprocess.run(dry_run, cwd=root, capture_output=True, text=True, check=True)
    assert dry.stdout == f"{first.file}: would be replaced by {article.name}.new\n"
    assert snapshot(root) == edited
    subprocess.run([*run, "--accept", second.file], cwd=root, capture_output=True, check=True)
    assert "New text." in article.read_text("utf-8")
    assert not (root / second.file).exists()
    (third,) = import_pages(path)
    assert third.outcome is Outcome.UNCHANGED


@pytest.mark.parametrize("case", ["no front matter", "another id", "outside"])
def test_only_a_version_of_the_article_is_accepted(case: str, import_pages: Import, root: Path) -> None:
    (root / "site.yaml").write_bytes((GOLDEN / "site.yaml").read_bytes())
    path = root.parent / "a.md"
    path.write_text(f"{FRONT}The text.\n", encoding="utf-8")
    (first,) = import_pages(path)
    assert first.file is not None
    article = root / first.file
    text = article.read_text("utf-8")
    if case == "outside":
        article = root.parent / "elsewhere.md"
        article.write_text(text, "utf-8")
    new = article.with_name(f"{article.name}.new")
    other = text.replace(f"id: {first.id}", "id: 0123456789abcdef")
    new.write_text("garbage\n" if case == "no front matter" else text if case == "outside" else other, "utf-8")
    before = snapshot(root.parent)
    run = [sys.executable, "-m", "sitegen", "import", "--accept", str(new)]
    refused = subprocess.run(run, cwd=root, capture_output=True, text=True, check=False)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert "expected" in refused.stderr
    assert snapshot(root.parent) == before


def test_links_out_of_a_folder(import_pages: Import, root: Path) -> None:
    """A link within the folder is followed, and one that is an input of its own."""
    folder, outside = root.parent / "inbox", root.parent / "outside"
    for name in (folder, outside, folder / "more"):
        name.mkdir()
    (folder / "page.md").write_text(f"{FRONT}The text.", encoding="utf-8")
    (outside / "secret.md").write_text(f"{FRONT.replace('A note', 'Secrets')}Secrets.", encoding="utf-8")
    (folder / "inside.md").symlink_to("page.md")
    (folder / "more/file.md").symlink_to("../../outside/secret.md")
    (folder / "more/folder").symlink_to(outside)
    (folder / "more/loop.md").symlink_to("loop.md")
    reports = {Path(report.name).name: report for report in import_pages(folder)}
    assert {name: report.outcome for name, report in reports.items()} == {
        "inside.md": Outcome.WRITTEN,
        "page.md": Outcome.UNCHANGED,
        "file.md": Outcome.SKIPPED,
        "folder": Outcome.SKIPPED,
        "loop.md": Outcome.REFUSED,
    }
    assert [codes(reports[name]) for name in ("file.md", "folder")] == [[("skipped-file", 0)]] * 2
    assert "Secrets" not in "".join(path.read_text("utf-8") for path in root.rglob("*.*"))
    assert import_pages(folder / "more/file.md")[0].outcome is Outcome.WRITTEN


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("hugo.json", {"permalinks": [1, {"pattern": [], "target": 1}], "cascade": [[], {"target": {"path": {}}}]}),
        ("hugo.json", {"languages": ["ja", 1, {}], "frontmatter": [], "uglyURLs": {}, "contentDir": ["a"]}),
        ("hugo.json", {"permalinks": {"posts": "/:sections[x:9]/:sections[-1]/:year/"}, "languages": {"ja": []}}),
        ("hugo.json", {"cascade": [{"target": {"path": "**a" * 60}, "draft": True}]}),
        ("hugo.json", {"cascade": [{"target": {"path": "{a,[b(**"}, "draft": True}]}),
        (
            "_config.yml",
            {"defaults": [1, {"scope": [], "values": {}}, {"scope": {"path": {}}, "values": {"tags": {}}}]},
        ),
        ("pelicanconf.py", {"DEFAULT_METADATA": [1, "ab", ["a"], [[], {}]], "USE_FOLDER_AS_CATEGORY": {}}),
        ("pelicanconf.py", {"ARTICLE_URL": "{date:%", "DEFAULT_LANG": {}, "PATH": []}),
    ],
)
def test_settings_of_other_types(import_pages: Import, root: Path, name: str, settings: dict[str, object]) -> None:
    """What cannot be read in the configuration of an old site is ignored, in little time."""
    folder, text = root.parent / "in", json.dumps({"baseURL": "/"} | settings)
    (folder / "content/posts" / ("a" * 200)).mkdir(parents=True)
    lines = "".join(f"{key} = {value!r}\n" for key, value in settings.items())
    (folder / name).write_text(lines if name.endswith(".py") else text, encoding="utf-8")
    article = folder / "content/posts" / ("a" * 200) / "one.md"
    article.write_text(f"{FRONT}The text.", encoding="utf-8")
    start = time.process_time()
    assert [report.outcome for report in import_pages(article)] == [Outcome.WRITTEN]
    assert time.process_time() - start < 2
