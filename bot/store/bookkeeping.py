"""What had its effect already, where readers go on, and how often things happened."""

from typing import TYPE_CHECKING

from sqlalchemy import bindparam, delete, func, select
from sqlalchemy.dialects.postgresql import insert

from bot.store import models
from bot.store.hot import Hot

if TYPE_CHECKING:
    from bot.store import Store

_SEEN = models.Seen.__table__  # type: ignore[attr-defined]
_BOOKMARK = models.Bookmark.__table__  # type: ignore[attr-defined]
_COUNTER = models.Counter.__table__  # type: ignore[attr-defined]
_QUESTION = models.OpenQuestion.__table__  # type: ignore[attr-defined]

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

    def keep_question(self, identity: str, language: str, text: str, day: int) -> bool:
        """Keep a question for the editors, once; False: these words are kept already.

        ``identity`` is random, so that no order remains.
        """
        known = select(_QUESTION.c.id).where(_QUESTION.c.text == text).limit(1)
        if self._store.run(known).first() is not None:
            return False
        self._store.run(insert(_QUESTION).values(id=identity, language=language, text=text, day=day))
        return True

    def questions(self) -> list[tuple[str, str]]:
        """Give the questions kept for editors as (language, text), in no order of time."""
        rows = self._store.run(select(_QUESTION.c.language, _QUESTION.c.text).order_by(_QUESTION.c.id))
        return [(row.language, row.text) for row in rows]

    def question_after(self, identity: str) -> tuple[str, str] | None:
        """Give the kept question that follows, as (identity, text), in no order of time; None: it was the last.

        What follows "" is the first.
        """
        statement = select(_QUESTION.c.id, _QUESTION.c.text).where(_QUESTION.c.id > identity)
        row = self._store.run(statement.order_by(_QUESTION.c.id).limit(1)).first()
        return None if row is None else (row.id, row.text)

    def drop_question(self, identity: str) -> None:
        """Delete a kept question, if it is there."""
        self._store.run(delete(_QUESTION).where(_QUESTION.c.id == identity))

    def forget_questions(self, before_day: int) -> int:
        """Delete questions kept longer than the promise allows."""
        return int(self._store.run(delete(_QUESTION).where(_QUESTION.c.day < before_day)).rowcount)
