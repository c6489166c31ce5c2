"""What a poll is: its kinds, the time it is open, and the count of its answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType
from typing import Final, Literal, Self

Kind = Literal["single", "smiley5"]

SMILEYS: Final = ("1", "2", "3", "4", "5")

SMILEY_GROUPS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"1-2": ("1", "2"), "3": ("3",), "4-5": ("4", "5")}
)
"""How smileys are shown (DOMAIN.md, E 3): a group and the smileys in it, the worst first."""


def is_open(now: datetime, *, opened: datetime, closes: datetime) -> bool:
    """Tell whether an answer is taken at ``now``: from ``opened`` on, and before ``closes`` (all aware)."""
    return opened <= now < closes


@dataclass(frozen=True, slots=True)
class Tally:
    """How many chose each option, in the order of the poll; who declined ("En vastaa") is in no result."""

    counts: Mapping[str, int]
    declined: int = 0

    @classmethod
    def of(cls, options: Sequence[str], chosen: Mapping[str, int], *, declined: int = 0) -> Self:
        """Put what the ballots say into the order of the poll.

        An option that nobody chose is there with a zero: its absence would say so too.

        Raises:
            ValueError: a ballot names an option that the poll does not have.
        """
        if not chosen.keys() <= set(options):
            message = "a ballot names one of the poll's options"
            raise ValueError(message)
        return cls({option: chosen.get(option, 0) for option in options}, declined)

    @property
    def answers(self) -> int:
        """How many answered, without those who declined."""
        return sum(self.counts.values())


def in_groups(kind: Kind, counts: Mapping[str, int]) -> dict[str, int]:
    """Give the counts as they may be told apart: smileys in their three groups, others as they are."""
    if kind == "single":
        return dict(counts)
    return {group: sum(counts.get(each, 0) for each in smileys) for group, smileys in SMILEY_GROUPS.items()}
