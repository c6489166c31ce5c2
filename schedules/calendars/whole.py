"""The whole schedule as its calendars say it now, read on the spot: for somebody at the terminal."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path

from bot.core.occurrences import Occurrence
from bot.core.overrides import Overrides
from bot.messages import Phrase
from bot.router import House
from schedules.calendars import read_calendar
from schedules.calendars.addresses import is_address, label, store_key
from schedules.calendars.apart import read_apart
from schedules.calendars.joining import DESCRIBED, feeds, join, leads_to
from schedules.calendars.reading import Problem, Reading, Window, listed, unopened

BEFORE = timedelta(days=60)  # whose turn it is depends on the dates before
AFTER = timedelta(days=400)  # from as far ahead a date may have been moved


@dataclass(frozen=True, slots=True)
class Changes:
    """What organizers have changed from the chat: what is laid over dates, and the dates that they have added."""

    overrides: Overrides
    added: Sequence[Occurrence]


def read_whole(
    house: House,
    *,
    window: Window,
    now: datetime,
    known: Iterable[Occurrence] = (),
    changes: Changes | None = None,
) -> Reading:
    """Read all calendars that are set, joined with what content/ says of their series.

    Args:
        house: its calendars, series, zone and so on.
        window: what is listed.
        now: today, for hosts that are asked.
        known: dates that have begun, as their calendars said them: the turns go on from them.
        changes: laid over what the calendars say; None: as they say it.
    """
    begun = tuple(known)
    wide = (
        min(window[0], now - BEFORE),
        window[1] if changes is None else max(window[1], now + AFTER),
    )
    readings = []
    for number, name in enumerate(house.calendars, start=1):
        reading = read_one(name, house.content_dir / name, house, number=number, window=wide, now=now)
        readings.append(
            join(
                reading,
                house.series.values(),
                calendars=house.calendars,
                number=number,
                source=label(name, number),
                zone=house.zone,
                known=begun,
            )
        )
    occurrences = list(chain.from_iterable(each.occurrences for each in readings))
    problems = list(chain.from_iterable(each.problems for each in readings))
    changed: list[Occurrence] = []
    if changes is not None:
        occurrences, changed = _laid_over(house, readings, changes)
    return Reading(
        listed((*occurrences, *changed), window),
        (*problems, *_nowhere(house, readings)),
        changed=frozenset((it.uid, it.recurrence_id) for it in changed),
    )


def _laid_over(
    house: House, readings: Sequence[Reading], changes: Changes
) -> tuple[list[Occurrence], list[Occurrence]]:
    """Give the dates that are as their calendars say, and those that are not."""
    same: list[Occurrence] = []
    changed = list(changes.added)
    for name, reading in zip(house.calendars, readings, strict=True):
        for it in reading.occurrences:
            after, by = changes.overrides.over(store_key(name), it)
            (same if by is None else changed).append(after)
    return same, changed


def read_one(
    name: str, path: Path, house: House, *, window: Window, now: datetime, number: int = 1
) -> Reading:
    """Read one calendar as it is; that it cannot be had is a problem among others.

    Args:
        name: an address, or what the file is called.
        path: where the file lies.
        house: whose zone, language and values hold.
        window: what is listed.
        now: today, for hosts that are asked.
        number: which it is in VERTTI_CALENDARS, from 1.
    """
    if is_address(name):
        return _fetched(name, house, window=window, now=now, number=number)
    try:
        data = path.read_bytes()
    except OSError as error:
        return Reading((), (unopened(name, error),))
    return _read(read_calendar if name.lower().endswith(DESCRIBED) else read_apart, data, name, house, window)


def _fetched(name: str, house: House, *, window: Window, now: datetime, number: int) -> Reading:
    """Read one from its address."""
    # Imported when first used: a schedule in files needs none of it.
    from schedules.calendars.fetching import FetchFault, NotModified, fetch  # noqa: PLC0415
    from schedules.calendars.guarded_http import Guard  # noqa: PLC0415
    from schedules.calendars.linked_events import read_linked_events  # noqa: PLC0415

    source, zone, language = label(name, number), house.zone, house.language
    guard = Guard(house.calendar_hosts)
    try:
        found = fetch(name, number=number, seen=None, now=now, window=window, guard=guard)
    except FetchFault as fault:
        return Reading((), (fault.problem,))
    if isinstance(found, NotModified):  # nothing was seen before, so no host says this
        return Reading(())
    if found.kind == "linked_events":
        return read_linked_events(found.data, source=source, zone=zone, window=window, language=language)
    reading = _read(read_apart, found.data, f"calendar.{found.kind}", house, window)
    return replace(reading, problems=tuple(replace(each, source=source) for each in reading.problems))


def _read(read: Callable[..., Reading], data: bytes, source: str, house: House, window: Window) -> Reading:
    fill = house.content.organization
    return read(data, source=source, zone=house.zone, window=window, language=house.language, fill=fill)


def _nowhere(house: House, readings: Sequence[Reading]) -> Iterator[Problem]:
    """Name the series that have their dates nowhere, as far as no calendar with dates tells of them."""
    served = {it.series for each in readings for it in each.occurrences}
    left = {each.id: each.origin for each in house.series.values() if each.origin and each.id not in served}
    calendars = feeds(house.calendars)
    anywhere = [name for name, origin in left.items() if origin.calendar is None and len(calendars) > 1]
    if anywhere:
        what = Phrase("problem.no_calendar_for", {"sarjat": ", ".join(anywhere)})
        yield Problem("VERTTI_CALENDARS", what, None, Phrase("problem.mend.compare_all"))
    for number, calendar in calendars:
        reading = readings[number - 1]
        if reading.occurrences or reading.problems:
            continue  # it has told itself what is wrong
        waiting = [
            name
            for name, origin in left.items()
            if name not in anywhere and leads_to(origin, calendar, number)
        ]
        if waiting:
            what = Phrase("problem.empty_for", {"sarjat": ", ".join(waiting)})
            yield Problem(label(calendar, number), what, None, Phrase("problem.mend.fill_or_compare"))
