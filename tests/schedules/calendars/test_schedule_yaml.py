import json
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from textwrap import dedent
from zoneinfo import ZoneInfo

import pytest

from bot.core.quiet_hours import QuietHours
from bot.core.series import FirstTime, Series
from schedules.calendars import Unfilled, as_json, read_calendar
from schedules.calendars.schedule_yaml import Defaults, read_schedule, read_yaml

ROOT = Path(__file__).parents[3]
SAMPLE = (ROOT / "content" / "schedule.yaml").read_text(encoding="utf-8")
DATA = ROOT / "tests" / "data"
EXPECTED = json.loads((DATA / "expected_schedule.json").read_text(encoding="utf-8"))
RYHMA = json.loads((DATA / "expected_ryhma.json").read_text(encoding="utf-8"))

HELSINKI = ZoneInfo("Europe/Helsinki")
WINDOW = (datetime(2026, 10, 31, 22, tzinfo=UTC), datetime(2027, 12, 31, 22, tzinfo=UTC))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)

WEEKLY = """\
- id: ryhma
  name: Ryhmä
  rule: {freq: weekly, weekday: th, start: 2027-01-07, until: 2027-02-04, time: "13:00", duration: PT2H}
"""
ONCE = """\
- id: kerran
  name: Kerran
  dates: [2027-03-10]
  time: "13:00"
"""


def file(*series, top=""):
    return f"{dedent(top)}series:\n" + "".join(series)


def read(text, fill=None, zone=HELSINKI):
    return read_yaml(text, source="schedule.yaml", zone=zone, window=WINDOW, language="fi", fill=fill or {})


def rows(reading):
    return as_json(reading, HELSINKI)["occurrences"]


def starts(text):
    reading = read(text)

    assert reading.problems == ()
    return [each.start.astimezone(HELSINKI).strftime("%d.%m. %H.%M") for each in reading.occurrences]


def problems(text):
    return [str(each) for each in read(text).problems]


@pytest.mark.parametrize("by", ["meeting", "week"])
def test_the_weekly_group_of_the_sample_is_what_the_oracle_says(by):
    reading = read(SAMPLE.replace("alternate_by: meeting", f"alternate_by: {by}"))

    assert [
        [row["start"][:10], row["variant"]] for row in rows(reading) if row["series"] == "ryhma"
    ] == RYHMA[f"by_{by}"]


def test_the_rest_of_the_sample_is_what_the_calendar_s_oracle_says():
    reading = read(SAMPLE)

    found = sorted(
        (row["uid"], row["start"][:16], row["end"][:16]) for row in rows(reading) if row["uid"] != "ryhma"
    )

    # The calendar gives what happens on named dates one UID a date: asiakasraati-2027-01-26.
    ids = {row["uid"] for row in rows(reading)}
    assert (reading.problems, len(reading.occurrences)) == ((), len(EXPECTED))
    assert found == sorted(
        (next(each for each in ids if uid == each or uid.startswith(f"{each}-2")), start, end)
        for uid, start, end, _ in EXPECTED
        if not uid.startswith("ryhma")
    )


def test_a_place_that_is_nothing_but_a_value_is_said_in_every_language_it_is_known_in():
    reading = read(SAMPLE, fill={"paikka": {"fi": "Talo, 2. kerros", "en": "House, 2nd floor"}})

    assert reading.occurrences[0].place == {"fi": "Talo, 2. kerros", "en": "House, 2nd floor"}


def test_an_occurrence_of_a_rule_says_all_that_its_series_says():
    reading = read(SAMPLE, fill={"paikka": "Talo, Katu\u202e 1"})
    group = next(row for row in reading.occurrences if row.uid == "ryhma")

    assert (group.recurrence_id, group.start, group.end, group.title["sv"], group.place, group.signup) == (
        "2026-11-26T13:00:00+02:00",
        datetime(2026, 11, 26, 11, tzinfo=UTC),
        datetime(2026, 11, 26, 13, tzinfo=UTC),
        "Ensamhetsgruppen",
        {"fi": "Talo, Katu 1"},
        False,
    )


def test_a_theme_week_lasts_from_midnight_to_midnight_and_was_never_part_of_a_series():
    (week,) = (each for each in read(SAMPLE).occurrences if each.uid == "teemaviikko_asuminen")

    assert (week.all_day, week.recurrence_id, week.start, week.end) == (
        True,
        None,
        datetime(2027, 4, 18, 21, tzinfo=UTC),
        datetime(2027, 4, 23, 21, tzinfo=UTC),
    )


def test_the_kinds_of_the_sample_s_series_are_kept():
    found = {each.uid: (each.visibility, each.kind) for each in read(SAMPLE).occurrences}

    assert [found[each] for each in ("ryhma", "asiakasraati", "vuosikertomus", "uutiskirje")] == [
        ("public", "event"),
        ("members", "event"),
        ("staff", "event"),
        ("public", "broadcast"),
    ]


def test_the_sample_names_what_the_organization_must_fill_in():
    assert read(SAMPLE).unfilled == (
        Unfilled("schedule.yaml", "ryhma: place", 42, "paikka"),
        Unfilled("schedule.yaml", "ryhma: first_time: host", 50, "ohjaaja"),
        Unfilled("schedule.yaml", "palsta: place", 59, "palsta_osoite"),
        Unfilled("schedule.yaml", "kiri: places_limit", 112, "lippujen_maara"),
    )


def test_a_filled_value_is_put_in_and_an_empty_one_leaves_the_field_out():
    schedule = read_schedule(
        SAMPLE,
        source="schedule.yaml",
        language="fi",
        fill={"palsta_osoite": "Polku 1", "lippujen_maara": "20"},
    )
    series = {each.id: each for each in schedule.series}

    assert (series["ryhma"].place, series["palsta"].place, series["kiri"].places_limit) == (
        {},
        {"fi": "Survo-Korpelan palsta, Polku 1"},
        20,
    )


def test_the_sample_says_what_people_can_subscribe_to():
    schedule = read_schedule(SAMPLE, source="schedule.yaml", language="fi", fill={"ohjaaja": "Anna"})

    assert schedule.series[0] == Series(
        id="ryhma",
        name={"fi": "Yksinäisyysryhmä", "sv": "Ensamhetsgruppen", "en": "Loneliness group"},
        neutral_name={"fi": "Tapaaminen", "sv": "Träff", "en": "Meeting"},
        variants={
            "keskustelu": {"fi": "Keskustelukerta", "sv": "Diskussionsträff", "en": "Talking meeting"},
            "toiminta": {"fi": "Toimintakerta", "sv": "Aktivitetsträff", "en": "Activity meeting"},
        },
        turns=("keskustelu", "toiminta"),
        price={"fi": "maksuton", "sv": "gratis", "en": "free of charge"},
        first_time=FirstTime(
            minutes={
                "fi": "Juodaan kahvia ja jutellaan vapaasti.\nSaat istua ja kuunnella.\nOman nimen kertominen ei ole pakollista.",
                "sv": "Vi dricker kaffe och pratar fritt.\nDu får sitta och lyssna.\nDu behöver inte säga ditt namn.",
                "en": "We have coffee and talk freely.\nYou may sit and listen.\nYou do not need to say your name.",
            },
            host={"fi": "Anna"},
            picture="ovi.png",
            picture_words={
                "fi": "Harmaa talo ja sininen ovi. Ovessa lukee Esimerkkitalo.",
                "sv": "Ett grått hus med en blå dörr. På dörren står Esimerkkitalo.",
                "en": "A grey house with a blue door. The door says Esimerkkitalo.",
            },
        ),
        example=True,
    )
    assert len(schedule.series) == 15


def test_the_sample_s_defaults_are_read():
    schedule = read_schedule(SAMPLE, source="schedule.yaml", language="fi", fill={})

    assert schedule.defaults == Defaults("Europe/Helsinki", (DAY, 2 * HOUR), QuietHours(time(20), time(9)))


def test_a_file_that_says_nothing_has_no_defaults_and_no_series():
    schedule = read_schedule("", source="schedule.yaml", language="fi", fill={})

    assert (schedule.defaults, schedule.series, schedule.problems) == (Defaults(), (), ())


def test_what_is_left_empty_between_braces_is_as_if_it_were_not_there():
    assert starts(file(WEEKLY.replace("until: 2027-02-04", "until:"))) == starts(
        file(WEEKLY.replace("until: 2027-02-04, ", ""))
    )


def test_an_hour_needs_no_quotes():
    assert starts(file(ONCE.replace('"13:00"', "13:00"))) == ["10.03. 13.00"]


def test_the_weekday_holds_when_the_start_is_another_day():
    assert starts(file(WEEKLY.replace("start: 2027-01-07", "start: 2027-01-18"))) == [
        "21.01. 13.00",
        "28.01. 13.00",
        "04.02. 13.00",
    ]


def test_a_yearly_day_on_a_weekend_moves_as_the_rule_says():
    yearly = """
- id: ystavanpaiva
  name: Kahvit
  rule: {freq: yearly, month: 2, day: 14, time: "13:00", if_weekend: next_workday}
"""

    assert starts(file(yearly)) == ["15.02. 13.00"]


def test_a_yearly_day_on_a_weekend_moves_past_a_holiday():
    yearly = """\
- id: juhannus
  name: Juhannus
  rule: {freq: yearly, month: 6, day: 26, time: "13:00", if_weekend: previous_workday}
"""

    assert starts(file(yearly)) == ["24.06. 13.00"]  # Friday the 25th is juhannusaatto


@pytest.mark.parametrize(("by", "turn"), [("week", "b"), ("meeting", "a")])
def test_a_first_meeting_that_is_skipped_takes_its_turn_by_week_only(by, turn):
    turns = f"  alternate: [a, b]\n  alternate_by: {by}\n  variants: {{a: A, b: B}}\n"

    reading = read(file(WEEKLY + turns, top="closures: [{from: 2027-01-07, to: 2027-01-07}]\n"))

    assert reading.occurrences[0].variant == turn


def test_the_last_weekday_of_a_month_is_counted_from_its_end():
    monthly = """
- id: kuukausi
  name: Kuukausi
  rule: {freq: monthly, weekday: fr, nth: -1, start: 2027-10-01, time: "9:00"}
"""

    assert starts(file(monthly)) == ["29.10. 09.00", "26.11. 09.00", "31.12. 09.00"]


def test_a_closure_skips_what_goes_by_a_rule_but_not_a_date_that_was_named():
    top = "closures: [{from: 2027-01-14, to: 2027-01-21, fi: Tauko}, {from: 2027-03-01, to: 2027-03-31}]\n"

    assert starts(file(WEEKLY, ONCE, top=top)) == [
        "07.01. 13.00",
        "28.01. 13.00",
        "04.02. 13.00",
        "10.03. 13.00",
    ]


def test_a_rule_skips_holidays_when_the_file_says_so_and_the_series_does_not_object():
    top = "holidays: {country: FI, category: public, skip: true}\n"
    may = WEEKLY.replace("2027-01-07", "2027-04-29").replace("2027-02-04", "2027-05-13")

    assert [
        starts(file(may, top=top)),
        starts(file(may + "  skip_holidays: false\n", top=top)),
        starts(file(may)),
        starts(file(may + "  skip_holidays: true\n")),
    ] == [
        ["29.04. 13.00", "13.05. 13.00"],
        ["29.04. 13.00", "06.05. 13.00", "13.05. 13.00"],
        ["29.04. 13.00", "06.05. 13.00", "13.05. 13.00"],
        ["29.04. 13.00", "13.05. 13.00"],
    ]


def test_named_dates_may_skip_holidays_too_and_need_no_order():
    dates = ONCE.replace("[2027-03-10]", "[2027-05-13, 2027-05-06, 2027-04-29, 2027-04-29]")

    assert [starts(file(dates)), starts(file(dates + "  skip_holidays: true\n"))] == [
        ["29.04. 13.00", "06.05. 13.00", "13.05. 13.00"],
        ["29.04. 13.00", "13.05. 13.00"],
    ]


def test_a_series_may_have_its_own_reminders():
    reading = read(file(ONCE + "  reminders: [P7D, PT2M]\n", WEEKLY + "  reminders: []\n"))

    assert {each.uid: each.leads for each in reading.occurrences} == {
        "kerran": (7 * DAY, timedelta(minutes=2)),
        "ryhma": (),
    }


def test_one_must_sign_up_only_where_it_says_so():
    reading = read(file(ONCE + "  signup: required\n"))

    assert [each.signup for each in reading.occurrences] == [True]


def test_what_has_no_length_is_a_moment_and_a_broadcast_half_an_hour():
    reading = read(file(ONCE, ONCE.replace("id: kerran", "id: kirje\n  kind: broadcast")))

    assert {each.uid: each.end - each.start for each in reading.occurrences} == {
        "kerran": timedelta(),
        "kirje": timedelta(minutes=30),
    }


def test_the_set_zone_wins_over_the_file_s():
    reading = read(file(ONCE, top="timezone: Europe/Helsinki\n"), zone=ZoneInfo("Europe/Stockholm"))

    assert [each.start for each in reading.occurrences] == [datetime(2027, 3, 10, 12, tzinfo=UTC)]


def test_what_changes_in_the_summer_keeps_its_hour_and_its_id():
    reading = read(file(WEEKLY.replace("2027-01-07", "2027-03-25").replace("2027-02-04", "2027-04-01")))

    assert [each.recurrence_id for each in reading.occurrences] == [
        "2027-03-25T13:00:00+02:00",
        "2027-04-01T13:00:00+03:00",
    ]


@pytest.mark.parametrize(
    ("broken", "problem"),
    [
        (
            "weekday: th -> weekday: thu",
            "'thu' is none of the choices. Write one of: mo, tu, we, th, fr, sa, su.",
        ),
        (
            "weekday: th -> weekday: 4",
            "'4' is none of the choices. Write one of: mo, tu, we, th, fr, sa, su.",
        ),
        (
            "freq: weekly -> freq: hourly",
            "'hourly' is none of the choices. Write one of: weekly, monthly, yearly.",
        ),
        (
            "start: 2027-01-07 -> start: 2027-02-30",
            "'2027-02-30' is not a date there is. Correct the day: 2/2027 has 28 days.",
        ),
        ("start: 2027-01-07 -> start: 7.1.2027", "'7.1.2027' is a date written otherwise. Write 2027-01-07."),
        ("start: 2027-01-07 -> start: 2027-1-7", "'2027-1-7' is a date written otherwise. Write 2027-01-07."),
        (
            "start: 2027-01-07 -> start: 31.11.2026",
            "'31.11.2026' is not a date there is. Correct the day: 11/2026 has 30 days.",
        ),
        (
            "start: 2027-01-07 -> start: 2027-13-01",
            "'2027-13-01' is not a date there is. Write it as 2026-11-26.",
        ),
        (
            "start: 2027-01-07 -> start: 0001-01-01",
            "'0001-01-01' is not a date there is. Write it as 2026-11-26.",
        ),
        ("start: 2027-01-07, -> ", "'start' is missing. Add start: to it."),
        ("until: 2027-02-04 -> until: 2026-02-04", "it ends before it begins. Write a day after start."),
        ('"13:00" -> "13"', "'13' is not an hour of the day. Write it as \"13:00\"."),
        ('"13:00" -> "24:00"', "'24:00' is not an hour of the day. Write it as \"13:00\"."),
        (
            "PT2H -> 2h",
            "'2h' is not a length of time. Write it as PT1H30M (90 minutes) or P1D (a day).",
        ),
        (
            "PT2H -> P400D",
            "'P400D' is not a length of time. Write it as PT1H30M (90 minutes) or P1D (a day).",
        ),
        (
            "weekday: th -> nth: 2, weekday: th",
            "'nth' is unknown here. Write one of: freq, weekday, start, until, time, duration.",
        ),
        (
            "freq: weekly, weekday: th -> freq: yearly, month: 2, day: 30",
            "this month has no such day. Correct the day or the month.",
        ),
        (
            "freq: weekly, weekday: th -> freq: yearly, month: 13, day: 30",
            "'13' is not a number that can stand here. Write a number from 1 to 12.",
        ),
        ("freq: weekly -> freq: monthly", "'nth' is missing. Add nth: to it."),
    ],
)
def test_a_broken_rule_is_named_with_its_line_and_its_mend_and_all_others_are_kept(broken, problem):
    wrong, right = broken.split(" -> ")
    reading = read(file(ONCE, WEEKLY.replace(wrong, right), ONCE.replace("kerran", "toinen")))

    assert [str(each) for each in reading.problems] == [f"line 8: ryhma: {problem}"]
    assert {each.uid for each in reading.occurrences} == {"kerran", "toinen"}


@pytest.mark.parametrize(
    ("added", "problem"),
    [
        ("visibilty: staff", "line 6: kerran: 'visibilty' is unknown here. Did you mean 'visibility'?"),
        ("time: 14:00", "line 6: kerran: 'time' stands here twice. Remove one of the two."),
        (
            "visibility: all",
            "line 6: kerran: 'all' is none of the choices. Write one of: public, members, staff.",
        ),
        ("example: maybe", "line 6: kerran: 'maybe' is none of the choices. Write one of: true, false."),
        (
            "place: {suomi: Talo}",
            "line 6: kerran: 'suomi' is not a language. Write {fi: ..., sv: ..., en: ...}, or a text in quotes.",
        ),
        ("place: {fi: ''}", "line 6: kerran: a text is missing here. Write one, or leave it out."),
        (
            "place: [Talo]",
            "line 6: kerran: a text is wanted here, not a list or a mapping. Put the text in quotes.",
        ),
        (
            "places_limit: many",
            "line 6: kerran: 'many' is not a number that can stand here. Write a number from 1 to 100000.",
        ),
        ("alternate: [a]", "line 6: kerran: 'a' has no name. Add it to variants."),
        ("variants: Puhe", "line 6: kerran: names and values are missing here. Write name: value."),
        (
            "all_day: {from: 2027-01-01, to: 2027-01-02}",
            "line 2: kerran: it does not say when it is held. Give it one of rule, dates, all_day and from.",
        ),
        (
            "source: {a: b}",
            "line 6: kerran: a text is wanted here, not a list or a mapping. Put the text in quotes.",
        ),
    ],
)
def test_a_broken_field_is_named_with_its_line_and_its_mend_and_all_others_are_kept(added, problem):
    reading = read(file(f"{ONCE}  {added}\n", WEEKLY))

    assert [str(each) for each in reading.problems] == [problem]
    assert {each.uid for each in reading.occurrences} == {"ryhma"}


@pytest.mark.parametrize(
    ("series", "expected"),
    [
        (
            "- just words\n",
            ["line 2: series 1: names and values are missing here. Write id: and so on."],
        ),
        (
            "- name: Nimetön\n  all_day: {from: 2027-01-03, to: 2027-01-02}\n",
            [
                "line 2: series 1: 'id' is missing. Add id: to it.",
                "line 3: series 1: it ends before it begins. Write a day that is not before from.",
            ],
        ),
        (
            '- id: Ryhmä 1\n  name: Ryhmä\n  rule: {freq: weekly}\n  time: "13:00"\n',
            [
                "line 2: series 1: 'Ryhmä 1' cannot stand here. Write at most 32 of a-z, 0-9 and _.",
                "line 4: series 1: 'time' is missing. Add time: to it.",
                "line 4: series 1: 'start' is missing. Add start: to it.",
                "line 4: series 1: 'weekday' is missing. Add weekday: to it.",
                "line 5: series 1: 'time' belongs to dates. In a rule it stands between the braces.",
            ],
        ),
        (
            "- id: a\n  dates: [2027-01-01, soon]\n  name: A\n",
            [
                "line 2: a: 'time' is missing. Add time: to it.",
                "line 3: a: 'soon' is not a date there is. Write it as 2026-11-26.",
            ],
        ),
    ],
)
def test_all_faults_of_a_series_are_told_at_once(series, expected):
    assert problems(file(series)) == expected


def test_two_series_cannot_have_one_id():
    reading = read(file(ONCE, ONCE))

    assert [str(each) for each in reading.problems] == [
        "line 6: kerran: another series has this id. Give each series its own."
    ]
    assert len(reading.occurrences) == 1


@pytest.mark.parametrize(
    ("top", "problem"),
    [
        ("timezone: Helsinki", "line 1: no such time zone is known. Write a name such as Europe/Helsinki."),
        (
            "quiet_hours: {from: late, to: '9:00'}",
            "line 1: 'late' is not an hour of the day. Write it as \"13:00\".",
        ),
        (
            "quiet_hours: {from: '9:00', to: '9:00'}",
            "line 1: quiet hours end when they begin. Leave quiet_hours out if there are none.",
        ),
        (
            "holidays: {country: XX}",
            "line 1: no such holidays are known. Write {country: FI, category: public}.",
        ),
        (
            "closures: [{from: 2027-01-02, to: 2027-01-01}]",
            "line 1: it ends before it begins. Write a day that is not before from.",
        ),
        ("closures: [{from: 2027-01-02}]", "line 1: 'to' is missing. Add to: to it."),
        (
            "default_reminders: [P1D, soon]",
            "line 1: 'soon' is not a length of time. Write it as PT1H30M (90 minutes) or P1D (a day).",
        ),
        ("quiet: true", "line 1: 'quiet' is unknown here. Did you mean 'quiet_hours'?"),
    ],
)
def test_a_fault_at_the_top_is_named_and_the_series_are_kept(top, problem):
    reading = read(file(ONCE, top=f"{top}\n"))

    assert [str(each) for each in reading.problems] == [problem]
    assert len(reading.occurrences) == 1


def test_series_that_are_no_list_are_named():
    assert problems("series:\n  id: ryhma\n") == [
        "line 2: a list is wanted here. Begin each series with '- id: name'."
    ]


@pytest.mark.parametrize(
    ("wrong", "right", "line"),
    [
        ("name: Ryhmä", 'name: "Ryhmä', 8),  # the quote never ends
        ("name: Ryhmä", "name: Ryhmä: keskustelu", 7),
        ("name: Ryhmä", "\tname: Ryhmä", 7),
        ('"13:00"', "[13:00", 8),
        ("name: Ryhmä", "name: *nimi", 7),
        ("name: Ryhmä", f"name: {'[' * 3000}", 6),
    ],
)
def test_a_series_that_is_not_yaml_is_named_and_all_others_are_kept(wrong, right, line):
    reading = read(file(ONCE, WEEKLY.replace(wrong, right), ONCE.replace("kerran", "toinen")))

    assert {each.uid for each in reading.occurrences} == {"kerran", "toinen"}
    assert [(each.fault().what.split(":")[0], each.line) for each in reading.problems] == [("ryhma", line)]


def test_a_series_that_breaks_before_its_id_is_told_by_its_line():
    reading = read(file(ONCE, "- name: Ryhmä: puhe\n  id: ryhma\n"))

    (problem,) = reading.problems

    assert problem.line == 6
    assert problem.fault().what.startswith("this is no YAML: mapping values are not allowed ")


def test_what_follows_the_series_is_kept_when_one_of_them_is_not_yaml():
    broken = ONCE.replace("name: Kerran", "name: [Kerran")
    rest = "holidays: {country: FI, category: public, skip: true}\n"

    reading = read(file(broken, WEEKLY.replace("2027-01-07", "2027-01-06").replace("th", "we")) + rest)

    assert [each.start.day for each in reading.occurrences] == [13, 20, 27, 3]  # the 6th is a holiday


def test_a_top_that_is_not_yaml_is_named_and_the_series_are_kept():
    reading = read(file(ONCE, top="timezone: [\n"))

    assert (len(reading.problems), len(reading.occurrences)) == (1, 1)


def test_text_that_is_no_yaml_at_all_is_named():
    assert len(problems("a: [\nb: ]: {")) == 1


def test_a_control_character_breaks_only_its_own_series():
    reading = read(file(ONCE, WEEKLY.replace("Ryhmä", "Ryh\x00mä")))

    assert [each.uid for each in reading.occurrences] == ["kerran"]
    assert [(each.line, each.fault().what) for each in reading.problems] == [
        (6, "ryhma: this is no YAML: a character that YAML does not take")
    ]


def test_tags_have_no_effect():
    reading = read(file(ONCE.replace("name: Kerran", "name: !!python/object/apply:os.getcwd []")))

    assert [str(each) for each in reading.problems] == [
        "line 3: kerran: a text is wanted here, not a list or a mapping. Put the text in quotes."
    ]


def test_a_long_value_is_not_repeated_whole():
    (problem,) = problems(file(ONCE.replace("2027-03-10", "x" * 500)))

    assert len(problem) < 150


def test_a_file_that_is_not_utf_8_is_named_with_its_line():
    reading = read_calendar(
        file(WEEKLY).encode("latin-1"),
        source="schedule.yaml",
        zone=HELSINKI,
        window=WINDOW,
        language="fi",
        fill={},
    )

    assert [str(each) for each in reading.problems] == [
        "line 3: a letter is not UTF-8. Save the file as UTF-8."
    ]


def test_a_byte_order_mark_is_read():
    reading = read_calendar(
        b"\xef\xbb\xbf" + file(ONCE).encode(),
        source="schedule.yaml",
        zone=HELSINKI,
        window=WINDOW,
        language="fi",
        fill={},
    )

    assert (reading.problems, [each.start.date() for each in reading.occurrences]) == (
        (),
        [date(2027, 3, 10)],
    )
