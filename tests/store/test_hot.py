import pytest
from sqlalchemy import bindparam, insert, select, update

from bot.store import models
from bot.store.hot import Hot

ROWS = models.outbox.c
COUNTER = models.counter


def compiled(store, statement):
    return Hot(statement).compiled(store._dialect)


def test_constant_numbers_stand_in_the_sql(store):
    """With a parameter in its place SQLite plans the statement anew each time, before it may use a partial index."""
    sql, _, constants = compiled(
        store, select(ROWS.id).where(ROWS.state == 0, ROWS.key == bindparam("which"))
    )

    assert "outbox.state = 0" in sql
    assert constants == {}


def test_other_constants_are_given_along(store):
    statement = Hot(update(models.outbox).where(ROWS.key == bindparam("which")).values(what="", lease=None))
    store.hot(statement, which="x")

    assert statement.compiled(store._dialect)[2] == {"what": "", "lease": None}


def test_values_find_their_places_by_name(store):
    add = Hot(insert(COUNTER).values({name: bindparam(name) for name in ("name", "day", "number")}))
    store.hot(add, number=3, name="b", day=2)
    store.hot_many(add, [{"day": 2, "number": 4, "name": "c"}, {"name": "d", "number": 5, "day": 2}])
    read = Hot(
        select(COUNTER.c.name, COUNTER.c.number)
        .where(COUNTER.c.day == bindparam("on"))
        .order_by(COUNTER.c.name)
    )

    assert store.hot_rows(read, on=2) == [("b", 3), ("c", 4), ("d", 5)]
    assert store.hot_row(read, on=2) == ("b", 3)
    assert store.hot_row(read, on=9) is None
    assert store.hot_count(Hot(update(COUNTER).where(COUNTER.c.day == 2).values(number=0))) == 3


def test_a_missing_value_is_a_programmers_fault(store):
    statement = Hot(select(ROWS.id).where(ROWS.key == bindparam("which"), ROWS.lane == bindparam("lane")))

    with pytest.raises(Exception, match="lane"):
        store.hot_row(statement, which="x")
