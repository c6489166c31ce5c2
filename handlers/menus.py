"""What all screens share: the buttons of commands, buttons by pages, the ways back, the reader's language."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Final

import handlers
from bot.actions.describe import label
from bot.core.occurrences import Words
from bot.i18n import LANGUAGES
from bot.messages import Button, Localized, Meaning, Phrase, Say, Value, When, button
from bot.router import Call, House, Router, discover

# What is offered only where the schedule has something for it.
_NEEDS: Final[Mapping[str, Callable[[House], bool]]] = MappingProxyType(
    {
        "alue": lambda house: bool(house.areas),
        "vuorot": lambda house: any(each.turns_shared for each in house.series.values()),
        "ilmoittaudu": lambda house: any(each.signup for each in house.series.values()),
        "ensikerta": lambda house: any(each.first_time is not None for each in house.series.values()),
    }
)

MOST_BUTTONS: Final = 6  # under a message (DOMAIN.md, U6)

NAMED: Final = 3  # names in a row, before it gets long

HOME: Final = button("button.home", "home")

NO_HOME: Final = replace(HOME, means="no")  # under a question that has no other no

DESK: Final = button("organizer.button.desk", "organizer")


@cache
def routes() -> Router:
    """Give what the modules of this package answer: what is not built yet is not offered."""
    return discover([handlers])


def command(name: str) -> Button:
    """Make the button that does what a command does, with the same words everywhere."""
    return button(f"command.{name}.short", action_of(name))


def action_of(name: str) -> str:
    """Give the action of a command's button: its name, with no underscore."""
    return name.replace("_", ".")


def is_offered(name: str, house: House) -> bool:
    """Tell whether a command has an answer by now, and something to be about in this house."""
    return name in routes().commands and (name not in _NEEDS or _NEEDS[name](house))


def for_all(call: Call, answer: Say) -> Say:
    """Leave the buttons out where others read: they lead to what is personal, and a number there is talk."""
    return answer if call.conversation.private else replace(answer, buttons=())


def back(action: str, *arguments: str, means: Meaning | None = None) -> Button:
    """Make the button that leads one screen back; there it may mean no."""
    return button("button.back", action, *arguments, means=means)


def named(words: Words, action: str, *arguments: str) -> Button:
    """Make a button with a name on it, shortened where it is too long for one."""
    return button("button.name", action, *arguments, nimi=label(words))


def page(choices: Sequence[Button], number: int, *, more: Button, way_back: Button) -> tuple[Button, ...]:
    """Give the buttons of one page (0 is the first), with "Lisää" where others follow and the way back."""
    room = MOST_BUTTONS - 1
    rest = choices[number * (room - 1) :]
    if len(rest) <= room:
        return (*rest, way_back)
    return *rest[: room - 1], replace(more, arguments=(*more.arguments, str(number + 1))), way_back


def page_number(call: Call) -> int:
    """Give the page that a button asks for: its last argument; the first when it names none."""
    last = call.arguments[-1] if call.arguments else ""
    return int(last) if last.isdecimal() else 0


def end_of_pause(call: Call) -> When | None:
    """Give the day on which the reader's pause ends; None: reminders are not paused."""
    until = call.conversation.paused_until
    return None if until is None or until <= call.now else When(until, all_day=True)


def speaks(call: Call) -> str:
    """Give the language that an answer will be worded in: the reader's if we speak it, else the house's."""
    return call.language if call.language in LANGUAGES else call.house.language


def names_of(series: Sequence[str], house: House) -> Value:
    """Give the names of several series as one text, commas between them; of many, the first few and how many more."""
    first, rest = series[:NAMED], series[NAMED:]
    names = Localized(
        {language: ", ".join(_name(each, house, language) for each in first) for language in LANGUAGES}
    )
    return Phrase("names.and_more", {"nimet": names, "n": len(rest)}) if rest else names


def series_name(series: str, house: House) -> Localized:
    """Give the name of a series; its id where the schedule knows it no longer."""
    return Localized(_words(series, house))


def series_button(series: str, house: House, action: str) -> Button:
    """Make a button with the name of a series on it."""
    return named(_words(series, house), action, series)


def optional(key: str, value: str) -> Phrase | str:
    """Give a phrase when the value of the organization that it tells is there, else nothing."""
    return Phrase(key) if value else ""


def _words(series: str, house: House) -> Words:
    known = house.series.get(series)
    return {house.language: series} if known is None else known.name


def _name(series: str, house: House, language: str) -> str:
    words = _words(series, house)
    return words.get(language) or words.get(house.language) or next(iter(words.values()))
