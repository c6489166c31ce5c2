"""Which letters the font has.  One that it lacks would be drawn as an empty box, or keep the sheet from being drawn.

What is left out is most often a little picture beside words that say the same.
"""

import re
import struct
import unicodedata
from functools import cache
from pathlib import Path
from typing import Final

FONTS: Final = Path(__file__).parent.parent / "fonts"
FULL_UNICODE: Final = (3, 10)  # platform and encoding of the table that has all planes (OpenType, cmap)


def drawable(text: str) -> str:
    """Give a text without what the font lacks; a letter written in two parts becomes one."""
    drawn = _drawn()
    text = unicodedata.normalize("NFC", text)
    kept = "".join(each for each in text if each == "\n" or ord(each) in drawn)
    return kept if kept == text else re.sub(" +", " ", kept).strip(" ")


def lacks(text: str) -> bool:
    """Tell whether a letter or a digit of a text would be missing: then the text no longer says what it should."""
    drawn = _drawn()
    return any(each.isalnum() and ord(each) not in drawn for each in unicodedata.normalize("NFC", text))


@cache
def _drawn() -> frozenset[int]:
    """Give the code points that every cut of the font has."""
    return frozenset.intersection(*(_code_points(path.read_bytes()) for path in sorted(FONTS.glob("*.ttf"))))


def _code_points(font: bytes) -> frozenset[int]:
    """Read the character map of a TrueType font, in its format 12: ranges of code points."""
    (tables,) = struct.unpack_from(">H", font, 4)
    directory = [struct.unpack_from(">4sIII", font, 12 + 16 * number) for number in range(tables)]
    start = next(offset for tag, _, offset, _ in directory if tag == b"cmap")
    (maps,) = struct.unpack_from(">H", font, start + 2)
    listed = [struct.unpack_from(">HHI", font, start + 4 + 8 * number) for number in range(maps)]
    table = start + next(offset for *which, offset in listed if tuple(which) == FULL_UNICODE)
    (ranges,) = struct.unpack_from(">I", font, table + 12)
    found: set[int] = set()
    for number in range(ranges):
        first, last, _ = struct.unpack_from(">III", font, table + 16 + 12 * number)
        found.update(range(first, last + 1))
    return frozenset(found)
