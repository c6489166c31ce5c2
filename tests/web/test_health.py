"""Health tells the truth, and nothing else."""

from datetime import timedelta

import pytest

from bot.web.health import TransportHealth
from tests.web.house import NOW, Server, well


async def test_all_well_is_said_with_200(server: Server):
    async with server.browser() as browser:
        answer = await browser.get("/health")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "last_sweep": "2026-11-23T10:04:40+00:00",
        "transports": {
            "web": {"state": "running", "why": None},
            "telegram": {"state": "waiting", "why": "no network"},
        },
        "oldest_due_seconds": 0,
        "database": "ok",
    }


async def test_trouble_is_said_with_503(server: Server):
    server.health = well(database="OperationalError", oldest_due=timedelta(seconds=301.5), last_sweep=None)
    async with server.browser() as browser:
        answer = await browser.get("/health")

    found = answer.json()

    assert answer.status_code == 503
    assert (found["status"], found["last_sweep"], found["oldest_due_seconds"], found["database"]) == (
        "trouble",
        None,
        301,
        "OperationalError",
    )


@pytest.mark.parametrize(
    ("changes", "sound"),
    [
        ({}, True),
        ({"last_sweep": None}, False),
        ({"last_sweep": NOW - timedelta(minutes=2)}, True),
        ({"last_sweep": NOW - timedelta(minutes=2, milliseconds=1)}, False),
        ({"oldest_due": timedelta(minutes=5)}, True),
        ({"oldest_due": timedelta(minutes=5, milliseconds=1)}, False),
        ({"database": "OperationalError"}, False),
        ({"transports": {"telegram": TransportHealth("stopped", "the token is refused")}}, False),
        ({"transports": {"telegram": TransportHealth("waiting", "no network")}}, True),
    ],
)
def test_one_trouble_is_enough(changes: dict, *, sound: bool):
    assert well(**changes).sound is sound
