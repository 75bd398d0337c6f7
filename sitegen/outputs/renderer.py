"""Recipe to bytes, and recipe to key: the two things a build asks of an output."""

from collections.abc import Mapping
from functools import lru_cache
from hashlib import blake2b
from typing import Final

from sitegen.content.markdown import Body
from sitegen.diagnostics import Diagnostic, Place, Severity
from sitegen.outputs.data_files import render_article_data, render_schema, render_table
from sitegen.outputs.feeds.items import opml_view
from sitegen.outputs.feeds.opml import render_opml
from sitegen.outputs.feeds.renderer import FeedPrinter
from sitegen.outputs.recipes import (
    ArticleDataRecipe,
    Edition,
    EmailRecipe,
    FeedRecipe,
    NewsRecipe,
    OpmlRecipe,
    PageRecipe,
    Recipe,
    SchemaRecipe,
    SitemapIndexRecipe,
    SitemapRecipe,
    StaticRecipe,
    TableRecipe,
    TextRecipe,
)
from sitegen.outputs.sitemap_xml import render_news, render_sitemap, render_sitemap_index
from sitegen.outputs.sitemaps import index_entries, news_entries
from sitegen.outputs.view_builder import Maker, sitemap
from sitegen.theme.environment import TemplateError, Templates
from sitegen.theme.model import Theme
from sitegen.util.hashing import DIGEST_BYTES, Digester

MOST_EMAIL_BYTES: Final = 80_000
"""Mail services cut what is longer: Gmail at 102 KB, with what the sending adds."""

_MOST_EDITIONS: Final = 32
"""Editions that are remembered: those of all locales, and not of every `site.yaml` that a preview has seen."""


@lru_cache(maxsize=1)
def renderer_of(theme: Theme) -> "Renderer":
    """Return the renderer of a theme, made once a process: its templates are compiled once."""
    return Renderer(theme)


class Renderer:
    """Renders with one theme. Holds compiled templates, nothing else."""

    def __init__(self, theme: Theme) -> None:
        self.templates = Templates(theme)
        self._makers: dict[bytes, Maker] = {}
        self._printers: dict[bytes, FeedPrinter] = {}

    def render(self, recipe: Recipe, texts: Mapping[bytes, Body], markdown: str = "") -> bytes:
        """Return the bytes of an output; `texts` has those that the recipe names. Raises TemplateError.

        `markdown` is the manuscript of an ArticleDataRecipe. Raises TypeError for a CopyRecipe: its bytes are the
        editor's file, which the build reads.
        """
        match recipe:
            case PageRecipe():
                maker = self._maker(recipe.edition)
                view = maker.page(recipe.brief, texts)
                return self.templates.render(recipe.template, recipe.edition.locale, maker.site_view, view)
            case FeedRecipe():
                return self._printer(recipe.edition).feed(recipe, texts)
            case ArticleDataRecipe():
                return render_article_data(self._maker(recipe.edition), recipe, texts, markdown)
            case EmailRecipe():
                return self._email(recipe)
            case _:
                return self._without_texts(recipe)

    def end_batch(self) -> None:
        """Forget what was made for outputs of earlier batches than the one that ends here."""
        for printer in self._printers.values():
            printer.end_batch()
        for maker in self._makers.values():
            maker.end_batch()

    def _without_texts(self, recipe: Recipe) -> bytes:
        match recipe:
            case OpmlRecipe():
                return render_opml(opml_view(self._maker(recipe.edition), recipe))
            case SitemapRecipe():
                return render_sitemap(sitemap(recipe))
            case SitemapIndexRecipe():
                return render_sitemap_index(index_entries(recipe))
            case NewsRecipe():
                return render_news(news_entries(recipe))
            case TableRecipe():
                return render_table(self._maker(recipe.edition), recipe)
            case SchemaRecipe():
                return render_schema(recipe)
            case TextRecipe():
                return recipe.text.encode()
            case StaticRecipe():
                return recipe.data
        raise TypeError(f"a {type(recipe).__name__} is not rendered")

    def _email(self, recipe: EmailRecipe) -> bytes:
        """Return an e-mail that holds as many of the most important articles as fit."""
        maker = self._maker(recipe.edition)
        most = len(recipe.brief.members)
        while True:
            view = maker.email(recipe.brief, most)
            data = self.templates.render(recipe.template, recipe.edition.locale, maker.site_view, view)
            if len(data) <= MOST_EMAIL_BYTES:
                return data
            if not most:
                place = Place(self.templates.path(recipe.template))
                message = f"an e-mail without an article has {len(data):,} bytes; at most {MOST_EMAIL_BYTES:,} are sent"
                raise TemplateError(Diagnostic("email-too-large", Severity.ERROR, place, message))
            most = min(most - 1, most * MOST_EMAIL_BYTES // len(data))

    def _printer(self, edition: Edition) -> FeedPrinter:
        maker = self._maker(edition)
        printer = self._printers.get(edition.digest)
        if printer is None:
            printer = self._printers[edition.digest] = FeedPrinter(maker)
        return printer

    def _maker(self, edition: Edition) -> Maker:
        maker = self._makers.get(edition.digest)
        if maker is None:
            if len(self._makers) >= _MOST_EDITIONS:
                self._makers.clear()
                self._printers.clear()
            maker = self._makers[edition.digest] = Maker(edition)
        return maker

    def key(self, recipe: Recipe, digester: Digester, engine: bytes) -> bytes:
        """Return the key of an output: a digest of everything that its bytes are made of.

        That is `engine` (this program and its libraries), for a page its template with all that it includes and the
        words of its locale, and the whole recipe.
        """
        closure = b""
        if isinstance(recipe, PageRecipe | EmailRecipe):
            closure = self.templates.closure(recipe.template, recipe.edition.locale)
        return blake2b(engine + closure + digester.encoded(recipe), digest_size=DIGEST_BYTES).digest()
