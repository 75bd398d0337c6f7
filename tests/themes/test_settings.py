"""Colours and fonts of a theme: declared by it, set by a child theme and by `site.yaml`."""

import re

import pytest

from tests.project import Project, codes, only

CHILD = "name: own\ncontract: 2\nparent: default\nsettings:\n"


@pytest.fixture
def own(project: Project) -> Project:
    """Make a digest with a child of the default theme, and one article."""
    site = (project.root / "site.yaml").read_text("utf-8").replace("theme: bare", "theme: own")
    project.file("site.yaml", site.replace("issues: 1000", "issues: 1"))
    project.file("themes/own/theme.yaml", CHILD + '  accent: "#0b5d4e"\n  mine: {fonts: "Georgia, serif"}\n')
    project.article("one")
    return project


def sheet(project: Project, name: str) -> str:
    """Return a published static file."""
    (path,) = (path for path in project.tree() if re.fullmatch(rf"assets/{name}", path))
    return project.page(path)


def test_a_child_theme_and_the_site_set_colours_and_fonts(own: Project) -> None:
    site = (own.root / "site.yaml").read_text("utf-8")
    own.file(
        "themes/own/static/own.css", "a{font-family:setting(mine);src:url('asset(x.woff2)');color:setting(accent)}"
    )
    own.file("themes/own/static/x.woff2", b"font")
    own.file(
        "site.yaml", site + 'theme_settings: {paper: "#eee", dark-paper: "#000", serif-ja: "\'Yu Mincho\', serif"}\n'
    )
    own.built()
    css = sheet(own, r"site\.\w+\.css")
    assert "--accent: #0b5d4e;" in css
    assert "--paper: #eee;" in css
    assert "--serif: 'Yu Mincho', serif;" in css
    assert "setting(" not in css
    assert 'fill="#0b5d4e"' in sheet(own, r"icon\.\w+\.svg")
    (font,) = (path for path in own.tree() if path.endswith(".woff2"))
    expected = f"a{{font-family:Georgia, serif;src:url('{font.removeprefix('assets/')}');color:#0b5d4e}}"
    assert sheet(own, r"own\.\w+\.css") == expected
    page = own.page("articles/one/index.html")
    assert re.findall(r'<meta name="theme-color" content="(.*?)"', page) == ["#eee", "#000"]
    assert "background-color:#eee;" in own.page("issues/2026-w27/email.html")

    before = own.tree()
    own.file("site.yaml", site + 'theme_settings: {paper: "#ddd"}\n')
    own.built()
    assert 'content="#ddd"' in own.page("articles/one/index.html")
    assert own.page("index.html") != before["index.html"].decode()


def test_overrides_of_the_frame_apply_to_the_home_page(own: Project) -> None:
    blocks = ("masthead", "navigation", "footer")
    text = "".join(f"{{% block {name} %}}<p>own {name}</p>{{% endblock %}}" for name in blocks[1:])
    own.file("themes/own/templates/base.html", '{% extends "default/base.html" %}' + text)
    parts = "".join(f"{{% block article_{name} %}}<p>own {name}</p>{{% endblock %}}" for name in ("header", "side"))
    own.file("themes/own/templates/article.html", '{% extends "default/article.html" %}' + parts)
    own.built()
    home, page = own.page("index.html"), own.page("articles/one/index.html")
    assert '<h1 class="name">' in home
    for name in blocks[1:]:
        assert f"<p>own {name}</p>" in home
        assert f"<p>own {name}</p>" in page
    assert "<p>own header</p>" in page
    assert "<p>own side</p>" in page
    own.file(
        "themes/own/templates/base.html", '{% extends "default/base.html" %}{% block masthead %}<p>M</p>{% endblock %}'
    )
    own.built()
    assert '<header class="mast front">\n<p>M</p></header>' in own.page("index.html")


def test_a_stylesheet_cannot_refer_to_another_one(own: Project) -> None:
    own.file("themes/own/static/own.css", "@import url(asset(other.css));")
    own.file("themes/own/static/other.css", "a { color: red }")
    assert "cannot refer to another one, 'other.css'" in only(own.build(), "unknown-setting").message


def test_wrong_settings_are_reported_at_once_with_their_place(own: Project) -> None:
    site = (own.root / "site.yaml").read_text("utf-8")
    own.file("themes/own/theme.yaml", CHILD + '  accent: green\n  Mine: {color: "#fff"}\n  ink: [1]\n')
    own.file("themes/own/static/own.css", "a { color: setting(inkk) }\nb { src: asset(y.woff2) }\n")
    own.file("site.yaml", site + 'theme_settings:\n  acent: "#fff"\n  serif: "x;}"\n  sans: {a: b}\n')
    result = own.build()
    found = sorted((item.code, item.location.path, item.location.line) for item in result.diagnostics)
    line = site.count("\n")
    assert found == [
        ("bad-setting", "site.yaml", line + 3),
        *[("bad-setting", "themes/own/theme.yaml", number) for number in (5, 6, 7)],
        ("unknown-setting", "site.yaml", line + 2),
        *[("unknown-setting", "themes/own/static/own.css", number) for number in (1, 2)],
        ("wrong-type", "site.yaml", line + 4),
    ]
    assert {item.suggestion for item in result.diagnostics if item.code == "unknown-setting"} == {"accent", "ink", None}
    own.file("site.yaml", site + 'theme_settings: {paper: "#12345"}\n')
    own.file("themes/own/theme.yaml", CHILD.removesuffix("settings:\n"))
    (own.root / "themes/own/static/own.css").unlink()
    assert "expected a colour" in only(own.build(), "bad-setting").message
    own.file("site.yaml", site)
    assert codes(own.built()) == []
