"""Publish targets as `site.yaml` describes them. The options of each target type belong to `sitegen.publish`."""

from collections.abc import Callable, Mapping
from typing import Any, Final

from msgspec import Struct

OptionReaders = Mapping[str, Callable[[Any], Any]]
"""For each target type a function that reads the options of a target from an `OptionsReader`."""

DEFAULT_KEEP: Final = 5
DEFAULT_TIMEOUT: Final = 60


class Target(Struct, frozen=True, kw_only=True):
    """A publish target.

    `keep_releases` is the number of releases to keep, and for how many publishes an asset outlives the pages that use
    it. `max_delete` is the number of files that may be deleted without permission, None for the default limit. `hook`
    is a command that receives the changed URLs on standard input, `changed_urls_file` a file that lists them. `timeout`
    is in seconds without output. `options` are the keys that only this type has, as its reader returned them.
    """

    name: str
    type: str
    keep_releases: int = DEFAULT_KEEP
    max_delete: int | None = None
    hook: tuple[str, ...] = ()
    changed_urls_file: str | None = None
    timeout: int = DEFAULT_TIMEOUT
    options: Any = None


_provider: Callable[[], OptionReaders] | None = None


def set_target_types(provider: Callable[[], OptionReaders]) -> None:
    """Set the function that returns a reader of options for each target type.

    It is called only if a `site.yaml` has targets. This layer must not import the package that implements them.
    """
    global _provider  # noqa: PLW0603 - set once at start
    _provider = provider


def target_types() -> OptionReaders | None:
    """Return a reader of options for each target type; None if no provider was set."""
    return None if _provider is None else _provider()
