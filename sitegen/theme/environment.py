"""HTML pages by Jinja2: a template sees `site` and `page`, escapes everything, and its mistakes have a line."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from hashlib import blake2b
from html import unescape
from types import MappingProxyType, TracebackType
from typing import Any, Final, NamedTuple, Protocol, runtime_checkable

from jinja2 import Environment, FunctionLoader, StrictUndefined, UndefinedError, nodes
from jinja2.exceptions import TemplateNotFound, TemplateSyntaxError
from jinja2.meta import find_referenced_templates
from jinja2.utils import missing
from msgspec import Struct

from sitegen.diagnostics import Diagnostic, Diagnostics, Severity, SourceLocation, SourceText, closest_match
from sitegen.theme import messages as words
from sitegen.theme.feed_labels import PLACEHOLDERS, PREFIX
from sitegen.theme.messages import LabelValueError, MissingLabelError, Translator
from sitegen.theme.model import Template, Theme
from sitegen.util.hashing import HASH_BYTES


class TemplateError(Exception):
    """A template could not be read or rendered; `diagnostic` names its file and line."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        super().__init__(diagnostic.message)
        self.diagnostic = diagnostic

    def __reduce__(self) -> tuple[Any, ...]:
        return TemplateError, (self.diagnostic,)


class _UnknownNameError(UndefinedError):
    """A template names something that its view does not have."""

    def __init__(self, name: str, allowed: tuple[str, ...], message: str | None = None) -> None:
        super().__init__(message)
        self.name = name
        self.allowed = allowed


class SuggestingUndefined(StrictUndefined):
    """What a name that does not exist stands for: fails when it is used, and remembers what would have been right."""

    __slots__ = ()

    def __init__(
        self,
        hint: str | None = None,
        obj: Any = missing,
        name: str | None = None,
        exc: Callable[..., Exception] | None = None,  # noqa: ARG002
    ) -> None:
        # Jinja2 only calls `exc` with a message, so what it raises may carry more.
        failure: Any = partial(_UnknownNameError, str(name), _names_of(obj))
        super().__init__(hint, obj, name, failure)


def _names_of(value: object) -> tuple[str, ...]:
    """Return the names that a template may ask a view for."""
    if value is missing:
        return ("site", "page", "label")
    if isinstance(value, AssetNames):
        return value.names()
    if not isinstance(value, Struct):
        return ()
    own = list(value.__struct_fields__)
    own += [name for name, member in vars(type(value)).items() if isinstance(member, property)]
    return tuple(sorted(own))


@runtime_checkable
class AssetNames(Protocol):
    """A mapping of asset names to addresses, as a template sees it."""

    def names(self) -> tuple[str, ...]:
        """Return the known names."""
        ...


class PageFilter(NamedTuple):
    """A filter that a caller adds: called with the translator, then the filtered value; the labels that it needs."""

    function: Callable[..., object]
    labels: tuple[str, ...]


_MODULE: Final = re.compile(r"\bsitegen\.(?:\w+\.)+")


class Templates:
    """The templates of one theme, ready to render. `filters` are added to those of the environment."""

    def __init__(self, theme: Theme, filters: Mapping[str, PageFilter] = MappingProxyType({})) -> None:
        self._theme = theme
        self._filters = filters
        self._templates = {template.name: template for template in theme.templates}
        self._by_path = {template.path: template for template in theme.templates}
        self._environments: dict[str, Environment] = {}
        self._closures: dict[tuple[str, str], bytes] = {}
        self._references: dict[str, tuple[str | None, ...]] = {}

    def render(self, name: str, locale: str, site: object, page: object) -> bytes:
        """Return the page as UTF-8. Raises TemplateError."""
        try:
            template = self._environment(locale).get_template(name)
            text = template.render(site=site, page=page)
            # Plain text is escaped like any other, so that no template can be one where nothing is, and then read.
            return (unescape(text) if name.endswith(".txt") else text).encode()
        except OSError:  # a template opens no file: a library is read late, and the system refuses it
            raise
        except Exception as error:
            raise TemplateError(self._diagnose(error, name)) from error

    def dependency_hash(self, name: str, locale: str) -> bytes:
        """Return the digest of everything a template is made of: itself, what it includes, the locale's words."""
        known = self._closures.get((name, locale))
        if known is None:
            environment = self._environment(locale)
            digest = blake2b(digest_size=HASH_BYTES)
            for template in sorted(self._reachable(name, environment), key=lambda template: template.name):
                digest.update(repr((template.name, template.source)).encode())
            digest.update(repr(sorted(self._theme.messages(locale).items())).encode())
            known = self._closures[name, locale] = digest.digest()
        return known

    def reachable(self, name: str, locale: str) -> tuple[str, ...]:
        """Return the names of a template and of all that it includes, itself first."""
        found = {template.name for template in self._reachable(name, self._environment(locale))}
        return (name, *sorted(found - {name}))

    def check(
        self, required: Iterable[str], locales: tuple[str, ...], diagnostics: Diagnostics, *, whole: bool = True
    ) -> None:
        """Report `required` templates that are missing, syntax errors, and labels that are missing in one of `locales`.

        Where the theme could not be read as a `whole`, nothing is called missing.
        """
        theme_path = f"themes/{self._theme.name}"
        for name in required if whole else ():
            if name not in self._templates:
                diagnostics.error(
                    "missing-template",
                    SourceLocation(f"{theme_path}/templates/{name}"),
                    f"the theme {self._theme.name!r} and its parents have no template {name!r}",
                )
        for locale in locales if whole else ():
            if not self._theme.messages(locale):
                known = tuple(entry.locale for entry in self._theme.words)
                message = f"the theme {self._theme.name!r} has no words for the locale {locale!r}"
                diagnostics.error(
                    "missing-locale",
                    SourceLocation(f"{theme_path}/locale/{locale}.yaml"),
                    message,
                    got=locale,
                    allowed=known,
                )
            self._check_feed_words(locale, diagnostics)
        asked: _Asked = {}
        pending = [template for template in self._theme.templates if not template.below]
        checked = set(pending)
        while pending:
            template = pending.pop(0)
            self._check_template(template, locales, asked, diagnostics, whole=whole)
            # What another template stands in for is used where one asks for it by its parent's name.
            others = (self._templates.get(name or "") for name in self._references.get(template.name, ()))
            below = [other for other in others if other is not None and other not in checked]
            pending += below
            checked.update(below)
        if whole:
            self._check_labels(asked, locales, diagnostics)

    def _check_feed_words(self, locale: str, diagnostics: Diagnostics) -> None:
        """Report what feeds say by themselves and the theme does not have in a locale, in one finding."""
        known = self._theme.messages(locale)
        lacking = [key for key in (f"{PREFIX}{name}" for name in PLACEHOLDERS) if key not in known]
        if known and lacking:
            location = SourceLocation(f"themes/{self._theme.name}/locale/{locale}.yaml")
            message = (
                f"the theme has no label {', '.join(lacking)} in the locale {locale!r}; feeds need what begins with"
            )
            diagnostics.error("missing-label", location, f"{message} {PREFIX!r}", hint="see themes/README.md")

    def _check_labels(self, asked: "_Asked", locales: tuple[str, ...], diagnostics: Diagnostics) -> None:
        """Report labels that are missing: where they are asked for if no locale has them, else in the locale's file."""
        tables = {locale: self._theme.messages(locale) for locale in locales}
        for key, locations in asked.items():
            nowhere = not any(key in known for known in tables.values())
            for locale, known in tables.items():
                found = self._theme.catalog_of(locale)
                if found is None or not known or key in known:
                    continue
                if nowhere:
                    message = f"the theme has no label {key!r} in the locale {locale!r}"
                    for source, line in locations:
                        diagnostics.error(
                            "missing-label", source.location(line), message, got=key, allowed=sorted(known)
                        )
                else:
                    source, line = locations[0]
                    message = f"the label {key!r} is missing in the locale {locale!r}"
                    hint = f"{source.path}, line {line}, asks for it"
                    diagnostics.error(
                        "missing-label", SourceLocation(found.path), message, got=key, allowed=sorted(known), hint=hint
                    )

    def _check_template(
        self, template: Template, locales: tuple[str, ...], asked: "_Asked", diagnostics: Diagnostics, *, whole: bool
    ) -> None:
        environment = self._environment(locales[0] if locales else "en")
        try:
            tree = environment.parse(template.source, template.name, template.path)
            environment.compile(tree, template.name, template.path)
        except OSError:  # see `render`
            raise
        except Exception as error:  # noqa: BLE001 - nested too deep for Jinja2 or for Python, it is the theme's mistake
            diagnostics.extend([self._diagnose(error, template.name)])
            return
        source = SourceText(template.path, template.source)
        for node in tree.find_all(nodes.ScopedEvalContextModifier):
            diagnostics.error(
                "template-escape", source.location(node.lineno), "everything is escaped; this cannot be turned off"
            )
        self._references[template.name] = tuple(find_referenced_templates(tree))
        for other in self._references[template.name]:
            if whole and other is not None and other not in self._templates:
                line = next(n.lineno for n in tree.find_all(_REFERENCES) if _names_template(n, other))
                message = f"there is no template {other!r}"
                diagnostics.error(
                    "missing-template", source.location(line), message, got=other, allowed=list(self._templates)
                )
        for key, line in _labels(tree, self._filters):
            asked.setdefault(key, []).append((source, line))

    def _environment(self, locale: str) -> Environment:
        environment = self._environments.get(locale)
        if environment is None:
            environment = self._environments[locale] = self._make(Translator(locale, self._theme.messages(locale)))
        return environment

    def _make(self, translator: Translator) -> Environment:
        environment = Environment(
            loader=FunctionLoader(self._load),
            autoescape=True,
            undefined=SuggestingUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            auto_reload=False,
            cache_size=-1,
        )
        del environment.globals["lipsum"]
        for name in ("safe", "random", "pprint"):
            del environment.filters[name]
        environment.globals["label"] = translator.label
        environment.filters["date"] = lambda value, style="long": words.format_date_(value, style, translator.tag)
        environment.filters["month"] = lambda value, style="long": words.show_month(value, translator.tag, style)
        environment.filters["day"] = lambda value: words.show_day(value, translator.tag)
        environment.filters["time"] = lambda value: words.show_time(value, translator.tag)
        environment.filters["lang"] = lambda value, around=translator.tag: words.language_attributes(value, around)
        environment.filters["number"] = lambda value: words.show_number(value, translator.tag)
        for name, entry in self._filters.items():
            environment.filters[name] = partial(entry.function, translator)
        environment.filters["percent"] = lambda value: words.show_percent(value, translator.tag)
        return environment

    def _load(self, name: str) -> tuple[str, str, Callable[[], bool]] | None:
        template = self._templates.get(name)
        return None if template is None else (template.source, template.path, lambda: True)

    def _reachable(self, name: str, environment: Environment) -> set[Template]:
        found: set[Template] = set()
        pending = [name]
        while pending:
            template = self._templates.get(pending.pop())
            if template is not None and template not in found:
                found.add(template)
                names = self._references.get(template.name)
                if names is None:
                    names = tuple(find_referenced_templates(environment.parse(template.source)))
                    self._references[template.name] = names
                # A name that is made up as the page is rendered could be any template of the theme.
                pending += list(self._templates) if None in names else [other for other in names if other]
        return found

    def _diagnose(self, error: Exception, name: str) -> Diagnostic:
        code, message, got, allowed = _explain(error)
        path, line = self._where(error, name)
        known = self._by_path.get(path)
        location = SourceText(path, known.source).location(line) if known else SourceLocation(path, line)
        near = None if got is None else closest_match(got, allowed)
        return Diagnostic(code, Severity.ERROR, location, message, allowed, near)

    def _where(self, error: Exception, name: str) -> tuple[str, int]:
        if isinstance(error, TemplateSyntaxError):
            return error.filename or self._path(error.name or name), error.lineno
        for path, line in reversed(list(_frames(error.__traceback__))):
            if path in self._by_path:
                return path, line
        return self._path(name), 1

    def path(self, name: str) -> str:
        """Return where a template stands, as diagnostics show it."""
        return self._path(name)

    def _path(self, name: str) -> str:
        template = self._templates.get(name)
        return template.path if template else f"themes/{self._theme.name}/templates/{name}"


_Asked = dict[str, list[tuple[SourceText, int]]]
"""Labels, with the places that ask for each."""
_REFERENCES: Final = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)


def _names_template(node: nodes.Node, name: str) -> bool:
    return any(const.value == name for const in node.find_all(nodes.Const))


def _labels(tree: nodes.Template, filters: Mapping[str, PageFilter]) -> Iterator[tuple[str, int]]:
    """Return the keys of all labels that a template asks for by a constant or by a filter, with their lines."""
    for used in tree.find_all(nodes.Filter):
        if used.name in filters:
            yield from ((key, used.lineno) for key in filters[used.name].labels)
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name == "label" and call.args:
            first = call.args[0]
            if isinstance(first, nodes.Const) and isinstance(first.value, str):
                yield first.value, call.lineno


def _frames(traceback: TracebackType | None) -> Iterator[tuple[str, int]]:
    while traceback is not None:
        yield traceback.tb_frame.f_code.co_filename, traceback.tb_lineno
        traceback = traceback.tb_next


def _explain(error: Exception) -> tuple[str, str, str | None, tuple[str, ...]]:
    """Return code, message, what was written and what would have been right."""
    if isinstance(error, _UnknownNameError):
        return "unknown-name", _MODULE.sub("", str(error)), error.name, error.allowed
    if isinstance(error, MissingLabelError):
        return "missing-label", str(error), error.key, error.known
    if isinstance(error, LabelValueError):
        return "bad-label", str(error), None, ()
    if isinstance(error, TemplateNotFound):
        return "missing-template", f"there is no template {error.name!r}", None, ()
    if isinstance(error, TemplateSyntaxError):
        message = error.message or "not a template"
        if "No filter named 'safe'" in message:
            message = "there is no filter 'safe': everything is escaped; fields called html are safe already"
        return "template-syntax", message, None, ()
    if isinstance(error, SyntaxError):
        return "template-syntax", "the template is nested too deep", None, ()
    if isinstance(error, RecursionError):
        return "template-error", "the template is nested too deep, or includes itself", None, ()
    return "template-error", f"{type(error).__name__}: {error}", None, ()
