"""What is wrong in a calendar is told to organizers, once, until it is mended and comes back; that it is mended, too."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import orjson

from bot.actions.announce import tell
from bot.messages import Lines, Phrase, Say, Value, say
from bot.router import Tick
from schedules.calendars import Problem

TOLD: Final = "calendar.told:{}"  # the bookmark with the problems that organizers know of, and who they are
MOST_TOLD: Final = 2  # problems named in one message: with what else it says, these are six lines


@dataclass(frozen=True, slots=True)
class _Told:
    """What is known of a calendar's problems, and by whom."""

    marks: frozenset[str] = frozenset()
    organizers: frozenset[int] = frozenset()  # conversations

    def dumped(self) -> str:
        return orjson.dumps([sorted(self.marks), sorted(self.organizers)]).decode()

    @classmethod
    def loaded(cls, text: str | None) -> "_Told":
        """Read it again; what an earlier version wrote names the problems alone."""
        match orjson.loads(text or "[]"):
            case [[*marks], [*organizers]]:
                return cls(frozenset(marks), frozenset(organizers))
            case marks:
                return cls(frozenset(marks))


def tell_problems(
    tick: Tick, source: str, called: Value, problems: Sequence[Problem], *, whole: bool = False
) -> bool:
    """Tell organizers of the problems that they do not know of; False: there is no organizer.

    Where none is left, those who were told hear that, too.

    Args:
        tick: now.
        source: what the calendar is known by in the store.
        called: what it is called where people read.
        problems: all that is wrong in it now.
        whole: whether nothing of it, or of a part, can be read, so that what was read before holds.
    """
    bookmark = TOLD.format(source)
    known = _Told.loaded(tick.store.books.bookmark(bookmark))
    marks = {_mark_of(each): each for each in problems}
    if marks.keys() == known.marks:
        return True
    organizers = frozenset(each.id for each in tick.store.people.organizers())
    new = [each for mark, each in marks.items() if mark not in known.marks]
    if new and not organizers:
        return False
    if new:
        _tell(tick, source, organizers, _worded_together(called, new, whole=whole))
    elif not marks:
        _tell(tick, source, organizers & known.organizers, say("calendar.mended", kalenteri=called))
    told = known.organizers | organizers if new else known.organizers
    kept = _Told(frozenset(marks), told if marks else frozenset())
    tick.store.books.set_bookmark(bookmark, kept.dumped())
    return True


def _tell(tick: Tick, source: str, organizers: Iterable[int], message: Say) -> None:
    key = f"calendar:{source}:{tick.now.isoformat()}"
    for organizer in sorted(organizers):
        tell(tick.store, tick.house, organizer, key, message, now=tick.now)


def _worded_together(called: Value, new: Sequence[Problem], *, whole: bool) -> Say:
    others = len(new) - MOST_TOLD
    return say(
        "calendar.problems",
        kalenteri=called,
        viat=Lines(tuple(map(_worded, new[:MOST_TOLD]))),
        muut=Phrase("calendar.others", {"n": others}) if others > 0 else "",
        huomaa=Phrase("held.still") if whole else "",
    )


def _worded(problem: Problem) -> Phrase:
    what: dict[str, Value] = {"vika": problem.what, "korjaus": problem.mend}
    if problem.line is None:
        return Phrase("calendar.problem", what)
    return Phrase("calendar.problem_on_line", {**what, "rivi": problem.line})


def _mark_of(problem: Problem) -> str:
    """Know a problem again, also when lines above it come and go, and when its words become better."""
    said = orjson.dumps([problem.what, problem.mend], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(said).hexdigest()[:16]
