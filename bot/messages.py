"""The values that cross a boundary: what people say to Vertti and what Vertti says to them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import IntEnum
from pathlib import Path
from typing import Literal

ConversationKind = Literal["private", "group", "channel"]
Meaning = Literal["yes", "no"]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a conversation goes on: a platform and its own address there (never logged)."""

    platform: str
    address: str = field(repr=False)
    kind: ConversationKind = "private"

    @property
    def mark(self) -> str:
        """What a command begins with where others read: Matrix programs keep "/" for themselves."""
        return "!" if self.platform == "matrix" else "/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Incoming:
    """One thing that happened on a platform.

    ``id`` is the platform's own id of the update, unique within ``where.platform``; a repeat has no
    effect.  ``sender`` is the private address of the person behind it: the same as ``where`` in a
    private chat, None where the platform does not say (an anonymous administrator, a channel).

    ``what`` tells which of the other fields speaks:
    ``text`` what was typed, commands with their mark included; ``button`` the data of a pressed button;
    ``unreadable`` a voice message, a picture ..., ``text`` what was written under it;
    ``undecryptable`` a message whose key never came; ``added`` the bot was added to ``where`` by ``sender``;
    ``removed`` the bot was blocked by or thrown out of ``where``; ``returned`` it was unblocked;
    ``moved`` the group has the new address ``text``; ``withdrawn`` its sender took back the earlier update whose id
    is ``text``; ``unwanted`` understood and of no concern.

    A ``text`` with ``edits`` is an earlier one said anew: ``edits`` is the id of that one, the same however often it is
    edited, and ``text`` the whole new text.
    """

    id: str
    where: Place
    sender: Place | None
    what: Literal[
        "text",
        "button",
        "unreadable",
        "undecryptable",
        "added",
        "removed",
        "returned",
        "moved",
        "withdrawn",
        "unwanted",
    ] = "text"
    text: str = field(default="", repr=False)
    button: str = field(default="", repr=False)
    language: str | None = None  # what the platform says of the person's language, "fi"
    addressed: bool = True  # in a group: said to the bot itself (a command with its name, a reply to it)
    edits: str = ""
    # May ``sender`` be written to before they have written?  Then what is personal is answered there at once.
    reachable: bool = False
    # Can its sender edit it or take it back?  Where that is so, it is so of every vote.
    retractable: bool = False


class Lane(IntEnum):
    """Who goes first: an answer that somebody waits for, before what nobody counts the seconds of."""

    REPLY = 0
    URGENT = 1  # whoever means to come this morning would come in vain: said in quiet hours too
    NOTICE = 2  # a cancellation, a correction
    REMINDER = 3
    BROADCAST = 4


@dataclass(frozen=True, slots=True)
class Phrase:
    """A text by key, put into words in the reader's language at the moment of sending."""

    key: str
    values: Mapping[str, "Value"] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class When:
    """A time span that is worded as "ti 24.11. klo 13–15"; both ends in UTC, ``end`` may be None."""

    start: datetime
    end: datetime | None = None
    all_day: bool = False


@dataclass(frozen=True, slots=True)
class DayName:
    """Worded as "tänään" or "huomenna", or as nothing when the day is another one."""

    start: datetime


@dataclass(frozen=True, slots=True)
class Localized:
    """A text that is already there in some languages; the reader's is chosen, else the default's."""

    words: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Lines:
    """Several pieces, each on a line of its own; those that come out empty are left out."""

    parts: tuple["Value", ...]


Value = str | int | Phrase | When | DayName | Localized | Lines


@dataclass(frozen=True, slots=True)
class Button:
    """A button with words.

    ``action`` names the handler that is marked ``@router.button(action)``; ``arguments`` come back to it
    as strings.  Together they must fit in 40 bytes (Telegram carries 64, the seal takes the rest).
    A button with ``url`` opens a page and has no action; ``deep_link`` opens the private chat and says
    ``/start PAYLOAD`` there (1-64 of A-Za-z0-9_-).  An ``answer`` answers a poll: nobody else may ever see
    that it was chosen.  What ``means`` yes or no to the question above it is chosen by these words too, in private.
    """

    label: Phrase
    action: str = ""
    arguments: tuple[str, ...] = ()
    url: str | None = None
    deep_link: str | None = None
    answer: bool = False
    means: Meaning | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A small text file that goes with a message."""

    name: str
    media_type: str
    content: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture in the content folder that goes with a message, by its name; ``words`` say what it is.

    The text is complete without it: where it is not there, or not taken, the text goes alone.
    """

    name: str
    words: Phrase


@dataclass(frozen=True, slots=True)
class Say:
    """One message to one conversation, wordless until it is sent.

    ``discreet`` is what is shown instead of ``text`` to a reader who has not said that the
    group may be named (T-02).  ``file``, or ``picture``, goes with the text.
    """

    text: Phrase
    buttons: tuple[Button, ...] = ()
    discreet: Phrase | None = None
    file: File | None = None
    picture: Picture | None = None


@dataclass(frozen=True, slots=True)
class Leave:
    """Leave this group, silently, once what was said before is said."""


def say(key: str, *buttons: Button, **values: Value) -> Say:
    """Say a phrase with these values and these buttons under it."""
    return Say(Phrase(key, values), buttons)


def button(key: str, action: str, *arguments: str, means: Meaning | None = None, **values: Value) -> Button:
    """Make a button labelled with a phrase."""
    return Button(Phrase(key, values), action, arguments, means=means)


@dataclass(frozen=True, slots=True)
class ShownButton:
    """A button in the reader's words; ``data`` comes back when pressed, ``url`` opens instead.

    An ``answer`` is secret: no reaction, nor anything else that others or the platform can see, may choose it.
    What ``decides`` means yes or no to the question above it: a part of its words does not choose it.
    """

    label: str
    data: str = field(default="", repr=False)
    url: str | None = field(default=None, repr=False)
    deep_link: str | None = field(default=None, repr=False)
    answer: bool = False
    decides: bool = False


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture of the content folder, with words for those who cannot see it; it is read when it is sent."""

    name: str
    path: Path
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Outgoing:
    """One message in the reader's words, ready for a platform.

    ``key`` is the same at each attempt, so that a platform with transaction ids sends it once.  ``hint``
    introduces the labels of a push ("Vastaa sanalla:") where buttons are words to type; empty: it has none.
    """

    key: str
    where: Place
    text: str = field(repr=False)
    buttons: tuple[ShownButton, ...] = ()
    file: File | None = None
    picture: ShownPicture | None = None
    lane: Lane = Lane.REPLY
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Pace:
    """What a platform bears: messages a second in all, the least gap in one chat, and a group's window.

    What was said among much else may be written down so much later, with others' (``written_within``): only where the
    same key is taken once, for whoever is killed meanwhile says it again.
    """

    per_second: float
    chat_gap: timedelta = timedelta(seconds=1)
    chat_burst: int = 3  # so many at once before the gap holds
    group_most: int = 20
    group_window: timedelta = timedelta(seconds=60)
    in_flight: int = 32
    written_within: timedelta = timedelta(0)
