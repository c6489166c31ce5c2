from datetime import UTC, datetime, timedelta

import pytest

from bot.core.polls import SMILEYS, Tally, in_groups, is_open

OPENED = datetime(2027, 1, 14, 14, tzinfo=UTC)
CLOSES = OPENED + timedelta(hours=72)
MOMENT = timedelta(microseconds=1)


@pytest.mark.parametrize(
    ("now", "expected"),
    [(OPENED - MOMENT, False), (OPENED, True), (CLOSES - MOMENT, True), (CLOSES, False)],
)
def test_is_open_from_its_opening_until_just_before_it_closes(now, expected):
    assert is_open(now, opened=OPENED, closes=CLOSES) is expected


def test_a_poll_closed_before_it_opened_is_never_open():
    assert not is_open(OPENED, opened=OPENED, closes=OPENED)


def test_counts_in_the_order_of_the_poll_and_names_what_nobody_chose():
    tally = Tally.of(["kavely", "peli", "leivonta"], {"leivonta": 2, "kavely": 7})

    assert list(tally.counts.items()) == [("kavely", 7), ("peli", 0), ("leivonta", 2)]


def test_declining_is_no_answer():
    tally = Tally.of(["kylla", "ei"], {"ei": 3}, declined=4)

    assert tally == Tally({"kylla": 0, "ei": 3}, declined=4)
    assert tally.answers == 3


def test_refuses_a_ballot_for_what_the_poll_does_not_offer():
    with pytest.raises(ValueError):
        Tally.of(["kylla", "ei"], {"ehka": 1})


def test_smileys_are_told_apart_in_three_groups_only():
    counts = dict(zip(SMILEYS, [1, 20, 300, 4000, 50000], strict=True))

    assert list(in_groups("smiley5", counts).items()) == [("1-2", 21), ("3", 300), ("4-5", 54000)]


def test_a_smiley_that_nobody_chose_may_be_missing():
    assert in_groups("smiley5", {"5": 6}) == {"1-2": 0, "3": 0, "4-5": 6}


def test_options_of_other_polls_are_told_apart():
    assert in_groups("single", {"kavely": 7, "peli": 0}) == {"kavely": 7, "peli": 0}
