from datetime import UTC, datetime, timedelta

import pytest

from bot.messages import Phrase, Place, Say
from bot.store.news import Broadcast, Readers
from bot.store.subscriptions import EVERYTHING

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
SOON = NOW + timedelta(minutes=1)


@pytest.fixture
def house(store):
    """Two who hear of the group, one of the garden, a group of the group, a channel of everything."""
    return Neighbours(store)


class Neighbours:
    def __init__(self, store):
        self.store = store
        self.anna = self.hears("anna", "ryhma")
        self.bertil = self.hears("bertil", "ryhma", "palsta")
        self.cecilia = self.hears("cecilia", "palsta")
        self.silent = self.hears("ei kukaan")
        self.group = self.hears("group", "ryhma", kind="group")
        self.channel = self.hears("channel", EVERYTHING, kind="channel")

    def hears(self, name, *series, kind="private"):
        who = self.store.people.meet(Place("telegram", name, kind), language="fi", now=NOW).id
        for each in series:
            self.store.subscriptions.add(who, each)
        return who

    def readers(self, series, *, public=True, now=NOW):
        return self.store.news.readers(series, public=public, now=now)

    def confirm(self, series=None, *, public=True, by=None):
        news = self.store.news.draft(by or self.silent, "Hei!", series, now=NOW)
        self.store.news.confirm(news, public=public, now=NOW, due=SOON)
        return self.store.news.get(news.id)

    def fan_out(self, news):
        message = Say(Phrase("news.message"))
        while self.store.fan_out.broadcast(news.id, message, lane=3, most=2, now=SOON, series=news.series):
            pass

    def waiting(self, now=SOON):
        """To whom something would be said now, by name; it stays waiting."""
        rows = self.store.delivery.claim("telegram", now=now, most=99)
        self.store.delivery.release_expired(None)
        return sorted(row.place.address for row in rows)


def test_news_for_everybody_goes_to_each_who_hears_of_anything_once(house):
    assert house.readers(None) == Readers(people=3, groups=2)


def test_news_of_a_series_goes_to_those_who_hear_of_it_and_to_who_follows_everything(house):
    assert house.readers("ryhma") == Readers(people=2, groups=2)
    assert house.readers("palsta") == Readers(people=2, groups=1)


def test_news_that_is_not_public_never_goes_to_a_channel(house):
    house.store.subscriptions.add(house.channel, "raati")
    house.store.subscriptions.add(house.group, "raati")
    house.store.subscriptions.add(house.anna, "raati")

    assert house.readers("raati", public=False) == Readers(people=1, groups=1)


def test_those_who_pause_or_are_gone_are_left_in_peace(house):
    house.store.people.pause(house.anna, NOW + timedelta(days=14))
    house.store.people.silence(house.bertil, "blocked")

    assert house.readers("ryhma") == Readers(people=0, groups=2)
    assert house.readers("ryhma", now=NOW + timedelta(days=14)) == Readers(people=1, groups=2)


def test_the_audience_is_frozen_at_confirmation(house):
    news = house.confirm("ryhma")
    house.hears("myöhässä", "ryhma")
    house.fan_out(news)

    assert news == Broadcast(news.id, house.silent, "Hei!", "ryhma", "sending", 4, NOW, SOON)
    assert house.store.outbox.counts_of_broadcast(news.id) == {(0, None): 4}


def test_whoever_has_stopped_or_pauses_or_is_gone_meanwhile_gets_nothing(house):
    news = house.confirm("ryhma")
    house.store.subscriptions.remove(house.anna, "ryhma")
    house.store.people.pause(house.bertil, SOON + timedelta(days=14))
    house.store.people.silence(house.group, "kicked")
    house.fan_out(news)

    assert house.waiting() == ["channel"]


def test_who_stops_one_series_hears_of_the_others_still(house):
    of_group, of_all = house.confirm("ryhma"), house.confirm(None)
    house.store.subscriptions.remove(house.bertil, "ryhma")
    house.fan_out(of_group)
    house.fan_out(of_all)

    assert house.waiting().count("bertil") == 1


@pytest.mark.parametrize(("stopped", "left"), [(None, 0), ("ryhma", 2), ("palsta", 2)])
def test_who_stops_gets_none_of_what_is_queued_that_has_no_reason_any_more(house, stopped, left):
    for news in (house.confirm("ryhma"), house.confirm("palsta"), house.confirm(None)):
        house.fan_out(news)
    house.store.subscriptions.remove(house.bertil, stopped)

    assert house.waiting().count("bertil") == left
    assert house.waiting().count("channel") == 3


def test_an_invitation_goes_with_the_series_that_it_was_for(house):
    for key, series in (("one", "ryhma"), ("two", None)):
        house.store.outbox.invite(
            house.bertil, "telegram", key, Say(Phrase("x")), series=series,
            not_before=NOW, useful_until=SOON + timedelta(days=1),
        )  # fmt: skip
    house.store.subscriptions.remove(house.bertil, "ryhma")
    after_one = house.waiting()
    house.store.subscriptions.remove(house.bertil)

    assert after_one == ["bertil"]
    assert house.waiting() == []


def test_of_an_erased_organizer_no_text_is_kept_and_nothing_goes_out(house):
    draft = house.store.news.draft(house.anna, "Luonnos", now=NOW)
    sending = house.confirm(by=house.anna)
    done = house.confirm(by=house.anna)
    house.store.news.change(done.id, state="reported")
    others = house.confirm()
    house.store.fan_out.broadcast(sending.id, Say(Phrase("x")), lane=3, most=2, now=SOON)
    tell_second = f"news:{sending.id}:text:{house.cecilia}"
    house.store.outbox.push(
        house.store.people.get(house.cecilia), tell_second, Say(Phrase("x", {"teksti": "Hei!"})), now=NOW
    )
    house.store.people.forget(house.anna)
    house.fan_out(sending)

    assert [house.store.news.get(each.id) for each in (draft, sending, done)] == [None] * 3
    assert house.store.news.get(others.id) == others
    assert house.waiting() == []


def test_what_an_erased_organizer_approved_is_stopped(house):
    news = house.confirm()
    house.store.news.change(news.id, approved_by=house.anna)
    house.store.people.forget(house.anna)
    house.fan_out(news)

    assert house.store.news.get(news.id).state == "stopped"
    assert house.waiting() == []


def test_the_number_of_news_that_is_gone_is_not_given_again(house):
    gone = house.store.news.draft(house.anna, "Hei!", now=NOW)
    house.store.news.discard(gone.id)

    assert house.store.news.draft(house.anna, "Hei!", now=NOW).id > gone.id


def test_whoever_is_erased_between_confirmation_and_sending_gets_nothing(house):
    news = house.confirm("ryhma")
    house.store.people.forget(house.anna)
    house.fan_out(news)

    assert house.waiting() == ["bertil", "channel", "group"]


def test_a_new_draft_takes_the_place_of_the_old_one_and_of_no_other_organizers(house):
    first = house.store.news.draft(house.anna, "Yksi", now=NOW)
    others = house.store.news.draft(house.bertil, "Kaksi", now=NOW)
    second = house.store.news.draft(house.anna, "Kolme", "ryhma", now=NOW)

    assert house.store.news.get(first.id) is None
    assert house.store.news.get(others.id) == others
    assert house.store.news.draft_of(house.anna) == second


def test_only_a_draft_can_be_thrown_away(house):
    draft = house.store.news.draft(house.anna, "Hei!", now=NOW)
    sending = house.confirm()
    house.store.news.discard(draft.id)
    house.store.news.discard(sending.id)

    assert house.store.news.get(draft.id) is None
    assert house.store.news.get(sending.id) == sending


def test_what_is_stopped_goes_to_nobody_more(house):
    news = house.confirm("ryhma")
    house.store.fan_out.broadcast(news.id, Say(Phrase("x")), lane=3, most=2, now=SOON)
    house.store.news.stop(news.id, now=SOON)
    house.fan_out(news)

    assert house.store.news.get(news.id).state == "stopped"
    assert house.store.outbox.counts_of_broadcast(news.id) == {(4, "stopped"): 2}


def test_the_sweep_is_told_of_what_is_under_way_and_of_nothing_else(house):
    house.store.news.draft(house.anna, "Luonnos", now=NOW)
    nothing = house.store.news.next_due()
    news = house.confirm()

    assert nothing is None
    assert house.store.news.next_due() == SOON
    assert house.store.news.due(NOW) is None
    assert house.store.news.due(SOON) == news


def test_what_was_confirmed_today_is_counted_unless_it_was_stopped(house):
    kept, stopped = house.confirm(), house.confirm()
    house.store.news.stop(stopped.id, now=NOW)

    assert kept.id != stopped.id
    assert house.store.news.confirmed_since(NOW - timedelta(hours=10)) == 1
    assert house.store.news.confirmed_since(SOON) == 0


def test_old_texts_go_and_what_is_under_way_stays(house):
    old = house.store.news.draft(house.anna, "Vanha", now=NOW - timedelta(days=15))
    fresh = house.store.news.draft(house.bertil, "Tuore", now=NOW)
    sending = house.confirm()
    done = house.confirm()
    house.store.news.change(done.id, state="reported", due=NOW - timedelta(days=15))

    deleted = house.store.news.delete_old(NOW - timedelta(days=14))

    left = [house.store.news.get(each.id) is not None for each in (old, fresh, sending, done)]
    assert deleted == 2
    assert left == [False, True, True, False]
