from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.occurrences import Occurrence
from bot.core.overrides import CHAT, Override, Overrides
from bot.core.quiet_hours import QuietHours
from bot.core.reminders import BOTH, alarms_of
from bot.core.schedule_diff import Difference, Step, Stored, difference
from bot.messages import Phrase, Place, Say
from bot.store.calendar import Kept
from tests.support import open_store

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
START = NOW + 3 * DAY
FAR = NOW + 60 * DAY
HELSINKI = ZoneInfo("Europe/Helsinki")
WANTED = partial(alarms_of, default_leads=(DAY, 2 * HOUR), hours=QuietHours(time(20), time(9)), zone=HELSINKI)


def meeting(uid="ryhma", start=START, **more):
    return Occurrence(
        uid=uid,
        recurrence_id=None,
        start=start,
        **{"end": start + 2 * HOUR, "series": "ryhma", "title": {"fi": "Ryhmä"}, **more},
    )


def refresh(store, *meetings, now=NOW, alarms=WANTED, source="schedule.yaml"):
    return store.refreshing.refresh(source, meetings, alarms, now=now)


def waiting(store):
    """The alarms that wait, as (start, lead, when)."""
    return [(each.kept.it.start, each.lead, each.due) for each in store.calendar.due_alarms(NOW + 999 * DAY)]


def test_what_is_new_is_listed_with_its_alarms(store):
    found = refresh(store, meeting())

    assert found.steps == (Step(None, None, meeting()),)
    assert [each.it for each in store.calendar.coming(NOW)] == [meeting()]
    assert waiting(store) == [(START, DAY, START - DAY), (START, 2 * HOUR, START - 2 * HOUR)]


def test_what_has_not_changed_is_no_news(store):
    refresh(store, meeting(), meeting("toinen", START + DAY))

    found = refresh(store, meeting("toinen", START + DAY), meeting())

    assert [step.alarms_only for step in found.steps] == [True, True]


def test_what_was_moved_is_reminded_of_at_its_new_time_only(store):
    refresh(store, meeting())
    later = START + 2 * DAY
    refresh(store, meeting(start=later))

    assert waiting(store) == [(later, DAY, later - DAY), (later, 2 * HOUR, later - 2 * HOUR)]


@pytest.mark.parametrize("now_is", ["cancelled", "tentative"])
def test_of_what_is_not_sure_to_be_nobody_is_reminded(store, now_is):
    refresh(store, meeting())
    refresh(store, meeting(status=now_is))

    assert waiting(store) == []


def test_what_is_gone_and_near_is_cancelled_and_its_alarms_are_gone(store):
    refresh(store, meeting())
    refresh(store)

    assert [each.it for each in store.calendar.coming(NOW)] == [meeting(status="cancelled")]
    assert waiting(store) == []


def test_what_is_gone_and_far_is_deleted_with_its_alarms(store):
    refresh(store, meeting(start=FAR))
    refresh(store)

    assert store.calendar.coming(NOW) == []
    assert waiting(store) == []


def takes_part(store, table):
    anna = store.people.meet(Place("telegram", "anna"), language="fi", now=NOW)
    (kept,) = store.calendar.coming(NOW)
    if table == "sign_up":
        store.sign_ups.add(kept.id, anna.id, "waiting")
    elif table == "newcomer":
        store.newcomers.add(kept.id, anna.id, due=NOW)
    elif table == "shared_turn":
        store.shared_turns.take(kept.id, anna.id)
    else:
        (first, *_) = store.calendar.due_alarms(FAR)
        store.calendar.settle_alarm(first.id, fired=True)


@pytest.mark.parametrize("how", ["sign_up", "newcomer", "shared_turn", "reminded"])
def test_what_is_gone_and_concerns_somebody_is_cancelled_however_far_it_is(store, how):
    refresh(store, meeting(start=FAR))
    takes_part(store, how)
    refresh(store)

    assert [each.it.status for each in store.calendar.coming(NOW)] == ["cancelled"]


def test_what_concerns_somebody_since_it_was_compared_is_not_deleted(store):
    refresh(store, meeting(start=FAR))
    (row,) = store.refreshing.stored("schedule.yaml")
    takes_part(store, "newcomer")
    store.refreshing.apply("schedule.yaml", [Step(row.id, row.it, None)], WANTED, now=NOW, settle=timedelta())

    assert [each.it.status for each in store.calendar.coming(NOW)] == ["confirmed"]


def test_what_has_begun_stays_though_it_is_listed_no_longer(store):
    refresh(store, meeting())
    found = refresh(store, now=START)

    assert found == Difference()
    assert [each.it for each in store.calendar.coming(START)] == [meeting()]


def test_what_moved_to_another_identity_keeps_its_number(store):
    refresh(store, meeting())
    (before,) = store.calendar.coming(NOW)
    refresh(store, meeting("uusi", START + HOUR))

    assert store.calendar.coming(NOW) == [
        Kept(before.id, meeting("uusi", START + HOUR), "schedule.yaml", None)
    ]


@pytest.mark.parametrize(
    ("changed", "counts"),
    [
        ({"start": START + HOUR}, 1),
        ({"status": "cancelled"}, 1),
        ({"place": {"fi": "Puisto"}}, 1),
        ({"title": {"fi": "Uusi nimi"}}, 0),
    ],
)
def test_a_calendar_program_is_told_how_often_time_place_or_status_changed(store, changed, counts):
    refresh(store, meeting())
    (kept,) = store.calendar.coming(NOW)
    refresh(store, meeting(**changed), now=NOW + HOUR)
    refresh(store, meeting(**changed), now=NOW + 2 * HOUR)
    dated = store.feeds.one(kept.id)

    assert (dated.sequence, dated.changed) == (counts, NOW + HOUR if counts else NOW)


def test_other_calendars_are_left_alone(store):
    refresh(store, meeting())
    refresh(store, source="toinen.ics")

    assert [each.it for each in store.calendar.coming(NOW)] == [meeting()]


def test_a_calendar_that_is_set_no_longer_is_dropped(store):
    refresh(store, meeting())
    refresh(store, meeting("vanha"), source="vanha.ics")
    refresh(store, meeting("chat-1"), source=CHAT)
    store.refreshing.drop_sources(["schedule.yaml"], now=NOW)

    assert [each.it.uid for each in store.calendar.coming(NOW)] == ["ryhma", "chat-1"]
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
    refresh(store, meeting(), alarms=night)

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

    assert {uid: it for uid, it in ahead.items() if uid in last} == last
    assert {it.status for uid, it in ahead.items() if uid not in last} <= {"cancelled"}
    assert sorted(alarms) == sorted(wanted)


def test_the_number_of_a_meeting_that_is_gone_is_not_given_to_another(store):
    refresh(store, meeting())
    (gone,) = store.calendar.coming(NOW, most=9)
    store.refreshing.delete_ended(START + DAY)
    refresh(store, meeting("toinen", start=START + 9 * DAY), now=START + 2 * DAY)
    (other,) = store.calendar.coming(NOW, most=9)

    assert other.id > gone.id


# ---- overrides and pages


def test_what_a_source_says_is_kept_beside_what_an_override_makes_of_it(store):
    refresh(store, meeting(place={"fi": "Talo"}))
    (kept,) = store.calendar.coming(NOW)
    draft = Override(
        id=0,
        kind="move",
        organizer=0,
        made=NOW,
        source="schedule.yaml",
        uid="ryhma",
        recurrence_id="",
        start=START + DAY,
        end=START + DAY + HOUR,
        place={"fi": "Puisto"},
    )
    override = store.overrides.add(draft, organizer=7)
    refresh(store, meeting(place={"fi": "Talo"}))
    said = meeting(place={"fi": "Talo"})
    shown = meeting(start=START + DAY, end=START + DAY + HOUR, place={"fi": "Puisto"})

    assert store.refreshing.stored("schedule.yaml") == [Stored(kept.id, shown, said, override.id)]
    assert store.calendar.get(kept.id) == Kept(kept.id, shown, "schedule.yaml", override.id)
    assert store.refreshing.begun(START + DAY) == [said]


def test_rows_are_read_a_page_at_a_time(store):
    refresh(store, *(meeting(str(number)) for number in range(5)))
    pages, after = [], 0
    while page := store.refreshing.stored("schedule.yaml", after=after, most=2):
        pages.append([row.it.uid for row in page])
        after = page[-1].id

    assert pages == [["0", "1"], ["2", "3"], ["4"]]


def test_what_is_ahead_is_found_by_what_it_is_of(store):
    refresh(store, meeting(), meeting("muu", series="palsta"), meeting("ohi", start=NOW))
    found = [
        [row.it.uid for _, row in store.refreshing.ahead(NOW, **which)]
        for which in ({}, {"series": "palsta"}, {"source": "muu.ics"}, {"uid": "ryhma", "recurrence_id": ""})
    ]

    assert found == [["ryhma", "muu"], ["muu"], [], ["ryhma"]]


def test_versions_are_counted_apart(store):
    store.refreshing.count_up()
    store.refreshing.count_up("schedule.yaml")
    store.refreshing.count_up("schedule.yaml")

    assert [store.refreshing.version(source) for source in ("", "schedule.yaml", "muu")] == [1, 2, 0]


class Counted:
    """Counts the statements that change something."""

    def __init__(self, store):
        self._driver = store.connection.connection.driver_connection
        self._before = self._driver.total_changes

    @property
    def rows(self):
        return self._driver.total_changes - self._before


def test_one_changed_date_of_a_thousand_is_a_handful_of_rows():
    store = open_store()
    store.begin()
    dates = [meeting(str(number), START + number * HOUR) for number in range(1000)]
    store.refreshing.apply(
        "a.ics", [Step(None, None, it) for it in dates], WANTED, now=NOW, settle=timedelta()
    )
    changed = [*dates[:500], replace(dates[500], place={"fi": "Puisto"}), *dates[501:]]
    found = difference("a.ics", store.refreshing.stored("a.ics"), changed, Overrides((), {}), now=NOW)
    counted = Counted(store)
    store.refreshing.apply("a.ics", found.steps, WANTED, now=NOW, settle=timedelta())
    rows = counted.rows
    store.rollback()
    store.close()

    assert rows <= 3


def test_that_all_calendars_are_still_set_is_found_in_as_many_steps_however_many_dates_there_are():
    steps = []
    for number in (10, 1_000):
        store = open_store()
        store.begin()
        dates = [Step(None, None, meeting(str(each), START + each * HOUR)) for each in range(number)]
        store.refreshing.apply("a.ics", dates, WANTED, now=NOW, settle=timedelta())
        driver = store.connection.connection.driver_connection
        counted = []
        driver.set_progress_handler(lambda counted=counted: counted.append(1), 10)
        store.refreshing.drop_sources(["a.ics"], now=NOW)
        driver.set_progress_handler(None, 0)
        steps.append(len(counted))
        store.rollback()
        store.close()

    assert steps[1] <= steps[0] + 1
