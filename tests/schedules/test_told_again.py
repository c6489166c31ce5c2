"""What changes again before everybody has heard of it: nobody is told an old time, and nobody twice."""

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.store.delivery import Finished
from bot.store.outbox import SENT, WAITING
from schedules import tell_changes as job
from schedules.tell_changes import tell_changes
from tests.handlers.organizing import step, texts
from tests.schedules.telling import (
    AT_TWO,
    DAY,
    HOUR,
    MEETING,
    MINUTE,
    begun,
    change,
    courier_says,
    meeting,
    queued,
    says,
    told,
)


def heads(chat, who):
    """What somebody heard of changes: what it is, and its two times."""
    return [
        tuple(line for line in text.split("\n") if not line.startswith("Seuraava"))
        for text in texts(chat.heard, who)
    ]


AT_THREE = {"start": MEETING + 2 * HOUR, "end": MEETING + 4 * HOUR}
NAME = "Yksinäisyysryhmä"


def moved(before, after):
    times = {1: "to 26.11. klo 13–15", 2: "to 26.11. klo 14–16", 3: "to 26.11. klo 15–17"}
    return f"AIKA MUUTTUI: {NAME}", f"Uusi aika: {times[after]}", f"Vanha aika: {times[before]}"


def test_who_has_not_been_told_the_first_hears_the_last_alone():
    chat = begun("anna", "bertil")
    change(chat, **AT_TWO)
    queued(chat)
    courier_says(chat, 1)
    change(chat, **AT_THREE)
    chat.deliver()
    queued(chat)
    chat.deliver()

    assert heads(chat, "anna") == [moved(1, 2), moved(2, 3)]
    assert heads(chat, "bertil") == [moved(1, 3)]


def test_what_is_back_before_everybody_heard_of_it_is_told_to_those_who_did():
    chat = begun("anna", "bertil")
    change(chat, **AT_TWO)
    queued(chat)
    courier_says(chat, 1)
    change(chat)
    queued(chat)
    chat.deliver()

    assert heads(chat, "anna") == [moved(1, 2), moved(2, 1)]
    assert heads(chat, "bertil") == []


def test_three_changes_in_a_slow_hour_leave_each_with_what_they_missed():
    chat = begun("anna", "bertil", "cecilia")
    change(chat, **AT_TWO)
    queued(chat)
    courier_says(chat, 1)
    change(chat, **AT_THREE)
    queued(chat)
    courier_says(chat, 1)
    change(chat, status="cancelled", **AT_THREE)
    queued(chat)
    chat.deliver()

    assert heads(chat, "anna") == [moved(1, 2), (f"PERUTTU: {NAME}", "to 26.11. klo 14–16")]
    assert heads(chat, "bertil") == [moved(1, 3), (f"PERUTTU: {NAME}", "to 26.11. klo 15–17")]
    assert heads(chat, "cecilia") == [(f"PERUTTU: {NAME}", "to 26.11. klo 13–15")]


def test_the_other_dates_of_a_message_are_told_to_those_who_have_not_got_it():
    chat = begun("anna", "bertil")
    dates = [meeting(), meeting(MEETING + DAY, "b")]
    says(chat, *dates)
    says(chat, *(replace(it, status="cancelled") for it in dates))
    queued(chat)
    courier_says(chat, 1)
    says(chat, dates[0], replace(dates[1], status="cancelled"))
    queued(chat)
    chat.deliver()

    assert [each[0] for each in heads(chat, "anna")] == [f"PERUTTU: {NAME}", f"PIDETÄÄN SITTENKIN: {NAME}"]
    assert heads(chat, "bertil") == [(f"PERUTTU: {NAME}", "pe 27.11. klo 13–15")]


def test_what_changes_while_its_rows_are_made_is_told_to_nobody_else_as_it_was(monkeypatch):
    monkeypatch.setattr(job, "PIECE", 1)
    chat = begun("anna", "bertil")
    change(chat, **AT_TWO)
    chat.now += MINUTE
    step(chat, tell_changes)
    chat.deliver()
    change(chat, status="cancelled", **AT_TWO)
    told(chat, step=MINUTE / 2)

    assert [each[0].split(":")[0] for each in heads(chat, "anna")] == ["AIKA MUUTTUI", "PERUTTU"]
    assert heads(chat, "bertil") == [(f"PERUTTU: {NAME}", "to 26.11. klo 13–15")]


def test_what_is_on_the_wire_when_it_changes_again_counts_as_told():
    chat = begun("anna")
    change(chat, **AT_TWO)
    queued(chat)
    with chat.transaction() as store:
        (on_the_wire,) = store.delivery.claim("telegram", now=chat.now, most=1)
    change(chat)
    with chat.transaction() as store:
        store.delivery.finish([Finished(on_the_wire.key, SENT, message_id="1")], now=chat.now)
    queued(chat)
    chat.deliver()

    assert heads(chat, "anna") == [moved(2, 1)]


def test_what_the_courier_gives_back_is_said_no_more():
    chat = begun("anna")
    change(chat, **AT_TWO)
    queued(chat)
    with chat.transaction() as store:
        (in_hand,) = store.delivery.claim("telegram", now=chat.now, most=1)
    change(chat, **AT_THREE)
    with chat.transaction() as store:
        store.delivery.finish([Finished(in_hand.key, WAITING)], now=chat.now)
    chat.deliver()
    queued(chat)
    chat.deliver()

    assert heads(chat, "anna") == [moved(1, 3)]


@pytest.mark.parametrize("arrives", [True, False])
def test_as_long_as_the_courier_has_it_in_hand_nothing_else_is_said(arrives):
    chat = begun("anna", undo=timedelta())
    change(chat, **AT_TWO)
    queued(chat)
    with chat.transaction() as store:
        (in_hand,) = store.delivery.claim("telegram", now=chat.now, most=1)
    change(chat, **AT_THREE)
    queued(chat)
    with chat.transaction() as store:
        store.delivery.finish([Finished(in_hand.key, SENT if arrives else WAITING)], now=chat.now)
    queued(chat)
    chat.deliver()

    assert heads(chat, "anna") == [moved(2 if arrives else 1, 3)]


HOURS = {13: {}, 14: AT_TWO, 15: AT_THREE}


def learn(known, text):
    """What somebody knows of the date after a message, which tells them of it as they know it."""
    on, hour = known
    head, first, second = text.split("\n")[:3]
    match head.split(":")[0]:
        case "AIKA MUUTTUI":
            assert on
            assert f"klo {hour}–" in second
            return True, int(first.split("klo ")[1][:2])
        case "PERUTTU":
            assert on
            assert f"klo {hour}–" in first
            return False, hour
        case _:
            assert not on
            return True, int(first.split("klo ")[1][:2])


@settings(deadline=None, max_examples=25)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(HOURS)), st.booleans(), st.integers(0, 3)), min_size=1, max_size=4
    )
)
def test_however_slow_the_courier_everybody_is_told_what_is_new_to_them_and_knows_it_in_the_end(history):
    people = ("anna", "bertil", "cecilia")
    chat = begun(*people)
    for hour, on, said in history:
        change(chat, status="confirmed" if on else "cancelled", **HOURS[hour])
        queued(chat)
        courier_says(chat, said)
    chat.deliver()
    last_hour, last_on, _ = history[-1]

    for who in people:
        known = (True, 13)
        for text in texts(chat.heard, who):
            known = learn(known, text)
        assert known[0] == last_on
        assert known[1] == last_hour or not last_on
