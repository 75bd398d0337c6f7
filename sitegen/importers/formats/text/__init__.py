"""Copied pages: the text that "select all, copy" in a browser leaves of one or more articles."""

from sitegen.importers.formats.text.parser import parse_text

__all__ = ["parse_text"]
