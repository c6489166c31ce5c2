"""Buttons and link previews: what Telegram takes and what it refuses."""

from typing import Any, NoReturn
from urllib.parse import urlsplit

from .errors import BUTTON_DATA_INVALID, refuse

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
        refuse("object expected as reply markup")
    check_types(markup)
    rows = [row for row in markup.get("inline_keyboard", []) if row]
    for row in rows:
        for button in row:
            check_button(button)
    if sum(map(len, rows)) > MOST_BUTTONS:
        refuse("reply markup is too long")
    return rows


def check_types(markup: dict[str, Any]) -> None:
    for name in ("force_reply", "remove_keyboard", "selective", "one_time_keyboard", "is_persistent"):
        if not isinstance(markup.get(name, False), bool):
            refuse(f'field "{name}" must be of type Boolean')
    for name in ("keyboard", "inline_keyboard"):
        rows = markup.get(name, [])
        if not isinstance(rows, list):
            refuse(f'field "{name}" must be of type Array')
        if not all(isinstance(row, list) for row in rows):
            refuse(f'can\'t parse keyboard: Field "{name}" must be an Array of Arrays')  # ours


def check_button(button: Any) -> None:
    if not isinstance(button, dict):
        refuse_button("InlineKeyboardButton must be an Object")
    for name in ("text", "callback_data", "url"):
        if not isinstance(button.get(name, ""), str):
            refuse_button(f'Field "{name}" must be of type String')
    if "text" not in button:
        refuse_button('Can\'t find field "text"')
    if not button["text"].strip():
        refuse_button('Field "text" must be non-empty')  # ours
    check_action(button)


def check_action(button: dict[str, Any]) -> None:
    """Refuse a button that does nothing, or more than one thing."""
    unknown = button.keys() - ACTIONS - LOOKS
    if unknown:
        refuse_button(f"Unknown field {min(unknown)!r}")  # ours: Telegram would not mind
    actions = [name for name in ACTIONS if button.get(name) not in (None, "")]
    if not actions:
        refuse_button("Text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        refuse_button("More than one action")  # ours: Telegram would take one of them
    if len(button.get("callback_data", "").encode()) > MOST_DATA:
        refuse(BUTTON_DATA_INVALID)
    if "url" in button:
        check_url(button["url"])


def check_url(url: str) -> None:
    """Refuse what no phone could open; also a host without a dot, such as localhost."""
    scheme, mark, _ = url.partition("://")
    if mark and scheme.lower() not in {"http", "https", "tg", "ton", "tonsite"}:
        refuse(f"inline keyboard button URL '{url}' is invalid: Unsupported URL protocol")
    host = urlsplit(url if mark else f"http://{url}").hostname or ""
    if scheme.lower() != "tg" and ("." not in host or " " in url):
        refuse(f"inline keyboard button URL '{url}' is invalid: Wrong HTTP URL")


def refuse_button(what: str) -> NoReturn:
    refuse(f"can't parse inline keyboard button: {what}")


def check_preview(options: Any) -> None:
    """Check link_preview_options."""
    if options is None:
        return
    if not isinstance(options, dict):
        refuse("object expected as link preview options")  # ours
    unknown = options.keys() - PREVIEW_FLAGS - {"url"}
    if unknown:
        refuse(f"link preview options know no {min(unknown)!r}")  # ours
    for name in PREVIEW_FLAGS:
        if not isinstance(options.get(name, False), bool):
            refuse(f'field "{name}" must be of type Boolean')
    if options.get("url") and "." not in options["url"]:
        refuse("WEBPAGE_URL_INVALID")
