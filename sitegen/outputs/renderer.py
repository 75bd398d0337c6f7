"""`Renderer`: what recipes are rendered with: the templates of one theme, and the view builder of each context."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Final

from sitegen.outputs.feed_items import article_item, with_size
from sitegen.outputs.json_ld import JSON_LD_LABELS
from sitegen.outputs.page_view import json_ld
from sitegen.outputs.references import ContextHash, Values
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.theme.environment import PageFilter, Templates
from sitegen.theme.model import Theme
from sitegen.util.feed_formats import FEED_FORMATS

_FILTERS: Final[dict[str, PageFilter]] = {"linked_data": (json_ld, JSON_LD_LABELS)}
MAX_CONTEXTS: Final = 32
"""Render contexts that are kept: those of all locales, and a few of a `site.yaml` that is being edited."""
MAX_ITEMS: Final = 1024
"""The size of the cache of feed items: consecutive feeds share many items."""


class Renderer:
    """The tools of one theme for recipes.

    `values` are those of the recipe that is being rendered, `locales` the locale of each render context.
    `feed_item` returns the feed item of an article in a context, `feed_item_text` that item in a format, with its size.
    """

    values: Values
    locales: Mapping[ContextHash, str]

    def __init__(self, theme: Theme) -> None:
        self.templates = Templates(theme, _FILTERS)
        self._builder = lru_cache(MAX_CONTEXTS)(lambda key: ViewBuilder(self.values.contexts[key], self.values))
        self.feed_item = lru_cache(MAX_ITEMS)(lambda key, item: article_item(self.builder(key), item))
        self.feed_item_text = lru_cache(2 * MAX_ITEMS)(
            lambda key, item, format_name: with_size(FEED_FORMATS[format_name].render_item(self.feed_item(key, item)))
        )

    def builder(self, key: ContextHash) -> ViewBuilder:
        """Return the view builder of a render context."""
        builder = self._builder(key)
        builder.values = self.values
        return builder

    def release_items(self) -> None:
        """Forget rendered feed items: they keep their articles' texts in memory."""
        self.feed_item.cache_clear()
        self.feed_item_text.cache_clear()


@lru_cache(maxsize=1)
def renderer_of(theme: Theme) -> Renderer:
    """Return the renderer of a theme, created once for each process: templates are compiled once."""
    return Renderer(theme)
