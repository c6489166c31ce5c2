"""YAML text to nodes, so that one broken item does not take the others with it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

import yaml
from yaml.composer import Composer
from yaml.cyaml import CParser  # type: ignore[attr-defined]
from yaml.resolver import Resolver

from bot.messages import Phrase, Value

_ITEM = re.compile(r"( *)- ")
_EMPTY_VALUE = "found unexpected ':'"  # what libyaml says of {start: 2027-01-07, until:}, which is YAML


class _Loader(Composer, CParser, Resolver):
    """Reads by libyaml, ten times as fast as in Python, and composes in Python.

    Composing in C would end the whole process at a hundred thousand brackets.
    """

    def __init__(self, text: str) -> None:
        CParser.__init__(self, text)
        Composer.__init__(self)
        Resolver.__init__(self)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A stretch of text that is not YAML: where it breaks, from line 1, why, and how to mend it."""

    line: int
    what: Phrase
    mend: Phrase


@dataclass(frozen=True, slots=True)
class Composed:
    """The top of a file (None: nothing stands in it), the items of its one list, and what could not be read."""

    top: yaml.Node | None
    items: tuple[yaml.Node, ...]
    unreadable: tuple[Unreadable, ...] = ()


def compose(text: str, key: str | None) -> Composed:
    """Compose a file and give the items of the list under ``key``; None: the file is one list.

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
        node: yaml.Node | None = _composed(text)
    except RecursionError as error:
        message = "too many brackets inside each other"
        raise yaml.YAMLError(message) from error
    return node


def _items(top: yaml.Node | None, key: str | None) -> tuple[yaml.Node, ...]:
    found = top
    if key is not None:
        pairs = top.value if isinstance(top, yaml.MappingNode) else []
        found = next((value for name, value in pairs if name.value == key), None)
    return tuple(found.value) if isinstance(found, yaml.SequenceNode) else ()


def _composed(text: str) -> yaml.Node | None:
    try:
        node: yaml.Node | None = _Loader(text).get_single_node()
    except yaml.YAMLError as error:
        if getattr(error, "problem", None) != _EMPTY_VALUE:
            raise
        try:
            node = yaml.compose(text, Loader=yaml.SafeLoader)
        except yaml.YAMLError:
            raise error from None
    return node


def _piece_by_piece(text: str, key: str | None, error: yaml.YAMLError) -> Composed:
    lines = text.split("\n")
    unreadable: list[Unreadable] = []
    items: list[yaml.Node] = []
    spans = list(_spans(lines, key))
    for first, end in spans:
        try:
            node = _node("\n" * first + "\n".join(lines[first:end]))
        except yaml.YAMLError as broken:
            unreadable.append(_unreadable(broken, lines, first))
        else:
            items += node.value if isinstance(node, yaml.SequenceNode) else []
    for first, end in spans:
        lines[first:end] = [""] * (end - first)
    top: yaml.Node | None = None
    try:
        top = _node("\n".join(lines))
    except yaml.YAMLError as broken:
        unreadable.append(_unreadable(broken, lines))
    return Composed(top, tuple(items), tuple(unreadable) or (_unreadable(error, lines),))


def _spans(lines: list[str], key: str | None) -> Iterator[tuple[int, int]]:
    """Give the spans of lines, [first, end), of the items of the list."""
    heads = [number for number, line in enumerate(lines) if line.split("#")[0].strip() == f"{key}:"]
    if key is not None and not heads:
        return
    indent: str | None = None
    first = head = heads[0] if key is not None else -1
    for number in range(head + 1, len(lines)):
        line = lines[number]
        item = _ITEM.match(line)
        begins = item is not None and indent in (None, item[1])
        ends = bool(line.strip()) and line[0] not in " -#\t"
        if (begins or ends) and indent is not None:
            yield first, number
        if ends:
            return
        if begins and item is not None:
            indent, first = item[1], number
    if indent is not None:
        yield first, len(lines)


def _unreadable(error: yaml.YAMLError, lines: list[str], first: int = 0) -> Unreadable:
    """Say where a piece that begins on this line, from 0, breaks: there, where YAML does not say."""
    mark = getattr(error, "problem_mark", None)
    line = min(mark.line, len(lines) - 1) if mark else first
    said = getattr(error, "problem", None) or ""
    why: Value = said or Phrase("problem.yaml.character")
    mend = Phrase("problem.mend.yaml_check")
    if mark and lines[line][mark.column : mark.column + 1] == "\t":
        why, mend = Phrase("problem.yaml.tab"), Phrase("problem.mend.yaml_spaces")
    return Unreadable(line + 1, Phrase("problem.no_yaml", {"syy": why}), mend)
