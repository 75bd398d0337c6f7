"""Syntax of the templates of other generators in texts: shortcodes, Liquid, Nunjucks and their like."""

import html
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final

from sitegen.importers.markup.converter import Rule
from sitegen.importers.markup.markdown_text import fence, link_text, written

_ARGUMENT: Final = re.compile(
    r"(?:([\w-]+)\s*[=:]\s*)?(?:\"((?:[^\"\\]|\\.)*)\"|'((?:[^'\\]|\\.)*)'|`([^`]*)`|([^\s,=\"'`]+))"
)
_LANGUAGE: Final = re.compile(r"[\w+#.-]+")
_EMBEDDED: Final = {
    **dict.fromkeys(("youtube", "youtuber"), "https://www.youtube.com/watch?v={id}"),
    "vimeo": "https://vimeo.com/{id}",
    "instagram": "https://www.instagram.com/p/{id}/",
    "gist": "https://gist.github.com/{id}/{second}",
    **dict.fromkeys(("tweet", "twitter", "x"), "https://twitter.com/{user}/status/{id}"),
    "asciinema": "https://asciinema.org/a/{id}",
}
_CODE: Final = frozenset({"highlight", "code", "codeblock", "prism", "syntax"})
_NOTES: Final = frozenset(
    {
        *("notice", "note", "tip", "info", "important", "warning", "caution", "danger", "hint", "alert"),
        *("admonition", "callout", "details", "expand", "collapse"),
    }
)
"""Boxes of common themes."""
_PAGES: Final = frozenset({"ref", "relref", "link", "post_url", "doc", "post_link"})
_IN_LINK: Final = re.compile(r"(?:\]\([ \t]*|\]:[ \t]*|=[ \t]*|[!-'*-=?-~])\Z")
"""The text before an address in a link, in a definition or in an attribute."""

Arguments = Mapping[str, str]


def arguments(text: str) -> dict[str, str]:
    """Return the arguments of a shortcode: by name, or by their position from 0."""
    values: dict[str, str] = {}
    for match in _ARGUMENT.finditer(text):
        value = next((group for group in match.groups()[1:] if group is not None), "")
        values[match[1] or str(sum(key.isdigit() for key in values))] = value.replace('\\"', '"')
    return values


def call(name: str, text: str, content: str = "") -> str | None:
    """Return the Markdown of a shortcode or tag; None if it has none."""
    values = arguments(text)
    first = values.get("0", "")
    name = name.lower()
    if name in _EMBEDDED:
        return _link(_EMBEDDED[name], values, first)
    if name in {"figure", "img", "image", "picture", "responsive", "thumbnail"}:
        return _figure(values, first)
    if name in _CODE and content:
        language = first if _LANGUAGE.fullmatch(first) else ""
        return f"\n\n{fence(html.unescape(content), language)}\n\n"
    if name in _PAGES and (target := first or values.get("path", "")):
        return _page(name, target)
    if name in {"blockquote", "quote"} and content.strip():
        return _quotation(content)
    if name in _NOTES and content.strip():
        # Without a name, the title is after the kind of a box; `details` has no kinds.
        unnamed = first if name in {"details", "expand", "collapse"} else values.get("1", "")
        return _box(values.get("title") or values.get("summary") or unnamed, content)
    if name in {"raw", "verbatim"}:
        return content
    if name in {"end", "endraw", "toc", "table_of_contents"}:
        return ""
    return None


def _box(title: str, content: str) -> str:
    title = " ".join(title.split())
    return _quotation(f"**{title}**\n\n{content.strip()}" if title else content)


def _directive(match: re.Match[str]) -> str:
    return _box(match["title"] or match["words"] or "", match["content"])


def _quotation(content: str) -> str:
    rows = "\n".join(f"> {row}".rstrip() for row in content.strip().split("\n"))
    return f"\n\n{rows}\n\n"


def _link(form: str, values: Arguments, first: str) -> str | None:
    """Return a link to an embedded page, of which `form` is the form of the address."""
    identifier = first or values.get("id", "")
    if not identifier:
        return None
    address = form.format(id=identifier, user=values.get("user", "i"), second=values.get("1", ""))
    return f"\n\n<{written(first if first.startswith('http') else address)}>\n\n"


def _figure(values: Arguments, first: str) -> str | None:
    source = values.get("src") or values.get("path") or values.get("file") or first
    if not source:
        return None
    alt = values.get("alt") or values.get("title") or values.get("1", "")
    picture = f"![{link_text(alt)}]({written(source)})"
    if values.get("link"):
        picture = f"[{picture}]({written(values['link'])})"
    title, caption, credit = (" ".join(values.get(key, "").split()) for key in ("title", "caption", "attr"))
    if credit and values.get("attrlink"):
        credit = f"[{link_text(credit)}]({written(values['attrlink'])})"
    below = " ".join(filter(None, (caption, credit)))
    return "".join(f"\n\n{part}" for part in (picture, title, below) if part and part != alt) + "\n\n"


def _page(name: str, first: str) -> str:
    path, mark, fragment = first.partition("#")
    if name == "post_url":
        path = f"{path}.md"
    if path and not re.search(r"\.(?:md|markdown|mkd|mdown|mdx|html?)$", path):
        path = f"{path}.md" if name in {"ref", "relref"} else path
    return f"{written(path)}{mark}{fragment}"


def _call(match: re.Match[str]) -> str | None:
    groups = match.groupdict()
    text = groups.get("arguments") or ""
    new = call(groups["name"], text, groups.get("content") or "")
    before = match.string[max(0, match.start() - 100) : match.start()]
    if new and groups["name"].lower() in _PAGES and not _IN_LINK.search(before):
        values = arguments(text)
        # templates print the address of the page
        return f"[{link_text(values.get('0') or values.get('path', ''))}]({new})"
    return new


def _variable(match: re.Match[str]) -> str | None:
    """Return the path that a variable of Liquid or Nunjucks gives: the site's address is that of links."""
    expression = match["expression"].strip()
    base, *filters = (part.strip() for part in expression.split("|"))
    if base in {"site.baseurl", "site.url", "base", "SITEURL", "site.base_url"}:
        return ""
    quoted = re.fullmatch(r"[\"']([^\"']*)[\"']", base)
    known = all(
        re.match(r"(?:relative_url|absolute_url|url|prepend|safe|escape|htmlBaseUrl)\b", name) for name in filters
    )
    if quoted and known:
        return quoted[1]
    return None


def _heading_id(match: re.Match[str]) -> str | None:
    """Return no text for an id in a heading."""
    start = match.string.rfind("\n", 0, match.start()) + 1
    return "" if match.string.startswith("#", start) else None


def _comment(match: re.Match[str]) -> str:
    """Return a comment of HTML. It is kept to be read in the file, and is not published."""
    return f"<!--{match['content'].replace('-->', '--')}-->"


def _omit(_match: re.Match[str]) -> str:
    return ""


_SHORTCODE: Final = r"\{\{(?P<mark>[<%])\s*(?P<name>[\w/.-]+)(?P<arguments>(?:(?![>%]\}\}).){0,2000}?)\s*/?[>%]\}\}"
_SHORTCODE_PAIR, _SHORTCODE_BOX = (
    re.compile(
        rf"\{{\{{[<%]\s*(?P<name>{names})\b(?P<arguments>(?:(?![>%]\}}\}}).){{0,500}}?)\s*[>%]\}}\}}"
        r"(?P<content>(?:(?!\{\{[<%]\s*/).)*?)\{\{[<%]\s*/\s*(?P=name)\s*[>%]\}\}",
        re.DOTALL,
    )
    for names in ("highlight|code|quote|blockquote|raw|codeblock", "|".join(sorted(_NOTES)))
)
_LIQUID_PAIR: Final = re.compile(
    r"\{%-?\s*(?P<name>highlight|codeblock|blockquote|quote|verbatim)\b(?P<arguments>(?:(?!%\}).){0,500}?)-?%\}"
    r"(?P<content>(?:(?!\{%-?\s*end).)*?)\{%-?\s*end(?P=name)\s*-?%\}",
    re.DOTALL,
)
_COMMENTS: Final = tuple(
    re.compile(rf"{start}(?P<content>(?:(?!{start}).)*?){end}", re.DOTALL)
    for start, end in (
        (r"\{%-?\s*comment\b[^%]{0,200}%\}", r"\{%-?\s*endcomment\s*-?%\}"),
        (r"\{::comment\}", r"\{:/(?:comment)?\}"),
        (r"\{\{[<%]\s*comment\s*[>%]\}\}", r"\{\{[<%]\s*/\s*comment\s*[>%]\}\}"),
        (r"\{#-?", r"-?#\}"),
    )
)
"""Comments of Liquid, kramdown, Hugo and Nunjucks, which can have other tags in them."""
_WORDPRESS_EMBED: Final = re.compile(
    r"\[(?:youtube|vimeo)[= ][\"'“”]?(?P<address>https?://[^\s\"'“”\[\]]{1,500})[^\[\]\n]{0,100}\]"
)
_SIZE: Final = re.compile(r"&(?:amp;)?[wh]=\d+")
_RAW: Final = re.compile(r"\{%-?\s*(?:end)?raw\s*-?%\}")
_LIQUID: Final = re.compile(r"\{%-?\s*(?P<name>\w+)(?P<arguments>(?:(?!%\}).){0,1000}?)\s*-?%\}", re.DOTALL)
_VARIABLE: Final = re.compile(r"\{\{-?\s*(?P<expression>[^{}]{1,500}?)\s*-?\}\}")
_KRAMDOWN_TOC: Final = re.compile(
    r"^(?:[*+-]|1\.)[ \t][^\n]{1,200}\n[ \t]*\{:toc\b[^{}\n]{0,100}\}[ \t]*$", re.MULTILINE
)
"""An item of a list in whose place kramdown puts the table of contents."""
_KRAMDOWN: Final = re.compile(r"[ \t]*\{:[^{}]{0,300}\}")
_ATTRIBUTES: Final = re.compile(
    r"(?:(?<=[\])*_`])|(?<=\w)[ \t]+|^[ \t]*)\{[.#][^}\n{%]{1,200}\}(?=[ \t]*$)"
    r"|(?<=[)>])\{\.[\w-]+(?:[ .]{1,2}[\w-]+)*\}",
    re.MULTILINE,
)
_HEADING_ID: Final = re.compile(r"(?<=\S)[ \t]+\{#[^{}\n]{1,200}\}(?=[ \t]*#*[ \t]*$)", re.MULTILINE)
_DIRECTIVE: Final = re.compile(
    rf"^:::[ \t]*(?:{'|'.join(sorted(_NOTES))})\b(?:\[(?P<title>[^\]\n]*)\]|[ \t]+(?P<words>[^\n{{}}]+))?[^\n]*\n"
    r"(?P<content>(?:(?!:::)[^\n]*\n)+):::[ \t]*$",
    re.MULTILINE,
)
"""A box of remark-directive or markdown-it-container."""
_ZOLA: Final = re.compile(r"\{\{\s*(?P<name>\w+)\((?P<arguments>(?:(?!\}\}).){0,1000}?)\)\s*\}\}", re.DOTALL)
_ZOLA_PAIR: Final = re.compile(
    r"\{%\s*(?P<name>\w+)\((?P<arguments>(?:(?!%\}).){0,1000}?)\)\s*%\}(?P<content>(?:(?!\{%).)*?)\{%\s*end\s*%\}",
    re.DOTALL,
)
_NIKOLA: Final = re.compile(r"\{\{%\s*(?P<name>[\w-]+)(?P<arguments>(?:(?!%\}\}).){0,1000}?)\s*%\}\}", re.DOTALL)
_PELICAN_LINK: Final = re.compile(
    r"(?<=\()[{|](?P<kind>filename|static|attach|index|tag|category|author)[}|](?P<path>[^)\s]*)"
)
_CODE_LANGUAGE: Final = re.compile(
    r"(?<=\n)[ \t]*\n(?: {4}|\t)(?::::|#!)(?P<language>[\w+#.-]+)(?:[ \t]+hl_lines=[^\n]*)?[ \t]*\n"
    r"(?P<content>(?:(?: {4}|\t)[^\n]*(?:\n|\Z)|[ \t]*\n)*)"
)
"""A block of code whose first line is its language, for Python-Markdown."""
_ZOLA_LINK: Final = re.compile(r"(?<=\()@/(?P<path>[^)\s]*)")
_NIKOLA_LINK: Final = re.compile(r"(?<=\()link://(?:slug|filename|post_path)/(?P<path>[^)\s]*)")
_IMPORTS: Final = re.compile(
    r"^import\s(?:[\w\s{},*$]{1,500}?\sfrom\s+)?[\"'][^\"'\n]+[\"'];?[ \t]*(?:\n|\Z)"
    r"|^export\s+(?:const|let|var|function|default|async)\b[^\n]*(?:\n(?![ \t]*\n)[^\n]+)*(?:\n|\Z)"
    r"|^\{/\*.*?\*/\}",
    re.MULTILINE | re.DOTALL,
)


def _pelican_link(match: re.Match[str]) -> str:
    if match["kind"] in {"filename", "static", "attach"}:
        return match["path"]
    return f"/{match['kind']}/{match['path']}.html" if match["kind"] != "index" else "/"


def _code(match: re.Match[str]) -> str:
    """Return a block of code with its language."""
    code = re.sub(r"(?m)^(?: {4}|\t)", "", match["content"]).rstrip()
    return f"\n\n{fence(code, match['language'])}\n\n"


def _wordpress_embed(match: re.Match[str]) -> str:
    """Return the page of a film, without the size that WordPress adds to its address."""
    return f"\n\n<{written(_SIZE.sub('', match['address']))}>\n\n"


_LIQUID_RULES: Final[tuple[Rule, ...]] = (
    (_COMMENTS[0], _comment),
    (_RAW, _omit),
    (_LIQUID_PAIR, _call),
    (_LIQUID, _call),
    (_VARIABLE, _variable),
)
_HEADING_RULE: Final[Rule] = (_HEADING_ID, _heading_id)
_ATTRIBUTE_RULES: Final[tuple[Rule, ...]] = ((_ATTRIBUTES, _omit), _HEADING_RULE)
_RULES: Final[Mapping[str, tuple[Rule, ...]]] = {
    "hugo": (
        (_COMMENTS[2], _comment),
        (_SHORTCODE_PAIR, _call),
        (_SHORTCODE_BOX, _call),
        (re.compile(_SHORTCODE, re.DOTALL), _call),
        *_ATTRIBUTE_RULES,
    ),
    "jekyll": ((_COMMENTS[1], _comment), *_LIQUID_RULES, (_KRAMDOWN_TOC, _omit), (_KRAMDOWN, _omit), _HEADING_RULE),
    "eleventy": ((_DIRECTIVE, _directive), (_COMMENTS[3], _comment), *_LIQUID_RULES, *_ATTRIBUTE_RULES),
    "pelican": ((_CODE_LANGUAGE, _code), (_PELICAN_LINK, _pelican_link)),
    "zola": (
        (_ZOLA_PAIR, _call),
        (_ZOLA, _call),
        (_ZOLA_LINK, lambda match: f"/{match['path']}"),
        *_ATTRIBUTE_RULES,
    ),
    "nikola": (
        (_CODE_LANGUAGE, _code),
        (_NIKOLA, _call),
        (_NIKOLA_LINK, lambda match: f"{match['path'].strip('/')}.md"),
    ),
    "astro": ((_DIRECTIVE, _directive),),
    "markdown": ((_DIRECTIVE, _directive),),
}


def rules_of(dialect: str, *, is_mdx: bool) -> tuple[Rule, ...]:
    """Return the rules for texts of a generator: many were on WordPress before, and have its embeds."""
    return ((_WORDPRESS_EMBED, _wordpress_embed), *_RULES[dialect], *([(_IMPORTS, _omit)] if is_mdx else ()))


def html_of_templates(text: str, rules: Sequence[Rule]) -> str:
    """Return HTML of a generator with the addresses and code that its templates give. Others are kept as they are."""
    for pattern, replace in rules:
        text = pattern.sub(partial(_html, replace), text)
    return text


def _html(replace: Callable[[re.Match[str]], str | None], match: re.Match[str]) -> str:
    groups = match.groupdict()
    if replace is _comment:
        return ""
    if groups.get("content") and str(groups.get("name")).lower() in _CODE:
        return f"<pre><code>{html.escape(html.unescape(groups['content']))}</code></pre>"
    new = replace(match) if match[0].startswith(("{{", "{%")) else None
    return match[0] if new is None or re.search(r"[\s\[\]<>`*]", new) else new
