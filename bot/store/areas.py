"""Of which areas somebody wants to hear; none chosen: of all."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from bot.store import schedule_models
from bot.store.upsert import insert

if TYPE_CHECKING:
    from bot.store import Store

_TABLE = schedule_models.chosen_area
_T = _TABLE.c


class Areas:
    """The areas that people chose."""

    def __init__(self, store: "Store") -> None:
        self._store = store

    def of(self, conversation: int) -> frozenset[str]:
        """Give the areas that somebody chose; none: they hear of all."""
        rows = self._store.run(select(_T.area).where(_T.conversation == conversation))
        return frozenset(rows.scalars())

    def add(self, conversation: int, area: str) -> None:
        """Hear of an area."""
        statement = insert(_TABLE).values(conversation=conversation, area=area)
        self._store.run(statement.on_conflict_do_nothing(index_elements=["conversation", "area"]))

    def remove(self, conversation: int, area: str | None = None) -> None:
        """Hear of an area no more; None: of no single one, and so of all."""
        statement = delete(_TABLE).where(_T.conversation == conversation)
        self._store.run(statement if area is None else statement.where(_T.area == area))

    def keep_only(self, areas: Collection[str]) -> None:
        """Forget choices of areas that there are no more: whoever chose no other would hear of nothing."""
        self._store.run(delete(_TABLE).where(_T.area.not_in(areas)))
