"""What an operator types."""

import asyncio
import contextlib
import json
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Annotated, Any

import typer

from bot import clock, logs
from bot.errors import Fault, SetupError
from bot.furnishing import UNDO, Furnished, furnish
from bot.i18n import Reader
from bot.lock import take_lock
from bot.poster_command import poster
from bot.settings import Settings, prepare_data_dir
from bot.store.vault import open_vault
from bot.terminal import once, reading_of, show_faults

cli = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Vertti: a chat companion for peer groups.",
    pretty_exceptions_enable=False,
)
invite_cli = typer.Typer(no_args_is_help=True, help="Make a one-time code.")
cli.add_typer(invite_cli, name="invite")
cli.command()(poster)

DEMO_UNDO = timedelta(seconds=10)  # a visitor need not wait a whole minute for the news


def main() -> None:
    """Run the command line; faults of the set-up are listed, each with its mend, and end it with status 2."""
    try:
        cli()
    except SetupError as error:
        show_faults(error.faults)
        sys.exit(2)


# ---- run and demo --------------------------------------------------------------------------------------------


@cli.command()
def run() -> None:
    """Run Vertti until it is stopped."""

    def tell(address: str) -> None:
        typer.echo(f"Vertti runs. The page: {address}", err=True)

    settings = Settings.read()
    logs.set_up()
    furnished = sound(settings)
    with locked(settings):
        serve(settings, furnished, announce=tell)


@cli.command()
def demo() -> None:
    """Try Vertti in a browser: sample content, no quiet hours, an organizer's link, an event minutes ahead."""
    from bot.demo import CALENDAR, keep_one_ahead, write_calendar  # noqa: PLC0415

    settings = Settings.read()
    folder = settings.data_dir / "demo"
    prepare_data_dir(settings.data_dir)
    settings = settings.model_copy(
        update={"data_dir": folder, "quiet_hours": "", "calendars": ("schedule.yaml", CALENDAR)}
    )
    settings.model_fields_set.add("quiet_hours")
    prepare_data_dir(folder)
    logs.set_up(level="WARNING")
    with locked(settings):
        content = demo_content(settings.content_dir, folder / "content")
        start = write_calendar(content, settings.zone, clock.now())
        settings = settings.model_copy(update={"content_dir": content})
        furnished = sound(settings, undo=DEMO_UNDO)

        def announce(address: str) -> None:
            code = once(settings, lambda store: store.organizers.invite(now=clock.now()))
            local = start.astimezone(settings.zone)
            typer.echo()
            typer.echo("  Vertti is ready. Open this in a browser, best on a phone-sized window:")
            typer.secho(f"\n    {address}/\n", bold=True)
            typer.echo("  To be the organizer, open this one in another window (private or another browser):")
            typer.secho(f"\n    {address}/?start=jarjestaja-{code}\n", bold=True)
            typer.echo(
                f"  The event {local:%H:%M} is reminded of two minutes before. Ctrl-C ends the demo.\n"
            )

        serve(settings, furnished, announce=announce, beside=lambda app: keep_one_ahead(app, content, start))


def demo_content(source: Path, target: Path) -> Path:
    """Copy the content folder, so that the demo's own event does not end up in the organization's files."""
    shutil.copytree(source, target, dirs_exist_ok=True)
    return target


def serve(
    settings: Settings,
    furnished: Furnished,
    *,
    announce: Callable[[str], object],
    beside: Callable[[Any], Any] | None = None,
) -> None:
    """Put the house together and run it."""
    from bot.app import calm, prepare, run_until_signalled  # noqa: PLC0415 - the other commands need none of it

    async def body() -> None:
        app = prepare(settings, furnished)
        calm()
        await run_until_signalled(
            app, ready=lambda: announce(settings.public_url or app.port.address), beside=beside
        )

    try:
        import uvloop  # noqa: PLC0415

        runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)
    except ImportError:  # pragma: no cover - Windows
        runner = asyncio.Runner()
    with runner:
        runner.run(body())


# ---- check ---------------------------------------------------------------------------------------------------


@cli.command()
def check() -> None:
    """Is the set-up sound?  Every fault with its mend."""
    settings = Settings.read()
    logs.set_up()
    furnished = furnish(settings)
    faults = list(furnished.faults)
    for problem in reading_of(settings, furnished, None).problems:
        if problem.fault() not in faults:
            faults.append(problem.fault())
    with contextlib.suppress(SetupError):
        prepare_data_dir(settings.data_dir)
    matrix_faults, matrix_notes = check_matrix(settings)
    faults += [*asyncio.run(check_platforms(settings)), *matrix_faults]
    if faults:
        show_faults(tuple(faults), title="These things must be mended:")
    if furnished.warnings:
        show_faults(furnished.warnings, title="These things can be filled in:")
    if matrix_notes:
        show_faults(matrix_notes, title="Good to know:")
    if not faults:
        typer.echo("The set-up is sound.")
    raise typer.Exit(1 if faults else 0)


async def check_platforms(settings: Settings) -> list[Fault]:
    """Ask the platforms themselves: is the token good, and can members of a group see each other? (T-18)."""
    token = settings.telegram_token.get_secret_value()
    if not token:
        return []
    from bot.app import KEY_FILE  # noqa: PLC0415
    from bot.transports.telegram import Telegram  # noqa: PLC0415

    telegram = Telegram(token, api_root=settings.telegram_api, rate=settings.telegram_rate, webhook=None)
    try:
        if (fault := await telegram.check()) is not None:
            return [fault]
        if not (settings.data_dir / KEY_FILE).exists():
            return []
        groups = await asyncio.to_thread(once, settings, lambda store: store.people.groups("telegram"))
        visible = [group for group in groups if await telegram.members_visible(group.place)]
        if not visible:
            return []
        what = f"in {len(visible)} group(s) that Vertti serves, members can see who else is a member"
        mend = "Hide the members in the group's settings, or use a channel; a private chat shows nobody"
        return [Fault("Telegram", what, mend)]
    finally:
        await telegram.close()


def check_matrix(settings: Settings) -> tuple[tuple[Fault, ...], tuple[Fault, ...]]:
    """Ask the homeserver whether account and keys are sound: what must be mended, and what is good to know."""
    if not settings.matrix_homeserver:
        return (), ()
    from bot.app import KEY_FILE  # noqa: PLC0415
    from bot.transports.matrix_check import check as ask  # noqa: PLC0415

    vault, groups = None, 0
    if (settings.data_dir / KEY_FILE).exists():
        vault = open_vault(settings.data_dir / KEY_FILE)
        groups = len(once(settings, lambda store: store.people.groups("matrix")))
    checked = asyncio.run(ask(settings, vault, groups=groups))
    return checked.faults, checked.notes


# ---- schedule ------------------------------------------------------------------------------------------------


@cli.command()
def schedule(
    calendar: Annotated[
        str | None, typer.Option(help="A file or address, instead of those that are set.")
    ] = None,
    first: Annotated[
        datetime | None, typer.Option("--from", formats=["%Y-%m-%d"], help="The first day; today.")
    ] = None,
    last: Annotated[
        datetime | None, typer.Option("--to", formats=["%Y-%m-%d"], help="The day after the last; in a year.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,  # noqa: FBT002 - Typer's way
    calendars_only: Annotated[  # noqa: FBT002
        bool, typer.Option("--calendars-only", help="Without what was changed from the chat.")
    ] = False,
) -> None:
    """Show the schedule as Vertti tells it, and all that is wrong with its calendars.

    The calendars are read now.  What organizers have changed from the chat is laid over them, and marked.
    """
    from bot.schedule_table import show_table  # noqa: PLC0415 - Rich is for this table alone
    from schedules.calendars import as_json as in_json  # noqa: PLC0415

    settings = Settings.read()
    zone = settings.zone
    start = (first or clock.now().astimezone(zone)).replace(
        hour=0, minute=0, second=0, microsecond=0, tzinfo=zone
    )
    end = (last or (start + timedelta(days=366))).replace(
        hour=0, minute=0, second=0, microsecond=0, tzinfo=zone
    )
    window = (start.astimezone(UTC), end.astimezone(UTC))
    reading = reading_of(settings, furnish(settings), calendar, window, with_changes=not calendars_only)
    if as_json:
        sys.stdout.write(
            json.dumps(in_json(reading, zone, settings.language), ensure_ascii=False, indent=1) + "\n"
        )
    else:
        show_table(reading, Reader(settings.language, zone, clock.now()))
        if reading.problems:
            show_faults(tuple(problem.fault() for problem in reading.problems), title="Problems:")
    raise typer.Exit(1 if reading.problems else 0)


# ---- roles ---------------------------------------------------------------------------------------------------


@invite_cli.command("organizer")
def invite_organizer() -> None:
    """Print a one-time code, valid for a week: its holder becomes an organizer by `jarjestaja CODE`."""
    code = once(Settings.read(), lambda store: store.organizers.invite(now=clock.now()))
    typer.echo(f"jarjestaja {code}")
    typer.echo("Send this line to Vertti in a private chat. It works once, within a week.")


@cli.command()
def revoke(
    tag: Annotated[
        str | None, typer.Argument(help="One organizer, as `vertti revoke --list` names them.")
    ] = None,
    everybody: Annotated[bool, typer.Option("--all", help="All organizers and all open codes.")] = False,  # noqa: FBT002
    listing: Annotated[bool, typer.Option("--list", help="Name the organizers.")] = False,  # noqa: FBT002
) -> None:
    """Take the organizer's role away, at once; what they have queued is not sent."""
    settings = Settings.read()
    if everybody:
        number = once(settings, lambda store: store.organizers.revoke_all(now=clock.now()))
        typer.echo(f"{number} organizer(s) revoked; open codes are void.")
    elif tag is not None:
        done = once(settings, lambda store: store.organizers.revoke_tagged(tag, now=clock.now()))
        typer.echo("Revoked." if done else "There is no such organizer; see: vertti revoke --list")
        raise typer.Exit(0 if done else 1)
    elif listing:
        for each, platform in once(settings, lambda store: store.organizers.listing()):
            typer.echo(f"{each}  on {platform}")
        typer.echo("That is all.  A new one: vertti invite organizer")
    else:
        typer.echo("Say whom: vertti revoke TAG (see vertti revoke --list), or vertti revoke --all")
        raise typer.Exit(1)


# ---- what the commands share ---------------------------------------------------------------------------------


def sound(settings: Settings, *, undo: timedelta = UNDO) -> Furnished:
    """Read the house; what is broken in content/ is named and left out, and all else works.

    Raises:
        SetupError: so much is broken that nobody could be answered.
    """
    prepare_data_dir(settings.data_dir)
    furnished = furnish(settings, undo=undo)
    if not furnished.house.content.commands:
        raise SetupError(furnished.faults)
    if furnished.faults:
        show_faults(furnished.faults, title="Vertti starts without these, until they are mended:")
    return furnished


@contextlib.contextmanager
def locked(settings: Settings) -> Iterator[None]:
    """Hold the data folder's lock while a block runs."""
    prepare_data_dir(settings.data_dir)
    descriptor = take_lock(settings.data_dir)
    try:
        yield
    finally:
        os.close(descriptor)
