"""The world outside: an internet with hosts of calendars, and a CalDAV server."""

from collections.abc import Iterator

import pytest

from tests.servers.calendar_host import Internet
from tests.servers.radicale import Radicale


@pytest.fixture
def internet(tmp_path) -> Iterator[Internet]:
    with Internet(tmp_path) as internet:
        yield internet


@pytest.fixture(scope="session")
def radicale(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Radicale]:
    """A CalDAV server that all tests share; each lets in people of its own."""
    server = Radicale(tmp_path_factory.mktemp("radicale"))
    server.start()
    yield server
    server.stop()
