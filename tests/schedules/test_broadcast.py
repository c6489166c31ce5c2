"""What the sweep does with news; the stories around it stand in tests/handlers/test_announce.py."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.actions import announce
from bot.store.delivery import Finished
from bot.store.outbox import FAILED, SENT
from schedules import broadcast
from schedules.broadcast import LOOK_EVERY, PIECE, carry_on
from tests.handlers.organizing import (
    MINUTE,
    STOP,
    announces,
    courier_meets,
    crowd,
    hears,
    later,
    listeners,
    organized,
    step,
)


def confirmed(chat, series=None):
    """Confirm a piece of news; give its number."""
    with chat.transaction() as store:
        tiina = store.people.find(chat.place("tiina"))
        news = announce.draft(store, chat.house, tiina, "Kahvia!", series=series, now=chat.now)
        return announce.confirm(store, chat.house, news, now=chat.now).id


def state(chat, number):
    with chat.transaction() as store:
        news = store.news.get(number)
        return news.state, store.news.next_due()


def test_where_nothing_is_due_nothing_happens():
    assert not step(organized(), carry_on)


def test_a_large_audience_is_moved_piece_by_piece_and_each_hears_it_once(monkeypatch):
    monkeypatch.setattr(broadcast, "PIECE", 7)
    monkeypatch.setattr(announce, "MOST_ALONE", 100)
    chat = organized()
    hears(chat, *(f"p{number:02}" for number in range(40)))
    number = confirmed(chat)
    chat.now += MINUTE
    steps = 0
    while state(chat, number)[0] == "sending":
        steps += step(chat, carry_on)

    assert PIECE == 500
    assert steps == 7
    assert sorted(listeners(chat.ticks(), "Kahvia!")) == [f"p{number:02}" for number in range(40)]


def test_a_kill_between_two_pieces_loses_and_doubles_nothing(monkeypatch):
    """Whatever was committed when it happened, the next process goes on from there."""
    monkeypatch.setattr(broadcast, "PIECE", 2)
    for committed in range(6):
        chat = organized()
        hears(chat, "anna", "bertil", "cecilia", "group1")
        confirmed(chat)
        chat.now += MINUTE
        for _ in range(committed):
            step(chat, carry_on)
        chat.starts()
        heard = chat.ticks()

        assert sorted(listeners(chat.heard, "Kahvia!")) == ["anna", "bertil", "cecilia", "group1"]
        assert listeners(heard, "perillä") == []


def test_quiet_hours_that_begin_before_it_goes_hold_it_until_morning():
    evening = datetime(2026, 11, 21, 17, 58, tzinfo=UTC)
    chat = organized(now=evening)
    hears(chat, "anna")
    number = confirmed(chat)
    chat.now = evening + timedelta(minutes=3)  # the sweep was busy, or away
    step(chat, carry_on)

    assert state(chat, number) == ("sending", datetime(2026, 11, 22, 7, tzinfo=UTC))
    assert chat.ticks() == []


def test_what_is_in_the_outbox_when_quiet_hours_begin_is_said_in_the_morning():
    """The platform was away, or the process."""
    chat = organized(now=datetime(2026, 11, 21, 17, 50, tzinfo=UTC))
    hears(chat, "anna", "group1")
    confirmed(chat)
    chat.now += MINUTE
    step(chat, carry_on)
    at_night = chat.ticks(to=datetime(2026, 11, 22, 6, 59, tzinfo=UTC), step=timedelta(hours=1))
    answer = chat.says("anna", "seuraava")
    morning = chat.ticks(to=datetime(2026, 11, 22, 7, tzinfo=UTC))

    assert at_night == []
    assert [each.who for each in answer] == ["anna"]
    assert sorted(listeners(morning, "Kahvia!")) == ["anna", "group1"]


@pytest.mark.parametrize("pieces", [0, 1])
@pytest.mark.parametrize("action", ["lopeta", "pause"])
def test_who_stops_or_pauses_gets_none_of_what_was_already_on_its_way(action, pieces):
    chat = organized()
    hears(chat, "anna", "bertil")
    confirmed(chat)
    chat.now += MINUTE
    for _ in range(pieces):
        step(chat, carry_on)
    anna = chat.conversation("anna").id
    with chat.transaction() as store:
        if action == "pause":
            store.people.pause(anna, chat.now + timedelta(days=14))
        else:
            store.subscriptions.remove(anna)

    assert listeners(later(chat), "Kahvia!") == ["bertil"]


@pytest.mark.parametrize("pieces", [0, 1])
def test_who_stops_a_series_gets_none_of_its_news_although_others_go_on(pieces):
    chat = organized()
    hears(chat, "anna", "bertil")
    hears(chat, "anna", of="palsta")
    confirmed(chat, "ryhma")
    chat.now += MINUTE
    for _ in range(pieces):
        step(chat, carry_on)
    with chat.transaction() as store:
        store.subscriptions.remove(store.people.find(chat.place("anna")).id, "ryhma")

    assert listeners(later(chat), "Kahvia!") == ["bertil"]


def test_it_is_looked_at_less_and_less_often_while_a_platform_is_away():
    chat = organized()
    hears(chat, "anna")
    number = confirmed(chat)
    chat.now += MINUTE
    step(chat, carry_on)
    step(chat, carry_on)
    pauses = []
    for _ in range(40):
        chat.now = state(chat, number)[1]
        step(chat, carry_on)
        pauses.append(state(chat, number)[1] - chat.now)

    assert pauses[0] == LOOK_EVERY
    assert pauses == sorted(pauses)
    assert pauses[-1] > 3 * LOOK_EVERY


def test_the_report_comes_once():
    chat = organized()
    hears(chat, "anna")
    number = confirmed(chat)
    chat.ticks(to=chat.now + MINUTE)
    reports = [listeners(chat.ticks(to=chat.now + MINUTE), "perillä") for _ in range(5)]

    assert reports == [["tiina"], [], [], [], []]
    assert state(chat, number) == ("reported", None)


@pytest.mark.parametrize("reason", ["blocked", "unreachable", "unreadable", None])
def test_every_reason_has_words(reason):
    chat = organized()
    hears(chat, "anna")
    confirmed(chat)
    chat.now += MINUTE
    step(chat, carry_on)
    step(chat, carry_on)
    courier_meets(chat, anna=reason)
    (report,) = chat.ticks(to=chat.now + MINUTE)

    assert report.text.startswith("Tiedote on lähetetty.\nPerillä: 0. Ei perillä: 1.\n")
    assert len(report.text.split("\n")) == 3


# ---- losing the role


def test_a_revoked_organizers_news_is_not_sent():
    chat = organized()
    hears(chat, "anna")
    announces(chat, "Kahvia!")
    with chat.transaction() as store:
        store.organizers.revoke_all(now=chat.now)

    assert later(chat, 60) == []
    assert listeners(chat.presses("tiina", STOP), "vanha") == ["tiina"]


def test_revoking_in_the_midst_of_a_broadcast_stops_what_is_not_sent():
    chat = organized("tiina", "olli")
    crowd(chat, 600)
    announces(chat, "Kahvia!")
    chat.presses("olli", "Hyväksy")
    chat.now += MINUTE
    step(chat, carry_on)  # the first five hundred are in the outbox
    with chat.transaction() as store:
        store.organizers.revoke(store.people.find(chat.place("tiina")).id, now=chat.now)

    assert later(chat, 60) == []


@pytest.mark.parametrize("who", ["tiina", "olli"])
@pytest.mark.parametrize("after", [0, 1, 2, 3])
def test_whoever_is_an_organizer_no_longer_for_whatever_reason_sends_nothing_more(after, who):
    chat = organized("tiina", "olli")
    crowd(chat, 600)
    announces(chat, "Kahvia!")
    chat.presses("olli", "Hyväksy")
    chat.now += MINUTE
    for _ in range(after):
        step(chat, carry_on)
    with chat.transaction() as store:
        store.people.set_role(store.people.find(chat.place(who)).id, None)
    chat.now += MINUTE
    while step(chat, carry_on):
        pass

    assert later(chat, 60) == []


# ---- the report


def test_the_report_says_in_plain_words_who_was_not_reached_and_why():
    chat = organized()
    hears(chat, *(f"p{number}" for number in range(9)), "group1")
    announces(chat, "Kahvia!")
    chat.now += MINUTE
    step(chat, carry_on)
    step(chat, carry_on)
    with chat.transaction() as store:
        store.people.forget(store.people.find(chat.place("p8")).id)
    courier_meets(
        chat, p0="blocked", p1="blocked", p2="deactivated", p3="unreachable", p4="refused", group1="kicked"
    )
    (report,) = later(chat)

    assert report.text == (
        "Tiedote on lähetetty.\nPerillä: 3. Ei perillä: 7.\nLopetti tilauksen tai on tauolla: 1\n"
        "Ei halua viestejä botilta: 2\nEi ole enää täällä: 1\nMuu syy: 3"
    )


@pytest.mark.parametrize("pieces", [0, 1])
@pytest.mark.parametrize("action", ["lopeta", "pause", "poista"])
def test_who_stopped_paused_or_was_erased_since_it_was_confirmed_is_reported_on_a_line_of_its_own(
    action, pieces
):
    chat = organized()
    hears(chat, "anna", "bertil")
    confirmed(chat)
    chat.now += MINUTE
    for _ in range(pieces):
        step(chat, carry_on)
    leave(chat, "anna", action)
    chat.ticks()
    (report,) = [each for each in later(chat) if each.who == "tiina"]

    assert report.text == (
        "Tiedote on lähetetty.\nPerillä: 1. Ei perillä: 1.\nLopetti tilauksen tai on tauolla: 1"
    )


def leave(chat, who, action):
    """Somebody wants no more news."""
    with chat.transaction() as store:
        known = store.people.find(chat.place(who)).id
        match action:
            case "lopeta":
                store.subscriptions.remove(known)
            case "pause":
                store.people.pause(known, chat.now + timedelta(days=14))
            case "poista":
                store.people.forget(known)
            case "removed":
                store.people.silence(known, "removed")


FATES = ("lopeta", "pause", "poista", "removed")
REASONS = (None, "blocked", "kicked", "deactivated", "unreachable", "refused")
PEOPLE = [f"p{number}" for number in range(8)]
leaving = st.dictionaries(st.sampled_from(PEOPLE), st.tuples(st.integers(0, 3), st.sampled_from(FATES)))
failing = st.dictionaries(st.sampled_from(PEOPLE), st.sampled_from(REASONS))


@settings(deadline=None, max_examples=40)
@given(leaving, failing)
def test_whatever_becomes_of_the_readers_the_report_accounts_for_each_of_them_once(leaving, failing):
    """They leave before it is made, between two pieces, when all is in the outbox, or when it is claimed."""
    chat = organized()
    hears(chat, *PEOPLE)
    number = confirmed(chat)
    chat.now += MINUTE
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(broadcast, "PIECE", 4)
        for moment in range(3):
            leave_at(chat, leaving, moment)
            step(chat, carry_on)
        while step(chat, carry_on) and state(chat, number)[0] == "sending":
            pass
    with chat.transaction() as store:
        rows = store.delivery.claim(chat.platform, now=chat.now, most=99)
    leave_at(chat, leaving, 3)
    with chat.transaction() as store:
        store.delivery.finish([ended(row, failing) for row in rows], now=chat.now)
        said = announce.report(store, store.news.get(number)).text.values

    missed = [row.values["n"] for row in said["syyt"].parts] if "syyt" in said else []
    assert said.get("perilla", said["n"]) + sum(missed) == len(PEOPLE)
    assert sum(missed) == (said["n"] if missed else 0)
    assert len(missed) <= 4


def leave_at(chat, leaving, moment):
    for who, (when, action) in leaving.items():
        if when == moment:
            leave(chat, who, action)


def ended(row, failing):
    """Let what was claimed arrive, or not, as it is said of its reader."""
    reason = failing.get(row.place.address)
    return Finished(row.key, SENT if reason is None else FAILED, message_id="1", reason=reason)


def test_the_report_waits_until_all_of_it_has_ended():
    chat = organized()
    hears(chat, "anna")
    announces(chat, "Kahvia!")
    chat.now += MINUTE
    step(chat, carry_on)
    step(chat, carry_on)
    waits = [step(chat, carry_on)]
    for _ in range(3):
        chat.now += MINUTE
        waits.append(step(chat, carry_on))
    with chat.transaction() as store:
        states = {state for state, _ in store.outbox.counts_of_broadcast(1)}
        state = store.news.get(1).state
    courier_meets(chat)

    assert states == {0}
    assert state == "sent"
    assert listeners(later(chat), "perillä") == ["tiina"]
    assert later(chat, 600) == []


def test_the_report_does_not_wake_an_organizer():
    chat = organized(now=datetime(2026, 11, 21, 17, 58, tzinfo=UTC))
    hears(chat, "anna")
    announces(chat, "Kahvia!")
    evening = chat.ticks(to=chat.now + timedelta(minutes=10), step=MINUTE)
    morning = chat.ticks(to=datetime(2026, 11, 22, 7, 0, tzinfo=UTC))

    assert listeners(evening, "Kahvia!") == ["anna"]
    assert listeners(evening, "perillä") == []
    assert listeners(morning, "perillä") == ["tiina"]
