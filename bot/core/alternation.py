"""Whose turn it is: talking or activity."""

from collections.abc import Iterable, Iterator, Sequence
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
        turn = number if by == "meeting" else (_monday(day) - _monday(first)) // 7
        yield day, variants[turn % len(variants)]


def _monday(day: date) -> int:
    """Give the ordinal of the Monday of this day's week."""
    return day.toordinal() - day.weekday()
