"""Facts about every file that a build would write: from the site if it is up to date, else rendered in memory."""

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Final

from msgspec.structs import replace

from sitegen.builder.commit import Writer, open_writer
from sitegen.builder.executor import Pool
from sitegen.builder.plan import BuildPlan
from sitegen.builder.render import Put, render
from sitegen.builder.run import BuildRun
from sitegen.check.facts import page_facts
from sitegen.check.model import PageFacts
from sitegen.diagnostics import Diagnostic
from sitegen.outputs.recipes import CopyFile
from sitegen.util.hashing import Hash, decode, encode, hash_bytes

_KEPT: Final = "check_pages"
"""The name of the kept facts: all targets of links, and by path and key of each file its facts with numbers of targets,
because most pages have the same links."""


class _Collector:
    """Looks at the files of a plan; `facts` are those by path, `kept` the same by their names (`_name`)."""

    def __init__(self, plan: BuildPlan, site: Path, writer: Writer, known: Mapping[Hash, PageFacts]) -> None:
        self.facts: dict[str, PageFacts] = {}
        self.kept: dict[Hash, PageFacts] = {}
        self._plan = plan
        self._site = site
        self._writer = writer
        self._known = known
        self._base_url = plan.project.settings.config.base_url
        self._targets = {link: link for facts in known.values() for link in facts.links}

    def reuse(self, path: str, key: bytes) -> bool:
        name = _name(path, key)
        facts = self._known.get(name)
        if facts is None:
            if not self._writer.reuse(path, key):
                return False
            facts = self._facts(path, page_facts(path, (self._site / path).read_bytes(), self._base_url))
        self.kept[name] = self.facts[path] = facts
        return True

    @property
    def put(self) -> Put:
        return partial(_put, self._base_url)

    def accept(self, path: str, key: bytes, stored: bytes) -> None:
        self.kept[_name(path, key)] = self.facts[path] = self._facts(path, decode(stored, PageFacts))

    def _facts(self, path: str, facts: PageFacts) -> PageFacts:
        """Return the facts about a file that rules may judge, with the texts of links that other files share.

        A file that is copied is not made by the build.
        """
        if isinstance(self._plan.outputs[path].recipe, CopyFile):
            return PageFacts(facts.size, is_indexed=False)
        return replace(facts, links=tuple([self._targets.setdefault(link, link) for link in facts.links]))


def _name(path: str, key: bytes) -> Hash:
    """Return a hash of path and cache key: files with one key, such as redirects, have links to their own elements."""
    return hash_bytes(key, path.encode("utf-8", "surrogateescape"))


def _put(base_url: str, _number: int, path: str, data: bytes) -> bytes:
    return encode(page_facts(path, data, base_url))


def collect_pages(run: BuildRun, plan: BuildPlan, pool: Pool) -> tuple[dict[str, PageFacts], list[Diagnostic]]:
    """Return the facts about each file of the plan by path, and the errors of templates. Nothing is written."""
    stored = run.cache.get_meta(_KEPT, tuple[tuple[str, ...], dict[Hash, tuple[PageFacts, tuple[int, ...]]]])
    targets, pages = stored or ((), {})
    known = {key: replace(facts, links=tuple(targets[link] for link in links)) for key, (facts, links) in pages.items()}
    with open_writer(run.request.output_folder) as writer:
        collector = _Collector(plan, run.request.site_folder, writer, known)
        errors = render(run, plan, collector, pool)
    if collector.kept != known:
        numbers: dict[str, int] = {}
        kept = {
            key: (replace(facts, links=()), tuple([numbers.setdefault(link, len(numbers)) for link in facts.links]))
            for key, facts in collector.kept.items()
        }
        run.cache.set_meta(_KEPT, (tuple(numbers), kept))
    return collector.facts, errors
