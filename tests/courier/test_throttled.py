"""Refused for a while (429): said again in time, and nothing else waits for it."""

import asyncio

from bot.errors import Throttled
from bot.messages import Lane
from bot.store.outbox import CLAIMED, SENT, WAITING
from tests.courier.world import meet, play, throttled_once


def test_one_refused_chat_rests_alone(world):
    world.platform.throttle = throttled_once(["anna"], 4)

    async def story():
        async with world.serving():
            await world.push(("anna", "a1"), ("anna", "a2"), *((f"p{n}", "uutinen") for n in range(30)))
            await world.until_sent(32)

    play(world, story)

    assert world.platform.offences == []
    assert world.platform.texts("anna") == ["a1", "a2"]
    assert world.platform.times("anna")[0] >= 4
    assert max(world.platform.times("p29")) < 2, "one slow chat delays others by two seconds at most"


def test_when_a_second_chat_is_refused_meanwhile_it_is_the_account(world):
    world.platform.throttle = throttled_once(["p0", "p1"], 4)

    async def story():
        async with world.serving():
            await world.push(*((f"p{n}", "uutinen") for n in range(30)))
            await world.until_sent(30)

    play(world, story)

    assert world.platform.offences == []
    in_the_pause = [at for at, _ in world.platform.calls if 0.2 < at < 4]
    assert in_the_pause == []


def test_a_refused_group_is_its_own_trouble(world):
    world.platform.throttle = throttled_once(["group1", "group2"], 20)

    async def story():
        async with world.serving():
            await world.push(("group1", "x"), ("group2", "x"), *((f"p{n}", "uutinen") for n in range(30)))
            await world.until_sent(32)

    play(world, story)

    assert world.platform.offences == []
    assert max(world.platform.times("p29")) < 2
    assert all(at >= 20 for each in ("group1", "group2") for at in world.platform.times(each))


def test_where_the_platform_says_that_the_account_is_too_fast_nobody_else_asks_in_vain(world):
    refused = []

    def too_fast(message):
        if not refused:
            refused.append(message)
            raise Throttled(20, whose="account")

    world.platform.throttle = too_fast

    async def story():
        async with world.serving():
            await world.push(("group1", "x"))
            await asyncio.sleep(1)
            await world.push(("group2", "x"), ("anna", "x"))
            await world.until_sent(3)

    play(world, story)

    assert min(world.platform.times()) >= 20
    assert len(world.platform.calls) == 4


def test_chats_that_are_refused_for_themselves_hold_up_nobody(world):
    refused = set()

    def for_itself(message):
        if message.where.address.startswith("new") and message.key not in refused:
            refused.add(message.key)
            raise Throttled(60, whose="place")

    world.platform.throttle = for_itself

    async def story():
        async with world.serving():
            await world.push(*((f"new{n}", "x") for n in range(5)), ("anna", "x"))
            await world.until_sent(6)

    play(world, story)

    assert world.platform.times("anna")[0] < 2
    assert all(world.platform.times(f"new{n}")[0] >= 60 for n in range(5))


def test_a_refused_chat_is_written_to_as_soon_as_it_may(world):
    """Nobody else wakes the courier meanwhile."""
    world.platform.throttle = throttled_once(["anna"], 77)

    async def story():
        async with world.serving():
            await world.push(("anna", "a"))
            await world.until_sent(1)

    play(world, story)

    assert 77 <= world.platform.times()[0] < 77.3


def test_three_hours_of_a_refused_chat_are_waited_for_in_the_table_in_order(world):
    world.platform.throttle = throttled_once(["anna"], 10_072)

    async def story():
        async with world.serving():
            await world.push(("anna", "a1"), ("anna", "a2"), ("bertil", "b"))
            await asyncio.sleep(60)
            await world.push(("anna", "a3"))
            await world.reply("anna", "a4")
            await asyncio.sleep(60)
            parked = await world.rows()
            await world.until_sent(5)
        return parked, await world.rows()

    parked, rows = play(world, story)

    assert parked == {(WAITING, None): 4, (SENT, None): 1}
    assert rows == {(SENT, None): 5}
    assert world.platform.offences == []
    assert world.platform.times("anna")[0] >= 10_072
    assert [each for each in world.platform.texts("anna") if each != "a4"] == ["a1", "a2", "a3"]


def test_hours_of_a_refused_account_are_waited_for_in_the_table(world):
    world.platform.throttle = throttled_once(["p0", "p1"], 10_072)

    async def story():
        async with world.serving():
            await world.push(*((f"p{n}", "uutinen") for n in range(60)))
            await asyncio.sleep(30)
            orders = world.database.orders
            await world.reply("p40", "vastaus")
            await asyncio.sleep(3600)
            idle, parked = world.database.orders - orders, await world.rows()
            await world.until_sent(61)
        return idle, parked

    idle, parked = play(world, story)

    assert (CLAIMED, None) not in parked, "what is revoked in these hours can still be dropped"
    assert idle <= 10, "nobody asks for rows that cannot be said"
    assert world.platform.offences == []
    assert world.platform.times()[-1] < 10_072 + 5


def test_what_was_cancelled_while_a_chat_rested_is_not_said(world):
    world.platform.throttle = throttled_once(["anna"], 600)

    async def story():
        async with world.serving():
            await world.push(("anna", "muistutus"), lane=Lane.REMINDER)
            await asyncio.sleep(60)
            await world.database.write(lambda store: store.outbox.drop_reminders(meet(store, "anna").id))
            await asyncio.sleep(3600)

    play(world, story)

    assert world.platform.delivered == []
