"""Ahead of the commit, and while the store is in trouble."""

import asyncio
import time

from bot.ledger import Ledger
from bot.messages import Phrase, Place, Say
from bot.store.delivery import Finished
from bot.store.outbox import SENT, WAITING, reply_to
from bot.store.people import Conversation
from tests.courier.world import FAULT, VAULT, World, play, ready, words
from tests.doubles.platform import StrictPlatform
from tests.doubles.virtual_time import START, VirtualLoop, WatchedDatabase, monotonic, now


# ---- ahead of the commit
def test_what_was_said_ahead_of_its_commit_is_not_said_again_and_counts_as_sent(world):
    async def story():
        async with world.serving() as courier:
            courier.say_unstored(ready("anna", "update:0", "vastaus"))
            courier.say_unstored(ready("anna", "update:0", "vastaus"))
            await world.until_sent(1, 5)
            await world.reply("anna", "vastaus", "update:0")
            await asyncio.sleep(5)
        return await world.rows()

    assert play(world, story) == {(SENT, None): 1}
    assert world.platform.texts() == ["vastaus"]


def test_what_is_about_to_be_said_ahead_of_its_commit_becomes_that_row(world):
    async def story():
        async with world.serving() as courier:
            courier.say_unstored(ready("anna", "update:0", "vastaus"))
            await world.reply("anna", "vastaus", "update:0")
            await asyncio.sleep(5)
        return await world.rows()

    assert play(world, story) == {(SENT, None): 1}
    assert world.platform.texts() == ["vastaus"]


def test_what_was_handed_over_is_not_said_ahead_of_its_commit_any_more(world):
    async def story():
        async with world.serving() as courier:
            await world.reply("anna", "vastaus", "update:0")
            courier.say_unstored(ready("anna", "update:0", "vastaus"))
            await asyncio.sleep(5)

    play(world, story)

    assert world.platform.texts() == ["vastaus"]


def test_what_could_not_be_said_ahead_is_said_after_its_commit(world):
    async def story():
        async with world.serving() as courier:
            world.platform.down = True
            courier.say_unstored(ready("anna", "update:0", "vastaus"))
            await asyncio.sleep(1)
            world.platform.down = False
            await world.reply("anna", "vastaus", "update:0")
            await world.until_sent(1, 30)
        return await world.rows()

    assert play(world, story) == {(SENT, None): 1}
    assert world.platform.texts() == ["vastaus"]


def test_a_platform_that_keeps_its_messages_in_the_store_says_nothing_ahead(database):
    world = World(database, StrictPlatform(needs_store=True))

    async def story():
        async with world.serving() as courier:
            courier.say_unstored(ready("anna", "update:0", "vastaus"))
            courier.say_unstored(
                reply_to(Conversation(7, Place("nowhere", "x"), None, named=False), "k", words("x"))
            )
            await asyncio.sleep(5)

    play(world, story)

    assert world.platform.calls == []


# ---- when the store is in trouble
def test_what_is_delivered_while_nothing_can_be_written_is_not_repeated(world):
    async def story():
        async with world.serving():
            await world.push(*((f"p{n}", "uutinen") for n in range(10)), after=1)

            def full(store):
                world.cursor = store._cursor
                store._cursor.execute("PRAGMA max_page_count = 1")

            await asyncio.sleep(1.2)
            await world.database.write(full)
            blocker = world.database.queue([lambda store: store.books.set_bookmark("big", "x" * 100_000)])
            asyncio.get_running_loop().run_in_executor(None, _later, world)
            await blocker
            await asyncio.sleep(60)
        async with world.serving():
            await asyncio.sleep(60)
        return await world.rows()

    assert play(world, story) == {(SENT, None): 10}
    assert sorted(world.platform.texts()) == ["uutinen"] * 10


def _later(world):
    time.sleep(0.7)
    world.cursor.execute("PRAGMA max_page_count = 100000")


def test_what_the_database_did_not_take_is_kept_for_the_next_time(world):
    given_back = []

    async def story():
        ledger = Ledger(world.database, now, lambda: given_back.append(monotonic()))
        await world.push(("anna", "a"), ("bertil", "b"))
        rows = await world.database.write(lambda store: store.delivery.claim("telegram", now=START, most=9))
        address = world.database.url
        world.database.close()
        ledger.note(Finished(rows[0].key, SENT), lambda store: store.books.add("effect", 1))
        ledger.note(Finished(rows[1].key, WAITING))
        refused = await ledger.write()
        world.database = ledger._database = WatchedDatabase(address, VAULT)
        world.database.open()
        taken, empty = await ledger.write(), await ledger.write()
        found = await world.rows(), await world.database.write(lambda store: store.books.count("effect"))
        world.database.close()
        return refused, taken, empty, found

    with asyncio.Runner(loop_factory=lambda: VirtualLoop(lambda: world.database.pending > 0)) as runner:
        refused, taken, empty, found = runner.run(story())

    assert (refused, taken, empty) == (False, True, True)
    assert found == ({(SENT, None): 1, (WAITING, None): 1}, 1)
    assert len(given_back) == 1


# ---- nobody is named
def test_neither_words_nor_addresses_stand_in_the_log(world, capsys):
    canary, address = "kanarialintu", "4711471147"
    world.platform.refused.add(canary)

    def breaks(message):
        if message.where.address.endswith("8"):
            raise ValueError(message.text, message.where.address)

    world.platform.throttle = breaks
    world.platform.silent[address + "9"] = "blocked"

    async def story():
        async with world.serving():
            await world.push((address, canary), (address + "8", canary), (address + "9", canary))
            await world.reply(address, Say(Phrase(canary)), "bad")
            await asyncio.sleep(5)
            world.platform.stopped = FAULT
            await world.push((address + "7", canary))
            await asyncio.sleep(5)

    play(world, story)

    said = capsys.readouterr().err
    assert "send.refused" in said
    assert "send.failed" in said
    assert "transport.stopped" in said
    assert canary not in said
    assert address not in said
