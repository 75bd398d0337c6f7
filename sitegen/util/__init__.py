"""Helpers that no stage owns: hashes, dates, CLDR names, caches, XML, media types, file reads."""
