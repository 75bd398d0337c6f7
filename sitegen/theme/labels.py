"""Writes the labels that a theme lacks in a language to a file to translate."""

import json
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Final

from sitegen.diagnostics import ContentError, Diagnostics, ExternalError, SourceLocation, UsageError
from sitegen.theme.feed_labels import PLACEHOLDERS, PREFIX
from sitegen.theme.loader import load_theme
from sitegen.theme.messages import TemplateError
from sitegen.theme.model import CONTRACT_VERSION, PLURALS, Message, SiteOptions, Theme
from sitegen.util.cldr import babel_locale, is_known_language, language_name, likely_language
from sitegen.util.paths import read_bytes
from sitegen.yaml_source.nodes import decode
from sitegen.yaml_source.reader import is_language

_HEADER: Final = """\
# The labels of the theme in {language}. Write the translation after the colon; the other text is above it.
# Keep names in braces, such as {{count}}. A label without a text is shown in the other language.
"""
_PLAIN: Final = re.compile(r"\w(?:[^\n\"#:]*[^\s\"#:])?")
"""A text that needs no quotation marks in YAML."""


def write_labels(
    root: Path,
    theme_name: str,
    tag: str,
    locales: tuple[str, ...],
    requested_at: SourceLocation,
    *,
    missing_labels: Callable[[Theme], Iterable[Message]],
) -> tuple[Path, int]:
    """Write the labels of a theme that have no text in the language `tag`. Return their file and number.

    `missing_labels` returns those that its templates use and that have no text in any language.

    A file that exists keeps its translations and gets the labels that it lacks. The labels of a bundled theme are
    written to a child of it, `my-` and its name. Nothing is written if no label is missing. `requested_at` is where
    `site.yaml` names the theme. Raises UsageError, ContentError and ExternalError.
    """
    if not is_language(tag):
        raise UsageError(f"{tag!r} is not a language tag such as vi or pt-BR")
    if not is_known_language(tag) and (near := likely_language(tag)):
        raise UsageError(f"{tag!r} is the code of a country, not the tag of a language; did you mean {near!r}?")
    is_bundled = not (root / "themes" / theme_name / "theme.yaml").is_file()
    name = f"my-{theme_name}" if is_bundled else theme_name
    folder = root / "themes" / name
    is_new = not (folder / "theme.yaml").is_file()
    diagnostics = Diagnostics()
    theme = load_theme(root, theme_name if is_new else name, diagnostics, requested_at, SiteOptions(locales))
    if theme is None or diagnostics.errors:
        raise ContentError(tuple(diagnostics))
    feed_labels = _missing_feed_labels(root, theme, requested_at)
    try:
        missing = [*theme.untranslated(tag), *missing_labels(theme), *feed_labels]
    except TemplateError as error:
        raise ContentError((error.diagnostic,)) from error
    file = folder / "locale" / f"{tag}.yaml"
    if missing:
        before = _text(file, f"themes/{name}/locale/{tag}.yaml", tag)
        try:
            if is_new:
                _write(folder / "theme.yaml", f"name: {name}\ncontract: {CONTRACT_VERSION}\nparent: {theme_name}\n")
            text = before if before.endswith("\n") else f"{before}\n"
            _write(file, text + "".join(_lines(missing, tag, before)))
        except OSError as error:
            raise ExternalError(f"cannot write {error.filename}: {error.strerror}") from error
    return file, len(missing)


def _missing_feed_labels(root: Path, theme: Theme, requested_at: SourceLocation) -> list[Message]:
    """Return the feed labels that a theme has in no language, with the texts of the theme `default` in English."""
    default = load_theme(root, "default", Diagnostics(), requested_at)
    if default is None:
        return []
    known, texts = theme.messages("en"), default.messages("en")
    return [texts[key] for key in (f"{PREFIX}{name}" for name in PLACEHOLDERS) if key not in known]


def _text(file: Path, path: str, tag: str) -> str:
    """Return the text of a file of labels, or that of a new one. Raises ContentError if it is not a text."""
    if not file.is_file():
        return _HEADER.format(language=language_name(tag, "en"))
    diagnostics = Diagnostics()
    source = decode(path, read_bytes(path, file), diagnostics)
    if source is None:
        raise ContentError(tuple(diagnostics))
    return source.text


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, "utf-8", newline="\n")


def _lines(missing: Sequence[Message], tag: str, before: str) -> list[str]:
    """Return each missing label that the file lacks, below the text in the other language as a comment.

    A comment after the colon would be an error as soon as a translation is before it.
    """
    written = set(re.findall(r"^([^\s#:]+):", before, re.MULTILINE))
    categories = sorted(babel_locale(tag).plural_form.tags | {"other"}, key=PLURALS.index)
    return [_line(item, categories) for item in missing if item.key not in written]


def _line(item: Message, categories: list[str]) -> str:
    other = item.form("other")
    shown = _quoted(other)
    if len(item.forms) > 1:
        shown = " | ".join(f"{key}: {_quoted(text)}" for key, text in item.forms)
    has_plural = len(categories) > 1 and (len(item.forms) > 1 or "{count}" in other)
    value = " {" + ", ".join(f"{key}: " for key in categories) + "}" if has_plural else ""
    return f"# {shown}\n{item.key}:{value}\n"


def _quoted(text: str) -> str:
    """Return a text as YAML has it: in quotation marks if it has others, marks of YAML or spaces around it."""
    return text if _PLAIN.fullmatch(text) else json.dumps(text, ensure_ascii=False)
