"""What organizers change of the schedule from the chat, laid over what its source says."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Final, Literal

from bot.core.alternation import shifted
from bot.core.occurrences import Occurrence, Words
from bot.core.schedule_changes import Known

CHAT: Final = "chat"  # the source of what was added from the chat
CLOCK_CHANGE: Final = timedelta(hours=1)  # as far as the clock is turned, forward or back
_ADDED: Final = "chat-"  # with the override's number it is the UID of what that added

Kind = Literal["cancel", "move", "break", "add", "turns"]
State = Literal["active", "undone", "superseded", "revoked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Override:
    """One thing that an organizer changed.

    It is of one date where there is a ``recurrence_id`` (empty: that date never was part of a series), known by
    ``source`` and ``uid`` as well; else of a span: of all dates that their source lets begin from ``since`` on and
    before ``until`` (None: for good), as far as they have the ``source``, ``uid`` and ``series`` that are given.

    ``move`` gives a date another ``start`` and ``end``, or ``place``, or all three; ``turns`` lets it be that of so many
    turns later (``shift``); ``add`` is a date of its own.
    """

    id: int
    kind: Kind
    state: State = "active"
    organizer: int  # their conversation
    made: datetime
    source: str | None = None
    uid: str | None = None
    recurrence_id: str | None = None
    series: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None
    place: Words | None = field(default=None, repr=False)
    title: Words | None = field(default=None, repr=False)
    shift: int | None = None

    @property
    def of_one(self) -> bool:
        """Is it of one date only?"""
        return self.recurrence_id is not None


class Overrides:
    """The overrides that hold, the oldest first."""

    def __init__(self, active: Iterable[Override], turns: Mapping[str, Sequence[str]]) -> None:
        """Take them in any order; ``turns`` are the variants of each series that alternates, in their order."""
        self._turns = turns
        self._of_one: defaultdict[tuple[str, str, str], list[Override]] = defaultdict(list)
        self._spans: list[Override] = []
        for each in sorted(active, key=lambda each: each.id):
            if each.of_one:
                self._of_one[each.source or "", each.uid or "", each.recurrence_id or ""].append(each)
            elif each.kind != "add":
                self._spans.append(each)

    def of_date(self, source: str, it: Occurrence) -> list[Override]:
        """Give those of this one date alone."""
        return self._of_one.get((source, it.uid, it.recurrence_id or ""), [])

    def renamed(self, overrides: Iterable[Override], it: Occurrence) -> "Overrides":
        """Give the same with some that go on under the identity that their date has now."""
        renamed = [replace(each, uid=it.uid, recurrence_id=it.recurrence_id or "") for each in overrides]
        return Overrides([*self._spans, *renamed], self._turns)

    def over(
        self, source: str, it: Occurrence, *, without: Iterable[Override] = ()
    ) -> tuple[Occurrence, Override | None]:
        """Give a date as it is with what was changed of it, and the last override that changed it; None: none did.

        Args:
            source: where the date is from.
            it: as the source says it.
            without: overrides that are left out.
        """
        spans = [each for each in self._spans if _covers(each, source, it)]
        dated = self.of_date(source, it)
        if not (spans or dated):
            return it, None
        left_out = {each.id for each in without}
        now, last = it, None
        for each in sorted(spans + dated, key=lambda each: each.id):
            if each.id not in left_out and (changed := self._changed(now, each)) != now:
                now, last = changed, each
        return now, last

    def _changed(self, it: Occurrence, by: Override) -> Occurrence:
        match by.kind:
            case "cancel" | "break":
                return replace(it, status="cancelled")
            case "turns":
                variant = shifted(it.variant, self._turns.get(it.series or "", ()), by.shift or 0)
                return replace(it, variant=variant)
            case "move":
                moved = it
                if by.start is not None and by.end is not None:
                    moved = replace(
                        moved, start=by.start, end=by.end, all_day=_stays_whole(it, by.start, by.end)
                    )
                return moved if by.place is None else replace(moved, place=by.place)
            case _:
                return it


def _stays_whole(it: Occurrence, start: datetime, end: datetime) -> bool:
    """Tell whether what lasts all day still does: as many days, of which one may be an hour longer or shorter."""
    return it.all_day and abs((end - start) - (it.end - it.start)) <= CLOCK_CHANGE


def is_outdated(override: Override, before: Occurrence, after: Occurrence) -> bool:
    """Tell whether the source has changed, of a date, what an override of that date is about.

    For a cancelled date that is its time.  That the source cancels it too, or drops it for a while, outdates nothing;
    nor does whatever it says of one date outdate what is of a span.

    Args:
        override: of this one date.
        before: as the source said it then.
        after: as it says it now.
    """
    if not override.of_one:
        return False
    moved = (before.start, before.end, before.all_day) != (after.start, after.end, after.all_day)
    if moved and (override.kind == "cancel" or override.start is not None):
        return True
    return override.place is not None and before.place != after.place


def is_known(override: Override, known: Known | None) -> bool:
    """Tell whether somebody who knows a date so has heard what an override of it says."""
    if known is None:
        return False
    match override.kind:
        case "cancel" | "break":
            return known.cancelled
        case "move":
            moved = override.start is not None and override.start != known.start
            return not moved and override.place in (None, known.place)
        case _:
            return True


def added_uid(override: int) -> str:
    """Give the UID of what an override adds."""
    return f"{_ADDED}{override}"


def added_by(it: Occurrence) -> int:
    """Give the override that added a date; 0: none did."""
    number = it.uid.removeprefix(_ADDED)
    return int(number) if number != it.uid and number.isdecimal() else 0


def _covers(span: Override, source: str, it: Occurrence) -> bool:
    if span.since is None or it.start < span.since or (span.until is not None and it.start >= span.until):
        return False
    if source == CHAT and span.id < added_by(it):
        return False  # whoever added a date knew of the break
    if span.series is None and it.kind == "broadcast":
        return False
    return span.source in (None, source) and span.uid in (None, it.uid) and span.series in (None, it.series)
