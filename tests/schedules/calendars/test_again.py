import shutil
from dataclasses import replace
from datetime import timedelta

import pytest

from bot.furnishing import furnish
from bot.settings import Settings
from schedules.calendars.again import Mark, Source, read_again, sources_of
from tests.support import CONTENT, NOW

DAY = timedelta(days=1)
WINDOW = (NOW, NOW + 400 * DAY)
NOTHING = Mark("", "", "")
FILE = Source("schedule.yaml", 1)


@pytest.fixture
def house(tmp_path):
    content = tmp_path / "content"
    shutil.copytree(CONTENT, content)
    return furnish(Settings(content_dir=content, _env_file=None)).house


def again(house, last=NOTHING, *, now=NOW, source=FILE):
    return read_again(source, house, last=last, window=WINDOW, now=now)


def test_the_first_time_all_is_read(house):
    reading, mark = again(house)

    assert reading.occurrences[0].title["fi"] == "Yksinäisyysryhmä"
    assert mark == Mark.loaded(mark.dumped())


def test_what_is_as_it_was_is_not_read(house):
    _, mark = again(house)

    assert again(house, mark) is None
    assert again(house, mark, now=NOW + timedelta(hours=1)) is None


@pytest.mark.parametrize("changed", ["day", "language", "quiet_hours", "default_leads", "series", "file"])
def test_it_is_read_again_when_it_or_what_it_is_read_by_has_changed(house, changed):
    _, mark = again(house)
    now = NOW
    match changed:
        case "day":
            now += DAY
        case "file":
            with (house.content_dir / "schedule.yaml").open("a", encoding="utf-8") as file:
                file.write("# edited\n")
        case "language":
            house = replace(house, language="sv")
        case "quiet_hours":
            house = replace(house, quiet_hours=None)
        case "default_leads":
            house = replace(house, default_leads=(DAY,))
        case "series":
            house = replace(house, series={})

    assert again(house, mark, now=now) is not None


def test_a_file_that_is_not_there_is_an_error_of_the_system(house):
    with pytest.raises(FileNotFoundError):
        again(house, source=Source("ei ole.yaml", 1))


@pytest.mark.parametrize("text", [None, "", "0123abcd", "[1]", "{}"])
def test_what_is_no_mark_is_that_of_nothing(text):
    assert Mark.loaded(text) == NOTHING


def test_calendars_are_known_by_names_that_hold_no_secret(house):
    address = "https://anna:salaisuus@pilvi.example.org/avain"
    house = replace(house, calendars=("schedule.yaml", address))
    file, fetched = sources_of(house)

    assert (file.key, file.called) == ("schedule.yaml", "schedule.yaml")
    assert (fetched.number, fetched.called) == (2, "address 2 (pilvi.example.org)")
    assert all(
        secret not in text
        for secret in ("salaisuus", "avain")
        for text in (fetched.key, fetched.called, repr(fetched))
    )
