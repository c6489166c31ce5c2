"""Days and hours as organizers type them."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.typed_times import (
    NoSuchDay,
    Typed,
    WrongWeekday,
    another_time,
    misread,
    name_and_time,
    typed_days,
    typed_time,
)

TODAY = date(2026, 11, 21)  # a Saturday
THURSDAY = date(2026, 12, 3)
HELSINKI = ZoneInfo("Europe/Helsinki")


def at(day, hour):
    return datetime(2026, 12, day, hour - 2, tzinfo=UTC)


def read(text):
    return typed_time(text, today=TODAY)


@pytest.mark.parametrize(
    "text",
    ["3.12.", "3.12", "to 3.12.", "To 3.12", "3.12.2026", "03.12.26", "torstaina 3.12.", "3. joulukuuta", "2026-12-03",
     "tors 3.12", "torsdag 3 december", "3 Dec", "Thu 3 Dec", "den 3 december 2026", "3. 12."],
)  # fmt: skip
def test_a_day_is_read_however_it_is_written(text):
    assert read(text) == Typed(THURSDAY)


@pytest.mark.parametrize(
    "text",
    ["3.12. klo 14", "to 3.12. klo 14.00", "3.12. 14", "3.12. 14:00", "to 3.12. kello 14", "3.12 kl. 14", "tors 3.12 kl 14.00",
     "Thu 3 Dec, 14:00", "3 Dec at 14", "2026-12-03 14:00"],
)  # fmt: skip
def test_a_day_with_its_hour(text):
    assert read(text) == Typed(THURSDAY, time(14))


@pytest.mark.parametrize(
    "text", ["3.12. klo 13–15.30", "3.12. 13-15.30", "3.12. klo 13 - 15:30", "to 3.12. klo 13.00-15.30"]
)
def test_an_hour_to_end_at(text):
    assert read(text) == Typed(THURSDAY, time(13), time(15, 30))


@pytest.mark.parametrize("text", ["14", "klo 14", "kl. 14", "14.00", "14:00", "at 14"])
def test_an_hour_alone_names_no_day(text):
    assert read(text) == Typed(None, time(14))


def test_two_numbers_with_a_point_are_a_day_where_they_can_be_one():
    assert read("3.12") == Typed(THURSDAY)
    assert read("klo 3.12") == Typed(None, time(3, 12))
    assert read("14.30") == Typed(None, time(14, 30))


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("tänään klo 14", date(2026, 11, 21)),
        ("huomenna 14", date(2026, 11, 22)),
        ("i morgon kl 14", date(2026, 11, 22)),
        ("tomorrow 14", date(2026, 11, 22)),
        ("ylihuomenna klo 14", date(2026, 11, 23)),
        ("to klo 14", date(2026, 11, 26)),
        ("torstaina 14", date(2026, 11, 26)),
        ("ensi torstaina klo 14", date(2026, 11, 26)),
        ("lauantaina klo 14", date(2026, 11, 28)),
        ("next Friday at 14", date(2026, 11, 27)),
    ],
)
def test_a_day_may_have_a_name(text, day):
    assert read(text) == Typed(day, time(14))


def test_a_date_without_a_year_is_the_next_one():
    assert read("20.11.") == Typed(date(2027, 11, 20))
    assert read("21.11.") == Typed(TODAY)
    assert read("29.2.") == Typed(date(2028, 2, 29))


@pytest.mark.parametrize(
    "text",
    ["", " ", "en tiedä", "31.2.", "3.13.", "klo 25", "14.75 klo", "3.12. klo 14 tai 15", "kirjasto", "12345", "😀", "-", "klo",
     "1.1.0000", "99.99.9999", "3.12. ja 4.12.", "to 4.12. klo 14", "la 3.12.2026", "tänään pe", "3.12.1999", "3.12.9999"],
)  # fmt: skip
def test_what_is_no_time_is_none(text):
    assert read(text) is None


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("5.7.–1.8.", (date(2027, 7, 5), date(2027, 8, 1))),
        ("5.7.-1.8.", (date(2027, 7, 5), date(2027, 8, 1))),
        ("5.7. - 1.8.2027", (date(2027, 7, 5), date(2027, 8, 1))),
        ("21.12. – 6.1.", (date(2026, 12, 21), date(2027, 1, 6))),
        ("to 3.12. – pe 4.12.", (THURSDAY, date(2026, 12, 4))),
        ("20.12.2027 – 10.1.", (date(2027, 12, 20), date(2028, 1, 10))),
        ("5.7. – 1.8.2028", (date(2028, 7, 5), date(2028, 8, 1))),
        ("29.2. – 5.3.", (date(2028, 2, 29), date(2028, 3, 5))),
        ("huomenna – 5.12.", (date(2026, 11, 22), date(2026, 12, 5))),
        ("24.12.", (date(2026, 12, 24), date(2026, 12, 24))),
        ("huomenna", (date(2026, 11, 22), date(2026, 11, 22))),
    ],
)
def test_a_span_of_days(text, days):
    assert typed_days(text, today=TODAY) == days


def test_a_span_that_has_begun_is_this_years():
    assert typed_days("20.11. – 5.12.", today=TODAY) == (date(2026, 11, 20), date(2026, 12, 5))
    assert typed_days("21.12. – 6.1.", today=date(2027, 1, 2)) == (date(2026, 12, 21), date(2027, 1, 6))
    assert typed_days("21.11. – 21.11.", today=TODAY) == (TODAY, TODAY)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "kesä",
        "1.1.0001 – 2.1.0001",
        "31.12.9999 – ma",
        "5.7. klo 14",
        "1.8.2027 – 5.7.2027",
        "5.7. – x",
        "1.1. – 2.1. – 3.1.",
    ],
)
def test_what_is_no_span_is_none(text):
    assert typed_days(text, today=TODAY) is None


@given(st.text(max_size=40))
def test_anything_may_be_typed(text):
    found = read(text)
    typed_days(text, today=TODAY)

    assert found is None or found.day is not None or found.start is not None


@given(st.integers(0, 700), st.integers(0, 23), st.sampled_from([0, 5, 30, 59]))
def test_what_we_write_ourselves_is_read_back(days, hour, minute):
    day = TODAY + timedelta(days=days)
    name = ["ma", "ti", "ke", "to", "pe", "la", "su"][day.weekday()]
    written = f"{name} {day.day}.{day.month}.{day.year} klo {hour}" + (f".{minute:02}" if minute else "")

    assert read(written) == Typed(day, time(hour, minute))


@pytest.mark.parametrize(
    "text", ["ensi viikon torstai", "torstaina ensi viikolla", "torsdag nästa vecka", "Thursday next week"]
)
def test_next_week_begins_on_monday(text):
    tuesday, sunday = date(2026, 11, 24), date(2026, 11, 22)

    assert typed_time(text, today=tuesday) == Typed(THURSDAY)
    assert typed_time(text, today=sunday) == Typed(date(2026, 11, 26))
    assert typed_time("ensi viikolla", today=tuesday) is None
    assert typed_time("ensi viikolla klo 14", today=tuesday) is None


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("huomisen kerta", 22),
        ("huominen", 22),
        ("tämän päivän", 21),
        ("keskiviikon", 25),
        ("torstain kerta", 26),
    ],
)
def test_a_day_may_be_inflected(text, day):
    assert read(text) == Typed(date(2026, 11, day))


@pytest.mark.parametrize(
    "text", ["ensi viikolla ti 24.11.", "huomenna ensi viikolla", "next week 24 Nov", "nästa vecka 24.11"]
)
def test_a_day_that_is_not_in_the_next_week_is_not_guessed(text):
    assert typed_time(text, today=date(2026, 11, 21) + timedelta(days=2)) is None


@pytest.mark.parametrize("text", ["ensi viikolla 2.12.", "ensi viikon ke 2.12.", "next week 2 Dec"])
def test_one_that_is_may_be_called_so(text):
    assert typed_time(text, today=date(2026, 11, 23)) == Typed(date(2026, 12, 2))


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("10/12 klo 14", Typed(date(2026, 12, 10), time(14))),
        ("10/12/2026", Typed(date(2026, 12, 10))),
        ("16.12 puoli kaksi", Typed(date(2026, 12, 16), time(13, 30))),
        ("kymmenes joulukuuta", Typed(date(2026, 12, 10))),
        ("kahdeskymmenesensimmäinen joulukuuta klo 9", Typed(date(2026, 12, 21), time(9))),
        ("ensi viikon keskiviikkona kello yksi", Typed(date(2026, 11, 25), time(13))),
        ("siis keskiviikkona", Typed(date(2026, 11, 25))),
        ("ei kun ke 25.11. klo 14", Typed(date(2026, 11, 25), time(14))),
        ("eiku klo 15", Typed(None, time(15))),
    ],
)
def test_times_are_read_as_people_write_them(text, typed):
    assert read(text) == typed


@pytest.mark.parametrize("text", ["ei keskiviikkona", "12/31", "no joo", "no ei sittenkään", "vain tämä"])
def test_what_denies_a_day_or_names_none_is_no_time(text):
    assert read(text) is None
    assert misread(text, today=TODAY) is None


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("pe 10.12. klo 14", WrongWeekday(date(2026, 12, 10), date(2026, 12, 11), time(14))),
        ("ma 10.12.", WrongWeekday(date(2026, 12, 10), date(2026, 12, 7))),
        ("31.11.", NoSuchDay(11, 30)),
        ("su 30.2.2027 klo 9", NoSuchDay(2, 28)),
        ("30.2.", NoSuchDay(2, 29)),
        ("31.11. tai 3.12.", None),
        ("pe 10.12. ja muuta", None),
        ("3.12.", None),
        ("hmm", None),
    ],
)
def test_why_a_day_cannot_be(text, why):
    assert misread(text, today=TODAY) == why


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "Retki Alvajärvelle, lauantaina 28.11. klo 10-14",
            ("Retki Alvajärvelle", Typed(date(2026, 11, 28), time(10), time(14))),
        ),
        ("la 28.11. klo 10: Retki", None),
        ("la 28.11. klo 10 Retki", ("Retki", Typed(date(2026, 11, 28), time(10)))),
        ("ke 25.11. klo 14", None),
        ("Retki 28.11.", None),
        ("Kahvit klo 14", None),
        ("Grilli-ilta", None),
    ],
)
def test_a_name_is_divided_from_the_day_and_hour_beside_it(text, found):
    assert name_and_time(text, today=TODAY) == found


@pytest.mark.parametrize(
    ("typed", "end", "expected"),
    [
        (Typed(THURSDAY), None, (at(3, 13), None)),
        (Typed(None, time(15)), 15, (at(2, 15), at(2, 17))),
        (Typed(THURSDAY, time(15), time(16)), 15, (at(3, 15), at(3, 16))),
    ],
)
def test_what_another_time_does_not_say_stays(typed, end, expected):
    was = None if end is None else at(2, end)

    assert another_time(typed, at(2, 13), was, HELSINKI) == expected
