"""The few words that feeds say by themselves. They stand outside of a theme, which only pages have."""

from typing import Final

_WORDS: Final = {
    "en": {
        "machine_summary": "AI summary: {text}",
        "mixed_summary": "AI-assisted summary: {text}",
        "source": "Source: {name}",
        "archived": "archived copy",
        "machine": "Written by a machine: {parts}.",
        "mixed": "Written with the help of a machine: {parts}.",
        "reviewed": "Reviewed by {name}.",
        "title": "title",
        "summary": "summary",
        "text": "text",
        "analysis": "perspectives",
        "translation": "translation",
        "comma": ", ",
        "stop": ".",
        "space": " ",
        "importance": "Importance {level} and above",
        "corrections": "Corrections",
        "correction": "Correction: {title}",
        "feeds": "Feeds",
        "whole": "The digest",
        "topics": "Topics",
        "countries": "Countries",
        "pairs": "Relations",
        "crossings": "Topics in a country",
        "sources": "Sources",
        "perspectives": "Perspectives",
        "languages": "Languages",
    },
    "ja": {
        "machine_summary": "AI要約：{text}",
        "mixed_summary": "AIを使った要約：{text}",
        "source": "出典：{name}",
        "archived": "保存版",
        "machine": "機械が書いた部分：{parts}。",
        "mixed": "機械の助けを借りて書いた部分：{parts}。",
        "reviewed": "確認：{name}。",
        "title": "題名",
        "summary": "要約",
        "text": "本文",
        "analysis": "多角的分析",
        "translation": "翻訳",
        "comma": "、",
        "stop": "。",
        "space": "",
        "importance": "重要度{level}以上",
        "corrections": "訂正",
        "correction": "訂正：{title}",
        "feeds": "フィード",
        "whole": "全体",
        "topics": "分野",
        "countries": "国",
        "pairs": "関係",
        "crossings": "国ごとの分野",
        "sources": "情報源",
        "perspectives": "視点",
        "languages": "言語",
    },
}


def words(*tags: str) -> tuple[str, dict[str, str]]:
    """Return a language and its words: the first of `tags`, or of their base languages, that has any, else English."""
    for tag in tags:
        base = tag.split("-", maxsplit=1)[0].lower()
        if base in _WORDS:
            return base, _WORDS[base]
    return "en", _WORDS["en"]
