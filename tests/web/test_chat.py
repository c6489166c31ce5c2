"""The chat's routes, as the page's script uses them."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import httpx
import orjson
import pytest

from bot.errors import Silent
from bot.meaning import LONGEST
from bot.messages import Place
from bot.store.web_messages import Waiting, WebMessage
from bot.transports.web import OpenPage
from bot.web.chat import HEARD
from bot.web.chat import _arriving as events_of
from bot.web.pages import MOST_TEXT
from tests.web.house import NOW, Server, saying

PATIENCE = 10.0  # seconds in which anything here must happen, on a busy machine too


@asynccontextmanager
async def stream(
    browser: httpx.AsyncClient, last: int | None = None
) -> AsyncIterator[AsyncIterator[dict[str, str]]]:
    """Open a stream; give its events as they come, each with its fields."""
    headers = {} if last is None else {"Last-Event-ID": str(last)}
    async with browser.stream("GET", "/chat/stream", headers=headers) as answer:
        assert answer.status_code == 200

        yield events(answer.aiter_lines())


async def events(lines: AsyncIterator[str]) -> AsyncIterator[dict[str, str]]:
    event: dict[str, str] = {}
    async for line in lines:
        if line:
            name, _, value = line.partition(":")
            event[name] = value.removeprefix(" ")
        else:
            yield event
            event = {}


async def next_message(arriving: AsyncIterator[dict[str, str]]) -> tuple[int, str]:
    """Give the number and the words of the next message; signs of life are no message."""
    async with asyncio.timeout(PATIENCE):
        async for event in arriving:
            if "id" in event:
                message = orjson.loads(event["data"])

                assert message["id"] == int(event["id"])

                return message["id"], "".join(piece[0] for piece in message["text"])
    raise AssertionError


async def texts(browser: httpx.AsyncClient, after: int = 0) -> list[str]:
    answer = await browser.get("/chat/messages", params={"after": after})
    return ["".join(piece[0] for piece in each["text"]) for each in answer.json()]


# ---- saying ----------------------------------------------------------------------------------------------


async def test_who_begins_gets_a_cookie_and_keeps_it(server: Server):
    async with server.browser() as browser:
        first = await browser.post("/chat/begin", json={})
        again = await browser.post("/chat/begin", json={})

    assert (first.status_code, again.status_code) == (204, 204)
    assert first.cookies["vertti"] == again.cookies["vertti"]
    assert len(first.cookies["vertti"]) == 43


async def test_what_is_said_is_heard_once_however_often_it_is_repeated(server: Server):
    visitor = await server.visitor()
    said = saying("hei", kieli="sv")
    async with server.browser(visitor) as browser:
        answers = [await browser.post("/chat/say", json=said) for _ in range(3)]

    assert [each.status_code for each in answers] == [200, 200, 200]
    assert [(each.what, each.text, each.where, each.sender, each.language) for each in server.heard] == [
        ("text", "hei", visitor.place, visitor.place, "sv")
    ]


async def test_the_same_id_of_two_people_is_two_sayings_and_names_neither(server: Server):
    one, other = await server.visitor(), await server.visitor()
    said = saying("hei")
    for visitor in (one, other):
        async with server.browser(visitor) as browser:
            await browser.post("/chat/say", json=said)

    assert [each.where for each in server.heard] == [one.place, other.place]
    assert [each.id for each in server.heard if said["id"] in each.id or one.place.address in each.id] == []


async def test_a_pressed_button_comes_with_its_data(server: Server):
    visitor = await server.visitor()
    async with server.browser(visitor) as browser:
        await browser.post("/chat/say", json=saying(button="seuraava"))

    assert [(each.what, each.button, each.text) for each in server.heard] == [("button", "seuraava", "")]


REFUSED = [
    ({"json": {}}, 400),
    ({"json": {"id": "0" * 32}}, 400),
    ({"json": {"id": "0" * 32, "text": "  "}}, 400),
    ({"json": {"id": "short", "text": "hei"}}, 400),
    ({"json": {"id": "0" * 65, "text": "hei"}}, 400),
    ({"json": {"id": 17, "text": "hei"}}, 400),
    ({"json": {"id": "0" * 32, "text": ["hei"]}}, 400),
    ({"json": ["hei"]}, 400),
    ({"content": b"{", "headers": {"Content-Type": "application/json"}}, 400),
    ({"content": b'{"id": "\xff"}', "headers": {"Content-Type": "application/json"}}, 400),
    ({"content": b"hei", "headers": {"Content-Type": "text/plain"}}, 415),
    ({"data": saying("hei")}, 415),
    ({"json": saying(button="x" * 1025)}, 400),
    ({"json": saying("x" * 65_536)}, 413),
    ({"json": saying("hei"), "headers": {"Sec-Fetch-Site": "cross-site"}}, 403),
    ({"json": saying("hei"), "headers": {"Sec-Fetch-Site": "same-site"}}, 403),
]


async def test_what_our_page_does_not_send_is_refused_and_has_no_effect(server: Server):
    visitor = await server.visitor()
    async with server.browser(visitor) as browser:
        statuses = [(await browser.post("/chat/say", **request)).status_code for request, _ in REFUSED]
    async with server.browser() as browser:
        nobody = (await browser.post("/chat/say", json=saying("hei"))).status_code

    assert statuses == [status for _, status in REFUSED]
    assert nobody == 401
    assert server.heard == []


@pytest.mark.parametrize("letter", ["x", "ä", "🌱", '"', "\u200bx"])
async def test_as_many_characters_fit_as_are_read_whatever_they_are(server: Server, letter: str):
    async with server.browser(await server.visitor()) as browser:
        answer = await browser.post("/chat/say", json=saying(letter * MOST_TEXT))

    assert MOST_TEXT == LONGEST
    assert answer.status_code == 200
    assert [each.text for each in server.heard] == [(letter * MOST_TEXT)[:HEARD]]


async def test_what_is_too_long_is_given_back_and_heard_all_the_same_for_it_may_be_a_cry_for_help(
    server: Server,
):
    async with server.browser(await server.visitor()) as browser:
        answers = [
            await browser.post("/chat/say", json=saying(text))
            for text in ("x" * (MOST_TEXT + 1), "x" * (HEARD + 1))
        ]

    assert [each.status_code for each in answers] == [413, 413]
    assert [len(each.text) for each in server.heard] == [MOST_TEXT + 1, HEARD]


async def test_what_is_too_long_waits_too_while_nothing_can_be_kept(server: Server):
    server._tasks[0].cancel()
    await asyncio.sleep(0)
    async with server.browser(await server.visitor()) as browser:
        answer = await browser.post("/chat/say", json=saying("x" * (MOST_TEXT + 1)))

    assert answer.status_code == 503


async def test_while_nothing_can_be_kept_the_page_says_it_again(server: Server):
    server._tasks[0].cancel()
    await asyncio.sleep(0)
    said = saying("hei")
    async with server.browser(await server.visitor()) as browser:
        first = await browser.post("/chat/say", json=said)
        server._tasks.append(asyncio.create_task(server.web.receive(server.accept)))
        await asyncio.sleep(0)
        second = await browser.post("/chat/say", json=said)

    assert (first.status_code, first.headers["retry-after"], second.status_code) == (503, "1", 200)
    assert len(server.heard) == 1


# ---- hearing ----------------------------------------------------------------------------------------------


async def test_nobody_known_is_told_nothing(server: Server):
    async with server.browser() as browser:
        answers = [await browser.get("/chat/stream"), await browser.get("/chat/messages")]

    assert [each.status_code for each in answers] == [204, 204]


async def test_a_stream_gives_what_waited_and_then_what_comes(server: Server):
    visitor = await server.visitor()
    await server.push(visitor.place, "odotti")
    async with server.browser(visitor) as browser, stream(browser) as arriving:
        first = await next_message(arriving)
        await server.push(visitor.place, "tuli")
        second = await next_message(arriving)

    assert (first[1], second[1]) == ("odotti", "tuli")
    assert first[0] < second[0]


async def test_two_pages_of_one_person_both_show_a_message(server: Server):
    visitor = await server.visitor()
    async with (
        server.browser(visitor) as browser,
        stream(browser) as one,
        stream(browser) as other,
    ):
        await anext(one)
        await anext(other)
        number = await server.push(visitor.place, "molemmille")
        shown = [await next_message(one)]
        await browser.post("/chat/seen", json={"upto": number})
        shown.append(await next_message(other))

    assert shown == [(number, "molemmille")] * 2


async def test_what_was_seen_does_not_come_again_and_what_was_not_does(server: Server):
    visitor = await server.visitor()
    numbers = [await server.push(visitor.place, text) for text in ("a", "b", "c")]
    async with server.browser(visitor) as browser:
        before = await texts(browser)
        await browser.post("/chat/seen", json={"upto": numbers[0]})
        after = await texts(browser)
        async with stream(browser, last=numbers[1]) as arriving:
            rest = await next_message(arriving)

    assert (before, after, rest) == (["a", "b", "c"], ["b", "c"], (numbers[2], "c"))
    assert await server.unread(visitor.place) == ["c"]


async def test_a_page_without_a_stream_asks_for_what_is_new(server: Server):
    visitor = await server.visitor()
    numbers = [await server.push(visitor.place, text) for text in ("a", "b")]
    async with server.browser(visitor) as browser:
        assert await texts(browser, after=numbers[0]) == ["b"]
        assert await texts(browser, after=numbers[1]) == []


async def test_a_number_that_is_none_deletes_nothing(server: Server):
    visitor = await server.visitor()
    await server.push(visitor.place, "a")
    async with server.browser(visitor) as browser:
        for number in ("-1", "x", "9" * 40, "1e3", None, {"a": 1}):
            answer = await browser.post("/chat/seen", json={"upto": number})

            assert answer.status_code == 204
    assert await server.unread(visitor.place) == ["a"]


async def test_nobody_can_read_or_delete_what_is_anothers(server: Server):
    visitor, other = await server.visitor(), await server.visitor()
    number = await server.push(visitor.place, "salaisuus")
    async with server.browser(other) as browser:
        found = await texts(browser)
        await browser.post("/chat/seen", json={"upto": number})

    assert found == []
    assert await server.unread(visitor.place) == ["salaisuus"]


async def test_many_that_waited_come_in_order_and_none_twice(server: Server):
    visitor = await server.visitor()
    said = [f"{number}" for number in range(450)]
    await asyncio.gather(*(server.push(visitor.place, text) for text in said))
    async with server.browser(visitor) as browser, stream(browser) as arriving:
        shown = [await next_message(arriving) for _ in said]

    assert [text for _, text in shown] == said


async def test_what_comes_while_the_page_reads_what_waited_is_shown_once():
    page = OpenPage()
    for number in (1, 2, 3):
        page.put(Waiting(number, f"m{number}", WebMessage(f"{number}")))
    arriving = events_of(page, known={1, 2})
    first = await anext(arriving)
    page.close()
    rest = [each async for each in arriving]

    assert (first.splitlines()[0], rest) == (b"id: 3", [])


async def test_of_too_many_pages_the_oldest_is_told_to_rest(server: Server):
    visitor = await server.visitor()
    async with server.browser(visitor) as browser, stream(browser) as oldest:
        await anext(oldest)
        async with (
            stream(browser) as one,
            stream(browser) as two,
            stream(browser) as three,
            stream(browser) as four,
        ):
            for each in (one, two, three, four):
                await anext(each)
            told = await anext(oldest)
            number = await server.push(visitor.place, "hei")

            assert told["event"] == "rest"
            assert [await next_message(each) for each in (one, two, three, four)] == [(number, "hei")] * 4


async def test_a_page_that_was_closed_waits_no_longer(server: Server):
    async with server.browser(await server.visitor()) as browser, stream(browser) as arriving:
        await anext(arriving)
        while_open = server.web.open_pages()
    async with asyncio.timeout(PATIENCE):
        while server.web.open_pages():
            await asyncio.sleep(0.01)

    assert while_open == 1


async def test_open_pages_do_not_hold_up_the_end(server: Server):
    async with server.browser(await server.visitor()) as browser, stream(browser) as arriving:
        await anext(arriving)
        async with asyncio.timeout(PATIENCE):
            await server.web.close()
            left = [event async for event in arriving]

    assert left == []


async def test_when_it_is_erased_the_cookie_goes_with_the_goodbye(server: Server):
    visitor = await server.visitor()
    async with server.browser(visitor) as browser, stream(browser) as arriving:
        await browser.post("/chat/say", json=saying(button="erase"))
        number, goodbye = await next_message(arriving)
        seen = await browser.post("/chat/seen", json={"upto": number})
        after = await browser.get("/chat/messages")

    assert goodbye == "Tietosi on poistettu. Hei hei!"
    assert 'vertti=""; expires=' in seen.headers["set-cookie"]
    assert after.status_code == 204
    assert await server.unread(visitor.place) is None


async def test_a_page_that_is_behind_when_it_is_erased_still_reads_the_goodbye(server: Server):
    visitor = await server.visitor()
    before = await server.push(visitor.place, "ennen")
    async with server.browser(visitor) as browser:
        await browser.post("/chat/say", json=saying(button="erase"))
        late = await browser.post("/chat/seen", json={"upto": before})
        goodbye = await browser.get("/chat/messages")
        seen = await browser.post("/chat/seen", json={"upto": goodbye.json()[0]["id"]})
        again = await browser.post("/chat/seen", json={"upto": goodbye.json()[0]["id"]})

    assert [each["goodbye"] for each in goodbye.json()] == [True]
    assert ["set-cookie" in each.headers for each in (late, seen, again)] == [False, True, False]
    assert await server.unread(visitor.place) is None


async def test_each_message_says_when_it_was_said_in_the_readers_language(server: Server):
    visitor = await server.visitor("en")
    server.now = NOW + timedelta(days=1, minutes=55)
    await server.push(visitor.place, "Hello")
    async with server.browser(visitor) as browser:
        answer = await browser.get("/chat/messages")

    assert [each["when"] for each in answer.json()] == ["Tue 24 Nov, 13"]


async def test_a_message_to_nobody_known_goes_nowhere(server: Server):
    with pytest.raises(Silent) as raised:
        await server.push(Place("web", "nobody"), "hei")

    assert raised.value.reason == "not_found"
