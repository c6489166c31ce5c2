"""A measured figure: its samples, the gate it should pass, and what it stands beside."""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median, quantiles


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One thing that was measured, a sample for each repetition.

    The gate is on the median, or on the worst sample (``worst``); those on the ratio on the median of the ratios.
    ``bare`` are the samples of something bare, measured alternately with ours.
    """

    name: str
    unit: str
    samples: Sequence[float]
    at_least: float | None = None
    at_most: float | None = None
    ratio_at_least: float | None = None
    ratio_at_most: float | None = None
    worst: bool = False
    bare: Sequence[float] = ()
    bare_name: str = ""

    @property
    def value(self) -> float:
        if self.worst:
            return max(self.samples) if self.at_most is not None else min(self.samples)
        return median(self.samples)

    @property
    def ratios(self) -> list[float]:
        """Ours to the bare one's, pair by pair where there are as many of each."""
        if not self.bare:
            return []
        if len(self.bare) == len(self.samples):
            return [ours / bare for ours, bare in zip(self.samples, self.bare, strict=True)]
        return [self.value / median(self.bare)]

    @property
    def gate(self) -> str:
        if self.at_least is not None:
            return f"≥ {shown(self.at_least)}"
        if self.at_most is not None:
            return f"≤ {shown(self.at_most)}"
        if self.ratio_at_least is not None:
            return f"≥ {self.ratio_at_least:g} ×"
        return "" if self.ratio_at_most is None else f"≤ {self.ratio_at_most:g} ×"

    @property
    def passes(self) -> bool | None:
        """Does it pass its gate?  None: it has none."""
        if self.at_least is not None:
            return self.value >= self.at_least
        if self.at_most is not None:
            return self.value <= self.at_most
        if self.ratio_at_least is not None:
            return median(self.ratios) >= self.ratio_at_least
        return None if self.ratio_at_most is None else median(self.ratios) <= self.ratio_at_most

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "unit": self.unit,
            "value": self.value,
            "samples": list(self.samples),
            "gate": self.gate,
            "passes": self.passes,
            "bare_name": self.bare_name,
            "bare": list(self.bare),
            "ratio": median(self.ratios) if self.ratios else None,
        }


def p99(values: Sequence[float]) -> float:
    """Give what all but one in a hundred stay below."""
    return quantiles(values, n=100, method="inclusive")[98]


def shown(value: float) -> str:
    """Write a number with three digits that count; thousands apart."""
    if abs(value) >= 100:
        return f"{value:,.0f}".replace(",", " ")
    return f"{value:.3g}" if abs(value) < 10 else f"{value:.1f}"


HEAD = ("what", "measured", "spread", "unit", "gate", "", "beside", "bare", "ratio", "spread")


def table(figures: Sequence[Figure]) -> str:
    """Lay figures out in columns."""
    rows = [HEAD, *map(_row, figures)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(HEAD))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in rows]
    lines.insert(1, "  ".join("─" * width for width in widths))
    return "\n".join(line.rstrip() for line in lines)


def _row(figure: Figure) -> tuple[str, ...]:
    ratios = figure.ratios
    return (
        figure.name,
        shown(figure.value),
        _spread(figure.samples),
        figure.unit,
        figure.gate,
        {True: "holds", False: "FALLS SHORT", None: ""}[figure.passes],
        shown(median(figure.bare)) if figure.bare else "",
        figure.bare_name,
        shown(median(ratios)) if ratios else "",
        _spread(ratios),
    )


def _spread(values: Sequence[float]) -> str:
    return f"{shown(min(values))} … {shown(max(values))}" if len(values) > 1 else ""
