"""A real Synapse, started from its wheel, for whoever needs one for a while.

    server = Synapse(folder)
    server.start()
    anna = server.newcomer("anna")        # user id, device id, token: no login needed
    server.stop(); server.start()         # the same folder, the same port

Federation is off and everything listens on loopback only.  Rate limits are lifted unless ``Synapse(folder,
limited=True)``; what ``**overrides`` names replaces or adds to the homeserver's configuration.
"""

import base64
import hashlib
import hmac
import itertools
import json
import os
import secrets
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

SERVER_NAME = "localhost"
SHARED_SECRET = "s3cret"
START_WITHIN = timedelta(seconds=60)
STOP_WITHIN = timedelta(seconds=20)

WIDE = {"per_second": 100_000, "burst_count": 100_000}
NO_LIMITS: dict[str, Any] = {
    "rc_login": {"address": WIDE, "account": WIDE, "failed_attempts": WIDE},
    "rc_joins": {"local": WIDE, "remote": WIDE},
    "rc_invites": {"per_room": WIDE, "per_user": WIDE, "per_issuer": WIDE},
    **{
        f"rc_{name}": WIDE
        for name in (
            "joins_per_room",
            "key_requests",
            "media_create",
            "message",
            "profile",
            "registration",
            "room_creation",
            "user_directory",
        )
    },
}

# The server dies with whoever started it, however that one died: it holds the other end of the pipe.
TETHERED = """
import os, runpy, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()
sys.argv = ["homeserver", "-c", "homeserver.json"]
runpy.run_module("synapse.app.homeserver", run_name="__main__")
"""


@dataclass(frozen=True, slots=True)
class Account:
    """Someone's account, with one device that is logged in."""

    user_id: str
    device_id: str
    token: str = field(repr=False)
    password: str = field(repr=False)


class RefusedError(Exception):
    """The server did not do as it was told: HTTP status, Matrix error code, and when it may be asked again."""

    def __init__(self, status: int, code: str, retry_after_ms: int = 0) -> None:
        super().__init__(f"{status} {code}")
        self.status = status
        self.code = code
        self.retry_after_ms = retry_after_ms


class NotStartedError(Exception):
    """The server did not start: its exit status (None: it runs, but does not answer), what it said last."""

    def __init__(self, status: int | None, last_words: str) -> None:
        super().__init__(f"Synapse {'hangs' if status is None else f'ended with {status}'}:\n{last_words}")


class Synapse:
    """One homeserver with a folder and a port of its own; ``start`` it."""

    def __init__(self, folder: Path, *, limited: bool = False, **overrides: Any) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        self._keeper: Account | None = None
        folder.mkdir(parents=True, exist_ok=True)
        configuration = self._configuration() | ({} if limited else NO_LIMITS) | overrides
        (folder / "homeserver.json").write_text(json.dumps(configuration))
        (folder / "log.json").write_text(json.dumps(LOGGING))
        (folder / "signing.key").write_text(f"ed25519 a_test {unpadded(secrets.token_bytes(32))}\n")

    def _configuration(self) -> dict[str, Any]:
        resources = [{"names": ["client"]}]
        return {
            "server_name": SERVER_NAME,
            "public_baseurl": self.url,
            "listeners": [
                {
                    "port": self.port,
                    "bind_addresses": ["127.0.0.1"],
                    "type": "http",
                    "tls": False,
                    "resources": resources,
                }
            ],
            "database": {"name": "sqlite3", "args": {"database": "homeserver.db"}},
            "media_store_path": "media",
            "signing_key_path": "signing.key",
            "log_config": "log.json",
            "registration_shared_secret": SHARED_SECRET,
            "report_stats": False,
            "trusted_key_servers": [],
            "federation_domain_whitelist": [],
            "presence": {"enabled": False},
            "bcrypt_rounds": 4,
        }

    # Its life

    def start(self) -> None:
        """Start, or start again on the same folder and port; return when it answers."""
        assert self._process is None, "Synapse runs already"
        with (self.folder / "out.log").open("ab") as log:
            self._process = subprocess.Popen(
                [os.environ.get("SYNAPSE_PYTHON", sys.executable), "-c", TETHERED],
                cwd=self.folder,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_WITHIN.total_seconds()
        while not self.is_healthy():
            status = self._process.poll()
            if status is not None or time.monotonic() > deadline:
                self.kill()
                raise NotStartedError(status, self.last_words())
            time.sleep(0.02)

    def stop(self) -> None:
        """End it as an administrator would; a server that has ended already is fine."""
        self._end(kill=False)

    def kill(self) -> None:
        """End it as a power cut would."""
        self._end(kill=True)

    def _end(self, *, kill: bool) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        if kill:
            process.kill()
        else:
            process.terminate()
        try:
            process.wait(STOP_WITHIN.total_seconds())
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdin
        process.stdin.close()

    @property
    def pid(self) -> int:
        assert self._process is not None, "Synapse does not run"
        return self._process.pid

    def is_healthy(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/health", timeout=5) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def last_words(self) -> str:
        return (self.folder / "out.log").read_text(errors="replace")[-4000:]

    # Accounts

    def register(self, user: str, *, admin: bool = False, password: str = "pw") -> Account:
        """Make the account ``@user:localhost`` and log one device in."""
        nonce = self.call("GET", "/_synapse/admin/v1/register")["nonce"]
        words = (nonce, user, password, "admin" if admin else "notadmin")
        mac = hmac.new(SHARED_SECRET.encode(), "\0".join(words).encode(), hashlib.sha1).hexdigest()
        made = self.call(
            "POST",
            "/_synapse/admin/v1/register",
            {"nonce": nonce, "username": user, "password": password, "admin": admin, "mac": mac},
        )
        return Account(made["user_id"], made["device_id"], made["access_token"], password)

    def newcomer(self, name: str) -> Account:
        """Make an account that nobody on this server has had, named after ``name``."""
        return self.register(f"{name}-{next(self._numbers)}")

    def logs_in(self, account: Account) -> Account:
        """Log one more device in."""
        made = self.call(
            "POST",
            "/_matrix/client/v3/login",
            {
                "type": "m.login.password",
                "identifier": {"type": "m.id.user", "user": account.user_id},
                "password": account.password,
            },
        )
        return Account(made["user_id"], made["device_id"], made["access_token"], account.password)

    # What an administrator does

    def lifts_limit(self, user_id: str) -> None:
        """Let one account send as fast as it likes."""
        self.administer(
            "POST",
            f"/v1/users/{quote(user_id)}/override_ratelimit",
            {"messages_per_second": 0, "burst_count": 0},
        )

    def deactivates(self, user_id: str) -> None:
        """Close an account for good: all its tokens are revoked, it leaves all its rooms."""
        self.administer("POST", f"/v1/deactivate/{quote(user_id)}", {"erase": False})

    def revokes(self, account: Account) -> None:
        """Delete a device, and with it the token and the keys."""
        self.administer("DELETE", f"/v2/users/{quote(account.user_id)}/devices/{quote(account.device_id)}")

    def makes_room_admin(self, room: str, user_id: str) -> None:
        self.administer("POST", f"/v1/rooms/{quote(room)}/make_room_admin", {"user_id": user_id})

    def shuts_room(self, room: str) -> None:
        """Throw everybody out of a room and let nobody in again."""
        self.administer("DELETE", f"/v1/rooms/{quote(room)}", {"block": True, "purge": False})

    def administer(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """Call the admin API; ``path`` begins after ``/_synapse/admin``."""
        if self._keeper is None:
            self._keeper = self.register("keeper", admin=True)
        return self.call(method, f"/_synapse/admin{path}", body, token=self._keeper.token)

    def call(self, method: str, path: str, body: Any = None, *, token: str = "") -> dict[str, Any]:
        """Make one call to the server's HTTP API; raise RefusedError for any answer but success."""
        headers = {"Content-Type": "application/json"} | (
            {"Authorization": f"Bearer {token}"} if token else {}
        )
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=20) as answer:
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            with error:
                told = json.loads(error.read() or b"{}")
            raise RefusedError(error.code, told.get("errcode", ""), told.get("retry_after_ms", 0)) from None


LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "handlers": {"out": {"class": "logging.StreamHandler"}},
    "root": {"level": "WARNING", "handlers": ["out"]},
}


def free_port() -> int:
    """Give a port that is free, and that no outgoing connection takes while the server is down."""
    ports = range(20_000, 32_000)  # below those that systems hand out by themselves
    while True:
        port = secrets.choice(ports)
        try:
            with socket.create_server(("127.0.0.1", port)):
                return port
        except OSError:
            continue


def unpadded(data: bytes) -> str:
    return base64.b64encode(data).decode().rstrip("=")
