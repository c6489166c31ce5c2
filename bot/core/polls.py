"""What a poll is: its kinds, and how its answers may be told apart."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, Literal

Kind = Literal["single", "smiley5"]

SMILEYS: Final = ("1", "2", "3", "4", "5")

SMILEY_GROUPS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {"1-2": ("1", "2"), "3": ("3",), "4-5": ("4", "5")}
)
"""How smileys are shown (DOMAIN.md, E 3): a group and the smileys in it, the worst first."""


def in_groups(kind: Kind, counts: Mapping[str, int]) -> dict[str, int]:
    """Give the counts as they may be told apart: smileys in their three groups, others as they are."""
    if kind == "single":
        return dict(counts)
    return {group: sum(counts.get(each, 0) for each in smileys) for group, smileys in SMILEY_GROUPS.items()}
