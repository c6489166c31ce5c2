"""What is promised to whoever asks for reminders: which will come, by the same reckoning as the job that makes them."""

from dataclasses import dataclass
from datetime import datetime

from bot.actions.describe import time_of
from bot.core.reminders import alarms_of, goes_at
from bot.messages import Lines, Phrase, Value, When
from bot.router import Call
from bot.store.calendar import Kept


@dataclass(frozen=True, slots=True)
class Promise:
    """What will come of a choice.

    ``first`` is when the first reminder comes (UTC); None: no date is known that one could be given of.  ``missed`` is
    the next meeting, where it is so near that none comes of it; ``last_one``: the first is the only one still to come of it.
    """

    first: datetime | None
    missed: Kept | None = None
    last_one: bool = False


def promised(call: Call, series: str, choices: int) -> Promise:
    """Give what somebody who chose these leads of a series will get of it."""
    house, me = call.house, call.conversation
    ahead = [
        (each.occurrence, goes)
        for each in call.store.calendar.alarms_ahead(series, choices, conversation=me.id)
        if (
            goes := goes_at(
                each.due, now=call.now, start=each.start, hours=house.quiet_hours, zone=house.zone
            )
        )
    ]
    if me.paused_until is not None and me.paused_until > call.now:
        return Promise(next((goes for _, goes in ahead if goes >= me.paused_until), None))
    first = ahead[0][1] if ahead else None
    following = call.store.calendar.next_of(series, call.now)
    if following is None:
        return Promise(first)
    of_it = [
        each
        for each in alarms_of(
            following.it, default_leads=house.default_leads, hours=house.quiet_hours, zone=house.zone
        )
        if each.choices & choices
    ]
    left = [goes for occurrence, goes in ahead if occurrence == following.id]
    if of_it and not left:
        return Promise(first, missed=following)
    return Promise(first, last_one=len(of_it) > 1 and left == [first])


def told(promise: Promise) -> Lines:
    """Say when the first reminder comes, and before it, where that is so, that the next meeting is too near."""
    return Lines((missed(promise), coming(promise)))


def coming(promise: Promise) -> Phrase:
    """Say when the first reminder comes."""
    key = "remind.last_one" if promise.last_one else "remind.next"
    return Phrase(
        key, {"aika": Phrase("questions.no_date") if promise.first is None else When(promise.first)}
    )


def missed(promise: Promise) -> Value:
    """Say that the next meeting is too near for a reminder; nothing while it is not."""
    return "" if promise.missed is None else Phrase("remind.missed", {"kerta": time_of(promise.missed.it)})
