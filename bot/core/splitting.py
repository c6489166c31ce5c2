"""Cut a text that is too long for one message, where a reader would pause."""

import re
import unicodedata
from collections.abc import Iterator
from typing import Final, Literal

Unit = Literal["characters", "utf16"]

# From the longest pause to the shortest: paragraph, line, sentence (not the dot of "24.11."), word.
_SPACE: Final = r"[^\S\u00a0\u202f]"  # the two that do not break are no place to cut
_PAUSES: Final = tuple(map(re.compile, (r"\n\s*\n", r"\n", rf"(?<=\D[.!?…]){_SPACE}", _SPACE)))

_JOINER: Final = "\u200d"  # holds 👩‍🌾 together
_REGIONAL: Final = range(0x1F1E6, 0x1F200)  # two of them are one flag
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)


def split(text: str, most: int, *, unit: Unit = "characters") -> tuple[str, ...]:
    """Cut a text into pieces of at most ``most`` units, in order.

    A text that fits comes back as it is, an empty one as no piece.  Only white space at the cuts goes; a
    word is cut only when it fills a piece alone, and then not inside what is seen as one character.

    Raises:
        ValueError: fewer than two units are allowed (an emoji has two in UTF-16).
    """
    if most < 2:  # noqa: PLR2004
        message = "a piece has at least two units"
        raise ValueError(message)
    return tuple(_pieces(text, most, unit))


def _pieces(text: str, most: int, unit: Unit) -> Iterator[str]:
    while text.strip():
        fits = _fitting(text, most, unit)
        if fits == len(text):
            yield text
            return
        cut = _cut(text, fits)
        piece = text[:cut].rstrip()
        if piece.strip():
            yield piece
        text = text[cut:].lstrip()


def _fitting(text: str, most: int, unit: Unit) -> int:
    """Count the characters at the beginning that fit."""
    if unit == "characters":
        return min(len(text), most)
    units = 0
    for count, char in enumerate(text):
        units += 2 if ord(char) > 0xFFFF else 1  # noqa: PLR2004 - beyond it UTF-16 takes a pair
        if units > most:
            return count
    return len(text)


def _cut(text: str, fits: int) -> int:
    """Find where to cut a text of which ``fits`` characters may stay: at least one, at most that many."""
    for pause in _PAUSES:
        # A space right behind what fits is a good place too.
        places = [found.start() for found in pause.finditer(text, 0, fits + 1) if 0 < found.start() <= fits]
        if places and (places[-1] >= fits // 2 or pause is _PAUSES[-1]):
            return places[-1]
    whole = fits
    while whole > 0 and _is_one(text, whole):
        whole -= 1
    return whole or fits  # one character longer than a piece has to be cut all the same


def _is_one(text: str, at: int) -> bool:
    """Tell whether the characters before and after a place are seen as one (UAX 29, as far as Unicode data go)."""
    before, after = text[at - 1], text[at]
    if unicodedata.combining(after) or unicodedata.category(after) in {"Mn", "Me", "Mc"}:
        return True
    if _JOINER in (before, after) or ord(after) in _SKIN_TONES:
        return True
    if ord(before) in _REGIONAL and ord(after) in _REGIONAL:
        flags = 0
        while flags < at and ord(text[at - 1 - flags]) in _REGIONAL:
            flags += 1
        return flags % 2 == 1
    return False
