"""The tour of the README, run literally in an empty folder."""

import os
import re
import subprocess
from pathlib import Path

from tests.tools import REPOSITORY, command

README = (REPOSITORY / "README.md").read_text(encoding="utf-8")
TOUR = README.split("## Five minutes")[1].split("## More")[0]


def test_every_command_of_the_tour_prints_what_the_readme_shows(tmp_path: Path) -> None:
    blocks = re.findall(r"^```sh\n(.*?)^```$", TOUR, re.MULTILINE | re.DOTALL)
    assert len(blocks) == 4
    path = f"{REPOSITORY / '.venv' / 'bin'}{os.pathsep}{os.environ['PATH']}"
    done = subprocess.run(
        [command("bash"), "-euo", "pipefail", "-c", "\n".join(blocks)],
        cwd=tmp_path,
        env=os.environ | {"PATH": path, "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    shown = re.findall(r"^    (.*)$", TOUR, re.MULTILINE)
    for line in shown:
        assert line in done.stderr.splitlines(), line
    assert "exit code 1" in done.stdout
    home = (tmp_path / "my-digest" / "output" / "site" / "index.html").read_text(encoding="utf-8")
    assert "Ports agree on one customs form" in home


def test_every_linked_file_exists() -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", README):
        assert (REPOSITORY / target).is_file(), target
