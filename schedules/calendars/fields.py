"""What only a schedule has among its fields: days, lengths of time, texts in any language."""

import re
from calendar import monthrange
from datetime import date, timedelta

import yaml

from bot.content import fields
from bot.content.fields import MisreadError, Reader, as_lines, as_text, line_of, short
from bot.core.occurrences import Words
from bot.core.recurrence import duration
from bot.messages import Phrase

# Before it time zones are guesswork, after it nobody plans; and no sum of days leaves what a date can hold.
EARLIEST = date(1970, 1, 1)
LATEST = date(2199, 12, 31)

LONGEST = timedelta(days=366)

DECEMBER = 12

_LANGUAGE = re.compile(r"[a-z]{2}")
_NEARLY_A_DATE = re.compile(
    r"(?P<year>\d{4})[-./](\d{1,2})[-./](\d{1,2})|(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4})", re.ASCII
)


class Fields(fields.Fields):
    """The fields of one mapping, which also tell what is there and where."""

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def line(self, key: str) -> int:
        """Give the line of a field, or of the whole where it is missing."""
        return line_of(self._values.get(key, self._node))


def as_date(node: yaml.Node) -> date:
    """Read a day, 2026-11-26."""
    written = as_text(node)
    try:
        day = date.fromisoformat(written)
    except ValueError:
        day = None
    if day is None or not EARLIEST <= day <= LATEST:
        raise MisreadError(node, *_no_date(written))
    return day


def _no_date(written: str) -> tuple[Phrase, Phrase]:
    """Say what is wrong with a date, and how to mend it: in its own numbers, where they tell which day is meant."""
    no_date = Phrase("problem.no_date", {"arvo": short(written)})
    found = _NEARLY_A_DATE.fullmatch(written)
    numbers = [int(each) for each in found.groups() if each] if found else [0, 0, 0]
    year, month, day = numbers if found and found["year"] else numbers[::-1]
    if not EARLIEST.year <= year <= LATEST.year or not 1 <= month <= DECEMBER or day == 0:
        return no_date, Phrase("problem.mend.date")
    days = monthrange(year, month)[1]
    if day > days:
        return no_date, Phrase("problem.mend.month_days", {"kuu": f"{month}/{year}", "määrä": days})
    meant = date(year, month, day).isoformat()
    return Phrase("problem.date_otherwise", {"arvo": short(written)}), Phrase(
        "problem.mend.shape", {"muoto": meant}
    )


def as_duration(node: yaml.Node) -> timedelta:
    """Read a length of time, PT1H30M; at most a year."""
    written = as_text(node)
    try:
        length = duration(written)
    except ValueError:
        length = None
    if length is None or length > LONGEST:
        mend = Phrase("problem.mend.length")
        raise MisreadError(node, Phrase("problem.no_length", {"arvo": short(written)}), mend)
    return length


def as_words(language: str, *, lines: int = 1) -> Reader[Words]:
    """Make a reader of a text of so many lines at most; where no language is named, it is in this one."""

    def read(node: yaml.Node) -> Words:
        if not isinstance(node, yaml.MappingNode):
            return {language: _some_text(node, lines)}
        words = {}
        for key, value in node.value:
            name = key.value if isinstance(key, yaml.ScalarNode) else ""
            if not _LANGUAGE.fullmatch(name):
                mend = Phrase("problem.mend.languages")
                raise MisreadError(key, Phrase("problem.no_language", {"arvo": short(name)}), mend)
            words[name] = _some_text(value, lines)
        return words

    return read


def _some_text(node: yaml.Node, lines: int) -> str:
    text = as_text(node) if lines == 1 else as_lines(node)
    if not text:
        raise MisreadError(node, Phrase("problem.text_missing"), Phrase("problem.mend.write_or_leave"))
    if text.count("\n") >= lines:
        raise MisreadError(
            node, Phrase("problem.too_many_lines", {"raja": lines}), Phrase("problem.mend.shorter")
        )
    return text
