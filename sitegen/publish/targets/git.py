"""A branch that a host serves: one commit for each publish.

Commits are made in a bare repository below `output/`, which may be lost; the repository of the project is not changed.
The file `.sitegen` in the branch lists the managed files, one a line; a number before a path is the number of publishes
since the file left the site.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Mapping
from hashlib import sha1
from ipaddress import ip_address
from typing import IO, Any, Final
from urllib.parse import unquote, urlsplit, urlunsplit

from sitegen.builder.articles import project_articles
from sitegen.config.secrets import has_secret_query
from sitegen.config.targets import Target
from sitegen.diagnostics import ExternalError, UsageError, plural
from sitegen.publish.backend import PublishRequest, PublishUI, TargetBackend, publish_target, resolve_path
from sitegen.publish.command import error_summary, run, ssh_command
from sitegen.publish.host_files import add_redirects
from sitegen.publish.plan import Plan, TargetFile, TargetState, conflicts, name_some
from sitegen.publish.site_files import PublishFile, text_file
from sitegen.util.paths import CONFIG_NAME, article_slug
from sitegen.yaml_source.reader import CONTROL_CHARS, MappingReader

MANIFEST_FILE: Final = ".sitegen"
TOKEN_VARIABLE: Final = "SITEGEN_GIT_TOKEN"  # noqa: S105 - the name of a variable
_NEW_REF: Final = "refs/sitegen/new"
_LAST_REF: Final = "refs/sitegen/seen"
_LOCAL_TIMEOUT: Final = 600
_MAX_LISTED: Final = 100
_NOISE: Final = ("remote: \n", "To ", "hint:", "Cloning", "warning:", "Writing objects", "Counting", "Total ")
_REFUSAL: Final = re.compile(r"protect|denied|error|not allowed|hook", re.IGNORECASE)
_HELPER: Final = '!f() { test "$1" = get && echo "username=$SITEGEN_USER" && echo "password=$SITEGEN_PASSWORD"; }; f'
"""A credential helper of git: a password in an address would be visible in the list of processes."""

_BRANCH: Final = re.compile(
    r"(?!(?:HEAD|@)$)(?![-/.])(?!.*(\.\.|//|@\{|\.lock(/|$)|/\.|/$|\.$))[^\s~^:?*\[\\\x00-\x1f\x7f]{1,200}"
)
_HOST_NAME: Final = re.compile(
    r"(?=.{1,253}$)([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+(?!localhost$)[a-z]([a-z0-9-]*[a-z0-9])?"
)
"""A host name; the last part is not a number as in an IP address."""

_PROVIDER_DOMAINS: Final = (".github.io", ".gitlab.io", ".codeberg.page", ".pages.dev", ".netlify.app")
_HOSTS: Final = ("github", "gitlab", "codeberg", "other")


@publish_target("git")
class GitBackend(TargetBackend):
    """Publishes to a branch."""

    def __init__(self, target: Target, request: PublishRequest, ui: PublishUI) -> None:
        super().__init__(target, request, ui)
        self._branch = f"refs/heads/{self.options['branch']}"
        self._folder = (self.state_dir / "git").absolute()
        self._config: list[str] = []
        self._env = {
            "GIT_DIR": str(self._folder),
            "GIT_INDEX_FILE": str(self._folder / "index"),
            "GIT_TERMINAL_PROMPT": str(int(ui.is_terminal)),
            "LC_ALL": "C",
        }
        if "GIT_SSH_COMMAND" not in os.environ and "GIT_SSH" not in os.environ:
            self._env["GIT_SSH_COMMAND"] = ssh_command(target.timeout, is_terminal=ui.is_terminal)
        self._url = self._find_url()
        self.description = f"the branch {self.options['branch']} of {self._url}"

    @classmethod
    def read_options(cls, reader: MappingReader) -> Mapping[str, Any]:
        """Read `remote`, `branch`, `host`, `cname` and `single_commit`.

        The remote is a URL, a path, or the name of a remote of the project's repository. `cname` is the host name for
        the file `CNAME`, "" for none, None for `default_cname`. With `single_commit` each publish replaces the only
        commit of the branch.
        """
        hint = "remote: git@host:owner/digest.git, or remote: origin"
        remote = reader.scalar("remote", required=True, hint=hint)
        if remote is not None and not _is_remote(remote.value):
            reader.error("bad-remote", remote.location, "'remote' is not the address of a repository", hint=hint)
        cname = reader.scalar("cname")
        if cname is not None and cname.value and not _HOST_NAME.fullmatch(cname.value):
            message = f"'cname' is {cname.value!r}; expected a host name such as digest.example.org"
            reader.error("bad-host", cname.location, message)
        return {
            "remote": remote.value if remote is not None else "",
            "branch": reader.matching("branch", _BRANCH, "the name of a branch", "branch: gh-pages"),
            "host": reader.choice("host", _HOSTS) or "other",
            "cname": cname.value if cname is not None else None,
            "single_commit": reader.boolean("single_commit"),
        }

    def add_host_files(self, files: Mapping[str, PublishFile]) -> dict[str, PublishFile]:
        """Add `.nojekyll`, `CNAME` and `_redirects`."""
        result, notes = add_redirects(files, self.options["host"], self.request.settings.config.base_url)
        self.notes += notes
        result[".nojekyll"] = text_file(".nojekyll", "")
        cname = self.options["cname"]
        if cname is None:
            cname = default_cname(self.options["host"], self.request.settings.config.base_url)
        if cname:
            result["CNAME"] = text_file("CNAME", f"{cname}\n")
        return dict(sorted(result.items()))

    def content_id(self, file: PublishFile) -> str:
        """Return the object name that git gives to the content of a file."""
        data = file.read()
        return sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest()

    def read_state(self) -> TargetState:
        """Fetch the branch without its history, and return its files."""
        listed = self._output("ls-remote", self._url, self._branch)
        self._init_repository()
        if not listed:
            if not self.request.create:
                message = f"there is no branch {self.options['branch']!r} in {self._url}; pass --create to create it"
                raise ExternalError(message)
            return TargetState(is_first=True)
        commit = listed.split()[0]
        if self._git("cat-file", "-e", f"{commit}^{{tree}}", check=False).returncode:
            self._git("fetch", "--quiet", "--no-tags", "--depth=1", self._url, f"+{self._branch}:{_LAST_REF}")
        objects = {}
        for entry in self._output("ls-tree", "-r", "-z", "--full-tree", commit).split("\0"):
            if entry:
                head, _, path = entry.partition("\t")
                objects[path] = head.split()[2]
        managed = self._managed(commit) if MANIFEST_FILE in objects else {}
        if not managed and CONFIG_NAME in objects:
            message = f"{self.description} has {CONFIG_NAME}, so it is a branch with the texts of a digest"
            raise UsageError(f"{message}; name another branch, such as gh-pages")
        files = {path: TargetFile(objects[path], 0, retired) for path, retired in managed.items() if path in objects}
        unmanaged = frozenset(objects.keys() - files.keys() - {MANIFEST_FILE})
        return TargetState(files, unmanaged, not managed, bool(unmanaged), commit)

    def apply(self, plan: Plan, files: Mapping[str, PublishFile], state: TargetState) -> str:
        """Create the commit and push it, unless the branch has changed."""
        del files
        self._git("update-ref", "-d", _NEW_REF, check=False)
        with tempfile.TemporaryFile() as stream:
            self._write_commit(stream, plan, state)
            stream.seek(0)
            self._git("fast-import", "--quiet", "--done", "--force", "--date-format=raw", stdin=stream)
        commit = self._output("rev-parse", _NEW_REF).strip()
        self._push(commit, state)
        self._git("update-ref", _LAST_REF, commit)
        return f"commit {commit[:12]}"

    def _write_commit(self, stream: IO[bytes], plan: Plan, state: TargetState) -> None:
        """Write a commit in the format of `git fast-import`."""
        managed = {path: file.retired for path, file in plan.kept.items()} | {file.path: 0 for file in plan.uploads}
        lines = (f"{retired} {path}\n" if retired else f"{path}\n" for path, retired in sorted(managed.items()))
        message = self._message(plan).encode()
        time = f"{int(self.request.now.timestamp())} +0000"
        stream.write(f"commit {_NEW_REF}\ncommitter {self._committer()} {time}\n".encode())
        stream.write(b"data %d\n%s\n" % (len(message), message))
        if state.revision and not self.options["single_commit"]:
            stream.write(f"from {state.revision}\n".encode())
        elif state.revision:  # no parent, but the same files
            tree = self._output("rev-parse", f"{state.revision}^{{tree}}").strip()
            stream.write(f"M 040000 {tree} \n".encode())
        for path in (*plan.deleted, *sorted(conflicts(plan, state.unmanaged))):
            stream.write(b"D %s\n" % _quote(path))
        for file in plan.uploads:
            _write_file(stream, file.path, file.read())
            self.ui.file_sent(file.path, file.size)
        _write_file(stream, MANIFEST_FILE, "".join(lines).encode())
        stream.write(b"done\n")

    def _committer(self) -> str:
        """Return the name and address that git uses in the project's repository, or those of sitegen."""
        args = ["git", "-C", str(self.request.root), "var", "GIT_COMMITTER_IDENT"]
        result = run(args, timeout=self.target.timeout, env={"LC_ALL": "C"})
        match = re.match(r"(.*>) \d+ [+-]\d+$", result.stdout.decode("utf-8", "replace").strip())
        return match[1] if match and not result.returncode else "sitegen <sitegen@localhost>"

    def _message(self, plan: Plan) -> str:
        """Return a commit message that names the articles."""
        groups = {
            "New": _slugs(file.path for file in plan.new),
            "Changed": _slugs(file.path for file in plan.changed),
            "Removed": _slugs(plan.removed),
        }
        wanted = frozenset(groups["New"] + groups["Changed"])
        articles = project_articles(self.request.root, self.request.settings.config.content_schema)
        titles = {article.slug: article.front.title for article in articles if article.slug in wanted}
        # Other pages in the folder of the articles redirect from older addresses, or were removed.
        groups |= {name: [slug for slug in groups[name] if slug in titles] for name in ("New", "Changed")}
        published = groups["New"] + groups["Changed"]
        parts = [f"publish {name_some([titles[slug] for slug in published])}"] if published else []
        parts += [f"remove {name_some(groups['Removed'])}"] if groups["Removed"] else []
        if not parts:
            uploads, removed = len(plan.uploads), len(plan.removed)
            parts = [f"publish {plural(uploads, 'file')}" if uploads else f"remove {plural(removed, 'file')}"]
        subject = "; ".join(parts)
        lines = [subject[0].upper() + subject[1:], ""]
        for name, slugs in groups.items():
            if slugs:
                lines += [f"{name}:", *(f"- {titles.get(slug, slug)} ({slug})" for slug in slugs[:_MAX_LISTED])]
                lines += [f"- and {len(slugs) - _MAX_LISTED} more"] if len(slugs) > _MAX_LISTED else []
        counts = f"{len(plan.new):,} new, {len(plan.changed):,} changed, {len(plan.deleted):,} deleted files."
        return "\n".join([*lines, counts]) + "\n"

    def _push(self, commit: str, state: TargetState) -> None:
        lease = [f"--force-with-lease={self._branch}:{state.revision}"] if self.options["single_commit"] else []
        args = ("push", "--porcelain", "--progress", *lease, self._url, f"{commit}:{self._branch}")
        result = self._git(*args, check=False)
        if not result.returncode:
            return
        lines = result.stdout.decode("utf-8", "replace").splitlines()
        status = next((line for line in lines if line.startswith("!")), "")
        reason = status.rpartition("(")[2].rstrip(")")
        if reason in {"stale info", "fetch first", "non-fast-forward"}:
            raise self.changed_error()
        if not status:
            raise ExternalError(f"cannot push to {self.description}: {error_summary(result.stderr, skip=_NOISE)}")
        errors = result.stderr.decode("utf-8", "replace").splitlines()
        remote = (line.removeprefix("remote:").strip() for line in errors if line.startswith("remote:"))
        details = next((f": {line}" for line in remote if _REFUSAL.search(line)), "")
        raise ExternalError(f"{self.description} rejected the commit: {error_summary(reason + details)}")

    def _find_url(self) -> str:
        """Return the address of the remote without a password, and set what git needs to log in."""
        url: str = self.options["remote"]
        root = self.request.root
        if re.fullmatch(r"[A-Za-z0-9._-]+", url) and not (root / url).exists():
            args = ["git", "-C", str(root), "remote", "get-url", "--push", url]
            result = run(args, timeout=self.target.timeout)
            if result.returncode:
                raise UsageError(f"the repository of the project has no remote {url!r}")
            url = result.stdout.decode("utf-8", "replace").strip()
        if "://" not in url:
            return url if ":" in url.partition("/")[0] else str(resolve_path(root, url))
        if not _is_remote(url):
            raise UsageError("the address of the remote is not a valid URL")
        if has_secret_query(url):
            raise UsageError(f"the address of the remote has a token in its query; set {TOKEN_VARIABLE} instead")
        parts = urlsplit(url)
        user, password, host = unquote(parts.username or ""), unquote(parts.password or ""), parts.hostname or ""
        is_http = parts.scheme in {"http", "https"}
        if password and not is_http:
            raise UsageError("the address of the remote has a password; use an ssh key or agent instead")
        token = os.environ.get(TOKEN_VARIABLE, "") if is_http else ""
        if token and not password:
            user, password = user or "x-access-token", token
        if not password:
            return url
        if parts.scheme == "http" and not _is_loopback(host):
            raise UsageError(f"a password or token would be sent to {host} unencrypted; use an address with https://")
        location = parts.netloc.rpartition("@")[2]
        self._env |= {"SITEGEN_USER": user, "SITEGEN_PASSWORD": password}
        # Only for this host, also after a redirect, and without the user's own helpers, which would store the password.
        helper = f"credential.{parts.scheme}://{location}.helper"
        self._config = ["-c", "credential.helper=", "-c", f"{helper}=", "-c", f"{helper}={_HELPER}"]
        return urlunsplit((parts.scheme, location, parts.path, parts.query, ""))

    def _init_repository(self) -> None:
        """Create the repository, or remove the locks of a publish that was killed."""
        if self._git("rev-parse", "--git-dir", check=False).returncode:
            shutil.rmtree(self._folder, ignore_errors=True)
            self._folder.mkdir(parents=True)
            self._git("init", "--quiet", "--bare", str(self._folder))
            self._git("config", "gc.auto", "0")
        for lock in self._folder.rglob("*.lock"):
            lock.unlink()

    def _managed(self, commit: str) -> dict[str, int]:
        """Return the managed files of a commit, with the number of publishes since they left the site."""
        managed = {}
        for line in self._output("cat-file", "blob", f"{commit}:{MANIFEST_FILE}").split("\n"):
            number, space, path = line.partition(" ")
            if space and number.isdecimal():
                managed[path] = int(number)
            elif line:
                managed[line] = 0
        return managed

    def _git(
        self, *args: str, check: bool = True, stdin: IO[bytes] | None = None
    ) -> subprocess.CompletedProcess[bytes]:
        timeout = self.target.timeout if self._url in args else _LOCAL_TIMEOUT
        slow = ["-c", "http.lowSpeedLimit=1", "-c", f"http.lowSpeedTime={self.target.timeout}"]
        result = run(["git", *slow, *self._config, *args], timeout=timeout, env=self._env, stdin=stdin)
        if result.returncode and check:
            reason = error_summary(result.stderr, skip=_NOISE)
            raise ExternalError(f"git {args[0]} failed for {self.description}: {reason}")
        return result

    def _output(self, *args: str) -> str:
        return self._git(*args).stdout.decode("utf-8", "surrogateescape")


def default_cname(host: str, base_url: str) -> str:
    """Return the host name of the site if GitHub can serve it under the user's own domain, which has no port."""
    name = urlsplit(base_url).netloc.lower()
    is_own = _HOST_NAME.fullmatch(name) is not None and not name.endswith(_PROVIDER_DOMAINS)
    return name if host == "github" and is_own else ""


def _is_remote(text: str) -> bool:
    """Whether git can use a text as a remote: not an option, and a valid address."""
    try:
        return not text.startswith("-") and not CONTROL_CHARS.search(text) and (urlsplit(text).port or 0) >= 0
    except ValueError:
        return False


def _is_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    try:
        return host == "localhost" or host.endswith(".localhost") or ip_address(host).is_loopback
    except ValueError:
        return False


def _slugs(paths: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(slug for path in sorted(paths) if (slug := article_slug(path)) is not None))


def _write_file(stream: IO[bytes], path: str, data: bytes) -> None:
    stream.write(b"M 100644 inline %s\ndata %d\n%s\n" % (_quote(path), len(data), data))


def _quote(path: str) -> bytes:
    """Return a path as `git fast-import` reads it."""
    text = path.encode("utf-8", "surrogateescape")
    if text.startswith(b'"') or b"\n" in text or b"\\" in text:
        return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'
    return text
