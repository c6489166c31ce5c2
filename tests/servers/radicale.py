"""A real Radicale (a CalDAV server), started from its wheel, for whoever needs one for a while.

    server = Radicale(folder)
    server.start()
    anna = server.newcomer("anna")           # with a password of her own
    groups = anna.makes_calendar("ryhmat")   # groups.url
    groups.puts("1.ics", ICS); groups.deletes("1.ics")
    server.stop()

It listens on loopback only.
"""

import base64
import itertools
import os
import secrets
import subprocess
import sys
import time
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from urllib.parse import quote

from tests.servers.synapse import free_port

START_WITHIN = timedelta(seconds=30)
STOP_WITHIN = timedelta(seconds=10)

CONFIGURATION = """
[server]
hosts = 127.0.0.1:{port}
max_connections = 40
[auth]
type = htpasswd
htpasswd_filename = {users}
htpasswd_encryption = plain
delay = 0
[storage]
filesystem_folder = {folder}/collections
[logging]
level = warning
"""

# The server dies with whoever started it, however that one died: it holds the other end of the pipe.
TETHERED = """
import os, runpy, sys, threading
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(1)), daemon=True).start()
sys.argv = ["radicale", "--config", "radicale.ini"]
runpy.run_module("radicale", run_name="__main__")
"""

MAKE_CALENDAR = """<?xml version="1.0" encoding="utf-8"?>
<C:mkcalendar xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:caldav"><D:set><D:prop>
<D:displayname>{name}</D:displayname>
<C:supported-calendar-component-set><C:comp name="{holds}"/></C:supported-calendar-component-set>
</D:prop></D:set></C:mkcalendar>"""

# Tests set proxies as traps; the server's own helpers do not step into them.
PLAINLY = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Radicale:
    """One server with a folder and a port of its own; ``start`` it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._process: subprocess.Popen[bytes] | None = None
        self._numbers = itertools.count(1)
        folder.mkdir(parents=True, exist_ok=True)
        self._users = folder / "users"
        self._users.touch()
        configuration = CONFIGURATION.format(port=self.port, users=self._users, folder=folder)
        (folder / "radicale.ini").write_text(configuration)

    def start(self) -> None:
        """Start, or start again on the same folder and port; return when it answers."""
        assert self._process is None, "Radicale runs already"
        with (self.folder / "out.log").open("ab") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", TETHERED],
                cwd=self.folder,
                env={name: value for name, value in os.environ.items() if not name.startswith("RADICALE")},
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        deadline = time.monotonic() + START_WITHIN.total_seconds()
        while not self.is_up():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise AssertionError((self.folder / "out.log").read_text(errors="replace")[-4000:])
            time.sleep(0.02)

    def stop(self) -> None:
        """End it; one that has ended already is fine."""
        process, self._process = self._process, None
        if process is None:
            return
        process.terminate()
        try:
            process.wait(STOP_WITHIN.total_seconds())
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert process.stdin
        process.stdin.close()

    def is_up(self) -> bool:
        try:
            with PLAINLY.open(f"{self.url}/.web/", timeout=5):
                return True
        except urllib.error.HTTPError as error:
            error.close()
            return True
        except OSError:
            return False

    def newcomer(self, name: str, *, password: str = "") -> "Organizer":
        """Let in somebody whom this server has not had, named after ``name``."""
        someone = Organizer(self, f"{name}-{next(self._numbers)}", password or secrets.token_hex(8))
        with self._users.open("a") as users:
            users.write(f"{someone.user}:{someone.password}\n")
        return someone


@dataclass(frozen=True, slots=True)
class Organizer:
    """Somebody who keeps calendars there."""

    server: Radicale = field(repr=False)
    user: str
    password: str = field(repr=False)

    @property
    def url(self) -> str:
        """Where all that is hers lies."""
        return f"{self.server.url}/{self.user}/"

    def makes_calendar(self, name: str, *, holds: str = "VEVENT") -> "KeptCalendar":
        made = KeptCalendar(self, name)
        self.call("MKCALENDAR", made.url, MAKE_CALENDAR.format(name=name, holds=holds))
        return made

    def call(self, method: str, url: str, body: str = "") -> bytes:
        """Make one request as her; raise HTTPError for any answer but success."""
        key = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        headers = {"Authorization": f"Basic {key}", "Content-Type": "text/calendar; charset=utf-8"}
        request = urllib.request.Request(url, body.encode() or None, headers, method=method)
        with PLAINLY.open(request, timeout=20) as answer:
            return bytes(answer.read())


@dataclass(frozen=True, slots=True)
class KeptCalendar:
    """One calendar of hers."""

    owner: Organizer
    name: str

    @property
    def url(self) -> str:
        return f"{self.owner.url}{quote(self.name)}/"

    def puts(self, name: str, ics: str) -> None:
        """Write one resource: an event with its overrides, and its time zones."""
        self.owner.call("PUT", self.url + quote(name), ics)

    def deletes(self, name: str) -> None:
        self.owner.call("DELETE", self.url + quote(name))
