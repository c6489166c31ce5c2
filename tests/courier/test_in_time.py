"""At rest it costs nothing, and what is due is said when it is."""

import asyncio
import resource
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.courier import Courier
from bot.i18n import Wording
from bot.ledger import LOOK_EVERY
from bot.translator import Translator
from tests.courier.world import VAULT, WORDS, World, play
from tests.doubles.platform import StrictPlatform
from tests.doubles.virtual_time import START, monotonic, now


def test_at_rest_the_writer_is_left_in_peace(world):
    async def story():
        async with world.serving():
            await asyncio.sleep(1)
            before = world.database.orders
            await asyncio.sleep(100 * LOOK_EVERY)
            return world.database.orders - before

    assert play(world, story) <= 100


def test_rows_of_another_platform_leave_it_in_peace_too(world):
    async def story():
        async with world.serving():
            await world.push(*((f"p{n}", "x") for n in range(9)), platform="matrix")
            await asyncio.sleep(1)
            before = world.database.orders
            await asyncio.sleep(100 * LOOK_EVERY)
            return world.database.orders - before

    assert play(world, story) <= 100


def test_what_was_not_delivered_before_quiet_hours_is_said_at_their_end_and_answers_at_once(world):
    begins, ends = START + timedelta(seconds=60), START + timedelta(hours=13)

    async def story():
        async with world.serving(allowed_from=lambda at: ends if begins <= at < ends else at):
            world.platform.down = True
            await world.push(*((f"p{n}", "uutinen") for n in range(60)))
            await asyncio.sleep(120)
            world.platform.down = False
            await asyncio.sleep(60)
            await world.reply("anna", "vastaus")
            await asyncio.sleep(13 * 3600)

    play(world, story)
    answer, *news = zip(world.platform.texts(), world.platform.times(), strict=True)

    assert answer[0] == "vastaus"
    assert answer[1] - 180 <= 10
    assert [text for text, _ in news] == ["uutinen"] * 60
    assert 0 <= news[0][1] - 13 * 3600 <= 1


@pytest.mark.parametrize("ahead", [0.3, 7.3, 45.0, 4000.123])
def test_a_row_that_lies_ahead_is_said_when_its_time_comes(world, ahead):
    async def story():
        async with world.serving():
            await asyncio.sleep(3)
            asked = monotonic()
            await world.push(("anna", "myöhemmin"), after=ahead)
            await world.until_sent(1)
            return asked

    asked = play(world, story)

    late = world.platform.times()[0] - world.platform.latency - asked - ahead
    assert -0.001 <= late <= 0.05


def test_while_every_slot_is_out_nobody_spins(database):
    """A chat's rest ends while the platform takes its time with all others: then there is nothing to do but wait."""
    world = World(database, StrictPlatform(in_flight=2, latency=30, burst=1))

    async def story():
        async with world.serving():
            await world.push(("a", "1"), ("b", "1"), ("a", "2"), ("c", "1"))
            before = resource.getrusage(resource.RUSAGE_SELF).ru_utime
            await world.until_sent(4)
            return resource.getrusage(resource.RUSAGE_SELF).ru_utime - before

    assert play(world, story) < 2


async def test_at_rest_the_processor_rests_too(database):
    """In real time: a second of nothing to do costs next to nothing."""
    platform = StrictPlatform()
    wording = Wording({"fi": WORDS}, {}, lambda _: {}, "fi")
    translator = Translator(wording, VAULT, "fi", ZoneInfo("Europe/Helsinki"))
    courier = Courier(database, {"telegram": platform}, translator, now, monotonic)
    task = asyncio.create_task(courier.run())
    await asyncio.sleep(0.2)
    before = resource.getrusage(resource.RUSAGE_SELF)
    await asyncio.sleep(1)
    after = resource.getrusage(resource.RUSAGE_SELF)
    task.cancel()
    await asyncio.wait([task])

    assert after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime < 0.05
