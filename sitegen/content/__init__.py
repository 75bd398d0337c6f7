"""Article bytes to `Article` and back. Pure: bytes and values in, values and bytes out."""
