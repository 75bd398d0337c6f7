"""The theme contract as a page for theme authors, made from the views themselves so that it cannot be wrong."""

import inspect
import sys
from types import NoneType, UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

from msgspec import Struct

from sitegen.outputs import views
from sitegen.outputs.json_ld import JSON_LD_LABELS
from sitegen.outputs.page_kind import PAGE_KINDS, View, required_templates
from sitegen.outputs.recipes import Recipe
from sitegen.theme.feed_labels import PLACEHOLDERS, PREFIX
from sitegen.theme.model import CONTRACT_VERSION

_GUIDE: Final = """\
# Themes

<!-- Made by `make docs` from sitegen/outputs/theme_guide.py and the docstrings of the views. Do not edit. -->

A theme says how a digest looks and what it calls things. It is a folder in `themes/`, beside `site.yaml`, or one that
comes with sitegen; `site.yaml: theme: NAME` chooses it.

    theme.yaml      name: evening
                    contract: @VERSION@
                    parent: default      (left out where there is none)
    templates/      one Jinja2 template for each kind of page, and whatever they include
    static/         files that are published under /assets/ with a digest in their names
    locale/         en.yaml, ja.yaml …: the theme's own words

Two themes come with sitegen. `default` is the whole design. `plain` is small enough to be read in one sitting, and
looks different in everything: it takes from `default` its words, its e-mails and a few parts in which being exact is
all that matters, and has every page of its own. Either can be a parent.

## A theme of your own

Of each file the one nearest to the theme is taken, and words one by one. So a theme with a parent may be a single
template, stylesheet or word. Here is one of six files. It needs `theme: evening` in `site.yaml`.

Who it is:

```yaml themes/evening/theme.yaml
name: evening
contract: @VERSION@
parent: default
```

One more stylesheet on every page. `base.html` stands in for that of `default`, and is built on it: a template that
another stands in for is still there under its theme's name. A file in `static/` is addressed by `site.assets`,
because its published name holds a digest of its bytes and so may be kept by browsers for ever.

```html themes/evening/templates/base.html
{% extends "default/base.html" %}
{% block head %}
{{ super() }}
<link rel="stylesheet" href="{{ site.assets["evening.css"] }}">
{% endblock %}
```

```css themes/evening/static/evening.css
:root { --seal: #0b5d4e; }
@media (prefers-color-scheme: dark) { :root { --seal: #7fd6c2; } }
```

One page of its own. Blocks fill the frame that `base.html` gives: `title` for the window, `main` for the page, and
`description`, `headline`, `title_lang` and `og_type` for those who only read the head.

```html themes/evening/templates/topics.html
{% extends "base.html" %}
{% block title %}{{ label("topics") }} · {{ site.title }}{% endblock %}
{% block main %}
<h1>{{ label("topics") }}</h1>
<p>{{ label("evening_topics", page.topics|length) }}</p>
<ul>
{% for row in page.topics %}
<li><a href="{{ row.href }}" {{ row.topic.lang|lang }}>{{ row.topic.name }}</a>
{{ label("articles", row.count) }}, {{ label("evening_newest", date=row.latest|date("medium")) }}</li>
{% endfor %}
</ul>
{% endblock %}
```

Its words, in each language of the site. `corrections` is a word of `default` that is called otherwise here.

```yaml themes/evening/locale/en.yaml
corrections: Errata
evening_topics: {one: "One subject", other: "{count} subjects"}
evening_newest: "the newest of {date}"
```

```yaml themes/evening/locale/ja.yaml
evening_topics: "{count}の分野"
evening_newest: "最新{date}"
```

`sitegen serve` shows a change of a theme as it is saved. A theme without a parent has all the templates of the table
below; `templates/` of `plain` shows how little each needs.

## A language

A locale is a YAML file of words: there is no code in it, and none is needed for it. For Vietnamese, give your theme
`locale/vi.yaml` with every key of its parent's `locale/en.yaml`, and say `locales: [en, vi]` in `site.yaml`. Names of
countries and languages, dates, numbers and the rules of plurals come from the Unicode CLDR. A word is a text, or a
text for each plural category that the language has:

    read_more: Read more
    articles: {one: "{count} article", other: "{count} articles"}

`other` is always there; `zero`, `one`, `two`, `few` and `many` where the language tells them apart. `{count}` and
other names in braces are filled in. A key that is missing is an error before anything is written, which names the
file and the key. For `pt-BR` the words of `pt` are taken where there is no `pt-BR.yaml`.

Feeds have no template. What they say by themselves is among the words, each with the places that its text must have.
Every locale of the site needs all of it; an article whose own language has all of it speaks that in feeds.

    @FEEDWORDS@

Titles, names of topics and texts are the site's: `site.yaml` and the articles have them in each language.

## Templates

A template sees exactly two values, `site` and `page`. Everything is escaped as it is printed, there is no `safe`, and
a name that does not exist is an error with the template's file and line. A template cannot read files, ask for the
time or reach another page: what a page shows is in its view, so that it is rendered anew when that changes and at no
other time. A theme and its parents have these templates:

| template | `page` |
| --- | --- |
@TEMPLATES@

Beside Jinja2's own functions and filters there are:

| | |
| --- | --- |
| `label("key")` | The theme's word for `key` in the page's locale. |
| `label("key", 3)` | The same in the plural form for 3; `{count}` in the text becomes the number. |
| `label("key", name=value)` | `{name}` in the text becomes the value. |
| `value\\|date`, `value\\|date("medium")` | A day as the locale writes it: short, medium, long or full. |
| `value\\|day` | Weekday, day and month. |
| `value\\|month`, `value\\|month("short")` | Month and year, in full or short. |
| `value\\|time` | Hour and minute. |
| `value\\|number` | A number with the locale's grouping. |
| `value\\|percent` | A share, 1 being all, as whole percent. |
| `tag\\|lang`, `tag\\|lang(around)` | The attributes of an element in a language: `lang`, and `dir` where it changes. |
| `page\\|linked_data(site)` | The page as JSON-LD, for a `<script type="application/ld+json">`. |

## The head

`head.html` of `default` says what programs read: the page's own feed (first) and the site's, the address of the page
and of the same page in each language, the description, Open Graph, JSON-LD. Include it, and set `title`, `headline`
(the title without the site's name), `description` and `kind` (`article` or `website`) before. 404 and redirects leave
it out: nobody shares them. The data need these words: @LABELS@.

## Languages on a page

A page in one language shows titles and texts in others. Mark each with its own, which stands beside every text that
may have one: `<a href="{{ it.href }}" {{ it.lang|lang }}>{{ it.title }}</a>`. A screen reader then speaks it right, a
browser takes the right font for it, and a title in Arabic runs from right to left (`dir` comes by itself). Within an
element that is already in another language, name that: `{{ site.locale|lang(section.lang) }}`.

The title of a window holds no elements, so it has one language: `default` marks it with that of the article whose
title stands first in it (`title_lang`), whatever the name of the site behind it is in.

## What a theme must not do

The policy that sitegen publishes with a site (`Content-Security-Policy`) allows nothing inline and nothing from other
hosts: no `style` attributes, no `<style>`, no scripts in the page, no fonts from elsewhere. Stylesheets and scripts
of its own are files in `static/`; JSON-LD is data, and allowed. E-mails are the exception: they are no pages, and
have their styles in attributes.

In print, `data-url` of a link that `section.printable` made is its full address: `a::after { content: attr(data-url)
}`.

## Mistakes

Each is reported with its file and line before anything is written, all in one run: a parent that is not there
(`missing-theme`) or inherits in a circle (`theme-loop`), a template that is missing (`missing-template`) or no
template (`template-syntax`), a field that a view does not have (`unknown-name`, with the name that was probably
meant, as soon as a page of the digest asks for it), a word that is missing (`missing-label`) or has a place that is
not filled (`bad-label`), a language without words (`missing-locale`),
a theme for another version of the contract (`theme-contract`).

## From contract 1 to contract 2

| contract 1 | contract 2 |
| --- | --- |
| `site.topics`, `site.countries` and the other sections | `site.links["topics"]`, `site.links["countries"]` … |
| `{% if site.data %}` | `{% if "data" in site.links.names() %}` |
| a list of sections in the template | `{% for it in site.navigation %}` |
| `step` of a matrix cell, a segment or a tile | `shade` |
| `here` of an event in a timeline | `is_current` |

Names of views, which only messages show: `Card` is `ArticleSummary`, `Head` `PageMeta`, `Facts` `IndexStats`, `Lead`
`FeaturedArticle`, `Reading` `PerspectiveExcerpt`, `FullReading` `PerspectiveText`, `OwnPage` `StaticPageView`, `Mark`
`ColumnLabel`, `Moment` `TimelineEvent`; `HomePage`, `ArticlePage` and so on are `HomeView`, `ArticleView` and so on.

## Views

@ABOUT@
"""


def theme_guide() -> str:
    """Return the text of `themes/README.md`."""
    facts = {
        "VERSION": str(CONTRACT_VERSION),
        "TEMPLATES": "\n".join(f"| `{name}` | {_kinds(name)} |" for name in required_templates()),
        "LABELS": ", ".join(f"`{key}`" for key in JSON_LD_LABELS),
        "FEEDWORDS": _feed_words(),
        "ABOUT": inspect.getdoc(views) or "",
    }
    text = _GUIDE
    for name, fact in facts.items():
        text = text.replace(f"@{name}@", fact)
    return "\n".join([text, *map(_view, _views())])


def _kinds(template: str) -> str:
    """Return a link to the view that a template sees."""
    kind = next(kind.view_type for kind in PAGE_KINDS.values() if template in kind.templates)
    return f"[{kind.__name__}](#{kind.__name__.lower()})"


def _feed_words() -> str:
    """Return the labels of feeds, with their places."""
    rows = (
        f"{PREFIX}{key:18}" + " ".join(f"{{{name}}}" for name in locations) for key, locations in PLACEHOLDERS.items()
    )
    return "\n    ".join(row.rstrip() for row in rows)


def _views() -> list[type[Struct]]:
    """Return the shared views, then those of each page kind with the views of its module."""
    modules = [views, *(sys.modules[kind.__module__] for kind in PAGE_KINDS.values())]
    found = [
        kind
        for module in modules
        for kind in vars(module).values()
        if inspect.isclass(kind) and issubclass(kind, Struct) and kind.__module__ == module.__name__
    ]
    return [kind for kind in dict.fromkeys(found) if kind is not View and not issubclass(kind, Recipe)]


def _view(kind: type[Struct]) -> str:
    hints = get_type_hints(kind)
    rows = [f"| `{name}` | {_type(hints[name])} |" for name in kind.__struct_fields__]
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
    if isinstance(annotation, type) and issubclass(annotation, Struct):
        return f"[{annotation.__name__}](#{annotation.__name__.lower()})"
    words = {"str": "text", "bool": "true or false", "datetime": "time", "date": "day"}
    words |= dict.fromkeys(("int", "float"), "number")
    name = str(annotation.__name__)
    return words.get(name, name)
