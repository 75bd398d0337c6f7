"""The settings of an old site: its address, the forms of the addresses of its texts, its languages."""

import ast
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from sitegen.config.model import Config
from sitegen.diagnostics import Diagnostics, SourceText
from sitegen.importers.formats.content_folder.dialects import (
    MAX_CONFIG_BYTES,
    MAX_PARENTS,
    Dialect,
    find_dialect,
    read_config_file,
)
from sitegen.importers.formats.content_folder.permalinks import pelican_pattern, urlized
from sitegen.importers.front_matter import as_text, plain_node
from sitegen.importers.values.visibility import TRUE
from sitegen.yaml_source.nodes import parse_yaml
from sitegen.yaml_source.reader import is_language

_NAMES_HAVE_LANGUAGES: Final = frozenset({"hugo", "zola", "nikola", "eleventy", "astro", "markdown"})
"""Generators for which `name.ja.md` is the Japanese version of `name.md`."""
_SCRIPT: Final = re.compile(r"\b(SITE_URL|site|title)\s*[=:]\s*[\"'`]([^\"'`\n]*)[\"'`]")
_DEFAULT_FOLDER: Final = Path("config/_default")

ContentFolder = tuple[tuple[str, ...], str]
"""The parts of a folder of texts, relative to the root of a site, and their language; empty if their names have it."""


class SiteSettings(Struct, frozen=True):
    """The settings of a site.

    `root` is the folder of its files, `base_url` its address without the last slash. `is_known` if it has a
    configuration, of which `values` are the values, with keys in lower case. `permalinks` are globs of the paths of
    texts with the form of their addresses; the first that matches counts. `languages` are those of its texts, each with
    the start of its addresses, `default_language` that of texts without another one. `folders` are the folders of its
    texts, those within others first. `is_ugly` if addresses end in `.html` instead of a slash.
    """

    dialect: Dialect
    root: Path = Path()
    base_url: str = ""
    title: str = ""
    is_known: bool = False
    picture_folders: tuple[Path, ...] = ()
    values: Mapping[str, Any] = {}
    permalinks: tuple[tuple[str, str], ...] = ()
    languages: tuple[tuple[str, str], ...] = ()
    default_language: str = ""
    folders: tuple[ContentFolder, ...] = ()
    is_ugly: bool = False
    has_dated_names: bool = True


@lru_cache(maxsize=4096)
def read_settings(dialect: Dialect, folder: Path) -> SiteSettings:
    """Return the settings of the site of a folder; without a configuration, by the names of the folders."""
    dialect_and_root = find_dialect(folder)
    if dialect_and_root is not None and dialect_and_root[0] == dialect:
        return _site_settings(*dialect_and_root, is_known=True)
    for parent in (folder, *folder.parents)[:MAX_PARENTS]:
        name = next((name for name in dialect.contents if name and parent.as_posix().endswith(f"/{name}")), None)
        if name is not None:
            return _site_settings(dialect, parent.parents[name.count("/")], is_known=False)
    return _site_settings(dialect, folder, is_known=False)


@lru_cache(maxsize=4096)
def _site_settings(dialect: Dialect, root: Path, *, is_known: bool) -> SiteSettings:
    values = _site_values(dialect, root) if is_known else {}
    texts = _texts(values)

    def first(*keys: str) -> str:
        return next((texts[key] for key in keys if texts.get(key)), "")

    address = first("baseurl", "base_url", "siteurl", "site_url")
    if dialect.name == "jekyll":
        address = f"{first('url').rstrip('/')}/{address.strip('/')}"
    elif not address:
        address = first("site", "url")
    default = first("defaultcontentlanguage", "default_language", "default_lang")
    languages = tuple(_languages(values, default))
    names = [name for name, _ in languages]
    return SiteSettings(
        dialect,
        root,
        base_url=address.rstrip("/") if re.match(r"https?://\w", address) else "",
        title=first("title", "sitename", "blog_title"),
        is_known=is_known,
        picture_folders=tuple(root / name for name in dialect.statics),
        values=values,
        permalinks=tuple(_permalinks(values)),
        languages=languages,
        default_language=default or ("en" if "en" in names else next(iter(names), "")),
        folders=_folders(dialect, values),
        is_ugly=first("uglyurls") in TRUE,
        has_dated_names=dialect.has_dated_names or ":filename" in str(_mapping(values, "frontmatter").get("date")),
    )


def _site_values(dialect: Dialect, root: Path) -> dict[str, Any]:
    """Return the values of the configuration of a site; Hugo's can be in a file for each key."""
    name = next(name for name in dialect.configs if (root / name).is_file())
    values = {key.lower(): value for key, value in config_values(root / name).items()}
    for file in sorted((root / _DEFAULT_FOLDER).glob("*.*")) if dialect.name == "hugo" else ():
        if file.stem in {"permalinks", "languages", "cascade", "frontmatter"}:
            values.setdefault(file.stem, config_values(file))
    return values


def _mapping(values: Mapping[str, Any], key: str) -> dict[str, Any]:
    value = values.get(key)
    return value if isinstance(value, dict) else {}


def _permalinks(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yield the forms of addresses, each with a glob of the paths of the texts that it is for."""
    given = values.get("permalinks")
    for item in given if isinstance(given, list) else ():  # Hugo's list of rules
        target = _mapping(item, "target") if isinstance(item, dict) else {}
        if (
            isinstance(item, dict)
            and isinstance(item.get("pattern"), str)
            and str(target.get("kind", "page")) == "page"
        ):
            path = target.get("path")
            yield path if isinstance(path, str) else "**", item["pattern"]
    sections = {**_mapping(values, "permalinks"), **_mapping(_mapping(values, "permalinks"), "page")}
    for section, pattern in sorted(sections.items(), key=lambda pair: (-len(pair[0]), pair)):
        name = "/".join(map(urlized, section.strip(" /").split("/")))
        if isinstance(pattern, str):
            yield f"/{name}/**" if name else "/*", pattern
    if isinstance(page := values.get("page_url"), str):
        yield "/pages/**", pelican_pattern(page)
    for key in ("permalink", "permalinks", "article_url"):
        pattern = values.get(key)
        if isinstance(pattern, str) and pattern:
            yield "**", pelican_pattern(pattern) if key == "article_url" else pattern


def _languages(values: Mapping[str, Any], default: str) -> Iterator[tuple[str, str]]:
    """Yield the languages of a site, each with the start of its addresses, such as `/ja`."""
    given = values.get("languages") or values.get("translations") or ()
    in_folder = str(values.get("defaultcontentlanguageinsubdir")) in TRUE
    names = given if isinstance(given, list | dict) else ()
    languages = {name: "" for name in (default, *names) if isinstance(name, str) and is_language(name)}
    for name in languages if len(languages) > 1 else ():
        folder = given.get(name) if isinstance(given, dict) else None
        path = folder.strip("./") if isinstance(folder, str) else name  # Nikola has paths, others settings
        is_at_root = not path or (name == (default or "en") and not in_folder)
        yield name, "" if is_at_root else f"/{path}"


def _folders(dialect: Dialect, values: Mapping[str, Any]) -> tuple[ContentFolder, ...]:
    """Return the folders of the texts, those within others first."""
    languages = _mapping(values, "languages")
    folders = [(tuple(name.split("/")), "") for name in dialect.contents if name]
    for language, settings in languages.items() if dialect.name == "hugo" else ():
        folder = next((value for key, value in _texts(settings).items() if key.lower() == "contentdir"), "")
        folders += [(tuple(folder.strip("/").split("/")), language)] if folder else []
    mounts = _mapping(values, "module").get("mounts")
    for mount in mounts if isinstance(mounts, list) else ():
        texts = _texts(mount)
        source, target = (texts.get(key, "").strip("/") for key in ("source", "target"))
        if source and target == "content":
            folders.append((tuple(source.split("/")), texts.get("lang", "")))
    main: object = values.get("contentdir") if dialect.name == "hugo" else values.get("path")
    if isinstance(main, str) and main.strip("./"):
        folders.append((tuple(main.strip("./").split("/")), ""))
    return tuple(sorted(folders, key=lambda item: (-len(item[0]), not item[1])))


def _texts(value: Any) -> dict[str, str]:
    """Return the values of a mapping that are texts."""
    pairs = value.items() if isinstance(value, Mapping) else ()
    return {key: item for key, item in pairs if isinstance(item, str)}


def jekyll_type(folders: Sequence[str]) -> str:
    """Return the type of a text of Jekyll by its folders: `posts`, `pages` or the name of a collection."""
    if {"_posts", "_drafts"} & {*folders}:
        return "posts"
    return next((name[1:] for name in folders if name.startswith("_")), "pages")


def jekyll_collection(settings: SiteSettings, name: str) -> Mapping[str, Any]:
    """Return the settings of a collection of Jekyll."""
    return _mapping(_mapping(settings.values, "collections"), name)


def config_values(file: Path) -> Mapping[str, Any]:
    """Return the values of a configuration; of a program only those that are written as they are."""
    text = read_config_file(file) or ""
    try:
        if file.suffix == ".toml":
            values = as_text(tomllib.loads(text))
        elif file.suffix == ".json":
            values = as_text(json.loads(text))
        elif file.suffix in {".yml", ".yaml"}:
            node = parse_yaml(SourceText("", text), text, Diagnostics(), limit=MAX_CONFIG_BYTES)
            values = plain_node(node) if node is not None else {}
        elif file.suffix == ".py":
            values = as_text(_python_values(text))
        else:
            values = {match[1]: match[2] for match in reversed([*_SCRIPT.finditer(text)])}
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return {}
    return values if isinstance(values, dict) else {}


def _python_values(text: str) -> dict[str, Any]:
    """Return the values that a Python program assigns to names, if they are literals or such names. Nothing is run."""
    values: dict[str, Any] = {}

    class Names(ast.NodeTransformer):
        def visit_Name(self, node: ast.Name) -> ast.expr:
            return ast.Constant(values[node.id]) if isinstance(values.get(node.id), str) else node

    for statement in ast.parse(text).body:
        if isinstance(statement, ast.Assign) and isinstance(target := statement.targets[0], ast.Name):
            try:
                values[target.id] = ast.literal_eval(Names().visit(statement.value))
            except (ValueError, TypeError):
                continue
    return values


def known_languages(settings: SiteSettings, config: Config) -> tuple[str, ...]:
    """Return the languages that names of files can have: those of the old site, or of the digest if it names none."""
    if settings.dialect.name not in _NAMES_HAVE_LANGUAGES:
        return ()
    return tuple(name for name, _ in settings.languages) or tuple(config.locales)


def split_language(stem: str, known: tuple[str, ...]) -> tuple[str, str]:
    """Return the name of a file without suffix and language, and the language; empty if it is not one of `known`."""
    base, _, suffix = stem.rpartition(".")
    language = next((name for name in known if name.casefold() == suffix.casefold()), "")
    return (base, language) if base and language else (stem, "")


@lru_cache(maxsize=64)
def suffixed_names(folder: Path, known: tuple[str, ...]) -> frozenset[str]:
    """Return the names of the texts in a folder of which a file has a language in its name."""
    try:
        names = [path.stem for path in folder.iterdir()]
    except OSError:
        return frozenset()
    split = (split_language(stem, known) for stem in names)
    return frozenset((folder.name if base == "index" else base) for base, language in split if language)
