"""The catalogue of diagnostic codes: it is complete, and its examples are reported with their code."""

import ast
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

import pytest

from docs.generate import diagnostic_page, diagnostics
from tests.docs.pages import with_lines
from tests.project import Project
from tests.tools import REPOSITORY

CATALOGUE: Final = diagnostics()
CODE: Final = re.compile(r"[a-z]+(-[a-z0-9]+)+")
REPORTING: Final = frozenset(
    [
        *("error", "warning", "report", "_error", "_warn", "Diagnostic", "date_problem", "Secret"),
        *("text_rule", "site_rule", "link_rule"),
    ]
)
"""Functions and classes whose first argument is a code."""

SITE: Final = """\
title: {en: Test digest}
base_url: https://test.example/
authority: test.example,2026
locales: [en]
theme: bare
topics: {trade: {en: Trade}}
"""
FRONT: Final = """\
id: aaaaaaaa00000001
title: A title
date: 2026-07-03
lang: en
topics: [trade]
countries: [VN]
importance: 3
source: {name: A Paper, url: null, lang: en}
summary: What happened.
"""


@cache
def modules() -> list[ast.Module]:
    return [ast.parse(path.read_text("utf-8")) for path in (REPOSITORY / "sitegen").rglob("*.py")]


def strings(node: ast.AST) -> Iterator[str]:
    """Yield the text of a constant or of both branches of a conditional; the variable parts of an f-string are `*`."""
    match node:
        case ast.Constant(value=str() as text):
            yield text
        case ast.IfExp(body=body, orelse=orelse):
            yield from strings(body)
            yield from strings(orelse)
        case ast.JoinedStr(values=values):
            yield "".join(str(value.value) if isinstance(value, ast.Constant) else "*" for value in values)
        case ast.BoolOp(values=values):
            for value in values:
                yield from strings(value)


def reported_codes(module: ast.Module) -> Iterator[str]:
    """Yield the codes that are arguments of what reports, or are assigned to `code`."""
    for node in ast.walk(module):
        match node:
            case ast.Call(func=function, args=args, keywords=keywords):
                name = getattr(function, "attr", getattr(function, "id", ""))
                if name in REPORTING and args:
                    yield from strings(args[0])
                for keyword in keywords:
                    if keyword.arg == "code":
                        yield from strings(keyword.value)
            case ast.Assign(targets=[ast.Name(id="code")], value=value):
                yield from strings(value)
            case ast.AnnAssign(target=ast.Name(id="code"), value=ast.expr() as value):
                yield from strings(value)


def matches(pattern: str, code: str) -> bool:
    return re.fullmatch(re.escape(pattern).replace(r"\*", "[a-z]+"), code) is not None


def test_every_code_of_the_source_is_in_the_catalogue() -> None:
    codes = {code for module in modules() for code in reported_codes(module) if CODE.fullmatch(code)}
    assert len(codes) > 80
    assert codes - CATALOGUE.keys() == set()


def test_every_code_of_the_catalogue_is_in_the_source() -> None:
    constants = {
        node.value
        for module in modules()
        for node in ast.walk(module)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    patterns = {code for module in modules() for code in reported_codes(module) if re.fullmatch(r"[a-z]+-\*", code)}
    unused = {
        code for code in CATALOGUE if code not in constants and not any(matches(pattern, code) for pattern in patterns)
    }
    assert unused == set()


def test_every_entry_is_complete() -> None:
    for code, entry in CATALOGUE.items():
        assert set(entry) - {"why"} == {"severity", "summary", "in", "example", "fix"}, code
        assert ("why" in entry) == (entry["in"].startswith("check")), code
        assert CODE.fullmatch(code)
        assert entry["severity"] in {"error", "warning", "hint"}, code
        assert entry["summary"].endswith("."), code
        assert entry["fix"].endswith("."), code
        assert f"\n# {code}\n" in diagnostic_page(code, entry)


def examples(*places: str) -> dict[str, str]:
    return {code: entry["example"] for code, entry in CATALOGUE.items() if entry["in"] in places}


def article(code: str, number: int) -> str:
    place, example = CATALOGUE[code]["in"], CATALOGUE[code]["example"]
    if place == "article":
        return example
    front = FRONT.replace("00000001", f"{number:08}")
    if place == "text":
        return f"---\n{front}---\n\n{example}"
    return f"---\n{with_lines(front, example)}---\n\nSome text.\n"


def test_the_examples_of_articles_are_reported(project: Project) -> None:
    project.file("site.yaml", SITE)
    project.file("content/articles/2026/07/a.md", f"---\n{FRONT}slug: taken-slug\n---\n\nSome text.\n")
    codes = list(examples("front matter", "text", "article"))
    for number, code in enumerate(codes, 2):
        project.file(f"content/articles/2026/07/{code}.md", article(code, number))
    reported = {(Path(item.location.path).stem, item.code): item.severity for item in project.build().diagnostics}
    assert [code for code in codes if (code, code) not in reported and code != "duplicate-id"] == []
    assert "duplicate-id" in {code for _, code in reported}
    assert all(reported.get((code, code), CATALOGUE[code]["severity"]) == CATALOGUE[code]["severity"] for code in codes)


@pytest.mark.parametrize("code", examples("site.yaml"))
def test_the_examples_of_the_configuration_are_reported(project: Project, code: str) -> None:
    project.file("site.yaml", with_lines(SITE, CATALOGUE[code]["example"]))
    reported = {item.code: item.severity for item in project.build().diagnostics}
    assert reported.get(code) == CATALOGUE[code]["severity"], reported


def test_the_examples_of_copied_pages_are_reported(project: Project, tmp_path: Path) -> None:
    project.file("site.yaml", SITE)
    codes = list(examples("copied page"))
    inputs = [tmp_path / f"{code}.txt" for code in codes]
    for code, file in zip(codes, inputs, strict=True):
        file.write_text(CATALOGUE[code]["example"], "utf-8")
    words = [sys.executable, "-m", "sitegen", "--project", str(project.root), "import", "--dry-run", "--format", "json"]
    done = subprocess.run([*words, *map(str, inputs)], capture_output=True, text=True, check=False)
    found = {
        (Path(item["path"]).stem, item["code"], item["severity"]) for item in json.loads(done.stdout)["diagnostics"]
    }
    assert [code for code in codes if (code, code, CATALOGUE[code]["severity"]) not in found] == []
