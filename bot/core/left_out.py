"""Dates with a turn that a calendar leaves out: whose turn is it after them?"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from bot.core.occurrences import Occurrence
from bot.core.schedule_diff import Difference, Step, Stored

ASKED_AHEAD: Final = timedelta(days=60)  # of what is later nobody is asked
ONE_BY_ONE: Final = 3  # of more dates at once, a break, there is one question


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Dates of a series, one after another, that its calendar leaves out from now on, with a date after them.

    ``by`` is by how many turns those after them could be shifted: back to what they were, where the calendar itself let
    the turns wait (``moved``); else on, so that they wait.  ``own``: an organizer had cancelled them all before.
    """

    series: str
    rows: tuple[Stored, ...]
    moved: bool
    own: bool = False

    @property
    def since(self) -> datetime:
        """From when on the turns could be shifted."""
        return just_after(max(row.said.start for row in self.rows))

    @property
    def by(self) -> int:
        """By how many turns."""
        return len(self.rows) if self.moved else -len(self.rows)


def just_after(start: datetime) -> datetime:
    """Give from when on the turns could be shifted after a date that begins then."""
    return start + timedelta(milliseconds=1)


def left_out(
    stored: Sequence[Stored], found: Difference, turns: Mapping[str, Sequence[str]], *, now: datetime
) -> list[LeftOut]:
    """Give what a reading leaves out of the series that alternate, where it matters to those after it.

    As many dates as there are turns leave the others as they were.  What is late is not given, unless it is their own.  Nor does it matter where another date stands in
    for what is left out, or where the calendar gives the later ones turns that have another reason.

    Args:
        stored: the rows of a source.
        found: what its reading changes.
        turns: the variants of each series that alternates, in their order.
        now: the present.
    """
    steps = {step.row: step for step in found.steps if not step.alarms_only}
    dates: defaultdict[str, list[_Date]] = defaultdict(list)
    for row in stored:
        series = row.said.series or ""
        order = turns.get(series, ())
        if row.said.variant in order and row.said.start > now:
            dates[series].append(_date(row, steps.get(row.id), order))
    for step in found.steps:
        new = step.after if step.row is None else None
        if new is not None and new.series is not None and new.series in dates:
            dates[new.series].append(_Date(new.start))
    gaps: list[LeftOut] = []
    for series, each in dates.items():
        in_order = sorted((date for date in each if not date.is_still_out), key=lambda date: date.start)
        gaps += _gaps(series, in_order, len(turns[series]), asked_until=now + ASKED_AHEAD)
    return gaps


@dataclass(frozen=True, slots=True)
class _Date:
    """A date ahead: ``gone`` is its row if it is left out now; ``moved`` by how many turns it is another, None: it is new.

    ``is_still_out``: it was left out before, and is so still.
    """

    start: datetime
    gone: Stored | None = None
    moved: int | None = None
    is_still_out: bool = False


def _date(row: Stored, step: Step | None, order: Sequence[str]) -> _Date:
    was, now = row.said, row.said if step is None else _said(step)
    is_on = now is not None and now.status != "cancelled"
    if was.status == "cancelled":
        return _Date(was.start, is_still_out=not is_on)
    if now is None or not is_on:
        return _Date(was.start, gone=row)
    if now.variant not in order or was.variant is None:
        return _Date(now.start)
    return _Date(now.start, moved=(order.index(now.variant) - order.index(was.variant)) % len(order))


def _said(step: Step) -> Occurrence | None:
    return step.said or step.after


def _gaps(series: str, dates: Sequence[_Date], number: int, *, asked_until: datetime) -> Iterator[LeftOut]:
    """Find the dates that are left out one after another; of a break, however torn, there is one."""
    runs = list(_runs(dates))
    own = [run for run in runs if all(run.cancelled)]
    asked = [run for run in runs if not any(run.cancelled) and run.gone[0].said.start <= asked_until]
    if sum(len(run.gone) for run in asked) > ONE_BY_ONE:
        asked = [_together(asked)]
    for run in [*own, *asked]:
        moved = (run.after - run.before) % number
        waited = -len(run.gone) % number
        if not run.stood_in and waited and moved in {0, waited}:
            yield LeftOut(series, tuple(run.gone), moved != 0, all(run.cancelled))


@dataclass(slots=True)
class _Run:
    """Dates that are left out, and by how many turns those before and after it are others.

    ``stood_in``: another date came in among them.
    """

    gone: list[Stored] = field(default_factory=list)
    before: int = 0
    after: int = 0
    stood_in: bool = False

    @property
    def cancelled(self) -> list[bool]:
        """Of each date: had an organizer cancelled it before?"""
        return [row.it.status == "cancelled" for row in self.gone]


def _runs(dates: Sequence[_Date]) -> Iterator[_Run]:
    """Give the runs that a date follows: to the end of a series its turns do not matter."""
    run = _Run()
    for date in dates:
        if date.gone is not None:
            run.gone.append(date.gone)
        elif date.moved is None:
            run.stood_in = True
        else:
            run.after = date.moved
            if run.gone:
                yield run
            run = _Run(before=date.moved)


def _together(runs: Sequence[_Run]) -> _Run:
    gone = [row for run in runs for row in run.gone]
    return _Run(gone, runs[0].before, runs[-1].after, any(run.stood_in for run in runs))
