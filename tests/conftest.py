"""What all tests share."""

import gc
import os
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, settings

from bot import logs
from tests.servers.synapse import Synapse
from tests.support import CONTENT

pytest.register_assert_rewrite("tests.schedule_stories")  # it speaks as a test module does


# Fifty examples each time, for six minutes are soon over; how fast they come says more of the machine than of us.
settings.register_profile(
    "vertti", max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("vertti")


def pytest_collection_finish():
    """Seven thousand collected tests stay: the garbage collector need not look at them again and again."""
    gc.collect()
    gc.freeze()


@pytest.fixture(autouse=True, scope="session")
def _strict_logs():
    """A log line with a field that nobody has thought about fails the test."""
    logs.set_up(level="DEBUG", strict=True)


@pytest.fixture(autouse=True)
def _no_settings_from_outside(monkeypatch):
    """Tests see neither the machine's environment nor a .env beside them."""
    for name in list(os.environ):
        if name.startswith("VERTTI_"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PTB_TIMEDELTA", "1")


@pytest.fixture(scope="session")
def synapse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Synapse]:
    """A homeserver that all tests share, without rate limits; it starts when the first one asks for it."""
    server = Synapse(tmp_path_factory.mktemp("synapse"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def content(tmp_path):
    """The sample content, in a folder that a test may change."""
    folder = tmp_path / "content"
    folder.mkdir()
    for path in CONTENT.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    return folder
