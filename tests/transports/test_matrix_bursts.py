"""What comes in from Matrix while much of ours is on its way: we ask for what others do, and miss nothing of it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import pytest

from tests.servers.synapse import Synapse
from tests.transports.contract import Ears, listening, to
from tests.transports.matrix_world import MatrixPerson, MatrixWorld, matrix_world

BURST = 4.0  # seconds that it lasts
OTHERS_ONLY = "not_senders"  # stands in the question of a sync that leaves out what is ours


@pytest.fixture
async def world(synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixWorld]:
    async with matrix_world(synapse, tmp_path) as world:
        yield world


@contextlib.asynccontextmanager
async def burst(world: MatrixWorld, people: Sequence[MatrixPerson]) -> AsyncIterator[list[bytes]]:
    """Say something to everybody, slowly to all but the last; give what is answered to who asks for others only."""
    given: list[bytes] = []

    def seen(answer: bytes) -> bytes:
        given.append(answer)
        return answer

    world.weather.garbles(OTHERS_ONLY, seen, times=None)
    for each in people[:-1]:
        world.weather.delays(f"{each.room}/send/", BURST)
    sending = [asyncio.create_task(world.transport.send(to(each, "Tiedote"))) for each in people]
    async with asyncio.timeout(BURST):
        while not given:
            await asyncio.sleep(0.05)
    yield given
    assert not all(each.done() for each in sending), "the burst did not last until the end"
    await asyncio.gather(*sending)


async def crowd(world: MatrixWorld, ears: Ears) -> list[MatrixPerson]:
    """Let some people come by, and nothing be on its way any more."""
    people = [await world.person_by(ears) for _ in range(4)]
    for each in people:
        await world.transport.send(to(each, "Hei"))
        await each.hears()
    return people


async def test_others_are_heard_in_a_burst_and_what_is_ours_does_not_come_back(world: MatrixWorld):
    async with listening(world.transport) as ears:
        people = await crowd(world, ears)
        async with burst(world, people) as given:
            await people[0].says("yksi")
            await people[-1].says("kaksi")
            heard = await ears.hear(len(people) + 2)
    came_back = any(f'"sender":"{world.bot}"'.encode() in each for each in given)

    assert {(each.where, each.text) for each in heard[len(people) :]} == {
        (people[0].place, "yksi"),
        (people[-1].place, "kaksi"),
    }
    assert not came_back


async def test_what_was_said_before_we_came_is_not_ours_in_a_burst_either(world: MatrixWorld):
    async with listening(world.transport) as ears:
        people = await crowd(world, ears)
        user = await world.user()
        async with burst(world, people):
            room = await user.opens_private_room(world.bot, encrypted=False, awaited=False)
            await user.says(room, "ennen")
            await ears.hear(len(people) + 1)
            await user.says(room, "jälkeen")
            heard = await ears.hear(len(people) + 2)

    assert [each.text for each in heard[len(people) :]] == ["/aloita", "jälkeen"]


async def test_somebody_new_is_written_to_in_a_burst(world: MatrixWorld):
    async with listening(world.transport) as ears:
        people = await crowd(world, ears)
        user = await world.user()
        async with burst(world, people):
            room = await user.opens_private_room(world.bot, awaited=False)
            await ears.hear(len(people) + 1)
            where = ears.of_concern[-1].where
            await world.transport.send(to(where, "Tervetuloa"))
            heard = await user.hears(room, "m.room.message")

    assert (heard.body, heard.encrypted) == ("Tervetuloa", True)
