"""Feeds as outputs, and a renderer for each format. Their selection and their items are next to this package."""
