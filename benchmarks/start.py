"""From the start of the process to the first answer, which was asked for before."""

import tempfile
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import Popen

from benchmarks.figures import Figure
from benchmarks.running import answer_to, echo, vertti
from tests.doubles.bot_api import BotApiProcess

REPEAT = 9

Start = Callable[[Path, BotApiProcess], AbstractContextManager[Popen[bytes]]]


def measure() -> list[Figure]:
    fresh: list[float] = []
    again: list[float] = []
    bare: list[float] = []
    for _ in range(REPEAT):
        with BotApiProcess(limits=None) as api, tempfile.TemporaryDirectory() as name:
            fresh.append(_once(vertti, Path(name), api, 7))
            again.append(_once(vertti, Path(name), api, 8))
            bare.append(_once(echo, Path(name), api, 9))
    return [
        Figure(
            name="start to first answer, database there",
            unit="s",
            samples=again,
            at_most=1.5,
            bare=bare,
            bare_name="aiogram's bare echo",
        ),
        Figure(name="start to first answer, nothing there", unit="s", samples=fresh),
    ]


def _once(start: Start, folder: Path, api: BotApiProcess, person: int) -> float:
    began = time.monotonic()
    with start(folder, api):
        return answer_to(api, person).at - began
