"""Chats as Telegram keeps them: who is in them, what was written, and whether the bot may write there."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from .errors import MIGRATED, ApiError, bad_request, forbidden
from .ledger import Accepted

if TYPE_CHECKING:
    from .server import BotApi

Message = dict[str, Any]  # as the Bot API writes it


@dataclass(slots=True)
class Press:
    """A pressed button; ``answer`` is what the bot answered, None as long as it did not."""

    id: str
    at: float
    answer: str | None = None


class Chat:
    """A conversation the bot may be part of."""

    def __init__(self, api: "BotApi", id: int, kind: str) -> None:  # noqa: A002
        self.api = api
        self.id = id
        self.kind = kind
        self.messages: dict[int, Message] = {}
        self.mine: set[int] = set()  # the numbers of the bot's own messages
        self._heard = 0

    def __index__(self) -> int:
        return self.id

    @property
    def is_group(self) -> bool:
        return self.kind in {"group", "supergroup"}

    def described(self) -> dict[str, Any]:
        """Return the chat as it stands in a message."""
        raise NotImplementedError

    def refusal(self, what: str) -> ApiError | None:
        """Return why the bot may not send this kind of thing here, None when it may."""
        raise NotImplementedError

    def keep(self, content: dict[str, Any]) -> Message:
        """Give a message its number, its chat and its date, and keep it."""
        number = self.api.next_message_id(self)
        message = {"message_id": number, "chat": self.described(), "date": self.api.clock.date(), **content}
        self.messages[number] = message
        return message

    def message(self, message: "Message | Accepted | int") -> Message:
        """Find a message as it stands now."""
        if isinstance(message, Accepted):
            return self.messages[message.message_id]
        return self.messages[message if isinstance(message, int) else message["message_id"]]

    def sees(self) -> list[str]:
        """Return the texts of the bot's messages as they stand now, the deleted ones left out."""
        mine = (message for number, message in self.messages.items() if number in self.mine)
        return [str(message.get("text", message.get("caption", ""))) for message in mine]

    async def hears(self, timeout: float = 5.0) -> Accepted:  # noqa: ASYNC109
        """Wait for the next message of the bot in this chat that was not heard yet."""
        ledger = self.api.ledger
        await ledger.until(lambda: len(ledger.sent_to(self.id)) > self._heard, timeout)
        self._heard += 1
        return ledger.sent_to(self.id)[self._heard - 1]


class Person(Chat):
    """Somebody with a private chat.  Until they write the bot may not write to them."""

    def __init__(self, api: "BotApi", id: int, user: dict[str, Any], *, started: bool) -> None:  # noqa: A002
        super().__init__(api, id, "private")
        self.user = {"id": id, "is_bot": False, **user}
        self.started = started
        self.blocking = False
        self.deactivated = False
        names: dict[str, Any] = {
            key: user[key] for key in ("first_name", "last_name", "username") if key in user
        }
        self._described: dict[str, Any] = {"id": id, "type": "private", **names}

    def described(self) -> dict[str, Any]:
        return self._described

    def refusal(self, what: str) -> ApiError | None:
        if self.deactivated:
            return forbidden("user is deactivated")
        if self.blocking:
            return forbidden("bot was blocked by the user")
        if not self.started:
            return forbidden("bot can't initiate conversation with a user")
        return None

    # What people do.  ``into`` is a group, None the private chat.

    def says(self, text: str, *, into: "Group | None" = None, reply_to: Any = None) -> Message:
        """Write a text; commands in it are marked as Telegram does."""
        return self._write(into, text=text, reply_to=reply_to)

    def sends(self, *, into: "Group | None" = None, **content: Any) -> Message:
        """Send something else, as the fields of a message: ``sticker={…}``."""
        return self._write(into, **content)

    def sends_voice(self, *, into: "Group | None" = None) -> Message:
        voice = {"file_id": "voice", "file_unique_id": "v1", "duration": 3, "mime_type": "audio/ogg"}
        return self._write(into, voice=voice)

    def sends_photo(self, caption: str = "", *, into: "Group | None" = None) -> Message:
        sizes = [{"file_id": "photo", "file_unique_id": "p1", "width": 90, "height": 90, "file_size": 900}]
        return self._write(into, photo=sizes, **({"caption": caption} if caption else {}))

    def edits(self, message: Message, text: str, *, into: "Group | None" = None) -> Message:
        """Change what was said; the bot hears of it as edited_message."""
        chat = into or self
        edited = chat.message(message)
        edited |= {"text": text, "edit_date": self.api.clock.date()}
        self.api.deliver(chat, "edited_message", edited)
        return edited

    def follows(self, link: str) -> Message:
        """Open a deep link of the bot and press Start."""
        address, _, payload = link.partition("?start=")
        assert address.endswith(f"t.me/{self.api.username}"), f"not a link to this bot: {link}"
        assert 1 <= len(payload) <= 64  # Telegram's limit
        return self.says(f"/start {payload}")

    def presses(
        self,
        message: "Message | Accepted | int",
        label: str = "",
        *,
        data: str | None = None,
        into: "Group | None" = None,
        inaccessible: bool = False,
    ) -> Press:
        """Press the button with this label, or one that is not there (``data``, forged).

        ``inaccessible``: the message is too old for Telegram to show it to the bot.
        """
        shown = (into or self).message(message)
        if data is None:
            data = button_data(shown, label)
        number = self.api.next_query_id()
        press = self.api.presses[number] = Press(number, self.api.clock.now())
        if inaccessible:
            shown = {"chat": shown["chat"], "message_id": shown["message_id"], "date": 0}
        query = {"id": number, "from": self.user, "chat_instance": "1", "message": shown, "data": data}
        self.api.inbox.put("callback_query", query, self.api.ask(into or self))
        return press

    def votes(self, message: "Message | Accepted", *options: int, into: "Group | None" = None) -> None:
        """Vote in a native poll; no option takes the vote back."""
        poll = (into or self).message(message)["poll"]
        votes = self.api.votes[poll["id"]]
        assert not poll["is_closed"], "the poll is closed"
        votes.pop(self.id, None)
        if options:
            votes[self.id] = options
        for number, option in enumerate(poll["options"]):
            option["voter_count"] = sum(number in chosen for chosen in votes.values())
        poll["total_voter_count"] = len(votes)
        if not poll["is_anonymous"]:
            keys = [poll["options"][number]["persistent_id"] for number in options]
            vote = {"option_ids": options, "option_persistent_ids": keys}
            self.api.inbox.put("poll_answer", {"poll_id": poll["id"], "user": self.user, **vote})
        self.api.inbox.put("poll", poll)

    def blocks_bot(self) -> None:
        self._changes_block(blocking=True)

    def unblocks_bot(self) -> None:
        self._changes_block(blocking=False)

    def deactivates(self) -> None:
        """Delete the account; the bot is not told."""
        self.deactivated = True

    def _changes_block(self, *, blocking: bool) -> None:
        assert blocking != self.blocking, "that would be no change"
        old, new = ("member", "kicked") if blocking else ("kicked", "member")
        self.blocking = blocking
        self.api.inbox.put("my_chat_member", self.api.membership(self, self.user, old, new))

    def _write(self, into: "Group | None", reply_to: Any = None, **content: Any) -> Message:
        assert not (into is None and self.blocking), "who blocks the bot cannot write to it"
        self.started = self.started or into is None
        return self.api.say(into or self, {"from": self.user, **content}, reply_to)


class Group(Chat):
    """A group, supergroup or channel; ``status`` is the bot's own standing there."""

    def __init__(self, api: "BotApi", id: int, kind: str, title: str, **details: Any) -> None:  # noqa: A002
        super().__init__(api, id, kind)
        self.title = title
        self.details = details  # more fields for getChat, such as has_hidden_members
        self.status = "left"
        self.rights: dict[str, bool] = {}
        self.members: dict[int, str] = {}  # people's standing; who is not here has left
        self.bot_wrote_last = False
        self.deleted = False
        self.migrated_to: Group | None = None

    def described(self) -> dict[str, Any]:
        return {"id": self.id, "type": self.kind, "title": self.title}

    def refusal(self, what: str) -> ApiError | None:
        if absence := self.absence():
            return absence
        if self.kind == "channel" and not self.may("can_post_messages"):
            return bad_request("need administrator rights in the channel chat")
        if self.status == "restricted":
            return bad_request(f"not enough rights to send {what} to the chat")
        return None

    def absence(self) -> ApiError | None:
        """Return why the bot is not in it, None when it is."""
        if self.migrated_to:
            return bad_request(MIGRATED, migrate_to_chat_id=self.migrated_to.id)
        if self.deleted:
            return forbidden("the group chat was deleted")
        if self.status == "kicked":
            return forbidden(f"bot was kicked from the {self.kind} chat")
        if self.status == "left":
            return forbidden(f"bot is not a member of the {self.kind} chat")
        return None

    def may(self, right: str) -> bool:
        """Tell whether the bot has a right of an administrator."""
        return self.status == "administrator" and self.rights.get(right, True)

    # What people do with the group.

    def adds_bot(self, by: Person, *, payload: str = "", **rights: bool) -> None:
        """Add the bot; ``payload`` comes from a ?startgroup= link.  With rights: as administrator."""
        admin = bool(rights) or self.kind == "channel"
        self.members.setdefault(by.id, "creator")
        self._bot_becomes("administrator" if admin else "member", by, rights)
        if self.kind != "channel":
            self._service(by, new_chat_members=[self.api.user])
        if payload:
            by.says(f"/start@{self.api.username} {payload}", into=self)

    def removes_bot(self, by: Person) -> None:
        """Throw the bot out."""
        if self.kind == "group":
            self._service(by, left_chat_member=self.api.user)
        self._bot_becomes("kicked", by)

    def promotes_bot(self, by: Person, **rights: bool) -> None:
        self._bot_becomes("administrator", by, rights)

    def demotes_bot(self, by: Person) -> None:
        self._bot_becomes("member", by)

    def silences_bot(self, by: Person) -> None:
        """Take the right to write away from the bot."""
        self._bot_becomes("restricted", by)

    def joins(self, person: Person, status: str = "member") -> None:
        """Let a person in, also as "administrator" or "creator"."""
        old = self.members.get(person.id, "left")
        self.members[person.id] = status
        if self.kind != "channel":
            self._service(person, new_chat_members=[person.user])
        if self.status == "administrator":
            self.api.inbox.put(
                "chat_member", self.api.membership(self, person.user, old, status, person.user)
            )

    def leaves(self, person: Person) -> None:
        self.members.pop(person.id, None)
        if self.kind != "channel":
            self._service(person, left_chat_member=person.user)

    def anonymous_admin_says(self, text: str) -> Message:
        """Write as the group itself: the sender is a bot of Telegram's and identifies nobody."""
        sender = {"id": 1087968824, "is_bot": True, "first_name": "Group", "username": "GroupAnonymousBot"}
        return self.api.say(self, {"from": sender, "sender_chat": self.described(), "text": text}, None)

    def posts(self, text: str) -> Message:
        """Write in a channel, as the channel."""
        return self.api.say(self, {"sender_chat": self.described(), "text": text}, None)

    def another_bot_writes(self, text: str) -> None:
        """Let another bot write, which ours never sees."""
        self.bot_wrote_last = False
        self.keep({"from": {"id": 99, "is_bot": True, "first_name": "Other"}, "text": text})

    def bot_leaves(self) -> None:
        """Let the bot go, as leaveChat does; it is told so itself."""
        old, self.status = self.status, "left"
        self.api.inbox.put("my_chat_member", self.api.membership(self, self.api.user, old, "left"))

    def is_deleted(self) -> None:
        self.deleted = True

    def migrates(self, new_id: int) -> "Group":
        """Become a supergroup with a new id; both chats say so."""
        new = self.api.group(new_id, self.title, kind="supergroup", **self.details)
        new.status, new.rights, new.members = self.status, self.rights, dict(self.members)
        anyone = {"from": self.api.person(next(iter(self.members))).user} if self.members else {}
        self._tell(anyone | {"migrate_to_chat_id": new_id})
        self.migrated_to = new
        new._tell(anyone | {"migrate_from_chat_id": self.id})
        return new

    def _bot_becomes(self, status: str, by: Person, rights: dict[str, bool] | None = None) -> None:
        old, self.status, self.rights = self.status, status, rights or {}
        self.api.inbox.put("my_chat_member", self.api.membership(self, by.user, old, status))

    def _service(self, by: Person, **content: Any) -> None:
        self._tell({"from": by.user, **content})

    def _tell(self, content: dict[str, Any]) -> None:
        """Service messages reach the bot in privacy mode too."""
        message = self.keep(content)
        if self.status not in {"left", "kicked"}:
            self.api.inbox.put("message", message)


def quoted(message: Message) -> Message:
    """Return a message as it stands in a reply to it, without what it itself replies to."""
    return {key: value for key, value in message.items() if key != "reply_to_message"}


def button_data(message: Message, label: str) -> str:
    """Return the data of the button with this label.

    Raises:
        LookupError: there is no such button, or it opens a page.
    """
    rows = message.get("reply_markup", {}).get("inline_keyboard", [])
    for button in (button for row in rows for button in row):
        if button["text"] == label:
            if "callback_data" not in button:
                break
            return str(button["callback_data"])
    what = f"no button {label!r} with data in {rows}"
    raise LookupError(what)
