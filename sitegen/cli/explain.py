"""`sitegen explain`: why an output file is as it is."""

import argparse
from dataclasses import asdict
from pathlib import Path
from typing import Any

from sitegen.builder import BuildRequest
from sitegen.builder.explain import Explanation, explain
from sitegen.cli.common import Reporter, add_format, add_now, clock
from sitegen.diagnostics import to_json
from sitegen.errors import EXIT_OK


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "explain", help="say why an output file is as it is", description="Say what an output file is made of."
    )
    parser.add_argument("path", metavar="PATH", help="a file of the site, or the path of a page: /topics/trade/")
    parser.add_argument("--output", type=Path, metavar="DIR", help="instead of output/")
    parser.add_argument("--drafts", action="store_true", help="as a build with --drafts would make it")
    add_now(parser)
    add_format(parser, ("text", "json"))
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, reporter: Reporter) -> int:
    """Explain, and print it."""
    request = BuildRequest(
        root=options.project, now=options.now or clock(), output=options.output, drafts=options.drafts, jobs=1
    )
    path = options.path.lstrip("/")
    found = explain(request, f"{path}index.html" if not path or path.endswith("/") else path)
    print(to_json(asdict(found)) if reporter.kind == "json" else _text(found))
    return EXIT_OK


def _text(found: Explanation) -> str:
    rows = [("kind", found.kind + (f", in the locale {found.locale}" if found.locale else ""))]
    rows += [("template" if index == 0 else "", name) for index, name in enumerate(found.templates)]
    rows += [("source" if index == 0 else "", name) for index, name in enumerate(found.sources)]
    rows += [("key", found.key), ("state", "fresh" if found.fresh else "stale: the next build writes it")]
    return "\n".join([found.path, *(f"  {name:<10}{value}" for name, value in rows)])
