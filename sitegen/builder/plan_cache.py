"""The plan of the last build, kept in the store: an edited text enters into it, and the rest need not be planned anew.

Texts enter into a plan by their digests alone. So where nothing has changed but texts, every output that shows none of
them is as it was planned, and the others are the same recipes with other texts in them. What is kept:

    draft             what was planned of what, but texts
    shown FOLDER      each file of a folder: the digests of its text, and the outputs that show it
    article FOLDER    recipes of the pages and data of articles, by the folder of their files
    feed FOLDER       recipes of feeds, by the folder in which they stand
    page PATH         the recipe of any other page that shows texts: it may name all articles

Recipes of pages and of a folder's articles name articles by path where they are as they were read: a shelf of the store
has them already.
It holds for the files that the manifest names, which a commit changes. Where anything of it is missing, of another
commit or damaged, all is planned anew.
"""

import io
import pickle
from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from copyreg import dispatch_table
from datetime import datetime
from hashlib import blake2b
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from sitegen.builder.cache import ContentCache, DocumentRecord, OwnUnpickler
from sitegen.content.articles import Article
from sitegen.diagnostics import Diagnostic
from sitegen.outputs.recipes import (
    ArticleDataRecipe,
    ArticleSpec,
    FeedRecipe,
    Output,
    PageRecipe,
    PublishedImage,
    Recipe,
    RenderContext,
    StaticName,
    StaticPageSpec,
    StaticPageSummary,
    TextDigests,
    articles_with_text,
    with_texts,
)
from sitegen.util.frozen import dataclass
from sitegen.util.hashing import DIGEST_BYTES, Digester

if TYPE_CHECKING:
    from sitegen.config.model import Config
    from sitegen.theme.model import Theme

_DRAFT: Final = "draft"
_ARTICLES: Final = "article"
_PAGE: Final = "page"
_MOST_EDITED: Final = 1_000
"""Texts that are edited before all is planned anew, and the sheets with it."""
_VALUES: Final = frozenset({"sitegen.outputs.recipes", __name__})

Span = tuple[datetime | None, datetime | None]
"""From when until when the clock changes nothing; None where nothing is between."""


@dataclass(frozen=True, slots=True)
class BuildPlan:
    """Outputs that may be rendered, by path, their keys, and what rendering needs.

    `articles` are how many are out, and how many not. `based_on` is None where these are all outputs of the site;
    otherwise the digest of the manifest whose other files stay as they are.
    """

    outputs: Mapping[str, Output]
    keys: Mapping[str, bytes]
    theme: "Theme"
    span: Span
    articles: tuple[int, int]
    based_on: bytes | None = None


class FolderState(NamedTuple):
    """A folder as it was planned: the seal of its shelf, the digest of its heads but their texts, what was found."""

    seal: bytes
    heads: bytes
    found: tuple[Diagnostic, ...]


class MediaFile(NamedTuple):
    """A picture or document that is published: its path, its SHA-256, its stamp where that proves something."""

    path: str
    digest: str
    stamp: tuple[int, int, int, int] | None


class EditionState(NamedTuple):
    """What the edition of a locale has beside configuration and theme, and its digest."""

    pages: tuple[StaticPageSummary, ...]
    card: PublishedImage | None
    digest: bytes


class CachedPlan(NamedTuple):
    """What was planned.

    `made_of` is the digest of all inputs but what articles say, `found` are the warnings that came of planning, each
    with the digest of the file that it is about: it names a line, and lines move. `manifest` is the digest of the
    manifest that was written. `edited` are the texts that have been edited since the sheets were written, by file.
    """

    made_of: bytes
    span: Span
    articles: tuple[int, int]
    found: tuple[tuple[Diagnostic, bytes | None], ...]
    media: tuple[MediaFile, ...]
    leaves: dict[str, FolderState]
    frames: dict[str, EditionState]
    manifest: bytes
    edited: dict[str, TextDigests]

    def holds(self, made_of: bytes, digests: Mapping[str, bytes], now: datetime) -> bool:
        """Whether a plan as of `now` differs from this one by what articles say, at most.

        `digests` are those of the files of which a warning is known.
        """
        since, until = self.span
        return (
            len(self.edited) < _MOST_EDITED
            and made_of == self.made_of
            and (since is None or since <= now)
            and (until is None or now < until)
            and all(digests.get(item.location.path) == digest for item, digest in self.found)
        )


class TextUsage(NamedTuple):
    """The digests of a file's text, and the outputs that show it: path, and the sheet with its recipe."""

    text: TextDigests
    outputs: tuple[tuple[str, str], ...] = ()


Sheet = dict[str, Recipe]


class Revision(NamedTuple):
    """The outputs whose texts have changed, and all texts that are others than those in the sheets."""

    outputs: dict[str, Output]
    edited: dict[str, TextDigests]


class PlanCache:
    """The draft in a store. `contexts` are those of today, by locale, `base` is what shelves are read by."""

    def __init__(self, store: ContentCache, base: bytes = b"") -> None:
        self._store = store
        self._base = base
        self._articles: dict[str, dict[str, Article]] = {}
        self.contexts: Mapping[str, RenderContext] = {}

    def load(self) -> CachedPlan | None:
        """Return what was planned last; None where nothing is known of it."""
        draft = self._load(_DRAFT)
        return draft if isinstance(draft, CachedPlan) else None

    def revise(self, draft: CachedPlan, heads: Mapping[str, Mapping[str, DocumentRecord]]) -> Revision | None:
        """Return the draft with the texts of `heads`, which are those of folders that may have changed.

        None where these say something else that is new, or where a part of the draft is missing.
        """
        edited = dict(draft.edited)
        wanted: dict[str, str] = {}
        self._articles = {folder: _articles_of(found.values()) for folder, found in heads.items()}
        for folder, found in heads.items():
            leaf, shown = draft.leaves.get(folder), self._load(f"shown {folder}")
            if leaf is None or digest_of_heads(found.values()) != leaf.heads or not isinstance(shown, dict):
                return None
            if found.keys() != shown.keys():
                return None
            for path, head in found.items():
                text, row = texts_of(head), shown[path]
                if text != edited.get(path, row.text):
                    edited[path] = text
                    wanted.update(row.outputs)
        sheets: dict[str, Sheet] = {}
        outputs = {}
        for path, name in wanted.items():
            sheet = sheets.get(name) or self._load(name)
            if not isinstance(sheet, dict) or path not in sheet:
                return None
            sheets[name] = sheet
            outputs[path] = Output(path, with_texts(sheet[path], edited))
        return Revision(outputs, edited)

    def keep(self, draft: CachedPlan, planned: BuildPlan, heads: Mapping[str, Mapping[str, DocumentRecord]]) -> None:
        """Keep a plan of everything; `heads` are those of all files, by folder. Nothing is written that is there."""
        sheets: dict[str, list[str]] = {}
        showing: dict[str, list[tuple[str, str]]] = {}
        for path, output in planned.outputs.items():
            articles = articles_with_text(output.recipe)
            if articles:
                name = _sheet(output, articles[0].path)
                sheets.setdefault(name, []).append(path)
                for article in articles:
                    showing.setdefault(article.path, []).append((path, name))
        on_shelves = {folder: set(map(id, _articles_of(found.values()).values())) for folder, found in heads.items()}
        anywhere = set().union(*on_shelves.values())

        def standing(name: str) -> Container[int]:
            """Return the articles that a sheet names: who loads it has their shelf at hand, or needs all of them."""
            kind, _, rest = name.partition(" ")
            return on_shelves.get(rest, ()) if kind == _ARTICLES else anywhere if kind == _PAGE else ()

        self._store.begin()
        before = self._store.sheet_seals()
        gone = before.keys() - sheets.keys() - {f"shown {folder}" for folder in heads} - {_DRAFT}

        def rows() -> Iterator[tuple[str, bytes, bytes]]:
            for name, paths in sheets.items():
                # A key covers all of a recipe, so these are the same recipes where the keys are the same.
                seal = _seal(b"".join([path.encode() + planned.keys[path] for path in paths]))
                if before.get(name) != seal:
                    yield (
                        name,
                        seal,
                        _dumped({path: planned.outputs[path].recipe for path in paths}, standing(name)),
                    )
            for folder, found in heads.items():
                shown = {path: TextUsage(texts_of(head), tuple(showing.get(path, ()))) for path, head in found.items()}
                value = _dumped(shown)
                if before.get(f"shown {folder}") != _seal(value):
                    yield f"shown {folder}", _seal(value), value
            yield _row(draft)

        self._store.keep_sheets(rows(), gone)

    def keep_revised(self, draft: CachedPlan) -> None:
        """Keep a draft whose sheets are kept already."""
        self._store.keep_sheets([_row(draft)])

    def _load(self, name: str) -> Any:
        data = self._store.sheet(name)
        if data is None:
            return None
        try:
            return _Unpickler(data, self.contexts, self._article).load()
        except Exception:  # noqa: BLE001 - a pickle from elsewhere can raise anything
            return None

    def _article(self, path: str) -> Article:
        """Return an article from its shelf. Raises KeyError where that does not have it."""
        folder = path.rpartition("/")[0]
        if folder not in self._articles:
            self._articles[folder] = _articles_of(self._store.heads(folder, self._base) or ())
        return self._articles[folder][path]


def frames(outputs: Iterable[Output]) -> dict[str, EditionState]:
    """Return what the editions of a plan have beside configuration and theme, by locale."""
    found = {}
    for output in outputs:
        if isinstance(output.recipe, PageRecipe) and output.recipe.context.locale not in found:
            context = output.recipe.context
            found[context.locale] = EditionState(context.pages, context.card, context.digest)
    return found


def contexts(frames: Mapping[str, EditionState], config: "Config", theme: "Theme") -> dict[str, RenderContext] | None:
    """Return the editions that a draft was planned with; None where these would be others."""
    words, names = theme.feed_labels(), tuple(StaticName(static.name, static.digest) for static in theme.statics)
    found = {
        locale: RenderContext(config, locale, names, frame.pages, words, frame.card) for locale, frame in frames.items()
    }
    return found if all(context.digest == frames[locale].digest for locale, context in found.items()) else None


def digest_of_heads(heads: Iterable[DocumentRecord]) -> bytes:
    """Return the digest of what reading gave, but the texts, and where in a file something stands."""
    return Digester().digest(tuple([head.article if head.article is not None else head.beside for head in heads]))


def texts_of(head: DocumentRecord) -> TextDigests:
    """Return the digest of a file's text, and that of the text as it is written."""
    return (head.text or b"", head.article.markdown if head.article is not None else b"")


def _sheet(output: Output, file: str) -> str:
    """Return where the recipe of an output is kept; `file` is the first of those whose texts it shows."""
    match output.recipe:
        case ArticleDataRecipe() | PageRecipe(spec=ArticleSpec() | StaticPageSpec()):
            return f"{_ARTICLES} {file.rpartition('/')[0]}"
        case FeedRecipe():
            return f"feed {output.path.rpartition('/')[0]}"
    return f"{_PAGE} {output.path}"


def _seal(data: bytes) -> bytes:
    return blake2b(data, digest_size=DIGEST_BYTES).digest()


def _row(draft: CachedPlan) -> tuple[str, bytes, bytes]:
    value = _dumped(draft)
    return _DRAFT, _seal(value), value


class _Pickler(pickle.Pickler):
    """An edition is named by its locale: it is as large as a page, and the same in all of them.

    An article is named by its path if it is one of those that are `standing` on a shelf (told by their identity).
    """

    def __init__(self, file: io.BytesIO, standing: Container[int]) -> None:
        super().__init__(file, protocol=5)

        def reduced(article: Article) -> Any:  # no method: that would hold this pickler, and all that it remembers
            return (article_of, (article.path,)) if id(article) in standing else article.__reduce_ex__(5)

        named = {RenderContext: lambda context: (edition_of, (context.locale,)), Article: reduced}
        self.dispatch_table = dispatch_table | named


class _Unpickler(OwnUnpickler):
    modules = OwnUnpickler.modules | _VALUES

    def __init__(self, data: bytes, known: Mapping[str, RenderContext], article: Callable[[str], Article]) -> None:
        super().__init__(io.BytesIO(data))
        self._named = {edition_of.__name__: known.__getitem__, article_of.__name__: article}

    def find_class(self, module: str, name: str) -> Any:
        if module == __name__ and name in self._named:
            return self._named[name]
        return super().find_class(module, name)


def edition_of(locale: str) -> RenderContext:
    """Stand in a pickle for the edition of a locale; only whoever reads it knows that."""
    raise LookupError(locale)


def article_of(path: str) -> Article:
    """Stand in a pickle for an article that the store has on a shelf."""
    raise LookupError(path)


def _articles_of(heads: Iterable[DocumentRecord]) -> dict[str, Article]:
    return {head.article.path: head.article for head in heads if head.article is not None}


def _dumped(value: object, standing: Container[int] = ()) -> bytes:
    file = io.BytesIO()
    _Pickler(file, standing).dump(value)
    return file.getvalue()
