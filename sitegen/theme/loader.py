"""Loads themes: the site's own `themes/<name>`, else the bundled theme."""

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from msgspec.structs import replace

from sitegen.config.model import ThemeValue
from sitegen.diagnostics import Diagnostics, SourceLocation, closest_match
from sitegen.theme.files import THEME_FILE, THEME_FOLDERS, find_theme, other_folders, theme_files
from sitegen.theme.label_checks import check_labels
from sitegen.theme.model import (
    NO_OPTIONS,
    Message,
    SiteOptions,
    Static,
    Template,
    Theme,
    merge,
    read_manifest,
    read_messages,
)
from sitegen.theme.settings import fill_in, resolve_settings
from sitegen.util.hashing import hashed_name
from sitegen.util.paths import bundled_folder, exists, has_utf8_name, read_bytes, readable_name
from sitegen.util.plugins import plugin_folders, plugins
from sitegen.yaml_source.nodes import decode


def load_theme(
    root: Path, name: str, diagnostics: Diagnostics, requested_at: SourceLocation, site: SiteOptions = NO_OPTIONS
) -> Theme | None:
    """Load a theme, which is requested at `requested_at`, and its parents; return None if one is missing.

    Templates and labels that none of them has are those of plugins: the folders `templates` and `locale` of a package.
    Raises ExternalError for files that cannot be read.
    """
    chain, is_complete = _chain(root, name, diagnostics, requested_at)
    places: dict[tuple[str, Message], SourceLocation] = {}
    layers = [_load_layer(folder, current, places, diagnostics) for current, (folder, _) in chain.items()]
    if not is_complete:
        return None
    packages = list(_plugin_layers(diagnostics))
    check_labels(layers, packages, places, diagnostics)
    values = [value for _, settings in reversed(chain.values()) for value in settings]
    theme = replace(
        merge([*layers, *packages], site), settings=resolve_settings((*values, *site.settings), diagnostics)
    )
    return replace(theme, statics=tuple(sorted(_fill_in(theme, diagnostics), key=lambda static: static.name)))


def theme_ancestry(root: Path, name: str) -> tuple[str, ...]:
    """Return the names of a theme and of its parents, as far as they can be read."""
    chain, _ = _chain(root, name, Diagnostics(), SourceLocation(""))
    return tuple(chain)


def _chain(
    root: Path, name: str, diagnostics: Diagnostics, requested_at: SourceLocation
) -> tuple[dict[str, tuple[Path, tuple[ThemeValue, ...]]], bool]:
    """Return folder and settings of a theme and of its parents by their names, and whether there are all of them.

    One that is missing or its own parent is reported.
    """
    chain: dict[str, tuple[Path, tuple[ThemeValue, ...]]] = {}
    current: str | None = name
    while current is not None:
        if current in chain:
            message = f"circular parents of themes: {' → '.join([*chain, current])}"
            diagnostics.error("theme-loop", requested_at, message)
            return chain, False
        folder = find_theme(root, current)
        if folder is None:
            known = sorted({*_names(root / "themes"), *_names(bundled_folder("themes"))})
            message = f"there is no theme {current!r}"
            hint = "a theme of your own is a folder in themes/, next to site.yaml"
            diagnostics.error("missing-theme", requested_at, message, got=current, allowed=known, hint=hint)
            return chain, False
        if not exists(folder / THEME_FILE):
            message = f"themes/{current} has no {THEME_FILE}, so it is not a theme"
            hint = "add one as `sitegen docs change-the-theme` shows, or remove the folder"
            diagnostics.error("missing-theme", requested_at, message, hint=hint)
            return chain, False
        path = f"themes/{current}/{THEME_FILE}"
        parent, settings = read_manifest(path, current, read_bytes(path, folder / THEME_FILE), diagnostics)
        chain[current] = (folder, settings)
        current, requested_at = parent or (None, requested_at)
    return chain, True


def _names(folder: Path) -> list[str]:
    return [entry.parent.name for entry in folder.glob(f"*/{THEME_FILE}")] if folder.is_dir() else []


def _fill_in(theme: Theme, diagnostics: Diagnostics) -> Iterator[Static]:
    """Yield the static files of a theme with the values of its settings, and stylesheets with the names of others."""
    values = {f"setting({name})": value for name, value in theme.settings}
    for static in sorted(theme.statics, key=lambda static: static.name.endswith(".css")):
        data = fill_in(static.path, static.data, values, diagnostics)
        filled = static if data is static.data else replace(static, data=data, digest=sha256(data).hexdigest())
        if not static.name.endswith(".css"):
            values[f"asset({static.name})"] = hashed_name(filled.name, filled.digest)
        yield filled


def _load_layer(
    folder: Path, name: str, places: dict[tuple[str, Message], SourceLocation], diagnostics: Diagnostics
) -> Theme:
    """Return the files of one theme, without its parents, and add to `places` where its labels are."""
    base = f"themes/{name}"
    for other in other_folders(folder):
        near = closest_match(other, THEME_FOLDERS)
        if near is not None:
            location = SourceLocation(f"{base}/{readable_name(other)}")
            diagnostics.warning("not-read", location, "the folder is ignored", near=near)
    statics = []
    for part, file in _files(folder / "static", f"{base}/static", diagnostics):
        path = f"{base}/static/{part}"
        data = read_bytes(path, file)
        statics.append(Static(part, data, sha256(data).hexdigest(), path))
    templates, labels = _load_texts(folder, name, base, diagnostics)
    places |= {(name, label): location for label, location in labels}
    return Theme(name, templates, tuple(statics), tuple(label for label, _ in labels))


def _files(folder: Path, base: str, diagnostics: Diagnostics) -> Iterator[tuple[str, Path]]:
    """Yield name and path of each file of a folder, whose path is `base` in diagnostics; report names not in UTF-8."""
    for part, file in theme_files(folder):
        if has_utf8_name(f"{base}/{part}", diagnostics):
            yield part, file


def _plugin_layers(diagnostics: Diagnostics) -> Iterator[Theme]:
    """Yield the templates and labels of each package with plugins."""
    folders = dict.fromkeys(folder for point in plugins() for folder in plugin_folders(point))
    for folder in folders:
        templates, labels = _load_texts(folder, folder.name, folder.name, diagnostics)
        yield Theme(folder.name, templates, (), tuple(label for label, _ in labels))


def _load_texts(
    folder: Path, name: str, base: str, diagnostics: Diagnostics
) -> tuple[tuple[Template, ...], list[tuple[Message, SourceLocation]]]:
    """Return the templates and the labels in a folder, whose path is `base` in diagnostics."""
    templates = []
    for part, file in _files(folder / "templates", f"{base}/templates", diagnostics):
        path = f"{base}/templates/{part}"
        source = decode(path, read_bytes(path, file), diagnostics)
        if source is not None:
            templates.append(Template(part, path, source.text, name))
    labels: list[tuple[Message, SourceLocation]] = []
    for part, file in _files(folder / "locale", f"{base}/locale", diagnostics):
        path = f"{base}/locale/{part}"
        if part.endswith(".yml"):
            hint = f"rename it to {part.removesuffix('.yml')}.yaml"
            diagnostics.warning("not-read", SourceLocation(path), "the file is ignored: expected .yaml", hint=hint)
        if part.endswith(".yaml"):
            locale = part.removesuffix(".yaml")
            labels += read_messages(path, locale, read_bytes(path, file), diagnostics)
    return tuple(templates), labels
