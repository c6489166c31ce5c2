"""The homeserver: it starts, stops, forgets nothing, obeys its administrator and outlives nobody."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.servers.synapse import Account, NotStartedError, RefusedError, Synapse

ORPHAN_ENDS_WITHIN = 5.0  # seconds

STARTED_AND_LEFT = """
import sys, time
from pathlib import Path
from tests.servers.synapse import Synapse
server = Synapse(Path(sys.argv[1]))
server.start()
print(server.pid, flush=True)
time.sleep(60)
"""


def who(server: Synapse, account: Account) -> str:
    return str(server.call("GET", "/_matrix/client/v3/account/whoami", token=account.token)["user_id"])


def room_of(server: Synapse, account: Account) -> str:
    return str(server.call("POST", "/_matrix/client/v3/createRoom", {}, token=account.token)["room_id"])


def send(server: Synapse, account: Account, room: str, number: int) -> None:
    path = f"/_matrix/client/v3/rooms/{room}/send/m.room.message/{number}-{time.monotonic()}"
    server.call("PUT", path, {"msgtype": "m.text", "body": str(number)}, token=account.token)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    """One with the rate limits that come with it."""
    server = Synapse(tmp_path_factory.mktemp("own"), limited=True)
    server.start()
    yield server
    server.stop()


def test_knows_everybody_again_after_a_kill(own):
    anna = own.newcomer("anna")

    own.kill()
    gone = not own.is_healthy()
    own.start()

    assert gone
    assert who(own, anna) == anna.user_id


def test_has_the_rate_limits_that_come_with_it_until_an_administrator_lifts_them(own):
    anna = own.newcomer("anna")
    room = room_of(own, anna)

    refused = too_much(own, anna, room)
    own.lifts_limit(anna.user_id)

    assert refused
    assert (refused.status, refused.code) == (429, "M_LIMIT_EXCEEDED")
    assert refused.retry_after_ms > 0
    assert not too_much(own, anna, room)


def too_much(server: Synapse, account: Account, room: str) -> RefusedError | None:
    """Send more at once than the limits allow; give the refusal."""
    try:
        for number in range(12):
            send(server, account, room, number)
    except RefusedError as refused:
        return refused
    return None


def test_a_server_that_cannot_start_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("SYNAPSE_PYTHON", "false")
    server = Synapse(tmp_path)

    with pytest.raises(NotStartedError, match="ended with 1"):
        server.start()


def test_dies_with_a_run_that_is_killed(tmp_path):
    run = subprocess.Popen([sys.executable, "-c", STARTED_AND_LEFT, tmp_path], stdout=subprocess.PIPE)
    with run:
        assert run.stdout
        orphan = int(run.stdout.readline())
        os.kill(run.pid, signal.SIGKILL)

    deadline = time.monotonic() + ORPHAN_ENDS_WITHIN
    while runs(orphan) and time.monotonic() < deadline:
        time.sleep(0.02)

    assert not runs(orphan)


def runs(pid: int) -> bool:
    """Say whether a process runs that may be nobody's child any more; one that nobody buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


class TestAdministrator:
    def test_revokes_one_device_of_several(self, synapse):
        anna = synapse.newcomer("anna")
        phone = synapse.logs_in(anna)

        synapse.revokes(phone)

        assert who(synapse, anna) == anna.user_id
        with pytest.raises(RefusedError, match="401 M_UNKNOWN_TOKEN"):
            who(synapse, phone)

    def test_closes_an_account(self, synapse):
        anna = synapse.newcomer("anna")

        synapse.deactivates(anna.user_id)

        with pytest.raises(RefusedError, match="401 M_UNKNOWN_TOKEN"):
            who(synapse, anna)

    def test_makes_somebody_admin_of_a_room(self, synapse):
        anna, berit = synapse.newcomer("anna"), synapse.newcomer("berit")
        room = room_of(synapse, anna)

        synapse.makes_room_admin(room, berit.user_id)

        synapse.call("POST", f"/_matrix/client/v3/join/{room}", {}, token=berit.token)
        levels = f"/_matrix/client/v3/rooms/{room}/state/m.room.power_levels"
        assert synapse.call("GET", levels, token=berit.token)["users"][berit.user_id] == 100

    def test_shuts_a_room(self, synapse):
        anna = synapse.newcomer("anna")
        room = room_of(synapse, anna)

        synapse.shuts_room(room)

        with pytest.raises(RefusedError, match="403 M_FORBIDDEN"):
            send(synapse, anna, room, 1)
