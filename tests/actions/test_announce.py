"""What chat and console share; the conversation around it stands in tests/handlers/test_announce.py."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.actions import announce
from bot.actions.announce import Plan
from bot.errors import UserError
from bot.messages import Lane, Lines, Localized, Phrase, When, button, say
from bot.store.delivery import Finished
from bot.store.news import Readers
from bot.store.outbox import DROPPED, FAILED
from bot.store.outbox import SENT as ARRIVED
from bot.store.outbox import WAITING as IN_LINE
from tests.handlers.organizing import hears, organized

MINUTE = timedelta(minutes=1)


@pytest.fixture
def chat():
    chat = organized()
    hears(chat, "anna", "group1")
    return chat


def drafted(chat, text="Kahvia!", **more):
    with chat.transaction() as store:
        tiina = store.people.find(chat.place("tiina"))
        return announce.draft(store, chat.house, tiina, text, now=chat.now, **more)


@pytest.mark.parametrize("text", ["", "  \n", "x" * 3501, "https://paha.com"])
def test_a_draft_that_cannot_be_sent_is_refused_and_the_old_one_stays(chat, text):
    old = drafted(chat)
    with pytest.raises(UserError):
        drafted(chat, text)

    with chat.transaction() as store:
        assert store.news.draft_of(old.organizer) == old


def test_news_may_lead_to_our_own_page_and_to_what_the_organization_names(chat):
    content = replace(
        chat.house.content,
        organization={
            "sivu": "https://www.kaupunki.fi/ryhmat",
            "muu": {"fi": "yhdistys.fi", "sv": "forening.fi"},
        },
    )
    house = replace(chat.house, content=content, public_url="https://vertti.example:8443")

    assert announce.allowed_hosts(house) == {
        "www.kaupunki.fi",
        "yhdistys.fi",
        "forening.fi",
        "vertti.example",
    }


def test_a_plan_says_to_how_many_and_when(chat):
    news = drafted(chat)
    with chat.transaction() as store:
        planned = announce.plan(store, chat.house, news, now=chat.now)
        at_night = announce.plan(store, chat.house, news, now=chat.now + timedelta(hours=9))

    assert planned == Plan(Readers(1, 1), chat.now + MINUTE, waits=False, needs_second=False, earlier=0)
    assert at_night == replace(planned, goes=chat.now + timedelta(hours=21), waits=True)


def test_in_private_the_ways_out_stand_under_it(chat):
    news = drafted(chat, "Kahvia!", series="ryhma")
    message = Phrase("news.message", {"teksti": "Kahvia!"})

    assert announce.as_read(news) == replace(
        say("x", button("button.stop", "stop", "ryhma"), button("button.pause", "pause")), text=message
    )
    assert announce.as_read(replace(news, series=None)).buttons[0] == button("button.stop", "stop")
    assert announce.as_read_in_groups(news) == replace(say("x"), text=message)


def test_an_audience_has_a_name_even_when_the_schedule_has_lost_it(chat):
    news = drafted(chat)
    names = [
        announce.audience_name(replace(news, series=series), chat.house)
        for series in (None, "palsta", "vanha")
    ]

    assert names == [Phrase("news.everyone"), Localized(chat.house.series["palsta"].name), "vanha"]


def test_a_series_that_the_schedule_has_lost_is_heard_of_in_no_channel(chat):
    hears(chat, "bertil", "channel1", of="vanha")
    with chat.transaction() as store:
        assert announce.readers_of(store, chat.house, "vanha", now=chat.now) == Readers(people=1)


def test_what_is_confirmed_says_when_it_goes_and_to_how_many(chat):
    news = drafted(chat)
    with chat.transaction() as store:
        sent = announce.confirm(store, chat.house, news, now=chat.now)
        with pytest.raises(UserError, match="decided"):
            announce.confirm(store, chat.house, sent, now=chat.now)

    assert (sent.state, sent.audience, sent.due) == ("sending", 2, chat.now + MINUTE)
    assert announce.going(sent, chat.house) == Phrase(
        "news.going",
        {"milloin": Phrase("news.goes_soon", {"n": 60}), "n": 2, "saajat": Phrase("news.everyone")},
    )


@pytest.mark.parametrize(
    ("waits", "undo", "words", "seconds"),
    [(False, MINUTE, "goes_soon", {"n": 60}), (False, timedelta(), "goes_now", {})],
)
def test_when_it_goes_is_said_as_it_is(chat, waits, undo, words, seconds):
    house = replace(chat.house, undo=undo)

    assert announce.when_it_goes(house, chat.now, waits=waits) == Phrase(f"news.{words}", seconds)
    assert announce.when_it_goes(house, chat.now, waits=True) == Phrase(
        "news.goes_at", {"aika": When(chat.now)}
    )


def test_a_draft_cannot_be_stopped(chat):
    news = drafted(chat)
    with chat.transaction() as store, pytest.raises(UserError, match="decided"):
        announce.stop(store, news, store.people.find(chat.place("tiina")), now=chat.now)


# ---- the report


def report(chat, counts, *, erased=0):
    """Let a piece of news end in these ways, so many each; give the report of it."""
    number = sum(counts.values()) + erased
    hears(chat, *(f"p{each:03}" for each in range(number)), of="palsta")
    news = drafted(chat, series="palsta")
    with chat.transaction() as store:
        store.news.confirm(news, public=True, now=chat.now, due=chat.now)
        store.fan_out.broadcast(news.id, announce.as_read(news), lane=Lane.BROADCAST, most=999, now=chat.now)
    with chat.transaction() as store:
        for each in range(erased):
            store.people.forget(store.people.find(chat.place(f"p{each:03}")).id)
        keys = [row.key for row in store.delivery.claim(chat.platform, now=chat.now, most=999)]
        ends = [(state, reason) for (state, reason), number in counts.items() for _ in range(number)]
        store.delivery.finish(
            [Finished(key, state, reason=reason) for key, (state, reason) in zip(keys, ends, strict=True)],
            now=chat.now,
        )
        return announce.report(store, store.news.get(news.id))


def rows(**numbers):
    return Lines(tuple(Phrase(f"news.reason.{word}", {"n": number}) for word, number in numbers.items()))


def test_while_something_waits_there_is_no_report(chat):
    assert report(chat, {(ARRIVED, None): 5, (IN_LINE, None): 1}) is None


def test_when_all_have_it_the_report_is_short(chat):
    assert report(chat, {(ARRIVED, None): 5}) == say("news.report_all", n=5)


def test_reasons_that_mean_the_same_to_people_are_one(chat):
    counts = {
        (ARRIVED, None): 5,
        (FAILED, "blocked"): 2,
        (FAILED, "never_started"): 1,
        (FAILED, "left"): 1,
        (FAILED, "deactivated"): 1,
        (FAILED, "not_found"): 1,
    }

    assert report(chat, counts) == say("news.report", perilla=5, n=6, syyt=rows(blocked=3, gone=2, removed=1))


def test_rare_reasons_and_unknown_ones_are_counted_together(chat):
    counts = {
        (FAILED, "blocked"): 9,
        (FAILED, "kicked"): 8,
        (FAILED, "deleted"): 7,
        (FAILED, "unreachable"): 2,
        (DROPPED, "silent"): 1,
        (FAILED, "fault"): 3,
        (DROPPED, None): 1,
    }

    assert report(chat, counts) == say(
        "news.report", perilla=0, n=31, syyt=rows(blocked=9, removed=8, gone=7, other=7)
    )


def test_who_was_erased_or_paused_meanwhile_wanted_no_news_any_more(chat):
    assert report(
        chat, {(ARRIVED, None): 3, (DROPPED, "paused"): 1, (FAILED, "deleted"): 4}, erased=2
    ) == say("news.report", perilla=3, n=7, syyt=rows(stopped=3, gone=4))


def test_who_wanted_no_news_any_more_is_never_counted_among_other_reasons(chat):
    counts = {(FAILED, "blocked"): 9, (FAILED, "kicked"): 8, (FAILED, "deleted"): 7}

    assert report(chat, counts, erased=1) == say(
        "news.report", perilla=0, n=25, syyt=rows(stopped=1, blocked=9, removed=8, other=7)
    )


# ---- telling


def test_an_organizer_who_is_erased_is_told_nothing(chat):
    with chat.transaction() as store:
        tiina = store.people.find(chat.place("tiina")).id
        store.people.forget(tiina)
        announce.tell(store, chat.house, tiina, "x", say("news.lapsed"), now=chat.now)
        announce.tell(store, chat.house, 999, "x", say("news.lapsed"), now=chat.now)

    assert chat.ticks() == []
