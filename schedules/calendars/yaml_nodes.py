"""YAML text to nodes, so that one broken series does not take the others with it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml

_ITEM = re.compile(r"( *)- ")
_ID = re.compile(r"\bid: *[\"']?(\w{1,32})")


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A stretch of text that is not YAML; ``name`` is the id that stands in it, None: it has none."""

    name: str | None
    line: int | None
    why: str


@dataclass(frozen=True, slots=True)
class Composed:
    """The top of a file (None: it could not be read), the items of its one list, and what could not be read."""

    top: yaml.Node | None
    items: tuple[yaml.Node, ...]
    unreadable: tuple[Unreadable, ...] = ()


def compose(text: str, key: str) -> Composed:
    """Compose a file whose list under ``key`` holds what it is about.

    Where the whole is not YAML, each item of the list is tried on its own, so that only the broken ones are
    missing.  Lines are those of the file in either case.
    """
    try:
        top = _node(text)
    except yaml.YAMLError as error:
        return _piece_by_piece(text, key, error)
    return Composed(top, _items(top, key))


def _node(text: str) -> yaml.Node | None:
    """Compose one document; nothing in it is constructed, so no tag has any effect."""
    try:
        node: yaml.Node | None = yaml.compose(text, Loader=yaml.SafeLoader)
    except RecursionError as error:
        message = "too many brackets inside each other"
        raise yaml.YAMLError(message) from error
    return node


def _items(top: yaml.Node | None, key: str) -> tuple[yaml.Node, ...]:
    if not isinstance(top, yaml.MappingNode):
        return ()
    for name, value in top.value:
        if name.value == key and isinstance(value, yaml.SequenceNode):
            return tuple(value.value)
    return ()


def _piece_by_piece(text: str, key: str, error: yaml.YAMLError) -> Composed:
    lines = text.split("\n")
    unreadable: list[Unreadable] = []
    items: list[yaml.Node] = []
    top: yaml.Node | None = None
    pieces = list(_pieces(lines, key))
    for first, end in pieces:
        try:
            node = _node("\n" * first + "\n".join(lines[first:end]))
        except yaml.YAMLError as broken:
            unreadable.append(_unreadable(broken, "\n".join(lines[first:end])))
        else:
            items += node.value if isinstance(node, yaml.SequenceNode) else []
    for first, end in pieces:
        lines[first:end] = [""] * (end - first)
    try:
        top = _node("\n".join(lines))
    except yaml.YAMLError as broken:
        unreadable.append(_unreadable(broken, ""))
    return Composed(top, tuple(items), tuple(unreadable) or (_unreadable(error, ""),))


def _pieces(lines: list[str], key: str) -> Iterator[tuple[int, int]]:
    """Give the spans of lines, [first, end), of the items of the list under ``key``."""
    if f"{key}:" not in (line.split("#")[0].strip() for line in lines):
        return
    head = next(number for number, line in enumerate(lines) if line.split("#")[0].strip() == f"{key}:")
    indent: str | None = None
    first = head
    for number in range(head + 1, len(lines)):
        line = lines[number]
        found = _ITEM.match(line)
        begins = found is not None and (indent is None or found[1] == indent)
        ends = bool(line.strip()) and line[0] not in " -#\t"
        if (begins or ends) and indent is not None:
            yield first, number
        if ends:
            return
        if begins and found is not None:
            indent, first = found[1], number
    if indent is not None:
        yield first, len(lines)


def _unreadable(error: yaml.YAMLError, text: str) -> Unreadable:
    name = _ID.search(text)
    mark = getattr(error, "problem_mark", None)
    why = getattr(error, "problem", None) or "a character that YAML does not take"
    return Unreadable(name[1] if name else None, mark.line + 1 if mark else None, why)
