"""The table of generators: how their sites are recognized, and where they keep texts, pictures and addresses."""

import json
import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from msgspec.structs import replace

from sitegen.diagnostics import Diagnostics, SourceText
from sitegen.importers.addresses import OldSite
from sitegen.importers.front_matter import as_text, plain_node
from sitegen.yaml_source.nodes import parse_yaml

_MAX_PARENTS: Final = 12
_MAX_CONFIG_BYTES: Final = 256 * 1024
_PYTHON_OR_SCRIPT: Final = re.compile(
    r"\b(SITEURL|SITENAME|SITE_URL|BLOG_TITLE|site|title)\s*[=:]\s*[\"'`]([^\"'`\n]*)[\"'`]"
)


class Dialect(Struct, frozen=True):
    """One generator.

    `configs` are the files at the root of its sites, and `mark` is a pattern that one of them has. `contents` are
    folders of texts, `statics` those of pictures, relative to the root. `permalink` is the address of a text without
    one of its own.
    """

    name: str
    description: str
    configs: tuple[str, ...] = ()
    mark: str = ""
    contents: tuple[str, ...] = ("content",)
    statics: tuple[str, ...] = ("static",)
    permalink: str = "/:sections/:slug/"


DIALECTS: Final = (
    Dialect(
        "hugo",
        "a text of Hugo",
        (
            *("hugo.toml", "hugo.yaml", "hugo.yml", "hugo.json", "config.toml", "config.yaml", "config.yml"),
            *("config.json", "config/_default/hugo.toml", "config/_default/config.toml", "config/_default/hugo.yaml"),
        ),
        r"(?i)baseurl|languagecode",
        statics=("static", "assets", "content"),
    ),
    Dialect(
        "jekyll",
        "a post of Jekyll",
        ("_config.yml", "_config.yaml", "_config.toml"),
        contents=("_posts", "_drafts", "collections", ""),
        statics=("",),
        permalink="/:categories/:year/:month/:day/:title.html",
    ),
    Dialect("pelican", "an article of Pelican", ("pelicanconf.py",), statics=("content",), permalink="/:slug.html"),
    Dialect(
        "eleventy",
        "a text of Eleventy",
        (".eleventy.js", "eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs", "eleventy.config.ts"),
        contents=("content", "src", ""),
        statics=("", "public", "src", "static"),
        permalink="/:sections/:title/",
    ),
    Dialect("zola", "a page of Zola", ("config.toml", "zola.toml"), r"base_url", statics=("static", "content")),
    Dialect(
        "nikola",
        "a post of Nikola",
        ("conf.py",),
        r"BLOG_TITLE|NIKOLA",
        contents=("posts", "pages", "stories"),
        statics=("files", "images", "."),
        permalink="/posts/:slug/",
    ),
    Dialect(
        "astro",
        "a text of Astro",
        ("astro.config.mjs", "astro.config.js", "astro.config.ts", "astro.config.cjs"),
        contents=("src/content", "src/pages", "src"),
        statics=("public", "src"),
    ),
    Dialect("markdown", "Markdown with front matter", contents=(), statics=("",), permalink=""),
)


@lru_cache(maxsize=4096)
def find_dialect(folder: Path) -> tuple[Dialect, Path] | None:
    """Return the generator of the site that a folder belongs to, by its configuration, and the root of the site."""
    for root in (folder, *folder.parents)[:_MAX_PARENTS]:
        dialect = _dialect_of(root)
        if dialect is not None:
            return dialect, root
    return None


@lru_cache(maxsize=4096)
def _dialect_of(root: Path) -> Dialect | None:
    for dialect in DIALECTS:
        for name in dialect.configs:
            text = _read(root / name)
            if text is not None and (not dialect.mark or re.search(dialect.mark, text)):
                return dialect
    return None


@lru_cache(maxsize=4096)
def read_site(dialect: Dialect, folder: Path) -> OldSite:
    """Return the site of a generator that a folder belongs to; without a configuration, by the names of the folders."""
    found = find_dialect(folder)
    if found is not None and found[0] == dialect:
        return _configured_site(dialect, found[1])
    for parent in (folder, *folder.parents)[:_MAX_PARENTS]:
        name = next((name for name in dialect.contents if name and parent.as_posix().endswith(f"/{name}")), None)
        if name is not None:
            return _site_at(parent.parents[name.count("/")], dialect)
    return _site_at(folder, dialect)


def _site_at(root: Path, dialect: Dialect) -> OldSite:
    return OldSite(root=root, folders=tuple(root / name for name in dialect.statics))


def _configured_site(dialect: Dialect, root: Path) -> OldSite:
    name = next(name for name in dialect.configs if (root / name).is_file())
    values = {key.lower(): value for key, value in _values(name, _read(root / name) or "").items()}
    texts = {key: value for key, value in values.items() if isinstance(value, str) and value}

    def first(*keys: str) -> str:
        return next((texts[key] for key in keys if key in texts), "")

    address = first("baseurl", "base_url", "siteurl", "site_url")
    if dialect.name == "jekyll":
        address = f"{first('url').rstrip('/')}/{address.strip('/')}"
    elif not address:
        address = first("site", "url")
    return replace(
        _site_at(root, dialect),
        base_url=address.rstrip("/") if re.match(r"https?://\w", address) else "",
        title=first("title", "sitename", "blog_title"),
        permalink=first("permalink", "permalinks"),
        is_known=True,
    )


def _read(path: Path) -> str | None:
    try:
        if not path.is_file() or path.stat().st_size > _MAX_CONFIG_BYTES:
            return None
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None


def _values(name: str, text: str) -> Mapping[str, Any]:
    """Return the values of a configuration; of a program only those that are written as text."""
    try:
        if name.endswith(".toml"):
            values = as_text(tomllib.loads(text))
        elif name.endswith(".json"):
            values = as_text(json.loads(text))
        elif name.endswith((".yml", ".yaml")):
            node = parse_yaml(SourceText(name, text), text, Diagnostics(), limit=_MAX_CONFIG_BYTES)
            values = plain_node(node) if node is not None else {}
        else:
            values = {match[1]: match[2] for match in reversed([*_PYTHON_OR_SCRIPT.finditer(text)])}
    except (ValueError, RecursionError):
        return {}
    return values if isinstance(values, dict) else {}
