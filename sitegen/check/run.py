"""`check()`: the findings of all rules. If nothing has changed since the last check, they are those of that check.

What follows a change is in `pipeline`, which is imported only then, as in `builder.build`.
"""

from datetime import UTC
from typing import Final

from sitegen.builder.cache import open_cache
from sitegen.builder.commit import check_output, complete_pending_commit
from sitegen.builder.request import BuildRequest, Progress, no_progress
from sitegen.builder.run import BuildRun, collect_inputs, has_same_inputs
from sitegen.check.findings import CheckResult, LastCheck
from sitegen.util.collector import gc_disabled
from sitegen.util.paths import read_config_bytes

_LAST_CHECK: Final = "last_check"


def check(request: BuildRequest, progress: Progress = no_progress) -> CheckResult:
    """Run all rules over the site that a build would make now. The site is unchanged.

    Raises ContentError for a project that cannot be read, and ExternalError as a build does.
    """
    check_output(request.root, request.output_folder)
    complete_pending_commit(request.output_folder)
    config = read_config_bytes(request.root)
    with gc_disabled(), open_cache(request.output_folder, lambda _note: None) as cache:
        run = BuildRun(request, collect_inputs(request, config, cache), cache, progress=progress)
        day = request.now.astimezone(UTC).date()
        last = cache.get_meta(_LAST_CHECK, LastCheck)
        if last is not None and last.day == day and has_same_inputs(run, last.inputs, last.themes, last.validity):
            return last.result
        from sitegen.check.pipeline import check_changed

        last = check_changed(run, day)
        if last.inputs is not None and not last.result.failures:
            cache.set_meta(_LAST_CHECK, last)
        return last.result
