import pytest
from sqlalchemy import select

from bot.messages import Place, say
from bot.store.schedule_models import shared_turn
from bot.store.shared_turns import Taken
from tests.store.attending import DAY, NOW, date, person, plan


def turn(number, **values):
    return date(f"kastelu-{number}", NOW + (number + 1) * DAY, series="kastelu", signup=False, **values)


@pytest.fixture
def turns(store):
    return plan(store, *(turn(number) for number in range(4)))


@pytest.fixture
def anna(store):
    return person(store, "anna")


@pytest.fixture
def bertil(store):
    return person(store, "bertil")


def ahead(store, who, **values):
    return store.shared_turns.ahead(["kastelu"], who, now=NOW, **{"most": 9, **values})


def test_a_turn_is_one_persons(store, turns, anna, bertil):
    took = [store.shared_turns.take(turns[0], who) for who in (anna, bertil, anna)]

    assert took == [True, False, True]
    assert store.shared_turns.taken(turns[0]) == Taken(anna, offered=False)
    assert store.shared_turns.taken(turns[1]) is None


def test_one_that_is_offered_stays_its_takers_until_somebody_takes_it(store, turns, anna, bertil):
    store.shared_turns.take(turns[0], anna)
    offered = store.shared_turns.offer(turns[0], anna, offered=True)
    still = store.shared_turns.taken(turns[0])
    took = store.shared_turns.take(turns[0], bertil)

    assert (offered, still, took) == (True, Taken(anna, offered=True), True)
    assert store.shared_turns.taken(turns[0]) == Taken(bertil, offered=False)
    assert store.shared_turns.of(anna) == []


def test_nobody_can_offer_or_give_up_what_is_anothers(store, turns, anna, bertil):
    store.shared_turns.take(turns[0], anna)
    offered = store.shared_turns.offer(turns[0], bertil, offered=True)
    given_up = store.shared_turns.give_up(turns[0], bertil)

    assert (offered, given_up) == (False, False)
    assert store.shared_turns.taken(turns[0]) == Taken(anna, offered=False)


def test_a_turn_that_is_given_up_is_free(store, turns, anna):
    store.shared_turns.take(turns[0], anna)

    assert store.shared_turns.give_up(turns[0], anna)
    assert store.shared_turns.taken(turns[0]) is None


def test_what_one_can_take_is_what_is_free_what_others_offer_and_ones_own(store, turns, anna, bertil):
    first, second, third, fourth = turns
    store.shared_turns.take(first, anna)
    store.shared_turns.take(second, bertil)
    store.shared_turns.take(third, bertil)
    store.shared_turns.offer(third, bertil, offered=True)

    assert ahead(store, anna) == [first, third, fourth]
    assert ahead(store, anna, own=False) == [third, fourth]
    assert ahead(store, bertil) == [second, third, fourth]
    assert ahead(store, bertil, own=False) == [fourth]
    assert ahead(store, anna, most=1, skip=1) == [third]


def test_what_is_cancelled_has_begun_or_is_of_another_kind_is_no_turn_to_take(store, anna):
    plan(
        store,
        turn(0, status="cancelled"),
        turn(-1),
        date("retki"),
    )

    assert ahead(store, anna) == []
    assert store.shared_turns.count_free(["kastelu"], now=NOW, of_next=9) == (0, 0)


def test_of_the_next_turns_the_free_ones_are_counted(store, turns, anna):
    store.shared_turns.take(turns[1], anna)

    assert store.shared_turns.count_free(["kastelu"], now=NOW, of_next=3) == (3, 2)
    assert store.shared_turns.count_free(["kastelu"], now=NOW, of_next=9) == (4, 3)


def test_lopeta_means_the_reminders_of_ones_turns_too_and_keeps_the_turns(store, turns, anna, bertil):
    store.shared_turns.take(turns[0], anna)
    store.shared_turns.take(turns[1], bertil)
    store.subscriptions.remove(anna)
    rows = store.run(select(shared_turn.c.conversation, shared_turn.c.reminded)).all()

    assert {(row.conversation, row.reminded) for row in rows} == {(anna, False), (bertil, True)}
    assert store.shared_turns.of(anna) == [turns[0]]


def test_who_takes_a_turn_anew_is_reminded_of_it(store, turns, anna):
    store.shared_turns.take(turns[0], anna)
    store.subscriptions.remove(anna)
    store.shared_turns.take(turns[0], anna)

    assert store.run(select(shared_turn.c.reminded)).scalar_one()


def test_who_had_a_turn_is_forgotten_when_it_is_over_and_with_the_person(store, anna):
    over, coming = plan(store, turn(-3), turn(0))
    for each in (over, coming):
        store.shared_turns.take(each, anna)
    store.shared_turns.delete_ended(NOW)
    after_the_turn = store.shared_turns.of(anna)
    store.people.forget(anna)

    assert after_the_turn == [coming]
    assert store.shared_turns.taken(coming) is None


def test_those_who_have_such_turns_or_hear_of_them_can_be_asked_unless_they_pause_or_want_no_reminders(
    store, turns
):
    names = ("taker", "hearer", "both", "other", "paused", "stopped", "silent", "erased")
    who = {name: person(store, name) for name in names}
    more = plan(store, *(turn(number) for number in range(8)), date("other", series="kahvi", signup=False))
    group = store.people.meet(Place("telegram", "group", "group"), language="fi", now=NOW).id
    for name, which in zip(("taker", "both", "paused", "stopped", "silent", "erased"), more, strict=False):
        store.shared_turns.take(which, who[name])
    store.shared_turns.take(more[-1], who["other"])
    for each in (who["hearer"], who["both"], group):
        store.subscriptions.add(each, "kastelu")
    store.people.pause(who["paused"], NOW + DAY)
    store.subscriptions.remove(who["stopped"])
    store.people.silence(who["silent"], "blocked")
    store.people.forget(who["erased"])

    assert store.shared_turns.takers("kastelu", now=NOW) == [
        (who[name], "telegram") for name in ("taker", "hearer", "both")
    ]
    assert (who["paused"], "telegram") in store.shared_turns.takers("kastelu", now=NOW + DAY)


def test_who_takes_or_keeps_a_turn_ends_the_asking(store, turns, anna, bertil):
    def asks():
        until = NOW + DAY
        store.outbox.invite(
            bertil, "telegram", "free", say("home"), not_before=NOW, useful_until=until, occurrence=turns[0]
        )

    left = []
    for ends in (
        lambda: store.shared_turns.take(turns[0], anna),
        lambda: store.shared_turns.offer(turns[0], anna, offered=True),
        lambda: store.shared_turns.offer(turns[0], anna, offered=False),
        lambda: store.shared_turns.take(turns[0], bertil),
        lambda: store.refreshing.refresh("test", [turn(0, status="cancelled")], lambda _: (), now=NOW),
    ):
        asks()
        ends()
        left.append(store.outbox.waiting_for(bertil))
        store.outbox.drop_invitations(turns[0])

    assert left == [0, 1, 0, 1, 0]
