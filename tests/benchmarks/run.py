"""Measure sitegen and other generators: `python -m tests.benchmarks.run --articles 1000 10000`. See --help."""

import argparse
import json
import os
import platform
import shutil
import sys
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Final

from tests.benchmarks import contenders, corpus
from tests.benchmarks.contenders import PEERS, Contender, LeftOutError
from tests.benchmarks.measure import Measured, measure
from tests.benchmarks.report import figures, publish

ROOT: Final = Path(__file__).parents[2]
PAGE: Final = ROOT / "docs" / "explanation" / "performance.md"
TRIAL: Final = 60
"""Articles of the first, unmeasured build: it shows that a generator works, and brings its program into memory."""

MARK: Final = "zqmark"


@dataclass(frozen=True, slots=True)
class Row:
    """One run of one generator: which, in which round, which step, and what it took."""

    contender: str
    round: int
    step: str
    measured: Measured


@dataclass(slots=True)
class Session:
    """All runs with one number of articles; `trees` counts the files of each output by kind."""

    articles: int
    rounds: int
    processors: int
    python: str
    versions: dict[str, str]
    left_out: dict[str, str]
    rows: list[Row] = field(default_factory=list)
    trees: dict[str, dict[str, int]] = field(default_factory=dict)

    def save(self, work: Path) -> None:
        """Write everything that is known so far to the work folder."""
        text = json.dumps(asdict(self), indent=1)
        (work / f"results-{self.articles}.json").write_text(text + "\n", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print, and write what came of it; return the exit code."""
    options = _options(arguments)
    work: Path = options.work.absolute()
    work.mkdir(parents=True, exist_ok=True)
    if options.rounds:
        ready, left_out = _ready(options.peers, work)
        for articles in options.articles:
            _session(ready, left_out, work, articles, options.rounds)
    results = [json.loads(file.read_text(encoding="utf-8")) for file in work.glob("results-*.json")]
    shown = [result for result in results if options.report or result["articles"] in options.articles]
    if not shown:
        _say("there are no results to show; leave out --rounds 0")
        return 2
    text = figures(shown)
    sys.stdout.write(text)
    if options.report:
        publish(text, PAGE)
        _say(f"{PAGE.relative_to(ROOT)} has the figures of {len(shown)} digest{'s' * (len(shown) != 1)}")
    return 0


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.run", description=__doc__)
    parser.add_argument("--articles", type=_positive, nargs="+", default=[1000], metavar="N", help="default: 1000")
    parser.add_argument("--rounds", type=_rounds, default=3, metavar="N", help="default: 3; 0 shows what is there")
    parser.add_argument("--peers", type=_peers, default="hugo,eleventy,pelican", metavar="A,B", help=", ".join(PEERS))
    parser.add_argument("--work", type=Path, default=ROOT / "output" / "benchmarks", metavar="DIR", help="may be large")
    parser.add_argument("--report", action="store_true", help="write all results of DIR to the performance page")
    return parser.parse_args(arguments)


def _positive(text: str) -> int:
    if not text.isdecimal() or not TRIAL <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of articles; expected {TRIAL} to 100000")
    return int(text)


def _rounds(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of rounds; expected 0 or more")
    return int(text)


def _peers(text: str) -> list[str]:
    names = [] if text == "none" else text.split(",")
    for name in names:
        if name not in PEERS:
            raise argparse.ArgumentTypeError(f"{name!r} is not one of {', '.join(PEERS)}, none")
    return names


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")
    sys.stderr.flush()


# --- the generators ---------------------------------------------------------------------------------------------------


def _ready(names: Sequence[str], work: Path) -> tuple[list[Contender], dict[str, str]]:
    """Install the peers and try every generator; return those that work, and why the others are left out."""
    ready, left_out = [], {}
    for name in ("sitegen", *names):
        _say(f"{name}: setting up")
        try:
            it = contenders.sitegen() if name == "sitegen" else PEERS[name](work / "tools")
            folder = contenders.prepare(it, work / "trial" / it.name, TRIAL)
            _wipe(it, folder)
            _build(it, folder, work)
            _check_articles(it, folder, TRIAL)
            ready.append(it)
        except LeftOutError as error:
            if name == "sitegen":
                raise SystemExit(f"sitegen: {error}") from None
            left_out[name] = str(error)
            _say(f"{name} is left out: {error}")
    return ready, left_out


def _build(it: Contender, folder: Path, work: Path) -> Measured:
    """Build once and measure it. Raises LeftOutError, with the last line that was printed, if it fails."""
    log = work / f"{it.name}.log"
    log.unlink(missing_ok=True)
    measured = measure(it.command, folder, log)
    if measured.code:
        lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
        raise LeftOutError(f"its build ends with {measured.code}: {lines[-1] if lines else 'no output'}")
    return measured


def _wipe(it: Contender, folder: Path) -> None:
    for name in (it.out, *it.caches):
        path = folder / name
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _check_articles(it: Contender, folder: Path, articles: int) -> dict[str, int]:
    """Count the files of an output by kind. Raises LeftOutError where an article has no page."""
    tree = _inventory(folder / it.out)
    if tree["articles"] != articles:
        raise LeftOutError(f"it made {tree['articles']} pages of {articles} articles")
    return tree


def _inventory(out: Path) -> dict[str, int]:
    kinds: Counter[str] = Counter()
    for folder, _, names in os.walk(out):
        location = Path(folder).relative_to(out).parts
        for name in names:
            kinds[_kind(location, name)] += 1
            kinds["bytes"] += (Path(folder) / name).stat().st_size
    return {kind: kinds[kind] for kind in ("articles", "lists", "feeds", "others", "bytes")}


def _kind(location: tuple[str, ...], name: str) -> str:
    match location:
        case ("articles", _) if name == "index.html":
            return "articles"
        case ("topics" | "countries", *_) if name == "index.html":
            return "lists"
        case _:
            return "feeds" if name == "feed.xml" else "others"


# --- the measuring ----------------------------------------------------------------------------------------------------


def _session(ready: Sequence[Contender], left_out: dict[str, str], work: Path, articles: int, rounds: int) -> None:
    """Measure every generator on a digest, in turn, round by round."""
    session = Session(
        articles=articles,
        rounds=rounds,
        processors=len(os.sched_getaffinity(0)),
        python=platform.python_version(),
        versions={it.name: it.version for it in ready},
        left_out=dict(left_out),
    )
    folders = {}
    for it in ready:
        _say(f"{articles:,} articles for {it.name}")
        folders[it.name] = contenders.prepare(it, work / str(articles) / it.name, articles)
    going = list(ready)
    for number in range(rounds):
        turn = number % len(going)
        for it in going[turn:] + going[:turn]:
            try:
                _steps(session, it, folders[it.name], work, number)
            except LeftOutError as error:
                session.left_out[it.name] = str(error)
                session.rows = [row for row in session.rows if row.contender != it.name]
                _say(f"{it.name} is left out of {articles:,} articles: {error}")
                going.remove(it)
            session.save(work)
    if "sitegen" in session.left_out:
        raise SystemExit(1)


def _steps(session: Session, it: Contender, folder: Path, work: Path, number: int) -> None:
    """Build with nothing there, again with nothing changed, again with a sentence more in the newest article."""

    def run(step: str) -> None:
        os.sync()
        row = Row(it.name, number, step, _build(it, folder, work))
        session.rows.append(row)
        _tell(session, row)

    newest = corpus.article(session.articles - 1)
    path, text = corpus.FORMATS[it.site](newest)
    (folder / path).write_bytes(text.encode())
    _wipe(it, folder)
    run("cold")
    session.trees[it.name] = _check_articles(it, folder, session.articles)
    if it.name == "sitegen":
        row = Row("floor", number, "cold", _floor(folder / it.out, work / "floor"))
        session.rows.append(row)
        _tell(session, row)
    run("noop")
    mark = f"{MARK}{number}"
    (folder / path).write_bytes(f"{text}\nOne more sentence, {mark}.\n".encode())
    run("edit")
    for page in (f"articles/{newest.slug}/index.html", "feed.xml"):
        if mark not in (folder / it.out / page).read_text(encoding="utf-8"):
            raise LeftOutError(f"after an edit its {page} is stale")


def _floor(tree: Path, copy: Path) -> Measured:
    """Write every file of a tree once more, from one process, without anything else; reading them is not counted."""
    shutil.rmtree(copy, ignore_errors=True)
    os.sync()
    files = [Path(folder) / name for folder, _, names in sorted(os.walk(tree)) for name in names]
    wall, processor, made = 0.0, 0.0, set()
    for index in range(0, len(files), 200):
        batch = [(copy / file.relative_to(tree), file.read_bytes()) for file in files[index : index + 200]]
        start, cpu = perf_counter(), os.times()
        for file, data in batch:
            if file.parent not in made:
                file.parent.mkdir(parents=True, exist_ok=True)
                made.add(file.parent)
            handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o644)
            os.write(handle, data)
            os.close(handle)
        wall += perf_counter() - start
        now = os.times()
        processor += now.user + now.system - cpu.user - cpu.system
    shutil.rmtree(copy, ignore_errors=True)
    return Measured(code=0, wall=wall, user=processor, system=0.0, memory=0, others=0.0)


def _tell(session: Session, row: Row) -> None:
    it = row.measured
    _say(
        f"{session.articles:7,} articles, round {row.round + 1}/{session.rounds}: {row.contender:<13} {row.step:<4} "
        f"{it.wall:8.2f} s, CPU {it.cpu:8.2f} s, {it.memory / 2**20:6.0f} MiB, others {it.others:.2f}"
    )


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
