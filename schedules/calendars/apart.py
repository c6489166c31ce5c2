"""Reads a calendar in a process of its own, so that no calendar can hold up, fill up or bring down the house.

A fresh interpreter for each reading: it shares no memory with the house, holds none of its secrets, and what goes
wrong in it ends with it.  It costs a tenth of a second, in which nobody waits.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any
from zoneinfo import ZoneInfo

import orjson

from bot.core.occurrences import Words
from bot.messages import Phrase
from schedules.calendars.passing import CutOffError, unpacked
from schedules.calendars.reading import Problem, Reading, Window

SECONDS = 30.0
MEMORY = 640 * 2**20  # bytes of address space; a calendar of 10 MiB needs about half of it
MOST_BYTES = 10 * 2**20
MOST_RESULT = 64 * 2**20  # bytes that a reading may be

NO_MEMORY = 77  # what the process exits with when it has no more

_OUT_OF_TIME = getattr(signal, "SIGXCPU", 0)
# What an interpreter may need to start at all; nothing else of the house's environment goes with it.
_ENVIRONMENT = ("SYSTEMROOT", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "PYTHONTZPATH")
_COMMAND = ("-E", "-s", "-m", "schedules.calendars")
_ROOT = Path(__file__).parents[2]
_SMALLER = Phrase("problem.mend.smaller")
_AGAIN = Phrase("problem.mend.again")


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be read, and by what; the file itself follows."""

    source: str
    zone: ZoneInfo
    window: Window
    language: str
    fill: Mapping[str, str | Words]
    seconds: int
    memory: int

    def line(self) -> bytes:
        """Write it as one line."""
        values = {
            "source": self.source,
            "zone": self.zone.key,
            "window": [each.isoformat() for each in self.window],
            "language": self.language,
            "fill": self.fill,
            "seconds": self.seconds,
            "memory": self.memory,
        }
        return orjson.dumps(values, default=dict, option=orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def of(cls, line: bytes) -> "Request":
        """Read it again."""
        values: dict[str, Any] = orjson.loads(line)
        first, end = (datetime.fromisoformat(each) for each in values.pop("window"))
        return cls(zone=ZoneInfo(values.pop("zone")), window=(first, end), **values)


def read_apart(
    data: bytes,
    *,
    source: str,
    zone: ZoneInfo,
    window: Window,
    language: str,
    fill: Mapping[str, str | Words],
    seconds: float = SECONDS,
    memory: int = MEMORY,
) -> Reading:
    """Read a calendar as ``read_calendar`` does, within limits; waits for it, so never call it from the loop.

    Args:
        data: the file.
        source: what it is called in problems; never a secret address.
        zone: the group's own.
        window: what is listed.
        language: of texts that name none.
        fill: the organization's values behind ``{{name}}`` in a schedule.yaml.
        seconds: how long it may take.
        memory: how many bytes of address space it may take, where the platform can say so.

    Returns:
        The reading; one problem and nothing else if the limits were not enough or the process was ended.
    """
    if len(data) > MOST_BYTES:
        return _nothing(source, Phrase("problem.too_large", {"raja": MOST_BYTES // 2**20}), _SMALLER)
    request = Request(source, zone, window, language, fill, int(seconds) + 1, memory)
    try:
        child = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
            [sys.executable, *_COMMAND],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # a traceback might quote the calendar
            cwd=_ROOT,
            env={name: value for name in _ENVIRONMENT if (value := os.environ.get(name))},  # noqa: TID251 - by name
        )
    except OSError as error:
        return _nothing(source, Phrase("problem.no_process", {"laji": type(error).__name__}), _AGAIN)
    return _exchange(child, request, data, seconds)


def _exchange(child: subprocess.Popen[bytes], request: Request, data: bytes, seconds: float) -> Reading:
    """Hand over the file and take the reading; the process is gone when this returns."""
    late = threading.Event()

    def stop() -> None:
        late.set()
        child.kill()

    watch = threading.Timer(seconds, stop)
    watch.daemon = True
    watch.start()
    try:
        with child:  # closes its pipes, and waits for its end
            assert child.stdin
            assert child.stdout
            try:
                with suppress(BrokenPipeError), child.stdin as there:
                    there.write(request.line())
                    there.write(data)
                return unpacked(_lines(child.stdout))
            except _TooLongError:
                return _nothing(request.source, Phrase("problem.too_much_to_tell"), _SMALLER)
            except CutOffError:
                child.wait()
            finally:
                child.kill()
    finally:
        watch.cancel()
    if late.is_set() or child.returncode == -_OUT_OF_TIME:
        return _nothing(request.source, Phrase("problem.takes_long", {"sekuntia": f"{seconds:g}"}), _SMALLER)
    if child.returncode == NO_MEMORY:
        return _nothing(
            request.source, Phrase("problem.takes_memory", {"raja": request.memory // 2**20}), _SMALLER
        )
    return _nothing(request.source, Phrase("problem.cut_off", {"koodi": child.returncode}), _AGAIN)


class _TooLongError(Exception):
    """A reading is longer than any should be."""


def _lines(stream: IO[bytes]) -> Iterator[bytes]:
    left = MOST_RESULT
    while line := stream.readline(left + 1):
        left -= len(line)
        if left < 0:
            raise _TooLongError
        yield line


def _nothing(source: str, what: Phrase, mend: Phrase) -> Reading:
    return Reading((), (Problem(source, what, None, mend),))
