"""Figures: pictures with captions, videos on other sites, and content that may be wider than the page."""

from typing import Final
from urllib.parse import urlsplit

from markdown_it.token import Token

PRE: Final = '<pre tabindex="0">'
FIGURE: Final = '<figure class="scroll" tabindex="0">'
FIGURE_END: Final = "</figure>"
"""The tags around tables, which feeds remove."""

_VIDEO_HOSTS: Final = frozenset(
    ["youtube.com", "m.youtube.com", "youtu.be", "vimeo.com", "nicovideo.jp", "nico.ms", "bilibili.com"]
)
_VIDEO_FILES: Final = (".mp4", ".webm", ".mov", ".m4v")


def make_figure(paragraph: list[Token]) -> None:
    """Make a figure of a paragraph that is a picture with a title, or the still of a video that links to it.

    The title is the caption; the credit follows a vertical bar. For a video the host is named, because the link leaves
    the site.
    """
    opening, inline = paragraph[:2]
    children = inline.children or []
    picture = next((token for token in children if token.type == "image"), None)
    if picture is None or opening.type != "paragraph_open" or opening.hidden:
        return
    is_linked = [token.type for token in children] == ["link_open", "image", "link_close"]
    if not is_linked and len(children) > 1:
        return
    address = urlsplit(str(children[0].attrs.get("href", ""))) if is_linked else urlsplit("")
    host = (address.hostname or "").removeprefix("www.")
    is_video = host in _VIDEO_HOSTS or (bool(host) and address.path.lower().endswith(_VIDEO_FILES))
    caption, _, credit = str(picture.attrs.pop("title", "")).partition("|")
    credit = credit.strip() or (host if is_video else "")
    if not caption.strip() and not credit:
        return
    for token in (opening, paragraph[2]):
        token.type, token.tag = ("figure_open" if token.nesting == 1 else "figure_close"), "figure"
    if is_video:
        opening.attrs = {"class": "video"}
    children.append(Token("figcaption_open", "figcaption", 1))
    gap = " " if caption.strip() and credit else ""
    children.append(Token("text", "", 0, content=caption.strip() + gap))
    if credit:
        children += [Token("small_open", "small", 1), Token("text", "", 0, content=credit)]
        children.append(Token("small_close", "small", -1))
    children.append(Token("figcaption_close", "figcaption", -1))
    inline.children = children


def scrollable(html: str) -> str:
    """Let content that may be wider than the page scroll, so that it can be reached by keyboard (WCAG 2.1.1)."""
    return (
        html.replace("<pre>", PRE)
        .replace("<table>", f"{FIGURE}<table>")
        .replace("</table>\n", f"</table>{FIGURE_END}\n")
    )
