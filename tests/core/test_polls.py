from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.polls import DECLINED, SMILEYS, Tally, has_closed, in_groups, is_open

OPENED = datetime(2027, 1, 14, 14, tzinfo=UTC)
CLOSES = OPENED + timedelta(hours=72)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("now", "open_", "closed"),
    [
        (OPENED - MOMENT, False, False),
        (OPENED, True, False),
        (CLOSES - MOMENT, True, False),
        (CLOSES, False, True),
        (CLOSES + MOMENT, False, True),
    ],
)
def test_is_open_from_its_opening_until_just_before_it_closes(now, open_, closed):
    assert (is_open(now, opened=OPENED, closes=CLOSES), has_closed(now, closes=CLOSES)) == (open_, closed)


def test_stays_open_until_somebody_closes_it_when_no_end_was_set():
    late = OPENED + timedelta(days=4000)

    assert (is_open(late, opened=OPENED, closes=None), has_closed(late, closes=None)) == (True, False)


@given(*[st.integers(-8, 8).map(lambda n: OPENED + n * timedelta(hours=1))] * 3)
def test_is_never_open_and_closed_at_once(now, opened, closes):
    assert not (is_open(now, opened=opened, closes=closes) and has_closed(now, closes=closes))


def test_counts_in_the_order_of_the_poll_and_names_what_nobody_chose():
    tally = Tally.of(["kavely", "peli", "leivonta"], {"leivonta": 2, "kavely": 7})

    assert list(tally.counts.items()) == [("kavely", 7), ("peli", 0), ("leivonta", 2)]


def test_declining_is_no_answer():
    tally = Tally.of(["kylla", "ei"], {DECLINED: 4, "ei": 3})

    assert tally == Tally({"kylla": 0, "ei": 3}, declined=4)
    assert tally.answers == 3


@pytest.mark.parametrize(
    ("options", "chosen"),
    [
        (["kylla", "ei"], {"ehka": 1}),  # a ballot for what the poll does not offer
        (["kylla", DECLINED], {"kylla": 1}),  # an option that reads as declining
    ],
)
def test_refuses_ballots_that_do_not_fit_the_poll(options, chosen):
    with pytest.raises(ValueError):
        Tally.of(options, chosen)


def test_smileys_are_told_apart_in_three_groups_only():
    counts = dict(zip(SMILEYS, [1, 20, 300, 4000, 50000], strict=True))

    assert list(in_groups("smiley5", counts).items()) == [("1-2", 21), ("3", 300), ("4-5", 54000)]


def test_a_smiley_that_nobody_chose_may_be_missing():
    assert in_groups("smiley5", {"5": 6}) == {"1-2": 0, "3": 0, "4-5": 6}


def test_options_of_other_polls_are_told_apart():
    assert in_groups("single", {"kavely": 7, "peli": 0}) == {"kavely": 7, "peli": 0}
