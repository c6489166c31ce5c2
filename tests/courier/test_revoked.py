"""What may not be said any more is not said, also from its hand."""

import asyncio
import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.ledger import MOST_REVOKED, Ledger
from bot.messages import Lane, Phrase
from bot.store.outbox import CLAIMED, DROPPED, SENT, WAITING
from tests.courier.world import meet, play, ready, throttled_once, words
from tests.doubles.virtual_time import START, now


# ---- the erased
def test_somebody_erased_gets_the_goodbye_and_nothing_that_was_in_hand(world):
    async def story():
        async with world.serving():
            await world.push(*(("anna", f"uutinen {n}") for n in range(10)))
            await asyncio.sleep(0.5)

            def forget(store):
                anna = meet(store, "anna")
                store.people.forget(anna.id)
                store.outbox.reply(anna, "goodbye", words("hyvästi"), now=now_then)

            now_then = now()
            said = len(world.platform.delivered)
            await world.database.write(forget)
            await asyncio.sleep(60)
            return said, await world.conversation("anna")

    said, known = play(world, story)

    after = world.platform.texts("anna")[said:]
    assert "hyvästi" in after
    assert len(after) <= 2, "one may have been on its way"
    assert known is None


# ---- what may not be said any more
REVOCATIONS = {
    "stop": lambda store: store.subscriptions.remove(meet(store, "anna").id),
    "pause": lambda store: store.people.pause(meet(store, "anna").id, START + timedelta(days=14)),
    "all of these": lambda store: store.outbox.drop_keys("telegram:"),
}


@pytest.mark.parametrize("revoke", REVOCATIONS.values(), ids=REVOCATIONS)
@pytest.mark.parametrize("lane", [Lane.REMINDER, Lane.BROADCAST])
def test_after_a_stop_nothing_goes_that_was_in_hand_already_but_answers_do(world, revoke, lane):
    async def story():
        async with world.serving():
            await world.push(*(("anna", f"n{n}") for n in range(9)), lane=lane)
            await asyncio.sleep(1.5)
            in_hand = (await world.rows())[CLAIMED, None]
            await world.reply("anna", "kuitti")
            await world.database.write(revoke)
            said = len(world.platform.calls)
            await asyncio.sleep(120)
        return in_hand, said, await world.rows()

    in_hand, said, rows = play(world, story)

    assert in_hand >= 5
    assert "kuitti" in world.platform.texts()
    assert len(world.platform.calls) <= said + 1
    assert (WAITING, None) not in rows
    assert (CLAIMED, None) not in rows


def test_a_pause_leaves_an_organizers_notices_alone(world):
    async def story():
        async with world.serving():
            await world.push(*(("anna", f"n{n}") for n in range(6)), lane=Lane.NOTICE)
            await asyncio.sleep(1)
            until = now() + timedelta(days=14)
            await world.database.write(lambda store: store.people.pause(meet(store, "anna").id, until))
            await world.until_sent(6, 30)
        return await world.rows()

    assert play(world, story) == {(SENT, None): 6}
    assert world.platform.texts() == [f"n{n}" for n in range(6)]


def test_a_stopped_broadcast_stops_where_it_is(world):
    async def story():
        async with world.serving():
            at = now()
            await world.database.write(
                lambda store: [
                    store.outbox.push(
                        meet(store, f"p{n}"), f"b:{n}", words("uutinen"), now=at, lane=Lane.BROADCAST, broadcast=7
                    )
                    for n in range(40)
                ]
            )  # fmt: skip
            await asyncio.sleep(0.5)
            await world.database.write(lambda store: store.outbox.drop_broadcast(7, now=at))
            called = len(world.platform.calls)
            await asyncio.sleep(60)
            return called, await world.rows()

    called, rows = play(world, story)

    assert 0 < called < 30
    assert len(world.platform.calls) == called
    assert rows == {(SENT, None): called, (DROPPED, "stopped"): 40 - called}


def test_a_name_that_may_not_be_said_any_more_is_not(world):
    def named(store, named):
        store.people.set_named(meet(store, "anna").id, named=named)

    async def story():
        async with world.serving():
            at = now()
            secret = words("Yksinäisyysryhmä", discreet=Phrase("discreet"))
            await world.database.write(lambda store: named(store, named=True))
            await world.database.write(
                lambda store: [
                    store.outbox.push(meet(store, "anna"), f"{n}", secret, now=at, lane=Lane.REMINDER)
                    for n in range(6)
                ]
            )
            await world.until_sent(4, 10)
            await world.database.write(lambda store: named(store, named=False))
            await world.until_sent(6, 10)

    play(world, story)

    assert world.platform.texts() == ["Yksinäisyysryhmä"] * 4 + ["Sinulle on viesti."] * 2


def test_what_is_refused_for_a_moment_and_stopped_meanwhile_is_not_tried_again(world):
    world.platform.throttle = throttled_once(["anna"], 4)

    async def story():
        async with world.serving():
            await world.push(("anna", "muistutus"), lane=Lane.REMINDER)
            await asyncio.sleep(1)
            await world.database.write(lambda store: store.subscriptions.remove(meet(store, "anna").id))
            await asyncio.sleep(60)

    play(world, story)

    assert world.platform.delivered == []
    assert len(world.platform.calls) == 1


def test_what_is_claimed_in_the_very_commit_that_stops_it_is_not_said(world):
    """The courier hears of the stop before it sees the rows."""

    async def story():
        async with world.serving() as courier:
            gate = threading.Event()
            held = world.database.queue([lambda _: gate.wait(5)])
            await asyncio.sleep(0)
            pushing = asyncio.create_task(
                world.push(*(("anna", f"n{n}") for n in range(3)), lane=Lane.REMINDER)
            )
            await asyncio.sleep(0)
            courier.wake()
            for _ in range(5):
                await asyncio.sleep(0)
            stopping = world.database.queue(
                [lambda store: store.subscriptions.remove(meet(store, "anna").id)]
            )
            gate.set()
            await asyncio.gather(held, pushing, stopping)
            await asyncio.sleep(60)
        return await world.rows()

    assert play(world, story) == {}
    assert world.platform.calls == []


def test_what_is_half_said_is_said_to_its_end(world):
    world.platform.max_text = 12

    async def story():
        async with world.serving():
            await world.push(("anna", "yksi kaksi kolme neljä viisi kuusi"), lane=Lane.REMINDER)
            await world.until_sent(1)
            await world.database.write(lambda store: store.subscriptions.remove(meet(store, "anna").id))
            await asyncio.sleep(60)

    play(world, story)

    assert world.platform.texts() == ["yksi kaksi", "kolme neljä", "viisi kuusi"]


def test_when_quiet_hours_begin_what_is_in_hand_waits_for_their_end_in_its_order(world):
    begins, ends = START + timedelta(seconds=1), START + timedelta(hours=13)

    async def story():
        async with world.serving(allowed_from=lambda at: ends if begins <= at < ends else at):
            await world.push(*((f"p{n}", "uutinen") for n in range(60)), ("anna", "a"), ("anna", "b"))
            await world.push(("late", "muistutus"), lane=Lane.REMINDER, after=0.5, until=3600)
            await asyncio.sleep(3)
            await world.reply("anna", "vastaus")
            await asyncio.sleep(13 * 3600)
        return await world.rows()

    rows = play(world, story)

    quiet = [each.text for each in world.platform.delivered if 1.1 < each.at < 13 * 3600]
    assert rows == {(SENT, None): 64}
    assert quiet == ["vastaus"]
    assert [each for each in world.platform.texts("anna") if each != "vastaus"] == ["a", "b"]
    assert 10 < len([at for at in world.platform.times() if at <= 1.1]) < 40


def test_of_what_was_revoked_only_so_much_is_remembered(database):
    ledger = Ledger(database, now, lambda: None)
    keys = [str(number) for number in range(MOST_REVOKED + 1)]
    ledger.revoke(keys)
    row = replace(ready("anna", "0", "uutinen"), lane=Lane.BROADCAST)

    assert ledger.may_go(row, START)
    assert not ledger.may_go(replace(row, key=keys[-1]), START)
