"""What had its effect already, where readers go on, and how often things happened."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, column, delete, func, select, table

from bot.store import models
from bot.store.hot import Hot
from bot.store.upsert import insert

if TYPE_CHECKING:
    from bot.store import Store

_SEEN = models.seen
_BOOKMARK = models.bookmark
_COUNTER = models.counter
# What is deleted each night from the tables of records.py: nothing else of them is named here, for that loads SQLModel.
_CODE = table("invite_code", column("expires", models.Instant))
_LOG = table("organizer_log", column("at", models.Instant))
_QUESTION = table("open_question", column("day"))

KEEP_LOG = timedelta(days=365)

_FIRST_TIME = Hot(
    insert(_SEEN)
    .values({name: bindparam(name) for name in ("platform", "update_id", "day")})
    .on_conflict_do_nothing(index_elements=["platform", "update_id"])
)
_KNOWN = Hot(
    select(_SEEN.c.day).where(_SEEN.c.platform == bindparam("on"), _SEEN.c.update_id == bindparam("identity"))
)


class Bookkeeping:
    """Small things that many need."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def first_time(self, platform: str, update_id: str, day: int) -> bool:
        """Note an update; False: it had its effect before (T-04)."""
        return self._store.hot_count(_FIRST_TIME, platform=platform, update_id=update_id, day=day) == 1

    def is_known(self, platform: str, update_id: str) -> bool:
        """Tell whether an update had its effect."""
        return self._store.hot_row(_KNOWN, on=platform, identity=update_id) is not None

    def forget_seen(self, before_day: int) -> int:
        """Forget updates that no platform will repeat any more."""
        return int(self._store.run(delete(_SEEN).where(_SEEN.c.day < before_day)).rowcount)

    def bookmark(self, name: str) -> str | None:
        """Give where a reader goes on; None: at the beginning."""
        found: str | None = self._store.run(
            select(_BOOKMARK.c.value).where(_BOOKMARK.c.name == name)
        ).scalar_one_or_none()
        return found

    def set_bookmark(self, name: str, value: str) -> None:
        """Remember where a reader goes on."""
        statement = insert(_BOOKMARK).values(name=name, value=value)
        self._store.run(
            statement.on_conflict_do_update(index_elements=["name"], set_={"value": statement.excluded.value})
        )

    def add(self, name: str, day: int, number: int = 1) -> None:
        """Count something that happened; counts hold no person."""
        statement = insert(_COUNTER).values(name=name, day=day, number=number)
        self._store.run(
            statement.on_conflict_do_update(
                index_elements=["name", "day"], set_={"number": _COUNTER.c.number + number}
            )
        )

    def count(self, name: str, since_day: int = 0) -> int:
        """Give how often something happened since a day."""
        statement = select(func.coalesce(func.sum(_COUNTER.c.number), 0))
        return int(
            self._store.run(
                statement.where(_COUNTER.c.name == name, _COUNTER.c.day >= since_day)
            ).scalar_one()
        )

    def forget_codes(self, now: datetime) -> None:
        """Delete the codes that nobody used in time."""
        self._store.run(delete(_CODE).where(_CODE.c.expires < now))

    def forget_log(self, now: datetime) -> None:
        """Delete what the organizers' log has kept for a year."""
        self._store.run(delete(_LOG).where(_LOG.c.at < now - KEEP_LOG))

    def forget_questions(self, before_day: int) -> int:
        """Delete questions kept longer than the promise allows."""
        return int(self._store.run(delete(_QUESTION).where(_QUESTION.c.day < before_day)).rowcount)
