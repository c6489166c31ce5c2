import shutil

import pytest

from bot.core.series import FirstTime
from bot.furnishing import furnish
from bot.settings import Settings
from tests.support import CONTENT

SPRING = """\
areas: [{id: mikkeli, name: {fi: Mikkeli, sv: S:t Michel}}]
series:
- {id: bussi, name: Bussi, area: mikkeli, dates: [2027-03-10], time: "13:00"}
- id: kavely
  name: Kävely
  from: {title: Kävely}
  variants: {a: A, b: B}
  alternate: [a, b]
"""


@pytest.fixture
def content(tmp_path):
    return shutil.copytree(CONTENT, tmp_path / "content")


def furnished(content, *calendars):
    return furnish(Settings(content_dir=content, calendars=calendars or ("schedule.yaml",), _env_file=None))


def test_the_sample_is_furnished_without_a_fault(content):
    found = furnished(content)

    assert found.faults == ()
    assert found.house.series["ryhma"].first_time.picture == "ovi.png"


def test_series_and_areas_of_all_schedule_files_are_in_the_house(content):
    (content / "kevat.yaml").write_text(SPRING)

    house = furnished(content, "kevat.yaml", "schedule.yaml", "kavely.ics").house

    assert {"bussi", "kavely", "ryhma"} <= house.series.keys()
    assert house.areas == {"mikkeli": {"fi": "Mikkeli", "sv": "S:t Michel"}}


def test_a_schedule_that_is_no_calendar_of_the_house_describes_the_series_all_the_same(content):
    assert "ryhma" in furnished(content, "kavely.ics").house.series


def test_what_does_not_hold_together_is_a_fault_and_what_wants_an_eye_a_warning(content):
    (content / "kevat.yaml").write_text(SPRING)

    found = furnished(content, "kevat.yaml")

    assert [fault.what for fault in found.faults if fault.where == "kevat.yaml"] == [
        "kavely: its dates come from a calendar that is not in VERTTI_CALENDARS"
    ]
    assert [fault.what for fault in found.warnings if fault.where == "kevat.yaml"] == [
        "kavely: which date is a turn of 'a' is left to chance"
    ]


WEEKLY = "    rule: {freq: weekly, weekday: th,"


@pytest.mark.parametrize(
    ("before", "after", "fault"),
    [
        ("", None, ("schedule.yaml", "it has no series")),
        ("series:", "serie:", ("schedule.yaml, line 29", "'serie' is unknown here")),
        ("\n    name:", "\n\tname:", ("schedule.yaml, line 32", "ryhma: this is no YAML: a tab; use spaces")),
        (
            WEEKLY,
            WEEKLY.replace("th", "xx"),
            ("schedule.yaml, line 34", "ryhma: 'xx' is none of the choices"),
        ),
        ("- id: ryhma", "- id: 'r y'", ("schedule.yaml, line 30", "series 1: 'r y' cannot stand here")),
        ("ä", "\udce4", ("schedule.yaml, line 28", "a letter is not UTF-8")),
    ],
)
def test_of_what_is_wrong_in_the_schedule_the_cause_alone_is_named(content, before, after, fault):
    path = content / "schedule.yaml"
    text = "" if after is None else path.read_text(encoding="utf-8").replace(before, after, 1)
    path.write_text(text, encoding="utf-8", errors="surrogateescape")

    assert [(each.where, each.what) for each in furnished(content).faults] == [fault]


def test_a_schedule_that_is_not_there_is_named_and_nothing_that_follows_from_it(content):
    found = furnished(content, "kevat.yaml", "schedule.yaml")

    assert [(each.where, each.what) for each in found.faults] == [("kevat.yaml", "the file is not there")]


def test_a_series_that_is_nowhere_is_named_once_beside_one_that_is_left_out(content):
    path = content / "schedule.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace(WEEKLY, WEEKLY.replace("th", "xx"), 1))
    polls = content / "polls.yaml"
    polls.write_text(polls.read_text(encoding="utf-8").replace("ryhma", "rhyma"), encoding="utf-8")
    found = [each.what for each in furnished(content).faults]

    assert found[0] == "ryhma: 'xx' is none of the choices"
    assert found[1:] == list(dict.fromkeys(found[1:]))
    assert all("there is no series 'rhyma'" in each for each in found[1:])


def about_commands(found):
    return [(fault.what, fault.mend) for fault in found.warnings if fault.where == "commands.yaml"]


def test_commands_that_came_with_a_later_version_can_be_filled_in(content):
    path = content / "commands.yaml"
    path.write_text(
        path.read_text()
        .replace("- name: tauko\n", "- name: tauk\n")
        .replace("- name: siirra\n", "- name: siir\n")
    )

    assert about_commands(furnished(content)) == [
        (
            "it has no entry for siirra, tauko, so nobody can type these",
            "Copy their entries from the sample's commands.yaml",
        )
    ]


def test_a_command_that_is_answered_and_named_is_not_spoken_of(content):
    assert about_commands(furnished(content)) == []


def test_where_no_command_can_be_read_none_is_missing(content):
    (content / "commands.yaml").write_text("")

    assert about_commands(furnished(content)) == []


def test_a_picture_that_is_not_there_is_not_shown(content):
    (content / "ovi.png").unlink()

    found = furnished(content)

    first_time = found.house.series["ryhma"].first_time
    assert [fault.what for fault in found.faults] == ["ryhma: ovi.png is not there"]
    assert (first_time.picture, first_time.picture_words) == ("", FirstTime().picture_words)
    assert first_time.minutes.keys() == {"fi", "sv", "en"}
