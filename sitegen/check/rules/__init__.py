"""One module for each group of rules.

A rule is a function that yields problems. The decorators `text_rule` and `site_rule` register it with its code and its
default severity; the catalogue in docs/reference/diagnostics.yaml has the page of each code. Nothing else names a rule.
"""
