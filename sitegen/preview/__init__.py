"""The local preview: builds the site again when a source changes, serves it, and reloads the pages in browsers.

It has its own output folder, so the site that is published is not touched.
"""
