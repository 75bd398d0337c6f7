"""Checks of the values of options that several commands have."""

from collections.abc import Iterable, Sequence

from sitegen.content.slugs import slug_problem, valid_slug
from sitegen.diagnostics import closest_match
from sitegen.errors import UsageError


def check_known(option_name: str, values: Iterable[str], allowed: Sequence[str], expected: str) -> None:
    """Raise UsageError for a value of an option that is not allowed, with the closest one or what is expected."""
    for value in values:
        if value not in allowed:
            match = closest_match(value, allowed)
            hint = f"did you mean {match!r}?" if match else f"expected {expected}"
            raise UsageError(f"{option_name} {value!r} is not known; {hint}")


def check_slug(slug: str | None) -> None:
    """Raise UsageError if --slug is not a valid slug, with one that is."""
    if slug is not None and (problem := slug_problem(slug)):
        near = valid_slug(slug)
        raise UsageError(f"--slug {slug!r} {problem}" + (f"; did you mean {near!r}?" if near else ""))
