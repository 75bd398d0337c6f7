"""The publish targets of `site.yaml`, one value for each kind.

No target has a key for a password or a token: credentials come from the environment or from the usual stores.
"""

from enum import StrEnum
from typing import Final

from msgspec import Struct

KEEP: Final = 5
TIMEOUT: Final = 60


class HostingProvider(StrEnum):
    """The host of the published files, which determines the configuration files that it reads."""

    GITHUB = "github"
    GITLAB = "gitlab"
    CODEBERG = "codeberg"
    CLOUDFLARE = "cloudflare"
    NETLIFY = "netlify"
    OTHER = "other"


class Target(Struct, frozen=True, kw_only=True):
    """The keys that all targets share.

    `keep` is the number of releases, and the number of publishes for which an asset outlives the last page that uses
    it. More than `max_delete` deleted files need --yes-delete. `hook` is a command that receives the changed URLs on
    its standard input, `changed` a file that they are written to. `timeout` is in seconds without data.
    """

    name: str
    keep: int = KEEP
    max_delete: int | None = None
    hook: tuple[str, ...] = ()
    changed: str | None = None
    timeout: int = TIMEOUT


class DirectoryTarget(Target, frozen=True, kw_only=True):
    """A local folder with releases and the link `current`, which is the root of a web server."""

    path: str
    compress: tuple[str, ...] = ("gzip",)


class RsyncTarget(Target, frozen=True, kw_only=True):
    """Such a folder on another machine: `user@host:/path`, `host::module/path` or `rsync://host/module/path`."""

    to: str


class GitTarget(Target, frozen=True, kw_only=True):
    """A branch of a Git repository.

    `remote` is an address, or the name of a remote of the project's repository. `cname` is the content of the file
    `CNAME`, "" for none. With `single_commit` the branch has one commit, which each publish replaces.
    """

    remote: str
    branch: str
    host: HostingProvider
    cname: str
    single_commit: bool = False


class S3Target(Target, frozen=True, kw_only=True):
    """A bucket of an S3-compatible store; `endpoint` is None for Amazon S3."""

    bucket: str
    prefix: str = ""
    endpoint: str | None = None
    region: str | None = None
    profile: str | None = None


class ArchiveTarget(Target, frozen=True, kw_only=True):
    """A `.tar.gz` or `.zip` file; `policy` is its content security policy, None for the default one."""

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
"""The values of `kind`."""
