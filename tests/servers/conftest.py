"""Two people on nio, and one on matrix-js-sdk."""

from collections.abc import AsyncIterator

import pytest_asyncio

from tests.servers.js_user import JsUser
from tests.servers.matrix_user import User
from tests.servers.synapse import Synapse


@pytest_asyncio.fixture
async def anna(synapse: Synapse) -> AsyncIterator[User]:
    async with User.of(synapse, "anna") as anna:
        yield anna


@pytest_asyncio.fixture
async def berit(synapse: Synapse) -> AsyncIterator[User]:
    async with User.of(synapse, "berit") as berit:
        yield berit


@pytest_asyncio.fixture
async def cecilia(synapse: Synapse) -> AsyncIterator[JsUser]:
    async with JsUser.of(synapse, "cecilia") as cecilia:
        yield cecilia
