"""Articles from elsewhere become Markdown files, which are the editor's from then on."""

from sitegen.importers.detect import FORMATS
from sitegen.importers.report import ImportReport, Outcome, render_json, render_text
from sitegen.importers.workflow import run

__all__ = ["FORMATS", "ImportReport", "Outcome", "render_json", "render_text", "run"]
