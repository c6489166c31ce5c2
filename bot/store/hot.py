"""Core statements for the paths that run thousands of times a second.

SQLAlchemy's own way to run a statement costs five times what SQLite needs to do it.  A `Hot` statement is
written in Core like any other, compiled once for each dialect, and run on the driver's cursor.  The price:
values go in and come out as the driver knows them (int, str, bytes, None): instants as milliseconds.
"""

from typing import Any

from sqlalchemy import BindParameter, Dialect, literal_column
from sqlalchemy.sql import ClauseElement
from sqlalchemy.sql.visitors import replacement_traverse


class Hot:
    """A compiled statement."""

    __slots__ = ("_by_dialect", "_statement")

    def __init__(self, statement: ClauseElement) -> None:
        self._statement = statement
        self._by_dialect: dict[str, tuple[str, tuple[str, ...] | None, dict[str, Any]]] = {}

    def compiled(self, dialect: Dialect) -> tuple[str, tuple[str, ...] | None, dict[str, Any]]:
        """Give the SQL, the order of its parameters (None: by name) and the constants in it."""
        found = self._by_dialect.get(dialect.name)
        if found is None:
            statement: Any = replacement_traverse(self._statement, {}, _written_out)
            compiled = statement.compile(dialect=dialect)
            positions = tuple(compiled.positiontup or ()) if compiled.positional else None
            given = compiled.params
            constants = {
                name: given[name]
                for parameter, name in compiled.bind_names.items()
                if not parameter.required  # those that are have their values yet to come
            }
            found = self._by_dialect[dialect.name] = (str(compiled), positions, constants)
        return found

    def arguments(
        self, positions: tuple[str, ...] | None, constants: dict[str, Any], values: dict[str, Any]
    ) -> tuple[Any, ...] | dict[str, Any]:
        """Put values in the statement's order."""
        if constants:
            values = {**constants, **values}
        return values if positions is None else tuple([values[name] for name in positions])


def _written_out(element: Any, **_: Any) -> Any:
    """Write constant numbers into the SQL: only then does SQLite see that it may use an index on ``state = 0``."""
    if isinstance(element, BindParameter) and type(element.value) is int:
        return literal_column(str(element.value))
    return None
