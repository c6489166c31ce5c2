"""A visitor's Vertti: one event a few minutes ahead, so that a reminder arrives at any hour of the day."""

import asyncio
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from bot.clock import now
from bot.store import Store

if TYPE_CHECKING:
    from bot.app import App

CALENDAR = "demo.yaml"
AHEAD = timedelta(minutes=4)
LEAD = timedelta(minutes=2)
LENGTH = timedelta(minutes=5)  # over soon, so that a new one stands alone
LOOK_EVERY = 5.0


def demo_calendar(start: datetime) -> str:
    """Write a schedule with the demo's one event; ``start`` is in the schedule's own zone."""
    return f"""# Made anew by `vertti demo`: an event a few minutes ahead, reminded of two minutes before.
series:
  - id: kokeilu
    name: {{fi: Kokeilukahvit, sv: Provkaffe, en: Demo coffee}}
    neutral_name: {{fi: Tapaaminen, sv: Träff, en: Meeting}}
    dates: [{start:%Y-%m-%d}]
    time: "{start:%H:%M}"
    duration: PT{int(LENGTH.total_seconds() // 60)}M
    reminders: [PT{int(LEAD.total_seconds() // 60)}M]
    place: {{fi: Tässä selaimessa, sv: I den här webbläsaren, en: In this browser}}
    example: true
"""


def next_start(moment: datetime) -> datetime:
    """Give the next full minute that leaves a visitor time to ask for the reminder."""
    return (moment + AHEAD).replace(second=0, microsecond=0) + timedelta(minutes=1)


def write_calendar(folder: Path, zone: ZoneInfo, moment: datetime) -> datetime:
    """Write the calendar for an event a few minutes after ``moment``; give its start."""
    start = next_start(moment)
    (folder / CALENDAR).write_text(demo_calendar(start.astimezone(zone)), encoding="utf-8")
    return start


async def keep_one_ahead(app: "App", folder: Path, start: datetime) -> None:
    """When the event's reminder has gone out, put the next event in its place."""
    zone = app.furnished.house.zone
    while True:
        await asyncio.sleep(LOOK_EVERY)
        if now() < start:
            continue
        start = write_calendar(folder, zone, now())
        await app.database.write(_refresh)


def _refresh(store: Store) -> None:
    store.errands.queue("refresh", f"refresh:{CALENDAR}", now=now(), calendar=CALENDAR)
