"""The labels that give a copied page its structure, in any language and width."""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final

from msgspec import Struct

from sitegen.config.model import Config
from sitegen.importers.values.publication_dates import LABELS as DATE_LABELS
from sitegen.util.cldr import normalize_label

_URL: Final = re.compile(r"https?://[^\s/?#\"<>\\]+[^\s\"<>\\、。）」]*", re.IGNORECASE)
_LABEL_END: Final = re.compile(r"[:：\t]")
_MAX_LABEL: Final = 80
_LIST: Final = re.compile(r"\s*[,、，・/／|｜]\s*")


class LabelKind(StrEnum):
    """The part that a label begins, or the value of the header block that it names."""

    TITLE = "title"
    TOPIC = "topic"
    DATE = "date"
    IMPORTANCE = "importance"
    URL = "source.url"
    RELATIONS = "relations"
    SUMMARY = "summary"
    HUMAN_SUMMARY = "human_summary"
    ANALYSIS = "analysis"
    PERSPECTIVE = "perspective"
    SOURCE = "source"
    ORIGINAL = "original"
    UNKNOWN = "unknown"
    NONE = "none"


SUMMARIES: Final = frozenset({LabelKind.SUMMARY, LabelKind.HUMAN_SUMMARY})
_FIELD_LABELS: Final[dict[LabelKind, tuple[str, ...]]] = {
    LabelKind.TITLE: ("Title", "Headline", "タイトル", "題名", "見出し"),
    LabelKind.TOPIC: ("Topic", "Topics", "Category", "トピック", "カテゴリ", "カテゴリー", "分野"),
    LabelKind.DATE: DATE_LABELS,
    LabelKind.IMPORTANCE: ("Importance", "重要度"),
    LabelKind.SOURCE: ("Publisher", "媒体", "ソース", "情報元", "配信元"),
    LabelKind.RELATIONS: ("Country", "国", "関係国", "関連国", "対象国"),
    LabelKind.URL: ("URL", "Link", "リンク"),
}
"""Labels in addition to those of site.yaml for sources and relations."""


class LabelMatch(Struct, frozen=True):
    """A label in a line: the part that it begins, and the text after its colon, if any."""

    kind: LabelKind
    text: str
    key: str | None = None
    lang: str | None = None
    value: str = ""


NO_LABEL: Final = LabelMatch(LabelKind.NONE, "")


class LabelIndex(Struct, frozen=True):
    """Every label by its normalized form."""

    labels: Mapping[str, LabelMatch]
    fields: Mapping[str, LabelKind]
    topics: Mapping[str, str]

    def match(self, line: str) -> LabelMatch | None:
        """Return the label that `line` is, alone or with text after a colon or tab (or a space, before a URL)."""
        alone = self._match(line, "")
        if alone is not None or not line:
            return alone
        label, value = split_label(line) if _LABEL_END.search(line, 0, _MAX_LABEL + 1) else (line, "")
        match = self._match(label, value) if value else None
        url = find_url(line) if match is None else ""
        return self._match(line[: line.index(url)], url) if url else match

    def _match(self, label: str, value: str) -> LabelMatch | None:
        match = self.labels.get(label_key(label))
        if match is None:
            return None
        return LabelMatch(match.kind, _shown(label, match.text), match.key, match.lang, value)

    def field(self, line: str) -> tuple[LabelKind | None, str]:
        """Return the field whose label begins `line`, None without one, and what follows the first colon or tab."""
        label, value = split_label(line)
        return self.fields.get(label_key(label)), value

    def find_topics(self, text: str) -> tuple[str, ...]:
        """Return the keys of the topics in `text`, a name or a list of names; empty if one is unknown."""
        parts = [text] if normalize_label(text) in self.topics else _LIST.split(text.strip())
        keys = [self.topics.get(normalize_label(part), "") for part in parts]
        return tuple(dict.fromkeys(keys)) if all(keys) else ()


@lru_cache(maxsize=4)
def label_index(config: Config) -> LabelIndex:
    """Collect the labels of a site."""
    labels: dict[str, LabelMatch] = {}
    for kind in LabelKind:
        for label in getattr(config.labels, kind, ()):
            labels.setdefault(label_key(label), LabelMatch(kind, label))
    for term in config.perspectives:
        for label, lang in term.labels():
            labels.setdefault(label_key(label), LabelMatch(LabelKind.PERSPECTIVE, label, term.key, lang))
    fields = {label_key(label): field for field, names in _FIELD_LABELS.items() for label in names}
    fields |= {label_key(label): LabelKind.SOURCE for label in config.labels.source}
    fields |= {label_key(label): LabelKind.RELATIONS for label in config.labels.relations}
    return LabelIndex(labels, fields, config.topic_labels())


def split_label(line: str) -> tuple[str, str]:
    """Divide a line at its first colon or tab; without one, all of it is the label."""
    label, *value = _LABEL_END.split(line.strip(), maxsplit=1)
    return label.rstrip(), value[0].lstrip() if value else ""


def find_url(text: str) -> str:
    """Return the first http or https URL in `text`, or an empty string."""
    match = _URL.search(text) if "://" in text else None
    if match is None:
        return ""
    return match[0].rstrip(".,;:!?" if "(" in match[0] else ".,;:!?)")


@lru_cache(maxsize=4096)
def _shown(label: str, known: str) -> str:
    """Return a label as the page has it, or the known one if it is decorated there: 【経済的影響】."""
    shown = label.strip().rstrip(":：").strip()
    return shown if normalize_label(shown) == normalize_label(known) else known


@lru_cache(maxsize=4096)
def label_key(label: str) -> str:
    """Return a normalized label without the colon or decoration around it; empty for a long line.

    Each line of a page is compared several times, and pages have the same labels.
    """
    if len(label) > _MAX_LABEL:
        return ""
    key = normalize_label(label)
    letters = [index for index, char in enumerate(key) if char.isalnum()]
    return key[letters[0] : letters[-1] + 1] if letters else key
