"""Finds parts of a template that no page shows: blocks that its parents lack, and text outside its blocks."""

from collections.abc import Iterator, Mapping

from jinja2 import nodes


def unused_parts(name: str, trees: Mapping[str, nodes.Template]) -> Iterator[tuple[int, str, list[str]]]:
    """Yield the parts of the template `name` that its parents do not show; nothing if a parent is unknown.

    A part is a line and the name of a block that no parent has, with the names that it could have, or text outside
    blocks, which has no name. Jinja2 drops such parts without a word.
    """
    extends = _extends(trees[name])
    if extends is None:
        return
    chain = _chain(name, trees)
    if not chain:
        return
    called = {use.attr for tree in chain for use in tree.find_all(nodes.Getattr) if _is_self(use.node)}
    allowed = {block.name for tree in chain[1:] for block in tree.find_all(nodes.Block)}
    body = trees[name].body
    for node in body[body.index(extends) + 1 :]:
        if isinstance(node, nodes.Block) and node.name not in allowed | called:
            yield node.lineno, node.name, sorted(allowed)
    texts = (part for node in body[body.index(extends) + 1 :] if isinstance(node, nodes.Output) for part in node.nodes)
    first = next((part for part in texts if not isinstance(part, nodes.TemplateData) or part.data.strip()), None)
    if first is not None:
        blank = first.data[: -len(first.data.lstrip())] if isinstance(first, nodes.TemplateData) else ""
        yield first.lineno + blank.count("\n"), "", []


def _chain(name: str, trees: Mapping[str, nodes.Template]) -> list[nodes.Template]:
    """Return a template and its parents, the root last; nothing if a parent is unknown or is its own parent."""
    names: list[str] = []
    parent: str | None = name
    while parent is not None:
        if parent in names or parent not in trees:
            return []
        names.append(parent)
        tag = _extends(trees[parent])
        parent = _constant(tag) if tag is not None else None
    return [trees[name] for name in names]


def _extends(tree: nodes.Template) -> nodes.Extends | None:
    return next((node for node in tree.body if isinstance(node, nodes.Extends)), None)


def _constant(tag: nodes.Extends) -> str:
    """Return the name of the parent; "", which no template has, if it is computed."""
    return str(tag.template.value) if isinstance(tag.template, nodes.Const) else ""


def _is_self(node: nodes.Node) -> bool:
    return isinstance(node, nodes.Name) and node.name == "self"
