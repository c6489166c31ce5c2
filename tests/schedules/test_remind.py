from collections import Counter
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.occurrences import Occurrence
from bot.core.quiet_hours import is_quiet
from bot.core.reminders import BOTH, DAY_BEFORE, HOURS_BEFORE, alarms_of
from bot.store.models import to_day
from schedules import remind as job
from schedules.remind import remind
from tests.handlers.organizing import hears, listeners, organized, step, texts

HELSINKI = ZoneInfo("Europe/Helsinki")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
MEETING = datetime(2026, 11, 26, 11, tzinfo=UTC)  # the first of the sample's group: Thursday 13:00
NEUTRAL = "Muistutus: Tapaaminen {}\nto 26.11. klo 13–15\nLue lisää: valitse Näytä."


def plan(chat, *occurrences, now=None):
    """Make this the whole calendar."""
    with chat.transaction() as store:
        store.refreshing.drop_sources([], now=chat.now)
        store.refreshing.refresh(
            "test",
            occurrences,
            lambda it: alarms_of(
                it,
                default_leads=chat.house.default_leads,
                hours=chat.house.quiet_hours,
                zone=chat.house.zone,
            ),
            now=now or chat.now,
        )


def meeting(start, uid="m", **more):
    return Occurrence(
        uid=uid,
        recurrence_id=None,
        start=start,
        end=start + 2 * HOUR,
        **{"series": "ryhma", "title": {"fi": "Ryhmä"}, **more},
    )


def reminders(heard, who=None):
    return [each for each in heard if each.text.startswith("Muistutus") and who in (None, each.who)]


def too_late(chat):
    with chat.transaction() as store:
        return store.books.count("reminder.too_late", to_day(chat.now - DAY))


# ---- the words


def test_a_reminder_tells_a_stranger_nothing_until_its_reader_says_it_may():
    chat = organized()
    hears(chat, "anna", "bertil", "group1")
    with chat.transaction() as store:
        store.people.set_named(store.people.find(chat.place("bertil")).id, named=True)
    heard = chat.ticks(to=MEETING - DAY)

    named = (
        "Muistutus: Yksinäisyysryhmä huomenna\nKeskustelukerta\nto 26.11. klo 13–15\nEsimerkkitalo, 2. kerros"
    )
    buttons = ("Näytä", "En jaksa huomenna", "Lopeta", "Tauko 2 viikkoa")
    assert [(each.who, each.text, each.buttons) for each in heard] == [
        ("anna", NEUTRAL.format("huomenna"), buttons),
        ("bertil", named, buttons),
        ("group1", named, ()),
    ]


def test_the_buttons_of_a_reminder_work():
    chat = organized()
    hears(chat, "anna")
    chat.ticks(to=MEETING - DAY)
    (shown,) = chat.presses("anna", "Näytä")
    chat.presses("anna", "Lopeta")

    assert shown.text.startswith("Yksinäisyysryhmä\nto 26.11. klo 13–15")
    assert reminders(chat.ticks(to=MEETING)) == []


def test_a_pause_keeps_the_next_reminder_away():
    chat = organized()
    hears(chat, "anna")
    chat.ticks(to=MEETING - DAY)
    chat.presses("anna", "Tauko 2 viikkoa")

    assert reminders(chat.ticks(to=MEETING)) == []


def test_an_event_without_a_neutral_name_is_a_meeting():
    chat = organized()
    hears(chat, "anna", of="palsta")
    plan(chat, meeting(MEETING, series="palsta", title={"fi": "Työntekijä palstalla"}))
    (heard,) = chat.ticks(to=MEETING - DAY)

    assert heard.text == NEUTRAL.format("huomenna")


def test_who_follows_everything_hears_of_what_belongs_to_no_series():
    chat = organized()
    hears(chat, "group1", of="*")
    plan(chat, meeting(MEETING, series=None, title={"fi": "Talkoot"}))
    (heard,) = chat.ticks(to=MEETING - DAY)

    assert (heard.who, heard.text.split("\n")[0]) == ("group1", "Muistutus: Talkoot huomenna")


def test_what_is_for_members_is_not_said_in_a_channel():
    chat = organized()
    hears(chat, "anna", "channel1", of="asiakasraati")
    hears(chat, "channel2", of="*")
    plan(chat, meeting(MEETING, series="asiakasraati", visibility="members"))

    assert [each.who for each in chat.ticks(to=MEETING - DAY)] == ["anna"]


# ---- when


def test_everybody_hears_the_leads_they_chose():
    chat = organized()
    hears(chat, "anna", leads=DAY_BEFORE)
    hears(chat, "bertil", leads=HOURS_BEFORE)
    hears(chat, "cecilia", leads=BOTH)
    day_before = chat.ticks(to=MEETING - DAY)
    hours_before = chat.ticks(to=MEETING - 2 * HOUR)

    assert [each.who for each in day_before] == ["anna", "cecilia"]
    assert [each.who for each in hours_before] == ["bertil", "cecilia"]
    assert {each.text for each in hours_before} == {NEUTRAL.format("tänään")}


def test_not_a_moment_too_early():
    chat = organized()
    hears(chat, "anna")

    assert chat.ticks(to=MEETING - DAY - timedelta(seconds=1)) == []
    assert len(chat.ticks(to=MEETING - DAY)) == 1


@pytest.mark.parametrize("jump", [-HOUR, -DAY])
def test_a_clock_that_is_set_back_reminds_nobody_twice(jump):
    chat = organized()
    hears(chat, "anna")
    first = chat.ticks(to=MEETING - DAY)
    chat.now += jump
    again = chat.ticks(to=MEETING - DAY + MINUTE, step=timedelta(minutes=30))

    assert len(reminders(first)) == 1
    assert reminders(again) == []


def test_what_fell_due_while_nobody_was_there_comes_late_once_and_says_today():
    chat = organized()
    hears(chat, "anna")
    heard = chat.ticks(to=MEETING - HOUR)

    assert texts(heard, "anna") == [NEUTRAL.format("tänään")]
    assert chat.ticks(to=MEETING) == []
    assert too_late(chat) == 0


@pytest.mark.parametrize("leads", [DAY_BEFORE, HOURS_BEFORE, BOTH])
def test_after_an_outage_each_is_reminded_once_whatever_they_chose(leads):
    chat = organized()
    hears(chat, "anna", leads=leads)

    assert len(reminders(chat.ticks(to=MEETING - HOUR))) == 1


def test_after_an_outage_everybody_of_every_piece_is_reminded(monkeypatch):
    monkeypatch.setattr(job, "PIECE", 1)
    chat = organized()
    hears(chat, "anna", "bertil", leads=DAY_BEFORE)
    hears(chat, "cecilia", leads=HOURS_BEFORE)

    assert listeners(chat.ticks(to=MEETING - HOUR), "Muistutus") == ["anna", "bertil", "cecilia"]


def test_what_has_begun_is_dropped_and_counted():
    chat = organized()
    hears(chat, "anna")

    assert reminders(chat.ticks(to=MEETING)) == []
    assert too_late(chat) == 1


def test_after_an_outage_over_the_evening_the_reminder_waits_for_the_morning():
    chat = organized()
    hears(chat, "anna")
    evening = chat.ticks(to=datetime(2026, 11, 25, 19, tzinfo=UTC))
    morning = chat.ticks(to=datetime(2026, 11, 26, 7, tzinfo=UTC))

    assert reminders(evening) == []
    assert texts(morning, "anna") == [NEUTRAL.format("tänään")]


def test_what_begins_before_the_morning_is_not_told_of_at_night():
    chat = organized()
    hears(chat, "anna")
    early = datetime(2026, 11, 26, 6, tzinfo=UTC)  # 8 in the morning
    plan(chat, meeting(early))
    heard = chat.ticks(to=datetime(2026, 11, 25, 19, tzinfo=UTC))

    assert reminders(heard) == []
    assert reminders(chat.ticks(to=early)) == []
    assert too_late(chat) == 1


def test_a_cancelled_meeting_reminds_nobody():
    chat = organized()
    hears(chat, "anna")
    plan(chat, meeting(MEETING))
    plan(chat, meeting(MEETING, status="cancelled"))

    assert chat.ticks(to=MEETING, step=HOUR) == []


@pytest.mark.parametrize("sunday", [date(2027, 3, 28), date(2027, 10, 31)], ids=["spring", "autumn"])
def test_in_the_weeks_of_the_clock_each_reminder_comes_once_at_its_time(sunday):
    """At 13 on the wall before, on and after the day: told of 24 hours and 2 hours before, as they really pass."""
    days = [sunday + number * DAY for number in (-3, 0, 1, 4)]
    starts = [datetime.combine(day, time(13), HELSINKI).astimezone(UTC) for day in days]
    chat = organized(now=starts[0] - 3 * DAY)
    hears(chat, "anna")
    plan(chat, *(meeting(start, f"m{number}") for number, start in enumerate(starts)))
    at = []
    while chat.now < starts[-1]:
        heard = reminders(chat.ticks(to=chat.now + HOUR / 2))
        at += [chat.now] * len(heard)

    assert at == sorted(due for start in starts for due in (start - DAY, start - 2 * HOUR))


# ---- many


@pytest.mark.parametrize(("piece", "pieces"), [(1000, 1), (999, 2), (400, 3)])
def test_a_thousand_due_at_once_are_made_in_as_few_pieces_as_can_be_and_each_hears_once(
    piece, pieces, monkeypatch
):
    monkeypatch.setattr(job, "PIECE", piece)
    chat = organized()
    everybody = [f"p{number:04}" for number in range(1000)]
    hears(chat, *everybody)
    chat.now = MEETING - DAY
    steps = 0
    while step(chat, remind):
        steps += 1

    assert steps == pieces
    assert sorted(listeners(chat.ticks(), "Muistutus")) == everybody


def test_a_kill_between_two_pieces_loses_and_doubles_nothing(monkeypatch):
    monkeypatch.setattr(job, "PIECE", 2)
    for committed in range(5):
        chat = organized()
        hears(chat, "anna", "bertil", "cecilia", "daniel", "group1")
        chat.now = MEETING - DAY
        for _ in range(committed):
            step(chat, remind)
        chat.starts()
        chat.ticks()

        assert Counter(listeners(chat.heard, "Muistutus")) == Counter(
            ["anna", "bertil", "cecilia", "daniel", "group1"]
        )


def test_who_begins_to_listen_while_the_rows_are_made_hears_it_once_or_not(monkeypatch):
    monkeypatch.setattr(job, "PIECE", 1)
    chat = organized()
    hears(chat, "anna", "bertil")
    chat.now = MEETING - DAY
    step(chat, remind)
    hears(chat, "cecilia")
    heard = chat.ticks()

    assert Counter(listeners(heard, "Muistutus")) == Counter(["anna", "bertil", "cecilia"])


def test_a_lead_that_falls_due_while_the_other_is_half_made_comes_as_its_own(monkeypatch):
    monkeypatch.setattr(job, "PIECE", 1)
    chat = organized()
    hears(chat, "anna", "bertil")
    chat.now = MEETING - 3 * HOUR
    step(chat, remind)
    heard = chat.ticks(to=MEETING - HOUR)

    assert Counter(listeners(heard, "Muistutus")) == Counter(["anna", "anna", "bertil", "bertil"])


# ---- however time is cut

BEGIN = datetime(2027, 3, 25, 9, tzinfo=UTC)  # a Thursday; the clock goes forward on Sunday
coarse = st.lists(st.integers(1, 36).map(lambda n: BEGIN + n * 3 * HOUR), max_size=3, unique=True)
cuts = st.lists(st.integers(1, 12).map(lambda n: n * HOUR), min_size=1, max_size=30)


@settings(deadline=None, max_examples=30)
@given(coarse, cuts)
def test_however_time_is_cut_nobody_is_told_early_twice_at_night_or_too_late_and_nobody_is_forgotten(
    starts, cuts
):
    chat = organized(now=BEGIN)
    hears(chat, "anna")
    with chat.transaction() as store:
        store.people.set_named(store.people.find(chat.place("anna")).id, named=True)
    plan(
        chat,
        *(meeting(start, f"m{number}", title={"fi": f"m{number}"}) for number, start in enumerate(starts)),
    )
    with chat.transaction() as store:
        alarms = [(each.kept.it.uid, each.due) for each in store.calendar.due_alarms(BEGIN + 30 * DAY)]
    told, looks = [], []
    for cut in cuts:
        heard = reminders(chat.ticks(to=chat.now + cut))
        looks.append(chat.now)
        told += [(each.text.split()[1], chat.now) for each in heard]

    for number, start in enumerate(starts):
        uid = f"m{number}"
        dues = [due for each, due in alarms if each == uid]
        times = [at for each, at in told if each == uid]
        assert len(times) <= len(dues)
        assert all(min(dues) <= at < start for at in times)
        for due in dues:
            chances = [at for at in looks if due <= at < start and not quiet(chat, at)]
            assert not chances or any(due <= at for at in times)
    assert not any(quiet(chat, at) for _, at in told)


def quiet(chat, at):
    return is_quiet(at, chat.house.quiet_hours, HELSINKI)
