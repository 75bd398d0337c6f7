"""A proposal for `import.tags` of `site.yaml`: the unknown tags of an import, for the editor to complete.

Countries that texts mention follow as comments, by their names and demonyms in English and Japanese.
"""

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

from sitegen.config.model import Config
from sitegen.content.frontmatter import dump_values
from sitegen.diagnostics import closest_match, replace_unprintable
from sitegen.importers.markup.markdown_text import plain_text
from sitegen.importers.report import ImportReport
from sitegen.importers.values.countries import country_names
from sitegen.util.cldr import normalize_label

_DEMONYMS: Final = (
    "AE:Emirati AF:Afghan AL:Albanian AM:Armenian AO:Angolan AR:Argentine,Argentinian AT:Austrian"
    " AU:Australian,豪州,豪 AZ:Azerbaijani BA:Bosnian BD:Bangladeshi BE:Belgian BG:Bulgarian BH:Bahraini"
    " BN:Bruneian BO:Bolivian BR:Brazilian BT:Bhutanese BY:Belarusian CA:Canadian CH:Swiss CL:Chilean"
    " CM:Cameroonian CN:Chinese,中 CO:Colombian CU:Cuban CZ:Czech DE:German,独 DK:Danish DZ:Algerian"
    " EC:Ecuadorian EE:Estonian EG:Egyptian ES:Spanish ET:Ethiopian FI:Finnish FJ:Fijian FR:French,仏"
    " GB:British,Briton,Britons,英国,英 GE:Georgian GH:Ghanaian GR:Greek HR:Croatian HU:Hungarian"
    " ID:Indonesian IE:Irish IL:Israeli IN:Indian,印 IQ:Iraqi IR:Iranian IS:Icelandic IT:Italian,伊"
    " JM:Jamaican JO:Jordanian JP:Japanese KE:Kenyan KG:Kyrgyz KH:Cambodian KP:North.Korean,北朝鮮"
    " KR:South.Korean,韓国,韓 KW:Kuwaiti KZ:Kazakh LA:Laotian LB:Lebanese LK:Lankan LT:Lithuanian"
    " LV:Latvian LY:Libyan MA:Moroccan MM:Burmese MN:Mongolian MX:Mexican MY:Malaysian MZ:Mozambican"
    " NG:Nigerian NL:Dutch NO:Norwegian NP:Nepali,Nepalese NZ:Zealander OM:Omani PE:Peruvian PG:Papuan"
    " PH:Filipino,Filipina,比 PK:Pakistani PL:Polish PS:Palestinian PT:Portuguese PY:Paraguayan QA:Qatari"
    " RO:Romanian RS:Serbian RU:Russian,露 SA:Saudi SD:Sudanese SE:Swedish SG:Singaporean SI:Slovenian"
    " SK:Slovak SN:Senegalese SY:Syrian TH:Thai TJ:Tajik TL:Timorese TN:Tunisian TR:Turkish TW:Taiwanese"
    " TZ:Tanzanian UA:Ukrainian UG:Ugandan US:American,米国,米 UY:Uruguayan UZ:Uzbek VE:Venezuelan"
    " VN:Vietnamese,越 ZA:South.African ZM:Zambian ZW:Zimbabwean"
)
"""Demonyms by ISO code, and the words of Japanese headlines. One character counts only before 政府 and the like."""
_AFTER_SINGLE: Final = "(?=政府|軍|大統領|首相|外相|国防|議会|紙|企業|経済|産)"
_KATAKANA: Final = re.compile(r"[ァ-ヶー・]+")
_MAX_TEXT: Final = 20_000
_MIN_NAME: Final = 2


def render_proposal(reports: Sequence[ImportReport], config: Config) -> str:
    """Return YAML for `site.yaml`: each unknown tag with a topic or country that fits, or without a value.

    The countries that articles without one mention are not applied.
    """
    counts = Counter(tag for report in reports for tag in report.unknown_tags)
    lines = ["# All tags and categories are known."]
    if counts:
        comment = (
            "Add a topic, a country or a list of both to each tag; [] ignores it. Without a value it stays unknown."
        )
        lines = [f"# {comment}", "import:", "  tags:"]
    for tag, count in counts.most_common():
        value, reason = _target(tag, config)
        key = dump_values({tag: None}).strip().removeprefix("{").removesuffix("}").removesuffix("null").rstrip()
        comment = f"{count} article{'s' * (count > 1)}{f', {reason}' if reason else ''}"
        lines.append(f"    {key}{f' {value}' if value else ''}  # {comment}")
    mentions = [line for report in reports if (line := _mentions_line(report, config))]
    if mentions:
        lines += [
            "",
            "# Countries that texts mention. Write those that an article is about into its file or its input:",
        ]
    return "\n".join(map(replace_unprintable, (*lines, *mentions)))


def _mentions_line(report: ImportReport, config: Config) -> str:
    """Return a comment with the countries that an article without countries mentions; empty if there are none."""
    front = report.front
    if front is None or front.countries:
        return ""
    text = "\n".join((front.title, front.summary, plain_text(report.body)))
    mentions = "; ".join(f"{code} ({words})" for code, words in find_mentions(text, config))
    return mentions and f"#   {report.place}: {mentions}"


def _target(tag: str, config: Config) -> tuple[str, str]:
    """Return the topic or country that a tag may stand for, and the reason; empty if there is none."""
    name, labels = normalize_label(tag), config.topic_labels()
    code = country_names(config).code(tag)
    if code is not None:
        return code, "the code of a country"
    mentions = find_mentions(tag, config) or find_mentions(tag.title(), config)
    if mentions:
        return mentions[0][0], f"by {mentions[0][1].rpartition(' ')[0]!r}"
    words = name.replace("-", " ").split()
    topic = next(
        (label for label in labels if label in words or (len(label) > 1 and not label.isascii() and label in name)),
        None,
    )
    topic = topic or closest_match(name, tuple(labels))
    return (labels[topic], f"by {topic!r}") if topic else ("", "")


def find_mentions(text: str, config: Config) -> tuple[tuple[str, str], ...]:
    """Return the codes of the countries that a text mentions, the most frequent first, each with the evidence."""
    pattern, codes = _patterns(config)
    mentions: dict[str, Counter[str]] = {}
    for match in pattern.finditer(text[:_MAX_TEXT]):
        mentions.setdefault(codes[match[0]], Counter())[match[0]] += 1
    ranked = sorted(mentions.items(), key=lambda item: -item[1].total())
    return tuple((code, ", ".join(f"{word} ×{count}" for word, count in words.most_common())) for code, words in ranked)


@lru_cache(maxsize=4)
def _patterns(config: Config) -> tuple[re.Pattern[str], dict[str, str]]:
    """Return a pattern of all names and demonyms, and their codes.

    Words with the same form of pattern are one group, the longest first, which is tried where one of them can begin.
    """
    names = country_names(config)
    codes: dict[str, str] = {}
    for part in _DEMONYMS.split():
        code, _, words = part.partition(":")
        codes |= {word.replace(".", " "): code for word in words.split(",")}
    codes |= config.country_labels()
    codes = {word: code for word, code in codes.items() if code in names.codes}
    groups: dict[str, list[str]] = {}
    for word in sorted(codes, key=len, reverse=True):
        groups.setdefault(_form_of_pattern(word), []).append(re.escape(word))
    parts = (form.format("|".join(words)) for form, words in groups.items())
    return re.compile("|".join(parts)), codes


def _form_of_pattern(word: str) -> str:
    """Return the form of a pattern that does not match the word as a part of a longer one."""
    if _KATAKANA.fullmatch(word):
        return "(?<![ァ-ヶー])(?:{})(?![ァ-ヶー])"
    if word[0].isascii():
        return r"\b(?:{})(?:\b|(?<=\W))"
    return "(?:{})" if len(word) >= _MIN_NAME else f"(?<![一-龠])(?:{{}}){_AFTER_SINGLE}"
