"""Loads themes: the site's own `themes/<name>`, else the bundled theme."""

from hashlib import sha256
from pathlib import Path

from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.paths import read_bytes
from sitegen.theme.files import bundled_themes, find_theme, theme_files
from sitegen.theme.model import MessageCatalog, Static, Template, Theme, merge, read_manifest, read_messages
from sitegen.yaml_source.nodes import decode


def load_theme(root: Path, name: str, diagnostics: Diagnostics, asked_from: SourceLocation) -> Theme | None:
    """Load the theme that `asked_from` names, and its parents.

    What is wrong goes to `diagnostics`; None when there is nothing to render with.

    Raises SurroundingsError for files that cannot be read.
    """
    layers: list[Theme] = []
    chain: list[str] = []
    wanted: str | None = name
    while wanted is not None:
        if wanted in chain:
            message = f"the themes inherit in a circle: {' → '.join([*chain, wanted])}"
            diagnostics.error("theme-loop", asked_from, message)
            return None
        folder = find_theme(root, wanted)
        if folder is None:
            known = sorted({*_names(root / "themes"), *_names(bundled_themes())})
            message = f"there is no theme {wanted!r}"
            diagnostics.error("missing-theme", asked_from, message, got=wanted, allowed=known)
            return None
        chain.append(wanted)
        about_path = f"themes/{wanted}/theme.yaml"
        about = read_manifest(about_path, read_bytes(about_path, folder / "theme.yaml"), diagnostics)
        if about is not None and about.name != wanted:
            message = f"the theme in themes/{wanted} calls itself {about.name!r}"
            diagnostics.error("theme-name", about.name_location, message, hint=f"name: {wanted}")
        layers.append(_load_layer(folder, wanted, diagnostics))
        wanted = about.parent if about is not None else None
        asked_from = about.parent_location if about is not None else SourceLocation(about_path)
    return merge(layers)


def theme_ancestry(root: Path, name: str) -> tuple[str, ...]:
    """Return the names of a theme and of its parents, up to the first that cannot be read."""
    chain: list[str] = []
    wanted: str | None = name
    while wanted is not None and wanted not in chain:
        chain.append(wanted)
        folder = find_theme(root, wanted)
        if folder is None:
            break
        path = f"themes/{wanted}/theme.yaml"
        about = read_manifest(path, read_bytes(path, folder / "theme.yaml"), Diagnostics())
        wanted = about.parent if about is not None else None
    return tuple(chain)


def _names(folder: Path) -> list[str]:
    return [entry.parent.name for entry in folder.glob("*/theme.yaml")] if folder.is_dir() else []


def _load_layer(folder: Path, name: str, diagnostics: Diagnostics) -> Theme:
    base = f"themes/{name}"
    templates = []
    for part, file in theme_files(folder / "templates"):
        path = f"{base}/templates/{part}"
        source = decode(path, read_bytes(path, file), diagnostics)
        if source is not None:
            templates.append(Template(part, path, source.text, name))
    statics = []
    for part, file in theme_files(folder / "static"):
        data = read_bytes(f"{base}/static/{part}", file)
        statics.append(Static(part, data, sha256(data).hexdigest()))
    words: list[MessageCatalog] = []
    for part, file in theme_files(folder / "locale"):
        if part.endswith(".yaml"):
            path = f"{base}/locale/{part}"
            words.append(read_messages(path, part.removesuffix(".yaml"), read_bytes(path, file), diagnostics))
    return Theme(name, tuple(templates), tuple(statics), tuple(words))
