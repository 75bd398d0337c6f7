"""Why an output file is as it is: what it is made of, and whether it is stale."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

from sitegen.builder.build import collect_inputs
from sitegen.builder.cache import open_cache
from sitegen.builder.commit import check_output, complete_pending_commit, open_writer
from sitegen.builder.executor import open_pool
from sitegen.builder.inputs import read_config_bytes
from sitegen.builder.plan_cache import BuildPlan
from sitegen.builder.request import BuildRequest
from sitegen.builder.stages import Build
from sitegen.builder.timing import StageTimer
from sitegen.content.articles import Article
from sitegen.content.pages import StaticPage
from sitegen.diagnostics import closest_match
from sitegen.errors import ContentError, UsageError
from sitegen.outputs.recipes import CopyRecipe, EmailRecipe, Output, PageRecipe, RenderContext, ResolvedLink
from sitegen.outputs.renderer import renderer_of
from sitegen.paths import OUTPUT, missing_config_error
from sitegen.util.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Explanation:
    """What one output is made of.

    `kind` is that of its recipe: page, email, feed, opml, sitemap, table, text, static, copy and so on. `templates` are
    those of a page or e-mail, its own first, `sources` the project files that it shows or links to. `fresh` says
    whether it stands as it would be written.
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
    folder = request.output if request.output is not None else request.root / OUTPUT
    check_output(request.root, folder)
    complete_pending_commit(folder)
    config = read_config_bytes(request.root)
    if config is None:
        raise ContentError(missing_config_error().sorted())
    with open_cache(folder, lambda _note: None) as store, open_pool(request.jobs) as pool:
        run = Build(request, folder, collect_inputs(request, config, store), store, StageTimer())
        planned = run.plan(pool, anew=True)
    if planned is None:
        raise ContentError(run.located_diagnostics())
    output = planned.outputs.get(path)
    if output is None:
        near = closest_match(path, tuple(planned.outputs))
        hint = f"; did you mean {near!r}?" if near is not None else ""
        raise UsageError(f"{path!r} is not a file of the site{hint}")
    with open_writer(folder) as writer:
        fresh = writer.keep(path, planned.keys[path])
    return _explanation(output, planned, fresh=fresh)


def _explanation(output: Output, planned: BuildPlan, *, fresh: bool) -> Explanation:
    recipe = output.recipe
    context = getattr(recipe, "edition", None)
    templates: tuple[str, ...] = ()
    if isinstance(recipe, PageRecipe | EmailRecipe):
        templates = renderer_of(planned.theme).templates.reachable(recipe.template, recipe.context.locale)
    return Explanation(
        path=output.path,
        kind=type(recipe).__name__.removesuffix("Recipe").lower(),
        templates=templates,
        locale=context.locale if isinstance(context, RenderContext) else "",
        sources=_sources(output),
        key=planned.keys[output.path].hex(),
        fresh=fresh,
    )


def _sources(output: Output) -> tuple[str, ...]:
    recipe = output.recipe
    if isinstance(recipe, CopyRecipe):
        return (recipe.source,)
    return tuple(sorted(set(_articles(recipe))))


def _articles(value: object) -> Iterator[str]:
    """Yield the paths of the articles in a recipe, and of those that its texts link to."""
    if isinstance(value, Article | StaticPage):
        yield value.path
        yield from [version.path for version in value.translations]
    elif isinstance(value, ResolvedLink):
        yield from [value.source] if value.source else []
    elif isinstance(value, tuple):
        for item in value:
            yield from _articles(item)
    elif is_dataclass(value) and not isinstance(value, RenderContext):
        for entry in fields(value):
            yield from _articles(getattr(value, entry.name))
