"""The pictures of the content folder that messages show: those that the schedule names, and no other file."""

import asyncio

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from bot.content.pictures import media_type_of, read_picture
from bot.router import House
from bot.web.showing import PICTURES

A_DAY = "public, max-age=86400"  # an organization may take another photo under the same name


class Pictures:
    """Shows them at the page's own address."""

    def __init__(self, house: House) -> None:
        named = (each.first_time.picture for each in house.series.values() if each.first_time is not None)
        self._paths = {name: house.content_dir / name for name in named if name}

    def routes(self) -> list[Route]:
        """Give where they are shown."""
        return [Route(f"{PICTURES}{{name:path}}", self.get)]

    async def get(self, request: Request) -> Response:
        """GET /picture/{name}."""
        path = self._paths.get(request.path_params["name"])
        content = None if path is None else await asyncio.to_thread(read_picture, path)
        if path is None or content is None:
            raise HTTPException(404)
        return Response(content, headers={"Cache-Control": A_DAY}, media_type=media_type_of(path))
