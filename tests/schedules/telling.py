"""A calendar that changes, and those who hear of it."""

from datetime import UTC, datetime, timedelta

from bot.core.occurrences import Occurrence
from bot.core.reminders import alarms_of
from bot.messages import Lane
from bot.store.delivery import Finished
from bot.store.outbox import SENT
from schedules.tell_changes import tell_changes
from tests.handlers.organizing import hears, organized, step

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEK = 7 * DAY
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)  # noon in Helsinki
MEETING = datetime(2026, 11, 26, 11, tzinfo=UTC)  # Thursday 13:00
SOURCE = "test"


def meeting(start=MEETING, uid="m", **values):
    return Occurrence(
        **{
            "uid": uid,
            "recurrence_id": None,
            "start": start,
            "end": start + 2 * HOUR,
            "series": "ryhma",
            "title": {"fi": "Yksinäisyysryhmä"},
            "place": {"fi": "Esimerkkitalo"},
            **values,
        }
    )


def says(chat, *dates):
    """The calendar says this, and nothing else is planned."""
    house = chat.house
    with chat.transaction() as store:
        store.refreshing.drop_sources([SOURCE], now=chat.now)
        store.refreshing.refresh(
            SOURCE,
            dates,
            lambda it: alarms_of(
                it, default_leads=house.default_leads, hours=house.quiet_hours, zone=house.zone
            ),
            now=chat.now,
            settle=MINUTE,
        )


def told(chat, *, to=None, step=None):
    """What is heard until then of changes."""
    heard = chat.ticks(to=to or chat.now + 2 * MINUTE, step=step)
    return [each for each in heard if each.lane in (Lane.URGENT, Lane.NOTICE)]


def begun(*who, named=True, **more):
    """A chat in which people hear of the group, and Thursday's meeting is planned."""
    chat = organized(**more)
    hears(chat, *who or ("anna",))
    if named:
        for each in who or ("anna",):
            with chat.transaction() as store:
                store.people.set_named(store.people.find(chat.place(each)).id, named=True)
    says(chat, meeting(), meeting(MEETING + WEEK, "next"))
    return chat


def change(chat, **values):
    """Thursday's meeting changes in the calendar."""
    says(chat, meeting(**values), meeting(MEETING + WEEK, "next"))


def queued(chat):
    """The rows of what is due are made, and nothing is said yet."""
    chat.now += MINUTE
    while step(chat, tell_changes):
        pass


def courier_says(chat, most):
    """The courier is slow: it says no more than this."""
    with chat.transaction() as store:
        ready = store.delivery.claim("telegram", now=chat.now, most=most)
    for row in ready:
        chat._hear(row)
    with chat.transaction() as store:
        store.delivery.finish([Finished(row.key, SENT, message_id="1") for row in ready], now=chat.now)


AT_TWO = {"start": MEETING + HOUR, "end": MEETING + 3 * HOUR}
NEXT = "\nSeuraava kerta: to 3.12. klo 13–15"
