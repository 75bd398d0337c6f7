"""Reuses the plan of the last build of a process if only texts have changed. `revise` is its only entry.

Planning ten thousand articles takes longer than an editor wants to wait for the preview of one sentence. A text is in a
recipe by its hash only, so the plan of an edited text is the last plan with another hash in a few recipes. Without this
module the preview is the same, and slower (see docs/explanation/performance.md).
"""

from collections.abc import Mapping

from msgspec.structs import replace

from sitegen.builder.executor import Pool
from sitegen.builder.inputs import is_valid_at
from sitegen.builder.plan import BuildPlan, LoadedProject
from sitegen.builder.reader import keep_folders, parse_files, text_hashes
from sitegen.builder.run import BuildRun
from sitegen.content.documents import Document, EditorText, Translation
from sitegen.outputs.recipes import Output, cache_keys
from sitegen.outputs.references import TextHashes, with_texts
from sitegen.outputs.renderer import renderer_of
from sitegen.theme.model import Theme
from sitegen.util.version import program_hash


def revise(project: LoadedProject, run: BuildRun, pool: Pool) -> BuildPlan | None:
    """Return the last plan with the texts of today; None if anything but texts has changed.

    `project` is the project of today.
    """
    plan = run.session.plan if run.session is not None else None
    if plan is None or not _has_same_inputs(plan.project, project) or not is_valid_at(plan.validity, run.request.now):
        return None
    inputs, known = project.inputs, plan.documents
    changed = [path for path in inputs.scan.articles if inputs.hashes.get(path) != known[path].source]
    parsed = parse_files(changed, run, project.schema, pool)
    documents = {**known, **parsed}
    texts_before = {known[path].text for path in parsed}
    run.cache.prune((), {key for key in texts_before if key is not None} - text_hashes(documents))
    keep_folders(run, project.schema, documents, parsed)
    reported = {item.location.path for item in plan.diagnostics}
    texts: dict[str, TextHashes] = {}
    for path, document in parsed.items():
        if path in reported or document.diagnostics or _content(document) != _content(known[path]):
            return None
        texts[path] = (document.text, document.version.markdown if document.version is not None else None)
    return replace(_with_texts(plan, project.theme, texts), project=project, documents=documents)


def _has_same_inputs(last: LoadedProject, project: LoadedProject) -> bool:
    before, inputs = last.inputs, project.inputs
    if (before.config, before.drafts, last.theme_hash) != (inputs.config, inputs.drafts, project.theme_hash):
        return False
    if inputs.diagnostics or before.diagnostics or before.scan.files.keys() != inputs.scan.files.keys():
        return False
    articles = inputs.scan.articles
    return before.scan.articles.keys() == articles.keys() and all(
        entry.stat == before.scan.files[path].stat for path, entry in inputs.scan.files.items() if path not in articles
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


def _with_texts(plan: BuildPlan, theme: Theme, texts: Mapping[str, TextHashes]) -> BuildPlan:
    changed: dict[str, Output] = {}
    for paths in {paths for file in texts for paths in plan.outputs_by_file.get(file, ())}:
        recipe = with_texts(plan.outputs[paths[0]].recipe, texts)
        changed |= {path: replace(plan.outputs[path], recipe=recipe) for path in paths}
    keys = cache_keys(changed.values(), renderer_of(theme), program_hash(), plan.contexts)
    return replace(plan, outputs={**plan.outputs, **changed}, keys={**plan.keys, **keys})
