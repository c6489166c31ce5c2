"""Imports libraries without the optional ones that they load just because those are installed.

structlog and httpx take Rich for a development console and a command line that Vertti never opens: 5 MiB of a process
that idles for months (docs/performance.md).
"""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Let imports in the block find these libraries not installed; one that is loaded already stays so."""
    hidden = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(hidden))  # type: ignore[arg-type]  # None: as the language documents it
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
