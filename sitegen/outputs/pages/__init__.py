"""One module for each kind of page.

A module defines a `PageKind`: its fields are the cache key of a page, `plan` yields the pages of a site, and `view`
returns the value that the template sees. The decorator `page_kind` registers it; nothing else names it.
"""
