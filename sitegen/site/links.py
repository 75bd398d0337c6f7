"""Checks the targets of links between files, and chains of `follows`. `outputs.planner` resolves links."""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from sitegen.content.articles import Article, LocalizedVersion
from sitegen.content.documents import EditorText, Introduction, is_in_text_folder, translated_file
from sitegen.content.links import LinkKind, LinkRef
from sitegen.diagnostics import Diagnostics, SourceLocation, closest_match

MAX_SUGGESTIONS: Final = 20
MAX_CANDIDATES: Final = 300
"""Limits the search for suggestions: comparing a thousand links with ten thousand names would take minutes."""
_TEXT_ENDINGS: Final = frozenset({"txt", "rst", "adoc", "org", "rtf", "odt", "doc", "docx", "html", "htm", "ipynb"})
"""Endings of files that are texts, and probably meant as articles if no text links to them."""

_HOST: Final = re.compile(
    r"www\.[\w.-]+|(?:[\w-]+\.)+(?:com|org|net|int|gov|edu|info|asia|eu|(?:co|go|or|ne|gov|com)\.[a-z]{2})",
    re.IGNORECASE,
)
"""The host of an address that lacks https://."""


class LinkChecker:
    """Checks the links of all articles, static pages and introductions; `visible` are those that have a page."""

    def __init__(
        self,
        texts: Sequence[Article | EditorText],
        visible: Sequence[Article | EditorText],
        files: frozenset[str],
        now: datetime,
        diagnostics: Diagnostics,
    ) -> None:
        self._all = {item.path: item for item in texts if isinstance(item, Article)}
        self._texts = {item.path: item for item in texts if not isinstance(item, Article)}
        self._visible = {item.path for item in visible}
        self._files = files
        self._now = now
        self._diagnostics = diagnostics
        self._suggested: dict[tuple[str, str], str | None] = {}
        self._linked: set[str] = set()
        self._cycles: frozenset[str] | None = None

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
            name, _, ending = _name(path).rpartition(".")
            if ending.lower() in _TEXT_ENDINGS and is_in_text_folder(path):
                write = f"rename it to {name}.md" if ending == "txt" else f"write it as Markdown in {name}.md"
                hint = f"{write} if it is an article"
                self._diagnostics.warning(
                    "not-read", SourceLocation(path), "the file is ignored: no text links to it", hint=hint
                )

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
            report_hidden(target, self._now, location, self._diagnostics)

    def _report_dead_link(self, path: str, location: SourceLocation, kind: str, own: str) -> None:
        message, hint = f"there is no {kind} {path!r}", ""
        parts = path.removeprefix(f"{own.rpartition('/')[0]}/").split("/")
        if "\\" in path:
            hint = "write / between the names of folders"
        elif any(part.startswith(".") for part in path.split("/")):
            message = f"{path!r} is hidden, because a name begins with a dot; such files are never published"
        elif _HOST.fullmatch(parts[0]):
            hint = "begin the address of another site with https://"
        elif kind == "file" and "." not in parts[-1]:
            hint = "end the address of a page with a slash, and a link to an article with .md"
        self._diagnostics.error("dead-link", location, message, near=self._suggestion(path, own), hint=hint)

    def _suggestion(self, path: str, own: str) -> str | None:
        """Return the file that was probably meant: with the same suffix and a similar name."""
        if len(self._suggested) >= MAX_SUGGESTIONS:
            return self._suggested.get((path, own))
        if (path, own) not in self._suggested:
            suffix, words = path.rpartition(".")[2], _words(path)
            files = [other for other in sorted(self._files) if other != own and other.endswith(f".{suffix}")]
            likely = [other for other in files if translated_file(other) is None]
            first = _name(path)[:1].casefold()
            names = {
                _name(other): other for other in likely if words & _words(other) or _name(other)[0].casefold() == first
            }
            near = closest_match(_name(path), tuple(names)[:MAX_CANDIDATES])
            self._suggested[path, own] = names[near] if near is not None else None
        return self._suggested[path, own]

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
        if article.path in self._cyclic_articles():
            self._diagnostics.error("circular-thread", location, f"circular `follows` chain via {path!r}")

    def _cyclic_articles(self) -> frozenset[str]:
        """Return the articles whose `follows` chain leads back to them. Each chain is followed once."""
        if self._cycles is None:
            cycles: set[str] = set()
            done: set[str] = set()
            for start in self._all:
                thread: dict[str, int] = {}
                step: str | None = start
                while step is not None and step in self._all and step not in thread and step not in done:
                    thread[step] = len(thread)
                    step = self._all[step].follows
                if step is not None and step in thread:
                    cycles.update(list(thread)[thread[step] :])
                done |= thread.keys()
            self._cycles = frozenset(cycles)
        return self._cycles


def report_hidden(
    target: Article | EditorText, now: datetime, location: SourceLocation, diagnostics: Diagnostics
) -> None:
    """Report a link to a text that readers cannot see at `now`, and why they cannot."""
    is_draft = isinstance(target, Introduction) and target.draft
    state, hint = "a draft" if is_draft else "not shown", "remove the link"
    if isinstance(target, Article):
        match target.state(now):
            case "expired" if target.visible_until is not None:
                state, hint = f"expired since {target.visible_until.date()}", "remove the link, or change 'expire'"
            case "scheduled":
                hint = "publish the article earlier, or add the link then"
                state = f"scheduled for {target.visible_from.date()}"
            case _:
                state, hint = "a draft", "publish the article, or remove the link"
    message = f"{target.path} is {state}, so the link would be dead"
    diagnostics.error("hidden-link", location, message, hint=hint)


def _name(path: str) -> str:
    return path.rpartition("/")[2]


def _words(path: str) -> set[str]:
    return {word for word in re.split(r"\W+", _name(path).rpartition(".")[0].casefold()) if len(word) > 2}
