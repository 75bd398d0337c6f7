"""Saved web pages: values from their metadata, the main text by trafilatura."""

from sitegen.importers.formats.html.page import parse_html

__all__ = ["parse_html"]
