"""The same content gives the same bytes: on any machine, in any zone and locale, with any number of processes."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.project import BARE, SITE, Project, article, tree

ROOT: Final = Path(__file__).parents[2]
NOW: Final = "2026-11-22T12:00Z"

FILES: Final = {
    "content/articles/2026/07/map.png": b"\x89PNG",
    **{
        f"content/articles/2026/07/n{number}.md": article(
            id=f"number-{number:03d}",
            title=f"Number {number}",
            date=f"2026-{1 + number % 12:02d}-{1 + number:02d}",
            countries="[VN, CN, JP, ASEAN]" if number % 2 else "[JP]",
            topics="[energy, trade]" if number % 3 else "[trade]",
            lang="ja" if number % 4 == 0 else "en",
            follows="n0.md" if number else "",
            generated="{title: ai, summary: mixed, text: ai, analysis: mixed}",
            body="![Map](map.png)\n\n## 経済的影響\n\n**「重要」**は[次](n1.md)。\n",
        ).encode()
        for number in range(14)
    },
    "content/articles/2026/07/日本.md": article(id="japanese", title="日本", aliases="[/古い/]", lang="ja").encode(),
    "site.yaml": (SITE.split("-- site.yaml --\n")[1].replace("[en]", "[en, ja]") + "rights: © 2026\n").encode(),
    **{f"themes/bare/{name}": text.encode() for name, text in BARE.items()},
}


def written(root: Path, *, backwards: bool = False) -> Project:
    """Write the digest, in one order or the other."""
    project = Project(root)
    for path in sorted(FILES, reverse=backwards):
        project.file(path, FILES[path])
    return project


def run(project: Project, *options: str, umask: int = -1, **environment: str) -> subprocess.CompletedProcess[str]:
    """Build in a process with an environment of its own, where warnings are errors."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    result = subprocess.run(
        [sys.executable, "-W", "error", "-m", "sitegen", "-C", str(project.root), "build", "--now", NOW, *options],
        capture_output=True,
        encoding="utf-8",
        cwd=project.root,
        env=kept | environment,
        umask=umask,
        timeout=60,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    assert "Traceback" not in result.stderr
    return result


def manifest(output: Path) -> dict[str, dict[str, object]]:
    """Return what the manifest has of each file: its key, digest and size, which are the same everywhere."""
    rows: dict[str, list[object]] = json.loads((output / "manifest.json").read_bytes())["files"]
    return {path: dict(zip(("key", "digest", "size"), row, strict=False)) for path, row in rows.items()}


@pytest.mark.parametrize("theme", ["bare", "default"])
def test_two_machines_give_the_same_bytes(tmp_path: Path, theme: str) -> None:
    one = written(tmp_path / "one")
    two = written(tmp_path / "a" / "longer way" / "二つ目", backwards=True)
    for project in (one, two):
        project.file("site.yaml", FILES["site.yaml"].replace(b"theme: bare", f"theme: {theme}".encode()))
    run(one, TZ="America/New_York", LC_ALL="C", PYTHONHASHSEED="1", umask=0o077)
    run(two, TZ="Pacific/Kiritimati", LANG="ja_JP.UTF-8", LC_TIME="tr_TR.UTF-8", PYTHONHASHSEED="4711", umask=0o002)
    assert one.tree() == two.tree()
    assert len(one.tree()) > 100
    assert manifest(one.root / "output") == manifest(two.root / "output")


def test_the_folder_of_the_build_is_named_nowhere(tmp_path: Path) -> None:
    project = written(tmp_path / "telltale")
    run(project)
    assert not [path for path, data in project.tree().items() if b"telltale" in data]


def test_any_number_of_processes_gives_the_same_bytes(tmp_path: Path) -> None:
    """Also if texts cannot be kept for the others."""
    project = written(tmp_path / "digest")
    (tmp_path / "no cache").mkdir()
    (tmp_path / "no cache" / "cache").touch()
    for jobs, output in (("1", "1"), ("2", "2"), ("4", "4"), ("2", "no cache")):
        run(project, "--jobs", jobs, "--output", str(tmp_path / output))
    for output in ("2", "4", "no cache"):
        assert tree(tmp_path / output / "site") == tree(tmp_path / "1" / "site")
        assert manifest(tmp_path / output) == manifest(tmp_path / "1")


def test_mistakes_are_the_same_from_one_process_and_two(tmp_path: Path) -> None:
    project = written(tmp_path / "digest")
    project.article("bad", importance="9", topics="[tread]", body="<b>\n")
    project.article("worse", lang="english", body="[x](nowhere.md)\n")
    found = []
    for jobs in ("1", "2"):
        result = subprocess.run(
            [sys.executable, "-m", "sitegen", "-C", str(project.root), "build", "--jobs", jobs, "--format", "json"],
            capture_output=True,
            encoding="utf-8",
            cwd=ROOT,
            timeout=60,
            check=False,
        )
        assert result.returncode == 1
        found.append(json.loads(result.stdout)["diagnostics"])
    assert found[0] == found[1]
    assert [item["code"] for item in found[0]] == [
        "unknown-topic",
        "out-of-range",
        "raw-html",
        "bad-language",
        "dead-link",
    ]
    assert found[0][0]["nearest"] == "trade"


@pytest.mark.parametrize(
    ("now", "count"),
    [
        ("2026-01-01", "1"),
        ("2025-12-31T14:59:59Z", "0"),
        ("2025-12-31T15:00Z", "1"),
        ("2026-03-02T23:59:59+09:00", "2"),
        ("2026-03-03T00:00+09:00", "3"),
    ],
)
def test_now_decides_what_is_visible(tmp_path: Path, now: str, count: str) -> None:
    """Article n is of day n + 1 of month n + 1; a bare day begins at midnight in Tokyo."""
    project = written(tmp_path / "digest")
    (project.root / "content/articles/2026/07/n12.md").unlink()
    (project.root / "content/articles/2026/07/n13.md").unlink()
    for number in range(12):
        file = project.root / f"content/articles/2026/07/n{number}.md"
        file.write_text(file.read_text("utf-8").replace("[次](n1.md)", "次"), encoding="utf-8")
    result = run(project, "--format", "json", "--now", now)
    assert str(json.loads(result.stdout)["articles"]) == count
    assert project.page("sitemap.xml").count("/ja/articles/n") == int(count) * 3
