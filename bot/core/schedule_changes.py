"""What of a change people are told, and when."""

from collections.abc import Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from bot.core.occurrences import Occurrence, Words
from bot.core.quiet_hours import LEFT_AT_LEAST, QuietHours, next_allowed

NEAR: Final = timedelta(
    days=7
)  # of what begins within this people are told, whether they had heard of it or not
START_MATTERS: Final = timedelta(minutes=5)  # by less than this nobody comes too early or too late ...
END_MATTERS: Final = timedelta(minutes=30)  # ... or, by less than this, finds the door closed
EARLY: Final = timedelta(hours=3)  # before the start: whoever means to come may be getting up

What = Literal["cancelled", "on_again", "moved", "moved_place", "place", "new"]


@dataclass(frozen=True, slots=True)
class Known:
    """What somebody must know of a date to come: when, where, and whether at all."""

    start: datetime
    end: datetime
    all_day: bool
    cancelled: bool
    place: Words


def known_of(it: Occurrence) -> Known:
    """Give what there is to know of a date as it is."""
    return Known(it.start, it.end, it.all_day, it.status == "cancelled", it.place)


@dataclass(frozen=True, slots=True)
class Unheard:
    """A message that not everybody got, since the date changed again: who did not knows it as it was ``before``."""

    message: int
    before: Known | None


def as_known(told: Known | None, unheard: Sequence[Unheard], got: Container[int]) -> Known | None:
    """Give a date as somebody knows it; None: they know nothing of it.

    Args:
        told: as the last message told it.
        unheard: the messages that not everybody got, the oldest first.
        got: those that this somebody got.
    """
    known = told
    for each in reversed(unheard):
        if each.message in got:
            break
        known = each.before
    return known


def hearers(unheard: Sequence[Unheard]) -> Iterator[tuple[int | None, tuple[int, ...]]]:
    """Divide people by what they got: by the last message that they did get (None: none), and those after it.

    All of one kind know the same, and each person is of one kind.
    """
    messages = tuple(each.message for each in unheard)
    yield None, messages
    for number, message in enumerate(messages, start=1):
        yield message, messages[number:]


def is_news(known: Known | None, after: Known, *, now: datetime) -> bool:
    """Tell whether something is new to who knows a date so, and helps them still."""
    return what_changed(known, after) is not None and useful_until(known, after) > now


def what_changed(before: Known | None, after: Known) -> What | None:
    """Say what is new for somebody who knows it as it was; None: nothing that matters.

    ``before`` None: they know nothing of it.
    """
    if before is None:
        return None if after.cancelled else "new"
    if after.cancelled or before.cancelled:
        if after.cancelled == before.cancelled:
            return None
        return "cancelled" if after.cancelled else "on_again"
    moved, elsewhere = _is_moved(before, after), _is_elsewhere(before.place, after.place)
    if moved:
        return "moved_place" if elsewhere else "moved"
    return "place" if elsewhere else None


def is_near(before: Known | None, after: Known, *, now: datetime) -> bool:
    """Tell whether a date begins soon, as it was or as it is now."""
    return any(each is not None and now < each.start <= now + NEAR for each in (before, after))


def useful_until(before: Known | None, after: Known) -> datetime:
    """Give the instant from which it helps nobody to be told: what they would come to has begun."""
    return before.start if after.cancelled and before is not None else after.start


def tell_at(
    moment: datetime,
    before: Known | None,
    after: Known,
    *,
    hours: QuietHours | None,
    zone: ZoneInfo,
) -> datetime:
    """Give when people are told of a change: now, or when quiet hours end, or in time before a start in the morning.

    In quiet hours nobody is told but of what begins in the same morning and will not be as they know it: three hours
    before they would be there, at the earliest (U10).  Of anything else only where its end leaves no time to come.

    Args:
        moment: the earliest, UTC.
        before: as people know it; None: they know nothing of it.
        after: as it is now.
        hours: in which nothing is pushed.
        zone: whose wall clock the quiet hours go by.
    """
    allowed = next_allowed(moment, hours, zone)
    if allowed == moment:
        return moment
    start = after.start if before is None else min(before.start, after.start)
    if not _in_vain(before, after) and start - allowed >= LEFT_AT_LEAST:
        return allowed
    return max(moment, min(allowed, start - EARLY))


def _in_vain(before: Known | None, after: Known) -> bool:
    """Tell whether somebody who knows it as it was would find nobody there, or come too late."""
    if before is None or before.cancelled:
        return False
    return after.cancelled or abs(before.start - after.start) >= START_MATTERS


def _is_moved(before: Known, after: Known) -> bool:
    return (
        before.all_day != after.all_day
        or abs(before.start - after.start) >= START_MATTERS
        or abs(before.end - after.end) >= END_MATTERS
    )


def _is_elsewhere(before: Words, after: Words) -> bool:
    """Tell whether a place is another one, or the first; that none is known any more is no change, nor a translation."""
    if not after:
        return False
    old, new = _folded(before), _folded(after)
    both = old.keys() & new.keys()
    return any(old[language] != new[language] for language in both) if both else True


def _folded(words: Words) -> Mapping[str, str]:
    return {language: " ".join(text.split()).casefold() for language, text in words.items()}
