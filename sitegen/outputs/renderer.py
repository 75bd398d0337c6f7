"""Recipe to bytes, and recipe to key: the two things a build asks of an output."""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from sitegen.content.markdown import Body
from sitegen.diagnostics import Diagnostic, Severity, SourceLocation
from sitegen.outputs.data_files import render_article_data, render_schema, render_table
from sitegen.outputs.feeds.items import opml_view
from sitegen.outputs.feeds.opml import render_opml
from sitegen.outputs.feeds.renderer import FeedRenderer
from sitegen.outputs.json_ld import JSON_LD_LABELS, json_ld
from sitegen.outputs.recipes import (
    ArticleDataRecipe,
    EmailRecipe,
    FeedRecipe,
    NewsRecipe,
    OpmlRecipe,
    PageRecipe,
    Recipe,
    RenderContext,
    SchemaRecipe,
    SitemapIndexRecipe,
    SitemapRecipe,
    StaticRecipe,
    TableRecipe,
    TextRecipe,
)
from sitegen.outputs.sitemap_xml import render_news, render_sitemap, render_sitemap_index
from sitegen.outputs.sitemaps import index_entries, news_entries
from sitegen.outputs.view_builder import ViewBuilder, sitemap
from sitegen.theme.environment import PageFilter, TemplateError, Templates
from sitegen.theme.model import Theme
from sitegen.util.hashing import DIGEST_BYTES, Digester

MOST_EMAIL_BYTES: Final = 80_000
"""Mail services cut what is longer: Gmail at 102 KB, with what the sending adds."""

_FILTERS: Final = {"linked_data": PageFilter(json_ld, JSON_LD_LABELS)}

_MOST_EDITIONS: Final = 32
"""Editions that are remembered: those of all locales, and not of every `site.yaml` that a preview has seen."""


@lru_cache(maxsize=1)
def renderer_of(theme: Theme) -> "Renderer":
    """Return the renderer of a theme, made once a process: its templates are compiled once."""
    return Renderer(theme)


class Renderer:
    """Renders with one theme. Holds compiled templates, nothing else."""

    def __init__(self, theme: Theme) -> None:
        self.templates = Templates(theme, _FILTERS)
        self._builders: dict[bytes, ViewBuilder] = {}
        self._feed_renderers: dict[bytes, FeedRenderer] = {}

    def render(self, recipe: Recipe, texts: Mapping[bytes, Body], markdown: str = "") -> bytes:
        """Return the bytes of an output; `texts` has those that the recipe names. Raises TemplateError.

        `markdown` is the manuscript of an ArticleDataRecipe. Raises TypeError for a CopyRecipe: its bytes are the
        editor's file, which the build reads.
        """
        match recipe:
            case PageRecipe():
                builder = self._builder(recipe.context)
                view = builder.page(recipe.spec, texts)
                return self.templates.render(recipe.template, recipe.context.locale, builder.site_view, view)
            case FeedRecipe():
                return self._feed_renderer(recipe.context).feed(recipe, texts)
            case ArticleDataRecipe():
                return render_article_data(self._builder(recipe.context), recipe, texts, markdown)
            case EmailRecipe():
                return self._email(recipe)
            case _:
                return self._without_texts(recipe)

    def rotate(self) -> None:
        """Forget what was made for outputs of earlier batches than the one that ends here."""
        for printer in self._feed_renderers.values():
            printer.rotate()
        for builder in self._builders.values():
            builder.rotate()

    def _without_texts(self, recipe: Recipe) -> bytes:
        match recipe:
            case OpmlRecipe():
                return render_opml(opml_view(self._builder(recipe.context), recipe))
            case SitemapRecipe():
                return render_sitemap(sitemap(recipe))
            case SitemapIndexRecipe():
                return render_sitemap_index(index_entries(recipe))
            case NewsRecipe():
                return render_news(news_entries(recipe))
            case TableRecipe():
                return render_table(self._builder(recipe.context), recipe)
            case SchemaRecipe():
                return render_schema(recipe)
            case TextRecipe():
                return recipe.text.encode()
            case StaticRecipe():
                return recipe.data
        raise TypeError(f"a {type(recipe).__name__} is not rendered")

    def _email(self, recipe: EmailRecipe) -> bytes:
        """Return an e-mail that holds as many of the most important articles as fit."""
        builder = self._builder(recipe.context)
        most = len(recipe.spec.members)
        while True:
            view = builder.email(recipe.spec, most)
            data = self.templates.render(recipe.template, recipe.context.locale, builder.site_view, view)
            if len(data) <= MOST_EMAIL_BYTES:
                return data
            if not most:
                location = SourceLocation(self.templates.path(recipe.template))
                message = f"an e-mail without an article has {len(data):,} bytes; at most {MOST_EMAIL_BYTES:,} are sent"
                raise TemplateError(Diagnostic("email-too-large", Severity.ERROR, location, message))
            most = min(most - 1, most * MOST_EMAIL_BYTES // len(data))

    def _feed_renderer(self, context: RenderContext) -> FeedRenderer:
        builder = self._builder(context)
        printer = self._feed_renderers.get(context.digest)
        if printer is None:
            printer = self._feed_renderers[context.digest] = FeedRenderer(builder)
        return printer

    def _builder(self, context: RenderContext) -> ViewBuilder:
        builder = self._builders.get(context.digest)
        if builder is None:
            if len(self._builders) >= _MOST_EDITIONS:
                self._builders.clear()
                self._feed_renderers.clear()
            builder = self._builders[context.digest] = ViewBuilder(context)
        return builder

    def key(self, recipe: Recipe, digester: Digester, engine: bytes) -> bytes:
        """Return the key of an output: a digest of everything that its bytes are made of.

        That is `engine` (this program and its libraries), for a page its template with all that it includes and the
        words of its locale, and the whole recipe.
        """
        dependency_hash = b""
        if isinstance(recipe, PageRecipe | EmailRecipe):
            dependency_hash = self.templates.dependency_hash(recipe.template, recipe.context.locale)
        return blake2b(engine + dependency_hash + digester.encoded(recipe), digest_size=DIGEST_BYTES).digest()
