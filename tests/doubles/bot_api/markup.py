"""Buttons and link previews: what Telegram takes and what it refuses."""

from typing import Any
from urllib.parse import urlsplit

from .errors import BUTTON_DATA_INVALID, bad_request

MOST_BUTTONS = 100
MOST_DATA = 64  # bytes of UTF-8

ACTIONS = {
    *("url", "callback_data", "web_app", "login_url", "switch_inline_query", "callback_game"),
    *("switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "copy_text", "pay"),
}
LOOKS = {"text", "icon_custom_emoji_id", "style"}
PREVIEW_FLAGS = {"is_disabled", "prefer_small_media", "prefer_large_media", "show_above_text"}

Keyboard = list[list[dict[str, Any]]]


def inline_keyboard(markup: Any) -> Keyboard:
    """Check a reply_markup; return the rows of its inline keyboard, none for the other kinds.

    Raises:
        ApiError: it is no markup, or a button is not as it must be.
    """
    if markup is None:
        return []
    if not isinstance(markup, dict):
        raise bad_request("object expected as reply markup")
    for name in ("force_reply", "remove_keyboard", "selective", "one_time_keyboard", "is_persistent"):
        if not isinstance(markup.get(name, False), bool):
            raise bad_request(f'field "{name}" must be of type Boolean')
    for name in ("keyboard", "inline_keyboard"):
        rows = markup.get(name, [])
        if not isinstance(rows, list):
            raise bad_request(f'field "{name}" must be of type Array')
        if not all(isinstance(row, list) for row in rows):
            raise bad_request(f'can\'t parse keyboard: Field "{name}" must be an Array of Arrays')  # ours
    rows = [row for row in markup.get("inline_keyboard", []) if row]
    for row in rows:
        for button in row:
            check_button(button)
    if sum(map(len, rows)) > MOST_BUTTONS:
        raise bad_request("reply markup is too long")
    return rows


def check_button(button: Any) -> None:
    if not isinstance(button, dict):
        raise parse_error("InlineKeyboardButton must be an Object")
    if "text" not in button:
        raise parse_error('Can\'t find field "text"')
    if not isinstance(button["text"], str):
        raise parse_error('Field "text" must be of type String')
    if not button["text"].strip():
        raise parse_error('Field "text" must be non-empty')  # ours
    unknown = button.keys() - ACTIONS - LOOKS
    if unknown:
        raise parse_error(f"Unknown field {sorted(unknown)[0]!r}")  # ours: Telegram would not mind
    actions = [name for name in ACTIONS if button.get(name) not in (None, "")]
    if not actions:
        raise parse_error("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise parse_error("More than one action")  # ours: Telegram would take one of them
    data = button.get("callback_data", "")
    if not isinstance(data, str):
        raise parse_error('Field "callback_data" must be of type String')
    if len(data.encode()) > MOST_DATA:
        raise bad_request(BUTTON_DATA_INVALID)
    if "url" in button:
        check_url(button["url"])


def check_url(url: Any) -> None:
    """Refuse what no phone could open; also a host without a dot, such as localhost."""
    if not isinstance(url, str):
        raise parse_error('Field "url" must be of type String')
    scheme, mark, _ = url.partition("://")
    if mark and scheme.lower() not in {"http", "https", "tg", "ton", "tonsite"}:
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    host = urlsplit(url if mark else f"http://{url}").hostname or ""
    if scheme.lower() != "tg" and ("." not in host or " " in url):
        raise bad_request(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def parse_error(what: str) -> Exception:
    return bad_request(f"can't parse inline keyboard button: {what}")


def check_preview(options: Any) -> None:
    """Check link_preview_options."""
    if options is None:
        return
    if not isinstance(options, dict):
        raise bad_request("object expected as link preview options")  # ours
    unknown = options.keys() - PREVIEW_FLAGS - {"url"}
    if unknown:
        raise bad_request(f"link preview options know no {sorted(unknown)[0]!r}")  # ours
    for name in PREVIEW_FLAGS:
        if not isinstance(options.get(name, False), bool):
            raise bad_request(f'field "{name}" must be of type Boolean')
    if options.get("url") and "." not in options["url"]:
        raise bad_request("WEBPAGE_URL_INVALID")
