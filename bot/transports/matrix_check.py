"""What `vertti check` says of Matrix.  It looks and asks; where nothing is kept yet it logs in and out again."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from bot.errors import Fault, Throttled, TransportStopped, Unreachable
from bot.settings import Settings
from bot.store.vault import Vault
from bot.transports.matrix_device import FOLDER, KEYS_LOST, UNFIT, Device, Kept, open_to_others
from bot.transports.matrix_homeserver import find_homeserver
from bot.transports.matrix_http import LOGGED_OUT, TOKEN_REFUSED, MatrixHttp, MatrixRefused
from bot.transports.matrix_keys import are_in_step, kept_keys, published_keys
from bot.transports.matrix_limits import are_lifted, minutes_for
from bot.transports.matrix_login import NO_PASSWORDS, log_in, offers_passwords, take_token
from bot.transports.matrix_signing import is_signed

NOTHING_ANSWERS: Final = Fault(
    "VERTTI_MATRIX_HOMESERVER",
    "the homeserver does not answer",
    "See that it runs and that this machine reaches it; Vertti goes on by itself once it answers",
)
TOO_OLD: Final = Fault(
    "VERTTI_MATRIX_HOMESERVER",
    "the homeserver is too old: it does not speak version 1.1 of Matrix",
    "Bring it up to date",
)
TOKEN_ALONE: Final = Fault(
    "VERTTI_MATRIX_TOKEN",
    "with a token alone lost keys cannot be recovered from: Vertti would stop until it gets a new token",
    "Set VERTTI_MATRIX_PASSWORD too, or keep backups of the data folder",
)
WILL_BE_REPLACED: Final = Fault(
    "matrix/",
    "the keys of Vertti's device are lost; at its next start it logs in as a new one",
    "Put the folder matrix/ back from the backup before that, or start Vertti and tell people to write again what"
    " it has not read",
)
UNSIGNED: Final = Fault(
    "Matrix",
    "Vertti's device is not signed by its account: clients that trust only signed devices ignore it",
    "Start Vertti, which signs it; its log says why when it cannot (docs/matrix.md)",
)
ANYBODY_REGISTERS: Final = Fault(
    "VERTTI_MATRIX_ALLOW",
    "anybody can make an account on this homeserver, and so write to Vertti and invite it",
    "Set enable_registration: false in homeserver.yaml, or name the accounts that may invite it",
)
MEMBERS_SEEN: Final = Fault(
    "Matrix",
    "the members of a room always see each other",
    "Tell people so before they join a group's room; in a private room with Vertti nobody sees them",
)

_AS_WHOM: Final = "Run this as the user that Vertti runs as"
_LIMITS: Final = (
    "unless they were lifted for Vertti's account, the homeserver's limits hold for it too: ten messages at once, then"
    f" one in five seconds, so that news to 100 rooms takes about {minutes_for(100)} minutes"
)
_LIFTING: Final = (
    "An administrator of Synapse lifts them with one call: curl -X POST -H 'Authorization: Bearer ADMIN_TOKEN'"
    ' -d \'{{"messages_per_second": 0, "burst_count": 0}}\' {base}/_synapse/admin/v1/users/{user}/override_ratelimit .'
    " This note goes once Vertti has seen more go through"
)


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found: ``faults`` must be mended, ``notes`` are good to know."""

    faults: tuple[Fault, ...] = ()
    notes: tuple[Fault, ...] = ()


async def check(settings: Settings, vault: Vault | None, *, groups: int = 0) -> Checked:
    """Ask the homeserver whether all is well; nothing when Matrix is off.

    Args:
        settings: all of them.
        vault: opens what is kept; None: Vertti has never run here.
        groups: how many rooms of several people Vertti serves.
    """
    if not settings.matrix_homeserver:
        return Checked()
    check_up = _CheckUp(settings, settings.data_dir / FOLDER, vault)
    faults = await check_up.faults()
    notes = await asyncio.to_thread(check_up.notes)
    if groups:
        notes.append(MEMBERS_SEEN)
    return Checked(tuple(faults), tuple(notes))


class _CheckUp:
    """One look at everything."""

    def __init__(self, settings: Settings, folder: Path, vault: Vault | None) -> None:
        self._settings = settings
        self._folder = folder
        self._vault = vault
        self._base = settings.matrix_homeserver
        self._user = settings.matrix_user
        self._password = settings.matrix_password.get_secret_value()
        self._token = settings.matrix_token.get_secret_value()
        self._open_to_all = False

    async def faults(self) -> list[Fault]:
        """Ask the homeserver, and look at the files."""
        found: list[Fault] = []
        try:
            found = await asyncio.to_thread(self._open_files)
            return found + await self._asked()
        except Throttled as throttled:
            return [
                *found,
                replace(NOTHING_ANSWERS, what=f"the homeserver asks to wait {throttled.seconds:g} s"),
            ]
        except Unreachable:
            return [*found, NOTHING_ANSWERS]
        except TransportStopped as stopped:
            by_password = stopped.fault == TOKEN_REFUSED and not self._token
            return [*found, LOGGED_OUT if by_password else stopped.fault]
        except MatrixRefused:
            return [*found, UNFIT]
        except OSError as error:
            return [*found, Fault("matrix/", f"cannot be read ({error.strerror})", _AS_WHOM)]

    def notes(self) -> list[Fault]:
        """Say what is good to know."""
        found = []
        if self._token and not self._password:
            found.append(TOKEN_ALONE)
        if self._open_to_all and not self._settings.matrix_allow:
            found.append(ANYBODY_REGISTERS)
        if not are_lifted(self._folder):
            user = self._user if self._user.startswith("@") else f"@{self._user}:SERVER"
            found.append(Fault("Matrix", _LIMITS, _LIFTING.format(base=self._base, user=user)))
        return found

    def _open_files(self) -> list[Fault]:
        """Name what others on this machine may read."""
        if not self._folder.exists():
            return []
        paths = open_to_others(self._folder)
        if self._folder.stat().st_mode & 0o077:
            paths.insert(0, self._folder)
        if not paths:
            return []
        what = f"others on this machine may read Vertti's keys ({len(paths)} of its files and folders)"
        return [Fault("matrix/", what, f"Run: chmod -R go= {self._folder}")]

    async def _asked(self) -> list[Fault]:
        homeserver = await find_homeserver(self._base)
        self._base = homeserver.base
        if homeserver.too_old:
            return [TOO_OLD]
        http = MatrixHttp(homeserver.base)
        try:
            self._open_to_all = await anybody_registers(http)
            kept, damaged = await asyncio.to_thread(self._kept)
            if kept is not None and self._vault is not None:
                return await self._ask_for_device(http, kept.device(homeserver.base, self._vault))
            if self._token:
                return await self._ask_for_token(http)
            faults = await self._try_password(http)
            return [*faults, WILL_BE_REPLACED] if damaged else faults
        finally:
            await http.close()

    def _kept(self) -> tuple[Kept | None, bool]:
        """Read what is kept for these settings; tell too whether it is damaged."""
        if self._vault is None:
            return None, False
        try:
            kept = Kept.read(self._folder, self._vault)
        except ValueError:
            return None, True
        if kept is not None and kept.is_for(self._settings.matrix_homeserver, self._user, self._token):
            self._user = kept.user_id
            return kept, False
        return None, False

    async def _ask_for_device(self, http: MatrixHttp, device: Device) -> list[Fault]:
        http.token = device.access_token
        published = await published_keys(http, device.user_id, device.device_id)
        store = (self._folder, device.user_id, device.device_id, device.secret)
        if not are_in_step(await asyncio.to_thread(kept_keys, *store), published):
            return [WILL_BE_REPLACED if self._password else KEYS_LOST]
        if published is not None and not await is_signed(http, device.user_id, device.device_id):
            return [UNSIGNED]
        return []

    async def _try_password(self, http: MatrixHttp) -> list[Fault]:
        """Log in and out again; only while Vertti has no device here, so that no device is made twice."""
        if not await offers_passwords(http):
            return [NO_PASSWORDS]
        login = await log_in(http, self._user, self._password)
        self._user = login.user_id
        await http.post("logout")
        return []

    async def _ask_for_token(self, http: MatrixHttp) -> list[Fault]:
        login = await take_token(http, self._user, self._token)
        self._user = login.user_id
        if self._vault is not None:
            kept = Kept(self._base, login.user_id, login.device_id, self._token, 0, self._token)
            return await self._ask_for_device(http, kept.device(self._base, self._vault))
        if await published_keys(http, login.user_id, login.device_id) is not None and not self._password:
            return [KEYS_LOST]
        return []


async def anybody_registers(http: MatrixHttp) -> bool:
    """Ask, as clients do to show a form, whether accounts are made without an invitation.

    Raises:
        Throttled, Unreachable, TransportStopped: see matrix_http.py.
    """
    try:
        await http.post("register")
    except MatrixRefused as refused:
        flows = refused.body.get("flows")
        if refused.status != 401 or not isinstance(flows, list):  # noqa: PLR2004
            return False
        stages = [flow.get("stages") for flow in flows if isinstance(flow, dict)]
        return any(isinstance(each, list) and "m.login.registration_token" not in each for each in stages)
    return False
