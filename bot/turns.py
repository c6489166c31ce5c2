"""From what was said to what changes and what is answered: one transaction each.  What it means stands in meaning.py."""

from datetime import datetime

from bot.core.plain_text import clean
from bot.errors import ReadOnlyError
from bot.meaning import (
    HOME,
    DeclinedError,
    Reply,
    Turn,
    Understanding,
    key_of,
    meet,
    reply_of,
    said_between,
)
from bot.messages import Incoming, Say, say
from bot.store import Store
from bot.store.models import to_day
from bot.store.outbox import Ready, reply_to

ABOUT_THE_KNOWN = frozenset(
    {"removed", "returned", "moved", "withdrawn"}
)  # of strangers, and of the erased, nothing is kept


def take(understanding: Understanding, incoming: Incoming, flood: str, now: datetime, store: Store) -> None:
    """Let one update have its effect, once, in the writer's thread; ``flood`` is the verdict of `Flood`.

    Raises:
        DeclinedError: a handler could not do what was asked for; `answer_instead` says so.
        Exception: a handler failed; `answer_instead` says sorry.
    """
    if not store.books.first_time(incoming.where.platform, incoming.id, to_day(now)):
        return
    if incoming.what == "unwanted" or flood == "drop" or not incoming.addressed:
        return
    if _is_of_a_stranger(store, incoming) and not (incoming.edits and _is_cry(understanding, incoming)):
        return
    today = now.astimezone(understanding.house.zone)  # the day as people count it
    where = meet(store, incoming.where, incoming, today)
    if flood == "warn":
        open_there = store.dialogues.of(where.id, now=now)
        slower = said_between(where, open_there, say("trouble.slow_down"))
        reply: Reply | None = slower if where.private else None
    else:
        reply = Turn(understanding, store, incoming, where, now).take()
    if reply is not None:
        _respond(store, incoming, reply, now)


def answer_instead(incoming: Incoming, error: Exception, now: datetime, store: Store) -> None:
    """Answer an update whose own effect was undone: why it could not be, or that we are sorry."""
    if not store.books.first_time(incoming.where.platform, incoming.id, to_day(now)):
        return
    if _is_of_a_stranger(store, incoming):
        return
    where = meet(store, incoming.where, incoming, now)
    message = say("trouble.sorry", HOME)
    if isinstance(error, DeclinedError):
        known = store.people.find(error.place)
        if known is None and incoming.reachable:  # met a moment ago, which was undone with the rest
            known = meet(store, error.place, incoming, now)
        where = known or where
        message = Say(error.phrase, (HOME,))
    else:
        store.books.add("handler.failed", to_day(now))
    _respond(store, incoming, reply_of(where, message), now)


def answer_reading(
    understanding: Understanding, incoming: Incoming, now: datetime, store: Store
) -> list[Ready]:
    """Answer an update from what is kept, changing nothing: for when nothing can be written.

    The keys are those that the same answers have when they are written later.

    Raises:
        ReadOnlyError: the answer needs something to be written, at least who asked.
        Exception: the handler failed.
    """
    where = store.people.find(incoming.where)
    if where is None:
        message = "never met"
        raise ReadOnlyError(message)
    if store.books.is_known(incoming.where.platform, incoming.id):
        return []
    try:
        reply = Turn(understanding, store, incoming, where, now).take()
    except DeclinedError as declined:
        reply = reply_of(where, Say(declined.phrase, (HOME,)))
    if reply is None:
        return []
    return [
        reply_to(reply.where, f"{key_of(incoming)}:{number}", message)
        for number, message in enumerate(reply.messages)
    ]


def _is_of_a_stranger(store: Store, incoming: Incoming) -> bool:
    """Tell whether this says something of a conversation that we do not know, or that is on its way out.

    So does an edit: whoever is erased may want to wipe out what they wrote, and does not come back by it.
    """
    if incoming.what not in ABOUT_THE_KNOWN and not incoming.edits:
        return False
    known = store.people.find(incoming.where)
    return known is None or known.state == "leaving"


def _is_cry(understanding: Understanding, incoming: Incoming) -> bool:
    return understanding.is_crisis(clean(incoming.text))


def _respond(store: Store, incoming: Incoming, reply: Reply, now: datetime) -> None:
    """Queue the answer, and make its question and choices what is open.

    Where the platform lets us write first, a group is told that the answer has gone to who asked.
    """
    where = store.people.refreshed(reply.where)
    for number, message in enumerate(reply.messages):
        store.outbox.reply(where, f"{key_of(incoming)}:{number}", message, now=now)
    if incoming.reachable and reply.messages and where.place != incoming.where:
        asked_in = store.people.find(incoming.where)
        if asked_in is not None:
            line = say("group.answered_privately")
            store.outbox.reply(asked_in, f"{key_of(incoming)}:group", line, now=now)
    if reply.dialogue is not None and where.state != "leaving":
        store.dialogues.put(where.id, reply.dialogue, now=now)
