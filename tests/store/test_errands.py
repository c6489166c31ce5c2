from datetime import UTC, datetime, timedelta

from bot.store.errands import Errand

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def test_an_errand_waits_with_its_values_until_it_is_done(store):
    store.errands.queue("refresh", "refresh:a", now=NOW, source="a.ics", years=[1, 2])

    (due,) = store.errands.due(NOW)

    assert due == Errand(due.id, "refresh", "refresh:a", {"source": "a.ics", "years": [1, 2]})
    store.errands.done(due.id)
    assert store.errands.due(NOW) == []
    assert store.errands.next_due() is None


def test_a_key_that_waits_already_adds_nothing(store):
    store.errands.queue("refresh", "same", now=NOW, number=1)
    store.errands.queue("refresh", "same", now=NOW, number=2)

    assert [each.values for each in store.errands.due(NOW)] == [{"number": 1}]


def test_a_failed_errand_comes_again_later_and_knows_how_often_it_was_tried(store):
    store.errands.queue("refresh", "one", now=NOW)
    (due,) = store.errands.due(NOW)

    store.errands.again(due.id, NOW + MINUTE)

    assert store.errands.due(NOW) == []
    assert store.errands.next_due() == NOW + MINUTE
    assert [each.attempts for each in store.errands.due(NOW + MINUTE)] == [1]


def test_the_oldest_go_first_and_not_too_many_at_once(store):
    for number in (3, 1, 2):
        store.errands.queue("refresh", str(number), now=NOW + number * MINUTE)

    assert [each.key for each in store.errands.due(NOW + 2 * MINUTE)] == ["1", "2"]
    assert [each.key for each in store.errands.due(NOW + 9 * MINUTE, most=1)] == ["1"]


def test_whoever_does_errands_is_told_of_new_ones_after_the_commit(store):
    woken = []
    store.on_work = lambda: woken.append("woken")
    store.errands.queue("refresh", "one", now=NOW)
    before = list(woken)

    store.release_savepoint()
    store.commit()
    store.committed()
    store.begin()

    assert (before, woken) == ([], ["woken"])
