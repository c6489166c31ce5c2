"""What may be shown of a poll without exposing anyone: the small-number rules (DOMAIN.md, E).

The reader of a result is taken to know these rules, and may be one of a dozen people who know each other.
So a result is safe when the *other* tables that would have been published in just the same way leave open
what must stay hidden.  ``publishable`` keeps these promises; the tests try them on every small table:

- A number below k is never shown, and no hidden number can be worked out.
- Nobody can tell that all answered alike.
- Who has counted the answers in some other way can still not work out a hidden cell, with one exception: that
  *all* the small cells are empty, or all of them just k - 1.

What follows from them:

**Zero counts as small.**  "Fewer than k" is said of 0 to k - 1.  A zero of its own would be a statement about
everybody ("none of you said bad"), and it would narrow its neighbours: next to zeros, one small cell is
what the total leaves over.

**Nearly all** is said when at most a fifth of the answers, and fewer than k, lie outside the largest group.  Were
it said of unanimity only, it would mean unanimity.  From five answers on it leaves room for one who
answered otherwise; hence no results at all below five, however small k is.

**One small cell** takes a neighbour with it, and the total, which is their sum.  The neighbour is chosen by its
place and not by its size: "the smallest of the others" would put a bound on it.  Of two options nothing is
left then, and not even which of the two is the small one is said.

**Several small cells** cover each other.  The total stays only if with it each of them can still be anything from
0 to k - 1, and if at least k answers lie in them together, as it differs from what is shown by so many.

**The mean** is shown for ten answers or more, in tenths, and only if it leaves two values or more to each hidden
group and to each of the five smileys.  The tables from which it is left out must do the same among
themselves, or else its absence would tell; where they do not, the mean is left out for all.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from itertools import product
from typing import Final, Literal, NamedTuple

from bot.core.polls import SMILEYS, Kind, in_groups

DEFAULT_K: Final = 5
LEAST_K: Final = 3
MOST_K: Final = 20
LEAST_ANSWERS: Final = 5  # below, "nearly all" could only mean all
LEAST_PEOPLE: Final = 10  # in a smaller group everybody can guess (E 5)
LEAST_FOR_MEAN: Final = 10
OUTSIDE: Final = 5  # "nearly all": at most one in so many answered otherwise


@dataclass(frozen=True, slots=True)
class FewerThan:
    """A cell of 0 to ``k`` - 1 answers."""

    k: int


class Hidden(Enum):
    """A cell that is hidden to cover another one; it may be of any size."""

    HIDDEN = "hidden"


Cell = int | FewerThan | Hidden


@dataclass(frozen=True, slots=True)
class TooFew:
    """Nothing may be shown: too few answers, or too few people who could have answered."""

    of: Literal["answers", "people"]


@dataclass(frozen=True, slots=True)
class NearlyAll:
    """All answers, or all but a few, are for ``option``; no number is shown."""

    option: str


@dataclass(frozen=True, slots=True)
class Table:
    """The cells in the order of the poll; ``total`` and ``mean_tenths`` (41 is 4.1) are None where hidden."""

    cells: tuple[tuple[str, Cell], ...]
    total: int | None = None
    mean_tenths: int | None = None


Results = TooFew | NearlyAll | Table


def publishable(
    counts: Mapping[str, int],
    *,
    kind: Kind,
    k: int = DEFAULT_K,
    possible: int | None = None,
    rest: int | None = None,
) -> Results:
    """Say what may be shown of a poll that has closed.

    Each poll is published once, either whole or in segments: of both, the rest could be worked out.

    Args:
        counts: answers for each option, zeros included, in the order of the poll; without those who declined.
        kind: smileys ("1" to "5") are shown in three groups.
        k: the smallest number shown, 3 to 20.
        possible: how many people could have answered; None where nobody can tell, as when all the town may.
        rest: for a segment, how many answered outside it; None for the whole poll.

    Raises:
        ValueError: k is out of bounds.
    """
    if not LEAST_K <= k <= MOST_K:
        message = f"k is from {LEAST_K} to {MOST_K}"
        raise ValueError(message)
    if possible is not None and possible < LEAST_PEOPLE:
        return TooFew("people")
    if rest is not None and rest < k:
        return TooFew("answers")
    results = _without_mean(in_groups(kind, counts), k)
    if kind == "smiley5" and isinstance(results, Table):
        return replace(results, mean_tenths=_mean_beside(results, counts, k))
    return results


def lump(
    published: Mapping[str, int] | None, counts: Mapping[str, int], *, k: int = DEFAULT_K
) -> Mapping[str, int]:
    """Choose which counts of a poll that stays open may be shown now (DOMAIN.md, E 1 and E 6).

    These are the new ``counts`` once each option, and all of them together, have moved by ``k`` or more, or
    not at all; until then those ``published`` last.  None: nothing was published yet, so the new ones.
    What is chosen still goes through ``publishable``.
    """
    if published is None:
        return counts
    moves = [counts[option] - published[option] for option in counts]
    return published if any(0 < abs(move) < k for move in [*moves, sum(moves)]) else counts


def _without_mean(groups: Mapping[str, int], k: int) -> Results:
    answers = sum(groups.values())
    if answers < max(k, LEAST_ANSWERS):
        return TooFew("answers")
    largest = max(groups, key=groups.__getitem__)
    outside = answers - groups[largest]
    if outside < k and outside * OUTSIDE <= answers:
        return NearlyAll(largest)
    small = [place for place, count in enumerate(groups.values()) if count < k]
    cells: list[Cell] = [FewerThan(k) if count < k else count for count in groups.values()]
    total: int | None = None
    if len(small) == 1:
        cells = _with_cover(cells, small[0])
    else:
        in_small = answers - sum(cell for cell in cells if isinstance(cell, int))
        if not small or k <= in_small <= (len(small) - 1) * (k - 1):
            total = answers
    return Table(tuple(zip(groups, cells, strict=True)), total)


def _with_cover(cells: list[Cell], small: int) -> list[Cell]:
    """Hide a neighbour of the only small cell; of two cells hide both alike."""
    if len(cells) == 2:  # noqa: PLR2004
        return [Hidden.HIDDEN, Hidden.HIDDEN]
    neighbour = small - 1 if small else 1
    return [Hidden.HIDDEN if place == neighbour else cell for place, cell in enumerate(cells)]


class _Smileys(NamedTuple):
    """Three groups of smileys, and how many in the outer two are the better one, 2 or 5 (from and to).

    The sum of such answers is ``low + 3 * middle + 4 * high + better``.
    """

    low: int
    middle: int
    high: int
    better_from: int
    better_to: int


def _mean_beside(table: Table, counts: Mapping[str, int], k: int) -> int | None:
    """Give the mean in tenths if it may stand beside these cells, else None."""
    cells = [cell for _, cell in table.cells]
    answers = sum(counts.values())
    if answers < LEAST_FOR_MEAN or Hidden.HIDDEN in cells or not any(isinstance(cell, int) for cell in cells):
        return None
    by_mean: dict[int | None, list[_Smileys]] = {}
    for groups in _published_alike(table, k):
        for mean, smileys in _means(*groups):
            by_mean.setdefault(mean, []).append(smileys)
    telling = {mean for mean, smileys in by_mean.items() if mean is None or _give_away(smileys, cells)}
    left_out = [each for mean in telling for each in by_mean[mean]]
    if left_out and _give_away(left_out, cells):
        return None
    mean = _in_tenths(sum(int(smiley) * counts.get(smiley, 0) for smiley in SMILEYS), answers)
    return None if mean in telling else mean


def _published_alike(table: Table, k: int) -> Iterator[tuple[int, int, int]]:
    """Go through all groups that are published as this table is; none of its cells is Hidden."""
    names = [name for name, _ in table.cells]
    sizes = (range(cell, cell + 1) if isinstance(cell, int) else range(k) for _, cell in table.cells)
    for low, middle, high in product(*sizes):
        if _without_mean(dict(zip(names, (low, middle, high), strict=True)), k) == table:
            yield low, middle, high


def _means(low: int, middle: int, high: int) -> Iterator[tuple[int | None, _Smileys]]:
    """Give each mean that these groups can have, in tenths, with what it says of the smileys in them."""
    answers = low + middle + high
    if answers < LEAST_FOR_MEAN:
        yield None, _Smileys(low, middle, high, 0, low + high)
        return
    least = low + 3 * middle + 4 * high
    first = 0
    for mean in range(_in_tenths(least, answers), _in_tenths(least + low + high, answers) + 1):
        # The largest sum that is rounded to this mean: 20 * sum + answers < 2 * answers * (mean + 1).
        last = min((2 * answers * (mean + 1) - answers - 1) // 20 - least, low + high)
        yield mean, _Smileys(low, middle, high, first, last)
        first = last + 1


def _in_tenths(total: int, answers: int) -> int:
    """Round ``total / answers`` to tenths, halves up; in whole numbers, so that it is the same everywhere."""
    return (20 * total + answers) // (2 * answers)


def _give_away(possible: Iterable[_Smileys], cells: Iterable[Cell]) -> bool:
    """Tell whether a hidden group or one of the smileys has the same number in all that is possible."""
    bounds: list[tuple[int, int]] = []
    for each in possible:
        twos = max(0, each.better_from - each.high), min(each.low, each.better_to)
        fives = max(0, each.better_from - each.low), min(each.high, each.better_to)
        ranges = [
            (each.low, each.low),
            (each.middle, each.middle),
            (each.high, each.high),
            twos,
            (each.low - twos[1], each.low - twos[0]),
            fives,
            (each.high - fives[1], each.high - fives[0]),
        ]
        bounds = [
            (min(low, new_low), max(high, new_high))
            for (low, high), (new_low, new_high) in zip(bounds or ranges, ranges, strict=True)
        ]
    hidden = [isinstance(cell, FewerThan) for cell in cells] + [True] * 4
    return any(low == high for (low, high), matters in zip(bounds, hidden, strict=True) if matters)
