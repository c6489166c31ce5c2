"""Logs that say what happened and to nobody: fixed event names, allow-listed fields, no messages of others.

What a library logs may hold a token, an address or what a person said; of its records only the logger's name,
the level and the exception's class are kept (T-19, T-20).
"""

import logging
import sys
import threading
import traceback
from collections.abc import Mapping, MutableMapping
from pathlib import Path
from typing import Any

from bot.lean import without

with without("rich", "twisted"):
    import structlog

HOUSE = Path(__file__).parent.parent  # where bot/, handlers/ and schedules/ lie

FIELDS = frozenset({
    "address", "attempts", "audience", "calendar", "chat", "code", "count", "errand", "error", "fault", "job", "kind",
    "lane", "late_ms", "level", "event", "line", "mend", "number", "platform", "port", "reason", "seconds", "state",
    "timestamp", "url", "version", "where",
})  # fmt: skip
# ``address`` and ``url`` are those where Vertti itself listens; never a person's, never a calendar's.


def place_of(error: BaseException) -> str:
    """Tell where in our own code something was raised, as "handlers/poll.py:57": all of it that may be logged."""
    frames = traceback.extract_tb(error.__traceback__)
    places = [(Path(frame.filename), frame.lineno) for frame in frames]
    ours = [(path, line) for path, line in places if path.is_relative_to(HOUSE) and ".venv" not in path.parts]
    if ours:
        path, line = ours[-1]
        return f"{path.relative_to(HOUSE)}:{line}"
    return f"{places[-1][0].name}:{places[-1][1]}" if places else "?"


class UnknownFieldError(Exception):
    """A log line has a field that nobody has thought about."""


def only_known(strict: bool) -> Any:  # noqa: FBT001 - a factory of processors
    """Make the processor that drops fields which are not on the list, or raises where ``strict``."""

    def process(_logger: object, _method: str, event: MutableMapping[str, Any]) -> Mapping[str, Any]:
        unknown = [name for name in event if name not in FIELDS]
        if unknown and strict:
            raise UnknownFieldError(", ".join(unknown))
        for name in unknown:
            del event[name]
        return event

    return process


class Quieted(logging.Formatter):
    """Words a library's record without its message."""

    def format(self, record: logging.LogRecord) -> str:
        """Give level, logger and the exception's class."""
        error = record.exc_info[0] if record.exc_info else None
        parts = [self.formatTime(record), record.levelname.lower(), "library", f"logger={record.name}"]
        if error is not None:
            parts.append(f"error={error.__name__}")
        return " ".join(parts)


class ToStandardError(logging.Handler):
    """Writes to the standard error, whatever it is by then."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line."""
        try:
            sys.stderr.write(f"{self.format(record)}\n")
        except Exception:  # noqa: BLE001 - nobody can be told that nobody can be told
            self.handleError(record)


def set_up(*, level: str = "INFO", strict: bool = False) -> None:
    """Configure logging for this process; everything goes to the standard error.

    ``strict`` is for tests: a field that is not on the list raises, and what ends a thread is left to the test runner.
    """
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            only_known(strict),
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"], sort_keys=True),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=lambda *_: structlog.PrintLogger(sys.stderr),  # whatever it is by then
        cache_logger_on_first_use=False,
    )
    # Else a line that cannot be written is written out with all that is in it.
    logging.raiseExceptions = strict
    handler = ToStandardError()
    handler.setFormatter(Quieted())
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING)
    # At DEBUG and INFO these print each address or each message (PLATFORMS.md, 1.3).
    for name in ("httpx", "httpcore", "telegram", "aiohttp", "uvicorn", "apscheduler", "asyncio"):
        logging.getLogger(name).setLevel(logging.WARNING)
    if not strict:
        logging.captureWarnings(capture=True)
        _say_last_words()


def _say_last_words() -> None:
    """Have what nobody caught say its class and where it was raised, and not its message."""
    log = structlog.get_logger()

    def crashed(error: BaseException | None, where: str) -> None:
        if error is not None and not isinstance(error, KeyboardInterrupt):
            log.error(where, error=type(error).__name__, where=place_of(error))

    sys.excepthook = lambda _, error, __: crashed(error, "process.crashed")
    threading.excepthook = lambda args: crashed(args.exc_value, "thread.crashed")
    sys.unraisablehook = lambda args: crashed(args.exc_value, "fault.unraisable")
