"""Writes Markdown files, which the editor owns: copied pages in other formats, new articles, reviews."""
