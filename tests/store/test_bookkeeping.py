def test_an_update_is_new_once_on_its_platform(store):
    outcomes = [store.books.first_time("telegram", "7", 20_000) for _ in range(1000)]

    assert outcomes == [True] + [False] * 999
    assert store.books.first_time("web", "7", 20_000)
    assert store.books.is_known("telegram", "7")
    assert not store.books.is_known("telegram", "8")


def test_updates_are_forgotten_when_no_platform_repeats_them_any_more(store):
    store.books.first_time("telegram", "old", 20_000)
    store.books.first_time("telegram", "new", 20_001)

    assert store.books.forget_seen(20_001) == 1
    assert [store.books.is_known("telegram", each) for each in ("old", "new")] == [False, True]


def test_a_bookmark_is_where_it_was_put_last(store):
    assert store.books.bookmark("sweep") is None
    store.books.set_bookmark("sweep", "one")
    store.books.set_bookmark("sweep", "two")

    assert store.books.bookmark("sweep") == "two"


def test_what_happens_is_counted_by_day(store):
    store.books.add("dropped", 1)
    store.books.add("dropped", 1)
    store.books.add("dropped", 2, 40)
    store.books.add("other", 2)

    assert [store.books.count("dropped", since) for since in (0, 1, 2, 3)] == [42, 42, 40, 0]


def test_questions_are_kept_without_asker_and_order_and_go_in_time(store):
    store.questions.keep("b", "fi", "eka", 1)
    store.questions.keep("a", "sv", "toka", 2)

    assert store.questions.all() == [("sv", "toka"), ("fi", "eka")]
    assert store.books.forget_questions(2) == 1
    assert store.questions.all() == [("sv", "toka")]
