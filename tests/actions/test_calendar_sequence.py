"""SEQUENCE and UID of a date that the calendar and organizers change in turn (RFC 5545, 3.8.7.4)."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.actions.change_schedule import cancel, move, undo
from bot.core.occurrences import Occurrence
from tests.handlers.organizing import organized

MEETING = datetime(2026, 11, 26, 11, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def chat():
    return organized()


class Phone:
    """What a calendar program sees of the one date of a calendar, after each thing that happens to it."""

    def __init__(self, chat):
        self.chat = chat
        self.seen = []

    def look(self, store):
        (kept,) = store.calendar.coming(self.chat.now, series="ryhma", most=1)
        dated = store.feeds.one(kept.id)
        self.seen.append((kept.id, dated.sequence, kept.it.status, kept.it.start))

    def reads(self, start=MEETING, **values):
        """The calendar says this."""
        it = Occurrence(uid="m", recurrence_id=None, start=start, end=start + HOUR, series="ryhma", **values)
        with self.chat.transaction() as store:
            store.refreshing.drop_sources(["test"], now=self.chat.now)
            store.refreshing.refresh("test", [it], lambda _: (), now=self.chat.now)
            self.look(store)

    def does(self, act, *args, **how):
        """An organizer does this."""
        with self.chat.transaction() as store:
            tiina = store.people.find(self.chat.place("tiina"))
            (kept,) = store.calendar.coming(self.chat.now, series="ryhma", most=1)
            made = act(store, self.chat.house, kept.id, *args, by=tiina, now=self.chat.now, **how)
            self.look(store)
            return made

    def takes_back(self, made):
        with self.chat.transaction() as store:
            tiina = store.people.find(self.chat.place("tiina"))
            undo(store, self.chat.house, made.id, tiina, now=self.chat.now)
            self.look(store)


def test_it_only_grows_whatever_is_taken_back_or_outdated(chat):
    phone = Phone(chat)
    phone.reads()
    cancelled = phone.does(cancel)
    phone.takes_back(cancelled)
    moved = phone.does(move, start=MEETING + HOUR)
    phone.takes_back(moved)
    phone.does(cancel)
    phone.reads(MEETING + 2 * HOUR)  # it changes that very date: the organizer's word is outdated
    phone.reads()

    assert [(number, status, start - MEETING) for _, number, status, start in phone.seen] == [
        (0, "confirmed", 0 * HOUR),
        (1, "cancelled", 0 * HOUR),
        (2, "confirmed", 0 * HOUR),
        (3, "confirmed", HOUR),
        (4, "confirmed", 0 * HOUR),
        (5, "cancelled", 0 * HOUR),
        (6, "confirmed", 2 * HOUR),
        (7, "confirmed", 0 * HOUR),
    ]
    assert len({which for which, *_ in phone.seen}) == 1
