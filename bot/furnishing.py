"""Reads what an organization keeps in content/ and makes of it what the process runs on."""

from collections.abc import Collection, Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

import handlers
import schedules
from bot.content import EVERYONE, Content, read_content
from bot.content.model import phrases
from bot.core.crisis import is_crisis
from bot.core.occurrences import Words
from bot.core.quiet_hours import QuietHours
from bot.core.series import Series
from bot.errors import Fault
from bot.i18n import Wording, labels_of, read_catalogues
from bot.meaning import Understanding
from bot.router import House, discover
from bot.settings import Settings
from schedules.calendars import checking
from schedules.calendars.reading import not_utf8, unopened
from schedules.calendars.schedule_yaml import Defaults, Schedule, read_schedule

SCHEDULE = "schedule.yaml"  # describes the series, also when the dates come from elsewhere
UNDO = timedelta(seconds=60)
DEFAULT_LEADS = (timedelta(days=1), timedelta(hours=2))


@dataclass(frozen=True, slots=True)
class Furnished:
    """The house, how it understands and speaks, and every fault found on the way.

    ``warnings`` are what the organization should still fill in: they stop nothing.
    """

    understanding: Understanding
    faults: tuple[Fault, ...]
    warnings: tuple[Fault, ...]

    @property
    def house(self) -> House:
        """What stays the same while the process runs."""
        return self.understanding.house

    @property
    def wording(self) -> Wording:
        """All texts in all languages."""
        return self.understanding.wording


def furnish(settings: Settings, *, undo: timedelta = UNDO) -> Furnished:
    """Read content/, the catalogues and the series; never stops at a fault.

    ``undo`` is how long confirmed news is held, so that it can be stopped (T-01).
    """
    content, faults, warnings = read_content(settings.content_dir)
    schedule, unread = _schedules(settings, content)
    series = {
        each.id: checking.shown(each, settings.content_dir) for part in schedule for each in part.series
    }
    defaults = schedule[0].defaults if schedule else Defaults()
    wording = Wording(
        read_catalogues(),
        {**phrases(content), **_series_phrases(series.values())},
        content.values,
        settings.language,
    )
    house = House(
        content=content,
        content_dir=settings.content_dir,
        wording=wording,
        series=series,
        zone=settings.zone,
        language=settings.language,
        quiet_hours=_quiet_hours(settings, defaults),
        default_leads=defaults.leads or DEFAULT_LEADS,
        calendars=settings.calendars,
        calendar_hosts=settings.calendar_hosts,
        areas={area: name for part in schedule for area, name in part.areas.items()},
        smallest_number=settings.smallest_number,
        public_url=settings.base_url,
        undo=undo,
    )
    router = discover((handlers, schedules))
    understanding = Understanding(
        router=router,
        house=house,
        wording=wording,
        vocabulary=content.vocabulary,
        is_crisis=partial(is_crisis, added=content.crisis_words),
        labels=labels_of((each for menu in router.menus for each in menu(house)), wording, settings.zone),
    )
    problems = [
        fault
        for part in schedule
        for fault in checking.faults(part, settings.calendars, settings.content_dir)
    ]
    unfilled = tuple(
        Fault(
            f"{each.source}, line {each.line}",
            f"{each.where} is left out: {each.name} is empty",
            "Fill it in in organization.yaml",
        )
        for part in schedule
        for each in part.unfilled
    )
    strangers = () if unread else _strangers(content, schedule, settings.calendars)
    commands = _commands_without_words(content, understanding.router.commands)
    open_ends = [fault for part in schedule for fault in checking.advice(part, settings.calendars)]
    return Furnished(
        understanding,
        (*faults, *unread, *problems, *strangers),
        (*warnings, *commands, *unfilled, *open_ends),
    )


def _strangers(content: Content, schedule: Sequence[Schedule], calendars: Collection[str]) -> Iterable[Fault]:
    """Name series that are nowhere, each once.

    Whoever has a line of a schedule to mend shall not read of all that follows from it: what may have been left out for
    a fault is no stranger.
    """
    hollow = [part for part in schedule if not part.series and (part.problems or part.source in calendars)]
    left_out = {name for part in schedule for name in part.unread}
    if hollow or not schedule or any(" " in name for name in left_out):  # "series 3": its id cannot be read
        return ()
    known = {each.id for part in schedule for each in part.series}
    return dict.fromkeys(_unknown_series(content, known | left_out))


def _unknown_series(content: Content, series: Container[str]) -> Iterator[Fault]:
    """Name what polls and answers say of series that the schedule does not have."""
    mend = "Write the id of a series of schedule.yaml"
    for poll in content.polls:
        for name in (*poll.audience, *filter(None, (poll.after_series,))):
            if name != EVERYONE and name not in series:
                yield Fault(
                    "polls.yaml", f"{poll.id}: there is no series {name!r}", f"{mend}, or {EVERYONE!r}"
                )
    for entry in content.faq:
        for name in entry.next_times.values():
            if name not in series:
                yield Fault("faq.yaml", f"{entry.id}: there is no series {name!r}", mend)


def _commands_without_words(content: Content, answered: Collection[str]) -> Iterator[Fault]:
    """Name the commands that commands.yaml does not have, as after an update of the program."""
    named = [each.name for each in content.commands]
    missing = sorted(set(answered) - set(named)) if named else []
    if missing:
        what = f"it has no entry for {', '.join(missing)}, so nobody can type these"
        yield Fault("commands.yaml", what, "Copy their entries from the sample's commands.yaml")


def _schedules(settings: Settings, content: Content) -> tuple[list[Schedule], list[Fault]]:
    """Read what the schedule files say of their series, and name those that cannot be read.

    The dates are an errand's work.
    """
    names = [name for name in settings.calendars if name.endswith((".yaml", ".yml"))]
    if SCHEDULE not in names and (settings.content_dir / SCHEDULE).exists():
        names.append(SCHEDULE)
    found, faults = [], []
    for name in names:
        try:
            text = (settings.content_dir / name).read_bytes().decode("utf-8-sig")
        except OSError as error:
            faults.append(unopened(name, error).fault())
        except UnicodeDecodeError as error:
            faults.append(not_utf8(name, error).fault())
        else:
            found.append(
                read_schedule(text, source=name, language=settings.language, fill=content.organization)
            )
    return found, faults


def _quiet_hours(settings: Settings, defaults: Defaults) -> QuietHours | None:
    """The environment wins over schedule.yaml; the built-in default wins over neither."""
    if "quiet_hours" in settings.model_fields_set or defaults.quiet_hours is None:
        return settings.quiet
    return defaults.quiet_hours


def _series_phrases(series: Iterable[Series]) -> Mapping[str, Words]:
    found: dict[str, Words] = {}
    for each in series:
        found[f"series.{each.id}.name"] = each.name
        if each.neutral_name:
            found[f"series.{each.id}.neutral"] = each.neutral_name
        for variant, words in each.variants.items():
            found[f"series.{each.id}.variant.{variant}"] = words
    return found
