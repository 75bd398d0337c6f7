"""Explains an output file: its inputs, and whether it is up to date."""

from msgspec import Struct

from sitegen.builder.commit import open_writer
from sitegen.builder.pipeline import plan_site
from sitegen.builder.plan import BuildPlan
from sitegen.builder.request import BuildRequest
from sitegen.diagnostics import UsageError, did_you_mean
from sitegen.outputs.page_kind import PageKind
from sitegen.outputs.recipes import CopyFile, Output, Recipe
from sitegen.outputs.renderer import renderer_of
from sitegen.site.clusters import similar_reports
from sitegen.site.urls import Urls, output_path, site_path
from sitegen.util.paths import STATIC, article_slug


class Explanation(Struct, frozen=True):
    """The inputs of one output.

    `kind` is that of its recipe: page, email, feed, opml, sitemap, table, text, static, copy and so on. `templates` are
    those of a page or e-mail, its own first, `sources` the project files that it shows or links to. `fresh` is true if
    the file is as it would be written. `same_event` are the files of other articles that may report the same event as
    that of the page: a hint for the editor.
    """

    path: str
    kind: str
    templates: tuple[str, ...]
    locale: str
    sources: tuple[str, ...]
    key: str
    fresh: bool
    same_event: tuple[str, ...] = ()


def explain(request: BuildRequest, path: str) -> Explanation:
    """Explain the output at `path`, below the site folder. Nothing is rendered, and the site is unchanged.

    Raises ContentError if the content has errors, UsageError for a path that is not planned.
    """
    plan = plan_site(request)
    output = plan.outputs.get(path)
    if output is None:
        hint = _page_of_source(path, plan) or did_you_mean(path, tuple(plan.outputs))
        raise UsageError(f"{path!r} is not a file of the site{hint}")
    with open_writer(request.output_folder) as writer:
        is_fresh = writer.reuse(path, plan.keys[path])
    return _explanation(output, plan, is_fresh=is_fresh)


def _page_of_source(path: str, plan: BuildPlan) -> str:
    """Return a hint with the address of the page of an article or of a copy, for the path of its file; else empty."""
    if path.startswith(f"{STATIC}/") and (copy := path.removeprefix(f"{STATIC}/")) in plan.outputs:
        return f", but published as {site_path(copy)}"
    config = next(iter(plan.contexts.values())).config
    slugs = (article.slug for article in plan.articles.values() if article.path == path)
    addresses = (Urls.of(config, config.locales[0]).article(slug) for slug in slugs)
    shown = next((address for address in addresses if output_path(address) in plan.outputs), None)
    return f", but an article; its page is {shown}" if shown is not None else ""


def _explanation(output: Output, plan: BuildPlan, *, is_fresh: bool) -> Explanation:
    recipe = output.recipe
    references = recipe.references()
    locale = next((plan.contexts[key].locale for key in references.contexts), "")
    templates: tuple[str, ...] = ()
    if isinstance(recipe, PageKind):
        templates = renderer_of(plan.project.theme).templates.reachable(recipe.template, locale)
    sources = references.linked | references.files
    for key in references.articles:
        sources |= {version.path for version in plan.articles[key].versions}
    if isinstance(recipe, CopyFile):
        sources.add(recipe.source)
    return Explanation(
        path=output.path,
        kind=_kind(recipe),
        templates=templates,
        locale=locale,
        sources=tuple(sorted(sources)),
        key=plan.keys[output.path].hex(),
        fresh=is_fresh,
        same_event=_same_event(output.path, plan),
    )


def _same_event(path: str, plan: BuildPlan) -> tuple[str, ...]:
    slug, articles = article_slug(path), plan.articles.values()
    article = next((article for article in articles if article.slug == slug), None)
    return () if article is None else tuple(other.path for other in similar_reports(article, articles))


def _kind(recipe: Recipe) -> str:
    if isinstance(recipe, PageKind):
        return "email" if recipe.template.startswith("email") else "page"
    return type(recipe).__name__.removesuffix("File").lower()
