"""Replies that are said before they could be stored: whichever way one comes first, it is said once."""

from collections import OrderedDict, deque
from typing import Final, Literal

STORED: Final = 256  # keys remembered of replies that came stored
UNSTORED: Final = 1000  # and of those that came ahead

Before = Literal["new", "in line", "said"]


class Unstored:
    """What is known of replies by their keys, of the last few."""

    def __init__(self) -> None:
        self._stored: deque[str] = deque(maxlen=STORED)
        self._ahead: OrderedDict[str, bool] = OrderedDict()  # is it said, or still to be said?

    def comes_ahead(self, key: str) -> bool:
        """Note a reply that is not stored (yet); False: it came before, in whatever way, and is not said again."""
        if key in self._stored or key in self._ahead:
            return False
        if len(self._ahead) == UNSTORED:
            self._ahead.popitem(last=False)
        self._ahead[key] = False
        return True

    def comes_stored(self, key: str) -> Before:
        """Note a reply that is stored from now on; give what became of it ahead of that."""
        self._stored.append(key)
        said = self._ahead.pop(key, None)
        return "new" if said is None else "said" if said else "in line"

    def ended(self, key: str, *, said: bool) -> bool:
        """Note whether one was said; False: it is stored, and what became of it is to be written down."""
        if key not in self._ahead:
            return False
        if said:
            self._ahead[key] = True
        else:
            del self._ahead[key]
        return True
