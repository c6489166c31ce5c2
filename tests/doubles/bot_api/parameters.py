"""The parameters of a call, the same whether they came as a query, a form, multipart or JSON."""

from typing import Any
from urllib.parse import parse_qsl

import orjson
from aiohttp.multipart import BodyPartReader, MultipartReader
from aiohttp.web import BaseRequest

from .errors import TOO_LARGE, ApiError, refuse
from .ledger import File

MOST_BYTES = 50_000_000  # an upload


class Parameters(dict[str, Any]):
    """Values by name: strings from forms, JSON values from JSON, ``File`` for uploads."""

    def text(self, name: str) -> str:
        """Return "" when it is missing."""
        value = self.get(name, "")
        return value if isinstance(value, str) else orjson.dumps(value).decode()

    def integer(self, name: str, default: int | None = None) -> int | None:
        value = self.get(name)
        if value is None or value == "":
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            refuse(f'parameter "{name}" must be an Integer')  # ours

    def chat_id(self) -> int | None:
        """Return the chat the call is about as far as that is a number; never raises."""
        value = self.get("chat_id")
        return int(value) if isinstance(value, int | str) and str(value).lstrip("-").isdigit() else None

    def attached(self) -> set[str]:
        """Return the names of the parts that are files."""
        return {name for name, value in self.items() if isinstance(value, File)}

    def flag(self, name: str) -> bool:
        return str(self.get(name, "")).lower() in {"true", "yes", "1"}

    def json(self, name: str) -> Any:
        """Return None when it is missing or empty."""
        value = self.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return orjson.loads(value)
        except ValueError:
            refuse(f"can't parse {name.replace('_', ' ')} JSON object")

    def file(self, name: str) -> File | str:
        """Return an upload, given as the part itself or as attach://PART, or else the text ("" if none)."""
        value = self.get(name, "")
        if isinstance(value, str) and value.startswith("attach://"):
            value = self.get(value.removeprefix("attach://"), "")
        return value if isinstance(value, File) else str(value)


async def read_parameters(request: BaseRequest, query: str) -> Parameters:
    """Read the query and the body of a call.

    Raises:
        ApiError: not UTF-8, not JSON, or larger than an upload may be.
    """
    kind = request.headers.get("Content-Type", "")
    parameters = Parameters()
    try:
        if query:
            parameters.update(parse_qsl(query, keep_blank_values=True, errors="strict"))
        if kind.startswith("multipart/"):
            await read_multipart(request, parameters)
        else:
            body = await request.content.read() if request.body_exists else b""
            if kind.startswith("application/json"):
                parameters.update(orjson.loads(body))
            elif body:
                pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
                parameters.update(pairs)
    except UnicodeDecodeError:
        refuse("strings must be encoded in UTF-8")
    except (TypeError, ValueError):
        refuse("can't parse the request: Object expected")  # ours
    return parameters


async def read_multipart(request: BaseRequest, parameters: Parameters) -> None:
    reader = MultipartReader(request.headers, request.content)
    async for part in reader:
        assert isinstance(part, BodyPartReader)  # Telegram's forms are flat
        content = bytes(await part.read(decode=True))
        if len(content) > MOST_BYTES:
            raise ApiError(413, TOO_LARGE)
        if part.filename is None:
            parameters[part.name or ""] = content.decode()
        else:
            media_type = part.headers.get("Content-Type", "application/octet-stream")
            parameters[part.name or ""] = File(part.filename, media_type, content)
