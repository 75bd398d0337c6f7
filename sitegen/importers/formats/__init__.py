"""The built-in formats: a module or a package for each, which registers its importer."""
