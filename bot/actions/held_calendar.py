"""A calendar that has lost so much that organizers are asked first whether these dates are cancelled (T-25).

Until they have answered, or the calendar has its dates back, the last good copy holds and nobody is told anything.
"""

import hashlib
from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Final, Literal, Self

import orjson

from bot.actions.announce import tell
from bot.actions.describe import name_of, time_of
from bot.core.occurrences import Occurrence
from bot.core.shrinking import Loss
from bot.errors import UserError
from bot.messages import Phrase, Value, button, say
from bot.router import House
from bot.store import Store
from bot.store.people import Conversation

HELD: Final = "calendar.held"  # the bookmark with all holds, by source
TOKEN: Final = 12  # characters

Answer = Literal["", "yes", "no"]


@dataclass(frozen=True, slots=True)
class Hold:
    """What an organizer is asked about a calendar: whether these rows, which it lists no longer, are cancelled.

    ``answer``: "" none yet; yes: what it says is taken as soon as it is read; no: they stay.
    """

    token: str
    rows: frozenset[int]
    answer: Answer = ""

    @classmethod
    def of(cls, vanished: Collection[int], *, now: datetime) -> Self:
        """Make one of what is gone; the same dates may be gone again another time, which is another question."""
        listed = ",".join((now.isoformat(), *map(str, sorted(vanished))))
        return cls(hashlib.sha256(listed.encode()).hexdigest()[:TOKEN], frozenset(vanished))

    def covers(self, vanished: Collection[int]) -> bool:
        """Tell whether what is gone now was all asked about: some may be past meanwhile, or there again."""
        return self.rows.issuperset(vanished)


def hold_of(store: Store, source: str) -> Hold | None:
    """Give what is asked about a calendar; None: nothing."""
    return _holds(store).get(source)


def hold(
    store: Store,
    house: House,
    source: str,
    *,
    called: Value,
    vanished: Collection[int],
    lost: Loss,
    first: Occurrence,
    now: datetime,
) -> bool:
    """Hold a calendar, and ask every organizer once; False: there is none to ask.

    Args:
        store: what is kept.
        house: the house.
        source: which calendar.
        called: what it is called where people read.
        vanished: the rows that it lists no longer.
        lost: how much that is.
        first: the first of these dates.
        now: the present.
    """
    organizers = store.people.organizers()
    if not organizers:
        return False
    asked = Hold.of(vanished, now=now)
    release(store, source)
    _keep(store, _holds(store) | {source: asked})
    question = say(
        "held.question",
        button("held.button.yes", "held.yes", asked.token),
        button("held.button.no", "held.no", asked.token),
        kalenteri=called,
        n=lost.gone,
        kaikki=lost.of,
        nimi=name_of(first, house),
        aika=time_of(first),
    )
    for organizer in organizers:
        tell(store, house, organizer.id, _key(asked.token), question, now=now)
    return True


def release(store: Store, source: str) -> None:
    """Hold a calendar no longer; a question that nobody has heard yet is not asked."""
    holds = _holds(store)
    asked = holds.pop(source, None)
    if asked is not None:
        store.outbox.drop_keys(_key(asked.token))
        _keep(store, holds)


def answer(store: Store, token: str, by: Conversation, *, yes: bool, now: datetime) -> None:
    """Take an organizer's answer; yes: the calendar is read again at once, and taken as it is.

    Raises:
        UserError: it is settled already.
    """
    holds = _holds(store)
    source = next(
        (name for name, each in holds.items() if each.token == token and each.answer != "yes"), None
    )
    if source is None:
        raise UserError(Phrase("held.over"))
    asked = holds[source]
    _keep(store, holds | {source: Hold(asked.token, asked.rows, "yes" if yes else "no")})
    store.organizers.log(by.id, "calendar.accept" if yes else "calendar.keep", now=now)
    if yes:
        store.errands.queue("refresh", f"refresh:{source}:accepted", now=now, calendar=source)


def _key(token: str) -> str:
    return f"held:{token}"


def _holds(store: Store) -> dict[str, Hold]:
    kept = orjson.loads(store.books.bookmark(HELD) or "{}")
    return {
        source: Hold(values["token"], frozenset(values["rows"]), values["answer"])
        for source, values in kept.items()
    }


def _keep(store: Store, holds: dict[str, Hold]) -> None:
    kept = {source: {**asdict(each), "rows": sorted(each.rows)} for source, each in holds.items()}
    store.books.set_bookmark(HELD, orjson.dumps(kept, option=orjson.OPT_SORT_KEYS).decode())
