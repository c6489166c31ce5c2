"""The methods that write, change and take away what people see."""

from typing import TYPE_CHECKING, Any

from . import errors
from .chats import Chat, Group, Message, quoted
from .errors import refuse
from .formatting import formatted
from .ledger import Accepted, File
from .markup import check_preview, inline_keyboard
from .methods import method
from .parameters import Parameters

if TYPE_CHECKING:
    from .server import BotApi

MOST_TEXT = 4096
MOST_CAPTION = 1024
MOST_CALLBACK_ANSWER = 200
MOST_PHOTO = 10_000_000  # bytes
TWO_DAYS = 48 * 3600  # seconds in which a bot may take a message back
PICTURES = (b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF8", b"RIFF")
ACTIONS = {
    *("typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice"),
    *("upload_document", "choose_sticker", "find_location", "record_video_note", "upload_video_note"),
}

SENDING = (
    *("chat_id", "message_thread_id", "disable_notification", "protect_content", "allow_paid_broadcast"),
    *("reply_parameters", "reply_markup", "parse_mode"),
)
MESSAGE = ("chat_id", "message_id")


def chat_named(api: "BotApi", parameters: Parameters) -> Chat:
    """Find the chat of a call."""
    if not parameters.text("chat_id"):
        refuse(errors.CHAT_ID_EMPTY)
    chat = api.chats.get(parameters.chat_id() or 0)
    if chat is None:
        refuse(errors.CHAT_NOT_FOUND)
    return chat


def admitted(api: "BotApi", parameters: Parameters, chat: Chat, what: str) -> None:
    """Let one message through, by the rates first and then by what the bot may do in the chat."""
    paid = parameters.flag("allow_paid_broadcast")
    api.gate.admit(chat.id, api.clock.now(), group=chat.is_group, paid=paid)
    if refusal := chat.refusal(what):
        raise refusal


def written(
    api: "BotApi",
    parameters: Parameters,
    content: dict[str, Any],
    *,
    called: str,
    what: str = "text messages",
    file: File | None = None,
) -> Message:
    """Write a new message of the bot."""
    chat = chat_named(api, parameters)
    rows = inline_keyboard(parameters.json("reply_markup"))
    if rows:
        content["reply_markup"] = {"inline_keyboard": rows}
    if "message_thread_id" in parameters:
        refuse("message thread not found")
    if "reply_parameters" in parameters:
        content |= replied(parameters.json("reply_parameters"), chat)
    admitted(api, parameters, chat, what)
    author = {"sender_chat": chat.described()} if chat.kind == "channel" else {"from": api.user}
    message = chat.keep(author | content)
    chat.mine.add(message["message_id"])
    if isinstance(chat, Group):
        chat.bot_wrote_last = True
    noted(api, called, message, file)
    return message


def replied(parameters: Any, chat: Chat) -> dict[str, Any]:
    if not isinstance(parameters, dict) or "message_id" not in parameters:
        refuse('can\'t find field "message_id"')
    answered = chat.messages.get(parameters["message_id"])
    if answered is None and not parameters.get("allow_sending_without_reply"):
        refuse("message to be replied not found")
    return {"reply_to_message": quoted(answered)} if answered else {}


def noted(api: "BotApi", called: str, message: Message, file: File | None = None) -> None:
    """Enter the message into the ledger as it now stands."""
    rows = message["reply_markup"]["inline_keyboard"] if "reply_markup" in message else ()
    entry = Accepted(
        at=api.clock.now(),
        method=called,
        chat_id=message["chat"]["id"],
        message_id=message["message_id"],
        text=message.get("text") or message.get("caption", ""),
        buttons=tuple(map(tuple, rows)),
        file=file,
    )
    api.ledger.accept(entry)


@method("sendMessage", *SENDING, "text", "entities", "link_preview_options")
def send_message(api: "BotApi", parameters: Parameters) -> Message:
    text, entities = formatted(parameters, "text", most=MOST_TEXT, too_long=errors.TEXT_TOO_LONG)
    check_preview(parameters.json("link_preview_options"))
    content: dict[str, Any] = {"text": text, **({"entities": entities} if entities else {})}
    return written(api, parameters, content, called="sendMessage")


@method(
    "sendDocument",
    *SENDING,
    "document",
    "thumbnail",
    "caption",
    "caption_entities",
    "disable_content_type_detection",
)
def send_document(api: "BotApi", parameters: Parameters) -> Message:
    file = uploaded(api, parameters, "document")
    size = {"file_size": len(file.content), "mime_type": file.media_type}
    content = caption(parameters) | {"document": {**file_ids(api, file), "file_name": file.name, **size}}
    return written(api, parameters, content, called="sendDocument", what="documents", file=file)


@method(
    "sendPhoto", *SENDING, "photo", "caption", "caption_entities", "show_caption_above_media", "has_spoiler"
)
def send_photo(api: "BotApi", parameters: Parameters) -> Message:
    file = uploaded(api, parameters, "photo")
    if len(file.content) > MOST_PHOTO:
        refuse(f"file of size {len(file.content)} bytes is too big for a photo")
    if not file.content.startswith(PICTURES):
        refuse("IMAGE_PROCESS_FAILED")
    sizes = [{**file_ids(api, file), "width": 800, "height": 600, "file_size": len(file.content)}]
    content = caption(parameters) | {"photo": sizes}
    return written(api, parameters, content, called="sendPhoto", what="photos", file=file)


def caption(parameters: Parameters) -> dict[str, Any]:
    text, entities = formatted(
        parameters, "caption", most=MOST_CAPTION, too_long=errors.CAPTION_TOO_LONG, required=False
    )
    shown = {"caption": text} if text else {}
    return shown | {"caption_entities": entities} if entities else shown


def uploaded(api: "BotApi", parameters: Parameters, name: str) -> File:
    """Return the file that comes with the call, or one that was sent before, by its file_id."""
    file = parameters.file(name)
    if isinstance(file, str):
        if not file:
            refuse(f"there is no {name} in the request")
        if file not in api.files:
            refuse("wrong file identifier/HTTP URL specified")
        return api.files[file]
    if not file.content:
        refuse("file must be non-empty")
    return file


def file_ids(api: "BotApi", file: File) -> dict[str, str]:
    number = f"file{len(api.files)}"
    api.files[number] = file
    return {"file_id": number, "file_unique_id": f"unique-{number}"}


def message_to_edit(api: "BotApi", parameters: Parameters) -> tuple[Chat, Message]:
    chat = chat_named(api, parameters)
    message = chat.messages.get(parameters.integer("message_id", 0) or 0)
    if message is None:
        refuse(errors.NO_MESSAGE_TO_EDIT)
    if message["message_id"] not in chat.mine:
        refuse(errors.CANNOT_EDIT)
    return chat, message


def edited(
    api: "BotApi",
    parameters: Parameters,
    chat: Chat,
    message: Message,
    content: dict[str, Any],
    *,
    called: str,
) -> Message:
    """Put new content and buttons in place; buttons that are not given again go away."""
    rows = inline_keyboard(parameters.json("reply_markup"))
    markup = {"reply_markup": {"inline_keyboard": rows}} if rows else {}
    new = content | markup
    if new == {key: message[key] for key in ("text", "entities", "reply_markup") if key in message}:
        refuse(errors.NOT_MODIFIED)
    admitted(api, parameters, chat, "text messages")
    for key in ("text", "entities", "reply_markup"):
        message.pop(key, None)
    message |= {**new, "edit_date": api.clock.date()}
    noted(api, called, message)
    return message


@method("editMessageText", *MESSAGE, "text", "parse_mode", "entities", "link_preview_options", "reply_markup")
def edit_message_text(api: "BotApi", parameters: Parameters) -> Message:
    text, entities = formatted(parameters, "text", most=MOST_TEXT, too_long=errors.EDIT_TOO_LONG)
    check_preview(parameters.json("link_preview_options"))
    chat, message = message_to_edit(api, parameters)
    if "text" not in message:
        refuse("there is no text in the message to edit")
    content: dict[str, Any] = {"text": text, **({"entities": entities} if entities else {})}
    return edited(api, parameters, chat, message, content, called="editMessageText")


@method("editMessageReplyMarkup", *MESSAGE, "reply_markup")
def edit_message_reply_markup(api: "BotApi", parameters: Parameters) -> Message:
    chat, message = message_to_edit(api, parameters)
    content: dict[str, Any] = {key: message[key] for key in ("text", "entities") if key in message}
    return edited(api, parameters, chat, message, content, called="editMessageReplyMarkup")


@method("deleteMessage", *MESSAGE)
def delete_message(api: "BotApi", parameters: Parameters) -> bool:
    chat = chat_named(api, parameters)
    number = parameters.integer("message_id", 0) or 0
    message = chat.messages.get(number)
    if message is None:
        refuse(errors.NO_MESSAGE_TO_DELETE)
    if refusal := chat.refusal("text messages"):
        raise refusal
    if number not in chat.mine and isinstance(chat, Group) and not chat.may("can_delete_messages"):
        refuse(errors.CANNOT_DELETE)
    if api.clock.date() - message["date"] >= TWO_DAYS:
        refuse(errors.CANNOT_DELETE_ANY_MORE)
    del chat.messages[number]
    chat.mine.discard(number)
    api.ledger.accept(Accepted(api.clock.now(), "deleteMessage", chat.id, number))
    return True


@method("pinChatMessage", *MESSAGE, "disable_notification")
def pin_chat_message(api: "BotApi", parameters: Parameters) -> bool:
    chat = chat_named(api, parameters)
    if refusal := chat.refusal("text messages"):
        raise refusal
    if isinstance(chat, Group) and not chat.may("can_pin_messages"):
        refuse("not enough rights to manage pinned messages in the chat")
    number = parameters.integer("message_id", 0) or 0
    if number not in chat.messages:
        refuse("message to pin not found")
    api.pinned[chat.id].append(number)
    return True


@method("answerCallbackQuery", "callback_query_id", "text", "show_alert", "url", "cache_time")
def answer_callback_query(api: "BotApi", parameters: Parameters) -> bool:
    text = parameters.text("text")
    if len(text) > MOST_CALLBACK_ANSWER:
        refuse(errors.EDIT_TOO_LONG)
    press = api.presses.get(parameters.text("callback_query_id"))
    late = press is None or press.answer is not None or api.clock.now() - press.at > api.query_life
    if press is None or late:
        refuse(errors.QUERY_TOO_OLD)
    press.answer = text
    api.ledger.changed()
    return True


@method("sendChatAction", "chat_id", "action", "message_thread_id")
def send_chat_action(api: "BotApi", parameters: Parameters) -> bool:
    if parameters.text("action") not in ACTIONS:
        refuse("wrong parameter action in request")
    if refusal := chat_named(api, parameters).refusal("text messages"):
        raise refusal
    return True
