"""The texts of imported articles, once each article has a file: links to the files of others, names of pictures."""

import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from posixpath import dirname

from msgspec import Struct
from msgspec.structs import replace

from sitegen.config.model import ContentSchema
from sitegen.content.frontmatter import FrontMatter, Review, review_hash
from sitegen.content.links import target_path
from sitegen.importers.existing import read_version, translation_file
from sitegen.importers.markup.links import move_links, resolve_links
from sitegen.importers.placement import file_values
from sitegen.importers.report import ImportReport, Outcome
from sitegen.importers.values.addresses import address_key, link_targets, old_addresses
from sitegen.util.dates import PartialDate
from sitegen.util.hashing import hashed_name
from sitegen.util.paths import CONTENT_ROOT


def with_texts(
    articles: Sequence[ImportReport], root: Path, day: PartialDate, schema: ContentSchema
) -> list[ImportReport]:
    """Return the articles of a run with the texts of their files; links that lead nowhere are reported."""
    digests: dict[str, str] = {}
    named = [_with_picture_names(article, root, digests) for article in articles]
    targets = _Targets.of(named, root, day, schema)
    return [targets.with_texts(article) for article in named]


def _with_picture_names(article: ImportReport, root: Path, digests: dict[str, str]) -> ImportReport:
    """Return an article whose pictures have a hash in their name if another picture of the run has the path.

    `digests` collects the SHA-256 of the picture at each path. A picture that cannot be read keeps its path; that is
    reported when it is copied.
    """
    if not article.values or not article.pictures:
        return article
    pictures, texts = [], [article.body, *(text.body for text in article.translations)]
    for path, source in article.pictures:
        name = path
        with suppress(OSError):
            digest = sha256(source.read_bytes()).hexdigest()
            if path not in digests:
                file = root / CONTENT_ROOT / path
                digests[path] = sha256(file.read_bytes()).hexdigest() if file.is_file() else digest
            if digests[path] != digest:
                name = hashed_name(path, digest)
                link = re.compile(rf"(?<=[(<\s])/{re.escape(path)}(?=[)>\s]|$)", re.MULTILINE)
                texts = [link.sub(f"/{name}", text) for text in texts]
        pictures.append((name, source))
    body, *others = texts
    translations = tuple(replace(text, body=new) for text, new in zip(article.translations, others, strict=True))
    return replace(article, body=body, pictures=tuple(pictures), translations=translations)


class _Targets(Struct, frozen=True):
    """Where links can lead: the files of articles by the keys of their addresses.

    `visible` are those to which an article that is published can link, `old` are their addresses on the old site.
    """

    root: Path
    day: PartialDate
    schema: ContentSchema
    files: Mapping[str, str]
    visible: Mapping[str, str]
    hidden: frozenset[str]
    old: Mapping[str, str]

    @classmethod
    def of(cls, articles: Sequence[ImportReport], root: Path, day: PartialDate, schema: ContentSchema) -> "_Targets":
        """Return the targets of links in the articles of a run."""
        files = link_targets(
            (article.file.removesuffix(".new"), article.addresses)
            for article in articles
            if article.file and article.outcome is not Outcome.DELETED
        )
        hidden = frozenset(article.file for article in articles if article.file and _is_hidden(article, day))
        visible = {key: path for key, path in files.items() if path not in hidden}
        return cls(root, day, schema, files, visible, hidden, old_addresses(article.addresses for article in articles))

    def with_texts(self, article: ImportReport) -> ImportReport:
        """Return an article with the texts of its file."""
        front, own = article.front, (article.file or "").removesuffix(".new")
        if front is None or not article.values:
            return article
        article, body = self._resolved(article, article.body)
        files = []
        for text in article.translations:
            article, translated = self._resolved(article, text.body, text.lang)
            path = f"{own.removesuffix('.md')}.{text.lang}.md"
            edited = read_version(self.root, path, self.schema)
            files.append((path, translation_file(article.id or "", text, translated, edited)))
        if article.origin:
            article, front = self._with_follows(article, front, own)
            front = replace(front, reviewed=_moved_review(front, article.body, body))
            article = replace(article, values=file_values(article, front, self.day))
        return replace(article, front=front, body=body, files=tuple(files))

    def _resolved(self, article: ImportReport, text: str, lang: str = "") -> tuple[ImportReport, str]:
        """Return an article, and its text in a language with links to the articles of this digest."""
        path, origin, base_url = article.file or "", article.origin, article.base_url
        files = self.files if path in self.hidden else self.visible
        if origin:
            suffix = f".{lang}.md" if lang else ".md"
            own = path.removesuffix(".new")
            before, after = (f"{path.removesuffix('.md')}{suffix}" for path in (origin, own))
            text, lost = move_links(text, before, after, lambda path: self._file_at(path, files))
            for address in lost:
                message = f"{address[:80]!r} is a file that is not in {CONTENT_ROOT}/; it is kept as text"
                article = article.warned("link-as-text", message, "save the file there, and import again")
        text, lost = resolve_links(text, files, base_url, self.old)
        for address in lost:
            message = f"{address[:80]!r} is not among the imported articles; it is kept as text"
            hint = "--base-url ADDRESS makes it a link to the old site"
            if base_url:
                hint = "import its file in the same run, or write its path from the folder of the texts"
            if address.startswith("#"):
                message, hint = f"a link to the part {address[:80]!r} of another article leads to its start", ""
            article = article.warned("link-as-text", message, hint)
        return article, text

    def _file_at(self, path: str, files: Mapping[str, str]) -> str | None:
        """Return the path in this digest of a file of another one."""
        key = address_key(path)
        if key in self.files:
            return files.get(key)
        return path if (self.root / path).is_file() else None

    def _with_follows(self, article: ImportReport, front: FrontMatter, own: str) -> tuple[ImportReport, FrontMatter]:
        """Return an article of another digest, and front matter in which `follows` has a path of this one."""
        if front.follows is None:
            return article, front
        old = target_path(front.follows, dirname(article.origin))
        new = self.files.get(address_key(old)) or (old if (self.root / old).is_file() else None)
        if new is None:
            message = f"'follows' is {front.follows[:80]!r}, which is not among the imported articles; it is left out"
            return article.warned("unmapped-value", message), replace(front, follows=None)
        if new == target_path(front.follows, dirname(own)):
            return article, front
        return article, replace(front, follows=f"/{new.removeprefix(f'{CONTENT_ROOT}/')}")


def _is_hidden(article: ImportReport, day: PartialDate) -> bool:
    """Whether a build would hide an article, so that others must not link to it."""
    front = article.front
    if front is None:
        return False
    if front.draft or (front.expire is not None and front.expire.day <= day.day):
        return True
    return not article.origin and (front.publish or front.date).day >= day.day  # open data are published


def _moved_review(front: FrontMatter, before: str, after: str) -> Review | None:
    """Return the review of a text in which only the paths of links have changed since."""
    review = front.reviewed
    if review is None or review.of != review_hash(front.title, front.summary, before):
        return review
    return replace(review, of=review_hash(front.title, front.summary, after))
