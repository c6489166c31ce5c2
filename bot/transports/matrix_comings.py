"""Who comes and goes on Matrix, and what that means for us: rooms joined, left, moved, and private no more."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, Literal

from bot.messages import Incoming, Place
from bot.transports.matrix_account import PLATFORM, Account
from bot.transports.matrix_rooms import PRESENT, Room

FIRST_CROWD: Final = 2  # others in a room of which the second has just come: what was private is so no more


class Comings:
    """Reads changes of rooms.  ``once_kept`` takes what may be done only when the batch is committed."""

    def __init__(self, account: Account, once_kept: Callable[[Callable[[], None]], None]) -> None:
        self._account = account
        self._once_kept = once_kept

    def changed(self, room: str, event: Mapping[str, Any]) -> Incoming | None:
        """Take a change of the room's state; tell what it means for us.

        What was before stands in the event itself, so that the same event means the same when it is read again.
        """
        account = self._account
        account.rooms.take(room, event)
        found = account.rooms.opened(room)
        if event.get("type") != "m.room.member":
            return self._ended(found, event) if event.get("type") == "m.room.tombstone" else None
        member = str(event.get("state_key"))
        before, now = membership(event)
        if member == account.me:
            return self._came_in(found, event) if is_own_join(event, member) else None
        if found.kind(account.me) == "private":
            place = Place(PLATFORM, member)
            if before in PRESENT and now not in PRESENT and not account.rooms.are_with(member):
                return self._about(event, place, "removed")
            if before not in {None, *PRESENT} and now in PRESENT:
                return self._about(event, place, "returned")
        elif before not in PRESENT and now in PRESENT and len(found.others(account.me)) == FIRST_CROWD:
            return self._added(found, event, str(event.get("sender")))
        return None

    def _came_in(self, room: Room, event: Mapping[str, Any]) -> Incoming | None:
        """Tell of a room that we have just joined."""
        me = self._account.me
        previous = None if room.predecessor is None else self._account.rooms.get(room.predecessor)
        if previous is not None and previous.successor == room.id:  # any room may claim to go on for another
            return self._moved(previous, event)
        inviter = _mapping(event.get("unsigned")).get("prev_sender")
        if room.kind(me) != "private":
            return self._added(room, event, inviter if isinstance(inviter, str) else None)
        person = room.partner(me)
        if person is None or membership(event)[0] != "invite":
            return None  # a room that we have opened ourselves
        place = Place(PLATFORM, person)
        return Incoming(
            id=str(event["event_id"]), where=place, sender=place, what="text", text="/aloita", reachable=True
        )

    def _ended(self, old: Room, event: Mapping[str, Any]) -> Incoming | None:
        """Follow a room to the one that goes on for it."""
        if old.successor is None:
            return None
        following = self._account.rooms.get(old.successor)
        if following is not None and following.predecessor == old.id:
            return self._moved(old, event)
        self._account.beside(self._account.join(old.successor))
        return None

    def _moved(self, old: Room, event: Mapping[str, Any]) -> Incoming:
        """Tell of a room that goes on as another one, in which we are; the old one is left once that is kept."""
        account = self._account
        self._once_kept(lambda: account.beside(account.leave_room(old.id)))
        told = self._about(event, Place(PLATFORM, old.id, "group"), "moved")
        return replace(told, text=old.successor or "")

    def _added(self, room: Room, event: Mapping[str, Any], by: str | None) -> Incoming:
        sender = None if by is None or by == self._account.me else Place(PLATFORM, by)
        where = Place(PLATFORM, room.id, room.kind(self._account.me))
        return Incoming(id=str(event["event_id"]), where=where, sender=sender, what="added", reachable=True)

    def _about(
        self, event: Mapping[str, Any], where: Place, what: Literal["removed", "returned", "moved"]
    ) -> Incoming:
        sender = where if where.kind == "private" else None
        return Incoming(id=str(event["event_id"]), where=where, sender=sender, what=what)

    def left(self, room: str, events: Sequence[Mapping[str, Any]]) -> list[Incoming]:
        """Tell of a room that we are not in any more: whether it was our own will stands in who changed it."""
        account = self._account
        account.invitations.withdrawn(room)
        known = account.forget(room)
        own = [each for each in events if each.get("type") == "m.room.member"]
        last = next((each for each in reversed(own) if each.get("state_key") == account.me), None)
        if last is None or last.get("sender") == account.me or not isinstance(last.get("event_id"), str):
            return []
        if known is not None and known.kind(account.me) == "private":
            person = known.partner(account.me)
            if person is None or account.rooms.are_with(person):
                return []
            return [self._about(last, Place(PLATFORM, person), "removed")]
        return [self._about(last, Place(PLATFORM, room, "group"), "removed")]

    def invited(self, room: str, events: Sequence[Mapping[str, Any]]) -> None:
        """Take an invitation."""
        for event in events:
            content = _mapping(event.get("content"))
            mine = event.get("type") == "m.room.member" and event.get("state_key") == self._account.me
            if mine and content.get("membership") == "invite":
                self._account.invitations.offered(room, str(event.get("sender")))


def is_own_join(event: Mapping[str, Any], me: str) -> bool:
    """Tell whether it is the event by which we came into a room."""
    if event.get("type") != "m.room.member" or event.get("state_key") != me:
        return False
    before, now = membership(event)
    return now == "join" and before != "join"


def membership(event: Mapping[str, Any]) -> tuple[str | None, str | None]:
    """Give somebody's membership before and after an event."""
    before = _mapping(_mapping(event.get("unsigned")).get("prev_content")).get("membership")
    return before, _mapping(event.get("content")).get("membership")


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
