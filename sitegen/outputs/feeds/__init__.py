"""Feeds: which there are, their items, and one renderer for each format."""
