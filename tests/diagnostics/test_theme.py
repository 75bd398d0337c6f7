"""Errors in a theme: file and line of the template, and suggestions."""

import pytest

from tests.diagnostics.cases import SITE_YAML, BuiltDigest, Expected
from tests.project import BARE, codes, feed_labels, only

THEME = "themes/bare"
HOME = f"{THEME}/templates/home.html"
ARTICLE = f"{THEME}/templates/article.html"
EXTENDS = '{% extends "base.html" %}\n'


def expect(
    code: str, line: int, message: str, nearest: str | None = None, *, path: str = HOME, column: int = 0
) -> Expected:
    return Expected(code, line, column, message, nearest, path)


TEMPLATES: dict[str, tuple[str, Expected]] = {
    "block not closed": (
        "<p>\n{% for day in page.days %}\n",
        expect("template-syntax", 2, "looking for the following tags: 'endfor'"),
    ),
    "unknown tag": ("\n\n{% fro x in y %}", expect("template-syntax", 3, "unknown tag 'fro'")),
    "expression not closed": ("\n{{ page.head", expect("template-syntax", 2, "")),
    "unknown filter": ("\n{{ site.title|uper }}", expect("template-syntax", 2, "no filter 'uper'", "upper")),
    "|safe": ("\n\n{{ site.title|safe }}", expect("template-syntax", 3, "'safe'")),
    "unknown test": ("\n{% if site is shiny %}{% endif %}", expect("template-syntax", 2, "no test 'shiny'")),
    "attribute of the page": ("\n{{ page.dayz }}", expect("unknown-name", 2, "'HomeView object'", "days")),
    "attribute of the site": ("\n\n{{ site.titel }}", expect("unknown-name", 3, "has no attribute 'titel'", "title")),
    "top name": ("\n{{ pgae.days }}", expect("unknown-name", 2, "'pgae' is undefined", "page")),
    "in an attribute": ('\n<a href="{{ site.hom }}">', expect("unknown-name", 2, "has no attribute 'hom'", "home")),
    "in a condition": ("\n{% if site.titel %}{% endif %}", expect("unknown-name", 2, "'titel'", "title")),
    "asset": ("\n{{ site.assets['site.cs'] }}", expect("unknown-name", 2, "there is no 'site.cs'", "site.css")),
    "attribute of None": ("\n{{ none.title }}", expect("unknown-name", 2, "'None' has no attribute 'title'")),
    "attribute of a text": ("\n{{ site.title.home }}", expect("unknown-name", 2, "has no attribute 'home'")),
    "division by zero": ("\n\n\n{{ 1 // 0 }}", expect("template-error", 4, "ZeroDivisionError")),
    "text and number": ("\n{{ site.title + 1 }}", expect("template-error", 2, "TypeError")),
    "call of a text": ("\n{{ site.title() }}", expect("template-error", 2, "TypeError")),
    "no date": ("\n{{ site.title|date }}", expect("template-error", 2, "cannot format a value of the type 'str'")),
    "none as a month": (
        "\n{{ none|month }}",
        expect("template-error", 2, "cannot format none"),
    ),
    "none as a time": (
        "\n{{ none|time }}",
        expect("template-error", 2, "cannot format none"),
    ),
    "none as a range of days": (
        "\n{{ none|date_range(none) }}",
        expect("template-error", 2, "cannot format none"),
    ),
    "no number": ("\n{{ site.title|number }}", expect("template-error", 2, "cannot format a value of the type 'str'")),
    "style of dates": (
        "\n{% for day in page.days %}{{ day.date|date('mediun') }}{% endfor %}",
        expect("template-error", 2, "dates have no style 'mediun'", "medium"),
    ),
    "style of months": (
        "\n{% for day in page.days %}{{ day.date|month('lng') }}{% endfor %}",
        expect("template-error", 2, "dates have no style 'lng'", "long"),
    ),
    "endless": ("\n{% include 'home.html' %}", expect("template-error", 2, "includes itself")),
    "label": ("\n{{ label('cuont', 3) }}", expect("missing-label", 2, "no label 'cuont'", "count")),
    "label-in": ("\n{{ label_in('en', 'cuont') }}", expect("missing-label", 2, "no label 'cuont'", "count")),
    "label, made up": ("\n{{ label('c' ~ 'x', 3) }}", expect("missing-label", 2, "no label 'cx'")),
    "label, not filled": ("\n{{ label('count') }}", expect("bad-label", 2, "count")),
    "include": (
        "\n\n{% include 'hedder.html' %}",
        expect("missing-template", 3, "there is no template 'hedder.html'"),
    ),
    "parent": ("\n{% extends 'bass.html' %}", expect("missing-template", 2, "no template 'bass.html'", "base.html")),
}


@pytest.mark.parametrize(("text", "found"), TEMPLATES.values(), ids=TEMPLATES)
def test_a_template_that_is_wrong(digest: BuiltDigest, text: str, found: Expected) -> None:
    digest.project.file(HOME, text)
    (item,) = digest.assert_rejected().diagnostics
    assert (item.code, item.location.path, item.location.line) == (found.code, HOME, found.line), item
    assert found.message in item.message
    assert item.location.excerpt == text.split("\n")[found.line - 1]
    if found.nearest is not None:
        assert item.suggestion == found.nearest
    for words in (item.message, *item.allowed):
        assert "sitegen.digest" not in words
        assert "0x" not in words


UNUSED: dict[str, tuple[str, Expected]] = {
    "block": ("\n{% block mian %}{% endblock %}", expect("unused-part", 2, "the block 'mian'", "main", column=10)),
    "text": ("{% block main %}{% endblock %}\n\n<p>Lost\n", expect("unused-part", 3, "outside the blocks")),
    "value": ("\n{{ site.title }}", expect("unused-part", 2, "outside the blocks")),
}


@pytest.mark.parametrize(("text", "found"), UNUSED.values(), ids=UNUSED)
def test_a_part_that_no_page_shows_is_an_error(digest: BuiltDigest, text: str, found: Expected) -> None:
    digest.project.file(HOME, EXTENDS.strip() + text)
    digest.assert_errors(found)


def test_a_block_for_another_block_is_used(digest: BuiltDigest) -> None:
    digest.project.file(
        HOME, EXTENDS + "{% block name %}A{% endblock %}{% block main %}{{ self.name() }}{% endblock %}"
    )
    digest.assert_accepted()
    digest.project.file(HOME, EXTENDS + "{% block main %}{% block name %}B{% endblock %}{% endblock %}")
    digest.assert_accepted()


@pytest.mark.parametrize(
    ("file", "code", "near"),
    [
        ("templates/topcs.html", "unused-template", "topics.html"),
        ("templates/about.html", "unused-template", None),
        ("template/home.html", "not-read", "templates"),
        ("locales/en.yaml", "not-read", "locale"),
        ("locale/ja.yml", "not-read", None),
    ],
)
def test_a_file_that_is_not_read_is_a_warning(digest: BuiltDigest, file: str, code: str, near: str | None) -> None:
    digest.project.file(f"{THEME}/{file}", "a: b\n")
    digest.project.file(HOME, EXTENDS)
    found = only(digest.project.built(), code)
    assert f"{THEME}/{file}".startswith(found.location.path)
    assert found.suggestion == near


def test_a_template_that_another_includes_is_used(digest: BuiltDigest) -> None:
    digest.project.file(f"{THEME}/templates/about.html", "<p>About</p>")
    digest.project.file(HOME, "{% include 'about.html' %}")
    digest.assert_accepted()
    digest.project.file(HOME, "{% include 'about' ~ '.html' %}")
    digest.assert_accepted()


def test_a_template_that_includes_itself_is_named_and_not_its_parent(digest: BuiltDigest) -> None:
    digest.project.file(HOME, EXTENDS + "{% block main %}\n{% include 'home.html' %}{% endblock %}")
    digest.assert_errors(expect("template-error", 3, "includes itself"))


def test_a_macro_that_another_template_lacks_is_no_name_of_the_top(digest: BuiltDigest) -> None:
    digest.project.file(f"{THEME}/templates/macros.html", "{% macro card() %}{% endmacro %}")
    digest.project.file(HOME, "{% from 'macros.html' import crad %}{{ crad() }}")
    (found,) = digest.assert_rejected().diagnostics
    assert (found.code, found.allowed) == ("unknown-name", ())


DEEP = {
    "brackets": "\n{{ " + "(" * 3000 + "1" + ")" * 3000 + " }}",
    "loops": "\n" + "{% for a in [1] %}" * 30 + "{% endfor %}" * 30,
}


@pytest.mark.parametrize("text", DEEP.values(), ids=DEEP)
def test_what_is_nested_too_deep_for_python_is_a_finding(digest: BuiltDigest, text: str) -> None:
    digest.project.file(HOME, text)
    (found,) = digest.assert_rejected().diagnostics
    assert found.location.path == HOME


def test_escaping_cannot_be_switched_off(digest: BuiltDigest) -> None:
    digest.project.file(HOME, "\n{% autoescape false %}{{ site.title }}{% endautoescape %}")
    (found,) = digest.assert_rejected().diagnostics
    assert (found.location.path, found.location.line) == (HOME, 2)


@pytest.mark.parametrize("text", ["{{ none.title }}", "{{ site.title.home }}", "{{ page.days.titel }}"])
def test_a_value_that_is_not_a_view_has_no_suggestions(digest: BuiltDigest, text: str) -> None:
    """`site`, `page` and `label` are names of the top; below None or a text they are no help."""
    digest.project.file(HOME, text)
    (found,) = digest.assert_rejected().diagnostics
    assert found.code == "unknown-name"
    assert (found.suggestion, found.allowed) == (None, ())


def test_the_rejection_of_safe_is_explained(digest: BuiltDigest) -> None:
    digest.project.file(HOME, "{{ site.title|safe }}")
    (found,) = digest.assert_rejected().diagnostics
    assert "escape" in f"{found.message} {found.hint}".lower()


def test_a_mistake_in_a_template_that_is_included_is_placed_there(digest: BuiltDigest) -> None:
    part = f"{THEME}/templates/part.html"
    digest.project.file(part, "<p>\n{{ page.dayz }}\n")
    digest.project.file(HOME, EXTENDS + "{% block main %}{% include 'part.html' %}{% endblock %}")
    digest.assert_errors(expect("unknown-name", 2, "'dayz'", "days", path=part, column=9))


def test_a_mistake_in_a_macro_is_placed_there(digest: BuiltDigest) -> None:
    macros = f"{THEME}/templates/macros.html"
    digest.project.file(macros, "{% macro card(c) %}\n{{ c.titel }}\n{% endmacro %}\n")
    digest.project.file(
        ARTICLE, EXTENDS + "{% from 'macros.html' import card %}{% block main %}{{ card(page.article) }}{% endblock %}"
    )
    digest.assert_errors(
        expect("unknown-name", 2, "'ArticleSummary object' has no attribute 'titel'", "title", path=macros, column=6)
    )


def test_the_same_error_on_many_pages_is_one_diagnostic(digest: BuiltDigest) -> None:
    for number in range(20):
        digest.project.article(f"more-{number:02}")
    digest.project.file(ARTICLE, "\n{{ page.article.titel }}\n")
    digest.assert_errors(expect("unknown-name", 2, "'titel'", "title", path=ARTICLE, column=17))


def test_every_template_that_is_wrong_is_reported_in_one_run(digest: BuiltDigest) -> None:
    digest.project.file(HOME, "{{ page.dayz }}")
    digest.project.file(ARTICLE, "{{ page.artcle }}")
    digest.assert_errors(
        expect("unknown-name", 1, "'artcle'", "article", path=ARTICLE, column=9),
        expect("unknown-name", 1, "'dayz'", "days", column=9),
    )


FILES: dict[str, tuple[str, str | bytes | None, Expected]] = {
    "template missing": ("templates/home.html", None, expect("missing-template", 0, "no template 'home.html'")),
    "template not UTF-8": ("templates/home.html", b"\n\xff", expect("not-utf-8", 2, "byte 0xff", column=1)),
    "contract of the future": (
        "theme.yaml",
        "name: bare\ncontract: 3\n",
        expect("theme-contract", 2, "contract 3; expected contract 2", path=f"{THEME}/theme.yaml", column=11),
    ),
    "contract of the past": (
        "theme.yaml",
        "name: bare\ncontract: 1\n",
        expect("theme-contract", 2, "contract 1; expected contract 2", path=f"{THEME}/theme.yaml", column=11),
    ),
    "no contract": (
        "theme.yaml",
        "name: bare\n",
        expect("missing-key", 1, "'contract' is missing", path=f"{THEME}/theme.yaml", column=1),
    ),
    "contract: a word": (
        "theme.yaml",
        "name: bare\ncontract: one\n",
        expect("out-of-range", 2, "expected a whole number", path=f"{THEME}/theme.yaml", column=11),
    ),
    "unknown key": (
        "theme.yaml",
        "name: bare\ncontract: 2\nparant: default\n",
        expect("unknown-key", 3, "'parant'", "parent", path=f"{THEME}/theme.yaml", column=1),
    ),
    "empty theme.yaml": ("theme.yaml", "", expect("wrong-type", 1, "expected a mapping", path=f"{THEME}/theme.yaml")),
    "its own parent": (
        "theme.yaml",
        "name: bare\ncontract: 2\nparent: bare\n",
        expect("theme-loop", 3, "bare → bare", path=f"{THEME}/theme.yaml", column=9),
    ),
    "no such parent": (
        "theme.yaml",
        "name: bare\ncontract: 2\nparent: bear\n",
        expect("missing-theme", 3, "there is no theme 'bear'", "bare", path=f"{THEME}/theme.yaml", column=9),
    ),
    "words: a list": (
        "locale/en.yaml",
        "count: [a]\n",
        expect("wrong-type", 1, "'count' must be a text", path=f"{THEME}/locale/en.yaml", column=8),
    ),
    "words: no plural category": (
        "locale/en.yaml",
        "count: {ones: a, other: b}\n",
        expect(
            "bad-plural", 1, "'ones' is not a valid plural category", "one", path=f"{THEME}/locale/en.yaml", column=9
        ),
    ),
    "words: no other": (
        "locale/en.yaml",
        "count: {one: a}\n",
        expect("bad-plural", 1, "'other' is missing", path=f"{THEME}/locale/en.yaml", column=8),
    ),
    "words: broken": (
        "locale/en.yaml",
        "count: a: b\n",
        expect(
            "yaml-syntax", 1, "a text with a colon and a space needs quotes", path=f"{THEME}/locale/en.yaml", column=9
        ),
    ),
}


@pytest.mark.parametrize(("name", "data", "found"), FILES.values(), ids=FILES)
def test_a_file_of_the_theme_that_is_wrong(
    digest: BuiltDigest, name: str, data: str | bytes | None, found: Expected
) -> None:
    if data is None:
        (digest.project.root / THEME / name).unlink()
    else:
        digest.project.file(f"{THEME}/{name}", data)
    digest.assert_errors(found)


def test_no_such_theme(digest: BuiltDigest) -> None:
    digest.project.file("site.yaml", SITE_YAML.replace("theme: bare", "theme: bear"))
    digest.assert_errors(expect("missing-theme", 6, "there is no theme 'bear'", "bare", path="site.yaml", column=8))


def test_a_folder_of_a_theme_without_its_file(digest: BuiltDigest) -> None:
    digest.project.file("site.yaml", SITE_YAML.replace("theme: bare", "theme: plain"))
    digest.project.file("themes/plain/templates/article.html", "mine")
    digest.assert_errors(
        expect("missing-theme", 6, "themes/plain has no theme.yaml, so it is not a theme", path="site.yaml", column=8)
    )


def test_a_parent_is_a_name_and_not_a_path(digest: BuiltDigest) -> None:
    (digest.project.root.parent / "outside").mkdir()
    (digest.project.root.parent / "outside" / "theme.yaml").write_text("name: o\ncontract: 2\n", encoding="utf-8")
    digest.project.file(f"{THEME}/theme.yaml", "name: bare\ncontract: 2\nparent: ../../outside\n")
    (found,) = digest.assert_rejected().diagnostics
    assert (found.location.path, found.location.line) == (f"{THEME}/theme.yaml", 3)


def test_themes_that_inherit_in_a_circle(digest: BuiltDigest) -> None:
    digest.project.file("themes/bare/theme.yaml", "name: bare\ncontract: 2\nparent: child\n")
    digest.project.file("themes/child/theme.yaml", "name: child\ncontract: 2\nparent: bare\n")
    digest.assert_errors(
        expect("theme-loop", 3, "bare → child → bare", path="themes/child/theme.yaml", column=9),
    )


def test_a_theme_whose_parent_is_not_known_is_not_blamed_for_what_the_parent_has(digest: BuiltDigest) -> None:
    path = "themes/child/theme.yaml"
    digest.project.file("site.yaml", SITE_YAML.replace("theme: bare", "theme: child"))
    digest.project.file(path, "name: child\ncontract: 2\nparent: bare\nmore: [\n")
    (found,) = digest.assert_rejected().diagnostics
    assert (found.code, found.location.path) == ("yaml-syntax", path)


def test_a_label_that_one_locale_lacks_is_shown_in_the_first(digest: BuiltDigest) -> None:
    digest.project.file("site.yaml", SITE_YAML.replace("locales: [en]", "locales: [en, ja]"))
    digest.project.file(f"{THEME}/locale/en.yaml", BARE["locale/en.yaml"] + "home: Home\n")
    digest.project.file(HOME, EXTENDS + "{% block main %}\n{{ label('home') }}{% endblock %}")
    found = only(digest.project.built(), "untranslated-labels")
    assert found.location.path == f"{THEME}/locale/ja.yaml"
    assert "'bare' without a text in 'ja': 1 (home)" in found.message
    assert "sitegen theme messages ja" in found.hint
    assert "Home" in digest.project.page("ja/index.html")
    for comment in ("one", "two"):  # the loaded theme is kept with its warnings
        digest.project.file("site.yaml", SITE_YAML.replace("locales: [en]", "locales: [en, ja]") + f"# {comment}\n")
        assert only(digest.project.built(), "untranslated-labels") == found


def test_a_label_that_no_locale_has_is_a_mistake_of_each_template_that_asks_for_it(digest: BuiltDigest) -> None:
    digest.project.file("site.yaml", SITE_YAML.replace("locales: [en]", "locales: [en, ja]"))
    for path in (HOME, ARTICLE):
        digest.project.file(path, EXTENDS + "{% block main %}\n{{ label('home') }}{% endblock %}")
    found = digest.assert_rejected().diagnostics
    assert [(item.code, item.location.path, item.location.line) for item in found] == [
        ("missing-label", path, 3) for path in (ARTICLE, HOME)
    ]


def test_data_for_machines_need_words_of_the_theme(digest: BuiltDigest) -> None:
    digest.project.file(HOME, EXTENDS + "{% block main %}\n{{ page|linked_data(site) }}{% endblock %}")
    found = digest.assert_rejected().diagnostics
    assert {(item.code, item.location.path, item.location.line) for item in found} == {("missing-label", HOME, 3)}
    assert any("'part_summary'" in item.message for item in found)


def test_a_template_can_extend_the_one_that_it_replaces(digest: BuiltDigest) -> None:
    digest.project.file("site.yaml", SITE_YAML.replace("theme: bare", "theme: child"))
    digest.project.file("themes/child/theme.yaml", "name: child\ncontract: 2\nparent: bare\n")
    base = "themes/child/templates/base.html"
    digest.project.file(base, '{% extends "bear/base.html" %}')
    message = "no template 'bear/base.html'"
    digest.assert_errors(expect("missing-template", 1, message, "bare/base.html", path=base, column=13))
    digest.project.file(base, '{% extends "bare/base.html" %}{% block main %}{{ site.titel }}{% endblock %}')
    assert {(found.location.path, found.suggestion) for found in digest.assert_rejected().diagnostics} == {
        (base, "title")
    }
    digest.project.file(base, '{% extends "bare/base.html" %}{% block main %}<p>child</p>{% endblock %}')
    digest.assert_accepted()
    assert "<p>child</p>" in digest.project.page("topics/index.html")


def test_a_replaced_template_is_not_checked_unless_it_is_used(digest: BuiltDigest) -> None:
    digest.project.file("site.yaml", SITE_YAML.replace("theme: bare", "theme: child"))
    digest.project.file("themes/child/theme.yaml", "name: child\ncontract: 2\nparent: bare\n")
    digest.project.file(HOME, "{{ label('none') }}")
    digest.project.file("themes/child/templates/home.html", "{% extends 'bare/home.html' %}")
    digest.assert_errors(expect("missing-label", 1, "no label 'none'", column=11))
    digest.project.file("themes/child/templates/home.html", EXTENDS)
    digest.assert_accepted()


def test_themes_that_inherit_in_a_wider_circle(digest: BuiltDigest) -> None:
    for name, parent in (("bare", "one"), ("one", "two"), ("two", "one")):
        digest.project.file(f"themes/{name}/theme.yaml", f"name: {name}\ncontract: 2\nparent: {parent}\n")
    digest.assert_errors(
        expect("theme-loop", 3, "bare → one → two → one", path="themes/two/theme.yaml", column=9),
    )


def test_markup_in_the_words_of_a_theme_is_escaped(digest: BuiltDigest) -> None:
    digest.project.file(f"{THEME}/locale/en.yaml", 'count: "<script>alert({count})</script>"\n' + feed_labels("en"))
    digest.project.file(HOME, EXTENDS + "{% block main %}{{ label('count', 3) }}{% endblock %}")
    digest.assert_accepted()
    page = digest.project.page("index.html")
    assert "&lt;script&gt;alert(3)&lt;/script&gt;" in page
    assert "<script" not in page


def test_a_label_cannot_reach_into_values(digest: BuiltDigest) -> None:
    """`str.format` follows attributes; a word such as `{count.__class__}` must not."""
    digest.project.file(
        f"{THEME}/locale/en.yaml", 'count: "{site.__class__.__init__.__globals__}"\n' + feed_labels("en")
    )
    digest.project.file(HOME, "\n{{ label('count', 3, site=site) }}")
    (found,) = digest.assert_rejected().diagnostics
    assert (found.code, found.location.line) == ("bad-label", 2)
    assert "__builtins__" not in found.message


# --- what feeds say ---------------------------------------------------------------------------------------------------


def test_a_word_of_feeds_that_every_locale_lacks(digest: BuiltDigest) -> None:
    path = f"{THEME}/locale/en.yaml"
    for tag in ("en", "ja"):
        lines = BARE[f"locale/{tag}.yaml"].splitlines(keepends=True)
        kept = "".join(line for line in lines if not line.startswith(("feed_stop", "feed_whole")))
        digest.project.file(f"{THEME}/locale/{tag}.yaml", kept)
    result = digest.assert_errors(expect("missing-label", 0, "no label feed_stop, feed_whole", path=path))
    assert codes(result) == ["missing-label"]


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("feed_source", "Source", "must have {name} once"),
        ("feed_source", "{name} {name}", "must have {name} once"),
        ("feed_machine_summary", "AI: {summary}", "must have {text} once"),
        ("feed_machine_summary", "AI: {text.__class__} {text}", "must have {text} once"),
        ("feed_whole", "All {name}", "must have no braces"),
        ("feed_whole", "All {", "must have no braces"),
    ],
)
def test_a_word_of_feeds_with_a_place_that_is_wrong(digest: BuiltDigest, key: str, text: str, message: str) -> None:
    path = f"{THEME}/locale/en.yaml"
    lines = [line for line in BARE["locale/en.yaml"].splitlines(keepends=True) if not line.startswith(f"{key}:")]
    digest.project.file(path, "".join([*lines, f"{key}: '{text}'\n"]))
    found = only(digest.assert_rejected(), "bad-label")
    assert (found.location.path, found.location.line) == (path, len(lines) + 1)
    assert message in found.message
