"""The values of an article in an input, by the names of the front matter, and how they become an article."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from datetime import date as calendar_date
from pathlib import PurePath
from typing import Any, Final
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from msgspec.structs import replace

from sitegen.config.readers import AUTHORS, GENERATED_PARTS
from sitegen.content.frontmatter import (
    IMPORTANCE_MAX,
    IMPORTANCE_MIN,
    ArticleSource,
    FrontMatter,
    is_before,
)
from sitegen.content.markdown import MAX_BODY_CHARACTERS
from sitegen.content.placeholders import SOURCE, TODO
from sitegen.content.slugs import alias_problem, valid_slug
from sitegen.diagnostics import Diagnostic
from sitegen.importers.front_matter import Value
from sitegen.importers.imported_article import DATE_OF_FILE, INCOMPLETE, ImportLog, ParseResult
from sitegen.importers.markup.html import convert_scripts, html_text
from sitegen.importers.markup.markdown_text import code_spans, outside, plain_text, unescape
from sitegen.importers.markup.summaries import first_sentence
from sitegen.importers.values.addresses import without_tracking
from sitegen.importers.values.countries import country_names
from sitegen.importers.values.dates import date_problem, parse_date
from sitegen.importers.values.language import detect_language, has_other_script
from sitegen.importers.values.visibility import FALSE, TRUE
from sitegen.util.cldr import is_vietnamese, normalize_label
from sitegen.util.dates import PartialDate, parse_partial_date
from sitegen.yaml_source.reader import MAX_NAME_CHARACTERS, MAX_SUMMARY_CHARACTERS, fold_spaces, is_language, is_url

_UNIX_TIME: Final = re.compile(r"(?P<seconds>[0-9]{9,10})(?:[0-9]{3})?(?:\.[0-9]+)?")
"""Seconds or milliseconds since 1970, from 1973 to 2286."""
_FRACTION: Final = re.compile(r"(?<=:\d\d)[.,]\d+")
_EXCERPT_MARK: Final = re.compile(r"(?P<end>[.!?。！？])? ?\[(?:…|\.\.\.)\]$")
"""The end of a summary that WordPress has cut."""
_LINK: Final = re.compile(r"\[[^\[\]\n]{0,300}\]\([^()\n]{0,500}\)")
_MIN_OWN: Final = 40
"""Characters of a text without its links that decide about its language; a text may be nothing but links."""
_LOOKED_AT: Final = 4000
"""Characters of a text that decide about its language."""
_HEADING: Final = re.compile(r"^#{1,6}[ \t]+(?P<text>[^\n]*?)[ \t]*#*[ \t]*$", re.MULTILINE)
_TITLE_MARKUP: Final = re.compile(
    r"<(?P<name>em|strong|b|i|u|code|span|small|sup|sub)\b[^<>]{0,300}>(?P<text>[^<>]*)</(?P=name)>"
    r"|<br ?/?>|`(?P<code>[^`]+)`",
    re.IGNORECASE,
)
_ID: Final = re.compile(r"[0-9a-z][0-9a-z-]{7,63}")
_IMPORTANCE: Final = re.compile(r"[0-9]{1,2}(?:\.0)?")
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,15})")
_MAX_TAGS: Final = 200
_COMPUTED: Final = frozenset({"last modified", "created", "git last modified", "git created"})
"""Values of `date` in Eleventy."""
_OF_ONE_ARTICLE: Final = frozenset({"title", "source"})
"""Missing values without an example of `--default`: they are part of the identity of an article."""


class ArticleFields(Struct):
    """The values of one article, each as the input has it, by the names of the front matter.

    `values` are texts, lists and mappings, as a `Value` if they have a line of their own. They can also be `tags` and
    `categories`, `source.name`, `source.url`, `source.lang`, and `hidden`, the reason why it was not public. `extra` is
    kept as it is. Title and summary are HTML, `body` is Markdown. `assumed` are values for keys without one, each with
    the reason. `file_day` is the day on which the file was modified, for drafts without a date. `is_foreign` if the
    text is of another publisher, whose name the title of the digest is not. `others` has further values of the result.

    `article` is called once: it adds to the log, to its own copy of `extra`, and to `todo`.
    """

    log: ImportLog
    values: Mapping[str, Any]
    body: str = ""
    extra: dict[str, Any] = {}
    assumed: Mapping[str, tuple[str, str]] = {}
    file_day: calendar_date | None = None
    is_foreign: bool = False
    others: ParseResult = ParseResult()
    todo: list[str] = []
    """The keys without a value: an article that has any is a draft."""

    def __post_init__(self) -> None:
        self.extra = {**self.extra}

    def article(self) -> ParseResult:
        """Return the article. What has no place is kept in `extra`, or reported."""
        title, body = self._title()
        date, is_undated = self._date("date") or self.log.defaults.get("date"), False
        if date is None and not self._text("date"):
            date = self._date_of_file()
            is_undated = date is not None
        if date is None and not self._text("date"):
            hint = "add a date to the input, or set one for all: --default date=2026-07-03"
            hint += "; copy a page such as 'About' to content/pages/"
            self.log.missing("date", self.log.line, "the input has no date", required=True, hint=hint)
        if is_too_large := len(self.body) > MAX_BODY_CHARACTERS:
            message = f"{len(self.body):,} characters of text; expected at most {MAX_BODY_CHARACTERS:,}"
            self.log.diagnostics.error("text-too-large", self.log.location(self.log.line), message)
        front, is_private = None, False
        if date is not None and not is_too_large:
            front, is_private = self._front(title, date)
        return self.log.result(front, body, replace(self.others, is_private=is_private, is_undated=is_undated))

    def _front(self, title: str, date: PartialDate) -> tuple[FrontMatter, bool]:
        """Return the front matter, and whether the article was not public."""
        topics, countries = self._subjects()
        importance = self._importance()
        lang = self._language(title)
        summary = self._summary()
        front = FrontMatter(
            id=self._text("id") if _ID.fullmatch(self._text("id")) else "",
            title=title,
            date=date,
            lang=lang,
            topics=topics or self._default("topics", (self.log.config.topics[0].key,)),
            importance=importance or self._default("importance", IMPORTANCE_MIN),
            source=self._source(lang),
            summary=summary or self._default("summary", "TODO"),
            updated=self._later("updated", date),
            countries=countries,
            generated=self._generated(),
            slug=self._slug(),
            publish=self._date("publish"),
            expire=self._later("expire", date),
            aliases=self._aliases(),
        )
        if self.todo:
            self.extra[TODO] = [*self.todo]
            message = f"the article is a draft, because the input has no {', '.join(self.todo)}"
            options = self._options_for_missing()
            hint = f"{options and f'import again with {options}; or '}set it in the file, and delete 'draft' and 'todo'"
            self.log.missing([*self.todo], self.log.line, message, code=INCOMPLETE, hint=hint)
        is_private = self._is_private()
        if self.extra:
            self.log.record("extra", 0, ", ".join(self.extra))
        extra = {key: _extra_value(value) for key, value in self.extra.items() if value not in ("", [], {}, None)}
        is_draft = is_private or bool(self.log.defaults.get("draft") or self.todo)
        return replace(front, draft=is_draft, extra=extra or None), is_private

    def _value(self, key: str) -> Value:
        value = self.values.get(key, "")
        return value if isinstance(value, Value) else Value(value, self.log.line)

    def _text(self, key: str) -> str:
        return self._value(key).text

    def _default(self, key: str, placeholder: Any) -> Any:
        """Return the default for a missing value, or a placeholder, which makes the article a draft."""
        default = self.log.defaults.get(key)
        if not default:
            self.todo.append(key)
        return default or placeholder

    def _options_for_missing(self) -> str:
        """Return the options that would complete the article."""
        # Without brackets, which some shells take for a pattern of file names.
        examples = {"topics": f"topic={self.log.config.topics[0].key}", "importance": "importance=3"}
        return " ".join(f"--default {examples.get(key, f'{key}=…')}" for key in self.todo if key not in _OF_ONE_ARTICLE)

    def _keep(self, key: str, value: Value, code: str, problem: str, hint: str = "") -> None:
        """Keep a value that cannot be used, or not all of it, in `extra`."""
        self.extra[key] = value.text
        self.log.report(code, value.line, f"{problem}; it is kept in extra.{key}", hint)

    def _title(self) -> tuple[str, str]:
        """Return the title, and the text without its first heading if that is the title."""
        value, body = self._value("title"), self.body
        text = convert_scripts(value.text)
        title = fold_spaces(_plain_title(text))
        if title:
            if _TITLE_MARKUP.search(text):
                self.log.report("formatting-omitted", value.line, "titles have no markup; the text in it is kept")
            self.log.record("title", value.line, title)
            first, rest = _first_heading(body) if body.startswith("# ") else ("", "")
            if rest != body and normalize_label(first) == normalize_label(title):
                body = rest
                self.log.record("text", 0, "without its first heading, which is the title")
        elif (heading := _first_heading(body))[0]:
            title, body = heading
            self.log.record("title", 0, f"{title}, the first heading")
        elif "title" in self.assumed:
            title, reason = self.assumed["title"]
            self.log.record("title", 0, f"{title}, {reason}")
        else:
            title = f"{PurePath(self.log.location(1).path).name}, line {self.log.line}"
            self.todo.append("title")
        if len(title) > MAX_NAME_CHARACTERS:
            self._keep("title", Value(title, value.line), "too-long", "the title is cut")
            title = f"{title[: MAX_NAME_CHARACTERS - 1]}…"
        return title, body

    def _date(self, key: str) -> PartialDate | None:
        value, reason = self._value(key), ""
        if not value.text and key in self.assumed:
            text, reason = self.assumed[key]
            value = Value(text)
        if not value.text:
            return None
        date = read_date(value.text)
        if isinstance(date, PartialDate):
            self.log.record(key, 0 if reason else value.line, f"{value.text}{f', {reason}' if reason else ''}")
            return date
        notation = f"{value.text[:60]!r} is not a date in a supported notation"
        message, hint = (date.message, date.hint) if isinstance(date, Diagnostic) else (notation, "")
        if key == "date" and "date" not in self.log.defaults:
            self.log.diagnostics.error("bad-date", self.log.location(value.line, value.text), message, hint=hint)
        else:
            self._keep(key, value, "bad-date", message, hint)
        return None

    def _date_of_file(self) -> PartialDate | None:
        """Return the date of a draft, or of a version of a text whose original can have the date, by its file."""
        day, text = self.file_day, self._text("draft").casefold()
        is_draft = bool(self._text("hidden")) or (bool(text) and text not in FALSE)
        if day is None or not (is_draft or self.others.translation_group):
            return None
        if not self.others.translation_group:
            self.log.missing("date", self.log.line, DATE_OF_FILE, hint="set the date in the file")
        return PartialDate(day)

    def _later(self, key: str, date: PartialDate) -> PartialDate | None:
        """Return a date that is not before that of the article; keep another one."""
        moment = self._date(key)
        if moment is None or not is_before(moment, date, self.log.config.zone):
            return moment
        if key == "updated":
            self.extra[key] = str(moment)
        return None

    def _subjects(self) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Return the topics and countries that tags, categories and the like stand for; keep the others."""
        table = {normalize_label(name): keys for name, keys in self.log.file.options.settings.tags}
        labels, names = self.log.config.topic_labels(), country_names(self.log.config)
        topics: dict[str, None] = {}
        countries: dict[str, None] = {}
        unknown: dict[str, None] = {}
        for key in ("topics", "countries", "categories", "tags"):
            line = self._value(key).line
            for tag in texts(self._value(key).value)[:_MAX_TAGS]:
                name = normalize_label(tag)
                code = names.code(tag) if len(tag) > 2 or not tag.isascii() or key == "countries" else None
                keys = table.get(name)
                if keys is None:
                    keys = (labels[name],) if name in labels else (code,) if code else None
                if keys is None:
                    unknown[tag] = None
                    what = {"categories": "category", "countries": "country"}.get(key, key.removesuffix("s"))
                    message = f"the {what} {tag[:60]!r} is not a known topic or country; it is kept in extra.tags"
                    hint = "add it to import.tags in site.yaml; --propose prints all of them to complete"
                    self.log.report("unknown-tag", line, message, hint)
                    continue
                exact = set(keys) & set(labels.values())
                topics |= dict.fromkeys(target for target in keys if target in exact)
                countries |= dict.fromkeys(target for target in keys if target not in exact)
                self.log.record("topics" if exact else "countries", line, f"{tag} → {', '.join(keys) or 'ignored'}")
        if unknown:
            self.extra["tags"] = [*unknown]
            self.log.unknown_tags = tuple(unknown)
        return tuple(topics), tuple(countries)

    def _importance(self) -> int:
        value = self._value("importance")
        digits = unicodedata.normalize("NFKC", value.text)
        number = int(float(digits)) if _IMPORTANCE.fullmatch(digits) else 0
        if IMPORTANCE_MIN <= number <= IMPORTANCE_MAX:
            self.log.record("importance", value.line, value.text)
            return number
        if value.text:
            expected = f"expected a number from {IMPORTANCE_MIN} to {IMPORTANCE_MAX}"
            self._keep("importance", value, "bad-importance", f"invalid importance {value.text[:20]!r}; {expected}")
        return 0

    def _language(self, title: str) -> str:
        value = self._value("lang")
        text = value.text.replace("_", "-")
        if text and is_language(text):
            self.log.record("lang", value.line, text)
            return text
        if "lang" in self.log.defaults:
            return str(self.log.defaults["lang"])
        language = detect_language(self._prose(title), self.log.config.locales, title)
        self.log.record("lang", 0, f"{language}, by the script of title and text")
        return language

    def _prose(self, title: str) -> str:
        """Return the start of the text without its links, as far as it decides about the language."""
        body = self.body
        whole = f"{title}{body}"
        if not has_other_script(whole) and not is_vietnamese(whole[:_LOOKED_AT]):
            return ""
        text, own = plain_text(body[:_LOOKED_AT]), plain_text(_LINK.sub(" ", body)[:_LOOKED_AT])
        return own if len(own) >= min(_MIN_OWN, len(text)) else text  # the texts of links are titles, in any language

    def _summary(self) -> str:
        value = self._value("summary")
        text = _EXCERPT_MARK.sub(lambda match: match["end"] or "…", fold_spaces(html_text(value.text)))
        if text:
            self.log.record("summary", value.line, text)
        elif "summary" not in self.log.defaults:
            text = first_sentence(self.body)
            if text:
                self.log.record("summary", 0, "the beginning of the text")
        if len(text) > MAX_SUMMARY_CHARACTERS:
            self._keep("summary", Value(text, value.line), "too-long", "the summary is cut")
            text = f"{text[: MAX_SUMMARY_CHARACTERS - 1]}…"
        return text

    def _source(self, lang: str) -> ArticleSource:
        given, name_value = self._value("source.url"), self._value("source.name")
        address, source_lang = without_tracking(given.text), self._text("source.lang")
        url = address if is_url(address) else None
        if url:
            self.log.record("source.url", given.line, url)
        elif address:
            self._keep("source", given, "bad-url", f"{address[:80]!r} is not a web address")
        default: ArticleSource | None = self.log.defaults.get("source")
        name = fold_spaces(unescape(name_value.text))[:MAX_NAME_CHARACTERS]
        if name:
            self.log.record("source.name", name_value.line, name)
        elif default is not None:
            return replace(default, url=url or default.url)
        elif "source.name" in self.assumed or url or not self.is_foreign:
            title = self.log.config.title.get(self.log.config.locales[0])
            host = url and urlsplit(url).hostname
            assumed = (host, "the host") if host else (title, "the title of the digest")
            name, reason = self.assumed.get("source.name", assumed)
            self.log.record("source.name", 0, f"{name}, {reason}")
        else:
            name = SOURCE  # a build refuses it, so that no article with it is published
            self.todo.append("source")
        return ArticleSource(name, url, source_lang if is_language(source_lang) else lang)

    def _generated(self) -> tuple[tuple[str, str], ...]:
        given = self._value("generated").value
        pairs = given.items() if isinstance(given, Mapping) else ()
        return tuple((part, author) for part, author in pairs if part in GENERATED_PARTS and author in AUTHORS)

    def _slug(self) -> str | None:
        slug = valid_slug(unquote(self._text("slug")).strip("/").rpartition("/")[2])
        if slug:
            self.log.record("slug", self._value("slug").line, slug)
        return slug or None

    def _is_private(self) -> bool:
        """Return whether the article was not public, which is reported unless it is only a draft."""
        text, reason, line = self._text("draft"), self._text("hidden"), self._value("hidden").line
        if not reason and text and text.casefold() not in TRUE | FALSE:
            reason, line = f"{text[:40]!r} is not a valid value of draft", self._value("draft").line
        if reason:
            message = f"the article is a draft, because {reason}"
            self.log.report("not-public", line, message, hint="delete 'draft' in its file to publish it")
        return bool(reason) or text.casefold() in TRUE

    def _aliases(self) -> tuple[str, ...]:
        value = self._value("aliases")
        aliases: dict[str, None] = {}
        for address in texts(value.value):
            path = unquote(urlsplit(address).path if "://" in address else address.partition("?")[0].partition("#")[0])
            path = f"/{path.removeprefix('/')}".removesuffix("index.html")
            problem = alias_problem(path) if path != "/" else "is the home page"
            names = {
                path.strip("/").removeprefix(start) for start in ("", *(f"{lang}/" for lang in self.log.config.locales))
            }
            if names & self.log.file.options.reserved:
                problem = "is that of a page of the digest"
            if problem is None:
                aliases[path] = None
            else:
                message = f"the old address {address[:80]!r} {problem}; it has no redirect"
                self.log.report("bad-alias", value.line, message)
        if aliases:
            self.log.record("aliases", value.line, ", ".join(aliases))
        return tuple(aliases)


def _plain_title(text: str) -> str:
    """Return a title without formatting, and with characters in the place of their references."""
    text = _TITLE_MARKUP.sub(lambda match: match["text"] or match["code"] or " ", text)
    return unescape(text)


def _first_heading(body: str) -> tuple[str, str]:
    """Return the text of the first heading, and the body without it if it begins with it; empty if there is none."""
    match = next(outside(_HEADING.finditer(body), code_spans(body)), None)
    title = fold_spaces(_plain_title(plain_text(match["text"]))) if match else ""
    is_start = match is not None and match.start() == 0 and "](#" not in body  # a link can lead to it
    return title, body[match.end() :].lstrip("\n") if match and title and is_start else body


def read_date(text: str) -> PartialDate | Diagnostic | None:
    """Return a date in one of the notations of importers, also with fractions of seconds, or as a Unix time."""
    text = _FRACTION.sub("", text.strip())
    if text.lower() in _COMPUTED:
        message = f"{text!r} is a date that Eleventy computes; expected one such as 2026-07-03"
        return date_problem("bad-date", message, "write the date: `git log -1 --format=%cs FILE` prints the last one")
    if match := _UNIX_TIME.fullmatch(text):
        text = datetime.fromtimestamp(int(match["seconds"]), UTC).isoformat()
    text = re.sub(r"(?<=[+-]\d\d:\d\d):\d\d$|(?<=\d) ?\(?(?:[A-Z][a-z]+/\w+)\)?$", "", text)
    text = re.sub(r"(?<=:\d\d) ?(?:UTC|GMT)?([+-])(\d)(?::?00)?$", r"\g<1>0\g<2>:00", text)
    text = re.sub(r" (?:UTC|GMT)(?=[+-]\d\d)", " ", text)
    try:
        date = parse_partial_date(text)
    except ValueError:
        date = None
    if date is not None:
        return date
    parsed = parse_date(text)
    return parsed[0] if isinstance(parsed, tuple) else parsed


def texts(value: Any) -> list[str]:
    """Return the texts in a value: a list, the names in a mapping, or a text with commas between them."""
    if isinstance(value, str):
        parts: Sequence[Any] = re.split(r"[,\n;、，]", unescape(value))
    elif isinstance(value, Mapping):
        parts = [item for inner in value.values() for item in (inner if isinstance(inner, list) else [inner])]
    else:
        parts = [
            item.get("name") or item.get("slug") or "" if isinstance(item, Mapping) else item for item in value or ()
        ]
    names = (fold_spaces(unescape(part)) for part in parts if isinstance(part, str))
    return list(dict.fromkeys(name for name in names if name))


def _extra_value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _extra_value(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_extra_value(item) for item in value]
    text = str(value)
    return int(text) if _INTEGER.fullmatch(text) else {"true": True, "false": False}.get(text, text)
