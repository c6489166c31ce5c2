from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.core.quiet_hours import is_quiet
from bot.core.schedule_changes import EARLY
from bot.messages import Lane
from bot.store.models import to_day
from schedules import tell_changes as job
from schedules.tell_changes import tell_changes
from tests.handlers.organizing import hears, listeners, organized, step, texts
from tests.schedules.telling import (
    AT_TWO,
    DAY,
    HOUR,
    MEETING,
    MINUTE,
    NEXT,
    SOURCE,
    WEEK,
    begun,
    change,
    meeting,
    says,
    told,
)

# ---- the words


@pytest.mark.parametrize(
    ("values", "text"),
    [
        ({"status": "cancelled"}, "PERUTTU: Yksinäisyysryhmä\nto 26.11. klo 13–15" + NEXT),
        (
            AT_TWO,
            "AIKA MUUTTUI: Yksinäisyysryhmä\nUusi aika: to 26.11. klo 14–16\nVanha aika: to 26.11. klo 13–15",
        ),
        (
            {"place": {"fi": "Kirjasto"}},
            (
                "UUSI PAIKKA: Yksinäisyysryhmä\nto 26.11. klo 13–15\nUusi paikka: Kirjasto\n"
                "Vanha paikka: Esimerkkitalo"
            ),
        ),
        (
            {**AT_TWO, "place": {"fi": "Kirjasto"}},
            (
                "AIKA MUUTTUI, UUSI PAIKKA: Yksinäisyysryhmä\nUusi aika: to 26.11. klo 14–16\n"
                "Vanha aika: to 26.11. klo 13–15\nUusi paikka: Kirjasto\nVanha paikka: Esimerkkitalo"
            ),
        ),
    ],
    ids=["cancelled", "moved", "place", "both"],
)
def test_a_change_says_what_was_and_what_is_and_what_is_cancelled_the_next_time_too(values, text):
    chat = begun("anna", "group1")
    change(chat, **values)

    assert [(each.who, each.text, each.buttons, each.lane) for each in told(chat)] == [
        ("anna", text, ("Näytä", "Lopeta"), Lane.NOTICE),
        ("group1", text, (), Lane.NOTICE),
    ]


def test_what_takes_place_after_all_is_told_with_its_place():
    chat = begun()
    change(chat, status="cancelled")
    told(chat)
    change(chat)

    assert texts(told(chat), "anna") == [
        "PIDETÄÄN SITTENKIN: Yksinäisyysryhmä\nto 26.11. klo 13–15\nEsimerkkitalo"
    ]


def test_to_a_stranger_it_tells_nothing():
    chat = begun(named=False)
    change(chat, **AT_TWO, place={"fi": "Sosiaaliasema"})
    (first,) = texts(told(chat), "anna")
    change(chat, status="cancelled", **AT_TWO, place={"fi": "Sosiaaliasema"})
    (second,) = texts(told(chat), "anna")

    assert first == (
        "AIKA MUUTTUI, UUSI PAIKKA: Tapaaminen\nUusi aika: to 26.11. klo 14–16\n"
        "Vanha aika: to 26.11. klo 13–15\nNäet paikan: valitse Näytä."
    )
    assert second == (
        "PERUTTU: Tapaaminen\nto 26.11. klo 14–16\nSeuraava kerta: to 3.12. klo 13–15\n"
        "Lue lisää: valitse Näytä."
    )


def test_a_first_place_is_told_and_to_a_stranger_where_to_find_it():
    chat = begun("anna")
    hears(chat, "bertil")
    change(chat, place={})
    told(chat)
    change(chat, place={"fi": "Kirjasto"})
    heard = told(chat)

    assert texts(heard, "anna") == [
        "UUSI PAIKKA: Yksinäisyysryhmä\nto 26.11. klo 13–15\nUusi paikka: Kirjasto"
    ]
    assert texts(heard, "bertil") == [
        "UUSI PAIKKA: Tapaaminen\nto 26.11. klo 13–15\nNäet paikan: valitse Näytä."
    ]


def test_several_changes_with_a_place_tell_a_stranger_where_to_find_it():
    chat = begun(named=False)
    says(chat, meeting(), meeting(MEETING + DAY, "b"))
    says(
        chat,
        meeting(place={"fi": "Kirjasto"}),
        meeting(MEETING + DAY, "b", status="cancelled"),
    )
    (heard,) = texts(told(chat), "anna")

    assert heard == (
        "MUUTOKSIA: Tapaaminen\nUusi paikka: to 26.11. klo 13–15\nPeruttu: pe 27.11. klo 13–15\n"
        "Näet paikan: valitse Näytä."
    )


@pytest.mark.parametrize(("days", "named"), [(54, True), (55, False)])
def test_a_next_time_that_is_far_away_helps_nobody(days, named):
    chat = begun()
    start = MEETING + days * DAY  # the 60 days are from now, five days before the meeting
    says(chat, meeting(), meeting(start, "next"))
    says(chat, meeting(status="cancelled"), meeting(start, "next"))
    (heard,) = texts(told(chat), "anna")

    assert ("Seuraava kerta:" in heard) == named


def test_it_says_today_and_tomorrow_and_nothing_of_a_next_time_that_nobody_knows():
    chat = begun(now=MEETING - DAY)
    says(chat, meeting(status="cancelled"))
    (heard,) = texts(told(chat), "anna")

    assert heard.startswith("PERUTTU: Yksinäisyysryhmä huomenna\nto 26.11. klo 13–15")
    assert "Seuraava" not in heard


def test_the_buttons_under_it_work():
    chat = begun()
    change(chat, status="cancelled")
    told(chat)
    (shown,) = chat.presses("anna", "Näytä")
    chat.presses("anna", "Lopeta")
    change(chat)

    assert shown.text.startswith("PERUTTU: Yksinäisyysryhmä\nto 26.11. klo 13–15")
    assert told(chat) == []


def test_several_changes_of_a_series_are_one_message():
    chat = begun(now=MEETING - 2 * DAY)
    dates = [meeting(MEETING + number * DAY, f"d{number}") for number in range(5)]
    says(chat, *dates)
    says(chat, *(replace(it, status="cancelled") for it in dates))
    (cancelled,) = texts(told(chat), "anna")
    says(
        chat,
        dates[0],
        replace(dates[1], start=MEETING + DAY + HOUR, end=MEETING + DAY + 2 * HOUR),
        *dates[2:],
    )
    (on_again,) = texts(told(chat), "anna")

    assert cancelled == (
        "PERUTTU: Yksinäisyysryhmä\nto 26.11. klo 13–15\npe 27.11. klo 13–15\nla 28.11. klo 13–15\n"
        "Ja vielä 2 kertaa."
    )
    assert on_again.startswith(
        "PIDETÄÄN SITTENKIN: Yksinäisyysryhmä\nto 26.11. klo 13–15\npe 27.11. klo 14–15\nla 28.11. klo 13–15"
    )


def test_several_changes_of_different_kinds_each_say_which():
    chat = begun(now=MEETING - 2 * DAY)
    dates = [meeting(MEETING + number * DAY, f"d{number}") for number in range(4)]
    says(chat, *dates)
    says(
        chat,
        replace(dates[0], status="cancelled"),
        replace(dates[1], start=MEETING + DAY + HOUR, end=MEETING + DAY + 3 * HOUR),
        replace(dates[2], place={"fi": "Puisto"}),
        dates[3],
    )

    (heard,) = texts(told(chat), "anna")

    assert heard == (
        "MUUTOKSIA: Yksinäisyysryhmä\nPeruttu: to 26.11. klo 13–15\n"
        "Uusi aika: pe 27.11. klo 14–16 (ennen pe 27.11. klo 13–15)\nUusi paikka: la 28.11. klo 13–15"
    )


# ---- who


def test_only_those_hear_it_who_hear_of_the_series():
    chat = begun("anna", "group1", "channel1")
    hears(chat, "bertil", of="palsta")
    hears(chat, "group2", of="*")
    change(chat, status="cancelled")

    assert listeners(told(chat), "PERUTTU") == ["anna", "group1", "channel1", "group2"]


def test_what_is_for_members_is_never_said_in_a_channel():
    chat = begun()
    hears(chat, "bertil", "group1", "channel1", of="asiakasraati")
    hears(chat, "channel2", "group2", of="*")
    own = {"series": "asiakasraati", "visibility": "members"}
    says(chat, meeting(**own))
    says(chat, meeting(status="cancelled", **own))

    assert listeners(told(chat), "PERUTTU") == ["bertil", "group1"]


def test_who_pauses_is_left_in_peace():
    chat = begun("anna", "bertil")
    with chat.transaction() as store:
        store.people.pause(store.people.find(chat.place("anna")).id, chat.now + DAY)
    change(chat, status="cancelled")

    assert listeners(told(chat), "PERUTTU") == ["bertil"]


def test_who_chose_another_area_hears_nothing_but_who_comes_does():
    chat = begun("anna", "bertil", "cecilia", "daniel")
    says(chat, meeting(area="Kajaani"))
    with chat.transaction() as store:
        people = {each: store.people.find(chat.place(each)).id for each in ("bertil", "cecilia", "daniel")}
        store.areas.add(people["bertil"], "Kajaani")
        store.areas.add(people["cecilia"], "Mikkeli")
        store.areas.add(people["daniel"], "Mikkeli")
        (kept,) = store.calendar.coming(chat.now)
        store.newcomers.add(kept.id, people["daniel"], due=chat.now)
    says(chat, meeting(area="Kajaani", status="cancelled"))

    assert listeners(told(chat), "PERUTTU") == ["anna", "bertil", "daniel"]


def test_of_a_shared_turn_its_taker_alone_hears():
    chat = begun("anna", "bertil")
    series = replace(chat.house.series["ryhma"], turns_shared=True)
    chat.house = replace(chat.house, series={**chat.house.series, "ryhma": series})
    with chat.transaction() as store:
        first, *_ = store.calendar.coming(chat.now)
        store.shared_turns.take(first.id, store.people.find(chat.place("bertil")).id)
    says(chat, meeting(status="cancelled"), meeting(MEETING + WEEK, "next", status="cancelled"))

    assert listeners(told(chat), "PERUTTU") == ["bertil"]


# ---- when, and whether


def test_it_is_told_once_it_has_settled_and_once():
    chat = begun()
    change(chat, status="cancelled")
    early = told(chat, to=chat.now + MINUTE - timedelta(seconds=1))
    later = told(chat)
    change(chat, status="cancelled")

    assert early == []
    assert len(later) == 1
    assert told(chat, to=MEETING, step=HOUR) == []


def test_what_is_back_as_it_was_before_it_settled_is_never_told():
    chat = begun()
    change(chat, status="cancelled")
    chat.now += MINUTE / 2
    change(chat)

    assert told(chat, to=MEETING - DAY - HOUR, step=HOUR) == []


def test_a_change_of_a_change_is_one_message():
    chat = begun()
    change(chat, **AT_TWO)
    chat.now += MINUTE / 2
    change(chat, status="cancelled", **AT_TWO)

    assert texts(told(chat), "anna") == ["PERUTTU: Yksinäisyysryhmä\nto 26.11. klo 13–15" + NEXT]


def test_what_is_far_and_nobody_heard_of_is_not_told():
    chat = begun()
    says(chat, meeting(), meeting(MEETING + 5 * WEEK, "next"))
    says(chat, meeting(), meeting(MEETING + 5 * WEEK, "next", status="cancelled"))

    assert told(chat) == []


@pytest.mark.parametrize(
    ("made", "heard"),
    [
        (datetime(2026, 11, 25, 21, tzinfo=UTC), datetime(2026, 11, 26, 7, tzinfo=UTC)),
        (datetime(2026, 11, 26, 5, 30, tzinfo=UTC), datetime(2026, 11, 26, 7, tzinfo=UTC)),
        (datetime(2026, 11, 26, 8, tzinfo=UTC), datetime(2026, 11, 26, 8, 1, tzinfo=UTC)),
    ],
    ids=["at night", "early", "in the day"],
)
def test_a_meeting_of_the_afternoon_is_told_of_when_quiet_hours_are_over(made, heard):
    chat = begun(now=made)
    change(chat, status="cancelled")

    assert told(chat, to=heard - timedelta(seconds=1), step=10 * MINUTE) == []
    assert len(told(chat, to=heard)) == 1


@pytest.mark.parametrize(
    ("made", "heard"),
    [
        (datetime(2026, 11, 25, 21, tzinfo=UTC), datetime(2026, 11, 26, 5, tzinfo=UTC)),
        (datetime(2026, 11, 26, 5, 30, tzinfo=UTC), datetime(2026, 11, 26, 5, 31, tzinfo=UTC)),
    ],
    ids=["the evening before: seven in the morning", "half past seven: at once"],
)
def test_a_meeting_of_the_same_morning_is_told_of_in_quiet_hours(made, heard):
    at_ten = MEETING - 3 * HOUR
    chat = organized(now=made)
    hears(chat, "anna")
    says(chat, meeting(at_ten))
    says(chat, meeting(at_ten, status="cancelled"))
    before = told(chat, to=heard - timedelta(seconds=1), step=10 * MINUTE)
    (message,) = told(chat, to=heard)

    assert before == []
    assert message.lane is Lane.URGENT


def test_what_rides_along_in_the_morning_is_in_the_same_message():
    chat = organized(now=datetime(2026, 11, 26, 5, 30, tzinfo=UTC))
    hears(chat, "anna")
    dates = [meeting(MEETING - 3 * HOUR), meeting(MEETING + DAY, "b")]
    says(chat, *dates)
    says(chat, *(replace(it, status="cancelled") for it in dates))

    assert len(told(chat)) == 1
    assert told(chat, to=MEETING, step=HOUR) == []


def test_what_would_have_begun_by_then_is_told_to_nobody_and_counted():
    chat = begun(now=MEETING - HOUR)
    change(chat, status="cancelled")
    late = told(chat, to=MEETING + MINUTE)
    with chat.transaction() as store:
        counted = store.books.count("change.too_late", to_day(chat.now))

    assert late == []
    assert counted == 1


def test_what_was_moved_to_a_later_day_is_told_after_its_old_time_too():
    chat = begun(now=MEETING - HOUR)
    change(chat, start=MEETING + DAY, end=MEETING + DAY + HOUR)

    assert len(told(chat, to=MEETING + HOUR)) == 1


def test_nobody_is_reminded_of_what_was_cancelled_and_all_are_of_what_was_moved():
    chat = begun()
    chat.ticks(to=MEETING - DAY)
    change(chat, start=MEETING + DAY, end=MEETING + DAY + HOUR)
    heard = chat.ticks(to=MEETING + 2 * DAY, step=HOUR)

    assert [each.text.split("\n")[0] for each in heard if "ryhmä" in each.text] == [
        "AIKA MUUTTUI: Yksinäisyysryhmä",
        "Muistutus: Yksinäisyysryhmä huomenna",
        "Muistutus: Yksinäisyysryhmä tänään",
    ]


# ---- many


@pytest.mark.parametrize("piece", [1, 2, 1000])
def test_in_pieces_of_any_size_everybody_hears_once(piece, monkeypatch):
    monkeypatch.setattr(job, "PIECE", piece)
    everybody = [f"p{number}" for number in range(5)]
    chat = begun(*everybody, "group1", named=False)
    change(chat, status="cancelled")

    assert sorted(listeners(told(chat), "PERUTTU")) == ["group1", *everybody]


def test_a_kill_between_two_steps_loses_and_doubles_nothing(monkeypatch):
    monkeypatch.setattr(job, "PIECE", 1)
    for committed in range(6):
        chat = begun("anna", "bertil", "cecilia", named=False)
        dates = [meeting(), meeting(MEETING + DAY, "b")]
        says(chat, *dates)
        says(chat, *(replace(it, status="cancelled") for it in dates))
        chat.now += MINUTE
        for _ in range(committed):
            step(chat, tell_changes)
        chat.ticks()

        assert Counter(listeners(chat.heard, "PERUTTU")) == Counter(["anna", "bertil", "cecilia"])


def test_what_began_in_the_evening_and_was_stopped_goes_on_in_the_morning(monkeypatch):
    monkeypatch.setattr(job, "PIECE", 1)
    chat = begun("anna", "bertil", now=MEETING - 2 * DAY)
    chat.ticks(to=datetime(2026, 11, 24, 17, 58, tzinfo=UTC))  # two minutes to eight in Helsinki
    change(chat, **AT_TWO)
    chat.now += MINUTE
    step(chat, tell_changes)
    chat.now += 4 * HOUR
    at_night = told(chat)
    in_the_morning = told(chat, to=chat.now + 9 * HOUR, step=HOUR)

    assert at_night == []
    assert [(each.who, each.lane) for each in in_the_morning] == [
        ("anna", Lane.NOTICE),
        ("bertil", Lane.NOTICE),
    ]


# ---- whatever comes

MORNING = datetime(
    2027, 3, 25, 4, tzinfo=UTC
)  # 6 in Helsinki on a Thursday; on Sunday the clock goes forward
STARTS = [MORNING + n * 8 * HOUR + 4 * HOUR for n in range(9)]
states = st.sampled_from(["as it was", "cancelled", "moved", "elsewhere", "gone"])
edits = st.lists(
    st.tuples(st.sampled_from([HOUR / 4, HOUR, 4 * HOUR, 11 * HOUR]), st.tuples(states, states)),
    min_size=1,
    max_size=6,
)


def as_edited(start, uid, state):
    it = meeting(start, uid)
    match state:
        case "cancelled":
            return [replace(it, status="cancelled")]
        case "moved":
            return [replace(it, start=start + 2 * HOUR, end=start + 4 * HOUR)]
        case "elsewhere":
            return [replace(it, place={"fi": "Puisto"})]
        case "gone":
            return []
        case _:
            return [it]


@settings(deadline=None, max_examples=30)
@given(st.lists(st.sampled_from(STARTS), min_size=2, max_size=2, unique=True), edits)
def test_whatever_the_calendar_says_people_know_it_in_the_end_and_nobody_is_told_in_vain(starts, edits):
    chat = organized(now=MORNING)
    hears(chat, "anna")
    dates = [(start, f"m{number}") for number, start in enumerate(starts)]
    says(chat, *(meeting(start, uid) for start, uid in dates))
    knows = {uid: ("on", start, "Esimerkkitalo") for start, uid in dates}
    for lasts, chosen in edits:
        edited = [as_edited(start, uid, state) for (start, uid), state in zip(dates, chosen, strict=True)]
        says(chat, *(it for each in edited for it in each))
        until = chat.now + lasts
        follow(chat, knows, chat.now + MINUTE)
        while chat.now < until:
            follow(chat, knows, min(chat.now + HOUR / 2, until))

    with chat.transaction() as store:
        table = store.refreshing.stored(SOURCE)
    untold = waiting(chat)
    for row in table:
        if row.it.start > chat.now and row.id not in untold:
            assert knows[row.it.uid] == state_of(row.it, knows[row.it.uid])


def waiting(chat):
    """The dates of which something waits to be told."""
    with chat.transaction() as store:
        return {
            row[0]
            for row in store._cursor.execute("SELECT occurrence FROM schedule_change WHERE told_with IS NULL")
        }


def state_of(it, known):
    if it.status == "cancelled":
        return ("off", known[1], known[2])
    return ("on", it.start, it.place["fi"])


def follow(chat, knows, to):
    """Let time pass: each message tells of what waited and is new to its reader, who learns from it."""
    before = waiting(chat)
    heard = told(chat, to=to)
    left = waiting(chat)
    if not heard:
        return
    with chat.transaction() as store:
        learned = [row.it for row in store.refreshing.stored(SOURCE) if row.id in before - left]

    assert len(heard) == 1
    assert learned
    assert all(state_of(it, knows[it.uid]) != knows[it.uid] for it in learned)
    if is_quiet(chat.now, chat.house.quiet_hours, chat.house.zone):
        assert any(min(it.start, knows[it.uid][1]) - EARLY <= chat.now for it in learned)
    for it in learned:
        knows[it.uid] = state_of(it, knows[it.uid])
