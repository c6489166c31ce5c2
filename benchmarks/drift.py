"""How late a loop is: python -m benchmarks.drift SECONDS measures one that has nothing to do, as a JSON list."""

import asyncio
import json
import sys
import time

import uvloop

EVERY = 0.005  # seconds between two looks


async def drift(seconds: float) -> list[float]:
    """Give for each look the milliseconds that it came late."""
    loop = asyncio.get_running_loop()
    late: list[float] = []
    ended = loop.create_future()
    end = time.perf_counter() + seconds

    def look(expected: float) -> None:
        now = time.perf_counter()
        late.append(max(now - expected, 0.0) * 1000)
        if now < end:
            loop.call_later(EVERY, look, now + EVERY)
        else:
            ended.set_result(None)

    loop.call_later(EVERY, look, time.perf_counter() + EVERY)
    await ended
    return late


if __name__ == "__main__":
    print(json.dumps(uvloop.run(drift(float(sys.argv[1])))))
