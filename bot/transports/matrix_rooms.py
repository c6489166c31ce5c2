"""Who is in which room and what may be said there, from the rooms' state.  Pure: no network, no clock."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from bot.messages import ConversationKind

STATE: Final = (
    "m.room.create", "m.room.member", "m.room.encryption", "m.room.power_levels", "m.room.join_rules",
    "m.room.name", "m.room.canonical_alias", "m.room.tombstone", "m.room.history_visibility",
)  # fmt: skip
"""The state that we ask for; names are looked at for whether there is one, and not kept."""

PRESENT: Final = frozenset({"join", "invite"})
ONCE_PRESENT: Final = frozenset({"leave", "ban"})
WALKED_INTO: Final = ("public", "restricted", "knock_restricted")  # rules by which some join unasked
FREE_CREATORS: Final = 12  # from this room version on its creators stand above all levels
NEEDED_TO_REDACT: Final = 50


@dataclass(slots=True)
class Room:
    """One room as its state tells it; ``members`` is everybody's last membership."""

    id: str = field(repr=False)
    members: dict[str, str] = field(default_factory=dict, repr=False)
    creators: frozenset[str] = field(default=frozenset(), repr=False)
    predecessor: str | None = field(default=None, repr=False)
    successor: str | None = field(default=None, repr=False)
    encrypted: bool = False
    named: bool = False
    public: bool = False  # others may come in by themselves
    watched: bool = False  # others may read along without coming in
    levels: Mapping[str, Any] = field(default_factory=dict, repr=False)
    was_group: bool = False  # a group that has shrunk to two is still a group

    def others(self, me: str) -> list[str]:
        """Give who else is in the room or invited to it."""
        return [user for user, membership in self.members.items() if membership in PRESENT and user != me]

    def kind(self, me: str) -> ConversationKind:
        """Tell a private room, a group, and a channel, where ordinary members may not write.

        A room of two that is named or open to others is on its way to be a group.  Who has left counts: with them it
        was a group, which is known after a restart, too.
        """
        if self._announces():
            return "channel"
        if not self.was_group:
            known = PRESENT | ONCE_PRESENT
            self.was_group = (
                sum(1 for user, there in self.members.items() if there in known and user != me) > 1
            )
        return "group" if self.was_group or self.named or self.public or self.watched else "private"

    def partner(self, me: str) -> str | None:
        """Give who else belongs to a private room, also when they have left it; None: nobody, or it is no such room."""
        if self.kind(me) != "private":
            return None
        others = self.others(me)
        if others:
            return others[0]
        gone = [user for user in self.members if user != me]
        return gone[-1] if gone else None

    def may_redact(self, me: str) -> bool:
        """Tell whether we may take back what others said."""
        if me in self.creators:
            return True
        users = _mapping(self.levels.get("users"))
        own = _level(users.get(me), _level(self.levels.get("users_default"), 0))
        return bool(self.levels) and own >= _level(self.levels.get("redact"), NEEDED_TO_REDACT)

    def _announces(self) -> bool:
        """Tell whether ordinary members may not write."""
        events = _mapping(self.levels.get("events"))
        default = _level(self.levels.get("events_default"), 0)
        needed = _level(events.get("m.room.encrypted" if self.encrypted else "m.room.message"), default)
        return needed > _level(self.levels.get("users_default"), 0)

    def take(self, event: Mapping[str, Any]) -> None:
        """Take one event of the room's state; what is malformed changes nothing."""
        content = event.get("content")
        key = event.get("state_key")
        if not isinstance(content, dict) or not isinstance(key, str):
            return
        match event.get("type"):
            case "m.room.member":
                self.members.pop(key, None)  # the last to change stands last
                self.members[key] = str(content.get("membership"))
            case "m.room.encryption":
                self.encrypted = True  # nothing switches it off again
            case "m.room.power_levels":
                self.levels = content
            case "m.room.join_rules":
                self.public = content.get("join_rule") in WALKED_INTO
            case "m.room.history_visibility":
                self.watched = content.get("history_visibility") == "world_readable"
            case "m.room.name" | "m.room.canonical_alias":
                self.named = self.named or bool(content.get("name") or content.get("alias"))
            case "m.room.tombstone":
                self.successor = _text(content.get("replacement_room"))
            case "m.room.create":
                self._take_create(event, content)
            case _:
                pass

    def _take_create(self, event: Mapping[str, Any], content: Mapping[str, Any]) -> None:
        self.predecessor = _text(_mapping(content.get("predecessor")).get("room_id"))
        version = content.get("room_version")
        if isinstance(version, str) and version.isdecimal() and int(version) >= FREE_CREATORS:
            more = content.get("additional_creators")
            named = [each for each in more if isinstance(each, str)] if isinstance(more, list) else []
            self.creators = frozenset((str(event.get("sender")), *named))


class Rooms:
    """All rooms that we are in."""

    def __init__(self, me: str) -> None:
        self.me = me
        self._rooms: dict[str, Room] = {}
        self._private: dict[str, list[str]] = {}  # by person, the one to write to last
        self._partner: dict[str, str] = {}

    def __contains__(self, room: str) -> bool:
        return room in self._rooms

    def __iter__(self) -> Iterator[Room]:
        return iter(self._rooms.values())

    def __len__(self) -> int:
        return len(self._rooms)

    def get(self, room: str) -> Room | None:
        """Give one; None: we are not in it."""
        return self._rooms.get(room)

    def opened(self, room: str) -> Room:
        """Give one that we are in, or have just come into."""
        return self._rooms.setdefault(room, Room(room))

    def take(self, room: str, event: Mapping[str, Any]) -> None:
        """Take an event of a room's state."""
        found = self.opened(room)
        found.take(event)
        self._see(found)

    def forget(self, room: str) -> Room | None:
        """Forget one that we are not in any more; give what it was."""
        self._part(room)
        return self._rooms.pop(room, None)

    def heard(self, room: str) -> None:
        """Note that its person has just written there: that is where they are answered."""
        person = self._partner.get(room)
        if person is not None and self._private[person][-1] != room:
            self._private[person].remove(room)
            self._private[person].append(room)

    def private_with(self, person: str) -> Room | None:
        """Give the room of two in which somebody is written to; one that they have left only if there is no other."""
        rooms = [self._rooms[room] for room in self._private.get(person, ())]
        for wanted in ("join", "invite"):
            for room in reversed(rooms):
                if room.members.get(person) == wanted:
                    return room
        return rooms[-1] if rooms else None

    def are_with(self, person: str) -> bool:
        """Tell whether there is a room of two in which somebody still is, or to which they are invited."""
        found = self.private_with(person)
        return found is not None and found.members.get(person) in PRESENT

    def left_by(self, person: str) -> list[str]:
        """Give the rooms of two that somebody has left, when they have no other."""
        return [] if self.are_with(person) else list(self._private.get(person, ()))

    def successor_of(self, room: str) -> Room | None:
        """Give the room we are in that goes on for another; None: there is none (yet)."""
        return next((each for each in self._rooms.values() if each.predecessor == room), None)

    def _see(self, room: Room) -> None:
        partner = room.partner(self.me)
        if partner == self._partner.get(room.id):
            return
        self._part(room.id)
        if partner is not None:
            self._partner[room.id] = partner
            self._private.setdefault(partner, []).append(room.id)

    def _part(self, room: str) -> None:
        partner = self._partner.pop(room, None)
        if partner is not None:
            self._private[partner].remove(room)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(value: Any) -> str | None:
    return value if isinstance(value, str) and value else None


def _level(value: Any, default: int) -> int:
    """Read a power level; old rooms write them as text."""
    if isinstance(value, bool):
        return default
    if isinstance(value, int):
        return value
    try:
        return int(value) if isinstance(value, str) else default
    except ValueError:
        return default
