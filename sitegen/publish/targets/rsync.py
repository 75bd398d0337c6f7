"""A folder of another machine, by rsync over ssh or with its daemon.

Only rsync runs there, so an account that is restricted to it is enough. A release is staged below `output/` with the
modification times of its files; there, `--link-dest` turns unchanged files into hard links.
"""

import os
import re
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from sitegen.config.targets import Target
from sitegen.diagnostics import ExternalError
from sitegen.publish.backend import PublishRequest, PublishUI, publish_target
from sitegen.publish.command import error_summary, run, ssh_command
from sitegen.publish.plan import Plan, TargetFile, TargetState
from sitegen.publish.releases import (
    CURRENT,
    RELEASES,
    FileStat,
    Manifest,
    ReleaseBackend,
    decode_manifest,
    encode_manifest,
    next_mtime,
    releases_in,
)
from sitegen.publish.site_files import PublishFile
from sitegen.util.paths import parent_folders
from sitegen.yaml_source.reader import MappingReader

_DESTINATION: Final = re.compile(
    r"rsync://[^\s/-][^\s/]*/[^\s/]+.*|[^\s:/-][^\s:/]*::[^\s/:]+.*|[^\s:/-][^\s:/]*:[^\s:-].*"
)
_PATH: Final = re.compile(r"rsync://[^/]*/[^/]*(/.*)?|[^:]*::[^/]*(/.*)?|[^:]*:(.*)")
"""The path in a destination: in a module of a daemon from the root of the module."""

_LISTED: Final = re.compile(r"(\S)\S{9}\s+([\d,.']+)\s+(\d+/\d+/\d+ \d+:\d+:\d+)\s(.+)", re.DOTALL)
"""A line of a listing: type and mode, size, time in UTC, name."""

_ESCAPED: Final = re.compile(r"\\#([0-7]{3})")
_NOISE: Final = ("rsync error:", "Warning: Permanently added", "rsync: connection unexpectedly closed")
_PROBLEMS: Final = {
    5: "authentication failed",
    10: "connection failed",
    11: "cannot read or write a file",
    12: "connection lost",
    30: "timed out",
    35: "connection timed out",
    255: "ssh could not connect",
}
_LIST_CODES: Final = (0, 3, 23, 24)
_MISSING: Final = ("No such file", "link_stat", "change_dir")
"""Exit codes and messages of a listing if the folder does not exist."""

_MAX_LINK_DESTS: Final = 20
"""The limit of rsync."""


@publish_target("rsync")
class RsyncBackend(ReleaseBackend):
    """Publishes to a folder of another machine."""

    def __init__(self, target: Target, request: PublishRequest, ui: PublishUI) -> None:
        super().__init__(target, request, ui)
        self._to: str = self.options["to"]
        self.description = f"{self._to}/" if self._to.endswith(":") else self._to
        path = next(filter(None, _PATH.fullmatch(self._to).groups()), "/")  # type: ignore[union-attr]
        # Restricted accounts refuse `..`, so an absolute path is used if it is known.
        self._siblings = f"{path.rstrip('/')}/{RELEASES}" if path.startswith("/") else ".."
        self._work = self.state_dir / "rsync"
        self.resources.callback(shutil.rmtree, self._work, ignore_errors=True)

    @classmethod
    def read_options(cls, reader: MappingReader) -> Mapping[str, Any]:
        """Read `to`: `user@host:/path`, `host::module/path` or `rsync://host/module/path`."""
        hint = "to: user@host:/srv/www/digest, or to: rsync://host/module/digest; a folder here is kind: directory"
        return {"to": reader.matching("to", _DESTINATION, "a destination of rsync", hint).rstrip("/")}

    def list_target(self) -> tuple[set[str], set[str], str | None]:
        """Return the names in the folder and its folder of releases, and the target of the link."""
        entries = self._list("", "-r", "--include=/*", f"--include=/{RELEASES}/*", "--exclude=*")
        links = {name.partition(" -> ")[0]: name.partition(" -> ")[2] for kind, name, _ in entries if kind == "l"}
        names = {name for kind, name, _ in entries if kind != "l" and name != "."} | links.keys()
        prefix = f"{RELEASES}/"
        releases = {name.removeprefix(prefix) for name in names if name.startswith(prefix)}
        return {name for name in names if "/" not in name}, releases, links.get(CURRENT)

    def list_files(self, release: str) -> dict[str, FileStat | None]:
        """Return every file and link of a release."""
        entries = self._list(f"{RELEASES}/{release}/", "-rD")
        files = {name: stat if kind == "-" else None for kind, name, stat in entries if kind not in "dl"}
        return files | {name.partition(" -> ")[0]: None for kind, name, _ in entries if kind == "l"}

    def load_manifest(self, release: str) -> Manifest:
        """Download a manifest."""
        folder = self._empty_folder("manifest")
        self._rsync("-t", self._at(f"{RELEASES}/{release}.json"), f"{folder}/")
        return decode_manifest((folder / f"{release}.json").read_bytes(), f"{release}.json in {self.description}")

    def save_manifest(self, release: str, manifest: Manifest) -> None:
        """Upload a manifest; rsync renames it into place."""
        folder = self._empty_folder("manifest")
        (folder / f"{release}.json").write_bytes(encode_manifest(manifest))
        self._rsync("-rtc", f"{folder}/", self._at(f"{RELEASES}/"))

    def create_release(
        self, release: str, plan: Plan, files: Mapping[str, PublishFile], state: TargetState, unmanaged: Iterable[str]
    ) -> dict[str, TargetFile]:
        """Stage the release and upload what is not in the current one, nor in one whose upload was interrupted."""
        now = int(self.request.now.timestamp())
        uploads = {
            file.path: TargetFile(file.sha256, file.size, mtime=next_mtime(file.path, state, now))
            for file in plan.uploads
        }
        managed = {**plan.kept, **uploads}
        stage = self._empty_folder("stage")
        downloads = {*unmanaged, *(managed.keys() - files.keys())}
        if downloads:
            self._download(state.revision, stage, downloads)
        for path in managed.keys() & files.keys():
            (stage / path).parent.mkdir(parents=True, exist_ok=True)
            (stage / path).write_bytes(files[path].read())
            os.utime(stage / path, (managed[path].mtime, managed[path].mtime))
        _, names, _ = self.list_target()
        if not names:
            parents = self._empty_folder("parents")
            (parents / RELEASES).mkdir()
            self._rsync("-rp", "--chmod=D755", "--include=/*/", "--exclude=*", f"{parents}/", self._at(""))
        sources = [name for name in (state.revision, *reversed(releases_in(names, finished=False))) if name]

        def on_line(line: str) -> None:
            change, _, rest = line.partition(" ")
            size, _, path = rest.partition(" ")
            if change.startswith("<f"):
                self.ui.file_sent(path, int(size) if size.isdecimal() else 0)

        self._rsync(
            "-rltpc",  # by content, because an interrupted file may have the right size and time
            "--chmod=D755,F644",
            "--out-format=%i %l %n",
            *(f"--link-dest={self._siblings}/{name}" for name in sources[:_MAX_LINK_DESTS]),
            f"{stage}/",
            self._at(f"{RELEASES}/{release}/"),
            on_line=on_line,
        )
        return managed

    def copy_files(self, source: str, destination: str, paths: set[str]) -> None:
        """Download files of one release and upload them into another."""
        folder = self._empty_folder("copy")
        self._download(source, folder, paths)
        self._rsync("-rltp", "--chmod=D755", "--ignore-existing", f"{folder}/", self._at(f"{RELEASES}/{destination}/"))

    def delete_release(self, release: str) -> None:
        """Delete a release and its manifest, and nothing else in the folder of releases."""
        empty = self._empty_folder("empty")
        self._rsync("-r", "--delete", f"{empty}/", self._at(f"{RELEASES}/{release}/"))
        names = (f"--include=/{release}", f"--include=/{release}.json", "--exclude=*")
        self._rsync("-r", "--delete", *names, f"{empty}/", self._at(f"{RELEASES}/"))

    def switch(self, release: str) -> None:
        """Upload the link, which rsync renames into place, and follow it."""
        link = self._empty_folder("link") / CURRENT
        link.symlink_to(f"{RELEASES}/{release}")
        self._rsync("-l", str(link), self._at(""))
        if not self._list(f"{CURRENT}/", "-d"):
            message = "the daemon changes links; set 'munge symlinks = no' in its module"
            raise ExternalError(f"the link '{CURRENT}' in {self.description} is broken: {message}")

    def _download(self, release: str, folder: Path, paths: Iterable[str]) -> None:
        names = sorted({*paths, *(parent for path in paths for parent in parent_folders(path))})
        rules = [f"+ /{_pattern(name)}" for name in names]
        source = self._at(f"{RELEASES}/{release}/")
        self._rsync("-rltpm", "--from0", "--include-from=-", "--exclude=*", source, f"{folder}/", stdin=rules)

    def _list(self, folder: str, *args: str) -> list[tuple[str, str, FileStat]]:
        """Return the type, name, size and time of every entry; an empty list if the folder does not exist."""
        result = self._rsync("--list-only", "-l", "-8", *args, self._at(folder), check=False)
        error = result.stderr.decode("utf-8", "replace")
        if result.returncode not in _LIST_CODES or (result.returncode and not any(text in error for text in _MISSING)):
            raise self._error(result)
        entries = []
        for line in result.stdout.decode("utf-8", "surrogateescape").split("\n"):
            if (match := _LISTED.fullmatch(line)) is not None:
                name = _ESCAPED.sub(lambda escape: chr(int(escape[1], 8)), match[4])
                time = datetime.strptime(match[3], "%Y/%m/%d %H:%M:%S").replace(tzinfo=UTC).timestamp()
                entries.append((match[1], name, (int(re.sub(r"\D", "", match[2])), time)))
        return entries

    def _at(self, path: str) -> str:
        return f"{self._to}/{path}"

    def _empty_folder(self, name: str) -> Path:
        folder = self._work / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def _rsync(
        self,
        *args: str,
        stdin: Sequence[str] = (),
        check: bool = True,
        on_line: Callable[[str], None] | None = None,
    ) -> subprocess.CompletedProcess[bytes]:
        timeout = self.target.timeout
        options = [f"--timeout={timeout}"]
        env = {"LC_ALL": "C", "TZ": "UTC"}
        if "::" in self._to.partition("/")[0] or self._to.startswith("rsync://"):
            options.append(f"--contimeout={timeout}")
        elif "RSYNC_RSH" not in os.environ:
            env["RSYNC_RSH"] = ssh_command(timeout, is_terminal=self.ui.is_terminal)
        with tempfile.TemporaryFile() as file:
            file.write("".join(f"{line}\0" for line in stdin).encode("utf-8", "surrogateescape"))
            file.seek(0)
            # rsync detects a silent connection itself, so this timeout is only for a process that hangs.
            result = run(["rsync", *options, *args], timeout=2 * timeout + 10, env=env, stdin=file, on_line=on_line)
        if result.returncode and check:
            raise self._error(result)
        return result

    def _error(self, result: subprocess.CompletedProcess[bytes]) -> ExternalError:
        problem = _PROBLEMS.get(result.returncode, f"rsync failed with exit code {result.returncode}")
        lines = result.stderr.decode("utf-8", "replace")
        reason = next((line for line in lines.splitlines() if "No space left" in line), lines)
        return ExternalError(f"cannot publish to {self._to}: {problem}: {error_summary(reason, skip=_NOISE)}")


def _pattern(path: str) -> str:
    """Return a filter pattern that matches a path exactly; rsync treats a backslash as an escape next to wildcards."""
    return re.sub(r"([*?\[\\])", r"\\\1", path) if re.search(r"[*?\[]", path) else path
