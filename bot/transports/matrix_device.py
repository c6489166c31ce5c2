"""One login, ever: the device that Vertti speaks with, kept across restarts.

A second device could not read what was encrypted for the first, and the homeserver would take a message that is sent
again for a new one.  So the device lies in the data folder (0600, sealed), beside its keys in nio's key store.  Lost
keys do not heal: then only a new login helps, and that takes the password.
"""

import asyncio
import base64
import contextlib
import json
import os
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Final, Self

from bot.clock import Clock, now
from bot.errors import Fault, SendError, SetupError, TransportStopped, Unreachable
from bot.store.vault import Vault
from bot.transports.matrix_homeserver import Homeserver, find_homeserver
from bot.transports.matrix_http import TOKEN_REFUSED, MatrixHttp, MatrixRefused
from bot.transports.matrix_keys import Keys, are_in_step, begin_store, kept_keys, published_keys
from bot.transports.matrix_login import Login, is_account, log_in, take_token

FOLDER: Final = "matrix"  # in the data folder
FILE: Final = "device.json"

UNFIT: Final = Fault(
    "VERTTI_MATRIX_HOMESERVER",
    "the homeserver refuses what Vertti cannot do without: keys for encryption",
    "Use a homeserver with end-to-end encryption, for instance Synapse (docs/matrix.md)",
)
KEYS_LOST: Final = Fault(
    "VERTTI_MATRIX_TOKEN",
    "the keys of this token's device are not here, and with a token alone no new device can be made",
    "Set VERTTI_MATRIX_PASSWORD, or a token of a new login that nothing else uses, or put the folder matrix/ back"
    " from the backup; then start Vertti again",
)


@dataclass(frozen=True, slots=True)
class Device:
    """The device that we speak with.

    ``homeserver`` is the address to call; ``since`` when the device logged in, by the homeserver's clock (ms since 1970):
    what was said before was not said to us.  ``secret`` opens its key store.
    """

    homeserver: str
    user_id: str = field(repr=False)
    device_id: str = field(repr=False)
    access_token: str = field(repr=False)
    since: int
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Opened:
    """A device that works.

    ``fresh``: it has never spoken before.  ``lost``: it replaces one whose keys were lost, so that what was encrypted for
    that one stays unreadable; it is said at each opening until `told_of_loss`.
    """

    device: Device
    fresh: bool
    lost: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """What lies in the file: the device, and the settings that it was opened for."""

    homeserver: str
    user_id: str = field(repr=False)
    device_id: str = field(repr=False)
    access_token: str = field(repr=False)
    since: int
    token_set: str = field(repr=False)  # VERTTI_MATRIX_TOKEN at that time
    lost: bool = False  # it replaces one whose keys were lost, and nobody has been told

    def is_for(self, homeserver: str, user: str, token: str | None) -> bool:
        """Tell whether the settings still mean this device; a token that is new means another."""
        return (
            self.homeserver == homeserver
            and is_account(user, self.user_id)
            and token in {None, "", self.token_set}
        )

    def device(self, base: str, vault: Vault) -> Device:
        """Give the device, with its homeserver's address as found today."""
        # Derived, not kept: whoever has lost this file alone has not lost the keys.
        secret = vault.secret(f"matrix store {self.user_id} {self.device_id}")
        return Device(base, self.user_id, self.device_id, self.access_token, self.since, secret)

    @classmethod
    def read(cls, folder: Path, vault: Vault) -> Self | None:
        """Read the file; None: there is none.

        Raises:
            ValueError: it is damaged, or sealed with another key.
            OSError: it cannot be read now.
        """
        try:
            sealed = base64.b64decode(json.loads((folder / FILE).read_bytes())["sealed"])
            return cls(**json.loads(vault.open(sealed)))
        except FileNotFoundError:
            return None
        except (KeyError, TypeError, ValueError, SetupError) as error:
            raise ValueError(type(error).__name__) from None

    def write(self, folder: Path, vault: Vault) -> None:
        """Write the file, whole or not at all."""
        sealed = vault.seal(json.dumps(asdict(self)).encode())
        unfinished = folder / f".{FILE}"
        with contextlib.suppress(FileNotFoundError):
            unfinished.unlink()
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(json.dumps({"sealed": base64.b64encode(sealed).decode()}).encode())
            file.flush()
            os.fsync(file.fileno())
        unfinished.replace(folder / FILE)
        directory = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)


async def open_device(  # noqa: PLR0917 - the four settings, in the order of .env.example
    homeserver: str,
    user: str,
    password: str | None,
    token: str | None,
    folder: Path,
    vault: Vault,
    *,
    clock: Clock = now,
) -> Opened:
    """Open the device that is kept, or log in: the first time, for another account, or when its keys are lost.

    Args:
        homeserver: its address, as it is set.
        user: "@vertti:example.org", or "vertti".
        password: of the account; None or empty: there is none, so nothing lost can be replaced.
        token: an access token to use instead of a login; None or empty: there is none.
        folder: where device and keys lie; made if need be.
        vault: seals what is kept.
        clock: dates the login where the homeserver does not say the time.

    Raises:
        Unreachable: no network, or no homeserver there now.
        Throttled: too many logins; the next one is refused too unless that time has passed.
        TransportStopped: a person must mend something.
    """
    entrance = _Entrance(homeserver, user, password or "", token or "", folder, vault, clock)
    try:
        await asyncio.to_thread(_lock_up, folder)
        return await entrance.opened()
    except MatrixRefused:
        raise TransportStopped(UNFIT) from None
    except OSError as error:  # a full disk, most likely; nothing is undone by trying again
        raise Unreachable(type(error).__name__) from None


@dataclass(frozen=True, slots=True)
class _Entrance:
    """The ways in, for one set of settings; an empty password or token is none."""

    address: str
    user: str
    password: str = field(repr=False)
    token: str = field(repr=False)
    folder: Path
    vault: Vault
    clock: Clock

    async def opened(self) -> Opened:
        """Open the device."""
        kept, missing = await asyncio.to_thread(self._kept)
        if kept is not None and not kept.is_for(self.address, self.user, self.token):
            kept = None
        found = await self._found(known=kept is not None)
        http = MatrixHttp(found.base)
        try:
            if kept is not None:
                return await self._reopened(http, found, kept)
            return await self._first_opened(http, found, missing=missing)
        finally:
            await http.close()

    def _kept(self) -> tuple[Kept | None, bool]:
        """Read what is kept; tell too whether something was kept that is not there any more."""
        try:
            kept = Kept.read(self.folder, self.vault)
        except ValueError:
            return None, True
        return kept, kept is None and any(self.folder.glob("*.db"))

    async def _found(self, *, known: bool) -> Homeserver:
        try:
            return await find_homeserver(self.address)
        except TransportStopped as error:
            if known:  # it was one before: a proxy speaks in its stead
                raise Unreachable(type(error).__name__) from None
            raise

    async def _reopened(self, http: MatrixHttp, found: Homeserver, kept: Kept) -> Opened:
        """Go on with the device that is kept, unless its keys are lost."""
        http.token = kept.access_token
        try:
            ours, published = await self._keys(http, kept)
        except TransportStopped as error:
            if error.fault != TOKEN_REFUSED or not self.password:
                raise
            # Where tokens run out the device lives on, with its keys; where it was deleted its keys are gone too.
            kept = await self._logged_in(http, found, again=kept, lost=kept.lost)
            ours, published = await self._keys(http, kept)
        if are_in_step(ours, published):
            return Opened(await self._begun(found, kept), fresh=False, lost=kept.lost)
        if not self.password:
            raise TransportStopped(KEYS_LOST)
        new = await self._logged_in(http, found, lost=True)
        http.token = kept.access_token
        with contextlib.suppress(SendError, TransportStopped):  # nobody shall encrypt for it any more
            await http.post("logout")
        return Opened(await self._begun(found, new), fresh=True, lost=True)

    async def _first_opened(self, http: MatrixHttp, found: Homeserver, *, missing: bool) -> Opened:
        """Take the token that is set, or log in."""
        if self.token:
            kept = self._kept_as(await take_token(http, self.user, self.token), found)
            ours, published = await self._keys(http, kept)
            if are_in_step(ours, published):
                known = ours is not None  # the same device, by a new token
                kept = replace(kept, lost=missing and not known)
                await asyncio.to_thread(kept.write, self.folder, self.vault)
                return Opened(await self._begun(found, kept), fresh=not known, lost=kept.lost)
            if not self.password:
                raise TransportStopped(KEYS_LOST)
        kept = await self._logged_in(http, found, lost=missing)
        return Opened(await self._begun(found, kept), fresh=True, lost=missing)

    async def _begun(self, found: Homeserver, kept: Kept) -> Device:
        device = kept.device(found.base, self.vault)
        await asyncio.to_thread(begin_store, self.folder, device.user_id, device.device_id)
        return device

    # ---- what the homeserver is asked ---------------------------------------------------------------

    async def _keys(self, http: MatrixHttp, kept: Kept) -> tuple[Keys | None, Keys | None]:
        """Give the device's keys as they lie here, and as the homeserver has them."""
        published = await published_keys(http, kept.user_id, kept.device_id)
        device = kept.device(http.base, self.vault)
        store = (self.folder, device.user_id, device.device_id, device.secret)
        return await asyncio.to_thread(kept_keys, *store), published

    async def _logged_in(
        self, http: MatrixHttp, found: Homeserver, *, lost: bool, again: Kept | None = None
    ) -> Kept:
        """Log in and keep it; ``again`` as a device that was logged in before, else as a new one."""
        device_id = None if again is None else again.device_id
        login = await log_in(http, self.user, self.password, device_id=device_id)
        kept = replace(self._kept_as(login, found), lost=lost)
        if again is not None:
            kept = replace(kept, since=again.since)
        await asyncio.to_thread(kept.write, self.folder, self.vault)
        return kept

    def _kept_as(self, login: Login, found: Homeserver) -> Kept:
        since = int(self.clock().timestamp() * 1000) if found.time is None else found.time
        return Kept(self.address, login.user_id, login.device_id, login.token, since, self.token)


async def told_of_loss(folder: Path, vault: Vault) -> None:
    """Note that the organizers know that keys were lost.

    Raises:
        Unreachable: it could not be noted; they will be told once more.
    """

    def note() -> None:
        if (kept := Kept.read(folder, vault)) is not None and kept.lost:
            replace(kept, lost=False).write(folder, vault)

    try:
        await asyncio.to_thread(note)
    except (OSError, ValueError) as error:
        raise Unreachable(type(error).__name__) from None


def _lock_up(folder: Path) -> None:
    """Make the folder, for this user alone; what lies in it and was restored from somewhere is closed to others too."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.chmod(0o700)
    for path in open_to_others(folder):
        path.chmod(0o600)


def open_to_others(folder: Path) -> list[Path]:
    """Give the files that others on this machine might read or write."""
    return [path for path in sorted(folder.iterdir()) if path.is_file() and path.stat().st_mode & 0o077]
