"""Everything the double accepted and refused, with its time, so that loss, repeats and rate can be counted."""

import asyncio
from base64 import b64decode, b64encode
from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any


@dataclass(frozen=True, slots=True)
class File:
    """An uploaded file."""

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Accepted:
    """A call that changed what people see: send…, edit… or deleteMessage.

    ``at`` is in monotonic seconds of this machine; ``text`` is what is read, after entities were parsed;
    ``buttons`` are the rows as Telegram keeps them.
    """

    at: float
    method: str
    chat_id: int
    message_id: int
    text: str = ""
    buttons: tuple[tuple[dict[str, Any], ...], ...] = ()
    file: File | None = None

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(button["text"] for row in self.buttons for button in row)

    def as_json(self) -> dict[str, Any]:
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        if self.file:
            content = b64encode(self.file.content).decode()
            values["file"] = {"name": self.file.name, "media_type": self.file.media_type, "content": content}
        return values

    @classmethod
    def from_json(cls, values: dict[str, Any]) -> "Accepted":
        file = values["file"] and File(**values["file"])
        if file:
            file = replace(file, content=b64decode(file.content))
        buttons = tuple(tuple(row) for row in values["buttons"])
        return cls(**{**values, "buttons": buttons, "file": file})


@dataclass(frozen=True, slots=True)
class Refused:
    """A call that was answered with an error."""

    at: float
    method: str
    chat_id: int | None
    code: int
    description: str


@dataclass(slots=True)
class Question:
    """Something a person said, and when it was fed, first given to the bot, and answered in that chat."""

    chat_id: int
    fed_at: float
    given_at: float | None = None
    answered_at: float | None = None


class Ledger:
    """What happened, in order."""

    def __init__(self) -> None:
        self.accepted: list[Accepted] = []
        self.refused: list[Refused] = []
        self.calls: Counter[str] = Counter()
        self.questions: list[Question] = []
        self.sent_count = 0
        self._sent: defaultdict[int, list[Accepted]] = defaultdict(list)
        self._open: defaultdict[int, deque[Question]] = defaultdict(deque)
        self._changed: asyncio.Future[None] | None = None

    @property
    def sent(self) -> list[Accepted]:
        """All new messages, without edits and deletions."""
        return [each for each in self.accepted if each.method.startswith("send")]

    def sent_to(self, chat_id: int) -> list[Accepted]:
        return list(self._sent.get(chat_id, ()))

    def most_in_any(self, seconds: float) -> int:
        """Return the largest number of messages sent within any span of so many seconds."""
        most, window = 0, deque[float]()
        for each in self.sent:
            window.append(each.at)
            while window[0] <= each.at - seconds:
                window.popleft()
            most = max(most, len(window))
        return most

    def accept(self, entry: Accepted) -> None:
        self.accepted.append(entry)
        if entry.method.startswith("send"):
            self.sent_count += 1
            self._sent[entry.chat_id].append(entry)
            waiting = self._open.get(entry.chat_id)
            if waiting and waiting[0].given_at is not None:
                waiting.popleft().answered_at = entry.at
        self.changed()

    def refuse(self, entry: Refused) -> None:
        self.refused.append(entry)
        self.changed()

    def ask(self, chat_id: int, at: float) -> Question:
        """Note that a person said something; once given, the next message to that chat is the answer."""
        question = Question(chat_id, at)
        self.questions.append(question)
        self._open[chat_id].append(question)
        return question

    def changed(self) -> None:
        """Wake those who wait; the double calls this also when something else of interest happened."""
        if self._changed and not self._changed.done():
            self._changed.set_result(None)

    async def until(self, holds: Callable[[], bool], within: float = 5.0) -> None:
        """Wait until it holds.

        Raises:
            TimeoutError: it did not in time; says how much was accepted and what was refused last.
        """
        try:
            async with asyncio.timeout(within):
                while not holds():
                    if self._changed is None or self._changed.done():
                        self._changed = asyncio.get_running_loop().create_future()
                    await asyncio.shield(self._changed)
        except TimeoutError:
            last = self.refused[-1].description if self.refused else "nothing"
            what = f"not within {within} s; {len(self.accepted)} accepted, last refused: {last}"
            raise TimeoutError(what) from None
