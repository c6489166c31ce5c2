"""Closing a round of a poll: only the counts stay, and what may be shown of them is settled."""

from datetime import datetime
from typing import Final

from bot.actions.open_poll import is_public, keys_of, poll_of
from bot.content.model import Poll
from bot.router import House
from bot.store import Store
from bot.store.people import Conversation
from bot.store.polls import Round

POSSIBLE: Final = "polls.possible:{}"  # how many could have answered, where that can be known


def open_polls(store: Store, house: House, *, now: datetime) -> list[tuple[Round, Poll]]:
    """Give what can be closed, the oldest first."""
    found = ((each, poll_of(each, house)) for each in store.polls.open_rounds(now))
    return [(asked, poll) for asked, poll in found if poll is not None]


def close_poll(
    store: Store, house: House, asked: Round, *, now: datetime, by: Conversation | None = None
) -> None:
    """Close a round, for good; ``by`` is the organizer who does it, None: its time is over.

    How many could have answered is settled now and never again, for it decides what is shown (DOMAIN.md, E 5).
    """
    if asked.closed is not None:
        return
    store.polls.close(asked.id, now=now)
    store.outbox.drop_keys(keys_of(asked))
    poll = poll_of(asked, house)
    if poll is not None and not is_public(poll, house):
        people = store.subscriptions.people(poll.audience)
        store.books.set_bookmark(POSSIBLE.format(asked.id), str(people))
    if by is not None:
        store.organizers.log(by.id, "poll.close", now=now)


def possible_people(store: Store, asked: Round) -> int | None:
    """Give how many could have answered; None: nobody can tell, for anybody could."""
    text = store.books.bookmark(POSSIBLE.format(asked.id))
    return None if text is None else int(text)
