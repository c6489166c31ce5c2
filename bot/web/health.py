"""GET /health: is the process doing its work?  No personal data, nothing that helps a stranger."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

SWEEP_OVERDUE = timedelta(minutes=2)  # it sleeps half a minute at most
DUE_OVERDUE = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class TransportHealth:
    """How a transport is: waiting means for the network; ``why`` says what a person should know or mend."""

    state: Literal["running", "waiting", "stopped"]
    why: str | None = None


@dataclass(frozen=True, slots=True)
class Health:
    """The state of the process at ``now``.

    ``last_sweep`` None: there was none yet.  ``oldest_due``: how long the oldest due message has been waiting.
    ``database`` is the class of the fault that holds up the writer, None: none does.
    """

    now: datetime
    last_sweep: datetime | None
    transports: Mapping[str, TransportHealth]
    oldest_due: timedelta
    database: str | None = None

    @property
    def sound(self) -> bool:
        """Is everything well enough to leave alone?"""
        return (
            self.last_sweep is not None
            and self.now - self.last_sweep <= SWEEP_OVERDUE
            and self.oldest_due <= DUE_OVERDUE
            and self.database is None
            and all(each.state != "stopped" for each in self.transports.values())
        )

    def as_json(self) -> dict[str, Any]:
        """Give it as JSON values."""
        return {
            "status": "ok" if self.sound else "trouble",
            "last_sweep": None if self.last_sweep is None else self.last_sweep.isoformat(),
            "transports": {
                name: {"state": each.state, "why": each.why} for name, each in self.transports.items()
            },
            "oldest_due_seconds": int(self.oldest_due.total_seconds()),
            "database": self.database or "ok",
        }


def route(look: Callable[[], Awaitable[Health]]) -> Callable[[Request], Awaitable[Response]]:
    """Make the route: 200 when all is well, else 503."""

    async def health(_: Request) -> Response:
        found = await look()
        return JSONResponse(found.as_json(), 200 if found.sound else 503, {"Cache-Control": "no-store"})

    return health
