"""YAML read field by field: what a person wrote, or what is wrong with it and on which line.

A file is composed into nodes, which know their lines, and each field is read from its node as it was written:
13:00 without quotes stays an hour (YAML 1.1 makes 780 of it), and an impossible date is one broken field.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date, time, timedelta
from difflib import get_close_matches
from typing import TypeVar

import yaml

from bot.core.occurrences import Words
from bot.core.plain_text import single_line
from bot.core.recurrence import duration

T = TypeVar("T")
Reader = Callable[[yaml.Node], T]

# Before it time zones are guesswork, after it nobody plans; and no sum of days leaves what a date can hold.
EARLIEST = date(1970, 1, 1)
LATEST = date(2199, 12, 31)

LONGEST = timedelta(days=366)
GUESSABLE = 4  # letters; of a shorter word one cannot tell what was meant
SHOWN = 40  # characters of a wrong value that are repeated

_NULL = "tag:yaml.org,2002:null"
_CLOCK = re.compile(r"(\d{1,2})[:.](\d{2})")
_LANGUAGE = re.compile(r"[a-z]{2}")


class MisreadError(Exception):
    """A field is not what it should be: on which line, what it is, and how to mend it."""

    def __init__(self, node: yaml.Node, what: str, mend: str) -> None:
        super().__init__(what)
        self.line = line_of(node)
        self.what = what
        self.mend = mend


def line_of(node: yaml.Node) -> int:
    """Give the line that a node begins on, from 1."""
    return int(node.start_mark.line) + 1


class Fields:
    """The fields of one mapping.  What is wrong is noted in ``faults``, and reading goes on."""

    def __init__(self, node: yaml.Node | None, keys: tuple[str, ...], faults: list[MisreadError]) -> None:
        self.faults = faults
        self._node = node
        self._values: dict[str, yaml.Node] = {}
        if node is None:
            return
        if not isinstance(node, yaml.MappingNode):
            faults.append(
                MisreadError(node, "names and values are missing here", f"Begin with {keys[0]}: and a value.")
            )
            return
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if name not in keys:
                faults.append(MisreadError(key, f"{_short(name)} is unknown here", _one_of(name, keys)))
            elif name in self._values:
                faults.append(
                    MisreadError(key, f"{_short(name)} stands here twice", "Remove one of the two.")
                )
            elif value.tag != _NULL:
                self._values[name] = value

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def line(self, key: str) -> int:
        """Give the line of a field, or of the whole where it is missing."""
        return line_of(self._at(key))

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
            self.fault(key, f"{key!r} is missing", f"Add {key}: to it.")
        return self.get(key, reader, None)

    def fault(self, key: str, what: str, mend: str) -> None:
        """Note what is wrong with a field, or with the whole where it is missing."""
        self.faults.append(MisreadError(self._at(key), what, mend))

    def _at(self, key: str) -> yaml.Node:
        node = self._values.get(key, self._node)
        assert node is not None, "what is not there has no fields and no faults"
        return node


def as_text(node: yaml.Node) -> str:
    """Read one line of text, without what nobody sees."""
    return _written(node, "a text", "Put the text in quotes.")


def as_flag(node: yaml.Node) -> bool:
    """Read true or false."""
    return as_choice({"true": True, "false": False})(node)


def as_choice(choices: Mapping[str, T]) -> Reader[T]:
    """Make a reader of one of a few words."""

    def read(node: yaml.Node) -> T:
        written = as_text(node).lower()
        if written not in choices:
            raise MisreadError(
                node, f"{_short(written)} is none of the choices", _one_of(written, tuple(choices))
            )
        return choices[written]

    return read


def as_number(least: int, most: int) -> Reader[int]:
    """Make a reader of a whole number between two others, both included."""

    def read(node: yaml.Node) -> int:
        written = as_text(node)
        number = int(written) if re.fullmatch(r"-?[0-9]{1,9}", written) else None
        if number is None or not least <= number <= most:
            raise MisreadError(
                node,
                f"{_short(written)} is not a number that can stand here",
                f"Write a number from {least} to {most}.",
            )
        return number

    return read


def as_date(node: yaml.Node) -> date:
    """Read a day, 2026-11-26."""
    written = _written(node, "a date", "Write it as 2026-11-26.")
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        raise MisreadError(node, f"{_short(written)} is not a date there is", "Write it as 2026-11-26.")
    return day


def as_time(node: yaml.Node) -> time:
    """Read an hour of the day, "13:00"."""
    mend = 'Write it as "13:00".'
    written = _written(node, "an hour", mend)
    found = _CLOCK.fullmatch(written)
    try:
        if found:
            return time(int(found[1]), int(found[2]))
    except ValueError:
        pass
    raise MisreadError(node, f"{_short(written)} is not an hour of the day", mend)


def as_duration(node: yaml.Node) -> timedelta:
    """Read a length of time, PT1H30M; at most a year."""
    mend = "Write it as PT1H30M (an hour and a half) or P1D (a day)."
    written = _written(node, "a length of time", mend)
    try:
        length = duration(written)
    except ValueError:
        length = None
    if length is None or length > LONGEST:
        raise MisreadError(node, f"{_short(written)} is not a length of time", mend)
    return length


def as_list(reader: Reader[T]) -> Reader[tuple[T, ...]]:
    """Make a reader of a list; one alone needs no brackets."""

    def read(node: yaml.Node) -> tuple[T, ...]:
        if isinstance(node, yaml.SequenceNode):
            return tuple(reader(item) for item in node.value)
        return (reader(node),)

    return read


def as_words(language: str) -> Reader[Words]:
    """Make a reader of a text in several languages; without any named, it is in this one."""

    def read(node: yaml.Node) -> Words:
        if not isinstance(node, yaml.MappingNode):
            return {language: _some_text(node)}
        words = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if not _LANGUAGE.fullmatch(name):
                raise MisreadError(
                    key,
                    f"{_short(name)} is not a language",
                    "Write {fi: ..., sv: ..., en: ...}, or a text in quotes.",
                )
            words[name] = _some_text(value)
        return words

    return read


def _some_text(node: yaml.Node) -> str:
    text = as_text(node)
    if not text:
        raise MisreadError(node, "a text is missing here", "Write one, or leave it out.")
    return text


def as_named(name: Reader[str], reader: Reader[T]) -> Reader[dict[str, T]]:
    """Make a reader of a mapping from names of one's own choice."""

    def read(node: yaml.Node) -> dict[str, T]:
        if not isinstance(node, yaml.MappingNode):
            raise MisreadError(node, "names and values are missing here", "Write name: value.")
        return {name(key): reader(value) for key, value in node.value}

    return read


def _written(node: yaml.Node, wanted: str, mend: str) -> str:
    if not isinstance(node, yaml.ScalarNode):
        raise MisreadError(node, f"{wanted} is wanted here, not a list or a mapping", mend)
    return single_line(node.value)


def _short(written: str) -> str:
    return repr(written if len(written) <= SHOWN else f"{written[:SHOWN]}…")


def _one_of(written: str, known: tuple[str, ...]) -> str:
    near = get_close_matches(written, known, n=1) if len(written) >= GUESSABLE else []
    return f"Did you mean {near[0]!r}?" if near else f"Write one of: {', '.join(known)}."
