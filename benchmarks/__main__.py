"""python -m benchmarks [NAME…]: measure, print a table, and keep the figures in results/<date>.json.

Nothing here is a test: a figure that falls short is named as such, and that is all.
"""

import argparse
import importlib
import json
import os
import platform
import sqlite3
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.figures import Figure, table

NAMES = (
    *("votes", "commands", "broadcast", "next_due", "reminders", "calendars", "refreshes"),
    *("stall", "start", "memory", "matrix"),
)
RESULTS = Path(__file__).parent / "results"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(NAMES)}; none: all")
    names = parser.parse_args().names or NAMES
    if unknown := set(names) - set(NAMES):
        parser.error(f"there is no {', '.join(sorted(unknown))}")
    figures: list[Figure] = []
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        measured = importlib.import_module(f"benchmarks.{name}").measure()
        figures += measured
        print(table(measured), end="\n\n", flush=True)
    if len(names) > 1:
        print(table(figures))
    print(f"\nkept in benchmarks/results/{keep(figures).name}")


def keep(figures: list[Figure]) -> Path:
    """Write the day's figures; those of the day that were not measured again stay."""
    path = RESULTS / f"{datetime.now(UTC).date()}.json"
    kept = {each["name"]: each for each in json.loads(path.read_text())["figures"]} if path.exists() else {}
    kept.update((each.name, each.as_json()) for each in figures)
    whole = {"machine": machine(), "figures": list(kept.values())}
    RESULTS.mkdir(exist_ok=True)
    path.write_text(json.dumps(whole, ensure_ascii=False, indent=1) + "\n")
    return path


def machine() -> dict[str, object]:
    return {
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "processor": platform.machine(),
        "system": platform.system(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
    }


main()
