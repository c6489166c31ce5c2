"""What an event of an iCalendar file says in words: its id, its title, its place, its categories."""

import hashlib
import re
from collections.abc import Sequence

from bot.core.occurrences import Words
from bot.core.plain_text import single_line
from bot.messages import Phrase, Value
from schedules.calendars.content_lines import Block, Line

LONGEST_UID = 300  # no index takes ids of any length
LONGEST_TEXT = 500  # what is longer is no title
MOST_LANGUAGES = 10

_ESCAPED = re.compile(r"\\([\\;,nN])")
_CATEGORY = re.compile(r"(?s)(?:\\.|[^,\\]++)++")


def readable(text: str) -> str:
    """Give a text as people read it, on one line."""
    return single_line(_ESCAPED.sub(lambda found: " " if found[1] in "nN" else found[1], text))


def uid_of(block: Block) -> str:
    """Give what an event is known by; one without a UID is known by what it says, as long as it says it."""
    uid = known_by(block.value("UID"))
    if not uid:
        told = (line for name in ("DTSTART", "RRULE", "SUMMARY") if (line := block.find(name)))
        return "no-uid-" + _digest("\n".join(line.name + line.rest for line in told))
    return uid


def known_by(written: str) -> str:
    """Give what an event with this UID is known by; empty: it has none."""
    uid = readable(written)
    return uid if len(uid) <= LONGEST_UID else f"long-uid-{_digest(uid)}"


def name_of(uid: str, title: str, *, hidden: bool) -> Value:
    """Name an event in a problem: by its title, unless it is private, and its UID."""
    known: Value = uid[:LONGEST_UID] or Phrase("problem.no_uid")
    if hidden or not title:
        return known
    return Phrase("problem.titled", {"nimi": title[:LONGEST_TEXT], "tunnus": known})


def is_hidden(block: Block) -> bool:
    """Say whether an event is for nobody else; a CLASS that nobody knows counts as private (RFC 5545, 3.8.1.3)."""
    return block.value("CLASS").upper() not in ("", "PUBLIC")


def words_in(lines: Sequence[Line], language: str) -> Words:
    """Give a text in its languages; without any named, it is in this one."""
    words: dict[str, str] = {}
    for line in lines[:MOST_LANGUAGES]:
        spoken = re.split("[-_]", line.parameter("LANGUAGE") or language)[0].lower()
        text = readable(line.value)[:LONGEST_TEXT]
        if text:
            words.setdefault(spoken, text)
    return words


def categories_in(lines: Sequence[Line]) -> tuple[str, ...]:
    """Give the categories in the order of the file."""
    found = (readable(each)[:LONGEST_TEXT] for line in lines for each in _CATEGORY.findall(line.value))
    return tuple(each for each in found if each)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:16]
