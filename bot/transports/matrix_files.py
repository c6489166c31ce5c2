"""Files that go with a message: encrypted before they leave, where the room is."""

import asyncio
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from nio.crypto.attachments import encrypt_attachment

from bot.content.pictures import media_type_of, read_picture
from bot.errors import Unreachable
from bot.messages import File, ShownPicture
from bot.transports.matrix_content import file_content, picture_content
from bot.transports.matrix_http import UPLOAD, MatrixHttp

_SEALED = "application/octet-stream"  # what the homeserver learns of an encrypted file


async def upload(http: MatrixHttp, file: File, *, encrypted: bool) -> dict[str, Any]:
    """Upload a file; give the content of the event that shows it."""
    data = file.content.encode()
    where = await _uploaded(http, data, file.name, file.media_type, encrypted=encrypted)
    return file_content(file.name, file.media_type, len(data), **where)


async def upload_picture(
    http: MatrixHttp, picture: ShownPicture, *, encrypted: bool
) -> dict[str, Any] | None:
    """Upload a picture; give the content of the event that shows it, None: it cannot be read."""
    data = await asyncio.to_thread(read_picture, picture.path)
    media_type = media_type_of(picture.path)
    if data is None or media_type is None:
        return None
    where = await _uploaded(http, data, picture.path.name, media_type, encrypted=encrypted)
    return picture_content(picture.words, media_type, len(data), **where)


async def _uploaded(
    http: MatrixHttp, data: bytes, filename: str, media_type: str, *, encrypted: bool
) -> dict[str, Any]:
    """Upload bytes, encrypted or not; give their address, and the keys that open them."""
    keys: Mapping[str, Any] | None = None
    name = f"?filename={quote(filename, safe='')}"
    if encrypted:
        data, keys = _sealed(data)
        media_type, name = _SEALED, ""
    answer = await http.exchange(
        "POST", f"/_matrix/media/v3/upload{name}", data, headers={"Content-Type": media_type}, within=UPLOAD
    )
    address = answer.get("content_uri")
    if not isinstance(address, str):
        raise Unreachable
    return {"address": address, "keys": keys}


def _sealed(data: bytes) -> tuple[bytes, Mapping[str, Any]]:
    sealed, keys = encrypt_attachment(data)
    return sealed, keys
