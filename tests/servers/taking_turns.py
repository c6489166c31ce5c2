"""nio binds its models to one database for the whole process; two clients in two threads have to take turns."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import peewee

_turn = threading.RLock()
_bind = peewee.Database.bind_ctx


@contextmanager
def _bind_in_turn(self: peewee.Database, *arguments: Any, **more: Any) -> Iterator[None]:
    with _turn, _bind(self, *arguments, **more):
        yield


def take_turns() -> None:
    """From now on only one client binds them at a time."""
    peewee.Database.bind_ctx = _bind_in_turn
