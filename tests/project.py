"""A whole digest in one string, built for real: files between lines `-- path --`."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from sitegen.builder import BuildRequest, BuildResult, build
from sitegen.diagnostics import Diagnostic
from tests.tools import REPOSITORY

NOW: Final = datetime(2026, 11, 22, 12, tzinfo=UTC)

SITE: Final = """\
-- site.yaml --
title: {en: Test digest, ja: 試験}
base_url: https://test.example/
authority: test.example,2026
timezone: Asia/Tokyo
locales: [en]
theme: bare
search: false
topics:
  trade: {en: Trade, ja: 貿易}
  energy: {en: Energy, ja: エネルギー}
countries:
  ASEAN: {en: ASEAN}
"""
FEW_PAGES: Final = (
    "pages_from: {pairs: 1, months: 1, topic_countries: 1000, sources: 1000, issues: 1000, perspectives: 1000}\n"
)
"""Of the pages that have a number, only those of pairs and months."""

EVERY_PAGE: Final = "pages_from: {pairs: 1, months: 1, topic_countries: 1, sources: 1, issues: 1, perspectives: 1}"
"""What makes a page of everything, where SITE makes few."""

_FILE = re.compile(r"^-- (.+) --$", re.MULTILINE)


def feed_labels(tag: str) -> str:
    """Return what feeds say by themselves in a language of the default theme, as lines of a theme's own."""
    lines = (REPOSITORY / "themes" / "default" / "locale" / f"{tag}.yaml").read_text("utf-8").splitlines(keepends=True)
    return "".join(line for line in lines if line.startswith("feed_") and not line.startswith("feed_own"))


BARE: Final = {
    "theme.yaml": "name: bare\ncontract: 2\n",
    "locale/en.yaml": 'count: {one: "{count} article", other: "{count} articles"}\n' + feed_labels("en"),
    "locale/ja.yaml": 'count: "{count}件"\n' + feed_labels("ja"),
    "static/site.css": "body { margin: 0 }\n",
    "templates/base.html": (
        '<!DOCTYPE html>\n<html lang="{{ site.locale }}"><head><meta charset="utf-8"><title>{{ site.title }}</title>\n'
        '<link rel="stylesheet" href="{{ site.assets["site.css"] }}"></head>\n<body>{% block main %}{% endblock %}'
        "</body></html>\n"
    ),
    "templates/list.html": (
        '{% extends "base.html" %}\n{% block main %}{% for day in page.days %}<h2>{{ day.date|date }}</h2>\n'
        "{% for card in day.articles %}"
        '<p><a href="{{ card.href }}" lang="{{ card.lang }}">{{ card.title }}</a></p>\n'
        "{% endfor %}{% endfor %}{% endblock %}\n"
    ),
    "templates/redirect.html": (
        '{% extends "base.html" %}\n{% block main %}<meta http-equiv="refresh" content="0; url={{ page.target.href }}">'
        "{% endblock %}\n"
    ),
    "templates/search.html": '{% extends "base.html" %}\n{% block main %}{{ page.index }}{% endblock %}\n',
    "templates/article.html": (
        '{% extends "base.html" %}\n{% block main %}<h1>{{ page.article.title }}</h1>\n'
        "{% for section in page.sections %}{% if section.key %}"
        '<h2 id="{{ section.key }}" lang="{{ section.lang }}">{{ section.label }}</h2>{% endif %}'
        '<div lang="{{ section.lang }}">{{ section.html }}</div>\n{% endfor %}'
        "{% for card in [page.previous, page.next, page.follows] %}{% if card %}<a href='{{ card.href }}'>"
        "{{ card.title }}</a>{% endif %}{% endfor %}{% endblock %}\n"
    ),
    **{
        f"templates/{name}.html": '{% extends "list.html" %}\n'
        for name in ("home", "topic", "country", "pair", "month", "topic_country", "source", "selection")
    },
    **{
        f"templates/{name}.html": '{% extends "base.html" %}\n'
        for name in (
            *("topics", "countries", "relations", "archive", "404", "sources", "perspectives", "issues"),
            *("corrections", "subscribe", "upcoming", "page", "perspective", "issue", "email", "data"),
            *("edition", "editions", "email_edition"),
        )
    },
    "templates/email.txt": "{{ site.title }}\n",
    "templates/email_edition.txt": "{{ site.title }}\n",
}
"""The smallest theme: what the tests of the build look at, whatever the default theme becomes."""


def article(**changes: str) -> str:
    """Return the text of an article; each keyword replaces or adds a line of its front matter, `body` its text.

    An empty value takes the line out.
    """
    body = changes.pop("body", "Some text.\n")
    lines = {
        "id": "aaaaaaaaaaaa0001",
        "title": "A title",
        "date": "2026-07-03",
        "lang": "en",
        "topics": "[trade]",
        "countries": "[VN, CN]",
        "importance": "3",
        "source": "{name: A Paper, url: null, lang: en}",
        "summary": "What happened.",
    } | changes
    front = "".join(f"{key}: {value}\n" for key, value in lines.items() if value)
    return f"---\n{front}---\n\n{body}"


@dataclass(frozen=True, slots=True)
class Project:
    """A digest in a folder of its own."""

    root: Path

    def write(self, text: str) -> None:
        """Write every file of `text`."""
        parts = _FILE.split(text)
        for path, content in zip(parts[1::2], parts[2::2], strict=True):
            self.file(path, content.removeprefix("\n"))

    def file(self, path: str, content: str | bytes) -> Path:
        """Write one file, bytes as they are."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(content, str):
            file.write_bytes(content.encode())
        else:
            file.write_bytes(content)
        return file

    def article(self, slug: str, **changes: str) -> Path:
        """Write an article with an id made of its slug."""
        identifier = "".join(c for c in slug if c in "abcdefghijklmnopqrstuvwxyz0123456789").ljust(8, "0")
        return self.file(f"content/articles/2026/07/{slug}.md", article(**{"id": identifier} | changes))

    def build(self, *, now: datetime = NOW, drafts: bool = False, strict: bool = False, jobs: int = 1) -> BuildResult:
        """Build for real."""
        return build(BuildRequest(self.root, now, drafts=drafts, strict=strict, jobs=jobs, allow_empty=True))

    def built(self) -> BuildResult:
        """Build, and fail the test with the findings where it does not work."""
        result = self.build()
        assert result.ok, result.diagnostics
        return result

    def tree(self) -> dict[str, bytes]:
        """Return every file of the site with its bytes."""
        return tree(self.root / "output" / "site")

    def page(self, path: str) -> str:
        """Return the text of a file of the site."""
        return (self.root / "output" / "site" / path).read_text(encoding="utf-8")


def tree(folder: Path) -> dict[str, bytes]:
    """Return every file below a folder with its bytes."""
    return {
        file.relative_to(folder).as_posix(): file.read_bytes() for file in sorted(folder.rglob("*")) if file.is_file()
    }


def lasting(result: BuildResult) -> tuple[Diagnostic, ...]:
    """Return the diagnostics without those that compare the site with that of the last build."""
    return tuple(item for item in result.diagnostics if item.code not in {"address-removed", "correction-removed"})


def codes(result: BuildResult) -> list[str]:
    """Return the codes of all findings, in the order of the report."""
    return [item.code for item in result.diagnostics]


def only(result: BuildResult, code: str) -> Diagnostic:
    """Return the one finding with a code."""
    found = [item for item in result.diagnostics if item.code == code]
    assert len(found) == 1, result.diagnostics
    return found[0]


def new_project(root: Path) -> Project:
    """Write a configuration and the bare theme, and no article."""
    made = Project(root)
    made.write(SITE + FEW_PAGES)
    (made.root / "content").mkdir()
    for name, content in BARE.items():
        made.file(f"themes/bare/{name}", content)
    return made
