import shutil
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.actions.change_schedule import cancel, move
from bot.furnishing import furnish
from bot.router import Tick, Trip
from bot.settings import Settings
from schedules import refresh_schedule
from schedules.refresh_schedule import ask_for_fresh
from tests.handlers.organizing import hears, texts
from tests.support import CONTENT, NOW, Chat

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
BROKEN = """
  - id: rikki
    name: {fi: Rikki}
    dates: [2026-13-01]
    time: "13:00"
"""
COFFEE = """
  - id: kahvit
    name: {fi: Kahvit}
    dates: [2026-12-01]
    time: "13:00"
    duration: PT1H
"""


@pytest.fixture
def content(tmp_path):
    folder = tmp_path / "content"
    shutil.copytree(CONTENT, folder)
    return folder


def chat_in(content, *calendars, now=NOW):
    chosen = {"calendars": calendars} if calendars else {}
    return Chat(furnish(Settings(content_dir=content, _env_file=None, **chosen)), now=now)


def titles(chat, most=99):
    with chat.transaction() as store:
        return [each.it.title["fi"] for each in store.calendar.coming(chat.now, most=most)]


def looks_again(chat, after=timedelta(minutes=15)):
    """A quarter of an hour later; give what everybody hears of it."""
    chat.now += after
    start = len(chat.heard)
    with chat.transaction() as store:
        ask_for_fresh(Tick(store, chat.now, chat.house))
    chat.runs_errands()
    chat.deliver()
    return chat.heard[start:]


def append(content, text, name="schedule.yaml"):
    with (content / name).open("a", encoding="utf-8") as file:
        file.write(text)


def test_at_the_start_the_schedule_is_read_400_days_ahead(content):
    chat = chat_in(content)
    with chat.transaction() as store:
        last = store.calendar.coming(chat.now, most=999)[-1].it
        due = store.calendar.next_alarm()

    assert titles(chat)[:2] == ["Yksinäisyysryhmä", "Yksinäisyysryhmä"]
    assert NOW + 380 * DAY < last.start < NOW + 400 * DAY
    assert due == datetime(2026, 11, 25, 11, tzinfo=UTC)


def test_what_an_editor_adds_is_there_within_a_quarter_of_an_hour(content):
    chat = chat_in(content)
    append(content, COFFEE)
    before = titles(chat).count("Kahvit")
    looks_again(chat)

    assert (before, titles(chat).count("Kahvit")) == (0, 1)


def test_a_file_that_has_not_changed_is_not_read_again(content):
    chat = chat_in(content)
    with chat.transaction() as store:
        kept = store.books.bookmark("calendar.read:schedule.yaml")
        store.refreshing.drop_sources([], now=chat.now)
    looks_again(chat)
    same_day = titles(chat)
    looks_again(chat, after=DAY)

    assert kept
    assert same_day == []
    assert titles(chat)[0] == "Yksinäisyysryhmä"  # a new day moves the window, so it is read


@pytest.mark.parametrize("changed", ["quiet_hours", "default_leads", "language"])
def test_what_the_calendar_is_read_by_counts_as_a_change(content, changed):
    chat = chat_in(content)
    with chat.transaction() as store:
        store.refreshing.drop_sources([], now=chat.now)
    value = {"quiet_hours": None, "default_leads": (DAY,), "language": "sv"}[changed]
    chat.house = replace(chat.house, **{changed: value})
    looks_again(chat)

    assert titles(chat)[0] == "Yksinäisyysryhmä"


def test_two_calendars_stand_side_by_side(content):
    shutil.copy(CONTENT.parent / "tests" / "data" / "schedule.ics", content / "lisaa.ics")
    chat = chat_in(content, "schedule.yaml", "lisaa.ics")
    alone = chat_in(content)

    assert len(titles(chat, 999)) > len(titles(alone, 999))


def test_a_calendar_that_is_set_no_longer_goes_at_the_next_start(content):
    chat = chat_in(content)
    chat.house = replace(chat.house, calendars=())
    looks_again(chat)

    assert titles(chat) == []


def test_one_broken_event_is_named_to_organizers_once_and_all_others_are_kept(content):
    chat = chat_in(content)
    chat.make_organizer("tiina")
    before = titles(chat)
    append(content, BROKEN)
    told = texts(looks_again(chat), "tiina")
    again = looks_again(chat)
    next_day = looks_again(chat, after=DAY)

    assert titles(chat)[:5] == before[:5]
    assert len(told) == 1
    assert told[0].startswith("Kalenterissa schedule.yaml on korjattavaa:\nRivi ")
    assert "2026-13-01" in told[0]
    assert again == next_day == []


def test_a_problem_that_was_mended_and_comes_back_is_told_again(content):
    whole = (content / "schedule.yaml").read_text(encoding="utf-8")
    chat = chat_in(content)
    chat.make_organizer("tiina")
    told = []
    for text in (whole + BROKEN, whole, whole + BROKEN):
        (content / "schedule.yaml").write_text(text, encoding="utf-8")
        told.append(len(texts(looks_again(chat), "tiina")))

    assert told == [1, 1, 1]  # it is broken, it is mended, it is broken


def test_of_many_problems_two_are_named_and_the_others_counted(content):
    chat = chat_in(content)
    chat.make_organizer("tiina")
    append(
        content,
        "".join(BROKEN.replace("rikki", f"rikki{n}").replace("13-01", f"13-0{n}") for n in range(1, 6)),
    )
    (told,) = texts(looks_again(chat), "tiina")

    assert told.count("Rivi ") == 2
    assert told.endswith(
        "\nJa muuta: 3\nVanhat tiedot pätevät siihen asti.\nVoit lähettää tämän viestin tekniselle tuelle."
    )


def test_whoever_becomes_an_organizer_later_hears_of_a_problem_that_nobody_heard_of(content):
    append(content, BROKEN)
    chat = chat_in(content)
    chat.make_organizer("tiina")

    assert len(texts(looks_again(chat), "tiina")) == 1
    assert looks_again(chat) == []


def test_organizers_are_not_woken_for_it(content):
    chat = chat_in(content, now=datetime(2026, 11, 21, 19, tzinfo=UTC))
    chat.make_organizer("tiina")
    append(content, BROKEN)
    at_night = looks_again(chat)

    assert at_night == []
    assert len(texts(chat.ticks(to=datetime(2026, 11, 22, 7, tzinfo=UTC)), "tiina")) == 1


@pytest.mark.parametrize("text", ["", "series: [", "<html>Kirjaudu sisään</html>", "\x00\xff"])
def test_of_a_file_that_cannot_be_read_the_last_good_copy_stays(content, text):
    chat = chat_in(content)
    chat.make_organizer("tiina")
    before = titles(chat)
    (content / "schedule.yaml").write_text(text, encoding="latin-1")
    told = texts(looks_again(chat), "tiina")

    assert titles(chat) == before
    assert len(told) == 1


def test_a_file_that_is_not_there_is_told_and_nothing_is_lost(content):
    chat = chat_in(content)
    chat.make_organizer("tiina")
    before = titles(chat)
    (content / "schedule.yaml").unlink()
    (told,) = texts(looks_again(chat), "tiina")

    assert titles(chat) == before
    assert told.startswith("Kalenterissa schedule.yaml on korjattavaa:\ntiedostoa ei löydy. Tarkista")
    assert looks_again(chat) == []


# ---- what changed is compared and written


def rows(chat, source="schedule.yaml"):
    with chat.transaction() as store:
        return store.refreshing.stored(source)


def test_what_a_kept_date_says_anew_is_said_in_its_row(content):
    chat = chat_in(content)
    before = rows(chat)
    text = (content / "schedule.yaml").read_text(encoding="utf-8")
    (content / "schedule.yaml").write_text(
        text.replace("fi: Yksinäisyysryhmä", "fi: Ryhmä"), encoding="utf-8"
    )
    looks_again(chat)

    assert [row.id for row in rows(chat)] == [row.id for row in before]
    assert titles(chat)[0] == "Ryhmä"


def test_a_rule_at_another_hour_moves_its_dates_and_tells_of_the_near_one(content):
    chat = chat_in(content)
    hears(chat, "anna")
    before = [row for row in rows(chat) if row.it.series == "ryhma"]
    text = (content / "schedule.yaml").read_text(encoding="utf-8")
    (content / "schedule.yaml").write_text(
        text.replace('start: 2026-11-26, time: "13:00"', 'start: 2026-11-26, time: "14:00"'), encoding="utf-8"
    )
    looks_again(chat)
    after = [row for row in rows(chat) if row.it.series == "ryhma"]
    heard = texts(chat.ticks(to=chat.now + 2 * MINUTE), "anna")

    assert [(row.id, row.it.start) for row in after] == [
        (row.id, row.it.start + timedelta(hours=1)) for row in before
    ]
    assert [text.split("\n")[:3] for text in heard] == [
        ["AIKA MUUTTUI: Tapaaminen", "Uusi aika: to 26.11. klo 14–16", "Vanha aika: to 26.11. klo 13–15"]
    ]


def test_a_large_calendar_is_written_in_pieces_and_whole_in_the_end(content, monkeypatch):
    monkeypatch.setattr(refresh_schedule, "PIECE", 7)
    chat = chat_in(content)
    pieces = chat_in(content)
    monkeypatch.undo()

    assert [row.it for row in rows(chat)] == [row.it for row in rows(pieces)]
    assert len(rows(chat)) > 7


def test_a_kill_between_two_pieces_loses_and_doubles_nothing(content, monkeypatch):
    whole = {(row.it.uid, row.it.recurrence_id): row.it for row in rows(chat_in(content))}
    monkeypatch.setattr(refresh_schedule, "PIECE", 7)
    for pieces in range(4):
        chat = chat_in(content, "nothing.yaml")
        chat.house = replace(chat.house, calendars=("schedule.yaml",))
        with chat.transaction() as store:
            ask_for_fresh(Tick(store, chat.now, chat.house))
            (errand,) = store.errands.due(chat.now)
        run = chat.understanding.router.errands["refresh"]
        left = run.run(Trip(errand, chat.now, chat.house, chat._look))
        for _ in range(pieces):
            with chat.transaction() as store:
                left = run.ending(Tick(store, chat.now, chat.house), errand, left)
        chat.runs_errands()
        found = [row.it for row in rows(chat)]

        assert {(it.uid, it.recurrence_id): it for it in found} == whole
        assert len(found) == len(whole)


def test_what_an_organizer_changes_while_it_is_read_is_not_written_over(content):
    chat = chat_in(content)
    chat.make_organizer("tiina")
    append(content, COFFEE)
    chat.now += MINUTE
    with chat.transaction() as store:
        ask_for_fresh(Tick(store, chat.now, chat.house))
        (errand,) = store.errands.due(chat.now)
    run = chat.understanding.router.errands["refresh"]
    fresh = run.run(Trip(errand, chat.now, chat.house, chat._look))
    with chat.transaction() as store:
        first = store.calendar.coming(chat.now)[0]
        cancel(store, chat.house, first.id, store.people.find(chat.place("tiina")), now=chat.now)
    with chat.transaction() as store:
        left = run.ending(Tick(store, chat.now, chat.house), errand, fresh)
        store.errands.done(errand.id)
        store_titles = [each.it.title["fi"] for each in store.calendar.coming(chat.now, most=99)]
    chat.runs_errands()

    assert left is None
    assert "Kahvit" not in store_titles
    assert "Kahvit" in titles(chat)
    with chat.transaction() as store:
        assert store.calendar.get(first.id).it.status == "cancelled"


def test_new_quiet_hours_move_the_alarms_of_what_has_not_changed(content):
    chat = chat_in(content)
    with chat.transaction() as store:
        before = store.calendar.next_alarm()
    chat.house = replace(chat.house, default_leads=(timedelta(hours=3),))
    looks_again(chat)
    with chat.transaction() as store:
        after = store.calendar.next_alarm()

    assert (before, after) == (
        datetime(2026, 11, 25, 11, tzinfo=UTC),
        datetime(2026, 11, 26, 8, tzinfo=UTC),
    )


def test_a_calendar_that_is_set_no_longer_while_its_errand_waits_is_not_read(content):
    chat = chat_in(content)
    append(content, COFFEE)
    with chat.transaction() as store:
        ask_for_fresh(Tick(store, chat.now, chat.house))
    chat.house = replace(chat.house, calendars=())
    chat.runs_errands()

    assert "Kahvit" not in titles(chat)


def test_what_an_earlier_version_remembered_does_no_harm(content):
    chat = chat_in(content)
    with chat.transaction() as store:
        store.books.set_bookmark("calendar.read:schedule.yaml", "0123456789abcdef")
    append(content, COFFEE)
    looks_again(chat)

    assert "Kahvit" in titles(chat)


# ---- what organizers changed


def says(chat, act, *args, **how):
    with chat.transaction() as store:
        return act(store, chat.house, *args, store.people.find(chat.place("tiina")), now=chat.now, **how)


@pytest.fixture
def coffee(content):
    """A calendar with coffee at 13, which an organizer can change from the chat."""
    (content / "lisaa.yaml").write_text("series:" + COFFEE, encoding="utf-8")
    chat = chat_in(content, "schedule.yaml", "lisaa.yaml", now=datetime(2026, 11, 28, 10, tzinfo=UTC))
    chat.make_organizer("tiina")
    hears(chat, "anna", of="kahvit")
    return chat


def rewrite(content, chat, old, new):
    """Somebody edits the calendar; give what everybody hears of it."""
    text = (content / "lisaa.yaml").read_text(encoding="utf-8")
    assert old in text
    (content / "lisaa.yaml").write_text(text.replace(old, new), encoding="utf-8")
    return looks_again(chat) + chat.ticks(to=chat.now + 2 * MINUTE)


def its_row(chat):
    (row,) = rows(chat, "lisaa.yaml")
    return row


def test_what_was_cancelled_from_the_chat_stays_cancelled_whatever_else_is_edited(content, coffee):
    override = says(coffee, cancel, its_row(coffee).id)
    coffee.ticks(to=coffee.now + 2 * MINUTE)
    heard = rewrite(content, coffee, "fi: Kahvit", "fi: Kahvihetki")
    row = its_row(coffee)

    assert (row.it.status, row.it.title, row.override) == ("cancelled", {"fi": "Kahvihetki"}, override.id)
    assert heard == []


def test_until_the_calendar_itself_moves_that_date_of_which_the_organizer_hears(content, coffee):
    override = says(coffee, cancel, its_row(coffee).id)
    coffee.ticks(to=coffee.now + 2 * MINUTE)
    heard = rewrite(content, coffee, '"13:00"', '"14:00"')
    again = looks_again(coffee)
    with coffee.transaction() as store:
        state = store.overrides.get(override.id).state

    assert its_row(coffee).it.status == "confirmed"
    assert state == "superseded"
    (told,) = texts(heard, "tiina")
    assert told == (
        "Kalenteri muutti kertaa, jota muutit:\nKahvit\nNyt pätee kalenteri: ti 1.12. klo 14–15\n"
        "Voit muuttaa kertaa uudelleen."
    )
    assert [text.split("\n")[:2] for text in texts(heard, "anna")] == [
        ["PIDETÄÄN SITTENKIN: Tapaaminen", "ti 1.12. klo 14–15"]
    ]
    assert again == []


def test_who_is_an_organizer_no_more_does_not_hear_that_the_calendar_changed_their_date(content, coffee):
    says(coffee, cancel, its_row(coffee).id)
    coffee.ticks(to=coffee.now + 2 * MINUTE)
    with coffee.transaction() as store:
        store.organizers.revoke_all(now=coffee.now)
    heard = rewrite(content, coffee, '"13:00"', '"14:00"')

    assert texts(heard, "tiina") == []
    assert len(texts(heard, "anna")) == 1


def test_where_both_say_the_same_nobody_hears_of_it(content, coffee):
    start = its_row(coffee).it.start + timedelta(hours=1)
    says(coffee, move, its_row(coffee).id, start=start)
    told = coffee.ticks(to=coffee.now + 2 * MINUTE)
    heard = rewrite(content, coffee, '"13:00"', '"14:00"')

    assert len(texts(told, "anna")) == 1
    assert heard == []
    assert (its_row(coffee).it.start, its_row(coffee).override) == (start, None)


def test_what_the_calendar_drops_that_an_organizer_moved_is_cancelled_and_comes_back_as_moved(
    content, coffee
):
    start = its_row(coffee).it.start + timedelta(hours=1)
    says(coffee, move, its_row(coffee).id, start=start)
    append(content, COFFEE.replace("kahvit", "muut").replace("-01]", "-02]"), "lisaa.yaml")
    looks_again(coffee)
    text = (content / "lisaa.yaml").read_text(encoding="utf-8")
    (content / "lisaa.yaml").write_text("series:" + text.split("series:" + COFFEE)[1], encoding="utf-8")
    looks_again(coffee)
    dropped = rows(coffee, "lisaa.yaml")[0].it
    (content / "lisaa.yaml").write_text(text, encoding="utf-8")
    looks_again(coffee)
    back = rows(coffee, "lisaa.yaml")[0].it

    assert (dropped.status, dropped.start) == ("cancelled", start)
    assert (back.status, back.start) == ("confirmed", start)
