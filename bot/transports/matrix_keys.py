"""The device's public keys: as they lie in nio's key store, and as the homeserver gives them to others."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from nio.crypto.sessions import OlmAccount
from nio.exceptions import EncryptionError
from nio.store.models import Accounts
from peewee import DatabaseError, OperationalError, SqliteDatabase
from vodozemac import LibolmPickleException, PickleException

from bot.errors import Unreachable
from bot.transports.matrix_http import MatrixHttp

_UNREADABLE: Final = (
    DatabaseError,
    PickleException,
    LibolmPickleException,
    EncryptionError,
    ValueError,
)


@dataclass(frozen=True, slots=True)
class Keys:
    """A device's public keys (base64); ``published``: others have been given them."""

    ed25519: str
    curve25519: str
    published: bool


DAMAGED: Final = Keys("", "", published=True)
"""What stands for a key store that cannot be opened: it never equals what the homeserver has."""


def store_of(folder: Path, user_id: str, device_id: str) -> Path:
    """Give the file of nio's key store; the name of an account may have a slash in it."""
    return folder / f"{user_id.replace('/', '=2f')}_{device_id}.db"


def begin_store(folder: Path, user_id: str, device_id: str) -> None:
    """Make the key store's empty file before nio does, for nobody else to read; so are its logs then."""
    os.close(os.open(store_of(folder, user_id, device_id), os.O_WRONLY | os.O_CREAT, 0o600))


def kept_keys(folder: Path, user_id: str, device_id: str, secret: str) -> Keys | None:
    """Read our own keys; None: there are none yet, or no more.

    Raises:
        Unreachable: the store is held up by something that will pass.
    """
    path = store_of(folder, user_id, device_id)
    if not path.exists():
        return None
    # Read-only: looking must neither make a store nor change one that is in use.
    database = SqliteDatabase(f"file:{quote(str(path))}?mode=ro", uri=True)
    try:
        if not database.table_exists(Accounts._meta.table_name):  # noqa: SLF001 - peewee's way to say it
            return None
        # The database is named here: binding it to nio's models would do so for every thread.
        found = Accounts.select(Accounts.account, Accounts.shared).where(
            (Accounts.user_id == user_id) & (Accounts.device_id == device_id)
        )
        for sealed, published in found.tuples().execute(database):
            identity = OlmAccount.from_pickle(sealed, secret).identity_keys
            return Keys(identity["ed25519"], identity["curve25519"], published=published)
    except OperationalError as error:
        raise Unreachable(type(error).__name__) from None
    except _UNREADABLE:
        return DAMAGED
    finally:
        database.close()
    return None


async def published_keys(http: MatrixHttp, user_id: str, device_id: str) -> Keys | None:
    """Ask what the homeserver gives others for our keys; None: it has none.

    Raises:
        Unreachable: its answer makes no sense, so nothing follows from it.
        MatrixRefused, Throttled, TransportStopped: see matrix_http.py.
    """
    answer = await http.post("keys", "query", body={"device_keys": {user_id: [device_id]}})
    devices = _mapping(answer.get("device_keys")).get(user_id)
    if not isinstance(devices, dict):
        raise Unreachable
    if device_id not in devices:
        return None
    keys = _mapping(_mapping(devices[device_id]).get("keys"))
    ed25519, curve25519 = (keys.get(f"{kind}:{device_id}") for kind in ("ed25519", "curve25519"))
    return Keys(str(ed25519), str(curve25519), published=True)


def are_in_step(ours: Keys | None, published: Keys | None) -> bool:
    """Tell whether what others encrypt for us can be read here, now or once our keys are published."""
    if published is None:
        return ours is None or not ours.published
    return ours is not None and (ours.ed25519, ours.curve25519) == (published.ed25519, published.curve25519)


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
