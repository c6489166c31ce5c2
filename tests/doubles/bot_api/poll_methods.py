"""Telegram's own polls.  Vertti makes its polls of buttons; these are here so that the difference shows."""

from typing import TYPE_CHECKING, Any

from .chats import Message
from .errors import refuse
from .message_methods import MESSAGE, SENDING, chat_named, written
from .methods import method
from .parameters import Parameters

if TYPE_CHECKING:
    from .server import BotApi

MOST_QUESTION = 300
MOST_OPTIONS = 12
MOST_OPTION = 100
MOST_EXPLANATION = 200
MOST_LINE_FEEDS = 2
MOST_DESCRIPTION = 1024
OPEN_PERIOD = range(5, 2_628_001)  # seconds


@method(
    "sendPoll",
    *SENDING,
    *("question", "options", "is_anonymous", "type", "allows_multiple_answers", "allows_revoting"),
    *("correct_option_ids", "explanation", "description", "open_period", "close_date", "is_closed"),
)
def send_poll(api: "BotApi", parameters: Parameters) -> Message:
    kind = parameters.text("type") or "regular"
    check_words(parameters)
    period = parameters.integer("open_period")
    if period is not None and period not in OPEN_PERIOD:
        refuse("poll open period is out of range")  # ours
    if kind == "quiz" and not parameters.json("correct_option_ids"):
        refuse("correct_option_ids must be non-empty")  # ours
    options = [
        {"text": text, "voter_count": 0, "persistent_id": str(number)}
        for number, text in enumerate(option_texts(parameters))
    ]
    poll: dict[str, Any] = {
        "id": str(5_000_000_000 + len(api.votes)),
        "question": parameters.text("question"),
        "options": options,
        "total_voter_count": 0,
        "is_closed": parameters.flag("is_closed"),
        "is_anonymous": parameters.flag("is_anonymous") if "is_anonymous" in parameters else True,
        "type": kind,
        "allows_multiple_answers": parameters.flag("allows_multiple_answers"),
        "allows_revoting": parameters.flag("allows_revoting")
        if "allows_revoting" in parameters
        else kind != "quiz",
        "members_only": False,
    }
    api.votes[poll["id"]] = {}
    return written(api, parameters, {"poll": poll}, called="sendPoll", what="polls")


@method("stopPoll", *MESSAGE)
def stop_poll(api: "BotApi", parameters: Parameters) -> dict[str, Any]:
    chat = chat_named(api, parameters)
    number = parameters.integer("message_id", 0) or 0
    message = chat.messages.get(number, {})
    if "poll" not in message or number not in chat.mine:
        refuse("message with poll to stop not found")
    poll: dict[str, Any] = message["poll"]
    if poll["is_closed"]:
        refuse("poll has already been closed")
    poll["is_closed"] = True
    api.inbox.put("poll", poll)
    return poll


def check_words(parameters: Parameters) -> None:
    question = parameters.text("question").strip()
    if not question:
        refuse("poll question must be non-empty")
    if len(question) > MOST_QUESTION:
        refuse(f"poll question length must not exceed {MOST_QUESTION}")
    explanation = parameters.text("explanation")
    if len(explanation) > MOST_EXPLANATION or explanation.count("\n") > MOST_LINE_FEEDS:
        refuse("poll explanation is too long")  # ours
    if len(parameters.text("description")) > MOST_DESCRIPTION:
        refuse("poll description is too long")  # ours


def option_texts(parameters: Parameters) -> list[str]:
    options = parameters.json("options") or []
    texts = [option["text"] if isinstance(option, dict) else str(option) for option in options]
    if not texts:
        refuse("poll must have at least 1 option")
    if len(texts) > MOST_OPTIONS:
        refuse(f"poll can't have more than {MOST_OPTIONS} options")
    for text in texts:
        if not text.strip():
            refuse("poll options must be non-empty")
        if len(text) > MOST_OPTION:
            refuse(f"poll options length must not exceed {MOST_OPTION}")
    return texts
