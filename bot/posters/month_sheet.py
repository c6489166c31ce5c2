"""The month sheet: what is on in the house in one month, by day, for everybody who passes by."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from bot.actions.describe import name_of, price_of, time_of, variant_of, where_of
from bot.core.occurrences import Occurrence
from bot.i18n import when
from bot.messages import Phrase, Value, When
from bot.posters.drawing import TEMPLATES
from bot.posters.letters import drawable
from bot.posters.sheets import Sheet, Speaker, speaker
from bot.router import House

DECEMBER: Final = 12
JUST_COME: Final = "poster.no_signup"
ENOUGH: Final = 2  # events that say the same, so that it is said once


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A month of a year."""

    year: int
    number: int

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read "2026-12".

        Raises:
            ValueError: it is no month.
        """
        found = re.fullmatch(r"(\d{4})-(0[1-9]|1[0-2])", text, re.ASCII)
        if found is None or int(found[1]) == 0:
            message = "a month is written like 2026-12"
            raise ValueError(message)
        return cls(int(found[1]), int(found[2]))

    @classmethod
    def at(cls, moment: datetime, zone: ZoneInfo) -> Self:
        """Give the month that it is in a zone."""
        local = moment.astimezone(zone)
        return cls(local.year, local.month)

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    def following(self) -> "Month":
        """Give the next month."""
        return Month(self.year + 1, 1) if self.number == DECEMBER else Month(self.year, self.number + 1)

    def start(self, zone: ZoneInfo) -> datetime:
        """Give the instant at which it begins."""
        return datetime(self.year, self.number, 1, tzinfo=zone).astimezone(UTC)

    def end(self, zone: ZoneInfo) -> datetime:
        """Give the instant at which the next one begins."""
        return self.following().start(zone)


def on_the_wall(
    occurrences: Iterable[Occurrence], house: House, month: Month, series: frozenset[str] = frozenset()
) -> list[Occurrence]:
    """Choose what may hang where anybody reads it: the public events of a month, by their start.

    A date is public when both it and its series are.  ``series``: of these alone; empty: of all, and of none.  Shared
    turns are no events for who passes by: they hang there only where they are asked for.
    """
    start, end = month.start(house.zone), month.end(house.zone)

    def wanted(it: Occurrence) -> bool:
        known = house.series.get(it.series or "")
        public = it.visibility == "public" and (known is None or known.visibility == "public")
        within = it.start < end and (it.end > start or it.start >= start)
        asked_for = it.series in series if series else known is None or not known.turns_shared
        return public and within and it.kind == "event" and asked_for

    return sorted(filter(wanted, occurrences), key=lambda it: (it.start, it.end, it.uid))


def month_sheet(
    month: Month, events: Iterable[Occurrence], house: House, language: str, *, page: str, now: datetime
) -> Sheet:
    """Make the sheet of a month from what `on_the_wall` chose.

    ``page`` is the address of the public programme; empty: the sheet says how else to learn the newest times.
    """
    today = speaker(house, language, now)
    # The year stands in the heading, so no date of the sheet needs it, however far ahead the month is.
    then = replace(today, reader=replace(today.reader, now=month.start(house.zone)))
    name = then.say(f"poster.month.{month.number}", vuosi=month.year)
    shown = list(events)
    about_sign_up = _about_sign_up(shown, house)
    given: dict[str, Any] = {
        "language": language,
        "title": then.say("poster.month.title", kuukausi=name),
        "organization": today.organization,
        "heading": name,
        "continued": then.say("poster.month.continued", kuukausi=name),
        "intro": [
            then.say("poster.month.intro"),
            *([then.say(about_sign_up)] if about_sign_up else []),
        ],
        "events": [_event(it, then, said_above=bool(about_sign_up)) for it in shown],
        "ask": {
            **today.ask(),
            "newest": _newest(today, page),
            "printed": today.say("poster.printed", paiva=When(now, all_day=True)),
        },
        "code": today.code(page) if page else None,
    }
    return Sheet(TEMPLATES / "month_sheet.typ", given)


def _event(it: Occurrence, words: Speaker, *, said_above: bool) -> dict[str, Any]:
    """Word one event; of a cancelled one nothing is said that could bring anybody there."""
    house = words.house
    title = drawable(words.word(name_of(it, house)))
    event = {"when": _when(it, words), "title": title or words.say("poster.event")}
    if it.status == "cancelled":
        return event | {"mark": words.say("poster.cancelled"), "lines": []}
    what = ", ".join(
        filter(None, map(words.word, (variant_of(it, house), price_of(it, house), _places(it, house))))
    )
    sign_up = _sign_up(it, house)
    lines = [
        what[:1].upper() + what[1:],
        words.word(where_of(it, house)),
        words.say("poster.maybe") if it.status == "tentative" else "",
        words.say(sign_up) if sign_up and not (said_above and sign_up == JUST_COME) else "",
    ]
    return event | {"mark": "", "lines": [line for line in lines if line]}


def _when(it: Occurrence, words: Speaker) -> list[str]:
    """Word the time in short pieces that stand one below the other: "ti 24.11." and "klo 13–15"."""
    text = when(time_of(it), words.reader)
    for day in {when(When(moment, all_day=True), words.reader) for moment in (it.start, it.end)}:
        text = re.sub(rf"({re.escape(day)}(?!\d)[,–]?) ?", r"\1\n", text)
    return text.replace(" – ", " –\n").strip().split("\n")


def _places(it: Occurrence, house: House) -> Value:
    """Say how many places there are, where that is known."""
    series = house.series.get(it.series or "")
    limit = None if series is None else series.places_limit
    return "" if limit is None else Phrase("poster.places", {"n": limit})


def _sign_up(it: Occurrence, house: House) -> str:
    """Give the phrase that tells whether one may just come; empty: the schedule does not say so."""
    if it.signup:
        return "poster.signup"
    return JUST_COME if it.series in house.series else ""


def _about_sign_up(events: Iterable[Occurrence], house: House) -> str:
    """Give the phrase that says once, above all, what would stand with most events; empty: it cannot be said of all."""
    said = [_sign_up(it, house) for it in events if it.status != "cancelled"]
    if said.count(JUST_COME) < ENOUGH or "" in said:
        return ""
    return "poster.month.signup" if "poster.signup" in said else "poster.month.no_signup"


def _newest(words: Speaker, page: str) -> str:
    """Say where the newest times are."""
    if page:
        return words.say("poster.newest.page")
    by_phone = "puhelin" in words.house.content.values(words.reader.language)
    return words.say("poster.newest.phone" if by_phone else "poster.newest.staff")
