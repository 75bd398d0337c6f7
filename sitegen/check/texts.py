"""Runs the rules of texts over every document. The results are kept until the file or the configuration changes."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from msgspec import Raw, Struct

from sitegen.builder.cache import ContentCache, cache_in_worker
from sitegen.builder.executor import Pool, Task
from sitegen.builder.reader import parse
from sitegen.builder.run import BuildRun
from sitegen.check.facts import text_facts
from sitegen.check.findings import Finding, Problem
from sitegen.check.model import CheckedText, ExternalLink, TextFacts
from sitegen.check.registry import Checked, Rule, rules_of
from sitegen.config.model import Config
from sitegen.content.articles import source_parts
from sitegen.content.body import Body
from sitegen.content.documents import Document
from sitegen.content.prose import read_blocks
from sitegen.diagnostics import Diagnostic, ExternalError, SourceLocation
from sitegen.util.hashing import Hash, decode, encode, hash_bytes, hash_value
from sitegen.util.paths import read_bytes
from sitegen.util.plugins import each_returned, returned
from sitegen.util.version import program_hash

MAX_FINDINGS: Final = 100
"""Findings of a rule in one text; the rest of a text that is all wrong says nothing new."""
_KEPT: Final = "check_texts"
_PROBLEMS: Final = "problems, each Problem(LOCATION, MESSAGE, HINT)"

Failure = tuple[str, str, str]
"""A rule that raised an error: its code, the path that it looked at, the error."""
Item = tuple[Document, str]
"""A document, and its file."""


class TextResult(Struct, frozen=True, array_like=True):
    """The findings in one text, the facts about it, and the rules that failed."""

    source: Hash
    findings: tuple[Finding, ...]
    facts: TextFacts
    failures: tuple[Failure, ...] = ()


def check_texts(run: BuildRun, config: Config, documents: Mapping[str, Document], pool: Pool) -> dict[str, TextResult]:
    """Return the result for every document without errors, by path."""
    context = hash_bytes(program_hash(), hash_value(config))
    kept_context, kept = _kept_results(run.cache)
    known = kept if kept_context == context else {}
    results = {}
    pending = []
    for path, document in documents.items():
        result = known.get(path)
        if result is not None and result.source == document.source:
            results[path] = result
        elif document.text is not None:
            pending.append(document)
    files = [(document, run.inputs.scan.articles[document.path].file) for document in pending]
    for number, ((document, _), result) in enumerate(pool.map(_task(run, config), files), 1):
        run.progress("check", number, len(files))
        results[document.path] = result
    if pending or len(results) != len(known):
        complete = {path: result for path, result in results.items() if not result.failures}
        run.cache.set_meta(_KEPT, (context, complete))
    return results


def kept_links(cache: ContentCache) -> dict[str, tuple[ExternalLink, ...]]:
    """Return the addresses on other hosts in each file that the last check looked at, by path."""
    _, kept = _kept_results(cache)
    return {path: result.facts.links for path, result in kept.items()}


def _kept_results(cache: ContentCache) -> tuple[Hash | None, dict[str, TextResult]]:
    """Return the hash of what the kept results depend on except the files, and the results by path."""
    return cache.get_meta(_KEPT, tuple[Hash, dict[str, TextResult]]) or (None, {})


def _task(run: BuildRun, config: Config) -> Task[Item, TextResult]:
    folder, encoded = str(run.request.output_folder), Raw(encode(config))
    return Task(
        name=lambda item: item[0].path,
        run=lambda batch: _check_batch(batch, config, run.cache),
        pack=lambda batch: encode((folder, encoded, batch)),
        worker=_check_message,
        unpack=lambda message: decode(message, list[TextResult]),
    )


def _check_message(message: bytes) -> bytes:
    """Check the texts in a message, in a worker."""
    folder, config, batch = decode(message, tuple[str, Config, list[Item]])
    return encode(_check_batch(batch, config, cache_in_worker(folder)))


def _check_batch(batch: Sequence[Item], config: Config, cache: ContentCache) -> list[TextResult]:
    texts = cache.texts({document.text for document, _ in batch if document.text is not None})
    results = []
    for document, file in batch:
        data = read_bytes(document.path, file)
        body = texts.get(document.text or Hash(b"")) or parse(document.path, data, config.content_schema)[1]
        text = checked_text(config, document, decode(body, Body), data) if body is not None else None
        if text is None:
            results.append(TextResult(document.source, (), TextFacts()))
        else:
            findings, failures = run_rules(text, document.path)
            results.append(TextResult(document.source, tuple(findings), text_facts(text), tuple(failures)))
    return results


def checked_text(config: Config, document: Document, body: Body, data: bytes) -> CheckedText | None:
    """Return what the rules of texts see; None for a file without a text."""
    version, parts = document.version, source_parts(document.path, data)
    if version is None or parts is None:
        return None
    source, _, text, _ = parts
    start = len(source.text) - len(text)
    return CheckedText(config, document, version, body, source, read_blocks(text, start), start)


def run_rules(value: Checked, path: str) -> tuple[list[Finding], list[Failure]]:
    """Return what rules find in a value, and which of them failed. `path` names the value in messages."""
    findings: list[Finding] = []
    failures = []
    for rule in rules_of(type(value)):
        try:
            limit = MAX_FINDINGS if isinstance(value, CheckedText) else None
            problems = each_returned(rule.find, rule.find(value), Problem, _PROBLEMS)
            findings += [_finding(rule, problem) for problem in islice(problems, limit)]
        except ExternalError as error:
            failures.append((rule.code, path, str(error)))
        except Exception as error:  # noqa: BLE001 - a rule of a plugin may raise anything, and the others must run
            failures.append((rule.code, path, f"{type(error).__name__}: {error}"))
    return findings, failures


def _finding(rule: Rule, problem: Problem) -> Finding:
    returned(rule.find, problem.location, SourceLocation, _PROBLEMS)
    returned(rule.find, problem.message, str, _PROBLEMS)
    diagnostic = Diagnostic(rule.code, rule.severity, problem.location, problem.message, hint=problem.hint)
    return Finding(diagnostic, problem.edits)
