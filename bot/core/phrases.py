"""What people type: one shape for all its spellings, the command words, and numbers."""

import re
import unicodedata
from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

FORGIVEN_FROM: Final = 5  # letters; a shorter word has too many neighbours
MOST_WORDS: Final = 3  # of a command: "en osaa", "stall in", "poista kaikki tietoni"

# Said out of politeness around what is meant.  Part of understanding, not of what Vertti says.
SMALL_WORDS: Final = frozenset(
    {"hei", "heippa", "moi", "moikka", "terve", "kiitos", "kiitti", "botti", "vertti"}
    | {"hej", "hejsan", "tack", "snalla", "hi", "hello", "please", "thanks"}
)

_UNSEEN: Final = re.compile(
    "[\u00ad\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]"
)  # zero width, bidi, soft hyphen
_APOSTROPHES: Final = re.compile("['’´`]")  # "can't" is one word
_BETWEEN_WORDS: Final = re.compile(r"[\W_]+")
_MARK: Final = re.compile(r"\s*[/!／！]\s*(?=\w)")
_MENTION: Final = re.compile(r"\s*@\w+[:,]?\s+")
_NUMBER: Final = re.compile(
    r"(?:[/!]?|(?:numero|nummer|number|nro|nr)\.?)\s*(\d{1,2})\s*[.):]?", re.IGNORECASE
)


def fold(text: str) -> str:
    """Bring a text to the one shape in which texts are compared: small letters, no dots, single spaces.

    ä and å become a, ö becomes o; marks, signs and what cannot be seen go; space and underscore are alike.
    """
    if not text.isascii():
        text = _without_dots(_UNSEEN.sub("", text))
    return _BETWEEN_WORDS.sub(" ", _APOSTROPHES.sub("", text.casefold())).strip()


def _without_dots(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text)
    return "".join(char for char in decomposed if not unicodedata.combining(char))


def within_one_edit(one: str, other: str) -> bool:
    """Tell whether one letter added, dropped or changed, or two neighbours swapped, lies between the two."""
    if len(one) > len(other):
        one, other = other, one
    if len(other) - len(one) > 1:
        return False
    same = 0
    while same < len(one) and one[same] == other[same]:
        same += 1
    if len(one) < len(other):
        return one[same:] == other[same + 1 :]
    swapped = other[same : same + 2][::-1] + other[same + 2 :]
    return one[same + 1 :] == other[same + 1 :] or one[same:] == swapped


def number_of(text: str) -> int | None:
    """Give the number that a text consists of ("1", "1.", "1)", "!1", "nro 1"), at most two digits; else None.

    Number words are none: "en" is one in Swedish, and "I do not" in Finnish.
    """
    plain = unicodedata.normalize("NFKC", text).replace("\ufe0f", "").replace("\u20e3", "")  # the keycap 1️⃣
    found = _NUMBER.fullmatch(plain.strip())
    return int(found[1]) if found else None


def is_puzzled(text: str) -> bool:
    """Tell whether a text is "?" and nothing more: somebody does not know what to do."""
    said = text.strip()
    return said != "" and said.strip("?？") == ""


def is_one_of(text: str, words: str) -> bool:
    """Tell whether a text is one of some words, with commas between them, and nothing besides; a question is none."""
    said = fold(text)
    return said != "" and not set("?？") & set(text) and said in map(fold, words.split(","))


def is_marked(text: str) -> bool:
    """Tell whether a text begins as a command does, be it ours or another bot's."""
    return _MARK.match(text) is not None


def _unmentioned(text: str) -> str:
    """Leave out the name of the bot that was spoken to: "@vertti_bot seuraava"."""
    return _MENTION.sub("", text, count=1) if text.lstrip().startswith("@") else text


@dataclass(frozen=True, slots=True)
class Asked:
    """A command that was asked for, and what stood after it, just as it was typed.

    ``marked`` it had a / or !; ``bare`` it was the plain word; ``forgiven`` it was the one within reach.
    """

    name: str
    rest: str = field(default="", repr=False)
    how: Literal["marked", "bare", "forgiven"] = "bare"


class Vocabulary:
    """The words of the commands, those of all languages together."""

    def __init__(self, commands: Mapping[str, Iterable[str]], *, with_rest: Container[str] = ()) -> None:
        """Learn command names and their other words.

        Args:
            commands: name -> aliases.  The order matters: a word that two commands claim, and a misspelling
                that is as near to the one as to the other, belongs to the first.
            with_rest: the commands that say something more after their word; only to these a plain word at
                the beginning of a sentence leads ("kieli ruotsi", but not "koska on avoimet ovet").
        """
        self._with_rest = with_rest
        self._names: dict[str, str] = {}  # word without its spaces -> command
        for name, aliases in commands.items():
            for word in (name, *aliases):
                self._names.setdefault(_joined(word), name)

    def command_of(self, text: str, *, forgive: bool) -> Asked | None:
        """Find the command that a text asks for.

        Args:
            text: as it was typed: "/seuraava", "/seuraava@our_bot", "!seuraava", "Seuraava!", "poista tietoni".
            forgive: accept a word of five letters or more that is misspelt by one edit.  Not while a question
                is open: there it might be the answer.
        """
        said = _unmentioned(text)
        mark = _MARK.match(said)
        if mark:
            said = said[mark.end() :]
            asked = self._begins(said, "marked")
            return asked or (self._nearly_begins(said) if forgive else None)
        asked = self._whole(said, forgive=forgive) or self._begins(said, "bare")
        if asked and asked.rest and asked.name not in self._with_rest:
            return None
        return asked

    def _whole(self, said: str, *, forgive: bool) -> Asked | None:
        """Find the command that is said and nothing besides, small words apart."""
        words = fold(said).split()
        meant = [word for word in words if word not in SMALL_WORDS] or words[:1]
        name = self._names.get("".join(words))
        if name is None and (name := self._names.get("".join(meant))) in self._with_rest:
            return None  # "tiedota hei" says something more, polite as it is
        if name:
            return Asked(name)
        near = self._nearest("".join(meant)) if forgive else None
        return Asked(near, how="forgiven") if near else None

    def _begins(self, said: str, how: Literal["marked", "bare"]) -> Asked | None:
        """Find the longest command at the beginning."""
        for count in range(MOST_WORDS, 0, -1):
            head, rest = _head(said, count)
            name = self._names.get(_joined(head))
            if name:
                return Asked(name, rest, how)
        return None

    def _nearly_begins(self, said: str) -> Asked | None:
        head, rest = _head(said, 1)
        name = self._nearest(_joined(head))
        return Asked(name, rest, "forgiven") if name else None

    def _nearest(self, typed: str) -> str | None:
        """Find the command whose word is one edit away: a half-typed word first, then in their order."""
        if len(typed) < FORGIVEN_FROM:
            return None
        near = [word for word in self._names if len(word) >= FORGIVEN_FROM and within_one_edit(typed, word)]
        half_typed = [word for word in near if word.startswith(typed)]
        return next((self._names[word] for word in half_typed + near), None)


def _joined(words: str) -> str:
    """Fold and leave the spaces out: "yksinäisyys ryhmä" is the same word as "yksinäisyysryhmä"."""
    return fold(words).replace(" ", "")


def _head(said: str, count: int) -> tuple[str, str]:
    """Split off the first words, without the bot's name behind a command, from the rest as it was typed."""
    parts = said.split(maxsplit=count)
    head, rest = parts[:count], parts[count:]
    return " ".join([head[0].partition("@")[0], *head[1:]]) if head else "", "".join(rest)
