"""One process a data folder: a second one is refused at once."""

import fcntl
import os
from pathlib import Path

from bot.errors import Fault, SetupError

NAME = "vertti.lock"


def take_lock(folder: Path) -> int:
    """Hold the folder's lock until this process ends, however it ends; give the file's descriptor.

    Raises:
        SetupError: another process holds it.
    """
    descriptor = os.open(folder / NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        mend = "Stop the other one first, or give this one a data folder of its own (VERTTI_DATA_DIR)"
        raise SetupError(
            [Fault("VERTTI_DATA_DIR", "another Vertti runs on this data folder", mend)]
        ) from None
    return descriptor
