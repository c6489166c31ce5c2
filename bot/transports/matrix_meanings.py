"""What was meant on Matrix: words, menus chosen by number, word, reply or reaction, votes, edits, what is taken back."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Final, Protocol, TypeVar

from bot.core.phrases import number_of
from bot.messages import Incoming, Place
from bot.transports.matrix_account import PLATFORM, Account
from bot.transports.matrix_content import choose, poll_answers
from bot.transports.matrix_events import Reacted, Said, TakenBack, Unreadable, Voted, read_event
from bot.transports.matrix_rooms import Room

LONGEST_LABEL: Final = 64
T = TypeVar("T")


class LookUp(Protocol):
    """Asks the homeserver for something else; None: it refuses, or fails at this alone for too long."""

    async def __call__(self, answer: Awaitable[T]) -> T | None:
        """Give the answer."""
        ...


class Meanings:
    """Words events for those who decide what they mean.

    ``names`` are what people call us; ``look_up`` asks the homeserver for what else is needed; ``once_kept`` takes
    what may be done only when the batch is committed.
    """

    def __init__(
        self,
        account: Account,
        names: tuple[str, ...],
        look_up: LookUp,
        once_kept: Callable[[Callable[[], None]], None],
    ) -> None:
        self._account = account
        self._names = names
        self._looked_up = look_up
        self._once_kept = once_kept

    async def read(self, room: str, event: Mapping[str, Any]) -> Incoming | None:
        """Word an event for those who decide what it means."""
        account = self._account
        found = account.rooms.opened(room)
        private = found.kind(account.me) == "private"
        sender = Place(PLATFORM, str(event["sender"]))
        where = sender if private else Place(PLATFORM, room, found.kind(account.me))
        alone_with = found.partner(account.me)
        meaning = read_event(event, me=account.me, names=self._names, alone_with=alone_with)
        if meaning is None:
            return None
        account.rooms.heard(room)
        if not private and isinstance(meaning, Said) and meaning.addressed:
            self._may_be_met_again(sender.address)
        told = Incoming(
            id=str(event["event_id"]), where=where, sender=sender, reachable=True, retractable=private
        )
        match meaning:
            case Said():
                return await self._said(room, meaning, told)
            case Unreadable():
                return replace(told, what="unreadable", text=meaning.caption, addressed=meaning.addressed)
            case Reacted():
                return await self._reacted(room, meaning, told)
            case Voted():
                return await self._voted(room, found, meaning, told)
            case TakenBack():
                return replace(told, what="withdrawn", text=meaning.event) if private else None

    def _may_be_met_again(self, person: str) -> None:
        """Let somebody who left their private room, and now speaks to us in another, have a new one."""
        account = self._account
        for room in account.rooms.left_by(person):
            account.rooms.forget(room)
            account.beside(account.leave_room(room))

    async def _said(self, room: str, said: Said, told: Incoming) -> Incoming:
        """Take what somebody wrote: often words of a menu, sometimes a number in reply to an older one."""
        told = replace(told, text=said.text, edits=said.edits or "", addressed=said.addressed)
        if said.edits:
            return told
        chosen = None
        if said.replies_to is not None:
            shown = await self._looked_up(self._account.said(room, said.replies_to))
            told = replace(told, addressed=told.addressed or shown is not None)
            chosen = choose(shown, said.text)
        elif told.addressed and len(said.text) <= LONGEST_LABEL and number_of(said.text) is None:
            menus = await self._looked_up(self._account.menus_at_hand(room)) or ()
            chosen = next(filter(None, (choose(each, said.text) for each in menus)), None)
        return told if chosen is None else replace(told, what="button", text="", button=chosen)

    async def _reacted(self, room: str, reacted: Reacted, told: Incoming) -> Incoming | None:
        """Take a tap on a reaction, which never answers a poll: the homeserver sees it, and all who are there."""
        if reacted.number is None:
            return None
        chosen = choose(
            await self._looked_up(self._account.said(room, reacted.to)), reacted.number, by_reaction=True
        )
        return None if chosen is None else replace(told, what="button", button=chosen, retractable=False)

    async def _voted(self, room: str, found: Room, voted: Voted, told: Incoming) -> Incoming | None:
        """Take a vote where nobody else reads along, for an answer that this very poll offers."""
        if told.where.kind != "private" or not self._account.encrypts(found) or voted.answer is None:
            return None
        if voted.answer not in poll_answers(await self._looked_up(self._account.said(room, voted.start))):
            return None
        if found.may_redact(self._account.me):
            self._once_kept(partial(self._account.redactions.add, room, told.id))
        return replace(told, what="button", button=voted.answer)
