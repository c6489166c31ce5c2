"""The one open question of a conversation, and the choices shown last in reply."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import orjson
from sqlalchemy import bindparam, delete, select

from bot.messages import Button
from bot.store import models
from bot.store.hot import Hot
from bot.store.models import to_ms
from bot.store.saying import dump_choices, load_choices
from bot.store.upsert import insert

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = models.dialogue
_T = _TABLE.c

LASTS = timedelta(hours=24)  # somebody who comes back tomorrow begins anew

_GET = Hot(select(_T.question, _T.state, _T.choices, _T.expires).where(_T.conversation == bindparam("who")))
_insert = insert(_TABLE).values(
    {name: bindparam(name) for name in ("conversation", "question", "state", "choices", "expires")}
)
_PUT = Hot(
    _insert.on_conflict_do_update(
        index_elements=["conversation"],
        set_={name: _insert.excluded[name] for name in ("question", "state", "choices", "expires")},
    )
)


@dataclass(frozen=True, slots=True)
class Dialogue:
    """What is open in a conversation.

    ``state`` is what the open question needs to remember (never an answer); ``choices`` are the buttons shown
    last in reply, which a number or their words choose.
    """

    question: str | None = None
    state: dict[str, Any] = field(default_factory=dict)
    choices: tuple[Button, ...] = ()


NOTHING_OPEN = Dialogue()


class Dialogues:
    """One row a conversation at most; expired ones count as none."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def of(self, conversation: int, *, now: datetime) -> Dialogue:
        """Give what is open."""
        row = self._store.hot_row(_GET, who=conversation)
        if row is None or row[3] <= to_ms(now):
            return NOTHING_OPEN
        question, state, choices, _ = row
        return Dialogue(question, orjson.loads(state), load_choices(choices))

    def put(self, conversation: int, dialogue: Dialogue, *, now: datetime) -> None:
        """Make this what is open."""
        self._store.hot(
            _PUT,
            conversation=conversation,
            question=dialogue.question,
            state=orjson.dumps(dialogue.state).decode() if dialogue.state else "{}",
            choices=dump_choices(dialogue.choices),
            expires=to_ms(now + LASTS),
        )

    def delete_expired(self, now: datetime) -> int:
        """Delete what has expired; give the number."""
        return int(self._store.run(delete(_TABLE).where(_T.expires <= now)).rowcount)
