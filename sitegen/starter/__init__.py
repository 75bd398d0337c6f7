"""The files that `sitegen init` writes."""
