"""Recipes: frozen values that hold every input of an output file.

A recipe names articles, texts and the render context by their hashes. So it is small, its own hash is the cache key of
the file, and it can be sent to a worker. When it is rendered, `Values` look up what the hashes stand for.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Final

from msgspec import Struct

from sitegen.outputs.references import ContextHash, References, RenderContext, Values, collect_fields
from sitegen.outputs.renderer import Renderer
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.util.hashing import Hash, encode, hash_bytes, hash_value

_XML_FORBIDDEN: Final = bytes({*range(0x20)} - set(b"\t\n\r"))
"""Control characters that XML 1.0 (section 2.2) and HTML do not allow. UTF-8 has these bytes for nothing else."""


class Recipe(Struct, frozen=True, array_like=True, tag=True):
    """Base of everything that an output file can be made of. Subclasses are registered by their definition."""

    def references(self) -> References:
        """Return what the recipe names, found by the types of its fields, so that no kind of recipe can forget any."""
        references = References()
        self.collect(references)
        return references

    def collect(self, references: References) -> None:
        """Add to `references` what the recipe names."""
        collect_fields(self, references)

    def render(self, renderer: Renderer) -> bytes:
        """Return the bytes of the file."""
        raise NotImplementedError

    def render_files(self, renderer: Renderer) -> Sequence[bytes]:
        """Return the bytes of all files that are made of the recipe: one, unless it is a `FileSet`."""
        return [self.render(renderer)]

    def dependencies(self, renderer: Renderer) -> bytes:
        """Return a hash of inputs that the recipe names but does not hold: templates and messages of its locale."""
        return b""

    def key_bytes(self) -> bytes:
        """Return the encoded recipe, or a shorter value that differs whenever the recipe does."""
        return encode(self)


class FileSet(Recipe, frozen=True, dict=True):
    """Base of recipes that make several files at once, because most of the work is the same for all of them.

    They have `render_files` in place of `render`.
    """

    @cached_property
    def hash(self) -> Hash:
        """The hash of the recipe, computed once for the keys of all files."""
        return hash_value(self)

    def key_bytes(self) -> bytes:
        """Return the hash of the recipe."""
        return self.hash


class Output(Struct, frozen=True):
    """An output file: its path below the output folder, and its recipe.

    `number` is that of the file in a `FileSet`. Outputs of the same set have the same object as their recipe.
    """

    path: str
    recipe: Recipe
    number: int = 0


def by_recipe(outputs: Iterable[Output]) -> list[tuple[Recipe, list[Output]]]:
    """Return each recipe with its outputs: several for a `FileSet`."""
    groups: dict[int, tuple[Recipe, list[Output]]] = {}
    for output in outputs:
        groups.setdefault(id(output.recipe), (output.recipe, []))[1].append(output)
    return list(groups.values())


class StaticFile(Recipe, frozen=True):
    """A file whose bytes are known, such as a static file of the theme."""

    data: bytes


class ConfigFile(Recipe, frozen=True):
    """A file that depends on the configuration, the locale and a few `values`: `config_file` registers its function."""

    context: ContextHash
    name: str
    values: tuple[str, ...] = ()

    def render(self, renderer: Renderer) -> bytes:
        """Return the file as UTF-8."""
        return _CONFIG_FILES[self.name](renderer.builder(self.context), self.values).encode()


_ConfigText = Callable[[ViewBuilder, tuple[str, ...]], str]
_CONFIG_FILES: Final[dict[str, _ConfigText]] = {}


def config_file(name: str) -> Callable[[_ConfigText], _ConfigText]:
    """Register a function as the one that returns the text of each `ConfigFile` with a name."""

    def register(function: _ConfigText) -> _ConfigText:
        _CONFIG_FILES[name] = function
        return function

    return register


class CopyFile(Recipe, frozen=True):
    """A picture or document of the editor's, which the build copies, a picture without its metadata if `is_stripped`.

    `digest` is the SHA-256 of the bytes that are published. A smaller copy has a `width`, and the version of its
    `encoder`.
    """

    source: str
    digest: str
    is_stripped: bool = False
    width: int = 0
    encoder: str = ""


def recipe_types() -> tuple[type[Recipe], ...]:
    """Return every recipe class that can be rendered, in a fixed order; call it once all kinds are registered."""
    return tuple(sorted(_leaves(Recipe), key=lambda kind: kind.__name__))


def _leaves(kind: type[Recipe]) -> Iterator[type[Recipe]]:
    below = kind.__subclasses__()
    if not below:
        yield kind
    for child in below:
        yield from _leaves(child)


def render_recipe(recipe: Recipe, renderer: Renderer, values: Values) -> list[bytes]:
    """Return the bytes of the file of a recipe, or of all files of a set. Raises TemplateError.

    `values` look up its hashes. Control characters in text are removed here, so every HTML and XML file is well formed
    whatever a theme writes.
    """
    if isinstance(recipe, StaticFile):
        return [recipe.data]
    renderer.values = values
    return [data.translate(None, _XML_FORBIDDEN) for data in recipe.render_files(renderer)]


def cache_keys(
    outputs: Iterable[Output], renderer: Renderer, program: bytes, contexts: Mapping[ContextHash, RenderContext]
) -> dict[str, Hash]:
    """Return the cache keys of outputs by path: hashes of the program, templates and messages, and the recipe."""
    renderer.locales = {key: context.locale for key, context in contexts.items()}
    return {
        output.path: hash_bytes(
            program, output.recipe.dependencies(renderer), output.recipe.key_bytes(), output.number.to_bytes(4, "big")
        )
        for output in outputs
    }
