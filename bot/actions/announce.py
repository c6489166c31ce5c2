"""An organizer's news, from the draft to the report.

The audience is counted and frozen at confirmation (T-17); above a number of recipients a second organizer confirms;
what is confirmed is held for a moment, in which it can be stopped whole; whoever loses the role loses with it what
they have under way (T-01).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from bot.core.links import foreign_hosts, hosts_in
from bot.core.quiet_hours import next_allowed
from bot.core.recurrence import midnight
from bot.errors import UserError
from bot.messages import Button, Lane, Lines, Localized, Phrase, Say, Value, When, button, say
from bot.router import House
from bot.store import Store
from bot.store.news import DRAFT, REPORTED, SENDING, SENT, WAITING, Broadcast, Readers
from bot.store.outbox import CLAIMED
from bot.store.outbox import SENT as ARRIVED
from bot.store.outbox import WAITING as IN_LINE
from bot.store.people import Conversation

LONGEST: Final = 3500  # characters: with the heading it fits into one message everywhere
MOST_ALONE: Final = 50  # recipients that one organizer reaches without a second one (T-01)
LAPSES: Final = timedelta(hours=24)  # what no second organizer has confirmed by then is not sent
REASONS: Final = 3  # that a report names one by one
STOPPED: Final = (
    "stopped"  # under which it counts, always, those who wanted no news any more when it went out
)
OTHER: Final = "other"  # under which it counts the rest


@dataclass(frozen=True, slots=True)
class Plan:
    """What would follow if the news were confirmed now.

    ``goes`` is when the first is sent; ``waits``: quiet hours hold it up until then.  ``earlier`` is how much news
    was confirmed today already: people should get one a day at most (U10).
    """

    readers: Readers
    goes: datetime
    waits: bool
    needs_second: bool
    earlier: int


# ---- the draft -----------------------------------------------------------------------------------------


def fault_of(text: str, house: House) -> Phrase | None:
    """Say why a text cannot be sent; None: it can."""
    if not text.strip():
        return Phrase("news.ask")
    if len(text) > LONGEST:
        return Phrase("news.too_long", {"n": len(text), "enintaan": LONGEST})
    foreign = foreign_hosts(text, allowed=allowed_hosts(house))
    return Phrase("news.link", {"sivu": foreign[0]}) if foreign else None


def allowed_hosts(house: House) -> frozenset[str]:
    """Give the hosts that news may lead to: those that organization.yaml itself names, and our own page's (T-08)."""
    texts = [house.public_url]
    for value in house.content.organization.values():
        texts += [value] if isinstance(value, str) else value.values()
    return frozenset().union(*map(hosts_in, texts))


def draft(
    store: Store,
    house: House,
    organizer: Conversation,
    text: str,
    *,
    series: str | None = None,
    now: datetime,
) -> Broadcast:
    """Begin a piece of news, in place of an earlier draft of the same organizer.

    Raises:
        UserError: the text cannot be sent; the phrase says why.
    """
    fault = fault_of(text, house)
    if fault is not None:
        raise UserError(fault)
    return store.news.draft(organizer.id, text.strip(), series, now=now)


def plan(store: Store, house: House, news: Broadcast, *, now: datetime) -> Plan:
    """Say to how many it would go, and when."""
    readers = readers_of(store, house, news.series, now=now)
    goes, waits = _goes(house, now)
    today = midnight(now.astimezone(house.zone).date(), house.zone)
    return Plan(readers, goes, waits, readers.all > MOST_ALONE, store.news.confirmed_since(today))


def readers_of(store: Store, house: House, series: str | None, *, now: datetime) -> Readers:
    """Count who hears of a series, or of any."""
    return store.news.readers(series, public=is_public(series, house), now=now)


def as_read(news: Broadcast) -> Say:
    """Word it as people get it in private, with the way out under it (U9)."""
    series = () if news.series is None else (news.series,)
    buttons = (button("button.stop", "stop", *series), button("button.pause", "pause"))
    return Say(_text(news), buttons)


def as_read_in_groups(news: Broadcast) -> Say:
    """Word it as a group or a channel gets it."""
    return Say(_text(news))


def audience_name(news: Broadcast, house: House) -> Value:
    """Say who they are, in words."""
    if news.series is None:
        return Phrase("news.everyone")
    series = house.series.get(news.series)
    return news.series if series is None else Localized(series.name)


# ---- confirming ----------------------------------------------------------------------------------------


def confirm(store: Store, house: House, news: Broadcast, *, now: datetime) -> Broadcast:
    """Send a draft, or ask a second organizer first where it goes to many; give it as it then is.

    Raises:
        UserError: it is no draft any more, nobody would get it, or there is no second organizer.
    """
    if news.state != DRAFT:
        raise UserError(Phrase("news.decided"))
    planned = plan(store, house, news, now=now)
    if planned.readers.all == 0:
        raise UserError(Phrase("news.nobody"))
    if not planned.needs_second:
        return _send(store, house, news, "announce", news.organizer, now=now)
    others = [
        each for each in store.people.organizers() if each.id != news.organizer and each.state == "active"
    ]
    if not others:
        raise UserError(Phrase("news.no_second", {"n": MOST_ALONE}))
    store.news.change(news.id, state=WAITING, due=now + LAPSES)
    store.organizers.log(
        news.organizer, "announce.ask", now=now, audience=planned.readers.all, text=news.text
    )
    question = say(
        "news.second",
        button("news.button.approve", "news.yes", str(news.id)),
        button("news.button.reject", "news.no", str(news.id)),
        saajat=audience_name(news, house),
        ihmiset=planned.readers.people,
        ryhmat=planned.readers.groups,
    )
    for other in others:
        tell(store, house, other.id, f"news:{news.id}:text", as_read_in_groups(news), now=now)
        tell(store, house, other.id, f"news:{news.id}:ask", question, now=now)
    return _fresh(store, news)


def approve(store: Store, house: House, news: Broadcast, by: Conversation, *, now: datetime) -> Broadcast:
    """Confirm, as the second organizer; the audience is counted now.

    Raises:
        UserError: it waits for nobody any more, or it is their own.
    """
    _must_wait_for(news, by)
    store.news.change(news.id, approved_by=by.id)
    sent = _send(store, house, news, "announce.approve", by.id, now=now)
    tell(
        store,
        house,
        news.organizer,
        f"news:{news.id}:approved",
        Say(Phrase("news.approved", {"tila": going(sent, house)}), (stop_button(sent),)),
        now=now,
    )
    return sent


def reject(store: Store, house: House, news: Broadcast, by: Conversation, *, now: datetime) -> None:
    """Refuse, as the second organizer; nothing is sent.

    Raises:
        UserError: it waits for nobody any more, or it is their own.
    """
    _must_wait_for(news, by)
    store.news.stop(news.id, now=now)
    store.organizers.log(by.id, "announce.reject", now=now, text=news.text)
    tell(store, house, news.organizer, f"news:{news.id}:rejected", say("news.rejected"), now=now)


def lapse(store: Store, house: House, news: Broadcast, *, now: datetime) -> None:
    """Give up what no second organizer has confirmed."""
    store.news.stop(news.id, now=now)
    tell(store, house, news.organizer, f"news:{news.id}:lapsed", say("news.lapsed"), now=now)


def going(news: Broadcast, house: House) -> Phrase:
    """Say of a confirmed piece of news when it goes, and to how many."""
    assert news.confirmed is not None
    assert news.due is not None
    when = when_it_goes(house, news.due, waits=news.due - news.confirmed > house.undo)
    return Phrase("news.going", {"milloin": when, "n": news.audience, "saajat": audience_name(news, house)})


def when_it_goes(house: House, goes: datetime, *, waits: bool) -> Phrase:
    """Say when confirmed news goes; ``waits`` for the end of quiet hours."""
    if waits:
        return Phrase("news.goes_at", {"aika": When(goes)})
    seconds = round(house.undo.total_seconds())
    return Phrase("news.goes_soon", {"n": seconds}) if seconds else Phrase("news.goes_now")


# ---- stopping and reporting ----------------------------------------------------------------------------


def stop(store: Store, news: Broadcast, by: Conversation, *, now: datetime) -> int:
    """Send nothing more of it; give how many have it already.

    Raises:
        UserError: it is a draft still, or all of it is out.
    """
    if news.state not in {WAITING, SENDING, SENT}:
        raise UserError(Phrase("news.too_late" if news.state == REPORTED else "news.decided"))
    arrived = _arrived(store, news)
    store.news.stop(news.id, now=now)
    store.organizers.log(by.id, "announce.stop", now=now, audience=arrived, text=news.text)
    return arrived


def may_go_on(store: Store, news: Broadcast) -> bool:
    """Tell whether its organizer still is one, and the second one who approved it."""
    behind = [store.people.get(each) for each in (news.organizer, news.approved_by) if each is not None]
    return all(each is not None and each.role == "organizer" for each in behind)


def report(store: Store, news: Broadcast) -> Say | None:
    """Say how many it reached, how many not, and why; None: it is still on its way.

    All together are the audience that was confirmed: of whoever stopped, or was erased, since then there is no row.
    """
    counts = store.outbox.counts_of_broadcast(news.id)
    if any(state in {IN_LINE, CLAIMED} for state, _ in counts):
        return None
    arrived = sum(number for (state, _), number in counts.items() if state == ARRIVED)
    missed: dict[str, int] = {}
    for (state, reason), number in counts.items():
        if state != ARRIVED:
            word = _word(reason)
            missed[word] = missed.get(word, 0) + number
    if (stopped := news.audience - sum(counts.values())) > 0:
        missed[STOPPED] = missed.get(STOPPED, 0) + stopped
    if not missed:
        return say("news.report_all", n=arrived)
    others = missed.pop(OTHER, 0)
    ordered = sorted(missed.items(), key=lambda each: (each[0] != STOPPED, -each[1], each[0]))
    others += sum(number for _, number in ordered[REASONS:])
    rows = [*ordered[:REASONS], *([(OTHER, others)] if others else [])]
    lines = Lines(tuple(Phrase(f"news.reason.{word}", {"n": number}) for word, number in rows))
    return say("news.report", perilla=arrived, n=sum(number for _, number in rows), syyt=lines)


def tell(store: Store, house: House, organizer: int, key: str, message: Say, *, now: datetime) -> None:
    """Tell an organizer something, outside quiet hours; nobody, where they are gone."""
    conversation = store.people.get(organizer)
    if conversation is None or conversation.state == "leaving":
        return
    store.outbox.push(
        conversation,
        f"{key}:{organizer}",
        message,
        now=now,
        lane=Lane.NOTICE,
        not_before=next_allowed(now, house.quiet_hours, house.zone),
    )


def stop_button(news: Broadcast) -> Button:
    """Make the button that stops it."""
    return button("news.button.stop", "news.stop", str(news.id))


def _send(store: Store, house: House, news: Broadcast, act: str, by: int, *, now: datetime) -> Broadcast:
    """Freeze the audience and let it go, once the moment in which it can be taken back is over."""
    goes, _ = _goes(house, now)
    readers = store.news.confirm(news, public=is_public(news.series, house), now=now, due=goes)
    store.organizers.log(by, act, now=now, audience=readers.all, text=news.text)
    return _fresh(store, news)


def _must_wait_for(news: Broadcast, by: Conversation) -> None:
    if news.state != WAITING:
        raise UserError(Phrase("news.decided"))
    if news.organizer == by.id:
        raise UserError(Phrase("news.own"))


def _goes(house: House, now: datetime) -> tuple[datetime, bool]:
    """Give when news confirmed now would go, and whether that is because of quiet hours."""
    soonest = now + house.undo
    goes = next_allowed(soonest, house.quiet_hours, house.zone)
    return goes, goes != soonest


def is_public(series: str | None, house: House) -> bool:
    """Tell whether a channel may hear of it; what we do not know is not public."""
    if series is None:
        return True
    known = house.series.get(series)
    return known is not None and known.visibility == "public"


def _text(news: Broadcast) -> Phrase:
    return Phrase("news.message", {"teksti": news.text})


def _arrived(store: Store, news: Broadcast) -> int:
    counts = store.outbox.counts_of_broadcast(news.id)
    return sum(number for (state, _), number in counts.items() if state == ARRIVED)


def _fresh(store: Store, news: Broadcast) -> Broadcast:
    fresh = store.news.get(news.id)
    assert fresh is not None
    return fresh


# Why a message did not arrive, as the outbox has it, and under which words a report counts it.
_WORDS: Final[Mapping[str | None, str]] = MappingProxyType(
    {
        "blocked": "blocked",
        "never_started": "blocked",
        "kicked": "removed",
        "left": "removed",
        "removed": "removed",
        "deleted": "gone",
        "deactivated": "gone",
        "not_found": "gone",
        "silent": "silent",
        "paused": STOPPED,
        "unreachable": "unreachable",
    }
)


def _word(reason: str | None) -> str:
    return _WORDS.get(reason, OTHER)
