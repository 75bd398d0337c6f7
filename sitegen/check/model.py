"""The values that rules see."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from functools import cached_property
from typing import TYPE_CHECKING, Final

from msgspec import Struct
from msgspec.structs import replace

from sitegen.check.findings import LinkResult
from sitegen.config.model import CheckSettings, Config
from sitegen.content.articles import Article, LocalizedVersion
from sitegen.content.body import Body
from sitegen.content.documents import Document
from sitegen.content.prose import MASK, Block
from sitegen.diagnostics import SourceLocation, SourceText
from sitegen.outputs.recipes import CopyFile

if TYPE_CHECKING:
    from sitegen.builder.plan import BuildPlan


_LINK_TEXT: Final = re.compile(r"\[(?P<text>(?:[^\[\]\\]|\\.|\[[^\[\]\\]*\])*)\](?=[(\[])")
"""The text of a link, in which brackets may be escaped or in pairs."""


ExternalLink = tuple[str, int, int]
"""An address on another host, with the line and the column at which it is written."""


class TextFacts(Struct, frozen=True, array_like=True):
    """Facts about one text for rules that compare texts.

    `sketch` are the smallest hashes of its sequences of characters (bottom-k sketch), sorted; `links` the addresses on
    other hosts. `countries` are those that the text of an article names often, with the number of times;
    `perspectives` are its perspectives, each with its language.
    """

    sketch: tuple[int, ...] = ()
    links: tuple[ExternalLink, ...] = ()
    countries: tuple[tuple[str, int], ...] = ()
    perspectives: tuple[tuple[str, str], ...] = ()


class PageFacts(Struct, frozen=True, array_like=True):
    """Facts about one file of the site.

    `title` and `description` are those of the head, `links` the paths of this site that it links to or shows, with
    their fragments, `ids` those of its elements and `item_ids` those of a feed's items. `error` is the first error of a
    file that is not well-formed. `images_without_alt` are addresses. A page `is_empty` if its main part has no content.
    """

    size: int
    title: str = ""
    description: str = ""
    links: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()
    item_ids: tuple[str, ...] = ()
    images_without_alt: tuple[str, ...] = ()
    error: str = ""
    is_indexed: bool = True
    is_empty: bool = False


class CheckedText(Struct, frozen=True, dict=True):
    """One Markdown file: the result of parsing it, its text, and its source.

    `blocks` are the blocks of the text at their offsets in the source. The text begins at the offset `text_start`.
    """

    config: Config
    document: Document
    version: LocalizedVersion
    body: Body
    source: SourceText
    blocks: tuple[Block, ...]
    text_start: int

    @property
    def article(self) -> Article | None:
        """The article; None for a translation, a page and an introduction."""
        return self.document.article

    @property
    def is_draft(self) -> bool:
        """Whether the file is the draft of an article."""
        return self.article is not None and self.article.front.draft

    @cached_property
    def own_prose(self) -> tuple[Block, ...]:
        """The blocks of the text. The texts of links are masked: most are titles of other pages."""
        blocks = []
        for block in self.blocks:
            parts, end = [], 0
            for match in _LINK_TEXT.finditer(self.source.text, block.start, block.start + len(block.text)):
                parts += [block.text[end : match.start("text") - block.start], MASK * len(match["text"])]
                end = match.end("text") - block.start
            blocks.append(replace(block, text="".join((*parts, block.text[end:]))) if parts else block)
        return tuple(block for block in blocks if block.text)

    def matches(
        self, pattern: re.Pattern[str], blocks: Iterable[Block] | None = None
    ) -> Iterator[tuple[int, re.Match[str]]]:
        """Yield each match of a pattern in the text of a block, all by default, with its offset in the source."""
        for block in self.blocks if blocks is None else blocks:
            yield from ((block.start + match.start(), match) for match in pattern.finditer(block.text))

    def at(self, offset: int) -> SourceLocation:
        """Return the location of the character at an offset."""
        return self.source.location_at(offset)

    def key(self, name: str) -> SourceLocation:
        """Return the location of a key of the front matter, or the top of the file."""
        return key_location(self.source, name, self.text_start)

    def find(self, text: str) -> SourceLocation:
        """Return the location of the first place of the text that is written like this, or its first line."""
        return self.source.location_at(max(self.source.text.find(text, self.text_start), self.text_start))


class CheckedLink(Struct, frozen=True):
    """An address on another host, what became of it, and where it is written."""

    url: str
    result: LinkResult
    places: tuple[SourceLocation, ...]


class CheckedSite(Struct, frozen=True):
    """The plan of a build at a time, with facts about each text and about each file of the site, both by path.

    `source` returns the source of a document.
    """

    plan: "BuildPlan"
    now: datetime
    texts: Mapping[str, TextFacts]
    pages: Mapping[str, PageFacts]
    settings: CheckSettings
    source: Callable[[str], SourceText | None]

    @property
    def config(self) -> Config:
        """The configuration."""
        return self.plan.project.settings.config

    @property
    def articles(self) -> tuple[Article, ...]:
        """The visible articles by path, with their translations."""
        return tuple(sorted(self.plan.articles.values(), key=lambda article: article.path))

    def key(self, path: str, name: str) -> SourceLocation:
        """Return the location of a key of the front matter of a file."""
        source = self.source(path)
        return SourceLocation(path, 1) if source is None else key_location(source, name)

    def output(self, path: str) -> SourceLocation:
        """Return the file whose text a page shows, or that is copied, if there is one, else the file of the site."""
        recipe = self.plan.outputs[path].recipe
        if isinstance(recipe, CopyFile):
            return SourceLocation(recipe.source)
        texts = set(recipe.references().texts.values())
        return SourceLocation(texts.pop(), 1) if len(texts) == 1 else SourceLocation(f"output/site/{path}")


def key_location(source: SourceText, name: str, end: int | None = None) -> SourceLocation:
    """Return the location of a key at the start of a line before the offset `end`, or the top of the file."""
    match = re.compile(rf"^{re.escape(name)}:", re.MULTILINE).search(source.text, 0, end or len(source.text))
    return source.location(1) if match is None else source.location_at(match.start())
