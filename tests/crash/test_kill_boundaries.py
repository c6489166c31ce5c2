"""Killed at every commit of a story, before it, after it and before anybody hears of it, the bot loses nothing."""

import asyncio
from collections import Counter
from pathlib import Path

import pytest

from tests.crash.account import settle
from tests.crash.life import Death
from tests.crash.small_story import AINO, BERTTA, CECILIA, GROUP, NEWS, OUTI, SUBSCRIBERS, VOTERS, small_story
from tests.crash.story import Stage, Telling, tell, words

AT_ONCE = 4  # tellings side by side: much of a telling is waiting
LEAVERS = frozenset({CECILIA})


async def told(stage: Stage, folder: Path, *deaths: Death) -> Telling:
    return await tell(small_story, stage, folder, *deaths, leavers=LEAVERS)


async def test_the_story_ends_as_it_is_written(stage: Stage, tmp_path: Path):
    telling = await told(stage, tmp_path / "data")

    messages = list(telling.told.elements())
    readers = {*SUBSCRIBERS, AINO, GROUP}
    assert Counter(chat for chat, text, _ in messages if NEWS in text) == Counter({*readers, OUTI})
    assert Counter(
        chat for chat, text, _ in messages if text.startswith(words("reminder.named").split()[0])
    ) == Counter(readers)
    assert Counter(chat for chat, _, _ in messages) == Counter(
        {
            AINO: 6,  # hello, next, when, done; news, reminder
            BERTTA: 6,  # question and thanks, twice; help; too late
            CECILIA: 2,  # sure?, goodbye
            OUTI: 8,  # welcome, as read, preview, going, report; sure?, closed, results
            GROUP: 5,  # what?, done, poll; news, reminder
            **dict.fromkeys(SUBSCRIBERS, 2),
            **dict.fromkeys(VOTERS, 4),
        }
    )
    assert telling.kept["rounds"] == Counter([(1, "toimintatoive", '{"kavely":4,"leivonta":3}', 1)])
    assert telling.kept["news"] == Counter([(NEWS, None, "reported", len(readers))])
    assert telling.kept["ballots"] == telling.kept["audience"] == telling.kept["unscrubbed"] == Counter()
    assert telling.unmarked == set()


@pytest.mark.timeout(300)  # half a minute on two idle cores
async def test_no_commit_is_a_bad_moment_to_die(stage: Stage, tmp_path: Path):
    await survives(stage, tmp_path, before=1, after=1, told=4)


@pytest.mark.soak
async def test_no_hand_over_is_a_bad_moment_to_die(stage: Stage, tmp_path: Path):
    await survives(stage, tmp_path, told=1)


async def survives(stage: Stage, folder: Path, **every: int) -> None:
    """Tell the story once for each commit (``before=1``) or for each so-many-th, and die there."""
    whole = await told(stage, folder / "whole")
    gate = asyncio.Semaphore(AT_ONCE)

    async def survived(death: Death) -> Telling:
        async with gate:
            return await told(stage, folder / f"{death.when}-{death.at}", death)

    deaths = [Death(when, at) for when, step in every.items() for at in range(1, whole.boundaries + 1, step)]
    tellings = await asyncio.gather(*map(survived, deaths))

    for telling in tellings:
        settle(telling, whole, leavers=LEAVERS)
    # Commits that come together at another time are fewer: then there is nothing left to die at.
    assert sum(not telling.in_flight for telling in tellings) <= len(tellings) // 5
