"""The labels that give a copied page its structure, looked up in any language and any width."""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache
from typing import Final

from sitegen.config.model import Config, Term
from sitegen.importers.countries import CountryNames, country_names
from sitegen.util.cldr import normalize_label
from sitegen.util.frozen import dataclass

_URL = re.compile(r"https?://[^\s/?#\"<>\\]+[^\s\"<>\\、。）」]*", re.IGNORECASE)
_LONGEST_LABEL: Final = 80
_LIST = re.compile(r"\s*[,、，・/／|｜]\s*")


class Kind(StrEnum):
    """What a label opens."""

    RELATIONS = "relations"
    SUMMARY = "summary"
    HUMAN_SUMMARY = "human summary"
    ANALYSIS = "analysis"
    PERSPECTIVE = "perspective"
    SOURCE = "source"
    ORIGINAL = "original"


class HeaderField(StrEnum):
    """A value of the header block that can have its label in front."""

    TITLE = "title"
    TOPIC = "topic"
    DATE = "date"
    IMPORTANCE = "importance"
    SOURCE = "source"
    COUNTRIES = "countries"
    URL = "source.url"


_FIELD_LABELS: Final[dict[HeaderField, tuple[str, ...]]] = {
    HeaderField.TITLE: ("Title", "Headline", "タイトル", "題名", "見出し"),
    HeaderField.TOPIC: ("Topic", "Topics", "Category", "トピック", "カテゴリ", "カテゴリー", "分野"),
    HeaderField.DATE: ("Date", "Published", "Published on", "日付", "公開日", "掲載日", "配信日", "発表日"),
    HeaderField.IMPORTANCE: ("Importance", "重要度"),
    HeaderField.SOURCE: ("Publisher", "媒体"),
    HeaderField.COUNTRIES: ("Country", "国"),
    HeaderField.URL: ("URL", "Link", "リンク"),
}
"""Beside these, the labels of site.yaml for sources and relations."""


@dataclass(frozen=True, slots=True)
class Marker:
    """A label as it stands on a page: what it opens, and the text behind its colon, if any."""

    kind: Kind
    label: str
    key: str = ""
    lang: str | None = None
    value: str = ""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Every label by its folded form."""

    markers: Mapping[str, Marker]
    fields: Mapping[str, HeaderField]
    topics: Mapping[str, str]
    topic_labels: tuple[str, ...]
    perspectives: tuple[Term, ...]
    countries: CountryNames

    def marker(self, line: str) -> Marker | None:
        """Return the label that `line` is, alone or with text behind a colon (or a space, before an address)."""
        alone = self._marker_of(line, "")
        if alone is not None:
            return alone
        label, value = split_label(line)
        known = self._marker_of(label, value) if value else None
        url = find_url(line) if known is None else ""
        return self._marker_of(line[: line.index(url)], url) if url else known

    def _marker_of(self, label: str, value: str) -> Marker | None:
        known = self.markers.get(_key(label))
        if known is None:
            return None
        shown = label.strip().rstrip(":：").strip()
        if normalize_label(shown) != normalize_label(known.label):  # decorated on the page: 【経済的影響】
            shown = known.label
        return Marker(known.kind, shown, known.key, known.lang, value)

    def field(self, line: str) -> tuple[HeaderField, str] | None:
        """Return the field whose label begins `line`, and its value (empty where the label stands alone)."""
        label, value = split_label(line)
        known = self.fields.get(_key(label))
        return None if known is None else (known, value)

    def topics_of(self, text: str) -> tuple[str, ...]:
        """Return the keys of the topics that `text` names, all of it or part by part; empty when one is unknown."""
        whole = self.topics.get(normalize_label(text))
        if whole is not None:
            return (whole,)
        keys = [self.topics.get(normalize_label(part)) for part in _LIST.split(text.strip())]
        known = [key for key in keys if key is not None]
        return tuple(dict.fromkeys(known)) if len(known) == len(keys) else ()


@lru_cache(maxsize=4)
def lexicon(config: Config) -> Lexicon:
    """Collect the labels of a digest."""
    labels = config.labels
    markers: dict[str, Marker] = {}
    for kind, written in (
        (Kind.SUMMARY, labels.summary),
        (Kind.HUMAN_SUMMARY, labels.human_summary),
        (Kind.RELATIONS, labels.relations),
        (Kind.ANALYSIS, labels.analysis),
        (Kind.SOURCE, labels.source),
        (Kind.ORIGINAL, labels.original),
    ):
        for label in written:
            markers.setdefault(_key(label), Marker(kind, label))
    for term in config.perspectives:
        for label, lang in term.labels():
            markers.setdefault(_key(label), Marker(Kind.PERSPECTIVE, label, term.key, lang))
    fields = {_key(label): field for field, written in _FIELD_LABELS.items() for label in written}
    fields |= {_key(label): HeaderField.SOURCE for label in labels.source}
    fields |= {_key(label): HeaderField.COUNTRIES for label in labels.relations}
    topics = {normalize_label(label): term.key for term in config.topics for label, _ in term.labels()}
    topics |= {normalize_label(term.key): term.key for term in config.topics}
    shown = tuple(label for term in config.topics for label in (term.key, *(text for text, _ in term.labels())))
    return Lexicon(markers, fields, topics, shown, config.perspectives, country_names(config))


def split_label(line: str) -> tuple[str, str]:
    """Divide a line at its first colon; without one, all of it is the label."""
    label, _, value = line.replace("：", ":", 1).partition(":")
    return label.strip(), value.strip()


def find_url(text: str) -> str:
    """Return the first http or https address in `text`, or an empty text."""
    match = _URL.search(text)
    if match is None:
        return ""
    return match[0].rstrip(".,;:!?" if "(" in match[0] else ".,;:!?)")


def _key(label: str) -> str:
    """Return a label as it is compared: folded, without the colon or the signs that decorate it; empty for text."""
    if len(label) > _LONGEST_LABEL:
        return ""
    key = normalize_label(label)
    letters = [index for index, char in enumerate(key) if char.isalnum()]
    return key[letters[0] : letters[-1] + 1] if letters else key
