from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from bot.core.occurrences import Occurrence
from bot.errors import Fault
from bot.messages import Phrase
from schedules.calendars import Problem, Reading, as_json
from schedules.calendars.reading import listed

HELSINKI = ZoneInfo("Europe/Helsinki")
HOUR = timedelta(hours=1)
NOON = datetime(2027, 1, 12, 12, tzinfo=UTC)
BACKWARDS, MEND = Phrase("problem.backwards"), Phrase("problem.mend.correct_end")
WINDOW = (NOON, NOON + 2 * HOUR)


def occurrence(start, end, **more):
    return Occurrence(**{"uid": "a", "recurrence_id": None, "start": start, "end": end} | more)


def test_whatever_lies_inside_the_window_in_part_is_listed_in_order():
    over_its_end = occurrence(NOON + HOUR, NOON + 3 * HOUR)
    over_its_beginning = occurrence(NOON - HOUR, NOON + HOUR)
    a_moment = occurrence(NOON, NOON)
    outside = [
        occurrence(NOON - HOUR, NOON),
        occurrence(NOON + 2 * HOUR, NOON + 3 * HOUR),
        occurrence(NOON + 2 * HOUR, NOON + 2 * HOUR),
    ]

    assert listed([over_its_end, *outside, a_moment, over_its_beginning], WINDOW) == (
        over_its_beginning,
        a_moment,
        over_its_end,
    )


def test_the_json_has_local_times_and_for_whole_days_dates():
    meeting = occurrence(
        NOON,
        NOON + HOUR,
        recurrence_id="2027-01-12T14:00:00+02:00",
        status="cancelled",
        series="ryhma",
        variant="toiminta",
        title={"sv": "Träff", "fi": "Ryhmä"},
        place={"sv": "Huset"},
    )
    week = occurrence(
        datetime(2027, 4, 18, 21, tzinfo=UTC), datetime(2027, 4, 23, 21, tzinfo=UTC), uid="b", all_day=True
    )
    problem = Problem("schedule.yaml", Phrase("problem.of", {"mikä": "ryhma", "vika": BACKWARDS}), 7, MEND)

    assert as_json(Reading((week, meeting), (problem,)), HELSINKI) == {
        "occurrences": [
            {
                "uid": "a",
                "recurrence_id": "2027-01-12T14:00:00+02:00",
                "series": "ryhma",
                "title": "Ryhmä",
                "start": "2027-01-12T14:00:00+02:00",
                "end": "2027-01-12T15:00:00+02:00",
                "all_day": False,
                "status": "cancelled",
                "variant": "toiminta",
                "place": "Huset",
            },
            {
                "uid": "b",
                "recurrence_id": None,
                "series": None,
                "title": None,
                "start": "2027-04-19",
                "end": "2027-04-24",
                "all_day": True,
                "status": "confirmed",
                "variant": None,
                "place": None,
            },
        ],
        "problems": [
            {"source": "schedule.yaml", "what": "line 7: ryhma: it ends before it begins. Correct its end."}
        ],
    }


def test_a_problem_of_the_whole_file_has_no_line():
    problem = Problem("a.ics", BACKWARDS, None, MEND)

    assert (str(problem), problem.fault()) == (
        "it ends before it begins. Correct its end.",
        Fault("a.ics", "it ends before it begins", "Correct its end."),
    )


def test_a_problem_is_a_fault_of_the_set_up():
    assert Problem("a.ics", BACKWARDS, 3, MEND).fault() == (
        Fault("a.ics, line 3", "it ends before it begins", "Correct its end.")
    )
