"""The courier against a strict platform, in virtual time, over a real database."""

import asyncio
import contextlib
import random
import resource
import threading
import time
from dataclasses import dataclass, field, replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from bot.courier import Courier
from bot.errors import Fault, Throttled, Unreachable
from bot.i18n import Wording
from bot.ledger import LOOK_EVERY, MOST_REVOKED, Ledger
from bot.messages import File, Lane, Leave, Phrase, Place, Say, button, say
from bot.store import models
from bot.store.delivery import Finished
from bot.store.outbox import CLAIMED, DROPPED, FAILED, SENT, WAITING, reply_to
from bot.store.people import Conversation
from bot.store.vault import Vault
from bot.translator import Translator
from tests.doubles.platform import StrictPlatform
from tests.doubles.virtual_time import START, VirtualLoop, WatchedDatabase, monotonic, now, run
from tests.support import empty_database, sample_house

ROWS = models.outbox
VAULT = Vault(bytes(range(32)))
WORDS = {"say": ("{{words}}",), "home": ("Alkuun",), "discreet": ("Sinulle on viesti.",)}
FAULT = Fault("VERTTI_TELEGRAM_TOKEN", "Telegram does not know this bot", "Make a new token")


def words(text, *buttons, discreet=None, file=None):
    return Say(Phrase("say", {"words": text}), buttons, discreet, file)


@dataclass
class World:
    """A courier, its database and its platforms."""

    database: WatchedDatabase
    platform: StrictPlatform = field(default_factory=StrictPlatform)
    others: tuple[StrictPlatform, ...] = ()

    def courier(self, **quiet):
        wording = Wording({"fi": WORDS}, {}, lambda _: {}, "fi")
        translator = Translator(wording, VAULT, "fi", ZoneInfo("Europe/Helsinki"))
        platforms = {each.platform: each for each in (self.platform, *self.others)}
        self.it = Courier(self.database, platforms, translator, now, monotonic, **quiet)
        return self.it

    @contextlib.asynccontextmanager
    async def serving(self, **quiet):
        """Let a courier serve; then stop it as a graceful end of the process does."""
        courier = self.courier(**quiet)
        loop = asyncio.get_running_loop()
        await self.database.write(
            lambda store: setattr(store, "on_work", lambda: loop.call_soon_threadsafe(courier.wake))
        )
        task = asyncio.create_task(courier.run())
        await self.settled()
        try:
            yield courier
        finally:
            assert not task.done(), task
            task.cancel()
            await asyncio.wait([task])

    async def settled(self):
        """Let everything happen that happens at this instant."""
        for _ in range(20):
            await asyncio.sleep(0)
            while self.database.pending:
                await asyncio.sleep(0.0001)

    # ---- what is to be said -----------------------------------------------------------------------------

    async def push(self, *rows, platform="telegram", lane=Lane.BROADCAST, after=0.0, until=None):
        """Queue (address, text) pairs."""
        at = now()

        def work(store):
            for number, (address, text) in enumerate(rows):
                store.outbox.push(
                    meet(store, address, platform), f"{platform}:{lane}:{text}:{address}:{number}", words(text), now=at, lane=lane,
                    not_before=at + timedelta(seconds=after),
                    useful_until=None if until is None else at + timedelta(seconds=until),
                )  # fmt: skip

        await self.database.write(work)

    async def reply(self, address, said, key=None):
        message = words(said) if isinstance(said, str) else said
        at = now()
        await self.database.write(
            lambda store: store.outbox.reply(meet(store, address), key or f"reply:{said}", message, now=at)
        )

    # ---- what became of it ------------------------------------------------------------------------------

    async def rows(self):
        """State and reason of every row, by how many there are."""
        found = await self.database.write(lambda store: store.run(select(ROWS.c.state, ROWS.c.reason)).all())
        counts = {}
        for row in found:
            counts[tuple(row)] = counts.get(tuple(row), 0) + 1
        return counts

    async def conversation(self, address, platform="telegram"):
        return await self.database.write(lambda store: store.people.find(place(address, platform)))

    async def until_sent(self, number, seconds=10_000):
        pause = 0.01
        async with asyncio.timeout(seconds):
            while len(self.platform.delivered) < number:
                await asyncio.sleep(pause)
                pause = min(pause * 1.05, 1.0)
            await self.settled()


def place(address, platform="telegram"):
    return Place(platform, address, "group" if address.startswith("group") else "private")


def meet(store, address, platform="telegram"):
    where = place(address, platform)
    return store.people.find(where) or store.people.meet(where, language=None, now=START)


@pytest.fixture
def database(tmp_path):
    database = WatchedDatabase(empty_database(tmp_path / "vertti.db"), VAULT)
    database.open()
    yield database
    database.close()


@pytest.fixture
def world(database):
    return World(database)


def play(world, story):
    return run(world.database, story())


# ---- one message ---------------------------------------------------------------------------------------------


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


# ---- pace ----------------------------------------------------------------------------------------------------


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


# ---- in order, once ------------------------------------------------------------------------------------------


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


# ---- written down --------------------------------------------------------------------------------------------


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


# ---- refused for a while (429) -------------------------------------------------------------------------------


def throttled_once(addresses, seconds):
    """A 429 for the first message to each of these."""
    left = set(addresses)

    def throttle(message):
        address = message.where.address
        if address not in left:
            return None
        left.discard(address)
        return seconds

    return throttle


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


# ---- nobody there --------------------------------------------------------------------------------------------


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


# ---- refused for good ----------------------------------------------------------------------------------------


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


# ---- stopping and starting again -----------------------------------------------------------------------------


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


# ---- at rest, and in time ------------------------------------------------------------------------------------


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


# ---- the erased ----------------------------------------------------------------------------------------------


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


# ---- what may not be said any more ---------------------------------------------------------------------------


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


# ---- ahead of the commit -------------------------------------------------------------------------------------


def ready(address, key, text):
    anna = Conversation(7, place(address), "fi", named=False)
    return reply_to(anna, key, words(text))


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


# ---- when the store is in trouble ----------------------------------------------------------------------------


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


# ---- nobody is named -----------------------------------------------------------------------------------------


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
