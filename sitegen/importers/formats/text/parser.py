"""The importer of copied pages."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from sitegen.config.model import Config
from sitegen.content.frontmatter import ArticleSource, FrontMatter
from sitegen.content.markdown import MAX_BODY_CHARACTERS
from sitegen.importers.formats.text.copied_page import (
    LabeledPart,
    Paragraph,
    ends_sentence,
    is_label_between,
    join_lines,
    looks_like_label,
    read_page,
)
from sitegen.importers.formats.text.header import Header
from sitegen.importers.formats.text.labels import SUMMARIES, LabelKind, LabelMatch, find_url, label_index
from sitegen.importers.formats.text.marked_labels import split_marked_pages, with_unknown_labels, without_marks
from sitegen.importers.formats.text.splitting import split_pages
from sitegen.importers.imported_article import ImportLog, ParseResult
from sitegen.importers.inputs import Input, InputError, is_program_file, text_format
from sitegen.importers.markup.converter import Converter
from sitegen.importers.markup.escape import block_to_markdown, escape_heading, line_kind
from sitegen.importers.markup.markdown_text import demote_headings, plain_text
from sitegen.importers.registry import importer
from sitegen.importers.values.addresses import LinkResolver, without_tracking
from sitegen.importers.values.countries import Line, country_names, has_flag, log_countries, match_countries
from sitegen.importers.values.language import detect_language, language_below
from sitegen.util.cldr import normalize_label
from sitegen.yaml_source.reader import fold_spaces

ASSUMED_ANALYSIS: Final = "assumed: a page with a machine-written summary has a machine-written analysis"
"""Copied pages mark the summary alone. To mark an analysis by people as a machine's does less harm than the reverse,
and the editor can correct it in the file."""

_MAX_RELATION: Final = 80
"""A longer line without a flag or a known name is not a list of countries."""
_MAX_RELATION_WITH_COUNTRY: Final = 1000
_MAX_LABELS: Final = 100
_MAX_CREDIT: Final = 200


def is_copied_page(file: Input) -> float:
    """Return a low certainty for every plain text."""
    if is_program_file(file) or not file.source.text.strip() or Path(file.name).suffix.lower() in {".csv", ".jsonl"}:
        return 0
    return 0 if text_format(file.source.text) else 0.1


@importer("text", "copied page text", detect=is_copied_page)
def parse_text(file: Input, config: Config) -> list[ParseResult]:
    """Parse the copied pages in a file, one for each article."""
    labels = label_index(config)
    pages = split_marked_pages(file.source.text, labels) or split_pages(file.source.text, labels)
    rows = file.source.lines
    results: list[ParseResult] = []
    for first, last in pages:
        log = ImportLog(file, config, first)
        for number, row in enumerate(rows[: first - 1] if not results else (), 1):
            if row.strip():
                log.omit(number, "text above the article")
        text = "\n".join(rows[first - 1 : last])
        front, body = None, text
        if len(text) <= MAX_BODY_CHARACTERS:
            # Blank lines in place of the text above the page keep the numbers of its lines.
            front, body = _PageParser("\n" * (first - 1) + text, log).parse()
        if len(body) > MAX_BODY_CHARACTERS:
            message = f"{len(body):,} characters of text; expected at most {MAX_BODY_CHARACTERS:,}"
            log.diagnostics.error("text-too-large", log.location(first), message)
            front, body = None, ""
        results.append(log.result(front, body, ParseResult(original=text.encode() if len(pages) > 1 else b"")))
    return results


class _PageParser:
    """Everything on a page ends in the article, in the log as omitted, or in a diagnostic."""

    def __init__(self, text: str, log: ImportLog) -> None:
        self._config = log.config
        self._labels = with_unknown_labels(text, label_index(log.config))
        self._log = log
        text, is_markdown = without_marks(text, self._labels)
        self._converter = Converter(log, LinkResolver("").resolve) if is_markdown else None
        page = read_page(text, self._labels)
        self._parts = page[1:]
        self._header = Header(page, self._labels, log)
        self._summary: Paragraph = ()
        self._is_machine = False
        self._sections: list[LabeledPart] = []
        self._relations: list[Line] = []
        self._footer: tuple[str, ...] = ()

    def parse(self) -> tuple[FrontMatter | None, str]:
        """Return the article's front matter and Markdown; None if something required is missing. Raises InputError."""
        header = self._header
        if header.is_missing:
            line, message = header.end, "this text has no values above it"
            if not self._parts or header.is_unlabeled:
                line, message = 1, "this is not a copied page"
            message += "; expected lines with a title, a topic, a date and an importance"
            hint = "sitegen docs importing shows a copied page; another text is pasted into an article of `sitegen new`"
            if header.long_line and not header.is_unlabeled:
                message, hint = header.long_line, f"shorten it if it is the title; {hint}"
            raise InputError("not-an-article", line, message, hint)
        self._find_source()
        for part in self._parts:
            self._read_part(part)
        self._drop_credit()
        lines = (*header.countries, *self._relations)
        countries, unknown = log_countries(lines, country_names(self._config), self._log)
        url = self._find_url()
        self._report(has_countries=bool(lines))
        defaults = self._log.defaults
        date = header.date or defaults.get("date")
        source = ArticleSource(header.source.text, url) if header.source else defaults.get("source")
        if header.title is None or date is None or source is None:
            return None, ""
        text = [line.text for section in self._sections if section.label.key is None for line in section.lines]
        summary = join_lines(line.text for line in self._summary)
        if self._converter is not None:
            summary = fold_spaces(plain_text(summary))
        detected = detect_language("\n".join(text or [summary]), self._config.locales, header.title.text)
        lang = defaults.get("lang") or detected
        self._log.record(
            "lang", 0, f"{lang}, {'the default' if 'lang' in defaults else 'by the script of title and text'}"
        )
        generated = ("summary", "analysis") if any(section.label.key for section in self._sections) else ("summary",)
        others = tuple(line.text for line in header.others)
        extra = {"unknown_countries": unknown, "header_lines": others, "footer_lines": self._footer}
        front = FrontMatter(
            id="",
            title=fold_spaces(header.title.text),
            date=date,
            lang=lang,
            topics=header.topics,
            importance=header.importance,
            source=replace(source, url=source.url or url, lang=source.lang or lang),
            summary=summary,
            countries=countries,
            generated=tuple((part, "ai") for part in generated) if self._is_machine else (),
            extra={key: list(kept) for key, kept in extra.items() if kept} or None,
        )
        return front, "\n\n".join(self._markdown(section, lang) for section in _merge(self._sections))

    # --- parts --------------------------------------------------------------------------------------------------------

    def _read_part(self, part: LabeledPart) -> None:
        match part.label.kind:
            case LabelKind.NONE:
                self._read_lead(part.paragraphs)
            case LabelKind.RELATIONS:
                self._read_relations(part)
            case LabelKind.SUMMARY | LabelKind.HUMAN_SUMMARY:
                self._read_summary(part)
            case LabelKind.SOURCE | LabelKind.ORIGINAL:
                self._read_source(part)
            case _:
                self._read_text(part)

    def _read_relations(self, part: LabeledPart) -> None:
        """Read the lines of countries below the label, and what follows them: the title again, or text."""
        rest = [list(paragraph) for paragraph in part.paragraphs]
        while rest and self._is_relation(rest[0][0].text):
            self._relations.append(rest[0].pop(0))
            rest = [lines for lines in rest if lines]
        self._read_lead(rest)

    def _is_relation(self, text: str) -> bool:
        if self._is_title(text) or len(text) > _MAX_RELATION_WITH_COUNTRY:
            return False
        if has_flag(text) or any(match.code for match in match_countries(text, country_names(self._config))):
            return True
        return not self._relations and len(text) <= _MAX_RELATION and not ends_sentence(text)

    def _is_title(self, text: str) -> bool:
        title = self._header.title
        return title is not None and normalize_label(text) == normalize_label(title.text)

    def _read_lead(self, paragraphs: Iterable[Sequence[Line]]) -> None:
        """Read the text above the first label: the title again, flags without a label, or unexpected text."""
        for paragraph in paragraphs:
            kept = []
            for line in paragraph:
                if self._is_title(line.text):
                    self._log.omit(line.number, "the title again")
                elif has_flag(line.text) and not self._relations:
                    self._relations.append(line)
                else:
                    kept.append(line)
            if kept:
                message = f"unexpected text {kept[0].text[:40]!r} above the summary; it is kept"
                self._log.report("unexpected-text", kept[0].number, message)
                self._sections.append(LabeledPart([tuple(kept)], line=kept[0].number))

    def _read_summary(self, part: LabeledPart) -> None:
        """Read the first paragraph as the summary, the others as text."""
        first, *rest = part.paragraphs or [()]
        if not rest and len(first) > 1 and ends_sentence(first[0].text):
            first, rest = first[:1], _split_lines(first[1:])
        self._summary, self._is_machine = first, part.label.kind is LabelKind.SUMMARY
        if first:
            author = "a machine" if self._is_machine else "people"
            self._log.record("summary", first[0].number, f"below {part.label.text!r}, so by {author}")
        if rest:
            self._add(LabeledPart(rest, line=rest[0][0].number))

    def _read_text(self, part: LabeledPart) -> None:
        """Read a perspective, or the text directly below the label of the analysis."""
        key, label = part.label.key, part.label.text
        location = self._log.location(part.line, label)
        if part.label.kind is LabelKind.UNKNOWN:
            self._report_unknown_label(part.line, label)
            self._sections.append(part)
        elif part.paragraphs:
            if key is not None and any(section.label.key == key for section in self._sections):
                message = f"the perspective {key!r} occurs twice; the texts are merged"
                self._log.diagnostics.warning("duplicate-perspective", location, message)
            self._add(part)
        elif key is not None:
            self._log.diagnostics.warning("empty-perspective", location, f"there is no text below {label!r}")

    def _read_source(self, part: LabeledPart) -> None:
        """Read the end of the page: the source's name again, or its URL.

        Other text is kept under the label, but below the last label, "read the original", it is the page's footer.
        """
        lines = [[line for line in paragraph if not self._is_known_source(line)] for paragraph in part.paragraphs]
        kept = [tuple(paragraph) for paragraph in lines if paragraph]
        if not kept:
            return
        is_footer = part.label.kind is LabelKind.ORIGINAL and part is self._parts[-1]
        place = "in extra.footer_lines of the file" if is_footer else "as text under that label"
        message = f"{kept[0][0].text[:40]!r} below {part.label.text!r} is kept {place}"
        code = "other-source" if part.label.kind is LabelKind.SOURCE else "leftover-text"
        self._log.report(code, kept[0][0].number, message)
        if is_footer:
            self._footer = tuple(line.text for paragraph in kept for line in paragraph)
        else:
            self._sections.append(LabeledPart(kept, part.label, part.line))

    def _is_known_source(self, line: Line) -> bool:
        name = self._header.source
        if line.text == find_url(line.text):
            self._header.url = self._header.url or line
            return without_tracking(line.text) == without_tracking(self._header.url.text)
        if name is None or normalize_label(line.text) != normalize_label(name.text):
            return False
        if line.number != name.number:
            self._log.omit(line.number, "the source again")
        return True

    def _add(self, part: LabeledPart) -> None:
        """Add a part as a section; a line by itself that looks like a label begins another one."""
        section = LabeledPart([], part.label, part.line)
        self._sections.append(section)
        paragraphs = part.paragraphs
        if part.label.kind is LabelKind.PERSPECTIVE:
            paragraphs = [parts for paragraph in paragraphs for parts in self._split_at_labels(paragraph)]
        for paragraph, following in zip(paragraphs, [*paragraphs[1:], ()], strict=True):
            line, has_text = paragraph[0], bool(following)
            begins_list = line.text[-1] in ":：" and has_text and line_kind(following[0].text) != "text"
            if len(paragraph) == 1 and not begins_list and self._is_unknown_label(line.text):
                self._report_unknown_label(line.number, line.text, has_text=has_text)
                if has_text:
                    section = LabeledPart([], LabelMatch(LabelKind.UNKNOWN, line.text), line.number)
                    self._sections.append(section)
                    continue
            section.paragraphs.append(paragraph)
        self._sections = [entry for entry in self._sections if entry.paragraphs or entry.label.text]

    def _split_at_labels(self, paragraph: Paragraph) -> Iterator[Paragraph]:
        """Yield the parts of a paragraph of a perspective: each line that looks like a label, and what is between."""
        start = 0
        for index, (before, line, after) in enumerate(zip(paragraph, paragraph[1:], paragraph[2:], strict=False), 1):
            if is_label_between(before.text, line.text, after.text):
                yield from (paragraph[start:index], paragraph[index : index + 1])
                start = index + 1
        yield paragraph[start:]

    def _report_unknown_label(self, number: int, label: str, *, has_text: bool = True) -> None:
        kept = "it is kept as a heading" if has_text else "it is kept as text, because no text follows"
        self._log.report("unknown-label", number, f"{label!r} looks like an unknown label; {kept}")

    def _is_unknown_label(self, text: str) -> bool:
        labels = sum(bool(section.label.text) for section in self._sections)
        return labels < _MAX_LABELS and looks_like_label(text) and self._without_credit(text) is None

    # --- the source ---------------------------------------------------------------------------------------------------

    def _find_source(self) -> None:
        """Take the source's name from below its label if the header block has none."""
        if self._header.source is not None:
            return
        for part in self._parts:
            lines = [line for line in part.lines if not find_url(line.text)]
            if part.label.kind is LabelKind.SOURCE and len(lines) == 1:
                self._header.source = lines[0]
                self._log.record("source.name", *lines[0])
                return
        message = "the header block has no source; expected the name of the publisher of the article"
        self._log.missing("source", self._header.end, message, required=True)

    def _find_url(self) -> str | None:
        if self._header.url is not None:
            url = without_tracking(self._header.url.text)
            self._log.record("source.url", self._header.url.number, url)
            return url
        line = self._line_of(LabelKind.ORIGINAL) or self._line_of(LabelKind.SOURCE) or self._header.end
        message = "the page has no URL of the original; links do not survive copying"
        hint = "add it to the file, as source.url"
        self._log.missing("source.url", line, message, code="no-source-url", hint=hint)
        return None

    def _without_credit(self, text: str) -> str | None:
        """Return text without a credit such as `Source: Nhan Dan` at its end; None if it has none of this source."""
        name = self._header.source
        match = _credit_pattern(self._config.labels.source).search(text, max(0, len(text) - _MAX_CREDIT))
        if name is None or match is None:
            return None
        same = normalize_label(match[1]).rstrip(".。") == normalize_label(name.text).rstrip(".。")
        return text[: match.start()].rstrip() if same else None

    def _drop_credit(self) -> None:
        """Leave out the credit at the end of the text above the analysis."""
        first = next((index for index, section in enumerate(self._sections) if section.label.key), None)
        section = next((section for section in reversed(self._sections[:first]) if section.paragraphs), None)
        if section is None:
            return
        *lines, last = section.paragraphs[-1]
        kept = self._without_credit(last.text)
        if kept is not None:
            lines += [Line(last.number, kept)] if kept else []
            section.paragraphs[-1:] = [tuple(lines)] if lines else []
            self._log.omit(last.number, f"{last.text[len(kept) :].strip()!r}, the source again")

    # --- the result ---------------------------------------------------------------------------------------------------

    def _report(self, *, has_countries: bool) -> None:
        """Record the sections, and report missing parts."""
        end, log, labels = self._header.end, self._log, self._config.labels
        for section in self._sections:
            name = f"perspectives.{section.label.key}" if section.label.key else "text"
            log.record(name, section.line, f"below {section.label.text!r}" if section.label.text else "without a label")
        if self._is_machine and any(section.label.key for section in self._sections):
            log.record("generated.analysis", 0, ASSUMED_ANALYSIS)
        if not has_countries:
            line = self._line_of(LabelKind.RELATIONS) or end
            message = "the page has no countries; expected them below a label such as Relations"
            log.missing("countries", line, message, code="missing-relations")
        if not self._summary:
            line = self._line_of(*SUMMARIES)
            first = self._sections[0].line if self._sections else end
            message = "there is no text below the label of the summary" if line else "the page has no summary"
            hint = f"write it below one of the labels {', '.join((*labels.summary[:3], *labels.human_summary[:3]))}"
            log.missing("summary", line or first, message, required=True, hint=hint)
        if not any(section.paragraphs for section in self._sections if not section.label.text):
            line = self._summary[-1].number if self._summary else end
            log.missing("text", line, "the page has no text below its summary")
        keys = {section.label.key for section in self._sections}
        missing = [term for term in self._config.perspectives if term.key not in keys]
        if missing:
            is_none_left = len(missing) == len(self._config.perspectives)
            fields = ["perspectives"] if is_none_left else [f"perspectives.{term.key}" for term in missing]
            names = ", ".join(f"{term.key} ({' / '.join(text for _, text in term.names.texts)})" for term in missing)
            line = self._line_of(LabelKind.ANALYSIS) or (self._parts[-1].line if self._parts else 0) or end
            message = f"the page has no text for these perspectives: {names}"
            log.missing(fields, line, message, code="missing-perspectives")

    def _line_of(self, *kinds: LabelKind) -> int:
        """Return the line of the first label of one of these kinds; 0 if there is none."""
        return next((part.line for part in self._parts if part.label.kind in kinds), 0)

    def _markdown(self, section: LabeledPart, article_lang: str) -> str:
        """Return a section as Markdown, with `{lang=…}` if article and label do not imply the language already."""
        label, blocks = section.label, []
        if label.text:
            lang = article_lang
            if label.key is not None:
                text = "\n".join(line.text for line in section.lines)
                lang = language_below(label.lang, text, self._config.locales)
            is_implied = lang == article_lang and label.lang in {None, lang}
            blocks = [f"## {escape_heading(label.text)}{'' if is_implied else f' {{lang={lang}}}'}"]
        paragraphs = [[line.text for line in paragraph] for paragraph in section.paragraphs]
        if self._converter is None:
            blocks += [block_to_markdown(lines) for lines in paragraphs]
        elif section.lines:
            text = self._converter.markdown("\n\n".join(map("\n".join, paragraphs)), section.lines[0].number)
            blocks.append(demote_headings(text, 3) if label.text else text)
        return "\n\n".join(blocks)


def _split_lines(lines: Paragraph) -> list[Paragraph]:
    """Return each line as a paragraph, but the rows of a table or the items of a list as one."""
    paragraphs: list[Paragraph] = []
    kind = ""
    for line in lines:
        previous, kind = kind, line_kind(line.text)
        if kind == previous != "text":
            paragraphs[-1] = (*paragraphs[-1], line)
        else:
            paragraphs.append((line,))
    return paragraphs


def _merge(sections: list[LabeledPart]) -> list[LabeledPart]:
    """Return the sections with the texts of each perspective as one section."""
    merged: dict[object, LabeledPart] = {}
    for section in sections:
        first = merged.setdefault(section.label.key or id(section), section)
        if first is not section:
            first.paragraphs += section.paragraphs
    return [section for section in merged.values() if section.paragraphs or section.label.text]


@lru_cache(maxsize=4)
def _credit_pattern(labels: tuple[str, ...]) -> re.Pattern[str]:
    label = "|".join(map(re.escape, labels))
    return re.compile(
        rf"(?:^|(?<=\s)|(?<=[。！？.!?]))[（(]?(?:{label})\s*[:：]\s*([^:：\n]+?)[）)]?\s*$", re.IGNORECASE
    )
