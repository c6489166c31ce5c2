"""The main job, end to end, in encrypted rooms on a real Synapse, with people on two kinds of client."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from typing import Any

import pytest

from bot.clock import now
from tests.running import SOON, eventually, reminds_in, running
from tests.servers.heard import POLL_START, Heard
from tests.servers.js_user import JsUser
from tests.servers.matrix_user import User
from tests.servers.synapse import Account, Synapse
from tests.servers.taking_turns import take_turns

take_turns()

ANSWERS = "m.room.message"


class Somebody:
    """A person in their private room with the bot, who answers with numbers and words."""

    def __init__(self, user: User | JsUser, room: str) -> None:
        self.user = user
        self.room = room
        self.heard: Heard | None = None

    async def says(self, text: str) -> None:
        await self.user.says(self.room, text)

    async def hears(self, *kinds: str) -> Heard:
        self.heard = await self.user.hears(self.room, *(kinds or (ANSWERS,)))
        assert self.heard.encrypted
        return self.heard

    async def chooses(self, label: str) -> Heard:
        """Answer with the number before a label; hear what comes of it."""
        assert self.heard is not None
        lines = self.heard.body.splitlines()
        (number,) = [line.partition(". ")[0] for line in lines if line.partition(". ")[2] == label]
        await self.says(number)
        return await self.hears()

    async def asks(self, text: str) -> Heard:
        await self.says(text)
        return await self.hears()


@pytest.fixture
def bot(synapse: Synapse) -> Account:
    return synapse.newcomer("vertti")


def told_by(tmp_path, content, synapse: Synapse, bot: Account, **more: Any):
    """All of Vertti, on Matrix."""
    return running(
        tmp_path / "data",
        content,
        matrix_homeserver=synapse.url,
        matrix_user=bot.user_id,
        matrix_password=bot.password,
        **more,
    )


@asynccontextmanager
async def somebody(synapse: Synapse, bot: Account, *, client: str = "nio") -> AsyncIterator[Somebody]:
    """Somebody who has just opened a private room with the bot, and has been greeted."""
    user = User.of(synapse, "anna") if client == "nio" else JsUser.of(synapse, "cecilia", signed_only=True)
    async with user:
        room = await user.opens_private_room(bot.user_id)
        person = Somebody(user, room)
        await person.hears()
        yield person


async def subscribes(person: Somebody) -> Heard:
    """Ask for the group's reminders, by numbers alone."""
    await person.asks("aloita")
    await person.chooses("Mitä on seuraavaksi?")
    await person.chooses("Muistuta minua")
    return await person.chooses("Molemmat")


async def becomes_organizer(app, person: Somebody) -> Heard:
    code = await app.database.write(lambda store: store.organizers.invite(now=now()))
    return await person.asks(f"jarjestaja {code}")


@pytest.mark.parametrize("client", ["nio", "js"])
async def test_a_newcomer_asks_is_reminded_answers_a_poll_and_is_forgotten(
    tmp_path, content, synapse, bot, client
):
    async with (
        told_by(tmp_path, content, synapse, bot, calendars=(SOON, "schedule.yaml")) as app,
        somebody(synapse, bot, client=client) as anna,
    ):
        await subscribes(anna)
        await reminds_in(app, content, 2)
        reminder = await anna.hears()
        event = await anna.asks("Näytä")
        await anna.says("kysely")
        question = await anna.hears()
        poll = await anna.hears(POLL_START)
        if client == "nio":
            await anna.user.votes(poll, poll.answers["Lautapelejä"])
        else:
            await anna.user.votes(poll, "Lautapelejä")
        thanks = await anna.hears()
        rounds = await app.database.read(lambda store: store.polls.open_rounds(now()))
        ballots = await app.database.read(lambda store: [store.polls.ballots(each.id) for each in rounds])
        await anna.asks("poista tietoni")
        goodbye = await anna.chooses("Kyllä, poista")
        gone = await eventually(app, lambda store: store.people.count() == 0)

        assert reminder.body.startswith("Muistutus: Tapaaminen tänään\n")
        assert "Näytä · En jaksa tänään · Lopeta · Tauko 2 viikkoa" in reminder.body
        assert event.body.startswith("Yksinäisyysryhmä\n")
        assert "Lautapelejä" in question.body
        assert thanks.body.startswith("Kiitos vastauksesta!")
        assert sum(ballots) == 1
        assert goodbye.body
        assert gone


async def test_news_reach_subscribers_and_rooms_that_follow(tmp_path, content, synapse, bot):
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(told_by(tmp_path, content, synapse, bot))
        anna = await stack.enter_async_context(somebody(synapse, bot))
        cecilia = await stack.enter_async_context(somebody(synapse, bot, client="js"))
        chief = await stack.enter_async_context(somebody(synapse, bot))
        for reader in (anna, cecilia):
            await subscribes(reader)
        await becomes_organizer(app, chief)
        group = await chief.user.creates_room(
            [anna.user.user_id], encrypted=True, name="Ryhmä", awaited=False
        )
        await anna.user.joins_when_invited()
        await chief.user.invites(group, bot.user_id)
        asked = await anna.user.hears(group)
        number = next(line[0] for line in asked.body.splitlines() if line.endswith("Yksinäisyysryhmä"))
        await chief.user.says(group, number)
        follows = await anna.user.hears(group, ANSWERS)
        while follows.sender != bot.user_id:
            follows = await anna.user.hears(group, ANSWERS)
        await chief.says("tiedota Huomenna on pullaa.")
        preview = await chief.hears()
        await chief.hears()
        await chief.chooses("Lähetä")
        heard = [await reader.hears() for reader in (anna, cecilia)]
        there = await anna.user.hears(group, ANSWERS)
        while "pullaa" not in there.body:
            there = await anna.user.hears(group, ANSWERS)
        report = await chief.hears()

        assert preview.body == "Tiedote:\nHuomenna on pullaa."
        assert all(each.body.startswith(preview.body) for each in heard)
        assert there.msgtype == "m.text"
        assert "3" in report.body


async def test_a_restart_goes_on_where_it_was(tmp_path, content, synapse, bot):
    async with AsyncExitStack() as stack:
        async with told_by(tmp_path, content, synapse, bot):
            anna = await stack.enter_async_context(somebody(synapse, bot))
            await subscribes(anna)
        await anna.says("tietoni")
        async with told_by(tmp_path, content, synapse, bot):
            known = await anna.hears()

        assert "Yksinäisyysryhmä" in known.body


async def test_what_is_personal_moves_from_a_group_to_a_private_room_that_the_bot_opens(
    tmp_path, content, synapse, bot
):
    async with AsyncExitStack() as stack:
        app = await stack.enter_async_context(told_by(tmp_path, content, synapse, bot))
        chief = await stack.enter_async_context(somebody(synapse, bot))
        await becomes_organizer(app, chief)
        newcomer = await stack.enter_async_context(User.of(synapse, "dora"))
        group = await chief.user.creates_room([newcomer.user_id], encrypted=True, name="Ryhmä", awaited=False)
        await newcomer.joins_when_invited()
        await chief.user.invites(group, bot.user_id)
        await newcomer.hears(group)
        await newcomer.says(group, "!tietoni")
        room = await newcomer.joins_when_invited(bot.user_id)
        answer = await newcomer.hears(room, ANSWERS)

        assert answer.encrypted
        assert newcomer.members(room) == {newcomer.user_id, bot.user_id}


async def test_a_strangers_group_is_left_at_once_and_silently(tmp_path, content, synapse, bot):
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(told_by(tmp_path, content, synapse, bot))
        stranger = await stack.enter_async_context(User.of(synapse, "stranger"))
        other = await stack.enter_async_context(User.of(synapse, "other"))
        room = await stranger.creates_room([other.user_id], name="Muut", awaited=False)
        await other.joins_when_invited()
        await stranger.invites(room, bot.user_id)
        await stranger.sees_joined(room, bot.user_id)
        await stranger.sees_left(room, bot.user_id)
        await stranger.hears_nothing(room, ANSWERS)
