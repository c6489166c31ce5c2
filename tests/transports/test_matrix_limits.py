"""What Vertti notices of the homeserver's limits while it sends."""

import asyncio

import pytest

from bot.transports.matrix_limits import BURST, Sends, are_lifted, minutes_for

HELD_UP = None
SLOWLY = [number * 0.6 for number in range(BURST * 3)]
BURST_OF_SENDS = [100 + number * 0.5 for number in range(BURST)]


def seen(folder, *happenings):
    """Let messages go through at these moments, or be held up; tell whether limits are taken for lifted then."""

    async def happen():
        sends = Sends(folder)
        for at in happenings:
            await (sends.held_up() if at is HELD_UP else sends.went(at))

    asyncio.run(happen())
    return are_lifted(folder)


def test_at_first_the_limits_are_taken_to_hold(tmp_path):
    assert not seen(tmp_path)


def test_twenty_in_ten_seconds_are_more_than_the_limits_let_through(tmp_path):
    assert not seen(tmp_path, *SLOWLY)
    assert not seen(tmp_path, *BURST_OF_SENDS[1:])
    assert seen(tmp_path, *BURST_OF_SENDS)


def test_what_is_held_up_shows_that_limits_hold_until_the_next_burst(tmp_path):
    assert not seen(tmp_path, *BURST_OF_SENDS, HELD_UP)
    assert not seen(tmp_path, *BURST_OF_SENDS, HELD_UP, 110.0)
    assert seen(tmp_path, *BURST_OF_SENDS, HELD_UP, *(at + 20 for at in BURST_OF_SENDS))


def test_it_is_known_after_a_restart(tmp_path):
    assert seen(tmp_path, *BURST_OF_SENDS)
    assert seen(tmp_path)
    assert not seen(tmp_path, HELD_UP)


def test_a_hint_that_cannot_be_kept_harms_nobody(tmp_path):
    assert not seen(tmp_path / "missing", *BURST_OF_SENDS, HELD_UP)


@pytest.mark.parametrize(
    ("rooms", "minutes"), [(0, 0), (10, 0), (11, 1), (22, 1), (23, 2), (100, 8), (1000, 83)]
)
def test_the_minutes_are_those_of_ten_at_once_and_one_in_five_seconds(rooms, minutes):
    assert minutes_for(rooms) == minutes
