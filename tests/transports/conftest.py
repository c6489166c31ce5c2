"""For all transports: the contract speaks as a test module does, and nothing of ours may block the loop."""

from collections.abc import Iterator

import pytest
from blockbuster import blockbuster_ctx

pytest.register_assert_rewrite("tests.transports.contract")


@pytest.fixture(autouse=True)
def _loop_runs_freely() -> Iterator[None]:
    with blockbuster_ctx("bot") as blockbuster:
        for function in blockbuster.functions.values():
            function.can_block_in(
                "threading.py", "_bootstrap_inner"
            )  # a loop in a thread of its own holds up nobody
        yield
