"""Bots as processes of their own, and houses in this one."""

import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import uvloop

from bot.app import App, calm, prepare
from bot.furnishing import furnish
from bot.settings import Settings
from tests.doubles.bot_api import TOKEN, Accepted, BotApiProcess

ROOT = Path(__file__).parents[1]
CONTENT = ROOT / "content"
FAST = 10_000.0  # messages a second: no pace of the account's
PATIENCE = 60.0

T = TypeVar("T")


def settings_in(folder: Path, **more: Any) -> Settings:
    """Settings as a process of `vertti` below has them."""
    content = {"content_dir": CONTENT, **more}
    return Settings(_env_file=None, data_dir=folder, quiet_hours="", web_port=0, **content)


@contextlib.contextmanager
def house(folder: Path, **more: Any) -> Iterator[App]:
    """Put a house together whose database is open and in which nothing runs; inside a loop."""
    app = prepare_in(folder, **more)
    app.database.open()
    calm()
    try:
        yield app
    finally:
        app.database.close()
        app.port.socket.close()


def prepare_in(folder: Path, **more: Any) -> App:
    """Put together what `vertti run` runs; inside a loop."""
    settings = settings_in(folder, **more)
    return prepare(settings, furnish(settings))


def run(main: Coroutine[Any, Any, T]) -> T:
    """Run in the kind of loop that `vertti run` runs in."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(main)


@contextlib.contextmanager
def process(command: list[str], folder: Path, **environment: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the end of the block; what it says goes to a file in the folder."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("VERTTI_")}
    with (folder / "log").open("ab") as log:
        running = subprocess.Popen(
            command, cwd=ROOT, env={**inherited, **environment}, stdout=log, stderr=log
        )
    try:
        yield running
        if running.poll() is not None:
            raise RuntimeError((folder / "log").read_text()[-2000:])
    finally:
        running.terminate()
        running.wait(20)


def vertti(
    folder: Path, api: BotApiProcess, *, rate: float = FAST
) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """Run `vertti run` on Telegram, with its data in the folder."""
    return vertti_on(
        folder,
        VERTTI_TELEGRAM_TOKEN=TOKEN,
        VERTTI_TELEGRAM_API=api.url,
        VERTTI_TELEGRAM_RATE=str(rate),
    )


def vertti_on(folder: Path, **platform: str) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """Run `vertti run` with its data in the folder and a platform's settings."""
    return process(
        [sys.executable, "-m", "bot", "run"],
        folder,
        VERTTI_DATA_DIR=str(folder),
        VERTTI_CONTENT_DIR=str(CONTENT),
        VERTTI_QUIET_HOURS="",
        VERTTI_WEB_PORT="0",
        **platform,
    )


def echo(folder: Path, api: BotApiProcess) -> contextlib.AbstractContextManager[subprocess.Popen[bytes]]:
    """Run the bare aiogram bot, which keeps nothing."""
    return process([sys.executable, "-m", "benchmarks.echo_bot", TOKEN, api.url], folder)


def answer_to(api: BotApiProcess, person: int, text: str = "seuraava", known: int = 0) -> Accepted:
    """Let somebody say something; wait for the answer."""
    api.person(person).says(text)
    answers: list[Accepted] = api.sent_to(person, known + 1, PATIENCE)
    return answers[-1]


def resident(running: subprocess.Popen[bytes]) -> float:
    """Give the MiB that a process has in memory."""
    for line in Path(f"/proc/{running.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) / 1024
    raise ProcessLookupError


def settle(seconds: float = 1.0) -> None:
    """Let what a start begins come to its end."""
    time.sleep(seconds)
