"""YAML read field by field: what a person wrote, or what is wrong with it and on which line.

A file is composed into nodes, which know their lines, and each field is read from its node as it was written:
09:00 without quotes stays an hour (YAML 1.1 makes 540 of it), and ``no`` a word.
"""

import re
from collections.abc import Callable, Mapping
from datetime import time
from difflib import get_close_matches
from typing import Final, TypeVar

import yaml

from bot.core.plain_text import clean, single_line
from bot.messages import Phrase

T = TypeVar("T")
Reader = Callable[[yaml.Node], T]

GUESSABLE: Final = 4  # letters; of a shorter word one cannot tell what was meant
SHOWN: Final = 40  # characters of a wrong value that are repeated

_NULL: Final = "tag:yaml.org,2002:null"
_CLOCK: Final = re.compile(r"(\d{1,2})[:.](\d{2})")


class MisreadError(Exception):
    """A field is not what it should be: on which line, what it is, and how to mend it.

    What only operators ever read may be said in plain English.
    """

    def __init__(self, node: yaml.Node, what: Phrase | str, mend: Phrase | str) -> None:
        super().__init__()
        self.line = line_of(node)
        self.what = _as_phrase(what)
        self.mend = _as_phrase(mend)


def _as_phrase(said: Phrase | str) -> Phrase:
    return said if isinstance(said, Phrase) else Phrase("problem.plain", {"teksti": said})


def line_of(node: yaml.Node) -> int:
    """Give the line that a node begins on, from 1."""
    return int(node.start_mark.line) + 1


class Fields:
    """The fields of one mapping.  What is wrong is noted in ``faults``, and reading goes on."""

    def __init__(self, node: yaml.Node, keys: tuple[str, ...], faults: list[MisreadError]) -> None:
        self.faults = faults
        self._node = node
        self._values: dict[str, yaml.Node] = {}
        if not isinstance(node, yaml.MappingNode):
            faults.append(
                MisreadError(
                    node,
                    Phrase("problem.names_missing"),
                    Phrase("problem.mend.begin_with", {"kenttä": keys[0]}),
                )
            )
            return
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if name not in keys:
                faults.append(
                    MisreadError(
                        key, Phrase("problem.unknown_here", {"arvo": short(name)}), one_of(name, keys)
                    )
                )
            elif name in self._values:
                faults.append(
                    MisreadError(
                        key, Phrase("problem.twice", {"arvo": short(name)}), Phrase("problem.mend.remove_one")
                    )
                )
            elif value.tag != _NULL:
                self._values[name] = value

    def get(self, key: str, reader: Reader[T], default: T) -> T:
        """Read a field; give the default where it is missing, empty or wrong."""
        node = self._values.get(key)
        if node is None:
            return default
        try:
            return reader(node)
        except MisreadError as fault:
            self.faults.append(fault)
            return default

    def need(self, key: str, reader: Reader[T]) -> T | None:
        """Read a field that must be there; give None, and note a fault, where it is missing or wrong."""
        if key not in self._values and isinstance(self._node, yaml.MappingNode):
            self.fault(
                key,
                Phrase("problem.field_missing", {"kenttä": key}),
                Phrase("problem.mend.add_field", {"kenttä": key}),
            )
        return self.get(key, reader, None)

    def fault(self, key: str, what: Phrase | str, mend: Phrase | str) -> None:
        """Note what is wrong with a field, or with the whole where it is missing."""
        self.faults.append(MisreadError(self._values.get(key, self._node), what, mend))


def as_text(node: yaml.Node) -> str:
    """Read one line of text, without what nobody sees."""
    return single_line(_written(node))


def as_lines(node: yaml.Node) -> str:
    """Read a text that may have several lines."""
    return clean(_written(node)).strip()


def as_flag(node: yaml.Node) -> bool:
    """Read true or false."""
    return as_choice({"true": True, "false": False})(node)


def as_choice(choices: Mapping[str, T]) -> Reader[T]:
    """Make a reader of one of a few words."""

    def read(node: yaml.Node) -> T:
        written = as_text(node).lower()
        if written not in choices:
            raise MisreadError(
                node, Phrase("problem.no_choice", {"arvo": short(written)}), one_of(written, choices)
            )
        return choices[written]

    return read


def as_shaped(shape: str, wanted: Phrase | str) -> Reader[str]:
    """Make a reader of a text that matches an expression, ``wanted`` in words."""
    pattern = re.compile(shape)

    def read(node: yaml.Node) -> str:
        written = as_text(node)
        if not pattern.fullmatch(written):
            raise MisreadError(
                node,
                Phrase("problem.misshaped", {"arvo": short(written)}),
                Phrase("problem.mend.shape", {"muoto": wanted}),
            )
        return written

    return read


def as_number(least: int, most: int) -> Reader[int]:
    """Make a reader of a whole number between two others, both included."""

    def read(node: yaml.Node) -> int:
        written = as_text(node)
        number = int(written) if re.fullmatch(r"-?[0-9]{1,9}", written) else None
        if number is None or not least <= number <= most:
            mend = Phrase("problem.mend.number", {"pienin": least, "suurin": most})
            raise MisreadError(node, Phrase("problem.no_number", {"arvo": short(written)}), mend)
        return number

    return read


def as_time(node: yaml.Node) -> time:
    """Read an hour of the day, "13:00"."""
    written = as_text(node)
    found = _CLOCK.fullmatch(written)
    try:
        if found:
            return time(int(found[1]), int(found[2]))
    except ValueError:
        pass
    raise MisreadError(
        node, Phrase("problem.no_clock", {"arvo": short(written)}), Phrase("problem.mend.clock")
    )


def as_list(reader: Reader[T], faults: list[MisreadError]) -> Reader[tuple[T, ...]]:
    """Make a reader of a list; an item that is wrong is noted and left out."""

    def read(node: yaml.Node) -> tuple[T, ...]:
        if not isinstance(node, yaml.SequenceNode):
            raise MisreadError(node, Phrase("problem.list_wanted"), Phrase("problem.mend.brackets"))
        found = []
        for item in node.value:
            try:
                found.append(reader(item))
            except MisreadError as fault:
                faults.append(fault)
        return tuple(found)

    return read


def as_named(name: Reader[str], reader: Reader[T], faults: list[MisreadError]) -> Reader[dict[str, T]]:
    """Make a reader of a mapping from names of one's own choice; what is wrong is noted and left out."""

    def read(node: yaml.Node) -> dict[str, T]:
        if not isinstance(node, yaml.MappingNode):
            raise MisreadError(node, Phrase("problem.names_missing"), Phrase("problem.mend.name_value"))
        found: dict[str, T] = {}
        for key, value in node.value:
            try:
                called, read_value = name(key), reader(value)
            except MisreadError as fault:
                faults.append(fault)
                continue
            if called in found:
                faults.append(
                    MisreadError(
                        key,
                        Phrase("problem.twice", {"arvo": short(called)}),
                        Phrase("problem.mend.remove_one"),
                    )
                )
            found.setdefault(called, read_value)
        return found

    return read


def _written(node: yaml.Node) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise MisreadError(node, Phrase("problem.text_wanted"), Phrase("problem.mend.quotes"))
    return str(node.value)


def short(written: str) -> str:
    """Quote a wrong value, not endlessly."""
    return repr(written if len(written) <= SHOWN else f"{written[:SHOWN]}…")


def one_of(written: str, known: Mapping[str, object] | tuple[str, ...]) -> Phrase:
    """Say what could stand there instead."""
    near = get_close_matches(written, list(known), n=1) if len(written) >= GUESSABLE else []
    if near:
        return Phrase("problem.mend.did_you_mean", {"arvo": near[0]})
    return Phrase("problem.mend.one_of", {"arvot": ", ".join(known)})
