"""Content folders of generators: Hugo, Jekyll, Pelican, Eleventy, Zola, Nikola, Astro, and plain Markdown."""

from sitegen.importers.formats.content_folder.dialects import DIALECTS
from sitegen.importers.formats.content_folder.parser import register

for _dialect in DIALECTS:
    register(_dialect)
