"""Slow work over a real database, at instants that a test sets."""

import asyncio
import itertools
import threading
from datetime import UTC, datetime

import pytest

from bot.errands import ATTEMPTS, Errands
from bot.router import Router
from bot.store.engine import Database
from bot.store.vault import Vault
from tests.support import empty_database

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


@pytest.fixture
def database(tmp_path):
    database = Database(empty_database(tmp_path / "vertti.db"), Vault(bytes(32)))
    database.open()
    yield database
    database.close()


class Office:
    """Errands of two kinds, and what came of them."""

    def __init__(self, database):
        self.database = database
        self.now = NOW
        self.router = Router()
        self.done = []
        self.threads = set()
        self.fails = 0
        self.ending_fails = 0
        self.stops_after = 0

        def ending(tick, errand, result):
            if self.ending_fails:
                self.ending_fails -= 1
                raise LookupError
            tick.store.books.add("done", 1)
            self.done.append((errand.key, result))

        @self.router.errand("double", ending=ending)
        def double(trip):
            self.threads.add(threading.current_thread().name)
            if self.fails:
                self.fails -= 1
                raise ConnectionError
            return trip.errand.values["number"] * 2

        def take_one(tick, errand, numbers):
            tick.store.books.add("taken", 1)
            self.done.append((tick.store.books.count("taken"), numbers[0]))
            if len(self.done) == self.stops_after:
                raise LookupError
            return numbers[1:] or None

        @self.router.errand("count", ending=take_one)
        def count(trip):
            return list(range(trip.errand.values["number"]))

        @self.router.errand("look", ending=ending)
        def look(trip):
            return trip.look(lambda store: store.books.count("done"))

        @self.router.errand("meddle", ending=ending)
        def meddle(trip):
            return trip.look(lambda store: store.books.add("done", 1))

    def worker(self):
        return Errands(self.database, self.router.errands, None, lambda: self.now)

    async def queue(self, kind, key="one", **values):
        await self.database.write(lambda store: store.errands.queue(kind, key, now=self.now, **values))

    async def waiting(self):
        return await self.database.write(lambda store: store.errands.next_due())

    async def until(self, holds, seconds=5):
        async with asyncio.timeout(seconds):
            while not holds():
                await asyncio.sleep(0.005)


@pytest.fixture
def office(database):
    return Office(database)


async def test_an_errand_is_done_in_a_thread_and_its_result_goes_to_the_writer(office):
    await office.queue("double", number=21)

    assert await office.worker().once()

    assert office.done == [("one", 42)]
    assert all(name.startswith("errand") for name in office.threads)
    assert await office.waiting() is None
    assert not await office.worker().once()


async def test_an_errand_may_read_the_store_and_not_write_to_it(office):
    await office.queue("look", "reads")
    await office.queue("meddle", "writes")

    await office.worker().once()

    assert office.done == [("reads", 0)]
    assert await office.waiting() > NOW, "the one that meddled comes again later"


async def test_an_errand_that_fails_comes_again_later_and_later_and_gives_up_in_the_end(office, capsys):
    office.fails = 10_000
    await office.queue("double", number=1)
    waits = []

    while (due := await office.waiting()) is not None:
        waits.append((due - office.now).total_seconds())
        office.now = due
        await office.worker().once()

    assert len(waits) == ATTEMPTS
    assert waits[1] >= 2.5
    assert all(later >= earlier for earlier, later in itertools.pairwise(waits))
    assert waits[-1] <= 3600
    said = capsys.readouterr().err
    assert said.count("errand.failed") == ATTEMPTS
    assert "ConnectionError" in said


async def test_an_ending_that_fails_keeps_nothing_and_the_errand_comes_again(office):
    office.ending_fails = 1
    await office.queue("double", number=1)

    await office.worker().once()

    assert office.done == []
    assert await office.database.read(lambda store: store.books.count("done")) == 0
    assert await office.waiting() > NOW


async def test_a_large_result_is_taken_piece_by_piece_each_in_a_transaction_of_its_own(office):
    await office.queue("count", number=3)

    await office.worker().once()

    assert office.done == [(1, 0), (2, 1), (3, 2)]
    assert await office.waiting() is None


async def test_a_piece_that_fails_leaves_the_pieces_before_it_and_the_errand_comes_again(office):
    office.stops_after = 2
    await office.queue("count", number=3)

    await office.worker().once()

    assert await office.waiting() > NOW
    assert await office.database.read(lambda store: store.books.count("taken")) == 1


async def test_one_that_fails_stops_no_other(office):
    office.fails = 1
    for number in range(4):
        await office.queue("double", str(number), number=number)

    await office.worker().once()

    assert sorted(office.done) == [(str(number), number * 2) for number in range(1, 4)]


async def test_an_errand_of_another_version_is_put_aside(office, capsys):
    await office.queue("unheard.of")
    await office.queue("double", "two", number=1)

    await office.worker().once()

    assert office.done == [("two", 2)]
    assert await office.waiting() is None
    assert "errand.unknown" in capsys.readouterr().err


async def test_an_errand_that_was_cut_off_runs_again_under_the_same_key(office):
    """A kill in the middle leaves the row as it was."""
    started, blocked = threading.Event(), threading.Event()

    @office.router.errand(
        "slow", ending=lambda tick, errand, result: office.done.append((errand.key, result))
    )
    def slow(trip):
        started.set()
        blocked.wait(5)
        return trip.errand.attempts

    await office.queue("slow", "key")
    task = asyncio.create_task(office.worker().run())
    await office.until(started.is_set)
    task.cancel()
    await asyncio.wait([task])
    blocked.set()
    await asyncio.sleep(0.05)
    cut_off = list(office.done)

    await office.worker().once()

    assert cut_off == []
    assert office.done == [("key", 0)]


async def test_a_worker_wakes_when_there_is_work(office):
    worker = office.worker()
    task = asyncio.create_task(worker.run())
    await asyncio.sleep(0.1)
    await office.queue("double", number=4)
    worker.wake()

    await office.until(lambda: office.done == [("one", 8)])

    assert not task.done()
    task.cancel()
    await asyncio.wait([task])


async def test_two_are_done_at_once_so_that_a_slow_one_delays_nobody_much(office):
    both = threading.Barrier(2, timeout=5)

    @office.router.errand("meet", ending=lambda tick, errand, result: office.done.append(errand.key))
    def meet(trip):
        both.wait()

    await office.queue("meet", "a")
    await office.queue("meet", "b")

    await office.worker().once()

    assert sorted(office.done) == ["a", "b"]


async def test_a_worker_outlives_a_database_that_takes_nothing(office):
    worker = office.worker()
    task = asyncio.create_task(worker.run())
    await asyncio.sleep(0.05)
    office.database.close()
    worker.wake()
    await asyncio.sleep(0.1)

    assert not task.done()
    task.cancel()
    await asyncio.wait([task])
