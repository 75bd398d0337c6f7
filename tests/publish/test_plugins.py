"""A publish target of another package, and the validation of targets by every command that reads site.yaml."""

import subprocess
import sys
from pathlib import Path

from tests.publish.helpers import ROOT, command, make_project

PLUGIN = """
from pathlib import Path
from msgspec import Struct
from sitegen.publish.backend import TargetBackend
from sitegen.publish.plan import TargetState
from sitegen.publish.registry import publish_target

class CopyOptions(Struct, frozen=True):
    folder: str

@publish_target("copy")
class CopyBackend(TargetBackend):
    description = "the copy"

    @classmethod
    def read_options(cls, reader):
        return CopyOptions(reader.text("folder", required=True) or "")

    def read_state(self):
        return TargetState(is_first=True)

    def apply(self, plan, files, state):
        for path, file in files.items():
            copy = Path(self.options.folder, path)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read())
        return f"{len(files)} files"
"""


def install_plugin(folder: Path) -> str:
    """Install a distribution with a publish target into a folder, and return the folder."""
    info = folder / "copy_plugin-1.2.dist-info"
    info.mkdir(parents=True)
    (folder / "copy_plugin.py").write_text(PLUGIN, encoding="utf-8")
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: copy-plugin\nVersion: 1.2\n", encoding="utf-8")
    (info / "entry_points.txt").write_text("[sitegen.plugins]\ncopy = copy_plugin\n", encoding="utf-8")
    return str(folder)


def test_a_target_of_another_package(tmp_path: Path) -> None:
    path = install_plugin(tmp_path / "plugins")
    project = make_project(tmp_path / "digest", f"{{kind: copy, folder: '{tmp_path}/www'}}")
    result = command(project, "--yes", PYTHONPATH=path)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "www/index.html").read_bytes() == project.tree()["index.html"]
    result = command(project, "--rollback", PYTHONPATH=path)
    assert result.returncode == 2
    assert "a target of the kind copy has no earlier release" in result.stderr
    project.file("site.yaml", (project.root / "site.yaml").read_text("utf-8").replace("folder:", "foldr:"))
    result = command(project, "--yes", PYTHONPATH=path)
    assert result.returncode == 1
    assert "did you mean 'folder'?" in result.stderr


def test_plugins_have_a_name_and_a_version(tmp_path: Path) -> None:
    code = "from sitegen.util.plugins import load_plugins; print(load_plugins())"
    path = install_plugin(tmp_path / "plugins")
    result = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        encoding="utf-8",
        check=True,
        cwd=ROOT,
        env={"PYTHONPATH": path},
    )
    assert result.stdout == "(('copy', '1.2'),)\n"


def test_every_command_reports_an_unknown_kind_with_the_registered_ones(tmp_path: Path) -> None:
    project = make_project(tmp_path / "digest", "{kind: copy}")
    words = [sys.executable, "-m", "sitegen", "-C", str(project.root), "build"]
    result = subprocess.run(words, capture_output=True, encoding="utf-8", check=False, cwd=ROOT)
    assert result.returncode == 1
    assert "error[not-allowed]: 'kind' is 'copy'" in result.stderr
    assert "archive, directory, git, rsync, s3" in result.stderr
