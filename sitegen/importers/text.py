"""Copied page text to a draft: what a browser's "select all, copy" leaves of an article's page."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Final

from sitegen.config.model import Config
from sitegen.diagnostics import Diagnostics, SourceText
from sitegen.importers.copied_page import Block, Line, Page, Part, ends_sentence, is_label, joined, read_page
from sitegen.importers.countries import has_flag, mentions
from sitegen.importers.credit import without_credit
from sitegen.importers.header import Header, read_header
from sitegen.importers.imported_article import Account, Draft, Reading, Section
from sitegen.importers.labels import Kind, Lexicon, find_url, lexicon
from sitegen.importers.language import language_of
from sitegen.importers.relations import Relations, read_relations
from sitegen.importers.tracking import without_tracking
from sitegen.util.cldr import normalize_label

ASSUMED_ANALYSIS: Final = (
    "assumed: the page calls its summary machine-written, and its analysis comes from the same hand"
)
"""Copied pages mark the summary alone. Calling an analysis the machine's that people wrote does less harm than the
reverse, and the editor can change it in the file."""

_RELATION_LINE: Final = 80
"""A longer line without a flag or a known name is no list of countries."""
_LONGEST_RELATION: Final = 1000
_MOST_LABELS: Final = 100
_SUMMARIES: Final = frozenset({Kind.SUMMARY, Kind.HUMAN_SUMMARY})


def read_text(source: SourceText, config: Config, diagnostics: Diagnostics) -> Reading:
    """Read a copied page; a draft comes back when nothing required is missing.

    Everything on the page ends in the draft, in the account of what was left out, or in a finding.
    """
    return _TextReader(source, config, diagnostics).read()


class _TextReader:
    def __init__(self, source: SourceText, config: Config, diagnostics: Diagnostics) -> None:
        self._config = config
        self._lexicon: Lexicon = lexicon(config)
        self._account = Account(source, diagnostics)
        self._page: Page = read_page(source.text, self._lexicon)
        self._header = Header()
        self._summary: Block = ()
        self._machine = False
        self._sections: list[Section] = []
        self._relations: list[Line] = []

    def read(self) -> Reading:
        account = self._account
        before = account.diagnostics.errors
        self._header = read_header(self._page, self._lexicon, account)
        self._find_source()
        for part in self._page.parts:
            self._part(part)
        self._drop_credit()
        countries = (*self._header.countries, *self._relations)
        relations = read_relations(countries, self._lexicon.countries, account)
        url = self._url()
        self._note_sections()
        self._report_missing(relations)
        draft = self._draft(relations, url) if account.diagnostics.errors == before else None
        return Reading(draft, account.ordered(), tuple(account.missing))

    def _draft(self, relations: Relations, url: str | None) -> Draft | None:
        header = self._header
        if not (header.title and header.date and header.importance and header.source):
            return None
        lang = self._language()
        self._account.take("lang", 0, f"{lang}, by the script of title and text")
        return Draft(
            title=joined(header.title.text.split()),
            topics=header.topics,
            date=header.date,
            importance=header.importance,
            source_name=header.source.text,
            source_url=url,
            lang=lang,
            summary=joined(line.text for line in self._summary),
            machine_summary=self._machine,
            countries=relations.codes,
            unknown_countries=relations.unknown,
            header_lines=tuple(line.text for line in header.others),
            sections=tuple(_merged(self._sections)),
            taken=self._account.ordered(),
        )

    # --- parts --------------------------------------------------------------------------------------------------------

    def _part(self, part: Part) -> None:
        kind = part.marker.kind if part.marker else None
        match kind:
            case None:
                self._lead(part.blocks)
            case Kind.RELATIONS:
                self._relations_part(part)
            case Kind.SUMMARY | Kind.HUMAN_SUMMARY:
                self._summary_part(part, machine=kind is Kind.SUMMARY)
            case Kind.SOURCE | Kind.ORIGINAL:
                self._source_part(part)
            case _:
                self._text_part(part)

    def _relations_part(self, part: Part) -> None:
        """Take the countries' lines below the label; what comes behind them is the title again, or text."""
        rest: list[Block] = []
        for block in part.blocks:
            lines = list(block)
            while lines and not rest and self._is_relation(lines[0].text):
                self._relations.append(lines.pop(0))
            if lines:
                rest.append(tuple(lines))
        self._lead(rest)

    def _is_relation(self, text: str) -> bool:
        if self._is_title(text):
            return False
        if len(text) > _LONGEST_RELATION:
            return False
        if has_flag(text) or any(mention.code for mention in mentions(text, self._lexicon.countries)):
            return True
        return not self._relations and len(text) <= _RELATION_LINE and not ends_sentence(text)

    def _is_title(self, text: str) -> bool:
        title = self._header.title
        return title is not None and normalize_label(text) == normalize_label(title.text)

    def _lead(self, blocks: Iterable[Block]) -> None:
        """Read what stands above the first part with text: the title again, flags without a label, or lost text."""
        for block in blocks:
            kept = []
            for line in block:
                if self._is_title(line.text):
                    self._account.left_out(line.number, "the title again")
                elif has_flag(line.text) and not self._relations:
                    self._relations.append(line)
                else:
                    kept.append(line)
            if kept:
                shown = kept[0].text[:40]
                self._warn(
                    "unexpected-text", kept[0], f"{shown!r} stands where only the title was expected; it is kept"
                )
                self._sections.append(Section((_paragraph(kept),), line=kept[0].number))

    def _summary_part(self, part: Part, *, machine: bool) -> None:
        """Take the first paragraph as the summary, the others as text."""
        first, rest = (part.blocks[0], list(part.blocks[1:])) if part.blocks else ((), [])
        if not rest and len(first) > 1 and ends_sentence(first[0].text):
            first, rest = first[:1], [(line,) for line in first[1:]]  # no blank lines: each line is a paragraph
        self._summary, self._machine = first, machine
        if first and part.marker is not None:
            who = "a machine's" if machine else "people's"
            self._account.take("summary", first[0].number, f"below {part.marker.label!r}, so {who}")
        if rest:
            self._add(rest, Section((), line=rest[0][0].number))

    def _text_part(self, part: Part) -> None:
        """Read a perspective, or what stands directly below the label of the analysis."""
        marker = part.marker
        if marker is None or (marker.kind is Kind.ANALYSIS and not part.blocks):
            return
        key = marker.key or None
        location = self._account.location(part.line, marker.label)
        if not part.blocks:
            self._account.diagnostics.warning("empty-perspective", location, f"nothing stands below {marker.label!r}")
            return
        if key is not None and any(section.key == key for section in self._sections):
            message = f"the perspective {key!r} stands twice; its texts are put together"
            self._account.diagnostics.warning("duplicate-perspective", location, message)
        self._add(part.blocks, Section((), key, marker.label, marker.lang, part.line))

    def _source_part(self, part: Part) -> None:
        """Read the end of the page: the source's name again, or its address; other text is kept under the label."""
        kept = []
        for block in part.blocks:
            lines = tuple(line for line in block if not self._is_known_source(line))
            if lines:
                kept.append(lines)
        if kept and part.marker is not None:
            label = part.marker.label
            code = "other-source" if part.marker.kind is Kind.SOURCE else "leftover-text"
            self._warn(code, kept[0][0], f"{kept[0][0].text[:40]!r} below {label!r} is kept as text under that label")
            self._sections.append(Section(tuple(_paragraph(block) for block in kept), None, label, line=part.line))

    def _is_known_source(self, line: Line) -> bool:
        name = self._header.source
        if line.text == find_url(line.text):
            if self._header.url is None:
                self._header.url = line
            return without_tracking(line.text) == without_tracking(self._header.url.text)
        if name is None or normalize_label(line.text) != normalize_label(name.text):
            return False
        if line.number != name.number:
            self._account.left_out(line.number, "the source again")
        return True

    def _add(self, blocks: Sequence[Block], opening: Section) -> None:
        """Append blocks as one section; a line alone that looks like a label opens a further one."""
        section, paragraphs = opening, list(opening.paragraphs)
        for number, block in enumerate(blocks, 1):
            line = block[0]
            if len(block) == 1 and self._is_unknown_label(line.text):
                followed = number < len(blocks)
                state = "kept as a heading" if followed else "kept as text, for nothing stands below it"
                self._warn("unknown-label", line, f"{line.text!r} looks like a label and is not a known one; {state}")
                if followed:
                    if paragraphs or section is not opening:
                        self._sections.append(replace(section, paragraphs=tuple(paragraphs)))
                    section, paragraphs = Section((), None, line.text, None, line.number), []
                    continue
            paragraphs.append(_paragraph(block))
        self._sections.append(replace(section, paragraphs=tuple(paragraphs)))

    def _is_unknown_label(self, text: str) -> bool:
        """Whether a line looks like a label that is not known; a page with very many of them has none."""
        labels = sum(bool(section.label) for section in self._sections)
        return labels < _MOST_LABELS and is_label(text) and self._credit(text) is None

    # --- the source ---------------------------------------------------------------------------------------------------

    def _find_source(self) -> None:
        """Take the source's name from below its label where the header block has none."""
        if self._header.source is not None:
            return
        for part in self._page.parts:
            lines = [line for block in part.blocks for line in block if not find_url(line.text)]
            if part.marker is not None and part.marker.kind is Kind.SOURCE and len(lines) == 1:
                self._header.source = lines[0]
                self._account.take("source.name", lines[0].number, lines[0].text)
                return
        message = "the header block has no source; expected the name of the one who published the article"
        self._account.lack("source", self._page.header_end, message, required=True)

    def _credit(self, paragraph: str) -> str | None:
        name = self._header.source
        return None if name is None else without_credit(paragraph, self._config.labels.source, name.text)

    def _drop_credit(self) -> None:
        """Leave out `Source: …` at the end of the text above the analysis when it says the known name."""
        first = next((index for index, section in enumerate(self._sections) if section.key), len(self._sections))
        index = next((index for index in range(first - 1, -1, -1) if self._sections[index].paragraphs), None)
        if index is None:
            return
        section = self._sections[index]
        last = section.paragraphs[-1]
        kept = self._credit(last)
        if kept is None:
            return
        paragraphs = (*section.paragraphs[:-1], *([kept] if kept else []))
        self._sections[index] = replace(section, paragraphs=paragraphs)
        self._account.left_out(self._account.line_ending(last), f"{last[len(kept) :].strip()!r}, the source again")

    def _url(self) -> str | None:
        url = self._header.url
        if url is not None:
            clean = without_tracking(url.text)
            self._account.take("source.url", url.number, clean)
            return clean
        self._account.lack(
            "source.url",
            self._line_of(Kind.ORIGINAL) or self._line_of(Kind.SOURCE) or self._page.header_end,
            "the page says no address of the original: copied text has lost the link",
            code="no-source-url",
            hint="write it into the file, as source.url",
        )
        return None

    # --- the account --------------------------------------------------------------------------------------------------

    def _note_sections(self) -> None:
        for section in self._sections:
            name = f"perspectives.{section.key}" if section.key else "text"
            self._account.take(name, section.line, f"below {section.label!r}" if section.label else "below no label")
        if self._machine and any(section.key for section in self._sections):
            self._account.take("generated.analysis", 0, ASSUMED_ANALYSIS)

    def _report_missing(self, relations: Relations) -> None:
        end = self._page.header_end
        if not relations.codes and not relations.unknown:
            line = self._line_of(Kind.RELATIONS) or end
            message = "the page names no countries; expected them below a label such as Relations"
            self._account.lack("countries", line, message, code="missing-relations")
        if not self._summary:
            line = self._line_of(*_SUMMARIES)
            message = "nothing stands below the label of the summary" if line else "the page has no summary"
            labels = ", ".join((*self._config.labels.summary[:3], *self._config.labels.human_summary[:3]))
            hint = f"it stands below one of the labels {labels}"
            self._account.lack("summary", line or end, message, required=True, hint=hint)
        if not any(section.paragraphs for section in self._sections if not section.label):
            line = self._summary[-1].number if self._summary else end
            self._account.lack("text", line, "the page has no text below its summary")
        self._report_perspectives()

    def _report_perspectives(self) -> None:
        found = {section.key for section in self._sections}
        lost = [term for term in self._config.perspectives if term.key not in found]
        if lost:
            every = len(lost) == len(self._config.perspectives)
            self._account.missing.extend(["perspectives"] if every else [f"perspectives.{term.key}" for term in lost])
            last = self._page.parts[-1].line if self._page.parts else 0
            location = self._account.location(self._line_of(Kind.ANALYSIS) or last or self._page.header_end)
            names = ", ".join(f"{term.key} ({' / '.join(text for _, text in term.names.texts)})" for term in lost)
            message = f"the page has no text for these perspectives: {names}"
            self._account.diagnostics.warning("missing-perspectives", location, message)

    def _line_of(self, *kinds: Kind) -> int:
        """Return the line of the first label of one of `kinds`; 0 where there is none."""
        return next((part.line for part in self._page.parts if part.marker and part.marker.kind in kinds), 0)

    def _language(self) -> str:
        body = [text for section in self._sections if section.key is None for text in section.paragraphs]
        title = self._header.title.text if self._header.title else ""
        return language_of("\n".join([title, *(body or [line.text for line in self._summary])]), self._config.locales)

    def _warn(self, code: str, line: Line, message: str) -> None:
        self._account.diagnostics.warning(code, self._account.location(line.number), message)


def _paragraph(block: Iterable[Line]) -> str:
    return "\n".join(line.text for line in block)


def _merged(sections: list[Section]) -> list[Section]:
    """Return the sections with the text of a perspective's second appearance behind that of the first."""
    found: list[Section] = []
    locations: dict[str, int] = {}
    for section in sections:
        if section.key is not None and section.key in locations:
            index = locations[section.key]
            found[index] = replace(found[index], paragraphs=(*found[index].paragraphs, *section.paragraphs))
            continue
        if section.key is not None:
            locations[section.key] = len(found)
        found.append(section)
    return found
