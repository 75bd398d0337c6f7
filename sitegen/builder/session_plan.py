"""Reuses the plan of the last build of a process if only texts have changed. `revise` is its only entry.

Planning ten thousand articles takes longer than an editor wants to wait for the preview of one sentence. A text is in a
recipe by its hash only, so the plan of an edited text is the last plan with another hash in a few recipes. Without this
module the preview is the same, and slower (see docs/explanation/performance.md).
"""

from collections.abc import Mapping
from datetime import datetime

from msgspec.structs import replace

from sitegen.builder.executor import Pool
from sitegen.builder.inputs import BuildRun, Inputs
from sitegen.builder.plan import BuildPlan, LoadedTheme, PlannedBuild
from sitegen.builder.reader import Documents, keep_folders, parse_files
from sitegen.builder.tasks import Document, ParseTask
from sitegen.builder.version import program_hash
from sitegen.content.pages import StaticPage, Translation
from sitegen.diagnostics import Diagnostics
from sitegen.outputs.recipes import TextHashes, with_texts
from sitegen.outputs.renderer import renderer_of
from sitegen.theme.model import Theme


def revise(last: PlannedBuild, run: BuildRun, loaded: LoadedTheme, task: ParseTask, pool: Pool) -> PlannedBuild | None:
    """Return the last plan with the texts of today; None if anything but texts has changed."""
    inputs, theme, plan = run.inputs, loaded.theme, last.plan
    if theme is None or plan is None or not _has_same_inputs(last, inputs, loaded.hash):
        return None
    if not _is_valid_at(plan, run.request.now):
        return None
    known = last.documents.hashes
    changed = [path for path in inputs.scan.articles if inputs.hashes.get(path) != known[path]]
    parsed = parse_files(changed, run, task, pool)
    documents = Documents(
        {**last.documents.by_path, **parsed}, {**known, **{path: item.source for path, item in parsed.items()}}
    )
    texts_before = {last.documents.by_path[path].text for path in parsed}
    run.cache.prune((), {key for key in texts_before if key is not None} - documents.texts)
    keep_folders(run, task, documents, parsed)
    reported = {item.location.path for item in last.diagnostics}
    texts: dict[str, TextHashes] = {}
    for path, document in parsed.items():
        if path in reported or document.diagnostics or _content(document) != _content(last.documents.by_path[path]):
            return None
        texts[path] = (document.text, document.article.markdown if document.article is not None else None)
    diagnostics = Diagnostics()
    diagnostics.extend(last.diagnostics)
    return PlannedBuild(inputs, diagnostics, task, documents, loaded, _with_texts(plan, theme, texts))


def _has_same_inputs(last: PlannedBuild, inputs: Inputs, theme_hash: bytes) -> bool:
    before = last.inputs
    if (before.config, before.drafts, last.loaded.hash) != (inputs.config, inputs.drafts, theme_hash):
        return False
    if inputs.diagnostics or before.diagnostics or before.scan.files.keys() != inputs.scan.files.keys():
        return False
    articles = inputs.scan.articles
    return before.scan.articles.keys() == articles.keys() and all(
        entry.stat == before.scan.files[path].stat for path, entry in inputs.scan.files.items() if path not in articles
    )


def _is_valid_at(plan: BuildPlan, now: datetime) -> bool:
    return (plan.since is None or plan.since <= now) and (plan.until is None or now < plan.until)


def _content(document: Document) -> object:
    """Return everything that a document contributes to a plan except its text."""
    other = document.other
    if document.article is not None:
        return document.article.hash
    if isinstance(other, Translation):
        return replace(other, version=other.version.without_text())
    if isinstance(other, StaticPage):
        return replace(other, original=other.original.without_text())
    return None


def _with_texts(plan: BuildPlan, theme: Theme, texts: Mapping[str, TextHashes]) -> BuildPlan:
    paths = {path for file in texts for path in plan.outputs_by_file.get(file, ())}
    changed = {path: replace(plan.outputs[path], recipe=with_texts(plan.outputs[path].recipe, texts)) for path in paths}
    keys = renderer_of(theme).keys(changed.values(), program_hash(), plan.contexts)
    return replace(plan, outputs={**plan.outputs, **changed}, keys={**plan.keys, **keys})
