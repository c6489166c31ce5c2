from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.occurrences import Occurrence
from bot.core.quiet_hours import QuietHours
from bot.core.reminders import BOTH, DAY_BEFORE, HOURS_BEFORE, alarms_of
from bot.messages import Phrase, Place, Say
from bot.store.calendar import Ahead
from tests.support import open_store

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


def waiting(store):
    """The alarms that wait, as (start, lead, when)."""
    return [(each.kept.it.start, each.lead, each.due) for each in store.calendar.due_alarms(NOW + 999 * DAY)]


def test_what_is_new_is_listed_with_its_alarms(store):
    changes = refresh(store, meeting())

    assert changes == Changes(((None, meeting()),))
    assert [each.it for each in store.calendar.coming(NOW)] == [meeting()]
    assert waiting(store) == [(START, DAY, START - DAY), (START, 2 * HOUR, START - 2 * HOUR)]


def test_what_has_not_changed_is_no_news(store):
    refresh(store, meeting(), meeting("toinen", START + DAY))

    assert refresh(store, meeting("toinen", START + DAY), meeting()) == Changes()


def test_what_was_moved_is_reminded_of_at_its_new_time_only(store):
    refresh(store, meeting())
    later = START + 2 * DAY
    changes = refresh(store, meeting(start=later))

    assert changes == Changes(((meeting(), meeting(start=later)),))
    assert waiting(store) == [(later, DAY, later - DAY), (later, 2 * HOUR, later - 2 * HOUR)]


@pytest.mark.parametrize("now_is", ["cancelled", "tentative"])
def test_of_what_is_not_sure_to_be_nobody_is_reminded(store, now_is):
    refresh(store, meeting())
    refresh(store, meeting(status=now_is))

    assert waiting(store) == []


def test_what_vanished_is_gone_with_its_alarms(store):
    refresh(store, meeting())
    changes = refresh(store)

    assert changes == Changes(((meeting(), None),))
    assert store.calendar.coming(NOW) == []
    assert waiting(store) == []


def test_what_has_begun_stays_though_it_is_listed_no_longer(store):
    refresh(store, meeting())
    changes = refresh(store, now=START)

    assert changes == Changes()
    assert [each.it for each in store.calendar.coming(START)] == [meeting()]


def test_other_calendars_are_left_alone(store):
    refresh(store, meeting())
    refresh(store, source="toinen.ics")

    assert [each.it for each in store.calendar.coming(NOW)] == [meeting()]


def test_a_calendar_that_is_set_no_longer_is_dropped(store):
    refresh(store, meeting())
    refresh(store, meeting("vanha"), source="vanha.ics")
    store.refreshing.drop_sources(["schedule.yaml"], now=NOW)

    assert [each.it.uid for each in store.calendar.coming(NOW)] == ["ryhma"]
    assert not store.refreshing.has_future("vanha.ics", NOW)
    assert store.refreshing.has_future("schedule.yaml", NOW)


def test_no_reminder_is_born_late(store):
    refresh(store, meeting(start=NOW + 5 * HOUR))

    assert [lead for _, lead, _ in waiting(store)] == [2 * HOUR]


def test_a_reminder_that_went_out_does_not_come_again_for_the_same_start(store):
    refresh(store, meeting())
    first, _ = store.calendar.due_alarms(START)
    store.calendar.settle_alarm(first.id, fired=True)
    refresh(store, meeting(start=START + DAY))
    refresh(store, meeting())

    assert [lead for _, lead, _ in waiting(store)] == [2 * HOUR]


def test_new_quiet_hours_move_the_alarms_of_what_has_not_changed(store):
    refresh(store, meeting())
    night = partial(WANTED, hours=QuietHours(time(11), time(13, 30)))  # 11:00-13:30 in Helsinki
    changes = refresh(store, meeting(), alarms=night)

    assert changes == Changes()
    assert waiting(store) == [
        (START, DAY, START - DAY + 1.5 * HOUR),
        (START, 2 * HOUR, START - 2 * HOUR),
    ]


def test_new_leads_take_the_place_of_the_old_ones(store):
    refresh(store, meeting())
    refresh(store, meeting(), alarms=partial(WANTED, default_leads=(HOUR,)))

    assert [
        (lead, each.choices)
        for (_, lead, _), each in zip(waiting(store), store.calendar.due_alarms(START), strict=True)
    ] == [(HOUR, BOTH)]


def test_an_alarm_whose_time_has_come_is_left_to_the_sweep(store):
    refresh(store, meeting())
    refresh(store, meeting(), now=START - HOUR)

    assert [lead for _, lead, _ in waiting(store)] == [DAY, 2 * HOUR]


def queued(store):
    """Make the row of a reminder; give its state by whether it still waits."""
    anna = store.people.meet(Place("telegram", "anna"), language="fi", now=NOW)
    store.subscriptions.add(anna.id, "ryhma")
    (kept,) = store.calendar.coming(NOW)
    store.fan_out.reminder(
        key="x", series="ryhma", choices=BOTH, say=Say(Phrase("x")), occurrence=kept.id, due=NOW,
        useful_until=START, now=NOW,
    )  # fmt: skip
    return anna.id


@pytest.mark.parametrize("changed", [{"status": "cancelled"}, {"start": START + DAY}])
def test_a_queued_reminder_of_what_was_cancelled_or_moved_is_taken_back(store, changed):
    refresh(store, meeting())
    anna = queued(store)
    refresh(store, meeting(**changed))

    assert store.outbox.waiting_for(anna) == 0


def test_a_new_title_takes_no_queued_reminder_back(store):
    refresh(store, meeting())
    anna = queued(store)
    refresh(store, meeting(title={"fi": "Uusi nimi"}))

    assert store.outbox.waiting_for(anna) == 1


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


def test_what_ended_long_ago_is_deleted_with_its_alarms(store):
    refresh(store, meeting(), meeting("toinen", START + 9 * DAY))

    assert store.refreshing.delete_ended(START + 3 * DAY) == 1
    assert [start for start, _, _ in waiting(store)] == [START + 9 * DAY] * 2


ids = st.sampled_from("abc")
coarse = st.integers(-4, 12).map(lambda n: NOW + n * DAY / 2)
meetings = st.lists(
    st.builds(meeting, ids, coarse, status=st.sampled_from(["confirmed", "cancelled"])),
    unique_by=lambda each: each.uid,
)


@settings(deadline=None, max_examples=40)
@given(st.lists(meetings, min_size=1, max_size=4))
def test_whatever_came_before_the_future_is_as_last_read_and_so_are_its_alarms(readings):
    store = open_store()
    store.begin()
    for reading in readings:
        refresh(store, *reading)
    ahead = {each.it.uid: each.it for each in store.calendar.coming(NOW, most=99) if each.it.start > NOW}
    alarms = waiting(store)
    store.rollback()
    store.close()
    last = {each.uid: each for each in readings[-1] if each.start > NOW}
    wanted = [
        (each.start, alarm.leads[0], alarm.due)
        for each in last.values()
        for alarm in WANTED(each)
        if alarm.due > NOW
    ]

    assert ahead == last
    assert sorted(alarms) == sorted(wanted)


def test_the_number_of_a_meeting_that_is_gone_is_not_given_to_another(store):
    refresh(store, meeting())
    (gone,) = store.calendar.coming(NOW, most=9)
    store.refreshing.delete_ended(START + DAY)
    refresh(store, meeting("toinen", start=START + 9 * DAY), now=START + 2 * DAY)
    (other,) = store.calendar.coming(NOW, most=9)

    assert other.id > gone.id
