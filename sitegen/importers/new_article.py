"""A new article of an editor: a draft with complete front matter."""

import os
import secrets
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from sitegen.config.model import Config
from sitegen.content.articles import serialize_article
from sitegen.content.frontmatter import ArticleSource, FrontMatter, today
from sitegen.content.placeholders import SOURCE, SUMMARY, TEXT
from sitegen.content.slugs import folded_path, latin_slug, slug_of, slug_problem, slugify
from sitegen.diagnostics import ExternalError, UsageError
from sitegen.importers.defaults import check_known, check_slug
from sitegen.importers.existing import taken_slugs
from sitegen.importers.values.countries import country_names
from sitegen.importers.values.matching import unique_slug
from sitegen.util.cldr import is_known_language, likely_language
from sitegen.util.paths import ARTICLES
from sitegen.yaml_source.nodes import FORBIDDEN_CHARS
from sitegen.yaml_source.reader import MAX_NAME_CHARACTERS, fold_spaces, is_language


def create_article(
    root: Path,
    config: Config,
    now: datetime,
    *,
    title: str,
    topics: Sequence[str],
    countries: Sequence[str],
    slug: str | None,
    lang: str | None,
    schema_url: str,
) -> tuple[Path, str]:
    """Write the file of a new article. Return its path, and a sentence about its slug, which may be empty.

    Without `topics` it has the only one of the site, without `slug` the slug of the title, without `lang` the first
    locale. Editors complete and check the front matter by the schema at `schema_url`. Raises UsageError for values that
    are not valid, and ExternalError.
    """
    title = fold_spaces(title)
    countries = tuple(dict.fromkeys(code.upper() for code in countries))
    lang = lang or config.locales[0]
    _check_title(title)
    if not is_language(lang):
        raise UsageError(f"--lang {lang!r} is not a language tag such as en or ja")
    if not is_known_language(lang):
        likely = likely_language(lang)
        raise UsageError(f"--lang {lang!r} is not a known language{likely and f'; did you mean {likely!r}?'}")
    check_slug(slug)
    code = "an ISO 3166-1 code, or one of 'countries' in site.yaml"
    names = country_names(config)
    check_known("--country", countries, sorted(names.codes), names.by_name, code)
    known = [term.key for term in config.topics]
    if not topics and len(known) > 1:
        raise UsageError(f"--topic is missing; expected one of {', '.join(known)}")
    topics = tuple(dict.fromkeys(topics or known))
    check_known("--topic", topics, known, config.topic_labels(), f"one of {', '.join(known)}")
    identifier = secrets.token_hex(8)
    date = today(now.astimezone(config.zone))
    front = FrontMatter(
        id=identifier,
        title=title,
        date=date,
        lang=lang,
        topics=topics,
        countries=countries,
        importance=3,
        source=ArticleSource(SOURCE, None, lang),
        summary=SUMMARY,
        draft=True,
    )
    folder = root / ARTICLES / f"{date.day:%Y}" / f"{date.day:%m}"
    name = slug or slug_of(title, countries, topics[0], identifier)
    taken = taken_slugs(root)
    if slug and folded_path(slug) in taken:
        raise UsageError(f"--slug {slug!r} is taken by another article")
    if not os.path.lexists(folder / f"{name}.md"):  # else it is the same title twice in a month, and refused
        name = unique_slug(name, taken)
    file = folder / f"{name}.md"
    schema = f"---\n# yaml-language-server: $schema={schema_url}\n"
    _write(file, serialize_article(front, TEXT).replace("---\n", schema, 1))
    if slug or slugify(title):
        return file, ""
    problem = slug_problem(latin := latin_slug(title))
    reason = "the title gives no slug of Latin letters"
    if latin:
        reason = f"the slug {latin!r} {problem}" if problem else f"{latin!r} says little about the title"
    return file, f"{reason}, so the address of the article is /articles/{name}/; choose one with --slug"


def _check_title(title: str) -> None:
    if not title:
        raise UsageError("the title is empty")
    if len(title) > MAX_NAME_CHARACTERS:
        raise UsageError(f"the title has {len(title):,} characters; expected at most {MAX_NAME_CHARACTERS}")
    if FORBIDDEN_CHARS.search(title):
        raise UsageError("the title contains a control character or bytes that are not UTF-8")


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        message = f"{file} already exists; nothing was written. Choose another title, or a name with --slug"
        raise UsageError(message) from None
    except OSError as error:
        raise ExternalError(f"cannot write {file}: {error.strerror}") from error
