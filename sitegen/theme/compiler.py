"""Compiles templates once for all locales.

The code of templates is kept in the user's cache folder, as Python keeps that of modules: compiling takes longer than
rendering the pages of an edited article. See docs/decisions/057-code-of-templates.md.
"""

import marshal
import re
from collections.abc import Iterable, Mapping, MutableMapping
from pathlib import Path
from types import CodeType
from typing import Any, Final

from jinja2 import BaseLoader, Environment
from jinja2 import Template as CompiledTemplate
from jinja2.exceptions import TemplateNotFound
from jinja2.meta import find_referenced_templates
from jinja2.runtime import markup_join
from markupsafe import Markup, escape

from sitegen.theme.messages import printable
from sitegen.theme.model import Template
from sitegen.util.hashing import encode, hash_bytes
from sitegen.util.user_cache import read_kept, write_kept
from sitegen.util.version import program_hash

try:  # see docs/decisions/063-escape.md
    from markupsafe._speedups import _escape_inner as _escape_text
except ImportError:  # MarkupSafe without its C code

    def _escape_text(text: str, /) -> str:
        """Return a text as HTML."""
        return str(escape(text))


_REFERENCE: Final = re.compile(r"\{%[-+]?\s*(extends|include|import|from)\b(.*?)[-+]?%\}", re.DOTALL)
"""A tag that refers to another template. One in a comment does no harm: the page depends on one template more."""
_CONSTANT: Final = re.compile(
    r"""\s*(["'])(?P<name>[^"'\\]*)\1(?P<rest>\s+(?:import|as|ignore|with|without)\b[^"']*)?\s*"""
)
"""A name that is a constant, and what can follow it."""
_WITH_CONTEXT: Final = re.compile(r"\bwith\s+context\s*")


class Compiler(BaseLoader):
    """Compiles the templates of a theme, each once for all locales, and loads them in each.

    So nothing that depends on the locale may be settled in the code: filters that do have `pass_context`. `folder` is
    where the code is kept.
    """

    def __init__(self, templates: Mapping[str, Template], folder: Path | None) -> None:
        self._templates = templates
        self._folder = folder
        self._codes: dict[str, CodeType] = {}
        self._references: dict[str, tuple[str | None, ...]] = {}

    def references(self, name: str, environment: Environment) -> tuple[str | None, ...]:
        """Return the names of the templates that a template refers to; None for one that is computed.

        The names are found without parsing if they are constants. That is faster, because most builds need the
        references of all templates, for the keys of their pages, and the code of a few.
        """
        known = self._references.get(name)
        if known is None:
            source = self._templates[name].source
            tags = [_CONSTANT.fullmatch(tag) for _, tag in _REFERENCE.findall(source)]
            if all(tags):
                known = tuple(tag["name"] for tag in tags if tag is not None)
            else:
                known = tuple(find_referenced_templates(environment.parse(source, name)))
            self._references[name] = known
        return known

    def imports(self, name: str) -> list[str]:
        """Return the names of the templates that a template imports without context."""
        tags = _REFERENCE.findall(self._templates[name].source)
        matches = [_CONSTANT.fullmatch(tag) for kind, tag in tags if kind in ("import", "from")]
        return [
            tag["name"]
            for tag in matches
            if tag and tag["name"] in self._templates and not _WITH_CONTEXT.search(tag["rest"] or "")
        ]

    def code(self, name: str, environment: Environment) -> CodeType:
        """Return the code of a template. Raises TemplateNotFound and TemplateSyntaxError."""
        code = self._codes.get(name)
        if code is None:
            template = self._templates.get(name)
            if template is None:
                raise TemplateNotFound(name)
            code = self._codes[name] = self._kept_code(template, environment)
        return code

    def _kept_code(self, template: Template, environment: Environment) -> CodeType:
        """Return the code that is kept, or else compile the template and keep its code.

        A template whose path is the same replaces it.
        """
        path, source = template.path, template.source
        name, key = hash_bytes(path.encode()).hex(), encode((program_hash(), template.name, path, source))
        data = read_kept(self._folder, name, key)
        if data is not None:
            code: CodeType = marshal.loads(data)  # noqa: S302 - our own, in the user's folder
            return code
        code = environment.compile(source, template.name, path)
        write_kept(self._folder, name, key, marshal.dumps(code))
        return code

    def load(
        self, environment: Environment, name: str, globals: MutableMapping[str, Any] | None = None
    ) -> CompiledTemplate:
        """Return a template. Raises TemplateNotFound and TemplateSyntaxError."""
        code = self.code(name, environment)
        template = environment.template_class.from_code(environment, code, dict(globals or ()))  # a ChainMap is slow
        # Jinja2 creates a `Markup` for each value that it prints, only to join them.
        template.root_render_func.__globals__["escape"] = escape_value
        template.root_render_func.__globals__["markup_join"] = join_values
        return template


def escape_value(value: Any) -> str:
    """Return a value as HTML, as `markupsafe.escape` does, which copies every text and all HTML into a new object.

    Raises TemplateError for a value that is not a text, such as a list.
    """
    if type(value) is Markup:
        return value
    if type(value) is str:
        return _escape_text(value)
    if type(value) is int or type(value) is float:
        return str(value)
    return escape(printable(value))


def join_values(values: Iterable[Any]) -> str:
    """Return the result of the operator `~`. Raises TemplateError for a value that is not a text."""
    return markup_join(map(printable, values))
