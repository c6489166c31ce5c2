"""How fast the bot may speak, and what goes wrong on the way (PLATFORMS.md 1.4, points 3 and 7)."""

import asyncio
from datetime import timedelta

import aiohttp
import pytest
from hypothesis import given
from hypothesis import strategies as st
from telegram import Bot
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut

from tests.doubles.bot_api import BotApi, Limits
from tests.doubles.bot_api.errors import ApiError
from tests.doubles.bot_api.limits import Gate
from tests.doubles.conftest import Call

TENTH = 0.125  # seconds; exact in binary, so that ties happen
moments = st.lists(st.integers(0, 400), max_size=120).map(sorted)


def admitted(gate: Gate, chat_id: int, now: float, *, group: bool = False) -> bool:
    try:
        gate.admit(chat_id, now, group=group, paid=False)
    except ApiError:
        return False
    return True


def without_pauses(gate: Gate) -> Gate:
    """Let each message be judged by the window alone."""
    gate._pauses = _Forgetful()
    return gate


class _Forgetful(dict):
    def __setitem__(self, key, value):
        pass


@given(moments)
def test_the_account_gets_what_any_second_bears_and_no_more(ticks):
    gate = without_pauses(Gate(Limits(per_second=5)))
    times = [tick * TENTH for tick in ticks]

    sent: list[float] = []
    for chat_id, now in enumerate(times):
        due = sum(now - before < 1 for before in sent) < 5
        assert admitted(gate, chat_id, now) is due
        if due:
            sent.append(now)


@given(moments)
def test_a_group_gets_what_any_minute_bears_and_no_more(ticks):
    gate = without_pauses(Gate(Limits(group_most=4, group_window=6.0, chat_burst=100)))
    times = [tick * TENTH for tick in ticks]

    sent: list[float] = []
    for now in times:
        due = sum(now - before < 6 for before in sent) < 4
        assert admitted(gate, -5, now, group=True) is due
        if due:
            sent.append(now)


@given(moments)
def test_a_chat_gets_a_small_burst_and_then_one_a_second(ticks):
    gate = without_pauses(Gate(Limits(chat_burst=3)))
    times = [tick * TENTH for tick in ticks]

    sent = [now for now in times if admitted(gate, 7, now)]

    for first in range(len(sent)):
        for last in range(first, len(sent)):
            assert last - first + 1 <= 3 + (sent[last] - sent[first])


def test_a_chat_that_is_paced_evenly_is_never_refused():
    gate = Gate(Limits(chat_burst=1))

    assert all(admitted(gate, 7, now) for now in range(100))


def test_who_comes_within_a_pause_is_refused_and_counted_even_when_there_is_room():
    gate = Gate(Limits(per_second=1, retry_after=10))
    answers = [
        admitted(gate, chat_id, now) for chat_id, now in ((1, 0.0), (2, 0.5), (3, 5.0), (4, 10.25), (5, 11.0))
    ]

    assert answers == [True, False, False, False, True]
    assert (gate.refused, gate.refused_in_pause) == (3, 2)


def test_a_pause_of_one_chat_is_not_everybodys():
    gate = Gate(Limits(chat_burst=1))

    assert [admitted(gate, chat_id, 0.0) for chat_id in (7, 7, 8)] == [True, False, True]


@pytest.mark.asyncio
async def test_the_thirty_first_in_a_second_is_told_to_wait(api: BotApi, session: aiohttp.ClientSession):
    api.crowd_says("moi", range(1, 41))
    url = f"{api.url}/bot{api.token}/sendMessage"

    answers = []
    for chat_id in range(1, 32):
        async with session.post(url, json={"chat_id": chat_id, "text": "moi"}) as answer:
            answers.append((answer.status, answer.headers.get("Retry-After"), await answer.json()))

    assert [status for status, _, _ in answers] == [200] * 30 + [429]
    assert answers[-1][1:] == (
        "1",
        {
            "ok": False,
            "error_code": 429,
            "description": "Too Many Requests: retry after 1",
            "parameters": {"retry_after": 1},
        },
    )
    assert api.ledger.most_in_any(1.0) == 30


@pytest.mark.asyncio
async def test_a_wait_may_be_hours(api: BotApi, bot: Bot):
    api.person(7, started=True)
    api.sets_limits(Limits(chat_burst=1, retry_after=10_072))

    await bot.send_message(7, "a")
    with pytest.raises(RetryAfter) as told:
        await bot.send_message(7, "b")
    assert told.value.retry_after == timedelta(seconds=10_072)
    api.lets_time_pass(10_071)
    with pytest.raises(RetryAfter):
        await bot.send_message(7, "b")
    api.lets_time_pass(1)
    await bot.send_message(7, "b")

    assert [sent.text for sent in api.ledger.sent] == ["a", "b"]


@pytest.mark.asyncio
async def test_paid_broadcasts_have_a_window_of_their_own(api: BotApi, call: Call):
    api.sets_limits(Limits(per_second=1, paid_per_second=2, paid=True))
    api.crowd_says("moi", range(1, 6))

    free = [(await call("sendMessage", chat_id=number, text="a"))["ok"] for number in (1,)]
    paid = [
        (await call("sendMessage", chat_id=number, text="a", allow_paid_broadcast=True))["ok"]
        for number in (2, 3, 4)
    ]

    assert (free, paid) == ([True], [True, True, False])


@pytest.mark.asyncio
async def test_new_limits_forget_what_was_counted(api: BotApi, call: Call):
    api.person(7, started=True)

    before = [(await call("sendMessage", chat_id=7, text="a"))["ok"] for _ in range(4)]
    api.sets_limits(Limits())

    assert before == [True, True, True, False]
    assert (await call("sendMessage", chat_id=7, text="a"))["ok"]


@pytest.mark.asyncio
async def test_without_limits_nothing_is_too_fast(api: BotApi, call: Call):
    api.sets_limits(None)
    api.person(7, started=True)

    assert [(await call("sendMessage", chat_id=7, text="a"))["ok"] for _ in range(60)] == [True] * 60


# 7. Faults.


@pytest.mark.asyncio
async def test_a_cut_connection_may_come_before_or_after_acceptance(api: BotApi, bot: Bot):
    api.person(7, started=True)

    api.sets_fault("cut", when="before", method="sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(7, "a")
    api.sets_fault("cut", when="after", method="sendMessage")
    with pytest.raises(NetworkError):
        await bot.send_message(7, "b")
    await bot.send_message(7, "c")

    assert [sent.text for sent in api.ledger.sent] == ["b", "c"]
    assert api.ledger.calls["sendMessage"] == 3


@pytest.mark.asyncio
@pytest.mark.parametrize("status", [500, 502])
async def test_a_proxy_may_fail_before_or_after_acceptance(api: BotApi, bot: Bot, status):
    api.person(7, started=True)
    api.sets_fault("status", status=status)
    api.sets_fault("status", status=status, when="after", skip=1)

    for text in "ab":
        with pytest.raises(NetworkError):
            await bot.send_message(7, text)

    assert [sent.text for sent in api.ledger.sent] == ["b"]


@pytest.mark.asyncio
async def test_an_answer_may_be_no_json(api: BotApi, bot: Bot):
    api.person(7, started=True)
    api.sets_fault("garbage", when="after", chat_id=7)

    with pytest.raises(TelegramError, match="Invalid server response"):
        await bot.send_message(7, "a")

    assert [sent.text for sent in api.ledger.sent] == ["a"]


@pytest.mark.asyncio
async def test_silence_lasts_until_the_client_gives_up(api: BotApi, bot: Bot):
    api.person(7, started=True)
    api.sets_fault("silence", when="after", method="sendMessage")

    with pytest.raises(TimedOut):
        await bot.send_message(7, "a", read_timeout=0.1)

    assert [sent.text for sent in api.ledger.sent] == ["a"]


@pytest.mark.asyncio
async def test_a_delay_may_come_before_or_after_acceptance(api: BotApi, bot: Bot):
    api.person(7, started=True)
    api.sets_fault("delay", when="after", seconds=0.2)
    slow = asyncio.ensure_future(bot.send_message(7, "a"))
    await api.sent_to(7)

    assert not slow.done()

    await slow
    api.sets_fault("delay", seconds=(0.2, 0.3))
    slow = asyncio.ensure_future(bot.send_message(7, "b"))
    await asyncio.sleep(0.1)

    assert len(api.ledger.sent) == 1
    assert (await slow).text == "b"


@pytest.mark.asyncio
async def test_a_refusal_by_rate_can_be_ordered_and_troubles_taken_away(api: BotApi, bot: Bot):
    api.person(7, started=True)
    api.sets_fault("throttle", seconds=10_072, times=None)

    for _ in range(2):
        with pytest.raises(RetryAfter):
            await bot.send_message(7, "a")
    api.clears_faults()
    await bot.send_message(7, "b")

    assert [each.code for each in api.ledger.refused] == [429, 429]
    assert [sent.text for sent in api.ledger.sent] == ["b"]


@pytest.mark.asyncio
async def test_waiting_for_what_does_not_come_ends_with_what_is_known(api: BotApi, call: Call):
    await call("sendMessage", chat_id=7, text="moi")

    with pytest.raises(TimeoutError, match="0 accepted, last refused: Bad Request: chat not found"):
        await api.sent_to(7, timeout=0.05)
