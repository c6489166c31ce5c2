"""The shared schedule, end to end, on Telegram and on the web page: all of Vertti, and people who use it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from bot.clock import now
from tests import schedule_stories as stories
from tests.crash.story import BEGIN, Stage, build_stage, tell
from tests.crash.world import Somebody, World
from tests.doubles.bot_api import BotApi
from tests.running import reads_calendars
from tests.schedule_stories import (
    FIRST,
    MORE,
    PUSHED,
    button_of,
    calendar,
    fed_by,
    hours,
    one_at,
    weekly,
    writes_schedule,
)
from tests.servers.radicale import Radicale
from tests.villages import TelegramVillage, Village, WebVillage
from tests.web import conftest as web
from tests.web.test_browser import SCREENSHOTS, Phone, take_phone, violations


class TestTelegram(stories.Cancelling, stories.Moving, stories.TakingPart, stories.Feeding):
    """By the double of the Bot API."""

    @pytest_asyncio.fixture
    async def village(
        self, tmp_path: Path, content: Path, monkeypatch: pytest.MonkeyPatch
    ) -> AsyncIterator[Village]:
        async with BotApi(limits=None) as api:
            yield TelegramVillage(tmp_path, content, api, monkeypatch)

    async def test_a_caldav_calendar_is_followed_and_emptied_when_an_organizer_says_so(
        self, village, tmp_path
    ):
        server = Radicale(tmp_path / "radicale")
        server.start()
        try:
            berit = server.newcomer("berit")
            kept = berit.makes_calendar("ryhmat")
            kept.puts("ryhma.ics", calendar(weekly()))
            address = kept.url.replace("http://", f"caldav+http://{berit.user}:{berit.password}@")
            async with fed_by(village, address) as app:
                anna, olga = await village.subscriber(), await village.organizer(app)
                kept.puts("ryhma.ics", calendar(weekly(), one_at(FIRST, 16)))
                await reads_calendars(app)
                moved = await anna.hears()
                kept.deletes("ryhma.ics")
                await reads_calendars(app)
                asked = await olga.hears()
                accepted = await olga.chooses("Ovat, peru ne")
                cancelled = await anna.hears()
        finally:
            server.stop()

        assert moved.text.startswith(f"AIKA MUUTTUI: Tapaaminen\nUusi aika: {hours(FIRST, 16)}\n")
        assert berit.password not in asked.text
        assert accepted.text == "Selvä. Perun ne nyt.\nKerron siitä ihmisille."
        assert cancelled.text.startswith(f"PERUTTU: Tapaaminen\n{hours(FIRST, 16)}\n")


class TestWeb(stories.Cancelling, stories.Moving, stories.Pausing, stories.TakingPart, stories.Feeding):
    """By HTTP, as the page's script speaks it."""

    @pytest_asyncio.fixture
    async def village(self, tmp_path: Path, content: Path) -> AsyncIterator[Village]:
        async with AsyncExitStack() as stack:
            yield WebVillage(tmp_path, content, stack)


# ---- killed between the word and the deed --------------------------------------------------------------

OLGA, ANNA = 20, 101
TWO_MINUTES = timedelta(minutes=2)  # longer than a change may be taken back


async def test_a_cancellation_of_the_same_day_is_told_once_though_vertti_is_killed_before_it_goes(
    tmp_path_factory: pytest.TempPathFactory, tmp_path: Path
):
    async def story(world: World, stage: Stage) -> None:
        olga, anna = Somebody(world.api, OLGA), Somebody(world.api, ANNA)
        olga.says(f"jarjestaja {stage.codes[0]}")
        await olga.hears(label="Muuta ohjelmaa")
        olga.says("peruuta")
        await olga.hears(label="to 26.11.")
        olga.presses("to 26.11.")
        await olga.hears(label="Vain tämä kerta")
        olga.presses("Vain tämä kerta")
        await olga.hears(label="Kyllä, tee näin")
        olga.presses("Kyllä, tee näin")
        await olga.hears("Muutos on tehty.")
        world.kill()
        world.sets_clock(BEGIN + TWO_MINUTES)
        await anna.hears("PERUTTU")
        await world.is_quiet()
        world.kill()
        olga.says("peruuta")
        await olga.hears(label="to 3.12.")

    stage = await build_stage(tmp_path_factory.mktemp("killed"), [ANNA])
    telling = await tell(story, stage, tmp_path / "data")

    assert [(text, labels) for chat, text, labels in telling.told.elements() if chat == ANNA] == [
        (
            f"PERUTTU: Tapaaminen tänään\nto 26.11. klo 13–15\nSeuraava kerta: to 3.12. klo 13–15\n{MORE}",
            PUSHED,
        )
    ]


# ---- on a phone ----------------------------------------------------------------------------------------


chromium = web.chromium


@pytest.mark.asyncio(loop_scope="session")
async def test_on_a_phone_an_organizer_cancels_by_buttons_and_it_appears_on_another(
    chromium: Browser, tmp_path: Path, content: Path
):
    writes_schedule(content)
    async with AsyncExitStack() as stack:
        village = WebVillage(tmp_path, content, stack)
        async with village.vertti() as app:
            code = await app.database.write(lambda store: store.organizers.invite(now=now()))
            anna, olga = [await opened(chromium, village.url) for _ in range(2)]
            await olga.type(f"jarjestaja {code}")
            await asyncio.gather(
                presses(anna, "Mitä on seuraavaksi?", "Muistuta minua", "Molemmat"),
                presses(olga, "Muuta ohjelmaa", "Peru kerta", button_of(FIRST), "Vain tämä kerta"),
            )
            await olga.sees("Sen saavat: ihmisiä 1, ryhmiä 0.")
            await olga.page.screenshot(path=SCREENSHOTS / "7-preview.png")
            found = await violations(olga.page)
            await presses(olga, "Kyllä, tee näin")
            await olga.sees("Muutos on tehty.")
            await anna.sees("PERUTTU: Tapaaminen")
            await anna.page.screenshot(path=SCREENSHOTS / "8-told.png")
            found += await violations(anna.page)
            widths = [
                await each.page.evaluate("document.documentElement.scrollWidth") for each in (anna, olga)
            ]
            said = (await anna.conversation())[-1]
            await anna.context.close()
            await olga.context.close()

    assert found == []
    assert widths == [360, 360]
    assert said == "Vertti: PERUTTU: Tapaaminen"
    assert anna.complaints == olga.complaints == []


async def opened(chromium: Browser, url: str) -> Phone:
    """Open the page on a phone, and begin."""
    phone = await take_phone(chromium, device_scale_factor=2)
    await phone.page.goto(url)
    await presses(phone, "Aloita")
    await phone.button("Mitä on seuraavaksi?").wait_for()
    return phone


async def presses(phone: Phone, *labels: str) -> None:
    """Press the newest buttons with these labels, one after another."""
    for label in labels:
        await phone.button(label).last.click()
