"""Text that `sitegen new` and `sitegen init` write for the editor to replace. A published site must not contain it."""

from typing import Final

SOURCE: Final = "Name of the source"
SUMMARY: Final = "One paragraph that says what happened."
TEXT: Final = "Write the text here."
PLACEHOLDERS: Final = frozenset({SOURCE, SUMMARY, TEXT})
SAMPLE: Final = "This sample shows the parts of an article: a summary, a text and five perspectives."
"""The summary of the article that `sitegen init` writes."""
SAMPLE_ADDRESS: Final = "https://example.org/"
"""The `base_url` that `sitegen init` writes."""
SAMPLE_HOST: Final = "example.org"
"""The host of the `authority` that `sitegen init` writes."""
TODO: Final = "todo"
"""The key of `extra` with the names of the values that an import could not find."""
