"""The table for auditors: what a machine wrote on the site that a build would make."""

from sitegen.builder.pipeline import plan_site
from sitegen.builder.request import BuildRequest
from sitegen.content.documents import EditorText, Translation
from sitegen.outputs.machine_parts import MachinePart, machine_parts, version_parts


def audit(request: BuildRequest) -> list[MachinePart]:
    """Return the machine-written parts of articles, pages, introductions and their translations, by file.

    Raises ContentError if the content has errors.
    """
    plan = plan_site(request)
    parts = list(machine_parts(plan.articles.values(), plan.project.settings.config))
    for document in plan.documents.values():
        other = document.other
        is_page = isinstance(other, EditorText) or (isinstance(other, Translation) and not other.id)
        if is_page and document.version is not None:
            parts += version_parts(document.version, "", "")
    return sorted(parts, key=lambda part: part.file)
