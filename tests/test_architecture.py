"""The rules of the house that a machine can check."""

import ast
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGES = ("bot", "handlers", "schedules")
SOURCES = {
    path.relative_to(ROOT): ast.parse(path.read_text(encoding="utf-8"))
    for package in PACKAGES
    for path in sorted((ROOT / package).rglob("*.py"))
}
LAYERS = next(
    contract["layers"]
    for contract in tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    if contract["type"] == "layers"
)  # fmt: skip


def under(*folders):
    return {
        path: tree for path, tree in SOURCES.items() if any(path.is_relative_to(each) for each in folders)
    }


def imported(tree):
    """The modules that a module imports, wherever it does."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module or ""


def test_imports_point_one_way():
    found = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True, check=False
    )  # fmt: skip

    assert found.returncode == 0, found.stdout


def test_every_module_stands_in_a_layer():
    placed = {name.strip() for layer in LAYERS for name in layer.replace("|", ":").split(":")}
    modules = {path.parts[1].removesuffix(".py") for path in under("bot")} - {"__init__"}

    assert {f"bot.{each}" for each in modules} - placed == set()
    assert {each for each in placed if each.startswith("bot.")} <= {f"bot.{each}" for each in modules}


@pytest.mark.parametrize("path", [*map(str, under("handlers", "schedules", "bot/actions", "bot/core"))])
def test_handlers_jobs_actions_and_the_core_are_ordinary_functions(path):
    found = [type(node).__name__ for node in ast.walk(SOURCES[Path(path)]) if isinstance(node, _ASYNC)]

    assert found == []


_ASYNC = (ast.AsyncFunctionDef, ast.Await, ast.AsyncWith, ast.AsyncFor)


def test_sql_is_spoken_in_the_store_alone():
    elsewhere = {
        str(path)
        for path, tree in SOURCES.items()
        if not path.is_relative_to("bot/store")
        and any(name.partition(".")[0] in {"sqlalchemy", "sqlmodel", "sqlite3", "psycopg", "alembic"} for name in imported(tree))
    }  # fmt: skip

    assert elsewhere == set()


def test_only_the_courier_sends():
    senders = {
        str(path)
        for path, tree in SOURCES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute)
        and node.attr == "send"
        and ast.unparse(node.value).endswith("transport")
    }

    assert senders == {"bot/counter.py"}


def test_only_the_clock_reads_the_clock():
    readers = {
        str(path)
        for path, tree in SOURCES.items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and ast.unparse(node.func)
        in {"datetime.now", "datetime.utcnow", "date.today", "time.time", "time.monotonic"}
    }

    assert readers == {"bot/clock.py"}


def test_handlers_name_no_platform():
    named = {
        (str(path), node.value)
        for path, tree in under("handlers", "bot/actions", "bot/core").items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and node.value in {"telegram", "matrix", "web"}
    }

    assert named == set()


def test_the_core_is_the_standard_library_alone():
    names = {name.partition(".")[0] for tree in under("bot/core").values() for name in imported(tree)}

    assert names - set(sys.stdlib_module_names) == {"bot"}


def test_no_module_is_overgrown():
    """Past four hundred lines a module wants a split (STYLE.md)."""
    long = {
        str(path): lines
        for path in SOURCES
        if (lines := len((ROOT / path).read_text(encoding="utf-8").splitlines())) > 500
        and not path.is_relative_to("bot/store/migrations")
    }

    assert long == {}
