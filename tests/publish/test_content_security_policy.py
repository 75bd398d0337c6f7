"""The content security policy, in a real browser, on the pages of the default theme."""

import shutil
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.preview.test_browser import browser, page
from tests.project import Project
from tests.publish.helpers import publish_project
from tests.publish.servers import caddy, nginx
from tests.tools import REPOSITORY

__all__ = ["browser", "page"]


@pytest.mark.slow
@pytest.mark.browser
def test_pages_of_the_default_theme_satisfy_the_policy(tmp_path: Path, page: Page) -> None:
    out = Project(tmp_path / "digest")
    for name in ("content", "themes/default"):
        shutil.copytree(REPOSITORY / name, out.root / name)
    text = (REPOSITORY / "site.yaml").read_text("utf-8")
    out.file("site.yaml", text + "publish:\n  out: {kind: directory, path: ../www}\n")
    publish_project(out)
    broken: list[str] = []
    page.on("console", lambda message: broken.append(f"{page.url}: {message.text}"))
    article = next(path for path in out.tree() if path.startswith("articles/"))
    paths = ["", article.removesuffix("index.html"), "topics/", "countries/", "relations/", "archive/", "ja/"]
    with nginx(tmp_path / "www", tmp_path / "nginx") as one, caddy(tmp_path / "www", tmp_path / "caddy") as other:
        for port in (one, other):
            del broken[:]
            for path in paths:
                answer = page.goto(f"http://127.0.0.1:{port}/{path}")
                assert answer is not None
                assert answer.status == 200
                assert page.evaluate("document.styleSheets.length && getComputedStyle(document.body).margin") == "0px"
            assert broken == []
            # Inline styles are blocked, so the policy is active.
            page.evaluate("document.body.insertAdjacentHTML('beforeend', '<p style=\"color: red\">x</p>')")
            blocked = page.evaluate("getComputedStyle(document.body.lastElementChild).color !== 'rgb(255, 0, 0)'")
            assert blocked
            assert any("Content Security Policy" in line for line in broken)
