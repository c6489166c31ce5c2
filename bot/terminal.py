"""What the commands of the terminal share: how they speak, and how they look into the house."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import typer

from bot import clock
from bot.core.occurrences import Occurrence
from bot.core.overrides import CHAT
from bot.errors import Fault, VerttiError
from bot.furnishing import Furnished
from bot.router import House
from bot.settings import Settings, prepare_data_dir
from bot.store import Store
from bot.store.vault import open_vault

T = TypeVar("T")


def show_faults(faults: tuple[Fault, ...], *, title: str = "Vertti cannot start:") -> None:
    """List faults for the person at the terminal."""
    typer.echo(title, err=True)
    for fault in faults:
        typer.echo(f"  • {fault.where}: {fault.what}.\n    {fault.mend}", err=True)


def reading_of(
    settings: Settings,
    furnished: Furnished,
    calendar: str | None,
    window: Any = None,
    *,
    with_changes: bool = False,
) -> Any:
    """Read the calendars that are set, joined with content/, or one as it is; problems are part of the answer.

    ``with_changes``: what organizers have changed from the chat is laid over those that are set.
    """
    from schedules.calendars.addresses import is_address  # noqa: PLC0415
    from schedules.calendars.whole import read_one, read_whole  # noqa: PLC0415

    now, house = clock.now(), furnished.house
    if window is None:
        window = (now, now + timedelta(days=400))
    if calendar is not None:
        path = Path(calendar)
        return read_one(calendar if is_address(calendar) else path.name, path, house, window=window, now=now)
    begun, changes = _known(settings, house, now)
    return read_whole(house, window=window, now=now, known=begun, changes=changes if with_changes else None)


def _known(settings: Settings, house: House, now: datetime) -> tuple[Sequence[Occurrence], Any]:
    """Give what has begun of the schedule, and what organizers changed, as far as Vertti has been running here."""
    from bot.app import KEY_FILE  # noqa: PLC0415
    from schedules.calendars.whole import Changes  # noqa: PLC0415

    turns = {each.id: each.turns for each in house.series.values() if each.turns}

    def look(store: Store) -> tuple[Sequence[Occurrence], Changes]:
        added = [row.it for row in store.refreshing.stored(CHAT)]
        return store.refreshing.begun(now), Changes(store.overrides.in_force(turns), added)

    if (settings.data_dir / KEY_FILE).exists():
        with suppress(VerttiError):  # of a database that cannot be opened others tell
            return once(settings, look)
    return (), None


def once(settings: Settings, work: Callable[[Store], T]) -> T:
    """Open the database beside a running Vertti for one short transaction."""
    from bot.app import KEY_FILE  # noqa: PLC0415
    from bot.store.engine import Database  # noqa: PLC0415

    prepare_data_dir(settings.data_dir)
    database = Database(settings.database, open_vault(settings.data_dir / KEY_FILE))
    database.open()
    try:
        return database.submit(work).result(timeout=60)
    finally:
        database.close()
