"""A plan that is kept: texts enter into it by their digests alone, so the edit of one leaves the rest as it is."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING

from sitegen.build.store import Head
from sitegen.diagnostics import Diagnostic
from sitegen.digest.site import Site
from sitegen.digest.values import Output, Recipe, TextDigests, articles_with_text, with_texts
from sitegen.digests import Digester

if TYPE_CHECKING:
    from sitegen.render.theme import Theme


@dataclass(frozen=True, slots=True)
class Planned:
    """A digest that may be rendered: every output by its path, its key, and what rendering needs.

    `span` is from when until when the clock changes nothing.
    """

    site: Site
    span: tuple[datetime | None, datetime | None]
    outputs: Mapping[str, Output]
    keys: Mapping[str, bytes]
    theme: "Theme"
    articles: int


@dataclass(frozen=True, slots=True)
class Draft:
    """What was planned of heads and all else that `made_of` is the digest of, but the texts.

    `found` are the warnings that came of it, each with the digest of the file that it is about. `texts` are the digests
    of the text of each file, `shown_in` the outputs that show it.
    """

    made_of: bytes
    planned: Planned
    found: tuple[tuple[Diagnostic, bytes | None], ...]
    texts: Mapping[str, TextDigests]
    shown_in: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(
        cls,
        made_of: bytes,
        planned: Planned,
        found: tuple[tuple[Diagnostic, bytes | None], ...],
        texts: Mapping[str, TextDigests],
    ) -> "Draft":
        """Return a draft of what was planned."""
        shown_in: dict[str, list[str]] = {}
        for output in planned.outputs.values():
            for whole in articles_with_text(output.recipe):
                shown_in.setdefault(whole.path, []).append(output.path)
        return cls(made_of, planned, found, texts, {path: tuple(outputs) for path, outputs in shown_in.items()})

    def holds(self, made_of: bytes, files: Mapping[str, bytes], now: datetime) -> bool:
        """Whether a plan of what `made_of` is the digest of, as of `now`, differs from this one by texts at most.

        `files` are the digests of all files: a warning is about a line, and lines may have moved.
        """
        if any(files.get(item.place.path) != digest for item, digest in self.found):
            return False
        since, until = self.planned.span
        return made_of == self.made_of and (since is None or since <= now) and (until is None or now < until)

    def revised(self, texts: Mapping[str, TextDigests], key: Callable[[Recipe], bytes]) -> "Draft":
        """Return the same with other texts; `key` gives the key of a recipe."""
        stale = {
            path for text, found in texts.items() if self.texts[text] != found for path in self.shown_in.get(text, ())
        }
        if not stale:
            return replace(self, texts=texts)
        outputs, keys = dict(self.planned.outputs), dict(self.planned.keys)
        for path in stale:
            recipe = with_texts(outputs[path].recipe, texts)
            outputs[path] = Output(path, recipe)
            keys[path] = key(recipe)
        return replace(self, planned=replace(self.planned, outputs=outputs, keys=keys), texts=texts)


def digest_of_heads(heads: Mapping[str, Head]) -> bytes:
    """Return the digest of what reading gave, but the texts, and where in a file something stands."""
    digester = Digester()
    return digester.digest(
        tuple([head.article if head.article is not None else head.beside for head in heads.values()])
    )


def texts_of_heads(heads: Mapping[str, Head]) -> dict[str, TextDigests]:
    """Return the digests of the text of each file that could be read."""
    found = {}
    for path, head in heads.items():
        if head.article is not None:
            found[path] = (head.article.text, head.article.markdown)
        elif head.beside is not None:
            found[path] = (head.beside.text, b"")
    return found
