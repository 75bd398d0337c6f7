"""Where a digest is published, as `site.yaml` says it: one small value for each kind of target.

There is no key for a password, a token or a secret: those come from the environment or from the usual stores.
"""

from dataclasses import field
from enum import StrEnum
from typing import Final

from sitegen.diagnostics import SourceLocation
from sitegen.util.frozen import dataclass

KEEP: Final = 5
TIMEOUT: Final = 60


class HostingProvider(StrEnum):
    """Who serves what is published, where that decides which files it reads."""

    GITHUB = "github"
    GITLAB = "gitlab"
    CODEBERG = "codeberg"
    CLOUDFLARE = "cloudflare"
    NETLIFY = "netlify"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """What every target has.

    `keep` is how many releases stay, and for how many publishes an asset outlives the pages that named it. `max_delete`
    is the number of files above which deleting needs a word more. `hook` is a command that gets the changed URLs on its
    standard input, `changed` a file that they are written to. `timeout` is in seconds, of silence.
    """

    name: str
    keep: int = KEEP
    max_delete: int | None = None
    hook: tuple[str, ...] = ()
    changed: str | None = None
    timeout: int = TIMEOUT
    location: SourceLocation = field(default=SourceLocation(""), compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class DirectoryTarget(Target):
    """A folder of this machine: releases, and a link `current` that a web server follows."""

    path: str
    compress: tuple[str, ...] = ("gzip",)


@dataclass(frozen=True, slots=True, kw_only=True)
class RsyncTarget(Target):
    """The same on another machine: `user@host:/path`, `host::module/path` or `rsync://host/module/path`."""

    to: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GitTarget(Target):
    """A branch. `remote` is an address or the name of a remote of the project's own repository.

    `cname` is the host written to `CNAME`, "" for none. With `single_commit` the branch has one commit, which replaces
    the one before it.
    """

    remote: str
    branch: str
    host: HostingProvider
    cname: str
    single_commit: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class S3Target(Target):
    """A bucket of an S3-compatible store; `endpoint` is None for Amazon's own."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    profile: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArchiveTarget(Target):
    """A `.tar.gz` or a `.zip`. `policy` is the content security policy for hosts that read one, None for our own."""

    path: str
    host: HostingProvider
    policy: str | None = None


COMPRESSIONS: Final = ("gzip", "brotli")
TARGET_TYPES: Final = {
    "directory": DirectoryTarget,
    "rsync": RsyncTarget,
    "git": GitTarget,
    "s3": S3Target,
    "archive": ArchiveTarget,
}
"""The word after `kind:`, and what it makes."""
