"""Killed at any moment, again and again, amid a crowd that votes and news that goes out."""

import random
from pathlib import Path

import pytest

from tests.crash.account import settle
from tests.crash.crowd import crowd
from tests.crash.life import Death
from tests.crash.small_story import CECILIA, small_story
from tests.crash.story import Stage, Telling, tell

KILLS = 10  # in one telling
RATE = 80.0  # messages a second: slow enough that the news is on its way through several lives
DELAY = (0.02, 0.08)  # seconds until Telegram says that it took a message
FIRST_WORD = 5.0  # seconds from a start to the first message, at most
SOAK = 20  # tellings: 200 kills


async def told_with_kills(stage: Stage, folder: Path, seed: int) -> Telling:
    """Tell of the crowd with lives between a tenth of a second and almost one long."""
    dice = random.Random(seed)
    return await tell(
        crowd, stage, folder, *(dice.uniform(0.1, 0.9) for _ in range(KILLS)), rate=RATE, delay=DELAY
    )


async def test_ten_kills_amid_a_crowd_lose_nothing(square: Stage, tmp_path: Path):
    whole = await tell(crowd, square, tmp_path / "whole")
    killed = await told_with_kills(square, tmp_path / "killed", seed=2026)

    settle(killed, whole)
    assert len(killed.in_flight) == KILLS
    assert max(killed.first_words) < FIRST_WORD


@pytest.mark.soak
async def test_two_hundred_kills_amid_a_crowd_lose_nothing(square: Stage, tmp_path: Path):
    whole = await tell(crowd, square, tmp_path / "whole")

    for seed in range(SOAK):
        killed = await told_with_kills(square, tmp_path / str(seed), seed)
        settle(killed, whole)
        assert len(killed.in_flight) == KILLS
        assert max(killed.first_words) < FIRST_WORD


@pytest.mark.soak
async def test_dying_again_while_getting_up_loses_nothing(stage: Stage, tmp_path: Path):
    leavers = frozenset({CECILIA})
    whole = await tell(small_story, stage, tmp_path / "whole", leavers=leavers)
    dice = random.Random(2026)

    for number in range(100):
        deaths = (
            Death(dice.choice(("before", "after", "told")), dice.randint(1, whole.boundaries)),
            *(Death(dice.choice(("before", "after", "told")), dice.randint(1, 6)) for _ in range(2)),
        )
        telling = await tell(small_story, stage, tmp_path / str(number), *deaths, leavers=leavers)
        settle(telling, whole, leavers=leavers)
