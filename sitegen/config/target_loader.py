"""The loader of the publish targets in `site.yaml`."""

import re
from typing import Any, Final
from urllib.parse import urlsplit

from sitegen.config.model import KEY
from sitegen.config.targets import (
    COMPRESSIONS,
    KEEP,
    TARGET_TYPES,
    TIMEOUT,
    ArchiveTarget,
    DirectoryTarget,
    GitTarget,
    HostingProvider,
    RsyncTarget,
    S3Target,
    Target,
)
from sitegen.diagnostics import Diagnostics
from sitegen.yaml_source.nodes import Mapping, Node, Scalar
from sitegen.yaml_source.reader import MappingReader

_BRANCH: Final = re.compile(
    r"(?!(?:HEAD|@)$)(?![-/.])(?!.*(\.\.|//|@\{|\.lock(/|$)|/\.|/$|\.$))[^\s~^:?*\[\\\x00-\x1f\x7f]{1,200}"
)
_BUCKET: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]")
_PREFIX: Final = re.compile(r"(?!/)(?!.*//)(?!(.*/)?\.{1,2}(/|$))[A-Za-z0-9._~!$&'()*+,;=:@/-]*")
_RSYNC: Final = re.compile(r"rsync://[^\s/-][^\s/]*/[^\s/]+.*|[^\s:/-][^\s:/]*::[^\s/:]+.*|[^\s:/-][^\s:/]*:[^\s:-].*")
_HOST_NAME: Final = re.compile(r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)+")
_PROVIDER_DOMAINS: Final = (".github.io", ".gitlab.io", ".codeberg.page", ".pages.dev", ".netlify.app")
_HOSTS_BY_TARGET: Final = {
    "git": (HostingProvider.GITHUB, HostingProvider.GITLAB, HostingProvider.CODEBERG, HostingProvider.OTHER),
    "archive": (
        HostingProvider.NETLIFY,
        HostingProvider.CLOUDFLARE,
        HostingProvider.GITLAB,
        HostingProvider.GITHUB,
        HostingProvider.OTHER,
    ),
}
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")


def read_targets(fields: MappingReader, base_url: str, diagnostics: Diagnostics) -> tuple[Target, ...]:
    """Return the targets without errors in the table `publish`."""
    table = fields.node("publish")
    if table is None:
        return ()
    if not isinstance(table, Mapping):
        fields.wrong_type("publish", table, "a mapping of names to targets")
        return ()
    targets = []
    for name, node in table.pairs:
        before = len(diagnostics)
        target = _TargetReader(name, node, diagnostics, base_url).read()
        if target is not None and len(diagnostics) == before:
            targets.append(target)
    return tuple(targets)


class _TargetReader:
    """Reads one target."""

    def __init__(self, name: Scalar, node: Node, diagnostics: Diagnostics, base_url: str) -> None:
        self._name = name
        self._node = node
        self._diagnostics = diagnostics
        self._base_url = base_url
        self._fields = MappingReader(node if isinstance(node, Mapping) else Mapping(node.mark, ()), diagnostics)

    def read(self) -> Target | None:
        if not KEY.fullmatch(self._name.value):
            message = f"publish: {self._name.value!r} is not a valid name; expected lower-case letters, digits, hyphens"
            self._diagnostics.error("bad-key", self._name.location, message)
        if not isinstance(self._node, Mapping):
            self._fields.wrong_type(f"publish.{self._name.value}", self._node, "a mapping with a kind")
            return None
        kind = self._fields.choice("kind", tuple(TARGET_TYPES), required=True)
        if kind is None:
            return None
        common = {
            "name": self._name.value,
            "keep": self._number("keep", 1, 1000, KEEP),
            "max_delete": self._fields.integer("max_delete", 0, 1_000_000),
            "hook": self._fields.texts("hook"),
            "changed": self._fields.text("changed"),
            "timeout": self._number("timeout", 1, 3600, TIMEOUT),
        }
        target: Target = getattr(self, f"_{kind}")(common)
        self._fields.reject_unknown_keys()
        return target

    def _number(self, key: str, low: int, high: int, default: int) -> int:
        value = self._fields.integer(key, low, high)
        return default if value is None else value

    def _directory(self, common: dict[str, Any]) -> Target:
        compress = []
        for scalar in self._fields.scalars("compress"):
            if scalar.value in COMPRESSIONS:
                compress.append(scalar.value)
            else:
                message = f"'compress' contains {scalar.value!r}"
                self._fields.error("not-allowed", scalar.location, message, got=scalar.value, allowed=COMPRESSIONS)
        if self._fields.node("compress") is not None:
            common["compress"] = tuple(compress)
        path = self._fields.text("path", required=True, hint="path: /srv/www/digest") or ""
        return DirectoryTarget(path=path, **common)

    def _rsync(self, common: dict[str, Any]) -> Target:
        hint = "to: user@host:/srv/www/digest, or to: rsync://host/module/digest"
        to = self._matching("to", _RSYNC, "an address of rsync", hint)
        return RsyncTarget(to=to.rstrip("/"), **common)

    def _git(self, common: dict[str, Any]) -> Target:
        remote = self._fields.scalar(
            "remote", required=True, hint="remote: git@host:owner/digest.git, or remote: origin"
        )
        if remote is not None and not _is_remote(remote.value):
            self._fields.error(
                "bad-remote", remote.location, "'remote' is neither a repository address nor a remote name"
            )
        branch = self._matching("branch", _BRANCH, "the name of a branch", "branch: gh-pages")
        host = self._host("git")
        return GitTarget(
            remote=remote.value if remote is not None else "",
            branch=branch,
            host=host,
            cname=self._cname(host),
            single_commit=self._fields.boolean("single_commit"),
            **common,
        )

    def _cname(self, host: HostingProvider) -> str:
        """Return the host for CNAME: the value of the key, else the host of `base_url` if it is a custom domain."""
        scalar = self._fields.scalar("cname")
        if scalar is not None:
            if scalar.value and not _HOST_NAME.fullmatch(scalar.value):
                message = f"'cname' is {scalar.value!r}; expected a host such as digest.example.org"
                self._fields.error("bad-host", scalar.location, message)
            return scalar.value
        own = urlsplit(self._base_url).hostname or ""
        reads_cname = host is HostingProvider.GITHUB and _HOST_NAME.fullmatch(own) is not None
        return own if reads_cname and not own.endswith(_PROVIDER_DOMAINS) else ""

    def _s3(self, common: dict[str, Any]) -> Target:
        bucket = self._matching("bucket", _BUCKET, "the name of a bucket", "bucket: my-digest")
        endpoint = self._fields.url("endpoint")
        prefix = self._fields.text("prefix") or ""
        if not _PREFIX.fullmatch(prefix):
            location = self._fields.location_of("prefix")
            message = f"'prefix' is {prefix!r}; expected a path that does not begin with a slash"
            self._fields.error("bad-prefix", location, message, hint="prefix: digest/")
        return S3Target(
            bucket=bucket,
            prefix=f"{prefix.rstrip('/')}/" if prefix else "",
            endpoint=endpoint,
            region=self._fields.text("region"),
            profile=self._fields.text("profile"),
            **common,
        )

    def _archive(self, common: dict[str, Any]) -> Target:
        path = self._fields.text("path", required=True, hint="path: output/digest.tar.gz") or ""
        if path and not path.endswith((".tar.gz", ".zip")):
            message = f"'path' is {path!r}; expected a name that ends in .tar.gz or .zip"
            self._fields.error("bad-path", self._fields.location_of("path"), message)
        return ArchiveTarget(path=path, host=self._host("archive"), policy=self._policy(), **common)

    def _policy(self) -> str | None:
        policy = self._fields.text("content_security_policy")
        if policy is not None and not (policy.isascii() and policy.isprintable() and len(policy) <= 1900):
            location = self._fields.location_of("content_security_policy")
            message = "'content_security_policy' must be printable ASCII, at most 1,900 characters"
            self._fields.error("bad-policy", location, message)
        return policy

    def _host(self, kind: str) -> HostingProvider:
        allowed = tuple(host.value for host in _HOSTS_BY_TARGET[kind])
        value = self._fields.choice("host", allowed)
        return HostingProvider.OTHER if value is None else HostingProvider(value)

    def _matching(self, key: str, pattern: re.Pattern[str], expected: str, hint: str) -> str:
        scalar = self._fields.scalar(key, required=True, hint=hint)
        if scalar is None:
            return ""
        if not pattern.fullmatch(scalar.value) or _CONTROL.search(scalar.value):
            message = f"{key!r} is {scalar.value!r}; expected {expected}"
            self._fields.error(f"bad-{key}", scalar.location, message, hint=hint)
        return scalar.value


def _is_remote(text: str) -> bool:
    """Whether `text` can be a repository for git: not an option, and a valid URL if it is one."""
    try:
        return not text.startswith("-") and not _CONTROL.search(text) and (urlsplit(text).port or 0) >= 0
    except ValueError:
        return False
