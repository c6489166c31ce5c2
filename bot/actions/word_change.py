"""What people are told of a change: what was, what is now, and when the next time is."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from bot.actions.describe import name_of, neutral_name, time_of
from bot.core.occurrences import Occurrence
from bot.core.schedule_changes import Known, What, what_changed
from bot.messages import DayName, Lines, Localized, Phrase, Say, Value, When, button
from bot.router import House
from bot.store import Store
from bot.store.audiences import Audience
from bot.store.calendar import Kept

NEXT_WITHIN: Final = timedelta(days=60)  # what is further away helps nobody to plan
MOST_DATES: Final = 3  # in one message; the others are counted ...
MOST_COUNTED: Final = 9  # ... as long as their number says something: a series that ends has fifty dates


@dataclass(frozen=True, slots=True)
class Told:
    """One date of which people are told.  ``before``: as they know it; None: they know nothing of it."""

    kept: Kept
    before: Known | None
    after: Known

    @property
    def what(self) -> What | None:
        """What is new of it."""
        return what_changed(self.before, self.after)

    @property
    def as_known(self) -> Known:
        """The date that is named: whoever hears that it is cancelled knows it by its time of before."""
        return self.before if self.before is not None and self.after.cancelled else self.after


def worded(told: Sequence[Told], following: Kept | None, house: House) -> tuple[Say, Say]:
    """Word changes of one series, or of one date: for one person, and for a group or a channel.

    To a person who has not said that the group may be named, it tells a stranger nothing (T-02).

    Args:
        told: the dates, by start; at least one, each with something new.
        following: the next date of the series, as `next_time` gives it; None: it would not help, or none is known.
        house: whose words they are.
    """
    it = told[0].kept.it
    next_time = () if following is None else (Phrase("notice.next", {"aika": time_of(following.it)}),)
    if len(told) == 1:
        key = f"notice.{told[0].what}"
        name: Value = name_of(it, house)
        rows: Sequence[Value] = list(_rows(told[0], places=True))
        discreet_rows: Sequence[Value] = [*_rows(told[0], places=False), *next_time, _where_more_stands(told)]
    else:
        key = f"notice.{_alike(told) or 'several'}"
        name = _series_name(told[0], house)
        rows = list(_dates(told))
        discreet_rows = [*rows, *next_time, *([_where_more_stands(told)] if _tells_place(told) else [])]
    when: Value = DayName(told[0].as_known.start) if len(told) == 1 else ""
    named = Phrase(key, {"nimi": name, "milloin": when, "rivit": Lines((*rows, *next_time))})
    discreet = Phrase(
        key, {"nimi": neutral_name(it, house), "milloin": when, "rivit": Lines(tuple(discreet_rows))}
    )
    series = () if it.series is None else (it.series,)
    buttons = (button("button.show", "show", str(told[0].kept.id)), button("button.stop", "stop", *series))
    return Say(named, buttons, discreet), Say(named)


def _where_more_stands(told: Sequence[Told]) -> Phrase:
    """Say what to press for what a discreet message leaves out."""
    return Phrase("notice.place_shown" if _tells_place(told) else "notice.more")


def _tells_place(told: Sequence[Told]) -> bool:
    return any(each.what in {"place", "moved_place"} for each in told)


def _rows(told: Told, *, places: bool) -> Iterator[Value]:
    """Say of one date what was and what is, a line each."""
    before, after, what = told.before, told.after, told.what
    if before is not None and what in {"moved", "moved_place"}:
        yield Phrase("notice.new_time", {"aika": _time(after)})
        yield Phrase("notice.old_time", {"aika": _time(before)})
    else:
        yield _time(told.as_known)
    if not places:
        return
    if before is not None and what in {"place", "moved_place"}:
        yield Phrase("notice.new_place", {"paikka": Localized(after.place)})
        if before.place:
            yield Phrase("notice.old_place", {"paikka": Localized(before.place)})
    elif what in {"on_again", "new"}:
        yield Localized(after.place)


def _dates(told: Sequence[Told]) -> Iterator[Value]:
    """Say of several dates what is new of each, a line each."""
    alike = _alike(told)
    for each in told[:MOST_DATES]:
        times: dict[str, Value] = {"aika": _time(each.as_known)}
        if each.before is not None and each.what in {"moved", "moved_place"}:
            yield Phrase("notice.row_moved", times | {"ennen": _time(each.before)})
        elif alike is not None:
            yield times["aika"]
        else:
            yield Phrase(f"notice.row_{each.what}", times)
    if (others := len(told) - MOST_DATES) > 0:
        yield Phrase("notice.others" if others <= MOST_COUNTED else "notice.many_others", {"n": others})


def _alike(told: Sequence[Told]) -> What | None:
    """Give what is new of all of them alike, so that a list of their times says it; None: that differs, or says less."""
    first = told[0].what
    same = first in {"cancelled", "on_again", "new"} and all(each.what == first for each in told)
    return first if same else None


def _series_name(told: Told, house: House) -> Value:
    series = house.series.get(told.kept.it.series or "")
    return name_of(told.kept.it, house) if series is None else Localized(series.name)


def _time(known: Known) -> When:
    return When(known.start, known.end, known.all_day)


def audience_of(it: Occurrence, house: House) -> Audience:
    """Say who hears of a date, beside those who take part in it."""
    series = house.series.get(it.series or "")
    return Audience(it.series, it.area, it.visibility == "public", series is not None and series.turns_shared)


def next_time(
    store: Store, told: Sequence[Told], *, now: datetime, without: Collection[int | None] = ()
) -> Kept | None:
    """Give the next date of a series that takes place, whatever day it is, where all that is told is cancelled.

    None: none is known within sixty days.  Beside a new time or place it would only be a second time to mix up.
    """
    it = told[0].kept.it
    if it.series is None or any(each.what != "cancelled" for each in told):
        return None
    left_out = {each.kept.id for each in told}.union(without)
    ahead = store.calendar.coming(
        now,
        until=now + NEXT_WITHIN,
        series=it.series,
        most=len(left_out) + 2,  # one may be under way
        visibility=(it.visibility,),
        cancelled=False,
        areas=() if it.area is None else (it.area,),
    )
    return next((each for each in ahead if each.id not in left_out and each.it.start > now), None)
