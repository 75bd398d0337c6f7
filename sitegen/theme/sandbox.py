"""The sandbox of templates: a template reaches values, and neither Python nor much memory.

A macro of a template that is imported without context sees its arguments and labels and nothing else, so its result is
kept for each list of arguments: the entry of an article is rendered once in a locale, and every list of the process
reuses it. See docs/decisions/051-results-of-macros.md.
"""

import re
from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from datetime import date, datetime
from functools import cache, lru_cache, wraps
from types import BuiltinMethodType, MethodType, NoneType
from typing import Any, Final

from jinja2 import Template, nodes, pass_eval_context
from jinja2.compiler import CodeGenerator, Frame
from jinja2.exceptions import SecurityError, TemplateSyntaxError, UndefinedError
from jinja2.filters import do_join, make_attrgetter
from jinja2.runtime import Context, Macro, StrictUndefined, Undefined
from jinja2.sandbox import ImmutableSandboxedEnvironment, is_internal_attribute, modifies_known_mutable
from jinja2.utils import missing
from markupsafe import Markup
from msgspec import Struct

from sitegen.theme.compiler import Compiler, escape_value
from sitegen.theme.messages import TemplateError, Translator, printable, template_error

MAX_SIZE: Final = 10_000_000
"""The largest text or list that a filter, an operator or a method may make: characters or items, estimated before."""
MAX_FRAGMENTS: Final = 8192
"""Results of macros that are kept in each locale, about 1 KB each."""
_SCALARS: Final = frozenset({str, Markup, int, float, bool, NoneType, date, datetime})
_REMOVED_FILTERS: Final = ("safe", "random", "pprint", "format")
_GROWING_FILTERS: Final = (
    *("batch", "center", "indent", "join", "replace", "round", "slice", "tojson", "urlize", "wordwrap", "xmlattr"),
)
_SEQUENCES: Final = (str, bytes, list, tuple)
_GROWING_TYPES: Final = (*_SEQUENCES, int)
_MODULE: Final = re.compile(r"\bsitegen\.(?:\w+\.)+")
_METHODS: Final = (BuiltinMethodType, MethodType)


class SuggestingUndefined(StrictUndefined):
    """The value of an unknown name. Using it raises an error with the allowed names."""

    __slots__ = ()

    def __init__(
        self, hint: str | None = None, obj: Any = missing, name: str | None = None, exc: type = UndefinedError
    ) -> None:
        # Jinja2 calls `exc` with only a message, so the names are bound here.
        def failure(message: str | None = None) -> TemplateError:
            if issubclass(exc, SecurityError):
                return template_error(
                    "template-unsafe",
                    f"templates cannot use {name!r}: it changes values, reads the clock or leads to Python",
                )
            if isinstance(obj, Mapping):
                message = f"there is no {name!r} in these values"
            # A macro that another template lacks has a `hint`, and is not a name of the top.
            allowed = _names_of(obj) if obj is not missing or hint is None else ()
            return template_error("unknown-name", _MODULE.sub("", str(message)), str(name), allowed)

        unbound: Any = failure
        super().__init__(hint, obj, name, unbound)


def _names_of(value: object) -> tuple[str, ...]:
    """Return the names that a template can use in a value."""
    if value is missing:
        return ("site", "page", "label", "label_in")
    if isinstance(value, Mapping):
        return tuple(map(str, value))
    if not isinstance(value, Struct):
        return ()
    own = list(value.__struct_fields__)
    own += [name for name, member in vars(type(value)).items() if isinstance(member, property)]
    return tuple(sorted(own))


_CLOCK: Final = frozenset({"now", "today", "utcnow"})
"""Methods of dates that read the clock: a page would depend on when it was rendered."""
_SAMPLES: Final[tuple[object, ...]] = ([], {}, set(), deque(), type, (item for item in range(0)))
_CHECKED_NAMES: Final = {"format", "format_map", *_CLOCK} | {
    name
    for value in _SAMPLES
    for name in dir(value)
    if is_internal_attribute(value, name) or modifies_known_mutable(value, name)
}
"""Names of attributes that a template cannot use, at least of some values."""


class _Generator(CodeGenerator):
    """Writes into the code what most of a page is made of: attributes that need no check."""

    def visit_Getattr(self, node: nodes.Getattr, frame: Frame) -> None:
        """Write the code for an attribute whose name is known."""
        if node.attr in _CHECKED_NAMES or node.attr.startswith("_"):
            super().visit_Getattr(node, frame)
            return
        self.write("(_value if (_value := getattr(_object := (")
        self.visit(node.node, frame)
        self.write(f"), {node.attr!r}, missing)) is not missing else environment.getattr(_object, {node.attr!r}))")

    def visit_Output(self, node: nodes.Output, frame: Frame) -> None:
        """Write the code for what a template prints. Jinja2 would print constants in its own way."""
        for position, child in enumerate(node.nodes):
            with suppress(nodes.Impossible):
                if not isinstance(child, nodes.TemplateData) and frame.eval_ctx.autoescape:
                    node.nodes[position] = nodes.TemplateData(self._constant(child, frame), lineno=child.lineno)
        super().visit_Output(node, frame)

    def _constant(self, node: nodes.Expr, frame: Frame) -> str:
        """Return a constant as HTML.

        Raises TemplateSyntaxError for a list or a mapping, and Impossible for what is not a constant, or is unknown.
        """
        value = node.as_const(frame.eval_ctx)
        if isinstance(value, Undefined):
            raise nodes.Impossible
        try:
            return str(escape_value(value))
        except TemplateError as error:
            raise TemplateSyntaxError(str(error), node.lineno, self.name, self.filename) from error


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja2's sandbox for views, with limits for the size of values."""

    code_generator_class = _Generator
    intercepted_binops = frozenset({"*", "**", "%"})

    def __init__(self, translator: Translator, compiler: Compiler, **options: Any) -> None:
        super().__init__(autoescape=True, undefined=SuggestingUndefined, loader=compiler, **options)
        self._compiler = compiler
        self._new_imports: list[str] = []
        self._kept_macros: set[Macro] = set()
        # Equal values of two types, such as 1 and true, have different texts.
        self._render_macro = lru_cache(MAX_FRAGMENTS, typed=True)(_render_macro)
        self.globals["label"] = translator.label
        self._loaded: dict[object, Template] = {}
        del self.globals["lipsum"]
        for name in _REMOVED_FILTERS:
            del self.filters[name]
        self.filters["join"] = _join
        self.filters |= {name: _with_limit(self.filters[name]) for name in _GROWING_FILTERS}

    def get_template(self, name: Any, parent: str | None = None, globals: Any = None) -> Template:
        """Return a template. Jinja2 would check several times per page whether one has changed."""
        template = self._loaded.get(name) if globals is None else None
        if template is None:
            template = super().get_template(name, parent, globals)
            self._new_imports += self._compiler.imports(str(template.name))
            if globals is None:
                self._loaded[name] = template
        return template

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Return an attribute, or an undefined value.

        Only a few names need the checks of the sandbox, which would take a fifth of a cold build for all.
        """
        if attribute in _CHECKED_NAMES or attribute[:1] == "_":
            return super().getattr(obj, attribute)
        try:
            return getattr(obj, attribute)
        except AttributeError:
            try:
                return obj[attribute]
            except (TypeError, LookupError):
                return self.undefined(obj=obj, name=attribute)

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        """Return whether a template can use an attribute."""
        reads_clock = attr in _CLOCK and isinstance(obj, date)
        return not reads_clock and super().is_safe_attribute(obj, attr, value)

    def getitem(self, obj: Any, argument: Any) -> Any:
        """Return an item, else an attribute of this name, or an undefined value."""
        try:
            return obj[argument]
        except (TypeError, LookupError):
            is_name = isinstance(argument, str)
            return self.getattr(obj, argument) if is_name else self.undefined(obj=obj, name=argument)

    def call(self, context: Context, function: Any, /, *args: Any, **kwargs: Any) -> Any:
        """Call a function, a macro or a method. Raises TemplateError if the result could be too large."""
        if type(function) is Macro or (type(function) is MethodType and type(function.__self__) is Translator):
            # What `Context.call` does for a function that may want the context takes longer than most macros.
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            if isinstance(function, Macro):
                return self._call_macro(function, args, kwargs)
            return function(*args, **kwargs)
        if isinstance(function, _METHODS) and isinstance(function.__self__, _GROWING_TYPES):
            args = _listed(args)
            _check_size(function.__self__, *args, *kwargs.values())
        if type(function) is BuiltinMethodType:
            kwargs.pop("_block_vars", None)
            kwargs.pop("_loop_vars", None)
            return function(*args, **kwargs)
        return context.call(function, *args, **kwargs)

    def _call_macro(self, macro: Macro, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Return the result of a macro, from an earlier call if it can depend on nothing else."""
        while self._new_imports:
            module = self.get_template(self._new_imports.pop()).module
            self._kept_macros.update(value for value in vars(module).values() if isinstance(value, Macro))
        if macro in self._kept_macros and _are_values(args) and _are_values(kwargs.values()):
            try:
                return self._render_macro(macro, *args, **kwargs)
            except TypeError:  # a view with a mapping has no hash
                pass
        return macro(*args, **kwargs)

    def call_binop(self, context: Context, operator: str, left: Any, right: Any) -> Any:
        """Return the result of an operator. Raises TemplateError if it could be too large."""
        if operator == "%" and isinstance(left, str | bytes):
            raise template_error("template-error", "texts have no operator %; join texts with ~")
        if operator == "**" and isinstance(left, int) and isinstance(right, int):
            _check_size(left.bit_length(), right)
        if operator == "*" and (isinstance(left, _SEQUENCES) or isinstance(right, _SEQUENCES)):
            _check_size(left, right)
        return super().call_binop(context, operator, left, right)

    def wrap_str_format(self, value: Any) -> Callable[..., str] | None:
        """Refuse `str.format`: a width in a text can be of any size."""
        if super().wrap_str_format(value) is not None:
            raise template_error("template-error", "texts have no method format; join texts with ~")
        return None


def _render_macro(macro: Macro, /, *args: Any, **kwargs: Any) -> Any:
    return macro(*args, **kwargs)


def _are_values(values: Iterable[Any]) -> bool:
    """Return whether all values are small and immutable, so that equal ones of the same types give equal results.

    A tuple is one only if it has views and texts: the types of its items are not part of what is compared.
    """
    for value in values:
        kind: Any = type(value)
        if kind is tuple:
            if not all(map(_is_view_or_text, map(type, value))):
                return False
        elif kind not in _SCALARS and not _is_view_or_text(kind):
            return False
    return True


@cache
def _is_view_or_text(kind: type) -> bool:
    """Return whether a type is that of a text, or of a view that keeps its hash: those that several pages show.

    Other views have whole texts or lists. To look them up would cost more than it saves, and their results would
    replace those of views that come again.
    """
    return kind is str or (issubclass(kind, Struct) and kind.__struct_config__.cache_hash)


@pass_eval_context
def _join(context: nodes.EvalContext, value: Iterable[Any], d: str = "", attribute: str | int | None = None) -> str:
    """Join values, as the filter of Jinja2 does, but none that is not a text."""
    if attribute is not None:
        value = map(make_attrgetter(context.environment, attribute), value)
    joined: str = do_join(context, [printable(item) for item in value], d)
    return joined


def _with_limit(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a filter that raises TemplateError if its result could be too large."""

    @wraps(function)
    def limited(*args: Any, **kwargs: Any) -> Any:
        args = _listed(args)
        _check_size(*args, *kwargs.values())
        return function(*args, **kwargs)

    return limited


def _listed(values: Iterable[Any]) -> tuple[Any, ...]:
    """Return arguments with a list in the place of each iterator, whose items could not be counted and then used."""
    return tuple([list(value) if isinstance(value, Iterator) else value for value in values])


def _check_size(*values: object) -> None:
    """Raise TemplateError if the product of sizes, which bounds the size of a result, is too large."""
    size = 1
    for value in values:
        size *= max(1, abs(value) if isinstance(value, int) else _length(value))
    if size > MAX_SIZE:
        raise template_error("template-error", f"this would make a text or list of more than {MAX_SIZE:,} parts")


def _length(value: object) -> int:
    """Return the number of characters in a text, or in all texts of a collection; 1 for any other value."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, Mapping):
        return _length(value.keys()) + _length(value.values())
    return sum(map(_length, value)) if isinstance(value, Collection) else 1
