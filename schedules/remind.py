"""Reminders whose time has come: one message to everyone who hears of the series and chose that lead."""

from dataclasses import replace
from functools import reduce
from operator import or_
from typing import Final

from bot.actions.describe import describe, neutral_name
from bot.actions.under_reminder import under_reminder
from bot.core.reminders import DAY_BEFORE, goes_at
from bot.messages import Phrase, Say
from bot.router import House, Router, Tick
from bot.store.calendar import DueAlarm, Kept
from bot.store.fan_out import Having
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
    key = f"reminder:{kept.id}:{to_ms(it.start)}:{int(alarm.lead.total_seconds())}"
    series = tick.house.series.get(it.series or "")
    if series is not None and series.turns_shared:
        _remind_of_own(tick, alarm, key, "turn")
        tick.store.calendar.settle_alarm(alarm.id, fired=True)
        return
    if alarm.choices & DAY_BEFORE and not alarm.reached:
        _remind_of_own(tick, alarm, key, "place")
    upto = tick.store.subscriptions.end_of_piece(it.series or "", after=alarm.reached, most=PIECE)
    tick.store.fan_out.reminder(
        key=key,
        series=it.series,
        choices=alarm.choices,
        say=_in_private(kept, tick),
        in_groups=Say(_named(kept, tick.house)),
        public=it.visibility == "public",
        area=it.area,
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


def _remind_of_own(tick: Tick, alarm: DueAlarm, key: str, having: Having) -> None:
    """Remind those who have a place there, or whose turn it is, with a way to give it back.

    They are few and go before the others: who hears of the series too has this row already.
    """
    kept = alarm.kept
    tick.store.fan_out.reminder_of_own(
        having,
        key=key,
        series=kept.it.series,
        say=_in_private(kept, tick, having),
        occurrence=kept.id,
        useful_until=kept.it.start,
        now=tick.now,
    )


def _in_private(kept: Kept, tick: Tick, having: Having | None = None) -> Say:
    """Word it for one person: named if they said it may be, else so that it tells a stranger nothing (T-02)."""
    values = describe(kept, tick.house)
    discreet = Phrase(
        "reminder.neutral",
        {
            "nimi": neutral_name(kept.it, tick.house),
            "milloin": values["milloin"],
            "aika": values["aika"],
        },
    )
    buttons = under_reminder(kept, tick.house, now=tick.now, having=having)
    return Say(_named(kept, tick.house), buttons, discreet)


def _named(kept: Kept, house: House) -> Phrase:
    return Phrase("reminder.named", describe(kept, house))
