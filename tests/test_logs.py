"""Nobody is named in the log: not in our own lines, not in those of libraries, not when something crashes."""

import logging
import subprocess
import sys
import threading
import warnings
from pathlib import Path

import pytest
import structlog
from sqlalchemy import create_engine
from sqlalchemy.exc import NoSuchModuleError

from bot import logs
from bot.logs import UnknownFieldError, place_of

ROOT = Path(__file__).parent.parent
CANARIES = ("Kanarialintu Virtanen", "minulla on paha olla", "4711471147", "123456:AAFakeTokenOfABot")


@pytest.fixture
def said(capsys):
    """What stands in the log, set up as strictly as in all tests but to be read here."""
    logs.set_up(level="DEBUG", strict=True)
    yield lambda: capsys.readouterr().err
    logs.set_up(level="DEBUG", strict=True)


@pytest.fixture
def lenient(capsys):
    """The log as it is outside of tests, at its most talkative; the hooks of the process stay."""
    hooks = sys.excepthook, threading.excepthook, sys.unraisablehook
    with warnings.catch_warnings():
        logs.set_up(level="DEBUG", strict=False)
        yield lambda: capsys.readouterr().err
        logging.captureWarnings(capture=False)
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks
    logs.set_up(level="DEBUG", strict=True)


def fails():
    raise ValueError(*CANARIES)


# ---- our own lines -------------------------------------------------------------------------------------------


def test_a_line_says_what_happened_and_to_nobody(said):
    structlog.get_logger().info("reminder.sent", platform="telegram", chat="a1b2c3d4", late_ms=12)

    line = said()
    assert "event='reminder.sent'" in line
    assert "platform='telegram'" in line
    assert "level='info'" in line


@pytest.mark.parametrize("field", ["text", "name", "exc_info", "_text", "title", "token", "stack_info"])
def test_a_field_that_nobody_has_thought_about_fails_a_test(said, field):
    with pytest.raises(UnknownFieldError):
        structlog.get_logger().info("something", **{field: CANARIES[0]})


@pytest.mark.parametrize("field", ["text", "name", "exc_info", "_text", "title", "token", "stack_info"])
def test_and_outside_of_tests_it_is_left_out(lenient, field):
    structlog.get_logger().info("something", **{field: CANARIES[0]}, platform="web")

    line = lenient()
    assert "platform='web'" in line
    assert CANARIES[0] not in line


def test_an_exception_is_never_written_out(lenient):
    try:
        fails()
    except ValueError:
        structlog.get_logger().exception("something.failed")

    line = lenient()
    assert "something.failed" in line
    assert not any(canary in line for canary in CANARIES)


# ---- those of libraries --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", [
    "httpx", "httpcore", "telegram", "telegram.Bot", "telegram.ext", "aiohttp.client", "uvicorn.error", "asyncio",
    "apscheduler.executors", "sqlalchemy.engine", "nio", "anything.else", None,
])  # fmt: skip
@pytest.mark.parametrize(
    "level", [logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL]
)
def test_of_a_librarys_line_only_who_speaks_and_what_class_of_fault_is_kept(lenient, name, level):
    library = logging.getLogger(name)
    silenced = library.level  # some transport's, by itself, before this
    library.setLevel(logging.DEBUG)
    for canary in CANARIES:
        library.log(level, "POST https://api.telegram.org/bot%s/sendMessage %s", canary, {"text": canary})
        try:
            fails()
        except ValueError:
            library.log(level, canary, exc_info=True, stack_info=True, extra={"text": canary})
    library.setLevel(silenced)

    lines = lenient()
    assert not any(canary in lines for canary in CANARIES)
    if level >= logging.WARNING:
        assert f"logger={name or 'root'}" in lines
        assert "error=ValueError" in lines


def test_even_when_somebody_turns_a_library_up(lenient):
    library = logging.getLogger("telegram.Bot")
    before = library.level
    library.setLevel(logging.DEBUG)
    library.debug("Calling Bot API endpoint sendMessage with %s", CANARIES)
    library.setLevel(before)

    lines = lenient()
    assert "logger=telegram.Bot" in lines
    assert not any(canary in lines for canary in CANARIES)


def test_a_warning_of_python_is_kept_short_too(lenient):
    warnings.simplefilter("always")
    warnings.warn(CANARIES[0], UserWarning, stacklevel=1)

    lines = lenient()
    assert "logger=py.warnings" in lines
    assert CANARIES[0] not in lines


# ---- last words ----------------------------------------------------------------------------------------------


def crash(program):
    """What a process of its own writes to its standard error when it crashes."""
    code = f"from bot import logs\nlogs.set_up()\n{program}"
    return subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=False
    ).stderr


IN_A_THREAD = """
import threading
def work():
    raise ValueError('Kanarialintu')
thread = threading.Thread(target=work)
thread.start()
thread.join()
"""
AT_THE_VERY_END = """
class Late:
    def __del__(self):
        raise ValueError('Kanarialintu')
Late()
"""
IN_A_TASK = """
import asyncio
async def work():
    raise ValueError('Kanarialintu')
async def main():
    asyncio.create_task(work())
    await asyncio.sleep(0.01)
asyncio.run(main())
"""
BADLY_FORMATTED = """
import logging
logging.getLogger("telegram").error("%d", "Kanarialintu", exc_info=ValueError("Kanarialintu"))
"""

TO_A_BROKEN_STREAM = """
import logging, sys
class Stream:
    broken = True
    def write(self, text):
        if self.broken:
            self.broken = False
            raise OSError
        sys.__stderr__.write(text)
sys.stderr = Stream()
logging.getLogger("telegram").error("Kanarialintu %s", "Kanarialintu")
logging.getLogger("telegram").error("Kanarialintu", exc_info=ValueError("Kanarialintu"))
"""


@pytest.mark.parametrize(
    ("program", "event"),
    [
        ("raise ValueError('Kanarialintu')", "process.crashed"),
        (IN_A_THREAD, "thread.crashed"),
        (AT_THE_VERY_END, "fault.unraisable"),
        (IN_A_TASK, "logger=asyncio"),
        (BADLY_FORMATTED, "logger=telegram"),
        (TO_A_BROKEN_STREAM, "logger=telegram"),
    ],
)
def test_what_nobody_caught_says_its_class_and_not_its_words(program, event):
    said = crash(program)

    assert event in said
    assert "ValueError" in said
    assert "Kanarialintu" not in said


# ---- where it happened ---------------------------------------------------------------------------------------


def test_a_fault_is_found_by_the_last_line_of_our_own():
    def ours():
        return [*map(int, ["x"])]

    with pytest.raises(ValueError, match="x") as found:
        ours()

    assert place_of(found.value) == f"tests/test_logs.py:{ours.__code__.co_firstlineno + 1}"


def test_a_fault_in_a_library_is_found_where_we_called_it():
    with pytest.raises(NoSuchModuleError) as found:
        create_engine("nowhere://")

    assert place_of(found.value).startswith("tests/test_logs.py:")


def test_an_exception_that_was_never_raised_is_nowhere():
    assert place_of(ValueError("x")) == "?"
