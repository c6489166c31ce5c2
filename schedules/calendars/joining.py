"""Joins the dates of a calendar with what content/ says of their series: words, audience, alternation, leads."""

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from itertools import combinations
from zoneinfo import ZoneInfo

from bot.core.alternation import Meeting, go_on
from bot.core.occurrences import Occurrence, Visibility, Words
from bot.core.plain_text import single_line
from bot.core.series import Origin, Series
from bot.messages import Phrase
from schedules.calendars.addresses import host_of
from schedules.calendars.reading import Problem, Reading, by_start

DESCRIBED = (".yaml", ".yml")  # such a file says itself all there is to say of its series

_STRICTNESS: Mapping[Visibility, int] = {"public": 0, "members": 1, "staff": 2}

_Identity = tuple[str, str | None]


def join(
    reading: Reading,
    series: Collection[Series],
    *,
    calendars: Sequence[str],
    number: int,
    source: str,
    zone: ZoneInfo,
    known: Iterable[Occurrence] = (),
) -> Reading:
    """Let content/ describe those dates of a calendar that belong to a series; all others stay as they are.

    Args:
        reading: one calendar, as read.  Without any dates there is nothing to join, and nothing to report (T-25).
        series: all that content/ has.
        calendars: what is set in VERTTI_CALENDARS.
        number: which of them was read, from 1.
        source: what it is called in problems.
        zone: by whose days and weeks turns are counted.
        known: dates that have begun, as their calendars said them: the turns go on from them.

    Returns:
        The reading, with what is wrong with the joining among its problems.
    """
    if not reading.occurrences or number not in dict(feeds(calendars)):
        return reading
    by_id = {each.id: each for each in series}
    name, begun = calendars[number - 1], tuple(known)
    wanting = [each for each in series if each.origin and leads_to(each.origin, name, number)]
    claims = [_claimants(it, wanting) for it in reading.occurrences]
    belongings: dict[str, list[Occurrence]] = defaultdict(list)
    others: list[Occurrence] = []
    for it, claimants in zip(reading.occurrences, claims, strict=True):
        if claimants:
            belongings[claimants[0].id].append(_described(it, claimants[0]))
        else:
            others.append(_guarded(it, by_id.get(it.series or "")))
    for owner, dates in belongings.items():
        others += _with_turns(by_id[owner], dates, [it for it in begun if it.series == owner], zone)
    problems = [*_left_without(wanting, claims, calendars, source), *_torn(claims, source)]
    return replace(
        reading,
        occurrences=tuple(sorted((it for it in others if not _is_private(it, by_id)), key=by_start)),
        problems=(*reading.problems, *problems),
    )


def feeds(calendars: Sequence[str]) -> list[tuple[int, str]]:
    """Give the calendars whose dates content/ may describe, each with its number, from 1."""
    return [
        (number, name)
        for number, name in enumerate(calendars, start=1)
        if not name.lower().endswith(DESCRIBED)
    ]


def leads_to(origin: Origin, name: str, number: int) -> bool:
    """Tell whether the dates of a series may stand in the calendar of this name and number."""
    which = origin.calendar
    return which is None or which in {name, str(number)} or which.casefold() == host_of(name)


# ---- whose date it is ----------------------------------------------------------------------------------------


def _claimants(it: Occurrence, wanting: Sequence[Series]) -> tuple[Series, ...]:
    """Give the series that claim a date most precisely, in the order of the file; only the first gets it."""
    claims = [(_precision(each.origin), each) for each in wanting if each.origin and _fits(each.origin, it)]
    best = max((precision for precision, _ in claims), default=None)
    return tuple(each for precision, each in claims if precision == best)


def _precision(origin: Origin) -> tuple[bool, ...]:
    """Sum up how precise a claim is: a UID tells more than a title, that more than a category or a calendar."""
    return tuple(bool(each) for each in (origin.uid, origin.title, origin.category, origin.calendar))


def _fits(origin: Origin, it: Occurrence) -> bool:
    return (
        origin.uid in (None, it.uid)
        and (origin.title is None or _same(origin.title, it.title.values()))
        and (origin.category is None or _same(origin.category, filter(None, (it.series, it.variant))))
    )


def _same(text: str, others: Iterable[str]) -> bool:
    """Compare without case and surrounding space."""
    return any(_folded(text) == _folded(each) for each in others)


def _folded(text: str) -> str:
    return single_line(text).casefold()


# ---- what is said of it --------------------------------------------------------------------------------------


def _described(it: Occurrence, series: Series) -> Occurrence:
    """Say of a date what its series says.

    Words and leads are content's; the place is the date's own where it has one; and who is told less often, or must
    do more, is so by either's word.
    """
    place = it.place or series.place
    return replace(
        it,
        series=series.id,
        variant=_named_variant(it, series.variants),
        title={**it.title, **series.name},
        place=place,
        visibility=_stricter(it.visibility, series.visibility),
        kind="broadcast" if "broadcast" in (it.kind, series.kind) else "event",
        signup=it.signup or series.signup,
        leads=it.leads if series.leads is None else series.leads,
        area=series.area or _area_of(place, series.origin),
    )


def _is_private(it: Occurrence, by_id: Mapping[str, Series]) -> bool:
    """Is it somebody's own, marked private in their calendar?  Only of a series for staff is that meant for others."""
    series = by_id.get(it.series or "")
    return it.visibility == "staff" and (series is None or series.visibility != "staff")


def _guarded(it: Occurrence, series: Series | None) -> Occurrence:
    """Keep a date that only names a series by its category no less private than that."""
    if series is None or _stricter(it.visibility, series.visibility) == it.visibility:
        return it
    return replace(it, visibility=series.visibility)


def _stricter(one: Visibility, other: Visibility) -> Visibility:
    return max(one, other, key=_STRICTNESS.__getitem__)


def _named_variant(it: Occurrence, variants: Mapping[str, Words]) -> str | None:
    """Give the variant that one of the date's categories names, by its id or its words; None: none does."""
    for category in filter(None, (it.variant, it.series)):
        for variant, words in variants.items():
            if _same(category, (variant, *words.values())):
                return variant
    return None


def _area_of(place: Words, origin: Origin | None) -> str | None:
    """Give the first area with a word that begins a word of the place; None: the place tells none."""
    for area, word in origin.areas.items() if origin else ():
        begins = re.compile(rf"\b{re.escape(word)}", re.IGNORECASE)
        if any(begins.search(text) for text in place.values()):
            return area
    return None


# ---- turns ---------------------------------------------------------------------------------------------------


def _with_turns(
    series: Series, dates: Sequence[Occurrence], begun: Sequence[Occurrence], zone: ZoneInfo
) -> Iterable[Occurrence]:
    """Give the dates of a series, each with its variant where they alternate; ``begun`` are those that were told."""
    if not series.turns:
        return dates

    def day(it: Occurrence) -> date:
        return it.start.astimezone(zone).date()

    listed = {_identity(it) for it in dates}
    days = {day(it) for it in dates}
    told = {_identity(it): it.variant for it in begun}
    # Another hour for the whole series, or another calendar, gives its past dates new identities.
    told_on = {day(it): it.variant for it in begun}
    gone = [
        it
        for it in begun
        if it.variant in series.turns and _identity(it) not in listed and day(it) not in days
    ]
    in_order = sorted([*dates, *gone], key=by_start)
    meetings = [
        Meeting(
            day(it),
            named=it.variant if _identity(it) in listed else None,
            told=told.get(_identity(it), told_on.get(day(it))),
            held=it.status != "cancelled",
        )
        for it in in_order
    ]
    turns = go_on(meetings, series.turns, by=series.turns_by, anchor=series.turns_from)
    return [
        replace(it, variant=turn) for it, turn in zip(in_order, turns, strict=True) if _identity(it) in listed
    ]


def _identity(it: Occurrence) -> _Identity:
    return it.uid, it.recurrence_id


# ---- what is wrong -------------------------------------------------------------------------------------------


def _left_without(
    wanting: Iterable[Series], claims: Iterable[Sequence[Series]], calendars: Sequence[str], source: str
) -> Iterable[Problem]:
    """Name the series that got no date, where they cannot get it from another calendar."""
    others = len(feeds(calendars)) > 1
    claimants = {each.id for claim in claims for each in claim}
    left = [
        each.id
        for each in wanting
        if each.id not in claimants and not (others and each.origin and each.origin.calendar is None)
    ]
    if left:
        what = Phrase("problem.no_dates_for", {"sarjat": ", ".join(left)})
        yield Problem(source, what, None, Phrase("problem.mend.compare"))


def _torn(claims: Iterable[Sequence[Series]], source: str) -> Iterable[Problem]:
    """Name the series that claim the same dates with equal precision."""
    pairs = {pair for claimants in claims for pair in combinations([each.id for each in claimants], 2)}
    for one, other in sorted(pairs):
        what = Phrase("problem.torn", {"yksi": one, "toinen": other})
        yield Problem(source, what, None, Phrase("problem.mend.more_precise"))
