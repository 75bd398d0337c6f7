"""Another machine, by rsync over ssh or with its daemon: the releases of a folder, switched at the end.

Nothing is run over there but rsync, so an account that may do nothing else is enough. The release is put together here,
below `output/`, with the times that its files shall have; over there, what is the same becomes a hard link.
"""

import os
import re
import shutil
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import IO, Final

from sitegen.config.targets import RsyncTarget
from sitegen.errors import ExternalError, UsageError
from sitegen.publish import assemble, releases
from sitegen.publish.context import Job, Outcome
from sitegen.publish.plan import Plan, Row, Standing, Turn, obstacles
from sitegen.publish.process import Done, last_words, run
from sitegen.publish.site_files import Item, Kind, kind_of
from sitegen.util.frozen import dataclass

_ENTRY: Final = re.compile(r"(\S)\S{9}\s+([\d,.']+)\s+(\d+/\d+/\d+) (\d+:\d+:\d+)\s(.+)", re.DOTALL)
"""A line of a listing: kind and mode, size, day, time (of UTC, as it is asked for), name."""

_ESCAPED: Final = re.compile(r"\\#([0-7]{3})")
_NOISE: Final = ("rsync error:", "Warning: Permanently added", "rsync: connection unexpectedly closed")
_MEANING: Final = {
    5: "it does not let you in",
    10: "nobody answers",
    11: "the disk there, or here, refused",
    12: "the line broke",
    30: "it fell silent",
    35: "nobody answers",
    255: "ssh could not connect",
}
_SIMPLE: Final = re.compile(r"[\w@%+=:,./\[\]-]+")
_MOST_LINKS: Final = 15
"""rsync takes twenty folders to link from."""


@dataclass(frozen=True, slots=True)
class _Listing:
    """What lies in a folder there: names of files and folders, and links with where they lead."""

    names: tuple[str, ...]
    links: Mapping[str, str]


class Rsync:
    """Publishes by rsync. Use `open_rsync`."""

    def __init__(self, target: RsyncTarget, job: Job) -> None:
        self._target = target
        self._job = job
        self._to = target.to
        self._stage = job.state / "stage"
        # Restricted accounts refuse '..'; where the path is known from its root, it is named from there.
        path = _path_there(target.to)
        self._beside = f"{path.rstrip('/')}/{releases.RELEASES}/" if path.startswith("/") else "../"
        self._releases: tuple[str, ...] | None = None
        self.where = target.to

    def identity(self, item: Item) -> str:
        """Return the digest that manifests hold."""
        return item.digest

    def inspect(self) -> Standing:
        """Return what stands there: two listings, and the manifest of the current release."""
        listing = self._look()
        current = self._current(listing)
        if current is None:
            if releases.CURRENT in listing.names:
                message = f"'{releases.CURRENT}' at {self.where} is a folder or file, where the link must be"
                raise ExternalError(message)
            crowded = bool(set(listing.names) - {releases.RELEASES}) or releases.has_others(self._releases or ())
            return Standing(first=True, crowded=crowded)
        manifest = self._manifest(current)
        found = self._files(f"{releases.RELEASES}/{current}/")
        return Standing(
            releases.as_found(manifest.rows, found),
            frozenset(found.keys() - releases.owned(manifest.rows)),
            published=manifest.published,
            seen=current,
        )

    def foreign(self, plan: Plan, standing: Standing) -> frozenset[str]:
        """Return the files that are not ours in the current release."""
        del plan
        return standing.foreign

    def carry_out(self, plan: Plan, items: Mapping[str, Item], standing: Standing) -> Outcome:
        """Put the release together here, send what is not there yet, switch the link, remove what is surplus."""
        seen = standing.seen
        names = self._releases
        if names is None:
            self._make_folders()
            names = ()
        foreign = standing.foreign - obstacles(plan, standing.foreign).keys()
        leftovers = releases.unfinished(names)
        same = [name for name in leftovers if name.endswith(releases.tree_digest(items)) and name > seen]
        new = same[-1] if same else releases.next_name(names, items)
        rows = self._assemble(plan, items, standing, foreign)
        links = [name for name in (seen, *reversed(leftovers)) if name and name != new][:_MOST_LINKS]
        self._send(self._stage / "site", new, links)
        self._write_manifest(new, releases.Manifest(rows, self._job.now.isoformat(), seen))
        self._switch(new, seen)
        if not seen:
            self._check_link()
        useless = [name for name in leftovers if name != new]
        is_crowded = len({*releases.complete(names), new}) > self._target.keep
        notes = releases.tidied(lambda: self._tidy(new, useless, foreign, is_crowded=is_crowded))
        return Outcome(f"{releases.RELEASES}/{new}", notes)

    def earlier(self) -> Turn:
        """Return what going back to the release that was shown before the current one would do."""
        current = self._current(self._look())
        if current is not None:
            self._check_there(current)
            manifests = self._manifests()
            before = manifests[current].before
            if before in manifests and before in (self._releases or ()) and manifests[before].rows:
                found = self._files(f"{releases.RELEASES}/{before}/")
                return releases.turn(current, manifests[current], manifests[before], found)
        raise UsageError(f"there is no earlier release at {self.where} to go back to")

    def rollback(self, turn: Turn) -> Outcome:
        """Switch back to that release."""
        manifest, earlier = self._manifest(turn.current), self._manifest(turn.before)
        lent = {
            path: replace(row, retired=1)
            for path, row in manifest.rows.items()
            if kind_of(path) is Kind.ASSET and path not in earlier.rows
        }
        here, there = f"{releases.RELEASES}/{turn.current}/", f"{releases.RELEASES}/{turn.before}/"
        # Those who have a page of the current release open shall find its assets in the one before, and files of
        # others go on being served.
        foreign = self._files(here).keys() - releases.owned(manifest.rows) - releases.owned(earlier.rows)
        taken = self._files(there).keys()
        above = set(releases.folders(taken))
        carried = {path for path in foreign | lent.keys() if path not in above and taken.isdisjoint(_ways(path))}
        if carried:
            folder = self._fresh("lent")
            self._fetch(here, folder, carried)
            self._rsync("-rltp", "--chmod=D755", "--ignore-existing", f"{folder}/", self._at(there))
        if lent:
            self._write_manifest(turn.before, replace(earlier, rows={**earlier.rows, **lent}))
        self._switch(turn.before, turn.current)
        return Outcome(f"{releases.RELEASES}/{turn.before}", turn.notes)

    # --- putting together ---------------------------------------------------------------------------------------------

    def _assemble(
        self, plan: Plan, items: Mapping[str, Item], standing: Standing, foreign: Iterable[str]
    ) -> Mapping[str, Row]:
        """Fill `stage/site` with the whole release, files of others included; return what is ours in it."""
        old, new = self._stage / "site", self._stage / "next"
        shutil.rmtree(new, ignore_errors=True)
        wanted = {path for path in plan.kept if path not in items and not (old / path).exists()} | set(foreign)
        fetched = self._fresh("fetched")
        if wanted:
            self._fetch(f"{releases.RELEASES}/{standing.seen}/", fetched, wanted)
        rows = assemble.assemble(
            new,
            plan,
            rows=standing.rows,
            items=items,
            sources=assemble.Sources((old, fetched), (old,)),
            compress={},
            now=int(self._job.now.timestamp()),
            progress=lambda _path, _size: None,
        )
        assemble.carry_foreign(fetched, new, foreign)
        shutil.rmtree(old, ignore_errors=True)
        new.rename(old)
        return {path: replace(row, copies=()) for path, row in rows.items()}

    def _send(self, folder: Path, name: str, links: Sequence[str]) -> None:
        """Send a release. Contents are compared, so that what was cut short is not taken for whole."""

        def line(text: str) -> None:
            kind, _, rest = text.partition(" ")
            if kind.startswith("<f"):
                size, _, path = rest.partition(" ")
                self._job.progress(path, int(size) if size.isdecimal() else 0)

        self._rsync(
            "-rltpc",
            "--chmod=D755,F644",
            "--delete",
            "--out-format=%i %l %n",
            *(f"--link-dest={self._beside}{link}" for link in links),
            f"{folder}/",
            self._at(f"{releases.RELEASES}/{name}/"),
            line=line,
        )

    def _write_manifest(self, name: str, manifest: releases.Manifest) -> None:
        folder = self._fresh("manifest")
        (folder / f"{name}.json").write_text(releases.dump_manifest(manifest), encoding="utf-8")
        self._rsync("-rtc", f"{folder}/", self._at(f"{releases.RELEASES}/"))

    def _switch(self, name: str, seen: str) -> None:
        """Let the link lead to another release, unless somebody else has moved it; rsync renames a link into place."""
        if (self._current(self._look()) or "") != seen:
            raise ExternalError(f"another publish to {self.where} is at work; publish again")
        folder = self._fresh("link")
        (folder / releases.CURRENT).symlink_to(f"{releases.RELEASES}/{name}")
        self._rsync("-l", str(folder / releases.CURRENT), self._at(""))

    def _check_link(self) -> None:
        """Find out whether the link leads somewhere; that is asked once, at the first publish."""
        if self._list("-d", f"{releases.CURRENT}/") is None:
            message = (
                f"{self.where} has the release, but its link leads nowhere: the daemon changes links; "
                "say 'munge symlinks = no' in its module"
            )
            raise ExternalError(message)

    # --- taking away --------------------------------------------------------------------------------------------------

    def _tidy(self, new: str, useless: Iterable[str], carried: frozenset[str], *, is_crowded: bool) -> None:
        for name in useless:
            self._empty(name)  # never finished, and so it holds nothing but what was being sent
            self._remove(name)
        if is_crowded:
            self._prune(new, carried)

    def _prune(self, current: str, carried: frozenset[str]) -> None:
        """Remove surplus releases: what was ours in them, and what was carried into the current one."""
        manifests = self._manifests()
        before = {name: manifest.before for name, manifest in manifests.items() if manifest.rows}
        for name in releases.surplus(before, current, self._target.keep):
            there = self._files(f"{releases.RELEASES}/{name}/").keys()
            theirs = there - releases.owned(manifests[name].rows) - carried
            self._empty(name, theirs)
            if theirs:
                self._write_manifest(name, replace(manifests[name], rows={}))
            else:
                self._remove(name, f"{name}.json")

    def _empty(self, name: str, theirs: Iterable[str] = ()) -> None:
        """Remove what is in a release, but for files of others."""
        rules = [f"protect /{_pattern(path)}" for path in sorted(theirs)]
        words = ["--filter=merge -"] if rules else []
        empty = self._fresh("empty")
        self._rsync("-r", "--delete", *words, f"{empty}/", self._at(f"{releases.RELEASES}/{name}/"), lines=rules)

    def _remove(self, *names: str) -> None:
        """Remove files and empty folders of the folder of releases, and nothing else in it."""
        words = [*(f"--include=/{name}" for name in names), "--exclude=*"]
        empty = self._fresh("empty")
        self._rsync("-r", "--delete", *words, f"{empty}/", self._at(f"{releases.RELEASES}/"))

    # --- looking ------------------------------------------------------------------------------------------------------

    def _look(self) -> _Listing:
        """Return what lies there at the top, and remember the names in the folder of releases (None: no folder)."""
        rules = ("--include=/*", f"--include=/{releases.RELEASES}/*", "--exclude=*")
        found = self._list("-r", "", *rules) or _Listing((), {})
        inner = [name.partition("/")[2] for name in found.names if name.startswith(f"{releases.RELEASES}/")]
        self._releases = tuple(inner) if releases.RELEASES in found.names else None
        return _Listing(tuple(name for name in found.names if "/" not in name), found.links)

    def _current(self, listing: _Listing) -> str | None:
        link = listing.links.get(releases.CURRENT)
        return releases.release_of(link) if link is not None else None

    def _check_there(self, name: str) -> None:
        if not {name, f"{name}.json"} <= set(self._releases or ()):
            raise releases.lost(name, self.where)

    def _manifest(self, name: str) -> releases.Manifest:
        self._check_there(name)
        folder = self._fresh("manifests")
        self._rsync("-t", self._at(f"{releases.RELEASES}/{name}.json"), f"{folder}/")
        return releases.load_manifest((folder / f"{name}.json").read_bytes(), f"{name}.json at {self.where}")

    def _manifests(self) -> dict[str, releases.Manifest]:
        """Return the manifests of all finished releases."""
        folder = self._fresh("manifests")
        self._rsync("-rt", "--include=/*.json", "--exclude=*", self._at(f"{releases.RELEASES}/"), f"{folder}/")
        files = {file.stem: file for file in folder.iterdir() if releases.is_release(file.stem)}
        return {
            name: releases.load_manifest(file.read_bytes(), f"{name}.json at {self.where}")
            for name, file in files.items()
        }

    def _list(self, depth: str, folder: str, *rules: str) -> _Listing | None:
        """Return what lies in a folder there, None where there is none."""
        done = self._rsync("--list-only", "-l", depth, "-8", *rules, self._at(folder), fine=(0, 3, 23, 24))
        if done.code:
            if "No such file" in done.err or "link_stat" in done.err or "change_dir" in done.err:
                return None
            raise ExternalError(self._complaint(done))
        names, links = [], {}
        for text in done.out.decode("utf-8", "surrogateescape").split("\n"):
            match = _ENTRY.fullmatch(text)
            if match is None:
                continue
            name = _plain(match[5])
            if match[1] == "l":
                name, _, leads = name.partition(" -> ")
                links[name] = leads
            elif name != ".":
                names.append(name)
        return _Listing(tuple(names), links)

    def _files(self, folder: str) -> dict[str, releases.Stamp | None]:
        """Return everything but folders that lies in a folder there, with size and time; None for what is no file."""
        done = self._rsync("--list-only", "-rlD", "-8", self._at(folder))
        found: dict[str, releases.Stamp | None] = {}
        for text in done.out.decode("utf-8", "surrogateescape").split("\n"):
            match = _ENTRY.fullmatch(text)
            if match is None or match[1] == "d":
                continue
            name = _plain(match[5])
            if match[1] == "-":
                time = datetime.strptime(f"{match[3]} {match[4]} +0000", "%Y/%m/%d %H:%M:%S %z")
                found[name] = int(re.sub(r"\D", "", match[2])), int(time.timestamp()) * 10**9
            else:
                found[name.partition(" -> ")[0] if match[1] == "l" else name] = None
        return found

    def _fetch(self, folder: str, into: Path, paths: Iterable[str]) -> None:
        """Bring some files here. By rules, not by a list of files: some daemons take such files for vanished."""
        wanted = sorted(set(paths))
        rules = [f"include /{_pattern(parent)}/" for parent in releases.folders(wanted)]
        rules += [f"include /{_pattern(path)}" for path in wanted]
        self._rsync("-rltpm", "--filter=merge -", self._at(folder), f"{into}/", lines=[*rules, "exclude *"])

    # --- the tool -----------------------------------------------------------------------------------------------------

    def _at(self, path: str) -> str:
        return f"{self._to}/{path}"

    def _fresh(self, name: str) -> Path:
        """Return an empty folder of our own."""
        folder = self._job.state / name
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        return folder

    def _make_folders(self) -> None:
        folder = self._fresh("first")
        (folder / releases.RELEASES).mkdir()
        self._rsync("-rp", "--chmod=D755,F644", f"{folder}/", self._at(""))

    def _rsync(
        self,
        *words: str,
        lines: Sequence[str] = (),
        fine: Sequence[int] = (0,),
        line: Callable[[str], None] | None = None,
    ) -> Done:
        patience = str(self._target.timeout)
        daemon = "::" in self._to.partition("/")[0] or self._to.startswith("rsync://")
        base = ["rsync", f"--timeout={patience}"]
        if not _SIMPLE.fullmatch(self._to):
            base.append("-s")  # blanks and the like; restricted accounts refuse it, because it hides words from them
        environment = {"LC_ALL": "C", "TZ": "UTC"}
        if daemon:
            base.append(f"--contimeout={patience}")
        elif "RSYNC_RSH" not in os.environ:
            batch = "" if self._job.terminal else " -o BatchMode=yes"
            environment["RSYNC_RSH"] = f"ssh -o ConnectTimeout={patience} -o ServerAliveInterval=15{batch}"

        def feed(stream: IO[bytes]) -> None:
            stream.write("".join(f"{text}\n" for text in lines).encode("utf-8", "surrogateescape"))

        # rsync counts the silence of the line itself; ours is for a rsync that hangs.
        silence = self._target.timeout * 2 + 10
        done = run([*base, *words], timeout=silence, environment=environment, feed=feed if lines else None, line=line)
        if done.code not in fine:
            raise ExternalError(self._complaint(done))
        return done

    def _complaint(self, done: Done) -> str:
        meaning = _MEANING.get(done.code, f"rsync ended with {done.code}")
        full = next((text for text in done.err.splitlines() if "No space left" in text), "")
        return f"cannot publish to {self.where}: {meaning}: {last_words(full or done.err, skip=_NOISE)}"


def _path_there(to: str) -> str:
    """Return the path in what rsync calls a place: in a module of a daemon from the module's root."""
    if to.startswith("rsync://"):
        return "/" + to.removeprefix("rsync://").partition("/")[2].partition("/")[2]
    host, colon, path = to.partition(":")
    del host, colon
    return "/" + path[1:].partition("/")[2] if path.startswith(":") else path or "/"


def _pattern(path: str) -> str:
    """Return a path as a rule that means it alone: a backslash is one only beside a wildcard.

    A rule is a line; a line end in a name becomes a wildcard for one character.
    """
    if not re.search(r"[*?\[\n\r]", path):
        return path
    return re.sub(r"[\n\r]", "?", re.sub(r"([*?\[\\])", r"\\\1", path))


def _ways(path: str) -> list[str]:
    """Return a path and the folders that lead to it."""
    return [path, *(path[:index] for index, char in enumerate(path) if char == "/")]


def _plain(name: str) -> str:
    """Return a name without rsync's escapes."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 8)), name)


@contextmanager
def open_rsync(target: RsyncTarget, job: Job) -> Iterator[Rsync]:
    """Yield a publisher of a place that rsync knows."""
    try:
        yield Rsync(target, job)
    finally:
        for name in ("lent", "fetched", "manifest", "manifests", "link", "empty", "first"):
            shutil.rmtree(job.state / name, ignore_errors=True)
