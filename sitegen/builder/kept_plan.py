"""Keeps the recipes of the last plan that show texts, so that an edited text needs no new plan.

A text is in a recipe by its hash only. If nothing but texts has changed, the plan is the last one with other hashes in
a few recipes; planning everything again takes half of such a build. `keep` and `revise` are the only entries. Without
this module every build gives the same site (docs/decisions/069-kept-recipes.md).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final
from zlib import crc32

from msgspec import DecodeError, Raw, Struct
from msgspec.structs import replace

from sitegen.builder.cache import ContentCache
from sitegen.builder.executor import Pool
from sitegen.builder.manifest import ManifestEntry
from sitegen.builder.plan import BuildPlan, LoadedProject
from sitegen.builder.reader import keep_folder, parse_files, read_folder
from sitegen.builder.run import BuildRun, LastBuild, has_same_inputs
from sitegen.content.articles import Article
from sitegen.content.documents import Document, EditorText, Translation
from sitegen.outputs.plan import recipe_union
from sitegen.outputs.recipes import Output, Recipe, by_recipe, cache_keys
from sitegen.outputs.references import ArticleHash, ContextHash, References, RenderContext, TextHashes, with_texts
from sitegen.outputs.renderer import renderer_of
from sitegen.util.hashing import Hash, decode, encode
from sitegen.util.version import program_hash

PARTS: Final = 256
"""Parts into which the recipes are divided by their path: an edit reads all, and writes a few."""
MAX_TEXTS: Final = 16
"""Texts that are edited at once. A build with more of them plans everything."""
_KEPT: Final = "kept_plan"


class SiteChangedError(Exception):
    """A file of the site is not as in the manifest, so the last plan is not enough."""


class _KeptPlan(Struct, frozen=True, array_like=True):
    """The hash of the manifest to which the kept recipes belong, and the render contexts."""

    manifest: bytes
    contexts: dict[ContextHash, RenderContext]


class _KeptRecipe(Struct, frozen=True, array_like=True):
    """The paths and numbers of the outputs of a recipe, and the encoded recipe. The first path decides its part."""

    outputs: tuple[tuple[str, int], ...]
    recipe: Raw


_Part = tuple[_KeptRecipe, ...]


def keep(
    cache: ContentCache, plan: BuildPlan, previous: Mapping[str, ManifestEntry], before: bytes, manifest: bytes
) -> None:
    """Keep the recipes of a plan whose files are now in the site.

    `previous` are the entries of the manifest before the commit and `before` is its hash, `manifest` the one after it.
    """
    kept = cache.get_meta(_KEPT, _KeptPlan)
    changed = {path for path, key in plan.keys.items() if path not in previous or previous[path].key != key.hex()}
    if plan.revises is not None:
        removed: Collection[str] = ()
    else:
        removed = previous.keys() - plan.keys.keys()
        known = cache.article_hashes()
        added: dict[Hash, Article] = {key: plan.articles[key] for key in plan.articles.keys() - known}
        cache.replace_articles(added, known - plan.articles.keys())
    is_kept = kept is not None and kept.manifest == before
    if is_kept:
        try:
            _keep_recipes(cache, plan, changed, changed.union(removed))
        except (LookupError, DecodeError):
            is_kept = False
    if not is_kept:
        if plan.revises is not None:
            return  # what is kept has the hash of another manifest
        _keep_recipes(cache, plan, plan.keys.keys(), None)
    cache.set_meta(_KEPT, _KeptPlan(manifest, dict(plan.contexts)))


def _keep_recipes(
    cache: ContentCache, plan: BuildPlan, changed: Collection[str], outdated: Collection[str] | None
) -> None:
    """Keep the recipes of the outputs in `changed`, and drop those of `outdated`, or all of them if that is None.

    Raises LookupError, DecodeError if a part is damaged.
    """
    parts: dict[int, list[tuple[Recipe, list[Output]]]]
    parts = {number: [] for number in (range(PARTS) if outdated is None else map(_part_of, outdated))}
    for recipe, members in by_recipe([output for path, output in plan.outputs.items() if path in changed]):
        parts[_part_of(members[0].path)].append((recipe, members))
    for number, group in parts.items():  # one at a time: encoded, those of a large site take much memory
        rows: list[_KeptRecipe] = []
        if outdated is not None:
            kept = decode(_encoded_part(cache, number), _Part)
            rows += [item for item in kept if item.outputs[0][0] not in outdated]
        for recipe, members in group:
            if recipe.references().files:
                outputs = tuple([(output.path, output.number) for output in members])
                rows.append(_KeptRecipe(outputs, Raw(encode(recipe))))
        cache.put_recipes(number, rows)


def _encoded_part(cache: ContentCache, number: int) -> bytes:
    """Return a part of the kept recipes. Raises LookupError if it is damaged."""
    data = cache.recipes(number)
    if data is None:
        raise LookupError(number)
    return data


def _part_of(path: str) -> int:
    return crc32(path.encode("utf-8", "surrogateescape")) % PARTS


def revise(run: BuildRun, project: LoadedProject, last: LastBuild, pool: Pool) -> BuildPlan | None:
    """Return the files that show edited texts, all others being as in the last build.

    None if anything but texts has changed, or what is needed was not kept.
    """
    inputs = run.inputs
    states = {f"{folder}/{state.name}": state.hash for folder, group in inputs.known.items() for state in group}
    if last.themes != project.theme_names or not has_same_inputs(run, last, project.theme_hash, states):
        return None
    changed = [path for path in inputs.scan.articles if inputs.hashes[path] != states[path]]
    if not 0 < len(changed) <= MAX_TEXTS:
        return None
    kept = run.cache.get_meta(_KEPT, _KeptPlan)
    if kept is None or kept.manifest != last.manifest:
        return None
    folders = {path.rpartition("/")[0] for path in changed}
    known: dict[str, Document] = {}
    for folder in folders:
        known |= read_folder(run, project.schema, folder)
    if any(path not in known or known[path].source != states[path] for path in changed):
        return None
    parsed = parse_files(changed, run, project.schema, pool)
    if not _only_texts_differ(known, parsed, {item.location.path for item in last.diagnostics}):
        return None
    try:
        recipes = _recipes_with(run.cache, {text for path in changed if (text := known[path].text) is not None})
        outputs = _revised(recipes, {path: _text_hashes(document) for path, document in parsed.items()})
        articles = _articles(run.cache, outputs, kept.contexts)
    except (LookupError, DecodeError):  # the cache is damaged or from elsewhere
        return None
    documents = known | parsed
    for folder in folders:
        keep_folder(run, project.schema, folder, documents)
    run.cache.update_file_states({key: states for key, states in inputs.refreshed.items() if key not in folders})
    return BuildPlan(
        project=project,
        documents=documents,
        diagnostics=last.diagnostics,
        outputs=outputs,
        keys=cache_keys(outputs.values(), renderer_of(project.theme), program_hash(), kept.contexts),
        contexts=kept.contexts,
        articles=articles,
        validity=last.validity,
        visible=last.articles,
        held_back=last.held_back,
        revises=last.manifest,
    )


def _only_texts_differ(
    known: Mapping[str, Document], parsed: Mapping[str, Document], reported: Collection[str]
) -> bool:
    """Return whether documents have other texts than before and no other difference.

    None of them may have a diagnostic, before (`reported` are the files with any) or now.
    """
    return not any(
        path in reported
        or document.diagnostics
        or document.text is None
        or known[path].text is None
        or _content(document) != _content(known[path])
        for path, document in parsed.items()
    )


def _content(document: Document) -> object:
    """Return everything that a document contributes to a plan except its text."""
    other = document.other
    if document.article is not None:
        return document.article.hash
    if isinstance(other, Translation):
        return replace(other, version=other.version.without_text())
    if isinstance(other, EditorText):
        return replace(other, original=other.original.without_text())
    return document.events


def _text_hashes(document: Document) -> TextHashes:
    return document.text, document.version.markdown if document.version is not None else None


def _recipes_with(cache: ContentCache, texts: Collection[Hash]) -> Iterator[_KeptRecipe]:
    """Yield the recipes that name a text, perhaps with others. Raises LookupError, DecodeError if a part is damaged."""
    for number in range(PARTS):
        data = _encoded_part(cache, number)
        if _has_any(data, texts):
            yield from (item for item in decode(data, _Part) if _has_any(bytes(item.recipe), texts))


def _has_any(data: bytes, texts: Iterable[bytes]) -> bool:
    return any(text in data for text in texts)


def _revised(recipes: Iterable[_KeptRecipe], texts: Mapping[str, TextHashes]) -> dict[str, Output]:
    """Return the outputs of recipes whose texts change, with these in their place. Raises DecodeError."""
    outputs: dict[str, Output] = {}
    for kept in recipes:
        recipe: Recipe = decode(bytes(kept.recipe), recipe_union())
        revised = with_texts(recipe, texts)
        if revised != recipe:
            outputs |= {path: Output(path, revised, number) for path, number in kept.outputs}
    return outputs


def _articles(
    cache: ContentCache, outputs: Mapping[str, Output], contexts: Collection[ContextHash]
) -> dict[ArticleHash, Article]:
    """Return the articles that outputs name. Raises LookupError if one, or a context, is missing or damaged."""
    references = References()
    for recipe, _ in by_recipe(outputs.values()):
        recipe.collect(references)
    articles = {ArticleHash(key): article for key, article in cache.articles(references.articles, Article).items()}
    if articles.keys() != references.articles or not references.contexts <= set(contexts):
        cache.replace_articles({}, references.articles)
        raise LookupError
    return articles
