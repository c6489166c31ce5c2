from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.errors import SetupError
from bot.messages import Place, say
from bot.store.delivery import Finished
from bot.store.models import to_day
from bot.store.outbox import FAILED, SENT
from bot.store.people import Conversation
from bot.store.records import Record
from bot.store.vault import Vault

NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
TOMORROW = NOW + timedelta(days=1)
ANNA = Place("telegram", "4711")


def meet(store, place=ANNA, language="fi", now=NOW):
    return store.people.meet(place, language=language, now=now)


def tables(store):
    """All that is kept, as text."""
    store.outbox.flush()
    kept = []
    for table in Record.metadata.sorted_tables:
        store._cursor.execute(f'SELECT * FROM "{table.name}"')
        kept += [table.name, *map(repr, store._cursor.fetchall())]
    return "\n".join(kept)


def test_somebody_new_is_met_and_found_again(store):
    met = meet(store)

    assert met == Conversation(met.id, ANNA, "fi", named=False, last_seen=to_day(NOW))
    assert store.people.find(ANNA) == met
    assert store.people.get(met.id) == met
    assert meet(store) == met
    assert store.people.count() == 1


def test_the_day_that_is_kept_is_the_one_on_the_wall(store):
    late = datetime(2026, 11, 21, 22, 30, tzinfo=UTC)
    met = meet(store, now=late.astimezone(ZoneInfo("Europe/Helsinki")))
    kept = store.people.kept_about(met.id)

    assert (kept["since"], kept["last_seen"]) == ("2026-11-22", "2026-11-22")


def test_the_same_address_elsewhere_is_somebody_else(store):
    assert meet(store).id != meet(store, Place("web", "4711")).id
    assert store.people.find(Place("matrix", "4711")) is None
    assert store.people.get(4711) is None


def test_the_address_stands_nowhere_in_clear_and_looks_different_for_each(store):
    meet(store, Place("telegram", "kanarialintu"))

    assert "kanarialintu" not in tables(store)


def test_a_language_once_met_is_not_changed_by_what_the_platform_says(store):
    anna = meet(store, language="sv")

    assert meet(store, language="en").language == "sv"
    store.people.set_language(anna.id, "fi")
    assert meet(store, language="en").language == "fi"


def test_whoever_writes_again_is_no_longer_silent(store):
    anna = meet(store)
    store.people.silence(anna.id, "blocked")
    assert (store.people.get(anna.id).state, store.people.get(anna.id).reason) == ("silent", "blocked")

    again = meet(store, now=TOMORROW)

    assert again == replace(anna, last_seen=to_day(TOMORROW))
    assert store.people.get(anna.id) == again


def test_what_was_set_is_seen_in_the_same_turn(store):
    anna = meet(store)
    assert store.people.refreshed(anna) is anna

    store.people.set_named(anna.id, named=True)
    store.people.pause(anna.id, TOMORROW)
    store.people.set_role(anna.id, "organizer")

    assert store.people.refreshed(anna) == replace(anna, named=True, paused_until=TOMORROW, role="organizer")


def test_organizers_and_groups_are_listed(store):
    anna, group = meet(store), meet(store, Place("telegram", "-1", "group"))
    left = meet(store, Place("telegram", "-2", "channel"))
    meet(store, Place("telegram", "5"))
    store.people.set_role(anna.id, "organizer")
    store.people.silence(left.id, "kicked")

    assert [each.id for each in store.people.organizers()] == [anna.id]
    assert store.people.groups("telegram") == [group]
    assert store.people.groups("web") == []


# ---- moving --------------------------------------------------------------------------------------------------


def test_a_group_is_followed_to_its_new_address(store):
    group = meet(store, Place("telegram", "-1", "group"))
    store.subscriptions.add(group.id, "ryhma")
    store.people.silence(group.id, "kicked")

    store.people.move(group.id, "-100")

    assert store.people.find(Place("telegram", "-1")) is None
    assert store.people.find(Place("telegram", "-100")) == replace(
        group, place=Place("telegram", "-100", "group")
    )
    assert store.subscriptions.of(group.id) == {"ryhma": 3}


def test_a_group_that_was_met_at_its_new_address_already_is_joined(store):
    old, new = meet(store, Place("telegram", "-1", "group")), meet(store, Place("telegram", "-100", "group"))
    store.subscriptions.add(old.id, "ryhma", 1)
    store.subscriptions.add(old.id, "palsta", 1)
    store.subscriptions.add(new.id, "ryhma", 2)
    store.outbox.push(old, "one", say("home"), now=NOW)

    store.people.move(old.id, "-100")

    assert store.people.get(old.id) is None
    assert store.subscriptions.of(new.id) == {"palsta": 1, "ryhma": 2}, "what was chosen there stands"
    assert [row.place.address for row in store.delivery.claim("telegram", now=NOW, most=9)] == ["-100"]


def test_a_broadcast_follows_a_group_that_is_joined(store):
    old, new = meet(store, Place("telegram", "-1", "group")), meet(store, Place("telegram", "-100", "group"))
    store.subscriptions.add(old.id, "ryhma")
    news = store.news.draft(meet(store).id, "Hei", now=NOW)
    store.news.confirm(news, public=True, now=NOW, due=NOW)

    store.people.move(old.id, "-100")
    moved = store.fan_out.broadcast(news.id, say("home"), lane=3, most=9, now=NOW)

    assert moved == 1
    assert [row.conversation for row in store.delivery.claim("telegram", now=NOW, most=9)] == [new.id]


def test_moving_somebody_who_is_gone_or_nowhere_else_changes_nothing(store):
    group = meet(store, Place("telegram", "-1", "group"))

    store.people.move(4711, "-100")
    store.people.move(group.id, "-1")

    assert store.people.get(group.id) == group


# ---- leaving -------------------------------------------------------------------------------------------------


def test_of_somebody_erased_only_the_way_to_say_goodbye_is_left_until_it_is_said(store):
    anna = meet(store)
    store.subscriptions.add(anna.id, "ryhma")
    store.people.set_role(anna.id, "organizer")
    store.people.pause(anna.id, TOMORROW)
    store.outbox.push(anna, "waiting", say("home"), now=NOW)

    store.people.forget(anna.id)
    store.outbox.reply(anna, "goodbye", say("home"), now=NOW)

    left = store.people.get(anna.id)
    assert (left.state, left.role, left.paused_until, left.named) == ("leaving", None, None, False)
    assert store.subscriptions.of(anna.id) == {}
    assert [row.key for row in store.delivery.claim("telegram", now=NOW, most=9)] == ["goodbye"]
    store.delivery.finish([Finished("goodbye", SENT)], now=NOW)
    assert store.people.get(anna.id) is None
    assert store.people.count() == 0


def test_somebody_erased_who_blocked_us_before_the_goodbye_is_gone_too(store):
    anna = meet(store)
    store.people.forget(anna.id)
    store.outbox.reply(anna, "goodbye", say("home"), now=NOW)
    store.delivery.claim("telegram", now=NOW, most=9)

    store.people.silence(anna.id, "blocked")
    store.delivery.finish([Finished("goodbye", FAILED, reason="blocked")], now=NOW)

    assert store.people.count() == 0


def test_burying_leaves_those_who_stay_and_those_who_have_not_heard_goodbye(store):
    stays, goes = meet(store), meet(store, Place("telegram", "5"))
    store.people.forget(goes.id)
    store.outbox.reply(goes, "goodbye", say("home"), now=NOW)

    store.people.bury()
    before = store.people.count()
    store.people.bury(all_of_them=True)

    assert before == 2
    assert [store.people.get(each.id) for each in (stays, goes)] == [stays, None]


def test_whoever_comes_back_before_the_goodbye_stays(store):
    anna = meet(store)
    store.people.forget(anna.id)

    meet(store)
    store.people.bury()

    assert store.people.get(anna.id).state == "active"


def test_whoever_comes_back_before_the_goodbye_begins_anew(store):
    anna = meet(store, language="sv")
    store.people.forget(anna.id)

    again = meet(store, language="en", now=TOMORROW)

    kept = store.people.kept_about(again.id)
    assert again == Conversation(again.id, ANNA, "en", named=False, last_seen=to_day(TOMORROW))
    assert store.people.get(again.id) == again
    assert (kept["since"], kept["last_seen"]) == ("2026-11-22", "2026-11-22")


def test_what_is_written_down_in_the_commit_of_an_erasure_leaves_the_goodbye(store):
    anna = meet(store)
    store.outbox.push(anna, "in hand", say("home"), now=NOW)
    store.delivery.claim("telegram", now=NOW, most=9)

    store.people.forget(anna.id)
    store.outbox.reply(anna, "goodbye", say("home"), now=NOW)
    store.delivery.finish([Finished("in hand", SENT)], now=NOW)

    assert store.people.get(anna.id).state == "leaving"
    assert [row.key for row in store.delivery.claim("telegram", now=NOW, most=9)] == ["goodbye"]


def test_the_number_of_somebody_erased_is_not_given_to_the_next(store):
    anna = meet(store)
    store.people.forget(anna.id)
    store.people.bury()

    assert meet(store).id > anna.id


def test_everything_kept_about_somebody_can_be_told(store):
    anna = meet(store)
    store.people.pause(anna.id, TOMORROW)

    assert store.people.kept_about(anna.id) == {
        "platform": "telegram",
        "address": "4711",
        "language": "fi",
        "named": False,
        "role": None,
        "paused_until": "2026-11-22T10:00:00+00:00",
        "since": "2026-11-21",
        "last_seen": "2026-11-21",
    }


# ---- the key -------------------------------------------------------------------------------------------------


def test_the_wrong_key_is_found_out(store):
    store.people.check_key()
    meet(store)
    store.people.check_key()
    store.vault = Vault(bytes(31) + b"x")

    with pytest.raises(SetupError):
        store.people.check_key()
    store.vault = Vault(bytes(range(32)))


def test_what_hangs_on_somebody_is_gone_before_their_goodbye_is_said(store):
    anna = meet(store)
    store.feeds.make(anna.id, named=False)
    store.areas.add(anna.id, "kajaani")
    store.people.forget(anna.id)

    assert (store.feeds.of(anna.id), store.areas.of(anna.id)) == (None, frozenset())
