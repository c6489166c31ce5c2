"""Who is served next at one account's counter: lanes, and one message at a time for each conversation."""

import heapq
from collections import deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class LineUp(Generic[T]):
    """Items waiting to be sent, by conversation and lane (0 first).

    Within a conversation the items of a lane keep their order and one item is out at a time.  A more urgent
    lane goes first, also within a conversation: an answer does not wait behind the news.  Times are seconds of
    one monotonic clock.
    """

    def __init__(self, lanes: int) -> None:
        self._queues: list[dict[int, deque[T]]] = [{} for _ in range(lanes)]
        self._ready: list[deque[int]] = [deque() for _ in range(lanes)]  # may name one twice, or in vain
        self._busy: set[int] = set()
        self._resting: dict[int, float] = {}
        self._wakes: list[tuple[float, int]] = []
        self._size = 0

    def __len__(self) -> int:
        """Count what waits, without what is out."""
        return self._size

    def add(self, conversation: int, lane: int, item: T) -> None:
        """Put an item at the end of its conversation's line."""
        queue = self._queues[lane].get(conversation)
        if queue is None:
            queue = self._queues[lane][conversation] = deque()
            if conversation not in self._busy and conversation not in self._resting:
                self._ready[lane].append(conversation)
        queue.append(item)
        self._size += 1

    def put_back(self, conversation: int, lane: int, item: T) -> None:
        """Put an item that was out at the head of its line; the conversation stays out until `back`."""
        self._queues[lane].setdefault(conversation, deque()).appendleft(item)
        self._size += 1

    def next(self, now: float) -> tuple[int, T] | None:
        """Give the most urgent item whose conversation is free; it is out until `back`."""
        self._wake(now)
        for lane, ready in enumerate(self._ready):
            while ready:
                conversation = ready.popleft()
                queue = self._queues[lane].get(conversation)
                if queue is None or conversation in self._busy or conversation in self._resting:
                    continue  # named in vain; `back` names it again
                item = queue.popleft()
                if not queue:
                    del self._queues[lane][conversation]
                self._busy.add(conversation)
                self._size -= 1
                return conversation, item
        return None

    def back(self, conversation: int, *, until: float | None = None) -> None:
        """Let a conversation line up again, at once or not before ``until``."""
        self._busy.discard(conversation)
        if until is not None:
            self._resting[conversation] = until
            heapq.heappush(self._wakes, (until, conversation))
            return
        self._line_up(conversation)

    def next_wake(self) -> float | None:
        """Give when the next resting conversation may line up; None: nobody rests."""
        return self._wakes[0][0] if self._wakes else None

    def drain(self) -> Iterator[tuple[int, T]]:
        """Take out everything that waits, in no particular order."""
        for queues in self._queues:
            for conversation in list(queues):
                for item in queues.pop(conversation):
                    self._size -= 1
                    yield conversation, item

    def take_conversation(self, conversation: int) -> list[T]:
        """Take out all that waits for one conversation, the most urgent first."""
        taken = [item for queues in self._queues for item in queues.pop(conversation, ())]
        self._size -= len(taken)
        return taken

    def _wake(self, now: float) -> None:
        while self._wakes and self._wakes[0][0] <= now:
            until, conversation = heapq.heappop(self._wakes)
            if self._resting.get(conversation) == until:
                del self._resting[conversation]
                self._line_up(conversation)

    def _line_up(self, conversation: int) -> None:
        for lane, queues in enumerate(self._queues):
            if conversation in queues:
                self._ready[lane].append(conversation)
