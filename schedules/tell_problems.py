"""What is wrong in a calendar is told to organizers, once, until it is mended and comes back."""

import hashlib
from collections.abc import Sequence
from typing import Final

import orjson

from bot.actions.announce import tell
from bot.messages import Lines, Phrase, Value, say
from bot.router import Tick
from schedules.calendars import Problem

TOLD: Final = "calendar.told:{}"  # the bookmark with the problems that organizers know of
MOST_TOLD: Final = 3  # problems named in one message


def tell_problems(
    tick: Tick, source: str, called: Value, problems: Sequence[Problem], *, whole: bool = False
) -> bool:
    """Tell organizers of the problems that they do not know of; False: there is no organizer.

    Args:
        tick: now.
        source: what the calendar is known by in the store.
        called: what it is called where people read.
        problems: all that is wrong in it now.
        whole: whether nothing of it can be read, so that what was read before holds.
    """
    bookmark = TOLD.format(source)
    known = set(orjson.loads(tick.store.books.bookmark(bookmark) or "[]"))
    marks = {_mark_of(each): each for each in problems}
    new = [each for mark, each in marks.items() if mark not in known]
    organizers = tick.store.people.organizers() if new else []
    if new and not organizers:
        return False
    others = len(new) - MOST_TOLD
    message = say(
        "calendar.problems",
        kalenteri=called,
        viat=Lines(tuple(map(_worded, new[:MOST_TOLD]))),
        muut=Phrase("calendar.others", {"n": others}) if others > 0 else "",
        huomaa=Phrase("held.still") if whole else "",
    )
    for organizer in organizers:
        key = f"calendar:{source}:{tick.now.isoformat()}"
        tell(tick.store, tick.house, organizer.id, key, message, now=tick.now)
    if new or known - marks.keys():
        tick.store.books.set_bookmark(bookmark, orjson.dumps(sorted(marks)).decode())
    return True


def _worded(problem: Problem) -> Phrase:
    what: dict[str, Value] = {"vika": problem.what, "korjaus": problem.mend}
    if problem.line is None:
        return Phrase("calendar.problem", what)
    return Phrase("calendar.problem_on_line", {**what, "rivi": problem.line})


def _mark_of(problem: Problem) -> str:
    """Know a problem again, also when lines above it come and go, and when its words become better."""
    said = orjson.dumps([problem.what, problem.mend], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(said).hexdigest()[:16]
