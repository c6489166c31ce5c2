"""Asking a poll: opening a round of it, and the words by which people and groups hear of it."""

from datetime import datetime

from bot.content.model import EVERYONE, Poll
from bot.core.quiet_hours import next_allowed
from bot.messages import Button, Lane, Phrase, Say, button, say
from bot.router import House
from bot.store import Store
from bot.store.people import Conversation
from bot.store.polls import Round
from bot.store.subscriptions import EVERYTHING


def can_be_asked(poll: Poll) -> bool:
    """Tell whether we keep what the poll promises.

    One that is not anonymous says that staff learn who answered, and get in touch; that is not built yet.
    """
    return poll.served and poll.anonymous


def poll_of(asked: Round, house: House) -> Poll | None:
    """Give the poll of a round; None: it is gone from content, or cannot be asked."""
    return next((each for each in house.content.polls if each.id == asked.poll and can_be_asked(each)), None)


def open_poll(
    store: Store, poll: Poll, occasion: str, *, now: datetime, closes: datetime | None = None
) -> Round | None:
    """Open a round, for as long as the poll says or until ``closes``; None: this occasion has opened one already."""
    return store.polls.open(poll.id, occasion, now=now, closes=closes or now + poll.closes_after)


def audience_of(poll: Poll, house: House) -> tuple[str, ...] | None:
    """Give the series whose hearers are asked; None: those of any."""
    if EVERYONE in poll.audience:
        return None
    return (*poll.audience, EVERYTHING) if is_public(poll, house) else poll.audience


def is_public(poll: Poll, house: House) -> bool:
    """Tell whether a channel may hear of it; what we do not know is not public (T-17)."""
    if EVERYONE in poll.audience:
        return True
    series = [house.series.get(each) for each in poll.audience]
    return all(each is not None and each.visibility == "public" for each in series)


def invitation(asked: Round, poll: Poll) -> Say:
    """Invite somebody in private.  It names no group, so that it may stand on any lock screen (T-02)."""
    series = () if EVERYONE in poll.audience else poll.audience[:1]
    return say(
        "poll.invitation",
        button("poll.button.answer", "poll", str(asked.id)),
        button("button.stop", "stop", *series),
        button("button.pause", "pause"),
    )


def card(asked: Round, poll: Poll) -> Say:
    """Show a poll in a group; its button leads to the private chat, for answers are never collected here."""
    answer = Button(Phrase("poll.button.answer"), deep_link=f"kysely-{asked.id}")
    return Say(Phrase("poll.card", {"kysymys": Phrase(f"poll.{poll.id}.q")}), (answer,))


def key_of(asked: Round, conversation: int) -> str:
    """Give the key under which somebody, or a group, hears of a round: once."""
    return f"{keys_of(asked)}{conversation}"


def keys_of(asked: Round) -> str:
    """Give what the keys of all invitations and cards of a round begin with."""
    return f"poll:{asked.id}:"


def series_of(poll: Poll) -> str | None:
    """Give the one series whose hearers are asked; None: those of several, or of any."""
    return poll.audience[0] if len(poll.audience) == 1 and EVERYONE not in poll.audience else None


def show_in_group(store: Store, house: House, where: Conversation, series: str, *, now: datetime) -> None:
    """Show the open polls that fit a group, or a channel, which begins to follow a series (or everything)."""
    for asked in store.polls.open_rounds(now):
        poll = poll_of(asked, house)
        if poll is None or (where.place.kind == "channel" and not is_public(poll, house)):
            continue
        audience = audience_of(poll, house)
        if audience is None or series in audience or (series == EVERYTHING and is_public(poll, house)):
            store.outbox.push(
                where,
                key_of(asked, where.id),
                card(asked, poll),
                now=now,
                lane=Lane.BROADCAST,
                not_before=next_allowed(now, house.quiet_hours, house.zone),
                useful_until=asked.closes,
            )
