"""A draft to front matter and Markdown: the text of the file that the editor will own."""

import hashlib
from dataclasses import replace
from typing import Final

from sitegen.config.model import Config
from sitegen.content.articles import serialize_article
from sitegen.content.frontmatter import ArticleSource, ExtraList, ExtraMap, FrontMatter, ImportInfo
from sitegen.importers.escape import escape_heading, escape_paragraph
from sitegen.importers.imported_article import Draft, Section
from sitegen.importers.language import language_of

_ZEROS: Final = "0" * 64


def front_matter(draft: Draft, identifier: str, imported: ImportInfo) -> FrontMatter:
    """Return the front matter of a draft. The source's language is taken to be that of the text."""
    extra: list[tuple[str, tuple[str, ...]]] = []
    if draft.unknown_countries:
        extra.append(("unknown_countries", draft.unknown_countries))
    if draft.header_lines:
        extra.append(("header_lines", draft.header_lines))
    generated = (("summary", "ai"), ("analysis", "ai")) if draft.perspectives else (("summary", "ai"),)
    return FrontMatter(
        id=identifier,
        title=draft.title,
        date=draft.date,
        lang=draft.lang,
        topics=draft.topics,
        importance=draft.importance,
        source=ArticleSource(draft.source_name, draft.source_url, draft.lang),
        summary=draft.summary,
        countries=draft.countries,
        generated=generated if draft.machine_summary else (),
        imported=imported,
        extra=ExtraMap(tuple((key, ExtraList(values)) for key, values in extra)) if extra else None,
    )


def markdown(draft: Draft, config: Config) -> str:
    """Return the text of a draft in Markdown: sections in the page's order, each label a `##` heading."""
    parts: list[str] = []
    for section in draft.sections:
        if section.label:
            parts.append(f"## {escape_heading(section.label)}{_language_mark(section, draft, config)}")
        parts += [escape_paragraph(paragraph) for paragraph in section.paragraphs]
    return "\n\n".join(parts)


def _language_mark(section: Section, draft: Draft, config: Config) -> str:
    """Return `{lang=…}` for a perspective, unless article and label say the same already."""
    lang = section_language(section, config) if section.key is not None else draft.lang
    is_plain = lang == draft.lang and section.lang in {None, lang}
    return "" if is_plain else f" {{lang={lang}}}"


def section_language(section: Section, config: Config) -> str:
    """Return the language of a perspective: Japanese by its script, else that of its label, unless that is Japanese."""
    found = language_of("\n".join(section.paragraphs), config.locales)
    if found == "ja" or section.lang in (None, "ja"):
        return found
    return section.lang or found


def file_bytes(draft: Draft, identifier: str, imported: ImportInfo, config: Config) -> bytes:
    """Return the whole file, with the digest of itself in it."""
    # Zeros would be a number, which YAML writes with quotes; a hash of the input stands nowhere in the input itself.
    stand_in = hashlib.sha256(f"digest of {imported.sha256}".encode()).hexdigest()
    front = front_matter(draft, identifier, replace(imported, digest=stand_in))
    data = serialize_article(front, markdown(draft, config)).encode()
    return data.replace(stand_in.encode(), digest_of(data, stand_in).encode(), 1)


def digest_of(data: bytes, written: str) -> str:
    """Return the digest of a file as it is defined for `imported.digest`.

    It is the SHA-256, in hexadecimal, of the file's bytes in which the first appearance of the digest that it carries
    (`written`, 64 digits) is replaced by 64 zeros. A file whose bytes give what it carries is untouched since import.
    """
    return hashlib.sha256(data.replace(written.encode(), _ZEROS.encode(), 1)).hexdigest()
