"""Texts for people, in each language of the house."""

import re
from typing import Final

import yaml

from bot.content.fields import (
    Fields,
    MisreadError,
    Reader,
    as_choice,
    as_lines,
    as_list,
    as_named,
    as_shaped,
    as_text,
)
from bot.content.model import Texts
from bot.core.occurrences import Words
from bot.core.plain_language import button_faults
from bot.i18n import LANGUAGES, PLACEHOLDER
from bot.messages import Phrase

as_id = as_shaped(r"[a-z0-9_]{1,32}", Phrase("problem.shape.id"))
as_placeholder = as_shaped(r"\w{1,32}", "the name of a placeholder, without braces")
as_language = as_choice({language: language for language in LANGUAGES})

_BRACES: Final = re.compile(r"\{\{|\}\}")


def as_words(faults: list[MisreadError], *, button: bool = False) -> Reader[Words]:
    """Make a reader of a text that must be there in all languages; of a button's words, if so said.

    What is there is given back even when a language is missing: its readers get the house's own language.
    """

    def read(node: yaml.Node) -> Words:
        words = as_named(as_language, as_lines, faults)(node)
        words = {language: text for language, text in words.items() if text}
        faults.extend(MisreadError(node, *each) for each in _faults(words))
        if button:
            faults.extend(
                MisreadError(node, f"the button {language} has {fault}", "Say it shorter.")
                for language, text in words.items()
                for fault in button_faults(text)
            )
        return words

    return read


def _faults(words: Words) -> list[tuple[str, str]]:
    """Name what is wrong with a text as a whole, with its mend."""
    found = []
    missing = [language for language in LANGUAGES if language not in words]
    if missing:
        found.append((f"{', '.join(missing)} is missing", "Write the text in each language."))
    names = {language: set(PLACEHOLDER.findall(text)) for language, text in words.items()}
    differing = sorted(set().union(*names.values()) - set.intersection(*names.values())) if names else []
    if differing:
        listed = ", ".join(f"{{{{{name}}}}}" for name in differing)
        found.append((f"{listed} stands in some languages only", "Use the same ones in each."))
    if any(_BRACES.search(PLACEHOLDER.sub("", text)) for text in words.values()):
        found.append(("the braces of a placeholder do not match", "Write it as {{name}}."))
    return found


def as_texts(faults: list[MisreadError]) -> Reader[Texts]:
    """Make a reader of lists of one-line texts, a list a language; languages may be missing."""
    return as_named(as_language, as_list(as_text, faults), faults)


def read_words(fields: Fields, key: str, *, needed: bool = False, button: bool = False) -> Words:
    """Read a field of words; no words where it is missing or wrong."""
    reader = as_words(fields.faults, button=button)
    if needed:
        return fields.need(key, reader) or {}
    return fields.get(key, reader, {})
