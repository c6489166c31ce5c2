"""As fast as a platform takes it, and no faster."""

import asyncio

import pytest

from bot.messages import Lane
from bot.store.outbox import DROPPED, SENT
from tests.courier.world import play
from tests.doubles.platform import StrictPlatform
from tests.doubles.virtual_time import monotonic


def test_a_broadcast_goes_evenly_just_below_the_limit(world):
    number = 600

    async def story():
        async with world.serving():
            await world.push(*((f"p{n}", "uutinen") for n in range(number)))
            await world.until_sent(number)
        return await world.rows()

    assert play(world, story) == {(SENT, None): number}
    times = world.platform.times()
    assert world.platform.offences == []
    assert (number - 1) / (times[-1] - times[0]) >= 0.97 * 30


def test_one_person_is_not_written_to_too_often_and_nobody_waits_for_them(world):
    async def story():
        async with world.serving():
            await world.push(
                *(("anna", str(n)) for n in range(120)), *((f"p{n}", "uutinen") for n in range(30))
            )
            await world.until_sent(150)

    play(world, story)

    assert world.platform.offences == []
    assert world.platform.texts("anna") == [str(n) for n in range(120)]
    assert max(world.platform.times("p29")) < 5
    assert max(world.platform.times("anna")) < 125


def test_a_group_gets_twenty_a_minute_in_order_and_delays_nobody(world):
    async def story():
        async with world.serving():
            await world.push(*(("group", str(n)) for n in range(70)), lane=Lane.NOTICE)
            await asyncio.sleep(25)
            await world.push(("anna", "uutinen"))
            await world.until_sent(71)
        return await world.rows()

    assert play(world, story) == {(SENT, None): 71}
    assert world.platform.offences == []
    assert world.platform.texts("group") == [str(n) for n in range(70)]
    assert world.platform.times("anna")[0] < 27
    assert 180 < max(world.platform.times("group")) < 260


def test_a_reply_overtakes_a_broadcast(world):
    async def story():
        async with world.serving():
            await world.push(*((f"p{n}", "uutinen") for n in range(300)))
            await asyncio.sleep(2)
            asked = monotonic()
            await world.reply("anna", "vastaus")
            await world.until_sent(300)
            return asked

    asked = play(world, story)

    assert world.platform.times("anna")[0] - asked < 0.2
    assert world.platform.offences == []


def test_a_reply_overtakes_news_for_the_same_reader_too(world):
    async def story():
        async with world.serving():
            await world.push(*(("anna", str(n)) for n in range(6)))
            await asyncio.sleep(2)
            await world.reply("anna", "vastaus")
            await world.until_sent(7)

    play(world, story)

    said = world.platform.texts("anna")
    assert said.index("vastaus") < 6
    assert [each for each in said if each != "vastaus"] == [str(n) for n in range(6)]


def test_a_slow_account_sends_too(world):
    world.platform = StrictPlatform(per_second=0.5)

    async def story():
        async with world.serving():
            await world.push(*((f"p{n}", "uutinen") for n in range(4)))
            await world.until_sent(4)

    play(world, story)

    assert world.platform.offences == []
    assert world.platform.times()[-1] < 8


def test_each_part_of_a_long_text_takes_a_slot_of_its_own(world):
    world.platform.max_text = 10

    async def story():
        async with world.serving():
            await world.push(*((f"p{n}", "yksi kaksi kolme neljä") for n in range(60)))
            await world.until_sent(180)

    play(world, story)

    assert world.platform.offences == []
    assert all(world.platform.texts(f"p{n}") == ["yksi kaksi", "kolme", "neljä"] for n in range(60))


@pytest.mark.parametrize("seconds", [None, 2.0])
def test_nothing_comes_between_two_parts_of_a_text(world, seconds):
    """Nor when the platform asks us to wait before the second."""
    world.platform.max_text = 12
    refusals = [] if seconds is None else [seconds]
    world.platform.throttle = lambda each: refusals.pop() if each.key.endswith("#1") and refusals else None

    async def story():
        async with world.serving():
            await world.push(("anna", "yksi kaksi kolme neljä viisi kuusi"))
            await world.until_sent(1)
            await asyncio.sleep(0.1 if seconds else 0)
            await world.reply("anna", "vastaus")
            await world.until_sent(4)

    play(world, story)

    assert world.platform.texts() == ["yksi kaksi", "kolme neljä", "viisi kuusi", "vastaus"]


def test_what_loses_its_use_while_it_waits_for_its_turn_keeps_nobody_from_theirs(world):
    async def story():
        async with world.serving():
            await world.push(*((f"p{n}", "uutinen") for n in range(40)))
            await world.push(("anna", "muistutus"), until=0.5)
            await world.push(("anna", "toinen"))
            await world.until_sent(41)
        return await world.rows()

    assert play(world, story) == {(SENT, None): 41, (DROPPED, "too_late"): 1}
    assert world.platform.texts("anna") == ["toinen"]


def test_the_length_of_a_text_is_counted_as_the_strictest_platform_counts(world):
    async def story():
        async with world.serving():
            await world.reply("anna", "🌱" * 3000)
            await world.until_sent(2, 10)

    play(world, story)

    assert "".join(world.platform.texts()) == "🌱" * 3000
