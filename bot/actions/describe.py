"""What is said of one date of a series: its name, its time, its place, and whether one may just come."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from bot.core.occurrences import Occurrence, Words
from bot.messages import DayName, Localized, Phrase, Value, When
from bot.router import House
from bot.store.calendar import Kept

LABEL_LENGTH: Final = 24  # characters on a button (DOMAIN.md, U6) ...
LABEL_WORDS: Final = 4  # ... and words


def describe(kept: Kept, house: House) -> dict[str, Value]:
    """Give the values of an occurrence for a phrase.

    ``nimi`` its name, ``aika`` its time, ``milloin`` "tänään", "huomenna" or nothing, ``paikka`` its place and
    ``variantti`` what it is this time; what is not known comes out empty.
    """
    it = kept.it
    return {
        "nimi": name_of(it, house),
        "aika": time_of(it),
        "milloin": DayName(it.start),
        "paikka": Localized(it.place),
        "variantti": _variant(it, house),
    }


def view(kept: Kept, house: House, *, now: datetime) -> Phrase:
    """Show one occurrence, a line for each thing that is known of it."""
    key = "event.cancelled" if kept.it.status == "cancelled" else "event.view"
    return Phrase(
        key, describe(kept, house) | {"milloin": _near(kept.it, house, now), "huomaa": _note(kept.it, house)}
    )


def row(kept: Kept, house: House) -> Phrase:
    """Give an occurrence as one line of a list."""
    keys: Mapping[str, str] = {"cancelled": "event.row_cancelled", "tentative": "event.row_maybe"}
    return Phrase(
        keys.get(kept.it.status, "event.row"), {"nimi": name_of(kept.it, house), "aika": time_of(kept.it)}
    )


def name_of(it: Occurrence, house: House) -> Localized:
    """Give an occurrence's own name, or that of its series."""
    series = house.series.get(it.series or "")
    return Localized(it.title or ({} if series is None else series.name))


def neutral_name(it: Occurrence, house: House) -> Value:
    """Give a name that tells a stranger nothing (T-02)."""
    series = house.series.get(it.series or "")
    return (
        Localized(series.neutral_name)
        if series is not None and series.neutral_name
        else Phrase("reminder.meeting")
    )


def time_of(it: Occurrence) -> When:
    """Give the time of an occurrence as it is worded everywhere."""
    return When(it.start, it.end, it.all_day)


def label(words: Words) -> Localized:
    """Shorten a name so that it fits on a button, at the end of a word where there is one."""
    return Localized({language: _shortened(text) for language, text in words.items()})


def _variant(it: Occurrence, house: House) -> Value:
    if it.variant is None:
        return ""
    series = house.series.get(it.series or "")
    words = None if series is None else series.variants.get(it.variant)
    return it.variant.capitalize() if words is None else Localized(words)


def _near(it: Occurrence, house: House, now: datetime) -> Value:
    """Say that it is today or tomorrow; nothing when it is another day."""
    days = (it.start.astimezone(house.zone).date() - now.astimezone(house.zone).date()).days
    key = {0: "event.today", 1: "event.tomorrow"}.get(days)
    return "" if key is None else Phrase(key)


def _note(it: Occurrence, house: House) -> Phrase | str:
    """Say what matters most to somebody who thinks of coming.

    Only of a series that the schedule describes is it known whether one must sign up; of others nothing is said.
    """
    series = house.series.get(it.series or "")
    if it.status == "tentative":
        return Phrase("event.maybe")
    if it.visibility != "public":
        return Phrase("event.members")
    if it.signup:
        return Phrase("event.signup")
    if series is not None and series.places_limit is not None:
        return Phrase("event.places", {"n": series.places_limit})
    return "" if series is None else Phrase("event.welcome")


def _shortened(text: str) -> str:
    words = text.split()
    if len(text) <= LABEL_LENGTH and len(words) <= LABEL_WORDS:
        return text
    kept = words[0][: LABEL_LENGTH - 1]
    for word in words[1:LABEL_WORDS]:
        if len(f"{kept} {word}…") > LABEL_LENGTH:
            break
        kept = f"{kept} {word}"
    return f"{kept.rstrip(' ,.:;(-')}…"
