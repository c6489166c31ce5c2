"""What Telegram answers when it refuses, word for word where the words are known.

Those marked "ours" stand where Telegram's own wording is not known; tests must not lean on them.
"""

from typing import Any, NoReturn


class ApiError(Exception):
    """A refusal: the error code is the HTTP status too, ``parameters`` go into the answer."""

    def __init__(self, code: int, description: str, **parameters: int) -> None:
        super().__init__(description)
        self.code = code
        self.description = description
        self.parameters = parameters

    def answer(self) -> dict[str, Any]:
        body = {"ok": False, "error_code": self.code, "description": self.description}
        return body | {"parameters": self.parameters} if self.parameters else body


def bad_request(what: str, **parameters: int) -> ApiError:
    return ApiError(400, f"Bad Request: {what}", **parameters)


def refuse(what: str, **parameters: int) -> NoReturn:
    """Raise the 400 that says so."""
    raise bad_request(what, **parameters)


def forbidden(what: str) -> ApiError:
    return ApiError(403, f"Forbidden: {what}")


def conflict(what: str) -> ApiError:
    return ApiError(409, f"Conflict: {what}")


def too_many_requests(seconds: int) -> ApiError:
    return ApiError(429, f"Too Many Requests: retry after {seconds}", retry_after=seconds)


NOT_FOUND = "Not Found"  # the token is no token at all
METHOD_NOT_FOUND = "Not Found: method not found"
UNAUTHORIZED = "Unauthorized"
TOO_LARGE = "Request Entity Too Large"

TERMINATED = "terminated by other getUpdates request; make sure that only one bot instance is running"  # 409, to the older
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
)

CHAT_ID_EMPTY = "chat_id is empty"
CHAT_NOT_FOUND = "chat not found"
TEXT_EMPTY = "message text is empty"
TEXT_BLANK = "text must be non-empty"  # only white space
TEXT_TOO_LONG = "message is too long"
EDIT_TOO_LONG = "MESSAGE_TOO_LONG"
CAPTION_TOO_LONG = "message caption is too long"
BUTTON_DATA_INVALID = "BUTTON_DATA_INVALID"
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly the same as a "
    "current content and reply markup of the message"
)
QUERY_TOO_OLD = "query is too old and response timeout expired or query ID is invalid"
NO_MESSAGE_TO_EDIT = "message to edit not found"
NO_MESSAGE_TO_DELETE = "message to delete not found"
CANNOT_EDIT = "message can't be edited"
CANNOT_DELETE = "message can't be deleted"
CANNOT_DELETE_ANY_MORE = "message can't be deleted for everyone"  # older than 48 h
MIGRATED = "group chat was upgraded to a supergroup chat"
