"""Nobody there, refused for good, stopped and started again: nothing is lost."""

import asyncio

import pytest

from bot.errors import Unreachable
from bot.messages import Lane, Phrase, Say, button
from bot.store.outbox import CLAIMED, DROPPED, FAILED, SENT, WAITING
from tests.courier.world import FAULT, World, meet, play, words
from tests.doubles.platform import StrictPlatform
from tests.doubles.virtual_time import START


# ---- nobody there
@pytest.mark.parametrize("minutes", [10, 120, pytest.param(24 * 60, marks=pytest.mark.soak)])
def test_an_outage_loses_nothing_and_is_over_when_it_is_over(world, minutes):
    away = minutes * 60.0

    async def story():
        async with world.serving():
            world.platform.down = True
            await world.push(*((f"p{n}", "uutinen") for n in range(200)))
            await world.push(("late", "muistutus"), lane=Lane.REMINDER, until=away / 2)
            await world.push(("fresh", "peruttu"), lane=Lane.NOTICE, after=away / 2)
            await asyncio.sleep(away - 5)
            during = await world.rows()
            await asyncio.sleep(5)
            world.platform.down = False
            await world.until_sent(201)
        return during, await world.rows()

    during, rows = play(world, story)

    assert during.get((CLAIMED, None), 0) <= 1, "all wait in the table but the one that finds out"
    assert rows == {(SENT, None): 201, (DROPPED, "too_late"): 1}
    assert world.platform.times()[0] - away <= 5, "it is noticed"
    assert world.platform.times()[-1] - away <= 120, "and made good"
    assert "peruttu" in world.platform.texts()[:2], "what is urgent goes first, after the one that found out"
    assert len([at for at, _ in world.platform.calls if at < away]) < 40 + away / 1.5, (
        "one at a time finds out"
    )
    assert world.platform.offences == []


def test_a_reminder_of_what_was_cancelled_during_an_outage_is_not_said_after_it(world):
    async def story():
        async with world.serving():
            world.platform.down = True
            await world.push(*((f"p{n}", "muistutus") for n in range(20)), lane=Lane.REMINDER)
            await asyncio.sleep(600)
            await world.database.write(
                lambda store: [store.outbox.drop_reminders(meet(store, f"p{n}").id) for n in range(20)]
            )
            await asyncio.sleep(1)
            world.platform.down = False
            await asyncio.sleep(60)

    play(world, story)

    assert len(world.platform.delivered) <= 1, "at most the one that was finding out"


def test_one_that_fails_alone_is_tried_again_and_keeps_its_order(world):
    async def story():
        async with world.serving():
            world.platform.down = True
            await world.push(("anna", "a1"), ("anna", "a2"))
            await asyncio.sleep(0.02)
            world.platform.down = False
            await asyncio.sleep(0)
            await world.until_sent(2, 30)
        return await world.rows()

    assert play(world, story) == {(SENT, None): 2}
    assert world.platform.texts() == ["a1", "a2"]


def test_a_message_that_can_never_be_delivered_gives_up_in_the_end_and_stops_no_other(world):
    """The network breaks each time at this one."""

    def broken(message):
        if message.where.address == "anna":
            raise Unreachable

    world.platform.throttle = broken

    async def story():
        async with world.serving():
            await world.push(("anna", "a"))
            for n in range(400):
                await world.push((f"p{n}", "uutinen"))
                await asyncio.sleep(10)
        return await world.rows()

    rows = play(world, story)

    assert rows == {(SENT, None): 400, (FAILED, "unreachable"): 1}


@pytest.mark.parametrize("broken", [1, 5])
def test_messages_that_alone_cannot_be_delivered_are_not_taken_for_an_outage_for_long(world, broken):
    """A few rooms of a platform are out of order when the others have nothing to hear."""

    def out_of_order(message):
        if message.where.address.startswith("broken"):
            raise Unreachable

    world.platform.throttle = out_of_order

    async def story():
        async with world.serving():
            await world.push(*((f"broken{n}", "a") for n in range(broken)))
            await asyncio.sleep(60)
            await world.push(*((f"p{n}", "uutinen") for n in range(20)))
            await world.until_sent(20, seconds=60)

    play(world, story)

    assert world.platform.times()[-1] <= 60 + 5 * broken + 5


def test_one_platform_away_does_not_slow_the_other(database):
    other = StrictPlatform("matrix")
    world = World(database, others=(other,))

    async def story():
        world.platform.down = True
        async with world.serving():
            await world.push(*((f"p{n}", "uutinen") for n in range(100)))
            await world.push(*((f"p{n}", "uutinen") for n in range(100)), platform="matrix")
            await asyncio.sleep(8)

    play(world, story)

    assert len(other.delivered) == 100
    assert max(other.times()) < 5


# ---- refused for good
@pytest.mark.parametrize(
    ("address", "reason"), [("anna", "blocked"), ("group", "kicked"), ("bertil", "deactivated")]
)
def test_whoever_is_gone_gets_nothing_more_and_the_reason_stands_in_the_table(world, address, reason):
    world.platform.silent[address] = reason

    async def story():
        async with world.serving():
            await world.push((address, "eka"), ("cecilia", "uutinen"))
            await asyncio.sleep(5)
            await world.push((address, "toka"))
            await asyncio.sleep(5)
        return await world.rows(), await world.conversation(address)

    rows, known = play(world, story)

    assert rows == {(FAILED, reason): 1, (DROPPED, "silent"): 1, (SENT, None): 1}
    assert (known.state, known.reason) == ("silent", reason)
    assert world.platform.texts() == ["uutinen"]


def test_a_group_that_moved_is_followed(world):
    world.platform.moved["group1"] = "group2"

    async def story():
        async with world.serving():
            await world.push(("group1", "eka"), ("group1", "toka"))
            await world.until_sent(2, 30)
            await world.push(("group2", "kolmas"))
            await world.until_sent(3, 30)
        return await world.rows(), await world.conversation("group1"), await world.conversation("group2")

    rows, old, new = play(world, story)

    assert rows == {(SENT, None): 3}
    assert world.platform.texts("group2") == ["eka", "toka", "kolmas"]
    assert old is None
    assert new.state == "active"


def test_a_group_that_moved_in_a_circle_is_given_up(world):
    world.platform.moved |= {"group1": "group2", "group2": "group1"}

    async def story():
        async with world.serving():
            await world.push(("group1", "eka"), ("anna", "uutinen"))
            await asyncio.sleep(120)
        return await world.rows()

    assert play(world, story) == {(FAILED, "moved"): 1, (SENT, None): 1}


def test_a_refused_message_stops_no_other(world):
    world.platform.refused.add("huono")

    async def story():
        async with world.serving():
            await world.push(("anna", "huono"), ("anna", "hyvä"), ("bertil", "hyvä"))
            await world.until_sent(2, 30)
        return await world.rows()

    assert play(world, story) == {(FAILED, "refused"): 1, (SENT, None): 2}


def test_what_nobody_foresaw_stops_no_other(world, capsys):
    def breaks(message):
        if message.where.address == "anna":
            raise ZeroDivisionError

    world.platform.throttle = breaks

    async def story():
        async with world.serving():
            await world.push(("anna", "a"), ("bertil", "b"))
            await world.until_sent(1, 30)
        return await world.rows()

    assert play(world, story) == {(FAILED, "fault"): 1, (SENT, None): 1}
    assert "ZeroDivisionError" in capsys.readouterr().err


@pytest.mark.parametrize(
    "say", [Say(Phrase("no.such.key")), words(""), words("moi", button("home", "x" * 60))]
)
def test_what_cannot_be_put_into_words_stops_no_other(world, say):
    async def story():
        async with world.serving():
            await world.reply("anna", say, "bad")
            await world.reply("anna", "hyvä")
            await world.until_sent(1, 30)
        return await world.rows()

    assert play(world, story) == {(FAILED, "fault"): 1, (SENT, None): 1}


def test_a_stopped_account_stops_its_own_counter_only_and_loses_nothing(database):
    other = StrictPlatform("matrix")
    world = World(database, others=(other,))
    world.platform.stopped = FAULT

    async def story():
        async with world.serving() as courier:
            await world.push(*((f"p{n}", "uutinen") for n in range(5)))
            await asyncio.sleep(2)
            await world.push(*((f"p{n}", "uutinen") for n in range(5)), platform="matrix")
            await world.reply("anna", "vastaus")
            await asyncio.sleep(2)
            stopped = courier.counters["telegram"].stopped
        return stopped, await world.rows()

    stopped, rows = play(world, story)

    assert stopped == FAULT
    assert len(other.delivered) == 5
    assert rows == {(WAITING, None): 6, (SENT, None): 5}


# ---- stopping and starting again
@pytest.mark.parametrize("seconds", [0.0, 0.02, 0.21, 1.0, 2.222])
def test_after_a_graceful_stop_nothing_is_lost_and_nothing_repeated(world, seconds):
    world.platform.max_text = 12
    text = "yksi kaksi kolme neljä"  # two messages each

    async def story():
        async with world.serving():
            await world.push(*((f"p{n}", text) for n in range(50)))
            await world.reply("anna", "vastaus")
            await asyncio.sleep(seconds)
        stopped = len(world.platform.delivered)
        await asyncio.sleep(3600)
        quiet = len(world.platform.delivered)
        async with world.serving():
            await world.until_sent(101)
        return stopped, quiet, await world.rows()

    stopped, quiet, rows = play(world, story)

    assert stopped == quiet
    assert rows == {(SENT, None): 51}
    assert all(world.platform.texts(f"p{n}") == ["yksi kaksi", "kolme neljä"] for n in range(50))
    assert world.platform.texts("anna") == ["vastaus"]


def test_what_a_killed_process_had_in_hand_is_said_by_the_next(world):
    async def story():
        await world.push(("anna", "a"), ("bertil", "b"))
        await world.database.write(lambda store: store.delivery.claim("telegram", now=START, most=9))
        async with world.serving():
            await world.until_sent(2, 5)
        return await world.rows()

    assert play(world, story) == {(SENT, None): 2}


def test_a_refusal_between_two_parts_does_not_repeat_the_first(world):
    world.platform.max_text = 12
    world.platform.throttle = lambda message, left=[1]: (
        left.pop() * 900 if message.key.endswith("#1") and left else None
    )

    async def story():
        async with world.serving():
            await world.push(("anna", "yksi kaksi kolme neljä"))
            await world.until_sent(2)

    play(world, story)

    assert world.platform.texts() == ["yksi kaksi", "kolme neljä"]
    assert world.platform.times()[1] >= 900
