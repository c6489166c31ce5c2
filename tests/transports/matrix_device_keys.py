"""The key store of the bot's device, in use, as the transport has it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from nio import AsyncClient, AsyncClientConfig

from bot.transports.matrix_crypto import KeyStore
from bot.transports.matrix_device import Device


@asynccontextmanager
async def keys_of(device: Device, folder: Path) -> AsyncIterator[AsyncClient]:
    """Open the keys; close them at the end."""
    config = AsyncClientConfig(
        store=KeyStore, encryption_enabled=True, store_sync_tokens=False, pickle_key=device.secret
    )
    client = AsyncClient(device.homeserver, device.user_id, store_path=str(folder), config=config)
    client.restore_login(device.user_id, device.device_id, device.access_token)
    try:
        yield client
    finally:
        await client.close()
        client.store.database.close()
