import math
from collections import deque
from heapq import heappop, heappush
from itertools import pairwise
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.pacing import GUARD, SHARE, AccountPacer, Backoff, ChatPacer, ChatPaces

HOUR = 3600.0


class StrictWindow:
    """Judges as the strictest platform would: at most ``most`` accepted in any ``seconds``."""

    def __init__(self, most, seconds=1.0):
        self._most = most
        self._seconds = seconds
        self._accepted = deque()

    def accepts(self, now):
        while self._accepted and self._accepted[0] <= now - self._seconds:
            self._accepted.popleft()
        if len(self._accepted) < self._most:
            self._accepted.append(now)
            return True
        return False


def write_all(pacer, sends, *, jitter, wakes_late=0.0, seed=1):
    """When ``sends`` messages are really written: up to ``jitter`` seconds after their slots."""
    random = Random(seed)
    now, under_way, written = 0.0, [], []
    while len(written) < sends:
        at = pacer.earliest(now)
        if under_way and under_way[0] <= max(now, at):
            now = max(now, under_way[0])
            pacer.sent(heappop(under_way))
        elif at > now:
            now = at + random.uniform(0, wakes_late)
        else:
            pacer.take(now)
            written.append(now + random.uniform(0, jitter))
            heappush(under_way, written[-1])
    return sorted(written)


def share_of_limit(written, limit):
    return (len(written) - 1) / (written[-1] - written[0]) / limit


# The account


@pytest.mark.parametrize(
    ("jitter", "least"), [(0.0, 0.979), (0.005, 0.975), (0.025, 0.96), (0.080, 0.91)], ids=str
)
@pytest.mark.parametrize(("limit", "sends"), [(30, 3000), (1, 60), (1000, 6000), (10_000, 30_000)], ids=str)
def test_reaches_the_limit_without_a_refusal_however_writes_jitter(limit, sends, jitter, least):
    written = write_all(AccountPacer(limit), sends, jitter=jitter, wakes_late=0.001)

    judge = StrictWindow(limit)
    assert all(judge.accepts(at) for at in written)
    assert share_of_limit(written, limit) >= least


# In tenths of a second, so that ties happen: when the caller asks next, and how long a write then takes.
stalls = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 30)), min_size=1, max_size=60)


@given(stalls, st.sampled_from([1, 2, 3, 5, 10]))
def test_no_window_holds_more_than_the_limit_however_writes_stall_and_overtake(stalls, limit):
    pacer, judge = AccountPacer(limit), StrictWindow(limit)
    now, under_way = 0.0, []
    for waited, stalled in stalls:
        now += waited / 10
        while (under_way and under_way[0] <= now) or pacer.earliest(now) == math.inf:
            now = max(now, under_way[0])
            pacer.sent(written := heappop(under_way))
            assert judge.accepts(written)
        heappush(under_way, pacer.take(now) + stalled / 10)


def test_slots_are_even_and_just_below_the_limit():
    pacer = AccountPacer(30)

    slots = [pacer.take(0.0) for _ in range(30)]

    assert slots == pytest.approx([n / (30 * SHARE) for n in range(30)])


def test_a_window_begins_when_the_message_was_really_written():
    pacer = AccountPacer(1)
    pacer.take(0.0)

    pacer.sent(0.5)

    assert pacer.earliest(0.5) == pytest.approx(1.5 + GUARD)


def test_a_caller_that_wakes_a_little_late_keeps_its_place():
    pacer = AccountPacer(10 / SHARE)

    assert [pacer.take(0.0), pacer.take(0.12), pacer.earliest(0.12)] == pytest.approx([0.0, 0.12, 0.2])


def test_silence_is_not_made_up_for_by_a_burst():
    pacer = AccountPacer(10 / SHARE)
    pacer.take(0.0)

    assert [pacer.take(HOUR), pacer.take(HOUR)] == pytest.approx([HOUR, HOUR + 0.1])


def test_asking_takes_nothing():
    pacer = AccountPacer(30)

    assert [pacer.earliest(5.0), pacer.earliest(5.0), pacer.take(5.0)] == [5.0, 5.0, 5.0]


def test_waits_for_a_write_when_all_permits_are_out():
    pacer = AccountPacer(2)
    pacer.take(0.0)
    pacer.take(1.0)

    assert pacer.earliest(HOUR) == math.inf
    with pytest.raises(IndexError):
        pacer.take(HOUR)

    pacer.sent(HOUR)

    assert pacer.earliest(HOUR) == pytest.approx(HOUR + 1 + GUARD)


def test_a_platform_may_allow_less_than_one_message_a_second():
    written = write_all(AccountPacer(0.1), 40, jitter=0.0)

    assert min(later - earlier for earlier, later in pairwise(written)) >= 10
    assert share_of_limit(written, 0.1) >= 0.975


# Refusals


def test_a_refusal_silences_the_account_and_slows_it():
    pacer = AccountPacer(10 / SHARE)
    pacer.take(0.0)

    pacer.refused(0.05, 7)

    assert [pacer.take(0.05), pacer.earliest(0.05), pacer.rate] == pytest.approx(
        [7.05, 7.05 + 1 / 9.707, 9.707]
    )


def test_refusals_during_one_pause_slow_the_account_once():
    pacer = AccountPacer(10 / SHARE)

    for n in range(20):
        pacer.refused(n / 100, 3)

    assert (pacer.rate, pacer.earliest(0.2)) == pytest.approx((9.7, 3.19))


def test_a_shorter_pause_does_not_end_a_longer_one():
    pacer = AccountPacer(30)
    pacer.pause(0.0, 10_072)

    pacer.pause(1.0, 5)
    pacer.refused(2.0, 1)

    assert pacer.earliest(3.0) == 10_072


def test_the_rate_comes_back_slowly():
    pacer = AccountPacer(10 / SHARE)
    pacer.refused(0.0, 1)
    rates = []
    for now in [1.0, 101.0, 201.0, 301.0, HOUR]:
        pacer.sent(pacer.take(now))
        rates.append(pacer.rate)

    assert rates == pytest.approx([9.701, 9.801, 9.901, 10.0, 10.0])


def test_something_is_tried_however_often_it_was_refused():
    pacer = AccountPacer(10 / SHARE)
    for n in range(500):
        pacer.refused(float(n), 0.5)

    assert pacer.rate == pytest.approx(1.0, rel=0.01)


def test_finds_the_rate_of_a_platform_that_bears_less_than_it_says():
    pacer, judge = AccountPacer(30), StrictWindow(27)
    now, refused, sends = 0.0, 0, 0
    while now < HOUR / 2:
        now = pacer.earliest(now)
        pacer.take(now)
        pacer.sent(now)
        sends += 1
        if not judge.accepts(now):
            pacer.refused(now, 1)
            refused += 1

    assert refused <= 15
    assert sends / now >= 0.95 * 27


def test_nothing_is_written_before_the_time_a_refusal_named():
    """R-06: three calls in ten are refused, for one to thirty seconds; answers take their time."""
    random = Random(6)
    pacer = AccountPacer(30)
    now, silent_until, answers, calls = 0.0, 0.0, [], 0
    while calls < 10_000:
        at = pacer.earliest(now)
        if answers and answers[0] <= at:
            now = heappop(answers)
            if random.random() < 0.3:
                pause = random.randint(1, 30)
                silent_until = max(silent_until, now + pause)
                pacer.refused(now, pause)
        else:
            now = at
            calls += 1
            assert pacer.take(now) >= silent_until
            pacer.sent(now)
            heappush(answers, now + random.uniform(0.02, 0.08))


# Chats


def send_to(chats, chat, sends, *, jitter=0.0, group=False):
    """When messages to one chat are written if they wait for nothing but the chat."""
    random = Random(3)
    now, written = 0.0, []
    for _ in range(sends):
        now = chats.earliest(chat, now) + random.uniform(0, jitter)
        chats.sent(chat, now, group=group)
        written.append(now)
    return written


def test_a_private_chat_gets_a_few_at_once_and_then_one_each_second():
    written = send_to(ChatPaces(), "anna", 6)

    assert written == pytest.approx([0, 0, 0, 1.05, 2.1, 3.15])


def test_a_private_chat_has_its_burst_again_after_a_silence():
    chats = ChatPaces()
    send_to(chats, "anna", 6)
    for _ in range(3):
        assert chats.earliest("anna", HOUR) == pytest.approx(HOUR)
        chats.sent("anna", HOUR)

    assert chats.earliest("anna", HOUR) == pytest.approx(HOUR + 1.05)


def test_a_group_gets_no_more_than_twenty_in_any_minute():
    written = send_to(ChatPaces(), "ryhmä", 200, jitter=0.08, group=True)

    judge = StrictWindow(20, 60.0)
    assert all(judge.accepts(at) for at in written)
    assert len(written) / (written[-1] - written[0]) >= 0.98 * 20 / 60


def test_a_window_and_not_a_bucket_holds_in_a_group():
    chats = ChatPaces(gap=0.0, burst=1)
    for n in range(20):
        chats.sent("ryhmä", 30.0 + n, group=True)

    assert chats.earliest("ryhmä", 59.0) == pytest.approx(90.05)


def test_one_slow_chat_does_not_delay_the_others():
    chats = ChatPaces()
    chats.sent("hidas", 0.0)

    chats.refused("hidas", 0.1, 30)

    assert [chats.earliest(chat, 0.1) for chat in ("hidas", "anna", "berit")] == [30.1, 0.1, 0.1]


def test_a_chat_stays_silent_for_the_longest_pause_it_asked_for():
    chat = ChatPacer(gap=1.0, burst=3)
    chat.refused(0.0, 10_072)
    chat.refused(1.0, 5)

    assert chat.earliest(2.0) == 10_072


@given(
    st.lists(
        st.tuples(st.sampled_from("abcde"), st.integers(0, 6), st.booleans(), st.booleans()), max_size=80
    )
)
def test_forgetting_idle_chats_changes_no_answer(steps):
    paces, remembered, now = ChatPaces(gap=1.0, burst=2, group_most=3, group_window=4.0), {}, 0.0
    for chat, waited, group, refused in steps:
        now += waited / 2
        own = remembered.setdefault(
            (chat, group),
            ChatPacer(gap=1.0, burst=2, most=3, window=4.0) if group else ChatPacer(gap=1.0, burst=2),
        )

        assert paces.earliest((chat, group), now) == own.earliest(now)

        if refused:
            paces.refused((chat, group), now, waited, group=group)
            own.refused(now, waited)
        else:
            paces.sent((chat, group), now, group=group)
            own.sent(now)


def test_remembers_only_chats_that_spoke_lately():
    chats = ChatPaces()
    chats.refused("hidas", 0.0, HOUR)
    most = 0
    for n in range(20_000):
        chats.sent(n, n / 30, group=n % 2 == 0)
        most = max(most, len(chats))

    assert most <= 2 * 30 * 61
    assert chats.earliest("hidas", 700.0) == HOUR


def test_a_crowd_is_forgotten_by_the_time_as_many_others_have_spoken():
    chats = ChatPaces()
    for n in range(1000):
        chats.sent(n, 0.0)
    for n in range(1000):
        chats.sent(f"other {n}", HOUR + 10 * n)

    assert len(chats) <= 2


# Between attempts


def test_each_delay_is_twice_the_one_before_up_to_a_cap():
    backoff = Backoff(first=1.0, most=60.0)

    delays = [backoff.delay(attempts, jitter=1.0) for attempts in range(1, 9)]

    assert delays == [1, 2, 4, 8, 16, 32, 60, 60]


def test_jitter_spreads_over_the_upper_half_of_the_delay():
    backoff = Backoff()

    assert [backoff.delay(4, jitter=jitter) for jitter in (0.0, 0.5, 1.0)] == [4, 6, 8]


def test_any_number_of_attempts_has_a_delay():
    assert Backoff(most=300.0).delay(10**9, jitter=1.0) == 300
