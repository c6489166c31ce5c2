"""Reminders whose time has come: one message to everyone who hears of the series and chose that lead."""

from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Final

from bot.actions.describe import describe
from bot.core.reminders import goes_at
from bot.messages import Localized, Phrase, Say, Value, button
from bot.router import House, Router, Tick
from bot.store.calendar import DueAlarm, Kept
from bot.store.models import to_day, to_ms

router = Router()

PIECE: Final = 1000  # rows made in one transaction: three milliseconds of the writer's


@router.due(lambda store: store.calendar.next_alarm())
def remind(tick: Tick) -> bool:
    """Make a piece of the rows of the reminder that is due first."""
    due = tick.store.calendar.due_alarms(tick.now, most=1)
    if not due:
        return False
    alarm = _as_one(tick, due[0])
    goes = goes_at(
        alarm.due,
        now=tick.now,
        start=alarm.kept.it.start,
        hours=tick.house.quiet_hours,
        zone=tick.house.zone,
    )
    if goes is None:
        tick.store.books.add("reminder.too_late", to_day(tick.now))
        tick.store.calendar.settle_alarm(alarm.id, fired=False)
    elif goes > tick.now:
        tick.store.calendar.change_alarm(alarm.id, due=goes)
    else:
        _fan_out(tick, alarm)
    return True


def _as_one(tick: Tick, first: DueAlarm) -> DueAlarm:
    """Join what is due of one occurrence into its latest reminder: after an outage people hear of it once."""
    if first.reached:
        return first  # its rows are half made
    *earlier, latest = tick.store.calendar.due_alarms(tick.now, occurrence=first.kept.id)
    if not earlier:
        return latest
    choices = reduce(or_, (each.choices for each in (*earlier, latest)))
    tick.store.calendar.change_alarm(latest.id, choices=choices)
    for each in earlier:
        tick.store.calendar.settle_alarm(each.id, fired=True)
    return replace(latest, choices=choices)


def _fan_out(tick: Tick, alarm: DueAlarm) -> None:
    kept = alarm.kept
    it = kept.it
    upto = tick.store.subscriptions.end_of_piece(it.series or "", after=alarm.reached, most=PIECE)
    tick.store.fan_out.reminder(
        key=f"reminder:{kept.id}:{to_ms(it.start)}:{int(alarm.lead.total_seconds())}",
        series=it.series,
        choices=alarm.choices,
        say=_in_private(kept, tick.house),
        in_groups=Say(_named(kept, tick.house)),
        public=it.visibility == "public",
        occurrence=kept.id,
        due=tick.now,
        useful_until=it.start,
        now=tick.now,
        after=alarm.reached,
        upto=upto,
    )
    if upto is None:
        tick.store.calendar.settle_alarm(alarm.id, fired=True)
    else:
        tick.store.calendar.change_alarm(alarm.id, reached=upto)


def _in_private(kept: Kept, house: House) -> Say:
    """Word it for one person: named if they said it may be, else so that it tells a stranger nothing (T-02)."""
    values = describe(kept, house)
    discreet = Phrase(
        "reminder.neutral",
        {"nimi": _neutral_name(kept, house), "milloin": values["milloin"], "aika": values["aika"]},
    )
    series = () if kept.it.series is None else (kept.it.series,)
    buttons = (
        button("button.show", "show", str(kept.id)),
        button("button.stop", "stop", *series),
        button("button.pause", "pause"),
    )
    return Say(_named(kept, house), buttons, discreet)


def _named(kept: Kept, house: House) -> Phrase:
    return Phrase("reminder.named", describe(kept, house))


def _neutral_name(kept: Kept, house: House) -> Value:
    series = house.series.get(kept.it.series or "")
    if series is None or not series.neutral_name:
        return Phrase("reminder.meeting")
    return Localized(series.neutral_name)
