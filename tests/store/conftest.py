import pytest

from tests.support import open_store


@pytest.fixture
def store():
    """A store inside one open transaction."""
    store = open_store()
    store.begin()
    store.savepoint()
    yield store
    store.rollback()
    store.close()
