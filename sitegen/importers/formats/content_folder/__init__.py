"""Content folders of other generators: Markdown or HTML with front matter."""

from sitegen.importers.formats.content_folder.parser import DIALECT_NAMES

__all__ = ["DIALECT_NAMES"]
