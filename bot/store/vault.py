"""Addresses encrypted at rest, looked up by a keyed hash; buttons sealed to their reader.

The one key lies in a file of its own (0600) beside the database, so that a copy of the database alone
names no one.  All other keys are derived from it (HKDF, RFC 5869).
"""

import base64
import hashlib
import hmac
import os
import secrets
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from bot.errors import Fault, SetupError

KEY_BYTES = 32
NONCE_BYTES = 12
LOOKUP_BYTES = 16
TAG_CHARACTERS = 11  # 66 bits in base64url ...
BUTTON_BYTES = 64 - TAG_CHARACTERS  # ... of Telegram's 64 bytes for a button
BETWEEN = "|"  # stands between a button's action and its arguments


class Vault:
    """Seals and opens what must not be readable in the database."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._cipher = AESGCM(self._derive(b"seal"))
        self._lookup_key = self._derive(b"lookup")
        self._button_key = self._derive(b"button")

    def _derive(self, purpose: bytes) -> bytes:
        return HKDF(SHA256(), KEY_BYTES, salt=None, info=b"vertti " + purpose).derive(self._key)

    def secret(self, purpose: str) -> str:
        """Give a secret of its own for a purpose, 64 hexadecimal digits, always the same."""
        return self._derive(purpose.encode()).hex()

    def lookup(self, platform: str, address: str) -> bytes:
        """Give the 16 bytes under which an address is found again."""
        text = f"{platform}\0{address}".encode()
        return hmac.digest(self._lookup_key, text, "sha256")[:LOOKUP_BYTES]

    def seal(self, plain: bytes) -> bytes:
        """Encrypt; the same input gives another output each time."""
        nonce = secrets.token_bytes(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, plain, None)

    def open(self, sealed: bytes) -> bytes:
        """Decrypt what `seal` gave.

        Raises:
            SetupError: the key file does not belong to this database.
        """
        try:
            return self._cipher.decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None)
        except InvalidTag as error:
            raise SetupError([_WRONG_KEY]) from error

    def seal_button(self, conversation: int, action: str, arguments: tuple[str, ...] = ()) -> str:
        """Give a button's data, bound to the conversation that it is shown in (T-10); at most 64 bytes.

        Raises:
            ValueError: it is too long, or an argument holds the sign that stands between them.
        """
        payload = BETWEEN.join((action, *arguments))
        if len(payload.encode()) > BUTTON_BYTES or payload.count(BETWEEN) != len(arguments):
            message = f"a button of {action} does not fit"
            raise ValueError(message)
        return self._button_tag(conversation, payload) + payload

    def open_button(self, conversation: int, data: str) -> tuple[str, tuple[str, ...]] | None:
        """Give the action and the arguments; None: forged, or shown to somebody else."""
        tag, payload = data[:TAG_CHARACTERS], data[TAG_CHARACTERS:]
        if not hmac.compare_digest(
            tag.encode("utf-8", "surrogatepass"), self._button_tag(conversation, payload).encode()
        ):
            return None
        action, *arguments = payload.split(BETWEEN)
        return action, tuple(arguments)

    def _button_tag(self, conversation: int, payload: str) -> str:
        text = f"{conversation}\0{payload}".encode("utf-8", "surrogatepass")
        digest = hmac.digest(self._button_key, text, "sha256")
        return base64.urlsafe_b64encode(digest)[:TAG_CHARACTERS].decode()

    def tag(self, text: str) -> str:
        """Give a short name for a log line that leads back to nobody without the key."""
        return hmac.digest(self._lookup_key, b"log\0" + text.encode(), "sha256")[:4].hex()


_WRONG_KEY = Fault(
    where="vertti.key",
    what="the key does not open this database",
    mend="Put back the key file that was kept together with this database",
)


def open_vault(path: Path) -> Vault:
    """Read the key, or make it (0600) the first time.

    Raises:
        SetupError: the file is not a key, or others may read it.
    """
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_bytes(KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
    if path.stat().st_mode & 0o077:
        raise SetupError(
            [Fault(path.name, "others on this machine may read the key", f"Run: chmod 600 {path.name}")]
        )
    key = path.read_bytes()
    if len(key) != KEY_BYTES:
        raise SetupError(
            [Fault(path.name, "is not a key of 32 bytes", "Put back the key file from the backup")]
        )
    return Vault(key)


def code_hash(code: str) -> bytes:
    """Give what is kept of a one-time code; the code itself has 60 bits of chance, so no salt is needed."""
    return hashlib.sha256(code.strip().upper().encode()).digest()


def text_hash(text: str) -> str:
    """Give by what the organizers' log knows a text again, letter for letter: 64 hexadecimal digits."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
