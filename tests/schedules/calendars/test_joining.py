from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.alternation import alternate
from bot.core.occurrences import Occurrence
from bot.core.recurrence import WEEK
from bot.core.series import Origin, Series
from bot.errors import Fault
from bot.messages import Phrase
from schedules.calendars.joining import join, leads_to
from schedules.calendars.reading import Problem, Reading

HELSINKI = ZoneInfo("Europe/Helsinki")
START = datetime(2026, 11, 26, 11, tzinfo=UTC)  # a Thursday, one o'clock in Helsinki
HOUR = timedelta(hours=1)
CALENDARS = ("schedule.yaml", "https://cloud.example.org/secret?export")
TURNS = ("keskustelu", "toiminta")


def event(week=0, **values):
    start = START + week * WEEK
    return Occurrence(
        **{
            "uid": "u1@example.org",
            "recurrence_id": start.isoformat(),
            "start": start,
            "end": start + 2 * HOUR,
            "title": {"fi": "Ryhmä"},
            **values,
        }
    )


def series(name="ryhma", origin=None, **values):
    return Series(id=name, name={"fi": name.capitalize()}, origin=origin or Origin(title="ryhmä"), **values)


def joined(events, *known_series, calendars=CALENDARS, number=2, known=(), problems=()):
    return join(
        Reading(tuple(events), problems),
        known_series,
        calendars=calendars,
        number=number,
        source="address 2 (cloud.example.org)",
        zone=HELSINKI,
        known=known,
    )


def described(event, *known_series, **more):
    reading = joined([event], *known_series, **more)

    assert len(reading.occurrences) == 1
    return reading.occurrences[0]


# ---- what is said of a date --------------------------------------------------------------------------------------


def test_the_calendar_gives_the_dates_and_content_all_else():
    group = series(
        place={"fi": "Talo"},
        visibility="members",
        signup=True,
        leads=(HOUR,),
        area="mikkeli",
        variants={"retki": {"fi": "Retki"}},
    )
    told = event(
        title={"fi": "RYHMÄ ", "sv": "Gruppen"}, leads=(2 * HOUR,), variant="retki", status="tentative"
    )

    assert described(told, group) == Occurrence(
        uid="u1@example.org",
        recurrence_id="2026-11-26T11:00:00+00:00",
        start=START,
        end=START + 2 * HOUR,
        status="tentative",
        series="ryhma",
        variant="retki",
        title={"fi": "Ryhma", "sv": "Gruppen"},
        place={"fi": "Talo"},
        visibility="members",
        signup=True,
        leads=(HOUR,),
        area="mikkeli",
    )


def test_where_content_says_nothing_the_calendar_s_place_alarms_and_visibility_stand():
    told = event(place={"fi": "Puisto"}, leads=(HOUR,), visibility="members", kind="broadcast")

    found = described(told, series(place={"fi": "Talo"}))

    assert (found.place, found.leads, found.visibility, found.kind) == (
        {"fi": "Puisto"},
        (HOUR,),
        "members",
        "broadcast",
    )


def test_no_reminders_at_all_are_a_word_of_content_too():
    assert described(event(leads=(HOUR,)), series(leads=())).leads == ()


@pytest.mark.parametrize("of_series", ["public", "members", "staff"])
@pytest.mark.parametrize("of_calendar", ["public", "members"])
def test_the_stricter_visibility_holds(of_series, of_calendar):
    told = event(visibility=of_calendar)

    found = described(told, series(visibility=of_series)).visibility

    assert found == max(of_series, of_calendar, key=["public", "members", "staff"].index)


@pytest.mark.parametrize("of_series", ["public", "members"])
def test_what_is_private_in_a_calendar_is_shown_to_nobody(of_series):
    private = event(visibility="staff", title={"fi": "Hammaslääkäri"})

    assert joined([private], series(visibility=of_series)).occurrences == ()
    assert joined([private]).occurrences == ()


def test_a_series_for_staff_may_be_private_in_its_calendar():
    private = event(visibility="staff")

    assert described(private, series(visibility="staff")).visibility == "staff"


def test_a_date_that_nobody_describes_stays_as_it_is():
    other = event(title={"fi": "Kahvit"}, series="ryhma", variant="retki", leads=(HOUR,))

    assert described(other, series()) == other


def test_a_date_that_names_a_series_by_its_category_is_no_less_private_than_that():
    other = event(title={"fi": "Kahvit"}, series="raati")
    panel = Series(id="raati", name={"fi": "Raati"}, visibility="members")

    assert described(other, panel) == replace(other, visibility="members")


@pytest.mark.parametrize(
    ("place", "area"),
    [
        ({"fi": "Kajaanin kirjasto, Kauppakatu 1"}, "kajaani"),
        ({"fi": "Torikatu 1, MIKKELI"}, "mikkeli"),
        ({"sv": "Biblioteket, Mikkeli"}, "mikkeli"),
        ({"fi": "Uusikajaani"}, None),
        ({"fi": "Talo"}, None),
        ({}, None),
    ],
)
def test_a_place_tells_the_area_by_the_beginning_of_a_word(place, area):
    origin = Origin(title="Ryhmä", areas={"kajaani": "Kajaani", "mikkeli": "mikkeli"})

    assert described(event(place=place), series(origin=origin)).area == area


def test_the_area_is_told_by_the_series_own_place_where_the_date_has_none():
    origin = Origin(title="Ryhmä", areas={"kajaani": "Kajaani"})

    assert described(event(), series(origin=origin, place={"fi": "Kajaani"})).area == "kajaani"


# ---- whose date it is --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("origin", "fits"),
    [
        (Origin(uid="u1@example.org"), True),
        (Origin(uid="u1"), False),
        (Origin(title=" RYHMÄ"), True),
        (Origin(title="Ryh"), False),
        (Origin(category="Vertaiset"), True),
        (Origin(category="Avoin"), True),
        (Origin(category="Suljettu"), False),
        (Origin(calendar="2"), True),
        (Origin(calendar="cloud.example.org"), True),
        (Origin(calendar="Cloud.Example.org"), True),
        (Origin(calendar="1"), False),
        (Origin(calendar="other.example.org"), False),
        (Origin(title="Ryhmä", category="avoin", calendar="2"), True),
        (Origin(title="Ryhmä", category="suljettu"), False),
        (Origin(title="Ryhmä", uid="u2@example.org"), False),
    ],
)
def test_all_that_is_asked_for_must_fit(origin, fits):
    told = event(series="vertaiset", variant="AVOIN")

    assert (described(told, series(origin=origin)).series == "ryhma") == fits


@pytest.mark.parametrize("which", ["ryhmat.ics", "1", None])
def test_a_file_is_meant_by_its_name_or_its_number(which):
    assert leads_to(Origin(calendar=which, title="Ryhmä"), "ryhmat.ics", 1)


MORE_AND_MORE_PRECISE = [
    Origin(calendar="2"),
    Origin(category="avoin"),
    Origin(category="avoin", calendar="2"),
    Origin(title="Ryhmä"),
    Origin(title="Ryhmä", calendar="2"),
    Origin(title="Ryhmä", category="avoin"),
    Origin(uid="u1@example.org"),
    Origin(uid="u1@example.org", title="Ryhmä"),
]


@given(st.permutations(range(len(MORE_AND_MORE_PRECISE))), st.integers(2, len(MORE_AND_MORE_PRECISE)))
def test_of_several_that_claim_a_date_the_most_precise_gets_it_wherever_it_stands(order, most):
    claims = [series(f"s{n}", MORE_AND_MORE_PRECISE[n]) for n in order[:most]]
    other = event(1, title={"fi": "Muu"}, series="avoin")

    reading = joined([event(series="avoin"), other], *claims)

    assert reading.occurrences[0].series == f"s{max(order[:most])}"


def test_two_that_claim_the_same_dates_equally_are_named_once_and_the_first_gets_them():
    reading = joined([event(), event(1)], series(), series("toinen"))

    assert [each.series for each in reading.occurrences] == ["ryhma", "ryhma"]
    assert [each.fault() for each in reading.problems] == [
        Fault(
            "address 2 (cloud.example.org)",
            "ryhma and toinen claim the same dates; ryhma gets them",
            "Say 'from' more precisely in one of them, perhaps with a uid.",
        )
    ]


# ---- nothing for a series ----------------------------------------------------------------------------------------


def test_all_series_without_a_date_are_named_in_one_problem_behind_those_of_the_reading():
    broken = Problem(
        "address 2 (cloud.example.org)", Phrase("problem.odd_line"), 7, Phrase("problem.mend.write_anew")
    )
    lost = (series("a", Origin(title="A")), series("b", Origin(uid="b")))

    assert joined([event()], series(), *lost, problems=(broken,)).problems == (
        broken,
        Problem(
            "address 2 (cloud.example.org)",
            Phrase("problem.no_dates_for", {"sarjat": "a, b"}),
            None,
            Phrase("problem.mend.compare"),
        ),
    )


def test_an_empty_calendar_is_not_blamed_once_more():
    assert joined([], series()) == Reading(())


@pytest.mark.parametrize(("calendar", "missed"), [(None, False), ("2", True), ("3", False)])
def test_where_another_calendar_may_have_the_dates_this_one_is_not_blamed(calendar, missed):
    lost = series("a", Origin(title="A", calendar=calendar))

    reading = joined([event()], series(), lost, calendars=(*CALENDARS, "muu.ics"))

    assert bool(reading.problems) == missed


def test_a_schedule_file_says_itself_what_there_is_to_say():
    reading = Reading((event(),))

    assert (
        join(reading, [series()], calendars=CALENDARS, number=1, source="schedule.yaml", zone=HELSINKI)
        is reading
    )


# ---- turns -------------------------------------------------------------------------------------------------------


def group(**values):
    names = {"keskustelu": {"fi": "Keskustelukerta"}, "toiminta": {"fi": "Toimintakerta"}}
    return series(**{"variants": names, "turns": TURNS, "turns_from": START.date(), **values})


def variants(events, *known_series, **more):
    return [each.variant for each in joined(events, *known_series, **more).occurrences]


@pytest.mark.parametrize(
    ("by", "expected"),
    [
        ("meeting", ["keskustelu", None, "toiminta", "keskustelu"]),
        ("week", ["keskustelu", "toiminta", "keskustelu", "toiminta"]),
    ],
)
def test_a_cancelled_date_lets_its_turn_wait_by_meeting_and_keeps_it_by_week(by, expected):
    events = [event(week, status="cancelled" if week == 1 else "confirmed") for week in range(4)]

    assert variants(events, group(turns_by=by)) == expected


@pytest.mark.parametrize("category", ["toiminta", "Toimintakerta", " TOIMINTA "])
@pytest.mark.parametrize("field", ["series", "variant"])
def test_the_calendar_s_own_word_wins_over_the_turn(category, field):
    events = [event(0, **{field: category}), event(1)]

    assert variants(events, group()) == ["toiminta", "keskustelu"]


def test_a_category_that_names_no_variant_is_none():
    assert variants([event(variant="sininen")], series()) == [None]


def test_dates_of_other_series_take_no_turns():
    other = event(1, title={"fi": "Kahvit"}, variant="retki")

    assert variants([event(), other, event(2)], group()) == ["keskustelu", "retki", "toiminta"]


weeks = st.sets(st.integers(0, 12), min_size=1).map(sorted)


@given(weeks, st.integers(0, 13), st.integers(0, 13), st.sampled_from(["meeting", "week"]), st.booleans())
def test_the_turns_are_the_same_at_whatever_day_the_calendar_is_read_and_whatever_it_forgets(
    held, now, forgets, by, anchored
):
    """At each reading what has begun stands in the table, and the calendar may have dropped some of it."""
    ours = group(turns_by=by, turns_from=START.date() if anchored else None)
    whole = [event(week) for week in held]
    first = joined(whole, ours).occurrences
    begun = [each for each in first if each.start <= START + now * WEEK]
    listed = [each for each in whole if each.start > START + min(now, forgets) * WEEK]

    again = joined(listed, ours, known=begun)

    assert again.occurrences == tuple(each for each in first if each.start > START + min(now, forgets) * WEEK)


@given(weeks, st.sampled_from(["meeting", "week"]))
def test_the_turns_are_those_of_a_schedule_that_knows_its_first_day(later, by):
    held = [0, *(week for week in later if week)]

    found = variants([event(week) for week in held], group(turns_by=by))

    days = [START.date() + week * WEEK for week in held]
    assert found == [turn for _, turn in alternate(days, TURNS, by=by, first=START.date())]


def test_the_turns_go_on_where_the_whole_series_got_another_hour_or_another_calendar():
    ours = group(turns_from=None)
    before = [
        event(week, uid="ryhma", start=START + week * WEEK - HOUR, series="ryhma", variant=variant)
        for week, variant in enumerate(reversed(TURNS))
    ]

    assert variants([event(), event(1), event(2)], ours, known=before) == [*reversed(TURNS), "toiminta"]


def test_an_anchor_corrects_what_was_told_of_a_date_that_the_calendar_has_dropped():
    known = [event(series="ryhma", variant="toiminta")]

    assert variants([event(1)], group(), known=known) == ["toiminta"]


def test_what_had_begun_of_another_series_counts_for_nothing():
    known = [event(-1, series="muu", variant="keskustelu")]

    assert variants([event()], group(turns_from=None), known=known) == ["keskustelu"]


def test_a_date_that_an_organizer_added_beside_the_calendar_takes_no_turn():
    known = [event(-2, series="ryhma", variant="keskustelu"), event(-1, series="ryhma")]

    assert variants([event()], group(turns_from=None), known=known) == ["toiminta"]


def test_a_meeting_that_was_told_and_then_cancelled_has_had_no_turn():
    known = [event(-2, series="ryhma", variant="keskustelu"), event(-1, series="ryhma", variant="toiminta")]
    cancelled = event(-1, status="cancelled")

    assert variants([cancelled, event()], group(turns_from=None), known=known) == [None, "toiminta"]


def test_the_days_are_those_of_the_house():
    late = datetime(2026, 11, 29, 22, 30, tzinfo=UTC)  # half past midnight, on Monday, in Helsinki
    events = [event(), event(1, start=late, end=late)]

    assert variants(events, group(turns_by="week")) == list(TURNS)
