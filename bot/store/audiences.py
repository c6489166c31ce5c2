"""Whom one date of the schedule concerns, as conditions over conversations."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, literal, or_

from bot.store import models, schedule_models
from bot.store.subscriptions import EVERYTHING

_PERSON = models.conversation.c
_SUBSCRIPTION = models.subscription.c
_AREA = schedule_models.chosen_area.c
_TURN = schedule_models.shared_turn
_IS_THERE = _PERSON.state == "active"
_TAKING_PART = (schedule_models.sign_up, schedule_models.newcomer, _TURN)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who hears of a date, beside those who take part in it.

    ``series`` None: only those who follow everything.  ``area`` None: of none.  ``public``: of what is not, no channel
    ever hears (T-17), and only those who named its series.  ``turns_shared``: it is a turn, and concerns its taker alone.
    """

    series: str | None
    area: str | None = None
    public: bool = True
    turns_shared: bool = False

    @property
    def heard_as(self) -> tuple[str, str]:
        """What somebody may be subscribed to, to hear of it."""
        named = self.series or ""  # nobody named that
        return named, EVERYTHING if self.public else named

    @property
    def deaf(self) -> str:
        """The kind of conversation that hears nothing of it; "": there is none."""
        return "" if self.public else "channel"


def awake(now: Any) -> ColumnElement[bool]:
    """Select who is there and has not asked for a pause."""
    return and_(_IS_THERE, or_(_PERSON.paused_until.is_(None), _PERSON.paused_until <= now))


def fits(area: Any) -> ColumnElement[bool]:
    """Select who wants to hear of an area: they chose it, or none; "" is that of what has none."""
    chosen = _AREA.conversation == _PERSON.id
    return or_(area == "", ~exists().where(chosen), exists().where(chosen, _AREA.area == area))


def takes_turn(occurrences: Any) -> ColumnElement[bool]:
    """Select whose shared turn one of some dates is, pause or not."""
    return and_(
        _IS_THERE,
        exists().where(_TURN.c.conversation == _PERSON.id, _TURN.c.occurrence.in_(occurrences)),
    )


def hears_or_comes(
    occurrences: Any, *, series: Sequence[Any], area: Any, deaf: Any, now: Any
) -> ColumnElement[bool]:
    """Select who hears of a series and area, or takes part in one of some dates of it.

    A pause keeps away what one hears of a series, but not what becomes of a date that one takes part in.

    Args:
        occurrences: the dates, as values or a SELECT.
        series: what somebody may be subscribed to, to hear of them.
        area: theirs; "": none.
        deaf: the kind of conversation that hears nothing of it; "": there is none.
        now: the present, by which pauses are over or not.
    """
    heard = exists().where(_SUBSCRIPTION.conversation == _PERSON.id, _SUBSCRIPTION.series.in_(series))
    comes = [
        exists().where(table.c.conversation == _PERSON.id, table.c.occurrence.in_(occurrences))
        for table in _TAKING_PART
    ]
    hears = and_(heard, awake(now), _PERSON.kind != deaf, fits(area))
    return and_(_IS_THERE, or_(hears, *comes))


def concerns(occurrences: Sequence[int], audience: Audience, *, now: datetime) -> ColumnElement[bool]:
    """Select whom a change of some dates concerns; ``now`` is the present, by which pauses are over or not."""
    if audience.turns_shared:
        return takes_turn(occurrences)
    return hears_or_comes(
        occurrences,
        series=audience.heard_as,
        area=literal(audience.area or ""),
        deaf=audience.deaf,
        now=now,
    )
