"""The main job, end to end, over Telegram's Bot API: the real process against the double."""

import asyncio
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import pytest

from bot.app import prepare
from bot.clock import now
from bot.furnishing import furnish
from bot.settings import Settings, prepare_data_dir
from tests.doubles.bot_api import TOKEN, BotApi
from tests.support import CONTENT

EVENT = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Vertti//story//FI
BEGIN:VEVENT
UID:kahvit
DTSTAMP:20260101T000000Z
DTSTART:{start:%Y%m%dT%H%M%SZ}
DTEND:{end:%Y%m%dT%H%M%SZ}
SUMMARY:Yksinäisyysryhmä
CATEGORIES:ryhma,keskustelu
BEGIN:VALARM
ACTION:DISPLAY
DESCRIPTION:x
TRIGGER:-PT{lead}S
END:VALARM
END:VEVENT
END:VCALENDAR
"""


def soon(folder, *, reminder_in):
    """A calendar with one event, whose reminder is due in so many seconds."""
    lead = 600
    start = now() + timedelta(seconds=lead + reminder_in)
    text = EVENT.format(start=start, end=start + timedelta(hours=2), lead=lead)
    (folder / "soon.ics").write_text(text.replace("\n", "\r\n"), encoding="utf-8", newline="")


@pytest.fixture
def content(tmp_path):
    """The sample content, in a folder that a test may change."""
    folder = tmp_path / "content"
    folder.mkdir()
    for path in CONTENT.glob("*.yaml"):
        (folder / path.name).write_bytes(path.read_bytes())
    return folder


@asynccontextmanager
async def running(tmp_path, content, api, **more):
    """The whole of Vertti in this loop."""
    settings = Settings(
        _env_file=None,
        data_dir=tmp_path / "data",
        content_dir=content,
        telegram_token=TOKEN,
        telegram_api=api.url,
        quiet_hours="",
        web_port=0,
        **more,
    )
    prepare_data_dir(settings.data_dir)
    app = prepare(settings, furnish(settings))
    ready = asyncio.Event()
    task = asyncio.create_task(app.run(ready=ready.set))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
    if task.done():
        waiting.cancel()
        await task
    try:
        yield app
    finally:
        app.stop()
        await task


async def code(app):
    return await app.database.write(lambda store: store.organizers.invite(now=now()))


async def test_a_newcomer_lives_the_whole_story_on_telegram(tmp_path, content):
    soon(content, reminder_in=6)
    async with BotApi() as api, running(tmp_path, content, api, calendars=("soon.ics", "schedule.yaml")) as app:
        anna = api.person(1, language_code="fi")

        anna.says("/start")
        hello = await anna.hears()
        anna.presses(hello, "Mitä on seuraavaksi?")
        event = await anna.hears()
        anna.presses(event, "Muistuta minua")
        asked = await anna.hears()
        anna.presses(asked, "Molemmat")
        await anna.hears()
        reminder = await anna.hears(timeout=15)
        anna.presses(reminder, "Näytä")
        shown = await anna.hears()
        anna.says("kysely")
        poll = await anna.hears()
        anna.presses(poll, poll.buttons[0].text if hasattr(poll.buttons[0], "text") else poll.buttons[0])
        await anna.hears()
        ballots = await app.database.read(lambda store: [store.polls.ballots(each.id) for each in store.polls.open_rounds(now())])
        anna.says("poista tietoni")
        sure = await anna.hears()

        assert "Yksinäisyysryhmä" in event.text
        assert "Yksinäisyysryhmä" not in reminder.text
        assert "Yksinäisyysryhmä" in shown.text
        assert sum(ballots) == 1
        assert sure.buttons


async def test_news_reach_every_subscriber_and_the_organizer_hears_how_many(tmp_path, content):
    async with BotApi() as api, running(tmp_path, content, api) as app:
        readers = [api.person(number, language_code="fi") for number in range(10, 15)]
        for reader in readers:
            reader.says("muistuta")
            choice = await reader.hears()
            reader.presses(choice, choice.buttons[0])
