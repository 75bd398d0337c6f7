"""The theme contract as a page for theme authors, made from the views themselves so that it cannot be wrong."""

import inspect
from dataclasses import fields, is_dataclass
from types import NoneType, UnionType
from typing import Any, Final, get_args, get_origin

from sitegen.digest import views
from sitegen.digest.words import PLACES, PREFIX
from sitegen.render.theme import REQUIRED_TEMPLATES

_INTRODUCTION: Final = """\
# Themes

<!-- Made by `make docs` from the docstrings of sitegen/digest/views.py. Do not edit. -->

A theme is a folder in `themes/`, beside `site.yaml`, or one that comes with sitegen:

    theme.yaml      name: mine
                    contract: {version}
                    parent: default      (left out where there is none)
    templates/      one Jinja2 template for each kind of page, and whatever they include
    static/         files that are published under /assets/ with a digest in their names
    locale/         en.yaml, ja.yaml …: the theme's own words

`site.yaml: theme: mine` chooses it. Of each file the one nearest to the theme is taken, so a theme with a parent may
hold a single template, stylesheet or word.

## Templates

A theme and its parents have these: {templates}.

A template sees exactly two values, `site` and `page`. Everything is escaped as it is printed, there is no `safe`, and
a name that does not exist is an error with the template's file and line. Beside Jinja2's own there are:

| | |
| --- | --- |
| `label("key")` | The theme's word for `key` in the page's locale. |
| `label("key", 3)` | The same in the plural form for 3; `{{count}}` in the text becomes the number. |
| `label("key", name=value)` | `{{name}}` in the text becomes the value. |
| `value\\|date`, `value\\|date("medium")` | A day as the locale writes it: short, medium, long or full. |
| `value\\|day` | Weekday, day and month. |
| `value\\|month` | Month and year. |
| `value\\|time` | Hour and minute. |
| `value\\|number` | A number with the locale's grouping. |
| `tag\\|lang`, `tag\\|lang(around)` | The attributes of an element in a language: `lang`, and `dir` where it changes. |

The words are in `locale/<tag>.yaml`, a text for each key, or one for each of CLDR's plural categories:

    read_more: Read more
    articles: {{one: "{{count}} article", other: "{{count}} articles"}}

A label that is missing in one of the site's locales is an error before anything is written.

Feeds have no template. What they say by themselves is among the words, each with the places that its text must have.
Every locale of the site needs all of it; an article whose own language has all of it speaks that in feeds.

    {feed_words}

"""


def theme_guide() -> str:
    """Return the text of `themes/README.md`."""
    templates = ", ".join(f"`{name}`" for name in REQUIRED_TEMPLATES)
    parts = [_INTRODUCTION.format(version=views.CONTRACT_VERSION, templates=templates, feed_words=_feed_words())]
    parts.append(f"## Views\n\n{inspect.getdoc(views)}\n")
    parts += [_view(kind) for kind in _views()]
    return "\n".join(parts)


def _feed_words() -> str:
    """Return the labels of feeds, with their places."""
    rows = (f"{PREFIX}{key:18}" + " ".join(f"{{{name}}}" for name in places) for key, places in PLACES.items())
    return "\n    ".join(row.rstrip() for row in rows)


def _views() -> list[type]:
    """Return the views in the order of their module."""
    found = [kind for kind in vars(views).values() if inspect.isclass(kind) and is_dataclass(kind)]
    own = [kind for kind in found if kind.__module__ == views.__name__]
    return sorted(own, key=lambda kind: inspect.getsourcelines(kind)[1])


def _view(kind: type) -> str:
    rows = [f"| `{field.name}` | {_type(field.type)} |" for field in fields(kind)]
    rows += [
        f"| `{name}` | {_sentence(member)} |" for name, member in vars(kind).items() if isinstance(member, property)
    ]
    return (
        f"### {kind.__name__}\n\n{inspect.getdoc(kind)}\n\n| field | value |\n| --- | --- |\n" + "\n".join(rows) + "\n"
    )


def _sentence(member: property) -> str:
    return " ".join((inspect.getdoc(member) or "").split())


def _type(annotation: Any) -> str:
    """Return a type in words."""
    if isinstance(annotation, str):
        return f"[{annotation}](#{annotation.lower()})"
    if get_origin(annotation) is tuple:
        return f"list of {_type(get_args(annotation)[0])}"
    if isinstance(annotation, UnionType):
        options = [_type(option) for option in get_args(annotation) if option is not NoneType]
        return " or ".join([*options, "none"] if NoneType in get_args(annotation) else options)
    if hasattr(annotation, "__forward_arg__"):
        return _type(annotation.__forward_arg__)
    if getattr(annotation, "__module__", "") == views.__name__:
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    words = {"str": "text", "int": "number", "bool": "true or false", "datetime": "time", "date": "day"}
    name = str(annotation.__name__)
    return words.get(name, name)
