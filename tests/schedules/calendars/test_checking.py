from pathlib import Path

import pytest

from bot.core.series import FirstTime
from bot.errors import Fault
from schedules.calendars.checking import MAX_PICTURE, advice, faults, shown
from schedules.calendars.schedule_yaml import read_schedule

SECRET = "https://cloud.example.org/secret?export"


def schedule(*fields):
    text = "series:\n- id: kavely\n  name: Kävely\n" + "".join(f"  {field}\n" for field in fields)
    found = read_schedule(text, source="kevat.yaml", language="fi", fill={})

    assert found.problems == ()
    return found


def joined(which, *fields):
    return schedule(f"from: {which}", *fields)


@pytest.mark.parametrize(
    ("which", "calendars"),
    [
        ("{title: Kävely}", ["kevat.yaml", SECRET]),
        ("{calendar: cloud.example.org}", ["kevat.yaml", SECRET]),
        ("{calendar: 2}", ["kevat.yaml", SECRET]),
        ("{calendar: kavely.ics}", [SECRET, "kavely.ics"]),
    ],
)
def test_a_calendar_that_is_set_has_the_dates(which, calendars):
    assert list(faults(joined(which), calendars, Path())) == []


@pytest.mark.parametrize(
    ("which", "calendars"),
    [
        ("{title: Kävely}", ["kevat.yaml"]),
        ("{calendar: kavely.ics}", ["kevat.yaml", SECRET]),
        ("{calendar: cloud.example.com}", ["kevat.yaml", SECRET]),
        ("{calendar: 1}", ["kevat.yaml", SECRET]),
        ("{calendar: 3}", ["kevat.yaml", SECRET]),
    ],
)
def test_a_series_whose_calendar_is_not_set_is_named_without_the_address_of_any(which, calendars):
    assert list(faults(joined(which), calendars, Path())) == [
        Fault(
            "kevat.yaml",
            "kavely: its dates come from a calendar that is not in VERTTI_CALENDARS",
            "Write the name of one of its files, the host of one of its addresses, or a number, from 1",
        )
    ]


def test_what_is_wrong_in_the_file_is_a_fault():
    broken = read_schedule("series:\n- id: kavely\n", source="kevat.yaml", language="fi", fill={})

    assert [fault.where for fault in faults(broken, ["kevat.yaml"], Path())] == ["kevat.yaml, line 2"] * 2


# ---- pictures ----------------------------------------------------------------------------------------------------

FIRST = (
    "dates: []",
    "time: '13:00'",
    "first_time: {minutes: Kahvia., picture: kuvat/ovi.png, picture_words: Ovi}",
)
TOLD = FirstTime(minutes={"fi": "Kahvia."}, picture="kuvat/ovi.png", picture_words={"fi": "Ovi"})


def picture(folder, size):
    path = folder / "kuvat" / "ovi.png"
    path.parent.mkdir()
    path.write_bytes(bytes(size))


def test_a_picture_that_is_there_is_shown(tmp_path):
    picture(tmp_path, MAX_PICTURE)
    found = schedule(*FIRST)

    assert list(faults(found, ["kevat.yaml"], tmp_path)) == []
    assert shown(found.series[0], tmp_path).first_time == TOLD


@pytest.mark.parametrize(
    ("size", "what"), [(None, "is not there"), (MAX_PICTURE + 1, "is larger than 1 MiB")]
)
def test_a_picture_that_is_not_there_or_too_large_is_named_and_all_else_is_told(tmp_path, size, what):
    if size:
        picture(tmp_path, size)
    found = schedule(*FIRST)

    assert list(faults(found, ["kevat.yaml"], tmp_path)) == [
        Fault(
            "kevat.yaml",
            f"kavely: kuvat/ovi.png {what}",
            "Put it into the content folder, or leave picture and picture_words out",
        )
    ]
    assert shown(found.series[0], tmp_path).first_time == FirstTime(minutes={"fi": "Kahvia."})


def test_a_folder_is_no_picture(tmp_path):
    (tmp_path / "kuvat" / "ovi.png").mkdir(parents=True)

    assert len(list(faults(schedule(*FIRST), ["kevat.yaml"], tmp_path))) == 1


@pytest.mark.parametrize("first_time", [[], ["first_time: {minutes: Kahvia.}"]])
def test_nobody_needs_a_picture(tmp_path, first_time):
    found = schedule("dates: []", "time: '13:00'", *first_time)

    assert list(faults(found, ["kevat.yaml"], tmp_path)) == []
    assert shown(found.series[0], tmp_path) == found.series[0]


# ---- what wants an eye -------------------------------------------------------------------------------------------


def worries(found, *calendars):
    return [fault.what for fault in advice(found, calendars or ("kevat.yaml", SECRET))]


def test_turns_that_begin_nowhere_are_named():
    turns = ("variants: {a: A, b: B}", "alternate: [a, b]")

    assert worries(joined("{title: Kävely}", *turns)) == [
        "kavely: which date is a turn of 'a' is left to chance"
    ]
    assert worries(joined("{title: Kävely}", *turns, "alternate_from: 2026-11-26")) == []
    assert worries(schedule("dates: []", "time: '13:00'", *turns)) == []


def test_of_several_calendars_one_should_be_named():
    which = "kavely: 'from' names no calendar, so nobody is told when none has its dates"

    assert worries(joined("{title: Kävely}"), "a.ics", "b.ics") == [which]
    assert worries(joined("{title: Kävely, calendar: a.ics}"), "a.ics", "b.ics") == []
    assert worries(joined("{title: Kävely}"), "a.ics", "kevat.yaml") == []


def test_what_is_hard_to_read_the_first_time_is_named_with_its_language():
    long = "yksi kaksi kolme neljä viisi kuusi seitsemän kahdeksan yhdeksän kymmenen yksitoista kaksitoista kolmetoista"
    found = schedule(
        "dates: []", "time: '13:00'", f"first_time: {{minutes: {{sv: {long}}}, host: {{fi: linkki}}}}"
    )

    assert [(fault.where, fault.what) for fault in advice(found, ["kevat.yaml"])] == [
        (
            "kevat.yaml: kavely: first_time: minutes (sv)",
            "a sentence of 13 words, at most 12: yksi kaksi kolme neljä ...",
        ),
        ("kevat.yaml: kavely: first_time: host (fi)", "jargon: linkki"),
    ]
