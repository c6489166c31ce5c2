"""What stands in content/, as values."""

from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from typing import Final, Literal, get_args

from bot.core.function_words import FUNCTION_WORDS
from bot.core.matching import Matcher
from bot.core.occurrences import Words
from bot.core.opening_hours import OpeningHours
from bot.core.phrases import Vocabulary
from bot.core.polls import Kind
from bot.i18n import LANGUAGES, PLACEHOLDER

PollKind = Literal["single", "smiley5", "multiple", "text"]

SERVED_KINDS: Final = frozenset(get_args(Kind))
"""The kinds of poll that are asked by now; the others are read and checked, and not open yet."""

EVERYONE: Final = "kaikki"
"""An audience that is no series: all people."""

SMALLEST_SHOWN: Final = 5  # k of DOMAIN.md, E, where a poll does not say

Texts = Mapping[str, tuple[str, ...]]  # language -> texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """What people can ask for by a word."""

    name: str
    aliases: Texts
    help: Words
    short: Words = field(default_factory=dict)  # on its button; none: it has no button
    phrasings: Texts = field(default_factory=dict)
    who: Literal["all", "organizer"] = "all"
    menu: bool = False
    hidden: bool = False
    rest: bool = False  # may something follow the word?


@dataclass(frozen=True, slots=True)
class Topic:
    """A handful of questions under one button."""

    id: str
    name: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class FaqEntry:
    """A question with its answer."""

    id: str
    topic: str
    short: Words  # on its button
    q: Words
    a: Words
    without_fill: Words = field(
        default_factory=dict
    )  # said while a value of the answer is empty; none: the answer is withheld
    phrasings: Texts = field(default_factory=dict)
    next_times: Mapping[str, str] = field(default_factory=dict)  # placeholder -> series whose next time it is
    fill: tuple[str, ...] = ()  # what the organization must still complete, in its editor's words
    priority: bool = False  # the answer to an emergency

    def answer(self, known: Container[str]) -> str | None:
        """Give the key of what can be said when these placeholders have a value; None: ask a person."""
        if all(name in known for name in placeholders(self.a)):
            return f"faq.{self.id}.a"
        return f"faq.{self.id}.without_fill" if self.without_fill else None


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a poll: ``value`` is kept, the words are on its button."""

    value: str
    words: Words


@dataclass(frozen=True, slots=True, kw_only=True)
class Poll:
    """A poll as the organization wrote it; asked only when ``served``.

    ``audience`` holds ids of series, or "kaikki".  ``after_series`` is sent ``delay`` after the end of each of
    its meetings; None: an organizer opens it.  The last five fields belong to kinds that are not served yet.
    """

    id: str
    kind: PollKind
    anonymous: bool
    audience: tuple[str, ...]
    closes_after: timedelta
    q: Words
    options: tuple[Option, ...] = ()
    after_series: str | None = None
    delay: timedelta = timedelta()
    min_shown: int = SMALLEST_SHOWN
    thanks: Words = field(default_factory=dict)  # none: the program's own
    decline: Words = field(default_factory=dict)  # none: the program's own
    max_choices: int | None = None
    done: Words = field(default_factory=dict)
    followup: Words = field(default_factory=dict)
    max_chars: int | None = None
    warn: Words = field(default_factory=dict)

    @property
    def served(self) -> bool:
        """Is it of a kind that is asked by now?"""
        return self.kind in SERVED_KINDS


@dataclass(frozen=True, kw_only=True)  # no slots: what is made of it once is kept beside
class Content:
    """All of content/ but the schedule."""

    commands: tuple[Command, ...] = ()
    topics: tuple[Topic, ...] = ()
    faq: tuple[FaqEntry, ...] = ()
    polls: tuple[Poll, ...] = ()
    messages: Mapping[str, Words] = field(default_factory=dict)  # phrase key -> words that win
    organization: Mapping[str, str | Words] = field(default_factory=dict)  # placeholder -> text, maybe empty
    hours: tuple[OpeningHours, ...] = ()  # when a person answers the phone
    crisis_words: tuple[str, ...] = ()  # beside those of bot/core/crisis.py
    example: bool = False  # the organization's values are invented ones

    def values(self, language: str) -> dict[str, str]:
        """Give what stands behind ``{{x}}`` in a language; empty values are not there."""
        found = {
            name: text if isinstance(text, str) else text.get(language, "")
            for name, text in self.organization.items()
        }
        return {name: text for name, text in found.items() if text}

    def questions(self, language: str) -> dict[str, tuple[str, ...]]:
        """Give how everything is asked for: ``faq.ID`` and ``command.NAME`` -> phrasings.

        The key of a label for it is the same with ``.short``, that of an answer with ``.a``.
        """
        asked = {
            f"faq.{each.id}": (each.q.get(language, ""), *_in(each.phrasings, language)) for each in self.faq
        }
        asked |= {f"command.{each.name}": _in(each.phrasings, language) for each in self.commands}
        return {key: texts for key, texts in asked.items() if any(texts)}

    @cached_property
    def matchers(self) -> Mapping[str, Matcher]:
        """Find questions by their words: a matcher a language, over the keys of `questions`."""
        return {each: Matcher(self.questions(each), FUNCTION_WORDS[each]) for each in LANGUAGES}

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Find commands by their words, in all languages at once."""
        return Vocabulary(
            {
                each.name: [word for words in each.aliases.values() for word in words]
                for each in self.commands
            },
            with_rest=frozenset(each.name for each in self.commands if each.rest),
        )

    @property
    def emergency(self) -> FaqEntry | None:
        """The answer to crisis words; None: content has none, and the program's own must do."""
        return next((each for each in self.faq if each.priority), None)


def phrases(content: Content) -> dict[str, Words]:
    """Give every text of content that people read, by phrase key; those of messages.yaml win."""
    found: dict[str, Words] = {}
    for command in content.commands:
        found |= {
            f"command.{command.name}.help": command.help,
            f"command.{command.name}.short": command.short,
        }
    for topic in content.topics:
        found[f"topic.{topic.id}"] = topic.name
    for entry in content.faq:
        found |= {
            f"faq.{entry.id}.{part}": getattr(entry, part) for part in ("short", "q", "a", "without_fill")
        }
    for poll in content.polls:
        parts = ("q", "thanks", "decline", "done", "followup", "warn")
        found |= {f"poll.{poll.id}.{part}": getattr(poll, part) for part in parts}
        found |= {f"poll.{poll.id}.option.{option.value}": option.words for option in poll.options}
    return {key: words for key, words in found.items() if words} | dict(content.messages)


def placeholders(words: Words) -> frozenset[str]:
    """Give the names of all ``{{x}}`` in a text, whatever the language."""
    return frozenset(name for text in words.values() for name in PLACEHOLDER.findall(text))


def _in(texts: Texts, language: str) -> tuple[str, ...]:
    return texts.get(language, ())
