"""Helpers that no stage owns: hashes, dates, CLDR names, registries, plugins, atomic writes, signals, XML."""
