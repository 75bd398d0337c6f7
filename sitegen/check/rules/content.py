"""Content: what a reader would stumble over, and what an editor has forgotten."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import combinations, dropwhile, pairwise
from typing import Final

from sitegen.check.countries import is_named
from sitegen.check.facts import SKETCH_SIZE, plain_text
from sitegen.check.findings import Problem
from sitegen.check.languages import other_language
from sitegen.check.model import CheckedSite, CheckedText, TextFacts
from sitegen.check.registry import site_rule, text_rule
from sitegen.content.articles import Article, LocalizedVersion
from sitegen.content.markdown_parser import parser
from sitegen.content.placeholders import SAMPLE, TODO
from sitegen.content.prose import MASK, Block
from sitegen.diagnostics import Severity, SourceLocation, text_columns
from sitegen.site.clusters import SIMILAR_TITLES, title_similarity
from sitegen.util import cldr

MAX_SUMMARY_COLUMNS: Final = 400
"""Columns of a summary, two for a wide character: more fill the screen of a telephone."""
OLDEST: Final = date(1900, 1, 1)
MAX_AHEAD: Final = timedelta(days=366)
"""How far ahead an article can be scheduled; a later date is probably a wrong year."""
MAX_SECTION_LEVEL: Final = 4
"""Headings of a higher level are small print, such as a place or a date."""
MIN_ARTICLES: Final = 5
"""Articles from which the rules compare an article with the others."""
USUAL: Final = 0.9
"""The share of articles that have what all should have."""
SIMILAR_TEXTS: Final = 0.6
"""The share of common sequences of characters from which two texts are similar."""
_COMPARED: Final = 8
_MAX_BUCKET: Final = 40
"""Texts with a common sequence that are compared; more have a standard paragraph in common."""
MAX_DAYS_BETWEEN: Final = timedelta(days=14)
"""Days between two articles that are reported as one; later ones are editions of a column or a meeting."""
_NUMBER: Final = re.compile(r"\d+(?:[a-z](?![A-Za-z]))?|\b[IVX]+\b")
_MACHINE_LINE: Final = re.compile(
    r"^[^\w\n]{0,20}(?:(?:this|the) (?:text|article|summary|post|translation) (?:was|is|has been) )?"
    r"(?:ai[- ]generated|(?:written|generated|summari[sz]ed|translated|produced) (?:by|with) "
    r"(?:an? )?(?:ai\b|artificial intelligence|chatgpt|gpt-?\d|claude|gemini|copilot|large language model))"
    r"|^[^\w\n]{0,20}(?:AI|ＡＩ|生成AI|ChatGPT)(?:による|で|が)?(?:要約|サマリー|生成|作成|翻訳)",
    re.IGNORECASE | re.MULTILINE,
)
_REFUSAL: Final = re.compile(
    r"\bas an ai (?:language )?model,? i\b|\bi(?:'|’)m sorry,? but as an ai\b|\bmy (?:knowledge|training) cut-?off\b"
    r"|AI言語モデルとして",
    re.IGNORECASE,
)
_EDITOR_NOTE: Final = re.compile(
    r"(?:TODO(?<![\w\"'“‘「-]TODO)|XXX(?<![\w\"'“‘「-]XXX))(?![\w\"'”’」-]| list)"
    r"|FIXME\b(?:(?<=\[FIXME)|(?<!.FIXME)|(?<!\wFIXME)(?=:))|TBD\b(?:(?<=\[TBD)|(?<!.TBD)|(?<!\wTBD)(?=:))"
    r"|TK TK\b(?<![\w-]TK TK)|【要確認】|（要確認）|〓{2,}|●{3,}"
)
_ITEM: Final = re.compile(r"\n([ \t]*)(?:[-*+]|\d{1,9}[.)])[ \t]")
_FLAG: Final = re.compile(
    "([\U0001f1e6-\U0001f1ff]{2})[ \u00a0]?([^\\s\U0001f1e6-\U0001f1ff,、，;。.()（）|:：]+(?: [A-Z][^\\s,、;.()|:]+)*)"
)


@site_rule("similar-article", Severity.WARNING)
def similar_article(site: CheckedSite) -> Iterator[Problem]:
    """Report articles whose title and text are nearly those of another one, each with the most similar one."""
    articles = {article.path: article for article in site.articles}
    buckets: dict[int, list[str]] = defaultdict(list)
    for path in articles:
        facts = site.texts.get(path)
        if facts is not None and len(facts.sketch) == SKETCH_SIZE:
            for value in facts.sketch[:_COMPARED]:
                buckets[value].append(path)
    shared = Counter(
        pair for paths in buckets.values() if 1 < len(paths) <= _MAX_BUCKET for pair in combinations(paths, 2)
    )
    nearest: dict[str, tuple[float, str]] = {}
    for (one, other), count in shared.items():
        if count < _COMPARED // 4 or articles[other].follows == one or articles[one].follows == other:
            continue
        if title_similarity(articles[one], articles[other]) < SIMILAR_TITLES or _are_of_series(one, other, articles):
            continue
        similarity = text_similarity(site.texts[one].sketch, site.texts[other].sketch)
        if similarity >= SIMILAR_TEXTS:
            nearest[other] = max(nearest.get(other, (0.0, "")), (similarity, one))
    for other, (_, one) in nearest.items():
        message = f"title and text are nearly those of {one}"
        yield Problem(site.key(other, "title"), message, "delete one of the two, or write `follows` in one of them")


def _are_of_series(one: str, other: str, articles: Mapping[str, Article]) -> bool:
    """Return whether two articles are of a series: other numbers in the titles, or weeks between them."""
    first, second = articles[one].front, articles[other].front
    is_numbered = _NUMBER.findall(first.title) != _NUMBER.findall(second.title)
    return is_numbered or abs(first.date.day - second.date.day) > MAX_DAYS_BETWEEN


def text_similarity(one: tuple[int, ...], other: tuple[int, ...]) -> float:
    """Return the estimated share of sequences of characters that two texts have in common (Broder 1997)."""
    union = sorted({*one, *other})[: min(len(one), len(other))]
    return len({*one} & {*other} & {*union}) / len(union) if union else 0.0


@site_rule("same-source", Severity.WARNING)
def same_source(site: CheckedSite) -> Iterator[Problem]:
    """Report articles with the source address of another one."""
    by_url: dict[str, list[Article]] = defaultdict(list)
    for article in site.articles:
        url = article.front.source.url
        if url is not None and url.partition("//")[2].strip("/").count("/"):  # not the home page of a source
            by_url[url.rstrip("/")].append(article)
    for articles in by_url.values():
        first = articles[0]
        for other in articles[1:]:
            if other.follows != first.path and first.follows != other.path:
                message = f"the source is also that of {first.path}"
                yield Problem(site.key(other.path, "source"), message, "delete one of the two, or correct the address")


@site_rule("incomplete-perspectives", Severity.WARNING)
def incomplete_perspectives(site: CheckedSite) -> Iterator[Problem]:
    """Report articles without most of the perspectives that nearly all articles have."""
    keys = [term.key for term in site.config.perspectives]
    articles = site.articles
    if len(articles) < MIN_ARTICLES:
        return
    counts = Counter(key for article in articles for key in keys if key in article.anchors)
    usual = [key for key in keys if counts[key] >= USUAL * len(articles)]
    for article in articles:
        missing = [key for key in usual if key not in article.anchors]
        if 2 * len(missing) > len(usual):
            message = f"missing perspectives: {', '.join(missing)}; nearly all articles have them"
            yield Problem(SourceLocation(article.path, 1), message, "write them as headings of level 2")


@text_rule("sample-article", Severity.ERROR)
def sample_article(text: CheckedText) -> Iterator[Problem]:
    """Report the article that `sitegen init` writes."""
    if text.version.summary == SAMPLE and not text.is_draft:
        yield Problem(text.key("summary"), "this is the sample of `sitegen init`", "delete the file before you publish")


@text_rule("long-summary", Severity.WARNING)
def long_summary(text: CheckedText) -> Iterator[Problem]:
    """Report a summary that is too long for a list."""
    columns = text_columns(text.version.summary)
    if columns > MAX_SUMMARY_COLUMNS:
        message = f"the summary is {columns} columns wide; expected at most {MAX_SUMMARY_COLUMNS}"
        yield Problem(text.key("summary"), message, "shorten it; a wide character counts as two columns")


def _letters(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())


@text_rule("summary-repeated", Severity.WARNING)
def summary_repeated(text: CheckedText) -> Iterator[Problem]:
    """Report a summary with which the text begins: readers see it twice.

    An import makes the summary of an old article of its beginning if the old site has none.
    """
    if text.article is not None and text.article.front.imported is not None:
        return
    summary = _letters(text.version.summary)
    first = next((block.text for block in text.blocks if block.kind == "paragraph"), "")
    if len(summary) >= 20 and _letters(first).startswith(summary):
        yield Problem(text.key("summary"), "the text begins with the summary", "write a summary of the whole text")


@text_rule("language-mismatch", Severity.WARNING)
def language_mismatch(text: CheckedText) -> Iterator[Problem]:
    """Report parts that are not in the language that they declare."""
    version = text.version
    for key, part in (("title", version.title), ("summary", version.summary)):
        language = other_language(part, version.lang)
        if language:
            message = f"'{key}' is marked as {version.lang!r}, but is {language}"
            yield Problem(text.key(key), message, "correct the language, or translate it")
    for lang, part in plain_text(text.body):
        declared = lang or version.lang
        language = other_language(part, declared)
        if language:
            start = next((line.strip() for line in part.splitlines() if len(line.strip()) > 10), part.strip())
            message = f"the part {start[:30]!r} is marked as {declared!r}, but is {language}"
            yield Problem(text.find(start[:30]), message, "correct `lang`, or mark the heading with {lang=…}")


@site_rule("country-not-listed", Severity.WARNING)
def country_not_listed(site: CheckedSite) -> Iterator[Problem]:
    """Report countries that a text names often, but that the article does not list.

    A site whose articles mostly list no country does not use them.
    """
    articles = site.articles
    if 2 * sum(bool(article.front.countries) for article in articles) < len(articles):
        return
    for article in articles:
        facts = site.texts.get(article.path)
        for code, count in facts.countries if facts is not None else ():
            if code not in article.front.countries:
                name = site.config.country_name(code, site.config.locales[0])
                message = f"the text names {name} {count} times, but 'countries' does not list {code}"
                yield Problem(site.key(article.path, "countries"), message, f"add {code}, if the article is about it")


@text_rule("country-not-named", Severity.WARNING)
def country_not_named(text: CheckedText) -> Iterator[Problem]:
    """Report countries that an article lists, but never names."""
    if text.article is None:
        return
    front = text.article.front
    shown = " ".join((front.title, front.summary, front.source.name, *(part for _, part in plain_text(text.body))))
    for code in front.countries:
        if not is_named(code, shown, text.config, front.lang):
            name = text.config.country_name(code, front.lang)
            message = f"'countries' lists {code}, but the article never names {name}"
            yield Problem(text.key("countries"), message, f"remove {code}, or name the country")


@text_rule("flag-disagrees", Severity.WARNING)
def flag_disagrees(text: CheckedText) -> Iterator[Problem]:
    """Report a flag before the name of another country."""
    names = cldr.iso_names()
    for offset, match in text.matches(_FLAG):
        code = cldr.country_from_flag(match[1])
        words = match[2].split(" ")
        known = (names.get(cldr.normalize_label(" ".join(words[:end]))) for end in range(len(words), 0, -1))
        named = next((country for country in known if country is not None), None)
        if named is not None and named != code:
            message = f"the flag is that of {code}, the name {match[2]!r} that of {named}"
            yield Problem(text.at(offset), message, "correct one of the two")


@site_rule("date-far-ahead", Severity.WARNING)
def date_far_ahead(site: CheckedSite) -> Iterator[Problem]:
    """Report articles that would appear in more than a year."""
    for document in site.plan.documents.values():
        article = document.article
        if article is not None and article.visible_from > site.now + MAX_AHEAD:
            key = "publish" if article.front.publish else "date"
            message = f"the article appears on {article.visible_from.date()}, in more than a year"
            yield Problem(site.key(article.path, key), message, "check the year")


@text_rule("date-too-old", Severity.WARNING)
def date_too_old(text: CheckedText) -> Iterator[Problem]:
    """Report a date before 1900."""
    if text.article is not None and text.article.front.date.day < OLDEST:
        message = f"the date {text.article.front.date} is before {OLDEST.year}"
        yield Problem(text.key("date"), message, "check the year")


@text_rule("empty-section", Severity.WARNING)
def empty_section(text: CheckedText) -> Iterator[Problem]:
    """Report headings without a text below them. The build reports perspectives.

    Headings at the top, before any text, are a title. A heading between two rules is a divider, such as a break.
    """
    perspectives = {section.label for section in text.body.sections if section.key is not None}
    body = tuple(dropwhile(lambda block: block.kind in {"heading", "rule"}, text.blocks))
    triples = zip(body, body[1:], body[2:], strict=False)
    dividers = {block.start for before, block, after in triples if before.kind == after.kind == "rule"}
    shown = [block for block in body if block.kind != "rule" and block.start not in dividers]
    for block, after in pairwise((*shown, None)):
        if block is None or block.kind != "heading" or block.text in perspectives or _is_sentence(block.text):
            continue
        if block.level > MAX_SECTION_LEVEL:
            continue
        if after is None or (after.kind == "heading" and after.level <= block.level):
            name = block.text.strip()
            message = f"the section {name!r} is empty" if name else "a heading without a text"
            yield Problem(text.at(block.start), message, "write its text, or delete the heading")


@text_rule("unclosed-code", Severity.WARNING)
def unclosed_code(text: CheckedText) -> Iterator[Problem]:
    """Report fences of code that are never closed. CommonMark ends them with the text, list item or quotation."""
    body = text.source.text[text.text_start :]
    if "```" not in body and "~~~" not in body:
        return
    start = text.source.location_at(text.text_start).line
    for token in parser().parse(f"{body}\n", {}):
        first, end = token.map or (0, 0)
        if token.type == "fence" and token.content.count("\n") == end - first - 1:  # a closed one has two lines more
            line = start + first
            column = text.source.lines[line - 1].find(token.markup) + 1
            last = start + first + token.content.rstrip().count("\n") + bool(token.content.strip())
            message = f"the fence {token.markup} is never closed, so all is code up to line {last}"
            hint = f"write a line {token.markup} below the code"
            yield Problem(text.source.location(line, column), message, hint)


def _is_sentence(heading: str) -> bool:
    """Return whether a heading is a text of its own, as in a list whose items are headings, or has a picture.

    `[Reserved]` is the text of an empty section in standards.
    """
    return (
        heading.rstrip(" *_").endswith((".", "!", "?", "。", "！", "？", "]")) or len(heading) > 80 or MASK in heading
    )


@site_rule("thread-gap", Severity.WARNING)
def thread_gap(site: CheckedSite) -> Iterator[Problem]:
    """Report articles that follow one which readers cannot see yet, or one that is newer."""
    everything = {path: item.article for path, item in site.plan.documents.items() if item.article is not None}
    visible = {article.path for article in site.articles}
    for article in site.articles:
        before = everything.get(article.follows or "")
        if before is None or before.state(site.now) == "expired":
            continue
        if before.path not in visible:
            message = f"'follows' names {before.path}, which readers cannot see ({before.state(site.now)})"
            yield Problem(article.location("follows"), message, "publish it, or follow the article before it")
        elif before.published > article.published:
            message = f"'follows' names {before.path}, which is newer ({before.front.date})"
            yield Problem(article.location("follows"), message, "write `follows` in the newer of the two")


def _machine_parts(version: LocalizedVersion) -> list[str]:
    return [part for part, author in version.generated if author in {"ai", "mixed"}]


@text_rule("machine-unmarked", Severity.WARNING)
def machine_unmarked(text: CheckedText) -> Iterator[Problem]:
    """Report a text that says that a machine wrote it, without a mark in `generated`."""
    if _machine_parts(text.version):
        return
    for block in text.blocks:
        match = _MACHINE_LINE.search(block.text) or _REFUSAL.search(block.text)
        if match is not None:
            message = f"{match[0].strip()!r}: a machine seems to have written a part, but 'generated' names none"
            yield Problem(text.at(block.start + match.start()), message, "generated: {text: ai}")


@text_rule("machine-unreviewed", Severity.HINT)
def machine_unreviewed(text: CheckedText) -> Iterator[Problem]:
    """Report machine-written parts that no person has reviewed. The build reports changes after a review."""
    parts = _machine_parts(text.version)
    if parts and text.version.reviewed is None:
        message = f"no person has reviewed the machine-written parts: {', '.join(parts)}"
        yield Problem(text.key("generated"), message, "review them, then run: sitegen review FILE --by NAME")


@text_rule("open-todo", Severity.WARNING)
def open_todo(text: CheckedText) -> Iterator[Problem]:
    """Report notes to the editor that are still in a text, and what an import could not find."""
    todo = (text.article.front.extra or {}).get(TODO) if text.article is not None else None
    if todo and text.is_draft:
        names = ", ".join(map(str, todo)) if isinstance(todo, list) else str(todo)
        yield Problem(text.key("extra"), f"the import could not find: {names}", "set the values, then delete 'todo'")
    for block in text.own_prose:
        for match in _EDITOR_NOTE.finditer(block.text):
            is_name = block.kind == "heading" or _has_list(text.source.text, block)
            if is_name and match[0] == block.text.strip():
                continue  # the name of a part of the text
            yield Problem(text.at(block.start + match.start()), f"{match[0]!r} is a note to the editor", "settle it")


def _has_list(source: str, block: Block) -> bool:
    """Return whether a block is in a list, and has a list of its own in the next line."""
    line = source[source.rfind("\n", 0, block.start) + 1 : block.start]
    item = _ITEM.match(source, block.start + len(block.text))
    return item is not None and len(item[1].expandtabs(4)) > len(line.expandtabs(4)) - len(line.expandtabs(4).lstrip())


@site_rule("translation-outdated", Severity.WARNING)
def translation_outdated(site: CheckedSite) -> Iterator[Problem]:
    """Report translations that were reviewed before the original changed, or that lack a perspective of it.

    They need not repeat a perspective that the original has in their language. Only `updated` and `corrections` tell
    when the original changed, and only a review when the translation did: without one, a machine's translation is
    reported, and a person's is not, because it may be newer than the change.
    """
    for article in site.articles:
        changes = [entry.at.day for entry in article.front.corrections]
        changes += [article.front.updated.day] if article.front.updated is not None else []
        for version in article.translations:
            at = version.reviewed.at if version.reviewed is not None else None
            missing = {
                key
                for key, lang in site.texts.get(article.path, TextFacts()).perspectives
                if key not in version.anchors and lang.partition("-")[0] != version.lang.partition("-")[0]
            }
            if changes and (at.day < max(changes) if at is not None else _machine_parts(version)):
                review = "has no dated review" if at is None else f"was reviewed on {at.day}"
                message = f"the translation {review}; the original changed on {max(changes)}"
            elif missing:
                message = f"the translation lacks perspectives of the original: {', '.join(sorted(missing))}"
            else:
                continue
            yield Problem(SourceLocation(version.path, 1), message, "translate the change, then review the file")
