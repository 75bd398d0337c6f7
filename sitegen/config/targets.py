"""Publish targets as `site.yaml` describes them. The options of each target type belong to `sitegen.publish`."""

from typing import Any, Final

from msgspec import Struct

from sitegen.util.registry import Registry

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


TARGET_TYPES: Final = Registry[Any]("sitegen.publish.targets")
"""Subclasses of `publish.backend.TargetBackend` by the value of `kind`. Filled only if a `site.yaml` has targets."""
