"""What may be shown of a poll without exposing anyone: the small-number rules (DOMAIN.md, E).

The reader of a result is taken to know these rules, and may be one of a dozen people who know each other.
So a result is judged by all the tables that would have been published in just the same way: what must stay
hidden has to differ among them.  ``publishable`` keeps these promises, which the tests try on every small table:

- A number below k is never shown, and no hidden number can be worked out.
- Nobody can tell that all answered alike.
- Who knows from elsewhere how many answered can work out at most that a small cell is empty, or that all the
  small ones hold k - 1.

What follows from them:

**Zero counts as small.**  "Fewer than k" is said of 0 to k - 1.  A zero of its own would be a statement about
everybody ("none of you said bad"), and it would narrow its neighbours: next to zeros, one small cell is
what the total leaves over.

**Nearly all** is said when at most a fifth of the answers, and fewer than k, lie outside the largest group.  Were
it said of unanimity only, it would mean unanimity.  From five answers on it leaves room for one who
answered otherwise; hence no results at all below five, however small k is.

**One small cell** takes a neighbour with it, and the total, which would give their sum.  The neighbour is chosen by
its place and not by its size: "the smallest of the others" would put a bound on it.  Of two options nothing
is left then, and not even which of the two is the small one is said.

**Several small cells** cover each other.  The total stays only if with it each of them can still be anything from
0 to k - 1, and if they hold k answers or more together, for by so many it differs from what is shown.

**The mean** is shown for ten answers or more, in tenths, next to a shown cell, and only if it leaves at least two
values to each hidden group and to each of the five smileys.  The tables from which it is left out must do the
same among themselves, or its absence would tell.
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
    """The three groups, and how many answers in the outer two are the better smiley of theirs, 2 or 5.

    That number lies between the two bounds.  The sum of the answers is ``low + 3 * middle + 4 * high + better``.
    """

    low: int
    middle: int
    high: int
    better_from: int
    better_to: int

    def spans(self) -> tuple[tuple[int, int], ...]:
        """Give the least and the most of each group, then of the 1s, 2s, 4s and 5s (the 3s are a group)."""
        twos = max(0, self.better_from - self.high), min(self.low, self.better_to)
        fives = max(0, self.better_from - self.low), min(self.high, self.better_to)
        return (
            (self.low, self.low),
            (self.middle, self.middle),
            (self.high, self.high),
            (self.low - twos[1], self.low - twos[0]),
            twos,
            (self.high - fives[1], self.high - fives[0]),
            fives,
        )


def _mean_beside(table: Table, counts: Mapping[str, int], k: int) -> int | None:
    """Give the mean in tenths if it may stand beside these cells, else None."""
    cells = [cell for _, cell in table.cells]
    chosen = [counts.get(smiley, 0) for smiley in SMILEYS]
    answers = sum(chosen)
    if answers < LEAST_FOR_MEAN or Hidden.HIDDEN in cells or not any(isinstance(cell, int) for cell in cells):
        return None
    by_mean: dict[int | None, list[_Smileys]] = {}
    for groups in _published_alike(table, k):
        for mean, smileys in _means(*groups):
            by_mean.setdefault(mean, []).append(smileys)
    mean = _in_tenths(sum(points * count for points, count in enumerate(chosen, start=1)), answers)
    return mean if mean not in _left_out(by_mean, cells) else None


def _left_out(by_mean: Mapping[int | None, list[_Smileys]], cells: list[Cell]) -> set[int | None]:
    """Give the means that tell too much, and from both ends as many more as it takes to hide in."""
    means = sorted(mean for mean in by_mean if mean is not None)
    telling = {mean for mean in by_mean if mean is None or _give_away(by_mean[mean], cells)}
    wider = (telling | {*means[:ends], *means[-ends:]} for ends in range(1, len(means)))
    hiding = (
        left_out
        for left_out in wider
        if not _give_away((each for mean in left_out for each in by_mean[mean]), cells)
    )
    return next(hiding, set(by_mean))


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
    must_differ = [isinstance(cell, FewerThan) for cell in cells] + [True] * 4
    columns = zip(*(each.spans() for each in possible), strict=True)
    return any(
        min(least for least, _ in column) == max(most for _, most in column)
        for column, must in zip(columns, must_differ, strict=True)
        if must
    )
