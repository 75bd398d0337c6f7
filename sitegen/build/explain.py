"""Why an output file is as it is: what it is made of, and whether it is stale."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass

from sitegen.build.pipeline import BuildRequest, Planned, Run
from sitegen.build.pool import open_pool
from sitegen.build.writer import open_writer
from sitegen.diagnostics import nearest
from sitegen.digest.values import CopyRecipe, Output, PageRecipe
from sitegen.errors import ContentError, UsageError
from sitegen.render.renderer import renderer_of


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one output is made of.

    `kind` is that of its recipe: page, feed, sitemap, text, static or copy. `templates` are those of a page, its own
    first, `sources` the project files that it shows or links to. `fresh` says whether it stands as it would be written.
    """

    path: str
    kind: str
    templates: tuple[str, ...]
    locale: str
    sources: tuple[str, ...]
    key: str
    fresh: bool


def explain(request: BuildRequest, path: str) -> Explanation:
    """Explain the output at `path`, below the site folder. Nothing is rendered, and the site is left as it is.

    Raises ContentError where the content has errors, UsageError for a path that is not planned.
    """
    run = Run(request)
    with open_pool(request.jobs) as pool:
        planned = run.plan(pool)
    if planned is None:
        raise ContentError(run.findings.sorted())
    table = {output.path: output for output in planned.outputs}
    output = table.get(path)
    if output is None:
        near = nearest(path, tuple(table))
        hint = f"; did you mean {near!r}?" if near is not None else ""
        raise UsageError(f"{path!r} is not a file of the site{hint}")
    with open_writer(run.output) as writer:
        fresh = writer.keep(path, planned.keys[path])
    return _explanation(output, planned, fresh=fresh)


def _explanation(output: Output, planned: Planned, *, fresh: bool) -> Explanation:
    recipe = output.recipe
    templates: tuple[str, ...] = ()
    if isinstance(recipe, PageRecipe):
        templates = renderer_of(planned.theme).templates.reachable(recipe.template, recipe.locale)
    return Explanation(
        path=output.path,
        kind=type(recipe).__name__.removesuffix("Recipe").lower(),
        templates=templates,
        locale=recipe.locale if isinstance(recipe, PageRecipe) else "",
        sources=_sources(output, planned),
        key=planned.keys[output.path].hex(),
        fresh=fresh,
    )


def _sources(output: Output, planned: Planned) -> tuple[str, ...]:
    recipe = output.recipe
    if isinstance(recipe, CopyRecipe):
        return (recipe.source,)
    names: dict[str, str] = {}
    for urls in map(planned.site.urls, planned.site.config.locales):
        for article in planned.site.articles:
            path = urls.article(article.slug)
            names |= {urls.href(path): article.path, urls.absolute(path): article.path}
    return tuple(sorted(set(_named(recipe, names))))


def _named(value: object, names: Mapping[str, str]) -> Iterator[str]:
    """Yield what `names` says of every text in a recipe."""
    if isinstance(value, str):
        if value in names:
            yield names[value]
    elif isinstance(value, tuple):
        for item in value:
            yield from _named(item, names)
    elif is_dataclass(value):
        for entry in fields(value):
            yield from _named(getattr(value, entry.name), names)
