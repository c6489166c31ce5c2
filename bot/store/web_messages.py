"""What waits for a chat page to be opened, sealed; deleted as soon as a page has shown it."""

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import bindparam, delete, select

from bot.messages import File, ShownButton
from bot.store import models
from bot.store.hot import Hot
from bot.store.upsert import insert as insert_or

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = models.web_message
_T = _TABLE.c

MOST_AT_ONCE = 200  # messages read for one page: what waited for months need not come in one piece

_ADD = Hot(
    insert_or(_TABLE)
    .values({name: bindparam(name) for name in ("key", "conversation", "body", "day")})
    .on_conflict_do_nothing(index_elements=["key"])
    .returning(_T.id)
)
_ID = Hot(select(_T.id).where(_T.key == bindparam("known")))
_UNREAD = Hot(
    select(_T.id, _T.key, _T.body)
    .where(_T.conversation == bindparam("who"), _T.id > bindparam("after"))
    .order_by(_T.id)
    .limit(bindparam("most"))
)
_SHOWN = Hot(delete(_TABLE).where(_T.conversation == bindparam("who"), _T.id <= bindparam("upto")))


@dataclass(frozen=True, slots=True)
class WebMessage:
    """One message as a page shows it, in its reader's words.

    ``when`` says when it was said ("ti 24.11. klo 13.05"); ``goodbye``: the reader is erased, nothing follows.
    ``language`` is the reader's, so that the page can follow it; empty: none is known.
    """

    text: str = field(repr=False)
    when: str = ""
    buttons: tuple[ShownButton, ...] = ()
    file: File | None = None
    picture: tuple[str, str] | None = None  # its name, and words for who cannot see it
    goodbye: bool = False
    language: str = ""


@dataclass(frozen=True, slots=True)
class Waiting:
    """A message with its number, by which pages tell how far they are.

    ``mark`` is the same for the same message always: a page that gets it again after a crash knows it.
    """

    id: int
    mark: str
    it: WebMessage


class WebMessages:
    """Messages on their way to pages."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def add(self, conversation: int, key: str, message: WebMessage, *, today: int) -> Waiting:
        """Keep a message until a page has shown it; under a known key the first one stays."""
        row = self._store.hot_row(
            _ADD, key=key, conversation=conversation, body=self._store.vault.seal(_dump(message)), day=today
        ) or self._store.hot_row(_ID, known=key)
        assert row is not None
        return Waiting(row[0], _mark(key), message)

    def unread(self, conversation: int, *, after: int = 0) -> list[Waiting]:
        """Give what no page has shown yet, oldest first."""
        rows = self._store.hot_rows(_UNREAD, who=conversation, after=after, most=MOST_AT_ONCE)
        return [
            Waiting(number, _mark(key), _load(self._store.vault.open(body))) for number, key, body in rows
        ]

    def shown(self, conversation: int, upto: int) -> bool:
        """Delete what a page has shown; False: it was deleted before.

        Who was only waiting to read a goodbye is gone with it.
        """
        deleted = self._store.hot_count(_SHOWN, who=conversation, upto=upto) > 0
        if deleted:
            self._store.people.bury()
        return deleted

    def delete_older(self, before_day: int) -> int:
        """Delete what no page came for; give the number."""
        return int(self._store.run(delete(_TABLE).where(_T.day < before_day)).rowcount)


def _mark(key: str) -> str:
    return hashlib.blake2b(key.encode(), digest_size=9).hexdigest()


def _dump(message: WebMessage) -> bytes:
    whole: dict[str, Any] = {"t": message.text, "w": message.when}
    if message.buttons:
        whole["b"] = [[each.label, each.data, each.url, each.deep_link] for each in message.buttons]
    if message.file is not None:
        whole["f"] = [message.file.name, message.file.media_type, message.file.content]
    if message.picture is not None:
        whole["p"] = message.picture
    if message.goodbye:
        whole["g"] = True
    if message.language:
        whole["l"] = message.language
    return orjson.dumps(whole)


def _load(body: bytes) -> WebMessage:
    whole = orjson.loads(body)
    return WebMessage(
        whole["t"],
        whole["w"],
        tuple(ShownButton(*each) for each in whole.get("b", ())),
        File(*whole["f"]) if "f" in whole else None,
        (whole["p"][0], whole["p"][1]) if "p" in whole else None,
        goodbye="g" in whole,
        language=whole.get("l", ""),
    )
