import pytest

from tests.store.attending import DAY, HOUR, NOW, date, person, plan


@pytest.fixture
def group(store):
    return plan(store, date("ryhmä"))[0]


def test_only_their_number_is_asked_for_and_nobody_counts_twice(store, group):
    for name in ("anna", "bertil", "anna"):
        store.newcomers.add(group, person(store, name), due=NOW)

    assert store.newcomers.count(group) == 2
    assert store.newcomers.comes(group, person(store, "anna"))
    assert not store.newcomers.comes(group, person(store, "cecilia"))


def test_who_does_not_come_after_all_is_not_counted(store, group):
    store.newcomers.add(group, person(store, "anna"), due=NOW)
    store.newcomers.remove(group, person(store, "anna"))

    assert store.newcomers.count(group) == 0
    assert store.newcomers.next_due() is None


def test_organizers_are_told_once_of_each_and_again_when_another_one_comes(store, group):
    store.newcomers.add(group, person(store, "anna"), due=NOW + HOUR)
    due = (store.newcomers.next_due(), store.newcomers.untold(NOW), store.newcomers.untold(NOW + HOUR))
    store.newcomers.set_due(group, NOW + 2 * HOUR)
    moved = store.newcomers.next_due()
    store.newcomers.set_due(group, None)
    told = (store.newcomers.next_due(), store.newcomers.untold(NOW + DAY))
    store.newcomers.set_due(group, NOW)  # of those they know of there is nothing to tell again
    store.newcomers.add(group, person(store, "bertil"), due=NOW)

    assert due == (NOW + HOUR, [], [group])
    assert moved == NOW + 2 * HOUR
    assert told == (None, [])
    assert store.newcomers.untold(NOW) == [group]
    assert store.newcomers.count(group) == 2


def test_somebodys_first_times_are_given_by_date(store):
    late, soon = plan(store, date("b", NOW + 2 * DAY), date("a"))
    for each in (late, soon):
        store.newcomers.add(each, person(store, "anna"), due=NOW)

    assert store.newcomers.of(person(store, "anna")) == [soon, late]


def test_nothing_is_left_of_it_when_the_event_is_over_or_the_person_is_gone(store):
    over, ahead = plan(store, date("eilen", NOW - DAY), date("huomenna"))
    anna = person(store, "anna")
    for each in (over, ahead):
        store.newcomers.add(each, anna, due=NOW)
    store.newcomers.delete_ended(NOW)
    after_the_event = store.newcomers.of(anna)
    store.people.forget(anna)

    assert after_the_event == [ahead]
    assert store.newcomers.count(ahead) == 0
