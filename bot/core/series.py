"""What people subscribe to: a series, as the schedule describes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from types import MappingProxyType
from typing import Literal

from bot.core.occurrences import NO_WORDS, Visibility, Words

_NO_VARIANTS: Mapping[str, Words] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A group or an event with all its dates; what each date says stands in its occurrences."""

    id: str
    name: Words
    neutral_name: Words = NO_WORDS  # what a lock screen may show (T-02)
    place: Words = NO_WORDS
    variants: Mapping[str, Words] = field(default=_NO_VARIANTS)  # keskustelu -> "Keskustelukerta"
    visibility: Visibility = "public"
    kind: Literal["event", "broadcast"] = "event"
    leads: tuple[timedelta, ...] | None = None  # None: the schedule's default leads
    signup: bool = False
    places_limit: int | None = None  # None: no limit is known
    example: bool = False  # its times are invented, and an organization must replace them
