"""`PageKind`, the base of every kind of page, and the registry of page kinds."""

from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar, Final, NamedTuple, TypeVar

from sitegen.config.model import Config
from sitegen.content.articles import Article
from sitegen.outputs.page_view import View
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import Recipe
from sitegen.outputs.references import ContextHash
from sitegen.outputs.renderer import Renderer
from sitegen.outputs.view_builder import ViewBuilder
from sitegen.site.model import last_published
from sitegen.site.urls import FIXED_FOLDERS, Urls
from sitegen.util.dates import Instant
from sitegen.util.plugins import returned
from sitegen.util.registry import Registry


class PlannedPage(NamedTuple):
    """A page that the site has: its site path, and what it is made of.

    `modified` is the `lastmod` of the sitemap. A page that is not `indexed` is not in the sitemap.
    """

    path: str
    kind: "PageKind"
    modified: Instant | None = None
    indexed: bool = True


def page(path: str, kind: "PageKind", members: Sequence[Article] = ()) -> PlannedPage:
    """Return a page that lists `members`: it was last modified when the newest of them was published."""
    return PlannedPage(path, kind, last_published(members))


class SiteSection(NamedTuple):
    """A section of the site in its navigation: its key, which is also its label in the theme, and its position.

    `place` is `header` for the masthead and the footer, `footer` for the footer alone. A section without a label in
    the theme has `names` by language. Sites for which `exists` returns false do not have the section.
    """

    key: str
    order: int
    place: str = "header"
    names: tuple[tuple[str, str], ...] = ()
    exists: Callable[[Config], bool] = lambda _: True


class PageKind(Recipe, frozen=True):
    """A kind of page. Subclasses add fields; every field is part of the cache key."""

    context: ContextHash

    templates: ClassVar[tuple[str, ...]] = ()
    view_type: ClassVar[type[View]] = View
    sections: ClassVar[tuple[SiteSection, ...]] = ()
    folder: ClassVar[str | None] = None

    @classmethod
    def plan(cls, planner: LocalePlanner) -> Iterator[PlannedPage]:
        """Yield the pages of this kind that a site has in one locale; by default that of the first section."""
        path = cls.address(planner.urls, planner.site.config)
        if path is not None:
            yield page(path, cls(planner.context))

    @classmethod
    def address(cls, urls: Urls, config: Config) -> str | None:
        """Return the site path of the first of `sections`; None if this site does not have it."""
        section = next((section for section in cls.sections if section.exists(config)), None)
        return urls.section(section.key) if section is not None else None

    @property
    def template(self) -> str:
        """The template that renders this page."""
        return self.templates[0]

    def view(self, builder: ViewBuilder) -> View:
        """Return the value that the template sees as `page`."""
        raise NotImplementedError

    def dependencies(self, renderer: Renderer) -> bytes:
        """Return the hash of the template, of all that it includes, and of the messages of the locale."""
        return renderer.templates.dependency_hash(self.template, renderer.locales[self.context])

    def render(self, renderer: Renderer) -> bytes:
        """Return the page as UTF-8."""
        builder = renderer.builder(self.context)
        view = returned(self.view, self.view(builder), View, f"a value of the type {self.view_type.__name__}")
        return renderer.templates.render(self.template, builder.locale, builder.site_view, view)


PAGE_KINDS: Final = Registry[type[PageKind]]("sitegen.outputs.pages")

Kind = TypeVar("Kind", bound=type[PageKind])


def page_kind(
    *templates: str,
    view: type[View],
    section: SiteSection | None = None,
    sections: tuple[SiteSection, ...] = (),
    folder: str | None = None,
) -> Callable[[Kind], Kind]:
    """Register a class as a page kind that one of `templates` renders, which see a `view`.

    `section` or `sections` add its pages to the navigation. `folder` is the first part of the addresses of its pages,
    if that is not the key of a section.
    """

    def register(kind: Kind) -> Kind:
        kind.templates = templates
        kind.view_type = view
        kind.sections = sections if section is None else (section, *sections)
        kind.folder = folder
        PAGE_KINDS.add(kind.__name__, kind)
        return kind

    return register


def required_templates() -> tuple[str, ...]:
    """Return the names of the templates that every theme needs, sorted."""
    return tuple(sorted({template for kind in PAGE_KINDS.values() for template in kind.templates}))


def has_plugins() -> bool:
    """Return whether any page kind is that of a plugin."""
    return any(map(_is_plugin, PAGE_KINDS.values()))


def plugin_templates() -> dict[str, str]:
    """Return the templates of the page kinds of plugins, each with the module of its page kind."""
    kinds = filter(_is_plugin, PAGE_KINDS.values())
    return {template: kind.__module__ for kind in kinds for template in kind.templates}


def _is_plugin(kind: type[PageKind]) -> bool:
    return not kind.__module__.startswith("sitegen.")


def reserved_folders() -> frozenset[str]:
    """Return the first parts of addresses that static pages cannot have."""
    folders = {kind.folder for kind in PAGE_KINDS.values() if kind.folder is not None}
    return FIXED_FOLDERS | folders | {section.key for section in sections()}


def sections() -> list[SiteSection]:
    """Return the sections of all page kinds, in the order of the navigation."""
    declared = [section for kind in PAGE_KINDS.values() for section in kind.sections]
    return sorted(declared, key=lambda section: (section.order, section.key))
