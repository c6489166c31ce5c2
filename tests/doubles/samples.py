"""What several tests of the double write: refusals, keyboards and files."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup

CALENDAR = b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"


def refusal(what: str, **parameters: int) -> dict[str, object]:
    """Return the answer with which a 400 comes."""
    body = {"ok": False, "error_code": 400, "description": f"Bad Request: {what}"}
    return body | {"parameters": parameters} if parameters else body


def keyboard(*buttons: dict[str, object]) -> dict[str, object]:
    return {"inline_keyboard": [list(buttons)]}


def data_button(data: str) -> dict[str, object]:
    return {"text": "Muistuta", "callback_data": data}


def markup(label: str, data: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=data)]])
