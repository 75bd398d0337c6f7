"""Values of the front matter that an old site sets for several texts: by folder, by path, or for all."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from sitegen.diagnostics import Diagnostics, SourceText
from sitegen.importers.formats.content_folder.dialects import Dialect, read_config_file
from sitegen.importers.formats.content_folder.permalinks import glob
from sitegen.importers.formats.content_folder.settings import SiteSettings, config_values, jekyll_type, read_settings
from sitegen.importers.front_matter import read_front_matter
from sitegen.importers.inputs import InputError
from sitegen.importers.values.visibility import FALSE, TRUE

_TARGETS: Final = ("target", "_target")
_ALL: Final = "**"


class SharedValues(Struct, frozen=True):
    """Values for texts whose path matches the glob `paths`, and whose type and language match those that are given."""

    values: Mapping[str, Any]
    paths: str = _ALL
    type: str = ""
    language: str = _ALL


def inherited_values(settings: SiteSettings, file: Path, path: str, language: str) -> dict[str, Any]:
    """Return the values that the site of a text sets for it and others, as the front matter would have them.

    `path` is that of the text below the folder of all texts, without suffix.
    """
    kind = ""
    if settings.dialect.name == "jekyll":
        parts = file.relative_to(settings.root).parts
        path = "/".join(parts)
        kind = "drafts" if "_drafts" in parts else jekyll_type(parts[:-1])
    values: dict[str, Any] = {}
    for shared in _shared_values(settings.dialect, file.parent):
        is_type = not shared.type or shared.type == kind
        if is_type and glob(shared.paths)(path) and glob(shared.language)(language):
            values |= shared.values
    return values


@lru_cache(maxsize=4096)
def _shared_values(dialect: Dialect, folder: Path) -> tuple[SharedValues, ...]:
    """Return the shared values for the texts in a folder; later ones replace those before."""
    settings = read_settings(dialect, folder)
    root = settings.root
    folders = [parent for parent in reversed((folder, *folder.parents)) if parent.is_relative_to(root)]
    if dialect.name == "hugo":
        shared = [*_cascade(settings.values.get("cascade"))]
        for parent in folders:
            shared += _cascade(_section(parent).get("cascade"))
        return tuple(shared)
    if dialect.name == "zola":
        drafts = (_section(parent).get("draft") for parent in folders)
        return (SharedValues({"draft": "true"}),) if any(str(draft) in TRUE for draft in drafts) else ()
    if dialect.name == "jekyll":
        return tuple(sorted(_jekyll_defaults(settings), key=lambda item: (len(item.paths), bool(item.type))))
    if dialect.name == "pelican":
        return tuple(_pelican_defaults(settings, folder))
    if dialect.name == "eleventy":
        return tuple(value for parent in folders for value in _eleventy_data(parent, parent.name))
    return ()


@lru_cache(maxsize=4096)
def _section(folder: Path) -> Mapping[str, Any]:
    """Return the front matter of the page of a section; empty if it has none."""
    text = read_config_file(folder / "_index.md")
    try:
        front, _, _ = read_front_matter(SourceText("", text or ""), Diagnostics())
    except InputError:
        return {}
    return {key.lower(): value.value for key, value in front.items()}


def _cascade(given: object) -> Iterator[SharedValues]:
    """Yield the values of a cascade of Hugo for pages: a mapping or a list of them, each with a target or without."""
    for item in given if isinstance(given, list) else [given]:
        if not isinstance(item, dict):
            continue
        target: dict[str, Any] = next((item[key] for key in _TARGETS if isinstance(item.get(key), dict)), {})
        values = {key: value for key, value in item.items() if key not in _TARGETS}
        wanted = {key: value for key, value in target.items() if isinstance(value, str) and value}
        if glob(wanted.get("kind", _ALL))("page") and glob(wanted.get("environment", _ALL))("production"):
            yield SharedValues(values, wanted.get("path", _ALL), language=wanted.get("lang", _ALL))


def _jekyll_defaults(settings: SiteSettings) -> Iterator[SharedValues]:
    given = settings.values.get("defaults")
    for item in given if isinstance(given, list) else ():
        scope, values = (item.get(key) if isinstance(item, dict) else None for key in ("scope", "values"))
        if isinstance(scope, dict) and isinstance(values, dict):
            path, kind = (str(scope.get(key) or "").strip("/") for key in ("path", "type"))
            yield SharedValues(values, f"{path}/**" if path else _ALL, kind)


def _pelican_defaults(settings: SiteSettings, folder: Path) -> Iterator[SharedValues]:
    values = settings.values
    if isinstance(category := values.get("default_category"), str):
        yield SharedValues({"category": category})
    given = values.get("default_metadata")
    pairs = given.items() if isinstance(given, dict) else [pair for pair in given or () if len(pair) == 2]
    yield SharedValues({str(key).lower(): value for key, value in pairs})
    content = next((settings.root.joinpath(*parts) for parts, _ in settings.folders), folder)
    folders = folder.relative_to(content).parts if folder.is_relative_to(content) else ()
    if folders and folders[0] != "pages" and str(values.get("use_folder_as_category")) not in FALSE:
        yield SharedValues({"category": folder.name})


def _eleventy_data(folder: Path, name: str) -> Iterator[SharedValues]:
    """Yield the data of a folder in JSON. Those in JavaScript are programs."""
    for file in (f"{name}.json", f"{name}.11tydata.json"):
        yield SharedValues(config_values(folder / file))
