"""What the lists of people who take part in a date have in common."""

from datetime import datetime

from sqlalchemy import Column, ColumnElement, select, true

from bot.store import schedule_models

_T = schedule_models.occurrence.c


def of_series(occurrence: Column[int], series: str | None) -> ColumnElement[bool]:
    """Select what belongs to the dates of a series; None: of any."""
    return true() if series is None else occurrence.in_(select(_T.id).where(_T.series == series))


def with_ended(occurrence: Column[int], before: datetime) -> ColumnElement[bool]:
    """Select what belongs to dates that have ended before an instant."""
    return occurrence.in_(select(_T.id).where(_T.end < before))
