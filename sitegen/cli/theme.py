"""`sitegen theme`: work with the labels of the theme."""

import click

from sitegen.builder.configuration import load_valid_settings
from sitegen.cli.command import Command, Invocation
from sitegen.diagnostics import EXIT_OK, plural
from sitegen.outputs.renderer import renderer_of
from sitegen.theme.labels import write_labels


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

    A file that exists keeps its translations and gets the labels that it lacks, also those that templates use and that
    have no text in any language.
    """
    settings, root, reporter = load_valid_settings(invocation.project), invocation.project, invocation.reporter
    config = settings.config
    file, count = write_labels(
        *(root, config.theme, tag, config.locales, settings.theme_location),
        missing_labels=lambda theme: renderer_of(theme).templates.missing_labels(),
    )
    name = file.parent.parent.name
    if not count:
        reporter.line(f"the theme {config.theme} has a text in {tag!r} for each label; nothing was written")
        return EXIT_OK
    reporter.line(f"{file}: {plural(count, 'label')} to translate")
    steps = [f"translate {file}"]
    steps += [f"set `theme: {name}` in site.yaml"] if name != config.theme else []
    steps += [f"add {tag} to `locales` in site.yaml"] if tag not in config.locales else []
    reporter.line(f"\nNext:  {'; '.join(steps)}; then run sitegen build")
    return EXIT_OK
