"""The documentation: Markdown pages, and the modules that make a site of them."""
