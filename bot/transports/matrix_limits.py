"""Whether the homeserver's limits hold for the bot's account: noticed while sending, for `vertti check` to say.

The account cannot ask.  But what Synapse takes from an account whose limits are lifted is more than it takes from
any other: ten at once and then one in five seconds, unless its keeper has set something else.
"""

import asyncio
import contextlib
from collections import deque
from pathlib import Path
from typing import Final

import structlog

log = structlog.get_logger()

FILE: Final = "limits-lifted"
BURST: Final = 20  # messages ...
WITHIN: Final = 10.0  # ... in so many seconds are more than the usual limits let through

AT_ONCE: Final = 10
PER_SECOND: Final = 0.2


class Sends:
    """Watches what goes through, and keeps what follows from it in the folder ``matrix/``."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / FILE
        self._last: deque[float] = deque(maxlen=BURST)
        self._lifted: bool | None = None  # as the file says; None: not written yet

    async def went(self, at: float) -> None:
        """Note that a message went through, at seconds of a clock that never jumps."""
        self._last.append(at)
        if len(self._last) == BURST and at - self._last[0] <= WITHIN:
            await self._keep(lifted=True)

    async def held_up(self) -> None:
        """Note that the homeserver said: too fast."""
        if self._lifted is not False:
            log.warning("matrix.held_up", platform="matrix")  # once; `vertti check` says how to mend it
        self._last.clear()
        await self._keep(lifted=False)

    async def _keep(self, *, lifted: bool) -> None:
        if self._lifted is not lifted:
            self._lifted = lifted
            await asyncio.to_thread(_write, self._file, lifted=lifted)


def _write(file: Path, *, lifted: bool) -> None:
    with contextlib.suppress(OSError):  # it is no more than a hint
        if lifted:
            file.touch(mode=0o600)
        else:
            file.unlink(missing_ok=True)


def are_lifted(folder: Path) -> bool:
    """Tell whether more than the usual has gone through, and nothing was held up since."""
    return (folder / FILE).exists()


def minutes_for(rooms: int) -> int:
    """Give how many minutes the usual limits stretch one message to so many rooms to, rounded up."""
    return -int(-max(0, rooms - AT_ONCE) / PER_SECOND // 60)
