"""The registry of rules. Modules of `sitegen.check.rules` and plugins fill it."""

from collections.abc import Callable, Iterable
from enum import StrEnum
from typing import Any, Final, TypeVar

from msgspec import Struct

from sitegen.check.findings import Problem
from sitegen.check.model import CheckedLink, CheckedSite, CheckedText
from sitegen.diagnostics import Severity
from sitegen.util.registry import Registry


class Scope(StrEnum):
    """The value that a rule sees: one text, or the whole site."""

    TEXT = "text"
    """A `CheckedText`. The result depends on nothing else, so it is kept until the file changes."""
    SITE = "site"
    """A `CheckedSite`."""
    LINK = "link"
    """A `CheckedLink`, only with `--external`."""


class Rule(Struct, frozen=True):
    """A rule: its code, its default severity, its group (the module that defines it), and the function that finds."""

    code: str
    severity: Severity
    scope: Scope
    group: str
    find: Callable[[Any], Iterable[Problem]]


RULES: Final = Registry[Rule]("sitegen.check.rules")

TextFunction = TypeVar("TextFunction", bound=Callable[[CheckedText], Iterable[Problem]])
SiteFunction = TypeVar("SiteFunction", bound=Callable[[CheckedSite], Iterable[Problem]])
LinkFunction = TypeVar("LinkFunction", bound=Callable[[CheckedLink], Iterable[Problem]])


def text_rule(code: str, severity: Severity) -> Callable[[TextFunction], TextFunction]:
    """Register a function that yields the problems of one text. It must depend on nothing but its argument."""

    def register(function: TextFunction) -> TextFunction:
        RULES.add(code, Rule(code, severity, Scope.TEXT, _group(function), function))
        return function

    return register


def site_rule(code: str, severity: Severity) -> Callable[[SiteFunction], SiteFunction]:
    """Register a function that yields the problems of a site."""

    def register(function: SiteFunction) -> SiteFunction:
        RULES.add(code, Rule(code, severity, Scope.SITE, _group(function), function))
        return function

    return register


def link_rule(code: str, severity: Severity) -> Callable[[LinkFunction], LinkFunction]:
    """Register a function that yields the problems of an address on another host."""

    def register(function: LinkFunction) -> LinkFunction:
        RULES.add(code, Rule(code, severity, Scope.LINK, _group(function), function))
        return function

    return register


def _group(function: Callable[..., object]) -> str:
    return function.__module__.rpartition(".")[2]


def rules_of(scope: Scope) -> tuple[Rule, ...]:
    """Return the rules of a scope, by code."""
    return tuple(rule for rule in RULES.values() if rule.scope is scope)
