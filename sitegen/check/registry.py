"""The registry of rules. Modules of `sitegen.check.rules` and plugins fill it."""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any, Final, TypeVar

from msgspec import Struct

from sitegen.check.findings import Problem
from sitegen.check.model import CheckedLink, CheckedSite, CheckedText
from sitegen.diagnostics import Severity
from sitegen.util.registry import Registry

Checked = CheckedText | CheckedSite | CheckedLink


class Rule(Struct, frozen=True):
    """A rule: its code, its default severity, its group (the module that defines it), and the function that finds.

    `scope` is the type of the value that it sees: one text, the whole site or, with `--external`, a link.
    """

    code: str
    severity: Severity
    scope: type[Checked]
    group: str
    find: Callable[[Any], Iterable[Problem]]


RULES: Final = Registry[Rule]("sitegen.check.rules")

Function = TypeVar("Function", bound=Callable[[Any], Iterable[Problem]])
TextFunction = TypeVar("TextFunction", bound=Callable[[CheckedText], Iterable[Problem]])
SiteFunction = TypeVar("SiteFunction", bound=Callable[[CheckedSite], Iterable[Problem]])
LinkFunction = TypeVar("LinkFunction", bound=Callable[[CheckedLink], Iterable[Problem]])


def text_rule(code: str, severity: Severity) -> Callable[[TextFunction], TextFunction]:
    """Register a function that yields the problems of one text. It must depend on nothing but its argument.

    Its result is kept until the file changes.
    """
    return partial(_register, code, severity, CheckedText)


def site_rule(code: str, severity: Severity) -> Callable[[SiteFunction], SiteFunction]:
    """Register a function that yields the problems of a site."""
    return partial(_register, code, severity, CheckedSite)


def link_rule(code: str, severity: Severity) -> Callable[[LinkFunction], LinkFunction]:
    """Register a function that yields the problems of an address on another host."""
    return partial(_register, code, severity, CheckedLink)


def _register(code: str, severity: Severity, scope: type[Checked], function: Function) -> Function:
    group = function.__module__.rpartition(".")[2]
    RULES.add(code, Rule(code, severity, scope, group, function))
    return function


def rules_of(scope: type[Checked]) -> tuple[Rule, ...]:
    """Return the rules of a scope, by code."""
    return tuple(rule for rule in RULES.values() if rule.scope is scope)
