"""What is promised of reminders is what the job then makes of them."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from bot.core.reminders import BOTH, DAY_BEFORE, HOURS_BEFORE
from bot.i18n import Reader, when
from bot.messages import When
from tests.handlers.houses import subscriptions
from tests.handlers.organizing import organized
from tests.schedules.test_remind import meeting, plan, reminders

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST = datetime(2026, 11, 26, 11, tzinfo=UTC)  # Thursday 13:00 in Helsinki
SECOND = FIRST + 7 * DAY
WORDS = {DAY_BEFORE: "Päivää ennen", HOURS_BEFORE: "2 tuntia ennen", BOTH: "Molemmat"}


def chat_before(left, *starts):
    """A chat so long before the first meeting; these are all that the group has."""
    starts = starts or (FIRST, SECOND)
    chat = organized(now=starts[0] - 4 * DAY)
    plan(chat, *(meeting(start, f"m{number}") for number, start in enumerate(starts)))
    chat.ticks(to=starts[0] - left, step=3 * HOUR)
    return chat


def asks(chat, leads):
    """Anna asks for reminders by buttons; give the question and the confirmation."""
    chat.says("anna", "seuraava")
    (question,) = chat.presses("anna", "Muistuta minua")
    (done,) = chat.presses("anna", WORDS[leads])
    return question, done


def promises(done):
    """What a confirmation says of the reminders to come."""
    return [
        line
        for line in done.text.splitlines()[2:]
        if not line.startswith(("Muistutus ei kerro", "Tauko on päällä"))
    ]


@pytest.mark.parametrize(
    ("leads", "left", "said"),
    [
        (DAY_BEFORE, DAY + HOUR, ["Seuraava muistutus: ke 25.11. klo 13"]),
        (BOTH, DAY + HOUR, ["Seuraava muistutus: ke 25.11. klo 13"]),
        (HOURS_BEFORE, 3 * HOUR, ["Seuraava muistutus: to 26.11. klo 11"]),
        (BOTH, DAY, ["Tästä kerrasta tulee enää yksi muistutus: to 26.11. klo 11"]),
        (BOTH, 3 * HOUR, ["Tästä kerrasta tulee enää yksi muistutus: to 26.11. klo 11"]),
        (
            DAY_BEFORE,
            3 * HOUR,
            ["En ehdi enää muistuttaa tästä: to 26.11. klo 13–15", "Seuraava muistutus: ke 2.12. klo 13"],
        ),
        (
            BOTH,
            2 * HOUR,
            ["En ehdi enää muistuttaa tästä: to 26.11. klo 13–15", "Seuraava muistutus: ke 2.12. klo 13"],
        ),
        (
            HOURS_BEFORE,
            HOUR,
            ["En ehdi enää muistuttaa tästä: to 26.11. klo 13–15", "Seuraava muistutus: to 3.12. klo 11"],
        ),
    ],
)
def test_it_is_said_which_reminder_comes_first_and_for_which_meeting_it_is_too_late(leads, left, said):
    _, done = asks(chat_before(left), leads)

    assert promises(done) == said


def test_where_no_other_date_is_known_that_is_said_too():
    question, done = asks(chat_before(HOUR, FIRST, FIRST - 7 * DAY), BOTH)

    assert question.text.splitlines()[-1] == "Milloin muistutan sinua?"
    assert promises(done) == [
        "En ehdi enää muistuttaa tästä: to 26.11. klo 13–15",
        "Seuraava muistutus: ei vielä tiedossa",
    ]


def test_of_what_happens_once_and_begins_soon_nothing_is_asked():
    chat = chat_before(HOUR, FIRST)
    chat.says("anna", "seuraava")
    (heard,) = chat.presses("anna", "Muistuta minua")

    assert heard.text == (
        "Yksinäisyysryhmä\nto 26.11. klo 13–15\nTämä alkaa pian.\nEn ehdi enää muistuttaa siitä."
    )
    assert heard.buttons == ("Takaisin", "Alkuun")
    assert subscriptions(chat, "anna") == {}


def test_who_asks_for_the_first_time_hears_before_choosing_that_it_is_too_late_for_all_reminders():
    late, _ = asks(chat_before(HOUR), BOTH)
    in_time, _ = asks(chat_before(3 * HOUR), BOTH)
    chat = chat_before(HOUR)
    asks(chat, BOTH)
    chat.says("anna", "muistuta")
    chat.presses("anna", "Yksinäisyysryhmä")
    (changing,) = chat.presses("anna", "Muuta aikaa")

    assert late.text == (
        "Yksinäisyysryhmä\nEn ehdi enää muistuttaa tästä: to 26.11. klo 13–15\n"
        "Voin muistuttaa seuraavasta kerrasta alkaen.\nMilloin muistutan sinua?"
    )
    assert in_time.text == changing.text == "Yksinäisyysryhmä\nMilloin muistutan sinua?"


def test_who_has_had_their_reminder_is_told_of_the_next_one_and_of_nothing_missed():
    chat = chat_before(DAY + HOUR)
    asks(chat, DAY_BEFORE)
    chat.ticks(to=FIRST - HOUR, step=HOUR)
    chat.says("anna", "muistuta")
    (shown,) = chat.presses("anna", "Yksinäisyysryhmä")

    assert shown.text == (
        "Yksinäisyysryhmä\nSaat muistutuksen: päivää ennen.\nSeuraava muistutus: ke 2.12. klo 13"
    )


def test_a_reminder_moved_out_of_quiet_hours_is_promised_for_when_it_really_comes():
    early = datetime(2026, 11, 26, 8, tzinfo=UTC)  # ten o'clock: two hours before it is quiet
    chat = chat_before(13 * HOUR, early)
    _, done = asks(chat, BOTH)

    assert promises(done) == ["Tästä kerrasta tulee enää yksi muistutus: to 26.11. klo 9"]


def test_during_a_pause_the_first_after_it_is_promised():
    chat = chat_before(2 * DAY, FIRST, SECOND, SECOND + 7 * DAY)
    chat.says("anna", "/start")
    with chat.transaction() as store:
        store.people.pause(store.people.find(chat.place("anna")).id, SECOND - HOUR)
    _, done = asks(chat, DAY_BEFORE)

    assert promises(done) == ["Seuraava muistutus: ke 9.12. klo 13"]
    assert done.text.splitlines()[-1] == "Tauko on päällä. Se loppuu: to 3.12."


def test_of_a_meeting_that_may_not_take_place_nothing_is_promised_and_nothing_is_too_late():
    chat = organized(now=FIRST - HOUR)
    plan(chat, meeting(FIRST, "maybe", status="tentative"), meeting(SECOND, "sure"))
    _, done = asks(chat, BOTH)

    assert promises(done) == ["Seuraava muistutus: ke 2.12. klo 13"]


def test_a_reminder_whose_rows_are_made_already_is_not_promised_to_who_comes_behind(monkeypatch):
    monkeypatch.setattr("schedules.remind.PIECE", 1)
    chat = chat_before(DAY + HOUR)
    chat.says("anna", "/start")
    with chat.transaction() as store:
        (alarm, *_) = store.calendar.due_alarms(FIRST)
        store.calendar.change_alarm(alarm.id, reached=store.people.find(chat.place("anna")).id)
    _, done = asks(chat, DAY_BEFORE)

    assert promises(done)[-1] == "Seuraava muistutus: ke 2.12. klo 13"


# ---- whatever the hour

BEGIN = datetime(2026, 11, 24, 9, tzinfo=UTC)
meetings = st.lists(
    st.integers(1, 24).map(lambda n: BEGIN + n * 3 * HOUR), min_size=1, max_size=3, unique=True
)
moments = st.integers(0, 72).map(lambda n: BEGIN + n * HOUR)
pauses = st.sampled_from((None, None, 6 * HOUR, DAY, 2 * DAY))


@settings(deadline=None, max_examples=80)
@example(
    starts=[BEGIN + 3 * HOUR], asked=BEGIN + HOUR * 3 / 2, leads=HOURS_BEFORE, pause=None, swept=False
)  # late by half an hour
@example(
    starts=[BEGIN + 27 * HOUR], asked=BEGIN + 12 * HOUR, leads=DAY_BEFORE, pause=None, swept=False
)  # late, and it is night
@given(meetings, moments, st.sampled_from(tuple(WORDS)), pauses, st.booleans())
def test_the_first_reminder_that_comes_is_the_one_that_was_promised(starts, asked, leads, pause, swept):
    """Also when the sweep lags behind (then what is due already comes late, not in quiet hours), and in a pause."""
    chat = organized(now=BEGIN)
    plan(chat, *(meeting(start, f"m{number}") for number, start in enumerate(sorted(starts))))
    chat.says("anna", "palsta")
    if swept:
        chat.ticks(to=asked)
    chat.now = asked
    if pause:
        with chat.transaction() as store:
            store.people.pause(store.people.find(chat.place("anna")).id, asked + pause)
    data = chat.store.vault.seal_button(chat.conversation("anna").id, "leads", ("ryhma", str(leads)))
    (done,) = chat.sends_button("anna", data)
    came = first_reminder(chat)

    reader = Reader("fi", chat.house.zone, asked)
    worded = "ei vielä tiedossa" if came is None else when(When(came), reader)
    assert subscriptions(chat, "anna") == {"ryhma": leads}
    assert promises(done)[-1].partition(": ")[2] == worded


def first_reminder(chat):
    """Let the clock go from one thing that is due to the next, until a reminder comes; give when it did."""
    heard = reminders(chat.ticks(), "anna")
    while not heard:
        with chat.transaction() as store:
            due = store.calendar.next_alarm()
        if due is None:
            return None
        heard = reminders(chat.ticks(to=max(due, chat.now)), "anna")
    return chat.now
