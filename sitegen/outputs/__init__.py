"""A `Site` to output files: which files there are, what each is made of, and its bytes. Pure."""
