"""sitegen: a static site generator for a policy digest."""

__version__ = "0.1.0"
