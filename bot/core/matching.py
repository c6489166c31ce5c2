"""Which of the known questions is meant: pieces of words, weighed by how telling they are."""

import math
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from bot.core.phrases import fold

PIECE: Final = 4  # letters: what is left of a Finnish word whatever its ending, and most of a misspelt one
BEGINNING: Final = 2  # times as much counts the piece that a word begins with: there its stem is

# An entry knows a piece the less, the fewer of its phrasings hold it: their share to this power.  What somebody
# happened to say once in twenty phrasings tells less of the entry than what most of them say.
SELDOM: Final = 0.25

# Set on tests/data/calibration.yaml so that at most two answers in a hundred are wrong ones.  Shares of a question.
SURE: Final = 0.38  # that the best entry must know
MARGIN: Final = 0.08  # by which it must lead, or we ask
UNSURE: Final = 0.18  # below which nothing is known
OFFERED: Final = 3


NAMED_FROM: Final = 3  # letters of a word of a name: "JYP"
SAME: Final = 2 / 3  # of a word, at its beginning, that stays the same whatever its ending ...
LEAST: Final = 4  # ... letters at the least, but of a shorter word all
ENDING: Final = 4  # letters at most that another word has behind that ...
STEM: Final = 6  # ... unless so many are the same: "piparinpaisto" is about "piparien leipominen"


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
Names = tuple[str, ...]  # of one thing

# What a piece weighs, and how much of that each entry knows.
_Known = tuple[float, tuple[tuple[str, float], ...]]


class Matcher:
    """The known questions of one language.

    The score of an entry is the share of a question that the entry knows from its phrasings, each piece of a word
    counting for as much as it is rare among the entries.  So a new word that an editor adds helps beside all the
    old ones, and a question of many unknown words scores low everywhere.

    A score alone would be sure of "where is it" as soon as one entry says it oftener than the others.  Hence a
    question of function words alone is asked back, unless it stands word for word among the phrasings.
    """

    def __init__(self, entries: Mapping[str, Iterable[str]], function_words: Container[str] = ()) -> None:
        """Learn how each entry is asked for, its id -> its phrasings, and which words tell no two entries apart."""
        self._function_words = function_words
        words: set[str] = set()
        self._order = {entry: number for number, entry in enumerate(entries)}
        self._word_for_word: dict[str, str] = {}
        known: defaultdict[str, dict[str, float]] = defaultdict(dict)
        for entry, phrasings in entries.items():
            folded = dict.fromkeys(map(fold, phrasings))
            words.update(word for each in folded for word in each.split())
            self._word_for_word = dict.fromkeys(folded, entry) | self._word_for_word  # the first one has it
            for piece, count in Counter(piece for each in folded for piece in _pieces(each)).items():
                known[piece][entry] = (count / len(folded)) ** SELDOM
        self._words = sorted(words)
        self._unknown = math.log(1 + len(entries))  # what a piece weighs that no entry knows
        self._known: dict[str, _Known] = {}
        # Most pieces are one entry's alone, and what it knows of them is alike: kept once, that takes a third less.
        same: dict[_Known, _Known] = {}
        for piece, found in known.items():
            weight = _times(piece) * math.log((1 + len(entries)) / len(found))
            knows = weight, tuple((entry, weight * share) for entry, share in found.items())
            self._known[piece] = same.setdefault(knows, knows)

    def match(self, text: str) -> tuple[tuple[str, float], ...]:
        """Give the entries that share anything with the text, with their scores (0-1), best first."""
        ranked, whole = self._weigh(fold(text))
        return tuple((entry, weight / whole) for entry, weight in ranked)

    def verdict(self, text: str) -> Verdict:
        """Decide whether to answer, to ask which entry is meant, or to say that nothing is known."""
        folded = fold(text)
        if folded in self._word_for_word:
            return Sure(self._word_for_word[folded])
        ranked, whole = self._weigh(folded)
        if not ranked:
            return NoIdea()
        (best, weight), *others = ranked
        if weight < UNSURE * whole:
            return NoIdea(best)
        lead = weight - (others[0][1] if others else 0)
        if weight >= SURE * whole and lead >= MARGIN * whole and self._says_about_what(folded):
            return Sure(best)
        return Unsure(tuple(entry for entry, likely in ranked[:OFFERED] if likely >= weight / 2))

    def knows(self, word: str) -> bool:
        """Tell whether a folded word, or one that begins like it, stands in the known questions."""
        stem = word[: _stem(word)]
        at = bisect_left(self._words, stem)
        return at < len(self._words) and self._words[at].startswith(stem)

    def _says_about_what(self, folded: str) -> bool:
        return any(word not in self._function_words for word in folded.split())

    def _weigh(self, folded: str) -> tuple[list[tuple[str, float]], float]:
        """Give what each entry knows of a text, best first, of equals the earlier one, and the weight of the text."""
        weights: defaultdict[str, float] = defaultdict(float)
        whole = 0.0
        for piece in _pieces(folded):
            if piece not in self._known:
                whole += _times(piece) * self._unknown
                continue
            weight, entries = self._known[piece]
            whole += weight
            for entry, knows in entries:
                weights[entry] += knows
        return sorted(weights.items(), key=lambda weighed: (-weighed[1], self._order[weighed[0]])), whole


def meant(text: str, matchers: Mapping[str, Matcher], language: str) -> tuple[Verdict, str]:
    """Decide what is meant, and in which language it was said.

    First in that of the reader.  Where that is not sure, another decides that is sure and knows more of the text.
    """
    verdict = matchers[language].verdict(text)
    if isinstance(verdict, Sure):
        return verdict, language
    elsewhere = {other: matchers[other].verdict(text) for other in matchers.keys() - {language}}
    sure = [other for other, found in elsewhere.items() if isinstance(found, Sure)]
    spoken = max([language, *sorted(sure)], key=lambda each: _score(matchers[each], text))
    return elsewhere.get(spoken, verdict), spoken


def named(text: str, things: Iterable[Names], matchers: Mapping[str, Matcher]) -> tuple[Names, ...]:
    """Find the things that a text calls by a name, but for how the words end: in their order, those of most words of it.

    Where a text says anything besides, only a word counts that no known question has: "coffee" is no event, where it
    is asked whether there is any.
    """
    said = list(dict.fromkeys(fold(text).split()))
    found = {
        names: [
            word for word in said if any(_is_same(word, other) for other in fold(" ".join(names)).split())
        ]
        for names in things
    }
    most = max(map(len, found.values()), default=0)
    best = {names: words for names, words in found.items() if words and len(words) == most}
    return tuple(
        names
        for names, words in best.items()
        if words == said or not all(any(each.knows(word) for each in matchers.values()) for word in words)
    )


def _is_same(word: str, other: str) -> bool:
    """Tell whether two folded words are one with different endings."""
    short, long = sorted((word, other), key=len)
    same = next(
        (at for at, (one, two) in enumerate(zip(short, long, strict=False)) if one != two), len(short)
    )
    return same >= max(NAMED_FROM, _stem(short)) and (same >= STEM or len(long) - same <= ENDING)


def _stem(word: str) -> int:
    """Give how many letters of a folded word stay the same whatever its ending."""
    return max(min(LEAST, len(word)), math.ceil(SAME * len(word)))


def _score(matcher: Matcher, text: str) -> float:
    return max((score for _, score in matcher.match(text)), default=0.0)


def _pieces(folded: str) -> dict[str, None]:
    """Cut the words of a text into pieces of four letters, the space on each side of a word being one of them.

    Each once and in their order, so that the same question always weighs the same to the last digit.
    """
    return {
        padded[at : at + PIECE]: None
        for word in folded.split()
        for padded in (f" {word} ",)
        for at in range(max(1, len(padded) - PIECE + 1))
    }


def _times(piece: str) -> int:
    return BEGINNING if piece.startswith(" ") else 1
