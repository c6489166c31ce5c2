"""What an event of a Matrix timeline means to us.

An event is read as the JSON it is: already decrypted, and written by whoever likes.  Nothing here trusts a shape,
asks a server or looks another event up, so what only another event can tell is left to the caller: whether an
edit, a vote or a reaction comes from somebody who may, and whether a reply answers one of our own messages.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import dropwhile
from typing import Any, Final
from urllib.parse import quote

from bot.core.phrases import number_of
from bot.errors import VerttiError

MOST_TEXT: Final = 8000  # characters: more than any text that is understood
LONGEST_ID: Final = 255  # bytes by the specification, so never more characters
_EVENT: Final = re.compile(
    r"\$[!-~]+"
)  # whatever else is called an event's id, no homeserver need be asked for it
LONGEST_KEY: Final = 64  # characters of a reaction: an emoji has ten at most, some clients send words

# A poll of a person's own belongs here too: we take part in none.
_UNREADABLE_EVENTS: Final = frozenset(("m.sticker", "m.poll.start", "org.matrix.msc3381.poll.start"))
_UNREADABLE_MESSAGES: Final = frozenset(("m.image", "m.audio", "m.video", "m.file", "m.location"))
_WORDS: Final = frozenset(("m.text", "m.emote"))

# MSC3381 as it stands, as clients still write it (the first), and as it was in between.
_VOTES: Final = frozenset(
    ("org.matrix.msc3381.poll.response", "m.poll.response", "org.matrix.msc3381.v2.poll.response")
)
_SELECTIONS: Final = ("m.selections", "org.matrix.msc3381.v2.selections")
_ANSWERS: Final = ("org.matrix.msc3381.poll.response", "m.poll.response")

_MARK: Final = re.compile(r"\s*[/!／！]\s*(?=\w)")
_FALLBACK: Final = re.compile(r"> (?:\* )?<[^<>\n]+>")  # the first line of an old client's quotation
_DIGITS: Final = frozenset("123456789")


class Malformed(VerttiError):  # noqa: N818 - named for what the event is
    """An event is not as Matrix writes it; its place is named, what stood there never."""


@dataclass(frozen=True, slots=True)
class Said:
    """Somebody wrote something.

    ``text`` has neither the quotation of what it answers nor the bot's name before it.  ``edits`` is the id of
    the event whose text this one replaces, as a whole; ``replies_to`` of the one that it answers, or below which
    its thread hangs.
    """

    text: str = field(repr=False)
    addressed: bool
    edits: str | None = None
    replies_to: str | None = None


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Somebody sent a picture, a voice message ...; ``caption`` is what they wrote under it."""

    caption: str = field(repr=False)
    addressed: bool
    edits: str | None = None


@dataclass(frozen=True, slots=True)
class Reacted:
    """Somebody put ``key`` under the event ``to``; ``number`` is 1 to 9, None: it is no such digit."""

    to: str
    key: str = field(repr=False)
    number: int | None


@dataclass(frozen=True, slots=True)
class Voted:
    """Somebody chose an answer of the poll that the event ``start`` began; None: nothing any more."""

    start: str
    answer: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class TakenBack:
    """Somebody, not always its sender, took ``event`` back."""

    event: str


Meaning = Said | Unreadable | Reacted | Voted | TakenBack


def read_event(
    event: Mapping[str, Any], *, me: str, names: Sequence[str], alone_with: str | None
) -> Meaning | None:
    """Say what an event means; None: it is of no concern.

    Of no concern are our own events, what other machines say (``m.notice``), state, what was taken back
    already, and what could not be decrypted (which the caller notices by itself).

    Args:
        event: as JSON; what was encrypted with the decrypted type and content in place.
        me: the bot's full id, ``@vertti:server``.
        names: what else it is called: the first part of that id, its display name.
        alone_with: the other person, when the room is a room of two.  All they say is said to us.

    Raises:
        Malformed: it is not as Matrix writes it.  Where this is not raised, ``event_id`` and ``sender`` are
            strings of a sane length.
    """
    whole = _object(event, "event")
    kind, sender = _string(whole.get("type"), "type"), _id(whole, "sender")
    _id(whole, "event_id")
    if sender == me or "state_key" in whole or _is_taken_back(whole):
        return None
    content = _object(whole.get("content"), "content")
    private = sender == alone_with
    if kind == "m.room.message":
        return _message(content, _Ears(me, tuple(names), private))
    if kind in _UNREADABLE_EVENTS:
        return Unreadable("", addressed=private)
    if kind == "m.room.redaction":
        return _redaction(whole, content)
    if kind == "m.reaction":
        return _reaction(content)
    return _vote(content) if kind in _VOTES else None


def _is_taken_back(event: Mapping[str, Any]) -> bool:
    unsigned = event.get("unsigned")
    return isinstance(unsigned, Mapping) and "redacted_because" in unsigned


# ---- words ------------------------------------------------------------------------------------------


def _message(content: Mapping[str, Any], ears: "_Ears") -> Said | Unreadable | None:
    if not content:  # taken back
        return None
    relation = _part(content, "m.relates_to")
    edits = _event_id(relation) if relation.get("rel_type") == "m.replace" else None
    # The outer body of an edit is a fallback, "* new words".
    content = content if edits is None else _object(content.get("m.new_content"), "m.new_content")
    kind = _string(content.get("msgtype"), "msgtype")
    mentioned = ears.are_mentioned(content)
    if kind in _UNREADABLE_MESSAGES:
        caption, addressed = ears.hear(_caption(content), mentioned=mentioned)
        return Unreadable(caption, addressed, edits)
    if kind.startswith("m.") and kind not in _WORDS:
        return None  # a machine's notice, a request to verify keys ...; of any other kind the body counts
    body = _string(content.get("body"), "body")
    replies_to = None if edits else _replied_to(relation)
    text, addressed = ears.hear(_own_words(body, quoting=replies_to is not None), mentioned=mentioned)
    return Said(text, addressed, edits, replies_to) if text.strip() else None


def _own_words(body: str, *, quoting: bool) -> str:
    """Leave out the quotation that old clients put before a reply, in lines that begin with ">"."""
    if quoting and _FALLBACK.match(body):
        lines = dropwhile(lambda line: line.startswith(">"), body.split("\n"))
        body = "\n".join(lines).lstrip("\r\n")
    return body[:MOST_TEXT]


def _caption(content: Mapping[str, Any]) -> str:
    """Give what was written under a picture: the body, where that is not just its name (MSC2530)."""
    body, name = content.get("body"), content.get("filename")
    if not isinstance(body, str) or not isinstance(name, str) or body == name:
        return ""
    return _string(body, "body")[:MOST_TEXT]


def _replied_to(relation: Mapping[str, Any]) -> str | None:
    """Give what a message answers; in a thread that is its beginning, unless it really is a reply in there."""
    in_thread = relation.get("rel_type") == "m.thread"
    if in_thread and relation.get("is_falling_back") is True:  # "replies" for old clients only
        return _event_id(relation)
    replied = _part(relation, "m.in_reply_to")
    if replied:
        return _event_id(replied)
    return _event_id(relation) if in_thread else None


@dataclass(frozen=True, slots=True)
class _Ears:
    """Tells what is said to us, and takes our name off it."""

    me: str
    names: tuple[str, ...]
    private: bool

    def are_mentioned(self, content: Mapping[str, Any]) -> bool:
        """Are we mentioned by our id?  Who calls the whole room does not mean us."""
        mentions = content.get("m.mentions")
        users = mentions.get("user_ids") if isinstance(mentions, Mapping) else None
        return isinstance(users, list) and self.me in users

    def hear(self, text: str, *, mentioned: bool) -> tuple[str, bool]:
        """Give the text without our name at the beginning; and is it said to us?"""
        calls = _calls(self.me, self.names)
        called = (calls.mention if mentioned else calls.call).match(text)
        rest = (text[called.end() :] if called else "") or text  # our name and nothing more is a word, too
        addressed = (
            self.private
            or mentioned
            or _MARK.match(rest) is not None
            or number_of(rest) is not None
            or calls.anywhere.search(text) is not None
        )
        return rest, addressed


@dataclass(frozen=True, slots=True)
class _Calls:
    """How people call us: ``call`` at the beginning, unmistakably; ``mention`` a bare name too; ``anywhere``."""

    call: re.Pattern[str]
    mention: re.Pattern[str]
    anywhere: re.Pattern[str]


@lru_cache(maxsize=64)
def _calls(me: str, names: tuple[str, ...]) -> _Calls:
    """Prepare for the shapes that a call takes in a plain body.

    ``Vertti: ...`` is what a mention becomes by the specification; Element X writes it as a Markdown link
    (element-x-android#5729) and Element's rich text editor as an anchor (element-web#28516).
    """
    address = rf"https://matrix\.to/#/(?:{re.escape(me)}|{re.escape(quote(me, safe=''))})"
    link = rf"\[[^\[\]\n]{{1,300}}\]\(<?{address}>?\)"
    anchor = rf'<a\b[^<>\n]{{0,300}}"{address}"[^<>\n]{{0,300}}>[^<>\n]{{1,300}}</a>'
    full = rf"{link}|{anchor}|{re.escape(me)}"
    known = sorted({name.strip() for name in names} - {""}, key=len, reverse=True)
    called = "|".join(map(re.escape, known)) or r"(?!)"
    end = r"\s?[:,]?(?:\s+|$)"  # so that neither "Verttiä" nor "@vertti:another.server" is meant
    ours = rf"(?:(?<!\w){re.escape(me)}|{address})(?!\w|[.:-]\w)"
    name = rf"(?<![\w@/.])(?:{called})(?![\w@]|\.\w)"  # neither an address nor a part of one
    nick = rf"(?<!\w)@(?:{called})(?![\w@]|[.:]\S)"
    return _Calls(
        call=re.compile(rf"\s*(?:{full}|@(?:{called})|(?:{called})(?=\s?[:,])){end}", re.IGNORECASE),
        mention=re.compile(rf"\s*(?:{full}|@?(?:{called})){end}", re.IGNORECASE),
        anywhere=re.compile(rf"{ours}|{name}|{nick}", re.IGNORECASE),
    )


# ---- everything else --------------------------------------------------------------------------------


def _reaction(content: Mapping[str, Any]) -> Reacted | None:
    relation = _part(content, "m.relates_to")
    if relation.get("rel_type") != "m.annotation":
        return None
    key = _string(relation.get("key"), "key")[:LONGEST_KEY]
    plain = key.replace("\ufe0f", "").replace("\u20e3", "")  # the keycap 1️⃣, in colours or not
    return Reacted(_event_id(relation), key, int(plain) if plain in _DIGITS else None)


def _vote(content: Mapping[str, Any]) -> Voted | None:
    relation = _part(content, "m.relates_to")
    if relation.get("rel_type") != "m.reference":
        return None
    places = (
        *(content.get(name) for name in _SELECTIONS),
        *(_part(content, name).get("answers") for name in _ANSWERS),
    )
    answers = _list(next((each for each in places if each is not None), None), "answers")
    # One answer is asked for; of several the first counts (MSC3381).
    return Voted(_event_id(relation), _short(answers[0], "answer") if answers else None)


def _redaction(event: Mapping[str, Any], content: Mapping[str, Any]) -> TakenBack:
    # In rooms of version 11 and later it stands in the content, in older ones on top (and in the content whatever
    # the sender likes).  Servers copy it to the top for clients that know the old place.
    return TakenBack(_id(event if event.get("redacts") is not None else content, "redacts"))


# ---- shapes -----------------------------------------------------------------------------------------


def _object(value: Any, place: str) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise Malformed(place)
    return value


def _part(holder: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """Give an object that need not be there; an empty one, if it is not."""
    value = holder.get(name)
    return {} if value is None else _object(value, name)


def _list(value: Any, place: str) -> list[Any]:
    if not isinstance(value, list):
        raise Malformed(place)
    return value


def _id(holder: Mapping[str, Any], name: str) -> str:
    return _short(holder.get(name), name)


def _event_id(relation: Mapping[str, Any]) -> str:
    place = "event_id"
    found = _id(relation, place)
    if _EVENT.fullmatch(found) is None:
        raise Malformed(place)
    return found


def _short(value: Any, place: str) -> str:
    text = _string(value, place)
    if not 0 < len(text) <= LONGEST_ID:
        raise Malformed(place)
    return text


def _string(value: Any, place: str) -> str:
    if not isinstance(value, str):
        raise Malformed(place)
    try:
        value.encode()
    except UnicodeEncodeError:  # half a surrogate pair is no text: no database and no platform takes it
        raise Malformed(place) from None
    return value
