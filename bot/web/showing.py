"""Messages and events as the page shows them: plain values for templates and scripts, never markup."""

import base64
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import quote

from bot.core.occurrences import Occurrence, Words
from bot.i18n import Reader, Wording, when
from bot.messages import DayName, File, Phrase, ShownButton, When
from bot.store.web_messages import Waiting

# Finnish numbers as people write them: 112, 116 117, 014 000 0000, 040-1234567, +358 40 123 4567.  Dates, times and
# personal identity codes are none.
PHONE = re.compile(
    r"(?<![\w.+-])(?:112|116[ ]?\d{3}|(?:\+\d{1,3}|0\d{1,3})(?:[ -]?\d{2,4}){2,4})(?![\w-]|[.]\d)"
)
PICTURES: Final = "/picture/"
PAGE_ADDRESS = re.compile(
    r"https?://|/(?!/)"
)  # a button leads to a page, ours or another, and to nothing else


def pieces(text: str) -> list[list[str]]:
    """Cut a text at its phone numbers: [words] or [number, its tel: address]."""
    found: list[list[str]] = []
    end = 0
    for number in PHONE.finditer(text):
        if number.start() > end:
            found.append([text[end : number.start()]])
        found.append([number[0], "tel:" + re.sub(r"[^+\d]", "", number[0])])
        end = number.end()
    if end < len(text):
        found.append([text[end:]])
    return found


def message(waiting: Waiting) -> dict[str, Any]:
    """Give a message as JSON values: ``buttons`` each {label, and one of button, say, url}."""
    it = waiting.it
    shown: dict[str, Any] = {
        "id": waiting.id,
        "mark": waiting.mark,
        "text": pieces(it.text),
        "when": it.when,
        "buttons": [_button(each) for each in it.buttons],
    }
    if it.file is not None:
        shown["file"] = {"name": it.file.name, "address": _data(it.file)}
    if it.picture is not None:
        name, words = it.picture
        shown["picture"] = {"address": f"{PICTURES}{quote(name)}", "words": words}
    if it.goodbye:
        shown["goodbye"] = True
    if it.language:
        shown["language"] = it.language
    return shown


def _button(shown: ShownButton) -> dict[str, str]:
    if shown.deep_link is not None:  # the private chat is this one
        return {"label": shown.label, "say": f"/start {shown.deep_link}"}
    if shown.url is not None and PAGE_ADDRESS.match(shown.url):
        return {"label": shown.label, "url": shown.url}
    return {"label": shown.label, "button": shown.data}


def _data(file: File) -> str:
    """Give a file as an address that holds it whole: nothing stays on the server to be fetched later."""
    content = base64.b64encode(file.content.encode()).decode()
    return f"data:{file.media_type};charset=utf-8;base64,{content}"


@dataclass(frozen=True, slots=True)
class Event:
    """One line of the public programme, in the reader's words; what is empty is not shown."""

    when: str
    day: str  # today, tomorrow
    starts: str  # ISO 8601, for machines
    title: str
    variant: str
    place: str
    cancelled: bool
    tentative: bool
    signup: bool


def event(it: Occurrence, wording: Wording, reader: Reader, default: str) -> Event:
    """Word an occurrence."""
    in_words: Callable[[Words], str] = lambda words: _chosen(words, reader.language, default)  # noqa: E731
    variant = f"series.{it.series}.variant.{it.variant}"
    local = it.start.astimezone(reader.zone)
    return Event(
        when=when(When(it.start, it.end, it.all_day), reader),
        day=wording.say(Phrase("web.event.day", {"paiva": DayName(it.start)}), reader),
        starts=local.date().isoformat() if it.all_day else local.isoformat(timespec="minutes"),
        title=in_words(it.title),
        variant=wording.say(Phrase(variant), reader) if wording.has(variant, default) else "",
        place=in_words(it.place),
        cancelled=it.status == "cancelled",
        tentative=it.status == "tentative",
        signup=it.signup,
    )


def _chosen(words: Words, language: str, default: str) -> str:
    return words.get(language) or words.get(default) or next(iter(words.values()), "")
