"""What somebody who trusts nobody tries on Matrix: rooms that lie, moments that collide, keys that get in the way."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.errors import Throttled, Unreachable
from bot.messages import Place, ShownButton
from bot.transports.matrix_rooms import Room, Rooms
from tests.servers.matrix_user import User
from tests.servers.synapse import Synapse
from tests.transports.contract import MOMENT, listening, to
from tests.transports.matrix_world import MatrixWorld, matrix_world

ME = "@vertti:localhost"
ANNA = "@anna:localhost"
BERIT = "@berit:localhost"
WALK = ShownButton("Kävely", data="vote|walk", answer=True)


@pytest.fixture
async def world(synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixWorld]:
    async with matrix_world(synapse, tmp_path) as world:
        yield world


# ---- rooms that lie ---------------------------------------------------------------------------------


async def claims_to_go_on_for(user: User, old: str, bot: str) -> str:
    """Open a room that says it goes on for another one, which says nothing of it."""
    body = {
        "preset": "private_chat",
        "name": "Ryhmä",
        "invite": [bot],
        "creation_content": {"predecessor": {"room_id": old, "event_id": "$x"}},
    }
    return str((await user.request("POST", "/v3/createRoom", body))["room_id"])


async def test_a_room_that_only_claims_to_go_on_for_a_group_does_not_take_its_place(world: MatrixWorld):
    person = await world.person()
    stranger = await world.user("stranger")
    async with listening(world.transport) as ears:
        group = await world.group(person)
        await ears.hear()
        forged = await claims_to_go_on_for(stranger, group.room, world.bot)
        heard = await ears.hear(2)
        await world.transport.send(to(group.place, "Ryhmälle"))
        there = await group.other.hears(group.room, "m.room.message")

    assert [(each.what, each.where.address) for each in heard] == [("added", group.room), ("added", forged)]
    assert there.body == "Ryhmälle"


async def test_a_group_moves_when_its_end_is_told_after_we_came_into_the_new_one(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        group = await world.group(person)
        await ears.hear()
        new = await claims_to_go_on_for(person.user, group.room, world.bot)
        await ears.hear(2)
        await person.user.sets_state(
            group.room, "m.room.tombstone", {"body": "Muutimme", "replacement_room": new}
        )
        heard = await ears.hear(3)

    assert [(each.what, each.where.address, each.text) for each in heard[2:]] == [("moved", group.room, new)]


def member(user: str, membership: str) -> dict:
    return {"type": "m.room.member", "state_key": user, "sender": user, "content": {"membership": membership}}


@pytest.mark.parametrize("level", ["--5", "9" * 5000, "-", "٣", 1.5, True, None, [], "50 "])
def test_any_power_level_is_read_as_something(level):
    room = Room("!a")
    room.take({
        "type": "m.room.power_levels", "state_key": "",
        "content": {"users_default": level, "events_default": level, "users": {ME: level}, "redact": level},
    })  # fmt: skip

    assert room.kind(ME) in {"group", "private", "channel"}
    assert room.may_redact(ME) in {True, False}


def test_a_group_that_has_shrunk_to_two_is_a_group_after_a_restart_too():
    rooms = Rooms(ME)
    for user, membership in ((ME, "join"), (ANNA, "join"), (BERIT, "leave")):
        rooms.take("!a", member(user, membership))

    assert rooms.opened("!a").kind(ME) == "group"
    assert rooms.private_with(ANNA) is None


@pytest.mark.parametrize("rule", ["public", "restricted", "knock_restricted"])
def test_a_room_of_two_that_others_may_walk_into_is_not_private(rule):
    rooms = Rooms(ME)
    rooms.take("!a", {"type": "m.room.join_rules", "state_key": "", "content": {"join_rule": rule}})
    rooms.take("!a", member(ANNA, "join"))

    assert rooms.private_with(ANNA) is None


def test_a_room_of_two_that_anybody_may_read_is_not_private():
    rooms = Rooms(ME)
    content = {"history_visibility": "world_readable"}
    rooms.take("!a", {"type": "m.room.history_visibility", "state_key": "", "content": content})
    rooms.take("!a", member(ANNA, "join"))

    assert rooms.private_with(ANNA) is None


# ---- moments that collide ---------------------------------------------------------------------------


async def test_what_is_private_stays_unsaid_where_a_third_person_comes_in_while_keys_are_shared(
    world: MatrixWorld,
):
    person = await world.person()
    third = await world.user("third")
    async with listening(world.transport) as ears:
        world.weather.delays("/keys/claim", 1.0)
        world.weather.delays("/sendToDevice/", 1.0)
        sending = asyncio.create_task(world.transport.send(to(person, "Vain sinulle", WALK)))
        await asyncio.sleep(0.3)
        await person.user.invites(person.room, third.user_id)
        await ears.hear()
        with pytest.raises(Unreachable):
            await sending
        await person.user.hears_nothing(person.room, "m.room.message", "m.room.encrypted")


async def test_a_poll_is_not_asked_where_a_third_person_came_in_after_its_text(world: MatrixWorld):
    person = await world.person()
    third = await world.user("third")
    async with listening(world.transport) as ears:
        await world.transport.send(to(person, "Hei"))  # the keys are shared
        await person.hears()
        world.weather.delays("/send/m.room.encrypted", 0.7)
        sending = asyncio.create_task(world.transport.send(to(person, "Kumpi?", WALK)))
        await asyncio.sleep(0.2)
        await person.user.invites(person.room, third.user_id)
        await ears.hear()
        with pytest.raises(Unreachable):
            await sending
        await person.user.hears_nothing(person.room, "org.matrix.msc3381.poll.start")


async def test_whoever_comes_into_a_group_while_its_keys_are_shared_reads_what_follows(world: MatrixWorld):
    person = await world.person()
    late = await world.user("late")
    async with listening(world.transport) as ears:
        group = await world.group(person)
        await ears.hear()
        world.weather.delays("/sendToDevice/", 1.0, times=None)
        sending = asyncio.create_task(world.transport.send(to(group.place, "Ennen")))
        await asyncio.sleep(0.2)
        await person.user.invites(group.room, late.user_id)
        await late.joins_when_invited()
        await asyncio.wait([sending])
        world.weather.clears_up()
        message = to(group.place, "Jälkeen")
        await world.transport.send(message)
        heard = await late.hears(group.room, "m.room.message", "m.room.encrypted")
        while heard.type != "m.room.message":
            heard = await late.hears(group.room, "m.room.message", "m.room.encrypted")

    assert heard.body == "Jälkeen"


async def test_keys_that_could_not_be_claimed_once_do_not_close_a_room_for_ever(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport):
        crypto = world.transport._account.crypto
        crypto._client.sharing_session[person.room] = asyncio.Event()  # as nio leaves it behind
        await world.transport.send(to(person, "Kuuluuko?"))
        heard = await person.hears()

    assert heard.text == "Kuuluuko?"


async def test_whoever_leaves_one_of_two_private_rooms_is_still_there(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        second = await person.user.opens_private_room(world.bot)
        await ears.hear()
        await person.user.leaves(person.room)
        await person.user.says(second, "täällä")
        heard = await ears.hear(2)
        await world.transport.send(to(person, "Hyvä"))
        answer = await person.user.hears(second, "m.room.message")

    assert [(each.what, each.text) for each in heard] == [("text", "/aloita"), ("text", "täällä")]
    assert answer.body == "Hyvä"


async def test_whoever_left_and_asks_in_a_group_is_answered_in_a_new_private_room(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        group = await world.group(person)
        await person.user.leaves(person.room)
        await ears.until(lambda ears: any(each.what == "removed" for each in ears.taken))
        await person.user.says(group.room, "!tietoni")
        await ears.until(lambda ears: any(each.text == "!tietoni" for each in ears.taken))
        sending = asyncio.create_task(world.transport.send(to(person, "Tässä")))
        room = await person.user.joins_when_invited(world.bot)
        heard = await person.user.hears(room, "m.room.message")
        await sending

    assert heard.body == "Tässä"


# ---- what stands in the way of everybody ------------------------------------------------------------


@pytest.mark.parametrize("event", ["$\u0000", "hei", "$ä", "$a b"])
async def test_an_event_id_that_none_is_asks_the_homeserver_nothing(world: MatrixWorld, event: str):
    person = await world.person()
    async with listening(world.transport) as ears:
        world.weather.fails("/event/", 500, times=None)
        relation = {"m.relates_to": {"m.in_reply_to": {"event_id": event}}}
        await person.user.says(person.room, "vastaus", **relation)
        await person.says("hei")
        await ears.until(lambda ears: any(each.text == "hei" for each in ears.taken))


async def test_a_homeserver_that_cannot_find_one_event_keeps_nobody_waiting_for_long(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        world.weather.fails("/event/", 500, times=None)
        await person.user.says(person.room, "1", **{"m.relates_to": {"m.in_reply_to": {"event_id": "$abc"}}})
        await person.says("hei")
        await ears.until(lambda ears: any(each.text == "hei" for each in ears.taken))


async def test_a_history_that_is_refused_keeps_nobody_waiting(world: MatrixWorld):
    person = await world.person()
    for number in range(105):
        await person.says(f"{number}")
    world.weather.fails("/messages", 403, times=None, code="M_FORBIDDEN")
    async with listening(world.transport) as ears:
        heard = await ears.hear(100)

    assert heard[-1].text == "104"


async def test_a_place_that_the_homeserver_does_not_know_is_given_up(world: MatrixWorld):
    person = await world.person()
    name = world.transport._bookmark
    await world.transport.close()
    await world.database.write(lambda store: store.books.set_bookmark(name, "nonsense"))
    await world.restart()
    async with listening(world.transport) as ears:
        await person.says("hei")
        await ears.until(lambda ears: any(each.text == "hei" for each in ears.taken))


async def may_write(world: MatrixWorld, switch: str) -> None:
    """Let the key store be written, or not."""
    database = world.transport._account.crypto._client.store.database

    async def say() -> None:
        database.execute_sql(f"pragma query_only = {'off' if switch == 'on' else 'on'}")

    await world.transport._aside.do(say())


async def test_a_key_store_that_cannot_be_written_is_waited_for(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        await may_write(world, "off")
        with pytest.raises(Unreachable):
            await world.transport.send(to(person, "Ei vielä"))
        await person.says("hei")
        await asyncio.sleep(MOMENT)
        await may_write(world, "on")
        await ears.until(lambda ears: any(each.text == "hei" for each in ears.taken))
        await world.transport.send(to(person, "Nyt"))
        heard = await person.hears()

    assert heard.text == "Nyt"


@pytest.mark.parametrize("what", ["/keys/query", "/keys/upload", "/keys/claim", "/sendToDevice"])
async def test_keys_that_a_homeserver_cannot_handle_keep_nobody_from_being_heard(
    world: MatrixWorld, what: str
):
    person = await world.person()
    world.weather.fails(what, 500, times=None)
    async with listening(world.transport) as ears:
        await world.user("another")
        await person.says("hei")
        heard = await ears.hear()

    assert heard[0].text == "hei"


async def test_the_limit_of_messages_is_the_accounts_and_that_of_new_rooms_is_not(world: MatrixWorld):
    person = await world.person()
    newcomer = await world.user("newcomer")
    async with listening(world.transport):
        world.weather.throttles("/send/m.room", 2000)
        with pytest.raises(Throttled) as sending:
            await world.transport.send(to(person, "Hei"))
        world.weather.throttles("/createRoom", 60_000)
        with pytest.raises(Throttled) as opening:
            await world.transport.send(to(Place("matrix", newcomer.user_id), "Hei"))

    assert [(each.value.seconds, each.value.whose) for each in (sending, opening)] == [
        (2, "account"),
        (60, "place"),
    ]


async def test_a_homeserver_that_is_full_for_now_is_waited_for(world: MatrixWorld):
    person = await world.person()
    world.weather.fails("/send/m.room", 403, code="M_RESOURCE_LIMIT_EXCEEDED")
    async with listening(world.transport):
        with pytest.raises(Unreachable):
            await world.transport.send(to(person, "Hei"))


# ---- invitations ------------------------------------------------------------------------------------


async def test_somebody_who_invites_to_many_rooms_at_once_sees_us_in_all(world: MatrixWorld):
    person = await world.person()
    rooms = [
        await person.user.creates_room([world.bot], name=f"{number}", awaited=False) for number in range(6)
    ]
    async with listening(world.transport) as ears:
        heard = await ears.hear(6)

    assert {each.where.address for each in heard} == set(rooms)


async def test_a_room_that_cannot_be_joined_holds_up_no_other(world: MatrixWorld):
    bad, good = await world.user("bad"), await world.user("good")
    async with listening(world.transport) as ears:
        await asyncio.sleep(0.5)
        room = await bad.opens_private_room(world.bot, encrypted=False, awaited=False)
        world.weather.fails(f"/join/{room}", 502, times=None)
        await asyncio.sleep(0.2)
        begun = asyncio.get_running_loop().time()
        await good.opens_private_room(world.bot, encrypted=False, awaited=False)
        await ears.hear()
        took = asyncio.get_running_loop().time() - begun

    assert took < 2.0


async def test_an_invitation_outlasts_minutes_without_a_homeserver(world: MatrixWorld, monkeypatch):
    monkeypatch.setattr("bot.transports.matrix_invitations.FIRST_PAUSE", 0.001)
    user = await world.user()
    async with listening(world.transport) as ears:
        await asyncio.sleep(0.5)
        world.weather.cuts("/join/", times=None)
        world.weather.cuts("/whoami", times=None)
        await user.opens_private_room(world.bot, awaited=False)
        await asyncio.sleep(1.0)
        world.weather.clears_up()
        heard = await ears.hear()

    assert heard[0].where == Place("matrix", user.user_id)


# ---- names ------------------------------------------------------------------------------------------


async def test_an_account_with_a_slash_in_its_name_keeps_its_keys_in_the_folder(
    world: MatrixWorld, synapse: Synapse
):
    world.account = synapse.newcomer("ver/tti")
    world.bot = world.account.user_id
    await world.restart()
    person = await world.person()
    await world.restart()
    async with listening(world.transport) as ears:
        await world.transport.send(to(person, "Avaimet ovat tallella"))
        heard = await person.user.hears(person.room, "m.room.message")
        await person.says("niin ovat")
        answer = await ears.hear()
    kept = {path.suffix for path in (world.folder / "matrix").iterdir()}

    assert (heard.body, heard.encrypted, answer[0].text) == ("Avaimet ovat tallella", True, "niin ovat")
    assert {".db", ".ignored_devices"} <= kept
    assert not any(path.is_dir() for path in (world.folder / "matrix").iterdir())


# ---- what is over -----------------------------------------------------------------------------------


async def test_nothing_is_remembered_of_a_room_we_are_not_in_any_more(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        group = await world.group(person)
        await ears.hear()
        menu = ShownButton("Alkuun", data="home|")
        for place in (group.place, person.place):
            await world.transport.send(to(place, "Mitä tehdään?", menu))
        await person.user.kicks(group.room, world.bot)
        await ears.hear(2)
        account = world.transport._account
        await asyncio.sleep(MOMENT)

    assert group.room not in account.rooms
    assert group.room not in account._at_hand
    assert not account._opening
    assert group.room not in account.crypto._client.rooms
