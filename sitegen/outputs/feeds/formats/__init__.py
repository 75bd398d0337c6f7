"""One module for each feed format, which registers it."""
