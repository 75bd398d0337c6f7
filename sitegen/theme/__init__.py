"""Themes: files, messages, the Jinja environment and checks of templates."""
