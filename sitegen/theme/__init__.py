"""Themes: files, messages, the Jinja environment, and the checks of templates."""
