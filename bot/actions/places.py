"""Places at an event that one signs up for: taken, given back, offered to the next."""

from dataclasses import replace
from datetime import datetime
from typing import Final

from bot.actions.describe import describe, neutral_name
from bot.core.occurrences import Occurrence
from bot.core.quiet_hours import next_allowed
from bot.core.waiting_list import LAST_CALL, Entry, State, joins_as, offer_until, settle
from bot.messages import Lane, Phrase, Say, When, button
from bot.router import House
from bot.store import Store
from bot.store.calendar import Kept
from bot.store.models import to_ms
from bot.store.people import Conversation

NO_PLACES: Final = 0  # the limit of what does not take place


def may_sign_up(it: Occurrence, *, now: datetime) -> bool:
    """Tell whether one can sign up for it now: it takes place, and has not begun."""
    return it.signup and it.status == "confirmed" and it.start > now


def limit_of(it: Occurrence, house: House) -> int | None:
    """Give how many places there are; None: as many as are wanted.

    Of a series that cannot be read today nobody knows, so that nobody gets one.
    """
    if it.status != "confirmed" or not it.signup:
        return NO_PLACES
    if it.series is None:
        return None
    series = house.series.get(it.series)
    return NO_PLACES if series is None else series.places_limit


def entry_of(store: Store, occurrence: int, who: Conversation) -> Entry | None:
    """Give somebody's own entry on the list of an event; None: they are not on it."""
    return next((each for each in store.sign_ups.on(occurrence) if each.who == who.id), None)


def sign_up(
    store: Store, house: House, kept: Kept, who: Conversation, *, now: datetime, wait: bool = True
) -> Entry | None:
    """Give somebody a place, or a number in the queue; what they have they keep, and what is offered to them they take.

    ``wait``: would they wait for a place?  None: there is none, and they would not.
    """
    bring_up_to_date(store, house, kept, now=now)
    entries = store.sign_ups.on(kept.id)
    mine = next((each for each in entries if each.who == who.id), None)
    others = [each for each in entries if each.who != who.id]
    becomes = joins_as(others, limit_of(kept.it, house), queue=now < kept.it.start - LAST_CALL)
    if mine is None:
        if becomes == "waiting" and not wait:
            return None
        store.sign_ups.add(kept.id, who.id, becomes)
    elif mine.state == "offered" or (mine.state == "waiting" and becomes == "coming"):
        store.sign_ups.change(mine.id, "coming")
        _take_back_offer(store, mine)
    return entry_of(store, kept.id, who)


def sign_off(store: Store, house: House, kept: Kept, who: Conversation, *, now: datetime) -> State | None:
    """Take somebody off the list, offer what they had to the next, and say what it was; None: they were not on it."""
    mine = entry_of(store, kept.id, who)
    if mine is not None:
        _remove(store, mine)
    bring_up_to_date(store, house, kept, now=now)
    return None if mine is None else mine.state


def bring_up_to_date(store: Store, house: House, kept: Kept, *, now: datetime) -> None:
    """End the offers whose time is over, and offer free places to those who have waited longest."""
    it = kept.it
    entries = {each.id: each for each in store.sign_ups.on(kept.id)}
    until = offer_until(now, start=it.start, hours=house.quiet_hours, zone=house.zone)
    changes = settle(entries.values(), limit_of(it, house), now=now, start=it.start, offers=until is not None)
    for gone in changes.gone:
        _remove(store, entries[gone])
    for back in changes.back:
        store.sign_ups.change(back, "waiting")
        _take_back_offer(store, entries[back])
    for following in changes.next:
        assert until is not None
        store.sign_ups.change(following, "offered", until=until)
        _offer(store, house, kept, replace(entries[following], until=until), now=now)


def ask_anew(store: Store, house: House, kept: Kept, *, now: datetime) -> None:
    """Word the questions that are not out yet by the date as it is now; what is out is not asked again."""
    for each in store.sign_ups.on(kept.id):
        if each.state == "offered":
            _take_back_offer(store, each)
            _offer(store, house, kept, each, now=now)


def _offer(store: Store, house: House, kept: Kept, entry: Entry, *, now: datetime) -> None:
    """Ask somebody whether they take the place that is kept for them; at night they are asked in the morning."""
    person = store.people.get(entry.who)
    assert person is not None  # their row would be gone with them
    assert entry.until is not None
    values = describe(kept, house)
    asks = {"aika": values["aika"], "asti": When(entry.until)}
    store.outbox.push(
        person,
        _key(entry),
        Say(
            Phrase("places.offer", {"nimi": values["nimi"], **asks}),
            (
                button("places.take", "sign.take", str(kept.id)),
                button("places.pass", "sign.pass", str(kept.id)),
            ),
            Phrase("places.offer", {"nimi": neutral_name(kept.it, house), **asks}),
        ),
        now=now,
        lane=Lane.NOTICE,
        not_before=next_allowed(now, house.quiet_hours, house.zone),
        useful_until=entry.until,
    )


def _remove(store: Store, entry: Entry) -> None:
    store.sign_ups.remove(entry.id)
    _take_back_offer(store, entry)


def _take_back_offer(store: Store, entry: Entry) -> None:
    """Do not ask any more, if the question is not out yet."""
    if entry.until is not None:
        store.outbox.drop_keys(_key(entry))


def _key(entry: Entry) -> str:
    assert entry.until is not None
    return f"place:{entry.id}:{to_ms(entry.until)}"
