"""Writes Markdown files, which the editor owns: copied pages in other formats, new articles, reviews."""

from sitegen.content.frontmatter import IMPORTANCE_MAX, IMPORTANCE_MIN
from sitegen.importers.defaults import parse_defaults
from sitegen.importers.existing import accept_version, diff_version
from sitegen.importers.fetching import Fetcher
from sitegen.importers.inputs import ImportOptions
from sitegen.importers.new_article import create_article
from sitegen.importers.proposal import render_proposal
from sitegen.importers.registry import format_names
from sitegen.importers.report import ImportReport, Outcome, distinct_diagnostics, render_json, render_text
from sitegen.importers.review import record_review
from sitegen.importers.workflow import import_files

__all__ = [
    "IMPORTANCE_MAX",
    "IMPORTANCE_MIN",
    "Fetcher",
    "ImportOptions",
    "ImportReport",
    "Outcome",
    "accept_version",
    "create_article",
    "diff_version",
    "distinct_diagnostics",
    "format_names",
    "import_files",
    "parse_defaults",
    "record_review",
    "render_json",
    "render_proposal",
    "render_text",
]
