"""Feeds: their selection, their items, and a renderer for each format."""
