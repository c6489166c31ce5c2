"""The buttons under a reminder, the same under each."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal

from bot.messages import Button, Phrase, button
from bot.router import House
from bot.store.calendar import Kept

Having = Literal["place", "turn"]

_KEYS: Final[Mapping[Having, str]] = MappingProxyType({"place": "places.give_back", "turn": "turns.give_up"})
_ACTIONS: Final[Mapping[Having, str]] = MappingProxyType({"place": "sign.off", "turn": "turns.drop"})
_CANNOT: Final[Mapping[int, str]] = MappingProxyType({0: "not_today.today", 1: "not_today.tomorrow"})


def under_reminder(
    kept: Kept, house: House, *, now: datetime, having: Having | None = None
) -> tuple[Button, ...]:
    """Give the buttons: what it is of, giving back what one has there, "En jaksa", and the ways out (U9).

    ``having``: have those who read it a place there, or is it their turn?
    """
    which = str(kept.id)
    give_back = () if having is None else (Button(Phrase(_KEYS[having]), _ACTIONS[having], (which,)),)
    series = () if kept.it.series is None else (kept.it.series,)
    return (
        button("button.show", "show", which),
        *give_back,
        Button(Phrase(_cannot(kept, house, now)), "not.today", (which,)),
        button("button.stop", "stop", *series),
        button("button.pause", "pause"),
    )


def _cannot(kept: Kept, house: House, now: datetime) -> str:
    """Say it of the day that it is of, as the reminder does."""
    days = (kept.it.start.astimezone(house.zone).date() - now.astimezone(house.zone).date()).days
    return _CANNOT.get(days, "not_today.then")
