"""Redirects at folders of the site that have no page, so that every shortened address leads somewhere."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from sitegen.content.slugs import folded_path
from sitegen.outputs.pages.redirect import RedirectPage
from sitegen.outputs.planner import LocalePlanner
from sitegen.outputs.recipes import Output

_INDEX: Final = "index.html"
_ELSEWHERE: Final = {"articles": "archive"}
"""Folders that lead to another section, which lists what they contain."""


def plan_folders(planners: Sequence[LocalePlanner], paths: Collection[str], older: Collection[str]) -> Iterator[Output]:
    """Yield a redirect at each folder without a page; it leads to the page of the next folder above.

    `paths` are the output paths of the site, `older` are those at older addresses, which are not a target. All locales
    but the first have a folder. File systems that ignore case have one file at two addresses that differ in case only.
    """
    files, taken = set(paths), {folded_path(path) for path in (*paths, *older)} if older else set(paths)
    by_folder = {planner.locale: planner for planner in planners[1:]}
    folders = {path.rpartition("/")[0] for path in (*paths, *older)}
    folders |= {folder[:index] for folder in folders for index, char in enumerate(folder) if char == "/"}
    for folder in sorted(folders - {""}):
        index = f"{folder}/{_INDEX}"
        if folder.startswith(".") or index in files or (key := folded_path(index)) in taken:
            continue
        taken.add(key)
        planner = by_folder.get(folder.partition("/")[0], planners[0])
        urls = planner.urls
        section = _ELSEWHERE.get(urls.without_locale(f"/{folder}")[1:])
        if section is not None:
            target = urls.section(section)
        else:
            above = folder.rpartition("/")[0]
            while above and f"{above}/{_INDEX}" not in files:
                above = above.rpartition("/")[0]
            target = f"/{above}/" if above else planners[0].urls.home()
        yield Output(index, RedirectPage(planner.context, target))
