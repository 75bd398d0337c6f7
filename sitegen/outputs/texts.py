"""Texts of articles and pages as views: their sections with links filled in, and who wrote them."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Final

from markupsafe import escape
from msgspec.structs import replace

from sitegen.config.readers import TEXT_PARTS
from sitegen.content.articles import Article, LocalizedVersion
from sitegen.content.body import Section as BodySection
from sitegen.content.frontmatter import Review
from sitegen.content.typography import typographic, typographic_parts
from sitegen.outputs import views
from sitegen.outputs.machine_parts import MACHINE_AUTHORS
from sitegen.outputs.references import ArticleText, EditorPageText, ResolvedLink
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.urls import escape_fragment

WIDE_CHARS_PER_MINUTE: Final = 500
OTHER_CHARS_PER_MINUTE: Final = 1100
"""Reading speeds by characters, because Japanese has no spaces. 1,100 characters of English are about 190 words."""
MAX_READINGS: Final = 2
"""The number of perspectives that are quoted with an article."""

_PICTURE_SIZES: Final = "(min-width: 42rem) 38rem, 94vw"
"""The width of a text in the included themes, at most."""
_ID = re.compile(r'(<h[1-6]|^") id="[^"]*"')
"""The id of a heading or, after the address of a link, of a reference to a footnote."""
_TAG = re.compile(r"<[^>]*>")
_WIDE = re.compile(r"[\u2e80-\u303f\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uff00-\uffef\U00020000-\U0003ffff]+")
"""Ideographs, kana and full-width forms, by Unicode block."""


def sections(
    builder: ViewBuilder,
    whole: ArticleText | EditorPageText,
    *,
    absolute: bool,
    indexes: Sequence[str] = (),
    on_own_page: bool = True,
    as_written: bool = False,
) -> Iterator[views.Section]:
    """Yield the sections of a text; `absolute` fills in full URLs, for feeds.

    `indexes` are the perspectives that have a page of all their readings. If the text is not `on_own_page`, links
    to places in the text lead to its page. A text `as_written` keeps the author's quotation marks.
    """
    if isinstance(whole, EditorPageText):
        authors, review = dict(whole.authors), whole.review
        lang, path = whole.lang, builder.urls.section(whole.slug)
    else:
        article = builder.article(whole.article)
        version = version_at(article, whole.path)
        authors, review = version.authors(article.original), version.reviewed
        lang, path = version.lang, builder.urls.article(article.slug)
    addresses = [_address(builder, path, link, absolute=absolute, on_own_page=on_own_page) for link in whole.links]
    pictures = [_picture(builder, link, absolute=absolute) for link in whole.links]
    hrefs = iter(zip(addresses, pictures, strict=True))
    reviewer, is_outdated = _review_state(review)
    for section in builder.body(whole.text).sections:
        links = [link for _, link in zip(section.links, hrefs, strict=False)]
        key, section_lang = section.key, section.lang or lang
        label, excerpt, parts = section.label, section.first_sentence, section.parts
        if builder.config.typography and not as_written:
            label, excerpt = typographic(label, section_lang), typographic(excerpt, section_lang)
            parts = typographic_parts(parts, section_lang)
        yield views.Section(
            key=key,
            name=builder.perspectives[key].names.get(builder.locale) if key is not None else "",
            label=label,
            lang=section_lang,
            language=builder.other_language(section_lang),
            excerpt=excerpt,
            parts=parts,
            hrefs=tuple([href for href, _ in links]),
            pictures=tuple([picture for _, picture in links]) if any(picture for _, picture in links) else (),
            index=builder.urls.href(builder.urls.perspective(key)) if key is not None and key in indexes else "",
            origin=builder.origin,
            author=authors.get(_part_of(section), ""),
            reviewer=reviewer,
            changed_since_review=is_outdated,
        )


def readings(builder: ViewBuilder, leads: Iterable[ArticleText]) -> dict[str, tuple[views.Section, ...]]:
    """Return the first perspectives of articles, two of each, by the URL of the article."""
    return {
        builder.summary(builder.article(whole.article)).href: tuple(
            islice(
                (
                    section
                    for section in sections(builder, whole, absolute=False, on_own_page=False)
                    if section.key is not None and section.excerpt
                ),
                MAX_READINGS,
            )
        )
        for whole in leads
    }


def introduction(
    builder: ViewBuilder, text: EditorPageText | None, *, absolute: bool = False
) -> views.Introduction | None:
    """Return the introduction of an edition or an issue; `absolute` fills in full URLs."""
    if text is None:
        return None
    section_views = tuple(sections(builder, text, absolute=absolute))
    return views.Introduction(
        title=builder.typographic_title(text.title, text.lang),
        lang=text.lang,
        language=builder.other_language(text.lang),
        sections=section_views,
        authorship=machine_written(dict(text.authors), text.review, "", section_views),
        watch=tuple(
            views.WatchItem(
                builder.typographic(item.text, text.watch_lang),
                text.watch_lang,
                None if item.at is None else builder.day(item.at),
                item.url,
            )
            for item in text.watch
        ),
    )


def section_of(
    builder: ViewBuilder, whole: ArticleText, perspective: str, indexes: Sequence[str] = ()
) -> views.Section:
    """Return the section of a text for a perspective, for a page of another text: without ids in it."""
    matching = sections(builder, whole, absolute=False, indexes=indexes, on_own_page=False)
    section = next(section for section in matching if section.key == perspective)
    return replace(section, parts=tuple(_ID.sub(r"\1", part) for part in section.parts))


def _picture(builder: ViewBuilder, link: ResolvedLink, *, absolute: bool) -> str:
    """Return the attributes of a picture: its size and, on a page, its smaller copies."""
    if link.size is None:
        return ""
    size = f'width="{link.size[0]}" height="{link.size[1]}"'
    if absolute or not link.copies:
        return size
    all_sizes = (*link.copies, (link.size[0], link.path))
    sources = ", ".join(f"{escape(builder.urls.href(path))} {width}w" for width, path in all_sizes)
    return f'{size} srcset="{sources}" sizes="{_PICTURE_SIZES}"'


def _address(builder: ViewBuilder, path: str, link: ResolvedLink, *, absolute: bool, on_own_page: bool) -> str:
    """Return the address of a link of the text whose page is at `path`."""
    fragment = f"#{escape_fragment(link.fragment)}" if link.fragment else ""
    if not link.path and not absolute and on_own_page:
        return fragment
    target = link.path or path
    return (builder.urls.absolute(target) if absolute else builder.urls.href(target)) + fragment


def reading_minutes(html: Iterable[str]) -> int:
    """Return the reading time of pieces of HTML in minutes, at least one."""
    wide_count = other_count = 0
    for piece in html:
        text = _TAG.sub("", piece)
        other_chars = len(text) if text.isascii() else len(_WIDE.sub("", text))
        wide_count += len(text) - other_chars
        other_count += other_chars
    return max(1, round(wide_count / WIDE_CHARS_PER_MINUTE + other_count / OTHER_CHARS_PER_MINUTE))


def version_at(article: Article, path: str) -> LocalizedVersion:
    """Return the version of an article that is in the file `path`."""
    return next(version for version in article.versions if version.path == path)


def machine_written(
    authors: Mapping[str, str], review: Review | None, summary: str, sections: Iterable[views.Section]
) -> tuple[views.Authorship, ...]:
    """Return the parts that a machine wrote, or helped to write, of a title, a summary and the sections of a text."""
    reviewer, is_outdated = _review_state(review)
    existing = {"title", *(["summary"] if summary else []), *(_part_of(section) for section in sections)}
    authorships = []
    for author in MACHINE_AUTHORS:
        parts = tuple(part for part in TEXT_PARTS if part in existing and authors.get(part) == author)
        if parts:
            authorships.append(views.Authorship(author, parts, reviewer, is_outdated))
    return tuple(authorships)


def _part_of(section: views.Section | BodySection) -> str:
    return "text" if section.key is None else "analysis"


def _review_state(review: Review | None) -> tuple[str, bool]:
    """Return the reviewer of the parts as they are, or an empty text, and whether they have changed since."""
    return (review.reviewer or "", review.is_outdated) if review is not None else ("", False)
