"""What schedule.yaml says of a series beside its dates; rules and dates are in test_schedule_yaml.py."""

from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.core.series import FirstTime, Origin
from schedules.calendars import Unfilled
from schedules.calendars.schedule_yaml import read_schedule

SAMPLE = (Path(__file__).parents[3] / "content" / "schedule.yaml").read_text(encoding="utf-8")
WINDOW = (datetime(2026, 10, 31, 22, tzinfo=UTC), datetime(2027, 12, 31, 22, tzinfo=UTC))

AREAS = """\
areas:
  - {id: kajaani, name: {fi: Kajaani, sv: Kajana}}
  - {id: mikkeli, name: "{{kaupunki}}"}
"""
ONCE = """\
series:
- id: kerran
  name: Kerran
  dates: [2027-03-10]
  time: "13:00"
"""
JOINED = """\
series:
- id: kavely
  name: Kävely
  from: {title: Kävely}
"""


def read(text, **fill):
    return read_schedule(text, source="schedule.yaml", language="fi", fill=fill)


def only(text, **fill):
    schedule = read(text, **fill)

    assert schedule.problems == ()
    return schedule.series[0]


def problems(text, **fill):
    return [str(each) for each in read(text, **fill).problems]


# ---- dates from a calendar ---------------------------------------------------------------------------------------


def test_a_series_whose_dates_come_from_a_calendar_says_which_and_has_none_of_its_own():
    schedule = read(
        AREAS
        + """\
series:
- id: kavely
  name: Kävely
  from:
    calendar: cloud.example.org
    uid: u1@example.org
    title: " Kävely  ulkona"
    category: Avoin
    area_by_place: {kajaani: Kajaani, mikkeli: Mikkeli}
""",
        kaupunki="Mikkeli",
    )

    assert schedule.problems == ()
    assert schedule.series[0].origin == Origin(
        calendar="cloud.example.org",
        uid="u1@example.org",
        title="Kävely ulkona",
        category="Avoin",
        areas={"kajaani": "Kajaani", "mikkeli": "Mikkeli"},
    )
    assert schedule.occurrences(WINDOW, ZoneInfo("Europe/Helsinki")) == ()


def test_the_number_of_a_calendar_needs_no_quotes():
    assert only(JOINED.replace("title: Kävely", "calendar: 2")).origin == Origin(calendar="2")


def test_its_turns_may_begin_on_a_date():
    turns = (
        "  variants: {a: A, b: B}\n  alternate: [a, b]\n  alternate_by: week\n  alternate_from: 2026-11-26\n"
    )
    series = only(JOINED + turns)

    assert (series.turns, series.turns_by, series.turns_from) == (("a", "b"), "week", date(2026, 11, 26))


def test_the_example_in_the_sample_is_a_series():
    example = SAMPLE[SAMPLE.index("#  - id: kavely") :].replace("\n#", "\n")[1:]
    areas = "areas: [{id: mikkeli, name: Mikkeli}]\n"

    series = read(areas + SAMPLE[: SAMPLE.index("#  - id: kavely")] + example).series[-1]

    assert series.origin == Origin(calendar="cloud.example.org", title="Kävely", areas={"mikkeli": "Mikkeli"})
    assert series.turns_from == date(2026, 11, 26)


@pytest.mark.parametrize(
    ("wrong", "problem"),
    [
        (
            "from: {}",
            "it does not say which events are meant. Give it at least one of uid, title, category and calendar.",
        ),
        (
            "from: {area_by_place: {kajaani: Kajaani}}",
            "it does not say which events are meant. Give it at least one of uid, title, category and calendar.",
        ),
        (
            "from: {title: '', uid: ' '}",
            "it does not say which events are meant. Give it at least one of uid, title, category and calendar.",
        ),
        (
            "from: {title: [Kävely]}",
            "a text is wanted here, not a list or a mapping. Put the text in quotes.",
        ),
        (
            "from: ryhmat.ics",
            "names and values are missing here. Write uid: and so on.",
        ),
        (
            "from: {calendar: 'https://cloud.example.org/secret'}",
            "an address is a secret and does not belong here. Write its host, or its number in VERTTI_CALENDARS.",
        ),
        (
            "from: {title: A, area_by_place: {kajani: Kajaani}}",
            "there is no area 'kajani'. Did you mean 'kajaani'?",
        ),
        (
            "from: {title: A, area_by_place: {kajaani: ''}}",
            "'' cannot stand here. Write a word of the place.",
        ),
        ("from: {title: A, titel: A}", "'titel' is unknown here. Did you mean 'title'?"),
    ],
)
def test_what_is_wrong_with_where_the_dates_come_from_is_named(wrong, problem):
    found = problems(AREAS + JOINED.replace("from: {title: Kävely}", wrong), kaupunki="Mikkeli")

    assert found == [f"line 7: kavely: {problem}"]


@pytest.mark.parametrize(
    ("added", "problem"),
    [
        (
            "dates: [2027-03-10]",
            "line 2: kavely: it does not say when it is held. Give it one of rule, dates, all_day and from.",
        ),
        (
            "time: '13:00'",
            "line 5: kavely: 'time' belongs to dates. In a rule it stands between the braces.",
        ),
        (
            "skip_holidays: true",
            "line 5: kavely: the calendar says itself what is skipped. Leave skip_holidays out.",
        ),
    ],
)
def test_what_has_no_meaning_beside_a_calendar_is_named(added, problem):
    assert problems(f"{JOINED}  {added}\n") == [problem]


def test_an_area_beside_areas_by_place_is_one_too_many():
    text = AREAS + JOINED.replace("Kävely}", "Kävely, area_by_place: {kajaani: K}}") + "  area: kajaani\n"

    assert problems(text, kaupunki="Mikkeli") == [
        "line 8: kavely: area_by_place tells the area of each date. Leave one of the two out."
    ]


def test_a_first_turn_belongs_to_dates_from_a_calendar():
    assert problems(f"{ONCE}  alternate_from: 2026-11-26\n") == [
        "line 6: kerran: 'alternate_from' belongs to from. List first in alternate who begins."
    ]


# ---- areas and price ---------------------------------------------------------------------------------------------


def test_areas_have_names_and_the_dates_of_a_series_are_of_its_area():
    schedule = read(f"{AREAS}{ONCE}  area: mikkeli\n", kaupunki={"fi": "Mikkeli", "sv": "S:t Michel"})

    assert schedule.problems == ()
    assert schedule.areas == {
        "kajaani": {"fi": "Kajaani", "sv": "Kajana"},
        "mikkeli": {"fi": "Mikkeli", "sv": "S:t Michel"},
    }
    assert [each.area for each in schedule.occurrences(WINDOW, ZoneInfo("Europe/Helsinki"))] == ["mikkeli"]


def test_an_area_that_waits_for_its_name_goes_by_its_id():
    schedule = read(AREAS + ONCE)

    assert schedule.areas["mikkeli"] == {"fi": "mikkeli"}
    assert schedule.unfilled == (Unfilled("schedule.yaml", "areas: mikkeli", 3, "kaupunki"),)


@pytest.mark.parametrize(
    ("areas", "problem"),
    [
        ("areas: kajaani", "line 1: a list is wanted here. Put it in square brackets: [one, two]."),
        ("areas: [kajaani]", "line 1: names and values are missing here. Write id: and so on."),
        ("areas: [{id: kajaani}]", "line 1: 'name' is missing. Add name: to it."),
        ("areas: [{name: Kajaani}]", "line 1: 'id' is missing. Add id: to it."),
        (
            "areas: [{id: Kajaani, name: Kajaani}]",
            "line 1: 'Kajaani' cannot stand here. Write at most 32 of a-z, 0-9 and _.",
        ),
        (
            "areas: [{id: a, name: A}, {id: a, name: B}]",
            "line 1: another area has this id. Give each area its own.",
        ),
    ],
)
def test_what_is_wrong_with_an_area_is_named(areas, problem):
    assert problems(f"{areas}\n{ONCE}") == [problem]


@pytest.mark.parametrize(
    ("areas", "mend"),
    [
        ("", "Name it under areas: at the top of the file."),
        ("areas: [{id: kajaani, name: K}, {id: ii, name: Ii}]\n", "Write one of: kajaani, ii."),
    ],
)
def test_an_area_that_there_is_not_is_named(areas, mend):
    (problem,) = problems(f"{areas}{ONCE}  area: oulu\n")

    assert problem.endswith(f": kerran: there is no area 'oulu'. {mend}")


def test_the_price_stands_in_words_and_may_wait_for_its_value():
    price = "  price: {fi: '{{hinta}} euroa', sv: '{{hinta}} euro'}\n"

    assert only(ONCE + price, hinta="5").price == {"fi": "5 euroa", "sv": "5 euro"}
    assert only(ONCE + price).price == {}
    assert only(ONCE).price == {}


def test_turns_are_shared_where_it_is_said():
    assert (only(ONCE).turns_shared, only(f"{ONCE}  turns_shared: true\n").turns_shared) == (False, True)


# ---- the first time ----------------------------------------------------------------------------------------------

FIRST = """\
  first_time:
    minutes: {fi: "Yksi.\\n{{kaksi}}\\nKolme."}
    host: "{{ohjaaja}}"
    picture: kuvat/ovi.JPG
    picture_words: Ovi
"""


def test_who_comes_for_the_first_time_is_told_what_the_organization_has_filled_in():
    assert only(
        ONCE + FIRST, kaksi="Kaksi.\nTai kolme.", ohjaaja={"fi": "Ohjaaja", "sv": "Ledare"}
    ).first_time == (
        FirstTime(
            minutes={"fi": "Yksi.\nKaksi. Tai kolme.\nKolme."},
            host={"fi": "Ohjaaja", "sv": "Ledare"},
            picture="kuvat/ovi.JPG",
            picture_words={"fi": "Ovi"},
        )
    )


def test_without_the_first_minutes_there_is_nothing_to_tell():
    schedule = read(ONCE + FIRST, ohjaaja="Anna")

    assert schedule.series[0].first_time is None
    assert schedule.unfilled == (Unfilled("schedule.yaml", "kerran: first_time: minutes", 7, "kaksi"),)


@pytest.mark.parametrize(
    ("wrong", "right", "problem"),
    [
        ("Kolme.", "Kolme.\\nNeljä.", "line 7: kerran: it has more than 3 lines. Say it shorter."),
        ("    host", "    vieras", "line 8: kerran: 'vieras' is unknown here. Write one of: minutes, host, picture, picture_words."),
        (
            "kuvat/ovi.JPG",
            "../ovi.jpg",
            "line 9: kerran: '../ovi.jpg' cannot stand here. Write the name of a .jpg, .png or .webp file in content.",
        ),
        (
            "kuvat/ovi.JPG",
            "ovi.svg",
            "line 9: kerran: 'ovi.svg' cannot stand here. Write the name of a .jpg, .png or .webp file in content.",
        ),
        (
            "    picture_words: Ovi\n",
            "",
            "line 9: kerran: nobody says what is on the picture. Add picture_words: for those who cannot see it.",
        ),
        (
            '    minutes: {fi: "Yksi.\\n{{kaksi}}\\nKolme."}\n',
            "",
            "line 7: kerran: 'minutes' is missing. Add minutes: to it.",
        ),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_first_time_is_named(wrong, right, problem):
    assert wrong in FIRST
    assert problem in problems(ONCE + FIRST.replace(wrong, right), kaksi="Kaksi.", ohjaaja="Anna")


@pytest.mark.parametrize("name", ["/etc/ovi.png", "a/../../ovi.png", "..png", ".png", "ovi.png.exe"])
def test_no_picture_lies_outside_the_content_folder(name):
    (problem,) = problems(ONCE + FIRST.replace("kuvat/ovi.JPG", name), kaksi="Kaksi.", ohjaaja="Anna")

    assert problem.startswith(f"line 9: kerran: {name!r} cannot stand here.")


# ---- dates that are not known yet --------------------------------------------------------------------------------


def test_a_series_may_wait_for_its_dates():
    schedule = read(ONCE.replace("[2027-03-10]", "[]"))

    assert (schedule.problems, [each.id for each in schedule.series]) == ((), ["kerran"])
