"""Whatever anybody writes into a room, and whatever a homeserver answers: nobody else is kept waiting by it."""

import asyncio
import json
import random
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from tests.servers.synapse import RefusedError, Synapse
from tests.transports.contract import listening, to
from tests.transports.matrix_world import MatrixPerson, MatrixWorld, matrix_world

ROUNDS = 120
SECOND = 1.0
KINDS = (
    "m.room.message", "m.room.message", "m.room.encrypted", "m.reaction", "m.sticker", "m.poll.response", "m.poll.start",
    "org.matrix.msc3381.poll.response", "m.call.invite", "m.call.candidates", "m.key.verification.start",
    "m.room.message.feedback", "fi.example.unknown",
)  # fmt: skip
STATES = (
    "m.room.name", "m.room.topic", "m.room.power_levels", "m.room.join_rules", "m.room.canonical_alias",
    "m.room.encryption", "m.room.tombstone", "m.space.child", "m.room.avatar", "m.room.pinned_events",
)  # fmt: skip
GOOD: tuple[dict[str, Any], ...] = (
    {"msgtype": "m.text", "body": "hei", "m.relates_to": {"rel_type": "m.replace", "event_id": "$x"}, "m.new_content": {"msgtype": "m.text", "body": "hei"}},
    {"msgtype": "m.text", "body": "hei", "m.relates_to": {"m.in_reply_to": {"event_id": "$x"}}, "m.mentions": {"user_ids": ["@x:y"]}},
    {"msgtype": "m.image", "body": "k.png", "url": "mxc://a/b", "info": {"mimetype": "image/png", "size": 3}},
    {"m.relates_to": {"rel_type": "m.annotation", "event_id": "$x", "key": "1️⃣"}},
    {"m.relates_to": {"rel_type": "m.reference", "event_id": "$x"}, "m.selections": ["a"], "org.matrix.msc3381.poll.response": {"answers": ["a"]}},
    {"algorithm": "m.megolm.v1.aes-sha2", "ciphertext": "AwgAEnAC", "device_id": "D", "sender_key": "k", "session_id": "s"},
    {"algorithm": "m.olm.v1.curve25519-aes-sha2", "ciphertext": {"k": {"type": 0, "body": "x"}}, "sender_key": "k"},
)  # fmt: skip


@pytest.fixture
async def world(
    synapse: Synapse, tmp_path: Path, request: pytest.FixtureRequest
) -> AsyncIterator[MatrixWorld]:
    encrypted = getattr(request, "param", "plain") == "encrypted"
    async with matrix_world(synapse, tmp_path, encrypted=encrypted) as world:
        yield world


def junk(dice: random.Random, depth: int = 0) -> Any:
    """Any JSON, most of it short, some of it nested or long."""
    kinds = ["text", "number", "bool", "none"] + ["list", "object"] * (depth < 4)
    match dice.choice(kinds):
        case "text":
            return dice.choice(
                ("", "hei", "!seuraava", "m.text", "\u0000", "ä" * 300, "😀", "$x", "1️⃣", "<b>")
            )
        case "number":
            return dice.choice((0, 1, -1, 2**53 - 1))
        case "bool":
            return dice.choice((True, False))
        case "list":
            return [junk(dice, depth + 1) for _ in range(dice.randint(0, 3))]
        case "object":
            return {
                dice.choice(("body", "msgtype", "x", "event_id")): junk(dice, depth + 1) for _ in range(2)
            }
    return None


def spoilt(dice: random.Random) -> dict[str, Any]:
    """A good content with one place in it made nonsense."""
    content: dict[str, Any] = json.loads(json.dumps(dice.choice(GOOD)))
    place = content
    while True:
        key = dice.choice(list(place))
        if isinstance(place[key], dict) and place[key] and dice.random() < 0.6:
            place = place[key]
            continue
        if dice.random() < 0.3:
            del place[key]
        else:
            place[key] = junk(dice)
        return content


async def is_answered(world: MatrixWorld, person: MatrixPerson, ears: Any) -> float:
    """Say something sensible; give the seconds until it was heard and the answer seen."""
    begun = asyncio.get_running_loop().time()
    said = await person.user.says(person.room, "seuraava")
    await ears.until(lambda ears: any(each.id == said.event_id for each in ears.taken))
    await world.transport.send(to(person, "Vastaus"))
    while (await person.user.hears(person.room, "m.room.message")).body != "Vastaus":
        pass
    return asyncio.get_running_loop().time() - begun


@pytest.mark.parametrize("world", ["plain", "encrypted"], indirect=True)
async def test_events_of_every_malformed_kind_keep_nobody_waiting(world: MatrixWorld):
    dice = random.Random(2026)
    person = await world.person()
    victim = await world.person()
    with capture_logs() as logged:
        async with listening(world.transport) as ears:
            for _ in range(ROUNDS):
                content = spoilt(dice) if dice.random() < 0.8 else junk(dice)
                try:
                    if world.encrypted and isinstance(content, dict) and dice.random() < 0.8:
                        # The homeserver cannot look into it, so that it takes what it would refuse in the clear.
                        await person.user.sends(person.room, dice.choice(KINDS), content)
                    elif dice.random() < 0.85:
                        await person.user.sends_raw(person.room, dice.choice(KINDS), content)
                    else:
                        await person.user.sets_state(person.room, dice.choice(STATES), content)
                except RefusedError:
                    continue  # the homeserver itself did not take it
            took = await is_answered(world, victim, ears)

    assert took < SECOND
    assert [each for each in logged if each["log_level"] == "error"] == []
    assert world.transport.waiting is None


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"<html>Log in</html>",
        b'{"next_batch": 5}',
        b'{"next_batch": "s1", "rooms": []}',
    ],
)
async def test_an_answer_that_is_no_sync_is_waited_out(world: MatrixWorld, answer: bytes):
    person = await world.person()
    world.weather.garbles("/sync", answer, times=1)
    async with listening(world.transport) as ears:
        await person.says("hei")
        heard = await ears.hear()

    assert heard[-1].text == "hei"


def everywhere(value: Any, dice: random.Random, chance: float) -> Any:
    """Give a JSON with nonsense in some places."""
    if dice.random() < chance:
        return junk(dice)
    if isinstance(value, dict):
        return {key: everywhere(each, dice, chance) for key, each in value.items()}
    if isinstance(value, list):
        return [everywhere(each, dice, chance) for each in value]
    return value


async def test_a_sync_with_nonsense_anywhere_stops_nothing(world: MatrixWorld):
    person = await world.person()
    dice = random.Random(7)

    def garble(body: bytes) -> bytes:
        sync = json.loads(body)
        batch = sync.get("next_batch")
        return (
            json.dumps({**everywhere(sync, dice, 0.08), "next_batch": batch}).encode()
            if isinstance(sync, dict)
            else body
        )

    with capture_logs() as logged:
        for number in range(15):
            async with listening(world.transport) as ears:
                world.weather.garbles("/sync", garble, times=1)
                await person.says(f"{number}")
                world.weather.clears_up()
                said = await person.user.says(person.room, f"hyvä {number}")
                await ears.until(lambda ears, said=said: any(each.id == said.event_id for each in ears.taken))

    assert [each for each in logged if each["log_level"] == "error"] == []
