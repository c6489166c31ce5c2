"""All of Vertti on Matrix through what a year brings: spam, outages, a clock that jumps, rooms that throw it out."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import pytest
from sqlalchemy import select

from bot.app import App
from bot.errors import Silent, Unreachable
from bot.messages import Outgoing, Phrase, Place, Say, button
from bot.store import Store, models
from bot.store.outbox import DROPPED, FAILED
from tests.running import eventually, running
from tests.servers.heard import POLL_START, Heard
from tests.servers.matrix_user import User
from tests.servers.synapse import Account, RefusedError, Synapse
from tests.servers.weather import Weather
from tests.transports.contract import MOMENT, listening, to
from tests.transports.matrix_world import MatrixWorld, matrix_world

T = TypeVar("T")
MESSAGE = "m.room.message"
AT_MOST = 5.0  # seconds that spam may delay a push, or a return of the homeserver an answer
LONG_AFTER = timedelta(hours=5)
EVENT_LIMIT = 65_536  # bytes
POLL = "toimintatoive"
ANOTHER_POLL = "ryhmakerta_hymio"


@pytest.fixture(autouse=True)
def _loop_runs_freely() -> None:
    """All of Vertti reads its content before it serves anybody: that may hold up the loop."""


@pytest.fixture
async def weather(synapse: Synapse) -> AsyncIterator[Weather]:
    async with Weather(synapse.url) as weather:
        yield weather


@pytest.fixture
async def world(synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixWorld]:
    async with matrix_world(synapse, tmp_path) as world:
        yield world


class Person:
    """Somebody in their private room with the bot."""

    def __init__(self, user: User, room: str) -> None:
        self.user = user
        self.room = room

    async def says(self, text: str) -> Heard:
        return await self.user.says(self.room, text)

    async def hears(self, *kinds: str, within: float = 15.0) -> Heard:
        return await self.user.hears(self.room, *(kinds or (MESSAGE,)), within=within)

    async def hears_of(self, words: str, within: float = 15.0) -> Heard:
        """Hear on until something with these words comes."""
        while words not in (heard := await self.hears(within=within)).body:
            pass
        return heard

    async def asks(self, text: str) -> Heard:
        await self.says(text)
        return await self.hears()


class House:
    """All of Vertti on one account behind the weather, and people who come by."""

    def __init__(self, synapse: Synapse, weather: Weather, folder: Path, content: Path) -> None:
        self.synapse = synapse
        self.weather = weather
        self.bot: Account = synapse.newcomer("vertti")
        self._folder = folder
        self._content = content
        self._stack = AsyncExitStack()
        self._pushed = 0

    @asynccontextmanager
    async def runs(self, **settings: Any) -> AsyncIterator[App]:
        account = {"matrix_user": self.bot.user_id, "matrix_password": self.bot.password}
        where = {"matrix_homeserver": self.weather.url, **account, **settings}
        async with running(self._folder / "data", self._content, **where) as self.app:
            yield self.app

    async def user(self, name: str = "anna") -> User:
        return await self._stack.enter_async_context(User.of(self.synapse, name))

    async def person(self, name: str = "anna", **room: Any) -> Person:
        """Let somebody open a private room and be greeted."""
        user = await self.user(name)
        person = Person(user, await user.opens_private_room(self.bot.user_id, **room))
        await person.hears()
        return person

    async def write(self, work: Callable[[Store], T]) -> T:
        return await self.app.database.write(work)

    async def read(self, work: Callable[[Store], T]) -> T:
        return await self.app.database.read(work)

    async def push(self, place: Place, text: str, *buttons: Any, now: datetime | None = None) -> str:
        """Put something into the outbox for somebody; give the row's key."""
        self._pushed += 1
        key = f"weathered:{self._pushed}"
        message = Say(Phrase("button.name", {"nimi": text}), buttons)

        def add(store: Store) -> None:
            reader = store.people.find(place)
            assert reader is not None
            store.outbox.push(reader, key, message, now=now or datetime.now(UTC))

        await self.write(add)
        return key

    async def close(self) -> None:
        await self._stack.aclose()


@pytest.fixture
async def house(synapse: Synapse, weather: Weather, tmp_path: Path, content: Path) -> AsyncIterator[House]:
    house = House(synapse, weather, tmp_path, content)
    try:
        yield house
    finally:
        await house.close()


def fate(store: Store, key: str) -> tuple[int, str | None]:
    """Give a row's state and the reason of its end."""
    columns = models.outbox.c
    state, reason = store.run(select(columns.state, columns.reason).where(columns.key == key)).one()
    return state, reason


def is_active(store: Store, place: Place) -> bool:
    """Is something pushed there?"""
    found = store.people.find(place)
    return found is not None and found.state == "active"


def private(person: Person | User) -> Place:
    user = person.user if isinstance(person, Person) else person
    return Place("matrix", user.user_id)


async def until(holds: Callable[[], bool], within: float) -> None:
    async with asyncio.timeout(within):
        while not holds():
            await asyncio.sleep(0.05)


async def timed(work: Coroutine[Any, Any, object]) -> float:
    loop = asyncio.get_running_loop()
    begun = loop.time()
    await work
    return loop.time() - begun


# ---- invitations ------------------------------------------------------------------------------------


async def spams(synapse: Synapse, bot: str, accounts: Sequence[Account], rooms: int) -> None:
    """Let each of them invite the bot to so many rooms, every second of which is a room of two."""

    def invite(account: Account) -> None:
        for number in range(rooms):
            more = {"name": f"Huone {number}"} if number % 2 else {"is_direct": True}
            body = {"preset": "private_chat", "invite": [bot], **more}
            synapse.call("POST", "/_matrix/client/v3/createRoom", body, token=account.token)

    await asyncio.gather(*(asyncio.to_thread(invite, account) for account in accounts))


@pytest.mark.parametrize(
    ("spammers", "rooms"),
    [(4, 15), pytest.param(20, 50, marks=[pytest.mark.soak, pytest.mark.timeout(900)])],
)
async def test_spam_invitations_delay_no_push_and_no_newcomer(house: House, spammers: int, rooms: int):
    spam = [house.synapse.newcomer("spammer") for _ in range(spammers)]
    hostile = spam[: spammers // 4]
    poster = await house.user("newcomer")
    async with house.runs():
        anna = await house.person()
    welcome = [anna.user.user_id, poster.user_id, *(each.user_id for each in spam if each not in hostile)]
    await spams(house.synapse, house.bot.user_id, spam, rooms)
    delays: list[float] = []
    refused, joined = len(hostile) * rooms, (spammers - len(hostile)) * rooms

    def is_worked_off() -> bool:
        return house.weather.asked("/leave", "POST") >= refused and house.weather.asked("/join/") > joined

    async with house.runs(matrix_allow=tuple(welcome)):
        newcomer = asyncio.create_task(timed(poster.opens_private_room(house.bot.user_id)))
        while not is_worked_off():
            await house.push(private(anna), f"Muistutus {len(delays)}.")
            delays.append(await timed(anna.hears_of(f"Muistutus {len(delays)}.", within=AT_MOST)))
            await asyncio.sleep(0.3)
        waited = await newcomer

    assert len(delays) > 2
    assert max(delays) < AT_MOST
    assert waited < AT_MOST


# ---- outages ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "seconds", [2, pytest.param(180, marks=[pytest.mark.soak, pytest.mark.timeout(600)])]
)
async def test_nothing_is_lost_while_the_homeserver_is_down_and_it_resumes_by_itself(
    house: House, seconds: float
):
    async with house.runs():
        anna, poster = await house.person(), await house.user("newcomer")
        await house.weather.goes_down()
        await house.push(private(anna), "Muistutus")
        await anna.says("apua")
        room = await poster.opens_private_room(house.bot.user_id, awaited=False)
        await asyncio.sleep(seconds)
        await anna.user.hears_nothing(anna.room, during=MOMENT)
        await house.weather.comes_back()
        heard: list[str] = []

        async def hear_all() -> None:
            heard.extend([(await anna.hears()).body, (await anna.hears()).body])
            await poster.hears(room, MESSAGE)

        took = await timed(hear_all())
        await anna.user.hears_nothing(anna.room)

    assert "Muistutus" in heard
    assert took < AT_MOST


# ---- what is large ----------------------------------------------------------------------------------


async def test_an_event_just_below_the_limit_is_read_and_keeps_nobody_waiting(house: House):
    async with house.runs():
        anna, berit = await house.person(), await house.person("berit", encrypted=False)
        with pytest.raises(RefusedError):
            await berit.user.says(berit.room, "hei", formatted_body="x" * EVENT_LIMIT)
        said = await berit.user.says(berit.room, "apua", formatted_body="<b>" * (EVENT_LIMIT // 3 - 300))
        helped = await berit.hears()
        await berit.user.edits(said, "ä" * (EVENT_LIMIT // 5))
        edited = await berit.hears()
        await anna.says("💬" * 4000)  # twelve bytes each in the JSON that is encrypted
        puzzled = await anna.hears()
        asked = await anna.asks("apua")

    assert "liian pitkä" in edited.body
    assert puzzled.body.startswith("En ymmärtänyt.")
    assert asked.body == helped.body


async def test_our_longest_messages_arrive_and_one_that_is_too_large_is_given_up(house: House):
    async with house.runs():
        anna = await house.person()
        label = "Ä" * 64
        buttons = [button("button.name", "home", nimi=f"{number} {label}") for number in range(8)]
        await house.push(private(anna), "💬" * 4000, *buttons)
        heard = [await anna.hears(), await anna.hears()]
        house.weather.fails("/send/m.room", 413, code="M_TOO_LARGE", times=None)
        large = await house.push(private(anna), "Liian suuri")
        refused = await eventually(house.app, lambda store: fate(store, large)[0] == FAILED)
        attempts = [each.status for each in house.weather.log].count(413)
        house.weather.clears_up()
        await house.push(private(anna), "Seuraava")
        following = await anna.hears()

    assert sum(each.body.count("💬") for each in heard) == 4000
    assert heard[-1].body.count(label) == 8
    assert (refused, attempts, following.body) == (True, 1, "Seuraava")


# ---- votes ------------------------------------------------------------------------------------------


async def votes_on(house: House, asked: int, name: str) -> tuple[Person, Heard]:
    """Let somebody who belongs to the group have a poll before them."""
    person = await house.person(name)

    def subscribe(store: Store) -> None:
        known = store.people.find(private(person))
        assert known is not None
        store.subscriptions.add(known.id, "ryhma")

    await house.write(subscribe)
    return person, await asked_of(person, asked)


async def asked_of(person: Person, asked: int) -> Heard:
    await person.asks(f"!kysely {asked}")
    return await person.hears(POLL_START)


async def opened(house: House, poll: str) -> int:
    """Open a round before anybody could be invited to it."""
    now = datetime.now(UTC)

    def open_it(store: Store) -> int:
        asked = store.polls.open(poll, f"weathered {poll}", now=now, closes=now + LONG_AFTER)
        assert asked is not None
        return asked.id

    asked = await house.write(open_it)
    await eventually(
        house.app,
        lambda store: (found := store.polls.get(asked)) is not None and found.inviting is None,
    )
    return asked


async def test_the_ballots_are_what_people_last_said_before_the_end_and_no_strangers(house: House):
    async with house.runs():
        asked, other = await opened(house, POLL), await opened(house, ANOTHER_POLL)
        ready = await asyncio.gather(
            *(votes_on(house, asked, name) for name in ("anna", "berit", "carla", "dora", "edda", "frida"))
        )
        (anna, annas), (berit, berits), (carla, _), (dora, doras), (edda, eddas), (frida, fridas) = ready

        async def votes(person: Person, poll: Heard, *labels: str) -> Heard:
            vote = await person.user.votes(poll, *(poll.answers[label] for label in labels))
            await person.hears()  # thanks
            return vote

        async def votes_twice() -> None:
            await votes(anna, annas, "Lautapelejä", "Leivotaan")  # the first counts
            await votes(anna, annas, "Kävelylle")

        async def takes_it_back() -> None:
            vote = await votes(berit, berits, "Lautapelejä")
            await berit.user.redacts(vote)
            await berit.hears()  # that it is none now

        async def edits_it() -> None:
            said = await carla.says("2")
            await carla.hears()
            await carla.user.edits(said, "3")
            await carla.hears()

        async def votes_for_another_poll() -> None:
            others = await asked_of(dora, other)
            await dora.user.votes(doras, next(iter(others.answers.values())))
            await dora.user.votes(others, next(iter(doras.answers.values())))
            await dora.user.hears_nothing(dora.room, MESSAGE)

        async def lets_a_stranger_vote() -> None:
            stranger = await house.user("stranger")
            await edda.user.invites(edda.room, stranger.user_id)
            await stranger.joins_when_invited()
            await stranger.votes(eddas, eddas.answers["Lautapelejä"])
            await edda.user.votes(eddas, eddas.answers["Lautapelejä"])
            await edda.user.hears_nothing(edda.room, during=1.0)

        await asyncio.gather(
            votes_twice(), takes_it_back(), edits_it(), votes_for_another_poll(), lets_a_stranger_vote()
        )
        now = datetime.now(UTC)
        counts = await house.write(lambda store: dict(store.polls.close(asked, now=now)))
        others = await house.write(lambda store: dict(store.polls.close(other, now=now)))
        await frida.user.votes(fridas, fridas.answers["Lautapelejä"])
        late = await frida.hears()
        kept = await house.read(lambda store: store.polls.get(asked))

    assert {option: number for option, number in counts.items() if number} == {"kavely": 1, "leivonta": 1}
    assert sum(others.values()) == 0
    assert late.body.startswith("Tämä kysely on jo sulkeutunut.")
    assert kept is not None
    assert dict(kept.counts or {}) == counts


# ---- devices ----------------------------------------------------------------------------------------


@asynccontextmanager
async def second_device(world: MatrixWorld, user: User) -> AsyncIterator[User]:
    """Log somebody in on one more device; afterwards log that one out."""
    account = await asyncio.to_thread(world.synapse.logs_in, user.account)
    async with User(world.synapse.url, account) as second:
        yield second
        await second.request("POST", "/v3/logout", {})
        second.ears.end = lambda _: None  # its token is refused from now on


async def sends_at_last(world: MatrixWorld, message: Outgoing) -> None:
    """Send as the courier does: again, when it is not known whether it arrived."""
    while True:
        try:
            await world.transport.send(message)
        except Unreachable:
            await asyncio.sleep(MOMENT)
        else:
            return


async def test_a_device_that_logs_in_during_a_send_reads_what_follows_and_none_that_left_is_waited_for(
    world: MatrixWorld,
):
    person = await world.person()
    async with listening(world.transport):
        world.weather.delays("/sendToDevice/", 0.7)
        sending = asyncio.create_task(sends_at_last(world, to(person, "Ennen")))
        await asyncio.sleep(0.2)
        async with second_device(world, person.user) as second:
            await sending
            await asyncio.sleep(MOMENT)
            await world.transport.send(to(person, "Molemmille"))
            heard = [(await person.hears()).text, (await person.hears()).text]
            shown = [await second.hears(person.room, MESSAGE)]
            while shown[-1].body != "Molemmille":
                shown.append(await second.hears(person.room, MESSAGE))
        took = await timed(world.transport.send(to(person, "Yhdelle")))
        heard.append((await person.hears()).text)

    assert heard == ["Ennen", "Molemmille", "Yhdelle"]
    assert all(each.encrypted for each in shown)
    assert took < 1.0


# ---- the clock --------------------------------------------------------------------------------------


async def test_a_clock_that_jumps_by_hours_changes_nothing_of_what_is_heard_and_said(
    house: House, monkeypatch: pytest.MonkeyPatch
):
    ahead = timedelta()
    monkeypatch.setattr("bot.app.now", lambda: datetime.now(UTC) + ahead)
    async with house.runs():
        anna = await house.person()
        heard = []
        for jump in (LONG_AFTER, timedelta(), -LONG_AFTER, timedelta()):
            heard.append((await anna.asks("apua")).body)
            house.weather.throttles("/send/m.room", 150)
            await house.push(private(anna), "Muistutus", now=datetime.now(UTC) + ahead)
            await asyncio.sleep(0.05)  # it was refused once, and waits
            ahead = jump
            heard.append((await anna.hears()).body)

    assert heard == [heard[0], "Muistutus"] * 4


# ---- rooms that throw it out ------------------------------------------------------------------------


async def test_whoever_throws_it_out_hears_no_more_and_all_others_do(house: House):
    async with house.runs():
        anna, cecilia = await house.person(), await house.person("cecilia")

        def promote(store: Store) -> None:
            known = store.people.find(private(anna))
            assert known is not None
            store.people.set_role(known.id, "organizer")

        await house.write(promote)
        gone = await house.person("dora")
        groups = []
        for name in ("Kieltävä", "Suljettu"):
            room = await anna.user.creates_room([house.bot.user_id], encrypted=True, name=name)
            await anna.user.hears(room, MESSAGE)
            groups.append(Place("matrix", room, "group"))
        banned, shut = groups
        await anna.user.request("POST", f"/v3/rooms/{banned.address}/ban", {"user_id": house.bot.user_id})
        await asyncio.to_thread(house.synapse.shuts_room, shut.address)
        await asyncio.to_thread(house.synapse.deactivates, gone.user.user_id)
        gone.user.ears.end = lambda _: None  # nobody listens there any more
        known = [banned, private(gone)]
        await eventually(house.app, lambda store: not any(is_active(store, each) for each in known))
        keys = [await house.push(each, "Sinne ei") for each in (shut, private(gone))]
        await house.push(private(cecilia), "Tänne kyllä")
        heard = await cecilia.hears()
        ends = [(FAILED, "kicked"), (DROPPED, "silent")]
        await eventually(house.app, lambda store: [fate(store, key) for key in keys] == ends)
        active = await house.read(lambda store: [is_active(store, each) for each in (banned, shut)])

    assert heard.body == "Tänne kyllä"
    assert active == [False, False]


async def test_whoever_threw_it_out_a_moment_ago_is_silent_for_the_right_reason(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        banned, shut = await world.group(person), await world.group(person)
        await ears.hear(2)
    await person.user.request("POST", f"/v3/rooms/{banned.room}/ban", {"user_id": world.bot})
    await asyncio.to_thread(world.synapse.shuts_room, shut.room)
    reasons = []
    for place in (banned.place, shut.place):
        with pytest.raises(Silent) as silent:
            await world.transport.send(to(place, "Hei"))
        reasons.append(silent.value.reason)

    assert reasons == ["kicked", "kicked"]


# ---- media ------------------------------------------------------------------------------------------


async def test_a_picture_that_is_not_there_is_answered_kindly_and_our_own_file_arrives_once(house: House):
    async with house.runs():
        anna = await house.person()
        broken = {"msgtype": "m.image", "info": {"mimetype": "image/png"}}
        for address in ("mxc://localhost/nowhere", "mxc://", "https://a.example/x.png"):
            await anna.user.says(anna.room, "kuva.png", url=address, **broken)
        told = [(await anna.hears()).body for _ in range(3)]
        house.weather.fails("/media/", 502)
        await anna.says("tietoni")
        text, file = await anna.hears(), await anna.hears()
        data = await anna.user.reads_file(file)
        await anna.user.hears_nothing(anna.room)

    assert all(each.startswith("En osaa avata tätä.") for each in told)
    assert text.msgtype == "m.text"
    assert file.msgtype == "m.file"
    assert data.startswith(b"{")


# ---- scale and versions -----------------------------------------------------------------------------


@pytest.mark.soak
@pytest.mark.timeout(900)
async def test_five_hundred_rooms_are_found_again_and_none_is_asked_for_by_itself(house: House):
    crowd = [house.synapse.newcomer("crowd") for _ in range(10)]
    async with house.runs():
        anna = await house.person()
        await spams(house.synapse, house.bot.user_id, crowd, 50)
        await until(lambda: house.weather.asked("/join/") > 500, 300)
        await asyncio.sleep(5)
    del house.weather.log[:]
    await anna.says("apua")
    loop = asyncio.get_running_loop()
    begun = loop.time()
    async with house.runs():
        await anna.hears(within=60)
        took = loop.time() - begun
        await asyncio.sleep(10)
        asked = [each.path for each in house.weather.log]

    assert took < 10.0
    assert len(asked) < 30, sorted(set(asked))


async def test_private_rooms_of_any_version_serve(house: House):
    async def is_told(version: str) -> Heard:
        anna = await house.person(room_version=version)
        await anna.asks("aloita")
        return await anna.asks("seuraava")

    async with house.runs():
        answers = await asyncio.gather(*map(is_told, ("10", "11", "12")))

    assert all(each.encrypted for each in answers)
    assert all("Yksinäisyysryhmä" in each.body for each in answers)
