"""One date of a series, as the schedule says it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Literal

Status = Literal["confirmed", "cancelled", "tentative"]
Visibility = Literal["public", "members", "staff"]
Words = Mapping[str, str]  # language ("fi", "sv", "en") -> text; any may be missing


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """One date of a series (RFC 5545: an instance).

    ``start`` and ``end`` are UTC, ``end`` exclusive; for an all-day occurrence they are the
    midnights of the group's own zone.  ``recurrence_id`` is the original start as ISO 8601 (a date
    when all-day), None for what happens once and was never part of a series.

    Raises:
        ValueError: an instant is not in UTC, or the end is before the start.
    """

    uid: str
    recurrence_id: str | None
    start: datetime
    end: datetime
    all_day: bool = False
    status: Status = "confirmed"
    series: str | None = None  # the id of the series in content/, what people subscribe to
    variant: str | None = None  # keskustelu, toiminta
    title: Words = field(default_factory=dict)
    place: Words = field(default_factory=dict)
    visibility: Visibility = "public"
    kind: Literal["event", "broadcast"] = "event"
    signup: bool = False  # must one sign up?
    leads: tuple[timedelta, ...] | None = None  # None: the schedule's default leads
    area: str | None = None  # None: of no area, or of all

    def __post_init__(self) -> None:
        """Refuse what would make arithmetic wrong (DOMAIN.md, I 4)."""
        if self.start.tzinfo is not UTC or self.end.tzinfo is not UTC:
            message = "an occurrence starts and ends in UTC"
            raise ValueError(message)
        if self.end < self.start:
            message = "an occurrence ends no earlier than it starts"
            raise ValueError(message)
