"""What the courier says: whole, in order and once."""

import asyncio
import random
from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.messages import File, Leave, Phrase, button, say
from bot.store.outbox import SENT, reply_to
from bot.store.people import Conversation
from bot.translator import Translator
from tests.courier.world import ROWS, VAULT, World, meet, place, play, words
from tests.doubles.platform import StrictPlatform
from tests.doubles.virtual_time import START
from tests.support import sample_house


# ---- one message
def test_a_reply_is_said_at_once_and_written_down(world):
    async def story():
        async with world.serving():
            await world.reply("anna", words("moi", button("home", "home", "1")))
            await world.until_sent(1, 1)
        return await world.rows()

    rows = play(world, story)

    (said,) = world.platform.delivered
    assert (said.address, said.text, said.labels) == ("anna", "moi", ("Alkuun",))
    assert rows == {(SENT, None): 1}


def test_what_is_delivered_loses_its_words_and_keeps_the_platforms_number(world):
    async def story():
        async with world.serving():
            await world.reply("anna", "moi")
            await world.until_sent(1, 1)
        return await world.database.write(
            lambda store: store.run(select(ROWS.c.what, ROWS.c.message_id)).one()
        )

    assert play(world, story) == ("", "1")


def test_to_a_reader_who_has_not_said_otherwise_the_discreet_words_are_said(world):
    async def story():
        async with world.serving():
            secret = words("Yksinäisyysryhmä", discreet=Phrase("discreet"))
            await world.reply("anna", secret, "one")
            await world.database.write(
                lambda store: store.people.set_named(meet(store, "anna").id, named=True)
            )
            await world.reply("anna", secret, "two")
            await world.until_sent(2, 10)

    play(world, story)

    assert world.platform.texts() == ["Sinulle on viesti.", "Yksinäisyysryhmä"]


@pytest.mark.parametrize("language", ["fi", "sv", "en"])
def test_on_our_own_page_nobody_is_told_of_a_service_that_carries_the_words(language):
    translator = Translator(sample_house().wording, VAULT, "fi", ZoneInfo("Europe/Helsinki"))
    poll = say("poll.question", kysymys="?")

    def lines(platform):
        anna = Conversation(7, place("anna", platform), language, named=False)
        (message,) = translator.outgoing(reply_to(anna, "key", poll), now=START, max_text=4000)
        return message.text.split("\n")

    on_the_page, carried = lines("web"), lines("telegram")

    assert carried[:-1] == on_the_page
    assert len(on_the_page) == 2


def test_a_file_goes_with_the_last_of_several_messages(world):
    world.platform.max_text = 20
    file = File("tietoni.json", "application/json", "{}")

    async def story():
        async with world.serving():
            await world.reply(
                "anna", words("yksi kaksi kolme neljä viisi", button("home", "home"), file=file)
            )
            await world.until_sent(2, 10)

    play(world, story)

    assert [(each.text, each.labels, each.file) for each in world.platform.delivered] == [
        ("yksi kaksi kolme", (), None),
        ("neljä viisi", ("Alkuun",), file),
    ]


def test_leaving_a_group_comes_after_what_was_said_before(world):
    async def story():
        async with world.serving():
            await world.reply("group", "hyvästi")
            await world.reply("group", Leave(), "leave")
            await world.until_sent(1, 5)
            await asyncio.sleep(5)
        return await world.rows()

    assert play(world, story) == {(SENT, None): 2}
    assert world.platform.texts() == ["hyvästi"]
    assert world.platform.left == ["group"]


# ---- in order, once
@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_platform_does_everybody_gets_everything_once_and_in_order(world, seed):
    """429 for one in ten and nobody there for one in twenty, at random; each is a different evening."""
    chance = random.Random(seed)
    world.platform.throttle = lambda _: chance.choice([0.5, 2, 7, 90]) if chance.random() < 0.1 else None

    async def unwell():
        while True:
            world.platform.down = chance.random() < 0.05
            await asyncio.sleep(0.3)

    async def story():
        troubles = asyncio.create_task(unwell())
        async with world.serving():
            for n in range(5):
                await world.push(*((f"p{who}", f"n{n}") for who in range(12)), ("group", f"n{n}"))
                await asyncio.sleep(chance.random() * 5)
            await world.until_sent(65, 100_000)
        troubles.cancel()
        return await world.rows()

    assert play(world, story) == {(SENT, None): 65}
    assert "called inside a pause" not in world.platform.offences
    assert "two at once in a chat" not in world.platform.offences
    for who in (*(f"p{n}" for n in range(12)), "group"):
        assert world.platform.texts(who) == [f"n{n}" for n in range(5)]


@pytest.mark.parametrize("seed", range(3))
def test_in_a_storm_of_refusals_nothing_is_lost_and_nobody_asked_too_early(world, seed):
    """30 % of all calls are refused for 1 to 30 seconds (R-06)."""
    chance = random.Random(seed)
    world.platform.throttle = lambda _: chance.uniform(1, 30) if chance.random() < 0.3 else None
    number = 300

    async def story():
        async with world.serving():
            await world.push(*((f"p{n}", "uutinen") for n in range(number)))
            await world.until_sent(number, 100_000)
        return await world.rows()

    assert play(world, story) == {(SENT, None): number}
    assert world.platform.offences == []
    assert len(world.platform.calls) > number * 1.2


# ---- written down
WRITTEN_WITHIN = 0.05


@pytest.fixture
def swift(database):
    """A platform that takes the same key once, eight at a time and each after a quarter of that."""
    platform = StrictPlatform(per_second=1000, latency=WRITTEN_WITHIN / 4, in_flight=8)
    platform.pace = replace(platform.pace, written_within=timedelta(seconds=WRITTEN_WITHIN))
    return World(database, platform)


def test_what_is_said_among_much_else_is_written_down_together(swift):
    number = 200

    async def story():
        async with swift.serving():
            before = swift.database.orders
            await swift.push(*((f"p{n}", "uutinen") for n in range(number)))
            await swift.until_sent(number)
            await asyncio.sleep(WRITTEN_WITHIN)
            await swift.settled()
            return await swift.rows(), swift.database.orders - before

    rows, orders = play(swift, story)

    assert rows == {(SENT, None): number}
    assert orders < number / 8


def test_what_is_said_by_itself_is_written_down_at_once(swift):
    async def story():
        async with swift.serving():
            await swift.push(("anna", "yksi"))
            await swift.until_sent(1)
            first = await swift.rows()
            await swift.push(*((f"p{n}", "uutinen") for n in range(3)))
            await swift.until_sent(4)
            return first, await swift.rows()

    assert play(swift, story) == ({(SENT, None): 1}, {(SENT, None): 4})


def test_whoever_stops_has_written_down_what_was_said(swift):
    async def story():
        async with swift.serving():
            await swift.push(*((f"p{n}", "uutinen") for n in range(100)))
            await swift.until_sent(30)
        return await swift.rows()

    rows = play(swift, story)

    assert rows[SENT, None] == len(swift.platform.delivered) < 100
    assert sum(rows.values()) == 100
