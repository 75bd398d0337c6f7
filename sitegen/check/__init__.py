"""Rules for what an editor wants to know before publishing: `sitegen check`.

`run.py` plans a build, as the build does, and runs the rules over its values. Each module in `rules/` has the rules of
one group. Nothing here is needed by a build.
"""
