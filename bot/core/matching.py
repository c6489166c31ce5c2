"""Which of the known questions is meant: character 4-grams, weighed by how telling they are."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.core.phrases import fold

GRAM: Final = 4  # letters: what Finnish endings leave of a word is enough to know it by (PLATFORMS.md, 3.3)
SURE: Final = 0.5
UNSURE: Final = 0.3
MARGIN: Final = 0.08
OFFERED: Final = 3


@dataclass(frozen=True, slots=True)
class Sure:
    """One entry is meant."""

    id: str


@dataclass(frozen=True, slots=True)
class Unsure:
    """One of these may be meant, the likeliest first."""

    ids: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NoIdea:
    """Nothing known is meant; ``nearest`` is what comes closest, None when nothing is shared at all."""

    nearest: str | None = None


Verdict = Sure | Unsure | NoIdea


class Matcher:
    """The known questions of one language."""

    def __init__(self, entries: Mapping[str, Iterable[str]]) -> None:
        """Learn the phrasings of each entry, by the id of the entry."""
        phrasings = [(entry, Counter(_grams(text))) for entry, texts in entries.items() for text in texts]
        spread = Counter(gram for _, grams in phrasings for gram in grams)
        self._entries = [entry for entry, _ in phrasings]
        self._telling = {gram: math.log((1 + len(phrasings)) / count) for gram, count in spread.items()}
        self._unknown = math.log(1 + len(phrasings))  # how telling a gram is that no phrasing has
        self._found: defaultdict[str, list[tuple[int, float]]] = defaultdict(list)
        for place, (_, grams) in enumerate(phrasings):
            weights = {gram: count * self._telling[gram] for gram, count in grams.items()}
            length = math.hypot(*weights.values())
            for gram, weight in weights.items():
                self._found[gram].append((place, weight / length))

    def match(self, text: str) -> tuple[tuple[str, float], ...]:
        """Give the entries that share something with the text, and how alike they are (0-1), best first."""
        alike = [0.0] * len(self._entries)
        square = 0.0
        for gram, count in Counter(_grams(text)).items():
            weight = count * self._telling.get(gram, self._unknown)
            square += weight * weight
            for place, share in self._found.get(gram, ()):
                alike[place] += weight * share
        best: dict[str, float] = {}
        length = math.sqrt(square)
        for entry, score in zip(self._entries, alike, strict=True):
            if score > best.get(entry, 0.0):
                best[entry] = score
        ranked = sorted(best.items(), key=lambda each: -each[1])
        return tuple((entry, score / length) for entry, score in ranked)

    def verdict(self, text: str) -> Verdict:
        """Decide whether to answer, to ask which entry is meant, or to say that nothing is known."""
        ranked = self.match(text)
        if not ranked or ranked[0][1] < UNSURE:
            return NoIdea(ranked[0][0] if ranked else None)
        best, score = ranked[0]
        if score >= SURE and (len(ranked) == 1 or score - ranked[1][1] >= MARGIN):
            return Sure(best)
        return Unsure(tuple(entry for entry, likely in ranked[:OFFERED] if likely >= UNSURE))


def _grams(text: str) -> list[str]:
    """Cut each word into pieces of four, with the space before and after it."""
    padded = f" {fold(text)} "
    return [padded[at : at + GRAM] for at in range(len(padded) - GRAM + 1)] if padded.strip() else []
