"""`sitegen explain`: show the inputs of an output file."""

from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import click
from msgspec import to_builtins

from sitegen.builder.configuration import load_valid_settings
from sitegen.builder.explain import Explanation, explain
from sitegen.cli.build import build_request
from sitegen.cli.command import Command, Invocation, build_time_option, drafts_option, format_option, output_option
from sitegen.diagnostics import EXIT_OK, to_json
from sitegen.util.paths import OUTPUT


@click.command(
    cls=Command,
    examples=("sitegen explain /topics/trade/", "sitegen explain feed.xml --format json"),
    manual="explain-a-page",
)
@click.argument("path")
@output_option("Read")
@drafts_option
@build_time_option
@format_option("text", "json")
@click.pass_obj
def command(invocation: Invocation, /, *, path: str, **options: Any) -> int:
    """Show the inputs of an output file: its templates, its sources, and whether it is up to date.

    PATH is a file of the site, the path of a page such as /topics/trade/, or its address in a browser.
    """
    request = build_request(invocation.project, jobs=1, **options)
    path = _site_path(path, invocation.project)
    is_page = not path or path.endswith("/") or "." not in path.rpartition("/")[2]
    explanation = explain(request, f"{path.rstrip('/')}/index.html".lstrip("/") if is_page else path)
    print(to_json(to_builtins(explanation)) if invocation.reporter.format == "json" else _render(explanation))
    return EXIT_OK


def _site_path(path: str, project: Path) -> str:
    """Return a path below the site's folder: of an address, without its host and the path of `base_url`."""
    address = urlsplit(path)
    if address.scheme in {"http", "https"}:
        base = urlsplit(load_valid_settings(project).config.base_url).path
        path = unquote(address.path).removeprefix(base)
    return path.lstrip("/").removeprefix(f"{OUTPUT}/site/")


def _render(explanation: Explanation) -> str:
    locale = f", in the locale {explanation.locale}" if explanation.locale else ""
    rows = [("kind", explanation.kind + locale)]
    rows += [("" if index else "template", name) for index, name in enumerate(explanation.templates)]
    rows += [("" if index else "source", name) for index, name in enumerate(explanation.sources)]
    state = "up to date" if explanation.fresh else "stale; the next build will write it"
    rows += [("key", explanation.key), ("state", state)]
    hint = "; if it reports the same event, write `follows` in one of the two"
    rows += [("" if index else "similar", f"{name}{hint}") for index, name in enumerate(explanation.same_event)]
    return "\n".join([explanation.path, *(f"  {name:<10}{value}" for name, value in rows)])
