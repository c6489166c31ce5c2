"""A client with another crypto stack talks with nio's, and with its own kind where only signed devices count."""

import asyncio
from pathlib import Path

import pytest

from tests.servers.heard import POLL_START
from tests.servers.js_user import FOLDER, JsError, JsUser

VOTE = "org.matrix.msc3381.poll.response"


def test_the_lock_holds_no_addresses():
    lock = Path(FOLDER / "package-lock.json").read_text()

    assert '"integrity"' in lock
    assert "http" not in lock


async def test_talks_encrypted_with_nio_votes_reacts_and_leaves(cecilia, anna):
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(anna.joins_when_invited(cecilia.user_id))
        opening = tasks.create_task(cecilia.opens_private_room(anna.user_id))
    room = opening.result()

    await cecilia.says(room, "Hei")
    heard = await anna.hears(room)
    await anna.replies(heard, "Hei hei")
    answer = await cecilia.hears(room)
    await cecilia.reacts(answer, "👍")
    asked = await anna.asks(room, "Sopiiko?", {"a": "Joo", "b": "Ei"})
    poll = await cecilia.hears(room, POLL_START)
    await cecilia.votes(poll, "Ei")
    vote = await anna.hears(room, VOTE)
    await cecilia.leaves(room)
    await anna.sees_left(room, cecilia.user_id)

    assert (heard.body, heard.encrypted) == ("Hei", True)
    assert (answer.body, answer.encrypted, answer.signed) == ("Hei hei", True, False)
    assert answer.replies_to == heard.event_id
    assert (await anna.hears(room, "m.reaction")).relation["key"] == "👍"
    assert (vote.relation["event_id"], vote.content[VOTE], vote.encrypted) == (
        asked.event_id,
        {"answers": ["b"]},
        True,
    )


async def test_who_trusts_only_signed_devices_talks_with_those_only(synapse, cecilia, anna):
    async with JsUser.of(synapse, "doris", signed_only=True) as doris:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(cecilia.joins_when_invited(doris.user_id))
            opening = tasks.create_task(doris.opens_private_room(cecilia.user_id))
        signed = opening.result()
        async with asyncio.TaskGroup() as tasks:
            joining = tasks.create_task(doris.joins_when_invited(anna.user_id))
            tasks.create_task(anna.opens_private_room(doris.user_id))
        unsigned = joining.result()

        await doris.says(signed, "Hei")
        await cecilia.says(signed, "Hei hei")
        await doris.says(unsigned, "Kuuletko?")
        await anna.says(unsigned, "En")
        from_signed, from_unsigned = await doris.hears(signed), await doris.hears(unsigned)

    heard = await cecilia.hears(signed)
    assert (heard.body, heard.signed) == ("Hei", True)
    assert (from_signed.body, from_signed.encrypted, from_signed.signed) == ("Hei hei", True, True)
    assert (await anna.hears(unsigned)).type == "m.room.encrypted"
    assert (from_unsigned.type, from_unsigned.body) == ("m.room.encrypted", "UNSIGNED_SENDER_DEVICE")


async def test_what_the_sdk_cannot_do_is_an_error(cecilia):
    with pytest.raises(JsError, match="M_FORBIDDEN"):
        await cecilia.says("!nowhere:localhost", "Hei")


async def test_a_process_that_ends_is_noticed(cecilia):
    cecilia._process.kill()

    with pytest.raises(JsError, match="ended"):
        await cecilia.hears("!any")
