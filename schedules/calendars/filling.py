"""Puts the organization's values into what a schedule says."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from bot.core.occurrences import Words
from bot.core.plain_text import single_line
from schedules.calendars.reading import Unfilled

Values = Mapping[str, str | Words]
"""What the organization has filled in: placeholder -> text, or language -> text."""

_PLACEHOLDER = re.compile(r"\{\{ *(\w+) *\}\}")


@dataclass(frozen=True, slots=True)
class Filling:
    """The values behind ``{{name}}`` for one series; what is left out for want of one gathers in ``unfilled``.

    ``where`` is what the series is called there, ``language`` that of values for which the reader's is missing.
    """

    source: str
    where: str
    language: str
    values: Values
    unfilled: list[Unfilled] = field(default_factory=list)

    def of(self, words: Words, key: str, line: int) -> Words:
        """Put the values into the words of a field; a text with an empty one is left out and noted.

        What is nothing but values ("{{paikka}}") is said in every language that they are known in.
        """
        filled = {}
        for language, text in self._in_all_languages(words).items():
            values = {name: self._value(name, language) for name in _PLACEHOLDER.findall(text)}
            empty = [name for name, value in values.items() if not value]
            if empty:
                where = f"{self.where}: {key}"
                self.unfilled.extend(Unfilled(self.source, where, line, name) for name in empty)
            else:
                filled[language] = _PLACEHOLDER.sub(lambda found: single_line(values[found[1]]), text)  # noqa: B023
        return filled

    def _in_all_languages(self, words: Words) -> Words:
        if len(words) != 1:
            return words
        ((language, text),) = words.items()
        values = [self.values.get(name, "") for name in _PLACEHOLDER.findall(text)]
        if any(letter.isalpha() for letter in _PLACEHOLDER.sub("", text)):
            return words
        known = [frozenset(value) for value in values if not isinstance(value, str)]
        return dict.fromkeys([language, *sorted(frozenset().union(*known) - {language})], text)

    def _value(self, name: str, language: str) -> str:
        value = self.values.get(name, "")
        return value if isinstance(value, str) else value.get(language) or value.get(self.language, "")
