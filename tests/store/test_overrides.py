from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.core.occurrences import Occurrence
from bot.core.overrides import Override
from bot.core.schedule_diff import Difference, Outdated

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
DAY = timedelta(days=1)
IT = Occurrence(uid="ryhma", recurrence_id="x", start=NOW + DAY, end=NOW + 2 * DAY, series="ryhma")


def draft(kind="cancel", **values):
    one = {"source": "a.ics", "uid": "ryhma", "recurrence_id": "x"}
    return Override(id=0, kind=kind, organizer=0, **{"made": NOW, **one, **values})


def span(kind="break", **values):
    return draft(kind, **{"source": None, "uid": None, "recurrence_id": None, "since": NOW, **values})


@pytest.mark.parametrize(
    "one",
    [
        draft(),
        draft("move", start=NOW + DAY, end=NOW + 2 * DAY, place={"fi": "Puisto", "sv": "Parken"}),
        draft("add", recurrence_id="", title={"fi": "Kahvit"}, place={}, series="ryhma"),
        span(until=NOW + DAY),
        span("turns", series="ryhma", shift=-1),
    ],
    ids=["cancel", "move", "add", "break", "turns"],
)
def test_an_override_is_kept_as_it_was_made(store, one):
    kept = store.overrides.add(one, organizer=7)

    assert kept == replace(one, id=kept.id, organizer=7)
    assert store.overrides.get(kept.id) == kept
    assert store.overrides.get(kept.id + 1) is None


def test_those_that_hold_are_given_the_newest_first(store):
    first, second, third = (store.overrides.add(draft(made=NOW + n * DAY), organizer=1) for n in range(3))
    store.overrides.end(second.id, "undone")

    assert store.overrides.active() == [third, first]
    assert store.overrides.active(most=1) == [third]
    assert store.overrides.active(since=NOW + DAY) == [third]
    assert store.overrides.get(second.id).state == "undone"


def test_those_in_force_lie_over_dates_with_what_is_planned_and_without_what_is_to_end(store):
    cancelled = store.overrides.add(draft(), organizer=1)
    planned = replace(span(), id=99)

    def statuses(**how):
        overrides = store.overrides.in_force({}, **how)
        return [overrides.over("a.ics", it)[0].status for it in (IT, replace(IT, recurrence_id="y"))]

    assert statuses() == ["cancelled", "confirmed"]
    assert statuses(without=[cancelled.id]) == ["confirmed", "confirmed"]
    assert statuses(also=[planned]) == ["cancelled", "cancelled"]


def test_turns_are_shifted_in_the_order_of_their_series(store):
    store.overrides.add(span("turns", series="ryhma", shift=1), organizer=1)
    over = store.overrides.in_force({"ryhma": ("a", "b", "c")}).over("a.ics", replace(IT, variant="c"))

    assert over[0].variant == "a"


def test_what_a_reading_outdates_holds_no_more_and_what_it_renames_goes_on(store):
    outdated, renamed = (store.overrides.add(draft(), organizer=1) for _ in range(2))
    store.overrides.follow(
        Difference(outdated=(Outdated(outdated, 1, IT, IT),), renamed=((renamed.id, "uusi", "z"),))
    )

    assert store.overrides.get(outdated.id).state == "superseded"
    assert store.overrides.active() == [replace(renamed, uid="uusi", recurrence_id="z")]


def test_old_ones_are_deleted_once_they_can_concern_no_date(store):
    late = NOW + 999 * DAY
    gone = [
        draft(),
        draft("add", recurrence_id=""),
        span(until=NOW + DAY),
    ]
    kept = [span("cancel", series="ryhma"), span(until=late + DAY), draft(made=late)]
    for one in (*gone, *kept):
        store.overrides.add(one, organizer=1)

    assert store.overrides.delete_old(late) == len(gone)
    assert [replace(each, id=0, organizer=0) for each in store.overrides.active()] == kept[::-1]
