"""`sitegen serve`: preview the digest, and rebuild as it is edited."""

import argparse
import traceback
import webbrowser
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from sitegen.build import BuildRequest, build
from sitegen.build.configuration import load_config
from sitegen.cli.build import report
from sitegen.cli.common import Reporter, clock
from sitegen.diagnostics import Findings
from sitegen.errors import EXIT_DONE, ContentError, SitegenError
from sitegen.layout import CONFIG_NAME, OUTPUT, missing_config
from sitegen.preview import PreviewRequest, serve
from sitegen.preview.server import PREVIEW


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser(
        "serve", help="preview the digest", description="Serve the digest and reload the browser as it is edited."
    )
    parser.add_argument("--port", type=_port, default=8000, help="port to serve on (default: 8000)")
    parser.add_argument("--host", default="127.0.0.1", help="address to serve on (default: 127.0.0.1)")
    parser.add_argument("--drafts", action="store_true", help="show drafts and articles of the future, too")
    parser.add_argument("--open", action="store_true", help="open the browser")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, reporter: Reporter) -> int:
    """Serve until interrupted."""
    if not (options.project / CONFIG_NAME).is_file():
        raise ContentError(missing_config().sorted())
    output = options.project / OUTPUT / PREVIEW
    serve(
        PreviewRequest(
            root=options.project,
            site=output / "site",
            host=options.host,
            port=options.port,
            prefix=_Prefix(options.project),
            build=partial(_build, options, reporter),
            announce=partial(_announce, reporter, opens=options.open),
        )
    )
    return EXIT_DONE


class _Prefix:
    """The path of `base_url`: that of the configuration as it was last sound."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._changed = -1.0
        self._path = ""

    def __call__(self) -> str:
        """Return the path without its last slash."""
        file = self._root / CONFIG_NAME
        changed = file.stat().st_mtime if file.is_file() else -1.0
        if changed != self._changed:
            self._changed = changed
            findings = Findings()
            config = load_config(self._root, findings)
            if config is not None and not findings.errors:
                self._path = urlsplit(config.base_url).path.rstrip("/")
        return self._path


def _build(options: argparse.Namespace, reporter: Reporter) -> bool:
    """Build as of now; what goes wrong is said, and the preview goes on with the last good site."""
    output = options.project / OUTPUT / PREVIEW
    try:
        result = build(BuildRequest(root=options.project, now=clock(), output=output, drafts=options.drafts))
    except SitegenError as error:
        reporter.failure(str(error))
        return False
    except Exception:  # noqa: BLE001 - a defect of ours must not end the editor's preview; it is shown whole
        traceback.print_exc()
        return False
    report(result, reporter)
    return result.ok


def _announce(reporter: Reporter, address: str, *, opens: bool) -> None:
    reporter.line(f"Serving {address} (Ctrl-C stops)")
    if opens:
        webbrowser.open(address)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise argparse.ArgumentTypeError(f"{text!r} is no port; expected 1 to 65535")
    return int(text)
