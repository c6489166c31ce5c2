"""What waits for a page to be opened."""

from collections.abc import Iterator

import pytest

from bot.messages import File, Place, ShownButton
from bot.store import Store
from bot.store.engine import Database
from bot.store.vault import Vault
from bot.store.web_messages import Waiting, WebMessage
from tests.web.house import NOW

DAY = 20_000
WHOLE = WebMessage(
    "Hei <b>\n112",
    "ma 23.11. klo 12.05",
    (ShownButton("Näytä", data="d1"), ShownButton("Avaa", url="https://a.example"), ShownButton("X", deep_link="p")),
    File("a.json", "application/json", "{}"),
    ("ovi.png", "Kuva ovesta."),
    goodbye=True,
    language="sv",
)  # fmt: skip


@pytest.fixture
def database(tmp_path) -> Iterator[Database]:
    database = Database(f"sqlite:///{tmp_path / 'vertti.db'}", Vault(b"k" * 32))
    database.open()
    yield database
    database.close()


def person(store: Store, address: str = "one") -> int:
    return store.people.meet(Place("web", address), language="fi", now=NOW).id


def test_a_message_comes_back_whole_until_it_is_shown(database: Database):
    def work(store: Store) -> tuple[Waiting, list[Waiting], list[Waiting]]:
        who = person(store)
        added = store.web.add(who, "key", WHOLE, today=DAY)
        before = store.web.unread(who)
        store.web.shown(who, added.id)
        return added, before, store.web.unread(who)

    added, before, after = database.submit(work).result()

    assert added.it == WHOLE
    assert before == [added]
    assert after == []


def test_under_a_known_key_the_first_message_stays(database: Database):
    def work(store: Store) -> tuple[Waiting, Waiting, list[Waiting]]:
        who = person(store)
        first = store.web.add(who, "key", WebMessage("yksi"), today=DAY)
        again = store.web.add(who, "key", WebMessage("yksi"), today=DAY)
        return first, again, store.web.unread(who)

    first, again, unread = database.submit(work).result()

    assert first == again
    assert unread == [first]


def test_each_reads_what_is_theirs_in_order_from_where_they_are(database: Database):
    def work(store: Store) -> tuple[list[str], list[str]]:
        one, other = person(store, "one"), person(store, "other")
        added = [
            store.web.add(who, f"{who}:{text}", WebMessage(text), today=DAY)
            for who, text in ((one, "a"), (other, "x"), (one, "b"), (one, "c"))
        ]
        store.web.shown(other, added[-1].id)
        whole = [each.it.text for each in store.web.unread(one)]
        return whole, [each.it.text for each in store.web.unread(one, after=added[0].id)]

    assert database.submit(work).result() == (["a", "b", "c"], ["b", "c"])


def test_a_number_is_never_given_twice(database: Database):
    def work(store: Store) -> list[int]:
        who = person(store)
        numbers = []
        for key in ("a", "b", "c"):
            numbers.append(store.web.add(who, key, WebMessage("x"), today=DAY).id)
            store.web.shown(who, numbers[-1])
        return numbers

    one, two, three = database.submit(work).result()

    assert one < two < three


def test_the_database_holds_no_words(database: Database, tmp_path):
    database.submit(
        lambda store: store.web.add(person(store), "key", WebMessage("Kanarialintu"), today=DAY)
    ).result()

    assert b"Kanarialintu" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


def test_who_was_only_waiting_for_a_goodbye_is_gone_once_it_is_shown(database: Database):
    def work(store: Store) -> tuple[object, object]:
        who = person(store)
        store.people.forget(who)
        goodbye = store.web.add(who, "key", WebMessage("Hei hei", goodbye=True), today=DAY)
        store.people.bury()
        before = store.people.find(Place("web", "one"))
        store.web.shown(who, goodbye.id)
        return before, store.people.find(Place("web", "one"))

    before, after = database.submit(work).result()

    assert before is not None
    assert after is None


def test_what_nobody_came_for_is_deleted(database: Database):
    def work(store: Store) -> tuple[int, list[str]]:
        who = person(store)
        for day in (DAY - 1, DAY, DAY + 1):
            store.web.add(who, f"{day}", WebMessage(str(day)), today=day)
        return store.web.delete_older(DAY), [each.it.text for each in store.web.unread(who)]

    assert database.submit(work).result() == (1, [str(DAY), str(DAY + 1)])
