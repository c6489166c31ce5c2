import json
from datetime import date, timedelta
from pathlib import Path

import holidays as library
import pytest

from bot.content.public_holidays import finnish_holidays, public_holidays

ORACLE = json.loads((Path(__file__).parent / "data" / "expected_ryhma.json").read_text(encoding="utf-8"))


def test_the_skipped_thursdays_have_their_finnish_names():
    holidays = public_holidays("FI", "public")

    assert [[day, holidays.get(date.fromisoformat(day))] for day, _ in ORACLE["skipped"]] == ORACLE["skipped"]


def test_the_eves_on_which_nobody_works_count_and_flag_days_do_not():
    holidays = public_holidays("FI", "public")
    midsummer_eve, runeberg = date(2027, 6, 25), date(2027, 2, 5)

    assert (midsummer_eve in holidays, runeberg in holidays) == (True, False)


@pytest.mark.parametrize("country", ["FI", "SE"])
def test_one_country_loaded_alone_says_what_the_library_says(country):
    days = [date(2027, 1, 1) + timedelta(days=number) for number in range(365)]
    theirs = library.country_holidays(country, language="fi")

    alone = public_holidays(country, "public")

    assert [alone.get(day) for day in days] == [theirs.get(day) for day in days]


@pytest.mark.parametrize(("country", "category"), [("XX", "public"), ("FI", "everyday")])
def test_unknown_holidays_are_refused(country, category):
    with pytest.raises(LookupError):
        public_holidays(country, category)


@pytest.mark.parametrize("year", [2026, 2027, 2028])
def test_the_holidays_of_a_year_are_those_of_the_library(year):
    theirs = library.country_holidays("FI", years=year, language="fi")

    assert {day for day in finnish_holidays(year) if day.year == year} == set(theirs)
