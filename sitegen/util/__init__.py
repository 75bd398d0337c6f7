"""Helpers that no stage owns: paths, hashes, dates, CLDR names, registries, plugins, atomic writes, signals, XML."""
