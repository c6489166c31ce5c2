import pytest

from tests.courier.world import VAULT, World
from tests.doubles.virtual_time import WatchedDatabase
from tests.support import empty_database


@pytest.fixture
def database(tmp_path):
    database = WatchedDatabase(empty_database(tmp_path / "vertti.db"), VAULT)
    database.open()
    yield database
    database.close()


@pytest.fixture
def world(database):
    return World(database)
