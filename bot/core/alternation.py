"""Whose turn it is: talking or activity."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

AlternateBy = Literal["meeting", "week"]


def alternate(
    held: Iterable[date], variants: Sequence[str], *, by: AlternateBy, first: date
) -> Iterator[tuple[date, str | None]]:
    """Give each day that is held, in order, its variant; None where there are no variants.

    Args:
        held: the days that are held, from the very first on; what is skipped is not among them.
        variants: the turns in their order.
        by: ``meeting``: the turns strictly follow each other, and wait when a meeting is skipped;
            ``week``: each calendar week has its turn, held or not.
        first: the first day of the series, a turn of the first variant.
    """
    for number, day in enumerate(held):
        if not variants:
            yield day, None
            continue
        turn = number if by == "meeting" else _weeks(first, day)
        yield day, variants[turn % len(variants)]


@dataclass(frozen=True, slots=True)
class Meeting:
    """A day of a series, which is ``held`` or was cancelled.

    ``named`` is the variant that the calendar itself names for it, ``told`` the one that people know it by; either may
    be missing.
    """

    day: date
    named: str | None = None
    told: str | None = None
    held: bool = True


def go_on(
    meetings: Sequence[Meeting], turns: Sequence[str], *, by: AlternateBy, anchor: date | None
) -> list[str | None]:
    """Give each meeting its variant, where nobody knows the very first one; None: it is cancelled, and its turn waits.

    A calendar shows a window of its dates, and the window moves; so the turns go on from what was told.  What the
    calendar names wins, on its day and, by meeting, for those that follow.

    Args:
        meetings: in order; only those that are over were ``told``.
        turns: the variants in their order, at least one.
        by: as for `alternate`.
        anchor: the first meeting from this day on is a turn of the first variant, even if another was told.  Where it
            lies before them all, weeks are counted from it, unless something was told.  None: the first meeting is
            such a turn, unless something was told.
    """
    if not meetings:
        return []
    return list((_by_week if by == "week" else _by_meeting)(meetings, turns, anchor))


def _by_week(meetings: Sequence[Meeting], turns: Sequence[str], anchor: date | None) -> Iterator[str]:
    told = [(each.day, turns.index(each.told)) for each in meetings if each.told in turns]
    origin, turn = (anchor, 0) if anchor else told[-1] if told else (meetings[0].day, 0)
    for each in meetings:
        named = turns.index(each.named) if each.named in turns else turn + _weeks(origin, each.day)
        yield turns[named % len(turns)]


def _by_meeting(
    meetings: Sequence[Meeting], turns: Sequence[str], anchor: date | None
) -> Iterator[str | None]:
    held = [each for each in meetings if each.held]
    anchored, turn = len(held), 0
    if anchor is not None:
        if meetings[0].day <= anchor:
            anchored = next((number for number, each in enumerate(held) if anchor <= each.day), anchored)
        turn = -anchored if anchored < len(held) else _weeks(anchor, meetings[0].day)
    # Somebody who moves the anchor corrects what was told since.
    corrected = anchored < len(held) and held[anchored].told != turns[0]
    number = 0
    for each in meetings:
        if not each.held:
            yield each.named
            continue
        told = None if corrected and number > anchored else each.told
        said = (each.named, turns[0] if number == anchored else told)
        turn = next((turns.index(variant) for variant in said if variant in turns), turn)
        yield turns[turn % len(turns)]
        turn, number = turn + 1, number + 1


def shifted(variant: str | None, turns: Sequence[str], by: int) -> str | None:
    """Give the variant whose turn it is so many turns later, or earlier; what does not alternate stays."""
    return turns[(turns.index(variant) + by) % len(turns)] if variant in turns else variant


def _weeks(first: date, day: date) -> int:
    """Give how many calendar weeks a day is later than another."""
    return (_monday(day) - _monday(first)) // 7


def _monday(day: date) -> int:
    """Give the ordinal of the Monday of this day's week."""
    return day.toordinal() - day.weekday()
