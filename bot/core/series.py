"""What people subscribe to: a series, as the schedule describes it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from bot.core.alternation import AlternateBy
from bot.core.occurrences import Visibility, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Which events of a calendar are the dates of a series: those of which all that is given here is true.

    ``calendar`` is the name of a file, a host, or the calendar's number among those that are set; ``title`` is
    compared without case.  ``areas`` tell the area of a date by its place: the id of an area -> a word to look for.
    """

    calendar: str | None = None
    uid: str | None = None
    title: str | None = None
    category: str | None = None
    areas: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstTime:
    """What somebody wants to know who comes for the first time.

    ``minutes`` tells of the first ten, in three lines at most; ``host`` who meets them; ``picture`` is the name of a picture
    of the door in the content folder, and ``picture_words`` say what is on it.
    """

    minutes: Words = field(default_factory=dict)
    host: Words = field(default_factory=dict)
    picture: str = ""
    picture_words: Words = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A group or an event with all its dates; what each date says stands in its occurrences."""

    id: str
    name: Words
    neutral_name: Words = field(default_factory=dict)  # what a lock screen may show (T-02)
    place: Words = field(default_factory=dict)
    variants: Mapping[str, Words] = field(default_factory=dict)  # keskustelu -> "Keskustelukerta"
    turns: tuple[str, ...] = ()  # the variants that alternate, in their order
    turns_by: AlternateBy = "meeting"
    turns_from: date | None = None  # a date of the first variant; None: none was named
    origin: Origin | None = None  # None: its dates stand in the schedule file itself
    visibility: Visibility = "public"
    kind: Literal["event", "broadcast"] = "event"
    leads: tuple[timedelta, ...] | None = None  # None: the schedule's default leads
    signup: bool = False
    places_limit: int | None = None  # None: no limit is known
    price: Words = field(default_factory=dict)  # "maksuton" stands only where it is set (D41)
    area: str | None = None  # None: of no area, or of all
    turns_shared: bool = False  # each date is a turn that one person takes: watering, coffee
    first_time: FirstTime | None = None  # None: nobody is asked whether it is their first time
    example: bool = False  # its times are invented, and an organization must replace them


def turn_series(series: Iterable[Series]) -> tuple[str, ...]:
    """Give those of which each date is a shared turn, in their order: they stand in no list of events."""
    return tuple(each.id for each in series if each.turns_shared)
