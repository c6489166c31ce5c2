"""The double in a process of its own."""

import subprocess
import sys
from collections.abc import Iterator

import pytest
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup
from telegram.error import Forbidden, NetworkError, RetryAfter

from tests.doubles.bot_api import TOKEN, BotApiProcess, File, Limits
from tests.doubles.bot_api.remote import ROOT

MENU = InlineKeyboardMarkup([[InlineKeyboardButton("Lisää", callback_data="more")]])


@pytest.fixture
def served() -> Iterator[BotApiProcess]:
    with BotApiProcess(query_life=5) as api:
        yield api


def bot_of(api: BotApiProcess) -> Bot:
    return Bot(TOKEN, base_url=f"{api.url}/bot")


@pytest.mark.asyncio
async def test_another_process_plays_the_people_and_reads_the_ledger(served: BotApiProcess):
    aino = served.person(7, language_code="sv")
    aino.says("aloita")
    async with bot_of(served) as bot:
        [update] = await bot.get_updates()
        await bot.send_message(7, "Hei", reply_markup=MENU)
        await bot.send_document(7, b"BEGIN:VCALENDAR", filename="a.ics")
        press = aino.presses(aino.hears(), "Lisää")
        [query] = await bot.get_updates(offset=update.update_id + 1)
        assert query.callback_query
        await bot.answer_callback_query(query.callback_query.id, "Tässä")
        aino.blocks_bot()
        with pytest.raises(Forbidden):
            await bot.send_message(7, "Hei")

    ledger = served.ledger()

    assert served.answered(press) == "Tässä"
    assert [(each.text, each.labels, each.file) for each in ledger.sent] == [
        ("Hei", ("Lisää",), None),
        ("", (), File("a.ics", "text/calendar", b"BEGIN:VCALENDAR")),
    ]
    assert served.sent_to(aino, 2) == ledger.sent == served.sent(2)
    assert [each.description for each in ledger.refused] == ["Forbidden: bot was blocked by the user"]
    assert (ledger.calls["sendMessage"], ledger.calls["sendDocument"]) == (2, 1)
    assert served.ledger(after=1).sent == ledger.sent[1:]


@pytest.mark.asyncio
async def test_groups_faults_limits_and_time_can_be_ordered_too(served: BotApiProcess, monkeypatch):
    monkeypatch.setenv("PTB_TIMEDELTA", "1")
    aino = served.person(8)
    group = served.group(-5, "Ryhmä")
    group.adds_bot(aino)
    aino.says("/seuraa@vertti_test_bot", into=group)
    served.feeds_malformed()
    served.sets_fault("status", when="after", method="sendMessage")
    served.sets_limits(Limits(chat_burst=1))
    async with bot_of(served) as bot:
        with pytest.raises(NetworkError):
            await bot.send_message(-5, "a")
        with pytest.raises(RetryAfter):
            await bot.send_message(-5, "b")
        served.lets_time_pass(5)
        await bot.send_message(-5, "c")

    assert group.sees() == ["a", "c"]


def test_a_helper_that_is_not_there_or_fails_says_so(served: BotApiProcess):
    with pytest.raises(RuntimeError, match="LookupError: shouts"):
        served.person(7).shouts("moi")
    with pytest.raises(RuntimeError, match="TimeoutError: not within"):
        served.sent_to(123, timeout=0.01)


def test_many_people_speak_at_once_and_each_answer_is_timed():
    with BotApiProcess(limits=None) as api:
        api.crowd_says("seuraava", range(1, 1501))
        asked = api.ledger().questions

    assert len(asked) == 1500
    assert [(each.chat_id, each.given_at, each.answered_at) for each in asked[::1499]] == [
        (1, None, None),
        (1500, None, None),
    ]


def test_it_can_be_started_by_hand():
    command = [sys.executable, "-m", "tests.doubles.bot_api", "--port", "0", "--no-limits", "--leashed"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout
        assert process.stdin
        address = process.stdout.readline().decode()
        process.stdin.close()

        assert process.wait(5) == 0
    assert address.startswith("http://127.0.0.1:")
