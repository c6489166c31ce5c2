"""How updates reach the bot, by polling and by webhook (PLATFORMS.md 1.4, point 2)."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable

import pytest
import pytest_asyncio
from aiohttp import web
from telegram import Bot, Update
from telegram.error import BadRequest, Conflict, RetryAfter

from tests.doubles.bot_api import BotApi
from tests.doubles.conftest import Call

pytestmark = pytest.mark.asyncio

DAY = 24 * 3600


def texts(updates: tuple[Update, ...]) -> list[str | None]:
    return [update.message.text for update in updates if update.message]


async def test_a_poll_is_held_until_somebody_says_something(api: BotApi, bot: Bot):
    poll = asyncio.ensure_future(bot.get_updates(timeout=10))
    await asyncio.sleep(0.1)

    assert not poll.done()

    api.person(7, language_code="sv", first_name="Siiri").says("hej")
    [update] = await poll

    assert update.message
    assert update.message.from_user
    assert (update.message.text, update.message.chat.id) == ("hej", 7)
    assert (update.message.from_user.language_code, update.message.from_user.first_name) == ("sv", "Siiri")


async def test_a_poll_ends_empty_when_its_time_is_over(call: Call):
    began = time.monotonic()

    assert (await call("getUpdates", timeout=1))["result"] == []
    assert 0.9 < time.monotonic() - began < 3


async def test_updates_come_again_until_a_higher_offset_confirms_them(api: BotApi, bot: Bot):
    aino = api.person(7)
    for text in "abc":
        aino.says(text)

    first = await bot.get_updates()
    again = await bot.get_updates(offset=first[0].update_id)
    rest = await bot.get_updates(offset=first[1].update_id + 1)

    assert texts(first) == texts(again) == ["a", "b", "c"]
    assert texts(rest) == texts(await bot.get_updates()) == ["c"]
    assert [update.update_id for update in first] == [first[0].update_id + number for number in range(3)]


async def test_at_most_a_hundred_come_at_once(api: BotApi, bot: Bot):
    api.crowd_says("moi", range(1, 131))

    assert [len(await bot.get_updates(limit=limit)) for limit in (100, 3)] == [100, 3]


async def test_a_negative_offset_throws_away_all_but_the_last(api: BotApi, bot: Bot):
    aino = api.person(7)
    for text in "abcd":
        aino.says(text)

    assert texts(await bot.get_updates(offset=-2)) == ["c", "d"]
    assert texts(await bot.get_updates()) == ["c", "d"]


async def test_an_update_waits_for_a_day(api: BotApi, bot: Bot):
    aino = api.person(7)
    aino.says("eilen")
    api.lets_time_pass(DAY - 10)
    aino.says("tänään")
    api.lets_time_pass(20)

    assert texts(await bot.get_updates()) == ["tänään"]


async def test_the_kinds_asked_for_are_remembered(api: BotApi, bot: Bot):
    aino = api.person(7)
    await bot.get_updates(allowed_updates=["message"])
    aino.blocks_bot()
    aino.unblocks_bot()
    aino.says("a")
    first = await bot.get_updates()
    await bot.get_updates(offset=first[-1].update_id + 1, allowed_updates=[])
    aino.blocks_bot()

    assert texts(first) == ["a"]
    assert [update.my_chat_member is not None for update in await bot.get_updates()] == [True]


async def test_members_changes_come_only_when_asked_for_and_to_an_admin(api: BotApi, bot: Bot):
    aino, onni = api.person(7), api.person(8)
    group = api.group(-5)
    group.adds_bot(aino, can_invite_users=True)
    group.joins(onni)
    first = await bot.get_updates()
    await bot.get_updates(offset=first[-1].update_id + 1, allowed_updates=["chat_member"])
    group.leaves(onni)
    group.joins(onni)
    [asked] = await bot.get_updates()
    await bot.get_updates(offset=asked.update_id + 1, allowed_updates=[])
    group.joins(onni, "administrator")
    by_default = await bot.get_updates()

    assert [update.chat_member for update in (*first, *by_default) if update.chat_member] == []
    assert asked.chat_member
    assert asked.chat_member.new_chat_member.user.id == 8


async def test_an_unknown_kind_is_refused(call: Call):
    assert (await call("getUpdates", allowed_updates=["mesage"]))["error_code"] == 400


async def test_of_two_polls_the_older_gets_the_conflict(api: BotApi, bot: Bot, call: Call):
    older = asyncio.ensure_future(bot.get_updates(timeout=10))
    await asyncio.sleep(0.1)
    younger = asyncio.ensure_future(call("getUpdates", timeout=10))

    with pytest.raises(
        Conflict, match=r"terminated by other getUpdates request; make sure that only one bot"
    ):
        await older
    api.person(7).says("moi")

    assert len((await younger)["result"]) == 1


async def test_there_is_no_polling_under_a_webhook(api: BotApi, bot: Bot):
    await bot.set_webhook("https://example.org/telegram")

    with pytest.raises(
        Conflict, match=r"can't use getUpdates method while webhook is active; use deleteWebhook"
    ):
        await bot.get_updates()
    await bot.delete_webhook()

    assert await bot.get_updates() == ()


async def test_a_malformed_update_breaks_the_batch_for_the_library_but_not_for_others(
    api: BotApi, bot: Bot, call: Call, caplog: pytest.LogCaptureFixture
):
    api.person(7).says("ennen")
    number = api.feeds_malformed()
    api.person(7).says("jälkeen")

    with pytest.raises(KeyError):
        await bot.get_updates()
    answer = await call("getUpdates")

    assert [update["update_id"] - number for update in answer["result"]] == [-1, 0, 1]


async def test_voices_photos_and_edits_come_as_they_are(api: BotApi, bot: Bot):
    aino = api.person(7)
    aino.sends_voice()
    aino.sends_photo("kukka")
    aino.edits(aino.says("a"), "b")

    voice, photo, said, edited = await bot.get_updates()

    assert voice.message
    assert voice.message.voice
    assert photo.message
    assert (photo.message.photo[0].width, photo.message.caption) == (90, "kukka")
    assert said.message
    assert edited.edited_message
    assert edited.edited_message.text == "b"
    assert edited.edited_message.message_id == said.message.message_id


async def test_a_question_is_timed_from_feeding_to_answer(api: BotApi, bot: Bot):
    api.crowd_says("seuraava", range(1, 4))
    await bot.get_updates(limit=2)
    await bot.send_message(2, "ti 24.11.")
    await bot.send_message(3, "ti 24.11.")

    known = [
        (each.chat_id, each.given_at is not None, each.answered_at is not None)
        for each in api.ledger.questions
    ]
    assert known == [(1, True, False), (2, True, True), (3, False, False)]


# The webhook.


class Receiver:
    """A web server of the bot: answers with what it is told to, 200 by default."""

    def __init__(self) -> None:
        self.url = ""
        self.got: list[tuple[float, int, str, str | None]] = []  # when, chat, text, secret
        self.answer: Callable[[int, str], web.Response] = lambda *_: web.Response()

    async def receive(self, request: web.BaseRequest) -> web.Response:
        message = (await request.json())["message"]
        secret = request.headers.get("X-Telegram-Bot-Api-Secret-Token")
        self.got.append((time.monotonic(), message["chat"]["id"], message["text"], secret))
        return self.answer(message["chat"]["id"], message["text"])

    def texts(self) -> list[str]:
        return [text for _, _, text, _ in self.got]

    async def has(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.got) < count:
                await asyncio.sleep(0.005)


@pytest_asyncio.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    runner = web.ServerRunner(web.Server(receiver.receive, access_log=None))
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    host, port = runner.addresses[0][:2]
    receiver.url = f"http://{host}:{port}/telegram"
    yield receiver
    await runner.cleanup()


async def test_a_webhook_gets_what_waits_and_what_comes_with_its_secret(
    api: BotApi, bot: Bot, receiver: Receiver
):
    aino = api.person(7)
    aino.says("a")
    await bot.set_webhook(receiver.url, secret_token="a-Z_9")
    aino.says("b")
    await receiver.has(2)

    assert [(text, secret) for _, _, text, secret in receiver.got] == [("a", "a-Z_9"), ("b", "a-Z_9")]
    info = await bot.get_webhook_info()
    assert (info.url, info.max_connections, info.pending_update_count) == (receiver.url, 40, 0)


async def test_a_failed_delivery_is_repeated_at_once_and_then_ever_later(
    api: BotApi, bot: Bot, receiver: Receiver
):
    receiver.answer = lambda *_: web.Response(status=500 if len(receiver.got) < 5 else 200)
    await bot.set_webhook(receiver.url)
    api.person(7).says("a")
    await receiver.has(5)

    gaps = [after[0] - before[0] for before, after in zip(receiver.got, receiver.got[1:], strict=False)]
    assert gaps[0] < 0.02
    assert [gap >= least for gap, least in zip(gaps[1:], (0.02, 0.04, 0.08), strict=True)] == [True] * 3
    await asyncio.sleep(0.05)
    assert receiver.texts() == ["a"] * 5
    assert (await bot.get_webhook_info()).last_error_message == (
        "Wrong response from the webhook: 500 Internal Server Error"
    )


async def test_retry_after_of_the_webhook_is_honoured(api: BotApi, bot: Bot, receiver: Receiver):
    wait = web.Response(status=503, headers={"Retry-After": "1"})
    receiver.answer = lambda *_: web.Response() if len(receiver.got) > 1 else wait
    await bot.set_webhook(receiver.url)
    api.person(7).says("a")
    await receiver.has(2)

    assert receiver.got[1][0] - receiver.got[0][0] >= 0.95


async def test_order_is_kept_in_a_chat_and_another_chat_does_not_wait(
    api: BotApi, bot: Bot, receiver: Receiver
):
    receiver.answer = lambda chat, _: web.Response(
        status=500 if chat == 7 and "B" not in receiver.texts() else 200
    )
    await bot.set_webhook(receiver.url)
    for text in ("a", "b"):
        api.person(7).says(text)
    for text in ("A", "B"):
        api.person(8).says(text)
    async with asyncio.timeout(5):
        while "b" not in receiver.texts():
            await asyncio.sleep(0.005)

    refused_first = receiver.texts()[: receiver.texts().index("B")].count("a")
    assert refused_first >= 1
    assert [text for text in receiver.texts() if text in "AB"] == ["A", "B"]
    assert [text for text in receiver.texts() if text in "ab"] == [*["a"] * (refused_first + 1), "b"]


async def test_what_no_webhook_took_can_be_polled(api: BotApi, bot: Bot, receiver: Receiver):
    receiver.answer = lambda *_: web.Response(status=500)
    await bot.set_webhook(receiver.url)
    api.person(7).says("a")
    await receiver.has(2)
    await bot.delete_webhook()

    assert texts(await bot.get_updates()) == ["a"]


@pytest.mark.parametrize(
    ("parameters", "what"),
    [
        ({"url": "http://example.org/"}, "bad webhook: An HTTPS URL must be provided for webhook"),
        (
            {"url": "https://example.org:8080/"},
            "bad webhook: Webhook can be set up only on ports 80, 88, 443 or 8443",
        ),
        ({"url": "https://example.org/", "secret_token": "ä"}, "secret token contains unallowed characters"),
        ({"url": "https://example.org/", "secret_token": "x" * 257}, "secret token is too long"),
    ],
)
async def test_a_webhook_that_telegram_would_not_call_is_refused(call: Call, parameters, what):
    assert (await call("setWebhook", **parameters))["description"] == f"Bad Request: {what}"


async def test_a_webhook_is_set_once_a_second(api: BotApi, bot: Bot):
    await bot.set_webhook("https://example.org/")

    with pytest.raises(RetryAfter):
        await bot.set_webhook("https://example.org/")
    with pytest.raises(BadRequest):
        await bot.send_message(7, "moi")
    api.lets_time_pass(1)

    assert await bot.set_webhook("https://example.org/")
