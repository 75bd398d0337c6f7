"""Parsers of importers against inputs that are nearly of their format: a report for each, never an exception."""

import re
from contextlib import suppress
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from sitegen.config.model import Config
from sitegen.diagnostics import Diagnostics
from sitegen.importers.inputs import ImportOptions, InputError, read_input
from sitegen.importers.registry import IMPORTERS
from tests.importers.test_golden_sites import NAMES, parts

SAMPLES: Final = [text for name in NAMES for path, text in parts(name).items() if path.startswith("in/")]
PARTS: Final = [
    *("<", ">", "</p>", "<p>", "<table><tr><td>", "<![CDATA[", "]]>", "&", "&#x0;", "&amp;", "<!--", "-->", "<script>"),
    *("{", "}", "[", "]", '"', "\\", ":", "null", "1e999", "---\n", "+++\n", "...", "\n", "\r", "\t", "\x00", "\ufeff"),
    *("{{< ", " >}}", "{% raw %}", "{% endraw %}", "](", "![", "](javascript:x)", "```", "~~~", "|", "> ", "- ", "#"),
    *(
        "2026-02-30",
        "0000-00-00",
        "令和0年",
        "🇯🇵",
        "日本",
        "\ud83d".encode("utf-8", "surrogatepass").decode("utf-8", "replace"),
    ),
]


@st.composite
def damaged(draw: st.DrawFn) -> bytes:
    """Return a sample with parts cut out, repeated, exchanged and inserted, perhaps with bytes that are not UTF-8."""
    text = draw(st.sampled_from(SAMPLES))
    for _ in range(draw(st.integers(1, 6))):
        start, end = sorted((draw(st.integers(0, len(text))), draw(st.integers(0, len(text)))))
        new = draw(st.sampled_from(PARTS)) * draw(st.sampled_from((1, 1, 1, 3, 50)))
        new += draw(st.text(max_size=5).filter(lambda value: value.isprintable()))
        match draw(st.sampled_from(("cut", "insert", "repeat", "replace"))):
            case "cut":
                text = text[:start] + text[end:]
            case "insert":
                text = text[:start] + new + text[start:]
            case "repeat":
                text = text[:end] + text[start:end][:2000] + text[end:]
            case _:
                found = re.escape(text[start : start + 2]) or "$"
                text = new.join(re.split(found, text, maxsplit=3))
    data = text.encode("utf-8", "replace")
    return data[: draw(st.integers(0, len(data)))] + b"\xff" if draw(st.booleans()) and len(data) % 7 == 0 else data


@pytest.mark.slow
@pytest.mark.parametrize("name", IMPORTERS)
def test_damaged_inputs_are_read_or_diagnosed(
    name: str, config: Config, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / f"page{'.html' if name == 'html' else '.md'}"

    @settings(max_examples=120, deadline=None, suppress_health_check=list(HealthCheck))
    @given(damaged())
    def check(data: bytes) -> None:
        path.write_bytes(data)
        with suppress(InputError):  # refused, with a sentence
            file = read_input(Path(path), path.name, Diagnostics(), ImportOptions())
            results = IMPORTERS[name].parse(file, config)
            assert all(result.front is not None or result.diagnostics for result in results)

    check()
