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
        "variantti": variant_of(it, house),
    }


def view(kept: Kept, house: House, *, now: datetime, note: Phrase | None = None) -> Phrase:
    """Show one occurrence that takes place, a line for each thing that is known of it.

    ``note`` is what matters most to this reader; None: what matters most to anyone.
    """
    it = kept.it
    shown = {
        "milloin": _near(it, house, now),
        "paikka": where_of(it, house),
        "huomaa": _terms(it, house, note or _note(it, house)),
    }
    return Phrase("event.view", describe(kept, house) | shown)


def view_of_cancelled(kept: Kept, house: House, following: Kept | None) -> Phrase:
    """Say of an occurrence that it is cancelled, and when the next time is; None: none is known."""
    after = "" if following is None else Phrase("event.next", {"aika": time_of(following.it)})
    return Phrase("event.cancelled", describe(kept, house) | {"seuraava": after})


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


def price_of(it: Occurrence, house: House) -> Localized:
    """Give the price in words; none where the schedule says nothing of it (D41)."""
    series = house.series.get(it.series or "")
    return Localized({} if series is None else series.price)


def label(words: Words, length: int = LABEL_LENGTH, most: int = LABEL_WORDS) -> Localized:
    """Shorten a name so that it fits on a button, at the end of a word where there is one."""
    return Localized({language: _shortened(text, length, most) for language, text in words.items()})


def variant_of(it: Occurrence, house: House) -> Value:
    """Give what an occurrence is this time (talking, activity); empty where its series has no variants."""
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


def where_of(it: Occurrence, house: House) -> Value:
    """Give the place with its area, where the place does not name that itself."""
    area = house.areas.get(it.area or "", {})
    if not area or any(
        name.casefold() in place.casefold() for name in area.values() for place in it.place.values()
    ):
        return Localized(it.place)
    if not it.place:
        return Localized(area)
    return Phrase("event.place_and_area", {"paikka": Localized(it.place), "alue": Localized(area)})


def _terms(it: Occurrence, house: House, note: Phrase | str) -> Phrase | str:
    """Say on one line what it costs, as far as that is set, and what matters most."""
    price = price_of(it, house)
    if not price.words:
        return note
    return Phrase("event.price_and_note" if note else "event.price", {"hinta": price, "huomaa": note})


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


def _shortened(text: str, length: int, most: int) -> str:
    words = text.split()
    if len(text) <= length and len(words) <= most:
        return text
    kept = words[0][: length - 1]
    for word in words[1:most]:
        if len(f"{kept} {word}…") > length:
            break
        kept = f"{kept} {word}"
    return f"{kept.rstrip(' ,.:;(-')}…"
