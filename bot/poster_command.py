"""`vertti poster`: what one prints and hangs up, and what is still missing on it."""

import asyncio
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from itertools import chain
from pathlib import Path
from typing import Annotated, Final

import typer

from bot import clock, logs
from bot.core.occurrences import Occurrence
from bot.errors import Fault, SetupError
from bot.furnishing import Furnished, furnish
from bot.posters.drawing import DrawingError, draw
from bot.posters.join_poster import Way, join_poster
from bot.posters.letters import lacks
from bot.posters.month_sheet import Month, month_sheet, on_the_wall
from bot.posters.sheets import ASK, Sheet
from bot.router import House
from bot.settings import Settings
from bot.store import Store
from bot.terminal import once, reading_of, show_faults

TELEGRAM_NAME: Final = re.compile(r"@?([A-Za-z]\w{3,31})", re.ASCII)
MOST: Final = 10_000  # events of the months asked for; nobody hangs up more
EARLIEST: Final = datetime(1970, 1, 1, tzinfo=UTC)
EVERYBODY: Final = ("public", "members", "staff")


class Wish(StrEnum):
    """In which languages the sheets are."""

    FI = "fi"
    SV = "sv"
    EN = "en"
    BOTH = "both"

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages meant."""
        return ("fi", "sv") if self is Wish.BOTH else (self.value,)


def poster(
    month: Annotated[str, typer.Option(help="One month alone, for instance 2026-12.")] = "",
    language: Annotated[Wish, typer.Option(help="both: Finnish and Swedish.")] = Wish.BOTH,
    series: Annotated[
        list[str] | None, typer.Option(help="Of one series alone; say it again for another.")
    ] = None,
    telegram: Annotated[str, typer.Option(help="The bot's name on Telegram; else Vertti asks there.")] = "",
    folder: Annotated[Path, typer.Option("--out", help="The folder that the PDFs go into.")] = Path(
        "posters"
    ),
) -> None:
    """Make PDFs for the wall (A4): the month's programme, and how to find Vertti.

    Without options it makes all that one hangs up, in Finnish and in Swedish:
    this month's sheet, for it is printed anew when a time has changed; the
    next month's, for it goes up before the month begins; and the poster.
    """
    settings = Settings.read()
    logs.set_up()
    furnished = furnish(settings)
    house, now = furnished.house, clock.now()
    chosen = _series(series or (), house)
    months = _months(month, house, now)
    ways, missing = _ways(settings, telegram)
    dates, unread = _dates(settings, furnished, months)
    events = {each: on_the_wall(dates, house, each, chosen) for each in months}
    sheets: dict[str, Sheet] = {}
    for tongue in language.languages:
        for each, found in events.items():
            name = "-".join(("kuukausi", str(each), *sorted(chosen), tongue))
            if found:
                sheets[name] = month_sheet(each, found, house, tongue, page=ways.get("web", ""), now=now)
        sheets[f"vertti-juliste-{tongue}"] = join_poster(house, tongue, ways=ways, now=now)
    for name, sheet in sheets.items():
        typer.echo(_write(sheet, folder / f"{name}.pdf", now))
    missing = [*furnished.faults, *missing, *unread, *_left_out(events), *_unfilled(house, events)]
    if missing:
        show_faults(tuple(missing), title="Before you hang them up:")


def _series(names: Sequence[str], house: House) -> frozenset[str]:
    """See that each series is there and may be shown to everybody."""
    public = sorted(each.id for each in house.series.values() if each.visibility == "public")
    for name in names:
        if name not in public:
            message = f"{name!r} is no public series; there are: {', '.join(public)}"
            raise typer.BadParameter(message, param_hint="--series")
    return frozenset(names)


def _months(wish: str, house: House, now: datetime) -> list[Month]:
    if not wish:
        this = Month.at(now, house.zone)
        return [this, this.following()]
    try:
        return [Month.parse(wish)]
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--month") from None


def _dates(
    settings: Settings, furnished: Furnished, months: Sequence[Month]
) -> tuple[list[Occurrence], list[Fault]]:
    """Give the dates of the months: as Vertti keeps them, changes from the chat included, else as the calendars say."""
    from bot.app import KEY_FILE  # noqa: PLC0415

    zone = furnished.house.zone
    start, end = months[0].start(zone), months[-1].end(zone)

    def look(store: Store) -> list[Occurrence] | None:
        if not store.calendar.coming(EARLIEST, most=1, visibility=EVERYBODY):
            return None
        just_before = start - timedelta(
            milliseconds=1
        )  # or what begins with the month and has no length is gone
        found = store.calendar.coming(just_before, until=end, most=MOST, visibility=("public",))
        return [each.it for each in found]

    if (settings.data_dir / KEY_FILE).exists() and (kept := once(settings, look)) is not None:
        return kept, []
    reading = reading_of(settings, furnished, None, (start, end))
    return list(reading.occurrences), [problem.fault() for problem in reading.problems]


def _write(sheet: Sheet, path: Path, now: datetime) -> Path:
    try:
        (pdf,) = draw(sheet.template, sheet.given, at=now)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(pdf)
    except DrawingError:
        mend = "Install what requirements.lock names once more"
        raise SetupError([Fault("typst", "the sheets could not be drawn", mend)]) from None
    except OSError as error:
        what = f"the sheets cannot be written there ({error.strerror})"
        raise SetupError([Fault("--out", what, "Name a folder that you may write to")]) from None
    return path


# ---- where Vertti is found -------------------------------------------------------------------------------------


def _ways(settings: Settings, telegram: str) -> tuple[dict[Way, str], list[Fault]]:
    """Give the addresses for the codes, and say which are missing."""
    ways: dict[Way, str] = {}
    faults = []
    if settings.public_url:
        ways["web"] = settings.public_url
    else:
        mend = "Write the address there by which people reach the page (https://...)"
        faults.append(Fault("VERTTI_PUBLIC_URL", "is empty: the sheets have no code for the page", mend))
    bot = _telegram(settings, telegram)
    if isinstance(bot, Fault):
        faults.append(bot)
    elif bot:
        ways["telegram"] = bot
    if settings.matrix_homeserver and settings.matrix_user.startswith("@"):
        ways["matrix"] = f"https://matrix.to/#/{settings.matrix_user}"
    elif settings.matrix_homeserver:
        mend = "Write the whole account there, for instance @vertti:matrix.example.org"
        faults.append(Fault("VERTTI_MATRIX_USER", "names no server: the poster has no code for Matrix", mend))
    return ways, faults


def _telegram(settings: Settings, name: str) -> str | Fault | None:
    """Give the address of the bot on Telegram: by its name, else as Telegram says; None: it is on none."""
    if name:
        found = TELEGRAM_NAME.fullmatch(name)
        if found is None:
            message = "a bot's name on Telegram has 4 to 32 of a-z, 0-9 and _"
            raise typer.BadParameter(message, param_hint="--telegram")
        return f"https://t.me/{found[1]}"
    return asyncio.run(_ask_telegram(settings)) if settings.telegram_token.get_secret_value() else None


async def _ask_telegram(settings: Settings) -> str | Fault | None:
    from bot.transports.telegram import Telegram  # noqa: PLC0415

    token = settings.telegram_token.get_secret_value()
    telegram = Telegram(token, api_root=settings.telegram_api, rate=settings.telegram_rate, webhook=None)
    try:
        if await telegram.check() is not None:
            mend = "Say it with --telegram NAME; vertti check tells what is wrong"
            return Fault("Telegram", "does not tell the bot's name: the poster has no code for it", mend)
        address = telegram.deep_link("")
        return None if address is None else address.partition("?")[0]
    finally:
        await telegram.close()


# ---- what is missing -------------------------------------------------------------------------------------------


def _left_out(events: Mapping[Month, Sequence[Occurrence]]) -> Iterable[Fault]:
    """Name the months without a sheet, and those whose sheet does not say all."""
    for month, found in events.items():
        if not found:
            mend = "Only public events go on the wall; vertti schedule shows what is planned"
            yield Fault(f"The sheet of {month}", "was not made, for nothing is on in that month", mend)
        if any(map(lacks, chain.from_iterable((*it.title.values(), *it.place.values()) for it in found))):
            mend = "Write titles and places in Latin, Greek or Cyrillic letters"
            yield Fault(f"The sheet of {month}", "lacks letters that the font does not have", mend)


def _unfilled(house: House, events: Mapping[Month, Sequence[Occurrence]]) -> Iterable[Fault]:
    """Name what the organization has still to fill in."""
    if house.content.example:
        mend = "Put in your own values and remove the line `example`"
        yield Fault("organization.yaml", "its names, numbers and places are invented ones", mend)
    known = house.content.values(house.language)
    for name in ("organisaatio", *ASK.values()):
        if name not in known:
            yield Fault("organization.yaml", f"{name} is empty: the sheets leave it out", "Fill it in")
    shown = {it.series for it in chain.from_iterable(events.values())}
    invented = sorted(each.id for each in house.series.values() if each.example and each.id in shown)
    if invented:
        mend = "Put in the real times and remove their `example`"
        yield Fault("schedule.yaml", f"the times of {', '.join(invented)} are invented ones", mend)
