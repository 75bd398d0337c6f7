"""Typography: what is typed in one way in one place and in another way in the next. Hints, most with a safe fix."""

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from string import ascii_letters
from typing import Final

from sitegen.check.findings import Edit, Problem
from sitegen.check.model import CheckedText
from sitegen.check.registry import text_rule
from sitegen.content.prose import MASK
from sitegen.diagnostics import Severity

_WIDE: Final = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff々〆〇ー"
_STRAIGHT: Final = re.compile(r"\"(?<!\d\")(?!\d)|'(?<=[A-Za-z]')(?=[A-Za-z])")
"""Patterns begin with a character and look back after it, so that the search skips all others: four times as fast."""
_CURLY: Final = re.compile(r"[“”‘’]")
_PLAIN_QUOTES: Final = str.maketrans("“”‘’", "\"\"''")
_DOUBLE_SPACE: Final = re.compile(rf"[ \u00a0]{{2}}(?<=[^\s{MASK}|]..)(?=[^\s{MASK}|])")
_DOTS: Final = re.compile(
    r"\.{3}(?:(?<![.…\w/]\.{3})(?<!=> \.{3})(?![.…])(?!(?<=[\"'“‘]\.{3})[\"'”’])"
    r"|(?<=[\w,!?\"')]\.{3})(?![.…/]|(?<=[\"']\.{3})[\"']))"
)
_JAPANESE_DOTS: Final = re.compile(
    rf"\.(?<=[{_WIDE}]\.)\.{{2,5}}|・(?<=[{_WIDE}]・)・{{2,5}}|。(?<=[{_WIDE}]。)。{{1,5}}"
)
_BEFORE_DASH: Final = r"[\w,.;:!?\"')”’]"
_DASH: Final = re.compile(rf"(?: - (?<={_BEFORE_DASH} - )| -- (?<={_BEFORE_DASH} -- )|--(?<=\w--)(?=\w))(?=[\w\"'(“‘])")
_TIME: Final = re.compile(r"\d ?[ap]\.?m\.?\Z", re.IGNORECASE)
_FILE_NAME: Final = re.compile(r"[./_]\w{1,20}\Z")
_JAPANESE_HYPHEN: Final = re.compile(r"[-‐−–—](?<=[ァ-ヺ].)(?=[ァ-ヺ])")
_HALF_KATAKANA: Final = re.compile(r"[\uff66-\uff9f]{2,}")
_FULL_WIDTH: Final = re.compile(r"[０-９Ａ-Ｚａ-ｚ]+(?:(?<=[０-９])[．，][０-９]+)*(?:(?<=[０-９])％)?")
"""Letters and digits, with the points and the percent sign of a number: `０．5％` would be worse."""
_HALF_WIDTH: Final = re.compile(r"[0-9A-Za-z]+")
_HALF_PUNCTUATION: Final = re.compile(
    rf"[,!?:.](?<=[{_WIDE}].)(?:(?<!\.)(?![A-Za-z0-9])|(?<=\.)(?=[{_WIDE}\n]|\Z))(?=[ ]?(?:[{_WIDE}\n]|\Z))"
)
_FULL_PUNCTUATION: Final = {",": "、", ".": "。", "!": "！", "?": "？", ":": "："}
_BRACKETS: Final = {"(": ")", "（": "）", "「": "」", "『": "』", "【": "】", "〔": "〕", "《": "》", "“": "”"}
_CLOSING: Final = {closing: opening for opening, closing in _BRACKETS.items()}
_BRACKET: Final = re.compile(f"[{re.escape(''.join((*_BRACKETS, *_CLOSING)))}]")
_SMILEY: Final = re.compile(r"(?<!\S)[:;][-'’]?[()]|[(（](?=(?:笑|爆|汗|ry)(?![)）]))")
_LIST_MARK: Final = re.compile(r"(?:\A|[^\w)])(?:\d{1,3}|[A-Za-z]|[ivxIVX]{1,4}|\w{0,4}例|e\.g\.)\Z")
"""What is before the bracket of an item in a list: `1)`, `a)`, `例)`."""

_BULLET_LINE: Final = re.compile(
    r"^[ \t\u3000>]*(?P<mark>[・•‣▪●◦－\uf076\uf0a7\uf0b7\uf0d8\uf0fc][ \t\u3000]*)(?=\S)", re.MULTILINE
)
_INDENTED_LINE: Final = re.compile(r"\n(?<=[^ \\]\n)(?P<mark>\u3000+)(?![\s・•‣▪●◦－①-⑳□■◆◇※（(])")
_NUMBERED_LINE: Final = re.compile(
    r"^[ \t\u3000>]*(?P<mark>[①-⑳□■◆◇※]|[(（][0-9０-９一二三四五六七八九十]{1,2}[)）]"
    r"|[一二三四五六七八九十]{1,2}、|[０-９]{1,2}[．）]|第[0-9０-９一二三四五六七八九十百]{1,4}[条章節](?=[\s\u3000（(]))",
    re.MULTILINE,
)
_MARKED_HEADING: Final = re.compile(rf"(?!※)(?:{_NUMBERED_LINE.pattern})[^\n。、]{{0,20}}(?<![ \\])\n")
_INDENTED_TEXT: Final = re.compile(
    r"(?:\t[ \t\u3000]*| {4,})"
    rf"(?P<text>(?:[A-ZÀ-Ỹ“\"][^\n]*?(?: [^\s]+){{3,}}|[^\n]*?[{_WIDE}가-힣]{{4}})[^\n]*)"
)
_CODE: Final = re.compile(r"[{};=<>|\\]|\w\(|^[#$]")
_DIVIDED_WORD: Final = re.compile(rf"[-\u2010]\n(?<=[a-z].\n)[ \t{MASK}]*(?P<end>(?!(?:and|or|to)\b)[a-z]+)", re.DOTALL)
_MAX_WORD: Final = 100
"""Letters of a divided word that a message shows."""
_PRIVATE: Final = re.compile("[\ue000-\uf8ff]")
_HARD_BREAK: Final = re.compile(r"(?:  |\\)\n\Z")


def _is_japanese(paragraph: str) -> bool:
    """Return whether a paragraph is mostly Japanese: an English one can end with a Japanese name."""
    return len(re.findall(f"[{_WIDE}]", paragraph)) > len(re.findall("[A-Za-z]", paragraph))


def _replacement(text: CheckedText, start: int, old: str, new: str, message: str) -> Problem:
    return Problem(text.at(start), message, f"write {new!r}", (Edit(start, old, new),))


@text_rule("mixed-quotes", Severity.HINT)
def mixed_quotes(text: CheckedText) -> Iterator[Problem]:
    """Report the first quotation mark of the form that a text uses less often, of straight and curly ones.

    Block quotations keep the form of their source.
    """
    own = [block for block in text.own_prose if not block.is_quoted]
    straight, curly = ([(at, match[0]) for at, match in text.matches(form, own)] for form in (_STRAIGHT, _CURLY))
    if not straight or not curly:
        return
    is_curly_rare = len(curly) <= len(straight)
    position, mark = (curly if is_curly_rare else straight)[0]
    edits = tuple(Edit(at, old, old.translate(_PLAIN_QUOTES)) for at, old in curly) if text.config.typography else ()
    message = (
        f"{mark} is {'curly' if is_curly_rare else 'straight'}, but the text also has "
        f"{'straight' if is_curly_rare else 'curly'} quotation marks; expected one form"
    )
    hint = "write straight ones; pages show those of the language" if edits else "write one form"
    yield Problem(text.at(position), message, hint, edits)


@text_rule("double-space", Severity.HINT)
def double_space(text: CheckedText) -> Iterator[Problem]:
    """Report two spaces between words; more of them align something."""
    for at, match in text.matches(_DOUBLE_SPACE, text.own_prose):
        if re.match(r"[\d%]\d", match.string[match.start() - 1] + match.string[match.end()]):
            continue  # columns of numbers
        message = f"{len(match[0])} spaces between words; expected one"
        yield Problem(text.at(at), message, edits=(Edit(at, match[0], " "),))


@text_rule("joined-lines", Severity.WARNING)
def joined_lines(text: CheckedText) -> Iterator[Problem]:
    """Report lines that begin with the marks of a list or are indented as paragraphs, and that pages join."""
    for block in text.blocks:
        if block.kind != "paragraph":
            continue
        written = text.source.text[block.start : block.start + len(block.text)]  # with marks of quotations
        for pattern in (_BULLET_LINE, _NUMBERED_LINE):
            lines = list(pattern.finditer(written))
            joined = [line for line in lines[:2] if line.start() and not _HARD_BREAK.search(written, 0, line.start())]
            if len(lines) < 2 or not joined:
                continue
            mark = joined[0]["mark"].strip()
            message = f"the line begins with {mark!r}, but the page joins it with the line above"
            hint = "put an empty line between the lines, or write a list with 1. or -"
            edits: tuple[Edit, ...] = ()
            if pattern is _BULLET_LINE:
                hint = "begin the lines with '- '"
                edits = tuple(Edit(block.start + line.start("mark"), line["mark"], "- ") for line in lines)
            yield Problem(text.at(block.start + joined[0].start("mark")), message, hint, edits)
        heading = _MARKED_HEADING.match(written)
        if heading and len(list(_NUMBERED_LINE.finditer(written))) == 1:
            message = f"the line begins with {heading['mark'].strip()!r}, but the page joins it with the line below"
            yield Problem(text.at(block.start + heading.start("mark")), message, "put an empty line below it")
        indents = list(_INDENTED_LINE.finditer(written))
        if indents:
            message = "the line is indented as a paragraph, but the page joins it with the line above"
            edits = tuple(Edit(block.start + line.start("mark"), line["mark"], "\n") for line in indents)
            yield Problem(text.at(block.start + indents[0].start("mark")), message, "put an empty line above it", edits)


@text_rule("indented-text", Severity.WARNING)
def indented_text(text: CheckedText) -> Iterator[Problem]:
    """Report prose that is indented by a tab or four spaces, as in texts of word processors: pages show it as code."""
    for block in text.blocks:
        line = _INDENTED_TEXT.match(text.source.text, block.start) if block.kind == "other" else None
        if line is not None and not _CODE.search(line["text"]):
            message = "the line is indented by a tab or four spaces, so the page shows it as code"
            yield Problem(text.at(block.start), message, "delete the indent, or write code between lines ```")


@text_rule("divided-word", Severity.WARNING)
def divided_word(text: CheckedText) -> Iterator[Problem]:
    """Report words that a line break divides after a hyphen, as in texts of PDF files: pages show a space there."""
    for at, match in text.matches(_DIVIDED_WORD, text.own_prose):
        before = match.string[max(0, match.start() - _MAX_WORD) : match.start()]
        letters = before[len(before.rstrip(ascii_letters)) :]
        shown = f"{letters}- {match['end']}"
        yield Problem(text.at(at - len(letters)), f"the page shows {shown!r}", "write the word in one line")


@text_rule("private-character", Severity.WARNING)
def private_character(text: CheckedText) -> Iterator[Problem]:
    """Report the first character of a private area: word processors and PDF files have their bullets there."""
    for key, value in (("title", text.version.title), ("summary", text.version.summary)):
        if match := _PRIVATE.search(value):
            yield Problem(text.key(key), f"{key!r} has {_private(match)}", "write the character that is meant")
    found = next(text.matches(_PRIVATE), None)
    if found is not None:
        at, match = found
        yield Problem(
            text.at(at), f"the text has {_private(match)}", "write the character that is meant, or a list: - item"
        )


def _private(match: re.Match[str]) -> str:
    return f"U+{ord(match[0]):04X}, a private character, which readers see as a box"


@text_rule("three-dots", Severity.HINT)
def three_dots(text: CheckedText) -> Iterator[Problem]:
    """Report dots in the place of an ellipsis."""
    japanese = set()
    for at, match in text.matches(_JAPANESE_DOTS, text.own_prose):
        if not _is_japanese(match.string):
            continue
        japanese.add(at)
        yield _replacement(text, at, match[0], "……", f"{match[0]!r} is not an ellipsis")
    for at, match in text.matches(_DOTS, text.own_prose):
        start, end = match.span()
        is_range = _FILE_NAME.search(match.string, max(0, start - 21), start)
        around = match.string[max(0, start - 1) : start] + match.string[end : end + 1]
        if at not in japanese and not is_range and around != 2 * MASK:
            yield _replacement(text, at, match[0], "…", f"{match[0]!r} is not an ellipsis")


@text_rule("wrong-dash", Severity.HINT)
def wrong_dash(text: CheckedText) -> Iterator[Problem]:
    """Report hyphens in the place of a dash, and in Japanese words in the place of a long vowel."""
    is_japanese = text.version.lang.partition("-")[0] == "ja"
    for at, match in text.matches(_DASH, text.own_prose):
        start, end = match.span()
        around = match.string[start - 1] + match.string[end]
        is_range = around.isdecimal() or _TIME.search(match.string, max(0, start - 8), start)
        if is_range or (match[0] == " - " and is_japanese):
            # A sum, a score, from 9 am to 5 pm. In Japanese, a hyphen between a title and a name is usual.
            continue
        new = " – " if match[0].startswith(" ") else "—"
        yield _replacement(text, at, match[0], new, f"{match[0].strip()!r} is not a dash")
    for at, match in text.matches(_JAPANESE_HYPHEN, text.own_prose):
        yield _replacement(text, at, match[0], "ー", f"{match[0]!r} is not the mark of a long vowel")


@text_rule("mixed-width", Severity.HINT)
def mixed_width(text: CheckedText) -> Iterator[Problem]:
    """Report full-width letters and digits in a Japanese text with half-width ones, and half-width Japanese.

    Block quotations keep the form of their source. Punctuation is reported in Japanese paragraphs; `?`, `!` and `:` are
    a matter of style, so they are reported if the text has at least as many full-width ones.
    """
    blocks = [block for block in text.own_prose if not block.is_quoted]
    prose = "".join(block.text for block in blocks)
    if re.search(f"[{_WIDE}]", prose) is None:
        return
    half_marks = Counter(_HALF_PUNCTUATION.findall(prose))
    half, full = len("".join(_HALF_WIDTH.findall(prose))), len("".join(_FULL_WIDTH.findall(prose)))
    for at, match in text.matches(_HALF_KATAKANA, blocks):
        new = unicodedata.normalize("NFKC", match[0])
        yield _replacement(text, at, match[0], new, f"{match[0]!r} is half-width katakana")
    wide = [
        Edit(at, match[0], unicodedata.normalize("NFKC", match[0])) for at, match in text.matches(_FULL_WIDTH, blocks)
    ]
    if wide and half >= full:
        first, more = wide[0], len(wide) - 1
        count = f"and {more} more are" if more else "is"
        message = f"{first.old!r} {count} full-width, but other letters and digits of the text are half-width"
        hint = f"write {first.new!r}" + ("; --fix changes all" if more else "")
        yield Problem(text.at(first.start), message, hint, tuple(wide))
    for at, match in text.matches(_HALF_PUNCTUATION, blocks):
        new = _FULL_PUNCTUATION[match[0]]
        if not _is_japanese(match.string):
            continue
        if match[0] in ",." or prose.count(new) >= half_marks[match[0]]:
            yield _replacement(text, at, match[0], new, f"{match[0]!r} is half-width after Japanese text")


@text_rule("unclosed-bracket", Severity.HINT)
def unclosed_bracket(text: CheckedText) -> Iterator[Problem]:
    """Report a bracket or a quotation mark without a partner in its paragraph.

    A quotation may have several paragraphs.
    """
    opened: list[int] = []
    closed: list[int] = []
    chars: dict[int, str] = {}
    with_links = {block.start: block.text for block in text.blocks}
    for block in text.own_prose:
        unopened, unclosed = _unmatched(block.text)
        if unopened or unclosed:  # a bracket in the text of a link can be the partner of one after it
            also = {index for brackets in _unmatched(with_links[block.start]) for index in brackets}
            unopened, unclosed = [n for n in unopened if n in also], [n for n in unclosed if n in also]
        chars |= {block.start + index: block.text[index] for index in (*unopened, *unclosed)}
        for index in unopened:
            ends = [at for at in opened if _BRACKETS[chars[at]] == block.text[index] and block.text[index] in "」』"]
            if ends:
                opened.remove(ends[-1])
            else:
                closed.append(block.start + index)
        opened += [block.start + index for index in unclosed]
    for position in closed:
        message = f"{chars[position]!r} has no {_CLOSING[chars[position]]!r} before it"
        yield Problem(text.at(position), message, "add it, or delete this one")
    for position in opened:
        message = f"{chars[position]!r} is not closed in its paragraph"
        yield Problem(text.at(position), message, f"add {_BRACKETS[chars[position]]!r}")


def _unmatched(text: str) -> tuple[list[int], list[int]]:
    """Return the offsets of closing and of opening brackets without a partner.

    A curly quotation mark may have none: a quotation of several paragraphs is closed in the last. A smiley is not a
    bracket, but can close one.
    """
    if _BRACKET.search(text) is None:
        return [], []
    smileys = [match.end() - 1 for match in _SMILEY.finditer(text)]
    unopened: list[int] = []
    unclosed: list[int] = []
    opened: list[int] = []
    counts: Counter[str] = Counter()
    for match in _BRACKET.finditer(text):
        index, char = match.start(), match[0]
        if index in smileys and not (char == ")" and counts["("] and not text.startswith(")", index + 1)):
            continue
        if char in _BRACKETS:
            opened.append(index)
            counts[char] += 1
        elif counts[_CLOSING[char]]:
            last = ""
            while last != _CLOSING[char]:
                unclosed.append(opened.pop())
                last = text[unclosed[-1]]
                counts[last] -= 1
            unclosed.pop()
        elif char != "”" and not (char == ")" and _LIST_MARK.search(text, max(0, index - 7), index)):
            unopened.append(index)
    return unopened, [index for index in sorted((*unclosed, *opened)) if text[index] != "“"]
