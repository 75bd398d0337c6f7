"""The values of an edited article that the new version of its input does not have: the new version keeps them."""

from typing import Any

from msgspec.structs import asdict, replace

from sitegen.content.frontmatter import ArticleSource, FrontMatter
from sitegen.content.placeholders import TODO
from sitegen.importers.existing import missing_values
from sitegen.util.cldr import normalize_label


def with_kept_values(new: FrontMatter, edited: FrontMatter) -> FrontMatter:
    """Return the new front matter of an article, with the values of the `edited` one that the input does not have.

    A value for which the import has only a placeholder is not one of the input. The address stays, and so do aliases.
    """
    placeholders = {*missing_values(new)} - {*missing_values(edited)}
    values = {
        name: value for name, value in asdict(edited).items() if name in placeholders or not getattr(new, name)
    } | {
        "draft": (edited.draft and not missing_values(edited)) or (new.draft and not placeholders),
        "slug": edited.slug,
        "aliases": tuple(dict.fromkeys((*new.aliases, *edited.aliases))),
        "extra": _merged_extra(new, edited, placeholders) or None,
    }
    if "source" not in placeholders:
        values["source"] = _with_kept_source(new.source, edited.source)
    return replace(new, **{key: value for key, value in values.items() if key not in {"id", "imported"}})


def changed_keys(new: FrontMatter, edited: FrontMatter) -> list[str]:
    """Return the keys whose value in the edited front matter is not that of the new one."""
    values = asdict(new)
    return [key for key, value in asdict(edited).items() if key != "imported" and value and value != values[key]]


def _merged_extra(new: FrontMatter, edited: FrontMatter, placeholders: set[str]) -> dict[str, Any]:
    """Return the values of `extra`; those of the import win, and `todo` names what is still missing."""
    todo = [name for name in missing_values(new) if name not in placeholders]
    merged = {key: value for key, value in (edited.extra or {}).items() if key != TODO}
    merged |= {key: value for key, value in (new.extra or {}).items() if key != TODO}
    return merged | ({TODO: todo} if todo else {})


def _with_kept_source(new: ArticleSource, edited: ArticleSource) -> ArticleSource:
    """Return the source with the values that only the edited one has, unless it is another source."""
    if normalize_label(new.name) != normalize_label(edited.name):
        return new
    return replace(new, **{key: value for key, value in asdict(edited).items() if getattr(new, key) is None})
