"""Checks the targets of links between files, and chains of `follows`. `outputs.planner` resolves links."""

from collections.abc import Sequence
from typing import Final

from sitegen.content.articles import Article, LocalizedVersion
from sitegen.content.documents import EditorText, is_in_text_folder, translated_file
from sitegen.content.links import LinkKind, LinkRef
from sitegen.diagnostics import Diagnostics, SourceLocation, closest_match

MAX_SUGGESTIONS: Final = 20
MAX_CANDIDATES: Final = 300
"""Limits the search for suggestions: comparing a thousand links with ten thousand names would take minutes."""


_TEXT_ENDINGS: Final = frozenset({"txt", "rst", "adoc", "org", "rtf", "odt", "doc", "docx", "html", "htm", "ipynb"})
"""Endings of files that are texts, and probably meant as articles if no text links to them."""


class LinkChecker:
    """Checks the links of all articles, static pages and introductions; `visible` are those that have a page."""

    def __init__(
        self,
        texts: Sequence[Article | EditorText],
        visible: Sequence[Article | EditorText],
        files: frozenset[str],
        diagnostics: Diagnostics,
    ) -> None:
        self._all = {item.path: item for item in texts if isinstance(item, Article)}
        self._texts = {item.path: item for item in texts if not isinstance(item, Article)}
        self._visible = {item.path for item in visible}
        self._files = files
        self._diagnostics = diagnostics
        self._suggestions = 0
        self._linked: set[str] = set()

    def check(self, rejected: Sequence[LocalizedVersion]) -> None:
        """Report links and `follows` whose target is missing or not visible, and texts that nothing reads.

        `rejected` are the texts of files with errors.
        """
        for version in rejected:
            self._check_version(version.path, version)
        for article in self._all.values():
            for version in article.versions_with_links:
                self._check_version(article.path, version)
            if article.follows is not None:
                self._check_follows(article, article.follows)
        for text in self._texts.values():
            for version in text.versions:
                self._check_version(text.path, version)
        for path in sorted(self._files - self._linked):
            if path.rpartition(".")[2].lower() in _TEXT_ENDINGS and is_in_text_folder(path):
                message, hint = "the file is ignored: no text links to it", "write it as Markdown if it is an article"
                self._diagnostics.warning("not-read", SourceLocation(path), message, hint=hint)

    def _check_version(self, owner: str, version: LocalizedVersion) -> None:
        """Check the links of one text; `owner` is the article or page that it belongs to."""
        for link, location in version.located_links():
            self._linked.add(link.path)
            if link.kind is LinkKind.FILE and link.path not in self._files:
                self._report_dead_link(link.path, location, "file", version.path)
            elif link.kind is LinkKind.ARTICLE and link.path:
                self._check_article(owner, version.path, link, location)
            elif link.kind is LinkKind.ARTICLE and link.fragment not in version.anchors:
                self._report_dead_fragment(link, location, version.path, version.anchors)

    def _report_dead_fragment(
        self, link: LinkRef, location: SourceLocation, path: str, anchors: tuple[str, ...]
    ) -> None:
        message = f"{path} has no heading {link.fragment!r}"
        self._diagnostics.error("dead-fragment", location, message, got=link.fragment, allowed=anchors)

    def _check_article(self, owner: str, path: str, link: LinkRef, location: SourceLocation) -> None:
        target = self._all.get(link.path) or self._texts.get(link.path)
        if target is None:
            translated = translated_file(link.path)
            if translated is not None and link.path in self._files:
                message = f"{link.path} is a translation; link to the original, which leads to the reader's language"
                self._diagnostics.error("dead-link", location, message, near=translated[0])
            elif link.path not in self._files:  # otherwise the file exists and has errors of its own
                self._report_dead_link(link.path, location, "article", path)
        elif link.fragment and link.fragment not in target.original.anchors:
            self._report_dead_fragment(link, location, target.path, target.original.anchors)
        elif owner in self._visible and target.path not in self._visible:
            report_hidden(target.path, location, self._diagnostics)

    def _report_dead_link(self, path: str, location: SourceLocation, kind: str, own: str) -> None:
        message = f"there is no {kind} {path!r}"
        hint = "begin the address of another site with https://, and end that of a page with a slash"
        near = self._suggestion(path, own)
        self._diagnostics.error("dead-link", location, message, near=near, hint=hint if kind == "file" else "")

    def _suggestion(self, path: str, own: str) -> str | None:
        """Return the file that was probably meant: with the same suffix and a similar name."""
        self._suggestions += 1
        if self._suggestions > MAX_SUGGESTIONS:
            return None
        suffix, first = path.rpartition(".")[2], _name(path)[:1].casefold()
        names = {
            _name(other): other
            for other in sorted(self._files - {own})
            if other.endswith(f".{suffix}") and _name(other)[0].casefold() == first and translated_file(other) is None
        }
        return names.get(closest_match(_name(path), tuple(names)[:MAX_CANDIDATES]) or "")

    def _check_follows(self, article: Article, path: str) -> None:
        location = article.location("follows")
        if path not in self._files:
            self._report_dead_link(path, location, "article", article.path)
            return
        if path not in self._all and translated_file(path) is not None:
            near = path.removesuffix(".md").rpartition(".")[0] + ".md"
            self._diagnostics.error(
                "bad-address", location, f"{path} is a translation; expected an original", near=near
            )
            return
        if self._is_circular(article):
            self._diagnostics.error("circular-thread", location, f"circular `follows` chain via {path!r}")

    def _is_circular(self, article: Article) -> bool:
        """Return whether the chain of `follows` leads back to the article."""
        passed: set[str] = set()
        step = article.follows
        while step is not None and step in self._all and step not in passed:
            passed.add(step)
            step = self._all[step].follows
        return article.path in passed


def report_hidden(path: str, location: SourceLocation, diagnostics: Diagnostics) -> None:
    """Report a link to the text in the file `path`, which readers cannot see."""
    message = f"{path} is a draft, not yet published or expired, so the link would be dead"
    diagnostics.error("hidden-link", location, message, hint="publish it, or remove the link")


def _name(path: str) -> str:
    return path.rpartition("/")[2]
