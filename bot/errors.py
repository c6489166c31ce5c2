"""What can go wrong, by who can mend it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from bot.messages import Phrase


class VerttiError(Exception):
    """The root of the tree.  No message of it ever holds a name, a text, an address or a token."""


class UserError(VerttiError):
    """A person asked for what cannot be; ``phrase`` says so kindly, nothing was changed."""

    def __init__(self, phrase: Phrase) -> None:
        super().__init__(phrase.key)
        self.phrase = phrase


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault of the set-up: where it is, what is wrong and what to do."""

    where: str
    what: str
    mend: str

    def __str__(self) -> str:
        return f"{self.where}: {self.what}. {self.mend}"


class SetupError(VerttiError):
    """The set-up has faults; all of them, at once."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("; ".join(fault.where for fault in faults))
        self.faults = tuple(faults)


class StoreError(VerttiError):
    """The database could not take the change; nothing of it was kept."""


class ReadOnlyError(StoreError):
    """Something tried to write through the reading connection."""


class SendError(VerttiError):
    """A platform did not take a message.  The class says what follows."""


class Throttled(SendError):  # noqa: N818 - named for what the platform says
    """Too fast: nothing more before ``seconds`` have passed.

    ``whose`` limit it is: the account's, or that of this place alone; None: the platform does not say.
    """

    def __init__(self, seconds: float, *, whose: Literal["account", "place"] | None = None) -> None:
        super().__init__(f"wait {seconds:g} s")
        self.seconds = seconds
        self.whose = whose


class Unreachable(SendError):  # noqa: N818
    """The network or the platform failed; unknown whether the message arrived.  Try again."""


class Refused(SendError):  # noqa: N818
    """The platform will never take this message: our fault, and the row fails."""


class Silent(SendError):  # noqa: N818
    """The reader does not want us or is gone (``reason``: blocked, kicked, deactivated, not_found ...).

    Nothing more is pushed there until something comes from there again.
    """

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Moved(SendError):  # noqa: N818
    """The group goes on under a new address; send there."""

    def __init__(self, address: str) -> None:
        super().__init__("the group has a new address")
        self.address = address


class TransportStopped(VerttiError):  # noqa: N818
    """A transport cannot go on until a person mends something; ``fault`` says what."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(fault.what)
        self.fault = fault
