from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.occurrences import Occurrence
from bot.core.overrides import (
    CHAT,
    Override,
    Overrides,
    added_by,
    added_uid,
    is_known,
    is_outdated,
)
from bot.core.schedule_changes import known_of

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
THURSDAY = datetime(2026, 11, 26, 11, tzinfo=UTC)
FRIDAY = THURSDAY + DAY
SOURCE = "schedule.yaml"
TURNS = {"ryhma": ("keskustelu", "toiminta")}


def meeting(start=THURSDAY, **values):
    return Occurrence(
        **{
            "uid": "ryhma",
            "recurrence_id": start.isoformat(),
            "start": start,
            "end": start + 2 * HOUR,
            "series": "ryhma",
            "variant": "keskustelu",
            "place": {"fi": "Talo"},
            **values,
        }
    )


def override(number, kind, **values):
    return Override(id=number, kind=kind, organizer=1, made=NOW, **values)


def of_one(number, kind, it=None, **values):
    it = it or meeting()
    return override(number, kind, source=SOURCE, uid=it.uid, recurrence_id=it.recurrence_id or "", **values)


def over(it, *overrides, source=SOURCE, without=()):
    after, by = Overrides(overrides, TURNS).over(source, it, without=without)
    return after, None if by is None else by.id


CANCELLED = of_one(1, "cancel")
MOVED = of_one(2, "move", start=FRIDAY, end=FRIDAY + HOUR)
ELSEWHERE = of_one(3, "move", place={"fi": "Puisto"})
BREAK = override(4, "break", since=THURSDAY - DAY, until=THURSDAY + DAY)
TURNED = override(5, "turns", series="ryhma", since=THURSDAY, shift=-1)


def test_without_overrides_a_date_is_as_its_source_says_it():
    assert over(meeting()) == (meeting(), None)


@pytest.mark.parametrize(
    ("one", "changed"),
    [
        (CANCELLED, {"status": "cancelled"}),
        (MOVED, {"start": FRIDAY, "end": FRIDAY + HOUR}),
        (ELSEWHERE, {"place": {"fi": "Puisto"}}),
        (BREAK, {"status": "cancelled"}),
        (TURNED, {"variant": "toiminta"}),
    ],
    ids=["cancelled", "moved", "elsewhere", "break", "turned"],
)
def test_each_kind_of_override_changes_what_it_is_about(one, changed):
    assert over(meeting(), one) == (replace(meeting(), **changed), one.id)


def test_overrides_of_one_date_lie_over_each_other_whatever_their_order():
    both = replace(meeting(), status="cancelled", start=FRIDAY, end=FRIDAY + HOUR, place={"fi": "Puisto"})

    assert over(meeting(), ELSEWHERE, CANCELLED, MOVED) == (both, 3)


def test_the_later_move_holds():
    later = of_one(9, "move", start=FRIDAY + DAY, end=FRIDAY + DAY + HOUR)

    assert over(meeting(), later, MOVED)[0].start == FRIDAY + DAY


def test_what_changes_nothing_is_not_what_changed_it():
    assert over(meeting(status="cancelled"), CANCELLED) == (meeting(status="cancelled"), None)


def test_what_is_left_out_changes_nothing():
    assert over(meeting(), CANCELLED, MOVED, without=[CANCELLED])[0].status == "confirmed"


@pytest.mark.parametrize("other", [meeting(uid="muu"), meeting(THURSDAY + 7 * DAY)])
def test_an_override_of_one_date_leaves_all_others_alone(other):
    assert over(other, CANCELLED) == (other, None)
    assert over(meeting(), CANCELLED, source="toinen.ics") == (meeting(), None)


def test_a_span_begins_with_its_first_instant_and_ends_before_its_last():
    inside = [
        over(meeting(start), BREAK)[1] is not None
        for start in (BREAK.since - HOUR, BREAK.since, BREAK.until - HOUR, BREAK.until)
    ]

    assert inside == [False, True, True, False]


def test_a_span_goes_by_the_time_that_the_source_says():
    moved_out = of_one(1, "move", start=THURSDAY + 9 * DAY, end=THURSDAY + 9 * DAY + HOUR)

    assert over(meeting(), moved_out, BREAK)[0].status == "cancelled"


def test_a_span_without_an_end_holds_for_good():
    ended = override(1, "cancel", series="ryhma", since=THURSDAY)

    assert over(meeting(THURSDAY + 399 * DAY), ended)[0].status == "cancelled"
    assert over(meeting(THURSDAY - DAY), ended)[0].status == "confirmed"


def test_a_break_of_one_series_leaves_the_others_and_what_is_of_none():
    own = replace(BREAK, series="ryhma")

    assert over(meeting(), own)[1] == own.id
    assert over(meeting(series="palsta"), own)[1] is None
    assert over(meeting(series=None), own)[1] is None
    assert over(meeting(series=None), BREAK)[1] == BREAK.id


def test_what_is_sent_goes_out_in_a_break_too():
    assert over(meeting(kind="broadcast"), BREAK)[1] is None


def test_what_was_added_in_a_break_takes_place_and_what_was_there_before_does_not():
    before, after = meeting(uid=added_uid(3)), meeting(uid=added_uid(5))

    assert over(before, BREAK, source=CHAT)[1] == BREAK.id
    assert over(after, BREAK, source=CHAT)[1] is None
    assert over(after, BREAK, source=SOURCE)[1] == BREAK.id  # a stranger's UID may look alike


def test_what_was_added_is_known_by_its_uid():
    assert [added_by(meeting(uid=uid)) for uid in (added_uid(7), "chat-x", "ryhma")] == [7, 0, 0]


def test_what_goes_on_under_another_identity_holds_for_that_date():
    moved = meeting(THURSDAY + HOUR)
    renamed = Overrides([CANCELLED], TURNS).renamed([CANCELLED], moved)

    assert renamed.over(SOURCE, moved)[0].status == "cancelled"
    assert renamed.over(SOURCE, meeting())[0].status == "confirmed"


# ---- outdated

ELSE = {"place": {"fi": "Kirjasto"}}
LATER = {"start": THURSDAY + HOUR, "end": THURSDAY + 3 * HOUR}


@pytest.mark.parametrize(
    ("one", "outdated_by"),
    [
        (CANCELLED, ["later", "longer", "all day"]),
        (MOVED, ["later", "longer", "all day"]),
        (ELSEWHERE, ["else"]),
        (replace(MOVED, place={"fi": "Puisto"}), ["later", "longer", "all day", "else"]),
        (BREAK, []),
        (TURNED, []),
    ],
    ids=["cancelled", "moved", "elsewhere", "both", "break", "turned"],
)
def test_an_override_is_outdated_when_the_source_changes_what_it_is_about(one, outdated_by):
    says = {
        "later": LATER,
        "longer": {"end": THURSDAY + 9 * HOUR},
        "all day": {"all_day": True},
        "else": ELSE,
        "cancelled": {"status": "cancelled"},
        "named": {"title": {"fi": "Uusi nimi"}},
        "the same": {},
    }

    assert [
        name for name, values in says.items() if is_outdated(one, meeting(), replace(meeting(), **values))
    ] == outdated_by


# ---- what people have heard of one


@pytest.mark.parametrize(
    ("one", "known_by"),
    [
        (CANCELLED, {"cancelled"}),
        (BREAK, {"cancelled"}),
        (MOVED, {"moved"}),
        (ELSEWHERE, {"elsewhere"}),
        (TURNED, {"as it was", "cancelled", "moved", "elsewhere"}),
        (override(6, "add"), {"as it was", "cancelled", "moved", "elsewhere"}),
    ],
    ids=["cancelled", "break", "moved", "elsewhere", "turned", "added"],
)
def test_an_override_is_known_to_who_knows_its_date_as_it_makes_it(one, known_by):
    knowns = {
        "as it was": known_of(meeting()),
        "cancelled": known_of(meeting(status="cancelled")),
        "moved": known_of(meeting(start=FRIDAY, end=FRIDAY + HOUR)),
        "elsewhere": known_of(meeting(place={"fi": "Puisto"})),
        "nothing": None,
    }

    assert {name for name, known in knowns.items() if is_known(one, known)} == known_by
