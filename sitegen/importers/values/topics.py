"""Labels of topics, as tags and categories have them."""

from functools import lru_cache

from sitegen.config.model import Config
from sitegen.util.cldr import normalize_label


@lru_cache(maxsize=4)
def topic_labels(config: Config) -> dict[str, str]:
    """Return the keys of the topics of a site by their normalized keys, names and aliases."""
    names = [(term.key, label) for term in config.topics for label in (term.key, *(text for text, _ in term.labels()))]
    return {normalize_label(label): key for key, label in names} | {normalize_label(key): key for key, _ in names}
