from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from bot.core.occurrences import Occurrence
from bot.core.quiet_hours import QuietHours
from bot.core.reminders import BOTH, DAY_BEFORE, HOURS_BEFORE, alarms_of
from bot.store.calendar import Ahead

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
START = NOW + 3 * DAY
HELSINKI = ZoneInfo("Europe/Helsinki")
WANTED = partial(alarms_of, default_leads=(DAY, 2 * HOUR), hours=QuietHours(time(20), time(9)), zone=HELSINKI)


def meeting(uid="ryhma", start=START, **more):
    return Occurrence(
        uid=uid,
        recurrence_id=None,
        start=start,
        end=start + 2 * HOUR,
        **{"series": "ryhma", "title": {"fi": "Ryhmä"}, **more},
    )


def refresh(store, *meetings, now=NOW, alarms=WANTED, source="schedule.yaml"):
    return store.refreshing.refresh(source, meetings, alarms, now=now)


def test_an_alarm_can_go_on_from_where_it_is(store):
    refresh(store, meeting())
    first, _ = store.calendar.due_alarms(START)
    store.calendar.change_alarm(first.id, choices=HOURS_BEFORE, due=NOW + HOUR, reached=7)
    (changed,) = store.calendar.due_alarms(NOW + HOUR)

    assert (first.choices, first.reached) == (DAY_BEFORE, 0)
    assert (changed.choices, changed.due, changed.reached) == (HOURS_BEFORE, NOW + HOUR, 7)


def test_what_is_still_to_come_for_somebody_is_what_waits_serves_their_choice_and_is_not_made_yet(store):
    refresh(store, meeting(), meeting("muu", series="palsta"), meeting("toinen", START + DAY))
    first, second, *_ = store.calendar.coming(NOW, series="ryhma")
    day_before, hours_before, *_ = store.calendar.due_alarms(START, occurrence=first.id)
    store.calendar.settle_alarm(day_before.id, fired=True)
    store.calendar.change_alarm(hours_before.id, reached=7)

    def ahead(choices, conversation):
        return store.calendar.alarms_ahead("ryhma", choices, conversation=conversation)

    of_second = [
        Ahead(second.id, START + DAY, START),
        Ahead(second.id, START + DAY, START + DAY - 2 * HOUR),
    ]
    assert ahead(BOTH, 7) == of_second
    assert ahead(BOTH, 8) == [Ahead(first.id, START, START - 2 * HOUR), *of_second]
    assert ahead(DAY_BEFORE, 8) == of_second[:1]
    assert ahead(HOURS_BEFORE, 7) == of_second[1:]


def test_only_what_took_place_has_ended(store):
    end = START + 2 * HOUR
    refresh(store, meeting(), meeting("peruttu", status="cancelled"), meeting("muu", series="palsta"))

    assert [each.it for each in store.calendar.ended("ryhma", after=NOW, until=end)] == [meeting()]
    assert store.calendar.ended("ryhma", after=end, until=end + DAY) == []
    assert store.calendar.ended("ryhma", after=NOW, until=end - timedelta(seconds=1)) == []
    assert store.calendar.next_end("ryhma", after=NOW) == end
    assert store.calendar.next_end("ryhma", after=end) is None
