"""Commands over Telegram's polling: read, handled, kept, answered; beside a bot that only says them back.

They take turns at one double of the Bot API, in a process of its own, which refuses nothing.  Of a turn the time counts
from the moment the first command was given to the bot until the last answer had come.
"""

import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from subprocess import Popen

from benchmarks.figures import Figure
from benchmarks.running import PATIENCE, answer_to, echo, settle, vertti
from tests.doubles.bot_api import BotApiProcess

PEOPLE = 500
EACH = 3  # commands of one person: as many as Telegram bears at once in one chat, so ours holds none back
PAIRS = 7
WARMED_UP = 200  # commands before the clock runs
FIRST = 10_000
STRANGER = 7

Start = Callable[[Path, BotApiProcess], AbstractContextManager[Popen[bytes]]]


def measure() -> list[Figure]:
    ours: list[float] = []
    theirs: list[float] = []
    ours_cpu: list[float] = []
    theirs_cpu: list[float] = []
    turns: list[tuple[Start, list[float], list[float]]] = [
        (vertti, ours, ours_cpu),
        (echo, theirs, theirs_cpu),
    ]
    with BotApiProcess(limits=None) as api, tempfile.TemporaryDirectory() as name:
        for number in range(PAIRS):
            for start, rates, cpu in turns if number % 2 else reversed(turns):
                rate, spent = _turn(start, Path(name), api)
                rates.append(rate)
                cpu.append(spent)
    return [
        Figure(
            name=f"commands over polling ({PEOPLE * EACH} at once)",
            unit="/s",
            samples=ours,
            ratio_at_least=1.0,
            bare=theirs,
            bare_name="aiogram's bare echo",
        ),
        Figure(
            name="processor time of a command",
            unit="ms",
            samples=ours_cpu,
            bare=theirs_cpu,
            bare_name="aiogram's bare echo",
        ),
    ]


def _turn(start: Start, folder: Path, api: BotApiProcess) -> tuple[float, float]:
    """Give the answers a second, and the milliseconds of processor time that one cost."""
    with start(folder, api) as running:
        answer_to(api, STRANGER, "/seuraava", len(api.sent_to(STRANGER, 0)))
        _ask(api, list(range(FIRST, FIRST + WARMED_UP)))
        settle()
        spent = _processor_time(running.pid)
        answered, seconds = _ask(api, list(range(FIRST, FIRST + PEOPLE)) * EACH)
        spent = _processor_time(running.pid) - spent
    return answered / seconds, spent / answered * 1000


def _ask(api: BotApiProcess, people: list[int]) -> tuple[int, float]:
    """Let people ask at once; give how many were answered, and in how many seconds."""
    before = api.ledger()
    api.crowd_says("/seuraava", people)
    api.sent(len(before.sent) + len(people), PATIENCE)
    questions = api.ledger().questions[len(before.questions) :]
    given = min(each.given_at for each in questions)
    return len(questions), max(each.answered_at for each in questions) - given


def _processor_time(pid: int) -> float:
    """Give the seconds that a process has worked."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100
