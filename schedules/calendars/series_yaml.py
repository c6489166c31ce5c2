"""One series as schedule.yaml says it."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Literal

import yaml

from bot.content.fields import (
    MisreadError,
    Reader,
    as_choice,
    as_flag,
    as_list,
    as_named,
    as_number,
    as_shaped,
    as_text,
    line_of,
    one_of,
    short,
)
from bot.content.words import as_id
from bot.core.alternation import AlternateBy
from bot.core.occurrences import Visibility, Words
from bot.core.series import FirstTime, Origin, Series
from bot.messages import Phrase
from schedules.calendars.fields import Fields, as_date, as_duration, as_words
from schedules.calendars.filling import Filling
from schedules.calendars.plans import Plan, Repeated
from schedules.calendars.timing import read_timing

Kind = Literal["event", "broadcast"]

SERIES = (
    "id",
    "source",  # where the rhythm comes from: for the reader of the file
    "name",
    "neutral_name",
    "rule",
    "dates",
    "time",
    "duration",
    "all_day",
    "from",
    "alternate",
    "alternate_by",
    "alternate_from",
    "variants",
    "skip_holidays",
    "place",
    "area",
    "price",
    "signup",
    "places_limit",
    "turns_shared",
    "first_time",
    "visibility",
    "kind",
    "reminders",
    "example",
)
ORIGIN = ("uid", "title", "category", "calendar")
FIRST_TIME = ("minutes", "host", "picture", "picture_words")
VISIBILITIES: Mapping[str, Visibility] = {"public": "public", "members": "members", "staff": "staff"}
KINDS: Mapping[str, Kind] = {"event": "event", "broadcast": "broadcast"}
TURNS: Mapping[str, AlternateBy] = {"meeting": "meeting", "week": "week"}
SIGNUP = {"none": False, "required": True}

# What is sent has no length of its own; in a calendar it is shown as half an hour (schedule.ics does the same).
BROADCAST_LENGTH = timedelta(minutes=30)
FIRST_MINUTES = 3  # lines

# No dot but the one before the ending, so that no name leads out of the content folder.
_as_picture = as_shaped(
    r"[\w-]+(?:/[\w-]+)*\.(?i:jpg|jpeg|png|webp)",
    Phrase("problem.shape.picture"),
)

_as_word = as_shaped(r".*\w.*", Phrase("problem.shape.place_word"))


def read_series(
    fields: Fields, filling: Filling, *, areas: Collection[str], skips_holidays: bool
) -> Plan | None:
    """Read one series; None: what is wrong with it is noted in the faults of its fields.

    Args:
        fields: its fields, by the names of `SERIES`.
        filling: the organization's values, named for this series.
        areas: the ids of all areas.
        skips_holidays: do rules that say nothing of it skip public holidays?
    """
    faults = fields.faults
    as_some_words = as_words(filling.language)

    def words(key: str, read: Words | None) -> Words:
        return filling.of(read or {}, key, fields.line(key))

    kind: Kind = fields.get("kind", as_choice(KINDS), "event")
    timing = read_timing(fields, BROADCAST_LENGTH if kind == "broadcast" else timedelta())
    variants: dict[str, Words] = fields.get("variants", as_named(as_id, as_some_words, faults), {})
    turns: tuple[str, ...] = fields.get("alternate", as_list(as_id, faults), ())
    for turn in turns:
        if turn not in variants:
            fields.fault(
                "alternate",
                Phrase("problem.turn_nameless", {"vuoro": turn}),
                Phrase("problem.mend.add_variant"),
            )
    turns_by: AlternateBy = fields.get("alternate_by", as_choice(TURNS), "meeting")
    series = Series(
        id=filling.where,
        name=words("name", fields.need("name", as_some_words)),
        neutral_name=words("neutral_name", fields.get("neutral_name", as_some_words, None)),
        place=words("place", fields.get("place", as_some_words, None)),
        variants=variants,
        turns=turns,
        turns_by=turns_by,
        turns_from=fields.get("alternate_from", as_date, None),
        origin=fields.get("from", lambda node: _origin(node, areas, faults), None),
        visibility=fields.get("visibility", as_choice(VISIBILITIES), "public"),
        kind=kind,
        leads=fields.get("reminders", as_list(as_duration, faults), None),
        signup=fields.get("signup", as_choice(SIGNUP), default=False),
        places_limit=fields.get("places_limit", lambda node: _limit(node, filling), None),
        price=words("price", fields.get("price", as_some_words, None)),
        area=fields.get("area", _as_area(areas), None),
        turns_shared=fields.get("turns_shared", as_flag, default=False),
        first_time=fields.get("first_time", lambda node: _first_time(node, filling, faults), None),
        example=fields.get("example", as_flag, default=False),
    )
    skips = fields.get("skip_holidays", as_flag, skips_holidays and isinstance(timing, Repeated))
    fields.get("source", as_text, "")
    _check_origin(fields, series)
    return None if faults else Plan(series, timing, skips_holidays=skips)


def _check_origin(fields: Fields, series: Series) -> None:
    """Note what has no meaning where the dates come from a calendar, or where they do not."""
    if "from" not in fields:
        if "alternate_from" in fields:
            fields.fault(
                "alternate_from", Phrase("problem.of_from"), Phrase("problem.mend.first_in_alternate")
            )
        return
    if "skip_holidays" in fields:
        fields.fault("skip_holidays", Phrase("problem.calendar_skips"), Phrase("problem.mend.leave_skip"))
    if "area" in fields and series.origin and series.origin.areas:
        fields.fault("area", Phrase("problem.area_twice"), Phrase("problem.mend.leave_one"))


def _origin(node: yaml.Node, areas: Collection[str], faults: list[MisreadError]) -> Origin | None:
    """Read which events of which calendar are meant."""
    before = len(faults)
    fields = Fields(node, (*ORIGIN, "area_by_place"), faults)
    given = {key: text for key in ORIGIN if (text := fields.get(key, as_text, ""))}
    if not given and len(faults) == before:
        mend = Phrase("problem.mend.fill_from")
        raise MisreadError(node, Phrase("problem.from_empty"), mend)
    if "://" in given.get("calendar", ""):
        mend = Phrase("problem.mend.host_or_number")
        fields.fault("calendar", Phrase("problem.secret_address"), mend)
    by_place: dict[str, str] = fields.get("area_by_place", as_named(_as_area(areas), _as_word, faults), {})
    return Origin(
        calendar=given.get("calendar"),
        uid=given.get("uid"),
        title=given.get("title"),
        category=given.get("category"),
        areas=by_place,
    )


def _as_area(areas: Collection[str]) -> Reader[str]:
    """Make a reader of the id of an area that there is."""

    def read(node: yaml.Node) -> str:
        written = as_text(node)
        if written not in areas:
            mend = one_of(written, tuple(areas)) if areas else Phrase("problem.mend.name_area")
            raise MisreadError(node, Phrase("problem.no_area", {"arvo": short(written)}), mend)
        return written

    return read


def _limit(node: yaml.Node, filling: Filling) -> int | None:
    """Read a number that may stand behind a placeholder."""
    filled = filling.of({"": as_text(node)}, "places_limit", line_of(node))
    if not filled:
        return None
    return as_number(1, 100_000)(yaml.ScalarNode(node.tag, filled[""], node.start_mark, node.end_mark))


def _first_time(node: yaml.Node, filling: Filling, faults: list[MisreadError]) -> FirstTime | None:
    """Read what is told to whoever comes for the first time; None: nothing is left of the first ten minutes."""
    fields = Fields(node, FIRST_TIME, faults)

    def words(key: str, read: Words | None) -> Words:
        return filling.of(read or {}, f"first_time: {key}", fields.line(key))

    as_some_words = as_words(filling.language)
    minutes = words("minutes", fields.need("minutes", as_words(filling.language, lines=FIRST_MINUTES)))
    picture = fields.get("picture", _as_picture, "")
    if picture and "picture_words" not in fields:
        mend = Phrase("problem.mend.picture_words")
        fields.fault("picture", Phrase("problem.picture_wordless"), mend)
    first_time = FirstTime(
        minutes=minutes,
        host=words("host", fields.get("host", as_some_words, None)),
        picture=picture,
        picture_words=words("picture_words", fields.get("picture_words", as_some_words, None)),
    )
    return first_time if minutes else None
