"""What is no fault, and still wants an editor's eye."""

from collections.abc import Iterator
from typing import Final

from bot.content.model import Content, FaqEntry, phrases, placeholders
from bot.core.plain_language import faults as plain_faults
from bot.errors import Fault
from bot.i18n import LANGUAGES

LEAST_PHRASINGS: Final = 3  # a question and language; fewer, and half of the questions are not found

_BUTTONS: Final = (".short", ".decline", ".done")


def advice(content: Content) -> tuple[Fault, ...]:
    """Name what is invented, unfilled or hard to read in content that could be read."""
    return (*_organization(content), *_answers(content), *_reading(content))


def _organization(content: Content) -> Iterator[Fault]:
    if content.example:
        mend = "Put in your own, then remove the line `example`."
        yield Fault("organization.yaml", "its values are invented", mend)
    if content.emergency is None:
        mend = "Mark it with `priority: true`."
        yield Fault("faq.yaml", "no answer is the one to an emergency; the program's own is used", mend)


def _answers(content: Content) -> Iterator[Fault]:
    for entry in content.faq:
        where = f"faq.yaml: {entry.id}"
        for name in sorted(placeholders(entry.a) - entry.next_times.keys()):
            yield from _placeholder(content, entry, name, where)
        few = [each for each in LANGUAGES if len(entry.phrasings.get(each, ())) < LEAST_PHRASINGS]
        if few:
            what = f"it has fewer than {LEAST_PHRASINGS} phrasings in {', '.join(few)}"
            yield Fault(where, what, "Add how people ask for it.")


def _placeholder(content: Content, entry: FaqEntry, name: str, where: str) -> Iterator[Fault]:
    if name not in content.organization:
        yield Fault(where, f"{{{{{name}}}}} is in no file", f"Add {name} to organization.yaml.")
    elif any(name not in content.values(language) for language in LANGUAGES):
        sent = "`without_fill` is sent instead" if entry.without_fill else "this answer is not sent"
        yield Fault(where, f"{name} is empty, so {sent}", f"Fill in {name} in organization.yaml.")


def _reading(content: Content) -> Iterator[Fault]:
    for key, words in phrases(content).items():
        if key.endswith(_BUTTONS) or key.startswith(("topic.", "button.")) or ".option." in key:
            continue  # buttons are held to their own measure when they are read
        for language, text in words.items():
            for fault in plain_faults(text, language):
                yield Fault(f"content: {key} ({language})", fault, "Say it more simply.")
