"""Output: what a build makes, as readers, feed readers and search engines get it."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Final
from urllib.parse import urljoin

from sitegen.check.contrast import MIN_CONTRAST, low_contrasts
from sitegen.check.findings import Problem
from sitegen.check.model import CheckedSite, CheckedText, PageFacts
from sitegen.check.registry import site_rule, text_rule
from sitegen.content.placeholders import SAMPLE_ADDRESS
from sitegen.content.prose import MASK
from sitegen.diagnostics import Severity, SourceLocation, SourceText, text_columns
from sitegen.outputs.feeds.recipes import FeedFile
from sitegen.outputs.page_kind import PageKind
from sitegen.site.urls import Urls, asset_path, is_email, is_page, output_path, site_path
from sitegen.util.paths import CONFIG_NAME

MAX_TITLE_COLUMNS: Final = 120
_KILOBYTE: Final = 1000
_PICTURES: Final = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".avif", ".svg")
_EMPTY_ALT: Final = re.compile(rf"!\[\s*{MASK}")


def _is_public_page(path: str, facts: PageFacts) -> bool:
    """Return whether search engines list a page."""
    return is_page(path) and not is_email(path) and not path.endswith("404.html") and facts.is_indexed


@site_rule("unreachable-page", Severity.WARNING)
def unreachable_page(site: CheckedSite) -> Iterator[Problem]:
    """Report pages to which no links lead from the home pages."""
    homes = [output_path(site_url) for site_url in ("/", *(f"/{locale}/" for locale in site.config.locales[1:]))]
    reached, pending = set(homes), homes
    while pending:
        facts = site.pages.get(pending.pop())
        targets = {target.partition("#")[0] for target in facts.links} if facts is not None else set()
        pending += targets - reached
        reached |= targets
    for path, facts in site.pages.items():
        if _is_public_page(path, facts) and path not in reached:
            yield Problem(site.output(path), f"no link leads to the page {site_path(path)}", "add a link to the theme")


@site_rule("sample-address", Severity.ERROR)
def sample_address(site: CheckedSite) -> Iterator[Problem]:
    """Report the address that `sitegen init` writes: feeds, the sitemap and calendars would lead to another host."""
    if site.config.base_url == SAMPLE_ADDRESS:
        message = f"'base_url' is {SAMPLE_ADDRESS}, the example of `sitegen init`"
        hint = (
            "write the address of the published site, and in 'authority' a host that you own: ids of feed items have it"
        )
        yield Problem(SourceLocation(CONFIG_NAME), message, hint)


@site_rule("empty-page", Severity.WARNING)
def empty_page(site: CheckedSite) -> Iterator[Problem]:
    """Report pages whose main part has no content, once for each template."""
    paths: dict[str, list[str]] = defaultdict(list)
    for path, facts in site.pages.items():
        recipe = site.plan.outputs[path].recipe
        if facts.is_empty and isinstance(recipe, PageKind):
            paths[recipe.template].append(path)
    templates = {
        template.name: template for template in site.plan.project.theme.templates if not template.is_overridden
    }
    for name, group in sorted(paths.items()):
        others = f" ({len(group):,} pages have this template)" if len(group) > 1 else ""
        message = f"the main part of {site_path(min(group))} is empty{others}"
        hint = "fill a block of a parent, such as {% block main %}, in this template"
        yield Problem(SourceLocation(templates[name].path, 1), message, hint)


@site_rule("unpublished-output", Severity.ERROR)
def unpublished_output(site: CheckedSite) -> Iterator[Problem]:
    """Report files with the address or the data of an article that is not visible."""
    hidden = {
        output_path(Urls.of(site.config, locale).article(article.slug))
        for locale in site.config.locales
        for article in site.plan.held_back_articles
    }
    for path, facts in site.pages.items():
        named = hidden & {*(target.partition("#")[0] for target in facts.links), path}
        if named:
            message = f"{site_path(path)} names {site_path(min(named))}, which is not published"
            yield Problem(site.output(path), message, "correct the template")


@site_rule("bad-feed", Severity.ERROR)
def bad_feed(site: CheckedSite) -> Iterator[Problem]:
    """Report feeds, sitemaps and data that are not well-formed, and feeds in which an id occurs twice."""
    for path, facts in site.pages.items():
        if facts.error:
            yield Problem(
                site.output(path), f"{site_path(path)} is not well-formed: {facts.error}", "correct the format"
            )
        if isinstance(site.plan.outputs[path].recipe, FeedFile):
            for identifier, count in Counter(facts.item_ids).items():
                if count > 1:
                    message = f"{site_path(path)} has {count} items with the id {identifier!r}"
                    yield Problem(site.output(path), message, "give each article an id of its own")


@site_rule("heavy-page", Severity.WARNING)
def heavy_page(site: CheckedSite) -> Iterator[Problem]:
    """Report pages above the budget of `check.page_kb`."""
    for path, facts in site.pages.items():
        if is_page(path) and facts.size > site.settings.page_kb * _KILOBYTE:
            message = f"{site_path(path)} has {facts.size // _KILOBYTE} KB; expected at most {site.settings.page_kb} KB"
            yield Problem(site.output(path), message, "divide the text, or set page_kb below `check` in site.yaml")


@site_rule("heavy-picture", Severity.WARNING)
def heavy_picture(site: CheckedSite) -> Iterator[Problem]:
    """Report pictures above the budget of `check.picture_kb`."""
    for path, facts in site.pages.items():
        if path.endswith(_PICTURES) and facts.size > site.settings.picture_kb * _KILOBYTE:
            message = f"the picture has {facts.size // _KILOBYTE} KB; expected at most {site.settings.picture_kb} KB"
            yield Problem(
                site.output(path), message, "save it smaller, or as WebP; `pictures.widths` adds small copies"
            )


@site_rule("long-title", Severity.HINT)
def long_title(site: CheckedSite) -> Iterator[Problem]:
    """Report titles of articles and pages that search engines cut."""
    for document in site.plan.documents.values():
        version = document.version
        columns = text_columns(version.title) if version is not None else 0
        if columns > MAX_TITLE_COLUMNS:
            message = f"the title is {columns} columns wide; search engines show at most {MAX_TITLE_COLUMNS}"
            yield Problem(site.key(document.path, "title"), message, "a wide character counts as two columns")


@site_rule("missing-head", Severity.WARNING)
def missing_head(site: CheckedSite) -> Iterator[Problem]:
    """Report pages without a title or a description for search engines; once if it is the site that has none."""
    locale = site.config.locales[0]
    is_described = bool(site.config.description.get(locale) or site.config.tagline.get(locale))
    without_description = 0
    for path, facts in site.pages.items():
        if not _is_public_page(path, facts):
            continue
        without_description += not facts.description
        if not facts.title or (is_described and not facts.description):
            name = "description" if facts.title else "title"
            yield Problem(site.output(path), f"{site_path(path)} has no {name}", "set it in the template")
    if without_description and not is_described:
        message = f"the site has no description, so {without_description:,} pages have none for search engines"
        yield Problem(SourceLocation(CONFIG_NAME), message, "set description")


@text_rule("missing-alt", Severity.WARNING)
def missing_alt(text: CheckedText) -> Iterator[Problem]:
    """Report pictures without a description."""
    for offset, _ in text.matches(_EMPTY_ALT):
        yield Problem(text.at(offset), "the picture has no description", "![What the picture shows](picture.png)")


@site_rule("image-without-alt", Severity.WARNING)
def image_without_alt(site: CheckedSite) -> Iterator[Problem]:
    """Report pictures of the theme without the attribute `alt`, once for each picture."""
    seen = set()
    for path, facts in site.pages.items():
        for address in facts.images_without_alt:
            if address not in seen:
                seen.add(address)
                message = f"the picture {address!r} on {site_path(path)} has no attribute alt"
                yield Problem(site.output(path), message, 'write alt="" if it is a decoration')


@site_rule("low-contrast", Severity.WARNING)
def low_contrast(site: CheckedSite) -> Iterator[Problem]:
    """Report colours of the theme's text that are too similar to their background (WCAG 2.2, 1.4.3)."""
    for static in site.plan.project.theme.statics:
        if static.name.endswith(".css"):
            location, hint = SourceLocation(static.path or static.name), "make one of the colours darker or lighter"
            for description in low_contrasts(static.data.decode("utf-8", "replace")):
                yield Problem(location, f"{description}; expected at least {MIN_CONTRAST}", hint)


_OTHER_HOST: Final = r"[\"'](?:https?:)?//"
_BLOCKED: Final = (
    (re.compile(r"<style\b"), "styles in the page", "write them into a stylesheet in static/"),
    (re.compile(r"<[a-z][^<>]*\sstyle\s*="), "styles in an attribute", "write them into a stylesheet in static/"),
    (
        re.compile(r"<script\b(?![^>]*(?:\ssrc\s*=|ld\+json))"),
        "a script in the page",
        "write it into a file in static/",
    ),
    (re.compile(r"<[a-z][^<>]*\son[a-z]+\s*="), "a script in an attribute", "write it into a file in static/"),
    (
        re.compile(rf"<(?:script|img|iframe|audio|video|source)\b[^>]*\ssrc\s*=\s*{_OTHER_HOST}"),
        "a file of another host",
        "copy the file to static/",
    ),
    (
        re.compile(rf"<link\b(?=[^>]*\bstylesheet\b)[^>]*\shref\s*=\s*{_OTHER_HOST}"),
        "a stylesheet of another host",
        "copy it to static/",
    ),
)
"""Code in templates that the policy of published sites blocks, and what to do."""
_ADDRESS: Final = re.compile(r"(?:url\(|@import\s+(?!url))\s*[\"']?([^\"')\s;]+)")


@site_rule("blocked-code", Severity.WARNING)
def blocked_code(site: CheckedSite) -> Iterator[Problem]:
    """Report code in templates that the Content-Security-Policy of published sites blocks. E-mails may have it."""
    for template in site.plan.project.theme.templates:
        if template.name.endswith(".html") and not template.name.startswith("email") and not template.is_overridden:
            source = SourceText(template.path, template.source)
            for pattern, what, hint in _BLOCKED:
                for match in pattern.finditer(template.source):
                    message = f"{what}, which the Content-Security-Policy of a published site blocks"
                    yield Problem(source.location_at(match.start()), message, hint)


@site_rule("dead-asset", Severity.WARNING)
def dead_asset(site: CheckedSite) -> Iterator[Problem]:
    """Report addresses in stylesheets of the theme that lead to no file, or to another host."""
    for static in site.plan.project.theme.statics:
        if static.name.endswith(".css"):
            source = SourceText(static.path or static.name, static.data.decode("utf-8", "replace"))
            for match in _ADDRESS.finditer(source.text):
                target = urljoin(asset_path(static.name, static.digest), match[1]).partition("#")[0].partition("?")[0]
                if target.startswith("data:") or output_path(target) in site.plan.outputs:
                    continue
                message = f"{match[1]!r} leads to no file of the site"
                hint = 'copy it to static/ and write url("asset(NAME)"), because published names have a hash'
                yield Problem(source.location_at(match.start()), message, hint)
