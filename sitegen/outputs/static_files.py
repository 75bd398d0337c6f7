"""Files that are published as they are: those of `content/static/`, at the root of the site."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from sitegen.content.slugs import alias_problem
from sitegen.diagnostics import Diagnostics, SourceLocation
from sitegen.outputs.recipes import CopyFile, Output
from sitegen.outputs.redirects import PathRegistry
from sitegen.util.paths import STATIC

ROBOTS: Final = "robots.txt"
"""The only file that replaces one of the site (RFC 9309): an editor may refuse some crawlers."""


def plan_static_files(
    digests: Mapping[str, str], outputs: Iterable[Output], diagnostics: Diagnostics
) -> Iterator[Output]:
    """Yield each file; `digests` are their SHA-256 by project path, `outputs` are the other files of the site.

    A path that another file of the site has, and one that a host reserves, is an error.
    """
    if not digests:
        return
    registry = PathRegistry()
    for output in outputs:
        registry.claim(output.path, "the site")
    for source, digest in digests.items():
        path = source.removeprefix(f"{STATIC}/")
        problem = alias_problem(f"/{path}")
        owner = registry.claim(path, source) if problem is None else None
        if problem is not None:
            message, hint = f"the path /{path} {problem}", "rename the file"
            diagnostics.error("bad-static-file", SourceLocation(source), message, hint=hint)
        elif owner is not None:
            message = f"/{path} is an address of {owner}"
            diagnostics.error("bad-static-file", SourceLocation(source), message, hint="rename or delete the file")
        else:
            yield Output(path, CopyFile(source, digest))
