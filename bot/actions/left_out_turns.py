"""Whose turn it is after dates that a calendar leaves out: organizers are asked once, and the first answer holds.

The calendar has its own answer already: counted by meeting its later turns have waited, by week they have not.  So the
question offers the other one, as a shift of turns from then on, which holds until it is undone or the date is back.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

import orjson

from bot.actions.announce import tell
from bot.actions.describe import variant_of
from bot.actions.planned_change import UNKEPT, laid_over, make, put, reach
from bot.actions.shift_turns import as_shifted, turns_ahead
from bot.core.left_out import LeftOut, just_after
from bot.core.occurrences import Occurrence
from bot.core.overrides import Override
from bot.errors import UserError
from bot.messages import Lines, Localized, Phrase, Say, Value, When, button, say
from bot.router import House
from bot.store import Store
from bot.store.calendar import Kept
from bot.store.models import from_ms, to_ms
from bot.store.people import Conversation

LEFT_OUT: Final = "turns.left_out"  # the bookmark with all questions
KEPT: Final = timedelta(days=14)  # how long after its dates a question can be answered
TOKEN: Final = 12  # characters


@dataclass(frozen=True, slots=True)
class TurnQuestion:
    """What organizers are asked of some dates that a calendar (``source``) leaves out.

    ``rows`` and ``days`` (on the wall) are those of the dates; the turns from ``since`` on could be shifted ``by`` so many.
    ``asked``: it was put.  ``kept``: the answer was to leave it so; ``override``: it was to shift, which made this.
    """

    token: str
    series: str
    source: str
    rows: tuple[int, ...]
    days: tuple[str, ...]
    first: datetime
    since: datetime
    by: int
    asked: bool = False
    kept: bool = False
    override: int | None = None

    @property
    def key(self) -> str:
        """How the keys of its messages begin."""
        return f"turns:{self.token}"

    def shift(self, now: datetime) -> Override:
        """Give what yes would make."""
        return Override(
            id=UNKEPT,
            kind="turns",
            organizer=0,
            made=now,
            series=self.series,
            since=self.since,
            shift=self.by,
        )


# ---- asking --------------------------------------------------------------------------------------------


def note(store: Store, house: House, source: str, gaps: Sequence[LeftOut]) -> None:
    """Note what is to be asked, once for each date, in the transaction that begins to leave it out."""
    questions = _all(store)
    for gap in gaps:
        days = tuple(_day(row.said.start, house.zone) for row in gap.rows)
        known = {day for each in questions if each.series == gap.series for day in each.days}
        if gap.own or not known.isdisjoint(days):
            continue
        name = ",".join((gap.series, *days))
        token = hashlib.sha256(name.encode()).hexdigest()[:TOKEN]
        rows = tuple(row.id for row in gap.rows)
        first = gap.rows[0].said.start
        questions.append(TurnQuestion(token, gap.series, source, rows, days, first, gap.since, gap.by))
    _keep(store, questions)


def superseded(store: Store, gaps: Sequence[LeftOut], back: Sequence[Occurrence]) -> list[int]:
    """Give the shifts of turns that organizers made for dates they cancelled, and that hold no more.

    The calendar now makes them itself, or brings those dates ``back``, each as it was.
    """
    theirs = [(gap.series, gap.since, -gap.by) for gap in gaps if gap.own and gap.moved]
    theirs += [(it.series or "", just_after(it.start), -1) for it in back]
    if not theirs:
        return []
    active = store.overrides.active(most=None)
    return [each.id for each in active if (each.series, each.since, each.shift) in theirs]


def ask(store: Store, house: House, source: str, *, now: datetime) -> None:
    """Put what is to be asked about a calendar that was read; a question whose date is back is settled."""
    questions = _all(store)
    if not questions:
        return
    left = [each for each in questions if each.since > now - KEPT]
    settled = [_looked_at(store, house, each, now) if each.source == source else each for each in left]
    _keep(store, [each for each in settled if each is not None])


def _looked_at(store: Store, house: House, it: TurnQuestion, now: datetime) -> TurnQuestion | None:
    """Ask, or settle what needs no answer any more; None: it is as if it had not been asked."""
    if it.series not in house.series:
        return None
    if _is_back(store, house, it, now):
        if store.outbox.waits(f"{it.key}:"):
            store.outbox.drop_keys(f"{it.key}:")
            return None
        if is_shifted(store, it):
            _shift_back(store, house, it, now)
        return replace(it, kept=False, override=None) if it.asked else None
    organizers = store.people.organizers()
    if it.asked or not organizers:
        return it
    if not any(each.it.start >= it.since for each in rows_now(store, house, it, now)):
        return None
    for organizer in organizers:
        tell(store, house, organizer.id, f"{it.key}:now", _as_it_is(store, house, it, now), now=now)
        tell(store, house, organizer.id, f"{it.key}:ask", question(store, house, it, now=now), now=now)
    return replace(it, asked=True)


def _as_it_is(store: Store, house: House, it: TurnQuestion, now: datetime) -> Say:
    return say(
        "turn.left_out",
        n=len(it.rows),
        nimi=_name(it.series, house),
        aika=When(it.first),
        rivit=rows_of(rows_now(store, house, it, now), house),
    )


def question(store: Store, house: House, it: TurnQuestion, *, now: datetime) -> Say:
    """Ask whether it shall be otherwise than the calendar has it, and show how that would be."""
    dates = as_shifted(store, house, it.shift(now), now=now)
    moved = it.by > 0
    return say(
        "turn.ask_old" if moved else "turn.ask",
        button("turn.button.old" if moved else "turn.button.shift", "turn.yes", it.token),
        button("turn.button.new" if moved else "turn.button.keep", "turn.no", it.token),
        nimi=_name(it.series, house),
        rivit=rows_of(dates, house),
    )


def _shift_back(store: Store, house: House, it: TurnQuestion, now: datetime) -> None:
    """The date is back, and with it its turn: what was answered holds no more, and organizers hear so."""
    assert it.override is not None
    store.overrides.end(it.override, "superseded")
    put(store, house, laid_over(store, house, reach(store, it.shift(now), now)), now=now)
    message = say("turn.back", nimi=_name(it.series, house), aika=When(it.first))
    for organizer in store.people.organizers():
        tell(store, house, organizer.id, f"{it.key}:back:{it.override}", message, now=now)


# ---- answering -----------------------------------------------------------------------------------------


def asked(store: Store, house: House, token: str, *, now: datetime) -> TurnQuestion:
    """Give a question.

    Raises:
        UserError: it is settled, since its date is back, or long past.
    """
    found = next((each for each in _all(store) if each.token == token), None)
    if found is None or found.series not in house.series or _is_back(store, house, found, now):
        raise UserError(Phrase("turn.over"))
    return found


def is_shifted(store: Store, it: TurnQuestion) -> bool:
    """Tell whether the turns were shifted, and still are."""
    made = None if it.override is None else store.overrides.get(it.override)
    return made is not None and made.state == "active"


def is_answered(store: Store, it: TurnQuestion) -> bool:
    """Tell whether an answer holds; a shift that was undone is none."""
    return it.kept or is_shifted(store, it)


def answer(
    store: Store, house: House, it: TurnQuestion, by: Conversation, *, yes: bool, now: datetime
) -> Override | None:
    """Shift the turns, or leave them; give the shift, which can be undone."""
    made = make(store, house, it.shift(now), by, now=now) if yes else None
    _put(store, replace(it, kept=not yes, override=None if made is None else made.id))
    if not yes:
        store.organizers.log(by.id, "schedule.turns_stay", now=now)
    return made


def open_again(store: Store, it: TurnQuestion) -> None:
    """Take the answer back that it may stay so."""
    _put(store, replace(it, kept=False))


# ---- what is shown ---------------------------------------------------------------------------------------


def rows_now(store: Store, house: House, it: TurnQuestion, now: datetime) -> list[Kept]:
    """Give the next dates as they are."""
    return turns_ahead(store, house, it.series, now=now, since=it.since)


def rows_of(dates: Sequence[Kept], house: House) -> Lines:
    """List dates with their turns."""
    rows: list[Value] = [
        Phrase(
            "turn.row",
            {"aika": When(each.it.start, each.it.end, each.it.all_day), "vuoro": variant_of(each.it, house)},
        )
        for each in dates
    ]
    return Lines(tuple(rows))


def _name(series: str, house: House) -> Value:
    return Localized(house.series[series].name)


# ---- what is kept ----------------------------------------------------------------------------------------


def _is_back(store: Store, house: House, it: TurnQuestion, now: datetime) -> bool:
    """Tell whether the calendar lists one of the dates again."""
    return any(
        row.said.status != "cancelled" and (row.id in it.rows or _day(row.said.start, house.zone) in it.days)
        for _, row in store.refreshing.ahead(now, source=it.source, series=it.series)
    )


def _day(start: datetime, zone: ZoneInfo) -> str:
    return start.astimezone(zone).date().isoformat()


def _put(store: Store, it: TurnQuestion) -> None:
    _keep(store, [it if each.token == it.token else each for each in _all(store)])


def _all(store: Store) -> list[TurnQuestion]:
    kept: list[dict[str, Any]] = orjson.loads(store.books.bookmark(LEFT_OUT) or "[]")
    return [
        TurnQuestion(
            **{
                **each,
                "rows": tuple(each["rows"]),
                "days": tuple(each["days"]),
                "first": from_ms(each["first"]),
                "since": from_ms(each["since"]),
            }
        )
        for each in kept
    ]


def _keep(store: Store, questions: Sequence[TurnQuestion]) -> None:
    kept = [{**asdict(each), "first": to_ms(each.first), "since": to_ms(each.since)} for each in questions]
    store.books.set_bookmark(LEFT_OUT, orjson.dumps(kept).decode())
