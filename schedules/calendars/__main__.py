"""python -m schedules.calendars: reads one calendar from standard input, within limits, as apart.py asks it to."""

import gc
import os
import sys
from contextlib import suppress

from schedules.calendars import read_calendar
from schedules.calendars.apart import NO_MEMORY, Request
from schedules.calendars.passing import packed


def main() -> None:
    """Read the request, then the calendar, and write the reading."""
    request = Request.of(sys.stdin.buffer.readline())
    limit(request.seconds, request.memory)
    gc.disable()  # the process ends before it would pay
    try:
        reading = read_calendar(
            sys.stdin.buffer.read(),
            source=request.source,
            zone=request.zone,
            window=request.window,
            language=request.language,
            fill=request.fill,
        )
        sys.stdout.buffer.writelines(packed(reading))
        sys.stdout.buffer.flush()
    except MemoryError:
        os._exit(NO_MEMORY)
    os._exit(0)  # nothing is left to tidy up


def limit(seconds: int, memory: int) -> None:
    """Take no more than this, where the platform can see to it; the seconds hold also when nobody waits any more."""
    try:
        import resource  # noqa: PLC0415 - Windows has none
    except ImportError:
        return
    limits = {
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_CPU: (seconds, seconds + 1),
        resource.RLIMIT_AS: (memory, memory),
    }
    for which, most in limits.items():
        with suppress(ValueError, OSError):  # more than it may ask for, or nothing that this system limits
            resource.setrlimit(which, most)


if __name__ == "__main__":
    main()
