"""Each rule finds what it is for, and nothing else: one check of a digest with a file for each case."""

import re
from collections import Counter, defaultdict
from collections.abc import Mapping
from pathlib import Path
from time import process_time
from typing import Final

import pytest

from sitegen.builder import BuildRequest, BuildResult
from sitegen.builder.configuration import load_valid_settings
from sitegen.check.facts import page_facts
from sitegen.check.findings import CheckResult, Finding
from sitegen.check.model import CheckedSite, CheckedText
from sitegen.check.registry import RULES, rules_of
from sitegen.check.run import check
from sitegen.check.texts import MAX_FINDINGS, checked_text, run_rules
from sitegen.content.documents import read_document
from sitegen.content.placeholders import SAMPLE_ADDRESS
from sitegen.diagnostics import Severity
from tests.check.cases import ALSO_FIRES, CALM, firing_cases
from tests.docs.test_diagnostics import CATALOGUE
from tests.example import NOW as EXAMPLE_NOW
from tests.project import BARE, NOW, SITE, Project, article, new_project

FIRES: Final = firing_cases()
LONG: Final = (
    "The ports of Vietnam and China have agreed on one customs form, which replaces the eleven forms of before. "
    "Officers of both sides will read it by machine from the autumn on, and ships will wait for two hours. "
    "A trial with forty ships has shown that the number of errors falls by half if nobody copies numbers by hand. "
    "The fee stays as it is until the end of the financial year, and then follows the index of prices."
)
PNG: Final = b"\x89PNG\r\n\x1a\n" + bytes(2000)


def check_project(project: Project) -> CheckResult:
    return check(BuildRequest(project.root, NOW, jobs=1))


def by_file(result: CheckResult) -> Mapping[str, set[str]]:
    """Return the codes of all findings by the path of the file."""
    found: dict[str, set[str]] = defaultdict(set)
    for finding in result.findings:
        found[finding.diagnostic.location.path].add(finding.diagnostic.code)
    return found


@pytest.fixture(scope="module")
def texts(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, set[str]]:
    """Check a digest with a file for each case, and return the codes by the name of the file."""
    project = new_project(tmp_path_factory.mktemp("texts"))
    project.file("content/articles/2026/07/port.png", PNG)
    for code, item in FIRES.items():
        project.article(f"fires-{code}", title=f"Fires {code}", body=item.body, **item.front)
    for number, (code, item) in enumerate(ALSO_FIRES):
        project.article(f"also-{number}-{code}", title=f"Also {code} {number}", body=item.body, **item.front)
    for code, items in CALM.items():
        for number, item in enumerate(items):
            project.article(f"calm-{number}-{code}", title=f"Calm {code} {number}", body=item.body, **item.front)
    result = check_project(project)
    assert result.failures == ()
    assert result.articles is not None, result.findings
    return {path.rpartition("/")[2].removesuffix(".md"): codes for path, codes in by_file(result).items()}


@pytest.mark.parametrize("code", [rule.code for rule in rules_of(CheckedText)])
def test_a_rule_of_texts(texts: Mapping[str, set[str]], code: str) -> None:
    assert code in texts[f"fires-{code}"]
    calm = [f"calm-{number}-{code}" for number in range(len(CALM[code]))]
    assert calm
    assert [name for name in calm if code in texts.get(name, ())] == []


@pytest.mark.parametrize(("number", "code"), [(number, code) for number, (code, _) in enumerate(ALSO_FIRES)])
def test_a_rule_finds_what_it_is_for_next_to_an_exception(
    texts: Mapping[str, set[str]], number: int, code: str
) -> None:
    assert code in texts[f"also-{number}-{code}"]


EXTENDS: Final = '{% extends "base.html" %}{% block main %}'
THEME: Final = {
    "templates/base.html": BARE["templates/base.html"].replace(
        "{% block main %}",
        '<a href="/nowhere/">Nowhere</a><a href="/#nothing">Nothing</a><img src="/assets/logo.svg">'
        '<a href="/articles/hidden/">Hidden</a>{% block main %}',
    ),
    "templates/sources.html": f'{EXTENDS}<main id="main">\n<p></p> </main>{{% endblock %}}',
    "templates/topics.html": f"{EXTENDS}<main>Text</main>{{% endblock %}}",
    "templates/archive.html": f'{EXTENDS}<main><img src="a.png" alt=""></main>{{% endblock %}}',
    "static/site.css": "body { background: #fff; color: #333 } .soft { color: #aaa } .good { color: #555 }\n",
    "static/broken.xml": "<rss><channel></rss>",
    "static/own.css": "@import url(//x.example/x.css);\na { src: url(own.woff2) }\nb { src: url('asset(own.woff2)') }",
    "static/own.woff2": "x",
    "templates/parts.html": '<p {% if 1 > 0 %}class="a"{% endif %}>{% set style = "a" %}</p>\n'
    '<style>a {}</style><p style="color: red" onclick="f()">\n<script>f()</script><script src="https://x.example/a.js">'
    '</script>\n<link rel="stylesheet" href="//x.example/a.css"><link rel="license" href="https://x.example/">\n'
    '<script type="application/ld+json">{}</script><script src="/a.js"></script>\n',
}
UNREVIEWED: Final = "id: corrected\ntitle: 題\nsummary: 要約。\ngenerated: {translation: %s}\n"
NUMBER: Final = "[{at: 2026-07-08, text: A number.}]"
BLOCKED: Final = (
    (2, "styles in the page"),
    (2, "styles in an attribute"),
    (2, "a script in an attribute"),
    (3, "a script in the page"),
    (3, "a file of another host"),
    (4, "a stylesheet of another host"),
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> tuple[Finding, ...]:
    """Check a digest with something for each rule of sites."""
    project = new_project(tmp_path_factory.mktemp("site"))
    project.write(
        SITE.replace("[en]", "[en, ja]").replace("https://test.example/", SAMPLE_ADDRESS)
        + "description: A digest.\ncheck: {page_kb: 20, picture_kb: 1, paths: {content/pages: {heavy-page: off}}}\n"
    )
    for name, content in THEME.items():
        project.file(f"themes/bare/{name}", content)
    project.file("content/articles/2026/07/port.png", PNG)
    perspectives = "".join(
        f"\n## {name}\n\nVietnam.\n" for name in ("Economic impact", "Investor sentiment", "Social impact")
    )
    for letter in "abcdefghijklmnopqrstuvwxyz":
        project.article(f"plain-{letter}", title=f"Plain {letter * 9}", body=f"China.\n{perspectives}")
    source = "{name: A Paper, url: 'https://paper.example/2026/07/ports', lang: en}"
    project.article("bare", title="Without perspectives", body="Vietnam and China. ![Port](port.png)")
    project.article("twin-one", title="Ports agree on one customs form", body=LONG + perspectives, source=source)
    project.article("twin-two", title="Ports agree on one customs form now", body=LONG + perspectives, source=source)
    project.article("twin-three", title="Ports agree on customs form 2.1a", body=LONG + perspectives)
    project.article("twin-four", title="Ports agree on customs form 2.1b", body=LONG + perspectives)
    project.article("twin-five", title="Ports agree on one customs form", body=LONG + perspectives, date="2026-06-03")
    project.article(
        "china", title="About India", body="India, India. India: India; India and Vietnam, China." + perspectives
    )
    project.article("hidden", title="Hidden", expire="2026-08-01")
    project.article("follower", title="Follower", follows="far.md", date="2026-07-04")
    project.article("leaving", title="Leaving", expire="2027-01-05", body="China." + perspectives)
    project.article("leaving-too", title="Leaving, too", expire="2027-01-05", body="[1](leaving.md)" + perspectives)
    project.article("staying", title="Staying", body="China, [1](leaving.md)." + perspectives)
    project.article("staying-too", title="Staying, too", body="China, [1](/articles/leaving/)." + perspectives)
    project.article("far", title="Far", date="2031-07-03")
    project.article("long", follows="hidden.md", title="Word " * 30, body="China.\n" + perspectives)
    project.article("heavy", title="Heavy", body="China and Vietnam. " * 2000)
    project.article("original", title="Original", updated="2026-07-09", body="China." + perspectives)
    translation = "id: original\ntitle: 題\nsummary: 要約。\nreviewed: {by: A. Editor, at: 2026-07-05}\n"
    project.file("content/articles/2026/07/original.ja.md", f"---\n{translation}---\n\n本文。\n")
    analysis = perspectives.replace("Economic impact", "経済的影響").replace("Investor sentiment", "投資家心理")
    analysis = analysis.replace("Social impact", "社会的影響").replace("Vietnam", "ベトナム")
    project.article("analysed", title="Analysed", body="China.\n" + analysis)
    project.file(
        "content/articles/2026/07/analysed.ja.md", "---\nid: analysed\ntitle: 題\nsummary: 要約。\n---\n\n本文。\n"
    )
    project.article("corrected", title="Corrected", corrections=NUMBER, body="China." + perspectives)
    project.file("content/articles/2026/07/corrected.ja.md", f"---\n{UNREVIEWED % 'ai'}---\n\n本文。\n")
    project.article("bypeople", title="Translated by people", corrections=NUMBER, body="China." + perspectives)
    by_people = UNREVIEWED.replace("id: corrected", "id: bypeople") % "human"
    project.file("content/articles/2026/07/bypeople.ja.md", f"---\n{by_people}---\n\n本文。" + perspectives)
    project.file("content/pages/about.md", "---\ntitle: About\nlang: en\n---\n\n" + "Text. " * 9000)
    result = check_project(project)
    assert result.failures == ()
    assert result.articles is not None, result.findings
    return result.findings


@pytest.mark.parametrize(
    ("code", "path", "text"),
    [
        ("blocked-code", "themes/bare/templates/parts.html", "styles in the page"),
        ("dead-asset", "themes/bare/static/own.css", "'own.woff2' leads to no file"),
        ("bad-feed", "output/site/assets/broken.", "is not well-formed"),
        ("country-not-listed", "china.md", "names India 5 times"),
        ("date-far-ahead", "far.md", "2031-07-03"),
        ("dead-address", "", "/nowhere/ leads to no page"),
        ("dead-address", "", "the page / has no element 'nothing'"),
        ("empty-page", "themes/bare/templates/sources.html", "/ja/sources/ is empty (2 pages have this template)"),
        ("expiring-link", "staying.md", "leaving.md expires on 2027-01-05"),
        ("heavy-page", "heavy.md", "expected at most 20 KB"),
        ("heavy-picture", "port.png", "2 KB; expected at most 1 KB"),
        ("image-without-alt", "", "/assets/logo.svg"),
        ("incomplete-perspectives", "bare.md", "economic, investors, society"),
        ("long-title", "long.md", "149 columns"),
        ("low-contrast", "themes/bare/static/site.css", ".soft: aaaaaa on ffffff has a contrast of 2.3"),
        ("missing-head", "", "has no description"),
        ("same-source", "twin-two.md", "twin-one.md"),
        ("sample-address", "site.yaml", "'base_url' is https://example.org/, the example of `sitegen init`"),
        ("similar-article", "twin-two.md", "twin-one.md"),
        ("thread-gap", "follower.md", "far.md, which readers cannot see (scheduled)"),
        ("translation-outdated", "original.ja.md", "reviewed on 2026-07-05"),
        ("translation-outdated", "corrected.ja.md", "no dated review; the original changed on 2026-07-08"),
        ("unpublished-output", "", "/articles/hidden/, which is not published"),
        ("unreachable-page", "", "no link leads to the page"),
    ],
)
def test_a_rule_of_sites(site: tuple[Finding, ...], code: str, path: str, text: str) -> None:
    found = [item.diagnostic for item in site if item.diagnostic.code == code]
    assert [item for item in found if path in item.location.path and text in item.message], found


def test_the_rules_of_sites_spare_the_rest(site: tuple[Finding, ...]) -> None:
    """What is named in the cases above is all that each rule finds in articles."""
    allowed = {
        "country-not-listed": {"china"},
        "heavy-page": {"heavy"},
        "date-far-ahead": {"far"},
        "expiring-link": {"staying", "staying-too"},
        "same-source": {"twin-two"},
        "similar-article": {"twin-two"},
        "thread-gap": {"follower"},
        "translation-outdated": {"original.ja", "corrected.ja"},
        "long-title": {"long"},
        "incomplete-perspectives": {"bare", "follower", "heavy"},
    }
    for code, names in allowed.items():
        paths = {item.diagnostic.location.path for item in site if item.diagnostic.code == code}
        assert {re.sub(r".*/|\.md$", "", path) for path in paths} == names, code
    assert len([item for item in site if item.diagnostic.code == "empty-page"]) == 1
    low = [item.diagnostic.message for item in site if item.diagnostic.code == "low-contrast"]
    assert len(low) == 1


def test_code_that_the_policy_of_published_sites_blocks(site: tuple[Finding, ...]) -> None:
    found = [item.diagnostic for item in site if item.diagnostic.code == "blocked-code"]
    assert {item.location.path for item in found} == {"themes/bare/templates/parts.html"}
    assert sorted((item.location.line, item.message.partition(",")[0]) for item in found) == sorted(BLOCKED)


def test_addresses_in_stylesheets_that_lead_to_no_file(site: tuple[Finding, ...]) -> None:
    found = [item.diagnostic for item in site if item.diagnostic.code == "dead-asset"]
    assert [(item.location.line, item.message.split("'")[1]) for item in found] == [
        (1, "//x.example/x.css"),
        (2, "own.woff2"),
    ]


@pytest.mark.parametrize("theme", ["default", "plain"])
def test_the_themes_have_no_such_code(project: Project, theme: str) -> None:
    project.write((project.root / "site.yaml").read_text("utf-8").replace("theme: bare", f"theme: {theme}"))
    project.article("one")
    assert not {"blocked-code", "dead-asset"} & {item.diagnostic.code for item in check_project(project).findings}


@pytest.mark.parametrize(
    ("content", "is_empty"),
    [
        ("", True),
        ("<div>\n<p></p><!-- text --></div>", True),
        ("<p>Text</p>", False),
        ('<iframe src="/map/"></iframe>', False),
        ("<div><video controls></video></div>", False),
        ("<select></select>", False),
    ],
)
def test_embedded_content_is_content(content: str, is_empty: bool) -> None:
    page = f"<html><head></head><body><main id='m'>{content}</main></body></html>"
    assert page_facts("one/index.html", page.encode(), "https://a.example/").is_empty == is_empty


def test_a_site_without_a_description_is_reported_once(project: Project) -> None:
    project.article("one")
    found = [item.diagnostic for item in check_project(project).findings if item.diagnostic.code == "missing-head"]
    assert [item.location.path for item in found] == ["site.yaml"]
    project.write(SITE + "tagline: News of ports.\n")
    found = [item.diagnostic for item in check_project(project).findings if item.diagnostic.code == "missing-head"]
    assert "site.yaml" not in [item.location.path for item in found]


def test_every_rule_has_a_case_and_a_page() -> None:
    sites = set(re.findall(r'\("([a-z-]+)", "', Path(__file__).read_text("utf-8")))
    assert {rule.code for rule in rules_of(CheckedSite)} <= sites
    for rule in RULES.values():
        assert CATALOGUE[rule.code]["severity"] == rule.severity, rule.code
        assert CATALOGUE[rule.code]["in"].startswith("check"), rule.code
        assert rule.find.__doc__


def test_nothing_is_found_in_the_example(example: BuildResult) -> None:
    result = check(BuildRequest(example.site.parents[1], EXAMPLE_NOW, jobs=1))
    assert result.findings == ()
    assert result.failures == ()
    assert result.articles == example.articles


def test_the_facts_of_feeds_and_pages() -> None:
    rss = b"<rss><channel><link>https://a.example/d/</link><item><guid>1</guid></item><item><guid>1</guid></item></channel></rss>"
    assert page_facts("feed.xml", rss, "https://a.example/d/").item_ids == ("1", "1")
    assert page_facts("feed.xml", rss, "https://a.example/d/").links == ("index.html",)
    page = (
        b"<head><title>A &amp; B</title></head><body><a href='/d/x/?q=1#p'></a><a href='y/'></a><a href='/other/'></a>"
        b'<a href="https://a.example/d/z/"></a><a href="https://b.example/"></a><img src="/d/i.png">'
        b'<img alt="" src="/d/j.png">'
    )
    facts = page_facts("one/index.html", page, "https://a.example/d/")
    assert facts.title == "A & B"
    assert facts.links == ("i.png", "j.png", "one/y/index.html", "x/index.html#p", "z/index.html")
    assert facts.images_without_alt == ("/d/i.png",)


def test_severities(project: Project) -> None:
    project.write(
        SITE
        + "check:\n  rules: {three-dots: error, double-space: warning}\n"
        + "  paths:\n    content/articles/2026: {three-dots: off}\n"
        + "    content/articles/2026/07/b.md: {three-dots: hint}\n"
    )
    body = "Vietnam, China... and  more.\n"
    for slug in ("a", "b"):
        project.article(slug, body=body)
    project.file("content/articles/2025/c.md", article(id="cccccccc", slug="c", body=body))
    found = {
        (item.diagnostic.location.path[-4:], item.diagnostic.code): item.diagnostic.severity
        for item in check_project(project).findings
    }
    assert ("a.md", "three-dots") not in found
    assert found["b.md", "three-dots"] is Severity.HINT
    assert found["c.md", "three-dots"] is Severity.ERROR
    assert found["a.md", "double-space"] is Severity.WARNING


@pytest.mark.slow
@pytest.mark.parametrize(
    "snippet", ["(", "](", "<a:", "a`", "**a", "![](", "{{", ".\n", "TODO ", "a" * 4000 + " b-\nb ", "中国", "\"a'"]
)
def test_a_text_takes_linear_time(project: Project, snippet: str) -> None:
    config = load_valid_settings(project.root).config

    def seconds(size: int) -> float:
        data = article(body=snippet * (size // len(snippet)) + "\n").encode()
        document, body = read_document("content/articles/2026/07/a.md", data, config.content_schema)
        assert body is not None
        start = process_time()
        text = checked_text(config, document, body, data)
        assert text is not None
        findings, failures = run_rules(text, document.path)
        assert failures == []
        assert max(Counter(item.diagnostic.code for item in findings).values(), default=0) <= MAX_FINDINGS
        return process_time() - start

    seconds(1_000)  # patterns are compiled
    assert seconds(80_000) < 16 * seconds(10_000) + 0.2


def test_the_place_of_an_unclosed_fence(project: Project) -> None:
    file = project.article("fence", body="Text.\n\n- one\n\n  ```\n  code\n\n  more\n\nText.\n")
    (found,) = [item.diagnostic for item in check_project(project).findings if item.diagnostic.code == "unclosed-code"]
    line = file.read_text("utf-8").split("\n").index("  ```") + 1
    assert (found.location.line, found.location.column) == (line, 3)
    assert f"up to line {line + 3}" in found.message
