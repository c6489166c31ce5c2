"""Cross-signing: the account vouches for its own device, else clients that trust only signed devices ignore it.

Three key pairs make up the account's identity: the master key signs the other two, the self-signing key signs the
account's devices.  (Specification: client-server API, "Cross-signing"; nio has none of it.)
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from bot.errors import Fault, Unreachable
from bot.store.vault import Vault
from bot.transports.matrix_device import Device
from bot.transports.matrix_http import MatrixHttp, MatrixRefused
from bot.transports.matrix_login import BY_PASSWORD

ROLES: Final = ("master", "self_signing", "user_signing")

_UNSIGNED: Final = (
    "Vertti's device is not signed by its account: clients that trust only signed devices ignore it"
)
NEED_PASSWORD: Final = Fault(
    "VERTTI_MATRIX_PASSWORD",
    f"{_UNSIGNED}. The homeserver asks for the account's password before it takes the signing keys",
    "Set the account's password, and start Vertti again",
)
PASSWORD_REFUSED: Final = Fault(
    "VERTTI_MATRIX_PASSWORD",
    f"{_UNSIGNED}. The homeserver does not take the signing keys with this password",
    "Check the account's password, and start Vertti again",
)
PERSON_NEEDED: Final = Fault(
    "Matrix",
    f"{_UNSIGNED}. The homeserver wants a person to approve the signing keys",
    "Approve the reset of the account's cryptographic identity on the homeserver's account page, and start Vertti again",
)
NOT_SIGNED: Final = Fault(
    "Matrix",
    f"{_UNSIGNED}. The homeserver does not take the signature",
    "Use a homeserver with cross-signing, for instance Synapse (docs/matrix.md)",
)
NEW_IDENTITY: Final = Fault(
    "Matrix",
    "Vertti's account had signing keys that are not Vertti's, and has got new ones: clients warn people who wrote"
    " with it that its identity has changed",
    "Tell people that the change is meant; let no other client set up encryption for this account",
)


@dataclass(frozen=True, slots=True)
class Seeds:
    """The private halves of the identity's keys, 32 bytes each."""

    master: bytes = field(repr=False)
    self_signing: bytes = field(repr=False)
    user_signing: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Signing:
    """How it stands with the signature; ``fault`` is what a person should know of it, None: nothing."""

    signed: bool
    fault: Fault | None = None


def seeds_for(vault: Vault, user_id: str) -> Seeds:
    """Give the account's seeds: always the same, as long as ``vertti.key`` is.

    They are derived and lie nowhere, so that they outlive every device and all of the folder ``matrix/``.
    """
    return Seeds(*(bytes.fromhex(vault.secret(f"matrix signing {role} {user_id}")) for role in ROLES))


async def sign_device(
    http: MatrixHttp, device: Device, fingerprint: str, seeds: Seeds, password: str | None
) -> Signing:
    """See that the device is signed by its account; call it once its keys are uploaded, at each start.

    An identity that somebody else gave the account stays, as long as it vouches for the device.

    Args:
        http: with the device's token.
        device: whose keys are uploaded.
        fingerprint: the device's own ed25519 key (base64): nothing else is ever signed in its name.
        seeds: of the account's identity, see `seeds_for`.
        password: of the account; None or empty: there is none.

    Raises:
        Throttled, Unreachable: not now; call it again.
        TransportStopped: the account itself is refused.
    """
    signer = _Signer(http, device.user_id, device.device_id, fingerprint, seeds)
    try:
        return await _signed(signer, password or "")
    except MatrixRefused:
        return Signing(signed=False, fault=NOT_SIGNED)


async def is_signed(http: MatrixHttp, user_id: str, device_id: str) -> bool:
    """Ask whether the account vouches for the device, with whatever identity it has.

    Raises:
        MatrixRefused, Throttled, Unreachable, TransportStopped: see matrix_http.py.
    """
    return (await _query(http, user_id, device_id)).vouched


async def _signed(signer: "_Signer", password: str) -> Signing:
    known = await signer.query()
    if known.device_key != signer.fingerprint:
        raise Unreachable  # the homeserver does not (yet) give others the keys that we have uploaded
    if known.vouched:
        return Signing(signed=True)
    fault = None
    if not signer.has_our_keys(known):
        if (fault := await signer.upload(password)) is not None:
            return Signing(signed=False, fault=fault)
        if known.master and known.master != signer.master:
            fault = NEW_IDENTITY
    await signer.vouch(known)
    if not (await signer.query()).vouched:
        return Signing(signed=False, fault=NOT_SIGNED)
    return Signing(signed=True, fault=fault)


class _Signer:
    """One account's identity, about to vouch for one device."""

    def __init__(
        self, http: MatrixHttp, user_id: str, device_id: str, fingerprint: str, seeds: Seeds
    ) -> None:
        self._http = http
        self._user_id = user_id
        self._device_id = device_id
        self.fingerprint = fingerprint
        self._private = {
            role: Ed25519PrivateKey.from_private_bytes(seed)
            for role, seed in zip(ROLES, (seeds.master, seeds.self_signing, seeds.user_signing), strict=True)
        }
        self.public = {role: public_of(key) for role, key in self._private.items()}
        self.master = self.public["master"]

    async def query(self) -> "_Known":
        """Ask what the homeserver tells others of the account."""
        return await _query(self._http, self._user_id, self._device_id)

    def has_our_keys(self, known: "_Known") -> bool:
        """Tell whether the account's identity is the one that we have the keys of."""
        return (known.master, known.self_signing) == (self.master, self.public["self_signing"])

    async def upload(self, password: str) -> Fault | None:
        """Give the account our identity; return what stood in the way."""
        body = {f"{role}_key": self._described(role) for role in ROLES}
        try:
            await self._http.post("keys", "device_signing", "upload", body=body)
        except MatrixRefused as refused:
            session = refused.body.get("session")
            if refused.status != 401 or not isinstance(session, str):  # noqa: PLR2004
                raise
            if not _asks_for_password(refused.body):
                return PERSON_NEEDED
            if not password:
                return NEED_PASSWORD
        else:
            return None
        who = {"type": "m.id.user", "user": self._user_id}
        auth = {"type": BY_PASSWORD, "identifier": who, "password": password, "session": session}
        try:
            await self._http.post("keys", "device_signing", "upload", body={**body, "auth": auth})
        except MatrixRefused as refused:
            if refused.status != 401:  # noqa: PLR2004
                raise
            return PASSWORD_REFUSED
        return None

    async def vouch(self, known: "_Known") -> None:
        """Sign the device and hand the signature in; whether it was taken, the next query shows."""
        signed = self._sign({**known.device}, "self_signing")
        await self._http.post("keys", "signatures", "upload", body={self._user_id: {self._device_id: signed}})

    def _described(self, role: str) -> dict[str, Any]:
        key = self.public[role]
        described = {"user_id": self._user_id, "usage": [role], "keys": {f"ed25519:{key}": key}}
        return described if role == "master" else self._sign(described, "master")

    def _sign(self, described: dict[str, Any], role: str) -> dict[str, Any]:
        signature = unpadded(self._private[role].sign(canonical(described)))
        described.pop("unsigned", None)
        described["signatures"] = {self._user_id: {f"ed25519:{self.public[role]}": signature}}
        return described


@dataclass(frozen=True, slots=True)
class _Known:
    """What the homeserver tells of an account's identity and of one device; an empty key: it has none."""

    master: str
    self_signing: str
    device: Mapping[str, Any]
    device_key: str
    vouched: bool  # the master key has signed the self-signing key, and that one the device


async def _query(http: MatrixHttp, user_id: str, device_id: str) -> _Known:
    answer = await http.post("keys", "query", body={"device_keys": {user_id: [device_id]}})
    master = _mapping(_mapping(answer.get("master_keys")).get(user_id))
    self_signing = _mapping(_mapping(answer.get("self_signing_keys")).get(user_id))
    device = _mapping(_mapping(_mapping(answer.get("device_keys")).get(user_id)).get(device_id))
    first, second = _key_of(master), _key_of(self_signing)
    return _Known(
        master=first,
        self_signing=second,
        device=device,
        device_key=str(_mapping(device.get("keys")).get(f"ed25519:{device_id}", "")),
        vouched=is_signed_by(first, self_signing, user_id) and is_signed_by(second, device, user_id),
    )


def _asks_for_password(body: Mapping[str, Any]) -> bool:
    flows = body.get("flows")
    return isinstance(flows, list) and any(_mapping(flow).get("stages") == [BY_PASSWORD] for flow in flows)


def _key_of(described: Mapping[str, Any]) -> str:
    """Give the one public key that a cross-signing key's description holds."""
    keys = _mapping(described.get("keys"))
    return next((key for name, key in keys.items() if isinstance(key, str) and name == f"ed25519:{key}"), "")


def is_signed_by(key: str, described: Mapping[str, Any], user_id: str) -> bool:
    """Tell whether a key of an account (base64) has signed an object."""
    signature = _mapping(_mapping(described.get("signatures")).get(user_id)).get(f"ed25519:{key}")
    if not key or not isinstance(signature, str):
        return False
    try:
        Ed25519PublicKey.from_public_bytes(_bytes_of(key)).verify(_bytes_of(signature), canonical(described))
    except (InvalidSignature, ValueError, RecursionError):
        return False
    return True


def canonical(described: Mapping[str, Any]) -> bytes:
    """Give the bytes that are signed: JSON without what the signature does not cover."""
    covered = {name: value for name, value in described.items() if name not in {"signatures", "unsigned"}}
    text = json.dumps(covered, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode("utf-8", "surrogatepass")


def public_of(key: Ed25519PrivateKey) -> str:
    """Give the public key, base64."""
    return unpadded(key.public_key().public_bytes_raw())


def unpadded(data: bytes) -> str:
    """Give base64 without padding, as Matrix writes it."""
    return base64.b64encode(data).decode().rstrip("=")


def _bytes_of(text: str) -> bytes:
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        return b""


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}
