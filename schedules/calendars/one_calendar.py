"""Makes one calendar of the many small ones that a CalDAV server keeps: each has an event, its overrides, its zones."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator

from bot.clock import zone_names

_FOLD = re.compile(r"\r?\n[ \t]")
_ZONE_OF_A_TIME = re.compile(
    r'^((?:DT|RDATE|EXDATE|RECURRENCE-ID)[^:"]*;TZID=)("[^"]*"|[^;:"]*)', re.IGNORECASE
)
_BEGIN = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Vertti//One calendar//EN\r\n"
_END = "END:VCALENDAR"


def one_calendar(resources: Iterable[str]) -> bytes:
    """Join calendars into one, in their order: all their events, and each time zone once.

    Two of them may mean different zones by one name (Exchange calls each of its own "Customized Time Zone"): the later
    one gets a name of its own.  A name that the whole world knows means one thing, however it is defined.
    """
    zones = _Zones()
    parts = [_BEGIN]
    for resource in resources:
        components = list(_components(resource))
        names: dict[str, str] = {}  # what this resource calls a zone -> what it is called in the whole
        for component in components:
            if _is("VTIMEZONE", component):
                tzid = _tzid(component)
                names[tzid], is_new = zones.take(tzid, component)
                if is_new:
                    parts.append(_written(_renamed(component, names)))
        parts += [_written(_renamed(each, names)) for each in components if _is("VEVENT", each)]
    return b"".join([*parts, _written([_END])])


def _written(lines: Iterable[str]) -> bytes:
    return "".join(f"{line}\r\n" for line in lines).encode()


def _components(resource: str) -> Iterator[list[str]]:
    """Give the lines, unfolded, of each component right inside the calendar."""
    inside: list[str] = []
    depth = 0  # of the components that are open in the calendar
    for line in _FOLD.sub("", resource).replace("\r", "").split("\n"):
        said = line.strip().upper()
        depth += said.startswith("BEGIN:") and said != "BEGIN:VCALENDAR"
        if depth and said != _END:
            inside.append(line)
        depth -= said.startswith("END:")
        if inside and (depth <= 0 or said == _END):  # one whose END is missing ends with the calendar
            yield inside
            inside, depth = [], 0
        depth = max(depth, 0)


def _is(kind: str, component: list[str]) -> bool:
    return component[0].upper().rstrip() == f"BEGIN:{kind}"


def _tzid(component: list[str]) -> str:
    return next((line[5:].strip() for line in component if line[:5].upper() == "TZID:"), "")


class _Zones:
    """The zones of the whole, however many calendars define them: each is looked up once."""

    def __init__(self) -> None:
        self._names: dict[tuple[str, ...], str] = {}  # by the lines of the definition
        self._used: set[str] = set()
        self._numbers: defaultdict[str, int] = defaultdict(lambda: 1)

    def take(self, tzid: str, component: list[str]) -> tuple[str, bool]:
        """Give the name of a zone in the whole, its own unless that is another zone's, and whether it is new there."""
        definition = tuple(component)
        if definition in self._names:
            return self._names[definition], False
        name = tzid
        if name in self._used and name in zone_names():
            self._names[definition] = name
            return name, False
        while name in self._used:
            self._numbers[tzid] += 1
            name = f"{tzid} ({self._numbers[tzid]})"
        self._used.add(name)
        self._names[definition] = name
        return name, True


def _renamed(component: list[str], names: dict[str, str]) -> list[str]:
    """Call the zones of a component what they are called in the whole."""
    others = {old: new for old, new in names.items() if old != new}
    if not others:
        return component

    def rename(found: re.Match[str]) -> str:
        old = found[2].strip('"')
        return f'{found[1]}"{others[old]}"' if old in others else found[0]

    return [
        f"TZID:{others[old]}"
        if line[:5].upper() == "TZID:" and (old := line[5:].strip()) in others
        else _ZONE_OF_A_TIME.sub(rename, line)
        for line in component
    ]
