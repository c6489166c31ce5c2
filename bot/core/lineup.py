"""Who is served next at one account's counter: lanes, and one message at a time for each conversation."""

import heapq
from collections import OrderedDict, deque
from collections.abc import Iterator
from typing import Generic, TypeVar

T = TypeVar("T")


class LineUp(Generic[T]):
    """Items waiting to be sent, by conversation and lane (0 first).

    Within a conversation the items of a lane keep their order and one item is out at a time.  A more urgent
    lane goes first, also within a conversation: an answer does not wait behind the news.  Between conversations
    those of a lane take turns.  Times are seconds of one monotonic clock.
    """

    def __init__(self, lanes: int) -> None:
        self._queues: list[dict[int, deque[T]]] = [{} for _ in range(lanes)]
        self._turns: list[OrderedDict[int, None]] = [
            OrderedDict() for _ in range(lanes)
        ]  # may name one in vain
        self._busy: set[int] = set()
        self._resting: dict[int, float] = {}
        self._wakes: list[tuple[float, int]] = []
        self._size = 0

    def __len__(self) -> int:
        """Count what waits, without what is out."""
        return self._size

    def awake(self) -> int:
        """Count what waits for conversations that do not rest."""
        asleep = sum(len(queues[who]) for queues in self._queues for who in self._resting if who in queues)
        return self._size - asleep

    def add(self, conversation: int, lane: int, item: T) -> None:
        """Put an item at the end of its conversation's line."""
        queue = self._queues[lane].get(conversation)
        if queue is None:
            queue = self._queues[lane][conversation] = deque()
            if conversation not in self._busy and conversation not in self._resting:
                self._turns[lane][conversation] = None
        queue.append(item)
        self._size += 1

    def put_back(self, conversation: int, lane: int, item: T) -> None:
        """Put an item that was out at the head of its line; the conversation stays out until `back`."""
        self._queues[lane].setdefault(conversation, deque()).appendleft(item)
        self._size += 1

    def next(self, now: float) -> tuple[int, T] | None:
        """Give the most urgent item whose conversation is free; it is out until `back`."""
        self._wake(now)
        for lane, turns in enumerate(self._turns):
            while turns:
                conversation, _ = turns.popitem(last=False)
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
        """Let a conversation that was out line up again, at once or not before ``until``."""
        self._busy.discard(conversation)
        if until is not None:
            self._resting[conversation] = until
            heapq.heappush(self._wakes, (until, conversation))
            return
        self._line_up(conversation)

    def next_wake(self, now: float) -> float | None:
        """Give when the next resting conversation may line up, later than ``now``; None: nobody rests."""
        self._wake(now)
        return self._wakes[0][0] if self._wakes else None

    def drain(self) -> Iterator[tuple[int, T]]:
        """Take out everything that waits; what waits for one conversation in one lane in its order."""
        for queues in self._queues:
            for conversation in list(queues):
                for item in self._take(queues, conversation):
                    yield conversation, item

    def take_conversation(self, conversation: int) -> list[T]:
        """Take out all that waits for one conversation, the most urgent first."""
        return [item for queues in self._queues for item in self._take(queues, conversation)]

    def _take(self, queues: dict[int, deque[T]], conversation: int) -> deque[T]:
        taken = queues.pop(conversation, deque())
        self._size -= len(taken)
        return taken

    def _wake(self, now: float) -> None:
        while self._wakes and self._wakes[0][0] <= now:
            until, conversation = heapq.heappop(self._wakes)
            if self._resting.get(conversation) == until:
                del self._resting[conversation]
                self._line_up(conversation)

    def _line_up(self, conversation: int) -> None:
        for turns, queues in zip(self._turns, self._queues, strict=True):
            if conversation in queues:
                turns.setdefault(conversation)
