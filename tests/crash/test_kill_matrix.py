"""Killed amid encrypted rooms, or its homeserver gone, the bot says everything once, and in nobody else's hearing."""

import asyncio
import random
import sqlite3
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Literal
from urllib.parse import quote

import pytest
import pytest_asyncio

from bot.store.outbox import SENT
from tests.crash.matrix_life import Step
from tests.crash.matrix_people import Somebody, client
from tests.crash.matrix_world import MatrixWorld, Nursery
from tests.crash.nursery import remains
from tests.crash.story import BAKING, NAME, WALK, words
from tests.crash.town import HELD, REMINDER, Home, Town
from tests.servers.js_user import JsUser
from tests.servers.matrix_user import User
from tests.servers.synapse import Synapse

PEOPLE = 10  # on nio; one more is on matrix-js-sdk
KILLS = 10  # in one telling, at least ...
PLANNED = 12  # ... for the last ones may come when all is said
RATE = 15.0  # messages a second: slow enough that the news is on its way through several lives
SOAK = 5  # tellings
NEXT = "to 26.11. klo 13–15"

SENDING = "/send/m.room.encrypted/"

# What somebody's new device says while nobody is there is read and answered in these steps.
STEPS = [
    Step("after", 'INTO "olmsessions"'),  # the key of what was said is read, which can be done once ...
    Step("after", 'INTO "megolminboundsessions"'),  # ... and kept
    Step("after", "/keys/claim"),
    Step("after", "/sendToDevice/"),
    Step("before", SENDING),
    Step("after", SENDING),
    Step("before", "keep place"),
    Step("after", "keep place"),
]
LOGGED_IN = Step("before", "keep device")
FIRST_STEPS = [
    LOGGED_IN,
    Step("after", "keep device"),
    Step("after", "/keys/upload"),
    Step("after", "/keys/device_signing/upload"),
]

pytestmark = pytest.mark.asyncio(loop_scope="module")


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def nursery() -> AsyncIterator[Nursery]:
    nursery = Nursery()
    yield nursery
    nursery.close()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def anna(synapse: Synapse) -> AsyncIterator[User]:
    async with client(synapse.url, synapse.newcomer("anna")) as anna:
        yield anna


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def cecilia(synapse: Synapse) -> AsyncIterator[JsUser]:
    async with client(synapse.url, synapse.newcomer("cecilia"), js=True) as cecilia:
        yield cecilia


@pytest.fixture
def home(synapse: Synapse, nursery: Nursery, tmp_path: Path) -> Home:
    """Where a bot has never lived."""
    return Home(synapse=synapse, nursery=nursery, folder=tmp_path, account=synapse.newcomer("vertti"))


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def town(
    synapse: Synapse, nursery: Nursery, tmp_path_factory: pytest.TempPathFactory, anna: User, cecilia: JsUser
) -> AsyncIterator[Town]:
    async with berits(synapse, PEOPLE) as users:
        yield await founded(synapse, nursery, tmp_path_factory.mktemp("town"), *users, anna, cecilia)


@asynccontextmanager
async def berits(synapse: Synapse, number: int) -> AsyncIterator[list[User]]:
    """Give so many people on nio."""
    users = [client(synapse.url, synapse.newcomer("berit")) for _ in range(number)]
    async with AsyncExitStack() as stack:
        await asyncio.gather(*map(stack.enter_async_context, users))
        yield users


async def founded(synapse: Synapse, nursery: Nursery, folder: Path, *users: User | JsUser) -> Town:
    """Give a town with these people; the first is the organizer."""
    bot = synapse.newcomer("vertti")
    chief, *people = (Somebody(each, bot.user_id) for each in users)
    town = Town(synapse=synapse, nursery=nursery, folder=folder, account=bot, people=people, chief=chief)
    await town.found()
    return town


# ---- at any moment -------------------------------------------------------------------------------------------


async def test_ten_kills_amid_an_encrypted_broadcast_lose_nothing_and_double_nothing(town: Town):
    await is_told_with_kills(town, seed=2026)


@pytest.mark.soak
async def test_fifty_kills_amid_encrypted_broadcasts_lose_nothing_and_double_nothing(town: Town):
    for seed in range(SOAK):
        await is_told_with_kills(town, seed)


async def is_told_with_kills(town: Town, seed: int) -> None:
    """Let news go out while people ask and vote, and no life is much longer than a second.

    Every other one is long enough to say something.
    """
    dice = random.Random(seed)
    news = f"Kahvit ovat valmiina klo 12.{seed % 60:02}."
    lengths = [dice.uniform(0.05, 1.0) for _ in range(PLANNED)]
    kills = [Step("before", SENDING, later=each) if n % 2 else each for n, each in enumerate(lengths)]
    async with town.telling(*kills, rate=RATE) as world, asyncio.TaskGroup() as group:
        for number, each in enumerate(town.people):
            group.create_task(talks(world, each, number))
        await town.news_is_confirmed(news)
        world.sets_clock(world.gauges.now() + HELD)
        await town.news_arrives(world, news)
    with remains(town.folder) as database:
        ballots = database.execute("SELECT answer, count(*) FROM ballot GROUP BY answer").fetchall()

    assert len(world.births) > KILLS
    assert sum(map(bool, world.in_hand)) >= KILLS // 2  # deaths amid sending
    assert ballots == [("leivonta", len(town.people))]

    await town.settles(town.everybody)


async def talks(world: MatrixWorld, somebody: Somebody, number: int) -> None:
    """Ask what is next, vote and change the vote: by number and as clients answer polls."""
    await world.reaches_life(number * PLANNED // (PEOPLE + 1))
    await somebody.asks("seuraava", NEXT)
    await somebody.votes(WALK, by_poll=number % 2 == 0)
    await somebody.votes(BAKING, by_poll=number % 2 == 1)


class Fatal(Somebody):
    """Somebody of whose every word the bot dies."""

    def __init__(self, user: User | JsUser, world: MatrixWorld, dice: random.Random) -> None:
        super().__init__(user, world.account.user_id)
        self._world = world
        self._dice = dice

    async def says(self, text: str) -> None:
        await super().says(text)
        await asyncio.sleep(self._dice.uniform(0.0, 0.3))
        self._world.kill()


async def test_the_main_job_is_done_by_whoever_is_alive(home: Home, anna: User, cecilia: JsUser):
    async with home.telling() as world:
        people = [Fatal(user, world, random.Random(2026)) for user in (anna, cecilia)]
        await asyncio.gather(*(subscribes(each) for each in people))
        await world.is_quiet()
        world.sets_clock(REMINDER)
        await asyncio.gather(*(is_reminded_and_leaves(each) for each in people))
        await world.until(lambda database: not database.execute("SELECT 1 FROM conversation").fetchall())

    await home.settles(people)

    assert len(world.births) > KILLS


async def subscribes(somebody: Somebody) -> None:
    await somebody.opens_private_room()
    await somebody.asks("seuraava", NEXT)
    await somebody.chooses(words("button.remind_me"), words("remind.both"))
    await somebody.chooses(words("remind.both"), words("remind.cancel"))


async def is_reminded_and_leaves(somebody: Somebody) -> None:
    await somebody.hears(words("reminder.meeting"), words("button.show"))
    await somebody.asks(words("button.show"), NAME)
    await somebody.votes(WALK, by_poll=True)
    await somebody.asks("tietoni", NAME)
    await somebody.hears("vertti.json")
    await somebody.asks("poista tietoni", words("forget.yes"))
    await somebody.chooses(words("forget.yes"), words("forget.done"))


# ---- the homeserver ------------------------------------------------------------------------------------------


async def test_a_homeserver_that_restarts_in_mid_send_gets_everything_once(nursery: Nursery, tmp_path: Path):
    news = "Kahvit ovat tänään jo valmiina."
    synapse = Synapse(tmp_path / "synapse")
    synapse.start()
    try:
        async with berits(synapse, PEOPLE) as users:
            town = await founded(synapse, nursery, tmp_path, *users)
            async with town.telling(rate=RATE) as world:
                await town.news_is_confirmed(news)
                world.sets_clock(world.gauges.now() + HELD)
                await world.until(lambda database: sent(database) >= 2)
                await asyncio.to_thread(synapse.stop)
                await asyncio.to_thread(synapse.start)
                await world.until(lambda database: sent(database) >= 6)
                await asyncio.to_thread(synapse.kill)
                world.kill()
                await asyncio.to_thread(synapse.start)
                await town.news_arrives(world, news)

            await town.settles(town.everybody)
    finally:
        synapse.stop()


def sent(database: sqlite3.Connection) -> int:
    """Count who has the news that went out last, as far as the outbox knows."""
    last = "SELECT count(*) FROM outbox WHERE broadcast = (SELECT max(id) FROM broadcast) AND state = ?"
    return int(database.execute(last, (SENT,)).fetchone()[0])


# ---- at every step -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("step", STEPS, ids=str)
async def test_no_step_of_an_answer_is_a_bad_moment_to_die(town: Town, step: Step):
    assert await is_answered(town, step)


@pytest.mark.soak
@pytest.mark.parametrize("what", ["/_matrix/", "INTO ", "UPDATE "])
@pytest.mark.parametrize("when", ["before", "after"])
async def test_no_step_at_all_is_a_bad_moment_to_die(town: Town, when: Literal["before", "after"], what: str):
    number = 1
    while await is_answered(town, Step(when, what, number)):
        number += 1

    assert number > 1


async def is_answered(town: Town, step: Step) -> bool:
    """Let somebody get two devices and ask with one of them while nobody is there; tell whether anybody died of it."""
    somebody = town.people[0]
    accounts = [town.synapse.logs_in(somebody.user.account) for _ in range(2)]
    async with (
        client(town.synapse.url, accounts[0]) as phone,
        client(town.synapse.url, accounts[1]) as tablet,
    ):
        others = [Somebody(each, somebody.bot, somebody.room) for each in (phone, tablet)]
        for each in (somebody, *others):
            each.forgets()
        await others[0].says("seuraava")
        async with town.telling(step) as world:
            for each in (somebody, *others):
                await each.hears(NEXT)
        await town.settles([somebody])

        assert [list(each.unasked()) for each in others] == [[], []]

    for account in accounts:
        town.synapse.revokes(account)
    return len(world.births) > 1


@pytest.mark.parametrize("step", FIRST_STEPS, ids=str)
async def test_no_step_of_the_first_start_is_a_bad_moment_to_die(home: Home, cecilia: JsUser, step: Step):
    assert await greets(home, cecilia, step)

    forgotten = devices(home) - 2  # that of the account's first login, and the bot's

    assert forgotten == (step == LOGGED_IN)


@pytest.mark.parametrize("at", range(1, 5))
async def test_a_disk_that_is_full_for_a_moment_costs_nobody_an_answer(home: Home, anna: User, at: int):
    assert not await greets(home, anna, Step("instead", 'INTO "olmsessions"', at))


@pytest.mark.soak
@pytest.mark.parametrize("what", ["/_matrix/", "INTO "])
async def test_no_step_of_the_first_start_at_all_is_a_bad_moment_to_die(
    synapse: Synapse, nursery: Nursery, tmp_path: Path, cecilia: JsUser, what: str
):
    def home(number: int) -> Home:
        folder = tmp_path / str(number)
        folder.mkdir()
        return Home(synapse=synapse, nursery=nursery, folder=folder, account=synapse.newcomer("vertti"))

    number = 1
    while await greets(home(number), cecilia, Step("after", what, number)):
        number += 1

    assert number > len(FIRST_STEPS)


async def greets(home: Home, user: User | JsUser, step: Step) -> bool:
    """Let somebody meet a bot that starts for the first time; tell whether it died of it."""
    somebody = Somebody(user, home.account.user_id)
    async with home.telling(step) as world:
        await somebody.opens_private_room()
        await somebody.asks("seuraava", NEXT)
    await home.settles([somebody])
    return len(world.births) > 1


def devices(home: Home) -> int:
    return int(home.synapse.administer("GET", f"/v2/users/{quote(home.account.user_id)}/devices")["total"])
