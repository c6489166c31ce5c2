"""Where the schedule is read from: each kind of calendar gives the same occurrences."""

from collections.abc import Mapping
from zoneinfo import ZoneInfo

from bot.core.occurrences import Words
from bot.messages import Phrase
from schedules.calendars.reading import Problem, Reading, Unfilled, Window, as_json, not_utf8

__all__ = ["Problem", "Reading", "Unfilled", "Window", "as_json", "read_calendar"]

_ICS = (".ics", ".ical", ".icalendar", ".ifb")
_YAML = (".yaml", ".yml")


def read_calendar(
    data: bytes,
    *,
    source: str,
    zone: ZoneInfo,
    window: Window,
    language: str,
    fill: Mapping[str, str | Words],
) -> Reading:
    """Read a calendar by what its name ends with, and else by how it begins.

    Args:
        data: the file.
        source: what it is called in problems; never a secret address.
        zone: the group's own.
        window: what is listed.
        language: of texts that name none.
        fill: the organization's values behind ``{{name}}`` in a schedule.yaml.
    """
    name = source.lower()
    if name.endswith(_YAML):
        return _yaml(data, source=source, zone=zone, window=window, language=language, fill=fill)
    if name.endswith(_ICS) or b"BEGIN:VCALENDAR" in data[:1024].upper():
        # Imported when first used: a run on schedule.yaml alone needs no iCalendar.
        from schedules.calendars.ics import read_ics  # noqa: PLC0415

        return read_ics(data, source=source, zone=zone, window=window, language=language)
    return Reading(
        (), (Problem(source, Phrase("problem.neither_kind"), None, Phrase("problem.mend.check_name")),)
    )


def _yaml(
    data: bytes,
    *,
    source: str,
    zone: ZoneInfo,
    window: Window,
    language: str,
    fill: Mapping[str, str | Words],
) -> Reading:
    from schedules.calendars.schedule_yaml import read_yaml  # noqa: PLC0415

    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return Reading((), (not_utf8(source, error),))
    return read_yaml(text, source=source, zone=zone, window=window, language=language, fill=fill)
