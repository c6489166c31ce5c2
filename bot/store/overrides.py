"""What organizers changed of the schedule from the chat."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

import orjson
from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update

from bot.core.overrides import CHAT, Override, Overrides, State, added_by, is_known
from bot.core.schedule_diff import Difference
from bot.store import schedule_models
from bot.store.hot import Hot
from bot.store.models import from_ms

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = schedule_models.schedule_override
_T = _TABLE.c

_WORDS: Final = ("place", "title")  # columns that hold JSON
UNTOLD: Final = timedelta(days=1)  # what is older was told, or is of a date that has changed again
_FIRST_REVOKED = Hot(select(_T.made).where(_T.state == "revoked").order_by(_T.id).limit(1))
_NAMES: Final = tuple(each.name for each in fields(Override))


class KeptOverrides:
    """Overrides, from the moment that an organizer makes one."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def add(self, draft: Override, *, organizer: int) -> Override:
        """Keep one that somebody makes, under a number of its own."""
        new = replace(draft, organizer=organizer)
        row = {name: getattr(new, name) for name in _NAMES if name != "id"}
        for name in _WORDS:
            if row[name] is not None:
                row[name] = orjson.dumps(dict(row[name])).decode()
        identity = self._store.run(insert(_TABLE).values(row).returning(_T.id)).scalar_one()
        return replace(new, id=identity)

    def get(self, override: int) -> Override | None:
        """Give one; None: there is none of that number."""
        row = self._store.run(select(_TABLE).where(_T.id == override)).first()
        return None if row is None else _override(row)

    def active(self, *, since: datetime | None = None, most: int | None = 20) -> list[Override]:
        """Give those that hold, the newest first; ``since``: made no earlier.  ``most`` None: all."""
        which = [_T.state == "active"] + ([] if since is None else [_T.made >= since])
        rows = self._store.run(select(_TABLE).where(*which).order_by(_T.id.desc()).limit(most))
        return [_override(row) for row in rows]

    def in_force(
        self,
        turns: Mapping[str, Sequence[str]],
        *,
        also: Iterable[Override] = (),
        without: Iterable[int] = (),
    ) -> Overrides:
        """Give all that hold, ready to be laid over dates; also what is revoked, until its dates are as before.

        Args:
            turns: as for `Overrides`.
            also: such as do not hold yet.
            without: such as are to hold no more.
        """
        holds = _T.state.in_(("active", "revoked"))
        rows = self._store.run(select(_TABLE).where(holds, _T.id.not_in(list(without))).order_by(_T.id))
        return Overrides([*map(_override, rows), *also], turns)

    def end(self, override: int, state: State) -> None:
        """Let one hold no more."""
        self._store.run(update(_TABLE).where(_T.id == override).values(state=state))

    def revoke(self, organizer: int, *, now: datetime) -> None:
        """Let those of an organizer hold no more of which people were not told yet, or not all of them (T-01).

        They lie over their dates until the schedule is looked at next, which is before anything is told.
        """
        theirs = [each for each in self.active(since=now - UNTOLD, most=None) if each.organizer == organizer]
        untold = self._store.refreshing.untold() if theirs else []
        for each in theirs:
            alone = Overrides([each], {})
            if any(
                (alone.over(source, row.said)[1] or (source == CHAT and added_by(row.said) == each.id))
                and not all(is_known(each, known) for known in knowns)
                for source, row, knowns in untold
            ):
                self.end(each.id, "revoked")
        self._store.wake()

    def revoked(self) -> list[Override]:
        """Give those that are to be taken back, since their organizer is one no more."""
        rows = self._store.run(select(_TABLE).where(_T.state == "revoked").order_by(_T.id))
        return [_override(row) for row in rows]

    def revoked_at(self) -> datetime | None:
        """Give when the first of those was made; None: there is none."""
        row = self._store.hot_row(_FIRST_REVOKED)
        return None if row is None else from_ms(row[0])

    def follow(self, found: Difference) -> None:
        """Let those hold no more that a source has outdated, and the others go on with their dates."""
        for each in found.outdated:
            self.end(each.override.id, "superseded")
        for override, uid, recurrence_id in found.renamed:
            values = {"uid": uid, "recurrence_id": recurrence_id}
            self._store.run(update(_TABLE).where(_T.id == override).values(values))

    def delete_old(self, before: datetime) -> int:
        """Delete those made before an instant that can concern no date any more; give their number."""
        over: ColumnElement[bool] = or_(
            _T.state != "active", _T.recurrence_id.is_not(None), _T.until < before, _T.kind == "add"
        )
        return int(self._store.run(delete(_TABLE).where(and_(_T.made < before, over))).rowcount)


def _override(row: Any) -> Override:
    values = {name: getattr(row, name) for name in _NAMES}
    for name in _WORDS:
        if values[name] is not None:
            values[name] = orjson.loads(values[name])
    return Override(**values)
