"""A `Say` as JSON and back: what the outbox and the dialogues keep of a message without words."""

from typing import Any

import orjson

from bot.messages import Button, DayName, File, Leave, Lines, Localized, Phrase, Picture, Say, Value, When
from bot.store.models import from_ms, to_ms

_LEAVE = "leave"


def dump_say(say: Say | Leave) -> str:
    """Write a message for the outbox."""
    if isinstance(say, Leave):
        return _LEAVE
    whole = {"t": _phrase(say.text)}
    if say.buttons:
        whole["b"] = [_button(button) for button in say.buttons]
    if say.discreet is not None:
        whole["d"] = _phrase(say.discreet)
    if say.file is not None:
        whole["f"] = [say.file.name, say.file.media_type, say.file.content]
    if say.picture is not None:
        whole["p"] = [say.picture.name, _phrase(say.picture.words)]
    return orjson.dumps(whole).decode()


def load_say(text: str) -> Say | Leave:
    """Read what `dump_say` wrote."""
    if text == _LEAVE:
        return Leave()
    whole = orjson.loads(text)
    return Say(
        _to_phrase(whole["t"]),
        tuple(_to_button(button) for button in whole.get("b", ())),
        _to_phrase(whole["d"]) if "d" in whole else None,
        File(*whole["f"]) if "f" in whole else None,
        Picture(whole["p"][0], _to_phrase(whole["p"][1])) if "p" in whole else None,
    )


def dump_choices(buttons: tuple[Button, ...]) -> str:
    """Write the choices shown last, for a dialogue; those that open a page cannot be chosen by number."""
    if not buttons:
        return "[]"
    return orjson.dumps([_button(button) for button in buttons if button.action]).decode()


def load_choices(text: str) -> tuple[Button, ...]:
    """Read what `dump_choices` wrote."""
    return tuple(_to_button(button) for button in orjson.loads(text))


def _phrase(phrase: Phrase) -> list[Any]:
    if not phrase.values:
        return [phrase.key]
    return [phrase.key, {name: _value(value) for name, value in phrase.values.items()}]


def _to_phrase(raw: list[Any]) -> Phrase:
    if len(raw) == 1:
        return Phrase(raw[0])
    return Phrase(raw[0], {name: _to_value(value) for name, value in raw[1].items()})


def _value(value: Value) -> Any:
    match value:
        case str() | int():
            return value
        case Phrase():
            return {"p": _phrase(value)}
        case When():
            return {"w": [to_ms(value.start), None if value.end is None else to_ms(value.end), value.all_day]}
        case DayName():
            return {"d": to_ms(value.start)}
        case Localized():
            return {"l": dict(value.words)}
        case Lines():
            return {"n": [_value(part) for part in value.parts]}


def _to_value(raw: Any) -> Value:
    if isinstance(raw, str | int):
        return raw
    ((tag, inner),) = raw.items()
    match tag:
        case "p":
            return _to_phrase(inner)
        case "w":
            start, end, all_day = inner
            return When(from_ms(start), None if end is None else from_ms(end), all_day)
        case "d":
            return DayName(from_ms(inner))
        case "l":
            return Localized(inner)
        case _:
            return Lines(tuple(_to_value(part) for part in inner))


def _button(button: Button) -> list[Any]:
    plain: list[Any] = [_phrase(button.label), button.action, *button.arguments]
    if button.means is not None:
        return [plain, button.url, button.deep_link, int(button.answer), button.means]
    if button.answer:
        return [plain, button.url, button.deep_link, 1]
    if button.url is not None or button.deep_link is not None:
        return [plain, button.url, button.deep_link]
    return plain


def _to_button(raw: list[Any]) -> Button:
    url = deep_link = None
    marks: list[Any] = []
    if isinstance(raw[0][0], list):
        raw, url, deep_link, *marks = raw
    answer = bool(marks and marks[0])
    means = marks[1] if len(marks) > 1 else None
    label, action, *arguments = raw
    return Button(_to_phrase(label), action, tuple(arguments), url, deep_link, answer, means)
