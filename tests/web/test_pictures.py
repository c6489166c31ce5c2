"""The picture of a door: on the page and in the chat, from the page's own address."""

import pytest

from bot.messages import Outgoing, ShownPicture
from tests.support import CONTENT
from tests.web.house import Server

DOOR = ShownPicture("ovi.png", CONTENT / "ovi.png", 'Kuva "ovesta"')


async def test_a_picture_that_the_schedule_names_is_shown(server: Server):
    async with server.browser() as browser:
        answer = await browser.get("/picture/ovi.png")

    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    assert answer.content == DOOR.path.read_bytes()


@pytest.mark.parametrize("name", ["schedule.yaml", "toinen.png", "..%2Fpyproject.toml", ""])
async def test_no_other_file_of_the_content_folder_is(server: Server, name: str):
    async with server.browser() as browser:
        answer = await browser.get(f"/picture/{name}")

    assert answer.status_code == 404


async def test_in_the_chat_it_stands_under_its_text_with_words_for_who_cannot_see_it(server: Server):
    visitor = await server.visitor()
    await server.web.send(Outgoing(key="door", where=visitor.place, text="Ovi: sininen", picture=DOOR))
    async with server.browser(visitor) as browser:
        page = (await browser.get("/")).text
        (shown,) = (await browser.get("/chat/messages?after=0")).json()

    assert '<img class="picture" src="/picture/ovi.png" alt="Kuva &#34;ovesta&#34;">' in page
    assert shown["picture"] == {"address": "/picture/ovi.png", "words": 'Kuva "ovesta"'}
