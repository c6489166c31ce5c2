"""What a platform must do.  One file a platform; all pass one contract suite (tests/transports/contract.py)."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol

from bot.messages import Incoming, Outgoing, Pace, Place

Accept = Callable[[Sequence[Incoming]], Awaitable[None]]
"""Takes a batch; returns once it is committed.  Only then may it be acknowledged to the platform."""


class Transport(Protocol):
    """One account on one platform."""

    @property
    def platform(self) -> str:
        """The platform's name, as it stands in `Place.platform`: telegram, matrix, web."""
        ...

    @property
    def max_text(self) -> int:
        """How many characters one message may hold; the courier splits what is longer."""
        ...

    @property
    def needs_store(self) -> bool:
        """Does `send` itself write to the store?  Then nothing can be said while nothing can be written."""
        ...

    @property
    def pace(self) -> Pace:
        """How fast the platform lets us send."""
        ...

    @property
    def waiting(self) -> str | None:
        """What receiving waits out just now (the network, the platform), by its class; None: nothing."""
        ...

    async def receive(self, accept: Accept) -> None:
        """Hand over batches until cancelled.

        A batch that comes again after a crash is handed over again; ``accept`` knows what it has seen.
        Trouble of the network is waited out; one malformed update never stops the others.

        Raises:
            TransportStopped: a person must mend something (a revoked token, a second instance).
        """
        ...

    async def send(self, message: Outgoing) -> str:
        """Deliver one message; return the platform's id of it.

        ``message.text`` is plain text, shown literally; ``message.key`` is the same at each attempt.

        Raises:
            Throttled, Unreachable, Refused, Silent, Moved: see errors.py.
            TransportStopped: the account itself is refused.
        """
        ...

    async def leave(self, where: Place) -> None:
        """Leave a group, silently.  Trouble is raised as by `send`."""
        ...

    def deep_link(self, payload: str) -> str | None:
        """Give the address that opens the private chat and says ``/start PAYLOAD``; None: there is none."""
        ...

    async def close(self) -> None:
        """Let go of connections."""
        ...
