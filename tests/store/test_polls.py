import random
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from bot.messages import Place
from bot.store.engine import Database
from bot.store.polls import Round
from bot.store.subscriptions import EVERYTHING
from bot.store.vault import Vault
from tests.support import open_store

NOW = datetime(2026, 11, 26, 14, tzinfo=UTC)
DAY = timedelta(days=1)


def opened(store, occasion="torstai", poll="hymio", closes=NOW + DAY):
    return store.polls.open(poll, occasion, now=NOW, closes=closes)


def test_an_occasion_opens_one_round(store):
    first = opened(store)

    assert first == Round(first.id, "hymio", NOW, NOW + DAY, None, None, inviting=0)
    assert opened(store) is None
    assert opened(store, "perjantai").id != first.id
    assert store.polls.get(first.id) == first


def test_a_round_can_be_answered_until_it_closes(store):
    asked = opened(store)

    assert store.polls.open_rounds(NOW) == [asked]
    assert store.polls.open_rounds(NOW + DAY) == []
    assert asked.is_open(NOW + DAY - timedelta(seconds=1))
    assert not asked.is_open(NOW + DAY)


def test_a_changed_answer_takes_the_place_of_the_first(store):
    asked = opened(store)
    for answer in ("1", "5", "5"):
        store.polls.vote(asked.id, 7, answer)
    store.polls.vote(asked.id, 8, "5")

    assert store.polls.ballots(asked.id) == 2
    assert store.polls.close(asked.id, now=NOW) == {"5": 2}


def test_who_would_rather_not_say_has_answered_and_is_not_counted(store):
    asked = opened(store)
    store.polls.vote(asked.id, 7, None)

    assert store.polls.has_voted(asked.id, 7)
    assert not store.polls.has_voted(asked.id, 8)
    assert store.polls.close(asked.id, now=NOW) == {}


def test_the_erased_take_their_open_answers_with_them(store):
    asked, other = opened(store), opened(store, "toinen")
    for each in (asked, other):
        store.polls.vote(each.id, 7, "1")
        store.polls.vote(each.id, 8, "2")
    store.polls.withdraw_all(7)

    assert store.polls.close(asked.id, now=NOW) == {"2": 1}
    assert store.polls.close(other.id, now=NOW) == {"2": 1}


def test_a_second_close_changes_nothing(store):
    asked = opened(store)
    store.polls.vote(asked.id, 7, "1")
    store.polls.close(asked.id, now=NOW)

    assert store.polls.close(asked.id, now=NOW + DAY) == {"1": 1}
    assert store.polls.get(asked.id).closed == NOW


def test_what_was_closed_is_found_again_newest_first(store):
    first, second, still_open = opened(store, "1"), opened(store, "2"), opened(store, "3")
    store.polls.close(second.id, now=NOW)
    store.polls.close(first.id, now=NOW + DAY)

    assert [each.id for each in store.polls.latest_closed()] == [first.id, second.id]
    assert store.polls.next_close() == still_open.closes
    assert store.polls.due_to_close(NOW + DAY) == [still_open]


# ---- inviting


def hears(store, name, series, kind="private"):
    who = store.people.meet(Place("telegram", name, kind), language="fi", now=NOW).id
    store.subscriptions.add(who, series)
    return who


def names(store, found):
    return [store.people.get(who).place.address for who, _, _ in found]


def test_a_round_is_told_to_those_who_hear_of_its_series(store):
    anna, talo = hears(store, "anna", "ryhma"), hears(store, "talo", "ryhma", "group")
    store.subscriptions.add(anna, "palsta")
    hears(store, "bertil", "palsta")
    hears(store, "kanava", EVERYTHING, "channel")
    store.people.pause(hears(store, "tauolla", "ryhma"), NOW + DAY)
    store.people.silence(hears(store, "poissa", "ryhma"), "blocked")

    def invited(series, *, in_private=True):
        found = store.polls.invitees(series, in_private=in_private, after=0, most=9, now=NOW)
        return names(store, found)

    assert invited(("ryhma",)) == ["anna", "talo"]
    assert invited(("ryhma", EVERYTHING)) == ["anna", "talo", "kanava"]
    assert invited(None) == ["anna", "talo", "bertil", "kanava"]
    assert invited(None, in_private=False) == ["talo", "kanava"]
    assert talo


def test_inviting_goes_on_where_it_was(store):
    asked = opened(store)
    people = [hears(store, f"p{number}", "ryhma") for number in range(5)]
    met = []
    while (waiting := store.polls.to_invite(NOW)) is not None:
        found = store.polls.invitees(("ryhma",), in_private=True, after=waiting.inviting, most=2, now=NOW)
        met += [who for who, _, _ in found]
        store.polls.invited(asked.id, found[-1][0] if len(found) == 2 else None)

    assert met == people
    assert store.polls.next_to_invite() is None


def test_nobody_is_invited_to_what_is_over(store):
    asked, other = opened(store), opened(store, "toinen", closes=NOW + 2 * DAY)
    store.polls.close(asked.id, now=NOW)

    assert store.polls.to_invite(NOW) == other
    assert store.polls.next_to_invite() == NOW
    assert store.polls.to_invite(NOW + 2 * DAY) is None


# ---- nothing leads back (T-11, T-12)


@settings(deadline=None, max_examples=25)
@given(st.permutations(range(12)), st.integers(0, 2**32))
def test_the_order_of_ballots_says_nothing_of_the_order_of_votes(voters, seed):
    """Two orders of voting leave the very same table."""
    chance = random.Random(seed)
    key, other = chance.randbytes(32), sorted(voters)
    tables = []
    for order in (voters, other):
        store = open_store()
        store.begin()
        asked = opened(store)
        store.polls._keys[asked.id] = key
        for voter in order:
            store.polls.vote(asked.id, voter, str(voter % 5))
        tables.append([tuple(row) for row in store.run(text("SELECT * FROM ballot"))])
        store.rollback()
        store.close()

    assert tables[0] == tables[1]
    assert [len(row) for row in tables[0]] == [3] * 12


ANSWERS = [f"Vastaus-{number}-{'x' * 20}" for number in range(30)]


@pytest.fixture
def folder(tmp_path):
    return tmp_path


@pytest.fixture
def database(folder):
    database = Database(f"sqlite:///{folder / 'vertti.db'}", Vault(bytes(32)))
    database.open()
    yield database
    database.close()


def in_files(folder, words):
    """How often words stand anywhere in the database, its log or its index."""
    return sum(path.read_bytes().count(words.encode()) for path in folder.iterdir())


async def vote_all(database):
    """Thirty people vote, one commit each, as an access log would have it."""
    asked = await database.write(opened)
    for voter, answer in enumerate(ANSWERS):
        await database.write(lambda store, who=voter, what=answer: store.polls.vote(asked.id, who, what))
    return asked


async def test_while_a_round_is_open_its_votes_are_durable(database, folder):
    await vote_all(database)

    assert all(in_files(folder, answer) for answer in ANSWERS)


async def test_once_a_round_is_closed_only_the_counts_are_left_anywhere(database, folder):
    asked = await vote_all(database)
    sealed = await database.write(
        lambda store: store.run(text("SELECT voter_key FROM poll_round")).scalar_one()
    )
    voters = await database.write(lambda store: [store.polls._voter(asked.id, who) for who in range(30)])
    await database.write(lambda store: store.polls.close(asked.id, now=NOW))
    await database.write(lambda _: None)  # the writer rewrites the file before it takes the next piece

    files = b"".join(path.read_bytes() for path in folder.iterdir())
    assert [files.count(answer.encode()) for answer in ANSWERS] == [1] * 30  # in the counts
    assert not any(voter in files for voter in voters)
    assert sealed not in files


async def after_a_poll(path, order):
    """Let thirty vote in an order, one commit each, and close; give what is left of it, and the file's pages."""
    database = Database(f"sqlite:///{path}", Vault(bytes(32)))
    database.open()
    asked = await database.write(opened)
    for turn, voter in enumerate(order):
        await database.write(
            lambda store, who=voter, what=str(turn % 5): store.polls.vote(asked.id, who, what)
        )
    await database.write(lambda store: store.polls.close(asked.id, now=NOW))
    await database.write(lambda _: None)
    rows = await database.read(
        lambda store: [
            tuple(row)
            for table in ("ballot", "poll_round")
            for row in store.run(text(f"SELECT * FROM {table}"))
        ]
    )
    database.close()
    return rows, path.read_bytes()[100:]  # its header counts commits


async def test_with_the_counts_alike_the_files_do_not_tell_who_voted_what(folder):
    """Whoever voted what, in whatever order: a copy taken after the close is the same, byte for byte.

    So with the full access log nobody can do better than chance.
    """
    forwards = await after_a_poll(folder / "a.db", range(30))
    backwards = await after_a_poll(folder / "b.db", reversed(range(30)))

    assert forwards == backwards


async def test_a_round_that_closed_before_a_kill_is_scrubbed_at_the_next_start(database, folder):
    asked = await vote_all(database)
    database._scrub = lambda _: None
    await database.write(lambda store: store.polls.close(asked.id, now=NOW))
    killed = folder / "killed"
    killed.mkdir()
    for name in ("vertti.db", "vertti.db-wal"):
        (killed / name).write_bytes((folder / name).read_bytes())
    left_behind = in_files(killed, ANSWERS[0])

    again = Database(f"sqlite:///{killed / 'vertti.db'}", Vault(bytes(32)))
    again.open()
    await again.write(lambda _: None)
    wanted = await again.write(lambda store: store.polls.needs_scrub())
    left = in_files(killed, ANSWERS[0])
    again.close()

    assert left_behind > 1
    assert left == 1
    assert not wanted
