"""Matrix on a real Synapse: the contract in encrypted and in plain rooms."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.servers.synapse import Synapse
from tests.transports import contract
from tests.transports.matrix_world import MatrixWorld, matrix_world


class TestEncryptedRooms(
    contract.Conversation,
    contract.Network,
    contract.Throttling,
    contract.Silence,
    contract.Groups,
    contract.Moving,
):
    """Rooms as a client of today makes them: encrypted, version 12."""

    @pytest_asyncio.fixture
    async def world(self, synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixWorld]:
        async with matrix_world(synapse, tmp_path) as world:
            yield world


class TestPlainRooms(contract.Conversation, contract.Groups):
    """Rooms that are not encrypted, of the version before."""

    @pytest_asyncio.fixture
    async def world(self, synapse: Synapse, tmp_path: Path) -> AsyncIterator[MatrixWorld]:
        async with matrix_world(synapse, tmp_path, encrypted=False, room_version="11") as world:
            yield world
