"""What must be written so that the table says what a calendar says, with the organizers' overrides laid over it."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from bot.core.occurrences import Occurrence
from bot.core.overrides import Override, Overrides, is_outdated
from bot.core.schedule_changes import NEAR

Namesake = tuple[str | None, datetime, bool, frozenset[tuple[str, str]]]

A_FEW_DAYS: Final = timedelta(days=3)  # what appears within this of what vanished may be the same, moved


@dataclass(frozen=True, slots=True)
class Stored:
    """A row of the table: what people see, what its source said, and the override that makes the difference."""

    id: int
    it: Occurrence
    said: Occurrence
    override: int | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """One row to write.

    ``row`` None: it is new.  ``after`` None: it goes.  ``said`` is what the source says, where that is not what people
    see.  ``alarms_only``: the row stays as it is, but its alarms may be due otherwise.
    """

    row: int | None
    before: Occurrence | None
    after: Occurrence | None
    said: Occurrence | None = None
    override: int | None = None
    alarms_only: bool = False


@dataclass(frozen=True, slots=True)
class Outdated:
    """An override that holds no more, since the source itself changed its date: as that was with it, and is now."""

    override: Override
    row: int
    before: Occurrence
    after: Occurrence


@dataclass(frozen=True, slots=True)
class Difference:
    """What a reading changes.

    ``steps`` write it.  ``outdated`` are overrides that hold no more; ``renamed`` those that go on under the UID and
    recurrence id that their date has now.  ``vanished`` are the rows of dates ahead that the source lists no longer, and did not
    move.
    """

    steps: tuple[Step, ...] = ()
    outdated: tuple[Outdated, ...] = ()
    renamed: tuple[tuple[int, str, str], ...] = ()
    vanished: frozenset[int] = frozenset()


def difference(
    source: str,
    stored: Sequence[Stored],
    read: Iterable[Occurrence],
    overrides: Overrides,
    *,
    now: datetime,
    concerned: Container[int] = (),
    unreadable: Container[str] = (),
    all_alarms: bool = False,
) -> Difference:
    """Compare what is stored of a source with what it says now.

    A date is known by its UID and recurrence id.  One that is gone and one that is new with the same title and start are
    the same all the same: a calendar program that copies or imports an event gives it another UID.  Of one series and
    nearest to each other within a few days they are the same, moved: whoever changes the hour of a weekly rule changes
    every recurrence id.  What is gone and ahead is cancelled where it is near or people know of it, else deleted; and where it
    was cancelled so, what is new nearby is still the same, moved.  What has begun stays as it was.

    Args:
        source: the name of the source.
        stored: its rows.
        read: what it says now.
        overrides: those that hold.
        now: the present.
        concerned: the rows that people were told of, or have said that they come to.
        unreadable: the UIDs of events that could not be read this time: these are not gone.
        all_alarms: whether the alarms of all that is ahead are to be looked after.
    """
    return _Comparison(source, overrides, now, all_alarms=all_alarms).of(
        stored, read, concerned=concerned, unreadable=unreadable
    )


class _Comparison:
    """One comparison; what follows from it gathers in it."""

    def __init__(self, source: str, overrides: Overrides, now: datetime, *, all_alarms: bool) -> None:
        self._source = source
        self._overrides = overrides
        self._now = now
        self._all_alarms = all_alarms
        self._steps: list[Step] = []
        self._outdated: list[Outdated] = []
        self._renamed: list[tuple[int, str, str]] = []

    def of(
        self,
        stored: Sequence[Stored],
        read: Iterable[Occurrence],
        *,
        concerned: Container[int],
        unreadable: Container[str],
    ) -> Difference:
        listed: dict[tuple[str, str | None], Occurrence] = {}
        for it in read:
            listed.setdefault(_identity(it), it)
        gone = self._take_listed(stored, listed, unreadable)
        moved = dict(_pairs(gone, listed.values()))
        vanished: set[int] = set()
        for row in gone:
            if row.id in moved:
                self._says(row, listed.pop(_identity(moved[row.id])))
            elif row.said.status == "cancelled":
                self._keep(row)
            else:
                vanished.add(row.id)
                self._vanishes(row, known=row.id in concerned)
        for it in listed.values():
            self._appears(it)
        return Difference(
            tuple(self._steps), tuple(self._outdated), tuple(self._renamed), frozenset(vanished)
        )

    def _take_listed(
        self,
        stored: Sequence[Stored],
        listed: dict[tuple[str, str | None], Occurrence],
        unreadable: Container[str],
    ) -> list[Stored]:
        """Take what is listed into its rows, and out of ``listed``; give the rows ahead that are gone."""
        unlisted: list[Stored] = []
        for row in stored:
            if _identity(row.said) in listed:
                self._says(row, listed.pop(_identity(row.said)))
            elif row.said.uid in unreadable:
                self._keep(row)
            else:
                unlisted.append(row)
        namesakes = dict(_namesakes(unlisted, listed.values()))
        gone: list[Stored] = []
        for row in unlisted:
            if row.id in namesakes:
                self._says(row, listed.pop(_identity(namesakes[row.id])))
            elif row.said.start > self._now:
                gone.append(row)
            else:
                self._keep(row)
        return gone

    def _keep(self, row: Stored) -> None:
        if self._all_alarms and row.it.start > self._now:
            self._steps.append(Step(row.id, row.it, row.it, alarms_only=True))

    def _says(self, row: Stored, it: Occurrence) -> None:
        """Take what the source says of a date into its row."""
        own = self._overrides.of_date(self._source, row.said)
        outdated = [each for each in own if is_outdated(each, row.said, it)]
        overrides = self._overrides
        if own and _identity(it) != _identity(row.said):
            going_on = [each for each in own if each not in outdated]
            self._renamed += [(each.id, it.uid, it.recurrence_id or "") for each in going_on]
            overrides = overrides.renamed(going_on, it)
        after, by = overrides.over(self._source, it, without=outdated)
        override = None if by is None else by.id
        if row.override is not None and row.it.start <= self._now:
            after, override = _as_it_was_held(it, row.it), row.override
        self._outdated += [Outdated(each, row.id, row.it, after) for each in outdated]
        if (after, it, override) == (row.it, row.said, row.override):
            self._keep(row)
        else:
            self._steps.append(Step(row.id, row.it, after, _unless_same(it, after), override))

    def _vanishes(self, row: Stored, *, known: bool) -> None:
        """Cancel what is near or known; delete what is not."""
        near = min(row.it.start, row.said.start) <= self._now + NEAR
        if near or known or self._overrides.of_date(self._source, row.said):
            self._says(row, replace(row.said, status="cancelled"))
        else:
            self._steps.append(Step(row.id, row.it, None))

    def _appears(self, it: Occurrence) -> None:
        after, by = self._overrides.over(self._source, it)
        override = None if by is None else by.id
        self._steps.append(Step(None, None, after, _unless_same(it, after), override))


def _as_it_was_held(it: Occurrence, held: Occurrence) -> Occurrence:
    """Give what the source says of a date that has begun, as far as no override said otherwise when it did."""
    return replace(
        it,
        start=held.start,
        end=held.end,
        all_day=held.all_day,
        status=held.status,
        variant=held.variant,
        place=held.place,
    )


def _namesakes(unlisted: Iterable[Stored], new: Iterable[Occurrence]) -> Iterator[tuple[int, Occurrence]]:
    """Give each row that is listed no longer the new date that is the same to people: in its title, series and start."""
    dates: defaultdict[Namesake, list[Occurrence]] = defaultdict(list)
    for it in new:
        if it.status != "cancelled":
            dates[_namesake(it)].append(it)
    # Of a date that was cancelled before and one that takes place, people know the latter.
    for row in sorted(unlisted, key=lambda row: row.said.status == "cancelled"):
        if alike := dates.get(_namesake(row.said)):
            yield row.id, alike.pop(0)


def _namesake(it: Occurrence) -> Namesake:
    return it.series, it.start, it.all_day, frozenset(it.title.items())


def _pairs(gone: Iterable[Stored], new: Iterable[Occurrence]) -> Iterator[tuple[int, Occurrence]]:
    """Give each row that is gone the new date that it became, where one can tell.

    Both are of one series, each is the nearest to the other within a few days, and no other is as near.
    """
    rows: defaultdict[str, list[tuple[datetime, Stored]]] = defaultdict(list)
    dates: defaultdict[str, list[tuple[datetime, Occurrence]]] = defaultdict(list)
    for row in gone:
        rows[_group(row.said)].append((row.said.start, row))
    for it in new:
        if it.status != "cancelled":
            dates[_group(it)].append((it.start, it))
    for group, candidates in dates.items():
        left = sorted(rows[group], key=lambda each: each[0])
        right = sorted(candidates, key=lambda each: each[0])
        befores, afters = [start for start, _ in left], [start for start, _ in right]
        for number, start in enumerate(befores):
            nearest = _nearest(start, afters)
            if nearest is not None and _nearest(afters[nearest], befores) == number:
                yield left[number][1].id, right[nearest][1]


def _nearest(start: datetime, others: Sequence[datetime]) -> int | None:
    """Give which of some starts, in order, is the nearest; None: none is near enough, or two are as near."""
    at = bisect_left(others, start)
    around = sorted(
        (abs(others[number] - start), number)
        for number in range(max(at - 1, 0), min(at + 2, len(others)))
        if abs(others[number] - start) <= A_FEW_DAYS
    )
    if not around or (len(around) > 1 and around[0][0] == around[1][0]):
        return None
    return around[0][1]


def _group(it: Occurrence) -> str:
    """Give what a date must have in common with what it became: its series, else its UID."""
    return f"series {it.series}" if it.series is not None else f"uid {it.uid}"


def _identity(it: Occurrence) -> tuple[str, str | None]:
    return it.uid, it.recurrence_id


def _unless_same(said: Occurrence, it: Occurrence) -> Occurrence | None:
    return None if said == it else said
