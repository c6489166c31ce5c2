from tests.store.attending import DAY, NOW, date, person, plan


def test_who_chose_none_hears_of_all(store):
    assert store.areas.of(person(store, "anna")) == frozenset()


def test_areas_are_chosen_one_by_one_and_left_again(store):
    anna = person(store, "anna")
    for area in ("kajaani", "mikkeli", "kajaani"):
        store.areas.add(anna, area)
    store.areas.add(person(store, "bertil"), "savonlinna")
    both = store.areas.of(anna)
    store.areas.remove(anna, "kajaani")
    one = store.areas.of(anna)
    store.areas.remove(anna)

    assert (both, one, store.areas.of(anna)) == ({"kajaani", "mikkeli"}, {"mikkeli"}, frozenset())
    assert store.areas.of(person(store, "bertil")) == {"savonlinna"}


def test_a_choice_of_an_area_that_there_is_no_more_is_forgotten(store):
    anna = person(store, "anna")
    store.areas.add(anna, "kajaani")
    store.areas.add(anna, "lakkautettu")
    store.areas.keep_only(["kajaani"])
    kept = store.areas.of(anna)
    store.areas.keep_only([])

    assert kept == {"kajaani"}
    assert store.areas.of(anna) == frozenset()


def test_the_choice_goes_with_the_person(store):
    anna = person(store, "anna")
    store.areas.add(anna, "kajaani")
    store.people.forget(anna)

    assert store.areas.of(anna) == frozenset()


def test_lists_leave_out_other_areas_and_series_but_never_what_has_none(store):
    plan(
        store,
        date("kajaanissa", area="kajaani"),
        date("mikkelissä", area="mikkeli"),
        date("kaikille"),
        date("kastelu", series="kastelu"),
        date("sarjaton", series=None, area="kajaani"),
    )

    def listed(**values):
        return {each.it.uid for each in store.calendar.coming(NOW - DAY, most=9, **values)}

    assert listed(areas=["kajaani"]) == {"kajaanissa", "kaikille", "kastelu", "sarjaton"}
    assert listed(without=["kastelu"]) == {"kajaanissa", "mikkelissä", "kaikille", "sarjaton"}
    assert listed(areas=["kajaani"], without=["retki", "kastelu"]) == {"sarjaton"}
    assert store.calendar.next_of(None, NOW, areas=["mikkeli"], without=["kastelu"]).it.uid == "mikkelissä"
