"""Tools that some tests need and a machine may lack: then a test is skipped and says why; in CI it fails."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
SEEDS = REPOSITORY.parent / "shared" / "seeds"


def missing(what: str) -> None:
    """Skip the test because `what` is missing, or fail if all tools are required."""
    if os.environ.get("SITEGEN_REQUIRE_TOOLS"):
        pytest.fail(f"{what} is missing, and SITEGEN_REQUIRE_TOOLS is set")
    pytest.skip(f"{what} is missing")


def command(*names: str) -> str:
    """Return the path of the first command of `names` that is there."""
    for name in names:
        found = shutil.which(name)
        if found:
            return found
    missing(" or ".join(names))
    raise AssertionError


def html_checker() -> list[str]:
    """Return the command of the Nu HTML checker."""
    jar = REPOSITORY / ".tools" / "vnu.jar"
    if not jar.is_file():
        missing("the Nu HTML checker (.tools/vnu.jar, which `make test` installs by npm)")
    return [command("java"), "-jar", str(jar)]


def seeds() -> list[Path]:
    """Return the two real articles, which are next to the repository during development."""
    found = sorted(SEEDS.glob("*.txt"))
    if not found:
        pytest.skip("the two real articles are not next to this checkout")
    return found


def as_unprivileged_user() -> tuple[str, ...]:
    """Return the prefix of a command without root's permission to write anywhere, if the tests run as root."""
    if os.geteuid() != 0:
        return ()
    prefix = ("setpriv", "--bounding-set", "-dac_override,-dac_read_search")
    if shutil.which("setpriv") is None or subprocess.run([*prefix, "true"], check=False).returncode != 0:
        pytest.skip("root writes anywhere, and setpriv cannot take that away here")
    return prefix
