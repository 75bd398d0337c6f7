"""Configuration of Sphinx. `make docs` copies the pages to a folder, adds the generated ones, and builds them there."""

from sitegen import __version__

project = "sitegen"
release = __version__
extensions = ["myst_parser"]
root_doc = "index"
source_suffix = {".md": "markdown"}
myst_heading_anchors = 4
html_theme = "furo"
html_title = f"sitegen {release}"
html_copy_source = False
html_show_copyright = False
