"""`sitegen completion`: print the script that completes commands and options in a shell."""

from typing import Final

import click
from click.shell_completion import BashComplete, FishComplete, ZshComplete

from sitegen.cli.command import Command
from sitegen.diagnostics import EXIT_OK

_CLASSES: Final = {"bash": BashComplete, "zsh": ZshComplete, "fish": FishComplete}


@click.command(
    cls=Command,
    examples=(
        "sitegen completion bash >>~/.bashrc",
        "sitegen completion fish >~/.config/fish/completions/sitegen.fish",
    ),
    manual="install",
)
@click.argument("shell", type=click.Choice(tuple(_CLASSES)))
@click.pass_context
def command(ctx: click.Context, /, *, shell: str) -> int:
    """Print the script that completes commands and options in SHELL."""
    click.echo(_CLASSES[shell](ctx.find_root().command, {}, "sitegen", "_SITEGEN_COMPLETE").source())
    return EXIT_OK
