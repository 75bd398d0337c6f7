"""The table of generators: how their sites are recognized, and where they keep texts, pictures and addresses."""

import re
from functools import lru_cache
from pathlib import Path
from typing import Final

from msgspec import Struct

MAX_PARENTS: Final = 12
MAX_CONFIG_BYTES: Final = 256 * 1024


class Dialect(Struct, frozen=True):
    """One generator.

    `configs` are the files at the root of its sites, and `mark` is a pattern that one of them has. `contents` are
    folders of texts, `statics` those of pictures, relative to the root. If texts can be in any folder, `programs` are
    those of themes, programs and finished pages. `permalink` is the address of a text without
    one of its own, without a date at the start of its file's name if the generator `has_dated_names`.
    """

    name: str
    description: str
    configs: tuple[str, ...] = ()
    mark: str = ""
    contents: tuple[str, ...] = ("content",)
    statics: tuple[str, ...] = ("static",)
    programs: tuple[str, ...] = ()
    permalink: str = "/:sections/:slug/"
    has_dated_names: bool = True


DIALECTS: Final = (
    Dialect(
        "hugo",
        "a text of Hugo",
        tuple(
            f"{name}.{kind}"
            for name in ("hugo", "config", "config/_default/hugo", "config/_default/config")
            for kind in ("toml", "yaml", "yml", "json")
        ),
        r"(?i)baseurl|languagecode",
        statics=("static", "assets", "content"),
        permalink="/:sections/:slugorcontentbasename/",
        has_dated_names=False,
    ),
    Dialect(
        "jekyll",
        "a post of Jekyll",
        ("_config.yml", "_config.yaml", "_config.toml"),
        contents=("_posts", "_drafts", "collections", ""),
        statics=("",),
        programs=("_layouts", "_includes", "_data", "_sass", "_site", "_plugins", "assets", "vendor", "node_modules"),
        permalink="/:categories/:year/:month/:day/:title.html",
    ),
    Dialect("pelican", "an article of Pelican", ("pelicanconf.py",), statics=("content",), permalink="/:slug.html"),
    Dialect(
        "eleventy",
        "a text of Eleventy",
        (".eleventy.js", "eleventy.config.js", "eleventy.config.mjs", "eleventy.config.cjs", "eleventy.config.ts"),
        contents=("content", "src", ""),
        statics=("", "public", "src", "static"),
        programs=("_includes", "_data", "_site", "node_modules", "src/_includes", "src/_data", "public"),
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
        programs=("templates", "themes", "plugins", "output", "files", "images", "listings"),
        permalink="/posts/:slug/",
    ),
    Dialect(
        "astro",
        "a text of Astro",
        ("astro.config.mjs", "astro.config.js", "astro.config.ts", "astro.config.cjs"),
        contents=("src/content", "src/pages", "src"),
        statics=("public", "src"),
        has_dated_names=False,
    ),
    Dialect("markdown", "Markdown with front matter", contents=(), statics=("",), permalink=""),
)


@lru_cache(maxsize=4096)
def find_dialect(folder: Path) -> tuple[Dialect, Path] | None:
    """Return the generator of the site that a folder belongs to, by its configuration, and the root of the site."""
    for root in (folder, *folder.parents)[:MAX_PARENTS]:
        dialect = _dialect_of(root)
        if dialect is not None:
            return dialect, root
    return None


@lru_cache(maxsize=4096)
def _dialect_of(root: Path) -> Dialect | None:
    for dialect in DIALECTS:
        for name in dialect.configs:
            text = read_config_file(root / name)
            if text is not None and (not dialect.mark or re.search(dialect.mark, text)):
                return dialect
    return None


def read_config_file(path: Path) -> str | None:
    """Return the text of a configuration; None if there is none, or it is too large."""
    try:
        if not path.is_file() or path.stat().st_size > MAX_CONFIG_BYTES:
            return None
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
