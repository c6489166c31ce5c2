"""All of Vertti in the test's own loop, with a calendar whose reminder is due when a test wants it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

from bot.app import App, prepare
from bot.clock import now
from bot.furnishing import furnish
from bot.router import Tick
from bot.settings import Settings, prepare_data_dir
from bot.store import Store
from schedules.refresh_schedule import ask_for_fresh

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
LEAD = 600  # seconds
SOON = "soon.ics"


async def reminds_in(app: App, folder: Path, seconds: float) -> None:
    """Have a calendar of one event read, whose reminder is due in so many seconds."""
    start = now() + timedelta(seconds=LEAD + seconds)
    text = EVENT.format(start=start, end=start + timedelta(hours=2), lead=LEAD)
    (folder / SOON).write_text(text.replace("\n", "\r\n"), encoding="utf-8", newline="")
    await app.database.write(
        lambda store: store.errands.queue("refresh", f"refresh:{SOON}", now=now(), calendar=SOON)
    )


async def reads_calendars(app: App) -> None:
    """Have the calendars read, as each quarter of an hour; return when that is done."""
    await app.database.write(lambda store: ask_for_fresh(Tick(store, now(), app.furnished.house)))
    await has_done_errands(app)


async def has_done_errands(app: App) -> None:
    """Wait until no slow work waits; on a busy machine Vertti answers before the first of it is done."""
    await eventually(app, lambda store: not store.errands.due(now()), within=40)


@asynccontextmanager
async def running(
    data: Path, content: Path, *, undo: timedelta = timedelta(), web_port: int = 0, **settings: Any
) -> AsyncIterator[App]:
    """Run all of it, once it can answer; ``undo`` is how long what was done may be taken back before it is told."""
    given = Settings(
        _env_file=None, data_dir=data, content_dir=content, quiet_hours="", web_port=web_port, **settings
    )
    prepare_data_dir(given.data_dir)
    app = prepare(given, furnish(given, undo=undo))
    ready = asyncio.Event()
    task = asyncio.create_task(app.run(ready=ready.set))
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait([task, waiting], return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    try:
        yield app
    finally:
        app.stop()
        await task


async def eventually(app: App, holds: Callable[[Store], bool], within: float = 5.0) -> bool:
    """Tell whether something comes to hold in the store."""
    async with asyncio.timeout(within):
        while not await app.database.read(holds):
            await asyncio.sleep(0.02)
    return True
