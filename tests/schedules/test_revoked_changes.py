"""What an organizer changed whose role is revoked (T-01): it is taken back, unless it was told."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from bot.actions.change_schedule import add, cancel, move, take_break
from bot.actions.shift_turns import shift_turns
from tests.handlers.organizing import hears, listeners, organized, texts
from tests.schedules.telling import (
    DAY,
    HOUR,
    MEETING,
    MINUTE,
    WEEK,
    courier_says,
    meeting,
    queued,
    says,
    told,
)


def does(chat, act, *args, who="tiina", **how):
    with chat.transaction() as store:
        return act(store, chat.house, *args, store.people.find(chat.place(who)), now=chat.now, **how)


def revoked(chat, who="tiina"):
    """The role is taken away; give what everybody hears of it, and of changes."""
    with chat.transaction() as store:
        store.organizers.revoke(store.people.find(chat.place(who)).id, now=chat.now)
    return told(chat)


def first(chat):
    with chat.transaction() as store:
        return store.calendar.coming(chat.now)[0]


def undoing(*who, organizers=("tiina", "toni")):
    """A chat in which what is changed settles for a minute."""
    chat = organized(*organizers, undo=MINUTE)
    hears(chat, *who or ("anna",))
    says(chat, meeting(), meeting(MEETING + WEEK, "next"))
    return chat


TAKEN_BACK = "Järjestäjän oikeus on poistettu.\nHänen muutoksensa on otettu takaisin: Yksinäisyysryhmä to 26.11. klo 13–15"


def test_what_a_revoked_organizer_changed_within_the_minute_is_never_told():
    chat = undoing()
    does(chat, cancel, first(chat).id)
    chat.now += MINUTE - timedelta(seconds=1)
    heard = revoked(chat)

    assert [(each.who, each.text) for each in heard] == [("toni", TAKEN_BACK)]
    assert first(chat).it == meeting()
    assert told(chat, to=chat.now + HOUR) == []


def test_what_waits_for_the_morning_is_not_told_either():
    chat = undoing()
    chat.ticks(to=datetime(2026, 11, 24, 20, tzinfo=UTC))
    does(chat, move, first(chat).id, place={"fi": "Puisto"})
    told(chat)
    revoked(chat)
    heard = told(chat, to=chat.now + 12 * HOUR)

    assert listeners(heard, "") == ["toni"]
    assert first(chat).it == meeting()


def test_what_was_told_already_holds():
    chat = undoing()
    does(chat, cancel, first(chat).id)
    told(chat)
    heard = revoked(chat)

    assert heard == []
    assert first(chat).it.status == "cancelled"


def test_who_was_told_before_the_role_was_revoked_hears_that_it_is_on_after_all():
    chat = undoing("anna", "bertil")
    does(chat, cancel, first(chat).id)
    queued(chat)
    courier_says(chat, 1)
    revoked(chat)
    told(chat)

    assert [text.split(":")[0] for text in texts(chat.heard, "anna")] == ["PERUTTU", "PIDETÄÄN SITTENKIN"]
    assert texts(chat.heard, "bertil") == []


def test_what_others_changed_or_the_calendar_says_stays_and_is_told():
    chat = undoing()
    does(chat, cancel, first(chat).id, who="toni")
    says(chat, meeting(), meeting(MEETING + WEEK, "next", place={"fi": "Puisto"}))
    does(chat, add, series="ryhma", title={}, start=MEETING + DAY, end=MEETING + DAY + HOUR)
    heard = revoked(chat)
    with chat.transaction() as store:
        left = [(each.it.status, each.it.place["fi"]) for each in store.calendar.coming(chat.now)]

    assert left == [("cancelled", "Esimerkkitalo"), ("confirmed", "Puisto")]
    assert texts(heard, "anna") != []
    assert all("27.11" not in text for text in texts(heard, "anna"))


def test_several_changes_are_taken_back_in_one_line_and_a_break_with_its_shift_of_turns():
    chat = organized("tiina", "toni", undo=MINUTE)
    hears(chat, "anna")
    with chat.transaction() as store:
        before = store.calendar.coming(chat.now, most=9)
    made = does(chat, take_break, "ryhma", first=date(2026, 11, 26), last=date(2026, 11, 26))
    does(chat, shift_turns, made.id)
    does(chat, move, before[1].id, place={"fi": "Puisto"})
    heard = revoked(chat)
    with chat.transaction() as store:
        after = store.calendar.coming(chat.now, most=9)

    assert {each.who for each in heard} == {"toni"}
    assert [each.text for each in heard] == [
        (
            "Järjestäjän oikeus on poistettu.\nHänen 2 muutostaan on otettu takaisin.\n"
            "Ensimmäinen: Yksinäisyysryhmä to 26.11. klo 13–15"
        )
    ]
    assert after == before


def test_a_refresh_in_between_does_not_bring_it_back():
    chat = undoing()
    does(chat, cancel, first(chat).id)
    with chat.transaction() as store:
        store.organizers.revoke(store.people.find(chat.place("tiina")).id, now=chat.now)
    says(chat, meeting(), meeting(MEETING + WEEK, "next"))

    assert listeners(told(chat), "PERUTTU") == []
    assert first(chat).it == meeting()


def test_a_refresh_in_between_leaves_no_shift_of_turns_and_the_others_hear_which_date_it_was():
    chat = undoing()
    house = chat.house
    series = replace(house.series["ryhma"], turns=("keskustelu", "toiminta"))
    chat.house = replace(house, series={**house.series, "ryhma": series})
    dates = [meeting(variant="keskustelu"), meeting(MEETING + WEEK, "next", variant="toiminta")]
    says(chat, *dates)
    made = does(chat, cancel, first(chat).id)
    does(chat, shift_turns, made.id)
    with chat.transaction() as store:
        store.organizers.revoke(store.people.find(chat.place("tiina")).id, now=chat.now)
    says(chat, dates[0], replace(dates[1], title={"fi": "Ryhmä"}))
    heard = told(chat)
    with chat.transaction() as store:
        left = store.overrides.active()

    assert left == []
    assert [each.text for each in heard] == [TAKEN_BACK]


def test_of_a_date_that_was_moved_twice_the_move_that_was_told_holds():
    chat = undoing()
    does(chat, move, first(chat).id, start=MEETING + HOUR, end=MEETING + 3 * HOUR)
    told(chat)
    does(chat, move, first(chat).id, start=MEETING + 2 * HOUR, end=MEETING + 4 * HOUR)
    heard = revoked(chat)

    assert first(chat).it.start == MEETING + HOUR
    assert [(each.who, each.text.split("\n")[1]) for each in heard] == [
        ("toni", "Hänen muutoksensa on otettu takaisin: Yksinäisyysryhmä to 26.11. klo 15–17")
    ]


def test_of_a_date_that_was_moved_twice_within_the_minute_both_are_taken_back():
    chat = undoing()
    does(chat, move, first(chat).id, start=MEETING + HOUR, end=MEETING + 3 * HOUR)
    does(chat, move, first(chat).id, start=MEETING + 2 * HOUR, end=MEETING + 4 * HOUR)
    heard = revoked(chat)

    assert first(chat).it == meeting()
    assert [each.text.split("\n")[1:] for each in heard] == [
        ["Hänen 2 muutostaan on otettu takaisin.", "Ensimmäinen: Yksinäisyysryhmä to 26.11. klo 15–17"]
    ]


def test_what_was_told_holds_though_another_organizer_has_just_changed_the_same_date():
    chat = undoing()
    does(chat, move, first(chat).id, start=MEETING + HOUR, end=MEETING + 3 * HOUR)
    told(chat)
    does(chat, move, first(chat).id, place={"fi": "Puisto"}, who="toni")
    heard = revoked(chat)

    assert (first(chat).it.start, first(chat).it.place) == (MEETING + HOUR, {"fi": "Puisto"})
    assert [(each.who, each.text.split(":")[0]) for each in heard] == [("anna", "UUSI PAIKKA")]
