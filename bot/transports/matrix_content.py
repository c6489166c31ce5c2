"""What we say, as the contents of Matrix events, and our buttons read back from them.

Matrix has no buttons.  They become lines under the text: a numbered list where somebody waits for an answer, words
to type where nobody asked (a reminder must never steal the next "1").  What each of them stands for travels along
in the content, so that a reaction or a reply is understood after any restart with nothing kept.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from typing import Any, Final

from bot.core.phrases import fold, number_of
from bot.messages import Lane, Outgoing, ShownButton

# A list of [label, data] for each that can be chosen; [label, data, true] is an answer to a poll.
BUTTONS: Final = "fi.vertti.buttons"
PUSHED: Final = "fi.vertti.pushed"  # nobody had asked: its words stay good until the next such message

POLL_START: Final = "org.matrix.msc3381.poll.start"  # clients write and show the unstable names
_POLL_TEXT: Final = "org.matrix.msc1767.text"
_UNDISCLOSED: Final = "org.matrix.msc3381.poll.undisclosed"  # how others voted is nobody's before the end
MOST_ANSWERS: Final = 20  # of a poll: clients leave out the others
MOST_QUESTION: Final = 340  # characters in a poll; the whole text stands in the message before it

# An event has 64 KiB at most, its ciphertext is a third longer than what was encrypted.
LARGEST: Final = 40 * 1024

KEYCAPS: Final = tuple(f"{digit}\ufe0f\u20e3" for digit in range(1, 10))

BETWEEN_WORDS: Final = " · "


@dataclass(frozen=True, slots=True)
class Part:
    """One event to send; ``suffix`` follows the message's key in its transaction id."""

    suffix: str
    type: str
    content: dict[str, Any] = field(repr=False)


def contents(message: Outgoing, *, encrypted: bool, room_of_two: bool) -> tuple[Part, ...]:
    """Give the events that say a message, in order: its words, and in private its poll.

    In a room of more than two, buttons that answer a poll are left out altogether: nothing secret is asked there.
    The file of the message is not among them (`file_content`).

    Args:
        message: in the reader's words; ``hint`` stands before words that can be typed.
        encrypted: is the room encrypted?  A poll is shown in no other.
        room_of_two: is nobody in there but the reader and we?
    """
    buttons = [each for each in message.buttons if room_of_two or not each.answer]
    choices = [each for each in buttons if each.data]
    waited_for = message.lane is Lane.REPLY
    menu = _Menu(
        hint=message.hint if waited_for and choices else "",
        numbered=tuple(each.label for each in choices) if waited_for else (),
        lines=(
            *_ways(buttons),
            *(() if waited_for else _words(message.hint, choices)),
        ),
    )
    content: dict[str, Any] = {
        # A notice never rings: for answers among many, where everybody would hear it.
        "msgtype": "m.notice" if waited_for and not room_of_two else "m.text",
        "body": menu.plain(message.text),
        "m.mentions": {},  # nobody is called by accident, whatever the text says
    }
    if choices:
        content[BUTTONS] = [_carried(each) for each in choices]
    if not waited_for:
        content[PUSHED] = True
    if menu:
        content |= _formatted(content, menu.html(message.text))
    said = Part("", "m.room.message", content)
    answers = [each for each in choices if each.answer]  # so it is a room of two
    if encrypted and 0 < len(answers) <= MOST_ANSWERS:
        return said, Part(":poll", POLL_START, _poll(message.text, answers))
    return (said,)


def _formatted(content: Mapping[str, Any], html: str) -> dict[str, str]:
    """Give what says the body again in HTML; nothing where both together are too large for an event."""
    formatted = {"format": "org.matrix.custom.html", "formatted_body": html}
    whole = json.dumps({**content, **formatted}, separators=(",", ":"))  # as nio writes it: all else escaped
    return formatted if len(whole) < LARGEST else {}


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a menu, plain and in HTML."""

    plain: str
    html: str


def _ways(buttons: Sequence[ShownButton]) -> Iterator[_Line]:
    """Write the buttons that lead somewhere."""
    for each in buttons:
        label = _escaped(each.label)
        if each.url:
            yield _Line(f"{each.label}: {each.url}", _link(label, each.url))
        elif each.deep_link:  # where it is typed does not matter: what is personal is answered in private
            typed = _command(each.deep_link)
            yield _Line(f"{each.label}: {typed}", f"{label}: {_strong(typed)}")


def _words(hint: str, choices: Sequence[ShownButton]) -> Iterator[_Line]:
    """Write the labels as words to type, on one line."""
    if choices:
        plain = BETWEEN_WORDS.join(each.label for each in choices)
        html = BETWEEN_WORDS.join(_strong(each.label) for each in choices)
        yield _Line(f"{hint} {plain}".lstrip(), f"{_escaped(hint)} {html}".lstrip())


@dataclass(frozen=True, slots=True)
class _Menu:
    """What stands under a text: a numbered list with a hint above it, and other lines."""

    hint: str
    numbered: tuple[str, ...]
    lines: tuple[_Line, ...]

    def __bool__(self) -> bool:
        return bool(self.numbered or self.lines)

    def plain(self, text: str) -> str:
        """Write the text and the menu below it."""
        if not self:
            return text
        numbered = [f"{number}. {label}" for number, label in enumerate(self.numbered, 1)]
        hint = [self.hint] if self.hint else []
        return "\n".join((text, "", *hint, *numbered, *(line.plain for line in self.lines)))

    def html(self, text: str) -> str:
        """Write the same with a real list, links that can be pressed, and words that stand out."""
        numbered = "".join(f"<li>{_escaped(label)}</li>" for label in self.numbered)
        lines = "<br>".join(line.html for line in self.lines)
        return (
            f"<p>{_escaped(text)}</p>"
            + (f"<p>{_escaped(self.hint)}</p>" if self.hint else "")
            + (f"<ol>{numbered}</ol>" if numbered else "")
            + (f"<p>{lines}</p>" if lines else "")
        )


def _command(payload: str) -> str:
    """Give what to type instead of following a deep link: ``kysely-12`` is ``!kysely 12``."""
    return "!" + payload.replace("-", " ", 1)


def _escaped(text: str) -> str:
    return escape(text, quote=False).replace("\n", "<br>")


def _strong(text: str) -> str:
    return f"<strong>{_escaped(text)}</strong>"


def _link(html: str, address: str) -> str:
    return f'<a href="{escape(address)}">{html}</a>'


def _carried(button: ShownButton) -> list[str | bool]:
    if button.answer:
        return [button.label, button.data, True]
    return [button.label, button.data, "decides"] if button.decides else [button.label, button.data]


def _poll(text: str, answers: Sequence[ShownButton]) -> dict[str, Any]:
    question = text if len(text) <= MOST_QUESTION else text[: MOST_QUESTION - 1] + "…"
    lines = [f"{number}. {each.label}" for number, each in enumerate(answers, 1)]
    return {
        POLL_START: {
            "question": {_POLL_TEXT: question},
            "kind": _UNDISCLOSED,
            "max_selections": 1,
            "answers": [{"id": each.data, _POLL_TEXT: each.label} for each in answers],
        },
        _POLL_TEXT: "\n".join((question, *lines)),
        BUTTONS: [_carried(each) for each in answers],
        "m.mentions": {},
    }


def file_content(
    name: str, media_type: str, size: int, *, address: str, keys: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Give the content that shows an uploaded file, a picture as a picture.

    Args:
        name: as the reader sees and saves it.
        media_type: what it is, ``text/calendar``.
        size: in bytes, before encryption.
        address: where it lies, ``mxc://...``.
        keys: what opens it, as `nio` gives them when it encrypts; None: it lies there in the clear.
    """
    # SVG can carry scripts: clients show none.
    picture = media_type.startswith("image/") and not media_type.startswith("image/svg")
    return {
        "msgtype": "m.image" if picture else "m.file",
        "body": name,
        "filename": name,
        **_uploaded(media_type, size, address, keys),
    }


def picture_content(
    words: str, media_type: str, size: int, *, address: str, keys: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Give the content that shows an uploaded picture, with words for those who cannot see it; else as `file_content`."""
    return {"msgtype": "m.image", "body": words, **_uploaded(media_type, size, address, keys)}


def _uploaded(media_type: str, size: int, address: str, keys: Mapping[str, Any] | None) -> dict[str, Any]:
    return {
        "info": {"mimetype": media_type, "size": size},
        "m.mentions": {},
        **({"url": address} if keys is None else {"file": {**keys, "url": address}}),
    }


def reactions_for(message: Outgoing) -> tuple[str, ...]:
    """Give the reactions that we put under a menu, one a button, so that a tap is enough; often none.

    Reactions are never encrypted: they find one's way, and never answer.
    """
    buttons = message.buttons
    if message.lane is not Lane.REPLY or len(buttons) > len(KEYCAPS):
        return ()
    if any(each.answer or not each.data for each in buttons):
        return ()
    return KEYCAPS[: len(buttons)]


# ---- read back --------------------------------------------------------------------------------------


def buttons_of(content: object) -> tuple[ShownButton, ...]:
    """Give the buttons that a content carries, in order; none when they are not as we write them."""
    carried = content.get(BUTTONS) if isinstance(content, Mapping) else None
    if not isinstance(carried, list):
        return ()
    buttons = tuple(map(_button, carried))
    # One of them left out would give the others its number.
    return tuple(each for each in buttons if each is not None) if all(buttons) else ()


def _button(carried: object) -> ShownButton | None:
    match carried:
        case [str(label), str(data)] if data:
            return ShownButton(label, data)
        case [str(label), str(data), True] if data:
            return ShownButton(label, data, answer=True)
        case [str(label), str(data), "decides"] if data:
            return ShownButton(label, data, decides=True)
    return None


def choose(content: object, choice: int | str, *, by_reaction: bool = False) -> str | None:
    """Give the data of the button that a number or its own words choose; None: there is none such.

    ``by_reaction`` never chooses an answer: the server, and everybody in the room, sees who reacted.
    """
    buttons = buttons_of(content)
    number = choice if isinstance(choice, int) else number_of(choice)
    if number is None:
        chosen = _called(buttons, str(choice))
    else:
        chosen = buttons[number - 1] if 1 <= number <= len(buttons) else None
    return None if chosen is None or (chosen.answer and by_reaction) else chosen.data


def _called(buttons: Sequence[ShownButton], text: str) -> ShownButton | None:
    """Find the button by its words, or by the first of them where no other begins so: "tauko" for "Tauko 2 viikkoa".

    What a bare yes or no is to is not known here; where it is, it may be too late for it (meaning.py).
    """
    said = fold(text)
    if not said:
        return None
    begun = [each for each in buttons if fold(each.label.partition(" ")[0]) == said]
    whole = next((each for each in buttons if fold(each.label) == said), None)
    return whole or (begun[0] if len(begun) == 1 and not begun[0].decides else None)


def poll_answers(content: object) -> tuple[str, ...]:
    """Give the ids of the answers that the start of a poll offers; none when it is not as we write it."""
    poll = content.get(POLL_START) if isinstance(content, Mapping) else None
    answers = poll.get("answers") if isinstance(poll, Mapping) else None
    if not isinstance(answers, list):
        return ()
    ids = (each.get("id") for each in answers[:MOST_ANSWERS] if isinstance(each, Mapping))
    return tuple(each for each in ids if isinstance(each, str) and each)
