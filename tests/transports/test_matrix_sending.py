"""What goes out to Matrix: once, encrypted where people rely on it, also when server and network misbehave."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from bot.errors import Refused, Silent, Throttled, TransportStopped, Unreachable
from bot.messages import Lane, Outgoing, Place, ShownPicture
from bot.transports.matrix_http import LOGGED_OUT
from tests.servers.synapse import Synapse
from tests.transports.contract import Ears, listening, to
from tests.transports.matrix_world import MatrixWorld, matrix_world


@pytest.fixture
async def world(synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixWorld]:
    async with matrix_world(synapse, tmp_path) as world:
        yield world


async def test_a_message_whose_answer_was_lost_arrives_once(world: MatrixWorld):
    person = await world.person()
    message = to(person, "Vain kerran")
    async with listening(world.transport):
        world.weather.loses_answer("/send/m.room", times=None)
        with pytest.raises(Unreachable):
            await world.transport.send(message)
        first = await person.user.hears(person.room, "m.room.message")
    world.weather.clears_up()
    await world.restart()
    async with listening(world.transport):
        again = await world.transport.send(message)
        await person.user.hears_nothing(person.room, "m.room.message")

    assert again == first.event_id


async def test_a_message_goes_when_its_keys_could_not_be_shared_at_first(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport):
        world.weather.throttles("/sendToDevice/", retry_after_ms=100)
        with pytest.raises((Throttled, Unreachable)):
            await world.transport.send(to(person, "yksi"))
        await world.transport.send(to(person, "kaksi"))
        heard = await person.user.hears(person.room, "m.room.message", "m.room.encrypted")

    assert (heard.body, heard.encrypted) == ("kaksi", True)


async def test_keys_that_cannot_be_claimed_are_no_reason_to_speak_in_the_clear(world: MatrixWorld):
    person = await world.person()
    world.weather.fails("/keys/claim", 500, times=None)
    async with listening(world.transport):
        with pytest.raises(Unreachable):
            await world.transport.send(to(person, "salaisuus"))
        await person.user.hears_nothing(person.room, "m.room.message", "m.room.encrypted")


async def test_a_server_restarted_in_mid_send_hears_it_once(tmp_path: Path):
    own_synapse = Synapse(tmp_path)
    await asyncio.to_thread(own_synapse.start)
    try:
        async with matrix_world(own_synapse, tmp_path) as world:
            await restarts_in_mid_send(world, own_synapse)
    finally:
        await asyncio.to_thread(own_synapse.stop)


async def restarts_in_mid_send(world: MatrixWorld, own_synapse: Synapse) -> None:
    person = await world.person()
    async with listening(world.transport) as ears:
        message = to(person, "Kerran")
        world.weather.delays("/send/m.room", 0.5)
        sending = asyncio.create_task(world.transport.send(message))
        await asyncio.sleep(0.3)
        await asyncio.to_thread(own_synapse.kill)
        with pytest.raises(Unreachable):
            await sending
        await asyncio.to_thread(own_synapse.start)
        begun = asyncio.get_running_loop().time()
        await world.transport.send(message)
        heard = await person.user.hears(person.room, "m.room.message")
        await person.says("kuuletko")
        await ears.hear()
        took = asyncio.get_running_loop().time() - begun
        await person.user.hears_nothing(person.room, "m.room.message")

    assert heard.body == "Kerran"
    assert took < 5.0


async def test_a_room_that_is_not_there_is_silent(world: MatrixWorld):
    async with listening(world.transport):
        with pytest.raises(Silent):
            await world.transport.send(to(Place("matrix", "!nowhere:localhost", "group"), "Hei"))


async def test_a_group_that_does_not_let_us_write_refuses(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        room = await person.user.creates_room([world.bot], encrypted=True, announcement=True)
        await ears.hear()
        with pytest.raises(Refused):
            await world.transport.send(to(Place("matrix", room, "channel"), "Hei"))


async def test_somebody_we_never_met_gets_an_encrypted_room_of_their_own(world: MatrixWorld):
    user = await world.user("newcomer")
    async with listening(world.transport):
        await world.transport.send(to(Place("matrix", user.user_id), "Yksityisesti"))
        room = await user.joins_when_invited(world.bot)
        heard = await user.hears(room, "m.room.message")
        await world.transport.send(to(Place("matrix", user.user_id), "Samassa huoneessa"))
        more = await user.hears(room, "m.room.message")

    assert [(each.body, each.encrypted) for each in (heard, more)] == [
        ("Yksityisesti", True),
        ("Samassa huoneessa", True),
    ]


async def test_what_people_must_notice_is_no_notice(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        group = await world.group(person)
        await ears.hear()
        reply = to(group.place, "Vastaus")
        await world.transport.send(reply)
        await world.transport.send(
            Outgoing(key="reminder:1", where=group.place, text="Muistutus", lane=Lane.REMINDER)
        )
        heard = [await group.other.hears(group.room, "m.room.message") for _ in range(2)]

    assert [(each.body, each.msgtype) for each in heard] == [("Vastaus", "m.notice"), ("Muistutus", "m.text")]


async def test_a_revoked_token_stops_it_with_a_clear_line(world: MatrixWorld, synapse: Synapse):
    await world.restart(password=None, token=world.account.token)
    async with listening(world.transport) as ears:
        await world.person_by(ears)
    synapse.revokes(world.account)
    with pytest.raises(TransportStopped) as stopped:
        await world.transport.receive(Ears().accept)

    assert stopped.value.fault.where == "VERTTI_MATRIX_TOKEN"
    assert world.weather.asked("/sync") < 30


async def test_a_device_that_was_logged_out_stops_it_until_it_is_started_again(
    world: MatrixWorld, synapse: Synapse
):
    person = await world.person()
    token = world.transport._account.device.access_token
    synapse.call("POST", "/_matrix/client/v3/logout", {}, token=token)
    with pytest.raises(TransportStopped) as stopped:
        await world.transport.receive(Ears().accept)
    await world.restart()
    async with listening(world.transport):
        await world.transport.send(to(person, "Taas täällä"))
        heard = await person.user.hears(person.room, "m.room.message")

    assert stopped.value.fault == LOGGED_OUT
    assert heard.body == "Taas täällä"


async def test_one_login_ever(world: MatrixWorld):
    await world.person()
    for _ in range(3):
        await world.restart()
        async with listening(world.transport):
            await asyncio.sleep(0.2)

    assert world.weather.asked("/login", "POST") == 1


async def test_a_lost_key_store_is_noticed_told_and_recovered_from(world: MatrixWorld):
    person = await world.person()
    await world.transport.close()
    for path in (world.folder / "matrix").glob("*.db*"):
        path.unlink()
    await world.restart()
    async with listening(world.transport) as ears:
        await world.transport.send(to(person, "Uusilla avaimilla"))
        heard = await person.user.hears(person.room, "m.room.message")
        await person.says("toimii")
        answer = await ears.hear()

    assert [each.key for each in world.told] == ["matrix.keys_lost"]
    assert (heard.body, heard.encrypted) == ("Uusilla avaimilla", True)
    assert answer[0].text == "toimii"


PICTURE = b"\x89PNG\r\n\x1a\n" + b"ovi"


@pytest.mark.parametrize("encrypted", [True, False])
async def test_a_picture_follows_its_text_with_words_for_who_cannot_see_it(
    world: MatrixWorld, tmp_path: Path, *, encrypted: bool
):
    user = await world.user("newcomer")
    path = tmp_path / "ovi.png"
    path.write_bytes(PICTURE)
    async with listening(world.transport) as ears:
        room = await user.creates_room([world.bot], encrypted=encrypted)
        await ears.hear()
        message = to(Place("matrix", user.user_id), "Ovi: sininen")
        await world.transport.send(replace(message, picture=ShownPicture("ovi.png", path, "Kuva ovesta.")))
        text = await user.hears(room)
        shown = await user.hears(room)
        data = await user.reads_file(shown)

    assert (text.body, text.encrypted) == ("Ovi: sininen", encrypted)
    assert (shown.content["msgtype"], shown.body, shown.encrypted) == ("m.image", "Kuva ovesta.", encrypted)
    assert shown.content["info"] == {"mimetype": "image/png", "size": len(PICTURE)}
    assert ("file" in shown.content) == encrypted
    assert data == PICTURE


@pytest.mark.parametrize("code", ["M_TOO_LARGE", ""], ids=["the server", "a proxy"])
async def test_a_picture_that_is_not_there_or_not_taken_keeps_no_text_back(
    world: MatrixWorld, tmp_path: Path, code: str
):
    person = await world.person()
    path = tmp_path / "ovi.png"
    async with listening(world.transport):
        message = to(person, "Ovi: sininen")
        picture = ShownPicture("ovi.png", path, "Kuva ovesta.")
        await world.transport.send(replace(message, picture=picture))
        missing = await person.user.hears(person.room)
        path.write_bytes(PICTURE)
        world.weather.fails("/media/v3/upload", 413, code=code, times=None)
        await world.transport.send(replace(to(person, "Ovi: vihreä"), picture=picture))
        refused = await person.user.hears(person.room)
        await person.user.hears_nothing(person.room, "m.room.message")

    assert (missing.body, refused.body) == ("Ovi: sininen", "Ovi: vihreä")
