"""Renders and checks templates with Jinja2. A template sees `site` and `page`, and everything is escaped."""

import codecs
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from functools import cache, partial
from html import unescape
from traceback import walk_tb
from types import MappingProxyType
from typing import Final

from jinja2 import Environment, nodes, pass_context
from jinja2.exceptions import TemplateNotFound, TemplateSyntaxError
from jinja2.meta import find_referenced_templates
from msgspec.structs import replace

from sitegen.diagnostics import Diagnostics, SourceLocation, SourceText, closest_match
from sitegen.theme import messages
from sitegen.theme.blocks import unused_parts
from sitegen.theme.compiler import Compiler
from sitegen.theme.feed_labels import PLACEHOLDERS, PREFIX
from sitegen.theme.messages import TemplateError, Translator, template_error
from sitegen.theme.model import Message, Template, Theme, locale_of_dates
from sitegen.theme.sandbox import Sandbox
from sitegen.util.hashing import hash_bytes, hash_value
from sitegen.util.user_cache import cache_folder

PageFilter = tuple[Callable[..., object], tuple[str, ...]]
"""An additional filter and its labels. The function is called with the translator and the value."""


codecs.lookup("unicode_escape")  # Jinja2 would import it late, and report a failed import as a syntax error


class Templates:
    """The templates of one theme. `filters` are added to those of the environment."""

    def __init__(self, theme: Theme, filters: Mapping[str, PageFilter] = MappingProxyType({})) -> None:
        self._theme = theme
        self._filters = filters
        self._templates = {template.name: template for template in theme.templates}
        self._by_path = {template.path: template for template in theme.templates}
        self._translator = cache(
            lambda tag: Translator(tag, theme.messages(tag), locale_of_dates(tag, theme.site.date_styles))
        )
        self._environment = cache(self._create_environment)
        self._hashes: dict[tuple[str, str], bytes] = {}
        self._template_hash = cache(lambda template: hash_value((template.name, template.source)))
        self._labels_hash = cache(lambda locale: hash_value(sorted(theme.messages(locale).items())))
        self._compiler = Compiler(self._templates, cache_folder())

    def render(self, name: str, locale: str, site: object, page: object) -> bytes:
        """Return the page as UTF-8. Raises TemplateError."""
        with self._located_errors(name):
            template = self._environment(locale).get_template(name)
            text = template.render(site=site, page=page)
            # Text files are escaped like HTML and then unescaped, so that escaping is never off in a template.
            return (unescape(text) if name.endswith(".txt") else text).encode()

    def dependency_hash(self, name: str, locale: str) -> bytes:
        """Return the hash of a template, of all that it includes, and of the labels of the locale.

        Templates that have the name `label_in` can use the labels of every locale.
        """
        known = self._hashes.get((name, locale))
        if known is None:
            environment = self._environment(locale)
            reached = sorted(self._reachable(name, environment), key=lambda template: template.name)
            parts = [self._template_hash(template) for template in reached]
            parts.append(self._labels_hash(locale))
            if any("label_in" in template.source for template in reached):
                parts.append(hash_value((self._theme.locales, self._theme.labels)))
            known = self._hashes[name, locale] = hash_bytes(*parts)
        return known

    def reachable(self, name: str, locale: str) -> tuple[str, ...]:
        """Return the names of a template and of all that it includes, itself first."""
        names = {template.name for template in self._reachable(name, self._environment(locale))}
        return (name, *sorted(names - {name}))

    def missing_labels(self) -> Iterator[Message]:
        """Yield the labels that templates use and the theme has in no language; the text names the template.

        Raises TemplateError for a template that cannot be parsed.
        """
        known = self._theme.messages("en")
        missing: dict[str, Message] = {}
        for template in self._theme.templates:
            with self._located_errors(template.name):
                tree = self._environment("en").parse(template.source, template.name, template.path)
            for key, line, has_count in _labels(tree, self._filters):
                text = f"no text in any language, used in {template.path}, line {line}"
                if key not in known:
                    missing.setdefault(key, Message(key, (("other", f"{text}{', with {count}' * has_count}"),), ""))
        yield from missing.values()

    def check(
        self,
        required: Iterable[str],
        locales: tuple[str, ...],
        diagnostics: Diagnostics,
        *,
        whole: bool = True,
        packages: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Report `required` templates and labels of `locales` that are missing, and syntax errors.

        If parts of the theme could not be read (`whole` is false), nothing is reported as missing. `packages` is the
        package of each template that a plugin requires.
        """
        theme_path = f"themes/{self._theme.name}"
        required = tuple(required)
        for name in required if whole else ():
            if name not in self._templates:
                message = f"the theme {self._theme.name!r} and its parents have no template {name!r}"
                hint = "create it in a theme of your own; one with `parent: default` has those that it lacks"
                if name in packages:
                    message += f", which the plugin package {packages[name]} needs"
                    hint = "its package should have it in its folder templates; else write one in a theme of your own"
                location = SourceLocation(f"{theme_path}/templates/{name}")
                diagnostics.error("missing-template", location, message, hint=hint)
        if whole and not self._theme.feed_labels():
            known = self._theme.messages(locales[0])
            keys = ", ".join(key for key in (f"{PREFIX}{name}" for name in PLACEHOLDERS) if key not in known)
            location = SourceLocation(f"{theme_path}/locale/{locales[0]}.yaml")
            message = f"the theme has no label {keys or 'of feeds in one language'}, which feeds need"
            diagnostics.error("missing-label", location, message, hint="see `sitegen docs themes`")
        pending = [template for template in self._theme.templates if not template.is_overridden]
        checked, used, count = set(pending), set(required), len(diagnostics)
        trees: dict[str, nodes.Template] = {}
        while pending:
            template = pending.pop(0)
            names = self._check_template(template, locales, diagnostics, trees, whole=whole)
            used.update(name or "" for name in names)  # a computed name could be any
            # An overridden template is only checked if another refers to it.
            others = (self._templates.get(name or "") for name in names)
            referenced = [other for other in others if other is not None and other not in checked]
            pending += referenced
            checked.update(referenced)
        for name in trees:
            self._report_unused(name, trees, diagnostics)
        if whole and len(diagnostics) == count and "" not in used:
            for template in self._theme.templates:
                if template.theme == self._theme.name and template.name not in used:
                    message = f"no page uses the template {template.name!r}"
                    near = closest_match(template.name, tuple(used))
                    location = SourceLocation(template.path)
                    diagnostics.warning("unused-template", location, message, near=near, hint="rename or delete it")

    def _report_unused(self, name: str, trees: Mapping[str, nodes.Template], diagnostics: Diagnostics) -> None:
        source = SourceText(self._templates[name].path, self._templates[name].source)
        for line, block, allowed in unused_parts(name, trees):
            location = _location_of(source, line, block)
            if block:
                message = f"no page shows the block {block!r}, because no parent of this template has it"
                diagnostics.error("unused-part", location, message, got=block, allowed=allowed)
            else:
                message = "no page shows this, because it is outside the blocks of a template with `extends`"
                diagnostics.error("unused-part", location, message, hint="move it into a block")

    def _check_template(
        self,
        template: Template,
        locales: tuple[str, ...],
        diagnostics: Diagnostics,
        trees: dict[str, nodes.Template],
        *,
        whole: bool,
    ) -> tuple[str | None, ...]:
        """Report the problems of a template, and add its tree to `trees`. Return the names of those it refers to."""
        environment = self._environment(locales[0] if locales else "en")
        try:
            with self._located_errors(template.name):
                tree = environment.parse(template.source, template.name, template.path)
                if self._templates[template.name] is template:
                    self._compiler.code(template.name, environment)
                else:
                    environment.compile(tree, template.name, template.path)
        except TemplateError as error:
            diagnostics.extend([error.diagnostic])
            return ()
        trees[template.name] = tree
        source = SourceText(template.path, template.source)
        for node in tree.find_all(nodes.ScopedEvalContextModifier):
            diagnostics.error(
                "template-escape", source.location(node.lineno), "escaping cannot be turned off; remove this block"
            )
        names = tuple(find_referenced_templates(tree))
        for other in names:
            if whole and other is not None and other not in self._templates:
                line = next(n.lineno for n in tree.find_all(_REFERENCES) if _names_template(n, other))
                message = f"there is no template {other!r}"
                location = _location_of(source, line, other)
                diagnostics.error("missing-template", location, message, got=other, allowed=list(self._templates))
        known = self._theme.messages(locales[0])
        for key, line, _ in _labels(tree, self._filters) if whole else ():
            if key not in known:
                message = f"the theme has no label {key!r}"
                location = _location_of(source, line, key)
                diagnostics.error("missing-label", location, message, got=key, allowed=sorted(known))
        return names

    def _create_environment(self, locale: str) -> Environment:
        translator = self._translator(locale)
        date_style = translator.date_style
        environment = Sandbox(
            translator, self._compiler, trim_blocks=True, lstrip_blocks=True, auto_reload=False, cache_size=-1
        )
        environment.globals["label_in"] = lambda locale, key, *count, **values: self._translator(locale).label(
            key, *count, **values
        )
        tag = translator.tag
        # Without `pass_context` Jinja2 would apply them to constants in the code, which all locales share.
        filters: dict[str, Callable[..., object]] = {
            "date": lambda _, value, style="long": messages.format_day(value, style, date_style),
            "date_range": lambda _, value, last: messages.format_days(value, last, date_style),
            "month": lambda _, value, style="long": _month(value, date_style, style),
            "day": lambda _, value: messages.format_weekday(value, date_style),
            "time": lambda _, value: messages.format_clock_time(value, date_style),
            "lang": lambda _, value, around=tag: messages.language_attributes(value, around),
            "number": lambda _, value: messages.format_number(value, tag),
            "percent": lambda _, value: messages.format_share(value, tag),
        }
        environment.filters |= {name: pass_context(function) for name, function in filters.items()}
        environment.filters |= {
            name: pass_context(partial(_without_context, function, translator))
            for name, (function, _) in self._filters.items()
        }
        return environment

    def _reachable(self, name: str, environment: Environment) -> set[Template]:
        reached: set[Template] = set()
        pending = [name]
        while pending:
            template = self._templates.get(pending.pop())
            if template is not None and template not in reached:
                reached.add(template)
                names = self._compiler.references(template.name, environment)
                # A name that is computed while the page is rendered could be any template of the theme.
                pending += list(self._templates) if None in names else [other for other in names if other]
        return reached

    @contextmanager
    def _located_errors(self, name: str) -> Iterator[None]:
        """Raise every error in a template as a TemplateError, also nesting too deep for Jinja2 or Python."""
        try:
            yield
        except OSError:  # not from the template: a late import that the system refuses
            raise
        except Exception as error:
            path, line = self._location_of_error(error, name)
            known = self._by_path.get(path)
            failure = _explain(error, self._environment("en"))
            location = SourceLocation(path, line)
            if known is not None:
                location = _location_of(SourceText(path, known.source), line, failure.name)
            raise TemplateError(replace(failure.diagnostic, location=location)) from error

    def _location_of_error(self, error: Exception, name: str) -> tuple[str, int]:
        if isinstance(error, TemplateSyntaxError):
            return error.filename or self.path(error.name or name), error.lineno
        places = [(frame.f_code.co_filename, line) for frame, line in walk_tb(error.__traceback__)]
        places = [place for place in places if place[0] in self._by_path]
        if isinstance(error, RecursionError):
            places = self._repeated(places) or places
        return places[-1] if places else (self.path(name), 1)

    def _repeated(self, places: list[tuple[str, int]]) -> list[tuple[str, int]]:
        """Return the lines that a template comes to again and again; only those that include another if one does."""
        repeated = [place for place, count in Counter(places).items() if count > 1]
        sources = {path: self._by_path[path].source.split("\n") for path, _ in repeated}
        return [(path, line) for path, line in repeated if "include" in sources[path][line - 1]] or repeated

    def path(self, name: str) -> str:
        """Return the path of a template in diagnostics."""
        template = self._templates.get(name)
        return template.path if template else f"themes/{self._theme.name}/templates/{name}"


def _location_of(source: SourceText, line: int, name: str) -> SourceLocation:
    """Return the location of a name in a line. Jinja2 knows no columns, so a name that is there twice has none."""
    text = source.lines[line - 1] if 0 < line <= len(source.lines) else ""
    found = [match.start() for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text)] if name else []
    return source.location(line, found[0] + 1 if len(found) == 1 else 0)


def _month(value: date, tag: str, style: str) -> str:
    """Format a month; U+2060 keeps year and month of Japanese sentences on one line."""
    text = messages.format_month(value, tag, style)
    return text.replace("年", "年\u2060") if style == "long" else text


def _without_context(function: Callable[..., object], translator: Translator, _: object, *values: object) -> object:
    return function(translator, *values)


_REFERENCES: Final = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)


def _names_template(node: nodes.Node, name: str) -> bool:
    return any(const.value == name for const in node.find_all(nodes.Const))


def _labels(tree: nodes.Template, filters: Mapping[str, PageFilter]) -> Iterator[tuple[str, int, bool]]:
    """Yield the labels that a template uses by a constant or by a filter: key, line, and whether it has a count."""
    for used in tree.find_all(nodes.Filter):
        if used.name in filters:
            yield from ((key, used.lineno, False) for key in filters[used.name][1])
    positions = {"label": 0, "label_in": 1}
    for call in tree.find_all(nodes.Call):
        position = positions.get(call.node.name) if isinstance(call.node, nodes.Name) else None
        for key in call.args[position : position + 1] if position is not None else ():
            if isinstance(key, nodes.Const) and isinstance(key.value, str):
                yield key.value, call.lineno, len(call.args) > (position or 0) + 1


_UNKNOWN: Final = re.compile(r"No (filter|test) named '(\w+)'(?: found)?\.")
"""The message of Jinja2 for an unknown filter or test, also for one in a condition, which it finds when it renders."""


def _explain(error: Exception, environment: Environment) -> TemplateError:
    """Return the error as one that has a diagnostic; `environment` has all filters and tests."""
    if isinstance(error, TemplateError):
        return error
    if isinstance(error, TemplateNotFound):
        return template_error("missing-template", f"there is no template {error.name!r}", str(error.name))
    unknown = _UNKNOWN.fullmatch(str(getattr(error, "message", "")))
    if unknown is not None:
        kind, name = unknown.groups()
        message = f"there is no {kind} {name!r}"
        if name == "safe":
            message += ": everything is escaped; html fields are safe already"
        known = environment.filters if kind == "filter" else environment.tests
        failure = template_error("template-syntax", message, name, tuple(known))
        return TemplateError(replace(failure.diagnostic, allowed=()), failure.name)
    if isinstance(error, TemplateSyntaxError):
        return template_error("template-syntax", error.message or "the template is not valid")
    if isinstance(error, SyntaxError):
        return template_error("template-syntax", "the template is nested too deep")
    if isinstance(error, RecursionError):
        return template_error("template-error", "the template is nested too deep, or includes itself")
    for frame, _ in walk_tb(error.__traceback__):
        if frame.f_code.co_filename in {messages.__file__, __file__} and "value" in frame.f_locals:
            value = frame.f_locals["value"]
            kind = "none" if value is None else f"a value of the type {type(value).__name__!r}"
            message = f"a filter cannot format {kind}; expected a day, a number or the tag of a language"
            return template_error("template-error", message)
    return template_error("template-error", f"{type(error).__name__}: {error}")
