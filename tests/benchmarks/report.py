"""The figures of a benchmark as Markdown: medians, and ratios taken round by round."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, Final

BEGIN: Final = "<!-- figures: written by `make bench`, do not edit -->"
END: Final = "<!-- end of figures -->"

REFERENCE: Final = "hugo"
QUIET: Final = 0.2
"""Processors that the rest of the machine may use before a run counts as disturbed."""

_STEPS: Final = {"cold": "cold", "noop": "nothing changed", "edit": "one article edited"}


def figures(results: Sequence[Mapping[str, Any]]) -> str:
    """Return the tables of some results, as `results-N.json` has them, smallest digest first."""
    return "\n".join(_section(result) for result in sorted(results, key=lambda result: int(result["articles"])))


def publish(text: str, page: Path) -> None:
    """Put the text between the two marks of a page."""
    old = page.read_text(encoding="utf-8")
    before, _, rest = old.partition(BEGIN)
    _, mark, after = rest.partition(END)
    if not mark:
        raise ValueError(f"{page.name} has no two lines {BEGIN!r} and {END!r}")
    page.write_text(f"{before}{BEGIN}\n\n{text}\n{END}{after}", encoding="utf-8")


def _section(result: Mapping[str, Any]) -> str:
    rows: Sequence[Mapping[str, Any]] = result["rows"]
    reference = {
        row["round"]: row["measured"] for row in rows if (row["contender"], row["step"]) == (REFERENCE, "cold")
    }
    lines = [
        f"### {result['articles']:,} articles",
        "",
        *_about(result),
        "",
        "| | step | seconds | × Hugo, cold | CPU seconds | ms an article | memory, MiB | × Hugo, cold |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    names = [*result["versions"], "floor"]
    for name in names:
        for step, words in _STEPS.items():
            runs = {row["round"]: row["measured"] for row in rows if (row["contender"], row["step"]) == (name, step)}
            if runs:
                lines.append(_line(name, words, runs, reference, result["articles"]))
    lines += [
        "",
        "| files | articles | lists | feeds | others | in all | MB |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for name, tree in result["trees"].items():
        counts = [tree[kind] for kind in ("articles", "lists", "feeds", "others")]
        cells = " | ".join(f"{count:,}" for count in (*counts, sum(counts)))
        lines.append(f"| {name} | {cells} | {tree['bytes'] / 1e6:.1f} |")
    return "\n".join(lines) + "\n"


def _about(result: Mapping[str, Any]) -> list[str]:
    rounds, versions = result["rounds"], result["versions"]
    runs = [row["measured"] for row in result["rows"] if row["contender"] != "floor"]
    disturbed = sum(run["others"] > QUIET for run in runs)
    where = f"{rounds} round{'s' * (rounds != 1)} on {result['processors']} processors"
    tools = ", ".join([*(f"{name} {version}" for name, version in versions.items()), f"Python {result['python']}"])
    noise = f"In {disturbed} of {len(runs)} runs the rest of the machine used more than {QUIET} of a processor."
    lines = [f"{where}; {tools}. {noise}"]
    lines += [f"Left out: {name}, because {why}." for name, why in result["left_out"].items()]
    return lines


def _line(
    name: str,
    step: str,
    runs: Mapping[int, Mapping[str, float]],
    reference: Mapping[int, Mapping[str, float]],
    articles: int,
) -> str:
    wall = median(run["wall"] for run in runs.values())
    cpu = median(run["user"] + run["system"] for run in runs.values())
    memory = median(run["memory"] for run in runs.values()) / 2**20
    each = f"{1000 * wall / articles:.2f}" if step == _STEPS["cold"] else ""
    cells = [name, step, f"{wall:.2f}", _ratio(runs, reference, "wall"), f"{cpu:.2f}", each]
    cells += [f"{memory:.0f}", _ratio(runs, reference, "memory")] if memory else ["", ""]
    return f"| {' | '.join(cells)} |"


def _ratio(runs: Mapping[int, Mapping[str, float]], reference: Mapping[int, Mapping[str, float]], what: str) -> str:
    """Return the median of the ratios to the reference in the same round, and from where to where they go."""
    ratios = [run[what] / reference[number][what] for number, run in runs.items() if number in reference]
    if not ratios:
        return ""
    spread = f" ({min(ratios):.2f}–{max(ratios):.2f})" if len(ratios) > 1 else ""
    return f"{median(ratios):.2f}{spread}"
