from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.actions.change_schedule import (
    a_week_later,
    add,
    cancel,
    move,
    plan_add,
    plan_break,
    plan_cancel,
    plan_move,
    take_break,
    undo,
)
from bot.core.occurrences import Occurrence
from bot.errors import UserError
from bot.store.news import Readers
from tests.handlers.organizing import hears, log, organized, texts

HELSINKI = ZoneInfo("Europe/Helsinki")
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
WEEK = 7 * DAY
MEETING = datetime(2026, 11, 26, 11, tzinfo=UTC)  # the first of the sample's group: Thursday 13:00
CHRISTMAS = date(2026, 12, 24)


@pytest.fixture
def chat():
    """A house with an organizer, a reader who lets the group be named, and a minute in which things can be undone."""
    chat = organized(undo=MINUTE)
    hears(chat, "anna", "group1")
    with chat.transaction() as store:
        store.people.set_named(store.people.find(chat.place("anna")).id, named=True)
    return chat


def dates(chat, series="ryhma", most=9):
    with chat.transaction() as store:
        return store.calendar.coming(chat.now, series=series, most=most)


def first(chat, series="ryhma"):
    return dates(chat, series)[0]


def does(chat, act, *args, **how):
    with chat.transaction() as store:
        tiina = store.people.find(chat.place("tiina"))
        return act(store, chat.house, *args, by=tiina, now=chat.now, **how)


def plans(chat, plan, *args, **how):
    with chat.transaction() as store:
        return plan(store, chat.house, *args, now=chat.now, **how)


def undoes(chat, override):
    with chat.transaction() as store:
        return undo(store, chat.house, override.id, store.people.find(chat.place("tiina")), now=chat.now)


def heard(chat, who="anna", after=2 * MINUTE):
    """What somebody hears of changes a little later."""
    return [text for text in texts(chat.ticks(to=chat.now + after), who) if not text.startswith("Muistutus")]


def table(chat):
    with chat.transaction() as store:
        return [row for _, row in store.refreshing.ahead(chat.now)]


def refuses(chat, act, *args, **how):
    """Give the key of the phrase that says why not; nothing was changed."""
    before = table(chat)
    with pytest.raises(UserError) as refused:
        plans(chat, act, *args, **how)
    assert table(chat) == before
    return refused.value.phrase.key


# ---- cancelling


def test_what_would_follow_is_what_follows(chat):
    kept = first(chat)
    planned = plans(chat, plan_cancel, kept.id)
    before = table(chat)
    override = does(chat, cancel, kept.id)
    after = dates(chat)[0]
    said = heard(chat)

    assert [(each.before.it, each.after) for each in planned.affected] == [(kept.it, after.it)]
    assert kept.it == next(row.it for row in before if row.id == kept.id)
    assert after.it == replace(kept.it, status="cancelled")
    assert (after.id, after.override) == (kept.id, override.id)
    assert (planned.readers, planned.goes, planned.waits) == (Readers(1, 1), chat.now - MINUTE, False)
    assert said == ["PERUTTU: Yksinäisyysryhmä\nto 26.11. klo 13–15\nSeuraava kerta: to 3.12. klo 13–15"]
    assert log(chat)[-1] == ("schedule.cancel", 2)


def test_the_message_is_shown_as_it_will_be_read(chat):
    planned = plans(chat, plan_cancel, first(chat).id)
    does(chat, cancel, first(chat).id)
    chat.now += MINUTE
    (said,) = [each for each in chat.ticks() if each.who == "anna"]
    with chat.transaction() as store:
        row = store._cursor.execute("SELECT told FROM occurrence WHERE told IS NOT NULL").fetchall()

    assert planned.message.text.key == "notice.cancelled"
    assert said.text.startswith("PERUTTU: Yksinäisyysryhmä")
    assert len(row) == 1


def test_in_quiet_hours_it_is_told_when_they_are_over(chat):
    chat.ticks(to=datetime(2026, 11, 24, 21, tzinfo=UTC))
    planned = plans(chat, plan_cancel, first(chat).id)

    assert (planned.goes, planned.waits) == (datetime(2026, 11, 25, 7, tzinfo=UTC), True)


def test_onwards_all_later_ones_are_cancelled_too_and_told_in_one_message(chat):
    *earlier, third = dates(chat)[:3]
    planned = plans(chat, plan_cancel, third.id, onwards=True)
    does(chat, cancel, third.id, onwards=True)
    statuses = [each.it.status for each in dates(chat, most=99)]
    (said,) = heard(chat)

    assert len(planned.affected) == len(statuses) - len(earlier)
    assert statuses == ["confirmed"] * 2 + ["cancelled"] * (len(statuses) - 2)
    assert said.startswith("PERUTTU: Yksinäisyysryhmä\nto 10.12. klo 13–15\nto 17.12.")
    assert said.endswith("Ja muita kertoja sen jälkeen.\nSeuraava kerta: to 26.11. klo 13–15")
    assert not planned.turn_is_open


def test_what_is_gone_has_begun_or_is_cancelled_cannot_be_cancelled(chat):
    kept = first(chat)
    does(chat, cancel, kept.id)

    assert refuses(chat, plan_cancel, 999_999) == "override.gone"
    assert refuses(chat, plan_cancel, kept.id) == "override.is_cancelled"
    chat.now = MEETING
    assert refuses(chat, plan_cancel, kept.id) == "override.begun"


def test_what_belongs_to_no_series_is_cancelled_by_its_own_name(chat):
    single = [
        Occurrence(uid="x", recurrence_id=str(n), start=MEETING + n * DAY, end=MEETING + n * DAY, series=None)
        for n in range(2)
    ]
    with chat.transaction() as store:
        store.refreshing.refresh("a.ics", single, lambda _: (), now=chat.now)
        kept = next(each for each in store.calendar.coming(chat.now, most=99) if each.it.uid == "x")
    does(chat, cancel, kept.id, onwards=True)

    assert [row.it.status for row in table(chat) if row.it.uid == "x"] == ["cancelled"] * 2
    assert {row.it.status for row in table(chat) if row.it.uid != "x"} == {"confirmed"}


# ---- moving


def test_a_date_moves_and_lasts_as_long_as_before(chat):
    kept = first(chat)
    later = MEETING + DAY + HOUR
    does(chat, move, kept.id, start=later)

    assert dates(chat)[0].it == replace(kept.it, start=later, end=later + 2 * HOUR)
    assert heard(chat)[0].split("\n")[:3] == [
        "AIKA MUUTTUI: Yksinäisyysryhmä",
        "Uusi aika: pe 27.11. klo 14–16",
        "Vanha aika: to 26.11. klo 13–15",
    ]


def test_the_same_hour_a_week_later_is_the_same_on_the_wall():
    chat = organized(now=datetime(2027, 3, 24, 10, tzinfo=UTC))
    kept = first(chat)

    assert kept.it.start == datetime(2027, 3, 25, 11, tzinfo=UTC)
    assert a_week_later(kept.it, chat.house) == datetime(2027, 4, 1, 10, tzinfo=UTC)


def test_a_date_gets_another_place_and_keeps_its_time(chat):
    kept = first(chat)
    does(chat, move, kept.id, place={"fi": "  Kirjasto \n"})

    assert dates(chat)[0].it == replace(kept.it, place={"fi": "Kirjasto"})


def test_reminders_follow_to_the_new_time(chat):
    does(chat, move, first(chat).id, start=MEETING + DAY)
    chat.ticks(to=MEETING - DAY)
    heard = chat.ticks(to=MEETING + 3 * DAY, step=HOUR)

    assert [each.text.split("\n")[2] for each in heard if each.text.startswith("Muistutus")] == [
        "pe 27.11. klo 13–15"
    ] * 4


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"start": MEETING}, "override.same"),
        ({"place": {"fi": "  "}}, "override.same"),
        ({"start": MEETING - 99 * DAY}, "override.past"),
        ({"start": MEETING + HOUR, "end": MEETING}, "override.ends_first"),
        ({"place": {"fi": "paha.example.com/x"}}, "override.link"),
    ],
)
def test_what_would_change_nothing_or_makes_no_sense_is_refused(chat, how, why):
    assert refuses(chat, plan_move, first(chat).id, **how) == why


def test_what_is_cancelled_is_not_moved(chat):
    does(chat, cancel, first(chat).id)

    assert refuses(chat, plan_move, first(chat).id, start=MEETING + DAY) == "override.is_cancelled"


def test_what_lasts_all_day_moves_by_whole_days_or_gets_an_hour(chat):
    with chat.transaction() as store:
        (week,) = store.calendar.coming(chat.now, series="teemaviikko_asuminen")
    monday = datetime(2027, 4, 26, tzinfo=HELSINKI).astimezone(UTC)
    does(chat, move, week.id, start=monday)
    with chat.transaction() as store:
        whole = store.calendar.get(week.id).it
    does(chat, move, week.id, start=monday + 13 * HOUR)
    with chat.transaction() as store:
        timed = store.calendar.get(week.id).it

    assert (whole.start, whole.end, whole.all_day) == (monday, monday + 5 * DAY, True)
    assert (timed.start, timed.end, timed.all_day) == (monday + 13 * HOUR, monday + DAY, False)


# ---- adding

COFFEE = {
    "series": "ryhma",
    "title": {"fi": "Kahvit"},
    "start": MEETING - DAY,
    "end": MEETING - DAY + HOUR,
    "place": {"fi": "Puisto"},
}


def test_what_is_added_to_a_series_is_told_to_those_who_hear_of_it_and_reminded_of(chat):
    planned = plans(chat, plan_add, **COFFEE)
    override = does(chat, add, **COFFEE)
    added = first(chat)

    assert planned.affected[0].before is None
    assert (planned.readers, planned.goes) == (Readers(1, 1), chat.now + MINUTE)
    assert (added.it.title, added.it.uid, added.source) == ({"fi": "Kahvit"}, f"chat-{override.id}", "chat")
    assert heard(chat)[0].startswith("UUSI KERTA: Kahvit\nke 25.11. klo 13–14\nPuisto")
    assert log(chat)[-1] == ("schedule.add", 2)
    assert [
        each.text.split("\n")[0]
        for each in chat.ticks(to=MEETING - DAY, step=HOUR)
        if each.text.startswith("Muistutus: Kahvit") and each.who == "anna"
    ] == ["Muistutus: Kahvit huomenna", "Muistutus: Kahvit tänään"]


def test_what_is_added_without_a_name_or_a_place_has_those_of_its_series(chat):
    does(chat, add, **COFFEE | {"title": {}, "place": None})
    it = first(chat).it

    assert (it.title, it.place) == (chat.house.series["ryhma"].name, chat.house.series["ryhma"].place)


def test_what_is_added_to_no_series_is_told_to_those_who_follow_everything(chat):
    hears(chat, "group2", of="*")
    planned = plans(chat, plan_add, **COFFEE | {"series": None})
    does(chat, add, **COFFEE | {"series": None})

    assert planned.readers == Readers(0, 1)
    assert heard(chat, "group2")[0].startswith("UUSI KERTA: Kahvit")


def test_what_is_added_for_members_stays_among_them(chat):
    hears(chat, "channel1", of="asiakasraati")
    planned = plans(chat, plan_add, **COFFEE | {"series": "asiakasraati"})

    assert planned.affected[0].after.visibility == "members"
    assert planned.readers == Readers()


@pytest.mark.parametrize(
    ("how", "why"),
    [
        ({"series": None, "title": {}}, "override.nameless"),
        ({"start": MEETING - 99 * DAY}, "override.past"),
        ({"end": MEETING - 4 * DAY}, "override.ends_first"),
        ({"title": {"fi": "Katso t.me/jotain"}}, "override.link"),
    ],
)
def test_what_has_no_name_is_past_or_leads_elsewhere_is_not_added(chat, how, why):
    assert refuses(chat, plan_add, **COFFEE | how) == why


def test_what_is_added_survives_each_refresh_and_each_start(chat):
    does(chat, add, **COFFEE)
    chat.starts()

    assert first(chat).it.title == {"fi": "Kahvit"}


# ---- breaks


def test_in_a_break_nothing_takes_place_from_its_first_day_to_its_last(chat):
    first_day, last_day = date(2026, 12, 3), date(2026, 12, 17)
    planned = plans(chat, plan_break, "ryhma", first=first_day, last=last_day)
    does(chat, take_break, "ryhma", first=first_day, last=last_day)
    found = {each.it.start.date(): each.it.status for each in dates(chat, most=6)}

    assert len(planned.affected) == 3
    assert planned.turn_is_open
    assert [day.day for day, status in found.items() if status == "cancelled"] == [3, 10, 17]
    assert heard(chat)[0].startswith("PERUTTU: Yksinäisyysryhmä\nto 3.12. klo 13–15\nto 10.12. klo 13–15")


def test_a_break_of_everything_covers_each_series_and_each_hears_of_its_own(chat):
    hears(chat, "bertil", of="piparit")
    planned = plans(chat, plan_break, None, first=date(2026, 12, 7), last=date(2026, 12, 13))
    does(chat, take_break, None, first=date(2026, 12, 7), last=date(2026, 12, 13))
    chat.now += 2 * MINUTE
    said = chat.ticks()

    assert {each.after.series for each in planned.affected} == {"ryhma", "piparit"}
    assert planned.readers == Readers(2, 1, unnamed=1)
    assert [text.split("\n")[1] for who in ("anna", "bertil") for text in texts(said, who)] == [
        "to 10.12. klo 13–15",
        "ke 9.12. klo 12–14",
    ]


def test_what_comes_into_the_window_later_is_covered_by_a_break_too(chat):
    does(chat, take_break, "ryhma", first=date(2027, 12, 30), last=date(2028, 1, 30))
    before = [row for row in table(chat) if row.it.status == "cancelled"]
    chat.ticks(to=datetime(2026, 12, 5, 10, tzinfo=UTC))
    chat.now = datetime(2026, 12, 5, 10, tzinfo=UTC)
    chat.starts()
    after = [row.it.start.date() for row in table(chat) if row.it.status == "cancelled"]

    assert before == []
    assert after == [date(2027, 12, 30)]


@pytest.mark.parametrize(
    ("days", "why"),
    [((2, 1), "override.ends_first"), ((-9, -8), "override.past")],
)
def test_a_break_ends_after_it_begins_and_is_not_past(chat, days, why):
    today = chat.now.date()
    begin, end = (today + each * DAY for each in days)

    assert refuses(chat, plan_break, "ryhma", first=begin, last=end) == why


# ---- undoing


def test_what_is_undone_in_time_is_never_told_and_all_is_as_before(chat):
    before = table(chat)
    hours = chat.now
    for act, args, how in (
        (cancel, (first(chat).id,), {}),
        (cancel, (first(chat).id,), {"onwards": True}),
        (move, (first(chat).id,), {"start": MEETING + DAY, "place": {"fi": "Puisto"}}),
        (add, (), COFFEE),
        (take_break, (None,), {"first": date(2026, 12, 1), "last": date(2026, 12, 31)}),
    ):
        override = does(chat, act, *args, **how)
        changed = table(chat)
        undoes(chat, override)

        assert changed != before
        assert table(chat) == before
    assert chat.now == hours
    assert heard(chat, after=HOUR) == []


def test_what_is_undone_after_it_was_told_is_told_again(chat):
    override = does(chat, cancel, first(chat).id)
    heard(chat)
    undoes(chat, override)

    assert heard(chat)[0].startswith("PIDETÄÄN SITTENKIN: Yksinäisyysryhmä\nto 26.11. klo 13–15")


def test_what_was_added_and_told_is_cancelled_when_it_is_undone(chat):
    override = does(chat, add, **COFFEE)
    heard(chat)
    undoes(chat, override)

    assert heard(chat)[0].startswith("PERUTTU: Kahvit\nke 25.11. klo 13–14")


def test_what_was_undone_cannot_be_undone_again(chat):
    override = does(chat, cancel, first(chat).id)
    undoes(chat, override)

    with pytest.raises(UserError) as refused:
        undoes(chat, override)
    assert refused.value.phrase.key == "override.undone"


def test_what_has_begun_stays_as_it_was(chat):
    override = does(chat, cancel, first(chat).id)
    chat.now = MEETING

    with pytest.raises(UserError) as refused:
        undoes(chat, override)
    assert refused.value.phrase.key == "override.begun"


def test_a_break_that_is_under_way_ends_for_what_is_still_to_come(chat):
    override = does(chat, take_break, "ryhma", first=date(2026, 11, 26), last=date(2026, 12, 10))
    chat.ticks(to=MEETING + DAY)
    undoes(chat, override)
    chat.starts()
    with chat.transaction() as store:
        past = store.calendar.ended("ryhma", after=MEETING - DAY, until=MEETING + DAY)
        ahead = [each.it.status for each in store.calendar.coming(chat.now, series="ryhma")]

    assert past == []
    assert set(ahead) == {"confirmed"}


def test_undoing_the_later_of_two_leaves_the_earlier(chat):
    kept = first(chat)
    does(chat, move, kept.id, start=MEETING + DAY)
    later = does(chat, cancel, kept.id)
    undoes(chat, later)

    assert dates(chat)[0].it == replace(kept.it, start=MEETING + DAY, end=MEETING + DAY + 2 * HOUR)


def test_a_refresh_leaves_what_an_organizer_changed(chat):
    does(chat, cancel, dates(chat)[0].id)
    does(chat, move, dates(chat)[1].id, place={"fi": "Puisto"})
    before = table(chat)
    chat.now += DAY
    chat.starts()

    assert [row for row in table(chat) if row.it.start < MEETING + 9 * WEEK] == [
        row for row in before if row.it.start < MEETING + 9 * WEEK
    ]
