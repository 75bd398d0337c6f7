"""The table for auditors: what a machine wrote on the site that a build would make."""

from sitegen.builder.cache import open_cache
from sitegen.builder.commit import check_output, complete_pending_commit
from sitegen.builder.executor import open_pool
from sitegen.builder.inputs import BuildRun, collect_inputs
from sitegen.builder.pipeline import plan_changed
from sitegen.builder.request import BuildRequest
from sitegen.content.documents import EditorText, Translation
from sitegen.outputs.machine_parts import MachinePart, machine_parts, version_parts
from sitegen.paths import read_config_bytes
from sitegen.site.urls import Urls


def audit(request: BuildRequest) -> list[MachinePart]:
    """Return the machine-written parts of articles, pages, introductions and their translations, by file.

    Raises ContentError if the content has errors.
    """
    check_output(request.root, request.output_folder)
    complete_pending_commit(request.output_folder)
    config = read_config_bytes(request.root)
    with open_cache(request.output_folder, lambda _note: None) as cache, open_pool(request.jobs) as pool:
        plan = plan_changed(BuildRun(request, collect_inputs(request, config, cache), cache), pool)
    site = plan.project.settings.config
    urls = Urls.of(site, site.locales[0])
    found = list(machine_parts(plan.articles.values(), urls))
    for document in plan.documents.values():
        other = document.other
        is_page = isinstance(other, EditorText) or (isinstance(other, Translation) and not other.id)
        if is_page and document.version is not None:
            found += version_parts(document.version, "", "")
    return sorted(found, key=lambda part: part.file)
