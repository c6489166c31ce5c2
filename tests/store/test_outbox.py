from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from bot.messages import Lane, Place, say
from bot.store import outbox
from bot.store.delivery import Finished
from bot.store.models import to_day
from bot.store.outbox import DROPPED, SENT, WAITING, reply_to

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def meet(store, name="anna", kind="private"):
    return store.people.meet(Place("telegram", name, kind), language="fi", now=NOW)


def push(store, key, *, to="anna", **more):
    store.outbox.push(meet(store, to), key, say("home"), now=NOW, **more)


def claim(store, now=NOW):
    return [row.key for row in store.delivery.claim("telegram", now=now, most=99)]


def commit(store):
    """As the writer does between two pieces of work."""
    store.release_savepoint()
    store.commit()
    store.committed()
    store.begin()
    store.savepoint()


# ---- adding --------------------------------------------------------------------------------------------------


def test_a_known_key_adds_nothing(store):
    push(store, "one")
    push(store, "one", not_before=NOW + MINUTE)
    store.outbox.flush()
    push(store, "one")

    assert claim(store) == ["one"]
    assert claim(store, NOW + MINUTE) == []


def test_a_reply_is_handed_over_after_the_commit_and_not_claimed_besides(store):
    handed, woken = [], []
    store.outbox.on_ready, store.on_work = handed.extend, lambda: woken.append("woken")
    anna = meet(store)
    store.outbox.reply(anna, "one", say("home"), now=NOW)
    before = list(handed)

    commit(store)

    assert before == []
    assert handed == [reply_to(anna, "one", say("home"))]
    assert woken == []
    assert claim(store) == []
    assert store.outbox.waiting_for(anna.id) == 1


def test_whoever_waits_for_rows_is_told_of_others_after_the_commit(store):
    woken = []
    store.on_work = lambda: woken.append("woken")
    push(store, "one")
    before = list(woken)

    commit(store)

    assert (before, woken) == ([], ["woken"])


def test_rows_of_all_pieces_are_handed_over_once(store):
    handed = []
    store.outbox.on_ready = handed.extend
    store.outbox.reply(meet(store), "one", say("home"), now=NOW)
    store.outbox.flush()
    store.outbox.reply(meet(store), "two", say("home"), now=NOW)

    commit(store)
    commit(store)

    assert [row.key for row in handed] == ["one", "two"]


def test_while_nobody_takes_replies_they_wait_like_all_else(store):
    store.outbox.reply(meet(store), "one", say("home"), now=NOW)

    assert claim(store) == ["one"]


# ---- dropping ------------------------------------------------------------------------------------------------
# Each looks at rows of this very transaction too.


def test_reminders_of_a_series_are_taken_back_and_all_else_stays(store):
    anna = meet(store)
    store.subscriptions.add(anna.id, "ryhma")
    store.subscriptions.add(anna.id, "palsta")
    for series in ("ryhma", "palsta"):
        store.fan_out.reminder(
            key=series, series=series, choices=3, say=say("home"), occurrence=1, due=NOW,
            useful_until=NOW + MINUTE, now=NOW,
        )  # fmt: skip
    push(store, "notice")
    push(store, "reminder", lane=Lane.REMINDER)

    store.outbox.drop_reminders(anna.id, "ryhma")
    left = claim(store)

    assert left == ["notice", f"palsta:{anna.id}", "reminder"]
    store.delivery.release_expired(None)
    store.outbox.drop_reminders(anna.id)
    assert claim(store) == ["notice"]


def test_reminders_of_what_is_cancelled_are_taken_back(store):
    anna = meet(store)
    store.subscriptions.add(anna.id, "ryhma")
    for occurrence in (1, 2):
        store.fan_out.reminder(
            key=str(occurrence), series="ryhma", choices=3, say=say("home"), occurrence=occurrence, due=NOW,
            useful_until=NOW + MINUTE, now=NOW,
        )  # fmt: skip

    store.outbox.drop_occurrence(1)

    assert claim(store) == [f"2:{anna.id}"]


def test_a_stopped_broadcast_stops_where_it_is_and_is_counted(store):
    for number in range(3):
        push(store, str(number), to=str(number), broadcast=7)
    push(store, "other")
    store.delivery.claim("telegram", now=NOW, most=1)
    store.delivery.finish([Finished("0", SENT)], now=NOW)

    store.outbox.drop_broadcast(7, now=NOW)

    assert claim(store) == ["other"]
    assert store.outbox.counts_of_broadcast(7) == {(SENT, None): 1, (DROPPED, "stopped"): 2}
    assert store.outbox.counts_of_broadcast(8) == {}


def in_hand(store):
    """Claim four rows of anna's: news and a reminder of the group, a question about piece 7 of news, and an answer."""
    anna = meet(store)
    push(store, "news", lane=Lane.BROADCAST, broadcast=7)
    store.subscriptions.add(anna.id, "ryhma")
    store.fan_out.reminder(
        key="reminder", series="ryhma", choices=3, say=say("home"), occurrence=1, due=NOW,
        useful_until=NOW + MINUTE, now=NOW,
    )  # fmt: skip
    push(store, "news:7:ask")
    push(store, "answer", lane=Lane.REPLY)
    push(store, "of bertil", to="bertil", broadcast=8)
    claim(store)
    revoked = []
    store.outbox.on_revoked = revoked.extend
    return anna.id, revoked


@pytest.mark.parametrize(
    ("change", "keys", "left"),
    [
        (lambda store, anna: store.subscriptions.remove(anna, "ryhma"), {"reminder:1", "news"}, 3),
        (lambda store, anna: store.outbox.drop_reminders(anna, "palsta"), set(), 5),
        (lambda store, _: store.outbox.drop_occurrence(1), {"reminder:1"}, 4),
        (lambda store, _: store.outbox.drop_keys("news:7:"), {"news:7:ask"}, 4),
        (lambda store, _: store.outbox.drop_broadcast(7, now=NOW), {"news"}, 4),
        (lambda store, _: store.outbox.delete_broadcast(7), {"news"}, 4),
        (lambda store, anna: store.outbox.drop_everything(anna), {"reminder:1", "news", "news:7:ask"}, 1),
        (lambda store, anna: store.people.pause(anna, NOW + MINUTE), {"reminder:1", "news", "news:7:ask"}, 5),
        (lambda store, anna: store.people.set_named(anna, named=False), {"reminder:1", "news", "news:7:ask"}, 5),
    ],
)  # fmt: skip
def test_of_what_the_courier_has_in_hand_it_hears_after_the_commit_what_may_not_be_said_any_more(
    store, change, keys, left
):
    anna, revoked = in_hand(store)

    change(store, anna)
    before = list(revoked)
    commit(store)

    assert (before, set(revoked)) == ([], keys)
    assert len(revoked) == len(keys)
    assert store.delivery.release_expired(None) == left


def test_what_was_taken_back_stays_so_when_the_courier_gives_it_back_and_is_said_if_it_was_on_the_wire(store):
    for number in range(2):
        push(store, str(number), to=str(number), broadcast=7)
    claim(store)
    store.outbox.drop_broadcast(7, now=NOW)

    store.delivery.finish([Finished("0", WAITING), Finished("1", SENT)], now=NOW)

    assert claim(store) == []
    assert store.outbox.counts_of_broadcast(7) == {(DROPPED, "stopped"): 1, (SENT, None): 1}


def test_of_somebody_erased_everything_is_taken_back(store):
    anna = meet(store)
    push(store, "in hand")
    claim(store)
    push(store, "waiting")
    push(store, "of bertil", to="bertil")

    store.outbox.drop_everything(anna.id)

    assert claim(store) == ["of bertil"]
    assert store.outbox.waiting_for(anna.id) == 0


def test_what_waits_for_a_group_that_moved_goes_to_its_new_place_and_is_not_said_twice(store):
    old, new = meet(store, "old", "group"), meet(store, "new", "group")
    push(store, "in hand", to="old")
    claim(store)
    push(store, "waiting", to="old")

    store.outbox.readdress(old.id, new.id)
    (ready,) = store.delivery.claim("telegram", now=NOW, most=9)

    assert (ready.key, ready.place) == ("waiting", new.place)
    assert store.outbox.waiting_for(new.id) == 2


def test_old_rows_go_and_those_that_wait_stay_unless_they_are_of_no_use(store):
    later = NOW + timedelta(days=20)
    push(store, "sent")
    claim(store)
    store.delivery.finish([Finished("sent", SENT)], now=NOW)
    push(store, "sent today", to="bertil")
    claim(store)
    store.delivery.finish([Finished("sent today", SENT)], now=later)
    push(store, "waiting")
    push(store, "useless", useful_until=NOW)

    deleted = store.outbox.delete_finished(to_day(later - timedelta(days=14)))

    assert deleted == 2
    assert claim(store, later) == ["waiting"]


def test_what_only_organizers_are_told_is_taken_back_from_one_who_is_none(store):
    push(store, "asked")
    push(store, "answered", lane=Lane.REPLY)
    push(store, "news", lane=Lane.BROADCAST)
    push(store, "a place", useful_until=NOW + MINUTE)
    push(store, "other", to="bertil")
    store.outbox.drop_notices(meet(store).id)

    assert sorted(claim(store)) == ["a place", "answered", "news", "other"]


# ---- looking -------------------------------------------------------------------------------------------------


def test_the_age_of_the_oldest_due_row_is_known(store):
    assert store.outbox.oldest_due(NOW) == timedelta()
    push(store, "later", not_before=NOW + MINUTE)
    assert store.outbox.oldest_due(NOW) == timedelta()
    push(store, "due", not_before=NOW - MINUTE)

    assert store.outbox.oldest_due(NOW) == MINUTE


def test_what_was_given_back_counts_as_waiting(store):
    anna = meet(store)
    push(store, "one")
    claim(store)
    store.delivery.finish([Finished("one", WAITING)], now=NOW)

    assert store.outbox.waiting_for(anna.id) == 1
    assert store.outbox.next_due() == NOW


def test_what_somebody_was_told_last_is_known_by_when_it_was_due_and_not_what_waits_or_was_dropped(store):
    anna = meet(store)
    nothing = store.outbox.said_last(anna.id, now=NOW)
    push(store, "later", not_before=NOW + timedelta(hours=1))
    push(store, "early", not_before=NOW - timedelta(hours=1), lane=Lane.BROADCAST)
    early = store.outbox.said_last(anna.id, now=NOW)
    store.outbox.reply(anna, "answer", say("hello"), now=NOW)
    commit(store)
    on_its_way = store.outbox.said_last(anna.id, now=NOW)
    store.delivery.finish([Finished("answer", SENT)], now=NOW + MINUTE)

    assert (nothing, on_its_way) == (None, None)
    assert early == (Lane.BROADCAST, NOW - timedelta(hours=1))
    assert store.outbox.said_last(anna.id, now=NOW) == (Lane.REPLY, NOW)
    assert store.outbox.said_last(anna.id, now=NOW + timedelta(hours=1)) == (
        Lane.NOTICE,
        NOW + timedelta(hours=1),
    )


def test_what_was_due_before_an_answer_but_arrived_after_it_was_told_last(store):
    anna = meet(store)
    push(store, "news", lane=Lane.BROADCAST)
    claim(store)
    asked, later = NOW + MINUTE, NOW + 2 * MINUTE
    store.outbox.reply(anna, "answer", say("hello"), now=asked)
    store.outbox.flush()
    on_its_way = store.outbox.said_last(anna.id, now=asked)
    store.delivery.finish([Finished("news", SENT)], now=later)

    assert on_its_way == (Lane.BROADCAST, NOW)
    assert store.outbox.said_last(anna.id, now=later) == (Lane.BROADCAST, later)


def test_what_is_taken_back_is_found_by_the_indexes_of_what_waits_and_what_is_in_hand(store):
    """Rows that are sent are a thousand times as many; taking back must not touch them."""
    postgres = store.dialect == "postgresql"
    if postgres:
        store.run(text("SET LOCAL enable_seqscan = off"))  # of few rows it would rather read all
    revocable = str(outbox._REVOCABLE.compile(compile_kwargs={"literal_binds": True}))
    explain = "EXPLAIN" if postgres else "EXPLAIN QUERY PLAN"
    rows = store.run(text(f"{explain} DELETE FROM outbox WHERE outbox.occurrence = 7 AND ({revocable})"))
    plan = " / ".join(str(row[-1]) for row in rows)

    assert all(index in plan for index in ("outbox_resting", "outbox_claimed"))
    assert "SCAN outbox" not in plan
    assert "Seq Scan" not in plan
