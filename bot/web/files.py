"""The few files that a page needs, held in memory."""

import hashlib
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

STATIC = Path(__file__).parent / "static"
TYPES = {".css": "text/css", ".js": "text/javascript", ".svg": "image/svg+xml"}
FOR_GOOD = "public, max-age=31536000, immutable"  # a file's address changes with its content


class Files:
    """Static files by name, each of a type in `TYPES`."""

    def __init__(self, folder: Path = STATIC) -> None:
        self._files = {
            path.name: (path.read_bytes(), TYPES[path.suffix])
            for path in folder.iterdir()
            if path.suffix in TYPES
        }

    def addresses(self) -> dict[str, str]:
        """Give each file's address."""
        return {
            name: f"/static/{name}?v={hashlib.sha256(content).hexdigest()[:12]}"
            for name, (content, _) in self._files.items()
        }

    async def get(self, request: Request) -> Response:
        """GET /static/{name}."""
        found = self._files.get(request.path_params["name"])
        if found is None:
            raise HTTPException(404)
        content, media_type = found
        return Response(content, headers={"Cache-Control": FOR_GOOD}, media_type=media_type)
