from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.core.occurrences import Occurrence
from bot.core.overrides import Override, Overrides
from bot.core.schedule_diff import Difference, Outdated, Step, Stored, difference

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
HOUR, DAY, WEEK = timedelta(hours=1), timedelta(days=1), timedelta(days=7)
THURSDAY = NOW + 3 * DAY
FAR = NOW + 60 * DAY
SOURCE = "schedule.yaml"
NONE = Overrides((), {})


def meeting(start=THURSDAY, **values):
    """A date of a weekly series, known by its original start."""
    return Occurrence(
        **{
            "uid": "ryhma",
            "recurrence_id": start.isoformat(),
            "start": start,
            "end": start + 2 * HOUR,
            "series": "ryhma",
            "title": {"fi": "Ryhmä"},
            **values,
        }
    )


def stored(*dates, first=1):
    return [Stored(number, it, it) for number, it in enumerate(dates, start=first)]


def diff(rows, *read, overrides=NONE, now=NOW, **more):
    return difference(SOURCE, rows, read, overrides, now=now, **more)


def cancelled(it):
    return replace(it, status="cancelled")


def moved(it, by):
    """The same date at another hour, as a changed rule gives it: under another recurrence id."""
    return replace(it, start=it.start + by, end=it.end + by, recurrence_id=(it.start + by).isoformat())


def override(number, kind, it=None, **values):
    one = {} if it is None else {"source": SOURCE, "uid": it.uid, "recurrence_id": it.recurrence_id or ""}
    return Override(id=number, kind=kind, organizer=1, made=NOW, **one, **values)


# ---- a date and its row


def test_what_is_new_is_added():
    assert diff([], meeting()) == Difference((Step(None, None, meeting()),))


def test_what_is_as_it_was_is_no_news():
    assert diff(stored(meeting(), meeting(FAR)), meeting(FAR), meeting()) == Difference()


@pytest.mark.parametrize(
    "values",
    [{"title": {"fi": "Muu"}}, {"status": "cancelled"}, {"start": THURSDAY + HOUR}, {"area": "Kajaani"}],
)
def test_what_differs_in_anything_is_written(values):
    changed = replace(meeting(), **values)

    assert diff(stored(meeting()), changed) == Difference((Step(1, meeting(), changed),))


def test_of_what_is_listed_twice_the_first_counts():
    assert diff([], meeting(), meeting(title={"fi": "Toinen"})).steps == (Step(None, None, meeting()),)


def test_of_rules_that_have_changed_the_alarms_of_all_that_is_ahead_are_looked_after():
    past = meeting(NOW - DAY)
    found = diff(stored(past, meeting()), past, meeting(), all_alarms=True)

    assert found.steps == (Step(2, meeting(), meeting(), alarms_only=True),)


# ---- what is gone


def test_what_is_gone_and_near_is_cancelled():
    found = diff(stored(meeting()))

    assert found == Difference((Step(1, meeting(), cancelled(meeting())),), vanished=frozenset({1}))


def test_what_is_gone_and_far_and_known_to_nobody_is_deleted():
    found = diff(stored(meeting(FAR)))

    assert found == Difference((Step(1, meeting(FAR), None),), vanished=frozenset({1}))


def test_what_is_gone_and_far_but_known_to_somebody_is_cancelled():
    assert diff(stored(meeting(FAR)), concerned={1}).steps == (
        Step(1, meeting(FAR), cancelled(meeting(FAR))),
    )


def test_what_has_begun_stays_though_it_is_listed_no_longer():
    assert diff(stored(meeting(NOW), meeting(NOW - DAY))) == Difference()


def test_what_was_cancelled_because_it_was_gone_stays_so_and_is_not_counted_again():
    assert diff(stored(cancelled(meeting()))) == Difference()


def test_what_comes_back_takes_place_again():
    found = diff(stored(cancelled(meeting())), meeting())

    assert found == Difference((Step(1, cancelled(meeting()), meeting()),))


def test_what_cannot_be_read_this_time_is_not_gone():
    other = meeting(uid="muu", recurrence_id=None)

    assert diff(stored(meeting(), other), unreadable={"ryhma"}).vanished == {2}


# ---- what moved


@pytest.mark.parametrize("by", [HOUR, -HOUR, 3 * DAY, -3 * DAY, DAY + HOUR])
def test_what_is_gone_and_what_is_new_nearby_in_a_series_are_the_same_moved(by):
    found = diff(stored(meeting()), moved(meeting(), by))

    assert found == Difference((Step(1, meeting(), moved(meeting(), by)),))


def test_what_was_gone_for_a_while_and_comes_back_at_another_hour_is_the_same_moved():
    found = diff(stored(cancelled(meeting())), moved(meeting(), HOUR))

    assert found == Difference((Step(1, cancelled(meeting()), moved(meeting(), HOUR)),))


def test_a_weekly_rule_at_another_hour_moves_each_date():
    before = [meeting(THURSDAY + number * WEEK) for number in range(9)]
    after = [moved(it, HOUR) for it in before]

    assert diff(stored(*before), *after) == Difference(
        tuple(Step(number, it, moved(it, HOUR)) for number, it in enumerate(before, start=1))
    )


def test_a_rule_for_each_day_at_another_hour_moves_each_date_on_its_day():
    before = [meeting(THURSDAY + number * DAY) for number in range(9)]
    found = diff(stored(*before), *(moved(it, 5 * HOUR) for it in before))

    assert [(step.row, step.after) for step in found.steps] == [
        (number, moved(it, 5 * HOUR)) for number, it in enumerate(before, start=1)
    ]


def test_a_series_known_by_another_uid_is_the_same_series():
    anew = replace(moved(meeting(), HOUR), uid="uusi")

    assert diff(stored(meeting()), anew).steps == (Step(1, meeting(), anew),)


def test_without_a_series_the_uid_tells():
    alone = meeting(series=None)
    found = diff(stored(alone), moved(alone, HOUR), replace(moved(alone, DAY), uid="muu"))

    assert found.steps == (
        Step(1, alone, moved(alone, HOUR)),
        Step(None, None, replace(moved(alone, DAY), uid="muu")),
    )


@pytest.mark.parametrize(
    "read",
    [
        [moved(meeting(), 3 * DAY + HOUR)],  # too far
        [moved(meeting(), -HOUR), moved(meeting(), HOUR)],  # which of them?
        [cancelled(moved(meeting(), HOUR))],
        [replace(moved(meeting(), HOUR), series="palsta")],
    ],
    ids=["far", "two as near", "cancelled", "another series"],
)
def test_where_one_cannot_tell_it_is_gone_and_something_else_is_new(read):
    found = diff(stored(meeting()), *read)

    assert found.vanished == {1}
    assert found.steps == (
        Step(1, meeting(), cancelled(meeting())),
        *(Step(None, None, it) for it in read),
    )


def test_of_two_that_are_gone_the_nearer_one_moved():
    friday = meeting(THURSDAY + DAY)
    anew = moved(friday, HOUR)
    found = diff(stored(meeting(), friday), anew)

    assert found.steps == (Step(1, meeting(), cancelled(meeting())), Step(2, friday, anew))


def test_what_is_listed_no_longer_but_has_begun_did_not_move():
    past = meeting(NOW - HOUR)

    assert diff(stored(past), moved(past, DAY)).steps == (Step(None, None, moved(past, DAY)),)


# ---- what is the same under another identity

ALONE = meeting(series=None, recurrence_id=None, uid="a")
COPY = replace(ALONE, uid="b")


@pytest.mark.parametrize("start", [THURSDAY, FAR, NOW - HOUR], ids=["near", "far", "begun"])
def test_an_event_under_another_uid_is_the_same_where_title_and_start_are(start):
    alone = replace(ALONE, start=start, end=start + HOUR)
    copy = replace(alone, uid="b", recurrence_id=start.isoformat())

    assert diff(stored(alone), copy) == Difference((Step(1, alone, copy),))


@pytest.mark.parametrize(
    "values",
    [
        {"title": {"fi": "Muu"}},
        {"start": THURSDAY + HOUR},
        {"all_day": True},
        {"series": "palsta"},
        {"status": "cancelled"},
    ],
    ids=lambda values: next(iter(values)),
)
def test_what_differs_in_title_or_start_is_another_event(values):
    other = replace(COPY, **values)

    assert diff(stored(ALONE), other).steps == (
        Step(1, ALONE, cancelled(ALONE)),
        Step(None, None, other),
    )


def test_what_is_copied_while_the_old_is_still_listed_is_new():
    assert diff(stored(ALONE), ALONE, COPY).steps == (Step(None, None, COPY),)


def test_of_two_namesakes_the_one_that_takes_place_goes_on():
    gone, on = Stored(1, cancelled(ALONE), cancelled(ALONE)), Stored(2, COPY, COPY)
    anew = replace(ALONE, uid="c")

    assert diff([gone, on], anew).steps == (Step(2, COPY, anew),)


def test_an_override_goes_on_with_an_event_under_another_uid():
    one = override(1, "cancel", ALONE)
    found = diff(laid(ALONE, one), COPY, overrides=Overrides([one], {}))

    assert found.renamed == ((1, "b", ""),)
    assert found.outdated == ()
    assert found.steps == (Step(1, cancelled(ALONE), cancelled(COPY), COPY, 1),)


# ---- overrides

CANCEL = override(1, "cancel", meeting())
BREAK = override(2, "break", since=NOW, until=NOW + WEEK)


def laid(it, *overrides):
    """The row of a date with overrides over it."""
    after, by = Overrides(overrides, {}).over(SOURCE, it)
    return [Stored(1, after, it, by and by.id)]


def test_an_override_lies_over_what_is_new():
    found = diff([], meeting(), overrides=Overrides([BREAK], {}))

    assert found.steps == (Step(None, None, cancelled(meeting()), meeting(), BREAK.id),)


@pytest.mark.parametrize("one", [CANCEL, BREAK])
def test_an_override_survives_each_reading(one):
    found = diff(laid(meeting(), one), meeting(), overrides=Overrides([one], {}))

    assert found == Difference()


def test_what_an_override_does_not_touch_follows_the_source():
    named = meeting(title={"fi": "Uusi nimi"})
    found = diff(laid(meeting(), CANCEL), named, overrides=Overrides([CANCEL], {}))

    assert found == Difference((Step(1, cancelled(meeting()), cancelled(named), named, CANCEL.id),))


def test_where_the_source_changes_that_date_itself_it_wins():
    later = replace(meeting(), start=THURSDAY + HOUR, end=THURSDAY + 3 * HOUR)
    found = diff(laid(meeting(), CANCEL), later, overrides=Overrides([CANCEL], {}))

    assert found == Difference(
        (Step(1, cancelled(meeting()), later),),
        (Outdated(CANCEL, 1, cancelled(meeting()), later),),
    )


def test_a_break_holds_whatever_the_source_does():
    later = replace(meeting(), start=THURSDAY + HOUR, end=THURSDAY + 3 * HOUR)
    found = diff(laid(meeting(), BREAK), later, overrides=Overrides([BREAK], {}))

    assert found.outdated == ()
    assert found.steps == (Step(1, cancelled(meeting()), cancelled(later), later, BREAK.id),)


def test_a_date_that_was_cancelled_and_is_gone_for_a_while_is_cancelled_all_the_time():
    one = Overrides([CANCEL], {})
    gone = diff(laid(meeting(), CANCEL), overrides=one)
    row = [Stored(1, cancelled(meeting()), cancelled(meeting()), None)]

    assert gone.outdated == ()
    assert gone.steps == (Step(1, cancelled(meeting()), cancelled(meeting()), None, None),)
    assert diff(row, meeting(), overrides=one).steps == (
        Step(1, cancelled(meeting()), cancelled(meeting()), meeting(), CANCEL.id),
    )


def test_another_place_goes_on_when_the_rule_moves_to_another_hour():
    elsewhere = override(3, "move", meeting(), place={"fi": "Puisto"})
    anew = moved(meeting(), HOUR)
    found = diff(laid(meeting(), elsewhere), anew, overrides=Overrides([elsewhere], {}))

    assert found.renamed == ((elsewhere.id, anew.uid, anew.recurrence_id),)
    assert [(step.after, step.said) for step in found.steps] == [
        (replace(anew, place={"fi": "Puisto"}), anew)
    ]


def test_what_has_begun_keeps_what_was_made_of_it():
    """Whoever ends a break does not say that what fell out of it was held after all."""
    past = meeting(NOW - HOUR)
    row = laid(past, override(2, "break", since=NOW - WEEK, until=NOW + WEEK))
    named = replace(past, title={"fi": "Uusi nimi"})

    assert diff(row, past) == Difference()
    assert diff(row, named).steps == (Step(1, cancelled(past), cancelled(named), named, 2),)


def test_what_nobody_was_told_of_but_an_organizer_changed_is_not_deleted():
    one = override(1, "cancel", meeting(FAR))
    found = diff(laid(meeting(FAR), one), overrides=Overrides([one], {}))

    assert [step.after for step in found.steps] == [cancelled(meeting(FAR))]


# ---- whatever comes

days = st.integers(-2, 10)
uids = st.sampled_from(["a", "b"])
readings = st.dictionaries(
    st.tuples(uids, days),
    st.tuples(st.sampled_from([0, 0, 1, 30]), st.sampled_from(["confirmed", "cancelled"])),
    max_size=8,
).map(
    lambda found: [
        replace(
            meeting(NOW + day * DAY + HOUR + later * HOUR),
            uid=uid,
            series=uid,
            recurrence_id=str(day),
            status=status,
        )
        for (uid, day), (later, status) in found.items()
    ]
)
made = st.lists(
    st.one_of(
        st.builds(
            lambda uid, day: {"kind": "cancel", "source": SOURCE, "uid": uid, "recurrence_id": str(day)},
            uids,
            days,
        ),
        st.builds(
            lambda uid, day, to: {
                "kind": "move",
                "source": SOURCE,
                "uid": uid,
                "recurrence_id": str(day),
                "start": NOW + to * DAY + 3 * HOUR,
                "end": NOW + to * DAY + 4 * HOUR,
            },
            uids,
            days,
            st.integers(1, 10),
        ),
        st.builds(
            lambda uid, day: {
                "kind": "break",
                "series": uid,
                "since": NOW + day * DAY,
                "until": NOW + 6 * DAY,
            },
            st.none() | uids,
            st.integers(0, 5),
        ),
    ),
    max_size=3,
)


def applied(rows, found, kept):
    """The rows and the overrides after a difference was written."""
    table = {row.id: row for row in rows}
    for step in found.steps:
        number = step.row or max(table, default=0) + 1
        if step.after is None:
            del table[number]
        elif not step.alarms_only:
            table[number] = Stored(number, step.after, step.said or step.after, step.override)
    ended = {each.override.id for each in found.outdated}
    names = {number: (uid, recurrence_id) for number, uid, recurrence_id in found.renamed}
    return list(table.values()), [
        replace(each, uid=names[each.id][0], recurrence_id=names[each.id][1]) if each.id in names else each
        for each in kept
        if each.id not in ended
    ]


@given(st.lists(readings, min_size=1, max_size=5), made)
def test_whatever_came_before_the_table_is_as_a_fresh_reading_with_the_overrides_over_it(sequence, drafts):
    rows = []
    kept = [
        Override(id=number, organizer=1, made=NOW, **draft) for number, draft in enumerate(drafts, start=1)
    ]
    for reading in sequence:
        rows, kept = applied(rows, diff(rows, *reading, overrides=Overrides(kept, {})), kept)
    in_force = Overrides(kept, {})
    ahead = {(row.said.uid, row.said.recurrence_id): row.it for row in rows if row.said.start > NOW}
    listed = [it for it in sequence[-1] if it.start > NOW]
    left_over = [it for key, it in ahead.items() if key not in {(it.uid, it.recurrence_id) for it in listed}]

    for it in listed:
        assert ahead[it.uid, it.recurrence_id] == in_force.over(SOURCE, it)[0]
    assert {it.status for it in left_over} <= {"cancelled"}
    assert diff(rows, *sequence[-1], overrides=in_force) == Difference()


@given(readings, st.permutations(["c", "d"]))
def test_another_uid_for_all_of_a_calendar_changes_nothing_that_people_see(reading, names):
    """Whoever imports a calendar anew has the same events under other UIDs, in series and out of them."""
    alone = [replace(it, series=None, title={"fi": it.uid}) for it in reading if it.status != "cancelled"]
    anew = [replace(it, uid=names["ab".index(it.uid)] + it.uid) for it in alone]
    found = diff(stored(*alone), *anew)

    assert found.vanished == frozenset()
    assert [(step.row, replace(step.after, uid=step.before.uid)) for step in found.steps] == [
        (step.row, step.before) for step in found.steps
    ]
    assert sorted(step.row for step in found.steps) == list(range(1, len(alone) + 1))


@given(readings, readings)
def test_a_row_is_written_once_at_most_and_each_listed_date_has_one(before, after):
    rows = stored(*before)
    found = diff(rows, *after)
    written = [step.row for step in found.steps if step.row is not None]
    table, _ = applied(rows, found, [])
    identities = [(row.said.uid, row.said.recurrence_id) for row in table]

    assert len(written) == len(set(written))
    assert len(identities) == len(set(identities))
    assert {(it.uid, it.recurrence_id) for it in after} <= set(identities)
