"""Killed between the platform's word and our mark: what was on its way comes twice, and nothing else does."""

import asyncio
from collections import Counter
from datetime import timedelta
from pathlib import Path

from tests.crash.account import MOST_IN_FLIGHT
from tests.crash.crowd import NEWS, SUBSCRIBERS, news_arrives, news_is_confirmed
from tests.crash.story import BEGIN, Stage, Telling, tell
from tests.crash.world import World


def copies(telling: Telling) -> Counter[int]:
    """Count how many readers have so many copies of the news."""
    had = Counter(chat for chat, text, _ in telling.told.elements() if NEWS in text and chat in SUBSCRIBERS)
    return Counter(had.values())


async def test_what_telegram_took_and_did_not_confirm_comes_twice(square: Stage, tmp_path: Path):
    async def story(world: World, stage: Stage) -> None:
        await news_is_confirmed(world, stage)
        await world.is_quiet()
        so_far = world.api.ledger.sent_count
        world.api.sets_fault("delay", when="after", method="sendMessage", seconds=60.0, times=None)
        world.sets_clock(BEGIN + timedelta(minutes=2))
        await world.api.sent(so_far + MOST_IN_FLIGHT, timeout=20)
        await asyncio.sleep(0.2)  # in which no other follows
        world.api.clears_faults()
        world.kill()
        await news_arrives(world)

    telling = await tell(story, square, tmp_path / "data")

    assert copies(telling) == {1: len(SUBSCRIBERS) - MOST_IN_FLIGHT, 2: MOST_IN_FLIGHT}
    assert telling.in_flight == [telling.unmarked]


async def test_what_was_cut_off_after_it_was_taken_comes_once_more_at_most(square: Stage, tmp_path: Path):
    cut = 3

    async def story(world: World, stage: Stage) -> None:
        await news_is_confirmed(world, stage)
        await world.is_quiet()
        so_far = world.api.ledger.sent_count
        world.api.sets_fault("cut", when="after", method="sendMessage", skip=10, times=cut)
        world.sets_clock(BEGIN + timedelta(minutes=2))
        await world.api.sent(so_far + 10 + cut, timeout=20)
        world.kill()
        await news_arrives(world)

    telling = await tell(story, square, tmp_path / "data")

    assert copies(telling) == {1: len(SUBSCRIBERS) - len(telling.unmarked), 2: len(telling.unmarked)}
    assert telling.in_flight == [telling.unmarked]
    assert cut <= len(telling.unmarked) <= MOST_IN_FLIGHT
