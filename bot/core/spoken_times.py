"""Days and hours that are written as words: "kymmenes joulukuuta", "kello yksi", "puoli kaksi", "halv två"."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

FIRST_OF_MORNING: Final = 8  # "kello yksi" is one in the afternoon: nothing is held before eight
HALF_DAY: Final = 12  # hours

# Letters are folded: "neljäs" is "neljas".
_HOURS: Final[Mapping[str, int]] = {
    "yksi": 1, "kaksi": 2, "kolme": 3, "nelja": 4, "viisi": 5, "kuusi": 6, "seitseman": 7, "kahdeksan": 8,
    "yhdeksan": 9, "kymmenen": 10, "yksitoista": 11, "kaksitoista": 12,
    "ett": 1, "tva": 2, "tre": 3, "fyra": 4, "fem": 5, "sex": 6, "sju": 7, "atta": 8, "nio": 9, "tio": 10, "elva": 11,
    "tolv": 12,
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "eleven": 11, "twelve": 12,
}  # fmt: skip
_ONES: Final = (
    "ensimmai(?:nen|sena)", "toi(?:nen|sena)", "kolma(?:s|ntena)", "nelja(?:s|ntena)", "viide(?:s|ntena)", "kuude(?:s|ntena)",
    "seitsema(?:s|ntena)", "kahdeksa(?:s|ntena)", "yhdeksa(?:s|ntena)",
)  # fmt: skip
_IN_TEENS: Final = ("yhde(?:s|ntena)", "kahde(?:s|ntena)", *_ONES[2:])
_TEN: Final = "kymmene(?:s|ntena)"


def _ordinals() -> Iterator[tuple[int, str]]:
    """Give the days of a month as Finnish has them, the longest word of those that begin alike first."""
    for tens, word in ((30, "kolma(?:s|ntena)"), (20, "kahde(?:s|ntena)")):
        for one in range(1, 10 if tens < 30 else 2):  # noqa: PLR2004 - no month has a 32nd
            yield tens + one, f"{word}{_TEN}(?:{_ONES[one - 1]}|{_IN_TEENS[one - 1]})"
        yield tens, word + _TEN
    for one, word in enumerate(_IN_TEENS, start=1):
        yield 10 + one, f"{word}toista"
    yield 10, _TEN
    yield from enumerate(_ONES, start=1)


_DAYS: Final = tuple((day, re.compile(rf"\b{word}(?=\s+[a-z]+kuu)")) for day, word in _ordinals())
_HOUR: Final = "|".join(_HOURS)
_HALF: Final = re.compile(rf"\b(?:(?:klo|kello|kl)\.?\s+)?(?:puoli|halv)\s+({_HOUR}|\d{{1,2}})\b")
_FULL: Final = re.compile(rf"\b(klo|kello|kl|at)\b\.?\s+({_HOUR})\b")


def in_figures(text: str) -> str:
    """Put figures for the words of days and hours, in folded text; of an hour from one to seven, the afternoon's."""
    for day, word in _DAYS:
        text = word.sub(str(day), text)
    text = _HALF.sub(_half, text)
    return _FULL.sub(lambda found: f"{found[1]} {_of_the_day(_HOURS[found[2]])}", text)


def _half(found: re.Match[str]) -> str:
    """Give the half hour before an hour: "puoli kaksi" is 13.30."""
    hour = _HOURS.get(found[1])
    before = int(found[1]) - 1 if hour is None else hour - 1
    return f"klo {_of_the_day(before or HALF_DAY)}.30"


def _of_the_day(hour: int) -> int:
    return hour + HALF_DAY if 0 < hour < FIRST_OF_MORNING else hour
