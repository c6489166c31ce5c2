"""The attacker here knows the rules: a class is all the tables that are published in just the same way."""

from collections import defaultdict
from functools import cache
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.disclosure import FewerThan, Hidden, NearlyAll, Table, TooFew, publishable

HIDDEN = Hidden.HIDDEN
FEW = FewerThan(5)

# (k, options, the largest count tried): every table of that shape is published and compared.
SHAPES = [(3, 1, 20), (3, 2, 24), (5, 2, 40), (20, 2, 110), (3, 3, 12), (4, 3, 16), (5, 3, 24), (3, 4, 9)]
SHAPES += [(4, 4, 10), (5, 4, 12), (3, 5, 7), (5, 5, 7)]
shapes = pytest.mark.parametrize(("k", "options", "most"), SHAPES)


def single(*counts, **how):
    return publishable({f"option {place}": count for place, count in enumerate(counts)}, kind="single", **how)


def cells(results):
    return tuple(cell for _, cell in results.cells)


def table(*shown, total=None):
    return Table(tuple((f"option {place}", cell) for place, cell in enumerate(shown)), total)


def smileys(*counts, **how):
    return publishable(dict(zip("12345", counts, strict=True)), kind="smiley5", **how)


@cache
def classes(k, options, most):
    """All tables of that shape, by what is published of them."""
    alike = defaultdict(list)
    for counts in product(range(most + 1), repeat=options):
        alike[single(*counts, k=k)].append(counts)
    return list(alike.items())


# What is said


def test_shows_every_number_when_none_is_small():
    assert single(12, 5, 8) == table(12, 5, 8, total=25)


@pytest.mark.parametrize("counts", [(0, 0), (4, 0), (2, 2)])
def test_fewer_answers_than_k_are_too_few(counts):
    assert single(*counts) == TooFew("answers")


def test_one_small_cell_takes_its_neighbour_and_the_total_with_it():
    assert [single(2, 12, 8), single(12, 2, 8), single(12, 8, 2)] == [
        table(FEW, HIDDEN, 8),
        table(HIDDEN, FEW, 8),
        table(12, HIDDEN, FEW),
    ]


def test_of_two_options_it_is_not_even_said_which_is_the_small_one():
    assert single(9, 4) == single(4, 9) == table(HIDDEN, HIDDEN)


def test_two_small_cells_cover_each_other_and_hide_the_total():
    assert single(12, 4, 3) == table(12, FEW, FEW)


def test_the_total_is_shown_when_each_small_cell_can_still_be_anything():
    assert single(12, 4, 3, 1) == table(12, FEW, FEW, FEW, total=20)


@pytest.mark.parametrize("small", [(1, 1, 2), (4, 4, 1), (4, 4, 4)])
def test_the_total_is_hidden_when_it_narrows_a_small_cell(small):
    assert single(12, *small) == table(12, FEW, FEW, FEW)


def test_a_zero_looks_like_any_small_cell():
    assert single(12, 8, 0, 3) == single(12, 8, 3, 0) == single(12, 8, 4, 4) == table(12, 8, FEW, FEW)


@pytest.mark.parametrize("counts", [(5, 0), (4, 1), (10, 0, 0), (9, 1, 1), (30, 2, 2), (90, 4, 0)])
def test_says_nearly_all_when_few_answered_otherwise(counts):
    assert single(*counts) == NearlyAll("option 0")


@pytest.mark.parametrize("counts", [(5, 2, 0), (8, 3, 0), (100, 5), (30, 3, 2)])
def test_does_not_say_nearly_all_when_it_is_not_true_or_the_others_are_many(counts):
    assert isinstance(single(*counts), Table)


def test_k_is_what_the_organization_chose():
    assert [single(4, 3, 12, k=3), single(4, 3, 12, k=4), single(19, 18, 25, k=20)] == [
        table(4, 3, 12, total=19),
        table(HIDDEN, FewerThan(4), 12),
        table(FewerThan(20), FewerThan(20), 25),
    ]


@pytest.mark.parametrize("k", [2, 21, 0, -5])
def test_refuses_a_k_that_protects_nobody_or_hides_everything(k):
    with pytest.raises(ValueError):
        single(12, 8, k=k)


def test_a_group_of_fewer_than_ten_people_gets_no_results():
    assert single(12, 8, possible=9) == TooFew("people")
    assert single(12, 8, possible=10) == single(12, 8, possible=None) == table(12, 8, total=20)


def test_a_segment_gets_results_only_when_the_rest_is_large_enough_too():
    assert single(12, 8, rest=4) == single(12, 8, rest=0) == single(2, 1, rest=50) == TooFew("answers")
    assert single(12, 8, rest=5) == table(12, 8, total=20)


# What cannot be worked out


@shapes
def test_no_small_number_is_ever_shown(k, options, most):
    for results, _ in classes(k, options, most):
        if isinstance(results, Table):
            assert all(number >= k for number in [*cells(results), results.total] if isinstance(number, int))


@shapes
def test_what_is_shown_is_true(k, options, most):
    for results, alike in classes(k, options, most):
        for counts in alike:
            if isinstance(results, NearlyAll):
                largest = counts[int(results.option.removeprefix("option "))]

                assert sum(counts) - largest <= sum(counts) / 5
            elif isinstance(results, Table):
                assert results.total in (None, sum(counts))
                for count, cell in zip(counts, cells(results), strict=True):
                    assert cell in (count, HIDDEN) or (cell == FewerThan(k) and count < k)


@shapes
def test_no_hidden_number_can_be_worked_out(k, options, most):
    for results, alike in classes(k, options, most):
        if isinstance(results, Table):
            totals = {sum(counts) for counts in alike}

            assert totals == {results.total} or len(totals) > 1
            for cell, numbers in zip(cells(results), zip(*alike, strict=True), strict=True):
                assert isinstance(cell, int) or len(set(numbers)) > 1


@shapes
def test_next_to_a_shown_cell_and_the_total_a_small_one_can_still_be_anything(k, options, most):
    for results, alike in classes(k, options, most):
        if isinstance(results, Table) and results.total is not None and max(alike[0]) >= k:
            for cell, numbers in zip(cells(results), zip(*alike, strict=True), strict=True):
                assert set(numbers) == (set(range(k)) if cell == FewerThan(k) else {cell})


@shapes
def test_who_knows_how_many_answered_learns_at_most_that_small_cells_are_empty_or_full(k, options, most):
    for results, alike in classes(k, options, most):
        by_answers = defaultdict(list)
        for counts in alike:
            if isinstance(results, Table) and sum(counts) <= most:  # of more answers some tables are missing
                by_answers[sum(counts)].append(counts)
        for same in by_answers.values():
            for numbers in zip(*same, strict=True):
                assert len(set(numbers)) > 1 or numbers[0] >= k or numbers[0] in (0, k - 1)


@shapes
def test_nobody_can_tell_that_all_answered_alike_even_knowing_how_many_did(k, options, most):
    for results, alike in classes(k, options, most):
        unanimous = {sum(counts) for counts in alike if max(counts) == sum(counts)}
        others = {sum(counts) for counts in alike if max(counts) < sum(counts)}

        assert not unanimous or not isinstance(results, Table)
        assert unanimous <= others or options == 1 or isinstance(results, TooFew)  # that names no option


# The mean


def compositions(total, parts):
    if parts == 1:
        yield (total,)
        return
    for first in range(total + 1):
        for others in compositions(total - first, parts - 1):
            yield first, *others


def given_away(counts, results):
    """Which of the five smileys and of the hidden groups have one possible number only."""
    shown = cells(results)
    columns = {
        "1": [each[0] for each in counts],
        "2": [each[1] for each in counts],
        "4": [each[3] for each in counts],
        "5": [each[4] for each in counts],
    }
    groups = {
        "1-2": [each[0] + each[1] for each in counts],
        "3": [each[2] for each in counts],
        "4-5": [each[3] + each[4] for each in counts],
    }
    columns |= {name: groups[name] for name, cell in results.cells if not isinstance(cell, int)}
    assert len(shown) == 3
    return [name for name, values in columns.items() if len(set(values)) == 1]


def test_shows_the_mean_of_ten_answers_or_more_in_tenths():
    assert smileys(2, 3, 8, 4, 6) == Table((("1-2", 5), ("3", 8), ("4-5", 10)), 23, 34)  # 3.39
    assert smileys(0, 2, 2, 5, 5) == Table((("1-2", FEW), ("3", FEW), ("4-5", 10)), None, 39)  # 3.93
    assert smileys(1, 1, 2, 4, 8) == Table((("1-2", FEW), ("3", FEW), ("4-5", 12)), None, 41)  # 4.06


@pytest.mark.parametrize(
    "counts",
    [
        (1, 1, 2, 3, 2),  # nine answers
        (2, 2, 4, 2, 2),  # no group is shown
        (1, 2, 8, 9, 9),  # the middle is hidden to cover 1-2
        (6, 0, 8, 9, 0),  # the lowest mean: all are 1s and 4s
        (0, 6, 8, 0, 9),  # the highest: all are 2s and 5s
        (0, 0, 3, 0, 9),  # with nine in 4-5, only so many 5s reach 4.5
    ],
)
def test_leaves_the_mean_out_where_it_tells_too_much(counts):
    assert smileys(*counts).mean_tenths is None


def test_other_polls_have_no_mean():
    assert publishable({"1": 5, "2": 8, "3": 10}, kind="single").mean_tenths is None


@pytest.mark.parametrize(("k", "most"), [(3, 14), (4, 14)])
def test_the_mean_and_its_absence_give_no_smiley_and_no_hidden_group_away(k, most):
    alike = defaultdict(list)
    for answers in range(5, most + 1):
        for counts in compositions(answers, 5):
            results = smileys(*counts, k=k)
            if isinstance(results, Table) and HIDDEN not in cells(results):
                alike[results].append(counts)
    whole = {  # the other classes hold larger tables that were not tried
        results: counts
        for results, counts in alike.items()
        if sum(cell if isinstance(cell, int) else k - 1 for cell in cells(results)) <= most
    }

    assert any(results.mean_tenths is not None for results in whole)
    assert [results for results, counts in whole.items() if given_away(counts, results)] == []


def test_more_than_the_two_ends_stay_without_a_mean_where_those_would_tell():
    """Next to twelve, the lowest and the highest mean both need four in the middle."""
    few = range(5)
    alike = defaultdict(list)
    for low, middle, fives in product(few, few, range(13)):
        for twos in range(low + 1):
            counts = (low - twos, twos, middle, 12 - fives, fives)
            alike[smileys(*counts)].append(counts)

    without_mean = Table((("1-2", FEW), ("3", FEW), ("4-5", 12)))
    assert [
        name
        for results in alike
        if isinstance(results, Table)
        for name in given_away(alike[results], results)
    ] == []
    assert {3, 4} <= {middle for _, _, middle, _, _ in alike[without_mean]}


@given(
    st.tuples(*[st.integers(0, 9)] * 5).filter(
        lambda each: min(each[0] + each[1], each[2], each[3] + each[4]) >= 5
    )
)
def test_the_mean_of_three_shown_groups_gives_no_smiley_away(counts):
    low, middle, high = counts[0] + counts[1], counts[2], counts[3] + counts[4]
    results = smileys(*counts)

    alike = [
        other
        for twos, fives in product(range(low + 1), range(high + 1))
        if smileys(*(other := (low - twos, twos, middle, high - fives, fives))) == results
    ]

    assert given_away(alike, results) == []
    assert results.mean_tenths in (
        None,
        (20 * sum(n * c for n, c in enumerate(counts, 1)) + sum(counts)) // (2 * sum(counts)),
    )


# A poll that stays open

growing = st.lists(st.tuples(*[st.integers(0, 3).map(lambda n: n * 2)] * 3), max_size=30)
