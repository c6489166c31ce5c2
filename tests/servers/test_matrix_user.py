"""People on nio hear each other, encrypted and not, and can do what people do."""

import asyncio
from typing import Any

import pytest

from tests.servers.heard import POLL_START, WaitedInVainError
from tests.servers.matrix_user import AT_ONCE, User
from tests.servers.synapse import RefusedError
from tests.servers.weather import Weather

TOMBSTONE, REACTION, REDACTION = "m.room.tombstone", "m.reaction", "m.room.redaction"
VOTES = ("org.matrix.msc3381.poll.response", "m.poll.response")


async def private_room(one: User, other: User, **how: Any) -> str:
    async with asyncio.TaskGroup() as tasks:
        opening = tasks.create_task(one.opens_private_room(other.user_id, **how))
        joining = tasks.create_task(other.joins_when_invited(one.user_id))

    assert opening.result() == joining.result()

    return joining.result()


@pytest.mark.parametrize("version", ["11", "12"])
async def test_two_talk_encrypted(anna, berit, version):
    room = await private_room(anna, berit, room_version=version)

    said = await anna.says(room, "Moi", mentions=[berit.user_id])
    heard = await berit.hears(room)
    reply = await berit.replies(heard, "No moi", quoting=True)

    assert heard == said
    assert heard.encrypted
    assert await anna.hears(room) == reply
    assert (reply.replies_to, reply.body) == (said.event_id, f"> <{anna.user_id}> Moi\n\nNo moi")
    assert (":localhost" in room) == (version == "11")


async def test_two_talk_in_the_clear(anna, berit):
    room = await private_room(anna, berit, encrypted=False)

    said = await anna.says(room, "Moi")

    assert await berit.hears(room) == said
    assert not said.encrypted


async def test_edits_reactions_and_redactions_are_heard(anna, berit):
    room = await private_room(anna, berit)
    said = await anna.says(room, "Moj")
    await berit.hears(room)

    edit = await anna.edits(said, "Moi")
    await anna.reacts(said, "1️⃣")
    await anna.redacts(said)

    heard = await berit.hears(room)
    assert (heard, heard.edits) == (edit, said.event_id)
    assert (await berit.hears(room, REACTION)).relation["key"] == "1️⃣"
    assert (await berit.hears(room, REDACTION)).content == {"redacts": said.event_id}
    assert (await berit.fetches(room, edit.event_id)).content == edit.content
    assert (await berit.fetches(room, said.event_id)).content == {}


async def test_polls_are_answered_with_both_event_types(anna, berit):
    room = await private_room(anna, berit)
    asked = await anna.asks(room, "Sopiiko?", {"a": "Joo", "b": "Ei"})
    poll = await berit.hears(room, POLL_START)

    await berit.votes(poll, "b")
    await berit.votes(poll, "a", stable=True)

    assert (poll, poll.answers) == (asked, {"Joo": "a", "Ei": "b"})
    unstable, stable = await anna.hears(room, *VOTES), await anna.hears(room, *VOTES)
    assert (unstable.relation["event_id"], unstable.content[VOTES[0]]) == (poll.event_id, {"answers": ["b"]})
    assert (stable.relation["event_id"], stable.content["m.selections"]) == (poll.event_id, ["a"])


@pytest.mark.parametrize("encrypted", [True, False])
async def test_attachments_arrive_as_they_were(anna, berit, encrypted):
    room = await private_room(anna, berit, encrypted=encrypted)

    await anna.sends_file(room, "ryhmä.ics", "text/calendar", b"BEGIN:VCALENDAR")
    heard = await berit.hears(room)

    assert (heard.msgtype, heard.body, heard.encrypted) == ("m.file", "ryhmä.ics", encrypted)
    assert ("file" in heard.content, "url" in heard.content) == (encrypted, not encrypted)
    assert await berit.reads_file(heard) == b"BEGIN:VCALENDAR"


async def test_only_who_has_the_power_writes_announcements(anna, berit):
    for version in ("11", "12"):
        room = await anna.creates_room(
            [berit.user_id], announcement=True, room_version=version, awaited=False
        )
        await berit.joins_when_invited()

        with pytest.raises(RefusedError, match="403 M_FORBIDDEN"):
            await berit.says(room, "Saanko?")
        await anna.says(room, "Tiedote")

        assert (await berit.hears(room)).body == "Tiedote"

        powerful = await anna.creates_room(
            [berit.user_id],
            announcement=True,
            powers={berit.user_id: 50},
            room_version=version,
            awaited=False,
        )
        await berit.joins_when_invited()
        await berit.says(powerful, "Saan")

        assert (await anna.hears(powerful)).body == "Saan"


async def test_people_come_and_go(anna, berit):
    room = await anna.creates_room([berit.user_id], awaited=False)
    await berit.joins_when_invited()
    await berit.leaves(room)
    await anna.sees_left(room, berit.user_id)
    await anna.invites(room, berit.user_id)
    again = await berit.joins_when_invited(anna.user_id)
    await anna.sees_joined(room, berit.user_id)

    await anna.kicks(room, berit.user_id)
    await anna.sees_left(room, berit.user_id)

    assert again == room
    assert anna.members(room) == {anna.user_id}


async def test_an_upgraded_room_has_a_successor(anna, berit):
    room = await private_room(anna, berit, room_version="11")

    successor = await anna.upgrades_room(room)

    assert (await berit.hears(room, TOMBSTONE)).content["replacement_room"] == successor != room


async def test_what_clients_should_not_send_can_be_sent(anna, berit):
    room = await private_room(anna, berit)

    await anna.sends_raw(room, "m.room.message", {"msgtype": "m.text", "body": "Postikortti"})
    await anna.sends(room, "m.room.message", {"msgtype": 7, "body": {"no": "text"}})

    card, riddle = await berit.hears(room), await berit.hears(room)
    assert (card.body, card.encrypted) == ("Postikortti", False)
    assert (riddle.content, riddle.encrypted) == ({"msgtype": 7, "body": {"no": "text"}}, True)
    with pytest.raises(RefusedError, match="400"):  # in the clear Synapse looks at it
        await anna.sends_raw(room, "m.room.message", {"msgtype": 7})


async def test_without_its_key_a_message_stays_a_riddle(anna, berit):
    room = await private_room(anna, berit)
    await anna.says(room, "Luettava")
    await anna.withholds_key(room)
    await anna.says(room, "Lukematon")

    assert (await berit.hears(room)).body == "Luettava"
    assert (await berit.hears(room)).type == "m.room.encrypted"


async def test_a_second_device_reads_what_comes_after_it(synapse, anna, berit):
    room = await private_room(anna, berit)
    await anna.says(room, "Ennen")
    await berit.hears(room)

    async with User(synapse.url, synapse.logs_in(berit.account)) as phone:
        await anna.says(room, "Jälkeen")

        assert (await phone.hears(room)).type == "m.room.encrypted"
        assert (await phone.hears(room)).body == (await berit.hears(room)).body == "Jälkeen"


async def test_nothing_is_missed_while_the_network_is_away(synapse, anna):
    async with Weather(synapse.url) as weather, User(weather.url, synapse.newcomer("berit")) as berit:
        room = await private_room(anna, berit)
        await weather.goes_down()
        said = [await anna.says(room, str(number)) for number in range(AT_ONCE + 5)]
        await weather.comes_back()

        assert [await berit.hears(room) for _ in said] == said


async def test_silence_is_noticed_and_so_is_noise(anna, berit):
    room = await private_room(anna, berit)
    await berit.hears_nothing(room, during=0.05)
    said = await anna.says(room, "Moi")
    await anna.reacts(said, "!")

    with pytest.raises(AssertionError, match=REACTION):
        await berit.hears_nothing(room, REACTION)
    with pytest.raises(WaitedInVainError, match=r"hear m\.poll; unasked: m\.room"):
        await berit.hears(room, "m.poll", within=0.01)


async def test_whose_token_is_revoked_hears_of_it(synapse, anna):
    room = await anna.creates_room()
    synapse.revokes(anna.account)

    with pytest.raises(RefusedError, match="401 M_UNKNOWN_TOKEN"):
        await anna.hears(room)
