"""iCalendar text to calendars of events, whose lines know where they stand.

The library reads a file as a whole: one bad line fails it all, and no line has a number.  So the file is cut up
here, and only what Vertti reads is kept: nobody's name or address gets any further (T-26).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

# What is read of an event.
READ = frozenset(
    {
        *("UID", "SEQUENCE", "DTSTAMP", "LAST-MODIFIED", "RECURRENCE-ID"),
        *("DTSTART", "DTEND", "DURATION", "RRULE", "RDATE", "EXDATE", "EXRULE"),
        *("SUMMARY", "LOCATION", "CATEGORIES", "STATUS", "CLASS"),
        *("X-MICROSOFT-CDO-ALLDAYEVENT", "X-MICROSOFT-MSNCALENDAR-ALLDAYEVENT"),
    }
)

_UTF_8, _UTF_16 = b"\xef\xbb\xbf", (b"\xff\xfe", b"\xfe\xff")  # byte order marks
_NAME = re.compile(rb"\s*([A-Za-z0-9-]+)\s*(?=[:;])")
# Parameters, which may hold a colon in quotes, and the value.
_QUOTED = re.compile(r'(?s)((?:;(?:"[^"]*"|[^":]++)*+)?):(.*)')
_PARAMETER = re.compile(r'([A-Za-z0-9-]+)\s*=\s*(?:"([^"]*)"?|([^;]*))')
# What continues no line, though a blank before it says so: no text is folded so that just this is left of it.
_INDENTED = re.compile(
    rb"(?i)[ \t]+(?:(?:BEGIN|END):(?:VCALENDAR|VEVENT|VTIMEZONE|STANDARD|DAYLIGHT|VALARM|VTODO|VJOURNAL|VFREEBUSY)"
    rb'|(?:DTSTART|DTEND|RECURRENCE-ID|EXDATE)(?:;(?:TZID|VALUE)=(?:"[^"]*"|[^";]+))*:[\dTZ,]{8,}'
    rb"|RRULE:FREQ=[A-Z]+(?:;[A-Z]+=[\w,+-]+)*;?"
    rb"|STATUS:(?:CANCELLED|CONFIRMED|TENTATIVE))\s*"
)


@dataclass(frozen=True, slots=True)
class Line:
    """One content line, unfolded; ``number`` is that of its first piece in the file, from 1."""

    number: int
    name: str  # in capitals; empty: it is no property at all
    rest: str  # from the semicolon or colon on

    @property
    def parts(self) -> tuple[str, str]:
        """The parameters and the value, each as it is written."""
        found = _QUOTED.fullmatch(self.rest)
        if found:
            return found[1], found[2]
        parameters, _, value = self.rest.partition(":")
        return parameters, value

    @property
    def value(self) -> str:
        """What follows the parameters."""
        return self.parts[1].strip()

    def parameter(self, name: str) -> str:
        """Give a parameter as it is meant, without quotes; empty: there is none."""
        return parameters_in(self.parts[0]).get(name, "")


def parameters_in(text: str) -> dict[str, str]:
    """Give the parameters that a line begins with, by their names in capitals, without quotes.

    A quote that never closes reaches to the end.
    """
    return {name.upper(): (quoted or bare).strip() for name, quoted, bare in _PARAMETER.findall(text)}


@dataclass(frozen=True, slots=True)
class Block:
    """An event: what it says of itself, the triggers of its alarms, and the lines that are none."""

    line: int  # that it begins on
    complete: bool  # did it have an END?
    lines: Mapping[str, Sequence[Line]]
    triggers: Sequence[Line] = ()
    nonsense: Sequence[int] = ()

    def find(self, name: str) -> Line | None:
        """Give the first line of a property; None: it has none."""
        found = self.lines.get(name)
        return found[0] if found else None

    def all(self, name: str) -> Sequence[Line]:
        """Give all lines of a property."""
        return self.lines.get(name, ())

    def value(self, name: str) -> str:
        """Give the value of a property as it is written, empty where it has none."""
        line = self.find(name)
        return line.value if line else ""


@dataclass(frozen=True, slots=True)
class Headless:
    """The rest of an event without its BEGIN: a line of it, and its UID, empty where it has none."""

    line: int
    uid: str


@dataclass(frozen=True, slots=True)
class ZoneBlock:
    """The definition of a time zone, as the library takes it."""

    line: int
    name: str
    text: str


@dataclass(slots=True)
class CalendarLines:
    """One VCALENDAR: a file may hold several, each with time zones of its own."""

    zone_name: str = ""  # X-WR-TIMEZONE
    method: str = ""
    zones: list[ZoneBlock] = field(default_factory=list)
    events: list[Block] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Layout:
    """A file cut into its calendars, in order."""

    is_calendar: bool
    is_utf8: bool
    calendars: Sequence[CalendarLines]
    headless: Sequence[Headless]
    left_out: int | None  # the line of the first event over the limit; None: there is none


def cut(data: bytes, *, most: int) -> Layout:
    """Cut a file into calendars of so many events together.

    Other components than events and time zones are left out.
    """
    return _Cutter(most).cut(data)


def unfolded(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Give the content lines, each with the number of its first piece.

    Lines are joined as bytes, since a fold may stand inside a letter.  A line that somebody has indented by hand is
    told from a piece of the one above by what it says, or it would be lost in that one.  A lone CR ends a line only where no line
    feed does; elsewhere it is a stray character.
    """
    if data.startswith(_UTF_16):
        data = data.decode("utf-16", "replace").encode()
    data = data.removeprefix(_UTF_8)
    if b"\n" not in data:
        data = data.replace(b"\r", b"\n")
    number, pieces = 0, list[bytes]()
    for at, piece in enumerate(data.split(b"\n"), start=1):
        text = piece.replace(b"\r", b"")
        if _INDENTED.fullmatch(text):
            text = text.strip()
        if text[:1] in (b" ", b"\t") and pieces:
            pieces.append(text[1:])
        elif text.strip():
            if pieces:
                yield number, b"".join(pieces)
            number, pieces = at, [text]
    if pieces:
        yield number, b"".join(pieces)


class _Cutter:
    """One walk down a file: inside what, and what was found there."""

    def __init__(self, most: int) -> None:
        self._left = most
        self._left_out: int | None = None
        self._is_calendar = False
        self._is_utf8 = True
        self._calendars: list[CalendarLines] = []
        self._headless: list[Headless] = []
        self._loose: dict[bytes, tuple[int, bytes]] = {}  # UID and DTSTART that stand in no event
        self._inside: list[bytes] = []  # components that are open, from the event or time zone on
        self._begun = 0  # the line that the open one begins on
        self._lines: dict[str, list[Line]] = {}
        self._triggers: list[Line] = []
        self._nonsense: list[int] = []
        self._zone: list[bytes] = []  # all lines of the open one, if it is a time zone

    def cut(self, data: bytes) -> Layout:
        """Walk down the file."""
        for number, text in unfolded(data):
            found = _NAME.match(text)
            name = found[1].upper() if found else b""
            if name == b"BEGIN":
                self._begin(number, text, _component(text))
            elif name == b"END":
                self._end(text, _component(text))
            elif self._inside:
                self._take(number, name, text, found.end() if found else 0)
            elif name in (b"X-WR-TIMEZONE", b"METHOD"):
                self._head(name, text)
            elif name in (b"UID", b"DTSTART"):
                self._loose[name] = number, text
        self._close(complete=False)
        return Layout(self._is_calendar, self._is_utf8, self._calendars, self._headless, self._left_out)

    def _begin(self, number: int, text: bytes, component: bytes) -> None:
        if component != b"VALARM":
            self._loose.clear()
        if component in (b"VEVENT", b"VTIMEZONE", b"VCALENDAR"):
            self._close(complete=False)  # one that never ends ends where the next begins
        if component == b"VCALENDAR":
            self._is_calendar = True
            self._calendars.append(CalendarLines())
        elif component in (b"VEVENT", b"VTIMEZONE"):
            self._inside, self._begun, self._zone = [component], number, [text]
        elif self._inside:
            self._inside.append(component)
            self._zone.append(text)

    def _end(self, text: bytes, component: bytes) -> None:
        if component == b"VCALENDAR":
            self._close(complete=False)
        elif self._inside:
            self._zone.append(text)
            if component == self._inside[0]:
                self._close(complete=True)
            elif len(self._inside) > 1:
                self._inside.pop()
        elif component == b"VEVENT" and self._loose:
            _, uid = self._loose.get(b"UID", (0, b""))
            line = max(line for line, _ in self._loose.values())
            self._headless.append(Headless(line, self._decoded(uid.partition(b":")[2]).strip()))
        if component != b"VALARM":
            self._loose.clear()

    def _take(self, number: int, name: bytes, text: bytes, after: int) -> None:
        """Take a line of what is open, if it is one that is read."""
        if self._inside[0] == b"VTIMEZONE":
            self._zone.append(text)
        elif len(self._inside) > 1:
            if name == b"TRIGGER" and self._inside[-1] == b"VALARM":
                self._triggers.append(Line(number, "TRIGGER", self._decoded(text[after:])))
        elif not name:
            self._nonsense.append(number)
        elif (known := name.decode()) in READ:
            self._lines.setdefault(known, []).append(Line(number, known, self._decoded(text[after:])))

    def _head(self, name: bytes, text: bytes) -> None:
        value = self._decoded(text.partition(b":")[2]).strip()
        if name == b"METHOD":
            self._calendar.method = value.upper()
        else:
            self._calendar.zone_name = self._calendar.zone_name or value

    def _close(self, *, complete: bool) -> None:
        """Put away the event or time zone that is open, if any."""
        if not self._inside:
            return
        if self._inside[0] == b"VEVENT":
            block = Block(self._begun, complete, self._lines, self._triggers, self._nonsense)
            self._lines, self._triggers, self._nonsense = {}, [], []
            if self._left > 0:
                self._left -= 1
                self._calendar.events.append(block)
            else:
                self._left_out = self._left_out or self._begun
        else:
            self._calendar.zones.append(self._zone_block(complete=complete))
        self._inside = []

    def _zone_block(self, *, complete: bool) -> ZoneBlock:
        lines = [self._decoded(text) for text in self._zone]
        if not complete:
            lines.append("END:VTIMEZONE")
        named = next((line for line in lines if line.upper().startswith("TZID")), "")
        return ZoneBlock(self._begun, named.partition(":")[2].strip(), "\r\n".join(lines))

    @property
    def _calendar(self) -> CalendarLines:
        if not self._calendars:  # its BEGIN is missing
            self._calendars.append(CalendarLines())
        return self._calendars[-1]

    def _decoded(self, text: bytes) -> str:
        """Read text that is not UTF-8 as what it then mostly is."""
        try:
            return text.decode()
        except UnicodeDecodeError:
            self._is_utf8 = False
            return text.decode("cp1252", "replace")


def _component(text: bytes) -> bytes:
    return text.partition(b":")[2].strip().upper()
