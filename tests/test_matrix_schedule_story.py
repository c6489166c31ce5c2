"""The shared schedule, end to end, in encrypted rooms on a real Synapse, by numbers and words."""

import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest_asyncio

from tests import schedule_stories as stories
from tests.servers.heard import Heard as Event
from tests.servers.matrix_user import User
from tests.servers.synapse import Synapse
from tests.servers.taking_turns import take_turns
from tests.villages import Heard, Person, Village

take_turns()

SAID = "m.room.message"
NUMBERED = re.compile(r"\d+\. (.+)")
IN_WORDS = "Vastaa sanalla: "
LINKED = re.compile(r".+?: (https?://\S+)")


class MatrixPerson(Person):
    """Somebody in an encrypted room with Vertti, who answers with numbers, or with words where there are none."""

    def __init__(self, user: User, room: str) -> None:
        self._user = user
        self._room = room
        self._heard: list[Event] = []

    async def says(self, text: str) -> None:
        await self._user.says(self._room, text)

    async def presses(self, label: str) -> None:
        last = self._heard[-1]
        if label in numbered(last):
            await self.says(str(numbered(last).index(label) + 1))
        elif label in words_of(last):
            await self.says(label)
        else:
            older = [each for each in self._heard if label in numbered(each)]
            assert older, f"{label!r} cannot be chosen"
            await self._user.replies(older[-1], str(numbered(older[-1]).index(label) + 1))

    async def hears(self) -> Heard:
        event = await self._next()
        self._heard.append(event)
        labels = (*numbered(event), *words_of(event))
        text, _, below = event.body.rpartition("\n\n")
        links = tuple(found[1] for line in below.splitlines() if (found := LINKED.fullmatch(line)))
        return Heard(text or below, labels, links)

    async def opens_file(self) -> bytes:
        return await self._user.reads_file(await self._next())

    async def _next(self) -> Event:
        event = await self._user.hears(self._room, SAID)

        assert event.encrypted

        return event


def numbered(event: Event) -> list[str]:
    """Give what stands in the numbered list under a message."""
    return [found[1] for line in event.body.splitlines() if (found := NUMBERED.fullmatch(line))]


def words_of(event: Event) -> list[str]:
    """Give the words that one may answer with where nobody had asked."""
    last = event.body.splitlines()[-1]
    return last.removeprefix(IN_WORDS).split(" · ") if last.startswith(IN_WORDS) else []


class MatrixVillage(Village):
    """On a homeserver that all tests share."""

    def __init__(self, folder: Path, content: Path, synapse: Synapse, stack: AsyncExitStack) -> None:
        super().__init__(folder, content)
        self._synapse = synapse
        self._bot = synapse.newcomer("vertti")
        self._stack = stack

    def platform(self) -> dict[str, Any]:
        bot = self._bot
        return {
            "matrix_homeserver": self._synapse.url,
            "matrix_user": bot.user_id,
            "matrix_password": bot.password,
        }

    async def newcomer(self) -> MatrixPerson:
        user = await self._stack.enter_async_context(User.of(self._synapse, "someone"))
        someone = MatrixPerson(user, await user.opens_private_room(self._bot.user_id))
        await someone.hears()
        await someone.asks("aloita")
        return someone


class TestMatrix(stories.Cancelling, stories.TakingPart, stories.Feeding):
    """In encrypted rooms."""

    @pytest_asyncio.fixture
    async def village(self, tmp_path: Path, content: Path, synapse: Synapse) -> AsyncIterator[Village]:
        async with AsyncExitStack() as stack:
            yield MatrixVillage(tmp_path, content, synapse, stack)
