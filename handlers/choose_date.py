"""Which date an organizer means: one of the dates ahead by its button, or what they type, a day, a name, or both."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from bot.actions.describe import name_of, row, variant_of
from bot.actions.word_misread import why_unclear
from bot.core.phrases import fold
from bot.core.recurrence import DAY, WEEK
from bot.core.typed_times import Typed, typed_time
from bot.errors import UserError
from bot.messages import Button, Lines, Localized, Phrase, Say, Value, When, button, say
from bot.router import Ask, Call
from bot.store.calendar import Kept
from handlers.change_schedule import EVERYBODYS, MENU
from handlers.events import date_button
from handlers.menus import HOME, back

DAYS: Final = ("tapahtumat",)  # commands whose words say a day: "tänään"
NAMES: Final = (*DAYS, "ryhma", "palsta", "asiakasraati", "seuraava")  # ... or name a date
ROWS: Final = 4  # dates on a page: with "Lisää" and the way back there are six buttons
AHEAD: Final = 400  # dates among which a typed one is looked for
WORDS: Final = 8  # of a typed day with a name; more is something else
WEEKS: Final = 9  # in which a weekday is looked for, where the next one has no date
NEXT: Final = frozenset({"seuraava", "seuraavan", "nasta", "next"})  # the first of those that are meant
STEM: Final = 3  # letters at the least by which a name is known again
ENDING: Final = 3  # letters that Finnish may put behind a word, or change

Offered = Sequence[Say | Ask] | Say | Ask


@dataclass(frozen=True, slots=True)
class Which:
    """A question for a date: its phrase, which names it too; the action of the dates' buttons; and the command that asks."""

    key: str
    action: str
    command: str


def choose_date(call: Call, which: Which, number: int) -> Say | Ask:
    """Offer the dates ahead, a page at a time: staff's own and members' too."""
    found = _ahead(call, most=ROWS + 1, skip=number * ROWS)
    if not found:
        return say("change.no_dates", back(MENU), HOME)
    more = (button("button.more", which.command, str(number + 1)),) if len(found) > ROWS else ()
    return _ask(call, which, found[:ROWS], which.key, *more)


def typed_date(call: Call, which: Which, go_on: Callable[[Call, Kept], Offered]) -> Offered:
    """Go on with the date that is meant; of several offer those, and where there is none say so and offer all."""
    found = _meant(call)
    if len(found) == 1:
        return go_on(call, found[0])
    if found:
        return _ask(call, which, found[:ROWS], "change.several")
    ahead = _ahead(call, most=ROWS)
    if not ahead:
        return choose_date(call, which, 0)
    asked = _ask(call, which, ahead, "change.no_such")
    why = why_unclear(call.text, now=call.now, zone=call.house.zone)
    return asked if why is None else replace(asked, say=replace(asked.say, text=why))


def date_of(call: Call, occurrence: int) -> Kept:
    """Give a date by its number.

    Raises:
        UserError: it is gone from the schedule.
    """
    kept = call.store.calendar.get(occurrence)
    if kept is None:
        raise UserError(Phrase("event.gone"))
    return kept


def _ask(call: Call, which: Which, dates: Sequence[Kept], key: str, *more: Button) -> Ask:
    rows: list[Value] = [row(each, call.house) for each in dates]
    buttons = _told_apart([date_button(each, dates, call.house, which.action) for each in dates], dates)
    return Ask(say(key, *buttons, *more, back(MENU, means="no"), rivit=Lines(tuple(rows))), which.key)


def _told_apart(buttons: Sequence[Button], dates: Sequence[Kept]) -> Sequence[Button]:
    """Put their numbers before those that say the same: two dates of a series on one day."""
    labels = [each.label for each in buttons]
    return [
        replace(each, label=Phrase("change.button.date", {"n": n, "paiva": When(kept.it.start)}))
        if labels.count(each.label) > 1
        else each
        for n, (each, kept) in enumerate(zip(buttons, dates, strict=True), start=1)
    ]


def _ahead(call: Call, *, most: int, skip: int = 0) -> list[Kept]:
    return call.store.calendar.coming(call.now, most=most, skip=skip, visibility=EVERYBODYS, cancelled=False)


def _meant(call: Call) -> list[Kept]:
    """Find the dates that were typed, in the reading that says most of the day."""
    today = call.now.astimezone(call.house.zone).date()
    ahead = [each for each in _ahead(call, most=AHEAD) if each.it.start > call.now]
    for typed, days, name in _readings(call.text.split(), today):
        words = fold(name).split()
        called = [word for word in words if word not in NEXT]
        found = [
            each
            for each in ahead
            if (typed or words)
            and (typed is None or _local(each, call).date() in days)
            and _is_called(each, called, call)
        ]
        if typed is not None and typed.start is not None:
            found = [each for each in found if _local(each, call).time() == typed.start] or found
        if found:
            return found[:1] if len(called) < len(words) else found
    return []


def _readings(words: Sequence[str], today: date) -> Iterator[tuple[Typed | None, Sequence[date], str]]:
    """Read all as a time, then all as a name, then what begins or ends with a time as both; last a weekday as any such."""
    if len(words) > WORDS:
        return
    cuts = [(words, words[:0]), (words[:0], words)]
    for cut in range(1, len(words)):
        cuts += [(words[:cut], words[cut:]), (words[cut:], words[:cut])]
    later: list[tuple[Typed | None, Sequence[date], str]] = []
    for time_words, name_words in cuts:
        text, name = " ".join(time_words), " ".join(name_words)
        if not text:
            yield None, (), name
        elif (typed := typed_time(text, today=today)) is not None and typed.day is not None:
            weekly = _is_weekday(text, typed.day, today)
            yield typed, (today, typed.day) if weekly and typed.day == today + WEEK else (typed.day,), name
            if weekly:
                later.append((typed, [typed.day + n * WEEK for n in range(1, WEEKS)], name))
    yield from later


def _is_weekday(text: str, day: date, today: date) -> bool:
    """Tell whether a day was named by its weekday, which a day later means the same, unlike "tomorrow"."""
    if any(map(str.isdigit, text)):
        return False
    tomorrow = typed_time(text, today=today + DAY)
    return tomorrow is not None and tomorrow.day != day + DAY


def _local(kept: Kept, call: Call) -> datetime:
    return kept.it.start.astimezone(call.house.zone)


def _is_called(kept: Kept, words: Sequence[str], call: Call) -> bool:
    """Tell whether each word is in the date's name, its series' or its turn's, but for how it ends."""
    series = call.house.series.get(kept.it.series or "")
    known = [*name_of(kept.it, call.house).words.values(), *(() if series is None else series.name.values())]
    turn = variant_of(kept.it, call.house)
    known += turn.words.values() if isinstance(turn, Localized) else ()
    names = [fold(each).replace(" ", "") for each in known]
    stems = [word[: max(STEM + 1, len(word) - ENDING)] for word in words]
    return all(len(stem) >= STEM and any(stem in each for each in names) for stem in stems)
