"""Compiles templates with what is settled before a page is known, and keeps the results of macros.

A label without values is a constant in its locale, so it becomes text when its template is compiled. A macro of a
template that is imported without context sees its arguments and labels and nothing else, so its result is kept for each
list of arguments: the entry of an article is rendered once in a locale, and every list of the process reuses it. See
docs/explanation/performance.md for what both give.
"""

from collections.abc import Mapping, MutableMapping
from datetime import date, datetime
from functools import lru_cache
from types import NoneType
from typing import Any, Final

from jinja2 import BaseLoader, Environment, nodes
from jinja2 import Template as CompiledTemplate
from jinja2.exceptions import TemplateNotFound
from jinja2.runtime import Macro
from jinja2.visitor import NodeTransformer
from markupsafe import Markup, escape
from msgspec import Struct

from sitegen.theme.messages import TemplateError, Translator
from sitegen.theme.model import Template

MAX_FRAGMENTS: Final = 8192
"""Results of macros that are kept in each locale, about 1 KB each."""
_SCALARS: Final = frozenset({str, Markup, int, float, bool, NoneType, date, datetime})


class Fragments:
    """The results of macros that depend on their arguments only, by macro and arguments."""

    def __init__(self) -> None:
        self._new_templates: list[str] = []
        self._macros: set[Macro] = set()
        self._render = lru_cache(MAX_FRAGMENTS)(_render_macro)

    def add(self, name: str) -> None:
        """Add a template that is imported without context."""
        self._new_templates.append(name)

    def call(self, environment: Environment, macro: Macro, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return the result of a macro, from an earlier call if it can depend on nothing else."""
        while self._new_templates:
            module = environment.get_template(self._new_templates.pop()).module
            self._macros.update(value for value in vars(module).values() if isinstance(value, Macro))
        if macro in self._macros and _are_values(args) and _are_values(kwargs.values()):
            try:
                # Equal values of two types, such as 1 and true, have different texts.
                return self._render(macro, tuple(map(type, args)), args, tuple(kwargs.items()))
            except TypeError:  # a view with a mapping has no hash
                pass
        return macro(*args, **kwargs)


def _render_macro(macro: Macro, _: object, args: tuple[Any, ...], kwargs: tuple[tuple[str, Any], ...]) -> Any:
    return macro(*args, **dict(kwargs))


def _are_values(values: Any) -> bool:
    """Return whether all values are immutable, so that equal ones give equal results."""
    for value in values:
        kind = type(value)
        if kind not in _SCALARS and not issubclass(kind, Struct) and (kind is not tuple or not _are_values(value)):
            return False
    return True


class Loader(BaseLoader):
    """Compiles the templates of a theme in one locale."""

    def __init__(self, templates: Mapping[str, Template], translator: Translator, fragments: Fragments) -> None:
        self._templates = templates
        self._translator = translator
        self._fragments = fragments

    def load(
        self,
        environment: Environment,
        name: str,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002 - the name of the base class
    ) -> CompiledTemplate:
        """Return a compiled template. Raises TemplateNotFound and TemplateSyntaxError."""
        found = self._templates.get(name)
        if found is None:
            raise TemplateNotFound(name)
        tree = environment.parse(found.source, name, found.path)
        imports: list[Any] = [*tree.find_all(nodes.Import), *tree.find_all(nodes.FromImport)]
        for node in imports:
            if not node.with_context and isinstance(node.template, nodes.Const):
                self._fragments.add(node.template.value)
        if not _assigns_label(tree):
            tree = _Settled(self._translator).visit(tree)
        code = environment.compile(tree, name, found.path)
        template = environment.template_class.from_code(environment, code, {} if globals is None else globals)
        # Jinja2 creates a `Markup` for each value that it prints, only to join them.
        template.root_render_func.__globals__["escape"] = escape_value
        return template


def escape_value(value: Any) -> str:
    """Return a value as HTML, as `markupsafe.escape` does; a text in a third of the time."""
    if type(value) is str:
        return (
            value.replace("&", "&amp;")
            .replace(">", "&gt;")
            .replace("<", "&lt;")
            .replace("'", "&#39;")
            .replace('"', "&#34;")
        )
    return escape(value)


class _Settled(NodeTransformer):
    """Replaces each label without values by its text."""

    def __init__(self, translator: Translator) -> None:
        self._translator = translator

    def visit_Call(self, node: nodes.Call) -> nodes.Node:  # noqa: N802 - the name that Jinja2 calls
        is_label = isinstance(node.node, nodes.Name) and node.node.name == "label"
        is_fixed = len(node.args) == 1 and not node.kwargs and node.dyn_args is None and node.dyn_kwargs is None
        if is_label and is_fixed and isinstance(node.args[0], nodes.Const):
            try:
                return nodes.Const(self._translator.label(node.args[0].value), lineno=node.lineno)
            except TemplateError:  # reported when the page is rendered
                pass
        return self.generic_visit(node)


def _assigns_label(tree: nodes.Template) -> bool:
    """Return whether a template gives the name `label` to anything else."""
    if any(node.name == "label" and node.ctx != "load" for node in tree.find_all(nodes.Name)):
        return True
    names = [name for node in tree.find_all(nodes.FromImport) for name in node.names]
    targets = [node.target for node in tree.find_all(nodes.Import)]
    macros = [node.name for node in tree.find_all(nodes.Macro)]
    return "label" in {*targets, *macros, *(name[1] if isinstance(name, tuple) else name for name in names)}
