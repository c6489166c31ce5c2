"""What is said of a typed time that cannot be: a day with another weekday's name, or one that its month does not have."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.core.recurrence import instant, midnight
from bot.core.typed_times import Misread, NoSuchDay, WrongWeekday, misread
from bot.messages import Phrase, Value, When


def why_unclear(text: str, *, now: datetime, zone: ZoneInfo) -> Phrase | None:
    """Say what is wrong with a time as it was typed; None: it is none at all."""
    found = misread(text, today=now.astimezone(zone).date())
    return None if found is None else _worded(found, zone)


def _worded(found: Misread, zone: ZoneInfo) -> Phrase:
    if isinstance(found, NoSuchDay):
        month = Phrase(f"time.in.{found.month}")
        return Phrase("time.no_such_day", {"kuussa": month, "montako": str(found.days)})
    day = found.day
    is_day = Phrase(f"time.is.{day.weekday()}", {"paiva": f"{day.day}.{day.month}."})
    values: dict[str, Value] = {
        "on": is_day,
        "aika": _when(day, found, zone),
        "toinen": _when(found.meant, found, zone),
    }
    return Phrase("time.wrong_weekday", values)


def _when(day: date, found: WrongWeekday, zone: ZoneInfo) -> When:
    """Give a day with the hours that were typed with it."""
    if found.start is None:
        return When(midnight(day, zone), all_day=True)
    end = None if found.end is None else instant(day, found.end, zone)
    return When(instant(day, found.start, zone), end)
