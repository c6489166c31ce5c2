"""Which of the known questions is meant: character 4-grams, weighed by how telling they are."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.core.phrases import fold

GRAM: Final = 4  # letters: what is left of a Finnish word whatever its ending, and most of a misspelt one

# Set on tests/data/calibration.yaml so that at most two answers in a hundred are wrong ones.  Shares of 1.
SURE: Final = 0.42
MARGIN: Final = 0.05  # by which the best must lead, or we ask
UNSURE: Final = 0.27
OFFERED: Final = 3


@dataclass(frozen=True, slots=True)
class Sure:
    """One entry is meant."""

    id: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """One of these may be meant, the likeliest first; at most three."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoIdea:
    """Nothing known is meant; ``nearest`` is what comes closest, None when nothing is shared at all."""

    nearest: str | None = None


Verdict = Sure | Unsure | NoIdea


class Matcher:
    """The known questions of one language.

    The score of an entry is the share of a question that the entry knows from any of its phrasings, each
    piece counting for as much as it is rare among the entries.  So a new word that an editor adds helps
    beside all the old ones, and a question of many unknown words scores low everywhere.
    """

    def __init__(self, entries: Mapping[str, Iterable[str]]) -> None:
        """Learn how each entry is asked for: its id -> its phrasings."""
        known: defaultdict[str, list[str]] = defaultdict(list)
        for entry, phrasings in entries.items():
            for gram in set().union(*map(_grams, phrasings)):
                known[gram].append(entry)
        self._unknown = math.log(1 + len(entries))  # how much a piece counts that no entry knows
        self._known = {
            gram: (math.log((1 + len(entries)) / len(found)), found) for gram, found in known.items()
        }

    def match(self, text: str) -> tuple[tuple[str, float], ...]:
        """Give the entries that share anything with the text, with their scores (0-1), best first."""
        scores: defaultdict[str, float] = defaultdict(float)
        whole = 0.0
        for gram in _grams(text):
            weight, entries = self._known.get(gram, (self._unknown, ()))
            whole += weight
            for entry in entries:
                scores[entry] += weight
        ranked = sorted(scores.items(), key=lambda scored: -scored[1])
        return tuple((entry, score / whole) for entry, score in ranked)

    def verdict(self, text: str) -> Verdict:
        """Decide whether to answer, to ask which entry is meant, or to say that nothing is known."""
        ranked = self.match(text)
        if not ranked:
            return NoIdea()
        (best, score), *others = ranked
        if score < UNSURE:
            return NoIdea(best)
        if score >= SURE and (not others or score - others[0][1] >= MARGIN):
            return Sure(best)
        return Unsure(tuple(entry for entry, likely in ranked[:OFFERED] if likely >= score / 2))


def _grams(text: str) -> frozenset[str]:
    """Cut a text into its pieces of four letters, spaces between words counting as letters."""
    padded = f" {fold(text)} "
    return frozenset(padded[at : at + GRAM] for at in range(len(padded) - GRAM + 1))
