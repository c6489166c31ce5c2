"""The sweep over a real database, in virtual time."""

import asyncio
from datetime import timedelta

import pytest

from bot.router import DueJob
from bot.store.vault import Vault
from bot.sweep import LAST, LONGEST_SLEEP, STEPS, Sweep
from tests.doubles.virtual_time import START, WatchedDatabase, monotonic, now, run
from tests.support import empty_database

SECOND = timedelta(seconds=1)


@pytest.fixture
def database(tmp_path):
    database = WatchedDatabase(empty_database(tmp_path / "vertti.db"), Vault(bytes(32)))
    database.open()
    yield database
    database.close()


class Diary:
    """A job with a list of instants at which it is due, kept in the store as real jobs keep theirs."""

    def __init__(self, name, *, fails=0, breaks=0):
        self.name = name
        self.runs = []  # (when it ran, what it took)
        self.fails = fails
        self.breaks = breaks

    def entries(self, store):
        text = store.books.bookmark(self.name) or ""
        return [int(each) for each in text.split()]

    def add(self, store, *seconds):
        store.books.set_bookmark(self.name, " ".join(map(str, sorted([*self.entries(store), *seconds]))))
        store.wake()

    def next_due(self, store):
        if self.breaks:
            self.breaks -= 1
            raise LookupError
        entries = self.entries(store)
        return START + entries[0] * SECOND if entries else None

    def run(self, tick):
        if self.fails:
            self.fails -= 1
            raise ZeroDivisionError
        first, *rest = self.entries(tick.store)
        tick.store.books.set_bookmark(self.name, " ".join(map(str, rest)))
        self.runs.append((tick.now, first))
        return bool(rest)

    @property
    def job(self):
        return DueJob(self.name, self.run, self.next_due)

    @property
    def taken(self):
        return [first for _, first in self.runs]


def sweeping(database, *diaries, seconds, story=None):
    """Let a sweep run for so many virtual seconds, with something happening beside it."""

    async def whole():
        sweep = Sweep(database, [each.job for each in diaries], None, now)
        loop = asyncio.get_running_loop()
        await database.write(
            lambda store: setattr(store, "on_work", lambda: loop.call_soon_threadsafe(sweep.wake))
        )
        task = asyncio.create_task(sweep.run())
        if story is not None:
            await story()
        await asyncio.sleep(seconds - monotonic())
        assert not task.done()
        task.cancel()
        await asyncio.wait([task])
        return sweep

    return run(database, whole())


def late(diary):
    return [(ran - (START + first * SECOND)).total_seconds() for ran, first in diary.runs]


def test_what_is_due_runs_when_it_is_due_and_once(database):
    diary = Diary("diary")
    database.submit(lambda store: diary.add(store, 5, 17, 17, 100)).result(5)

    sweeping(database, diary, seconds=200)

    assert diary.taken == [5, 17, 17, 100]
    assert all(0 <= each <= 0.05 for each in late(diary))


def test_what_is_added_meanwhile_wakes_it(database):
    diary = Diary("diary")

    async def story():
        await asyncio.sleep(10)
        await database.write(lambda store: diary.add(store, 12))

    sweeping(database, diary, seconds=60, story=story)

    assert diary.taken == [12]
    assert late(diary)[0] <= 0.05


def test_what_fell_due_while_nobody_looked_runs_after_a_restart(database):
    diary = Diary("diary")
    sweeping(database, diary, seconds=100)
    database.submit(lambda store: diary.add(store, -40, -20)).result(5)

    sweeping(database, diary, seconds=10)

    assert diary.taken == [-40, -20]


def test_it_writes_down_that_it_was_there_each_half_minute_and_no_oftener(database):
    """Else a full disk would be found out by the first who says something, and a busy house would write all day."""
    found = []

    async def story():
        for _ in range(100):
            await database.write(lambda store: store.wake())
            await asyncio.sleep(1)
            found.append(await database.write(lambda store: store.books.bookmark(LAST)))

    sweeping(database, Diary("diary"), seconds=101, story=story)

    assert sorted(set(found)) == [now_at(seconds).isoformat() for seconds in (0, 30, 60, 90)]


def test_a_job_with_much_to_do_lets_the_others_have_their_turn(database):
    busy, other = Diary("busy"), Diary("other")
    many = STEPS * 2 + 50

    async def story():
        await database.write(lambda store: busy.add(store, *[0] * many))
        await database.write(lambda store: other.add(store, 0))

    sweeping(database, busy, other, seconds=20, story=story)

    assert len(busy.runs) == many
    assert other.taken == [0]
    assert other.runs[0][0] < busy.runs[-1][0], "between two helpings of the busy one"


def test_a_failing_job_stops_no_other_and_comes_again_less_and_less_often(database, capsys):
    broken, fine = Diary("broken", fails=1000), Diary("fine")
    database.submit(lambda store: (broken.add(store, 1), fine.add(store, 2, 50))).result(5)

    async def story():
        """Something is added again and again, which wakes the sweep."""
        for _ in range(90):
            await asyncio.sleep(1)
            await database.write(lambda store: store.wake())

    sweeping(database, broken, fine, seconds=100, story=story)

    assert fine.taken == [2, 50]
    tries = 1000 - broken.fails
    assert 4 <= tries <= 10
    said = capsys.readouterr().err
    assert said.count("job.failed") == tries
    assert "ZeroDivisionError" in said
    assert "test_sweep.py" in said, "where it failed"


def test_a_job_that_recovers_has_missed_nothing(database):
    broken = Diary("broken", fails=3)
    database.submit(lambda store: broken.add(store, 5, 6)).result(5)

    sweeping(database, broken, seconds=100)

    assert broken.taken == [5, 6]


def test_a_job_that_cannot_even_say_when_it_is_due_stops_no_other(database):
    broken, fine = Diary("broken", breaks=1000), Diary("fine")
    database.submit(lambda store: fine.add(store, 2)).result(5)

    sweeping(database, broken, fine, seconds=100)

    assert fine.taken == [2]
    assert 1000 - broken.breaks <= 10


def test_a_job_that_says_it_is_done_and_is_due_all_the_same_does_not_spin(database):
    runs = []
    stuck = DueJob("stuck", lambda tick: runs.append(tick.now) or False, lambda _: START)

    class Stuck:
        job = stuck

    sweeping(database, Stuck, seconds=20)

    assert 15 <= len(runs) <= 25


def test_at_rest_it_looks_every_half_minute_and_leaves_the_writer_in_peace(database):
    sweep = sweeping(database, Diary("a"), Diary("b"), seconds=100 * LONGEST_SLEEP)

    assert database.orders <= 2 * 101 + 2
    assert (now_at(100 * LONGEST_SLEEP) - sweep.last) <= LONGEST_SLEEP * SECOND


def now_at(seconds):
    return START + seconds * SECOND


def test_a_clock_that_was_set_back_or_on_neither_doubles_nor_loses(database):
    """Jumps of the clock of the house while the loop's own clock goes on."""
    diary = Diary("diary")
    jumps = {20: 3600.0, 60: -7200.0, 100: 86_400.0}
    shift = 0.0

    async def story():
        nonlocal shift
        sweep = Sweep(database, [diary.job], None, lambda: now() + shift * SECOND)
        await database.write(lambda store: diary.add(store, 10, 1800, 5000, 80_000))
        task = asyncio.create_task(sweep.run())
        for at in range(200):
            shift += jumps.get(at, 0.0)
            await asyncio.sleep(1)
        task.cancel()
        await asyncio.wait([task])

    run(database, story())

    assert diary.taken == [10, 1800, 5000, 80_000]


def test_a_database_that_is_closed_is_waited_for_without_spinning(database):
    diary = Diary("diary")

    async def story():
        sweep = Sweep(database, [diary.job], None, now)
        task = asyncio.create_task(sweep.run())
        await asyncio.sleep(1)
        database.close()
        before = database.orders
        await asyncio.sleep(60)
        task.cancel()
        await asyncio.wait([task])
        return database.orders - before, task.cancelled()

    assert run(database, story()) == (0, True)
