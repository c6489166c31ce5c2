"""What can go wrong on the way, before and after the double has accepted a call."""

import random
from dataclasses import dataclass
from typing import Literal


@dataclass(slots=True, kw_only=True)
class Fault:
    """One trouble, for the next ``times`` calls that fit (None: until it is taken away).

    ``does``: ``delay`` the call by ``seconds`` (a pair: anything between them); ``cut`` the connection;
    ``status`` answers with that status and a page of HTML, as a proxy does; ``garbage`` answers 200 and
    no JSON; ``silence`` answers nothing for as long as the double lives; ``throttle`` answers 429 with
    ``seconds`` as retry_after.
    ``when``: "before" the call had any effect, or "after": it was accepted, but the client cannot know.
    ``method`` and ``chat_id`` say which calls fit, "" and None all of them; ``skip`` lets so many go first.
    """

    does: Literal["delay", "cut", "status", "garbage", "silence", "throttle"]
    when: Literal["before", "after"] = "before"
    method: str = ""
    chat_id: int | None = None
    seconds: float | tuple[float, float] = 0.0
    status: int = 502
    times: int | None = 1
    skip: int = 0

    def fits(self, method: str, chat_id: int | None) -> bool:
        """Tell whether it strikes this call; each question counts as a call."""
        if self.times == 0 or (self.method and self.method.lower() != method.lower()):
            return False
        if self.chat_id is not None and self.chat_id != chat_id:
            return False
        if self.skip:
            self.skip -= 1
            return False
        if self.times is not None:
            self.times -= 1
        return True

    def pause(self, dice: random.Random) -> float:
        if isinstance(self.seconds, int | float):
            return self.seconds
        return dice.uniform(*self.seconds)


class Faults:
    """The troubles that are set; all that fit a call strike it, in the order in which they were set."""

    def __init__(self, seed: int = 1) -> None:
        self._set: list[Fault] = []
        self._dice = random.Random(seed)

    def __bool__(self) -> bool:
        return bool(self._set)

    def add(self, fault: Fault) -> None:
        self._set.append(fault)

    def clear(self) -> None:
        self._set.clear()

    def strike(self, method: str, chat_id: int | None) -> list[Fault]:
        struck = [fault for fault in self._set if fault.fits(method, chat_id)]
        self._set = [fault for fault in self._set if fault.times != 0]
        return struck

    def pause(self, fault: Fault) -> float:
        return fault.pause(self._dice)
