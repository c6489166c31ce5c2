"""Files that go with a message: encrypted before they leave, where the room is."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from nio.crypto.attachments import encrypt_attachment

from bot.errors import Unreachable
from bot.messages import File
from bot.transports.matrix_content import file_content
from bot.transports.matrix_http import UPLOAD, MatrixHttp

_SEALED = "application/octet-stream"  # what the homeserver learns of an encrypted file


async def upload(http: MatrixHttp, file: File, *, encrypted: bool) -> dict[str, Any]:
    """Upload a file; give the content of the event that shows it."""
    data, keys, media_type = file.content.encode(), None, file.media_type
    size = len(data)
    name = f"?filename={quote(file.name, safe='')}"
    if encrypted:
        data, keys = _sealed(data)
        media_type, name = _SEALED, ""
    answer = await http.exchange(
        "POST", f"/_matrix/media/v3/upload{name}", data, headers={"Content-Type": media_type}, within=UPLOAD
    )
    address = answer.get("content_uri")
    if not isinstance(address, str):
        raise Unreachable
    return file_content(file.name, file.media_type, size, address=address, keys=keys)


def _sealed(data: bytes) -> tuple[bytes, Mapping[str, Any]]:
    sealed, keys = encrypt_attachment(data)
    return sealed, keys
