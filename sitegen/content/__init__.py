"""Parses and serializes articles, translations and static pages. Does no I/O."""
