"""A branch that a host serves: one commit a publish, made of plumbing alone.

The project's repository is not touched: objects are made in a bare repository of the target's own below `output/`,
which may be lost. What is ours in the branch stands in a file `.sitegen`, one path a line; a number before a path says
for how many publishes it has been no part of the site.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from hashlib import sha1, sha256
from ipaddress import ip_address
from typing import IO, Final
from urllib.parse import unquote, urlsplit, urlunsplit

from sitegen.config.secrets import has_secret_query
from sitegen.config.targets import GitTarget
from sitegen.errors import ExternalError, UsageError
from sitegen.paths import article_slug
from sitegen.publish.context import Job, Outcome
from sitegen.publish.plan import Plan, Row, Standing, obstacles
from sitegen.publish.process import Done, last_words, run
from sitegen.publish.site_files import Item
from sitegen.util.frozen import dataclass

OURS: Final = ".sitegen"
TOKEN: Final = "SITEGEN_GIT_TOKEN"  # noqa: S105 - the name of a variable
_REF: Final = "refs/sitegen/new"
_SEEN: Final = "refs/sitegen/seen"
_NAMED: Final = 3
_LISTED: Final = 100
_NOISE: Final = ("remote: \n", "To ", "hint:", "Cloning", "warning:", "Writing objects", "Counting", "Total ")
_HELPER: Final = '!f() { test "$1" = get && echo "username=$SITEGEN_USER" && echo "password=$SITEGEN_WORD"; }; f'
"""Git asks this helper for what it may not find in an address, which anyone can see in the list of processes."""


@dataclass(frozen=True, slots=True)
class _Remote:
    """Where the branch is: an address without a password, and what git needs beside it, by environment variables."""

    url: str
    environment: Mapping[str, str]


class Git:
    """Publishes to a branch. Use `open_git`."""

    def __init__(self, target: GitTarget, job: Job) -> None:
        self._target = target
        self._job = job
        self._folder = (job.state / "git").absolute()
        self._remote = self._find_remote()
        self._format = "sha1"
        self.where = f"the branch {target.branch} of {self._remote.url}"

    def identity(self, item: Item) -> str:
        """Return the name that git gives to the bytes of a file."""
        return self._blob(item.read())

    def inspect(self) -> Standing:
        """Fetch the branch, alone and without its history, and return what it holds."""
        reference = f"refs/heads/{self._target.branch}"
        listed = self._ask_remote("ls-remote", self._remote.url).out.decode("utf-8", "replace")
        heads = {name: commit for commit, _, name in (line.partition("\t") for line in listed.splitlines())}
        commit = heads.get(reference)
        self._format = "sha256" if any(len(name) == 64 for name in heads.values()) else "sha1"
        self._prepare()
        if commit is None:
            if not self._job.create:
                message = (
                    f"there is no branch {self._target.branch!r} in {self._remote.url}; "
                    "if the name is right, make it: --create"
                )
                raise ExternalError(message)
            return Standing(first=True)
        if self._git("cat-file", "-e", f"{commit}^{{tree}}", check=False).code:
            self._ask_remote("fetch", "--quiet", "--no-tags", "--depth=1", self._remote.url, f"+{reference}:{_SEEN}")
        tree = self._tree(commit)
        ours = self._ours(commit) if OURS in tree else {}
        rows = {path: Row(tree[path], 0, retired) for path, retired in ours.items() if path in tree}
        foreign = frozenset(tree.keys() - rows.keys() - {OURS})
        when = self._git("show", "-s", "--format=%cI", commit).out.decode().strip() if ours else ""
        return Standing(rows, foreign, first=not ours, crowded=bool(foreign), published=when, seen=commit)

    def foreign(self, plan: Plan, standing: Standing) -> frozenset[str]:
        """Return the files of the branch that are not ours."""
        del plan
        return standing.foreign

    def carry_out(self, plan: Plan, items: Mapping[str, Item], standing: Standing) -> Outcome:
        """Make the commit, and push it; nobody else's commit is lost."""
        self._import(plan, items, standing)
        new = self._git("rev-parse", _REF).out.decode().strip()
        self._push(new, standing)
        self._git("update-ref", _SEEN, new)
        return Outcome(f"commit {new[:12]}")

    # --- the commit ---------------------------------------------------------------------------------------------------

    def _import(self, plan: Plan, items: Mapping[str, Item], standing: Standing) -> None:
        ours = {**{path: row.retired for path, row in plan.kept.items()}, **{item.path: 0 for item in plan.uploads}}
        listed = "".join(f"{retired} {path}\n" if retired else f"{path}\n" for path, retired in sorted(ours.items()))
        author = self._author()

        def feed(stream: IO[bytes]) -> None:
            message = self._message(plan, items).encode()
            stamp = f"{int(self._job.now.timestamp())} +0000"
            stream.write(f"commit {_REF}\ncommitter {author} {stamp}\n".encode())
            stream.write(b"data %d\n%s\n" % (len(message), message))
            if standing.seen and not self._target.single_commit:
                stream.write(f"from {standing.seen}\n".encode())
            elif standing.seen:
                # One commit that holds what the old one held; its files come by the name of their tree.
                stream.write(f"M 040000 {self._tree_name(standing.seen)} \n".encode())
            # What is in the way goes only where that was asked for; a publish is refused otherwise.
            for path in (*plan.deleted, *sorted(obstacles(plan, standing.foreign))):
                stream.write(b"D %s\n" % _quoted(path))
            for item in plan.uploads:
                _inline(stream, item.path, item.read())
                self._job.progress(item.path, item.size)
            _inline(stream, OURS, listed.encode())
            stream.write(b"done\n")

        self._git("update-ref", "-d", _REF, check=False)
        self._git("fast-import", "--quiet", "--done", "--force", "--date-format=raw", feed=feed)

    def _author(self) -> str:
        """Return who commits: as the project's repository knows the editor, else sitegen."""
        done = run(
            ["git", "-C", str(self._job.root), "var", "GIT_COMMITTER_IDENT"],
            timeout=self._target.timeout,
            environment={"LC_ALL": "C"},
        )
        match = re.match(r"(.*>) \d+ [+-]\d+$", done.out.decode("utf-8", "replace").strip())
        return match[1] if not done.code and match else "sitegen <sitegen@localhost>"

    def _message(self, plan: Plan, items: Mapping[str, Item]) -> str:
        """Return a message that names the articles."""
        groups = {
            "New": [item.path for item in plan.new],
            "Changed": [item.path for item in plan.changed],
            "Gone": list(plan.gone),
        }
        slugs = {name: _slugs(paths) for name, paths in groups.items()}
        titles = self._job.titles(frozenset(slugs["New"] + slugs["Changed"]))
        shown = _listed([titles.get(slug, slug) for slug in slugs["New"] + slugs["Changed"]])
        parts = [f"publish {shown}"] if shown else []
        parts += [f"remove {_listed(slugs['Gone'])}"] if slugs["Gone"] else []
        if not parts and plan.uploads:
            parts = [f"publish {len(items):,} files"]
        facet = "; ".join(parts) or f"remove {len(plan.gone):,} files"
        lines = [facet[0].upper() + facet[1:], ""]
        for name, found in slugs.items():
            if found:
                lines += [f"{name}:", *(f"- {titles.get(slug, slug)} ({slug})" for slug in found[:_LISTED])]
                lines += [f"- and {len(found) - _LISTED} more"] if len(found) > _LISTED else []
        count = f"{len(plan.new):,} new, {len(plan.changed):,} changed, {len(plan.deleted):,} deleted files."
        return "\n".join([*lines, count]) + "\n"

    # --- the other side -----------------------------------------------------------------------------------------------

    def _push(self, new: str, standing: Standing) -> None:
        branch = f"refs/heads/{self._target.branch}"
        lease = []
        if self._target.single_commit:
            # Asked for in site.yaml; and even then only what was looked at is replaced.
            lease = [f"--force-with-lease={branch}:{standing.seen}"]
        done = self._ask_remote(
            "push", "--porcelain", "--progress", *lease, self._remote.url, f"{new}:{branch}", check=False
        )
        if done.code:
            raise ExternalError(self._refusal(done))

    def _refusal(self, done: Done) -> str:
        status = next((line for line in done.out.decode("utf-8", "replace").splitlines() if line.startswith("!")), "")
        reason = status.rpartition("(")[2].rstrip(")")
        said = [line.removeprefix("remote:").strip() for line in done.err.splitlines() if line.startswith("remote:")]
        version = re.compile(r"protect|denied|error|not allowed|hook", re.IGNORECASE)
        told = next((line for line in said if version.search(line)), "")
        if "stale info" in reason or "fetch first" in reason or "non-fast-forward" in reason:
            return f"somebody else pushed to {self.where} meanwhile; publish again"
        if status:
            words = f"{reason}: {told}" if told else reason
            return f"{self.where} does not take the commit: {last_words(words)}"
        return f"cannot push to {self.where}: {last_words(done.err, skip=_NOISE)}"

    def _find_remote(self) -> _Remote:
        """Return the address, and take a user and a password out of it: processes list their words."""
        given = self._target.remote
        if re.fullmatch(r"[A-Za-z0-9._-]+", given) and not (self._job.root / given).exists():
            words = ["git", "-C", str(self._job.root), "remote", "get-url", "--push", given]
            done = run(words, timeout=self._target.timeout)
            if done.code:
                raise UsageError(f"the project's repository has no remote {given!r}")
            given = done.out.decode("utf-8", "replace").strip()
        environment = {
            "GIT_TERMINAL_PROMPT": "1" if self._job.terminal else "0",
            "LC_ALL": "C",
            "GIT_CONFIG_NOSYSTEM": os.environ.get("GIT_CONFIG_NOSYSTEM", "0"),
        }
        if "GIT_SSH_COMMAND" not in os.environ and "GIT_SSH" not in os.environ:
            patience = f"-o ConnectTimeout={self._target.timeout} -o ServerAliveInterval=15"
            batch = "" if self._job.terminal else " -o BatchMode=yes"
            environment["GIT_SSH_COMMAND"] = f"ssh {patience}{batch}"
        if "://" not in given:
            if ":" in given.partition("/")[0]:
                return _Remote(given, environment)
            return _Remote(str(self._job.location(given)), environment)
        return _with_credentials(given, environment)

    def _ask_remote(self, *words: str, check: bool = True) -> Done:
        patience = str(self._target.timeout)
        slow = ["-c", "http.lowSpeedLimit=1", "-c", f"http.lowSpeedTime={patience}"]
        return self._git(*slow, *words, check=check, environment=self._remote.environment)

    # --- the repository below output/ ---------------------------------------------------------------------------------

    def _prepare(self) -> None:
        """Make the repository, unless it is there and whole."""
        head = self._folder / "HEAD"
        if head.exists():
            known = self._git("rev-parse", "--show-object-format", check=False)
            if known.out.decode().strip() == self._format:
                for left in (*self._folder.rglob("*.lock"), *self._folder.glob("fast_import_crash_*")):
                    left.unlink()  # of a publish that was killed; this one holds the target's own lock
                return
            shutil.rmtree(self._folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        self._git("init", "--quiet", "--bare", f"--object-format={self._format}", str(self._folder))
        for key, value in (("core.autocrlf", "false"), ("gc.auto", "0"), ("core.logAllRefUpdates", "false")):
            self._git("config", key, value)

    def _tree(self, commit: str) -> dict[str, str]:
        """Return every file of a commit with its name in git."""
        listed = self._git("ls-tree", "-r", "-z", "--full-tree", commit).out
        found = {}
        for entry in listed.split(b"\0"):
            if entry:
                head, _, path = entry.partition(b"\t")
                found[path.decode("utf-8", "surrogateescape")] = head.split()[2].decode()
        return found

    def _tree_name(self, commit: str) -> str:
        return self._git("rev-parse", f"{commit}^{{tree}}").out.decode().strip()

    def _ours(self, commit: str) -> dict[str, int]:
        text = self._git("cat-file", "blob", f"{commit}:{OURS}").out.decode("utf-8", "surrogateescape")
        found = {}
        for line in text.split("\n"):
            number, blank, path = line.partition(" ")
            if blank and number.isdecimal():
                found[path] = int(number)
            elif line:
                found[line] = 0
        return found

    def _blob(self, data: bytes) -> str:
        head = b"blob %d\0" % len(data)
        return (sha1 if self._format == "sha1" else sha256)(head + data).hexdigest()

    def _git(
        self,
        *words: str,
        check: bool = True,
        environment: Mapping[str, str] | None = None,
        feed: Callable[[IO[bytes]], None] | None = None,
    ) -> Done:
        base = {"GIT_DIR": str(self._folder), "GIT_INDEX_FILE": str(self._folder / "index"), "LC_ALL": "C"}
        done = run(
            ["git", *words],
            timeout=self._target.timeout,
            environment={**base, **(environment or {})},
            feed=feed,
        )
        if done.code and check:
            verb = next(word for word in words if not word.startswith("-") and "=" not in word)
            raise ExternalError(f"git {verb} failed for {self.where}: {last_words(done.err, skip=_NOISE)}")
        return done


def _with_credentials(given: str, environment: Mapping[str, str]) -> _Remote:
    """Return an address without its user and password, which git gets by its environment.

    A password, or the token of our own variable, is given to the host of the address alone: where a server leads git on
    to another one, that one gets nothing.
    """
    try:
        url = urlsplit(given)
        user, word, host = unquote(url.username or ""), unquote(url.password or ""), url.hostname or ""
        _ = url.port  # is a number
    except ValueError as error:
        raise UsageError("the remote's address cannot be taken apart") from error
    if has_secret_query(given):
        raise UsageError(f"the remote's address holds a token in its query; give it to git by {TOKEN}")
    if url.scheme not in {"http", "https"}:
        if word:
            raise UsageError("the remote's address holds a password; use a key or an agent")
        return _Remote(given, environment)
    token = os.environ.get(TOKEN, "")
    if token and not word:
        user, word = user or "x-access-token", token
    if word and url.scheme == "http" and not _is_here(host):
        message = f"a password or a token would go to {host} over plain http, for everybody on the way to read"
        raise UsageError(f"{message}; write https://")
    location = url.netloc.rpartition("@")[2]
    settings: list[tuple[str, str]] = []
    more: dict[str, str] = {}
    if user:
        settings.append((f"credential.{url.scheme}://{location}.username", user))
    if word:
        more |= {"SITEGEN_USER": user, "SITEGEN_WORD": word}
        # Nobody else is asked, so that no stored password is taken for it, and ours is stored by nobody.
        settings += [("credential.helper", ""), (f"credential.{url.scheme}://{location}.helper", "")]
        settings.append((f"credential.{url.scheme}://{location}.helper", _HELPER))
    if settings:
        before = os.environ.get("GIT_CONFIG_COUNT", "0")
        first = int(before) if before.isdecimal() else 0
        for number, (name, value) in enumerate(settings, first):
            more |= {f"GIT_CONFIG_KEY_{number}": name, f"GIT_CONFIG_VALUE_{number}": value}
        more["GIT_CONFIG_COUNT"] = str(first + len(settings))
    return _Remote(urlunsplit((url.scheme, location, url.path, url.query, "")), {**environment, **more})


def _is_here(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ip_address(host.partition("%")[0]).is_loopback
    except ValueError:
        return False


def _slugs(paths: list[str]) -> list[str]:
    found = dict.fromkeys(slug for path in sorted(paths) if (slug := article_slug(path)) is not None)
    return list(found)


def _listed(names: list[str]) -> str:
    rest = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {rest} more" if rest > 0 else "")


def _inline(stream: IO[bytes], path: str, data: bytes) -> None:
    stream.write(b"M 100644 inline %s\ndata %d\n" % (_quoted(path), len(data)))
    stream.write(data)
    stream.write(b"\n")


def _quoted(path: str) -> bytes:
    """Return a path as git fast-import reads it."""
    text = path.encode("utf-8", "surrogateescape")
    if text.startswith(b'"') or b"\n" in text or b"\\" in text:
        return b'"' + text.replace(b"\\", b"\\\\").replace(b'"', b'\\"').replace(b"\n", b"\\n") + b'"'
    return text


@contextmanager
def open_git(target: GitTarget, job: Job) -> Iterator[Git]:
    """Yield a publisher of a branch."""
    yield Git(target, job)
