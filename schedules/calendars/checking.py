"""Does what the schedule says of calendars, pictures and turns hold with what is set, and with what is there?"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from bot.core.plain_language import faults as hard_in
from bot.core.series import FirstTime, Series
from bot.errors import Fault
from schedules.calendars.joining import feeds, leads_to
from schedules.calendars.schedule_yaml import Schedule

MAX_PICTURE = 2**20  # bytes: a phone on a slow line loads it in seconds, and every platform takes it


def shown(series: Series, folder: Path) -> Series:
    """Give a series without a picture that cannot be shown from the content folder."""
    first_time = series.first_time
    if first_time is None or not _wrong_with(first_time, folder):
        return series
    return replace(series, first_time=replace(first_time, picture="", picture_words={}))


def faults(schedule: Schedule, calendars: Sequence[str], folder: Path) -> Iterator[Fault]:
    """Name what is wrong in a file, and what of it is not there: calendars, and pictures in the content folder."""
    for problem in schedule.problems:
        yield problem.fault()
    if not (schedule.series or schedule.problems) and schedule.source in calendars:
        mend = "Write the series below series:, as in the sample, or take it out of VERTTI_CALENDARS"
        yield Fault(schedule.source, "it has no series", mend)
    for series in schedule.series:
        first_time, origin = series.first_time, series.origin
        if first_time and (what := _wrong_with(first_time, folder)):
            mend = "Put it into the content folder, or leave picture and picture_words out"
            yield Fault(schedule.source, f"{series.id}: {first_time.picture} {what}", mend)
        if origin and not any(leads_to(origin, name, number) for number, name in feeds(calendars)):
            what = f"{series.id}: its dates come from a calendar that is not in VERTTI_CALENDARS"
            mend = "Write the name of one of its files, the host of one of its addresses, or a number, from 1"
            yield Fault(schedule.source, what, mend)


def advice(schedule: Schedule, calendars: Sequence[str]) -> Iterator[Fault]:
    """Name what is no fault, and still wants an editor's eye."""
    several = len(feeds(calendars)) > 1
    for series in schedule.series:
        if series.origin and series.turns and series.turns_from is None:
            what = f"{series.id}: which date is a turn of {series.turns[0]!r} is left to chance"
            yield Fault(schedule.source, what, "Name one: alternate_from: 2026-11-26")
        if several and series.origin and series.origin.calendar is None:
            what = f"{series.id}: 'from' names no calendar, so nobody is told when none has its dates"
            yield Fault(schedule.source, what, "Add calendar: to it")
        first_time = series.first_time
        for key, words in (("minutes", first_time.minutes), ("host", first_time.host)) if first_time else ():
            for language, text in words.items():
                for what in hard_in(text, language):
                    where = f"{schedule.source}: {series.id}: first_time: {key} ({language})"
                    yield Fault(where, what, "Say it more simply")


def _wrong_with(first_time: FirstTime, folder: Path) -> str:
    """Say why a picture cannot be shown; empty: it can, or there is none."""
    if not first_time.picture:
        return ""
    path = folder / first_time.picture
    if not path.is_file():
        return "is not there"
    return "is larger than 1 MiB" if path.stat().st_size > MAX_PICTURE else ""
