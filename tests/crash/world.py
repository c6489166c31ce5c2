"""A bot that is brought back each time it dies, the people around it, and what it leaves behind."""

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bot.app import KEY_FILE
from bot.store.outbox import SENT
from bot.store.vault import open_vault
from tests.crash.life import FAST, Death
from tests.crash.lives import PATIENCE, Lives, is_at_work
from tests.crash.nursery import TelegramLife, outbox, remains
from tests.doubles.bot_api import Accepted, BotApi, Group

LAST_CALLS = 0.02  # seconds in which the platform reads what the dead had sent off

Message = tuple[int, int]  # chat and number
Kept = dict[str, Counter[tuple[Any, ...]]]  # table and row, how often


@dataclass(kw_only=True)
class World(Lives):
    """A bot on Telegram.

    Its lives end after so many seconds, or at a Death.  ``leavers`` have their data deleted, and with it what became
    of their messages.
    """

    api: BotApi
    leavers: frozenset[int] = frozenset()
    rate: float = FAST
    in_flight: list[set[Message]] = field(default_factory=list)  # at each death: accepted, not marked as sent

    # ---- lives ------------------------------------------------------------------------------------

    def bear(self, ending: Death | None) -> TelegramLife:
        return TelegramLife(self.folder, self.api.url, ending, self.rate)

    async def mourn(self) -> None:
        await asyncio.sleep(LAST_CALLS)
        self.in_flight.append(self.unmarked() - set().union(*self.in_flight))

    def unmarked(self) -> set[Message]:
        """Give what the platform has accepted and the outbox does not know as sent."""
        with remains(self.folder) as database:
            marked = {row.message_id for row in outbox(database) if row.state == SENT}
        return {
            (each.chat_id, each.message_id)
            for each in self.api.ledger.sent
            if str(each.message_id) not in marked and each.chat_id not in self.leavers
        }

    def first_words(self) -> list[float]:
        """Give the seconds from each birth to the first message of that life; the mute are left out."""
        lives = zip(self.births, [*self.births[1:], float("inf")], strict=True)
        firsts = [
            (born, next((each.at for each in self.api.ledger.sent if born < each.at < gone), None))
            for born, gone in lives
        ]
        return [first - born for born, first in firsts if first is not None]

    async def is_quiet(self) -> None:
        """Wait until everything that was said is acknowledged and everything that shall be said is."""
        await self.until(lambda database: self.api.inbox.pending == 0 and not is_at_work(database))


class Somebody:
    """A person in their private chat, or in a group, who waits for an answer before going on."""

    def __init__(self, api: BotApi, number: int, into: Group | None = None) -> None:
        self._api = api
        self._into = into
        self._known = 0
        self.person = api.person(number, started=True)
        self.chat = into or self.person

    def listens(self) -> None:
        """Forget what was heard so far."""
        self._known = len(self._api.ledger.sent_to(self.chat.id))

    def says(self, text: str) -> None:
        self.listens()
        self.person.says(text, into=self._into)

    def presses(self, label: str) -> None:
        """Press the newest button of these words."""
        sent = self._api.ledger.sent_to(self.chat.id)
        message = next(each for each in reversed(sent) if label in each.labels)
        self.listens()
        self.person.presses(message, label, into=self._into)

    async def hears(self, *fragments: str, label: str = "") -> Accepted:
        """Wait for an answer that holds all of this."""

        def fits(each: Accepted) -> bool:
            return all(part in each.text for part in fragments) and (not label or label in each.labels)

        def found() -> Accepted | None:
            return next(filter(fits, self._api.ledger.sent_to(self.chat.id)[self._known :]), None)

        await self._api.ledger.until(lambda: found() is not None, PATIENCE)
        answer = found()
        assert answer
        return answer


def kept(folder: Path) -> Kept:
    """Give what stands in the store of somebody dead, without what chance or time decides: keys, ids, instants.

    Conversations are given by their address.
    """
    vault = open_vault(folder / KEY_FILE)
    with remains(folder) as database:
        database.create_function("opened", 1, lambda sealed: vault.open(sealed).decode())
        return {name: Counter(database.execute(query)) for name, query in _KEPT.items()}


_KEPT = {
    "people": "SELECT opened(address), kind, language, named, role, state, reason FROM conversation",
    "subscriptions": (
        "SELECT opened(address), series, leads FROM subscription JOIN conversation ON id = conversation"
    ),
    "outbox": (
        "SELECT opened(address), lane, outbox.state, outbox.reason, what"
        " FROM outbox JOIN conversation ON conversation.id = conversation"
    ),
    "dialogues": "SELECT opened(address), question FROM dialogue JOIN conversation ON id = conversation",
    "ballots": "SELECT round, answer FROM ballot",
    "rounds": "SELECT id, poll, counts, voter_key IS NULL FROM poll_round",
    "news": "SELECT text, series, state, audience FROM broadcast",
    "audience": "SELECT broadcast FROM broadcast_audience",
    "acts": "SELECT act, audience FROM organizer_log",
    "codes": "SELECT role FROM invite_code",
    "updates": "SELECT platform FROM seen",
    "alarms": "SELECT lead, state FROM alarm",
    "counters": "SELECT name, number FROM counter",
    "errands": "SELECT kind FROM errand",
    "unscrubbed": "SELECT name FROM bookmark WHERE name = 'polls.scrub'",
}
