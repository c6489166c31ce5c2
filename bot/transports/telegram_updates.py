"""What Telegram's updates mean to us.

An update is read as the JSON it is.  We need ten fields of it; building python-telegram-bot's objects costs
140 µs each (a fifth of all that an update costs us), and its parser takes a batch as a whole or not at all.
So nothing here trusts a shape: what is not as Telegram writes it raises one of `MALFORMED`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from bot.messages import ConversationKind, Incoming, Place

PLATFORM: Final = "telegram"

WANTED: Final = ("message", "callback_query", "my_chat_member")
"""Always sent whole: left out, Telegram keeps the list of the time before.

No ``edited_message``.  Telegram sends it also for changes that nobody made by hand (a preview that has loaded,
a live location), so to take it for something said again would answer twice, and press what was typed last week.
No ``channel_post``: what stands in a channel is never said to us (T-06).
"""

MALFORMED: Final = (AttributeError, LookupError, TypeError, ValueError)

_KINDS: Final[Mapping[str, ConversationKind]] = {
    "private": "private",
    "group": "group",
    "supergroup": "group",
    "channel": "channel",
}

# What a person can send that is no text.  All else without a text is Telegram's own note: a pin, a new picture ...
_UNREADABLE: Final = frozenset(
    (
        *("animation", "audio", "checklist", "contact", "dice", "document", "game", "location", "paid_media"),
        *("photo", "poll", "sticker", "story", "venue", "video", "video_note", "voice"),
    )
)

_COMMAND: Final = re.compile(r"(/[^\s@/]+)(?:@(\w+))?(?=\s|$)")

_LANGUAGES: Final = frozenset(("fi", "sv", "en"))


@dataclass(frozen=True, slots=True)
class Me:
    """The bot account itself."""

    id: int
    username: str


def to_incoming(update: Mapping[str, Any], me: Me) -> Incoming | None:
    """Say what an update means; None: it has to do with no conversation.

    Raises:
        AttributeError, LookupError, TypeError, ValueError: it is malformed (`MALFORMED`).
    """
    number = str(_number(update["update_id"]))
    for kind in ("message", "edited_message", "channel_post", "edited_channel_post"):
        if kind in update:
            message = update[kind]
            return _message(number, message, me) if kind == "message" else _unwanted(number, _place(message))
    if "callback_query" in update:
        return _press(number, update["callback_query"])
    if "my_chat_member" in update:
        return _membership(number, update["my_chat_member"])
    return None


def number_of(update: Any) -> int:
    """Give the number by which an update is acknowledged, malformed or not; 0: it has none."""
    number = update.get("update_id") if isinstance(update, dict) else None
    return number if type(number) is int else 0


def pressed(update: Any) -> str | None:
    """Give the id of the press that waits for an answer, malformed or not; None: nothing was pressed."""
    query = update.get("callback_query") if isinstance(update, dict) else None
    number = query.get("id") if isinstance(query, dict) else None
    return number if isinstance(number, str) else None


def _message(number: str, message: Mapping[str, Any], me: Me) -> Incoming:
    where = _place(message)
    if "migrate_to_chat_id" in message:
        # The new group says the same with migrate_from_chat_id; once is enough.
        new = str(_number(message["migrate_to_chat_id"]))
        return Incoming(id=number, where=where, sender=None, what="moved", text=new)
    if where.kind == "channel" or _by_a_machine(message):
        return _unwanted(number, where)
    sender = _sender(message)
    language = _language(message) if sender else None
    if "text" in message:
        text, to_us, to_another = _said(_words(message["text"]), me, private=where.kind == "private")
        if to_another:
            return _unwanted(number, where)
        addressed = to_us or where.kind == "private" or _answers_us(message, me)
        return Incoming(
            id=number, where=where, sender=sender, text=text, language=language, addressed=addressed
        )
    if where.kind == "private" and not _UNREADABLE.isdisjoint(message):
        caption = _words(message.get("caption", ""))
        return Incoming(
            id=number, where=where, sender=sender, what="unreadable", text=caption, language=language
        )
    return _unwanted(number, where)


def _said(text: str, me: Me, *, private: bool) -> tuple[str, bool, bool]:
    """Give the text without our name after the command; is the command for us, for another bot?

    A bare command counts as ours: Telegram delivers it in a group where we wrote last, or everything does come
    because we are an administrator there; one that we do not know gets no answer.
    """
    command = _COMMAND.match(text)
    if command is None:
        return text, False, False
    name = command[2]
    if name is None:
        return text, True, False
    if private or name.lower() == me.username.lower():
        return command[1] + text[command.end() :], True, False
    return text, False, True


def _press(number: str, query: Mapping[str, Any]) -> Incoming:
    sender = _private(query["from"])
    # Telegram tells no message for a button that was posted by way of another chat; we post none so.
    where = _place(query["message"]) if "message" in query else sender
    if "data" not in query:
        return _unwanted(number, where)
    return Incoming(
        id=number,
        where=where,
        sender=sender,
        what="button",
        button=_words(query["data"]),
        language=_language(query),
    )


def _membership(number: str, change: Mapping[str, Any]) -> Incoming:
    where = _place(change)
    was, is_now = _is_in(change["old_chat_member"]), _is_in(change["new_chat_member"])
    if was == is_now:
        return _unwanted(number, where)
    sender = None if _is_bot(change["from"]) else _private(change["from"])
    if where.kind == "private":
        return Incoming(id=number, where=where, sender=sender, what="returned" if is_now else "removed")
    language = _language(change) if sender else None
    what = "added" if is_now else "removed"
    return Incoming(id=number, where=where, sender=sender, what=what, language=language)  # type: ignore[arg-type]


def _is_in(member: Mapping[str, Any]) -> bool:
    status = member["status"]
    if status == "restricted":
        return bool(member["is_member"])
    return status in {"creator", "administrator", "member"}


def _place(holder: Mapping[str, Any]) -> Place:
    chat = holder["chat"]
    return Place(PLATFORM, str(_number(chat["id"])), _KINDS[chat["type"]])


def _private(user: Mapping[str, Any]) -> Place:
    return Place(PLATFORM, str(_number(user["id"])))


def _sender(message: Mapping[str, Any]) -> Place | None:
    """Give who wrote; an anonymous administrator shows the group or a channel instead, and a false user."""
    return None if "sender_chat" in message else _private(message["from"])


def _by_a_machine(message: Mapping[str, Any]) -> bool:
    """Was it written by a bot, or copied from the group's channel?  Such text is never a command (T-06)."""
    if "via_bot" in message or message.get("is_automatic_forward"):
        return True
    return "sender_chat" not in message and _is_bot(message["from"])


def _is_bot(user: Mapping[str, Any]) -> bool:
    return bool(user.get("is_bot"))


def _answers_us(message: Mapping[str, Any], me: Me) -> bool:
    answered = message.get("reply_to_message") or {}
    return bool((answered.get("from") or {}).get("id") == me.id)


def _language(holder: Mapping[str, Any]) -> str | None:
    """Reduce "en-GB" to "en"; None: not told, or none of ours."""
    language = str(holder["from"].get("language_code", "")).partition("-")[0].lower()
    return language if language in _LANGUAGES else None


def _unwanted(number: str, where: Place) -> Incoming:
    return Incoming(id=number, where=where, sender=None, what="unwanted")


def _number(value: Any) -> int:
    if type(value) is not int:
        raise TypeError
    return value


def _words(value: Any) -> str:
    if type(value) is not str:
        raise TypeError
    value.encode()  # half a surrogate pair is no text: no database and no platform takes it
    return value
