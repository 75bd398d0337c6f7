"""`sitegen new`: start an article."""

import argparse
import os
import secrets
from pathlib import Path
from typing import Any

from sitegen.cli.common import Reporter, add_now, clock
from sitegen.cli.configuration import sound_config
from sitegen.config.model import ContentSchema
from sitegen.content.articles import serialize_article
from sitegen.content.frontmatter import ArticleSource, FrontMatter, today
from sitegen.content.slugs import slug_of
from sitegen.diagnostics import closest_match
from sitegen.errors import EXIT_OK, ExternalError, UsageError
from sitegen.importers.existing import taken_slugs
from sitegen.importers.matching import unique_slug
from sitegen.paths import ARTICLES
from sitegen.site.urls import SCHEMA, Urls
from sitegen.yaml_source.nodes import FORBIDDEN_CHARS
from sitegen.yaml_source.reader import is_language

_BODY = "What happened.\n"


def add_parser(commands: Any) -> None:
    """Add the command to the command line."""
    parser = commands.add_parser("new", help="start an article", description="Write a new article, as a draft.")
    parser.add_argument("title", metavar="TITLE", help="its title")
    parser.add_argument("--topic", action="append", metavar="KEY", help="a topic of site.yaml (may be repeated)")
    parser.add_argument("--country", action="append", metavar="CODE", help="a country, the subject first (repeated)")
    parser.add_argument("--lang", metavar="TAG", help="its language (default: the site's first)")
    add_now(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace, reporter: Reporter) -> int:
    """Write a draft with everything that the front matter asks for."""
    config = sound_config(options.project)
    content_schema = config.content_schema
    title = " ".join(options.title.split())
    topics = tuple(dict.fromkeys(options.topic or [config.topics[0].key]))
    countries = tuple(dict.fromkeys(code.upper() for code in options.country or []))
    lang = options.lang or config.locales[0]
    _check(title, topics, countries, lang, content_schema)
    identifier = secrets.token_hex(8)
    stamp = today((options.now or clock()).astimezone(config.zone))
    front = FrontMatter(
        id=identifier,
        title=title,
        date=stamp,
        lang=lang,
        topics=topics,
        countries=countries,
        importance=3,
        source=ArticleSource("Name of the source", None, lang),
        summary="One paragraph that says what happened.",
        draft=True,
    )
    folder = options.project / ARTICLES / f"{stamp.day:%Y}" / f"{stamp.day:%m}"
    slug = slug_of(title, countries, topics[0], identifier)
    if not os.path.lexists(folder / f"{slug}.md"):  # else it is the same title twice in a month, and refused
        slug = unique_slug(slug, taken_slugs(options.project))
    file = folder / f"{slug}.md"
    schema = Urls.of(config, config.locales[0]).absolute(SCHEMA)
    # Editors' tools read this line: they complete and check the front matter by the schema that the site publishes.
    _write(
        file, serialize_article(front, _BODY).replace("---\n", f"---\n# yaml-language-server: $schema={schema}\n", 1)
    )
    reporter.line(str(file))
    return EXIT_OK


def _check(
    title: str, topics: tuple[str, ...], countries: tuple[str, ...], lang: str, content_schema: ContentSchema
) -> None:
    if not title:
        raise UsageError("the title is empty")
    if FORBIDDEN_CHARS.search(title):
        raise UsageError("the title has a control character, or bytes that are not UTF-8")
    if not is_language(lang):
        raise UsageError(f"--lang {lang!r} is not a language tag such as en or ja")
    for what, given, allowed in (
        ("--topic", topics, content_schema.topics or ()),
        ("--country", countries, content_schema.countries or ()),
    ):
        for value in given:
            if value not in allowed:
                near = closest_match(value, allowed)
                hint = f"; did you mean {near!r}?" if near else ""
                raise UsageError(f"{what} {value!r} is not known{hint}")


def _write(file: Path, text: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("x", encoding="utf-8", newline="\n") as stream:
            stream.write(text)
    except FileExistsError:
        raise UsageError(f"{file} is there already; nothing was written") from None
    except OSError as error:
        raise ExternalError(f"cannot write {file}: {error.strerror}") from error
