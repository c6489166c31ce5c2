"""What the commands of the terminal share: how they speak, and how they look into the house."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

import typer

from bot import clock
from bot.core.occurrences import Occurrence
from bot.errors import Fault, VerttiError
from bot.furnishing import Furnished
from bot.settings import Settings, prepare_data_dir
from bot.store import Store
from bot.store.vault import open_vault

T = TypeVar("T")


def show_faults(faults: tuple[Fault, ...], *, title: str = "Vertti cannot start:") -> None:
    """List faults for the person at the terminal."""
    typer.echo(title, err=True)
    for fault in faults:
        typer.echo(f"  • {fault.where}: {fault.what}.\n    {fault.mend}", err=True)


def reading_of(settings: Settings, furnished: Furnished, calendar: str | None, window: Any = None) -> Any:
    """Read the calendars that are set, joined with content/, or one as it is; problems are part of the answer."""
    from schedules.calendars.addresses import is_address  # noqa: PLC0415
    from schedules.calendars.whole import read_one, read_whole  # noqa: PLC0415

    now, house = clock.now(), furnished.house
    if window is None:
        window = (now, now + timedelta(days=400))
    if calendar is not None:
        path = Path(calendar)
        return read_one(calendar if is_address(calendar) else path.name, path, house, window=window, now=now)
    return read_whole(house, window=window, now=now, known=_begun(settings, now))


def _begun(settings: Settings, now: datetime) -> Sequence[Occurrence]:
    """Give what has begun of the schedule, as far as Vertti has been running here."""
    from bot.app import KEY_FILE  # noqa: PLC0415

    if (settings.data_dir / KEY_FILE).exists():
        with suppress(VerttiError):  # of a database that cannot be opened others tell
            return once(settings, lambda store: store.refreshing.begun(now))
    return ()


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
