"""A calendar leaves out a date with a turn: organizers are asked whose turn it is then, through the real jobs and buttons."""

import shutil
from datetime import timedelta

import orjson
import pytest

from bot.actions.change_schedule import cancel
from bot.actions.left_out_turns import LEFT_OUT
from bot.actions.shift_turns import shift_turns
from bot.furnishing import furnish
from bot.router import Tick, Trip
from bot.settings import Settings
from schedules import refresh_schedule
from schedules.refresh_schedule import ask_for_fresh
from tests.handlers.organizing import hears, log, texts
from tests.support import CONTENT, Chat

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
TALK, ACT = "Keskustelukerta", "Toimintakerta"
OLD, NEW = "Pidetään vanhat", "Vuoro siirtyy"
SHIFT, KEEP = "Vuoro siirtyy", "Pidetään kalenteri"
AGAIN, UNDO = "Kysy uudestaan", "Ota takaisin"
NONE = "closures: []"


@pytest.fixture
def content(tmp_path):
    folder = tmp_path / "content"
    shutil.copytree(CONTENT, folder)
    return folder


def begun(content, *organizers, by="meeting"):
    """The group meets on Thursdays from 26.11. on, but not on 24.12.: talk, activity, talk, and so on."""
    edit(content, ("alternate_by: meeting", f"alternate_by: {by}"))
    chat = Chat(furnish(Settings(content_dir=content, _env_file=None)))
    for each in organizers or ("tiina",):
        chat.make_organizer(each)
    chat.ticks()
    return chat


def edit(content, *changes):
    file = content / "schedule.yaml"
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def closed(*spans):
    each = ", ".join(f"{{from: {first}, to: {last}, fi: Kiinni}}" for first, last in spans)
    return f"closures: [{each}]"


def reads(chat, after=15 * MINUTE):
    """The calendar is read; give what everybody hears."""
    chat.now += after
    start = len(chat.heard)
    with chat.transaction() as store:
        ask_for_fresh(Tick(store, chat.now, chat.house))
    chat.runs_errands()
    chat.ticks(to=chat.now + 2 * MINUTE)
    return [each for each in chat.heard[start:] if not each.text.startswith("Muistutus")]


def leaves_out(chat, content, *spans, before=NONE):
    edit(content, (before, closed(*spans) if spans else NONE))
    return reads(chat)


def turns(chat, most=6):
    """The next dates that take place, each with the first letter of its turn."""
    with chat.transaction() as store:
        found = store.calendar.coming(chat.now, series="ryhma", cancelled=False, most=most)
    return " ".join(
        f"{each.it.start:%d.%m}{'T' if each.it.variant == 'keskustelu' else 'A'}" for each in found
    )


THIRD = ("2026-12-03", "2026-12-03")
TENTH = ("2026-12-10", "2026-12-10")
BEFORE = "26.11T 03.12A 10.12T 17.12A 31.12T 07.01A"
WAITED = "26.11T 10.12A 17.12T 31.12A 07.01T 14.01A"
LOST = "26.11T 10.12T 17.12A 31.12T 07.01A 14.01T"


# ---- by meeting: the calendar lets the turn wait


def test_where_the_turn_waits_already_the_old_turns_are_offered(content):
    chat = begun(content)
    before = turns(chat)
    now, asked = [each for each in leaves_out(chat, content, THIRD) if each.who == "tiina"]

    assert (before, turns(chat)) == (BEFORE, WAITED)
    assert now.text == (
        "Yksinäisyysryhmä: to 3.12. klo 13 jää pois.\nVuorot ovat nyt näin:\n"
        f"to 26.11. klo 13–15 {TALK}\nto 10.12. klo 13–15 {ACT}\n"
        f"to 17.12. klo 13–15 {TALK}\nto 31.12. klo 13–15 {ACT}"
    )
    assert asked.text == (
        "Yksinäisyysryhmä\nPidetäänkö vanhat vuorot? Silloin tulee näin:\n"
        f"to 26.11. klo 13–15 {TALK}\nto 10.12. klo 13–15 {TALK}\n"
        f"to 17.12. klo 13–15 {ACT}\nto 31.12. klo 13–15 {TALK}"
    )
    assert asked.buttons == (OLD, NEW)


def test_the_old_turns_hold_over_refreshes_and_can_be_undone(content):
    chat = begun(content)
    leaves_out(chat, content, THIRD)
    (done,) = chat.presses("tiina", OLD)
    old = turns(chat)
    heard = reads(chat) + reads(chat, after=DAY)
    kept = turns(chat)
    chat.presses("tiina", UNDO)

    assert done.text.startswith("Vanhat vuorot pidetään.\nYksinäisyysryhmä:\nto 26.11.")
    assert old == kept == LOST
    assert heard == []
    assert turns(chat) == WAITED
    assert [act for act, _ in log(chat)] == ["schedule.turns", "schedule.undo"]


def test_or_they_stay_as_they_are_until_somebody_asks_again(content):
    chat = begun(content)
    leaves_out(chat, content, THIRD)
    (stays,) = chat.presses("tiina", NEW)
    waited = turns(chat)
    (again,) = chat.presses("tiina", AGAIN)
    chat.presses("tiina", OLD)

    assert stays.text.startswith("Selvä. Vuorot jäävät näin.")
    assert waited == WAITED
    assert again.buttons == (OLD, NEW)
    assert turns(chat) == LOST


# ---- by week: nothing shifts


def test_where_nothing_shifts_it_is_offered_that_the_turn_waits(content):
    chat = begun(content, by="week")
    before = turns(chat)
    _, asked = [each for each in leaves_out(chat, content, THIRD) if each.who == "tiina"]
    lost = turns(chat)
    chat.presses("tiina", SHIFT)

    assert asked.buttons == (SHIFT, KEEP)
    assert before == "26.11T 03.12A 10.12T 17.12A 31.12A 07.01T"
    assert lost == "26.11T 10.12T 17.12A 31.12A 07.01T 14.01A"
    assert turns(chat) == "26.11T 10.12A 17.12T 31.12T 07.01A 14.01T"


def test_the_shift_holds_over_refreshes_and_can_be_undone(content):
    chat = begun(content, by="week")
    leaves_out(chat, content, THIRD)
    lost = turns(chat)
    chat.presses("tiina", SHIFT)
    shifted = turns(chat)
    reads(chat, after=DAY)
    kept = turns(chat)
    chat.presses("tiina", UNDO)

    assert shifted == kept != lost
    assert turns(chat) == lost


# ---- once


def test_it_is_asked_once_whatever_is_read_again(content):
    chat = begun(content)
    leaves_out(chat, content, THIRD)
    chat.starts()
    with chat.transaction() as store:
        store.books.set_bookmark("calendar.read:schedule.yaml", "")
    again = reads(chat) + reads(chat, after=DAY)

    assert texts(chat.heard, "tiina") != []
    assert again == []


def test_a_kill_while_the_calendar_is_written_loses_and_doubles_no_question(content, monkeypatch):
    chat = begun(content)
    monkeypatch.setattr(refresh_schedule, "PIECE", 3)
    edit(content, (NONE, closed(THIRD)))
    with chat.transaction() as store:
        ask_for_fresh(Tick(store, chat.now, chat.house))
        (errand,) = store.errands.due(chat.now)
    kind = chat.understanding.router.errands["refresh"]
    found = kind.run(Trip(errand, chat.now, chat.house, chat._look))
    with chat.transaction() as store:
        left = kind.ending(Tick(store, chat.now, chat.house), errand, found)
    heard = reads(chat)

    assert left is not None
    assert len(texts(heard, "tiina")) == 2
    assert turns(chat) == WAITED


def test_the_first_of_several_organizers_answers(content):
    chat = begun(content, "tiina", "toni")
    leaves_out(chat, content, THIRD)
    chat.presses("tiina", OLD)
    (no,) = chat.presses("toni", NEW)
    (yes,) = chat.presses("toni", OLD)

    assert no.text == yes.text
    assert no.text.startswith(f"Tähän on jo vastattu.\nYksinäisyysryhmä:\nto 26.11. klo 13–15 {TALK}\n")
    assert turns(chat) == LOST


def test_whoever_comes_after_a_no_sees_that_it_was_answered(content):
    chat = begun(content, "tiina", "toni")
    leaves_out(chat, content, THIRD)
    chat.presses("tiina", NEW)
    (late,) = chat.presses("toni", OLD)

    assert late.text.startswith("Tähän on jo vastattu.")
    assert turns(chat) == WAITED


def test_what_was_undone_can_be_answered_again(content):
    chat = begun(content, "tiina", "toni")
    leaves_out(chat, content, THIRD)
    chat.presses("tiina", OLD)
    chat.presses("tiina", UNDO)
    chat.presses("toni", OLD)

    assert turns(chat) == LOST


def test_as_long_as_there_is_no_organizer_it_waits_for_one(content):
    chat = begun(content)
    with chat.transaction() as store:
        store.organizers.revoke_all(now=chat.now)
    first = leaves_out(chat, content, THIRD)
    chat.make_organizer("toni")
    later = reads(chat, after=DAY)

    assert texts(first, "toni") == []
    assert len(texts(later, "toni")) == 2


def test_who_is_an_organizer_no_more_in_the_morning_is_not_asked(content):
    chat = begun(content, "tiina", "toni")
    chat.now += 9 * HOUR  # nine in the evening
    leaves_out(chat, content, THIRD)
    with chat.transaction() as store:
        store.organizers.revoke(store.people.find(chat.place("tiina")).id, now=chat.now)
    morning = chat.ticks(to=chat.now + DAY / 2)

    assert [each.who for each in morning] == ["toni", "toni"]


# ---- a date that is back


def test_when_the_date_is_back_the_answer_holds_no_more_and_organizers_hear_so(content):
    chat = begun(content, "tiina", "toni")
    leaves_out(chat, content, THIRD)
    chat.presses("tiina", OLD)
    heard = leaves_out(chat, content, before=closed(THIRD))
    (late,) = chat.presses("toni", OLD)

    assert turns(chat) == BEFORE
    assert texts(heard, "toni") == [
        "Yksinäisyysryhmä: to 3.12. klo 13 pidetään sittenkin.\nVuorot ovat taas kuten kalenterissa."
    ]
    assert late.text == "Tämä on jo selvinnyt."


def test_a_date_that_comes_and_goes_is_asked_of_once(content):
    chat = begun(content)
    leaves_out(chat, content, THIRD)
    leaves_out(chat, content, before=closed(THIRD))
    again = leaves_out(chat, content, THIRD)
    with chat.transaction() as store:
        kept = orjson.loads(store.books.bookmark(LEFT_OUT))
    chat.presses("tiina", OLD)

    assert texts(again, "tiina") == []
    assert [each["days"] for each in kept] == [["2026-12-03"]]
    assert turns(chat) == LOST


def test_what_is_back_before_the_question_was_heard_is_not_asked(content):
    chat = begun(content)
    chat.now += 9 * HOUR  # nine in the evening
    leaves_out(chat, content, THIRD)
    leaves_out(chat, content, before=closed(THIRD))
    morning = chat.ticks(to=chat.now + DAY / 2)

    assert [each.text for each in morning if "jää pois" in each.text] == []


# ---- what is not asked


def test_of_what_is_more_than_sixty_days_ahead_nobody_is_asked(content):
    chat = begun(content)
    soon = leaves_out(chat, content, ("2027-01-14", "2027-01-14"))
    late = leaves_out(
        chat,
        content,
        ("2027-01-14", "2027-01-14"),
        ("2027-01-21", "2027-01-21"),
        before=closed(("2027-01-14", "2027-01-14")),
    )

    assert len(texts(soon, "tiina")) == 2
    assert texts(late, "tiina") == []


def test_as_many_dates_as_there_are_turns_leave_the_others_as_they_were(content):
    chat = begun(content)
    heard = leaves_out(chat, content, ("2026-12-31", "2027-01-07"))

    assert texts(heard, "tiina") == []
    assert turns(chat) == "26.11T 03.12A 10.12T 17.12A 14.01T 21.01A"


def test_of_a_break_there_is_one_question(content):
    chat = begun(content)
    heard = leaves_out(chat, content, ("2026-12-31", "2027-01-28"))
    asked = texts(heard, "tiina")
    before = turns(chat)
    chat.presses("tiina", OLD)

    assert len(asked) == 2
    assert asked[0].startswith("Yksinäisyysryhmä: 5 kertaa jää pois (to 31.12. klo 13 alkaen).")
    assert (before, turns(chat)) == (
        "26.11T 03.12A 10.12T 17.12A 04.02T 11.02A",
        "26.11T 03.12A 10.12T 17.12A 04.02A 11.02T",
    )


def test_of_an_organizers_own_break_they_are_not_asked_once_more(content):
    chat = begun(content)
    cancels(chat, "3.12")
    shown = turns(chat)
    heard = leaves_out(chat, content, THIRD)

    assert shown == LOST
    assert [text for text in texts(heard, "tiina") if "jää pois" in text] == []


def test_a_turn_that_an_organizer_let_wait_waits_once_though_the_calendar_follows(content):
    chat = begun(content)
    cancels(chat, "3.12", then=SHIFT)
    shown = turns(chat)
    leaves_out(chat, content, THIRD)
    followed = turns(chat)
    reads(chat, after=DAY)

    assert shown == followed == turns(chat) == WAITED


def test_so_it_does_where_the_calendar_was_held_and_an_organizer_accepts_it(content):
    chat = begun(content)
    cancels(chat, "3.12", then=SHIFT)
    leaves_out(chat, content, THIRD, ("2026-12-17", "2026-12-17"))
    held = turns(chat)
    chat.presses("tiina", "Ovat, peru ne")
    reads(chat)

    assert held == WAITED
    assert turns(chat) == "26.11T 10.12A 31.12T 07.01A 14.01T 21.01A"


def test_where_the_calendar_brings_a_cancelled_date_back_its_turn_is_its_own_again(content):
    chat = begun(content)
    cancels(chat, "3.12", then=SHIFT)
    edit(content, ('start: 2026-11-26, time: "13:00"', 'start: 2026-11-26, time: "14:00"'))
    reads(chat)

    assert turns(chat) == BEFORE


def cancels(chat, day, then=None):
    """An organizer cancels a meeting in the chat, and answers whose turn it is."""
    with chat.transaction() as store:
        dates = store.calendar.coming(chat.now, series="ryhma")
        (it,) = [each for each in dates if f"{each.it.start:%-d.%-m}" == day]
        tiina = store.people.find(chat.place("tiina"))
        made = cancel(store, chat.house, it.id, tiina, now=chat.now)
        if then:
            shift_turns(store, chat.house, made.id, tiina, now=chat.now)
    chat.ticks(to=chat.now + 2 * MINUTE)


def test_a_calendar_that_has_lost_much_is_asked_about_as_a_whole(content):
    chat = begun(content)
    edit(content, ("weekday: th, start: 2026-11-26", "weekday: th, start: 2026-12-31"))
    heard = texts(reads(chat), "tiina")

    assert len(heard) == 1
    assert "katosi" in heard[0]


def test_nobody_is_told_that_turns_were_shifted(content):
    chat = begun(content)
    hears(chat, "anna")
    told = texts(leaves_out(chat, content, ("2026-11-26", "2026-11-26")), "anna")
    chat.presses("tiina", OLD)
    later = texts(chat.ticks(to=chat.now + HOUR), "anna")

    assert [text.split("\n")[0] for text in told] == ["PERUTTU: Tapaaminen"]
    assert later == []


def test_old_questions_are_forgotten(content):
    chat = begun(content)
    leaves_out(chat, content, THIRD)
    chat.now += 30 * DAY
    reads(chat)
    with chat.transaction() as store:
        kept = store.books.bookmark(LEFT_OUT)
    (late,) = chat.presses("tiina", OLD)

    assert kept == "[]"
    assert late.text == "Tämä on jo selvinnyt."
