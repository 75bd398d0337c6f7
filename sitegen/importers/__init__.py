"""Import of articles from other formats: each becomes a Markdown file that the editor owns."""

from sitegen.importers.defaults import parse_defaults
from sitegen.importers.registry import format_names
from sitegen.importers.report import ImportReport, Outcome, distinct_diagnostics, render_json, render_text
from sitegen.importers.workflow import import_files

__all__ = [
    "ImportReport",
    "Outcome",
    "distinct_diagnostics",
    "format_names",
    "import_files",
    "parse_defaults",
    "render_json",
    "render_text",
]
