"""`sitegen theme`: work with the labels of the theme."""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import click

from sitegen.builder.configuration import load_valid_settings
from sitegen.cli.command import Command, Invocation
from sitegen.diagnostics import Diagnostics
from sitegen.errors import EXIT_OK, ContentError, ExternalError, UsageError
from sitegen.paths import read_bytes
from sitegen.theme.loader import load_theme
from sitegen.theme.model import CONTRACT_VERSION, Message, SiteOptions
from sitegen.util.cldr import babel_locale, language_name
from sitegen.yaml_source.nodes import decode
from sitegen.yaml_source.reader import is_language

_HEADER: Final = """\
# The labels of the theme in {language}. Write the translation after the colon; the other text is next to it.
# Keep names in braces, such as {{count}}. A label without a text is shown in the other language.
"""


@click.command(
    cls=Command,
    examples=("sitegen theme messages vi", "sitegen theme messages pt-BR"),
    manual="add-a-language",
)
@click.argument("action", type=click.Choice(["messages"]), expose_value=False)
@click.argument("tag")
@click.pass_obj
def command(invocation: Invocation, *, tag: str) -> int:
    """Write the labels that have no text in the language TAG to a file to translate.

    A file that exists keeps its translations and gets the labels that it lacks.
    """
    if not is_language(tag):
        raise UsageError(f"{tag!r} is not a language tag such as vi or pt-BR")
    settings, root, reporter = load_valid_settings(invocation.project), invocation.project, invocation.reporter
    name, parent = settings.config.theme, None
    if not (root / "themes" / name / "theme.yaml").is_file():  # a bundled theme: its child gets the labels
        name, parent = f"my-{name}", name
    folder = root / "themes" / name
    is_new = not (folder / "theme.yaml").is_file()
    diagnostics = Diagnostics()
    theme = load_theme(
        root,
        parent if parent and is_new else name,
        diagnostics,
        settings.theme_location,
        SiteOptions(settings.config.locales),
    )
    if theme is None or diagnostics.errors:
        raise ContentError(tuple(diagnostics))
    missing = theme.untranslated(tag)
    if not missing:
        reporter.line(f"the theme {theme.name} has a text in {tag!r} for each label; nothing was written")
        return EXIT_OK
    file = folder / "locale" / f"{tag}.yaml"
    before = _text(file, f"themes/{name}/locale/{tag}.yaml", tag)
    try:
        if is_new:
            _write(folder / "theme.yaml", f"name: {name}\ncontract: {CONTRACT_VERSION}\nparent: {parent}\n")
        text = before if before.endswith("\n") else f"{before}\n"
        _write(file, text + "".join(_lines(missing, tag, before)))
    except OSError as error:
        raise ExternalError(f"cannot write {error.filename}: {error.strerror}") from error
    reporter.line(f"{file}: {len(missing)} labels to translate")
    steps = [f"translate {file}"]
    steps += [f"set `theme: {name}` in site.yaml"] if parent else []
    steps += [f"add {tag} to `locales` in site.yaml"] if tag not in settings.config.locales else []
    reporter.line(f"\nNext:  {'; '.join(steps)}; then run sitegen build")
    return EXIT_OK


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
    """Return a line for each missing label that the file lacks, with the other language as a comment."""
    written = set(re.findall(r"^([^\s#:]+):", before, re.MULTILINE))
    categories = sorted(babel_locale(tag).plural_form.tags | {"other"}, key=_ORDER.index)
    return [_line(item, categories) for item in missing if item.key not in written]


_ORDER: Final = ("zero", "one", "two", "few", "many", "other")


def _line(item: Message, categories: list[str]) -> str:
    forms = dict(item.forms)
    shown = item.form("other") if len(forms) == 1 else " | ".join(f"{key}: {text}" for key, text in item.forms)
    value = " {" + ", ".join(f"{key}: " for key in categories) + "}" if len(forms) > 1 and len(categories) > 1 else ""
    return f"{item.key}:{value}  # {' '.join(shown.split())}\n"
