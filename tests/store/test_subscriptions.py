from datetime import UTC, datetime

from bot.core.reminders import BOTH, DAY_BEFORE
from bot.messages import Place

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def meet(store, name="anna"):
    return store.people.meet(Place("telegram", name), language="fi", now=NOW).id


def test_what_somebody_hears_of_is_kept_and_changed(store):
    anna = meet(store)
    store.subscriptions.add(anna, "ryhma")
    store.subscriptions.add(anna, "palsta")
    store.subscriptions.add(anna, "ryhma", DAY_BEFORE)

    assert store.subscriptions.of(anna) == {"palsta": BOTH, "ryhma": DAY_BEFORE}
    assert store.subscriptions.of(meet(store, "bertil")) == {}


def test_one_or_all_can_be_ended(store):
    anna = meet(store)
    for series in ("ryhma", "palsta", "raati"):
        store.subscriptions.add(anna, series)

    assert store.subscriptions.remove(anna, "ryhma") == 1
    assert store.subscriptions.remove(anna, "ryhma") == 0
    assert store.subscriptions.of(anna).keys() == {"palsta", "raati"}
    assert store.subscriptions.remove(anna) == 2
    assert store.subscriptions.of(anna) == {}


def test_what_is_copied_does_not_change_what_was_chosen(store):
    anna, bertil = meet(store), meet(store, "bertil")
    store.subscriptions.add(anna, "ryhma", BOTH)
    store.subscriptions.add(anna, "palsta", BOTH)
    store.subscriptions.add(bertil, "ryhma", DAY_BEFORE)

    store.subscriptions.copy(anna, bertil)

    assert store.subscriptions.of(bertil) == {"palsta": BOTH, "ryhma": DAY_BEFORE}


def test_hearers_are_counted_once_each(store):
    anna, bertil = meet(store), meet(store, "bertil")
    store.subscriptions.add(anna, "ryhma")
    store.subscriptions.add(anna, "palsta")
    store.subscriptions.add(bertil, "ryhma")

    assert [store.subscriptions.count(each) for each in ("ryhma", "palsta", "raati", None)] == [2, 1, 0, 2]
