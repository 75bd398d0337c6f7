"""Keeps the recipes of the last plan that show articles, so that an edited text or title needs no new plan.

Articles and texts are in a recipe by their hashes only. If nothing but texts, titles and summaries has changed, the
plan is the last one with other hashes in some recipes; planning everything again takes half of such a build. `keep` and
`revise` are the only entries. Without this module every build gives the same site (docs/decisions/069-kept-recipes.md).
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Final
from zlib import crc32

from msgspec import DecodeError, Raw
from msgspec.structs import replace

from sitegen.builder.cache import ContentCache
from sitegen.builder.executor import Pool
from sitegen.builder.manifest import ManifestEntry
from sitegen.builder.plan import BuildPlan, LoadedProject
from sitegen.builder.reader import keep_folder, parse_files, read_folder
from sitegen.builder.run import BuildRun, LastBuild, has_same_inputs
from sitegen.content.articles import Article
from sitegen.content.documents import Document, EditorText, Translation
from sitegen.diagnostics import Diagnostics
from sitegen.outputs.page_kind import has_plugins
from sitegen.outputs.plan import recipe_union
from sitegen.outputs.recipes import Output, Recipe, by_recipe, cache_keys
from sitegen.outputs.references import ArticleHash, ContextHash, References, RenderContext, TextHashes, with_texts
from sitegen.outputs.renderer import renderer_of
from sitegen.site.translations import attach_translations
from sitegen.util.hashing import Hash, decode, encode
from sitegen.util.version import program_hash

PARTS: Final = 256
"""Parts into which the recipes are divided by their path: an edit reads all, and writes a few."""
MAX_TEXTS: Final = 16
"""Texts that are edited at once. A build with more of them plans everything."""
_KEPT: Final = "kept_plan"


class SiteChangedError(Exception):
    """A file of the site is not as in the manifest, so the last plan is not enough."""


_KeptRecipe = tuple[tuple[tuple[str, int], ...], Raw]
"""The paths and numbers of the outputs of a recipe, and the encoded recipe. The first path decides its part."""
_Part = tuple[_KeptRecipe, ...]


def keep(
    cache: ContentCache, plan: BuildPlan, previous: Mapping[str, ManifestEntry], before: bytes, manifest: bytes
) -> None:
    """Keep the recipes of a plan whose files are now in the site.

    `previous` are the entries of the manifest before the commit and `before` is its hash, `manifest` the one after it.
    """
    kept_manifest, _ = _kept(cache)
    changed = {path for path, key in plan.keys.items() if path not in previous or previous[path].key != key.hex()}
    known = cache.article_hashes()
    added: dict[Hash, Article] = {key: plan.articles[key] for key in plan.articles.keys() - known}
    if plan.revises is not None:
        removed: Collection[str] = ()
        cache.replace_articles(added, ())
    else:
        removed = previous.keys() - plan.keys.keys()
        cache.replace_articles(added, known - plan.articles.keys())
    is_kept = kept_manifest == before
    if is_kept:
        try:
            _keep_recipes(cache, plan, changed, changed.union(removed))
        except (LookupError, DecodeError):
            is_kept = False
    if not is_kept:
        if plan.revises is not None:
            return  # what is kept has the hash of another manifest
        _keep_recipes(cache, plan, plan.keys.keys(), None)
    cache.set_meta(_KEPT, (manifest, plan.contexts))


def _kept(cache: ContentCache) -> tuple[bytes | None, dict[ContextHash, RenderContext]]:
    """Return the hash of the manifest to which the kept recipes belong, None without any, and the render contexts."""
    return cache.get_meta(_KEPT, tuple[bytes, dict[ContextHash, RenderContext]]) or (None, {})


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
            rows += [(outputs, recipe) for outputs, recipe in kept if outputs[0][0] not in outdated]
        for recipe, members in group:
            references = recipe.references()
            if references.articles or references.files:
                outputs = tuple([(output.path, output.number) for output in members])
                rows.append((outputs, Raw(encode(recipe))))
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
    """Return the files that show edited texts and titles, all others being as in the last build.

    None if anything else has changed, or what is needed was not kept.
    """
    inputs = run.inputs
    states = {f"{folder}/{state.name}": state.hash for folder, group in inputs.known.items() for state in group}
    if last.themes != project.theme_names or not has_same_inputs(run, last, project.theme_hash, states):
        return None
    changed = [path for path in inputs.scan.articles if inputs.hashes[path] != states[path]]
    if not 0 < len(changed) <= MAX_TEXTS:
        return None
    kept_manifest, contexts = _kept(run.cache)
    if kept_manifest != last.manifest:
        return None
    folders = {path.rpartition("/")[0] for path in changed}
    known: dict[str, Document] = {}
    for folder in folders:
        known |= read_folder(run, project.schema, folder)
    if any(path not in known or known[path].source != states[path] for path in changed):
        return None
    parsed = parse_files(changed, run, project.schema, pool)
    reported = {item.location.path for item in last.diagnostics}
    if any(path in reported or parsed[path].diagnostics or parsed[path].text is None for path in changed):
        return None
    documents = known | parsed
    edited = _edited_articles(run, project, known, documents)
    if edited is None or (edited and has_plugins()):  # a plan of a plugin can depend on titles
        return None
    try:
        if run.cache.articles(edited, Article).keys() != edited.keys():
            return None  # the site does not show it, or not all of it yet
        texts = [text for path in changed if (text := known[path].text) is not None]
        recipes = _recipes_with(run.cache, {*texts, *edited})
        outputs = _revised(recipes, {path: _text_hashes(document) for path, document in parsed.items()}, edited)
        articles = _articles(run.cache, outputs, contexts, edited.values())
    except (LookupError, DecodeError):  # the cache is damaged or from elsewhere
        return None
    for folder in folders:
        keep_folder(run, project.schema, folder, documents)
    # If another file has one of these texts, it is parsed again when it is needed.
    run.cache.prune((), set(texts) - {document.text for document in documents.values()})
    run.cache.replace_articles({}, edited)
    run.cache.update_file_states({key: states for key, states in inputs.refreshed.items() if key not in folders})
    return BuildPlan(
        project=project,
        documents=documents,
        diagnostics=last.diagnostics,
        outputs=outputs,
        keys=cache_keys(outputs.values(), renderer_of(project.theme), program_hash(), contexts),
        contexts=contexts,
        articles=articles,
        validity=last.validity,
        visible=last.articles,
        held_back=last.held_back,
        revises=last.manifest,
    )


def _edited_articles(
    run: BuildRun, project: LoadedProject, known: Mapping[str, Document], documents: Mapping[str, Document]
) -> dict[Hash, Article] | None:
    """Return the articles with another title, summary or excerpt, by their hash before.

    None if `documents` differ from the `known` ones of these folders in more than these and texts.
    """
    edited: dict[Hash, Article] = {}
    before, after = (_site_articles(run, project, group.values()) for group in (known, documents))
    for path, document in documents.items():
        original = document.other.original if isinstance(document.other, Translation) else path
        old, new = before.get(original), after.get(original)
        if old is None or new is None:
            if _content(document) != _content(known[path]):
                return None
        elif old.hash != new.hash:
            if old.planned().hash != new.planned().hash:
                return None
            edited[old.hash] = new
    return edited


def _site_articles(run: BuildRun, project: LoadedProject, documents: Iterable[Document]) -> dict[str, Article]:
    """Return the articles of whole folders by path, with their translations, as the site has them."""
    articles = [document.article for document in documents if document.article is not None]
    translations = [document.other for document in documents if isinstance(document.other, Translation)]
    files = frozenset(run.inputs.scan.files)
    config, ignored = project.settings.config, Diagnostics()
    translated, _ = attach_translations(articles, (), translations, config=config, files=files, diagnostics=ignored)
    return {article.path: article for article in translated}


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


def _recipes_with(cache: ContentCache, hashes: Collection[Hash]) -> Iterator[_KeptRecipe]:
    """Yield the recipes that have one of these hashes. Raises LookupError, DecodeError if a part is damaged."""
    for number in range(PARTS):
        data = _encoded_part(cache, number)
        if _has_any(data, hashes):
            yield from (item for item in decode(data, _Part) if _has_any(bytes(item[1]), hashes))


def _has_any(data: bytes, hashes: Iterable[bytes]) -> bool:
    return any(key in data for key in hashes)


def _revised(
    recipes: Iterable[_KeptRecipe], texts: Mapping[str, TextHashes], edited: Mapping[Hash, Article]
) -> dict[str, Output]:
    """Return the outputs of recipes that change, with new hashes of texts and articles. Raises DecodeError."""
    outputs: dict[str, Output] = {}
    for members, encoded in recipes:
        data = before = bytes(encoded)
        for old, article in edited.items():
            data = data.replace(old, article.hash)  # no two articles have the same hash; texts can have
        recipe: Recipe = decode(data, recipe_union())
        revised = with_texts(recipe, texts)
        if data != before or revised != recipe:
            outputs |= {path: Output(path, revised, number) for path, number in members}
    return outputs


def _articles(
    cache: ContentCache, outputs: Mapping[str, Output], contexts: Collection[ContextHash], edited: Iterable[Article]
) -> dict[ArticleHash, Article]:
    """Return the articles that outputs name, of which `edited` are new.

    Raises LookupError if one, or a context, is missing or damaged.
    """
    references = References()
    for recipe, _ in by_recipe(outputs.values()):
        recipe.collect(references)
    articles = {ArticleHash(article.hash): article for article in edited}
    kept = cache.articles(references.articles - articles.keys(), Article)
    articles |= {ArticleHash(key): article for key, article in kept.items()}
    if articles.keys() != references.articles or not references.contexts <= set(contexts):
        cache.replace_articles({}, references.articles)
        raise LookupError
    return articles
