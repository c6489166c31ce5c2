"""A shared turn that is free again shortly before it begins: others are asked whether they would take it."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from bot.actions.describe import name_of, neutral_name, time_of
from bot.core.calm_timing import next_calm
from bot.core.occurrences import Occurrence
from bot.core.recurrence import WEEK
from bot.messages import Phrase, Say, button
from bot.router import House
from bot.store import Store
from bot.store.calendar import Kept

SHORTLY: Final = timedelta(hours=48)  # before it begins; what is later is found in the list
IN_TIME: Final = timedelta(hours=1)  # before it begins: later nobody is asked


def is_shared(it: Occurrence, house: House) -> bool:
    """Tell whether a date is a shared turn, which one person takes."""
    series = house.series.get(it.series or "")
    return series is not None and series.turns_shared


def ask_others(
    store: Store,
    house: House,
    kept: Kept,
    *,
    now: datetime,
    slip: timedelta = timedelta(),
    without: Collection[int] = (),
) -> None:
    """Ask those who take such turns whether they take one that nobody has, or that is offered to the others.

    Each is asked once of a turn, and only where it is not too much for them (U10): who would hear of it too late is not asked.

    Args:
        store: what is kept.
        house: the house.
        kept: the turn.
        now: the present.
        slip: so long it waits, for who gave it back by a slip of the finger.
        without: who gives it back, and who knows of it already.
    """
    it = kept.it
    latest = it.start - IN_TIME
    if it.status != "confirmed" or not now < latest or it.start - now > SHORTLY:
        return
    people = [each for each in store.shared_turns.takers(it.series or "", now=now) if each[0] not in without]
    told = store.outbox.unchosen([who for who, _ in people], since=now - WEEK)
    message = _question(kept, house)
    for who, platform in people:
        at = next_calm(now + slip, told.get(who, ()), hours=house.quiet_hours, zone=house.zone)
        if at >= latest:
            continue
        store.outbox.invite(
            who,
            platform,
            f"turn:{kept.id}:free:{who}",
            message,
            not_before=at,
            useful_until=latest,
            series=it.series,
            occurrence=kept.id,
        )
    store.wake()


def _question(kept: Kept, house: House) -> Say:
    series = () if kept.it.series is None else (kept.it.series,)
    aika = time_of(kept.it)
    return Say(
        Phrase("turns.who_takes", {"nimi": name_of(kept.it, house), "aika": aika}),
        (
            button("turns.take", "turns.take", str(kept.id)),
            button("button.stop", "stop", *series),
            button("button.pause", "pause"),
        ),
        Phrase("turns.who_takes", {"nimi": neutral_name(kept.it, house), "aika": aika}),
    )
