"""What comes in from Matrix: every message once, whatever it is wrapped in, and nothing that was not meant for us."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.messages import Lane, Outgoing, Place, ShownButton
from tests.servers.heard import POLL_START
from tests.servers.synapse import Synapse
from tests.transports.contract import MOMENT, Ears, listening, to
from tests.transports.matrix_world import MatrixPerson, MatrixWorld, matrix_world

WALK = ShownButton("Kävely", data="vote|walk", answer=True)
BAKING = ShownButton("Leivonta", data="vote|baking", answer=True)
HOME = ShownButton("Alkuun", data="home|")


@pytest.fixture
async def world(synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixWorld]:
    async with matrix_world(synapse, tmp_path) as world:
        yield world


async def shown(world: MatrixWorld, person: MatrixPerson, *buttons: ShownButton, lane: Lane = Lane.REPLY):
    """Show a menu; give it as the person's client has it."""
    message = to(person, "Mitä tehdään?", *buttons)
    await world.transport.send(
        Outgoing(key=message.key, where=message.where, text=message.text, buttons=buttons, lane=lane)
    )
    await person.hears()
    return person.last


async def test_what_was_said_while_we_were_away_comes_whole_and_in_order(world: MatrixWorld):
    person = await world.person()
    for number in range(140):
        await person.says(f"{number}")
    async with listening(world.transport) as ears:
        heard = await ears.hear(140)

    assert [each.text for each in heard] == [f"{number}" for number in range(140)]


async def test_what_was_said_before_we_came_is_not_ours(world: MatrixWorld):
    user = await world.user()
    room = await user.opens_private_room(world.bot, encrypted=False, awaited=False)
    await user.says(room, "ennen")
    async with listening(world.transport) as ears:
        await ears.hear()
        await user.says(room, "jälkeen")
        heard = await ears.hear(2)

    assert [each.text for each in heard] == ["/aloita", "jälkeen"]


async def test_an_edit_names_what_it_replaces(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        said = await person.user.says(person.room, "seuaava")
        await person.user.edits(said, "seuraava")
        edited = (await ears.hear(2))[1]

    assert (edited.text, edited.edits) == ("seuraava", said.event_id)
    assert edited.id != said.event_id


async def test_what_is_taken_back_is_named(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        said = await person.user.says(person.room, "1")
        await person.user.redacts(said)
        taken_back = (await ears.hear(2))[1]

    assert (taken_back.what, taken_back.text) == ("withdrawn", said.event_id)


async def test_a_message_without_its_key_is_undecryptable_after_a_moment(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        await person.user.withholds_key(person.room)
        await person.says("salaisuus")
        heard = await ears.hear()

    assert [(each.what, each.text, each.where) for each in heard] == [("undecryptable", "", person.place)]


async def test_a_reaction_under_a_menu_chooses_also_after_a_restart(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport):
        menu = await shown(world, person, BAKING_MENU, HOME)
    await world.restart()
    async with listening(world.transport) as ears:
        await person.user.reacts(menu, "2️⃣")
        heard = await ears.hear()

    assert [(each.what, each.button) for each in heard] == [("button", HOME.data)]


BAKING_MENU = ShownButton("Leivonta", data="series|baking")


async def test_reactions_to_tap_stand_under_a_menu_and_never_under_a_poll(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport):
        menu = await shown(world, person, BAKING_MENU, HOME)
        taps = [await person.user.hears(person.room, "m.reaction") for _ in range(2)]
        await shown(world, person, WALK, BAKING)
        await person.user.hears_nothing(person.room, "m.reaction", during=1.0)

    assert [each.relation["key"] for each in taps] == ["1️⃣", "2️⃣"]
    assert {each.relation["event_id"] for each in taps} == {menu.event_id}


async def test_a_reaction_never_votes(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        poll = await shown(world, person, WALK, BAKING)
        await person.user.reacts(poll, "1️⃣")
        await person.says("hei")
        heard = await ears.hear()

    assert [each.text for each in heard] == ["hei"]


async def test_a_number_in_reply_to_an_older_menu_chooses_from_that_one(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        older = await shown(world, person, BAKING_MENU, HOME)
        await shown(world, person, HOME)
        await person.user.replies(older, "1")
        heard = await ears.hear()

    assert [(each.what, each.button) for each in heard] == [("button", BAKING_MENU.data)]


async def test_the_words_of_a_reminder_choose_also_after_a_restart_but_a_number_does_not(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport):
        await shown(world, person, BAKING_MENU, HOME, lane=Lane.REMINDER)
    await world.restart()
    async with listening(world.transport) as ears:
        await person.says("1")
        await person.says("alkuun")
        heard = await ears.hear(2)

    assert [(each.what, each.text, each.button) for each in heard] == [
        ("text", "1", ""),
        ("button", "", HOME.data),
    ]


@pytest.mark.parametrize("stable", [True, False])
async def test_a_vote_comes_in_by_the_clients_own_poll(world: MatrixWorld, stable):
    person = await world.person()
    async with listening(world.transport) as ears:
        await shown(world, person, WALK, BAKING)
        poll = await person.user.hears(person.room, POLL_START)
        vote = await person.user.votes(poll, poll.answers["Leivonta"], stable=stable)
        heard = await ears.hear()

    assert [(each.what, each.button, each.id) for each in heard] == [("button", BAKING.data, vote.event_id)]


async def test_forged_votes_are_nothing(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        await shown(world, person, WALK, BAKING)
        poll = await person.user.hears(person.room, POLL_START)
        await shown(world, person, ShownButton("Kyllä", data="vote|yes", answer=True))
        other = await person.user.hears(person.room, POLL_START)
        own = await person.user.asks(person.room, "Minun kyselyni?", {"x": "Kyllä"})
        await ears.hear()  # a poll of one's own cannot be read
        await person.user.votes(poll, other.answers["Kyllä"])
        await person.user.votes(own, "x")
        await person.user.votes(poll, "tuntematon")
        await person.user.votes(poll)
        await person.user.votes(poll, WALK.data, BAKING.data)
        heard = await ears.hear(2)

    assert [(each.what, each.button) for each in heard[1:]] == [("button", WALK.data)]


async def test_a_poll_is_shown_and_taken_in_no_room_that_others_read(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        group = await world.group(person)
        await ears.hear()
        await world.transport.send(to(group.place, "Kumpi?", WALK, BAKING))
        heard = await group.other.hears(group.room, "m.room.message", POLL_START)
        await group.other.hears_nothing(group.room, POLL_START)

    assert "Leivonta" not in heard.body


async def test_a_vote_is_taken_off_the_homeserver_where_that_is_allowed(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        await shown(world, person, WALK, BAKING)
        poll = await person.user.hears(person.room, POLL_START)
        vote = await person.user.votes(poll, poll.answers["Leivonta"])
        await ears.hear()
        redaction = await person.user.hears(person.room, "m.room.redaction")

    assert vote.event_id in {redaction.content.get("redacts"), getattr(redaction, "redacts", None)}


async def test_in_a_group_only_what_is_said_to_us_is_addressed(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        group = await world.group(person)
        await ears.hear()
        await person.user.says(group.room, "huomenta kaikille")
        await person.user.says(group.room, "!seuraava")
        await person.user.says(group.room, "mitä seuraavaksi", mentions=[world.bot])
        heard = await ears.hear(4)

    assert [(each.text, each.addressed) for each in heard[1:]] == [
        ("huomenta kaikille", False),
        ("!seuraava", True),
        ("mitä seuraavaksi", True),
    ]
    assert all(each.reachable for each in heard[1:])


async def test_a_private_room_that_a_third_person_enters_is_a_group_and_the_person_has_another(
    world: MatrixWorld,
):
    person = await world.person()
    third = await world.user("third")
    async with listening(world.transport) as ears:
        await person.user.invites(person.room, third.user_id)
        added = (await ears.hear())[0]
        sending = asyncio.create_task(world.transport.send(to(person, "Vain sinulle")))
        room = await person.user.joins_when_invited(world.bot)
        heard = await person.user.hears(room, "m.room.message")
        await sending
        await person.user.hears_nothing(person.room, "m.room.message")

    assert (added.what, added.where) == ("added", Place("matrix", person.room, "group"))
    assert added.sender == person.place
    assert heard.body == "Vain sinulle"
    assert heard.encrypted


async def test_a_room_where_only_some_may_write_is_a_channel(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        room = await person.user.creates_room(
            [world.bot], encrypted=True, announcement=True, powers={world.bot: 50}
        )
        heard = await ears.hear()
        await world.transport.send(to(Place("matrix", room, "channel"), "Tiedote"))
        announced = await person.user.hears(room, "m.room.message")

    assert [(each.what, each.where, each.sender) for each in heard] == [
        ("added", Place("matrix", room, "channel"), person.place)
    ]
    assert announced.body == "Tiedote"


async def test_an_encrypted_group_of_many_hears_all_and_a_newcomer_from_then_on(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        group = await world.group(person)
        await ears.hear()
        others = [await world.user("more") for _ in range(3)]
        for other in others:
            await person.user.invites(group.room, other.user_id)
            await other.joins_when_invited()
        await world.transport.send(to(group.place, "Kaikille"))
        heard = [await other.hears(group.room, "m.room.message") for other in others]
        late = await world.user("late")
        await person.user.invites(group.room, late.user_id)
        await late.joins_when_invited()
        await asyncio.sleep(MOMENT)
        await world.transport.send(to(group.place, "Myös uudelle"))
        heard += [await reader.hears(group.room, "m.room.message") for reader in (*others, late)]

    assert [(each.body, each.encrypted) for each in heard] == [("Kaikille", True)] * 3 + [
        ("Myös uudelle", True)
    ] * 4


async def test_who_is_not_allowed_is_refused_quietly_and_others_come_in(world: MatrixWorld):
    await world.restart(allow=("@welcome:localhost", "example.org"))
    stranger = await world.user("stranger")
    async with listening(world.transport):
        room = await stranger.opens_private_room(world.bot, awaited=False)
        async with asyncio.timeout(10):
            while world.bot in stranger.client.rooms[room].users:
                await asyncio.sleep(0.05)
        await stranger.hears_nothing(room, "m.room.message")


async def test_somebody_who_comes_back_has_their_place_again(world: MatrixWorld):
    person = await world.person()
    await person.leaves()
    async with listening(world.transport) as ears:
        room = await person.user.opens_private_room(world.bot)
        heard = await ears.hear()
        await world.transport.send(to(person, "Tervetuloa takaisin"))
        back = await person.user.hears(room, "m.room.message")

    assert heard[0].where == person.place
    assert back.body == "Tervetuloa takaisin"


async def test_a_read_receipt_tells_that_it_was_heard(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport, Ears()) as ears:
        said = await person.user.says(person.room, "hei")
        await ears.hear()
        while said.event_id not in (receipt := await person.user.hears(person.room, "m.receipt")).content:
            pass

    assert receipt.content[said.event_id] == [world.bot]


async def test_the_bot_is_seen_typing_when_an_answer_takes_its_time(world: MatrixWorld):
    person = await world.person()
    async with listening(world.transport) as ears:
        await person.says("hei")
        await ears.hear()
        typing = await person.user.hears(person.room, "m.typing")
        await world.transport.send(to(person, "Vihdoin"))
        ended = await person.user.hears(person.room, "m.typing")

    assert typing.content["user_ids"] == [world.bot]
    assert ended.content["user_ids"] == []
