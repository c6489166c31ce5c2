from datetime import UTC, datetime, timedelta

from bot.core.polls import SMILEYS, in_groups

OPENED = datetime(2027, 1, 14, 14, tzinfo=UTC)
CLOSES = OPENED + timedelta(hours=72)
MOMENT = timedelta(microseconds=1)


def test_smileys_are_told_apart_in_three_groups_only():
    counts = dict(zip(SMILEYS, [1, 20, 300, 4000, 50000], strict=True))

    assert list(in_groups("smiley5", counts).items()) == [("1-2", 21), ("3", 300), ("4-5", 54000)]


def test_a_smiley_that_nobody_chose_may_be_missing():
    assert in_groups("smiley5", {"5": 6}) == {"1-2": 0, "3": 0, "4-5": 6}


def test_options_of_other_polls_are_told_apart():
    assert in_groups("single", {"kavely": 7, "peli": 0}) == {"kavely": 7, "peli": 0}
