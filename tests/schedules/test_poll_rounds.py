from datetime import UTC, datetime, timedelta

import pytest

from bot.core.occurrences import Occurrence
from bot.messages import Lane, Phrase, Say
from bot.store.models import to_day
from schedules import poll_rounds
from schedules.poll_rounds import invite
from tests.handlers.houses import chat_with
from tests.handlers.organizing import hears, organized, step
from tests.handlers.test_poll import vote
from tests.support import Chat

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
END = datetime(2026, 11, 26, 13, tzinfo=UTC)  # of the sample's first meeting
ASKED = END + HOUR
CARD = "Kysely: {}\nKirjoita minulle yksityisesti: kysely.\nTäällä kukaan ei näe vastaustasi."
INVITED = "Sinulle on lyhyt kysely.\nSinun ei tarvitse vastata."
HYMIO = "Millainen ryhmäkerta oli tänään?"
TOIVE = "Mitä teemme ryhmässä ensi kerralla?"


def rounds(chat):
    """The open rounds, as (poll, opened, closes)."""
    with chat.transaction() as store:
        return [(each.poll, each.opened, each.closes) for each in store.polls.open_rounds(chat.now)]


def about_polls(heard):
    return [(each.who, each.text) for each in heard if "ysely" in each.text]


def plan(chat, *occurrences):
    """Make this the whole calendar, as a refresh would."""
    with chat.transaction() as store:
        store.refreshing.drop_sources([], now=chat.now)
        store.refreshing.refresh("test", occurrences, lambda _: (), now=chat.now)
        poll_rounds.plan_next(store, chat.house, now=chat.now)


def meeting(start, uid="m", **more):
    return Occurrence(
        uid=uid, recurrence_id=None, start=start, end=start + 2 * HOUR, **{"series": "ryhma", **more}
    )


# ---- opening


def test_a_poll_that_waits_for_no_meeting_opens_once():
    chat = Chat()
    at_first = rounds(chat)
    opened = chat.now
    chat.starts()
    again = rounds(chat)
    chat.ticks(to=opened + 5 * DAY)
    chat.starts()

    assert at_first == again == [("toimintatoive", opened, opened + 5 * DAY)]
    assert "toimintatoive" not in [poll for poll, _, _ in rounds(chat)]


def test_what_promises_that_staff_get_in_touch_is_not_asked_while_nobody_does():
    asked = {poll for poll, _, _ in rounds(Chat())}

    assert "rekrytointi" not in asked
    assert not {"kehittamisteemat", "mika_mattaa"} & asked  # kinds that come later


def test_after_each_meeting_its_poll_opens_when_it_should():
    chat = organized()
    chat.ticks(to=ASKED - MINUTE)
    before = rounds(chat)
    chat.ticks(to=ASKED)
    first = rounds(chat)
    chat.ticks(to=ASKED + 7 * DAY, step=12 * HOUR)

    assert [poll for poll, _, _ in before] == []
    assert first == [("ryhmakerta_hymio", ASKED, ASKED + 72 * HOUR)]
    assert rounds(chat) == [("ryhmakerta_hymio", ASKED + 7 * DAY, ASKED + 10 * DAY)]


def test_after_an_outage_a_poll_opens_late_and_closes_in_time():
    chat = organized()
    chat.ticks(to=ASKED + 20 * HOUR)

    assert rounds(chat) == [("ryhmakerta_hymio", ASKED + 20 * HOUR, ASKED + 72 * HOUR)]


def test_a_meeting_long_over_is_not_asked_about():
    chat = organized()
    chat.ticks(to=ASKED + 73 * HOUR)

    assert rounds(chat) == []


@pytest.mark.parametrize("status", ["cancelled", "tentative"])
def test_of_a_meeting_that_was_not_held_nobody_is_asked(status):
    chat = organized()
    plan(chat, meeting(END - 2 * HOUR, status=status))
    chat.ticks(to=ASKED + HOUR)

    assert rounds(chat) == []


def test_a_meeting_that_was_moved_is_asked_about_after_its_new_end():
    chat = organized()
    plan(chat, meeting(END - 2 * HOUR))
    plan(chat, meeting(END + DAY - 2 * HOUR))
    chat.ticks(to=ASKED)
    too_early = rounds(chat)
    chat.ticks(to=ASKED + DAY)

    assert too_early == []
    assert rounds(chat) == [("ryhmakerta_hymio", ASKED + DAY, ASKED + DAY + 72 * HOUR)]


def test_a_round_closes_when_its_time_is_over_and_its_ballots_are_gone():
    chat = organized()
    chat.ticks(to=ASKED)
    chat.says("anna", "kysely")
    with chat.transaction() as store:
        (asked,) = [each for each in store.polls.open_rounds(chat.now) if each.poll == "ryhmakerta_hymio"]
    vote(chat, "anna", asked.id, "4")
    chat.ticks(to=asked.closes)
    with chat.transaction() as store:
        closed = store.polls.get(asked.id)
        left = store.polls.ballots(asked.id)

    assert (closed.closed, dict(closed.counts), left) == (chat.now, {"4": 1}, 0)
    assert [each.text for each in vote(chat, "anna", asked.id, "5")] == ["Tämä kysely on jo sulkeutunut."]


# ---- telling


def test_after_a_meeting_people_are_invited_in_private_and_groups_shown_a_card():
    chat = organized()
    hears(chat, "anna", "group1", "channel1")
    hears(chat, "bertil", of="palsta")
    hears(chat, "group2", of="*")
    chat.ticks(to=ASKED - MINUTE)
    heard = chat.ticks(to=ASKED)
    asked = about_polls(heard)
    private = next(each for each in heard if each.who == "anna")
    in_group = next(each for each in heard if each.who == "group1")

    assert asked == [
        ("anna", INVITED),
        ("group1", CARD.format(HYMIO)),
        ("channel1", CARD.format(HYMIO)),
        ("group2", CARD.format(HYMIO)),
    ]
    assert private.buttons == ("Vastaa", "Lopeta", "Tauko 2 viikkoa")
    assert in_group.buttons == ("Vastaa",)
    assert in_group.shown[0].deep_link is not None
    assert chat.ticks(to=ASKED + 5 * HOUR) == []


def test_the_buttons_of_an_invitation_work():
    chat = organized()
    hears(chat, "anna")
    chat.ticks(to=ASKED)
    (question,) = chat.presses("anna", "Vastaa")
    chat.presses("anna", "🙂 Hyvä")
    chat.presses("anna", "Lopeta")

    assert question.text.startswith(HYMIO)
    assert chat.conversation("anna") is not None
    assert about_polls(chat.ticks(to=ASKED + 7 * DAY)) == []


def test_the_link_of_a_card_asks_in_private():
    chat = organized()
    hears(chat, "group1")
    (card,) = [each for each in chat.ticks(to=ASKED) if HYMIO in each.text]
    (question,) = chat.says("anna", f"/start {card.shown[0].deep_link}")

    assert (question.who, question.text.split("\n")[0]) == ("anna", HYMIO)


def test_a_standing_poll_is_shown_to_groups_and_pushed_at_nobody(tmp_path):
    chat = Chat()
    hears(chat, "anna", "group1")

    assert about_polls(chat.ticks()) == [("group1", CARD.format(TOIVE))]


def test_a_poll_for_all_is_shown_wherever_something_is_followed(tmp_path):
    chat = chat_with(
        tmp_path,
        "polls.yaml",
        (
            "- id: toimintatoive\n  type: single\n  anonymous: true\n  audience: [ryhma]",
            "- id: toimintatoive\n  type: single\n  anonymous: true\n  audience: [kaikki]",
        ),
    )
    hears(chat, "group1", of="palsta")
    hears(chat, "group2", of="*")

    assert [who for who, _ in about_polls(chat.ticks())] == ["group1", "group2"]


def test_a_members_poll_reaches_no_channel_and_none_who_follow_everything(tmp_path):
    chat = chat_with(
        tmp_path,
        "polls.yaml",
        (
            "- id: toimintatoive\n  type: single\n  anonymous: true\n  audience: [ryhma]",
            "- id: toimintatoive\n  type: single\n  anonymous: true\n  audience: [asiakasraati]",
        ),
    )
    hears(chat, "group1", "channel1", of="asiakasraati")
    hears(chat, "group2", of="*")

    assert [who for who, _ in about_polls(chat.ticks())] == ["group1"]


def test_nobody_is_invited_at_night():
    chat = organized()
    hears(chat, "anna", "group1")
    plan(chat, meeting(datetime(2026, 11, 26, 15, tzinfo=UTC)))  # from 17 to 19: the poll opens at 20
    evening = chat.ticks(to=datetime(2026, 11, 26, 22, tzinfo=UTC))
    morning = chat.ticks(to=datetime(2026, 11, 27, 7, tzinfo=UTC))

    assert about_polls(evening) == []
    assert [who for who, _ in about_polls(morning)] == ["anna", "group1"]


def test_who_got_news_today_is_invited_tomorrow():
    chat = organized()
    hears(chat, "anna", "bertil")
    chat.ticks(to=ASKED - HOUR)
    with chat.transaction() as store:
        anna = store.people.find(chat.place("anna"))
        store.outbox.push(
            anna, "uutinen", Say(Phrase("news.message", {"teksti": "x"})), now=chat.now, lane=Lane.BROADCAST
        )
    chat.ticks()
    today = about_polls(chat.ticks(to=ASKED))
    tomorrow = about_polls(chat.ticks(to=ASKED + DAY))

    assert today == [("bertil", INVITED)]
    assert tomorrow == [("anna", INVITED)]


def test_who_stops_the_series_before_the_invitation_goes_is_not_invited():
    chat = organized()
    hears(chat, "anna", "bertil")
    hears(chat, "anna", of="palsta")
    plan(chat, meeting(datetime(2026, 11, 26, 15, tzinfo=UTC)))  # the poll opens when it is quiet
    chat.ticks(to=datetime(2026, 11, 26, 22, tzinfo=UTC))
    with chat.transaction() as store:
        store.subscriptions.remove(store.people.find(chat.place("anna")).id, "ryhma")

    assert [who for who, _ in about_polls(chat.ticks(to=datetime(2026, 11, 27, 7, tzinfo=UTC)))] == ["bertil"]


def test_who_cannot_be_invited_in_time_is_not_invited(tmp_path):
    chat = chat_with(tmp_path, "polls.yaml", ("closes_after_hours: 72", "closes_after_hours: 2"))
    hears(chat, "anna")
    plan(chat, meeting(datetime(2026, 11, 26, 15, tzinfo=UTC)))  # open from 20 to 22, when nobody is told
    heard = chat.ticks(to=datetime(2026, 11, 27, 7, tzinfo=UTC), step=HOUR)
    with chat.transaction() as store:
        counted = store.books.count("invitation.too_late", to_day(chat.now - DAY))

    assert about_polls(heard) == []
    assert counted == 1


def test_who_pauses_is_not_invited():
    chat = organized()
    hears(chat, "anna")
    with chat.transaction() as store:
        store.people.pause(store.people.find(chat.place("anna")).id, ASKED + DAY)

    assert about_polls(chat.ticks(to=ASKED)) == []


def test_many_are_invited_piece_by_piece_each_once(monkeypatch):
    monkeypatch.setattr(poll_rounds, "PIECE", 3)
    chat = organized()
    everybody = [f"p{number}" for number in range(7)]
    hears(chat, *everybody)
    chat.now = ASKED
    step(chat, poll_rounds.open_and_close)
    steps = 0
    while step(chat, invite):
        steps += 1
        chat.starts()

    assert steps == 3
    assert sorted(who for who, _ in about_polls(chat.heard)) == everybody
