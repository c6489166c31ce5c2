from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from bot.messages import Lane, Leave, Place, say
from bot.store import delivery, models, outbox
from bot.store.delivery import PAGES, Finished
from bot.store.models import from_ms, to_day
from bot.store.outbox import CLAIMED, DROPPED, FAILED, LEASE, SENT, WAITING, Ready

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
ROWS = models.outbox
MINUTE = timedelta(minutes=1)
WORDS = say("home", aika="kanarialintu")


def meet(store, name="anna", platform="telegram", kind="private"):
    return store.people.meet(Place(platform, name, kind), language="sv", now=NOW)


def push(store, key, *, to="anna", lane=Lane.NOTICE, at=NOW, until=None, platform="telegram"):
    store.outbox.push(
        meet(store, to, platform), key, WORDS, now=NOW, lane=lane, not_before=at, useful_until=until
    )


def claim(store, *, now=NOW, most=99, platform="telegram"):
    return [row.key for row in store.delivery.claim(platform, now=now, most=most)]


def finish(store, *finished, now=NOW):
    store.delivery.finish(finished, now=now)


def row(store, key):
    """What stands in the table of one row: state, words and reason first."""
    store.outbox.flush()
    names = ("state", "what", "reason", "attempts", "parts", "not_before", "finished", "message_id", "lease")
    return store.run(select(*(ROWS.c[name] for name in names)).where(ROWS.c.key == key)).one()


# ---- what is claimed -----------------------------------------------------------------------------------------


def test_a_row_is_claimed_with_all_that_is_needed_to_say_it(store):
    push(store, "one", lane=Lane.REMINDER, until=NOW + MINUTE)

    (ready,) = store.delivery.claim("telegram", now=NOW, most=9)

    anna = store.people.find(Place("telegram", "anna"))
    assert ready == Ready(
        "one", anna.id, Place("telegram", "anna"), "sv", named=False, lane=Lane.REMINDER, say=WORDS,
        useful_until=NOW + MINUTE,
    )  # fmt: skip


def test_the_urgent_lane_goes_first_and_in_it_the_earlier(store):
    push(store, "news", lane=Lane.BROADCAST, at=NOW - 9 * MINUTE)
    push(store, "reminder", lane=Lane.REMINDER, at=NOW - MINUTE)
    push(store, "reminder before", lane=Lane.REMINDER, at=NOW - 2 * MINUTE)
    push(store, "notice", lane=Lane.NOTICE)
    push(store, "reply", lane=Lane.REPLY)

    assert claim(store, most=2) == ["reply", "notice"]
    assert claim(store) == ["reminder before", "reminder", "news"]


def test_of_one_instant_what_was_said_first_goes_first(store):
    for number in range(20):
        push(store, f"{number:02}", to=str(number % 3))

    assert claim(store) == [f"{number:02}" for number in range(20)]


def test_what_is_not_due_or_for_another_platform_stays(store):
    push(store, "later", at=NOW + timedelta(milliseconds=1))
    push(store, "elsewhere", platform="web")
    push(store, "now")

    assert claim(store) == ["now"]
    assert claim(store, now=NOW + MINUTE) == ["later"]
    assert claim(store, platform="web") == ["elsewhere"]


def test_what_is_claimed_is_not_claimed_again(store):
    push(store, "one")

    assert claim(store) == ["one"]
    assert claim(store) == []
    assert row(store, "one").state == CLAIMED
    assert row(store, "one").lease == NOW + LEASE


def test_to_whom_went_silent_nothing_is_pushed_but_an_answer_is_said(store):
    anna = meet(store)
    push(store, "reminder", lane=Lane.REMINDER)
    push(store, "reply", lane=Lane.REPLY)
    store.people.silence(anna.id, "blocked")

    assert claim(store) == ["reply"]
    assert row(store, "reminder")[:3] == (DROPPED, "", "silent")
    assert store.books.count("dropped.silent") == 1


def test_to_whom_pauses_nothing_is_pushed_that_came_by_itself(store):
    anna = meet(store)
    for lane in Lane:
        push(store, lane.name, lane=lane)
    store.people.pause(anna.id, NOW + MINUTE)

    assert claim(store) == ["REPLY", "URGENT", "NOTICE"]
    assert row(store, "REMINDER")[:3] == (DROPPED, "", "paused")
    assert store.books.count("dropped.paused") == 2


def test_when_a_pause_is_over_all_is_said_again(store):
    push(store, "reminder", lane=Lane.REMINDER)
    store.people.pause(meet(store).id, NOW)

    assert claim(store) == ["reminder"]


def test_in_quiet_hours_answers_and_what_is_urgent_are_said_and_all_else_at_their_end_if_it_is_of_use(store):
    morning = NOW + timedelta(hours=13)
    for lane in Lane:
        push(store, lane.name, lane=lane)
    push(store, "too late", lane=Lane.REMINDER, until=morning)
    push(store, "in time", lane=Lane.REMINDER, until=morning + MINUTE)
    at_night = store.delivery.claim("telegram", now=NOW, most=99, quiet_until=morning)
    next_look = store.delivery.next_due("telegram", quiet_until=morning)

    assert [each.key for each in at_night] == ["REPLY", "URGENT"]
    assert next_look == morning
    assert claim(store, now=morning) == ["NOTICE", "REMINDER", "in time", "BROADCAST"]
    assert row(store, "too late")[:3] == (DROPPED, "", "too_late")
    assert store.books.count("dropped.too_late") == 1


def test_in_quiet_hours_an_answer_that_is_still_to_come_is_looked_for_in_time(store):
    push(store, "news", lane=Lane.BROADCAST)
    push(store, "reply", lane=Lane.REPLY, at=NOW + MINUTE)

    assert store.delivery.next_due("telegram", quiet_until=NOW + 2 * MINUTE) == NOW + MINUTE


def test_what_has_lost_its_use_is_dropped_and_counted(store):
    push(store, "too late", until=NOW)
    push(store, "just in time", until=NOW + timedelta(milliseconds=1))

    assert claim(store) == ["just in time"]
    assert row(store, "too late")[:3] == (DROPPED, "", "too_late")
    assert store.books.count("dropped.too_late") == 1


def test_any_number_of_useless_rows_does_not_hide_a_good_one(store):
    for number in range(60):
        push(store, f"late {number}", at=NOW - MINUTE, until=NOW)
    push(store, "good")

    assert claim(store, most=7) == ["good"]
    assert store.books.count("dropped.too_late") == 60


def test_more_useless_rows_than_one_transaction_bears_are_gone_by_and_by(store):
    many = PAGES + 5
    for number in range(many):
        push(store, f"late {number}", at=NOW - MINUTE, until=NOW)
    push(store, "good")

    first, due = claim(store, most=1), store.delivery.next_due("telegram")

    assert first == []
    assert due <= NOW, "so that one looks again at once"
    assert claim(store, most=1) == ["good"]


def test_a_spoilt_row_fails_and_stops_no_other(store):
    push(store, "spoilt")
    push(store, "of another key", to="bertil")
    push(store, "good", to="cecilia")
    store.outbox.flush()
    store._cursor.execute("UPDATE outbox SET what = '{' WHERE key = 'spoilt'")
    store._cursor.execute(
        "UPDATE conversation SET address = (SELECT lookup FROM conversation AS c WHERE c.id = conversation.id)"
        " WHERE id = (SELECT conversation FROM outbox WHERE key = 'of another key')"
    )

    assert claim(store) == ["good"]
    assert row(store, "spoilt")[:3] == (FAILED, "", "unreadable")
    assert row(store, "of another key")[:3] == (FAILED, "", "unreadable")


def test_leaving_a_group_is_claimed_like_a_message(store):
    store.outbox.reply(meet(store, "talo", kind="group"), "go", Leave(), now=NOW)

    (ready,) = store.delivery.claim("telegram", now=NOW, most=9)

    assert ready.say == Leave()


# ---- what becomes of it --------------------------------------------------------------------------------------


def test_delivery_wipes_the_words_and_keeps_the_platforms_number(store):
    push(store, "one")
    claim(store)
    finish(store, Finished("one", SENT, message_id="4711"))

    found = row(store, "one")
    assert found[:3] == (SENT, "", None)
    assert (found.message_id, found.finished, found.lease) == ("4711", to_day(NOW), None)


@pytest.mark.parametrize("state", [FAILED, DROPPED])
def test_what_ends_otherwise_loses_its_words_too(store, state):
    push(store, "one")
    claim(store)
    finish(store, Finished("one", state, reason="blocked"))

    assert row(store, "one")[:3] == (state, "", "blocked")
    assert row(store, "one").finished == to_day(NOW)
    assert store.books.count("dropped.blocked") == (state == DROPPED)


def test_what_is_given_back_keeps_its_place_in_the_row(store):
    push(store, "first", at=NOW - MINUTE)
    push(store, "second", at=NOW)
    claim(store, most=1)
    finish(store, Finished("first", WAITING, attempts=3, parts=1), now=NOW + MINUTE)

    (ready, _) = store.delivery.claim("telegram", now=NOW, most=9)
    assert (ready.key, ready.attempts, ready.parts) == ("first", 3, 1)


def test_what_shall_wait_is_not_claimed_before(store):
    push(store, "one")
    claim(store)
    finish(store, Finished("one", WAITING, resume=NOW + MINUTE))

    assert claim(store) == []
    assert store.delivery.next_due("telegram") == NOW + MINUTE
    assert store.outbox.oldest_due(NOW + MINUTE) == timedelta()
    assert claim(store, now=NOW + MINUTE) == ["one"]


def test_what_has_rested_goes_before_what_was_said_later(store):
    push(store, "first")
    claim(store)
    finish(store, Finished("first", WAITING, resume=NOW + 2 * MINUTE))
    push(store, "second", at=NOW + MINUTE)

    assert claim(store, now=NOW + 2 * MINUTE, most=1) == ["first"]


def test_what_rests_can_still_be_dropped(store):
    push(store, "one", lane=Lane.REMINDER)
    claim(store)
    finish(store, Finished("one", WAITING, resume=NOW + MINUTE))
    store.outbox.drop_reminders(meet(store).id)

    assert store.delivery.next_due("telegram") is None


def test_noting_what_became_of_a_row_that_is_gone_changes_nothing(store):
    finish(store, Finished("gone", SENT), Finished("gone", FAILED), Finished("gone", WAITING))

    assert claim(store) == []


def test_the_lease_of_a_courier_that_is_gone_runs_out(store):
    push(store, "one")
    claim(store)

    assert store.delivery.release_expired(NOW + LEASE) == 0
    assert store.delivery.release_expired(NOW + LEASE + MINUTE) == 1
    assert claim(store) == ["one"]


def test_at_the_start_of_the_only_process_all_is_given_back(store):
    push(store, "one")
    push(store, "two")
    claim(store)
    finish(store, Finished("two", SENT))

    assert store.delivery.release_expired(None) == 1
    assert claim(store) == ["one"]


def test_what_was_claimed_and_given_back_comes_again_in_the_same_order(store):
    for number in range(9):
        push(store, str(number))
    claim(store, most=4)
    store.delivery.release_expired(None)

    assert claim(store) == [str(number) for number in range(9)]


# ---- when there is more --------------------------------------------------------------------------------------


def test_the_next_due_row_of_a_platform_is_known(store):
    assert store.delivery.next_due("telegram") is None
    push(store, "later", at=NOW + 2 * MINUTE, lane=Lane.BROADCAST)
    push(store, "sooner", at=NOW + MINUTE, lane=Lane.REMINDER)
    push(store, "elsewhere", at=NOW, platform="web")

    assert store.delivery.next_due("telegram") == NOW + MINUTE
    assert store.delivery.next_due("matrix") is None
    assert store.outbox.next_due() == NOW


def test_looking_for_what_is_due_goes_by_the_index_of_what_waits(store):
    """Rows that are sent are a thousand times as many; looking must not touch them."""
    explain = "EXPLAIN QUERY PLAN" if store.dialect == "sqlite" else "EXPLAIN"
    if store.dialect == "postgresql":
        store._cursor.execute("SET LOCAL enable_seqscan = off")  # of few rows it would rather read all
    looked_up = {
        "due": (delivery._DUE, {"on": "telegram", "in_lane": 0, "by": 0, "most": 9}),
        "next of a platform": (delivery._NEXT, {"on": "telegram", "in_lane": 0}),
        "next rested": (delivery._NEXT_RESTED, {}),
        "rested": (delivery._RESTED, {"by": 0}),
        "next": (outbox._NEXT, {}),
    }
    plans = {}
    for name, (statement, values) in looked_up.items():
        sql, positions, constants = statement.compiled(store._dialect)
        store._cursor.execute(f"{explain} {sql}", statement.arguments(positions, constants, values))
        plans[name] = " / ".join(str(step[-1]) for step in store._cursor.fetchall())

    assert "outbox_waiting" in plans["due"]
    assert "outbox_waiting" in plans["next of a platform"]
    assert "outbox_due" in plans["next"]
    assert "outbox_resting" in plans["next rested"]
    assert "outbox_resting" in plans["rested"]
    if store.dialect == "sqlite":
        assert not any("TEMP B-TREE" in plan for plan in plans.values()), "no sorting"


# ---- an oracle -----------------------------------------------------------------------------------------------

minutes = st.integers(-3, 3)
rows = st.lists(
    st.tuples(st.sampled_from("abc"), st.sampled_from(list(Lane)), minutes, st.none() | minutes), max_size=12
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60, deadline=None)
@given(rows=rows, most=st.integers(1, 5))
def test_claiming_piece_by_piece_gives_what_is_due_and_useful_once_and_in_order(store, rows, most):
    store._cursor.execute("DELETE FROM outbox")
    for number, (who, lane, at, until) in enumerate(rows):
        push(
            store, str(number), to=who, lane=lane, at=NOW + at * MINUTE,
            until=None if until is None else NOW + until * MINUTE,
        )  # fmt: skip

    claimed = []
    while piece := claim(store, most=most):
        claimed += piece

    due = [
        (lane, at, number)
        for number, (_, lane, at, until) in enumerate(rows)
        if at <= 0 and (until is None or until > 0)
    ]
    assert claimed == [str(number) for _, _, number in sorted(due)]


def test_milliseconds_come_back_as_they_went_in(store):
    moment = from_ms(1_795_255_200_123)
    push(store, "one", at=moment)

    assert store.delivery.next_due("telegram") == moment
