"""`sitegen new`: create an article."""

import os
import secrets
from datetime import datetime
from pathlib import Path

import click

from sitegen.builder.configuration import load_valid_settings
from sitegen.cli.command import Command, Invocation, all_option, now_option, option
from sitegen.cli.values import check_known, check_slug
from sitegen.content.articles import serialize_article
from sitegen.content.frontmatter import ArticleSource, FrontMatter, today
from sitegen.content.placeholders import SOURCE, SUMMARY, TEXT
from sitegen.content.slugs import folded_path, latin_slug, slug_of, slug_problem, slugify
from sitegen.errors import EXIT_OK, ExternalError, UsageError
from sitegen.importers.existing import taken_slugs
from sitegen.importers.matching import unique_slug
from sitegen.paths import ARTICLES
from sitegen.site.urls import SCHEMA, Urls
from sitegen.yaml_source.nodes import FORBIDDEN_CHARS
from sitegen.yaml_source.reader import MAX_NAME_CHARACTERS, fold_spaces, is_language


@click.command(
    cls=Command,
    examples=('sitegen new "Ports agree on one customs form"', 'sitegen new "A title" --topic trade --country VN'),
    manual="front-matter",
)
@click.argument("title")
@option("--topic", "topics", multiple=True, metavar="KEY", help="Topic, repeatable.  [default: if there is only one]")
@option("--country", "countries", multiple=True, metavar="CODE", help="Country, the subject first; repeatable.")
@option("--slug", metavar="SLUG", help="Name of the file, and so of the address.  [default: from the title]")
@option("--lang", metavar="TAG", help="Language of the article.  [default: the site's first locale]")
@now_option
@all_option
@click.pass_obj
def command(
    invocation: Invocation,
    *,
    title: str,
    topics: tuple[str, ...],
    countries: tuple[str, ...],
    slug: str | None,
    lang: str | None,
    now: datetime,
) -> int:
    """Create an article with the title TITLE, as a draft with complete front matter."""
    config = load_valid_settings(invocation.project).config
    title = fold_spaces(title)
    countries = tuple(dict.fromkeys(code.upper() for code in countries))
    lang = lang or config.locales[0]
    _check_title(title)
    if not is_language(lang):
        raise UsageError(f"--lang {lang!r} is not a language tag such as en or ja")
    check_slug(slug)
    code = "an ISO 3166-1 code, or one of 'countries' in site.yaml"
    check_known("--country", countries, config.content_schema.countries or (), code)
    known = [term.key for term in config.topics]
    if not topics and len(known) > 1:
        raise UsageError(f"--topic is missing; expected one of {', '.join(known)}")
    topics = tuple(dict.fromkeys(topics or known))
    check_known("--topic", topics, known, f"one of {', '.join(known)}")
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
    folder = invocation.project / ARTICLES / f"{date.day:%Y}" / f"{date.day:%m}"
    name = slug or slug_of(title, countries, topics[0], identifier)
    taken = taken_slugs(invocation.project)
    if slug and folded_path(slug) in taken:
        raise UsageError(f"--slug {slug!r} is taken by another article")
    if not os.path.lexists(folder / f"{name}.md"):  # else it is the same title twice in a month, and refused
        name = unique_slug(name, taken)
    # Editors complete and check the front matter by the schema in this line, which the site publishes.
    schema = f"# yaml-language-server: $schema={Urls.of(config, config.locales[0]).absolute(SCHEMA)}\n"
    file = folder / f"{name}.md"
    _write(file, serialize_article(front, TEXT).replace("---\n", f"---\n{schema}", 1))
    invocation.reporter.line(str(file))
    if not slug and not slugify(title):
        latin = latin_slug(title)
        reason = f"the slug {latin!r} {slug_problem(latin)}" if latin else "the title gives no slug of Latin letters"
        invocation.reporter.note(
            f"{reason}, so the address of the article is /articles/{name}/; choose one with --slug"
        )
    return EXIT_OK


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
