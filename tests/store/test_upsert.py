import subprocess
import sys

from sqlalchemy import select

from bot.store import models
from bot.store.upsert import insert

COUNTER = models.counter
KEY = ("name", "day")


def counted(store):
    return [tuple(row) for row in store.run(select(COUNTER).order_by(*(COUNTER.c[each] for each in KEY)))]


def add(number, name="a"):
    return insert(COUNTER).values(name=name, day=1, number=number)


def test_a_row_whose_key_is_there_is_left_as_it_is(store):
    store.run(add(1))
    store.run(add(2).on_conflict_do_nothing(index_elements=KEY))
    store.run(add(3).on_conflict_do_nothing())

    assert counted(store) == [("a", 1, 1)]


def test_a_row_whose_key_is_there_takes_what_was_to_be_added(store):
    store.run(add(1))
    again = add(2)
    store.run(again.on_conflict_do_update(index_elements=KEY, set_={"number": again.excluded.number}))

    assert counted(store) == [("a", 1, 2)]


def test_a_row_whose_key_is_there_can_be_counted_up(store):
    store.run(add(1))
    store.run(add(2).on_conflict_do_update(index_elements=KEY, set_={"number": COUNTER.c.number + 2}))

    assert counted(store) == [("a", 1, 3)]


def test_rows_that_were_selected_are_added_but_for_those_that_are_there(store):
    store.run(add(1))
    store.run(add(2, "b"))
    one_day_on = select(COUNTER.c.name, COUNTER.c.day + 1, COUNTER.c.number).where(
        COUNTER.c.name == "b", COUNTER.c.day == 1
    )
    for _ in range(2):
        statement = insert(COUNTER).from_select(["name", "day", "number"], one_day_on)
        store.run(statement.on_conflict_do_nothing(index_elements=KEY))

    assert counted(store) == [("a", 1, 1), ("b", 1, 2), ("b", 2, 2)]


def test_only_what_was_added_is_given_back(store):
    statement = add(1).on_conflict_do_nothing(index_elements=KEY).returning(COUNTER.c.number)

    assert [store.run(statement).scalar_one_or_none() for _ in range(2)] == [1, None]


def test_a_house_on_sqlite_loads_nothing_of_postgresql():
    """Its dialect is 2 MiB, SQLAlchemy's mapper of objects (SQLModel) another 6, and Alembic 10."""
    program = (
        "import sys, bot.app, bot.store.connection as it\n"
        "it.connect('sqlite://').connect().close()\n"
        "unused = ('sqlalchemy.dialects.postgresql', 'psycopg', 'sqlalchemy.orm', 'sqlmodel', 'alembic')\n"
        "print(*(name for name in unused if name in sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert done.stdout.split() == []
