from datetime import UTC, datetime, timedelta

import pytest

from bot.messages import Phrase, Place, Say

NOW = datetime(2026, 11, 23, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)


@pytest.fixture
def tiina(store):
    who = store.people.meet(Place("telegram", "tiina"), language="fi", now=NOW)
    store.people.set_role(who.id, "organizer")
    return who.id


def test_a_code_gives_its_role_once(store):
    code = store.organizers.invite(now=NOW)

    assert store.organizers.redeem(code, now=NOW) == "organizer"
    assert store.organizers.redeem(code, now=NOW) is None


@pytest.mark.parametrize(("old", "new"), [("-", " "), ("-", ""), ("-", "\u2013"), ("-", " - ")])
def test_a_code_is_known_however_it_is_typed(store, old, new):
    code = store.organizers.invite(now=NOW)
    typed = f" {code.lower().replace(old, new)} "

    assert store.organizers.redeem(typed, now=NOW) == "organizer"


def test_a_code_is_good_for_a_week(store):
    late, in_time = store.organizers.invite(now=NOW), store.organizers.invite(now=NOW)

    assert store.organizers.redeem(in_time, now=NOW + timedelta(days=7)) == "organizer"
    assert store.organizers.redeem(late, now=NOW + timedelta(days=7, seconds=1)) is None


def test_codes_that_nobody_used_are_forgotten(store):
    code = store.organizers.invite(now=NOW)
    store.books.forget_codes(NOW + timedelta(days=8))

    assert store.organizers.redeem(code, now=NOW) is None


def test_after_five_wrong_codes_one_waits_an_hour(store):
    tries = []
    for number in range(6):
        tries.append(store.organizers.may_try(7, now=NOW + number * HOUR / 12))
        store.organizers.missed(7, str(number), now=NOW + number * HOUR / 12)

    assert tries == [True] * 5 + [False]
    assert store.organizers.may_try(8, now=NOW + HOUR / 2)
    assert not store.organizers.may_try(7, now=NOW + HOUR / 2)
    assert store.organizers.may_try(7, now=NOW + HOUR * 17 / 12)


def test_a_revoked_organizer_loses_the_role_and_what_is_under_way(store, tiina):
    news = store.news.draft(tiina, "Hei!", now=NOW)
    store.news.change(news.id, state="sending")
    store.organizers.revoke(tiina, now=NOW)

    assert store.people.get(tiina).role is None
    assert store.news.get(news.id).state == "stopped"


def test_what_a_revoked_organizer_approved_is_stopped_too(store, tiina):
    olli = store.people.meet(Place("telegram", "olli"), language="fi", now=NOW).id
    news = store.news.draft(olli, "Hei!", now=NOW)
    store.news.change(news.id, state="sending", approved_by=tiina)
    store.organizers.revoke(tiina, now=NOW)

    assert store.news.get(news.id).state == "stopped"


def test_revoking_everybody_voids_the_open_codes_too(store, tiina):
    code = store.organizers.invite(now=NOW)

    assert store.organizers.revoke_all(now=NOW) == 1
    assert store.people.organizers() == []
    assert store.organizers.redeem(code, now=NOW) is None


def test_one_organizer_is_revoked_by_the_tag_of_the_listing(store, tiina):
    ((tag, platform),) = store.organizers.listing()

    assert platform == "telegram"
    assert not store.organizers.revoke_tagged("0" * 8, now=NOW)
    assert store.organizers.revoke_tagged(tag, now=NOW)
    assert store.organizers.listing() == []


def test_the_log_names_no_person_and_keeps_no_text(store, tiina):
    store.organizers.log(tiina, "announce", now=NOW, audience=12, text="Salainen teksti")
    rows = store.organizers.log_rows()
    ((tag, _),) = store.organizers.listing()

    assert rows == [(NOW, tag, "announce", 12)]
    assert "Salainen" not in str(rows)


def test_the_log_is_kept_for_a_year(store, tiina):
    store.organizers.log(tiina, "old", now=NOW - timedelta(days=366))
    store.organizers.log(tiina, "new", now=NOW - timedelta(days=364))
    store.books.forget_log(NOW)

    assert [act for _, _, act, _ in store.organizers.log_rows()] == ["new"]


def test_what_a_revoked_organizer_has_in_the_outbox_is_not_sent(store, tiina):
    reader = store.people.meet(Place("telegram", "anna"), language="fi", now=NOW)
    store.subscriptions.add(reader.id, "ryhma")
    news = store.news.draft(tiina, "Hei!", now=NOW)
    store.news.confirm(news, public=True, now=NOW, due=NOW)
    store.fan_out.broadcast(news.id, Say(Phrase("x")), lane=3, most=10, now=NOW)
    store.organizers.revoke(tiina, now=NOW)

    assert store.outbox.counts_of_broadcast(news.id) == {(4, "stopped"): 1}
