"""iCalendar text to blocks of lines that know where they stand.

The library reads a file as a whole: one bad line fails it all, and no line has a number.  So the file is cut
into its events here, and each goes to the library on its own.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_LINE_END = re.compile(rb"\r\n|\n|\r")
KEPT = ("VEVENT", "VTIMEZONE")

_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Line:
    """One content line, unfolded; ``number`` is that of its first piece in the file, from 1."""

    number: int
    text: str

    @property
    def name(self) -> str:
        """The name of the property, in capitals."""
        return re.split("[:;]", self.text, maxsplit=1)[0].strip().upper()

    @property
    def value(self) -> str:
        """What follows the first colon: enough for properties without quoted parameters."""
        return self.text.partition(":")[2].strip()


@dataclass(frozen=True, slots=True)
class Block:
    """A component: its own lines, BEGIN and END included, and the triggers of the alarms in it."""

    name: str
    lines: tuple[Line, ...]
    triggers: tuple[Line, ...]
    complete: bool  # did it have an END?

    @property
    def line(self) -> int:
        """The line that it begins on."""
        return self.lines[0].number

    @property
    def text(self) -> str:
        """The lines as the library takes them."""
        return "\r\n".join(line.text for line in self.lines)

    def find(self, name: str) -> Line | None:
        """Give the first line of a property; None: it has none."""
        return next((line for line in self.lines if line.name == name), None)

    def value(self, name: str) -> str:
        """Give the value of a property as it is written, empty where it has none."""
        line = self.find(name)
        return line.value if line else ""


@dataclass(frozen=True, slots=True)
class Layout:
    """A calendar cut into its time zones and events, in the order of the file."""

    is_calendar: bool
    is_utf8: bool
    zone_name: str  # X-WR-TIMEZONE, empty where it has none
    blocks: tuple[Block, ...]


def cut(data: bytes) -> Layout:
    """Cut a calendar into blocks; other components than events and time zones are left out."""
    lines, is_utf8 = unfolded(data)
    return Layout(
        is_calendar=any(_is(line, "BEGIN", "VCALENDAR") for line in lines),
        is_utf8=is_utf8,
        zone_name=next((line.value for line in lines if line.name == "X-WR-TIMEZONE"), ""),
        blocks=tuple(_blocks(lines)),
    )


def unfolded(data: bytes) -> tuple[list[Line], bool]:
    """Give the content lines, and whether all of them are UTF-8; what is not is replaced.

    Lines are joined as bytes, since a fold may stand inside a character.
    """
    pieces: list[tuple[int, list[bytes]]] = []
    for number, piece in enumerate(_LINE_END.split(data.removeprefix(_BOM)), start=1):
        if piece[:1] in (b" ", b"\t") and pieces:
            pieces[-1][1].append(piece[1:])
        elif piece.strip():
            pieces.append((number, [piece]))
    joined = [(number, b"".join(parts)) for number, parts in pieces]
    lines = [Line(number, text.decode("utf-8", "replace")) for number, text in joined]
    return lines, all(line.text.encode() == text for line, (_, text) in zip(lines, joined, strict=True))


def _blocks(lines: list[Line]) -> Iterator[Block]:
    """Give the events and time zones; one that never ends ends where the next begins."""
    open_block: list[Line] = []
    for line in lines:
        begins = line.name == "BEGIN" and line.value.upper() in KEPT
        if open_block and (begins or _is(line, "END", "VCALENDAR")):
            yield _block(open_block, complete=False)
            open_block = []
        if begins or open_block:
            open_block.append(line)
        if open_block and _is(line, "END", open_block[0].value):
            yield _block(open_block, complete=True)
            open_block = []
    if open_block:
        yield _block(open_block, complete=False)


def _block(lines: list[Line], *, complete: bool) -> Block:
    """Make a block; of an event, what is inside its alarms and the like is set apart."""
    name = lines[0].value.upper()
    if name == "VTIMEZONE":
        return Block(name, _ended(lines, name), (), complete)
    own: list[Line] = []
    triggers: list[Line] = []
    inside: list[str] = []
    for line in lines[1:-1] if complete else lines[1:]:
        if line.name == "BEGIN":
            inside.append(line.value.upper())
        elif line.name == "END":
            inside = inside[:-1]
        elif not inside:
            own.append(line)
        elif line.name == "TRIGGER" and inside[-1] == "VALARM":
            triggers.append(line)
    return Block(name, _ended([lines[0], *own], name), tuple(triggers), complete)


def _ended(lines: list[Line], name: str) -> tuple[Line, ...]:
    end = Line(lines[-1].number, f"END:{name}")
    return (*(lines[:-1] if _is(lines[-1], "END", name) else lines), end)


def _is(line: Line, name: str, value: str) -> bool:
    return line.name == name and line.value.upper() == value.upper()
