"""organization.yaml, messages.yaml and crisis.yaml: the organization's own values and words."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

import yaml

from bot.content.fields import (
    Fields,
    MisreadError,
    as_choice,
    as_flag,
    as_lines,
    as_list,
    as_named,
    as_shaped,
    as_text,
    as_time,
)
from bot.content.page import Page
from bot.content.words import as_placeholder, as_words
from bot.core.occurrences import Words
from bot.core.opening_hours import OpeningHours
from bot.core.phrases import fold

TOP: Final = ("example", "values", "hours")
HOURS: Final = ("days", "from", "to", "on_holidays")
WEEKDAYS: Final = {"mo": 0, "tu": 1, "we": 2, "th": 3, "fr": 4, "sa": 5, "su": 6}
SHORTEST_CRISIS_WORD: Final = 3  # letters; a shorter one would stand in half of all messages

_as_key = as_shaped(r"[a-z0-9_.]{1,64}", "the key of a message: a-z, 0-9, _ and dots")


@dataclass(frozen=True, slots=True)
class Organization:
    """organization.yaml as read."""

    values: Mapping[str, str | Words] = field(default_factory=dict)
    hours: tuple[OpeningHours, ...] = ()
    example: bool = False


def read_organization(page: Page) -> Organization:
    """Read the values behind ``{{x}}`` and when a person answers."""
    if page.top is None:
        return Organization()
    faults = page.misread
    fields = Fields(page.top, TOP, faults)
    nobody: tuple[OpeningHours | None, ...] = ()
    hours = fields.get("hours", as_list(lambda node: _hours(node, faults), faults), nobody)
    return Organization(
        values=fields.get("values", as_named(as_placeholder, lambda node: _value(node, faults), faults), {}),
        hours=tuple(each for each in hours if each),
        example=fields.get("example", as_flag, default=False),
    )


def _value(node: yaml.Node, faults: list[MisreadError]) -> str | Words:
    """Read one text for all languages, or one a language."""
    return as_words(faults)(node) if isinstance(node, yaml.MappingNode) else as_lines(node)


def _hours(node: yaml.Node, faults: list[MisreadError]) -> OpeningHours | None:
    fields = Fields(node, HOURS, faults)
    days = fields.need("days", as_list(as_choice(WEEKDAYS), faults))
    opens, closes = fields.need("from", as_time), fields.need("to", as_time)
    if not days or opens is None or closes is None:
        return None
    if closes <= opens:
        fields.fault("to", "it closes before it opens", "Write a later hour.")
        return None
    on_holidays = fields.get("on_holidays", as_flag, default=False)
    return OpeningHours(frozenset(days), opens, closes, on_holidays)


def read_messages(page: Page) -> dict[str, Words]:
    """Read the texts that win over the program's own, by phrase key."""
    if page.top is None:
        return {}
    faults = page.misread
    try:
        found = as_named(_as_key, as_words(faults), faults)(page.top)
    except MisreadError as fault:
        faults.append(fault)
        return {}
    return {key: words for key, words in found.items() if words}


def read_crisis_words(page: Page) -> tuple[str, ...]:
    """Read the crisis words that the organization adds."""
    if page.top is None:
        return ()
    return Fields(page.top, ("also",), page.misread).get("also", as_list(_crisis_word, page.misread), ())


def _crisis_word(node: yaml.Node) -> str:
    word = as_text(node)
    if len(fold(word)) < SHORTEST_CRISIS_WORD:
        raise MisreadError(node, f"{word!r} is too short for a crisis word", "Write a longer one.")
    return word
