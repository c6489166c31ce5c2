"""What people subscribe to: a series, as the schedule describes it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal

from bot.core.occurrences import Visibility, Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """A group or an event with all its dates; what each date says stands in its occurrences."""

    id: str
    name: Words
    neutral_name: Words = field(default_factory=dict)  # what a lock screen may show (T-02)
    place: Words = field(default_factory=dict)
    variants: Mapping[str, Words] = field(default_factory=dict)  # keskustelu -> "Keskustelukerta"
    visibility: Visibility = "public"
    kind: Literal["event", "broadcast"] = "event"
    leads: tuple[timedelta, ...] | None = None  # None: the schedule's default leads
    signup: bool = False
    places_limit: int | None = None  # None: no limit is known
    example: bool = False  # its times are invented, and an organization must replace them
