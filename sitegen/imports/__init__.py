"""Articles from elsewhere become Markdown files, which are the editor's from then on."""

from sitegen.imports.detect import FORMATS
from sitegen.imports.report import ImportReport, Outcome, render_json, render_text
from sitegen.imports.run import run

__all__ = ["FORMATS", "ImportReport", "Outcome", "render_json", "render_text", "run"]
