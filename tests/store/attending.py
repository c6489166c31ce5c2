"""Dates to take part in, and people who do."""

from datetime import UTC, datetime, timedelta

from bot.core.occurrences import Occurrence
from bot.messages import Place

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def person(store, name):
    return store.people.meet(Place("telegram", name), language="fi", now=NOW).id


def date(uid, start=NOW + DAY, **values):
    values = {"series": "retki", "signup": True, **values}
    return Occurrence(uid=uid, recurrence_id=None, start=start, end=start + HOUR, **values)


def plan(store, *dates):
    """Put dates into the schedule; give their numbers in this order."""
    store.refreshing.refresh("test", dates, lambda _: (), now=NOW - 99 * DAY)
    numbers = {each.it.uid: each.id for each in store.refreshing.stored("test")}
    return [numbers[each.uid] for each in dates]
