"""The field that filters a long list, in a real browser."""

import pytest
from playwright.sync_api import Page

from tests.preview.test_browser import browser, page
from tests.project import Project
from tests.themes.test_edge_cases import served

__all__ = ["browser", "page"]

pytestmark = pytest.mark.browser

SHOWN = "[...document.querySelectorAll('main table.index tbody tr')].filter(row => row.offsetHeight).length"


def test_a_name_is_found_however_it_is_typed(project: Project, page: Page) -> None:
    names = ["Báo Đà Nẵng", "Łódź Post", "ガゼット", *(f"Gazette {number}" for number in range(30))]
    for number, name in enumerate(names):
        project.article(f"article-{number}", source=f"{{name: {name}}}")
    site = project.root / "site.yaml"
    site.write_text(site.read_text("utf-8").replace("theme: bare", "theme: default"), encoding="utf-8")
    result = project.build()
    assert result.ok, result.diagnostics
    with served(result.site) as base:
        page.goto(f"{base}/sources/")
        assert page.evaluate(SHOWN) == 33
        field, count = page.locator(".filter input"), page.locator(".filter output")
        for typed, found in [
            ("da nang", 1),
            ("ĐÀ", 1),
            ("lodz", 1),
            ("ｶﾞｾﾞｯﾄ", 1),
            (" gazette 2", 11),
            ("none", 0),
            ("", 33),
        ]:
            field.fill(typed)
            assert page.evaluate(SHOWN) == found, typed
            assert count.inner_text() == (f"{found} / 33" if typed else "")
