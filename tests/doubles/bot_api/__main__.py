"""python -m tests.doubles.bot_api [--port N]: serve until ended; the first line printed is the address."""

import argparse
import asyncio
import os
import signal
from typing import Any

import orjson
import uvloop

from .limits import STRICT, Limits
from .server import BotApi


async def serve(options: dict[str, Any], *, leashed: bool) -> None:
    loop, ended = asyncio.get_running_loop(), asyncio.Event()

    def end_with_input() -> None:
        if not os.read(0, 1):
            ended.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, ended.set)
    if leashed:  # standard input never says anything, it only ends
        loop.add_reader(0, end_with_input)
    async with BotApi(**options) as api:
        print(api.url, flush=True)  # noqa: T201  (whoever started us waits for it)
        await ended.wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.doubles.bot_api")
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    parser.add_argument("--no-limits", action="store_true", help="refuse nothing for being too fast")
    parser.add_argument("--options", type=orjson.loads, default={}, help="arguments of BotApi as JSON")
    parser.add_argument("--leashed", action="store_true", help="end when standard input does")
    arguments = parser.parse_args()
    options = {"port": arguments.port, **arguments.options}
    limits = options.get("limits", {})
    options["limits"] = (
        None if arguments.no_limits or limits is None else Limits(**limits) if limits else STRICT
    )
    uvloop.run(serve(options, leashed=arguments.leashed))


main()
