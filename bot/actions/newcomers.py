"""What organizers hear of those who come for the first time: how many, once it is the day, and nothing else."""

from datetime import datetime, time
from typing import Final

from bot.actions.announce import tell
from bot.actions.describe import name_of, neutral_name, time_of
from bot.core.occurrences import Occurrence
from bot.core.quiet_hours import LEFT_AT_LEAST, adjusted
from bot.core.recurrence import instant
from bot.messages import Phrase, Say, Value
from bot.router import House
from bot.store import Store
from bot.store.calendar import Kept
from bot.store.models import to_ms

EARLY: Final = time(7)  # of the day itself, or as soon after as quiet hours are over


def due_for(it: Occurrence, house: House) -> datetime:
    """Give when organizers are told: on the morning of that day; where it begins too early, the evening before."""
    morning = instant(it.start.astimezone(house.zone).date(), EARLY, house.zone)
    due = min(morning, it.start - LEFT_AT_LEAST)
    return adjusted(due, start=it.start, hours=house.quiet_hours, zone=house.zone)


def tell_organizers(store: Store, house: House, kept: Kept, *, now: datetime) -> None:
    """Tell each organizer how many new ones are coming; a number that they know is not told again."""
    number = store.newcomers.count(kept.id)
    values: dict[str, Value] = {"n": number, "aika": time_of(kept.it)}
    message = Say(
        Phrase("first.organizers", {**values, "nimi": name_of(kept.it, house)}),
        discreet=Phrase("first.organizers", {**values, "nimi": neutral_name(kept.it, house)}),
    )
    key = f"newcomers:{kept.id}:{to_ms(kept.it.start)}:{number}"
    for organizer in store.people.organizers():
        tell(store, house, organizer.id, key, message, now=now)
